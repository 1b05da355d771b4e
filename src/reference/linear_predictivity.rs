//! Cross-validated linear predictivity.

use nalgebra::{DMatrix, RowDVector};

use super::scale::centered;
use super::{Undefined, jacobi};
use crate::measures::linear_predictivity::{Options, Split, Target};

/// 1 - PRESS / TSS: the squared errors of the predictions of examples that were held out, over
/// their squared distances from the means of the others (Stone 1974).
///
/// The regression outside each fold is the least-squares problem of A above sqrt(lambda) I and B
/// above 0, solved by its QR decomposition (Golub and Van Loan 2013, section 6.1.4).
///
/// # Errors
/// [`Undefined::TooFewExamples`]; [`Undefined::Constant`]; [`Undefined::ConstantTraining`] where
/// there is nothing to fit on outside a fold.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (xc, yc) = (centered(x).matrix, centered(y).matrix);
    if x.nrows() < if options.folds == 2 { 4 } else { options.folds.max(3) } {
        return Err(Undefined::TooFewExamples);
    }
    if xc.amax() == 0.0 || yc.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let folds = folds(options, x.nrows());
    let r2 = |predictor: &DMatrix<f64>, response: &DMatrix<f64>| predicted(options, &folds, predictor, response);
    match options.direction {
        Target::XFromY => r2(&yc, &xc),
        Target::YFromX => r2(&xc, &yc),
        Target::Mean => Ok((r2(&yc, &xc)? + r2(&xc, &yc)?) / 2.0),
    }
}

fn predicted(options: &Options, folds: &[usize], predictor: &DMatrix<f64>, response: &DMatrix<f64>) -> Result<f64, Undefined> {
    let predictor = narrowed(predictor)?;
    let (mut press, mut tss) = (0.0, 0.0);
    for fold in 0..options.folds {
        let (test, train): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|example| folds[*example] == fold);
        let (a, a_test) = about_training_mean(&predictor, &train, &test);
        let (b, b_test) = about_training_mean(response, &train, &test);
        let root = options.penalty.sqrt() * a.norm();
        // Less than that of the predictor is rounding.
        let known = 4.0 * (2.0 * (train.len().max(a.ncols()) as f64).sqrt() + 8.0) * f64::EPSILON * predictor.norm();
        if a.norm().min(root) <= known {
            return Err(Undefined::ConstantTraining);
        }
        let above = |top: &DMatrix<f64>, below: DMatrix<f64>| {
            DMatrix::from_fn(top.nrows() + below.nrows(), top.ncols(), |i, j| {
                if i < top.nrows() { top[(i, j)] } else { below[(i - top.nrows(), j)] }
            })
        };
        let p = a.ncols();
        let (q, r) = above(&a, DMatrix::identity(p, p) * root).qr().unpack();
        let weights = r.solve_upper_triangular(&(q.transpose() * above(&b, DMatrix::zeros(p, b.ncols())))).expect("lambda > 0");
        press += (&b_test - a_test * weights).norm_squared();
        tss += b_test.norm_squared();
    }
    Ok(1.0 - press / tss)
}

/// The rows of both parts less the mean of the first.
fn about_training_mean(x: &DMatrix<f64>, train: &[usize], test: &[usize]) -> (DMatrix<f64>, DMatrix<f64>) {
    let first = x.row(train[0]).into_owned();
    let less =
        |rows: &[usize], shift: &RowDVector<f64>| DMatrix::from_fn(rows.len(), x.ncols(), |i, j| x[(rows[i], j)] - first[j] - shift[j]);
    let mean = less(train, &RowDVector::zeros(x.ncols())).row_mean();
    (less(train, &mean), less(test, &mean))
}

/// The predictor without its null directions, U S of X = U S V': a rotation of it that is not wider
/// than its examples.
fn narrowed(x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    if x.ncols() < x.nrows() {
        return Ok(x.clone());
    }
    let (u, s) = jacobi::left(x)?;
    Ok(DMatrix::from_fn(x.nrows(), s.len().min(u.ncols()), |i, j| u[(i, j)] * s[j]))
}

/// The number of the fold of each example.
fn folds(options: &Options, n: usize) -> Vec<usize> {
    let keys: Vec<(u64, usize)> = match options.split {
        Split::Interleaved => return (0..n).map(|example| example % options.folds).collect(),
        Split::Contiguous => (0..n).map(|example| (0, example)).collect(),
        Split::Shuffled => (0..n).map(|example| (split_mix(options.seed, example as u64 + 1), example)).collect(),
    };
    // As many folds of `size` + 1 as there are left over.
    let (size, over) = (n / options.folds, n % options.folds);
    let fold = |place: usize| if place < over * (size + 1) { place / (size + 1) } else { over + (place - over * (size + 1)) / size };
    keys.iter().map(|key| fold(keys.iter().filter(|other| *other < key).count())).collect()
}

/// Output number `index`, counted from 1, of SplitMix64 (Steele, Lea and Flood 2014).
fn split_mix(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
