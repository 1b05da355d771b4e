//! What is drawn, left out and permuted: examples, with all of their rows.

use crate::error::Error as MeasureError;
use crate::measure::Measure;
use crate::positions::Positions;
use crate::representation::Representation;

use super::error::Error;

/// The examples of two or more representations, of so many consecutive rows each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Examples {
    /// How many there are.
    pub(super) count: usize,
    /// Rows of one.
    pub(super) rows: usize,
}

impl Examples {
    /// # Errors
    /// [`MeasureError::ExamplesDiffer`]; [`Error::UnequalPositions`].
    pub(super) fn of<'a>(all: impl IntoIterator<Item = &'a Representation<'a>>) -> Result<Self, Error> {
        let mut all = all.into_iter();
        let first = all.next().expect("a representation");
        let mut rows = Self::rows_of(first.positions(), first.n())?;
        for other in all {
            same_rows(first, other)?;
            let of_other = Self::rows_of(other.positions(), other.n())?;
            // Rows of a side that says nothing belong together as those of the other one do.
            rows = match (rows, of_other) {
                (1, rows) | (rows, 1) => rows,
                (one, another) if one == another => one,
                _ => return Err(Error::UnequalPositions { n: first.n() }),
            };
        }
        Ok(Self { count: first.n() / rows, rows })
    }

    /// Of n rows.
    ///
    /// # Errors
    /// [`Error::UnequalPositions`].
    pub(super) fn of_positions(positions: [Positions; 2], n: usize) -> Result<Self, Error> {
        let rows = match positions.map(|positions| Self::rows_of(positions, n)) {
            [Ok(1), Ok(rows)] | [Ok(rows), Ok(1)] => rows,
            [Ok(one), Ok(another)] if one == another => one,
            _ => return Err(Error::UnequalPositions { n }),
        };
        Ok(Self { count: n / rows, rows })
    }

    fn rows_of(positions: Positions, n: usize) -> Result<usize, Error> {
        match positions {
            Positions::None => Ok(1),
            Positions::Each(rows) if rows > 0 && n.is_multiple_of(rows) => Ok(rows),
            Positions::Each(_) | Positions::Unequal => Err(Error::UnequalPositions { n }),
        }
    }

    /// The rows of these examples, in their order.
    pub(super) fn expand(self, examples: &[u32]) -> Vec<u32> {
        let rows = self.rows as u32;
        if rows == 1 {
            return examples.to_vec();
        }
        examples.iter().flat_map(|example| example * rows..(example + 1) * rows).collect()
    }

    /// Asks that rows are examples.
    ///
    /// # Errors
    /// [`Error::OfPositions`].
    pub(super) fn require_rows(self, what: &'static str) -> Result<(), Error> {
        if self.rows == 1 { Ok(()) } else { Err(Error::OfPositions { what, examples: self.count, rows: self.rows }) }
    }
}

/// Asks for as many rows on both sides.
///
/// # Errors
/// [`MeasureError::ExamplesDiffer`].
pub(super) fn same_rows(x: &Representation<'_>, y: &Representation<'_>) -> Result<usize, MeasureError> {
    if x.n() != y.n() {
        return Err(MeasureError::ExamplesDiffer { x: x.name().to_string(), y: y.name().to_string(), n_x: x.n(), n_y: y.n() });
    }
    Ok(x.n())
}

/// Two small pairs, to ask what a measure's own answer is without any data: of examples, and of
/// distances between those of their first neurons, for where dissimilarities have to be given.
///
/// # Errors
/// None: their entries are finite.
pub(super) fn small_pairs(measure: &Measure) -> Result<[[Representation<'static>; 2]; 2], MeasureError> {
    let n = measure.properties().minimum_examples.max(16);
    let small = |shift: f64| {
        let entries = (0..2 * n).map(|entry| (1.0 + shift + 3.0 * entry as f64 + (entry * entry) as f64 * 0.37).sin());
        Representation::from_row_major("", n, 2, entries.collect::<Vec<f64>>())
    };
    let given = |x: &Representation<'_>| {
        let at = |i: usize| x.view()[(i, 0)];
        let distances: Vec<f64> = (0..n * n).map(|place| (at(place / n) - at(place % n)).abs()).collect();
        Representation::from_row_major("", n, n, distances)?.into_rdm()
    };
    let examples = [small(0.0)?, small(2.0)?];
    let between = [given(&examples[0])?, given(&examples[1])?];
    Ok([examples, between])
}
