//! Somebody's own implementation, judged.
//!
//! The function is called by the thread that asks, as everything else of its tests is: what it
//! finds there (contexts, random states, debuggers) is what it is used to. The rules run beside it,
//! so that an interrupt ends the test at once.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use similitude::Representation;
use similitude::conformance::{self, Reply};

use crate::errors::{raised, unusable};

/// How long Python waits for a question between two looks at its signals.
const PATIENCE: Duration = Duration::from_millis(50);

/// n, p and the values, row-major.
type Matrix = (usize, usize, Vec<f64>);

/// A pair that the function is asked about, and where its answer goes.
struct Question {
    sides: [Matrix; 2],
    answer: SyncSender<Reply>,
}

/// Asks the thread that waits for questions.
struct Asked(Mutex<Sender<Question>>);

impl Asked {
    fn reply(&self, x: &Representation<'_>, y: &Representation<'_>) -> Reply {
        let (answer, answered) = sync_channel(1);
        let sides = [x, y].map(|z| (z.n(), z.p(), z.to_row_major()));
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner).send(Question { sides, answer });
        // Nobody answers where the test was interrupted.
        let declined = || Reply::Declined("the test was interrupted".to_string());
        if sent.is_err() { declined() } else { answered.recv().unwrap_or_else(|_| declined()) }
    }
}

/// Runs rules on a thread of their own, and answers their questions on this one.
///
/// # Errors
/// `KeyboardInterrupt`, and what a test runner raises to skip or to fail.
fn answered<R: Send + 'static>(
    python: Python<'_>,
    function: &Bound<'_, PyAny>,
    rules: impl FnOnce(&Asked) -> R + Send + 'static,
) -> PyResult<R> {
    let (asks, mut questions) = channel();
    let judge = thread::Builder::new().name("similitude-judge".to_string());
    let judge = judge.spawn(move || rules(&Asked(Mutex::new(asks)))).map_err(unusable)?;
    while let Some(Question { sides: [x, y], answer }) = question(python, &mut questions)? {
        let array = |(n, p, values): Matrix| PyArray1::from_vec(python, values).reshape([n, p]);
        let reply = match function.call1((array(x)?, array(y)?)) {
            Ok(value) if value.is_none() => Reply::Declined("None".to_string()),
            Ok(value) => {
                value.call_method0("__float__").and_then(|value| value.extract::<f64>()).map_or_else(declined, |value| Ok(value.into()))?
            }
            Err(error) => declined(error)?,
        };
        let _ = answer.send(reply);
    }
    python.detach(|| judge.join()).map_err(|_| PyRuntimeError::new_err("a defect of similitude: a rule panicked, please report it"))
}

/// The next question; none when the rules are through.
fn question(python: Python<'_>, questions: &mut Receiver<Question>) -> PyResult<Option<Question>> {
    loop {
        let listening = &mut *questions;
        match python.detach(move || listening.recv_timeout(PATIENCE)) {
            Ok(question) => return Ok(Some(question)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => python.check_signals()?,
        }
    }
}

/// An exception as an answer; what is none (an interrupt, a skipped test) is raised.
fn declined(error: PyErr) -> PyResult<Reply> {
    Python::attach(|python| if error.is_instance_of::<PyException>(python) { Ok(Reply::Declined(error.to_string())) } else { Err(error) })
}

/// Tries a function against all rules of a measure: whether it holds them, the verdict, and the
/// whole report.
#[pyfunction]
pub fn check(python: Python<'_>, function: &Bound<'_, PyAny>, measure: &str, cases: usize, seed: u64) -> PyResult<(bool, String, String)> {
    let suite = conformance::Suite::new(measure).map_err(|error| raised(&error))?.cases(cases).seed(seed);
    let report = answered(python, function, move |asked| suite.run(|x, y| asked.reply(x, y)))?;
    Ok((report.broken.is_empty(), report.verdict(), report.to_string()))
}

/// What a function computes, in words.
#[pyfunction]
pub fn identify(python: Python<'_>, function: &Bound<'_, PyAny>, family: &str) -> PyResult<String> {
    let family = family.to_string();
    let found = answered(python, function, move |asked| conformance::identify(&family, |x, y| asked.reply(x, y)))?;
    found.map(|found| found.to_string()).map_err(|error| raised(&error))
}
