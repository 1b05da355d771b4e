//! Products A' B of few columns, as inner products of columns that are in the cache.
//!
//! A general product copies both factors into an order of its own first, and computes a symmetric
//! one in blocks that reach beyond its diagonal. Columns that stand in cache lines of their own can
//! be multiplied where they are: an entry is a sum over as many lanes as the machine has, over
//! [`DEEP`] rows at a time. Such a sum errs by no more than one that is added up one after the
//! other.

use std::ops::Range;

use faer::MatRef;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::arrays::columns::Columns;
use crate::arrays::product::slice;

/// Rows that are multiplied at a time: those of a hundred columns or two are in a cache of 2 MiB.
const DEEP: usize = 512;

/// Rows and columns of a tile of the product, whose sums are in registers.
const TILE: usize = 4;

/// Multiply-adds up to which a product is sooner done so (measured for 1000 x 100; a general one is
/// sooner done for 2000 x 128), and up to which half of a symmetric one is.
const FEW: usize = 1 << 24;
const FEW_OF_HALF: usize = 1 << 27;

/// Multiply-adds that one thread does before another is asked to.
const ALONE: usize = 1 << 20;

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entries {
    All,
    /// Those on the diagonal and below it.
    Lower,
}

/// Whether a machine multiplies so many numbers at once that this is worth while.
struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F64_LANES
    }
}

/// A' B, where that is sooner done so; none where it is not.
pub(crate) fn multiply(a: MatRef<'_, f64>, b: MatRef<'_, f64>, entries: Entries) -> Option<Columns<f64>> {
    let (n, p, q) = (a.nrows(), a.ncols(), b.ncols());
    let few = if entries == Entries::All { FEW } else { FEW_OF_HALF };
    let arch = pulp::Arch::new();
    let is_short = (1..=few).contains(&(n * p * q)) && a.row_stride() == 1 && b.row_stride() == 1;
    if !is_short || arch.dispatch(Lanes) < TILE {
        return None;
    }
    Some(filled(a, b, entries, |panel| arch.dispatch(panel)))
}

/// A' B, each panel of it done as `done` does.
fn filled(a: MatRef<'_, f64>, b: MatRef<'_, f64>, entries: Entries, done: impl Fn(Panel<'_>) + Sync) -> Columns<f64> {
    let (n, p, q) = (a.nrows(), a.ncols(), b.ncols());
    let [left, right] = [a, b].map(|side| (0..side.ncols()).map(|column| slice(side, column)).collect::<Vec<_>>());
    let mut product = Columns::unset(p, q);
    let stride = product.stride();
    let panels = product.panels_mut(TILE).enumerate().with_min_len((ALONE / (n * p * TILE)).max(1));
    panels.for_each(|(number, to)| {
        let column = number * TILE;
        let from = if entries == Entries::All { 0 } else { column };
        done(Panel { left: &left, right: &right[column..(column + TILE).min(q)], to, stride, from });
    });
    product
}

/// At most [`TILE`] columns of a product, from a row on.
struct Panel<'a> {
    left: &'a [&'a [f64]],
    right: &'a [&'a [f64]],
    to: &'a mut [f64],
    stride: usize,
    from: usize,
}

impl WithSimd for Panel<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { left, right, to, stride, from } = self;
        let n = right[0].len();
        // Sixteen sums and what is multiplied have room in 32 registers, not in 16.
        let (half, wide) = (TILE / 2, S::F64_LANES > TILE && right.len() > TILE / 2);
        for first in (0..n).step_by(DEEP) {
            let rows = first..(first + DEEP).min(n);
            for row in (from..left.len()).step_by(TILE) {
                let left_lines = lines(left, row, &rows);
                let mut add = |column: usize, sums: &[[f64; TILE]]| {
                    for (to, sums) in to[column * stride..].chunks_mut(stride).zip(sums) {
                        let to = &mut to[row..left.len().min(row + TILE)];
                        if first == 0 {
                            to.copy_from_slice(&sums[..to.len()]);
                        } else {
                            to.iter_mut().zip(sums).for_each(|(to, sum)| *to += sum);
                        }
                    }
                };
                if wide {
                    add(0, &tile::<S, TILE>(simd, left_lines, lines(right, 0, &rows)));
                    continue;
                }
                for column in (0..right.len()).step_by(half) {
                    add(column, &tile::<S, { TILE / 2 }>(simd, left_lines, lines(right, column, &rows)));
                }
            }
        }
    }
}

/// Some rows of columns from this one on; beyond the last column stands that one again, and nobody
/// looks at what comes of it.
#[inline(always)]
fn lines<'a, const C: usize>(columns: &[&'a [f64]], first: usize, rows: &Range<usize>) -> [&'a [f64]; C] {
    std::array::from_fn(|place| &columns[(first + place).min(columns.len() - 1)][rows.clone()])
}

/// The inner products of [`TILE`] columns with some others, all of one length.
#[inline(always)]
fn tile<S: Simd, const C: usize>(simd: S, left: [&[f64]; TILE], right: [&[f64]; C]) -> [[f64; TILE]; C] {
    // Loops, and no closures: what these hold would be compiled for the least of machines.
    let zero = simd.splat_f64s(0.0);
    let mut sums = [[zero; TILE]; C];
    let lanes = S::F64_LANES;
    let whole = left[0].len() / lanes * lanes;
    let mut lines: [&[S::f64s]; TILE] = [&[]; TILE];
    let mut columns: [&[S::f64s]; C] = [&[]; C];
    for row in 0..TILE {
        lines[row] = &S::as_simd_f64s(left[row]).0[..whole / lanes];
    }
    for column in 0..C {
        columns[column] = &S::as_simd_f64s(right[column]).0[..whole / lanes];
    }
    let mut x = [zero; TILE];
    for place in 0..whole / lanes {
        for row in 0..TILE {
            x[row] = lines[row][place];
        }
        for column in 0..C {
            let y = columns[column][place];
            for row in 0..TILE {
                sums[column][row] = simd.mul_add_e_f64s(x[row], y, sums[column][row]);
            }
        }
    }
    if whole < left[0].len() {
        for row in 0..TILE {
            x[row] = simd.partial_load_f64s(&left[row][whole..]);
        }
        for column in 0..C {
            let y = simd.partial_load_f64s(&right[column][whole..]);
            for row in 0..TILE {
                sums[column][row] = simd.mul_add_e_f64s(x[row], y, sums[column][row]);
            }
        }
    }
    let mut totals = [[0.0; TILE]; C];
    for column in 0..C {
        for row in 0..TILE {
            totals[column][row] = simd.reduce_sum_f64s(sums[column][row]);
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers, whose products are exact: nothing is left out or counted twice, whatever is
    /// left of a tile, of lanes, of rows that are multiplied at a time.
    #[test]
    fn every_entry_is_a_sum_over_all_rows() {
        for (n, p, q) in [(1, 1, 1), (2, 3, 2), (9, 4, 5), (100, 10, 10), (511, 7, 6), (513, 5, 9), (1100, 9, 3)] {
            let numbers = |p: usize, seed: usize| {
                let mut matrix = Columns::unset(n, p);
                let entry = |row: usize, column: usize| ((row * 7 + column * 13 + seed + row * column) % 17) as f64 - 8.0;
                matrix
                    .columns_mut()
                    .enumerate()
                    .for_each(|(column, to)| to.iter_mut().enumerate().for_each(|(row, to)| *to = entry(row, column)));
                matrix
            };
            let (a, b) = (numbers(p, 1), numbers(q, 2));
            let entry = |a: &Columns<f64>, b: &Columns<f64>, row: usize, column: usize| {
                a.column(row).iter().zip(b.column(column)).map(|(a, b)| a * b).sum::<f64>()
            };
            let check = |name: &str, done: &(dyn Fn(Panel<'_>) + Sync)| {
                let (all, lower) =
                    (filled(a.as_ref(), b.as_ref(), Entries::All, done), filled(a.as_ref(), a.as_ref(), Entries::Lower, done));
                for (row, column) in (0..p).flat_map(|row| (0..q).map(move |column| (row, column))) {
                    assert_eq!(all.as_ref()[(row, column)], entry(&a, &b, row, column), "{name}, {n} {p} {q}: {row}, {column}");
                }
                for (row, column) in (0..p).flat_map(|row| (0..=row).map(move |column| (row, column))) {
                    assert_eq!(lower.as_ref()[(row, column)], entry(&a, &a, row, column), "{name}, {n} {p}: {row}, {column}");
                }
            };
            // Whatever lanes this machine has, and those of lesser ones.
            let (arch, one) = (pulp::Arch::new(), pulp::Scalar::new());
            check("this machine", &|panel| arch.dispatch(panel));
            check("one lane", &|panel| Simd::vectorize(one, panel));
            #[cfg(target_arch = "x86_64")]
            if let Some(four) = pulp::x86::V3::try_new() {
                check("four lanes", &|panel| Simd::vectorize(four, panel));
            }
        }
    }

    #[test]
    fn large_products_and_rows_that_are_apart_are_left_to_others() {
        let values = vec![1.0; 12];
        let (columns, rows) = (MatRef::from_column_major_slice(&values, 4, 3), MatRef::from_row_major_slice(&values, 4, 3));
        assert!(multiply(columns, rows, Entries::All).is_none() && multiply(rows, columns, Entries::All).is_none());
        for (rows, columns) in [(0, 3), (4, 0)] {
            let nothing = Columns::<f64>::unset(rows, columns);
            assert!(multiply(nothing.as_ref(), nothing.as_ref(), Entries::Lower).is_none());
        }
        let wide = Columns::<f64>::unset(1, FEW / 4096 + 1);
        assert!(multiply(wide.as_ref(), wide.as_ref(), Entries::All).is_none());
    }
}
