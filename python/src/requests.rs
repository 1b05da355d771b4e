//! What is asked for beside a score, looked at before anything is computed.

use pyo3::prelude::*;
use similitude::inference::{Error, IntervalChoice, NullChoice, has_exact_null};

use crate::errors::{InputError, raised_inference};
use crate::inference::null_choice;
use crate::scores::PyMeasure;

/// An interval as words have it.
pub fn interval_choice(text: &str) -> PyResult<IntervalChoice> {
    text.parse().map_err(|wrong: String| InputError::new_err(format!("interval: {wrong}")))
}

/// Refuses, before anything is computed, a null or an interval that cannot be had of this measure,
/// whatever the data are.
#[pyfunction]
#[pyo3(signature = (measure, null, method, resamples, level))]
pub fn check_request(measure: &PyMeasure, null: Option<&str>, method: Option<&str>, resamples: usize, level: f64) -> PyResult<()> {
    let raised = |error: Error| raised_inference(&error);
    if null.map(null_choice).transpose()? == Some(NullChoice::Exact) {
        has_exact_null(&measure.0).map_err(raised)?;
    }
    if let Some(method) = method {
        let method = interval_choice(method)?;
        method.check_measure(&measure.0).map_err(raised)?;
        method.check(resamples, level).map_err(raised)?;
    }
    Ok(())
}
