//! The share of variance that ridge regressions predict of examples that they were not fitted to.

use crate::algebra::integer_matrix::IntegerMatrix;
use crate::error::{OracleError, Side};
use crate::kernel::exact_rational;
use crate::keys::Keys;
use crate::matrix::{Features, Matrix, common_rows};
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// Which representation is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// X from Y.
    XFromY,
    /// Y from X.
    YFromX,
    /// The mean of both.
    Mean,
}

/// Which examples are held out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Blocks of the order that the outputs of SplitMix64 give.
    Shuffled,
    /// Blocks of the order as it is.
    Contiguous,
    /// Every k-th.
    Interleaved,
}

/// Options of [`linear_predictivity`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Which representation is predicted.
    pub direction: Direction,
    /// How many folds, at least 2.
    pub folds: usize,
    /// lambda over the squared norm of the training examples, taken exactly as the f64 it is.
    pub penalty: f64,
    /// How the examples are divided.
    pub split: Split,
    /// Of a shuffled division.
    pub seed: u64,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let directions = [("x-from-y", Direction::XFromY), ("y-from-x", Direction::YFromX), ("mean", Direction::Mean)];
        let splits = [("shuffled", Split::Shuffled), ("contiguous", Split::Contiguous), ("interleaved", Split::Interleaved)];
        let direction = keys.choice("direction", &directions)?;
        let (folds, penalty) = (keys.number("folds", Some(5.0))?, keys.number("penalty", Some(1e-3))?);
        let split = keys.choice("split", &splits)?;
        let seed = if split == Split::Shuffled { keys.number("split-seed", Some(0.0))? } else { 0.0 };
        Ok(Options { direction, folds: folds as usize, penalty, split, seed: seed as u64 })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        linear_predictivity(x, y, self)
    }
}

/// 1 - PRESS / TSS, exactly.
///
/// # Errors
/// `ShapeMismatch`, `TooFewExamples`, `Constant`, `ConstantTraining`, `InvalidOption`.
pub fn linear_predictivity(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    if options.folds < 2 {
        let value = options.folds as f64;
        return Err(OracleError::InvalidOption { option: "folds", value, expected: "a whole number of at least 2" });
    }
    if !(options.penalty.is_finite() && options.penalty > 0.0) {
        return Err(OracleError::InvalidOption { option: "penalty", value: options.penalty, expected: "a number above 0" });
    }
    let needed = if options.folds == 2 { 4 } else { options.folds.max(3) };
    if examples < needed {
        return Err(OracleError::TooFewExamples { what: "linear predictivity in folds", needed, got: examples });
    }
    x.centered().require_nonzero(Side::X)?;
    y.centered().require_nonzero(Side::Y)?;
    let folds = options.folds(examples);
    let (x, y) = ((x.uncentered(), Side::X), (y.uncentered(), Side::Y));
    let from =
        |predictor: &(Features, Side), response: &(Features, Side)| explained(&predictor.0, predictor.1, &response.0, &folds, options);
    let value = match options.direction {
        Direction::XFromY => from(&y, &x)?,
        Direction::YFromX => from(&x, &y)?,
        Direction::Mean => (from(&y, &x)? + from(&x, &y)?) / RBig::from(2),
    };
    Ok(Value::exact(value))
}

impl Options {
    /// The examples of each fold.
    fn folds(&self, examples: usize) -> Vec<Vec<usize>> {
        let order: Vec<usize> = match self.split {
            Split::Interleaved => {
                return (0..self.folds).map(|fold| (fold..examples).step_by(self.folds).collect()).collect();
            }
            Split::Contiguous => (0..examples).collect(),
            Split::Shuffled => {
                let mut outputs: Vec<(u64, usize)> = (0..examples).map(|example| (split_mix(self.seed, example), example)).collect();
                outputs.sort_unstable();
                outputs.into_iter().map(|(_, example)| example).collect()
            }
        };
        let mut rest = order.as_slice();
        let mut take = |fold: usize| {
            // As equal as can be, the larger ones first: what is left over the folds that are left.
            let (taken, left) = rest.split_at(rest.len().div_ceil(self.folds - fold));
            rest = left;
            taken.to_vec()
        };
        (0..self.folds).map(&mut take).collect()
    }
}

/// The output number `index`, counted from 0, of SplitMix64 (Steele, Lea and Flood 2014).
fn split_mix(seed: u64, index: usize) -> u64 {
    const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut z = (0..=index).fold(seed, |state, _| state.wrapping_add(GAMMA));
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9), (27, 0x94d0_49bb_1331_11eb_u64)] {
        z = (z ^ (z >> shift)).wrapping_mul(factor);
    }
    z ^ (z >> 31)
}

/// 1 - PRESS / TSS of one direction.
fn explained(predictor: &Features, side: Side, response: &Features, folds: &[Vec<usize>], options: &Options) -> Result<RBig, OracleError> {
    let (mut press, mut total) = (RBig::ZERO, RBig::ZERO);
    for (fold, test) in folds.iter().enumerate() {
        let train: Vec<usize> = (0..predictor.rows).filter(|example| !test.contains(example)).collect();
        // Training examples times their number, so that their mean is whole; both sums over its
        // square.
        let count = IBig::from(train.len());
        let ((a, a_test), (b, b_test)) = (divided(predictor, &train, test), divided(response, &train, test));
        if a.is_zero() {
            return Err(OracleError::ConstantTraining { side, fold });
        }
        let lambda = exact_rational(options.penalty) * RBig::from(a.squared_norm());
        let (prediction, denominator) = predictions(&a, &a_test, &b, &lambda);
        let scaled = b_test.entries.iter().map(|entry| entry * &denominator);
        let errors = scaled.zip(&prediction.entries).fold(IBig::ZERO, |sum, (actual, predicted)| {
            let error = actual - predicted;
            sum + &error * &error
        });
        press += ratio(errors, &count * &count * &denominator * &denominator);
        total += ratio(b_test.squared_norm(), &count * &count);
    }
    Ok(RBig::ONE - press / total)
}

/// (N, d) with the predictions A_T (A'A + lambda I)^-1 A'B = N / d, by whichever of A'A and A A' is
/// smaller: A_T A' (A A' + lambda I)^-1 B is the same.
fn predictions(a: &IntegerMatrix, a_test: &IntegerMatrix, b: &IntegerMatrix, lambda: &RBig) -> (IntegerMatrix, IBig) {
    let denominator = IBig::from(lambda.denominator().clone());
    let narrow = a.columns <= a.rows;
    let square = if narrow { a.transpose_multiply(a) } else { a.multiply(&a.transpose()) };
    let mut entries: Vec<IBig> = square.entries.iter().map(|entry| entry * &denominator).collect();
    for index in 0..square.rows {
        entries[index * square.columns + index] += lambda.numerator();
    }
    let regularised = IntegerMatrix::new(square.rows, square.columns, entries);
    let (mut product, determinant) = if narrow {
        let (solved, determinant) = regularised.solve(&a.transpose_multiply(b));
        (a_test.multiply(&solved), determinant)
    } else {
        let (solved, determinant) = regularised.solve(b);
        (a_test.multiply(&a.transpose()).multiply(&solved), determinant)
    };
    for entry in &mut product.entries {
        *entry *= &denominator;
    }
    (product, determinant)
}

/// The training and the test rows times the number of training rows, less the sum of these.
fn divided(features: &Features, train: &[usize], test: &[usize]) -> (IntegerMatrix, IntegerMatrix) {
    let count = IBig::from(train.len());
    let sum = |column: usize| train.iter().fold(IBig::ZERO, |sum, row| sum + &features.row(*row)[column]);
    let sums: Vec<IBig> = (0..features.columns).map(sum).collect();
    let part = |rows: &[usize]| {
        let entries = rows.iter().flat_map(|row| features.row(*row).iter().zip(&sums).map(|(entry, sum)| entry * &count - sum));
        IntegerMatrix::new(rows.len(), features.columns, entries.collect())
    };
    (part(train), part(test))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Options {
        let mut keys = Keys::read(text, text).unwrap();
        let options = Options::parse(&mut keys).unwrap();
        keys.finish().unwrap();
        options
    }

    /// y = 2 x, and a penalty of 1 halves the slope: errors are half of the distances from the
    /// training means.
    #[test]
    fn a_penalty_of_one_halves_the_slope_of_one_neuron() {
        let x = Matrix::from_row_major(5, 1, &[1.0, 2.0, 4.0, 8.0, 9.0]).unwrap();
        let y = Matrix::from_row_major(5, 1, &[2.0, 4.0, 8.0, 16.0, 18.0]).unwrap();
        for text in ["penalty=1", "penalty=1,folds=5,split=contiguous", "direction=mean,penalty=1,folds=2,split=interleaved"] {
            let value = linear_predictivity(&x, &y, &options(text)).unwrap();
            assert_eq!(*value.enclosure.lo(), ratio(IBig::from(3), IBig::from(4)), "{text}");
        }
    }

    #[test]
    fn both_forms_of_the_predictions_agree() {
        let entries = |count: i64, seed: i64| (0..count).map(|index| IBig::from((index * index * 7 + seed * index) % 13 - 5)).collect();
        let (a, a_test) = (IntegerMatrix::new(3, 3, entries(9, 3)), IntegerMatrix::new(2, 3, entries(6, 5)));
        let b = IntegerMatrix::new(3, 2, entries(6, 4));
        let lambda = ratio(IBig::from(3), IBig::from(7));
        let (narrow, d) = predictions(&a, &a_test, &b, &lambda);
        // Zero neurons change nothing but the shape.
        let zeros = |rows: usize| IntegerMatrix::new(rows, 2, vec![IBig::ZERO; 2 * rows]);
        let (wide, e) = predictions(&a.beside(&zeros(3)), &a_test.beside(&zeros(2)), &b, &lambda);
        for (left, right) in narrow.entries.iter().zip(&wide.entries) {
            assert_eq!(left * &e, right * &d);
        }
    }

    #[test]
    fn folds_are_as_equal_as_can_be() {
        let sizes = |text: &str, n: usize| options(text).folds(n).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes("folds=4", 11), [3, 3, 3, 2]);
        assert_eq!(options("folds=3,split=contiguous").folds(7), [vec![0, 1, 2], vec![3, 4], vec![5, 6]]);
        assert_eq!(options("folds=3,split=interleaved").folds(7), [vec![0, 3, 6], vec![1, 4], vec![2, 5]]);
        assert_eq!(split_mix(0, 0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn training_examples_that_are_all_equal_are_refused() {
        let x = Matrix::from_row_major(4, 1, &[1.0, 2.0, 3.0, 3.0]).unwrap();
        let y = Matrix::from_row_major(4, 1, &[1.0, 5.0, 3.0, 0.0]).unwrap();
        let refused = linear_predictivity(&x, &y, &options("direction=y-from-x,folds=2,split=contiguous"));
        assert_eq!(refused, Err(OracleError::ConstantTraining { side: Side::X, fold: 0 }));
    }
}
