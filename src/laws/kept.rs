//! Matrices and maps for the condition of SVCCA: under the one kind of map the kept subspace stays,
//! under the other it does not.

use rand::RngExt;

use super::draw::{Generator, blend, gaussian, orthonormal};
use super::maps::Map;
use super::matrix::Matrix;
use crate::claims::Group;
use crate::tolerance::{EPS, rank, variance_threshold};

/// A matrix and a map that meet a condition, or do not.
pub(super) struct Built {
    pub(super) matrix: Matrix,
    pub(super) map: Map,
    /// What the construction itself rounds, relative to the matrix.
    pub(super) rounding: f64,
}

/// A matrix and a map under which the fewest leading directions that hold this share of the
/// variance stay: one or two directions hold nearly all of it before and after, and the map mixes
/// neither of them with the others.
///
/// # Errors
/// In words, where the construction does not do that for this share.
pub(super) fn unchanged(group: Group, share: f64, n: usize, generator: &mut Generator) -> Result<Built, String> {
    // Of two, the first alone holds two thirds at most after the map.
    let kept = if share >= 0.75 { generator.random_range(1..=2) } else { 1 };
    let rest = generator.random_range(0..=3);
    let p = kept + rest;
    let left = orthonormal(&gaussian(n, p, generator), true);
    // The others hold far less than what may be left out, also when they become ten times as large.
    let small = (1e-2 * (1.0 - share).sqrt()).min(1e-4);
    let spectrum = |j: usize| if j < kept { 1.0 - 0.1 * j as f64 } else { small / (1 + j - kept) as f64 };
    let axes = match group {
        Group::InvertibleLinear => orthonormal(&gaussian(p, p, generator), false),
        _ => Matrix::from_fn(p, p, |i, j| f64::from(i == j)),
    };
    let matrix = Matrix::from_fn(n, p, |i, j| left.at(i, j) * spectrum(j)).times(&axes.transposed());
    let map = match group {
        Group::DuplicatedNeurons => {
            let first = if rest == 0 || generator.random_bool(0.5) { 0 } else { kept };
            Map::Copies((first..p).collect())
        }
        Group::DiagonalScaling => {
            let mut factor = |j: usize| if j < kept { generator.random_range(1.0..1.3) } else { generator.random_range(0.5..5.0) };
            Map::Diagonal((0..p).map(&mut factor).collect())
        }
        _ => {
            let first = blend(kept, 1.3, generator);
            let second = if rest > 0 { blend(rest, 10.0, generator) } else { Matrix::from_fn(0, 0, |_, _| 0.0) };
            let block = Matrix::from_fn(p, p, |i, j| match (i < kept, j < kept) {
                (true, true) => first.at(i, j),
                (false, false) => second.at(i - kept, j - kept),
                _ => 0.0,
            });
            Map::Linear(axes.times(&block).times(&axes.transposed()))
        }
    };
    require_kept(&matrix, share, kept, "before the map")?;
    require_kept(&map.apply(&matrix).matrix, share, kept, "after the map")?;
    Ok(Built { matrix, map, rounding: 8.0 * p as f64 * EPS })
}

/// A matrix of two directions and a map under which those that hold this share of the variance
/// change: from the first alone to the second alone, or to both.
///
/// # Errors
/// In words, where the construction does not do that for this share.
pub(super) fn changed(group: Group, share: f64, n: usize, generator: &mut Generator) -> Result<Built, String> {
    let left = orthonormal(&gaussian(n, 2, generator), true);
    // A little less than what may be left out, so that a copy makes it more; and less than the
    // first, with which a copy of it that is a third or more of all changes places.
    let left_out = (1.0 - share) + variance_threshold(n);
    let second = (left_out / 1.4).min(0.42);
    let ratio = (second / (1.0 - second)).sqrt();
    let axes = match group {
        Group::InvertibleLinear => orthonormal(&gaussian(2, 2, generator), false),
        _ => Matrix::from_fn(2, 2, |i, j| f64::from(i == j)),
    };
    let matrix = Matrix::from_fn(n, 2, |i, j| left.at(i, j) * if j == 0 { 1.0 } else { ratio }).times(&axes.transposed());
    let grown = 1.7 / ratio;
    let map = match group {
        Group::DuplicatedNeurons => Map::Copies(vec![1]),
        Group::DiagonalScaling => Map::Diagonal(vec![1.0, grown]),
        _ => {
            let stretched = Matrix::from_fn(2, 2, |i, j| axes.at(i, j) * if j == 0 { 1.0 } else { grown });
            Map::Linear(stretched.times(&axes.transposed()))
        }
    };
    require_kept(&matrix, share, 1, "before the map")?;
    let image = map.apply(&matrix).matrix;
    let others: Vec<usize> = (1..image.p).collect();
    let leads = group == Group::InvertibleLinear || image.columns(&others).centered().norm() > 1.02 * image.columns(&[0]).centered().norm();
    if !leads {
        require_kept(&image, share, 2, "after the map")?;
    }
    Ok(Built { matrix, map, rounding: 16.0 * EPS })
}

/// Requires that exactly this many leading directions hold the share, by more than rounding
/// decides.
fn require_kept(matrix: &Matrix, share: f64, kept: usize, when: &str) -> Result<(), String> {
    let values = matrix.singular_values();
    let variance = |from: usize| {
        values[from.min(values.len())..].iter().map(|value| value * value).sum::<f64>()
            / values.iter().map(|value| value * value).sum::<f64>()
    };
    let left_out = (1.0 - share) + variance_threshold(matrix.n);
    let of_rank = values.get(kept - 1).is_some_and(|least| *least > 8.0 * rank(matrix.n, matrix.p) * values[0]);
    if of_rank && variance(kept) < left_out / 1.05 && (kept == 1 || variance(kept - 1) > 1.05 * left_out) {
        return Ok(());
    }
    Err(format!("no matrix keeps {kept} directions for a share of {share} {when}: singular values {values:?}"))
}
