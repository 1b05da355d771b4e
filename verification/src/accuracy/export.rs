//! The pairs and their exact values for programs that compute the same measures otherwise, and what
//! these found.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use similitude::Measure;

use super::Trial;
use super::error::{Error, write_json};
use super::inputs::Input;
use super::judge::Exact;

#[derive(Serialize)]
struct Exported<'a> {
    inputs: Vec<Pair<'a>>,
    values: BTreeMap<String, Vec<Value>>,
}

#[derive(Serialize)]
struct Pair<'a> {
    description: &'a str,
    n: usize,
    x: &'a [f64],
    y: &'a [f64],
}

/// The exact value on pair `input`, and the bound c eps condition that errors are divided by.
#[derive(Serialize)]
struct Value {
    input: usize,
    exact: String,
    bound: f64,
}

/// What scripts/numpy_errors.py writes.
#[derive(Deserialize)]
pub struct Peers {
    /// The versions it ran with.
    pub generator: String,
    /// By convention.
    pub measures: BTreeMap<String, Peer>,
    /// |distance - exact| of rotated pairs, by description.
    pub rotations: BTreeMap<String, f64>,
}

/// What plain formulas give for a convention.
#[derive(Deserialize)]
pub struct Peer {
    /// Pairs tried.
    pub values: usize,
    /// Answers that are NaN, infinite or an exception.
    pub not_finite: usize,
    /// |got - exact| / (c eps condition) of the finite ones.
    pub largest_ratio: f64,
    /// The same: the median.
    pub median_ratio: f64,
    /// |got - exact| / |exact|
    pub largest_relative_error: f64,
}

/// Writes them.
pub fn write<'a>(file: &Path, measures: &[Measure], inputs: &'a [Input], trials: &[Trial]) -> Result<(), Error> {
    let pair = |input: &'a Input| {
        let Input { description, x, y, .. } = input;
        Pair { description: description.as_str(), n: x.n, x: &x.values, y: &y.values }
    };
    let mut exported = Exported { inputs: inputs.iter().map(pair).collect(), values: BTreeMap::new() };
    for trial in trials {
        let (Exact::Value(enclosure), Ok(fast)) = (&trial.exact, &trial.answers.fast) else { continue };
        let value = Value { input: trial.input, exact: enclosure.lo_decimal(), bound: fast.bound };
        exported.values.entry(measures[trial.measure].to_string()).or_default().push(value);
    }
    write_json(file, &exported)
}
