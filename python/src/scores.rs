//! One comparison.

use std::time::Instant;

use numpy::PyArray2;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use similitude::{Diagnostic, Direction, Error, ErrorKind, Measure, Moments, Score};

use crate::arrays::{Held, refused};
use crate::memory::enough_for;
use crate::running::{at_once, interruptible};
use crate::threads::pool;

/// A measure with its full convention, read once.
#[pyclass(frozen, name = "Measure", module = "similitude._similitude")]
pub struct PyMeasure(pub Measure);

#[pymethods]
impl PyMeasure {
    #[new]
    fn new(text: &str) -> PyResult<Self> {
        refused(Measure::parse(text)).map(Self)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    /// `"similarity"` or `"distance"`.
    #[getter]
    fn direction(&self) -> &'static str {
        direction(self.0.properties().direction)
    }

    /// The least and the greatest value, which may be infinite.
    #[getter]
    fn range(&self) -> (f64, f64) {
        let range = self.0.properties().range;
        (range.lower, range.upper)
    }

    /// Compares two arrays, n x p and n x q.
    fn compare(&self, python: Python<'_>, x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>) -> PyResult<PyFound> {
        self.found(python, Held::new("x", x)?, Held::new("y", y)?)
    }

    /// The same of two float64 arrays of two axes in this machine's order of bytes, which need no
    /// other look; none of others.
    fn compare_plain(&self, python: Python<'_>, x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>) -> PyResult<Option<PyFound>> {
        let is_plain = |array: &Bound<'_, PyAny>| array.cast::<PyArray2<f64>>().is_ok();
        if is_plain(x) && is_plain(y) { self.compare(python, x, y).map(Some) } else { Ok(None) }
    }

    /// The least time, in seconds, that the library itself takes for `compare`, of so many tries.
    fn time(&self, python: Python<'_>, x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>, tries: usize) -> PyResult<f64> {
        let (x, y) = (Held::new("x", x)?, Held::new("y", y)?);
        let pool = pool(python)?;
        // From within: what it takes to wake the pool is the caller's.
        let timed = || {
            pool.install(|| {
                let start = Instant::now();
                once(&self.0, &x, &y).map(|_| start.elapsed().as_secs_f64())
            })
        };
        refused(
            python.detach(|| (0..tries.max(1)).map(|_| timed()).try_fold(f64::INFINITY, |least, time| time.map(|time| least.min(time)))),
        )
    }
}

impl PyMeasure {
    fn found(&self, python: Python<'_>, x: Held, y: Held) -> PyResult<PyFound> {
        if is_small(&self.0, x.shape(), y.shape()) {
            return refused(at_once(python, || once(&self.0, &x, &y))?).map(PyFound);
        }
        let (measure, arrays) = (self.0.clone(), [x, y]);
        enough_for(&measure, &arrays)?;
        let [x, y] = arrays;
        // The arrays come back, so that this thread lets go of them.
        let (score, _arrays) = interruptible(python, move || (once(&measure, &x, &y), (x, y)))?;
        refused(score).map(PyFound)
    }
}

/// What a comparison found: the value, and the rest for whoever asks for it.
#[pyclass(frozen, name = "Found", module = "similitude._similitude")]
pub struct PyFound(Score);

#[pymethods]
impl PyFound {
    #[getter]
    fn value(&self) -> f64 {
        self.0.value
    }

    /// All that a `Score` is made of.
    fn parts<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        score_parts(python, &self.0)
    }
}

/// Whether a measure has its value within half a millisecond or so: by what is multiplied for
/// features, between examples, and between neurons.
fn is_small(measure: &Measure, (n, p): (usize, usize), (_, q): (usize, usize)) -> bool {
    const FEW: u128 = 1 << 20;
    let has_fewer_neurons = n >= p + q;
    let [n, p, q] = [n, p, q].map(|size| size as u128);
    let multiplied = match measure.needs(None).moments {
        Moments::Linear { .. } if has_fewer_neurons => n * (p * p + p * q + q * q),
        Moments::Factor(_) if has_fewer_neurons => n * (p + q).pow(2) + (p + q).pow(3),
        _ => n * p * q + n * n * (p + q) + (p + q).pow(3),
    };
    multiplied <= FEW
}

fn once(measure: &Measure, x: &Held, y: &Held) -> Result<Score, Error> {
    let (x, y) = both(x.representation("x"), y.representation("y"))?;
    measure.compare(&x, &y)
}

/// Two representations. Of two errors the one that says what is wrong with the numbers comes first:
/// that there are too few of them is no news then.
pub fn both<T>(x: Result<T, Error>, y: Result<T, Error>) -> Result<(T, T), Error> {
    match (x, y) {
        (Err(x), Err(y)) if x.kind() != ErrorKind::Input && y.kind() == ErrorKind::Input => Err(y),
        (x, y) => Ok((x?, y?)),
    }
}

pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Similarity => "similarity",
        Direction::Distance => "distance",
    }
}

/// What a `Score` is made of.
pub fn score_parts<'py>(python: Python<'py>, score: &Score) -> PyResult<Bound<'py, PyDict>> {
    let diagnostics = PyDict::new(python);
    for (name, diagnostic) in &score.diagnostics.0 {
        match diagnostic {
            Diagnostic::Count(count) => diagnostics.set_item(name, count)?,
            Diagnostic::Number(number) => diagnostics.set_item(name, number)?,
            Diagnostic::Numbers(numbers) => diagnostics.set_item(name, PyList::new(python, numbers)?)?,
            Diagnostic::Text(text) => diagnostics.set_item(name, text)?,
        }
    }
    let parts = PyDict::new(python);
    parts.set_item(intern!(python, "value"), score.value)?;
    parts.set_item(intern!(python, "measure"), &score.measure)?;
    parts.set_item(intern!(python, "direction"), direction(score.direction))?;
    parts.set_item(intern!(python, "n"), score.n)?;
    parts.set_item(intern!(python, "p1"), score.p1)?;
    parts.set_item(intern!(python, "p2"), score.p2)?;
    parts.set_item(intern!(python, "version"), score.version)?;
    parts.set_item(intern!(python, "diagnostics"), diagnostics)?;
    Ok(parts)
}
