//! How a sweep is cut so that it fits: rows into blocks, pairs of layers into tiles.

use std::fmt;

use super::super::memory::Bytes;

/// Rows of a block, where memory allows it: more is not faster, and the bits of the results do not depend on the memory.
const ROWS: usize = 1024;
/// Rows of a block at least. Fewer would spend the time on moving means.
const FEWEST_ROWS: usize = 64;
/// What the program itself, its threads and their products' packed panels take; twice what was measured.
const OVERHEAD: u64 = 48 << 20;

const F64: u64 = size_of::<f64>() as u64;

/// How a streamed sweep goes over its layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocking {
    /// Rows that are read at a time, of each layer of a tile.
    pub rows: usize,
    /// Layers on each side of a tile of pairs whose moments are gathered in one pass over the rows.
    pub tile: usize,
    /// Whether one pass is enough: then the layers' moments with themselves are gathered in it too.
    pub once: bool,
    /// Bytes of memory at most; more where the allocator keeps what is freed (glibc's does, unless it is told not to as the program tells it).
    pub memory: u64,
}

impl fmt::Display for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, tile, memory, once } = *self;
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
}

impl Need<'_> {
    /// The largest tiles that fit.
    pub(super) fn blocking(&self, limit: u64) -> Option<Blocking> {
        let largest = self.rows.len().max(self.columns.len());
        let mut rows = ROWS;
        loop {
            let memory = self.everything(rows);
            if memory <= limit {
                return Some(Blocking { rows, tile: largest, once: true, memory });
            }
            if self.tiles(1, rows) <= limit {
                // The largest tile that fits stands between one that does and one that does not.
                let (mut fits, mut too_large) = (1, largest + 1);
                while fits + 1 < too_large {
                    let middle = fits + (too_large - fits) / 2;
                    if self.tiles(middle, rows) <= limit { fits = middle } else { too_large = middle }
                }
                return Some(Blocking { rows, tile: fits, once: false, memory: self.tiles(fits, rows) });
            }
            if rows == FEWEST_ROWS {
                return None;
            }
            rows /= 2;
        }
    }

    /// Bytes below which nothing can be done.
    pub(super) fn least(&self) -> u64 {
        self.tiles(1, FEWEST_ROWS)
    }

    /// The widest layer of each side.
    pub(super) fn widest(&self) -> (usize, usize) {
        let widest = |widths: &[usize]| (0..widths.len()).max_by_key(|&index| widths[index]).unwrap_or(0);
        (widest(self.rows), widest(self.columns))
    }

    /// Bytes for all pairs, and all layers with themselves, at once.
    fn everything(&self, rows: usize) -> u64 {
        let itself = |widths: &[usize]| widths.iter().map(|&p| self.pairs(&[p], &[p])).sum::<u64>();
        self.pairs(self.rows, self.columns)
            + itself(self.rows)
            + itself(self.columns)
            + self.blocks(self.rows, self.columns, rows)
            + OVERHEAD
    }

    /// Bytes of the largest of the tiles of this many layers on each side, and of as many layers with themselves.
    fn tiles(&self, tile: usize, rows: usize) -> u64 {
        let heaviest = |layers: &[usize]| {
            let weight = |part: &&[usize]| part.iter().sum::<usize>();
            layers.chunks(tile).max_by_key(weight).map_or(Vec::new(), <[usize]>::to_vec)
        };
        let (a, b) = (heaviest(self.rows), heaviest(self.columns));
        let mut widest: Vec<usize> = self.rows.iter().chain(self.columns).copied().collect();
        widest.sort_unstable_by(|a, b| b.cmp(a));
        widest.truncate(tile);
        let selves = widest.iter().map(|&p| self.pairs(&[p], &[p])).sum::<u64>() + self.blocks(&widest, &[], rows);
        OVERHEAD + selves.max(self.pairs(&a, &b) + self.blocks(&a, &b, rows))
    }

    /// Bytes of the moments of all pairs of these widths.
    fn pairs(&self, a: &[usize], b: &[usize]) -> u64 {
        let total = |widths: &[usize]| widths.iter().map(|&p| p as u64).sum::<u64>();
        // The row-norm sums of a pair, and what a block adds to them.
        let norms = if self.with_row_norms { 2 * (total(a) * b.len() as u64 + total(b) * a.len() as u64) } else { 0 };
        F64 * (total(a) * total(b) + norms)
    }

    /// Bytes of a block of rows as read, of the next one, and of the centered one.
    fn blocks(&self, a: &[usize], b: &[usize], rows: usize) -> u64 {
        let width: u64 = a.iter().chain(b).map(|&p| p as u64 + 1).sum();
        3 * F64 * (rows.min(self.n) as u64 + 1) * width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(widths: &[usize]) -> Need<'_> {
        Need { n: 10_000, rows: widths, columns: widths, with_row_norms: false }
    }

    #[test]
    fn tiles_shrink_with_the_memory_and_never_exceed_it() {
        let widths = [512; 50];
        let need = need(&widths);
        assert!(need.blocking(8 << 30).unwrap().once);
        let mut last = usize::MAX;
        for mebibytes in [4096, 2048, 1024, 512, 256, 160, 110] {
            let limit = mebibytes << 20;
            let blocking = need.blocking(limit).unwrap();
            assert!(blocking.memory <= limit && blocking.tile <= last && !blocking.once, "{mebibytes} MiB: {blocking:?}");
            // One layer more would not fit.
            assert!(need.tiles(blocking.tile + 1, blocking.rows) > limit, "{mebibytes} MiB: {blocking:?}");
            last = blocking.tile;
        }
        assert_eq!(need.blocking(50 << 20), None);
    }

    #[test]
    fn fewer_rows_before_giving_up() {
        // 2 x 74 MB for the rows of two layers beside 69 MB for their moments.
        let widths = [3000, 50];
        let need = Need { n: 100_000, rows: &widths, columns: &widths, with_row_norms: true };
        let blocking = need.blocking(200 << 20).unwrap();
        assert!(blocking.rows < ROWS && blocking.rows >= FEWEST_ROWS && blocking.memory <= 200 << 20, "{blocking:?}");
        assert_eq!(need.widest(), (0, 0));
        assert!((120 << 20..135 << 20).contains(&need.least()), "{}", need.least());
    }
}
