//! Two representations with products in single precision, beside the same in double precision.

use faer::Mat;
use similitude::{Measure, Partners, Precision, Representation};

use crate::medians::Medians;
use crate::pairs::Data;
use crate::report::Report;
use crate::timing::{rate, seconds_of};
use crate::{Failure, Run};

/// A measure: its operations in f32 and in f64, of n and p, and both in words.
struct Case {
    measure: &'static str,
    single: fn(f64, f64) -> f64,
    double: fn(f64, f64) -> f64,
    words: &'static str,
}

const CASES: [Case; 4] = [
    Case { measure: "cka", single: |n, p| 4.0 * n * p * p, double: |_, _| 0.0, words: "n (2pq + p^2 + q^2) in f32" },
    Case {
        measure: "procrustes:form=squared",
        single: |n, p| 2.0 * n * p * p,
        double: |_, p| 8.0 / 3.0 * p * p * p,
        words: "2npq in f32, 8/3 pq min(p, q) in f64",
    },
    Case {
        measure: "cca:summary=r2",
        single: |n, p| 2.0 * n * p * p,
        double: |n, p| 4.0 * n * p * p,
        words: "2npq in f32, n (2p^2 + 2q^2) in f64",
    },
    Case {
        measure: "linear-regression",
        single: |n, p| 2.0 * n * p * p,
        double: |n, p| 2.0 * n * p * p,
        words: "2npq in f32, 2nq^2 in f64",
    },
];

/// All measures that have products in single precision.
pub fn all(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    for (n, p) in [(2000, 512), (10_000, 512), (10_000, 2048), (50_000, 1024)] {
        let (data, nf, pf) = (Data::new(n, p, false)?, n as f64, p as f64);
        let double: [Mat<f64>; 2] = data.columns();
        let single: [Mat<f32>; 2] = [0, 1].map(|side: usize| Mat::from_fn(n, p, |row, column| double[side][(row, column)] as f32));
        let [x, y] = data.representations()?;
        for case in &CASES {
            let (in_single, in_double) = ((case.single)(nf, pf), (case.double)(nf, pf));
            if in_single + in_double > run.largest {
                continue;
            }
            let measure = Measure::parse(case.measure)?;
            let value = |precision| value(&measure, [&x, &y], precision);
            let off = (value(Precision::Single)? / value(Precision::Double)? - 1.0).abs();
            let time = |precision| {
                // The memory of the other precision waits for its next matrices. It gives way to
                // these.
                value(precision)?;
                Ok(seconds_of(|| value(precision))?)
            };
            // Of all operations together, each kind at its own rate.
            let product = || {
                let of_single = in_single / rate(single[0].as_ref(), single[1].as_ref());
                let of_double = if in_double > 0.0 { in_double / rate(double[0].as_ref(), double[1].as_ref()) } else { 0.0 };
                (in_single + in_double) / (of_single + of_double)
            };
            let medians = Medians::of(run, || time(Precision::Single), product, |_| time(Precision::Double).map(Some))?;
            let what = format!("`{}`, products in f32: relative difference {off:.0e}", case.measure);
            report.add(medians.line("precision", what, data.shape(), Some(in_single + in_double), case.words, "f64"));
        }
    }
    Ok(())
}

/// A value from representations that are prepared for this comparison, side by side.
fn value(measure: &Measure, [x, y]: [&Representation<'_>; 2], precision: Precision) -> Result<f64, similitude::Error> {
    let partners = |as_x, other: &Representation<'_>| Partners { narrowest: other.p(), widest: other.p(), as_x, as_y: !as_x };
    let prepared = |side, partners| Measure::prepare_for(std::slice::from_ref(measure), side, precision, partners);
    let (x, y) = rayon::join(|| prepared(x, partners(true, y)), || prepared(y, partners(false, x)));
    measure.compare_prepared(&x, &y).map(|score| score.value)
}
