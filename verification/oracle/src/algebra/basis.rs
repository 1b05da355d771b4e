//! An integer basis of a representation's column space, and what two such bases say exactly.

use super::integer_matrix::IntegerMatrix;
use crate::error::{OracleError, Side};
use crate::matrix::{Features, Matrix, common_rows};
use crate::number::dyadic::shift_floor;
use crate::value::ratio;
use dashu_ratio::RBig;

/// Independent integer columns B with the column space of the features, and B'B.
pub(crate) struct Basis {
    pub(crate) columns: IntegerMatrix,
    pub(crate) gram: IntegerMatrix,
}

/// Two column spaces in R^n.
pub(crate) struct Spaces {
    pub(crate) examples: usize,
    /// The largest rank the features can have: n - 1 centered, n otherwise.
    pub(crate) limit: usize,
    pub(crate) x: Basis,
    pub(crate) y: Basis,
    /// B_x' B_y
    pub(crate) cross: IntegerMatrix,
}

impl Basis {
    pub(crate) fn of(features: &Features, limit: usize) -> Self {
        let all = features.to_integer_matrix();
        let independent = all.independent_columns(limit);
        let columns = strip_powers_of_two(all.select_columns(&independent));
        let gram = columns.transpose_multiply(&columns);
        Basis { columns, gram }
    }

    pub(crate) fn rank(&self) -> usize {
        self.columns.columns
    }
}

impl Spaces {
    /// The column spaces of both representations, which must not be zero.
    pub(crate) fn of(x: &Matrix, y: &Matrix, center: bool) -> Result<Self, OracleError> {
        let examples = common_rows(x, y)?;
        let (features_x, features_y) = if center { (x.centered(), y.centered()) } else { (x.uncentered(), y.uncentered()) };
        features_x.require_nonzero(Side::X)?;
        features_y.require_nonzero(Side::Y)?;
        let limit = if center { examples - 1 } else { examples };
        let (basis_x, basis_y) = (Basis::of(&features_x, limit), Basis::of(&features_y, limit));
        let cross = basis_x.columns.transpose_multiply(&basis_y.columns);
        Ok(Spaces { examples, limit, x: basis_x, y: basis_y, cross })
    }

    pub(crate) fn rank_x(&self) -> usize {
        self.x.rank()
    }

    pub(crate) fn rank_y(&self) -> usize {
        self.y.rank()
    }

    /// An error where one column space is everything there is, so that every canonical correlation
    /// is 1 whatever the data.
    pub(crate) fn require_comparison(&self) -> Result<(), OracleError> {
        if self.rank_x() < self.limit && self.rank_y() < self.limit {
            return Ok(());
        }
        Err(self.degenerate(format!(
            "a representation of rank {} spans everything, so every canonical correlation is 1 whatever the data",
            self.limit
        )))
    }

    pub(crate) fn degenerate(&self, reason: String) -> OracleError {
        OracleError::Degenerate { examples: self.examples, rank_x: self.rank_x(), rank_y: self.rank_y(), reason }
    }

    /// The sum of the squared canonical correlations, tr(P_X P_Y).
    pub(crate) fn sum_of_squares(&self) -> RBig {
        let (in_y, determinant_y) = self.y.gram.solve(&self.cross.transpose());
        let (in_x, determinant_x) = self.x.gram.solve(&self.cross);
        ratio(in_x.trace_of_product(&in_y), determinant_x * determinant_y)
    }

    /// How many canonical correlations are exactly 1: the dimension of the intersection.
    pub(crate) fn count_of_ones(&self) -> usize {
        let joint = self.x.columns.beside(&self.y.columns);
        let total = self.rank_x() + self.rank_y();
        total - joint.independent_columns(self.limit).len()
    }
}

impl Features {
    pub(crate) fn to_integer_matrix(&self) -> IntegerMatrix {
        IntegerMatrix::new(self.rows, self.columns, self.integers.clone())
    }
}

/// Divides each column by the power of two in it: the column space stays, the integers shrink.
fn strip_powers_of_two(mut matrix: IntegerMatrix) -> IntegerMatrix {
    for column in 0..matrix.columns {
        let power = (0..matrix.rows).filter_map(|row| matrix.entry(row, column).trailing_zeros()).min().unwrap_or(0);
        for row in 0..matrix.rows {
            let entry = &mut matrix.entries[row * matrix.columns + column];
            *entry = shift_floor(entry, -(power as i64));
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_int::IBig;

    fn matrix(rows: usize, columns: usize, entries: &[f64]) -> Matrix {
        Matrix::from_row_major(rows, columns, entries).unwrap()
    }

    #[test]
    fn shared_directions_are_counted() {
        let x = matrix(5, 2, &[1.0, 0.0, 2.0, 5.0, 3.0, 1.0, 4.0, 1.0, 7.0, 2.0]);
        // Y's first neuron is 3 x_1 - x_2 + 10; the second is something else.
        let y = matrix(5, 2, &[13.0, 1.0, 11.0, 0.0, 18.0, 4.0, 21.0, -2.0, 29.0, 1.0]);
        let spaces = Spaces::of(&x, &y, true).unwrap();
        assert_eq!((spaces.rank_x(), spaces.rank_y(), spaces.count_of_ones()), (2, 2, 1));
        let same = Spaces::of(&x, &x, true).unwrap();
        assert_eq!((same.count_of_ones(), same.sum_of_squares()), (2, RBig::from(2)));
    }

    #[test]
    fn one_column_each_gives_the_squared_correlation() {
        let x = matrix(4, 1, &[1.0, 2.0, 3.0, 4.0]);
        let y = matrix(4, 1, &[1.0, 3.0, 2.0, 5.0]);
        // Deviations (-3,-1,1,3)/2 and (-7,1,-3,9)/4: products 44/8, norms 20/4 and 140/16.
        let spaces = Spaces::of(&x, &y, true).unwrap();
        assert_eq!(spaces.sum_of_squares(), RBig::from(44 * 44) / RBig::from(20 * 140));
        // Without centering: (1 + 6 + 6 + 20)^2 / (30 * 39).
        let raw = Spaces::of(&x, &y, false).unwrap();
        assert_eq!(raw.sum_of_squares(), RBig::from(33 * 33) / RBig::from(30 * 39));
        assert!(raw.require_comparison().is_ok());
    }

    #[test]
    fn redundant_and_scaled_neurons_leave_the_space_alone() {
        let x = matrix(4, 3, &[1.0, 1024.0, 5.0, 2.0, 2048.0, 5.0, 3.0, 3072.0, 5.0, 4.0, 4096.0, 5.0]);
        let y = matrix(4, 1, &[1e-30, 3e-30, 2e-30, 5e-30]);
        let spaces = Spaces::of(&x, &y, true).unwrap();
        assert_eq!(spaces.rank_x(), 1);
        assert!(spaces.x.columns.entries.iter().all(|entry| entry.clone() <= IBig::from(6)));
    }
}
