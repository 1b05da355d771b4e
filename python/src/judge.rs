//! Somebody's own implementation, judged.

use numpy::PyArray1;
use numpy::PyArrayMethods;
use pyo3::prelude::*;
use similitude::Representation;
use similitude::conformance::{self, Reply};

use crate::raised;

/// What a Python function says of two representations, which it gets as float64 arrays of its own.
fn reply(function: &Py<PyAny>, x: &Representation<'_>, y: &Representation<'_>) -> Reply {
    Python::attach(|python| {
        let array = |z: &Representation<'_>| PyArray1::from_vec(python, z.to_row_major()).reshape([z.n(), z.p()]);
        let answered = || -> PyResult<Option<f64>> {
            let answer = function.call1(python, (array(x)?, array(y)?))?;
            if answer.is_none(python) { Ok(None) } else { answer.call_method0(python, "__float__")?.extract(python).map(Some) }
        };
        match answered() {
            Ok(Some(value)) => Reply::from(value),
            Ok(None) => Reply::Declined("None".to_string()),
            Err(error) => Reply::Declined(error.to_string()),
        }
    })
}

/// Tries a function against all rules of a measure: whether it holds them, the verdict, and the whole
/// report.
#[pyfunction]
pub fn check(python: Python<'_>, function: Py<PyAny>, measure: &str, cases: usize, seed: u64) -> PyResult<(bool, String, String)> {
    let suite = conformance::Suite::new(measure).map_err(|error| raised(&error))?.cases(cases).seed(seed);
    let report = python.detach(|| suite.run(|x, y| reply(&function, x, y)));
    python.check_signals()?;
    Ok((report.broken.is_empty(), report.verdict(), report.to_string()))
}

/// What a function computes, in words.
#[pyfunction]
pub fn identify(python: Python<'_>, function: Py<PyAny>, family: &str) -> PyResult<String> {
    let found = python.detach(|| conformance::identify(family, |x, y| reply(&function, x, y))).map_err(|error| raised(&error))?;
    python.check_signals()?;
    Ok(found.to_string())
}
