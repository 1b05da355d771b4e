//! Representational similarity analysis.

use nalgebra::{DMatrix, DVector};

use super::dissimilarities::{correlation, cosine, euclidean, levels, rounding};
use super::{Side, Undefined};
use crate::measures::rsa::{Comparison, Dissimilarity, Options};

/// Compares the dissimilarities r and s of the m = n(n-1)/2 pairs of examples i < j of the two
/// representations (Kriegeskorte et al. 2008; Nili et al. 2014 for tau-a; Diedrichsen et al. 2021
/// for the whitened cosine).
///
/// - Pearson's correlation; Spearman's, of the mid-ranks.
/// - Kendall's tau-a = (C - D) / m0 and tau-b = (C - D) / sqrt((m0 - t_r)(m0 - t_s)), of C
///   concordant and D discordant among the m0 = m(m-1)/2 pairs of entries, t tied ones.
/// - The cosine r's / (|r| |s|); whitened, that of L^-1 r and L^-1 s with V = L L' the entrywise
///   square of C C', C the m x n contrasts of pairs.
///
/// Rank correlations take m^2 operations, the whitened cosine m^3 operations and m^2 numbers.
///
/// # Errors
/// [`Undefined::TooFewExamples`] below n = 3; [`Undefined::ZeroExample`] (cosine dissimilarity);
/// [`Undefined::ConstantExample`] (correlation dissimilarity);
/// [`Undefined::ConstantDissimilarities`] when those of a side are zero, or equal within rounding
/// where the comparison does not see their mean.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    if x.nrows() < 3 {
        return Err(Undefined::TooFewExamples);
    }
    compared(options, x.nrows(), &dissimilarities(options, x)?, &dissimilarities(options, y)?)
}

/// The same where dissimilarities of a side were given.
///
/// # Errors
/// As [`value`].
pub(super) fn of_sides(options: &Options, x: Side, y: Side) -> Result<f64, Undefined> {
    let n = match &x {
        Side::Examples(x) | Side::Dissimilarities(x) => x.nrows(),
    };
    if n < 3 {
        return Err(Undefined::TooFewExamples);
    }
    let side = |side: Side| match side {
        Side::Examples(x) => dissimilarities(options, &x),
        Side::Dissimilarities(given) => {
            let scaled = if given.amax() > 0.0 { &given / given.amax() } else { given };
            let entries = DVector::from_iterator(pairs(n).count(), pairs(n).map(|(i, j)| scaled[(i, j)]));
            let flat = !sees_mean(options) && entries.max() - entries.min() <= rounding(&scaled) * entries.max();
            if flat || entries.max() <= 0.0 { Err(Undefined::ConstantDissimilarities) } else { Ok(entries) }
        }
    };
    compared(options, n, &side(x)?, &side(y)?)
}

fn sees_mean(options: &Options) -> bool {
    matches!(options.comparison, Comparison::Cosine | Comparison::WhitenedCosine)
}

fn compared(options: &Options, n: usize, r: &DVector<f64>, s: &DVector<f64>) -> Result<f64, Undefined> {
    Ok(match options.comparison {
        Comparison::Pearson => cosine_of(&centered(r), &centered(s)),
        Comparison::Spearman => cosine_of(&centered_ranks(r), &centered_ranks(s)),
        Comparison::TauA | Comparison::TauB => kendall(options.comparison, r, s),
        Comparison::Cosine => cosine_of(r, s),
        Comparison::WhitenedCosine => {
            let l = covariance(n).cholesky().expect("the eigenvalues of V are 2n, n and 2").unpack();
            let whiten = |r: &DVector<f64>| l.solve_lower_triangular(r).expect("the diagonal of L is positive");
            cosine_of(&whiten(r), &whiten(s))
        }
    })
}

/// The dissimilarities of examples i < j, up to a common factor.
fn dissimilarities(options: &Options, x: &DMatrix<f64>) -> Result<DVector<f64>, Undefined> {
    let matrix = match options.rdm {
        Dissimilarity::SquaredEuclidean | Dissimilarity::Euclidean => euclidean(x).0,
        Dissimilarity::Correlation => correlation(x)?,
        Dissimilarity::Cosine => cosine(x)?,
        Dissimilarity::Given => return Err(Undefined::NotGiven),
    };
    let entries = DVector::from_iterator(pairs(x.nrows()).count(), pairs(x.nrows()).map(|(i, j)| matrix[(i, j)]));
    let rounding = rounding(x);
    // An angle below rounding is none: 1 - cos is half its square.
    let nothing = match options.rdm {
        Dissimilarity::SquaredEuclidean | Dissimilarity::Euclidean | Dissimilarity::Given => 0.0,
        Dissimilarity::Correlation | Dissimilarity::Cosine => rounding.powi(2),
    };
    let equal = !sees_mean(options) && entries.max() - entries.min() <= rounding * entries.max();
    if equal || entries.max() <= nothing {
        return Err(Undefined::ConstantDissimilarities);
    }
    if matches!(options.comparison, Comparison::Spearman | Comparison::TauA | Comparison::TauB) {
        // Ranks see neither a square nor how far apart numbers are.
        let levels = levels(entries.as_slice(), rounding);
        return Ok(DVector::from_iterator(levels.len(), levels.into_iter().map(|level| level as f64)));
    }
    let squared = options.rdm == Dissimilarity::SquaredEuclidean;
    Ok(if squared { entries.component_mul(&entries) } else { entries })
}

/// The pairs i < j, row by row.
fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |i| (i + 1..n).map(move |j| (i, j)))
}

fn cosine_of(r: &DVector<f64>, s: &DVector<f64>) -> f64 {
    r.dot(s) / r.norm() / s.norm()
}

/// The entries less their mean: the first entry is taken off before, so that equal ones become 0.
fn centered(r: &DVector<f64>) -> DVector<f64> {
    let from_first = r.add_scalar(-r[0]);
    from_first.add_scalar(-from_first.mean())
}

/// Twice the mid-ranks less their mean: the number of smaller entries less that of larger ones.
fn centered_ranks(r: &DVector<f64>) -> DVector<f64> {
    r.map(|entry| r.iter().map(|other| sign(entry - other)).sum::<i64>() as f64)
}

/// The sign of a number, 0 for 0.
fn sign(x: f64) -> i64 {
    i64::from(x > 0.0) - i64::from(x < 0.0)
}

/// tau-a or tau-b.
fn kendall(comparison: Comparison, r: &DVector<f64>, s: &DVector<f64>) -> f64 {
    let (mut all, mut untied_r, mut untied_s, mut difference) = (0i64, 0, 0, 0);
    for (a, b) in pairs(r.len()) {
        let (of_r, of_s) = (sign(r[a] - r[b]), sign(s[a] - s[b]));
        all += 1;
        untied_r += of_r.abs();
        untied_s += of_s.abs();
        difference += of_r * of_s;
    }
    let divisor = if comparison == Comparison::TauA { all as f64 } else { (untied_r as f64).sqrt() * (untied_s as f64).sqrt() };
    difference as f64 / divisor
}

/// V, the entrywise square of C C': what the noise of the examples makes of their distances.
fn covariance(n: usize) -> DMatrix<f64> {
    let pairs: Vec<_> = pairs(n).collect();
    let c = DMatrix::from_fn(pairs.len(), n, |pair, i| f64::from(i8::from(i == pairs[pair].0) - i8::from(i == pairs[pair].1)));
    (&c * c.transpose()).map(|entry| entry * entry)
}
