//! Nulls, intervals and comparisons of scores: what `similitude/_inference.py` makes objects of.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use similitude::inference::{
    self, Error, ExactNull, Interval, IntervalChoice, Jackknife, NoiseCeiling, Null, NullChoice, Paired, Permutations, Resamples,
    Resampling, SampleSizes, Scheme, Stability, Stop,
};
use similitude::{Measure, Score};

use crate::arrays::Held;
use crate::errors::{InputError, raised_inference};
use crate::memory::enough_for;
use crate::requests::interval_choice;
use crate::running::interruptible;
use crate::scores::{PyMeasure, both, score_parts};

/// What a test of chance found.
enum Tested {
    Drawn(Null),
    Exact(ExactNull),
}

/// Computes with the arrays in the background, and lets go of them on this thread.
fn with_arrays<R: Send + 'static>(
    python: Python<'_>,
    measure: &Measure,
    arrays: Vec<Held>,
    work: impl FnOnce(&[Held]) -> Result<R, Error> + Send + 'static,
) -> PyResult<R> {
    enough_for(measure, &arrays)?;
    let stop = Stop::default();
    let asked = stop.clone();
    let ended = interruptible(python, move || (asked.during(|| work(&arrays)), arrays));
    if ended.is_err() {
        stop.ask();
    }
    let (found, _arrays) = ended?;
    found.map_err(|error| raised_inference(&error))
}

fn pair(x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>) -> PyResult<Vec<Held>> {
    Ok(vec![Held::new("x", x)?, Held::new("y", y)?])
}

/// A scheme by its word, with the labels that it needs.
fn scheme(word: &str, labels: Option<Vec<usize>>) -> PyResult<Scheme> {
    Ok(match (word, labels) {
        ("free", None) => Scheme::Free,
        ("shifts", None) => Scheme::Shifts,
        ("within", Some(labels)) => Scheme::Within(labels),
        ("blocks", Some(labels)) => Scheme::Blocks(labels),
        ("shifts", Some(labels)) => Scheme::ShiftsWithin(labels),
        (other, _) => return Err(InputError::new_err(format!("{other:?} is no scheme of permutations"))),
    })
}

/// A null as words have it: a number of permutations, or `exact`.
pub fn null_choice(text: &str) -> PyResult<NullChoice> {
    text.parse().map_err(|wrong: String| InputError::new_err(format!("null: {wrong}")))
}

/// What a `NullTest` is made of.
#[pyfunction]
#[pyo3(signature = (measure, x, y, null, word, labels, level, seed))]
#[expect(clippy::too_many_arguments, reason = "Python's side gives them names")]
pub fn permutation_test<'py>(
    python: Python<'py>,
    measure: &PyMeasure,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    null: &str,
    word: &str,
    labels: Option<Vec<usize>>,
    level: f64,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let (null, scheme, measure, of) = (null_choice(null)?, scheme(word, labels)?, measure.0.clone(), measure.0.clone());
    if null == NullChoice::Exact && scheme != Scheme::Free {
        let words = "null=\"exact\": the moments are those over all orders of the examples; draw permutations of other kinds (null=1000)";
        return Err(InputError::new_err(words));
    }
    let tested = with_arrays(python, &of, pair(x, y)?, move |arrays| {
        let (x, y) = both(arrays[0].representation("x"), arrays[1].representation("y"))?;
        Ok(match null {
            NullChoice::Exact => Tested::Exact(inference::exact_null(&measure, &x, &y)?),
            NullChoice::Drawn(count) => {
                let permutations = Permutations::new(count, seed).with_scheme(scheme);
                Tested::Drawn(inference::permutation_null(&measure, &x, &y, &permutations)?)
            }
        })
    })?;
    parts_of_test(python, &tested, level).map_err(|problem| problem.raised())
}

/// An error of either side of the boundary.
enum Problem {
    Library(Error),
    Python(PyErr),
}

impl Problem {
    fn raised(self) -> PyErr {
        match self {
            Self::Library(error) => raised_inference(&error),
            Self::Python(error) => error,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

impl From<PyErr> for Problem {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

fn parts_of_test<'py>(python: Python<'py>, tested: &Tested, level: f64) -> Result<Bound<'py, PyDict>, Problem> {
    let parts = PyDict::new(python);
    parts.set_item("level", level)?;
    match tested {
        Tested::Drawn(null) => {
            let reaches = null.floor() <= level;
            // A level that is none is refused even where no p-value reaches it.
            let is_level = level > 0.0 && level < 1.0;
            if !reaches && !is_level {
                return Err(Error::Level { level }.into());
            }
            parts.set_item("score", score_parts(python, &null.score)?)?;
            parts.set_item("p", null.p())?;
            parts.set_item("floor", null.floor())?;
            parts.set_item("null_mean", null.mean())?;
            parts.set_item("null_sd", null.sd())?;
            parts.set_item("skewness", None::<f64>)?;
            parts.set_item("z", null.z())?;
            parts.set_item("critical", if reaches { Some(null.critical(level)?) } else { None })?;
            parts.set_item("calibrated", if reaches { null.calibrated(level)? } else { None })?;
            parts.set_item("excess", null.excess())?;
            parts.set_item("reached", null.reached)?;
            parts.set_item("undecided", null.undecided)?;
            parts.set_item("scheme", null.scheme)?;
            parts.set_item("seed", null.seed)?;
            parts.set_item("values", PyArray1::from_slice(python, &null.values))?;
        }
        Tested::Exact(null) => {
            // Moments of the square are on another scale than the score.
            let plain = |value: f64| (!null.of_square).then_some(value);
            parts.set_item("score", score_parts(python, &null.score)?)?;
            parts.set_item("p", null.p())?;
            parts.set_item("floor", 0.0)?;
            parts.set_item("null_mean", plain(null.mean()))?;
            parts.set_item("null_sd", plain(null.sd()))?;
            parts.set_item("skewness", plain(null.skewness()))?;
            parts.set_item("z", null.z())?;
            parts.set_item("critical", null.critical(level)?)?;
            parts.set_item("calibrated", null.calibrated(level)?)?;
            parts.set_item("excess", null.excess())?;
            for absent in ["reached", "undecided", "seed", "values"] {
                parts.set_item(absent, None::<usize>)?;
            }
            parts.set_item("scheme", "all orders of the examples, by their moments")?;
        }
    }
    Ok(parts)
}

fn add_interval(parts: &Bound<'_, PyDict>, interval: &Interval) -> PyResult<()> {
    parts.set_item("lo", interval.lo)?;
    parts.set_item("hi", interval.hi)?;
    parts.set_item("level", interval.level)?;
    parts.set_item("method", interval.method)
}

/// What stands behind an interval.
struct Made {
    score: Score,
    interval: Interval,
    standard_error: f64,
    bias: f64,
    values: Vec<f64>,
}

fn made(
    measure: &Measure,
    arrays: &[Held],
    choice: IntervalChoice,
    count: usize,
    groups: Option<usize>,
    seed: u64,
    level: f64,
) -> Result<Made, Error> {
    let (x, y) = both(arrays[0].representation("x"), arrays[1].representation("y"))?;
    let jackknife = || -> Result<Jackknife, Error> { inference::jackknife(measure, &x, &y, groups, seed) };
    if choice == IntervalChoice::Jackknife {
        let found = jackknife()?;
        let (interval, standard_error, bias) = (found.interval(level)?, found.standard_error(), found.bias());
        return Ok(Made { score: found.score, interval, standard_error, bias, values: found.values });
    }
    if choice == IntervalChoice::Analytic {
        let found = inference::analytic(measure, &x, &y)?;
        let (interval, standard_error) = (found.interval(level)?, found.standard_error());
        return Ok(Made { score: found.score, interval, standard_error, bias: 0.0, values: found.influences });
    }
    let resampling = if choice == IntervalChoice::Halves { Resampling::Halves } else { Resampling::Bootstrap };
    let found = inference::resample(measure, &x, &y, &Resamples::new(count, seed).by(resampling))?;
    let interval = if choice == IntervalChoice::Bca { found.bca(level, &jackknife()?)? } else { found.interval(level)? };
    let (standard_error, bias) = (found.standard_error(), found.bias());
    Ok(Made { score: found.score, interval, standard_error, bias, values: found.values })
}

/// What an `Interval` is made of.
#[pyfunction]
#[pyo3(signature = (measure, x, y, method, count, groups, level, seed))]
#[expect(clippy::too_many_arguments, reason = "Python's side gives them names")]
pub fn interval<'py>(
    python: Python<'py>,
    measure: &PyMeasure,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    method: &str,
    count: usize,
    groups: Option<usize>,
    level: f64,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let choice = interval_choice(method)?;
    let (measure, of) = (measure.0.clone(), measure.0.clone());
    let made = with_arrays(python, &of, pair(x, y)?, move |arrays| made(&measure, arrays, choice, count, groups, seed, level))?;
    let parts = PyDict::new(python);
    parts.set_item("score", score_parts(python, &made.score)?)?;
    add_interval(&parts, &made.interval)?;
    parts.set_item("se", made.standard_error)?;
    parts.set_item("bias", made.bias)?;
    parts.set_item("seed", (made.interval.method != "analytic").then_some(seed))?;
    parts.set_item("values", PyArray1::from_vec(python, made.values))?;
    Ok(parts)
}

fn resampling(method: &str) -> PyResult<Resampling> {
    match method {
        "halves" => Ok(Resampling::Halves),
        "bootstrap" => Ok(Resampling::Bootstrap),
        other => Err(InputError::new_err(format!("method={other:?}: halves or bootstrap are possible"))),
    }
}

/// What a `Difference` is made of: the first two arrays against the last two.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's side gives them names")]
pub fn compare_scores<'py>(
    python: Python<'py>,
    measure: &PyMeasure,
    first: (Bound<'py, PyAny>, Bound<'py, PyAny>),
    second: (Bound<'py, PyAny>, Bound<'py, PyAny>),
    method: &str,
    count: usize,
    level: f64,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let named = [("first[0]", &first.0), ("first[1]", &first.1), ("second[0]", &second.0), ("second[1]", &second.1)];
    let arrays = named.iter().map(|(name, array)| Held::new(name, array)).collect::<PyResult<Vec<_>>>()?;
    let (measure, of) = (measure.0.clone(), measure.0.clone());
    let resamples = Resamples::new(count, seed).by(resampling(method)?);
    let (found, interval) = with_arrays(python, &of, arrays, move |arrays| -> Result<(Paired, Interval), Error> {
        let [a, b, c, d] = ["first[0]", "first[1]", "second[0]", "second[1]"];
        let (a, b) = (arrays[0].representation(a)?, arrays[1].representation(b)?);
        let (c, d) = (arrays[2].representation(c)?, arrays[3].representation(d)?);
        let found = inference::paired(&measure, (&a, &b), (&c, &d), &resamples)?;
        let interval = found.interval(level)?;
        Ok((found, interval))
    })?;
    let parts = PyDict::new(python);
    parts.set_item("first", score_parts(python, &found.first)?)?;
    parts.set_item("second", score_parts(python, &found.second)?)?;
    parts.set_item("difference", found.difference())?;
    parts.set_item("p", found.p())?;
    add_interval(&parts, &interval)?;
    parts.set_item("se", found.standard_error())?;
    parts.set_item("seed", seed)?;
    parts.set_item("values", PyArray1::from_vec(python, found.differences))?;
    Ok(parts)
}

/// What a `Stability` is made of: the scores of the candidates, the place of the best, and the
/// shares.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's side gives them names")]
pub fn row_maximum<'py>(
    python: Python<'py>,
    measure: &PyMeasure,
    x: &Bound<'py, PyAny>,
    names: Vec<String>,
    candidates: Vec<Bound<'py, PyAny>>,
    method: &str,
    count: usize,
    seed: u64,
) -> PyResult<(Bound<'py, PyList>, usize, Vec<f64>)> {
    let mut arrays = vec![Held::new("x", x)?];
    for (name, array) in names.iter().zip(&candidates) {
        arrays.push(Held::new(name, array)?);
    }
    let (measure, of) = (measure.0.clone(), measure.0.clone());
    let resamples = Resamples::new(count, seed).by(resampling(method)?);
    let found = with_arrays(python, &of, arrays, move |arrays| -> Result<Stability, Error> {
        let x = arrays[0].representation("x")?;
        let candidates: Vec<_> =
            arrays[1..].iter().zip(&names).map(|(array, name)| array.representation(name)).collect::<Result<_, _>>()?;
        inference::row_maximum(&measure, &x, &candidates, &resamples)
    })?;
    let scores = PyList::empty(python);
    for score in &found.scores {
        scores.append(score_parts(python, score)?)?;
    }
    Ok((scores, found.best, found.shares))
}

/// What a `NoiseCeiling` is made of.
#[pyfunction]
pub fn noise_ceiling<'py>(
    python: Python<'py>,
    measure: &PyMeasure,
    names: Vec<String>,
    networks: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let arrays = names.iter().zip(&networks).map(|(name, array)| Held::new(name, array)).collect::<PyResult<Vec<_>>>()?;
    let (measure, of) = (measure.0.clone(), measure.0.clone());
    let found = with_arrays(python, &of, arrays, move |arrays| -> Result<NoiseCeiling, Error> {
        let networks: Vec<_> = arrays.iter().zip(&names).map(|(array, name)| array.representation(name)).collect::<Result<_, _>>()?;
        inference::noise_ceiling(&measure, &networks)
    })?;
    let parts = PyDict::new(python);
    parts.set_item("lower", found.lower())?;
    parts.set_item("upper", found.upper())?;
    parts.set_item("is_bound", found.is_bound)?;
    parts.set_item("with_all", found.with_all)?;
    parts.set_item("with_others", found.with_others)?;
    Ok(parts)
}

/// What a `SampleSizes` is made of.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's side gives them names")]
pub fn sample_size<'py>(
    python: Python<'py>,
    measure: &PyMeasure,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    count: usize,
    tolerances: Vec<f64>,
    level: f64,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let (measure, of) = (measure.0.clone(), measure.0.clone());
    let (found, needed) = with_arrays(python, &of, pair(x, y)?, move |arrays| -> Result<(SampleSizes, Vec<Option<f64>>), Error> {
        let (x, y) = both(arrays[0].representation("x"), arrays[1].representation("y"))?;
        let found = inference::sample_size_curve(&measure, &x, &y, count, seed, level)?;
        let needed = |tolerance: &f64| match found.needed(*tolerance) {
            Err(Error::LimitUnknown { .. }) => Ok(None),
            needed => needed.map(Some),
        };
        let needed = tolerances.iter().map(needed).collect::<Result<_, _>>()?;
        Ok((found, needed))
    })?;
    let parts = PyDict::new(python);
    parts.set_item("score", score_parts(python, &found.score)?)?;
    parts.set_item("needed", needed)?;
    parts.set_item("limit", found.limit)?;
    parts.set_item("slope", found.slope)?;
    parts.set_item("misfit", found.misfit)?;
    parts.set_item("level", level)?;
    parts.set_item("seed", seed)?;
    parts.set_item("n", found.sizes.iter().map(|size| size.n).collect::<Vec<_>>())?;
    parts.set_item("mean", found.sizes.iter().map(|size| size.mean).collect::<Vec<_>>())?;
    parts.set_item("se", found.sizes.iter().map(|size| size.standard_error).collect::<Vec<_>>())?;
    parts.set_item("lo", found.sizes.iter().map(|size| size.interval[0]).collect::<Vec<_>>())?;
    parts.set_item("hi", found.sizes.iter().map(|size| size.interval[1]).collect::<Vec<_>>())?;
    Ok(parts)
}

/// P-values adjusted for their number.
#[pyfunction]
pub fn adjusted(p: Vec<f64>, method: &str) -> PyResult<Vec<f64>> {
    let adjusted = match method {
        "holm" => inference::holm(&p),
        "bh" => inference::benjamini_hochberg(&p),
        other => {
            let remedy = "(max is of a whole sweep: sweep(..., null=1000, adjust=\"max\"))";
            return Err(InputError::new_err(format!("method={other:?}: holm or bh are possible {remedy}")));
        }
    };
    adjusted.map_err(|error| raised_inference(&error))
}
