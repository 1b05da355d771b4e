//! Columns of a tensor, read without the others.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytemuck::Pod;

use super::element::ElementType;
use super::error::Error;
use super::place::Place;
use super::reading::Reading;
use super::rows::StoredRows;
use super::tensor::{Order, Slice, not_widened, plan};

/// Some columns of a representation, of all its examples, in a precision that holds the stored
/// values exactly.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnBlock {
    /// Of f32, of halves, of booleans, and of integers up to 16 bits.
    F32(Vec<f32>),
    /// Of f64 and of wider integers.
    F64(Vec<f64>),
}

impl ColumnBlock {
    /// The values of an f32 block; of another, whose memory is then free, none.
    fn into_f32(self) -> Vec<f32> {
        match self {
            Self::F32(values) => values,
            Self::F64(_) => Vec::new(),
        }
    }

    /// The values of an f64 block; of another, whose memory is then free, none.
    fn into_f64(self) -> Vec<f64> {
        match self {
            Self::F64(values) => values,
            Self::F32(_) => Vec::new(),
        }
    }
}

/// A stored representation, n x p, whose columns are read in blocks. The file is opened once;
/// threads may read at once.
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
    /// Elements between the starts of neighbouring examples in row-major order, and before the
    /// first of the layer.
    between: usize,
    before: usize,
    /// The examples in the file that are taken; all of them unless given.
    rows: Option<Vec<usize>>,
}

impl StoredColumns {
    /// The columns of the representation that a tensor becomes, unless they do not stand in its
    /// file.
    pub(super) fn new(stored: StoredRows, order: Order, reading: Option<&Reading>) -> Result<Self, Error> {
        let plan = plan(&stored.place, &stored.shape, reading, stored.slice)?;
        let StoredRows { place, file, start, element, big_endian, shape: axes, slice } = stored;
        let chosen = reading.is_some_and(|reading| reading.tensors.rows.is_some());
        let refused = match (plan.moved(), order) {
            (Some(reason), _) => Some(reason),
            _ if !plan.is_by_example() => Some("its first axis is not that of examples"),
            _ if slice.is_some_and(|slice| slice.axis > 1) => Some("its layers stand side by side along an inner axis"),
            (None, Order::ColumnMajor) if axes.len() > 2 => Some("it is in Fortran order with more than two axes"),
            (None, Order::ColumnMajor) if chosen => Some("it is in Fortran order, and rows are chosen"),
            _ => None,
        };
        if let Some(reason) = refused {
            return Err(Error::NotByColumns { place, reason });
        }
        let shape = plan.shape();
        let (between, before) = match slice {
            Some(Slice { axis: 0, index }) => (shape.1, index * axes[1] * shape.1),
            Some(Slice { axis, index }) => (axes[axis] * shape.1, index * shape.1),
            None => (shape.1, 0),
        };
        let rows = chosen.then(|| plan.stored(0..plan.examples()).into_iter().flatten().collect());
        let file = Arc::new(File::open(&file).map_err(|source| Error::system(&file, source))?);
        Ok(Self { place, file, start, element, big_endian, axes, shape, order, between, before, rows })
    }

    /// Examples and neurons (n, p).
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Whether the values of a block stand example after example, as in C order; else neuron after
    /// neuron.
    pub fn is_row_major(&self) -> bool {
        self.order == Order::RowMajor
    }

    /// Bytes of a value of a block.
    pub fn value_size(&self) -> usize {
        if self.is_single() { size_of::<f32>() } else { size_of::<f64>() }
    }

    /// Whether every value that an element can have is an f32.
    fn is_single(&self) -> bool {
        match self.element {
            ElementType::Bool | ElementType::I8 | ElementType::U8 | ElementType::I16 | ElementType::U16 => true,
            ElementType::F16 | ElementType::BF16 | ElementType::F32 => true,
            ElementType::I32 | ElementType::U32 | ElementType::I64 | ElementType::U64 | ElementType::F64 => false,
        }
    }

    /// Reads columns, of all examples. `room` is an earlier block that is no longer needed: its
    /// memory is used again where it is of the right precision and large enough, and is free before
    /// there is new memory where not. That values are finite is not asked here.
    ///
    /// # Errors
    ///
    /// Whatever keeps the file from being read, one that has become shorter included;
    /// [`Error::InexactInteger`].
    ///
    /// # Panics
    ///
    /// When the representation does not have these columns, or there are none in the range.
    pub fn read(&self, columns: Range<usize>, room: Option<ColumnBlock>) -> Result<ColumnBlock, Error> {
        let p = self.shape.1;
        assert!(columns.start < columns.end && columns.end <= p, "{}: columns {columns:?} of {p}", self.place);
        let runs = self.runs(columns);
        if self.is_single() {
            let room = room.map_or_else(Vec::new, ColumnBlock::into_f32);
            self.read_runs(&runs, ElementType::F32, |value| value as f32, room).map(ColumnBlock::F32)
        } else {
            let room = room.map_or_else(Vec::new, ColumnBlock::into_f64);
            self.read_runs(&runs, ElementType::F64, |value| value, room).map(ColumnBlock::F64)
        }
    }

    /// The elements of these columns, counted in the file's order, in runs that stand together.
    fn runs(&self, columns: Range<usize>) -> Vec<Range<usize>> {
        let (n, p) = self.shape;
        match self.order {
            Order::RowMajor if columns.len() == p && self.between == p && self.rows.is_none() => {
                std::iter::once(self.before..self.before + n * p).collect()
            }
            Order::RowMajor => {
                let start = |row: usize| self.before + self.rows.as_ref().map_or(row, |rows| rows[row]) * self.between;
                (0..n).map(|row| start(row) + columns.start..start(row) + columns.end).collect()
            }
            Order::ColumnMajor => std::iter::once(columns.start * n..columns.end * n).collect(),
        }
    }

    /// Reads runs, one after the other: elements of the type `same` as they stand, others by way of
    /// f64.
    fn read_runs<T: Pod>(
        &self,
        runs: &[Range<usize>],
        same: ElementType,
        convert: impl Fn(f64) -> T,
        room: Vec<T>,
    ) -> Result<Vec<T>, Error> {
        let mut values = self.fit(room, runs.iter().map(Range::len).sum())?;
        if self.element == same && self.big_endian == cfg!(target_endian = "big") {
            let mut bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
            for run in runs {
                let (own, rest) = bytes.split_at_mut(run.len() * self.element.size());
                self.read_at(run.start, own)?;
                bytes = rest;
            }
        } else {
            self.decode_runs(runs, convert, &mut values)?;
        }
        Ok(values)
    }

    /// A vector of this many values, whatever they are, in the memory of `room` where that is
    /// enough.
    fn fit<T: Pod>(&self, mut room: Vec<T>, count: usize) -> Result<Vec<T>, Error> {
        if room.capacity() < count {
            // What is there would be copied if it grew.
            drop(room);
            room = Vec::new();
            room.try_reserve_exact(count).map_err(|_| Error::TooLarge { place: self.place.clone(), shape: self.axes.clone() })?;
        }
        room.resize(count, T::zeroed());
        Ok(room)
    }

    /// Reads runs of elements that are converted on the way.
    fn decode_runs<T>(&self, runs: &[Range<usize>], convert: impl Fn(f64) -> T, mut values: &mut [T]) -> Result<(), Error> {
        /// Elements that are decoded at a time.
        const CHUNK: usize = 1 << 16;
        let (mut bytes, mut decoded) = (vec![0; CHUNK * self.element.size()], Vec::with_capacity(CHUNK));
        for run in runs {
            for from in run.clone().step_by(CHUNK) {
                let part = &mut bytes[..CHUNK.min(run.end - from) * self.element.size()];
                self.read_at(from, part)?;
                decoded.clear();
                self.element
                    .decode(part, self.big_endian, &mut decoded)
                    .map_err(|bad| not_widened(&self.place, self.element, &self.axes, self.order, from, bad))?;
                let (own, rest) = values.split_at_mut(decoded.len());
                own.iter_mut().zip(&decoded).for_each(|(to, value)| *to = convert(*value));
                values = rest;
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

/// Reads the bytes from a place of a file on.
#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

/// Without a positioned read, threads seek and read in turns: the position is the file's.
#[cfg(not(unix))]
pub(super) fn read_exact_at(mut file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    use std::io::{Read, Seek};
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(bytes)
}
