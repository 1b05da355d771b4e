//! One comparison, and sweeps over many.

use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use similitude::sweep::{Cell, Error, LayersInMemory, Observer, Outcome, Sweep};
use similitude::{Diagnostic, Representation, Score};

use crate::arrays::representation;
use crate::{InputError, parsed, raised};

/// Compares two float64 arrays, n x p and n x q: what a `Score` is made of.
#[pyfunction]
pub fn compare<'py>(
    python: Python<'py>,
    x: PyReadonlyArray2<'py, f64>,
    y: PyReadonlyArray2<'py, f64>,
    measure: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let measure = parsed(measure)?;
    let (x, y) = (representation("x", &x)?, representation("y", &y)?);
    let score = python.detach(|| measure.compare(&x, &y)).map_err(|error| raised(&error))?;
    score_parts(python, &score)
}

fn score_parts<'py>(python: Python<'py>, score: &Score) -> PyResult<Bound<'py, PyDict>> {
    let diagnostics = PyDict::new(python);
    for (name, diagnostic) in &score.diagnostics.0 {
        match diagnostic {
            Diagnostic::Count(count) => diagnostics.set_item(name, count)?,
            Diagnostic::Number(number) => diagnostics.set_item(name, number)?,
            Diagnostic::Numbers(numbers) => diagnostics.set_item(name, numbers)?,
            Diagnostic::Text(text) => diagnostics.set_item(name, text)?,
        }
    }
    let parts = PyDict::new(python);
    parts.set_item("value", score.value)?;
    parts.set_item("measure", &score.measure)?;
    parts.set_item("direction", serde_json::to_value(score.direction).ok().and_then(|text| text.as_str().map(str::to_string)))?;
    parts.set_item("n", score.n)?;
    parts.set_item("p1", score.p1)?;
    parts.set_item("p2", score.p2)?;
    parts.set_item("version", score.version)?;
    parts.set_item("diagnostics", diagnostics)?;
    Ok(parts)
}

/// Tells Python how far a sweep is, and ends it when Python wants that.
struct Watch {
    progress: Option<Py<PyAny>>,
}

impl Observer for Watch {
    fn finished(&self, cells: &[Cell]) -> Result<(), Error> {
        Python::attach(|python| {
            python.check_signals()?;
            if let Some(progress) = &self.progress {
                progress.call1(python, (cells.len(),))?;
            }
            Ok(())
        })
        .map_err(|error: PyErr| Error::Layer(Box::new(error)))
    }
}

/// Compares every layer of A with every layer of B, or of A where there is no B: for each measure the
/// values, an array of A x B with NaN where there is none, the bounds on their errors, and the errors.
#[pyfunction]
#[pyo3(signature = (a, b, measures, memory=None, progress=None))]
pub fn sweep<'py>(
    python: Python<'py>,
    a: Vec<(String, PyReadonlyArray2<'py, f64>)>,
    b: Option<Vec<(String, PyReadonlyArray2<'py, f64>)>>,
    measures: Vec<String>,
    memory: Option<u64>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let measures: Vec<similitude::Measure> = measures.iter().map(|text| parsed(text)).collect::<PyResult<_>>()?;
    let of_a = layers("a", &a)?;
    let of_b = b.as_ref().map(|b| layers("b", b)).transpose()?;
    let watch = Watch { progress };
    let run = || {
        let sweep = Sweep::new(&of_a, of_b.as_ref().map(|b| b as &dyn similitude::sweep::Layers), measures.clone());
        sweep.with_memory(memory.or_else(similitude::sweep::available_memory)).resume(Vec::new(), &watch)
    };
    let scores = python.detach(run).map_err(ended)?;
    let (rows, columns) = (scores.a().layers.len(), scores.b().layers.len());
    let all = PyList::empty(python);
    for (place, measure) in scores.measures().iter().enumerate() {
        let outcomes = scores.outcomes(place);
        let table = |value: &dyn Fn(&Outcome) -> Option<f64>| -> PyResult<Bound<'py, PyArray2<f64>>> {
            let values: Vec<f64> = outcomes.iter().map(|outcome| value(outcome).unwrap_or(f64::NAN)).collect();
            numpy::PyArray1::from_vec(python, values).reshape([rows, columns])
        };
        let errors = PyList::empty(python);
        for (index, outcome) in outcomes.iter().enumerate() {
            if let Outcome::Failure { error } = outcome {
                errors.append((index / columns, index % columns, error.kind.as_str(), &error.message))?;
            }
        }
        let direction = serde_json::to_value(measure.properties().direction).ok().and_then(|text| text.as_str().map(str::to_string));
        let entry = (
            measure.to_string(),
            direction,
            table(&|outcome| outcome.value())?,
            table(&|outcome| outcome.diagnostic("error_bound"))?,
            errors,
        );
        all.append(entry)?;
    }
    Ok(all)
}

/// The exception for what ended a sweep: what Python itself raised on the way comes as it was.
fn ended(error: Error) -> PyErr {
    match error {
        Error::Input(error) => raised(&error),
        Error::Layer(cause) => match cause.downcast::<PyErr>() {
            Ok(raised) => *raised,
            Err(cause) => InputError::new_err(cause.to_string()),
        },
        other => InputError::new_err(other.to_string()),
    }
}

fn layers<'a>(name: &str, layers: &'a [(String, PyReadonlyArray2<'_, f64>)]) -> PyResult<LayersInMemory<'a>> {
    let named = |(layer, array): &'a (String, PyReadonlyArray2<'_, f64>)| representation(layer, array);
    let representations: Vec<Representation<'a>> = layers.iter().map(named).collect::<PyResult<_>>()?;
    if representations.is_empty() {
        return Err(InputError::new_err(format!("{name} holds no layer")));
    }
    Ok(LayersInMemory::new(name, representations))
}
