//! The mean of sweeps over groups of examples.

use super::facts::Facts;
use super::scores::{Failure, Outcome, Scores};
use crate::diagnostics::Diagnostics;

/// Returns the mean over groups, cell by cell: of the values, and of their error bounds. A cell
/// that has no value in one group has none, and says in which. `n` is the number of examples of all
/// groups.
///
/// The diagnostics say how many groups there were, the fewest examples of one, and the least and
/// the largest value.
///
/// # Panics
/// When there is no group, or they are not of the same layers and measures.
pub fn mean_over_groups(groups: Vec<(String, Scores)>) -> Scores {
    let (_, first) = groups.first().expect("a group at least");
    let mut mean = first.clone();
    let cells = first.outcomes.len();
    assert!(groups.iter().all(|(_, scores)| scores.outcomes.len() == cells && scores.names == first.names), "of the same layers");
    mean.outcomes = (0..cells).map(|cell| outcome(&groups, cell)).collect();
    mean.n = groups.iter().map(|(_, scores)| scores.n).sum();
    mean
}

fn outcome(groups: &[(String, Scores)], cell: usize) -> Outcome {
    let count = groups.len() as f64;
    let (mut sum, mut bounds, mut least, mut largest) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    for (name, scores) in groups {
        match &scores.outcomes[cell] {
            Outcome::Value { value, .. } => {
                sum += value / count;
                (least, largest) = (value.min(least), value.max(largest));
                bounds += scores.outcomes[cell].diagnostic("error_bound").unwrap_or(f64::NAN) / count;
            }
            Outcome::Failure { error } => {
                let message = format!("{name}: {}", error.message);
                return Outcome::Failure { error: Failure { kind: error.kind.clone(), message } };
            }
        }
    }
    // The sum and the divisions round too.
    let bound = bounds + (count + 1.0) * f64::EPSILON * least.abs().max(largest.abs());
    let fewest = groups.iter().map(|(_, scores)| scores.n).min().unwrap_or_default();
    let diagnostics = Diagnostics::default()
        .number("error_bound", bound)
        .count("groups", groups.len())
        .count("fewest_examples", fewest)
        .number("least_of_groups", least)
        .number("largest_of_groups", largest);
    Outcome::Value { value: sum, diagnostics: Facts::from(&diagnostics) }
}
