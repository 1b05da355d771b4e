//! Sweeps over all pairs of layers.

use std::ffi::CString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use similitude::inference::{self, Adjustment, NullChoice, Stop, bytes_of_nulls};
use similitude::sweep::{Cell, Error, Layers, Observer, Outcome, Scores, Sweep, available_memory};
use similitude::{Claim, Measure, Precision, Representation};

use crate::arrays::refused;
use crate::errors::{InputError, as_keywords, raised, raised_inference, unusable};
use crate::inference::null_choice;
use crate::networks::PyNetwork;
use crate::running::computed;
use crate::scores::direction;

/// What a sweep tells Python, and what Python tells it.
#[derive(Default)]
struct Watch {
    cells: Mutex<Vec<Cell>>,
    notices: Mutex<Vec<String>>,
    total: AtomicUsize,
    stop: Stop,
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
        if self.stop.is_asked() { Err(Error::Layer("interrupted".into())) } else { Ok(()) }
    }
}

/// The answer of a sweep: for each measure what was found, and what ended the sweep before its end.
type Answer<'py> = (Bound<'py, PyList>, Option<PyErr>);

/// Compares every layer of A with every layer of B, or of A where there is no B. `done` are the
/// outcomes of an earlier sweep of these layers by these measures, as they were returned.
/// `progress` is called with the numbers of cells that are finished and that there are. What is
/// raised meanwhile is returned beside the cells that were finished.
#[pyfunction]
#[pyo3(signature = (a, b, measures, memory, precision, stop_on_error, done, progress, directory, null, adjust, seed))]
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
    null: Option<&str>,
    adjust: Option<&str>,
    seed: u64,
) -> PyResult<(Bound<'py, PyList>, Option<Py<PyAny>>)> {
    let measures: Vec<Measure> = measures.iter().map(|text| refused(Measure::parse(text))).collect::<PyResult<_>>()?;
    let precision = match precision {
        "f64" => Precision::Double,
        "f32" => Precision::Single,
        other => return Err(InputError::new_err(format!("precision={other:?}: f64 or f32 are possible"))),
    };
    let null = Nulls::new(null, adjust, seed)?;
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
            let memory = memory.or_else(available_memory);
            if let Some(null) = &null {
                null.check([&*network_a, b.unwrap_or(&*network_a)], memory)?;
            }
            let mut scores = sweep.with_memory(memory).resume(done, &*watch)?;
            if let Some(null) = &null {
                null.beside(&mut scores, &*network_a, b, &watch)?;
            }
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
            let notices = watch.notices.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let told = notices.iter().try_for_each(|notice| warn(python, notice)).and_then(|()| tell(python));
            ((0..measures.len()).map(of).collect(), told.err())
        }
        // The scores are there, and their nulls are not.
        Ok(Err(Problem::Inference(error))) if watch.cells().len() == watch.total.load(Ordering::Relaxed) + before => {
            (finished(&watch.cells(), &measures, rows, columns, b.is_none()), Some(raised_inference(&error)))
        }
        Ok(Err(problem)) => return Err(problem.raised()),
        Err(error) => {
            watch.stop.ask();
            (finished(&watch.cells(), &measures, rows, columns, b.is_none()), Some(error))
        }
    };
    let (tables, ended): Answer<'py> = (tables(python, &measures, &outcomes, rows, columns)?, ended);
    Ok((tables, ended.map(|error| error.into_value(python).into_any())))
}

/// What is put beside the scores.
#[derive(Clone, Copy)]
struct Nulls {
    null: NullChoice,
    adjust: Option<Adjustment>,
    seed: u64,
}

impl Nulls {
    fn new(null: Option<&str>, adjust: Option<&str>, seed: u64) -> PyResult<Option<Self>> {
        let adjust = adjust.map(str::parse).transpose().map_err(|wrong: String| InputError::new_err(format!("adjust: {wrong}")))?;
        let Some(null) = null else {
            let without = || InputError::new_err("adjust= needs p-values: null=1000, or null=\"exact\"");
            return if adjust.is_some() { Err(without()) } else { Ok(None) };
        };
        Ok(Some(Self { null: null_choice(null)?, adjust, seed }))
    }

    /// Refuses, before anything is computed, what no null can be of.
    fn check(&self, layers: [&dyn Layers; 2], memory: Option<u64>) -> Result<(), Problem> {
        self.null.check_adjustment(self.adjust)?;
        let shape =
            |network: &dyn Layers| (0..network.layer_names().len()).map(|layer| network.shape(layer)).collect::<Result<Vec<_>, _>>();
        let needed = bytes_of_nulls(shape(layers[0])?.into_iter().chain(shape(layers[1])?));
        match memory {
            Some(memory) if memory < needed => Err(Problem::Words(format!(
                "null= keeps all layers and their matrices between examples, about {} MiB; {} MiB may be taken (memory=). Sweep fewer layers at once \
                 (layers=), or fewer examples (sample=)",
                needed >> 20,
                memory >> 20
            ))),
            _ => Ok(()),
        }
    }

    fn beside<'l>(&self, scores: &mut Scores, a: &'l dyn Layers, b: Option<&'l dyn Layers>, watch: &Watch) -> Result<(), Problem> {
        // What a layer is read as (a kernel matrix, dissimilarities) stays with it.
        let load = |network: &'l dyn Layers| move |layer: usize| Ok::<Representation<'l>, Problem>(network.load(layer)?.into_owned());
        let (of_a, of_b) = (load(a), b.map(load));
        let of_b = of_b.as_ref().map(|of_b| of_b as &dyn Fn(usize) -> Result<Representation<'l>, Problem>);
        let notice = |words| watch.notices.lock().unwrap_or_else(PoisonError::into_inner).push(words);
        inference::out_of_reach(self.null, self.adjust, inference::most_claims(scores, b.is_none())).into_iter().for_each(notice);
        for number in 0..scores.measures().len() {
            let found = watch.stop.during(|| inference::beside_sweep(scores, number, (&of_a, of_b), self.null, self.adjust, self.seed));
            found?.into_iter().for_each(notice);
        }
        Ok(())
    }
}

/// Warns as Python does.
fn warn(python: Python<'_>, words: &str) -> PyResult<()> {
    let words = as_keywords(words);
    let category = python.get_type::<PyUserWarning>();
    PyErr::warn(python, &category, &CString::new(words).unwrap_or_default(), 2)
}

/// Why there are no scores.
enum Problem {
    Sweep(Box<Error>),
    Inference(inference::Error),
    Words(String),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Sweep(Box::new(error))
    }
}

impl From<inference::Error> for Problem {
    fn from(error: inference::Error) -> Self {
        Self::Inference(error)
    }
}

impl Problem {
    fn raised(self) -> PyErr {
        match self {
            Self::Inference(error) => raised_inference(&error),
            Self::Words(words) => unusable(words),
            Self::Sweep(error) => match *error {
                Error::Input(error) => raised(&error),
                other => unusable(other),
            },
        }
    }
}

/// Cells in their places; the other half of a network with itself is filled in for symmetric
/// measures.
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
            let outcome = outcome.map(|mut outcome| {
                // Those of another null, perhaps.
                if let Outcome::Value { diagnostics, .. } = &mut outcome {
                    diagnostics.retain(|name, _| !inference::FACTS.contains(&name));
                }
                outcome
            });
            cells.extend(outcome.map(|outcome| Cell { row: place / columns, column: place % columns, measure, outcome }));
        }
    }
    Ok(cells)
}

/// For each measure: its text, direction and range, the values and the bounds on their errors
/// (arrays of A x B, NaN where there is none), why values are missing, and all outcomes as JSON.
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
