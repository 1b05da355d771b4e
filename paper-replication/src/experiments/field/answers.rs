//! What all measures say of pairs of layers, as similarities.

use crate::error::Result;
use rayon::prelude::*;
use similitude::{Direction, Measure, Pair, Prepared};

/// Every measure's similarity of two layers; a distance counts downwards. `None` where a measure is
/// undefined.
pub(super) fn similarities(measures: &[Measure], x: &Prepared, y: &Prepared) -> Result<Vec<Option<f64>>> {
    let pair = Pair::new(x, y)?;
    let signed = |measure: &Measure| {
        let value = measure.compare_pair(&pair).ok()?.value;
        Some(match measure.properties().direction {
            Direction::Similarity => value,
            Direction::Distance => -value,
        })
    };
    Ok(measures.iter().map(signed).collect())
}

/// The same for many pairs, by place in `layers`.
pub(super) fn of_pairs(measures: &[Measure], layers: &[Prepared], pairs: &[(usize, usize)]) -> Result<Vec<Vec<Option<f64>>>> {
    pairs.par_iter().with_max_len(1).map(|&(a, b)| similarities(measures, &layers[a], &layers[b])).collect()
}

/// What one test says of one measure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// The test.
    pub test: String,
    /// The place of the measure.
    pub measure: usize,
    /// Its number; `None` where the measure is undefined.
    pub value: Option<f64>,
    /// The standard error of it.
    pub standard_error: Option<f64>,
}

impl Answer {
    /// An answer with a mean and its error.
    pub fn new(test: &str, measure: usize, found: Option<(f64, Option<f64>)>) -> Self {
        Self { test: test.to_owned(), measure, value: found.map(|found| found.0), standard_error: found.and_then(|found| found.1) }
    }
}
