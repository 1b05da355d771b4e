//! The dissimilarities of one side as they are compared: centered, ranked, or doubly centered.

use std::sync::Arc;

use faer::Mat;

use super::between::ExampleMatrix;
use super::cosine::error_of_cosine;
use crate::arrays::sums::{dot, sum, sum_of_squares};
use crate::gram::dissimilarities::pairs;
use crate::gram::ranks::{Ranks, concordance};
use crate::tolerance::EPS;

/// What a sum of products errs by over eps and the norms, and, relatively, two norms, their product
/// and a quotient.
const OF_PRODUCT: f64 = 1.5;
const OF_NORMS: f64 = 3.5;
/// Of tau, a quotient of whole numbers: two roots, their product and the quotient.
pub(crate) const OF_TAU: f64 = 2.0;

/// Numbers less their mean. The first is taken off before, so that equal ones become 0.
pub(crate) fn from_mean(values: &[f64]) -> Vec<f64> {
    let differences: Vec<f64> = values.iter().map(|value| value - values[0]).collect();
    let mean = sum(&differences) / values.len() as f64;
    differences.iter().map(|difference| difference - mean).collect()
}

/// The entries of H D H: sqrt 2 times those of pairs, then those of the diagonal, so that inner
/// products are those of the matrices.
pub(crate) fn doubly_centered(n: usize, values: &[f64]) -> Vec<f64> {
    let places = pairs(n);
    let mut rows = vec![0.0; n];
    for (&(i, j), value) in places.iter().zip(values) {
        rows[i] += value;
        rows[j] += value;
    }
    rows.iter_mut().for_each(|row| *row /= n as f64);
    let all = sum(&rows) / n as f64;
    let entries = places.iter().zip(values).map(|(&(i, j), value)| std::f64::consts::SQRT_2 * (value - (rows[i] + rows[j]) + all));
    entries.chain(rows.iter().map(|row| all - 2.0 * row)).collect()
}

/// The dissimilarities of one side, as they are compared.
#[derive(Debug)]
pub(crate) struct Compared {
    /// Centered, ranked or doubly centered.
    pub(crate) vector: Vec<f64>,
    pub(crate) norm: f64,
    /// |change of the vector| for a relative change of the representation by 1, rounding on the way
    /// included.
    pub(crate) change: f64,
    /// |error of the vector| <= c(n, p) eps * error, for the representation as it is.
    error: f64,
    /// What a cosine with it may be off because the order of some dissimilarities is not decided.
    pub(crate) undecided: f64,
    /// The relative change of the representation below which no order changes.
    pub(crate) margin: f64,
    /// Pairs of equal dissimilarities.
    pub(crate) ties: u64,
    /// Pairs whose order is not decided.
    pub(crate) undecided_pairs: u64,
}

impl Compared {
    /// Ranks of dissimilarities. No order changes while no difference of two dissimilarities
    /// changes by as much as `movement` for each unit of a relative change of the representation.
    pub(crate) fn of_ranks(ranks: Ranks, movement: f64) -> Self {
        let norm = sum_of_squares(&ranks.centered).sqrt();
        Self {
            norm,
            change: 0.0,
            error: 0.0,
            undecided: 2.0 * ranks.undecided_squares.sqrt() / norm,
            margin: ranks.gap / movement,
            ties: ranks.ties,
            undecided_pairs: ranks.undecided,
            vector: ranks.centered,
        }
    }

    /// Dissimilarities as they are, or centered.
    pub(crate) fn of_values(vector: Vec<f64>, [change, error]: [f64; 2]) -> Self {
        let norm = sum_of_squares(&vector).sqrt();
        Self { vector, norm, change, error, undecided: 0.0, margin: f64::INFINITY, ties: 0, undecided_pairs: 0 }
    }

    /// The cosine of two vectors; its condition; and what it is off by at most over `unit`, which
    /// is c(n, p) eps. Sums are pairwise.
    pub(crate) fn cosine(&self, other: &Self, unit: f64) -> (f64, f64, f64) {
        let of_both = |of: fn(&Self) -> f64| of(self) / self.norm + of(other) / other.norm;
        let value = dot(&self.vector, &other.vector) / (self.norm * other.norm);
        let (moved, turned) = (of_both(|side| side.change), of_both(|side| side.error));
        let rounded = (OF_PRODUCT + OF_NORMS * value.abs()) * EPS / unit;
        // Both are bounds.
        let condition = moved + 1.0;
        (value, condition, error_of_cosine(value, [turned, moved], rounded, unit).min(condition))
    }

    /// Kendall's tau-a, or tau-b, of two sides, and what it may be off.
    pub(crate) fn tau(&self, other: &Self, is_b: bool) -> (f64, f64) {
        let m = self.vector.len() as f64;
        let all = m * (m - 1.0) / 2.0;
        let difference = concordance(&self.vector, &other.vector, (self.ties, other.ties)) as f64;
        let untied = [self, other].map(|side| all - side.ties as f64);
        let undecided = [self, other].map(|side| side.undecided_pairs as f64);
        if !is_b {
            return (difference / all, 2.0 * (undecided[0] + undecided[1]) / all);
        }
        let value = difference / (untied[0].sqrt() * untied[1].sqrt());
        let relative = undecided[0] / untied[0] + undecided[1] / untied[1];
        (value, 2.0 * (undecided[0] + undecided[1]) / (untied[0].sqrt() * untied[1].sqrt()) + value.abs() * relative)
    }

    /// The vector as a matrix between examples, whose inner products are twice those of vectors, or
    /// those of whitened ones.
    pub(crate) fn matrix(&self, n: usize, whitened: bool) -> ExampleMatrix {
        let pairs = pairs(n);
        let scale = if whitened { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
        let mut matrix = Mat::zeros(n, n);
        for (&(i, j), value) in pairs.iter().zip(&self.vector) {
            matrix[(i, j)] = value * scale;
            matrix[(j, i)] = value * scale;
        }
        // The diagonal, where there is one.
        self.vector.iter().skip(pairs.len()).enumerate().for_each(|(i, value)| matrix[(i, i)] = *value);
        let doubled = if whitened { 1.0 } else { std::f64::consts::SQRT_2 };
        ExampleMatrix::from_entries(matrix, doubled * self.change)
    }
}

/// What the vector of a side holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Twice the mid-ranks less their mean.
    Ranks,
    /// Dissimilarities less their mean.
    Centered,
    /// Dissimilarities.
    AsTheyAre,
    /// [`doubly_centered`] ones.
    DoublyCentered,
}

/// The mean dissimilarities of several sides of n examples, times their number. Ranks are added as
/// they are: they are whole numbers, so that equal sums stay equal. Other vectors are added as
/// vectors of length 1. A constant, which what is ranked or centered does not see, keeps the sums
/// from being negative.
pub(crate) fn mean(n: usize, sides: &[Arc<Compared>], form: Form) -> Mat<f64> {
    let places = pairs(n);
    let unit = |side: &Compared| if form == Form::Ranks { 1.0 } else { side.norm };
    let sum_at = |place: usize| sides.iter().map(|side| side.vector[place] / unit(side)).sum::<f64>();
    let largest = |side: &Compared| side.vector.iter().fold(0.0f64, |largest, entry| largest.max(entry.abs())) / unit(side);
    let constant = match form {
        Form::Ranks => sides.len() as f64 * places.len() as f64,
        Form::Centered => sides.iter().map(|side| largest(side)).sum(),
        Form::AsTheyAre | Form::DoublyCentered => 0.0,
    };
    let diagonal = |i: usize| sum_at(places.len() + i);
    let mut mean = Mat::zeros(n, n);
    for (place, &(i, j)) in places.iter().enumerate() {
        let value = match form {
            // D = H D H less the mean of its diagonal entries, where the diagonal of D is 0.
            Form::DoublyCentered => sum_at(place) / std::f64::consts::SQRT_2 - f64::midpoint(diagonal(i), diagonal(j)),
            _ => sum_at(place) + constant,
        };
        (mean[(i, j)], mean[(j, i)]) = (value, value);
    }
    mean
}
