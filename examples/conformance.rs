//! Is this linear CKA? A right implementation, one that is subtly wrong, and one that is right by
//! another convention.
//!
//! In a project of your own the functions below are yours, similitude is a dev-dependency, and each
//! `check` is a test.

use std::error::Error;

use nalgebra::DMatrix;
use similitude::Representation;
use similitude::conformance::{check, identify};

fn matrix(x: &Representation<'_>) -> DMatrix<f64> {
    DMatrix::from_row_slice(x.n(), x.p(), &x.to_row_major())
}

fn centered(x: &Representation<'_>) -> DMatrix<f64> {
    let x = matrix(x);
    let mean = x.row_mean();
    DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] - mean[j])
}

fn alignment(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    (y.transpose() * x).norm_squared() / ((x.transpose() * x).norm() * (y.transpose() * y).norm())
}

fn constant(x: &Representation<'_>) -> bool {
    matrix(x).column_iter().all(|column| column.iter().all(|value| *value == column[0]))
}

fn has_value(x: &Representation<'_>, y: &Representation<'_>) -> bool {
    x.n() == y.n() && !constant(x) && !constant(y)
}

/// Right: it centers the features, and says where there is no value.
fn right(x: &Representation<'_>, y: &Representation<'_>) -> Result<f64, &'static str> {
    if has_value(x, y) { Ok(alignment(&centered(x), &centered(y))) } else { Err("constant, or of different numbers of examples") }
}

/// Subtly wrong: the mean of the features is left in. On data whose mean is near 0 nobody notices.
fn uncentered(x: &Representation<'_>, y: &Representation<'_>) -> Option<f64> {
    has_value(x, y).then(|| alignment(&matrix(x), &matrix(y)))
}

/// By another convention: the angle whose cosine is CKA, of neurons scaled to standard deviation 1.
fn angle(x: &Representation<'_>, y: &Representation<'_>) -> Option<f64> {
    let scaled = |x: &Representation<'_>| {
        let mut x = centered(x);
        x.column_iter_mut().for_each(|mut column| column /= column.norm().max(f64::MIN_POSITIVE));
        x
    };
    has_value(x, y).then(|| alignment(&scaled(x), &scaled(y)).acos())
}

fn main() -> Result<(), Box<dyn Error>> {
    let report = check("cka", right)?;
    println!("right\n{report}\n");

    let failure = check("cka", uncentered).err().ok_or("a mean that is left in goes unnoticed")?;
    assert!(failure.breaks("translation::x") && failure.breaks("translation::y") && !failure.breaks("orthogonal"));
    println!("uncentered\n{failure}\n");

    let failure = check("cka", angle).err().ok_or("another convention goes unnoticed")?;
    assert!(failure.breaks("golden"));
    let found = identify("cka", angle)?;
    assert_eq!(found.to_string(), "arccos(s), where s is cka:kernel=linear,estimator=biased of neurons scaled to standard deviation 1");
    println!("angle\nit computes: {found}");
    Ok(())
}
