//! From a band to two diagonals: row by row, each reflection chased down to the end of the band, on
//! blocks that stay in the cache.

use faer::MatRef;

use super::band::WIDTH;
use crate::arrays::sums::{sum_of_run, vectorised};

/// An upper triangular n x n band, with room for what reflections put beside it on their way: 2 w
/// diagonals above the main one and w below.
///
/// Columns are contiguous, and rows lie beside each other as in a full matrix of 3 w rows, so that
/// any block within the band is a block of such a matrix.
#[derive(Debug)]
pub(super) struct Band {
    n: usize,
    width: usize,
    entries: Vec<f64>,
}

/// Rows that a reflection of columns touches, at most.
const ROWS: usize = 2 * WIDTH;
/// So many of them are summed together, in registers.
const LANES: usize = 16;
const _: () = assert!(ROWS.is_multiple_of(LANES));

/// I - tau v v', which takes a vector to a multiple of the first unit vector.
struct Reflection {
    tau: f64,
    /// The multiple.
    head: f64,
}

impl Band {
    /// Zeros.
    pub(super) fn new(n: usize, width: usize) -> Self {
        // Rows are summed so many at a time, beyond the last one too.
        Self { n, width, entries: vec![0.0; n * (3 * width + 1) + ROWS] }
    }

    /// Where an entry is: w below the main diagonal to 2 w above it.
    #[inline(always)]
    fn place(&self, row: usize, column: usize) -> usize {
        column * 3 * self.width + row + 2 * self.width
    }

    /// Puts the upper triangle of a panel there: each entry at the row and column that `to` says.
    pub(super) fn put(&mut self, panel: MatRef<'_, f64>, to: impl Fn(usize, usize) -> (usize, usize)) {
        for (j, values) in panel.col_iter().enumerate() {
            for i in 0..=j.min(panel.nrows() - 1) {
                let (row, column) = to(i, j);
                let place = self.place(row, column);
                self.entries[place] = values[i];
            }
        }
    }

    /// The main diagonal and the one above it of a bidiagonal matrix with the same singular values.
    pub(super) fn into_bidiagonal(mut self) -> (Vec<f64>, Vec<f64>) {
        vectorised(
            #[inline(always)]
            || self.chase(),
        );
        let diagonal = (0..self.n).map(|i| self.entries[self.place(i, i)]).collect();
        let above = (1..self.n).map(|i| self.entries[self.place(i - 1, i)]).collect();
        (diagonal, above)
    }

    #[inline(always)]
    fn chase(&mut self) {
        let mut vector = vec![0.0; self.width];
        for step in 0..self.n.saturating_sub(2) {
            // The row has entries in these w columns; all but the first are to go, in this row's
            // own band or beyond it.
            let (mut row, mut first) = (step, step + 1);
            while first + 1 < self.n {
                let end = self.n.min(first + self.width);
                self.clear_row(row, first, end, &mut vector);
                // That filled the block below the row down to its last line; the first column of it
                // goes, the others wait for the next steps.
                self.clear_column(first, end, &mut vector);
                (row, first) = (first, first + self.width);
            }
        }
    }

    /// Reflects the columns first..end so that of this row only the first entry is left.
    #[inline(always)]
    fn clear_row(&mut self, row: usize, first: usize, end: usize, vector: &mut [f64]) {
        let vector = &mut vector[..end - first];
        for (value, column) in vector.iter_mut().zip(first..end) {
            *value = self.entries[self.place(row, column)];
        }
        let Some(Reflection { tau, head }) = reflection(vector) else { return };
        for column in first..end {
            let place = self.place(row, column);
            self.entries[place] = if column == first { head } else { 0.0 };
        }
        let rows = end - (row + 1);
        let mut sums = [0.0; ROWS];
        for (part, sums) in sums.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let mut total = [0.0; LANES];
            for (value, column) in vector.iter().zip(first..end) {
                let place = self.place(row + 1 + LANES * part, column);
                let entries = self.entries[place..].first_chunk::<LANES>().expect("room beyond the last row");
                for lane in 0..LANES {
                    total[lane] += *value * entries[lane];
                }
            }
            *sums = total;
        }
        for (value, column) in vector.iter().zip(first..end) {
            let place = self.place(row + 1, column);
            add_multiple(&mut self.entries[place..place + rows], -tau * value, &sums[..rows]);
        }
    }

    /// Reflects the rows first..end so that of the column `first` only the first entry is left.
    #[inline(always)]
    fn clear_column(&mut self, first: usize, end: usize, vector: &mut [f64]) {
        let vector = &mut vector[..end - first];
        let place = self.place(first, first);
        vector.copy_from_slice(&self.entries[place..place + vector.len()]);
        let Some(Reflection { tau, head }) = reflection(vector) else { return };
        self.entries[place] = head;
        self.entries[place + 1..place + vector.len()].fill(0.0);
        for column in first + 1..self.n.min(end + self.width) {
            let place = self.place(first, column);
            let values = &mut self.entries[place..place + vector.len()];
            let sum = dot(vector, values);
            add_multiple(values, -tau * sum, vector);
        }
    }
}

/// The reflection that takes x to a multiple of the first unit vector; its v, with a first entry of
/// 1, takes the place of x. None where x is such a multiple.
#[inline(always)]
fn reflection(x: &mut [f64]) -> Option<Reflection> {
    let (head, tail) = x.split_first_mut()?;
    // Entries are at most about n; squares that vanish are nothing beside the largest entry, which
    // is 1.
    let squared = dot(tail, tail);
    if squared == 0.0 {
        return None;
    }
    let alpha = *head;
    let beta = -(alpha * alpha + squared).sqrt().copysign(alpha);
    let inverse = 1.0 / (alpha - beta);
    tail.iter_mut().for_each(|value| *value *= inverse);
    *head = 1.0;
    Some(Reflection { tau: (beta - alpha) / beta, head: beta })
}

/// to += factor * from
#[inline(always)]
fn add_multiple(to: &mut [f64], factor: f64, from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// Vectors are as short as a band is wide.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    sum_of_run(a, b, |a, b| a * b)
}
