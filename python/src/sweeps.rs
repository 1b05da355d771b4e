//! Sweeps over all pairs of layers.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use similitude::sweep::{Cell, Error, Layers, Observer, Outcome, Scores, Sweep, available_memory};
use similitude::{Claim, Measure, Precision};

use crate::arrays::refused;
use crate::errors::{InputError, raised, unusable};
use crate::networks::PyNetwork;
use crate::running::computed;
use crate::scores::direction;

/// What a sweep tells Python, and what Python tells it.
#[derive(Default)]
struct Watch {
    cells: Mutex<Vec<Cell>>,
    total: AtomicUsize,
    stop: AtomicBool,
}

impl Watch {
    fn cells(&self) -> std::sync::MutexGuard<'_, Vec<Cell>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watch {
    fn started(&self, _layers: usize, cells: usize) {
        self.total.store(cells, Ordering::Relaxed);
    }

    fn prepared(&self, _layer: &str) {}

    fn finished(&self, cells: &[Cell]) -> Result<(), Error> {
        self.cells().extend_from_slice(cells);
        if self.stop.load(Ordering::Relaxed) { Err(Error::Layer("interrupted".into())) } else { Ok(()) }
    }
}

/// The answer of a sweep: for each measure what was found, and what ended the sweep before its end.
type Answer<'py> = (Bound<'py, PyList>, Option<PyErr>);

/// Compares every layer of A with every layer of B, or of A where there is no B. `done` are the
/// outcomes of an earlier sweep of these layers by these measures, as they were returned.
/// `progress` is called with the numbers of cells that are finished and that there are. What is
/// raised meanwhile is returned beside the cells that were finished.
#[pyfunction]
#[pyo3(signature = (a, b, measures, memory, precision, stop_on_error, done, progress, directory))]
#[expect(clippy::too_many_arguments, reason = "Python's side gives them names")]
pub fn sweep<'py>(
    python: Python<'py>,
    a: &PyNetwork,
    b: Option<&PyNetwork>,
    measures: Vec<String>,
    memory: Option<u64>,
    precision: &str,
    stop_on_error: bool,
    done: Option<Vec<String>>,
    progress: Option<Py<PyAny>>,
    directory: Option<PathBuf>,
) -> PyResult<(Bound<'py, PyList>, Option<Py<PyAny>>)> {
    let measures: Vec<Measure> = measures.iter().map(|text| refused(Measure::parse(text))).collect::<PyResult<_>>()?;
    let precision = match precision {
        "f64" => Precision::Double,
        "f32" => Precision::Single,
        other => return Err(InputError::new_err(format!("precision={other:?}: f64 or f32 are possible"))),
    };
    let columns = b.unwrap_or(a).0.layer_names().len();
    let (network_a, network_b) = (a.0.clone(), b.map(|b| b.0.clone()));
    let done = done.map_or(Ok(Vec::new()), |done| cells(&done, columns))?;
    let watch = Arc::new(Watch::default());
    watch.cells().clone_from(&done);
    let before = done.len();
    let work = {
        let (watch, measures, directory) = (watch.clone(), measures.clone(), directory.clone());
        move || -> Result<Scores, Problem> {
            let b = network_b.as_ref().map(|b| &**b as &dyn Layers);
            let sweep = Sweep::new(&*network_a, b, measures).with_precision(precision).stopping_on_error(stop_on_error);
            let scores = sweep.with_memory(memory.or_else(available_memory)).resume(done, &*watch)?;
            if let Some(directory) = directory {
                std::fs::create_dir_all(&directory).map_err(|error| Problem::Words(format!("{}: {error}", directory.display())))?;
                similitude::report::files::write(&scores, &directory).map_err(|error| Problem::Words(error.to_string()))?;
            }
            Ok(scores)
        }
    };
    let tell = |python: Python<'_>| match &progress {
        Some(progress) => {
            let finished = watch.cells().len() - before;
            progress.call1(python, (finished, watch.total.load(Ordering::Relaxed))).map(|_| ())
        }
        None => Ok(()),
    };
    let ended = computed(python, work, |python| {
        python.check_signals()?;
        tell(python)
    });
    let rows = a.0.layer_names().len();
    let (outcomes, ended): (Vec<Vec<Option<Outcome>>>, Option<PyErr>) = match ended {
        Ok(Ok(scores)) => {
            let of = |measure| scores.outcomes(measure).iter().cloned().map(Some).collect();
            ((0..measures.len()).map(of).collect(), tell(python).err())
        }
        Ok(Err(problem)) => return Err(problem.raised()),
        Err(error) => {
            watch.stop.store(true, Ordering::Relaxed);
            (finished(&watch.cells(), &measures, rows, columns, b.is_none()), Some(error))
        }
    };
    let (tables, ended): Answer<'py> = (tables(python, &measures, &outcomes, rows, columns)?, ended);
    Ok((tables, ended.map(|error| error.into_value(python).into_any())))
}

/// Why there are no scores.
enum Problem {
    Sweep(Box<Error>),
    Words(String),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Sweep(Box::new(error))
    }
}

impl Problem {
    fn raised(self) -> PyErr {
        match self {
            Self::Words(words) => unusable(words),
            Self::Sweep(error) => match *error {
                Error::Input(error) => raised(&error),
                other => unusable(other),
            },
        }
    }
}

/// Cells in their places; the other half of a network with itself is filled in for symmetric measures.
fn finished(cells: &[Cell], measures: &[Measure], rows: usize, columns: usize, itself: bool) -> Vec<Vec<Option<Outcome>>> {
    let mut outcomes = vec![vec![None; rows * columns]; measures.len()];
    for cell in cells {
        let of_measure = &mut outcomes[cell.measure];
        if itself && measures[cell.measure].properties().symmetry == Claim::Holds {
            of_measure[cell.column * columns + cell.row] = Some(cell.outcome.mirrored());
        }
        of_measure[cell.row * columns + cell.column] = Some(cell.outcome.clone());
    }
    outcomes
}

/// The cells that outcomes of an earlier sweep are.
fn cells(done: &[String], columns: usize) -> PyResult<Vec<Cell>> {
    let mut cells = Vec::new();
    for (measure, outcomes) in done.iter().enumerate() {
        let outcomes: Vec<Option<Outcome>> = serde_json::from_str(outcomes).map_err(unusable)?;
        for (place, outcome) in outcomes.into_iter().enumerate() {
            cells.extend(outcome.map(|outcome| Cell { row: place / columns, column: place % columns, measure, outcome }));
        }
    }
    Ok(cells)
}

/// For each measure: its text, direction and range, the values and the bounds on their errors (arrays
/// of A x B, NaN where there is none), why values are missing, and all outcomes as JSON.
fn tables<'py>(
    python: Python<'py>,
    measures: &[Measure],
    outcomes: &[Vec<Option<Outcome>>],
    rows: usize,
    columns: usize,
) -> PyResult<Bound<'py, PyList>> {
    let all = PyList::empty(python);
    for (measure, outcomes) in measures.iter().zip(outcomes) {
        let table = |value: &dyn Fn(&Outcome) -> Option<f64>| {
            let values = outcomes.iter().map(|outcome| outcome.as_ref().and_then(value).unwrap_or(f64::NAN));
            PyArray1::from_iter(python, values).reshape([rows, columns])
        };
        let errors = PyList::empty(python);
        for (index, outcome) in outcomes.iter().enumerate() {
            if let Some(Outcome::Failure { error }) = outcome {
                errors.append((index / columns, index % columns, error.kind.as_str(), &error.message))?;
            }
        }
        let properties = measure.properties();
        let entry = PyDict::new(python);
        entry.set_item("measure", measure.to_string())?;
        entry.set_item("direction", direction(properties.direction))?;
        entry.set_item("range", (properties.range.lower, properties.range.upper))?;
        entry.set_item("values", table(&|outcome| outcome.value())?)?;
        entry.set_item("error_bounds", table(&|outcome| outcome.diagnostic("error_bound"))?)?;
        entry.set_item("errors", errors)?;
        entry.set_item("outcomes", serde_json::to_string(outcomes).map_err(unusable)?)?;
        all.append(entry)?;
    }
    Ok(all)
}
