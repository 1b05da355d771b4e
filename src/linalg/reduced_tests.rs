//! Tests of `reduced.rs`.

use super::*;
use crate::arrays::neurons::Visit;
use crate::linalg::cholesky_qr::tests::graded;
use crate::tolerance::EPS;

/// n x p, columns centered, of this condition.
fn wide(n: usize, p: usize, condition: f64) -> Mat<f64> {
    let mut x = graded(p, n, condition).transpose().to_owned();
    for column in 0..p {
        let mean = (0..n).map(|row| x[(row, column)]).sum::<f64>() / n as f64;
        (0..n).for_each(|row| x[(row, column)] -= mean);
    }
    x
}

fn blocks(x: &Mat<f64>, width: usize) -> impl Fn(&mut Visit<'_>) -> Result<(), Error> {
    move |visit| {
        for from in (0..x.ncols()).step_by(width) {
            visit(x.as_ref().subcols(from, width.min(x.ncols() - from)))?;
        }
        Ok(())
    }
}

fn gram(x: &Mat<f64>) -> Gram {
    let mut gram = Gram::new(x.nrows());
    gram.add(x.as_ref());
    gram
}

/// The largest error of an inner product of examples, in units of eps times their lengths.
fn error(x: &Mat<f64>, examples: &Columns<f64>) -> f64 {
    let (exact, found) = (x * x.transpose(), examples.as_ref() * examples.as_ref().transpose());
    let length = |i: usize| exact[(i, i)].sqrt();
    let all = (0..x.nrows()).flat_map(|i| (0..=i).map(move |j| (i, j)));
    all.map(|(i, j)| (exact[(i, j)] - found[(i, j)]).abs() / (EPS * length(i) * length(j))).fold(0.0, f64::max)
}

#[test]
fn inner_products_of_examples_stay() {
    for (n, p, condition) in [(2, 5, 1.0), (12, 40, 1e3), (60, 61, 1e2), (60, 500, 1e4)] {
        let x = wide(n, p, condition);
        let gram = gram(&x);
        let root = Root::new(&gram, x.squared_norm_l2(), Coordinates::new(n, true)).expect("full rank");
        for width in [p, 7] {
            let by_products = root.refined(&blocks(&x, width)).unwrap().expect("full rank");
            let reflected = by_reflections(n, p, &blocks(&x, width)).unwrap();
            for (examples, m) in [(root.examples(), n - 1), (by_products, n - 1), (reflected, n)] {
                assert_eq!(examples.as_ref().shape(), (n, m.min(p)));
                let error = error(&x, &examples);
                assert!(error < 8.0 * (p as f64).sqrt(), "{n} x {p}, {condition:e}: {error}");
            }
        }
    }
}

/// A direction of the examples that holds 1e-4 of their length: the root of the Gram matrix
/// knows it to eps 1e8, what is refined to eps 1e4.
#[test]
fn small_directions_keep_their_digits() {
    let (n, p, condition) = (30, 200, 1e5);
    let x = wide(n, p, condition);
    let root = Root::new(&gram(&x), x.squared_norm_l2(), Coordinates::new(n, true)).expect("full rank");
    let values = crate::linalg::singular::singular_values(x.as_ref());
    let off = |examples: &Columns<f64>| {
        let found = crate::linalg::singular::singular_values(examples.as_ref());
        (0..n - 1).map(|i| (found[i] - values[i]).abs()).fold(0.0, f64::max) / (EPS * values[0])
    };
    let refined = root.refined(&blocks(&x, 64)).unwrap().unwrap();
    let reflected = by_reflections(n, p, &blocks(&x, 64)).unwrap();
    assert!(off(&root.examples()) > 200.0, "{}", off(&root.examples()));
    assert!(off(&refined) < 30.0 && off(&reflected) < 30.0, "{} {}", off(&refined), off(&reflected));
}

#[test]
fn deficient_and_ill_conditioned_examples_are_left_to_reflections() {
    let x = wide(20, 90, 1e3);
    let of = |x: &Mat<f64>| Root::new(&gram(x), x.squared_norm_l2(), Coordinates::new(x.nrows(), true)).is_some();
    assert!(of(&x) && !of(&wide(20, 90, 1e8)));
    let twice = Mat::from_fn(20, 90, |row, column| x[(row / 2, column)]);
    assert!(!of(&twice));
    let reflected = by_reflections(20, 90, &blocks(&twice, 16)).unwrap();
    assert!(error(&twice, &reflected) < 100.0);
    // Rows that do not add up to 0 have one dimension more.
    let uncentered = graded(90, 20, 10.0).transpose().to_owned();
    let root = Root::new(&gram(&uncentered), uncentered.squared_norm_l2(), Coordinates::new(20, false)).unwrap();
    assert!(error(&uncentered, &root.refined(&blocks(&uncentered, 30)).unwrap().unwrap()) < 100.0);
}
