//! How far networks are from one another.

use serde::Serialize;

use super::error::Error;
use crate::claims::{Claim, Direction};
use crate::results::{Outcome, Scores};

/// The distances of all pairs of networks by one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distances {
    /// How they follow from the values, in words.
    pub rule: String,
    /// The matrix, row-major and symmetric, with zeros on its diagonal.
    pub matrix: Vec<f64>,
    /// The number of networks.
    #[serde(skip)]
    pub networks: usize,
}

/// The distances that follow from the values of a measure: a distance as it is; of a similarity s
/// of at most 1, sqrt(2 (1 - s)), which is the distance between vectors of length 1 whose cosine is
/// s (for CKA these vectors are the centered kernel matrices). Of a measure that depends on the
/// order of its sides the mean of both orders is taken.
///
/// # Errors
/// [`Error::Undefined`], [`Error::Unbounded`] and [`Error::AboveOne`].
pub fn distances(scores: &Scores, measure: usize) -> Result<Distances, Error> {
    let definition = &scores.measures()[measure];
    let properties = definition.properties();
    let names: Vec<&str> = scores.a().layers.iter().map(|layer| layer.name.as_str()).collect();
    let networks = names.len();
    let is_similarity = properties.direction == Direction::Similarity;
    if is_similarity && properties.range.upper != 1.0 {
        return Err(Error::Unbounded { measure: definition.to_string(), range: properties.range.to_string() });
    }
    let outcomes = scores.outcomes(measure);
    let mut matrix = vec![0.0; networks * networks];
    for row in 0..networks {
        for column in 0..row {
            let pair = [(row, column), (column, row)];
            let mut value = 0.0;
            for (a, b) in pair {
                match &outcomes[a * networks + b] {
                    Outcome::Value { value: one, .. } => value += one / 2.0,
                    Outcome::Failure { error } => {
                        let (a, b) = (names[a].to_string(), names[b].to_string());
                        return Err(Error::Undefined { measure: definition.to_string(), a, b, cause: error.message.clone() });
                    }
                }
            }
            let distance = if is_similarity {
                let bounds = pair.iter().filter_map(|(a, b)| outcomes[a * networks + b].diagnostic("error_bound"));
                let bound = bounds.fold(f64::EPSILON, f64::max);
                if value > 1.0 + bound {
                    let (a, b) = (names[row].to_string(), names[column].to_string());
                    return Err(Error::AboveOne { measure: definition.to_string(), a, b, value, bound });
                }
                // Above 1 by rounding alone, networks are the same.
                (2.0 * (1.0 - value).max(0.0)).sqrt()
            } else {
                value
            };
            matrix[row * networks + column] = distance;
            matrix[column * networks + row] = distance;
        }
    }
    let mut rule = if is_similarity { "sqrt(2 (1 - s)) of the similarity s".to_string() } else { "the distance itself".to_string() };
    if properties.symmetry != Claim::Holds {
        rule += ", of the mean of both orders";
    }
    Ok(Distances { rule, matrix, networks })
}
