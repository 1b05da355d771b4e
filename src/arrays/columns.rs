//! Column-major matrices: memory that costs little to get, filling them from any view, centering
//! their columns.

use std::fmt;

use bytemuck::Pod;
use faer::prelude::ReborrowMut;
use faer::{ColMut, ColRef, MatMut, MatRef};
use rayon::prelude::*;

use crate::arrays::pages::Pages;
use crate::arrays::sums::{RUN, map_and_sum, sum, vectorised};

/// From this many bytes on a matrix has pages of its own, which wait for the next one. The
/// allocator gives two such back to the system and gets them anew page by page: in a comparison of
/// 1000 x 100 that took as long as all of its arithmetic. Smaller ones it keeps.
const OWN_PAGES: usize = 1 << 15;

/// A column-major matrix.
pub struct Columns<T> {
    memory: Memory<T>,
    rows: usize,
    columns: usize,
    /// From a column to the next.
    stride: usize,
}

enum Memory<T> {
    Pages(Pages),
    /// Values, of which the first ones are skipped: the others begin with a cache line.
    Values(Vec<T>, usize),
}

/// Bytes of a cache line.
const LINE: usize = 64;

impl<T: Pod + Send + Sync> Columns<T> {
    /// A matrix of whatever was in its memory, to be written before it is read.
    pub(crate) fn unset(rows: usize, columns: usize) -> Self {
        let stride = stride(rows, size_of::<T>());
        let bytes = stride * columns * size_of::<T>();
        let memory = match (bytes >= OWN_PAGES).then(|| Pages::new(bytes)).flatten() {
            Some(pages) => Memory::Pages(pages),
            // Where the system has no such pages to give, the allocator answers as it always does.
            None => {
                let values = vec![T::zeroed(); stride * columns + LINE / size_of::<T>()];
                let skipped = values.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
                Memory::Values(values, skipped)
            }
        };
        let mut matrix = Self { memory, rows, columns, stride };
        if cfg!(any(test, debug_assertions)) {
            // NaN, as f64 and as f32: what is read all the same shows.
            bytemuck::cast_slice_mut::<T, u8>(matrix.values_mut()).fill(u8::MAX);
        }
        matrix
    }

    fn values(&self) -> &[T] {
        match &self.memory {
            Memory::Pages(pages) => pages.values(self.stride * self.columns),
            Memory::Values(values, skipped) => &values[*skipped..][..self.stride * self.columns],
        }
    }

    fn values_mut(&mut self) -> &mut [T] {
        match &mut self.memory {
            Memory::Pages(pages) => pages.values_mut(self.stride * self.columns),
            Memory::Values(values, skipped) => &mut values[*skipped..][..self.stride * self.columns],
        }
    }

    /// The matrix.
    pub(crate) fn as_ref(&self) -> MatRef<'_, T> {
        MatRef::from_column_major_slice_with_stride(self.values(), self.rows, self.columns, self.stride)
    }

    /// The matrix, to write into.
    pub(crate) fn as_mut(&mut self) -> MatMut<'_, T> {
        let (rows, columns, stride) = (self.rows, self.columns, self.stride);
        MatMut::from_column_major_slice_with_stride_mut(self.values_mut(), rows, columns, stride)
    }

    /// A column, to write into.
    pub(crate) fn column_mut(&mut self, column: usize) -> &mut [T] {
        let (rows, start) = (self.rows, column * self.stride);
        &mut self.values_mut()[start..][..rows]
    }

    /// All columns, to write into.
    pub(crate) fn columns_mut(&mut self) -> impl Iterator<Item = &mut [T]> {
        let (rows, stride) = (self.rows, self.stride);
        self.values_mut().chunks_mut(stride).map(move |column| &mut column[..rows])
    }

    /// From a column to the next.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// So many columns at a time, each with what is between it and the next.
    pub(crate) fn panels_mut(&mut self, width: usize) -> impl IndexedParallelIterator<Item = &mut [T]> {
        let stride = self.stride;
        self.values_mut().par_chunks_mut(width * stride)
    }

    /// A column.
    pub(crate) fn column(&self, column: usize) -> &[T] {
        &self.values()[column * self.stride..][..self.rows]
    }
}

/// Columns start at multiples of two cache lines or of one, and never at multiples of 4 KiB from
/// each other: these would all want the same few places of the cache.
fn stride(rows: usize, size: usize) -> usize {
    let stride = rows.next_multiple_of(16);
    if (stride * size).is_multiple_of(4096) { stride + 16 } else { stride }
}

impl<T> fmt::Debug for Columns<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} matrix", self.rows, self.columns)
    }
}

/// A column of a column-major matrix, to write into.
pub(crate) fn slice_mut<T>(column: ColMut<'_, T>) -> &mut [T] {
    column.try_as_col_major_mut().expect("a column-major matrix").as_slice_mut()
}

/// Rows of a row-major source that are turned together: one cache line of each column.
const BLOCK: usize = 8;
/// Entries that one thread fills before another is asked to.
const ALONE: usize = 1 << 13;
/// Rows that one thread turns at a time.
const ROWS: usize = 256;
/// Columns that are filled together before they are rounded, at most: so many neighbours in a row
/// are fetched together, and few enough are still in the cache when they are rounded.
const PANEL: usize = 64;
/// Bytes that these columns take, at most, on each thread.
const ROOM: usize = 32 << 20;

impl Columns<f64> {
    /// Fills the first rows with (a * x) * b of every entry x, whatever the strides of the source,
    /// and gives each of these columns to `visit`. Both run [`vectorised`], for which `visit` must
    /// be `#[inline(always)]`.
    pub(crate) fn fill<T: Copy + Sync, R: Send>(
        &mut self,
        from: MatRef<'_, T>,
        factors: (f64, f64),
        widen: impl Fn(T) -> f64 + Sync,
        visit: impl Fn(&mut [f64]) -> R + Sync,
    ) -> Vec<R> {
        let beside = vec![(); self.columns];
        self.fill_beside(
            from,
            factors,
            widen,
            beside,
            #[inline(always)]
            |column, ()| visit(column),
        )
    }

    /// The same where `visit` gets, with each column, what belongs to it.
    pub(crate) fn fill_beside<T: Copy + Sync, R: Send, B: Send>(
        &mut self,
        from: MatRef<'_, T>,
        factors: (f64, f64),
        widen: impl Fn(T) -> f64 + Sync,
        beside: Vec<B>,
        visit: impl Fn(&mut [f64], B) -> R + Sync,
    ) -> Vec<R> {
        let (rows, stride, is_row_major) = (from.nrows(), self.stride, from.col_stride() == 1);
        if is_row_major {
            // Rows as wide as they are: to find each page of memory again for every few columns
            // took longer than what visits save that find their columns in the cache.
            let chunks = self.as_mut().subrows_mut(0, rows).par_row_chunks_mut(ROWS).zip(from.par_row_chunks(ROWS));
            chunks.for_each(|(to, from)| turn(from, to, factors, &widen));
        }
        let columns = self.values_mut().par_chunks_mut(stride).zip(from.par_col_iter()).zip(beside);
        let of_column = |((column, from), beside): ((&mut [f64], ColRef<'_, T>), B)| {
            let column = &mut column[..rows];
            vectorised(
                #[inline(always)]
                || {
                    if !is_row_major {
                        copy(from, column, factors, &widen);
                    }
                    visit(column, beside)
                },
            )
        };
        // Few entries are filled sooner by one thread alone.
        columns.with_min_len((ALONE / rows.max(1)).max(1)).map(of_column).collect()
    }
}

impl Columns<f32> {
    /// The same, of whose columns only the entries rounded to f32 are kept.
    pub(crate) fn fill_rounded<R: Send>(
        &mut self,
        from: MatRef<'_, f64>,
        factors: (f64, f64),
        visit: impl Fn(&mut [f64]) -> R + Sync,
    ) -> Vec<R> {
        let (rows, stride, width) = (self.rows, self.stride, panel(self.rows, self.columns));
        let panels = self.values_mut().par_chunks_mut(width * stride).zip(from.par_col_chunks(width));
        let of_panel = |room: &mut Columns<f64>, (panel, from): (&mut [f32], MatRef<'_, f64>)| {
            let is_row_major = from.col_stride() == 1;
            if is_row_major {
                turn(from, room.as_mut().subcols_mut(0, from.ncols()), factors, &|value| value);
            }
            let of_column = |(column, (to, from)): (usize, (&mut [f32], ColRef<'_, f64>))| {
                let column = room.column_mut(column);
                vectorised(
                    #[inline(always)]
                    || {
                        if !is_row_major {
                            copy(from, column, factors, &|value| value);
                        }
                        let visited = visit(column);
                        round(column, to);
                        visited
                    },
                )
            };
            panel.chunks_mut(stride).zip(from.col_iter()).enumerate().map(of_column).collect::<Vec<_>>()
        };
        panels.map_init(|| Columns::<f64>::unset(rows, width), of_panel).flatten_iter().collect()
    }
}

/// Rounds every entry to f32.
#[inline(always)]
pub(crate) fn round(from: &[f64], to: &mut [f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from as f32);
}

/// How many columns are filled before they are rounded: few enough for all threads to have some.
fn panel(rows: usize, columns: usize) -> usize {
    let (even, fitting) = (columns / (4 * rayon::current_num_threads()), ROOM / (rows * size_of::<f64>()));
    (PANEL.min(even).min(fitting) / BLOCK * BLOCK).max(BLOCK)
}

/// Fills columns with a row-major matrix.
fn turn<T: Copy>(from: MatRef<'_, T>, mut to: MatMut<'_, f64>, factors: (f64, f64), widen: &impl Fn(T) -> f64) {
    let rows = from.nrows();
    let whole = rows / BLOCK * BLOCK;
    vectorised(
        #[inline(always)]
        || {
            for first in (0..whole).step_by(BLOCK) {
                turn_block(from.subrows(first, BLOCK), to.rb_mut().subrows_mut(first, BLOCK), factors, widen);
            }
            for (column, from) in from.col_iter().enumerate() {
                copy(from.subrows(whole, rows - whole), &mut slice_mut(to.rb_mut().col_mut(column))[whole..], factors, widen);
            }
        },
    );
}

/// The same with [`BLOCK`] rows.
#[inline(always)]
fn turn_block<T: Copy>(from: MatRef<'_, T>, to: MatMut<'_, f64>, (a, b): (f64, f64), widen: &impl Fn(T) -> f64) {
    let (mut rows, columns) = ([&[][..]; BLOCK], from.ncols());
    for (row, values) in rows.iter_mut().enumerate() {
        *values = &from.row(row).try_as_row_major().expect("a stride of 1").as_slice()[..columns];
    }
    for (column, to) in to.col_iter_mut().enumerate() {
        let mut turned = [0.0; BLOCK];
        for (value, row) in turned.iter_mut().zip(&rows) {
            *value = widen(row[column]) * a * b;
        }
        slice_mut(to).copy_from_slice(&turned);
    }
}

/// Fills a column with one of other strides.
#[inline(always)]
fn copy<T: Copy>(from: ColRef<'_, T>, to: &mut [f64], (a, b): (f64, f64), widen: &impl Fn(T) -> f64) {
    to.iter_mut().zip(from.iter()).for_each(|(to, from)| *to = widen(*from) * a * b);
}

/// Centers a column twice: the mean of what the first subtraction left is subtracted too, so that
/// the result is accurate relative to the *centered* entries, whatever the offset. Gives both
/// means, and the sum of squares of what is left. To be called within
/// [`vectorised`](crate::arrays::sums::vectorised).
#[inline(always)]
pub(crate) fn center(column: &mut [f64]) -> ([f64; 2], f64) {
    let first = column[0];
    let constant = |values: &[f64]| values.iter().fold(true, |equal, &value| equal & (value == first));
    if constant(&column[..column.len().min(RUN)]) && constant(column) {
        // The mean of equal numbers may differ from them by rounding; what is constant must come
        // out as exactly 0.
        column.fill(0.0);
        return ([first, 0.0], 0.0);
    }
    let n = column.len() as f64;
    let mean = sum(column) / n;
    let left = map_and_sum(column, |value| value - mean, |value| value) / n;
    let squared_norm = map_and_sum(column, |value| value - left, |value| value * value);
    ([mean, left], squared_norm)
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
