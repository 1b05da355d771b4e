//! A batch of rows of one layer, centered about its own mean.

use faer::MatRef;

use super::compensated::Compensated;
use crate::arrays::columns::{Columns, center};
use crate::arrays::scale::{exponent, factors};
use crate::error::Error;

/// Rows of one layer, one row an example, in the precision that they come in.
#[derive(Debug, Clone, Copy)]
pub enum Batch<'a> {
    /// Single precision, widened exactly.
    F32(MatRef<'a, f32>),
    /// Double precision.
    F64(MatRef<'a, f64>),
}

impl<'a> From<MatRef<'a, f32>> for Batch<'a> {
    fn from(rows: MatRef<'a, f32>) -> Self {
        Batch::F32(rows)
    }
}

impl<'a> From<MatRef<'a, f64>> for Batch<'a> {
    fn from(rows: MatRef<'a, f64>) -> Self {
        Batch::F64(rows)
    }
}

impl Batch<'_> {
    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Batch::F32(rows) => rows.shape(),
            Batch::F64(rows) => rows.shape(),
        }
    }

    /// The exponent of the largest magnitude; none when every entry is 0.
    ///
    /// # Errors
    /// [`Error::NotFinite`] with the row counted from `start`.
    pub(super) fn largest_exponent(&self, name: &str, start: u64) -> Result<Option<i64>, Error> {
        let (finite, largest) = match self {
            Batch::F32(rows) => (rows.is_all_finite(), f64::from(rows.norm_max())),
            Batch::F64(rows) => (rows.is_all_finite(), rows.norm_max()),
        };
        if finite {
            return Ok((largest > 0.0).then(|| exponent(largest)));
        }
        let (n, p) = self.shape();
        let at = |row: usize, column: usize| match self {
            Batch::F32(rows) => f64::from(rows[(row, column)]),
            Batch::F64(rows) => rows[(row, column)],
        };
        let first = (0..n).find_map(|row| (0..p).find(|&column| !at(row, column).is_finite()).map(|column| (row, column)));
        let (row, column) = first.expect("an entry is not finite");
        Err(Error::NotFinite { name: name.to_string(), row: start as usize + row, column, value: at(row, column) })
    }
}

/// The deviations of a batch from its own mean, and that mean.
pub(super) struct Block {
    /// Rows, and one row more for the shift of what was gathered before: the sum of products of
    /// both is then one product.
    deviations: Columns<f64>,
    rows: usize,
    pub(super) mean: Vec<Compensated>,
}

impl Block {
    /// Scales a batch by 2^-exponent and centers it.
    pub(super) fn new(batch: &Batch<'_>, exponent: i64) -> Self {
        let (rows, p) = batch.shape();
        let mut deviations = Columns::unset(rows + 1, p);
        let factors = factors(-exponent);
        let mean = match batch {
            Batch::F32(rows) => deviations.fill(*rows, factors, f64::from, mean),
            Batch::F64(rows) => deviations.fill(*rows, factors, |value| value, mean),
        };
        Self { deviations, rows, mean }
    }

    /// Moves every row by `shift`, and puts `weight` * `before` into the additional row.
    pub(super) fn shift(&mut self, shift: &[f64], weight: f64, before: &[f64]) {
        for (column, (shift, before)) in shift.iter().zip(before).enumerate() {
            let column = self.deviations.column_mut(column);
            column[..self.rows].iter_mut().for_each(|value| *value += shift);
            column[self.rows] = weight * before;
        }
    }

    /// The deviations of the batch, and the additional row below them.
    pub(super) fn with_shift(&self) -> MatRef<'_, f64> {
        self.deviations.as_ref()
    }

    /// The deviations of the batch: rows x neurons.
    pub(super) fn matrix(&self) -> MatRef<'_, f64> {
        self.deviations.as_ref().subrows(0, self.rows)
    }

    /// One neuron of the batch.
    pub(super) fn column(&self, column: usize) -> &[f64] {
        &self.deviations.column(column)[..self.rows]
    }
}

/// Centers a column; gives its mean, which is right to eps times the deviations, whatever the
/// offset.
#[inline(always)]
fn mean(column: &mut [f64]) -> Compensated {
    let ([mean, left], _) = center(column);
    Compensated::of(mean, left)
}
