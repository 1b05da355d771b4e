//! A large matrix in memory that costs little to get.

use std::fmt;

use bytemuck::Pod;
use faer::{MatMut, MatRef};
use memmap2::MmapMut;
use rayon::prelude::*;

/// From this many bytes on a matrix has pages of its own. Smaller ones are cheaper from the allocator, which has used them before.
const OWN_PAGES: usize = 4 << 20;

/// A column-major matrix, of zeros at first.
///
/// The first write to each page of fresh memory goes through the system, which took half as long as the products of a comparison (10,000 x 512, pages of 4 KiB). A large matrix asks for
/// huge pages therefore, where there are such (Linux); there the pages are 500 times fewer.
pub(crate) struct Columns<T> {
    memory: Memory<T>,
    rows: usize,
    columns: usize,
    /// From a column to the next.
    stride: usize,
}

enum Memory<T> {
    Pages(MmapMut),
    Values(Vec<T>),
}

impl<T: Pod + Send + Sync> Columns<T> {
    /// rows x columns zeros.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        let stride = stride(rows, size_of::<T>());
        let bytes = stride * columns * size_of::<T>();
        // Where the system has no such pages to give, the allocator answers as it always does.
        let pages = (bytes >= OWN_PAGES).then(|| MmapMut::map_anon(bytes)).and_then(Result::ok);
        let memory = match pages {
            Some(pages) => {
                #[cfg(target_os = "linux")]
                // A wish: without it all is slower and nothing else.
                let _ = pages.advise(memmap2::Advice::HugePage);
                Memory::Pages(pages)
            }
            None => Memory::Values(vec![T::zeroed(); stride * columns]),
        };
        Self { memory, rows, columns, stride }
    }

    fn values(&self) -> &[T] {
        match &self.memory {
            Memory::Pages(pages) => bytemuck::cast_slice(pages),
            Memory::Values(values) => values,
        }
    }

    fn values_mut(&mut self) -> &mut [T] {
        match &mut self.memory {
            Memory::Pages(pages) => bytemuck::cast_slice_mut(pages),
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

    /// A column.
    pub(crate) fn column(&self, column: usize) -> &[T] {
        &self.values()[column * self.stride..][..self.rows]
    }

    /// From a column to the next, in memory.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// The columns in groups of up to `width`, in order; in each they are [`Columns::stride`] apart.
    pub(crate) fn panels_mut(&mut self, width: usize) -> impl IndexedParallelIterator<Item = &mut [T]> {
        let length = width * self.stride;
        self.values_mut().par_chunks_mut(length)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small_matrices_are_zero_and_keep_what_is_written() {
        // On either side of the size from which on a matrix has pages of its own; the second would have columns 4 KiB apart.
        for (rows, columns) in [(7, 3), (512, 8), (1 << 16, 9), (65_537, 8)] {
            let mut matrix = Columns::<f64>::zeros(rows, columns);
            assert!(matrix.as_ref().row_iter().all(|row| row.iter().all(|value| *value == 0.0)));
            let stride = matrix.stride();
            matrix.panels_mut(4).enumerate().for_each(|(panel, part)| {
                part.chunks_mut(stride).enumerate().for_each(|(column, values)| values[..rows].fill((panel * 4 + column) as f64));
            });
            for column in 0..columns {
                assert_eq!(matrix.column(column), vec![column as f64; rows]);
            }
            assert!(!(stride * 8).is_multiple_of(4096) && stride >= rows, "{stride}");
        }
    }
}
