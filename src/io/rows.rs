//! Rows of a tensor that stands in its file in row-major order, read without the others.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use super::element::ElementType;
use super::error::{Error, Place};
use super::spatial::{Spatial, arrange, representation_shape};
use super::tensor::{Order, not_widened};

/// Where the elements of a tensor stand.
#[derive(Debug)]
pub(super) struct StoredRows {
    pub(super) place: Place,
    pub(super) file: PathBuf,
    /// Bytes before the first element.
    pub(super) start: u64,
    pub(super) element: ElementType,
    pub(super) big_endian: bool,
    pub(super) shape: Vec<usize>,
}

impl StoredRows {
    /// Rows of the representation that the tensor becomes, row-major, in the room of a vector that
    /// is no longer needed.
    ///
    /// # Errors
    /// [`Error::NoSuchRows`] when the representation does not have these rows: a file may have been
    /// replaced by a shorter one since they were counted.
    pub(super) fn read(&self, rows: Range<usize>, spatial: Option<Spatial>, room: Vec<f64>) -> Result<Vec<f64>, Error> {
        let Some((n, p)) = representation_shape(&self.shape, spatial) else {
            return Err(Error::TooManyAxes { place: self.place.clone(), shape: self.shape.clone() });
        };
        if rows.start >= rows.end || rows.end > n {
            return Err(Error::NoSuchRows { place: self.place.clone(), rows, n });
        }
        // With `positions` an example is several rows; what is arranged is always whole examples.
        let rows_of_example = n / self.shape[0];
        let examples = rows.start / rows_of_example..rows.end.div_ceil(rows_of_example);
        let mut shape = self.shape.clone();
        shape[0] = examples.len();
        let mut values = arrange(&shape, self.read_examples(examples.clone(), room)?, spatial);
        let first = examples.start * rows_of_example;
        values.truncate((rows.end - first) * p);
        values.drain(..(rows.start - first) * p);
        Ok(values)
    }

    fn read_examples(&self, examples: Range<usize>, mut values: Vec<f64>) -> Result<Vec<f64>, Error> {
        /// Bytes read at a time; a multiple of every element's size.
        const CHUNK: usize = 1 << 20;
        let length: usize = self.shape[1..].iter().product();
        let (first, count) = (examples.start * length, examples.len() * length);
        let failed = |source| Error::reading(&self.place, source);
        let mut file = File::open(&self.file).map_err(|source| Error::system(&self.file, source))?;
        file.seek(SeekFrom::Start(self.start + (first * self.element.size()) as u64)).map_err(failed)?;
        values.clear();
        values.try_reserve_exact(count).map_err(|_| Error::TooLarge { place: self.place.clone(), shape: self.shape.clone() })?;
        let mut buffer = vec![0; CHUNK.min(count * self.element.size())];
        while values.len() < count {
            let decoded = values.len();
            let wanted = buffer.len().min((count - decoded) * self.element.size());
            file.read_exact(&mut buffer[..wanted]).map_err(failed)?;
            self.element
                .decode(&buffer[..wanted], self.big_endian, &mut values)
                .map_err(|bad| not_widened(&self.place, self.element, &self.shape, Order::RowMajor, first + decoded, bad))?;
        }
        Ok(values)
    }
}
