//! Ridge regression on all folds of the examples but one, tried on that one.

use faer::Mat;
use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::{MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::arrays::columns::{Columns, slice_mut};
use crate::arrays::product::{cross_product, inner, product, self_product, slice, squared_norm};
use crate::arrays::sums::{sum, sum_of_squares};
use crate::linalg::cholesky_qr::{cholesky, correct, inverse_norm};
use crate::linalg::folds::{FoldedExamples, Offsets};
use crate::linalg::ridge_gradient::{Fitted, Matrices, Sizes, moved_by_weights};
use crate::tolerance::{EPS, equality, rounding};

/// Columns that are solved for at a time.
const COLUMNS: usize = 128;

/// What a predictor brings to the regressions on all folds but one, whatever is fitted.
#[derive(Debug)]
pub(crate) struct Ridge {
    of_fold: Vec<Fit>,
}

/// The regression on the examples A outside one fold, about their mean.
#[derive(Debug)]
struct Fit {
    /// L of A'A + lambda I = L L'.
    lower: Columns<f64>,
    offsets: Offsets,
    /// The examples of the fold about the mean of A.
    held_out: Mat<f64>,
    /// Its sizes; what the factorisation errs by is |L| |L'|.
    fitted: Fitted,
    /// How much of the predictor's rounding, as a share of what the fit resolves, is left: less
    /// than 1.
    blurred: f64,
}

/// Why there are no regressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// The examples outside this fold are all the same within rounding.
    Constant(usize),
    /// A matrix of this many rows was not positive definite.
    Indefinite(usize),
}

/// What the regressions say of the examples that were held out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Predicted {
    /// 1 - sum of squared errors / sum of squares about the training means.
    pub(crate) explained: f64,
    /// As [`Outcome::condition`](crate::Outcome::condition).
    pub(crate) condition: f64,
}

impl Ridge {
    /// The regressions on these predictors, lambda being `penalty` times the squared norm of those
    /// that are trained on.
    pub(crate) fn new(predictor: &FoldedExamples, penalty: f64) -> Result<Self, Unfit> {
        let folds = &predictor.folds;
        let within: Vec<Columns<f64>> = (0..folds.count()).map(|fold| self_product(predictor.about_mean(fold))).collect();
        let fit = |fold: usize| Fit::new(predictor, fold, penalty, &within);
        Ok(Self { of_fold: (0..folds.count()).map(fit).collect::<Result<_, _>>()? })
    }
}

impl Fit {
    fn new(predictor: &FoldedExamples, fold: usize, penalty: f64, within: &[Columns<f64>]) -> Result<Self, Unfit> {
        let offsets = predictor.offsets(fold);
        let mut gram = self_product(offsets.between.as_ref());
        let width = gram.as_ref().ncols();
        gram.columns_mut().enumerate().collect::<Vec<_>>().into_par_iter().for_each(|(column, entries)| {
            for other in predictor.folds.others(fold) {
                let below = &within[other].column(column)[column..];
                entries[column..].iter_mut().zip(below).for_each(|(entry, term)| *entry += term);
            }
        });
        let squared_norm = sum(&(0..width).map(|column| gram.column(column)[column]).collect::<Vec<_>>());
        let lambda = penalty * squared_norm;
        // A predictor is known to c eps of its norm: what is trained on must be more than that, and
        // so must the root of lambda, which a change of the predictor is divided by.
        let rounded = equality(predictor.folds.outside(fold), width) * predictor.norm;
        let resolved = squared_norm.min(lambda).sqrt();
        if resolved <= rounded {
            return Err(Unfit::Constant(fold));
        }
        (0..width).for_each(|column| gram.column_mut(column)[column] += lambda);
        let lower = cholesky(gram).ok_or(Unfit::Indefinite(width))?;
        let inverse = inverse_norm(lower.as_ref());
        Ok(Self {
            fitted: Fitted { squared_norm, penalty, least: lambda.max(1.0 / (inverse * inverse)), factored: factored(lower.as_ref()) },
            held_out: predictor.held_out(fold, &offsets),
            blurred: rounded / resolved,
            lower,
            offsets,
        })
    }

    /// (A'A + lambda I)^-1 C, in place.
    fn solve(&self, mut products: MatMut<'_, f64>) {
        correct(self.lower.as_ref(), products.as_mut());
        let upper = self.lower.as_ref().transpose();
        products.par_col_chunks_mut(COLUMNS).for_each(|columns| solve_upper_triangular_in_place(upper, columns, Par::Seq));
    }
}

/// (d + e)^2 of L = D + E, d the largest entry of the diagonal D, e the Frobenius norm of the rest.
fn factored(lower: MatRef<'_, f64>) -> f64 {
    let column = |column: usize| &slice(lower, column)[column..];
    let diagonal = (0..lower.ncols()).map(|index| column(index)[0]).fold(0.0, f64::max);
    let below: Vec<f64> = (0..lower.ncols()).map(|index| sum_of_squares(&column(index)[1..])).collect();
    (diagonal + sum(&below).sqrt()).powi(2)
}

/// The sums of one fold T.
struct Sums {
    /// |E|_F^2, E the errors of the predictions.
    errors: f64,
    /// |B|_F^2, B the responses about the training mean.
    total: f64,
    /// <E, B>
    both: f64,
    /// |E|_F |W|_F, which is no less than |E W'|_F.
    through: f64,
    /// |T| over the number of the other examples.
    share: f64,
    /// What half of |E|_F^2 moves by as the weights move, over c eps.
    by_weights: f64,
    /// The same for what its own products and differences round.
    by_rounding: f64,
    /// |dE|_F and |dB|_F for a relative change of both representations by 1.
    moved_error: f64,
    moved_response: f64,
}

/// How much of the held out responses the regressions predict.
///
/// With A and B what is trained on, W = (A'A + lambda I)^-1 A'B and s^2 the least eigenvalue of
/// A'A + lambda I, a change dA moves W by (|B| / s^2 + |W| / s) |dA| and dB by |dB| / s (Golub and
/// Van Loan 2013, section 5.3.8, of A above sqrt(lambda) I); the products and the factorisation add
/// (|A|^2 |W| + |A| |B| + | |L| |L'| | |W|) / s^2 (Higham 2002, theorem 10.4). What the errors see
/// of that is less: [`ridge_gradient`](crate::linalg::ridge_gradient).
///
/// The unexplained share u = |E|^2 / |B|^2, both over all folds, moves with the held out responses
/// by 2 <E - u B, dB> / |B|^2: errors that are all of the response grow with it. The changes of all
/// folds together are one change of the examples, besides that of the training means.
pub(crate) fn predict(predictor: &FoldedExamples, ridge: &Ridge, response: &FoldedExamples) -> Predicted {
    let folds = &predictor.folds;
    let within: Vec<Columns<f64>> =
        (0..folds.count()).map(|fold| cross_product(predictor.about_mean(fold), response.about_mean(fold))).collect();
    let sums: Vec<Sums> = ridge.of_fold.iter().enumerate().map(|(fold, fit)| of_fold(fold, fit, predictor, response, &within)).collect();
    let of = |term: &dyn Fn(&Sums) -> f64| sum(&sums.iter().map(term).collect::<Vec<_>>());
    let (errors, total) = (of(&|fold| fold.errors), of(&|fold| fold.total));
    let unexplained = errors / total;
    let unit = unit(predictor, response);
    // |E - u B|^2, of terms that may cancel.
    let seen = |fold: &Sums| {
        let (of_errors, of_total) = (fold.errors, unexplained * unexplained * fold.total);
        (of_errors + of_total - 2.0 * unexplained * fold.both).max(0.0) + 2.0 * unit * (of_errors + of_total)
    };
    let with_means = |squared: &dyn Fn(&Sums) -> f64| of(squared).sqrt() + of(&|fold| (fold.share * squared(fold)).sqrt());
    let by_response = with_means(&seen) * response.norm;
    let by_predictor = with_means(&|fold| fold.through * fold.through) * predictor.norm;
    let first = 2.0 * (by_response + by_predictor + of(&|fold| fold.by_weights + fold.by_rounding));
    // Errors of 0 move by the square of what moves them.
    let second = unit * of(&|fold| fold.moved_error.powi(2) + unexplained * fold.moved_response.powi(2));
    let condition = (first + second) / total + 2.0 * unexplained + (1.0 + unexplained) * EPS / unit;
    Predicted { explained: 1.0 - unexplained, condition }
}

/// c(n, p) eps of the wider side.
fn unit(predictor: &FoldedExamples, response: &FoldedExamples) -> f64 {
    rounding(predictor.folds.examples(), predictor.width().max(response.width()))
}

fn of_fold(fold: usize, fit: &Fit, predictor: &FoldedExamples, response: &FoldedExamples, within: &[Columns<f64>]) -> Sums {
    let offsets = response.offsets(fold);
    let mut products = cross_product(fit.offsets.between.as_ref(), offsets.between.as_ref());
    products.columns_mut().enumerate().collect::<Vec<_>>().into_par_iter().for_each(|(column, entries)| {
        for other in predictor.folds.others(fold) {
            entries.iter_mut().zip(within[other].column(column)).for_each(|(entry, term)| *entry += term);
        }
    });
    let mut weights = products.as_ref().to_owned();
    fit.solve(weights.as_mut());
    let responses = response.held_out(fold, &offsets);
    let mut errors = product(fit.held_out.as_ref(), weights.as_ref());
    errors.as_mut().par_col_iter_mut().enumerate().for_each(|(column, errors)| {
        slice_mut(errors).iter_mut().zip(slice(responses.as_ref(), column)).for_each(|(error, response)| *error = response - *error);
    });
    let share = predictor.folds.range(fold).len() as f64 / predictor.folds.outside(fold) as f64;
    let norm = |matrix: MatRef<'_, f64>| squared_norm(matrix).sqrt();
    let (weight, tested) = (norm(weights.as_ref()), norm(fit.held_out.as_ref()));
    let (squared_error, squared_total) = (squared_norm(errors.as_ref()), squared_norm(responses.as_ref()));
    let (error, total) = (squared_error.sqrt(), squared_total.sqrt());
    let trained = response.outside_squared_norm(fold, &offsets).sqrt();
    let Fitted { squared_norm: training, least, factored, .. } = fit.fitted;
    let by_data = (trained / least + weight / least.sqrt()) * predictor.norm + response.norm / least.sqrt();
    let by_rounding = ((training + factored) * weight + training.sqrt() * trained) / least;
    let moved_weights = (by_data + by_rounding) / (1.0 - fit.blurred);
    // An example that is held out moves with itself and with the training mean.
    let with_mean = (1.0 + share).sqrt();
    let moved_response = with_mean * response.norm;
    let rounded = tested * weight + total;
    let moved_error = moved_response + with_mean * predictor.norm * weight + tested * moved_weights + rounded;
    let seen = cross_product(fit.held_out.as_ref(), errors.as_ref());
    let mut solved = seen.as_ref().to_owned();
    fit.solve(solved.as_mut());
    let matrices = Matrices { seen: seen.as_ref(), solved: solved.as_ref(), weights: weights.as_ref(), products: products.as_ref() };
    let sizes = Sizes {
        unit: unit(predictor, response),
        predictor: predictor.norm,
        response: response.norm,
        tested,
        error,
        weight,
        trained,
        moved_weights,
        with_mean,
    };
    Sums {
        errors: squared_error,
        total: squared_total,
        both: inner(errors.as_ref(), responses.as_ref()),
        through: error * weight,
        share,
        by_weights: moved_by_weights(&fit.fitted, &matrices, &sizes).min(error * tested * moved_weights),
        by_rounding: error * rounded,
        moved_error,
        moved_response,
    }
}
