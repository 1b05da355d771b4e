//! The Python module: arrays in, scores out. What it is for a person stands in `similitude/`.

mod arrays;
mod catalog;
mod errors;
mod inference;
mod judge;
mod memory;
mod moments;
mod networks;
mod requests;
mod running;
mod scores;
mod sweeps;
mod threads;

use std::ffi::OsString;

use pyo3::prelude::*;
use similitude::{Measure, Precision};

use crate::arrays::refused;

/// A measure's text with its full convention.
#[pyfunction]
fn convention(measure: &str) -> PyResult<String> {
    Ok(refused(Measure::parse(measure))?.to_string())
}

/// The paragraph for a methods section.
#[pyfunction]
fn methods(measure: &str) -> PyResult<String> {
    Ok(similitude::report::methods::paragraph(&refused(Measure::parse(measure))?, Precision::Double))
}

/// The BibTeX entries of the library and of what the measures cite.
#[pyfunction]
fn bibtex(measures: Vec<String>) -> PyResult<String> {
    let measures: Vec<Measure> = measures.iter().map(|text| refused(Measure::parse(text))).collect::<PyResult<_>>()?;
    Ok(similitude::report::methods::bibtex(&measures))
}

/// Runs the program on its arguments, its name first, and returns its exit status.
#[pyfunction]
fn program(python: Python<'_>, arguments: Vec<OsString>) -> u8 {
    python.detach(|| similitude::cli::main(arguments))
}

#[pymodule]
fn _similitude(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("CALIBRATED_AT", similitude::inference::CALIBRATED_AT)?;
    module.add_class::<arrays::PyArrangement>()?;
    module.add_class::<moments::PyMoments>()?;
    module.add_class::<networks::PyNetwork>()?;
    module.add_class::<scores::PyFound>()?;
    module.add_class::<scores::PyMeasure>()?;
    module.add_function(wrap_pyfunction!(bibtex, module)?)?;
    module.add_function(wrap_pyfunction!(catalog::listed, module)?)?;
    module.add_function(wrap_pyfunction!(convention, module)?)?;
    module.add_function(wrap_pyfunction!(inference::adjusted, module)?)?;
    module.add_function(wrap_pyfunction!(requests::check_request, module)?)?;
    module.add_function(wrap_pyfunction!(inference::compare_scores, module)?)?;
    module.add_function(wrap_pyfunction!(inference::interval, module)?)?;
    module.add_function(wrap_pyfunction!(inference::permutation_test, module)?)?;
    module.add_function(wrap_pyfunction!(inference::row_maximum, module)?)?;
    module.add_function(wrap_pyfunction!(inference::noise_ceiling, module)?)?;
    module.add_function(wrap_pyfunction!(inference::sample_size, module)?)?;
    module.add_function(wrap_pyfunction!(judge::check, module)?)?;
    module.add_function(wrap_pyfunction!(judge::identify, module)?)?;
    module.add_function(wrap_pyfunction!(methods, module)?)?;
    module.add_function(wrap_pyfunction!(moments::score_of_terms, module)?)?;
    module.add_function(wrap_pyfunction!(program, module)?)?;
    module.add_function(wrap_pyfunction!(sweeps::sweep, module)?)?;
    module.add_function(wrap_pyfunction!(threads::get_threads, module)?)?;
    module.add_function(wrap_pyfunction!(threads::set_threads, module)?)?;
    Ok(())
}
