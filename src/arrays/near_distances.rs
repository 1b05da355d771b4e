//! Squared Euclidean distances between examples that are too near each other for their Gram matrix.

use rayon::prelude::*;

use crate::arrays::gram::Gram;
use crate::arrays::neurons::Blocks;
use crate::arrays::product::slice;
use crate::arrays::sums::squared_difference;
use crate::arrays::tiles::Tile;
use crate::error::Error;

/// |x_i|^2 + |x_j|^2 - 2 x_i.x_j has lost digits when it is not more than this share of |x_i|^2 +
/// |x_j|^2: such a distance is computed again from the differences.
pub(crate) const CANCELLED: f64 = 0.25;

#[inline(always)]
pub(crate) fn is_accurate(expanded: f64, both: f64) -> bool {
    expanded > CANCELLED * both
}

/// Squared distances between examples that cancel in the Gram matrix, computed from the
/// differences.
#[derive(Debug)]
pub(crate) struct NearDistances {
    /// The pairs, the larger number first, in ascending order of the smaller one and then of the
    /// larger.
    pairs: Vec<(u32, u32)>,
    squared: Vec<f64>,
}

impl NearDistances {
    /// Looks for such pairs, and sums their differences over the blocks of neurons in another pass,
    /// where there are any.
    ///
    /// # Errors
    /// Those of the pass.
    pub(crate) fn new(gram: &Gram, each_block: &Blocks<'_>) -> Result<Self, Error> {
        let norms = gram.diagonal();
        let of_column = |j: usize| {
            let near = |i: &usize| {
                let both = norms[*i] + norms[j];
                !is_accurate(both - 2.0 * gram.get(*i, j), both)
            };
            (j + 1..norms.len()).filter(near).map(move |i| (i as u32, j as u32)).collect::<Vec<_>>()
        };
        let pairs: Vec<(u32, u32)> = (0..norms.len()).into_par_iter().flat_map_iter(of_column).collect();
        let mut squared = vec![0.0; pairs.len()];
        if !pairs.is_empty() {
            each_block(&mut |block| {
                // One example a column, so that a difference runs over contiguous values.
                let examples = block.transpose().to_owned();
                squared.par_iter_mut().zip(&pairs).with_min_len(64).for_each(|(squared, &(i, j))| {
                    *squared += squared_difference(slice(examples.as_ref(), i as usize), slice(examples.as_ref(), j as usize));
                });
                Ok(())
            })?;
        }
        Ok(Self { pairs, squared })
    }

    /// Corrects the squared distances of a tile.
    pub(crate) fn correct(&self, tile: &Tile, entries: &mut [f64]) {
        let from = self.pairs.partition_point(|&(_, j)| (j as usize) < tile.columns.start);
        let to = self.pairs.partition_point(|&(_, j)| (j as usize) < tile.columns.end);
        for (&(i, j), squared) in self.pairs[from..to].iter().zip(&self.squared[from..to]) {
            let (i, j) = (i as usize, j as usize);
            if tile.rows.contains(&i) {
                entries[(j - tile.columns.start) * tile.rows.len() + i - tile.rows.start] = *squared;
            }
        }
    }

    pub(crate) fn get(&self, i: usize, j: usize) -> Option<f64> {
        let (i, j) = (i.max(j) as u32, i.min(j) as u32);
        self.pairs.binary_search_by_key(&(j, i), |&(i, j)| (j, i)).ok().map(|place| self.squared[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::tiles::Tiling;

    /// In each of several tiles the pairs whose columns it has, and no others.
    #[test]
    fn every_tile_gets_its_own_pairs() {
        let pairs: Vec<(u32, u32)> = vec![(1, 0), (9, 0), (4, 3), (8, 3), (5, 4), (9, 8)];
        let squared: Vec<f64> = (1..=pairs.len()).map(|number| number as f64).collect();
        let near = NearDistances { pairs: pairs.clone(), squared };
        let mut seen = Vec::new();
        for tile in Tiling::new(10, 3).tiles() {
            let mut entries = vec![0.0; tile.rows.len() * tile.columns.len()];
            near.correct(&tile, &mut entries);
            for (place, entry) in entries.into_iter().enumerate().filter(|(_, entry)| *entry != 0.0) {
                let (i, j) = (tile.rows.start + place % tile.rows.len(), tile.columns.start + place / tile.rows.len());
                assert_eq!(near.get(j, i), Some(entry), "({i}, {j})");
                seen.push((j as u32, i as u32));
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, pairs.iter().map(|&(i, j)| (j, i)).collect::<Vec<_>>());
        assert_eq!(near.get(2, 1), None);
    }
}
