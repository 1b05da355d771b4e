//! Tests of `kernel.rs`.

use super::*;
use crate::matrix::Matrix;

fn sigma_of(bandwidth: Bandwidth, entries: &[f64]) -> Interval {
    let features = Matrix::from_row_major(entries.len(), 1, entries).unwrap().centered();
    let sigma = bandwidth.squared_sigma(&features.squared_distances(), &features, Side::X).unwrap();
    let squared_scale = Interval::from_rational(&(&features.scale * &features.scale), 200);
    sigma.enclose(200).multiply(&squared_scale, 200)
}

fn assert_sigma(bandwidth: Bandwidth, entries: &[f64], numerator: i64, denominator: i64) {
    let got = sigma_of(bandwidth, entries);
    let expected =
        Dyadic::from_rational(&ratio(IBig::from(numerator), IBig::from(denominator)), 190, crate::number::dyadic::Direction::Down);
    let gap = got.lo().subtract(&expected).absolute();
    assert!(gap.is_zero() || gap.magnitude() < expected.magnitude() - 180, "{bandwidth:?}");
    assert!(got.is_narrow(180));
}

#[test]
fn each_bandwidth_rule_takes_its_own_median() {
    // Distances of 0, 1, 3, 7: 1, 2, 3, 4, 6, 7; the middle two are 3 and 4.
    let entries = [0.0, 1.0, 3.0, 7.0];
    assert_sigma(Bandwidth::Median { fraction: 1.0 }, &entries, 49, 4);
    assert_sigma(Bandwidth::Median { fraction: 0.5 }, &entries, 49, 16);
    assert_sigma(Bandwidth::LowerMedian { fraction: 1.0 }, &entries, 9, 1);
    // All sixteen squared distances: 0 x4, 1 x2, 4 x2, 9 x2, ...; the eighth is 4, the ninth 9.
    assert_sigma(Bandwidth::Demo { fraction: 1.0 }, &entries, 13, 2);
    assert_sigma(Bandwidth::Fixed { sigma: 0.25 }, &entries, 1, 16);
    // An odd count has one middle: 0, 1, 3 gives 1, 2, 3 and for the demo rule 0 x3, 1 x2, 4
    // x2, 9 x2.
    assert_sigma(Bandwidth::Median { fraction: 1.0 }, &[0.0, 1.0, 3.0], 4, 1);
    assert_sigma(Bandwidth::LowerMedian { fraction: 1.0 }, &[0.0, 1.0, 3.0], 4, 1);
    assert_sigma(Bandwidth::Demo { fraction: 1.0 }, &[0.0, 1.0, 3.0], 1, 1);
}

#[test]
fn a_zero_median_is_an_error() {
    let features = Matrix::from_row_major(5, 1, &[1.0, 1.0, 1.0, 1.0, 4.0]).unwrap().centered();
    for bandwidth in [Bandwidth::Median { fraction: 1.0 }, Bandwidth::LowerMedian { fraction: 1.0 }, Bandwidth::Demo { fraction: 1.0 }] {
        let got = Kernel::Rbf(bandwidth).transcendental(&features, Side::Y);
        assert!(matches!(got, Err(OracleError::ZeroMedian { side: Side::Y })), "{bandwidth:?}");
    }
}

#[test]
fn the_polynomial_kernel_carries_offset_and_scale() {
    let features = Matrix::from_row_major(2, 1, &[0.0, 0.5]).unwrap().centered();
    let kernel = Kernel::Polynomial { degree: 3, offset: 0.25, center: true }.exact(&features).unwrap();
    let value = |index: usize| RBig::from(kernel.matrix.entries[index].clone()) * &kernel.scale;
    // Centered entries -1/4, 1/4: products 1/16 and -1/16; (5/16)^3 and (3/16)^3.
    assert_eq!(value(0), ratio(IBig::from(125), IBig::from(4096)));
    assert_eq!(value(1), ratio(IBig::from(27), IBig::from(4096)));
}

#[test]
fn options_out_of_range_are_errors() {
    let bad = [
        Kernel::Polynomial { degree: 0, offset: 1.0, center: true },
        Kernel::Polynomial { degree: 2, offset: f64::NAN, center: true },
        Kernel::Rbf(Bandwidth::Median { fraction: 0.0 }),
        Kernel::Laplace(Bandwidth::Fixed { sigma: -1.0 }),
    ];
    for kernel in bad {
        assert!(matches!(kernel.validate(), Err(OracleError::InvalidOption { .. })), "{kernel:?}");
    }
}
