//! Column-major matrices: memory that costs little to get, filling them from any view, centering their columns.

use std::fmt;

use bytemuck::Pod;
use faer::{ColMut, MatMut, MatRef};
use rayon::prelude::*;

use crate::linalg::pages::Pages;
use crate::linalg::sums::{RUN, map_and_sum, sum, vectorised};

/// From this many bytes on a matrix has pages of its own. Smaller ones are cheaper from the allocator, which has used them before.
const OWN_PAGES: usize = 1 << 20;

/// A column-major matrix.
pub(crate) struct Columns<T> {
    memory: Memory<T>,
    rows: usize,
    columns: usize,
    /// From a column to the next.
    stride: usize,
}

enum Memory<T> {
    Pages(Pages),
    Values(Vec<T>),
}

impl<T: Pod + Send + Sync> Columns<T> {
    /// A matrix of whatever was in its memory, to be written before it is read.
    pub(crate) fn unset(rows: usize, columns: usize) -> Self {
        let stride = stride(rows, size_of::<T>());
        let bytes = stride * columns * size_of::<T>();
        let memory = match (bytes >= OWN_PAGES).then(|| Pages::new(bytes)).flatten() {
            Some(pages) => Memory::Pages(pages),
            // Where the system has no such pages to give, the allocator answers as it always does.
            None => Memory::Values(vec![T::zeroed(); stride * columns]),
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
            Memory::Values(values) => values,
        }
    }

    fn values_mut(&mut self) -> &mut [T] {
        match &mut self.memory {
            Memory::Pages(pages) => pages.values_mut(self.stride * self.columns),
            Memory::Values(values) => values,
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

    /// A column.
    pub(crate) fn column(&self, column: usize) -> &[T] {
        &self.values()[column * self.stride..][..self.rows]
    }
}

/// Columns start at multiples of two cache lines or of one, and never at multiples of 4 KiB from each other: these would all want the same few places of the cache.
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

/// Rows and columns that are copied together: one cache line of a row-major source.
const BLOCK: usize = 8;
/// Columns that one thread fills at a time, at most: so many neighbours in a row of a row-major source are fetched together.
const PANEL: usize = 64;
/// The columns that are filled at a time take no more than this many bytes: they are visited where the cache that threads share still holds them. With one cache line of each row at a time,
/// and the columns in the cache of their own thread, preparing 10,000 x 512 took 40 percent longer.
const SHARED: usize = 8 << 20;

/// Columns that one thread fills at a time: few enough for all threads to have some.
fn panel(rows: usize, columns: usize) -> usize {
    let (even, fitting) = (columns / (4 * rayon::current_num_threads()), SHARED / (rows * size_of::<f64>()));
    (PANEL.min(even).min(fitting) / BLOCK * BLOCK).max(BLOCK)
}

impl Columns<f64> {
    /// Fills the first rows with (a * x) * b of every entry x, whatever the strides of the source, and gives each of these columns to `visit` while it is in the cache: memory is slower
    /// than arithmetic here. Both run [`vectorised`], for which `visit` must be `#[inline(always)]`.
    pub(crate) fn fill<T: Copy + Sync, R: Send>(
        &mut self,
        from: MatRef<'_, T>,
        factors: (f64, f64),
        widen: impl Fn(T) -> f64 + Sync,
        visit: impl Fn(&mut [f64]) -> R + Sync,
    ) -> Vec<R> {
        let (stride, panel) = (self.stride, panel(self.rows, self.columns));
        let panels = self.values_mut().par_chunks_mut(panel * stride).zip(from.par_col_chunks(panel));
        panels.flat_map_iter(|(panel, from)| fill_panel(from, panel, stride, factors, &widen, &visit)).collect()
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
        let (rows, stride, panel) = (self.rows, self.stride, panel(self.rows, self.columns));
        let panels = self.values_mut().par_chunks_mut(panel * stride).zip(from.par_col_chunks(panel));
        let room = || Columns::<f64>::unset(rows, panel);
        let of_panel = |room: &mut Columns<f64>, (panel, from): (&mut [f32], MatRef<'_, f64>)| {
            let wide = room.stride;
            let visited = fill_panel(from, &mut room.values_mut()[..from.ncols() * wide], wide, factors, &|value| value, &visit);
            for (column, to) in panel.chunks_mut(stride).enumerate() {
                vectorised(
                    #[inline(always)]
                    || to.iter_mut().zip(room.column(column)).for_each(|(to, from)| *to = *from as f32),
                );
            }
            visited
        };
        panels.map_init(room, of_panel).flatten_iter().collect()
    }
}

/// Fills some columns, `stride` apart, and visits each.
fn fill_panel<T: Copy, R>(
    from: MatRef<'_, T>,
    panel: &mut [f64],
    stride: usize,
    factors: (f64, f64),
    widen: &impl Fn(T) -> f64,
    visit: &impl Fn(&mut [f64]) -> R,
) -> Vec<R> {
    let rows = from.nrows();
    vectorised(
        #[inline(always)]
        || copy_scaled(from, panel, stride, factors, widen),
    );
    let visited = panel.chunks_mut(stride).map(|column| {
        vectorised(
            #[inline(always)]
            || visit(&mut column[..rows]),
        )
    });
    visited.collect()
}

/// Into columns that are `stride` apart.
#[inline(always)]
fn copy_scaled<T: Copy>(from: MatRef<'_, T>, to: &mut [f64], stride: usize, (a, b): (f64, f64), widen: &impl Fn(T) -> f64) {
    let (n, p) = from.shape();
    let mut blocks = (0, 0);
    if from.col_stride() == 1 {
        // Blocks of whole cache lines: one value at a time took as long as all the rest of the preparation.
        blocks = (n / BLOCK, p / BLOCK);
        for start in (0..blocks.0 * BLOCK).step_by(BLOCK) {
            let mut rows = [&[][..]; BLOCK];
            for (row, values) in rows.iter_mut().enumerate() {
                *values = from.row(start + row).try_as_row_major().expect("a stride of 1").as_slice().as_chunks::<BLOCK>().0;
            }
            for block in 0..blocks.1 {
                for column in 0..BLOCK {
                    let mut turned = [0.0; BLOCK];
                    for (value, row) in turned.iter_mut().zip(&rows) {
                        *value = widen(row[block][column]) * a * b;
                    }
                    to[(block * BLOCK + column) * stride + start..][..BLOCK].copy_from_slice(&turned);
                }
            }
        }
    }
    // The rest, and all of a source with other strides.
    let rest = |column: usize| if column < blocks.1 * BLOCK { blocks.0 * BLOCK } else { 0 };
    for (column, (from, to)) in from.col_iter().zip(to.chunks_mut(stride)).enumerate() {
        let start = rest(column);
        from.iter().skip(start).zip(&mut to[start..n]).for_each(|(from, to)| *to = widen(*from) * a * b);
    }
}

/// Centers a column twice: the mean of what the first subtraction left is subtracted too, so that the result is accurate relative to the *centered* entries,
/// whatever the offset. Gives both means, and the sum of squares of what is left. To be called within [`vectorised`](crate::linalg::vectorised).
#[inline(always)]
pub(crate) fn center(column: &mut [f64]) -> ([f64; 2], f64) {
    let first = column[0];
    let constant = |values: &[f64]| values.iter().fold(true, |equal, &value| equal & (value == first));
    if constant(&column[..column.len().min(RUN)]) && constant(column) {
        // The mean of equal numbers may differ from them by rounding; what is constant must come out as exactly 0.
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
mod tests {
    use super::*;

    #[test]
    fn large_and_small_matrices_keep_what_is_written() {
        // On either side of the size from which on a matrix has pages of its own; the second would have columns 4 KiB apart.
        for (rows, columns) in [(7, 3), (512, 8), (1 << 16, 9), (65_537, 8)] {
            let mut matrix = Columns::<f64>::unset(rows, columns);
            assert!(matrix.as_ref().row_iter().all(|row| row.iter().all(|value| value.is_nan())));
            matrix.as_mut().col_iter_mut().enumerate().for_each(|(column, values)| slice_mut(values).fill(column as f64));
            for column in 0..columns {
                assert_eq!(matrix.column(column), vec![column as f64; rows]);
            }
            assert!(!(matrix.stride * 8).is_multiple_of(4096) && matrix.stride >= rows, "{}", matrix.stride);
        }
    }

    #[test]
    fn panels_are_wide_where_they_fit_and_all_threads_have_some() {
        let with_threads = |threads, rows, columns| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| panel(rows, columns))
        };
        assert_eq!([with_threads(2, 10_000, 512), with_threads(2, 10_000, 200), with_threads(16, 10_000, 512)], [64, 24, 8]);
        assert_eq!([with_threads(2, 50_000, 1024), with_threads(2, 1_000_000, 1024), with_threads(2, 10, 3)], [16, 8, 8]);
    }

    #[test]
    fn copies_are_the_same_from_any_strides() {
        for (rows, columns) in [(1, 1), (7, 3), (8, 8), (9, 17), (24, 16), (35, 10), (21, 300)] {
            let values: Vec<f32> = (0..rows * columns).map(|index| index as f32 + 0.5).collect();
            let row_major = MatRef::from_row_major_slice(&values, rows, columns);
            let column_major = row_major.to_owned();
            let column_major = column_major.as_ref();
            for view in [row_major, column_major, row_major.reverse_rows(), row_major.reverse_cols(), column_major.reverse_rows()] {
                let mut copy = Columns::unset(rows + 1, columns);
                let sums = copy.fill(view, (0.5, 4.0), f64::from, |column| column.iter().sum::<f64>());
                assert_eq!(sums.len(), columns);
                for column in 0..columns {
                    assert!(copy.column(column)[rows].is_nan());
                    assert_eq!(sums[column], copy.column(column)[..rows].iter().sum::<f64>());
                    for row in 0..rows {
                        assert_eq!(copy.as_ref()[(row, column)], 2.0 * f64::from(view[(row, column)]), "{rows} x {columns}");
                    }
                }
            }
        }
    }
}
