//! Rows of a tensor that stands in its file in row-major order, read without the others.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use super::element::ElementType;
use super::error::Error;
use super::place::Place;
use super::reading::Reading;
use super::tensor::{Order, Slice, not_widened, plan};
use crate::axes::Plan;

/// Where the elements of a tensor stand.
#[derive(Debug)]
pub(super) struct StoredRows {
    pub(super) place: Place,
    pub(super) file: PathBuf,
    /// Bytes before the first element.
    pub(super) start: u64,
    pub(super) element: ElementType,
    pub(super) big_endian: bool,
    /// The axes as stored, that of a stack's layers included.
    pub(super) shape: Vec<usize>,
    /// The layer of a stack.
    pub(super) slice: Option<Slice>,
}

impl StoredRows {
    /// How the tensor becomes a matrix, whose examples can be read one without the others.
    pub(super) fn plan(&self, reading: Option<&Reading>) -> Result<Plan, Error> {
        let plan = plan(&self.place, &self.shape, reading, self.slice)?;
        if plan.is_by_example() {
            return Ok(plan);
        }
        Err(Error::NotByRows { place: self.place.clone(), reason: "its first axis is not that of examples" })
    }

    /// Rows of the representation that the tensor becomes, row-major, in the room of a vector that
    /// is no longer needed.
    ///
    /// # Errors
    /// [`Error::NoSuchRows`] when the representation does not have these rows: a file may have been
    /// replaced by a shorter one since they were counted.
    pub(super) fn read(&self, rows: Range<usize>, plan: &Plan, room: Vec<f64>) -> Result<Vec<f64>, Error> {
        let (n, p) = plan.shape();
        if rows.start >= rows.end || rows.end > n {
            return Err(Error::NoSuchRows { place: self.place.clone(), rows, n });
        }
        // With `positions` an example is several rows; what is arranged is always whole examples.
        let (examples, first) = plan.examples_of(rows.clone());
        let values = self.read_examples(&plan.stored(examples.clone()), room)?;
        let mut values = plan.arrange(values, examples);
        values.truncate((rows.end - first) * p);
        values.drain(..(rows.start - first) * p);
        Ok(values)
    }

    /// The elements of examples, counted in the file, in runs that stand together.
    fn runs(&self, examples: &[Range<usize>]) -> Vec<Range<usize>> {
        let product = |lengths: &[usize]| lengths.iter().product::<usize>();
        let whole = |start: usize, length: usize| {
            examples.iter().map(move |run| start + run.start * length..start + run.end * length).collect::<Vec<_>>()
        };
        match self.slice {
            None => whole(0, product(&self.shape[1..])),
            Some(Slice { axis: 0, index }) => whole(index * product(&self.shape[1..]), product(&self.shape[2..])),
            Some(Slice { axis, index }) => {
                let (outer, layers, inner) = (product(&self.shape[1..axis]), self.shape[axis], product(&self.shape[axis + 1..]));
                let start = |block: usize| (block * layers + index) * inner;
                let blocks = examples.iter().flat_map(|run| run.start * outer..run.end * outer);
                blocks.map(|block| start(block)..start(block) + inner).collect()
            }
        }
    }

    fn read_examples(&self, examples: &[Range<usize>], mut values: Vec<f64>) -> Result<Vec<f64>, Error> {
        /// Bytes read at a time; a multiple of every element's size.
        const CHUNK: usize = 1 << 20;
        let runs = self.runs(examples);
        let (count, longest) = (runs.iter().map(Range::len).sum(), runs.iter().map(Range::len).max().unwrap_or(0));
        let size = self.element.size();
        let failed = |source| Error::reading(&self.place, source);
        let mut file = File::open(&self.file).map_err(|source| Error::system(&self.file, source))?;
        values.clear();
        values.try_reserve_exact(count).map_err(|_| Error::TooLarge { place: self.place.clone(), shape: self.shape.clone() })?;
        let mut buffer = vec![0; CHUNK.min(longest * size)];
        for run in runs {
            file.seek(SeekFrom::Start(self.start + (run.start * size) as u64)).map_err(failed)?;
            let mut first = run.start;
            while first < run.end {
                let wanted = buffer.len().min((run.end - first) * size);
                file.read_exact(&mut buffer[..wanted]).map_err(failed)?;
                self.element
                    .decode(&buffer[..wanted], self.big_endian, &mut values)
                    .map_err(|bad| not_widened(&self.place, self.element, &self.shape, Order::RowMajor, first, bad))?;
                first += wanted / size;
            }
        }
        Ok(values)
    }
}
