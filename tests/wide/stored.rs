//! Neurons that are read in blocks give the bits of those in memory.

use std::ops::Range;
use std::sync::Arc;

use similitude::laws::Matrix;
use similitude::{Error, Measure, NeuronBlock, NeuronValues, Prepared, Representation, StoredNeurons, registry};

use crate::common::representation;
use crate::draw::{Drawn, Kind, pairs};

/// Neurons of a matrix, as a file would give them.
#[derive(Debug, Clone)]
struct Blocks {
    matrix: Matrix,
    is_row_major: bool,
    is_single: bool,
    /// A pass that fails.
    fails: bool,
}

impl StoredNeurons for Blocks {
    fn read(&self, neurons: Range<usize>, _: Option<NeuronBlock>) -> Result<NeuronBlock, Error> {
        if self.fails {
            return Err(Error::Unreadable { name: "x".to_string(), detail: "the disk is gone".to_string() });
        }
        let (n, width) = (self.matrix.n, neurons.len());
        let at = |place: usize| match self.is_row_major {
            true => self.matrix.at(place / width, neurons.start + place % width),
            false => self.matrix.at(place % n, neurons.start + place / n),
        };
        let values = (0..n * width).map(at);
        let values = match self.is_single {
            true => NeuronValues::F32(values.map(|value| value as f32).collect()),
            false => NeuronValues::F64(values.collect()),
        };
        Ok(NeuronBlock { values, is_row_major: self.is_row_major })
    }

    fn value_size(&self) -> usize {
        if self.is_single { 4 } else { 8 }
    }
}

fn stored(measure: &Measure, name: &str, matrix: &Matrix, is_row_major: bool) -> Result<Prepared, Error> {
    let source: Arc<dyn StoredNeurons> = Arc::new(Blocks { matrix: matrix.clone(), is_row_major, is_single: false, fails: false });
    Measure::prepare_stored(std::slice::from_ref(measure), name, (matrix.n, matrix.p), &source)
}

fn kept(measure: &Measure, representation: &Representation<'_>) -> Prepared {
    Prepared::new(representation, measure.uncentered())
}

#[test]
fn values_and_bounds_are_those_in_memory() {
    let mut compared = 0;
    for Drawn { description, x, y } in pairs() {
        let (in_memory_x, in_memory_y) = (representation("x", &x), representation("y", &y));
        for measure in registry::conventions() {
            // A wide response beside a narrow predictor is projected where its neurons are in
            // memory, and not where they would be read again.
            let is_mixed = x.p.min(y.p) < x.n;
            if is_mixed && ["linear-regression", "procrustes"].contains(&measure.spec().id) {
                continue;
            }
            let want = measure.compare_prepared(&kept(&measure, &in_memory_x), &kept(&measure, &in_memory_y));
            if measure.needs(None).neurons {
                // It says that it needs all neurons in memory, and so does a refusal.
                let refused = stored(&measure, "wide", if x.p > y.p { &x } else { &y }, true);
                assert!(matches!(refused, Err(Error::NotPrepared { .. })), "{measure}: {description}: {refused:?}");
                continue;
            }
            for is_row_major in [true, false] {
                let of = |name, matrix: &Matrix, whole| match matrix.p >= matrix.n {
                    true => stored(&measure, name, matrix, is_row_major).unwrap(),
                    false => kept(&measure, whole),
                };
                let found = measure.compare_prepared(&of("x", &x, &in_memory_x), &of("y", &y, &in_memory_y));
                assert_eq!(found, want, "{measure}: {description}");
                compared += usize::from(found.is_ok());
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

/// The sums that a wide layer beside a narrow one takes when its neurons are not in memory.
#[test]
fn narrow_partners_see_the_same_within_the_bounds() {
    for text in ["linear-regression", "linear-regression:direction=sum,degenerate=allow", "procrustes", "procrustes:form=similarity"] {
        let measure = Measure::parse(text).unwrap();
        for (n, p, q) in [(8, 40, 3), (30, 200, 20)] {
            let x = Kind::Gaussian.draw(n, p, None, 1);
            let y = Kind::Gaussian.draw(n, q, Some(&x), 2);
            let (whole_x, whole_y) = (representation("x", &x), representation("y", &y));
            let want = measure.compare(&whole_x, &whole_y).unwrap();
            let found = measure.compare_prepared(&stored(&measure, "x", &x, true).unwrap(), &kept(&measure, &whole_y)).unwrap();
            let bound = |score: &similitude::Score| score.diagnostics.get("error_bound").unwrap();
            assert!((found.value - want.value).abs() <= bound(&found) + bound(&want), "{text}: {} {}", found.value, want.value);
            assert!(bound(&found) <= 2.0 * bound(&want), "{text}");
        }
    }
}

/// What is constant in all examples beside the least numbers that there are: the scale of the
/// neurons that vary is known only after all of them were read.
#[test]
fn extreme_scales_are_met_halfway() {
    let (n, p) = (6, 3000);
    let rest = Kind::Gaussian.draw(n, p, None, 4);
    for (first, last) in [(1e200, 1e-150), (1e-300, 1.0), (1.0, 1e300), (0.0, 5e-324)] {
        let x = Matrix::from_fn(n, p, |i, j| match j {
            0..2500 => first,
            _ => first * rest.at(i, j).signum() * f64::from(u8::from(first < last)) + last * (rest.at(i, j) * 8.0).round(),
        });
        let whole = representation("x", &x);
        for text in ["cka", "cka:kernel=rbf", "procrustes", "hsic"] {
            let measure = Measure::parse(text).unwrap();
            let y = representation("y", &rest);
            let want = measure.compare_prepared(&kept(&measure, &whole), &kept(&measure, &y));
            let found = measure.compare_prepared(&stored(&measure, "x", &x, true).unwrap(), &kept(&measure, &y));
            match (&found, &want) {
                (Ok(found), Ok(want)) => assert_eq!(found, want, "{text}, {first:e} and {last:e}"),
                _ => assert_eq!(found, want, "{text}, {first:e} and {last:e}"),
            }
        }
    }
}

/// Several blocks, each larger than the one before, or smaller: what was summed is scaled again.
#[test]
fn blocks_of_other_scales_add_up_to_the_same_bits() {
    let (n, p) = (6, 7000);
    let rest = Kind::Gaussian.draw(n, p, None, 6);
    let y = representation("y", &rest);
    for growth in [10.0f64, 0.1, 1e90, 1e-90] {
        let x = Matrix::from_fn(n, p, |i, j| (8.0 * rest.at(i, j)).round() * growth.powi((j / 2048) as i32) + rest.at((i + 1) % n, j));
        let whole = representation("x", &x);
        for text in [
            "cka",
            "cka:kernel=laplace",
            "procrustes",
            "hsic",
            "svcca:degenerate=allow",
            "pwcca:degenerate=allow",
            "cka:estimator=debiased",
        ] {
            let measure = Measure::parse(text).unwrap();
            let want = measure.compare_prepared(&kept(&measure, &whole), &kept(&measure, &y));
            let found = measure.compare_prepared(&stored(&measure, "x", &x, true).unwrap(), &kept(&measure, &y));
            assert_eq!(found, want, "{text}, {growth:e}");
            // (1e270)^2 squared is more than an f64 holds.
            assert!(found.is_ok() || (text == "hsic" && growth == 1e90), "{text}, {growth:e}: {found:?}");
        }
    }
}

#[test]
fn single_precision_is_widened_exactly() {
    let x = Kind::Gaussian.draw(20, 300, None, 8);
    let single = Matrix::from_fn(20, 300, |i, j| f64::from(x.at(i, j) as f32));
    let measure = Measure::parse("cka").unwrap();
    let source: Arc<dyn StoredNeurons> = Arc::new(Blocks { matrix: x.clone(), is_row_major: true, is_single: true, fails: false });
    let found = Measure::prepare_stored(std::slice::from_ref(&measure), "x", (20, 300), &source).unwrap();
    let other = kept(&measure, &representation("y", &Kind::Rectified.draw(20, 90, Some(&x), 9)));
    let want = measure.compare_prepared(&kept(&measure, &representation("x", &single)), &other).unwrap();
    assert_eq!(measure.compare_prepared(&found, &other).unwrap(), want);
}

#[test]
fn the_first_entry_that_is_not_finite_is_named_in_the_order_of_rows() {
    let mut x = Kind::Gaussian.draw(7, 9000, None, 8);
    for (row, column, value) in [(5, 3, f64::NAN), (2, 8000, f64::INFINITY), (3, 100, f64::NAN)] {
        x.values[row * 9000 + column] = value;
    }
    let error = stored(&Measure::parse("cka").unwrap(), "x", &x, true).unwrap_err();
    assert_eq!(error, Error::NotFinite { name: "x".to_string(), row: 2, column: 8000, value: f64::INFINITY });
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let measure = Measure::parse("cka").unwrap();
    let matrix = Kind::Gaussian.draw(7, 30, None, 8);
    let source: Arc<dyn StoredNeurons> = Arc::new(Blocks { matrix, is_row_major: true, is_single: false, fails: true });
    let error = Measure::prepare_stored(std::slice::from_ref(&measure), "x", (7, 30), &source).unwrap_err();
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}
