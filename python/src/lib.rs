//! The Python module: arrays in, scores out. What it is for a person stands in `similitude/`.

mod arrays;
mod judge;
mod scores;

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use similitude::{ErrorKind, Measure};

create_exception!(_similitude, SimilitudeError, PyValueError, "Why there is no value: the base of all exceptions of similitude.");
create_exception!(_similitude, InputError, SimilitudeError, "Arguments or arrays that cannot be used.");
create_exception!(_similitude, UndefinedError, SimilitudeError, "The measure has no value on these data.");
create_exception!(
    _similitude,
    DegenerateError,
    UndefinedError,
    "The value would be the same whatever the data, or rest on an arbitrary choice."
);

/// The exception for an error of the library.
fn raised(error: &similitude::Error) -> PyErr {
    let message = error.to_string();
    match error.kind() {
        ErrorKind::Arguments | ErrorKind::Input => InputError::new_err(message),
        ErrorKind::Degenerate => DegenerateError::new_err(message),
        _ => UndefinedError::new_err(message),
    }
}

fn parsed(measure: &str) -> PyResult<Measure> {
    Measure::parse(measure).map_err(|error| raised(&error))
}

/// The list of measures as JSON.
#[pyfunction]
fn catalog() -> String {
    serde_json::Value::from(similitude::report::catalog::json()).to_string()
}

/// A measure's text with its full convention.
#[pyfunction]
fn convention(measure: &str) -> PyResult<String> {
    Ok(parsed(measure)?.to_string())
}

/// The paragraph for a methods section.
#[pyfunction]
fn methods(measure: &str) -> PyResult<String> {
    Ok(similitude::report::methods::paragraph(&parsed(measure)?, similitude::Precision::Double))
}

/// The BibTeX entries of the library and of what the measures cite.
#[pyfunction]
fn bibtex(measures: Vec<String>) -> PyResult<String> {
    let measures: Vec<Measure> = measures.iter().map(|text| parsed(text)).collect::<PyResult<_>>()?;
    Ok(similitude::report::methods::bibtex(&measures))
}

/// The number of threads from here on; once, before anything is computed.
#[pyfunction]
fn set_threads(threads: usize) -> PyResult<()> {
    if threads == 0 || threads > 1024 {
        return Err(InputError::new_err(format!("{threads} threads: from 1 to 1024 are possible")));
    }
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    built.map_err(|_| InputError::new_err("the threads are running already: set_threads comes before the first comparison"))
}

#[pymodule]
fn _similitude(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let python = module.py();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("SimilitudeError", python.get_type::<SimilitudeError>())?;
    module.add("InputError", python.get_type::<InputError>())?;
    module.add("UndefinedError", python.get_type::<UndefinedError>())?;
    module.add("DegenerateError", python.get_type::<DegenerateError>())?;
    module.add_function(wrap_pyfunction!(catalog, module)?)?;
    module.add_function(wrap_pyfunction!(convention, module)?)?;
    module.add_function(wrap_pyfunction!(methods, module)?)?;
    module.add_function(wrap_pyfunction!(bibtex, module)?)?;
    module.add_function(wrap_pyfunction!(set_threads, module)?)?;
    module.add_function(wrap_pyfunction!(scores::compare, module)?)?;
    module.add_function(wrap_pyfunction!(scores::sweep, module)?)?;
    module.add_function(wrap_pyfunction!(judge::check, module)?)?;
    module.add_function(wrap_pyfunction!(judge::identify, module)?)?;
    Ok(())
}
