//! Somebody's own implementation, judged.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use similitude::Representation;
use similitude::conformance::{self, Reply};

use crate::arrays::array;
use crate::errors::raised;

/// A Python function under test, and what ended the test: an interrupt, or what a test runner raises
/// to skip or to fail.
struct Function {
    function: Py<PyAny>,
    ended: Mutex<Option<PyErr>>,
}

impl Function {
    fn new(function: Py<PyAny>) -> Self {
        Self { function, ended: Mutex::new(None) }
    }

    /// What the function says of two representations, which it gets as float64 arrays of its own.
    fn reply(&self, x: &Representation<'_>, y: &Representation<'_>) -> Reply {
        if self.ended.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Reply::Declined("it was interrupted".to_string());
        }
        Python::attach(|python| {
            let answered = || -> PyResult<Option<f64>> {
                python.check_signals()?;
                let answer = self.function.call1(python, (array(python, x)?, array(python, y)?))?;
                if answer.is_none(python) { Ok(None) } else { answer.call_method0(python, "__float__")?.extract(python).map(Some) }
            };
            match answered() {
                Ok(Some(value)) => Reply::from(value),
                Ok(None) => Reply::Declined("None".to_string()),
                Err(error) => {
                    let words = Reply::Declined(error.to_string());
                    if !error.is_instance_of::<PyException>(python) {
                        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                    words
                }
            }
        })
    }

    fn result<T>(self, result: T) -> PyResult<T> {
        self.ended.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(result), Err)
    }
}

/// Tries a function against all rules of a measure: whether it holds them, the verdict, and the whole
/// report.
#[pyfunction]
pub fn check(python: Python<'_>, function: Py<PyAny>, measure: &str, cases: usize, seed: u64) -> PyResult<(bool, String, String)> {
    let suite = conformance::Suite::new(measure).map_err(|error| raised(&error))?.cases(cases).seed(seed);
    let function = Function::new(function);
    let report = python.detach(|| suite.run(|x, y| function.reply(x, y)));
    function.result((report.broken.is_empty(), report.verdict(), report.to_string()))
}

/// What a function computes, in words.
#[pyfunction]
pub fn identify(python: Python<'_>, function: Py<PyAny>, family: &str) -> PyResult<String> {
    let function = Function::new(function);
    let found = python.detach(|| conformance::identify(family, |x, y| function.reply(x, y)));
    function.result(found)?.map(|found| found.to_string()).map_err(|error| raised(&error))
}
