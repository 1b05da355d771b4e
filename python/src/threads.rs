//! The threads that compute: a pool of this module's own, which can be replaced, and which a forked
//! process starts anew.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::InputError;

const MOST: usize = 1024;

/// What is asked for where nothing else is: the first of these that holds a number. OpenMP's may be
/// a list, one number for each level.
const VARIABLES: [&str; 3] = ["SIMILITUDE_NUM_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"];

struct Pool {
    /// The process that started it: threads do not survive a fork.
    process: u32,
    threads: Arc<ThreadPool>,
}

struct State {
    pool: Option<Pool>,
    asked: Option<usize>,
}

/// Locked by threads that hold Python's lock, and never across a place where they let go of it: a
/// fork finds it open.
static STATE: Mutex<State> = Mutex::new(State { pool: None, asked: None });

fn default_threads() -> usize {
    let number = |variable: &&str| std::env::var(variable).ok()?.split(',').next()?.trim().parse::<usize>().ok();
    let asked = VARIABLES.iter().filter_map(number).find(|threads| *threads > 0);
    asked.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).map_or(1, |threads| threads.min(MOST))
}

/// The pool of this process.
///
/// # Errors
/// `InputError` where the system does not start so many threads.
pub fn pool(_: Python<'_>) -> PyResult<Arc<ThreadPool>> {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some(pool) = &state.pool
        && pool.process == process
    {
        return Ok(pool.threads.clone());
    }
    let threads = start(state.asked.unwrap_or_else(default_threads))?;
    // One of the process that forked has no threads here that could end.
    std::mem::forget(state.pool.replace(Pool { process, threads: threads.clone() }));
    Ok(threads)
}

/// Threads of Python that are a pool of their own: what that takes is never given back.
const MOST_ALONE: usize = 64;

/// A pool that is this very thread, where small work runs without waking another one. Beyond a
/// number of threads the pool of all.
///
/// # Errors
/// As [`pool`].
pub fn alone(python: Python<'_>) -> PyResult<Arc<ThreadPool>> {
    thread_local! {
        static ALONE: OnceCell<Option<Arc<ThreadPool>>> = const { OnceCell::new() };
    }
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let begin = || {
        let is_one_more = COUNT.fetch_add(1, Ordering::Relaxed) < MOST_ALONE;
        let this_one = || ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().ok().map(Arc::new);
        if is_one_more { this_one() } else { None }
    };
    match ALONE.with(|alone| alone.get_or_init(begin).clone()) {
        Some(alone) => Ok(alone),
        None => pool(python),
    }
}

fn start(threads: usize) -> PyResult<Arc<ThreadPool>> {
    let named = ThreadPoolBuilder::new().num_threads(threads).thread_name(|number| format!("similitude-{number}"));
    let refused = |error| InputError::new_err(format!("{threads} threads cannot be started: {error}. similitude.set_threads takes fewer"));
    named.build().map(Arc::new).map_err(refused)
}

/// Computes with this many threads from here on; `None` for as many as the environment says, or one
/// for each processor. What runs already keeps those that it has.
#[pyfunction]
#[pyo3(signature = (threads=None))]
pub fn set_threads(threads: Option<usize>) -> PyResult<()> {
    if threads.is_some_and(|threads| threads == 0 || threads > MOST) {
        let threads = threads.unwrap_or_default();
        return Err(InputError::new_err(format!("{threads} threads: from 1 to {MOST} are possible")));
    }
    let started = start(threads.unwrap_or_else(default_threads))?;
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    let before = state.pool.replace(Pool { process, threads: started });
    state.asked = threads;
    if let Some(before) = before.filter(|before| before.process != process) {
        std::mem::forget(before);
    }
    Ok(())
}

/// The number of threads that compute.
#[pyfunction]
pub fn get_threads(python: Python<'_>) -> PyResult<usize> {
    Ok(pool(python)?.current_num_threads())
}
