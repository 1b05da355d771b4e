//! Matrices of dissimilarities between the examples of one representation, and the inner products
//! that compare two of them.

use super::hsic::{Estimator, Pair, normalised, numerators};
use crate::cosine::Cosine;
use crate::error::{OracleError, Side};
use crate::kernel::KernelMatrix;
use crate::matrix::Matrix;
use crate::number::arithmetic::{Arithmetic, ExactIntegers, IntervalArithmetic};
use crate::number::dyadic::integer_square_root;
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine};
use crate::value::{Value, over_common_denominator};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// Dissimilarities of all pairs of examples up to one positive factor, with a zero diagonal.
pub(super) enum Dissimilarities {
    /// These integers.
    Integers(KernelMatrix<IBig>),
    /// The square roots of these integers.
    Roots(KernelMatrix<IBig>),
    /// One minus these cosines.
    OneMinus(KernelMatrix<Cosine>),
}

/// An inner product of two matrices of dissimilarities.
#[derive(Clone, Copy, Debug)]
pub(super) enum InnerProduct {
    /// The sum over i < j of r s.
    Plain,
    /// The same after both have lost their mean over i < j, times the number of pairs.
    Centered,
    /// tr(R H S H), H = I - 11'/n, times n^2.
    DoubleCentered,
    /// The inner product of the U-centered matrices, times (n - 1)(n - 2).
    UCentered,
}

impl Dissimilarities {
    /// |x_i - x_j|
    pub(super) fn euclidean(x: &Matrix) -> Self {
        Dissimilarities::Roots(squared_distances(x))
    }

    /// |x_i - x_j|^2
    pub(super) fn squared_euclidean(x: &Matrix) -> Self {
        Dissimilarities::Integers(squared_distances(x))
    }

    /// 1 - x_i.x_j / (|x_i| |x_j|) of the raw rows, or of each less the mean row.
    ///
    /// # Errors
    /// `ZeroRow`.
    pub(super) fn cosine(x: &Matrix, center: bool, side: Side) -> Result<Self, OracleError> {
        let rows = if center { x.centered() } else { x.uncentered() };
        let cosines = Cosine::of_rows(&rows, |row| OracleError::ZeroRow { side, row })?;
        Ok(Dissimilarities::OneMinus(cosines))
    }

    /// 1 - the Pearson correlation of the raw rows over the neurons.
    ///
    /// # Errors
    /// `TooFewNeurons` for a single neuron, `ConstantRow`.
    pub(super) fn correlation(x: &Matrix, side: Side) -> Result<Self, OracleError> {
        if x.columns() < 2 {
            return Err(OracleError::TooFewNeurons { side, what: "the correlation of two examples", needed: 2, got: x.columns() });
        }
        let rows = x.uncentered().centered_over_neurons();
        Ok(Dissimilarities::OneMinus(Cosine::of_rows(&rows, |row| OracleError::ConstantRow { side, row })?))
    }

    pub(super) fn size(&self) -> usize {
        match self {
            Dissimilarities::Integers(matrix) | Dissimilarities::Roots(matrix) => matrix.size,
            Dissimilarities::OneMinus(matrix) => matrix.size,
        }
    }

    /// A rational number that is zero where the dissimilarity is, and grows with it.
    pub(super) fn key(&self, row: usize, column: usize) -> RBig {
        let index = row * self.size() + column;
        match self {
            Dissimilarities::Integers(matrix) | Dissimilarities::Roots(matrix) => RBig::from(matrix.entries[index].clone()),
            Dissimilarities::OneMinus(matrix) => RBig::ONE - matrix.entries[index].signed_square(),
        }
    }

    /// The keys of the pairs i > j, row after row.
    pub(super) fn keys(&self) -> Vec<RBig> {
        (0..self.size()).flat_map(|row| (0..row).map(move |column| self.key(row, column))).collect()
    }

    /// Integers that are the dissimilarities up to a positive factor, where such a factor exists.
    fn exact(&self) -> Option<KernelMatrix<IBig>> {
        match self {
            Dissimilarities::Integers(matrix) => Some(matrix.clone()),
            Dissimilarities::Roots(matrix) => {
                // One of the roots may be the common factor: sqrt(a) sqrt(b) is an integer for
                // every b.
                let factor = matrix.entries.iter().find(|square| !square.is_zero())?;
                let root = |square: &IBig| {
                    let (root, is_square) = integer_square_root(&(square * factor));
                    is_square.then_some(root)
                };
                let entries: Option<Vec<IBig>> = matrix.entries.iter().map(root).collect();
                Some(KernelMatrix { size: matrix.size, entries: entries? })
            }
            Dissimilarities::OneMinus(matrix) => {
                let cosines: Option<Vec<RBig>> = matrix.entries.iter().map(Cosine::rational).collect();
                let entries: Vec<RBig> = cosines?.into_iter().map(|cosine| RBig::ONE - cosine).collect();
                Some(KernelMatrix { size: matrix.size, entries: over_common_denominator(&entries).0 })
            }
        }
    }

    fn enclose(&self, precision: usize) -> KernelMatrix<Interval> {
        let size = self.size();
        match self {
            Dissimilarities::Integers(matrix) => {
                KernelMatrix::symmetric(size, |row, column| Interval::from_integer(matrix.entries[row * size + column].clone()))
            }
            Dissimilarities::Roots(matrix) => KernelMatrix::symmetric(size, |row, column| {
                Interval::from_integer(matrix.entries[row * size + column].clone()).square_root(precision)
            }),
            Dissimilarities::OneMinus(matrix) => KernelMatrix::symmetric(size, |row, column| {
                Interval::one().subtract(&matrix.entries[row * size + column].enclose(precision), precision)
            }),
        }
    }
}

fn squared_distances(x: &Matrix) -> KernelMatrix<IBig> {
    KernelMatrix { size: x.rows(), entries: x.uncentered().squared_distances() }
}

impl InnerProduct {
    /// <R, S>, <R, R> and <S, S> up to the factors of R and S, where both are integers up to a
    /// factor.
    pub(super) fn exact(self, r: &Dissimilarities, s: &Dissimilarities) -> Option<[IBig; 3]> {
        Some(self.terms(&ExactIntegers, &r.exact()?, &s.exact()?))
    }

    /// <R, S>, <R, R> and <S, S>.
    pub(super) fn enclose(self, r: &Dissimilarities, s: &Dissimilarities, precision: usize) -> [Interval; 3] {
        self.terms(&IntervalArithmetic { precision }, &r.enclose(precision), &s.enclose(precision))
    }

    /// <R, S> / sqrt(<R, R> <S, S>) to some precision.
    pub(super) fn normalised(self, r: &Dissimilarities, s: &Dissimilarities, precision: usize) -> Result<Interval, Attempt> {
        normalised(&self.enclose(r, s, precision), precision)
    }

    /// <R, S> / sqrt(<R, R> <S, S>) for self-terms that are known not to be zero.
    pub(super) fn value(self, r: &Dissimilarities, s: &Dissimilarities) -> Result<Value, OracleError> {
        match self.exact(r, s) {
            Some([cross, self_r, self_s]) => Ok(Value::over_root(&RBig::from(cross), &RBig::from(self_r * self_s))),
            None => Ok(Value::from_interval(&refine(|precision| self.normalised(r, s, precision))?)),
        }
    }

    fn terms<A: Arithmetic>(self, arithmetic: &A, r: &KernelMatrix<A::Number>, s: &KernelMatrix<A::Number>) -> [A::Number; 3] {
        let pairs = [Pair::Cross, Pair::SelfX, Pair::SelfY];
        match self {
            InnerProduct::DoubleCentered => numerators(arithmetic, r, s, Estimator::Biased, pairs),
            InnerProduct::UCentered => numerators(arithmetic, r, s, Estimator::Unbiased, pairs),
            InnerProduct::Plain => [(r, s), (r, r), (s, s)].map(|(r, s)| sum_of_products(arithmetic, r, s)),
            InnerProduct::Centered => [(r, s), (r, r), (s, s)].map(|(r, s)| {
                let pairs = r.size * (r.size - 1) / 2;
                let sums = arithmetic.multiply(&sum(arithmetic, r), &sum(arithmetic, s));
                arithmetic.subtract(&arithmetic.scale(&sum_of_products(arithmetic, r, s), pairs), &sums)
            }),
        }
    }
}

/// The positions i > j, row after row.
fn lower_triangle(size: usize) -> impl Iterator<Item = usize> {
    (0..size).flat_map(move |row| (0..row).map(move |column| row * size + column))
}

fn sum<A: Arithmetic>(arithmetic: &A, r: &KernelMatrix<A::Number>) -> A::Number {
    lower_triangle(r.size).fold(arithmetic.zero(), |sum, index| arithmetic.add(&sum, &r.entries[index]))
}

fn sum_of_products<A: Arithmetic>(arithmetic: &A, r: &KernelMatrix<A::Number>, s: &KernelMatrix<A::Number>) -> A::Number {
    lower_triangle(r.size)
        .fold(arithmetic.zero(), |sum, index| arithmetic.add(&sum, &arithmetic.multiply(&r.entries[index], &s.entries[index])))
}
