//! Tests of `layer.rs`.

use super::*;
use crate::measure::Measure;

#[test]
fn what_the_partners_will_ask_for_is_there_beforehand() {
    // 10 examples and 4 neurons: with up to 6 neurons neurons are compared, with more examples.
    let x = Representation::from_row_major("x", 10, 4, (0..40).map(|i| f64::from(i * i % 37)).collect::<Vec<_>>()).unwrap();
    let kernels = |measure: &str, prepared: &Prepared| {
        Measure::parse(measure).unwrap().precompute(prepared).unwrap();
        prepared.artifacts.keys().len()
    };
    for (partners, examples) in [((2, 6), 0), ((2, 7), 1), ((7, 9), 1)] {
        for measure in ["cka", "hsic", "cka:estimator=debiased", "hsic:estimator=unbiased"] {
            let prepared =
                Prepared::new(&x, false).with_partners(Partners { narrowest: partners.0, widest: partners.1, as_x: true, as_y: true });
            assert_eq!(kernels(measure, &prepared), examples, "{measure} {partners:?}");
        }
    }
    assert_eq!(kernels("cka", &Prepared::new(&x, false)), 0);
    assert_eq!(kernels("cka:kernel=rbf", &Prepared::new(&x, false)), 1);
}

#[test]
fn the_predictor_alone_has_a_basis() {
    let x = Representation::from_row_major("x", 10, 2, (0..20).map(|i| f64::from(i * i % 37)).collect::<Vec<_>>()).unwrap();
    let with_basis = |measure: &str, as_x: bool, as_y: bool| {
        let prepared = Prepared::new(&x, false).with_partners(Partners { narrowest: 2, widest: 2, as_x, as_y });
        Measure::parse(measure).unwrap().precompute(&prepared).unwrap();
        prepared.centered.has_basis()
    };
    for (measure, as_x, as_y) in [
        ("linear-regression", false, true),
        ("linear-regression:direction=y-from-x", true, false),
        ("linear-regression:direction=sum", true, true),
    ] {
        assert_eq!((with_basis(measure, true, false), with_basis(measure, false, true)), (as_x, as_y), "{measure}");
        assert!(with_basis(measure, true, true));
    }
}
