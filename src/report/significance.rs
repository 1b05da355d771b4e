//! Which scores of a sweep may be chance.

use crate::results::{Outcome, Provenance, Scores};

/// The level that p-values are held against where a picture or a page says what may be chance.
pub const LEVEL: f64 = 0.05;

/// Whether each comparison of a measure has a p-value above [`LEVEL`], row-major; nothing where
/// none has a p-value.
pub fn not_significant(scores: &Scores, measure: usize) -> Option<Vec<bool>> {
    let outcomes = scores.outcomes(measure);
    let p = |outcome: &Outcome| outcome.diagnostic("p");
    outcomes
        .iter()
        .any(|outcome| p(outcome).is_some())
        .then(|| outcomes.iter().map(|outcome| p(outcome).is_some_and(|p| p > LEVEL)).collect())
}

/// What a legend says of them: `p > 0.05`, and how p-values were adjusted.
pub fn legend(provenance: &Provenance) -> String {
    let adjusted = match provenance.adjust.as_deref() {
        None => String::new(),
        Some("max") => " (adjusted: maximum over layers)".to_string(),
        Some("row-max") => " (adjusted: maximum over the layers of each row)".to_string(),
        Some("holm") => " (adjusted: Holm)".to_string(),
        Some("bh") => " (adjusted: Benjamini-Hochberg)".to_string(),
        Some(other) => format!(" (adjusted: {other})"),
    };
    format!("p > {LEVEL}{adjusted}")
}
