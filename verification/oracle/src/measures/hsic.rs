//! The Hilbert-Schmidt independence criterion and its normalisation, centered kernel alignment.
//!
//! Everything is the definition in Gram space, for every kernel: tr(K H L H) by its sums, and
//! Song's three-term estimator.

use crate::error::{OracleError, Side};
use crate::kernel::{Kernel, KernelMatrix};
use crate::keys::Keys;
use crate::matrix::{Features, Matrix, common_rows};
use crate::number::arithmetic::{Arithmetic, ExactIntegers, IntervalArithmetic};
use crate::number::enclosure::nearest_f64;
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine};
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// Which estimator of HSIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// tr(K H L H) / (n - 1)^2
    Biased,
    /// Song's unbiased estimator; needs four examples. In CKA it stands in all three places.
    Unbiased,
}

/// Options of [`hsic`] and [`cka`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The same kernel on both sides.
    pub kernel: Kernel,
    /// The estimator.
    pub estimator: Estimator,
}

/// [`hsic`] in the grammar.
#[derive(Debug, PartialEq)]
pub(crate) struct Hsic(pub(crate) Options);

/// [`cka`] in the grammar, where the unbiased estimator is called debiased.
#[derive(Debug, PartialEq)]
pub(crate) struct Cka(pub(crate) Options);

impl Options {
    fn parse(keys: &mut Keys<'_>, unbiased: &str) -> Result<Self, OracleError> {
        let kernel = Kernel::parse(keys)?;
        Ok(Options { kernel, estimator: keys.choice("estimator", &[("biased", Estimator::Biased), (unbiased, Estimator::Unbiased)])? })
    }

    /// What the kernel acts on.
    fn rows(&self, matrix: &Matrix) -> Features {
        if self.kernel.is_centered() { matrix.centered() } else { matrix.uncentered() }
    }
}

impl Formula for Hsic {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        Options::parse(keys, "unbiased").map(Hsic)
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        hsic(x, y, &self.0)
    }
}

impl Formula for Cka {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        Options::parse(keys, "debiased").map(Cka)
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        cka(x, y, &self.0)
    }
}

/// A kernel matrix's parts that HSIC needs; the diagonal is set to zero for the unbiased estimator.
struct SummedKernel<'a, Number> {
    matrix: &'a KernelMatrix<Number>,
    row_sums: Vec<Number>,
    total: Number,
}

impl Estimator {
    fn skips_diagonal(self) -> bool {
        self == Estimator::Unbiased
    }

    /// What [`numerators`] must be divided by to give HSIC.
    pub(super) fn denominator(self, examples: usize) -> IBig {
        let n = IBig::from(examples);
        let less = |by: u8| &n - IBig::from(by);
        match self {
            Estimator::Biased => &n * &n * less(1) * less(1),
            Estimator::Unbiased => &n * less(1) * less(2) * less(3),
        }
    }

    fn require_examples(self, examples: usize) -> Result<(), OracleError> {
        if self == Estimator::Unbiased && examples < 4 {
            return Err(OracleError::TooFewExamples { what: "the unbiased estimator of HSIC", needed: 4, got: examples });
        }
        Ok(())
    }
}

/// HSIC(X, Y).
///
/// # Errors
/// `ShapeMismatch`, `TooFewExamples`, `InvalidOption`, `ZeroMedian`, `ZeroRow`, `Undecidable`.
pub fn hsic(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    options.estimator.require_examples(examples)?;
    options.kernel.validate()?;
    let (rows_x, rows_y) = (options.rows(x), options.rows(y));
    let denominator = options.estimator.denominator(examples);
    if let (Some(k), Some(l)) = (options.kernel.exact(&rows_x), options.kernel.exact(&rows_y)) {
        let [cross] = numerators(&ExactIntegers, &k.matrix, &l.matrix, options.estimator, [Pair::Cross]);
        return Ok(Value::exact(ratio(cross, denominator) * k.scale * l.scale));
    }
    let k = options.kernel.transcendental(&rows_x, Side::X)?;
    let l = options.kernel.transcendental(&rows_y, Side::Y)?;
    let value = refine(|precision| {
        let arithmetic = IntervalArithmetic { precision };
        let (k, l) = (k.enclose(precision), l.enclose(precision));
        let [cross] = numerators(&arithmetic, &k, &l, options.estimator, [Pair::Cross]);
        Ok(cross.divide(&Interval::from_integer(denominator.clone()), precision))
    })?;
    Ok(Value::from_interval(&value))
}

/// CKA(X, Y) = HSIC(X, Y) / sqrt(HSIC(X, X) HSIC(Y, Y)); with the unbiased estimator in all three
/// places it is the debiased CKA.
///
/// # Errors
/// As [`hsic`], and `Constant` or `ZeroSelfTerm` where a self-term is exactly zero.
pub fn cka(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    options.estimator.require_examples(examples)?;
    options.kernel.validate()?;
    x.centered().require_nonzero(Side::X)?;
    y.centered().require_nonzero(Side::Y)?;
    let (rows_x, rows_y) = (options.rows(x), options.rows(y));
    let pairs = [Pair::Cross, Pair::SelfX, Pair::SelfY];
    if let (Some(k), Some(l)) = (options.kernel.exact(&rows_x), options.kernel.exact(&rows_y)) {
        let [cross, self_x, self_y] = numerators(&ExactIntegers, &k.matrix, &l.matrix, options.estimator, pairs);
        if self_x.is_zero() || self_y.is_zero() {
            let denominator = options.estimator.denominator(examples);
            let hsic_of = |numerator: IBig, scale: RBig| nearest_f64(&(ratio(numerator, denominator.clone()) * scale));
            return Err(OracleError::ZeroSelfTerm {
                self_x: hsic_of(self_x, &k.scale * &k.scale),
                self_y: hsic_of(self_y, &l.scale * &l.scale),
                cross: hsic_of(cross, k.scale * l.scale),
            });
        }
        // The scales cancel.
        return Ok(Value::over_root(&RBig::from(cross), &RBig::from(self_x * self_y)));
    }
    let k = options.kernel.transcendental(&rows_x, Side::X)?;
    let l = options.kernel.transcendental(&rows_y, Side::Y)?;
    let value = refine(|precision| {
        let arithmetic = IntervalArithmetic { precision };
        let (k, l) = (k.enclose(precision), l.enclose(precision));
        let [cross, self_x, self_y] = numerators(&arithmetic, &k, &l, options.estimator, pairs);
        for term in [&self_x, &self_y] {
            if term.is_point() && term.lo().is_zero() {
                return Err(Attempt::Failed(OracleError::ZeroSelfTerm {
                    self_x: nearest_f64(&self_x.midpoint().to_rational()),
                    self_y: nearest_f64(&self_y.midpoint().to_rational()),
                    cross: nearest_f64(&cross.midpoint().to_rational()),
                }));
            }
        }
        normalised(&[cross, self_x, self_y], precision)
    })?;
    Ok(Value::from_interval(&value))
}

/// cross / sqrt(self_x self_y) of the three terms in that order.
/// More bits are asked for until both self-terms are resolved from zero.
pub(super) fn normalised([cross, self_x, self_y]: &[Interval; 3], precision: usize) -> Result<Interval, Attempt> {
    for (side, term) in [(Side::X, self_x), (Side::Y, self_y)] {
        if !term.is_positive() {
            return Err(Attempt::Unresolved(format!("whether the self-term of {side} is zero")));
        }
    }
    Ok(cross.divide(&self_x.multiply(self_y, precision).square_root(precision), precision))
}

/// Which two kernel matrices a numerator is about.
#[derive(Clone, Copy)]
pub(super) enum Pair {
    Cross,
    SelfX,
    SelfY,
}

/// HSIC times [`Estimator::denominator`] for each wanted pair.
pub(super) fn numerators<A: Arithmetic, const COUNT: usize>(
    arithmetic: &A,
    k: &KernelMatrix<A::Number>,
    l: &KernelMatrix<A::Number>,
    estimator: Estimator,
    pairs: [Pair; COUNT],
) -> [A::Number; COUNT] {
    let (k, l) = (SummedKernel::new(arithmetic, k, estimator), SummedKernel::new(arithmetic, l, estimator));
    pairs.map(|pair| match pair {
        Pair::Cross => numerator(arithmetic, &k, &l, estimator),
        Pair::SelfX => numerator(arithmetic, &k, &k, estimator),
        Pair::SelfY => numerator(arithmetic, &l, &l, estimator),
    })
}

impl<'a, Number: Clone> SummedKernel<'a, Number> {
    fn new<A: Arithmetic<Number = Number>>(arithmetic: &A, matrix: &'a KernelMatrix<Number>, estimator: Estimator) -> Self {
        let size = matrix.size;
        let row_sums: Vec<Number> = (0..size)
            .map(|row| {
                (0..size)
                    .filter(|column| !(estimator.skips_diagonal() && *column == row))
                    .fold(arithmetic.zero(), |sum, column| arithmetic.add(&sum, &matrix.entries[row * size + column]))
            })
            .collect();
        let total = row_sums.iter().fold(arithmetic.zero(), |sum, row| arithmetic.add(&sum, row));
        SummedKernel { matrix, row_sums, total }
    }
}

/// Biased: n^2 tr(K H L H) = n^2 sum K L - 2 n k.l + (sum K)(sum L), with row sums k and l.
/// Unbiased, zero diagonals: (n-1)(n-2) sum K L + (sum K)(sum L) - 2 (n-1) k.l.
fn numerator<A: Arithmetic>(
    arithmetic: &A,
    k: &SummedKernel<'_, A::Number>,
    l: &SummedKernel<'_, A::Number>,
    estimator: Estimator,
) -> A::Number {
    let size = k.matrix.size;
    // Both matrices are symmetric: twice the strict lower triangle, and the diagonal where it
    // counts.
    let mut products = arithmetic.zero();
    for row in 0..size {
        for column in 0..row {
            let at = row * size + column;
            products = arithmetic.add(&products, &arithmetic.multiply(&k.matrix.entries[at], &l.matrix.entries[at]));
        }
    }
    products = arithmetic.scale(&products, 2);
    if !estimator.skips_diagonal() {
        for row in 0..size {
            let at = row * size + row;
            products = arithmetic.add(&products, &arithmetic.multiply(&k.matrix.entries[at], &l.matrix.entries[at]));
        }
    }
    let rows = k
        .row_sums
        .iter()
        .zip(&l.row_sums)
        .fold(arithmetic.zero(), |sum, (left, right)| arithmetic.add(&sum, &arithmetic.multiply(left, right)));
    let totals = arithmetic.multiply(&k.total, &l.total);
    let (product_factor, row_factor) = match estimator {
        Estimator::Biased => (size * size, 2 * size),
        Estimator::Unbiased => ((size - 1) * (size - 2), 2 * (size - 1)),
    };
    let positive = arithmetic.add(&arithmetic.scale(&products, product_factor), &totals);
    arithmetic.subtract(&positive, &arithmetic.scale(&rows, row_factor))
}
