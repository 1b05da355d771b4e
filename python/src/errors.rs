//! Errors of the library as exceptions of `similitude`, with their numbers as attributes.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};
use serde::Serialize;
use similitude::{Error, ErrorKind};

pyo3::import_exception!(similitude._errors, InputError);
pyo3::import_exception!(similitude._errors, UndefinedError);
pyo3::import_exception!(similitude._errors, DegenerateError);

/// The exception for an error of the library.
pub fn raised(error: &Error) -> PyErr {
    let message = error.to_string();
    let raised = match error.kind() {
        ErrorKind::Arguments | ErrorKind::Input => InputError::new_err(message),
        ErrorKind::Degenerate => DegenerateError::new_err(message),
        ErrorKind::Undefined => UndefinedError::new_err(message),
        ErrorKind::Numerical => PyRuntimeError::new_err(message),
    };
    with_numbers(raised, error)
}

/// The exception for an error of inference.
pub fn raised_inference(error: &similitude::inference::Error) -> PyErr {
    use similitude::inference::Error;
    let message = as_keywords(&error.to_string());
    let raised = match error {
        Error::Measure(error) => return raised(error),
        // The measure has values on all examples, and none on these.
        Error::Resample { cause, .. } if cause.kind() == ErrorKind::Degenerate => DegenerateError::new_err(message),
        Error::Resample { .. } | Error::ConstantNull { .. } | Error::OneSided { .. } => UndefinedError::new_err(message),
        _ => InputError::new_err(message),
    };
    with_numbers(raised, error)
}

/// An exception for arguments or files that cannot be used. What the program calls `--axes` is
/// `axes=` here.
pub fn unusable(error: impl std::fmt::Display) -> PyErr {
    InputError::new_err(as_keywords(&error.to_string()))
}

/// Options of the program as keyword arguments: `--layer-order file` becomes `layer_order=file`.
pub fn as_keywords(message: &str) -> String {
    let mut parts = message.split("--");
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_lowercase() && letter != '-').unwrap_or(part.len());
        if end == 0 {
            text += "--";
            text += part;
            continue;
        }
        text += &part[..end].replace('-', "_");
        text += "=";
        text += part[end..].strip_prefix(' ').unwrap_or(&part[end..]);
    }
    text
}

/// The exception with the numbers of an error as attributes.
fn with_numbers(raised: PyErr, error: &impl Serialize) -> PyErr {
    Python::attach(|python| match add_numbers(raised.value(python), error) {
        Ok(()) => raised,
        Err(other) => other,
    })
}

/// Sets `code`, `numbers`, and each number by its own name. What a cause says stands beside what
/// the error around it says.
fn add_numbers(exception: &Bound<'_, PyAny>, error: &impl Serialize) -> PyResult<()> {
    let python = exception.py();
    let all = PyDict::new(python);
    let mut written = pythonize::pythonize(python, error)?;
    loop {
        // A variant without fields is its name.
        if let Ok(code) = written.extract::<String>() {
            exception.setattr("code", snake_case(&code))?;
            break;
        }
        // A variant with its fields.
        let variant = written.cast_into::<PyDict>()?;
        let Some((code, fields)) = variant.iter().next() else { break };
        let fields = fields.cast_into::<PyDict>()?;
        let cause = fields.get_item("cause")?;
        for (name, value) in fields.iter() {
            if name.extract::<String>()? != "cause" && !all.contains(&name)? {
                all.set_item(name, value)?;
            }
        }
        exception.setattr("code", snake_case(&code.extract::<String>()?))?;
        match cause {
            Some(cause) => written = cause,
            None => break,
        }
    }
    for (name, value) in all.iter() {
        exception.setattr(name.extract::<String>()?.as_str(), value)?;
    }
    exception.setattr("numbers", all)
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
