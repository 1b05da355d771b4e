//! Computing while Python may interrupt.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::threads::{alone, pool};

/// How long Python waits between two looks at its signals.
const PATIENCE: Duration = Duration::from_millis(50);

/// Computes on the module's threads, without Python's lock. Meanwhile `look` is called again and
/// again; where it raises, what it raises is returned at once, and the work goes on in the
/// background until it ends by itself.
///
/// # Errors
/// What `look` raises, and `RuntimeError` where the work panics.
pub fn computed<R: Send + 'static>(
    python: Python<'_>,
    work: impl FnOnce() -> R + Send + 'static,
    mut look: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<R> {
    let (sender, mut receiver) = mpsc::sync_channel(1);
    pool(python)?.spawn(move || {
        // Nobody listens where Python was interrupted.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
    });
    loop {
        // A receiver may be lent to one thread at a time.
        let listening = &mut receiver;
        match python.detach(move || listening.recv_timeout(PATIENCE)) {
            Ok(Ok(result)) => return Ok(result),
            Err(RecvTimeoutError::Timeout) => look(python)?,
            Ok(Err(panic)) => return Err(defect(&*panic)),
            Err(RecvTimeoutError::Disconnected) => return Err(PyRuntimeError::new_err("the threads of similitude ended")),
        }
    }
}

/// As [`computed`], looking at Python's signals alone.
///
/// # Errors
/// As [`computed`]; `KeyboardInterrupt`.
pub fn interruptible<R: Send + 'static>(python: Python<'_>, work: impl FnOnce() -> R + Send + 'static) -> PyResult<R> {
    computed(python, work, |python| python.check_signals())
}

/// Computes on this thread, without Python's lock, work of so few operations that waking another
/// one would take longer, and that ends before somebody could interrupt it.
///
/// # Errors
/// `RuntimeError` where the work panics.
pub fn at_once<R: Send>(python: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    let pool = alone(python)?;
    python.detach(|| catch_unwind(AssertUnwindSafe(|| pool.install(work)))).map_err(|panic| defect(&*panic))
}

fn defect(panic: &(dyn Any + Send)) -> PyErr {
    let words = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
    let words = words.unwrap_or_else(|| "without words".to_string());
    PyRuntimeError::new_err(format!("a defect of similitude, please report it: {words}"))
}
