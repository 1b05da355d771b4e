//! Squared Euclidean distances between examples.

use faer::Par;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;

use crate::arrays::near_distances::is_accurate;
use crate::arrays::product::slice;
use crate::arrays::sums::{squared_difference, vectorised};
use crate::arrays::tiles::Tile;
use crate::linalg::features::Features;

/// Fills a tile with squared distances between examples of the scaled features; what lies on the
/// diagonal is of no account. Of a wide representation, [`Features::near_distances`] must have been
/// asked for.
pub(crate) fn fill(tile: &Tile, features: &Features, entries: &mut [f64], parallelism: Par) {
    let norms = features.row_squared_norms();
    features.inner_products(tile, entries, parallelism);
    // Whether no distance cancelled.
    let mut accurate = true;
    vectorised(
        #[inline(always)]
        || {
            for (column, first, below) in tile.below_mut(entries) {
                let norm = norms[column];
                for (product, other) in below.iter_mut().zip(&norms[first..]) {
                    let both = other + norm;
                    let expanded = both - 2.0 * *product;
                    accurate &= is_accurate(expanded, both);
                    *product = expanded;
                }
            }
        },
    );
    if let Some(near) = features.known_near_distances() {
        near.correct(tile, entries);
    } else if !accurate {
        // One example a column, so that a difference runs over contiguous values.
        let examples = |range: &std::ops::Range<usize>| features.differing().subrows(range.start, range.len()).transpose().to_owned();
        let (rows, columns) = (examples(&tile.rows), examples(&tile.columns));
        for (column, first, below) in tile.below_mut(entries) {
            let example = slice(columns.as_ref(), column - tile.columns.start);
            for (row, distance) in (first..).zip(below) {
                if !is_accurate(*distance, norms[row] + norms[column]) {
                    *distance = squared_difference(slice(rows.as_ref(), row - tile.rows.start), example);
                }
            }
        }
    }
}

/// The squared distances of `count` pairs of different examples, drawn at random (but the same ones
/// each time), in ascending order.
pub(crate) fn sample(features: &Features, count: usize) -> Vec<f64> {
    const CHUNK: usize = 1024;
    let n = features.n();
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(n as u64);
    let pairs: Vec<(usize, usize)> = (0..count)
        .map(|_| {
            let (first, other) = (generator.random_range(0..n), generator.random_range(1..n));
            (first, (first + other) % n)
        })
        .collect();
    let of_chunk = |pairs: &[(usize, usize)]| {
        if let Some(near) = features.known_near_distances() {
            let norms = features.row_squared_norms();
            let expanded = |i: usize, j: usize| norms[i] + norms[j] - 2.0 * features.gram().get(i, j);
            return pairs.iter().map(|&(i, j)| near.get(i, j).unwrap_or_else(|| expanded(i, j))).collect();
        }
        // Column by column: a column fits into the cache, all of the features do not.
        let mut distances = vec![0.0; pairs.len()];
        for column in 0..features.p() {
            let column = slice(features.differing(), column);
            for (distance, &(i, j)) in distances.iter_mut().zip(pairs) {
                *distance += (column[i] - column[j]).powi(2);
            }
        }
        distances
    };
    let mut distances: Vec<f64> = pairs.par_chunks(CHUNK).flat_map_iter(of_chunk).collect();
    distances.sort_unstable_by(f64::total_cmp);
    distances
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::arrays::tiles::Tiling;

    #[test]
    fn near_examples_keep_their_distance() {
        // Two examples 2^-30 apart, far from the mean: the expanded form would give 0 or noise.
        let delta = 2f64.powi(-30);
        let x = Mat::from_fn(4, 2, |row, column| match (row, column) {
            (0, _) => 1.0,
            (1, 0) => 1.0 + delta,
            (1, _) => 1.0,
            (2, _) => -1.0,
            _ => -1.0 + 0.5 * column as f64,
        });
        let features = Features::of(x.as_ref(), 2.0, true);
        let scale = 2f64.powi(-2 * features.exponent() as i32);
        // On the diagonal of tiles, and in a tile below it.
        for width in [4, 1] {
            let tile = &Tiling::new(4, width).tiles()[usize::from(width == 1)];
            let mut entries = vec![0.0; 16];
            fill(tile, &features, &mut entries, Par::Seq);
            let got = tile.below(&entries).next().unwrap().2[0];
            assert!((got / (delta * delta * scale) - 1.0).abs() < 1e-6, "{got:e}");
        }
    }

    #[test]
    fn a_sample_is_of_pairs_of_different_examples() {
        let features = Features::of(Mat::from_fn(3, 2, |row, _| [0.0, 1.0, 3.0][row]).as_ref(), 3.0, true);
        let unit = 4f64.powi(features.exponent() as i32);
        let mut found = sample(&features, 5000);
        assert_eq!(found.len(), 5000);
        found.dedup_by(|a, b| (*a / *b - 1.0).abs() < 1e-12);
        let expected = [2.0, 8.0, 18.0];
        assert!(
            found.len() == 3 && found.iter().zip(expected).all(|(found, expected)| (found * unit / expected - 1.0).abs() < 1e-12),
            "{found:?}"
        );
    }
}
