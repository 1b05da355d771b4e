//! How a sweep is cut so that it fits: rows into blocks, pairs of layers into tiles.

use std::fmt;

use super::super::bytes::Bytes;
use crate::moments::factor;

/// Rows of a block, where memory allows it: more is not faster, and the bits of the results do not
/// depend on the memory.
const ROWS: usize = 1024;
/// Rows of a block at least. Fewer would spend the time on moving means.
const FEWEST_ROWS: usize = 64;
/// What the program itself, its threads and their products' packed panels take; twice what was
/// measured.
const OVERHEAD: u64 = 48 << 20;

const F64: u64 = size_of::<f64>() as u64;

/// How a streamed sweep goes over its layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocking {
    /// Rows that are read at a time, of each layer of a tile.
    pub rows: usize,
    /// Layers on each side of a tile of pairs whose moments are gathered in one pass over the rows.
    pub tile: usize,
    /// Whether the moments of layers with themselves are gathered in the passes of their pairs, or
    /// in passes of their own before.
    pub together: bool,
    /// Whether one pass is enough.
    pub once: bool,
    /// Bytes of memory at most; more where the allocator keeps what is freed (glibc's does, unless
    /// it is told not to as the program tells it).
    pub memory: u64,
}

impl fmt::Display for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, tile, memory, once, .. } = *self;
        let tiles = if once { "all pairs of layers at once".to_string() } else { format!("tiles of up to {tile} x {tile} layers") };
        write!(f, "blocks of {rows} rows, {tiles}, at most {} of memory", Bytes(memory))
    }
}

/// What the layers need.
pub(super) struct Need<'a> {
    pub(super) n: usize,
    /// Neurons of the layers of each side.
    pub(super) rows: &'a [usize],
    pub(super) columns: &'a [usize],
    pub(super) with_row_norms: bool,
    /// Whether moments of the pairs are gathered.
    pub(super) moments: bool,
    /// Whether the triangular factor of the layers of a tile is gathered, and whether they are
    /// looked at without centering too.
    pub(super) factor: Option<bool>,
}

impl Need<'_> {
    /// The largest tiles that fit.
    pub(super) fn blocking(&self, limit: u64) -> Option<Blocking> {
        let mut rows = ROWS;
        loop {
            let memory = self.everything(rows);
            if memory <= limit {
                let tile = self.rows.len().max(self.columns.len());
                return Some(Blocking { rows, tile, together: true, once: true, memory });
            }
            let fitting = |together: bool| {
                let tile = self.largest_tile(rows, together, limit)?;
                Some(Blocking { rows, tile, together, once: false, memory: self.tiles(tile, rows, together) })
            };
            if let Some(apart) = fitting(false) {
                // Without passes of their own for the layers with themselves, unless more passes
                // for the pairs would be the price.
                let cheaper = fitting(true).filter(|together| self.count(together.tile) == self.count(apart.tile));
                return Some(cheaper.unwrap_or(apart));
            }
            if rows == FEWEST_ROWS {
                return None;
            }
            rows /= 2;
        }
    }

    /// The layers on each side of the largest tile that fits.
    fn largest_tile(&self, rows: usize, together: bool, limit: u64) -> Option<usize> {
        // It stands between one that fits and one that does not.
        let (mut fits, mut too_large) = (0, self.rows.len().max(self.columns.len()) + 1);
        while fits + 1 < too_large {
            let middle = fits + (too_large - fits) / 2;
            if self.tiles(middle, rows, together) <= limit { fits = middle } else { too_large = middle }
        }
        (fits > 0).then_some(fits)
    }

    /// Tiles of this many layers on each side.
    fn count(&self, tile: usize) -> usize {
        self.rows.len().div_ceil(tile) * self.columns.len().div_ceil(tile)
    }

    /// Bytes below which nothing can be done.
    pub(super) fn least(&self) -> u64 {
        self.tiles(1, FEWEST_ROWS, false)
    }

    /// The widest layer of each side.
    pub(super) fn widest(&self) -> (usize, usize) {
        let widest = |widths: &[usize]| (0..widths.len()).max_by_key(|&index| widths[index]).unwrap_or(0);
        (widest(self.rows), widest(self.columns))
    }

    /// Bytes for all pairs, and all layers with themselves, at once.
    fn everything(&self, rows: usize) -> u64 {
        all([
            self.pairs(self.rows, self.columns),
            self.itself(self.rows),
            self.itself(self.columns),
            self.blocks(self.rows, self.columns, rows),
            self.factors(self.rows, self.columns, rows),
            OVERHEAD,
        ])
    }

    /// Bytes of the largest of the tiles of this many layers on each side, and of as many layers
    /// with themselves: in the same pass or in one of their own.
    fn tiles(&self, tile: usize, rows: usize, together: bool) -> u64 {
        let heaviest = |layers: &[usize]| {
            let weight = |part: &&[usize]| part.iter().sum::<usize>();
            layers.chunks(tile).max_by_key(weight).map_or(Vec::new(), <[usize]>::to_vec)
        };
        let (a, b) = (heaviest(self.rows), heaviest(self.columns));
        let mut widest: Vec<usize> = self.rows.iter().chain(self.columns).copied().collect();
        widest.sort_unstable_by(|a, b| b.cmp(a));
        widest.truncate(tile);
        let pairs = all([self.pairs(&a, &b), self.blocks(&a, &b, rows), self.factors(&a, &b, rows)]);
        let alone = all([self.itself(&widest), self.blocks(&widest, &[], rows), self.factors(&widest, &[], rows)]);
        let pairs = if together { all([pairs, self.itself(&a), self.itself(&b)]) } else { pairs };
        all([OVERHEAD, alone.max(pairs)])
    }

    /// Bytes of the factor of layers of these widths side by side: while it is gathered, or while
    /// its layers are compared.
    fn factors(&self, a: &[usize], b: &[usize], rows: usize) -> u64 {
        let Some(with_uncentered) = self.factor else { return 0 };
        let neurons = a.iter().chain(b).map(|&p| p as u64).fold(0, u64::saturating_add);
        let widest = a.iter().chain(b).map(|&p| p as u64).max().unwrap_or(0);
        // The factor, its features and their bases; what pairs that are compared at once take.
        let kept = if with_uncentered { 5 } else { 3 };
        let pairs = (rayon::current_num_threads() as u64).saturating_mul(8).saturating_mul(widest).saturating_mul(widest);
        let comparing = kept * neurons.saturating_mul(neurons + 1);
        factor::bytes(neurons, rows as u64).max(comparing.saturating_add(pairs).saturating_mul(F64))
    }

    /// Bytes of the moments of all pairs of these widths.
    fn pairs(&self, a: &[usize], b: &[usize]) -> u64 {
        if !self.moments {
            return 0;
        }
        let total = |widths: &[usize]| widths.iter().map(|&p| p as u64).fold(0, u64::saturating_add);
        // The row-norm sums of a pair, and what a block adds to them.
        let norms = total(a).saturating_mul(b.len() as u64).saturating_add(total(b).saturating_mul(a.len() as u64)).saturating_mul(2);
        let norms = if self.with_row_norms { norms } else { 0 };
        total(a).saturating_mul(total(b)).saturating_add(norms).saturating_mul(F64)
    }

    /// Bytes of the moments of layers of these widths, each with itself.
    fn itself(&self, widths: &[usize]) -> u64 {
        widths.iter().map(|&p| self.pairs(&[p], &[p])).fold(0, u64::saturating_add)
    }

    /// Bytes of a block of rows as read, of the next one, and of the centered one.
    fn blocks(&self, a: &[usize], b: &[usize], rows: usize) -> u64 {
        let width = a.iter().chain(b).map(|&p| p as u64 + 1).fold(0, u64::saturating_add);
        (3 * F64 * (rows.min(self.n) as u64 + 1)).saturating_mul(width)
    }
}

/// The sum, or the largest integer where it is beyond.
fn all<const N: usize>(bytes: [u64; N]) -> u64 {
    bytes.into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
#[path = "blocking_tests.rs"]
mod tests;
