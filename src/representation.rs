//! Representations: n examples x p neurons, validated once.

mod between;
mod positions;

use std::borrow::Cow;

use faer::{Mat, MatRef};

pub(crate) use self::between::{Entries, examples_of, is_positive, least_and_largest};

use crate::arrays::scale::largest_magnitude;
use crate::error::Error;
use crate::positions::Positions;

/// A neural representation: an n x p matrix of activations, one row an example, one column a
/// neuron.
///
/// Validated when made: every entry is finite, n >= 2, p >= 1. Values are f64; narrower types are
/// widened exactly before they get here. The matrix is owned or borrowed
/// ([`Representation::from_view`] copies nothing).
#[derive(Debug, Clone)]
pub struct Representation<'a> {
    name: Cow<'a, str>,
    storage: Storage<'a>,
    /// The largest magnitude of an entry, known from the validation.
    largest: f64,
    /// What the entries are.
    entries: Entries,
    /// Which rows belong together.
    positions: Positions,
}

#[derive(Debug, Clone)]
enum Storage<'a> {
    RowMajor(Cow<'a, [f64]>, usize, usize),
    Owned(Mat<f64>),
    View(MatRef<'a, f64>),
}

impl<'a> Representation<'a> {
    /// Makes a representation of n * p values in row-major order (NumPy's C order: example after
    /// example).
    ///
    /// # Errors
    /// The first of these that holds: [`Error::ValueCount`] when there are not n * p values,
    /// [`Error::NoNeurons`] when p = 0, [`Error::NotFinite`] naming the first entry (in row-major
    /// order) that is NaN or infinite, [`Error::TooFewExamples`] when n < 2.
    pub fn from_row_major(name: impl Into<Cow<'a, str>>, n: usize, p: usize, values: impl Into<Cow<'a, [f64]>>) -> Result<Self, Error> {
        let (name, values) = (name.into(), values.into());
        if n.checked_mul(p) != Some(values.len()) {
            return Err(Error::ValueCount { name: name.into_owned(), n, p, values: values.len() });
        }
        Self { name, storage: Storage::RowMajor(values, n, p), largest: 0.0, entries: Entries::Examples, positions: Positions::None }
            .validated()
    }

    /// Makes a representation of a matrix.
    ///
    /// # Errors
    /// As [`Representation::from_row_major`].
    pub fn from_matrix(name: impl Into<Cow<'a, str>>, matrix: Mat<f64>) -> Result<Self, Error> {
        Self { name: name.into(), storage: Storage::Owned(matrix), largest: 0.0, entries: Entries::Examples, positions: Positions::None }
            .validated()
    }

    /// Makes a representation of a view with any strides, without a copy.
    ///
    /// # Errors
    /// As [`Representation::from_row_major`].
    pub fn from_view(name: impl Into<Cow<'a, str>>, view: MatRef<'a, f64>) -> Result<Self, Error> {
        Self { name: name.into(), storage: Storage::View(view), largest: 0.0, entries: Entries::Examples, positions: Positions::None }
            .validated()
    }

    fn validated(mut self) -> Result<Self, Error> {
        let (n, p) = (self.n(), self.p());
        if p == 0 {
            return Err(Error::NoNeurons { name: self.name.into_owned() });
        }
        self.largest = match &self.storage {
            // As one line: short rows would cost more to go to than to look at.
            Storage::RowMajor(values, ..) => largest_magnitude(MatRef::from_column_major_slice(values, values.len(), 1)),
            Storage::Owned(_) | Storage::View(_) => largest_magnitude(self.view()),
        };
        if self.largest.is_finite() {
            return match n {
                0 | 1 => Err(Error::TooFewExamples { subject: self.name.into_owned(), n, needed: 2 }),
                _ => Ok(self),
            };
        }
        // An entry first: it would stay wrong in however many examples.
        let view = self.view();
        let bad = |row: usize, column: usize| !view[(row, column)].is_finite();
        // The first in row-major order, whatever the storage: that is how a person reads a table.
        let first = (0..n).find_map(|row| (0..p).find(|&column| bad(row, column)).map(|column| (row, column)));
        if let Some((row, column)) = first {
            let value = view[(row, column)];
            return Err(Error::NotFinite { name: self.name.into_owned(), row, column, value });
        }
        Ok(self)
    }

    /// The name it was given: a file and tensor, or a layer.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same representation, borrowed from this one.
    pub fn borrowed(&self) -> Representation<'_> {
        Representation {
            name: Cow::Borrowed(&self.name),
            storage: Storage::View(self.view()),
            largest: self.largest,
            entries: self.entries,
            positions: self.positions,
        }
    }

    /// The same representation under another name.
    pub fn renamed(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Number of examples (rows).
    pub fn n(&self) -> usize {
        match &self.storage {
            Storage::RowMajor(_, n, _) => *n,
            Storage::Owned(matrix) => matrix.nrows(),
            Storage::View(view) => view.nrows(),
        }
    }

    /// Number of neurons (columns).
    pub fn p(&self) -> usize {
        match &self.storage {
            Storage::RowMajor(_, _, p) => *p,
            Storage::Owned(matrix) => matrix.ncols(),
            Storage::View(view) => view.ncols(),
        }
    }

    /// The largest magnitude of an entry.
    pub(crate) fn largest(&self) -> f64 {
        self.largest
    }

    /// The n x p matrix, not centered.
    pub fn view(&self) -> MatRef<'_, f64> {
        match &self.storage {
            Storage::RowMajor(values, n, p) => MatRef::from_row_major_slice(values, *n, *p),
            Storage::Owned(matrix) => matrix.as_ref(),
            Storage::View(view) => *view,
        }
    }

    /// The values in row-major order.
    pub fn to_row_major(&self) -> Vec<f64> {
        let view = self.view();
        (0..self.n()).flat_map(|row| (0..self.p()).map(move |column| view[(row, column)])).collect()
    }
}
