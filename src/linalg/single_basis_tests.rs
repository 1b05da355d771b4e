//! Tests of `single_basis.rs`.

use faer::Mat;

use super::*;
use crate::arrays::product::squared_norm;
use crate::linalg::cholesky_qr::CholeskyQr2;
use crate::linalg::cholesky_qr::tests::graded;

/// With the last of these conditions X'X alone leaves W off by 2^-19, and X rounded to f32
/// turns its column space by 2^-7.
#[test]
fn a_basis_is_the_one_in_double_precision_but_for_its_own_rounding() {
    // Sums of n products err by sqrt(n) 2^-24 of what they are made of, unless all of their
    // roundings fall on one side.
    let n = 100;
    let unit = (n as f64).sqrt() * f64::from(f32::EPSILON) / 2.0;
    // Exact in f32.
    let other = Mat::from_fn(n, 7, |row, column| f64::from(((row * 31 + column * 17) % 64) as f32 / 32.0 - 1.0));
    for (condition, is_corrected) in [(1.0, false), (1e2, false), (1e5, true), (3e5, true)] {
        let x = graded(n, 40, condition);
        let single = SingleBasis::new(x.as_ref(), squared_norm(x.as_ref()), n - 1).unwrap();
        let basis = single.basis();
        assert_eq!((basis.rank(), single.lower.is_some()), (40, is_corrected), "{condition:e}");
        let own = basis.cross_gram(&basis).as_ref() - Mat::<f64>::identity(40, 40);
        assert!(own.norm_max() <= unit, "{condition:e}: {:e}", own.norm_max());
        let whitened = CholeskyQr2::new(x.as_ref(), squared_norm(x.as_ref()), n - 1).unwrap();
        assert_eq!(basis.condition(), whitened.basis().condition());
        let exact = whitened.basis().project(other.as_ref());
        let off = basis.project(rounded(other.as_ref()).as_ref()).as_ref() - exact.as_ref();
        assert!(off.norm_max() <= unit * other.norm_l2() / 7f64.sqrt(), "{condition:e}: {:e}", off.norm_max());
    }
}

/// Of a W that is far from orthonormal.
#[test]
fn what_the_second_factorisation_says_is_taken_out_of_products() {
    let w = graded(100, 10, 30.0);
    let lower = cholesky(self_product(w.as_ref())).unwrap();
    let single = SingleBasis { matrix: rounded(w.as_ref()), lower: Some(lower), condition: 1.0 };
    let basis = single.basis();
    let own = basis.cross_gram(&basis).as_ref() - Mat::<f64>::identity(10, 10);
    assert!(own.norm_max() < 1e-3, "{:e}", own.norm_max());
}

#[test]
fn what_the_gram_matrix_cannot_tell_is_refused() {
    let of = |x: &Mat<f64>, available| SingleBasis::new(x.as_ref(), squared_norm(x.as_ref()), available).is_some();
    let x = graded(60, 40, 1.0);
    assert!(of(&x, 40) && !of(&x, 39) && !of(&graded(900, 40, 1e7), 899));
}
