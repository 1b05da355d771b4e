//! Symmetric n x n matrices as square tiles of their lower triangle, kept in memory or computed
//! again in each pass.
//!
//! Every pass takes the tiles in one fixed order of sums, so that a value depends neither on the
//! number of threads nor on whether the tiles are kept.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::arrays::operations::count;

/// Rows and columns of a tile, about: its product runs at the speed of a large one, and what is
/// done to it next finds it in the cache.
pub(crate) const WIDTH: usize = 512;

/// The same for n examples: of few, narrower ones, so that there are some for each thread.
pub(crate) fn width_for(n: usize) -> usize {
    if n <= 2 * WIDTH { WIDTH / 2 } else { WIDTH }
}

/// A partition of the examples into blocks of one size, but for the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tiling {
    n: usize,
    width: usize,
}

/// A block of rows by a block of columns, on the diagonal or below it. Its entries are column-major
/// and follow each other without gaps.
#[derive(Debug, Clone)]
pub(crate) struct Tile {
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

/// Where tiles are between two passes.
#[derive(Debug)]
pub(crate) enum Store {
    /// In memory, one after the other, each in the room of a whole one; empty until the first pass
    /// has filled it.
    Kept { entries: Vec<f64>, filled: bool },
    /// Nowhere.
    Dropped,
}

impl Tiling {
    /// Blocks of at most `width` examples.
    pub(crate) fn new(n: usize, width: usize) -> Self {
        Self { n, width: n.div_ceil(n.div_ceil(width)) }
    }

    /// The number of examples.
    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// The tile, by its place in the order, of an entry on the diagonal or below it, and the
    /// entry's place in the tile.
    pub(crate) fn place(&self, row: usize, column: usize) -> (usize, usize) {
        let (i, j) = (row / self.width, column / self.width);
        let rows = self.width.min(self.n - i * self.width);
        (self.index_of(i, j), (column % self.width) * rows + row % self.width)
    }

    /// The place in the order of a tile, where it is one of these.
    pub(crate) fn index(&self, tile: &Tile) -> Option<usize> {
        let of = |range: &Range<usize>| {
            let block = range.start / self.width;
            (*range == self.block(block)).then_some(block)
        };
        Some(self.index_of(of(&tile.rows)?, of(&tile.columns)?))
    }

    /// Columns of tiles come one after the other.
    fn index_of(&self, i: usize, j: usize) -> usize {
        j * self.blocks() - j * j.saturating_sub(1) / 2 + i - j
    }

    fn block(&self, index: usize) -> Range<usize> {
        index * self.width..((index + 1) * self.width).min(self.n)
    }

    /// How many blocks of examples there are.
    pub(crate) fn blocks(&self) -> usize {
        self.n.div_ceil(self.width)
    }

    /// How many tiles there are.
    pub(crate) fn count(&self) -> usize {
        self.blocks() * (self.blocks() + 1) / 2
    }

    /// How many f64 the tiles of a matrix take when they are kept.
    pub(crate) fn entries(&self) -> usize {
        self.count() * self.tile_entries()
    }

    /// How many f64 a tile takes.
    pub(crate) fn tile_entries(&self) -> usize {
        self.width * self.width
    }

    /// All tiles, in order: column of tiles by column of tiles.
    pub(crate) fn tiles(&self) -> Vec<Tile> {
        let column = |j: usize| (j..self.blocks()).map(move |i| Tile { rows: self.block(i), columns: self.block(j) });
        (0..self.blocks()).flat_map(column).collect()
    }

    /// Room for the tiles of a matrix, where they are to be kept.
    pub(crate) fn store(&self, keep: bool) -> Store {
        if keep { Store::Kept { entries: vec![0.0; self.entries()], filled: false } } else { Store::Dropped }
    }

    /// Threads for the product of a tile: one, where there are tiles enough for all threads.
    pub(crate) fn parallelism(&self) -> Par {
        if self.count() >= 4 * rayon::current_num_threads() { Par::Seq } else { Par::rayon(0) }
    }

    /// Tiles that one thread takes at once, at most: few enough for threads to end together, and
    /// several, so that they share their room.
    pub(crate) fn batch(&self) -> usize {
        (self.count() / (16 * rayon::current_num_threads())).max(1)
    }

    /// Gives every tile to `visit`, which may change it, and answers what it answered, in the order
    /// of tiles. A tile that is not there is what `compute` makes of it.
    pub(crate) fn pass<R: Send>(
        &self,
        store: &mut Store,
        compute: impl Fn(&Tile, &mut [f64]) + Sync,
        visit: impl Fn(&Tile, &mut [f64]) -> R + Sync,
    ) -> Vec<R> {
        let tiles = self.tiles().into_par_iter();
        match store {
            Store::Kept { entries, filled } => {
                let is_filled = std::mem::replace(filled, true);
                let rooms = entries.par_chunks_exact_mut(self.tile_entries());
                let one = |(tile, room): (Tile, &mut [f64])| {
                    if !is_filled {
                        compute(&tile, room);
                    }
                    visit(&tile, room)
                };
                tiles.zip(rooms).map(one).with_max_len(self.batch()).collect()
            }
            Store::Dropped => tiles
                .with_max_len(self.batch())
                .map_init(Vec::new, |room, tile| {
                    let room = self.room(room);
                    compute(&tile, room);
                    visit(&tile, room)
                })
                .collect(),
        }
    }

    /// Room for a tile.
    pub(crate) fn room<'a>(&self, room: &'a mut Vec<f64>) -> &'a mut [f64] {
        room.resize(self.tile_entries(), 0.0);
        room
    }

    /// A tile that is kept, by its place in the order.
    pub(crate) fn kept<'a>(&self, entries: &'a [f64], index: usize) -> &'a [f64] {
        &entries[index * self.tile_entries()..][..self.tile_entries()]
    }
}

impl Tile {
    /// Whether it holds a part of the diagonal, and is itself a lower triangle: what lies above is
    /// of no account.
    pub(crate) fn is_diagonal(&self) -> bool {
        self.rows.start == self.columns.start
    }

    fn len(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    fn within_mut<'a>(&self, room: &'a mut [f64]) -> &'a mut [f64] {
        &mut room[..self.len()]
    }

    /// The first row, of the matrix, that lies below the diagonal in a column of it.
    fn first_below(&self, column: usize) -> usize {
        if self.is_diagonal() { column + 1 } else { self.rows.start }
    }

    /// The first of its rows.
    pub(crate) fn first_row(&self) -> usize {
        self.rows.start
    }

    /// Each column below the diagonal: which, from which row on, and its entries.
    pub(crate) fn below<'a>(&self, entries: &'a [f64]) -> impl Iterator<Item = (usize, usize, &'a [f64])> {
        self.columns.clone().zip(entries[..self.len()].chunks_exact(self.rows.len())).map(|(column, entries)| {
            let first = self.first_below(column);
            (column, first, &entries[first - self.rows.start..])
        })
    }

    /// The same, to write into.
    pub(crate) fn below_mut<'a>(&self, entries: &'a mut [f64]) -> impl Iterator<Item = (usize, usize, &'a mut [f64])> {
        let length = self.len();
        self.columns.clone().zip(entries[..length].chunks_exact_mut(self.rows.len())).map(|(column, entries)| {
            let first = self.first_below(column);
            (column, first, &mut entries[first - self.rows.start..])
        })
    }

    /// The entries on the diagonal; none in a tile below it.
    pub(crate) fn diagonal<'a>(&self, entries: &'a [f64]) -> impl Iterator<Item = &'a f64> {
        entries[..if self.is_diagonal() { self.len() } else { 0 }].iter().step_by(self.rows.len() + 1)
    }

    /// The same, to write into.
    pub(crate) fn diagonal_mut<'a>(&self, entries: &'a mut [f64]) -> impl Iterator<Item = &'a mut f64> {
        entries[..if self.is_diagonal() { self.len() } else { 0 }].iter_mut().step_by(self.rows.len() + 1)
    }

    /// Adds the inner products of its examples, rows of `x`, to the entries, or replaces these.
    pub(crate) fn add_products(&self, x: MatRef<'_, f64>, entries: &mut [f64], accumulate: Accum, parallelism: Par) {
        let examples = |range: &Range<usize>| x.subrows(range.start, range.len());
        let (rows, columns) = (examples(&self.rows), examples(&self.columns).transpose());
        let to = MatMut::from_column_major_slice_mut(self.within_mut(entries), self.rows.len(), self.columns.len());
        let entries = self.rows.len() * self.columns.len();
        count(x.ncols() * if self.is_diagonal() { entries.div_ceil(2) } else { entries });
        if self.is_diagonal() {
            let whole = BlockStructure::Rectangular;
            triangular::matmul(to, BlockStructure::TriangularLower, accumulate, rows, whole, columns, whole, 1.0, parallelism);
        } else {
            matmul(to, accumulate, rows, columns, 1.0, parallelism);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_lower_triangle_once() {
        for (n, width) in [(1, 4), (2, 1), (7, 3), (12, 4), (13, 4), (1030, 512)] {
            let tiling = Tiling::new(n, width);
            let mut times = vec![0; n * n];
            let mut store = tiling.store(true);
            let diagonal: usize = tiling
                .pass(
                    &mut store,
                    |_, _| (),
                    |tile, entries| {
                        (
                            tile.clone(),
                            tile.diagonal(entries).count(),
                            tile.below(entries).map(|(j, i, below)| (j, i..i + below.len())).collect::<Vec<_>>(),
                        )
                    },
                )
                .into_iter()
                .map(|(tile, diagonal, columns)| {
                    assert!(tile.rows.len() <= width && tile.columns.len() <= width);
                    columns.into_iter().for_each(|(j, rows)| rows.for_each(|i| times[i * n + j] += 1));
                    diagonal
                })
                .sum();
            assert_eq!(diagonal, n);
            for (place, times) in times.iter().enumerate() {
                assert_eq!(*times, usize::from(place / n > place % n), "{n} examples in blocks of {width}, entry {place}");
            }
        }
    }
}
