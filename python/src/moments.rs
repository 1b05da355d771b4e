//! Moments that are gathered where the data live.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use similitude::Measure;
use similitude::moments::{self, Batch, Error, Terms};

use crate::arrays::{Held, View, refused};
use crate::errors::{InputError, raised, unusable};
use crate::memory::enough;
use crate::scores::score_parts;
use crate::threads::pool;

/// Sums over examples of two representations.
#[pyclass(name = "Moments", module = "similitude._similitude")]
pub struct PyMoments(Option<moments::Moments>);

#[pymethods]
impl PyMoments {
    #[new]
    fn new() -> Self {
        Self(None)
    }

    /// Examples seen.
    #[getter]
    fn n(&self) -> u64 {
        self.0.as_ref().map_or(0, moments::Moments::n)
    }

    /// Adds rows of X and of Y, arrays of float32 or float64.
    fn update(&mut self, python: Python<'_>, x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>) -> PyResult<()> {
        let (x, y) = (Held::new("x", x)?, Held::new("y", y)?);
        let shapes = (x.shape().1, y.shape().1);
        if self.0.is_none() {
            let [p, q] = [shapes.0, shapes.1].map(|neurons| neurons as u64);
            let sums = p.saturating_mul(p).saturating_add(p.saturating_mul(q)).saturating_add(q.saturating_mul(q));
            let what = || format!("moments of {p} and {q} neurons");
            enough(sums.saturating_mul(8), what, "average over positions (spatial=\"mean\"), or compare arrays of the whole (sim.cka)")?;
        }
        let moments = self.0.get_or_insert_with(|| moments::Moments::of_pair("x", shapes.0, "y", shapes.1));
        let pool = pool(python)?;
        python.detach(|| pool.install(|| moments.update(&[batch(&x), batch(&y)]))).map_err(of_moments)
    }

    /// Adds what others have seen.
    fn merge(&mut self, python: Python<'_>, other: PyRef<'_, Self>) -> PyResult<()> {
        let Some(others) = other.0.clone() else { return Ok(()) };
        let Some(mine) = &mut self.0 else {
            self.0 = Some(others);
            return Ok(());
        };
        let pool = pool(python)?;
        python.detach(|| pool.install(|| mine.merge(&others))).map_err(of_moments)
    }

    /// What a `Score` over all examples seen is made of.
    fn score<'py>(&self, python: Python<'py>, measure: &str) -> PyResult<Bound<'py, PyDict>> {
        let measure = refused(Measure::parse(measure))?;
        let moments = self.0.as_ref().ok_or_else(|| InputError::new_err("no example was seen yet: update comes before score"))?;
        score_parts(python, &moments.score(&measure, 0, 1).map_err(of_moments)?)
    }

    fn __getstate__<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(python, &postcard::to_allocvec(&self.0).map_err(unusable)?))
    }

    fn __setstate__(&mut self, state: &[u8]) -> PyResult<()> {
        self.0 = postcard::from_bytes(state).map_err(unusable)?;
        Ok(())
    }
}

fn batch(held: &Held) -> Batch<'_> {
    match held.view() {
        View::F32(view) => Batch::F32(view),
        View::F64(view) => Batch::F64(view),
    }
}

fn of_moments(error: Error) -> PyErr {
    match error {
        Error::Input(error) => raised(&error),
        other => unusable(other),
    }
}

/// What a `Score` is made of, from the terms of a pair and of each side with itself. `coarser` is
/// what products of fewer digits add to the rounding of a value of condition 1.
#[pyfunction]
pub fn score_of_terms<'py>(
    python: Python<'py>,
    measure: &str,
    xy: &Bound<'py, PyAny>,
    xx: &Bound<'py, PyAny>,
    yy: &Bound<'py, PyAny>,
    coarser: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let measure = refused(Measure::parse(measure))?;
    let terms = |terms: &Bound<'py, PyAny>| pythonize::depythonize::<Terms>(terms).map_err(PyErr::from);
    let (xy, selves) = (terms(xy)?, (terms(xx)?, terms(yy)?));
    let mut score = moments::score(&measure, "x", "y", &xy, Some((&selves.0, &selves.1))).map_err(of_moments)?;
    let of = |name| score.diagnostics.get(name).unwrap_or(f64::INFINITY);
    if coarser > 0.0 {
        let bound = of("error_bound") + coarser * of("condition");
        score.diagnostics = score.diagnostics.number("error_bound", bound);
    }
    score_parts(python, &score)
}
