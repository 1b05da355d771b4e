//! Columns of a tensor, read without the others.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use super::element::ElementType;
use super::error::{Error, Place};
use super::rows::StoredRows;
use super::spatial::{Spatial, representation_shape};
use super::tensor::{Order, not_widened};

/// Some columns of a representation, of all its examples, in a precision that holds the stored values exactly.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnBlock {
    /// Of f32, of halves, and of integers up to 16 bits.
    F32(Vec<f32>),
    /// Of f64 and of wider integers.
    F64(Vec<f64>),
}

/// A stored representation, n x p, whose columns are read in blocks.
#[derive(Debug, Clone)]
pub struct StoredColumns {
    place: Place,
    file: Arc<File>,
    /// Bytes before the first element.
    start: u64,
    element: ElementType,
    big_endian: bool,
    /// The axes as stored.
    axes: Vec<usize>,
    shape: (usize, usize),
    order: Order,
}

impl StoredColumns {
    /// The columns of a tensor in row-major order (C), or in column-major order (Fortran) where it has two axes.
    pub(super) fn new(stored: StoredRows, order: Order, spatial: Option<Spatial>) -> Result<Self, Error> {
        let StoredRows { place, file, start, element, big_endian, shape: axes } = stored;
        let Some(shape) = representation_shape(&axes, spatial) else { return Err(Error::TooManyAxes { place, shape: axes }) };
        let is_flat = axes.len() <= 2 || spatial == Some(Spatial::Flatten);
        if !is_flat {
            return Err(Error::NotByColumns { place, reason: "a neuron is made of several stored values" });
        }
        if order == Order::ColumnMajor && axes.len() > 2 {
            return Err(Error::NotByColumns { place, reason: "it has more than two axes in Fortran order" });
        }
        let file = Arc::new(File::open(&file).map_err(|source| Error::system(&file, source))?);
        Ok(Self { place, file, start, element, big_endian, axes, shape, order })
    }

    /// Examples and neurons (n, p).
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Whether the values of a block stand example after example, as in C order; else neuron after neuron.
    pub fn is_row_major(&self) -> bool {
        self.order == Order::RowMajor
    }

    /// Bytes of a value of a block.
    pub fn value_size(&self) -> usize {
        if self.is_single() { 4 } else { 8 }
    }

    fn is_single(&self) -> bool {
        !matches!(self.element, ElementType::F64 | ElementType::I32 | ElementType::U32 | ElementType::I64 | ElementType::U64)
    }

    /// Reads columns. `room` is an earlier block that is no longer needed, whose memory is used again. That values are finite is not asked here.
    ///
    /// # Errors
    /// Whatever keeps the file from being read, and [`Error::InexactInteger`].
    ///
    /// # Panics
    /// When the representation does not have these columns, or there are none in the range.
    pub fn read(&self, columns: Range<usize>, room: Option<ColumnBlock>) -> Result<ColumnBlock, Error> {
        let (n, p) = self.shape;
        assert!(columns.start < columns.end && columns.end <= p, "{}: columns {columns:?} of {p}", self.place);
        // Runs of elements that stand together in the file.
        let runs: Vec<Range<usize>> = match self.order {
            Order::RowMajor if columns.len() == p => vec![0..n * p],
            Order::RowMajor => (0..n).map(|row| row * p + columns.start..row * p + columns.end).collect(),
            Order::ColumnMajor => vec![columns.start * n..columns.end * n],
        };
        let count = n * columns.len();
        if self.is_single() {
            let mut values = match room {
                Some(ColumnBlock::F32(room)) => room,
                _ => Vec::new(),
            };
            self.fit(&mut values, count)?;
            match self.element {
                ElementType::F32 if !self.big_endian && cfg!(target_endian = "little") => self.read_runs(&runs, bytemuck::cast_slice_mut(&mut values))?,
                _ => self.decode_runs(&runs, |value| value as f32, &mut values)?,
            }
            return Ok(ColumnBlock::F32(values));
        }
        let mut values = match room {
            Some(ColumnBlock::F64(room)) => room,
            _ => Vec::new(),
        };
        self.fit(&mut values, count)?;
        match self.element {
            ElementType::F64 if !self.big_endian && cfg!(target_endian = "little") => self.read_runs(&runs, bytemuck::cast_slice_mut(&mut values))?,
            _ => self.decode_runs(&runs, |value| value, &mut values)?,
        }
        Ok(ColumnBlock::F64(values))
    }

    /// Makes a vector of this many values, whatever they are.
    fn fit<T: Copy + Default>(&self, values: &mut Vec<T>, count: usize) -> Result<(), Error> {
        let more = count.saturating_sub(values.len());
        values.try_reserve_exact(more).map_err(|_| Error::TooLarge { place: self.place.clone(), shape: self.axes.clone() })?;
        values.resize(count, T::default());
        Ok(())
    }

    /// Reads runs as they stand, one after the other.
    fn read_runs(&self, runs: &[Range<usize>], mut bytes: &mut [u8]) -> Result<(), Error> {
        for run in runs {
            let (own, rest) = std::mem::take(&mut bytes).split_at_mut(run.len() * self.element.size());
            self.read_at(run.start, own)?;
            bytes = rest;
        }
        Ok(())
    }

    /// Reads runs of elements that are converted on the way.
    fn decode_runs<T>(&self, runs: &[Range<usize>], convert: impl Fn(f64) -> T, values: &mut [T]) -> Result<(), Error> {
        /// Elements that are decoded at a time.
        const CHUNK: usize = 1 << 16;
        let (mut bytes, mut decoded) = (vec![0; CHUNK * self.element.size()], Vec::with_capacity(CHUNK));
        let mut to = values.iter_mut();
        for run in runs {
            for from in run.clone().step_by(CHUNK) {
                let part = &mut bytes[..CHUNK.min(run.end - from) * self.element.size()];
                self.read_at(from, part)?;
                decoded.clear();
                self.element
                    .decode(part, self.big_endian, &mut decoded)
                    .map_err(|bad| not_widened(&self.place, self.element, &self.axes, self.order, from, bad))?;
                to.by_ref().zip(&decoded).for_each(|(to, value)| *to = convert(*value));
            }
        }
        Ok(())
    }

    /// Reads the bytes from this element on.
    fn read_at(&self, element: usize, bytes: &mut [u8]) -> Result<(), Error> {
        let at = self.start + (element * self.element.size()) as u64;
        read_exact_at(&self.file, bytes, at).map_err(|source| Error::reading(&self.place, source))
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => (bytes, at) = (&mut bytes[count..], at + count as u64),
        }
    }
    Ok(())
}
