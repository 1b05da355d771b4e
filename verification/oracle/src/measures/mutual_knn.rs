//! Mutual nearest neighbours: how many of their neighbours two representations of an example share.

use super::dissimilarity::Dissimilarities;
use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::{Matrix, common_rows};
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// What makes an example near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// A large cosine of the rows.
    Cosine,
    /// A small Euclidean distance.
    Euclidean,
}

/// Options of [`mutual_knn`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The number of neighbours k, from 1 to n - 2.
    pub neighbours: usize,
    /// What makes an example near.
    pub metric: Metric,
    /// Whether the mean row is taken off before a cosine.
    pub center: bool,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let neighbours = keys.number("k", Some(10.0))?;
        if neighbours.fract() != 0.0 || !(0.0..=1e9).contains(&neighbours) {
            return Err(OracleError::InvalidOption { option: "k", value: neighbours, expected: "a whole number from 1 to n - 2" });
        }
        let metric = keys.choice("metric", &[("cosine", Metric::Cosine), ("euclidean", Metric::Euclidean)])?;
        let center = keys.choice("center", &[("no", false), ("yes", true)])?;
        Ok(Options { neighbours: neighbours as usize, metric, center })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        mutual_knn(x, y, self)
    }
}

/// The mean over the examples of the share of their k nearest other examples that both
/// representations agree on (Huh et al. 2024): a rational number. Of examples equally
/// near, those of the lowest index come first.
///
/// # Errors
/// `ShapeMismatch`, `NeighbourCount`, `Constant`, `ZeroRow` where a cosine is taken of a row that
/// is zero.
pub fn mutual_knn(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    let count = options.neighbours;
    if count < 1 || count + 2 > examples {
        return Err(OracleError::NeighbourCount { neighbours: count, examples });
    }
    x.centered().require_nonzero(Side::X)?;
    y.centered().require_nonzero(Side::Y)?;
    let dissimilarities = |matrix: &Matrix, side: Side| match options.metric {
        Metric::Euclidean => Ok(Dissimilarities::euclidean(matrix)),
        Metric::Cosine => Dissimilarities::cosine(matrix, options.center, side),
    };
    let (x, y) = (dissimilarities(x, Side::X)?, dissimilarities(y, Side::Y)?);
    let shared: usize = (0..examples)
        .map(|example| {
            let (of_x, of_y) = (nearest(&x, example, count), nearest(&y, example, count));
            of_x.iter().filter(|neighbour| of_y.contains(neighbour)).count()
        })
        .sum();
    let share = ratio(IBig::from(shared), IBig::from(examples * count));
    Ok(Value::exact(share).with_note(format!("chance level {count}/{}", examples - 1)))
}

/// The `count` nearest other examples.
fn nearest(dissimilarities: &Dissimilarities, example: usize, count: usize) -> Vec<usize> {
    let others = (0..dissimilarities.size()).filter(|other| *other != example);
    let mut ordered: Vec<(RBig, usize)> = others.map(|other| (dissimilarities.key(example, other), other)).collect();
    ordered.sort();
    ordered.into_iter().take(count).map(|(_, other)| other).collect()
}
