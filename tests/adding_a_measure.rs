//! A measure of its own, in this file alone, goes wherever the registered ones go: laws, sweep,
//! memory, methods text, list.
//!
//! Nothing of the library names it, so nothing of the library has to be edited for a new measure.
#![cfg(feature = "cli")]

use similitude::claims::FAILS;
use similitude::laws::{Subject, laws_of};
use similitude::report::{catalog, methods};
use similitude::sweep::{Estimate, LayersInMemory, Sweep};
use similitude::{
    Artifact, Citation, Claim, Claims, Definition, Diagnostics, Direction, Error, Key, Measure, Moments, Needs, Outcome, Pair, Partners,
    Precision, Prepared, Properties, Range, Representation, ScaledValue, Size, Spec, Terms, Undefined, Values,
};

/// The smaller of two Frobenius norms over the larger: which representation varies more.
#[derive(Debug, Clone, Copy)]
struct NormRatio {
    squared: bool,
}

static SPEC: Spec = Spec {
    id: "norm-ratio",
    also: &[],
    short: "Norms",
    name: "ratio of norms",
    formula: "min(|Xc|_F, |Yc|_F) / max(|Xc|_F, |Yc|_F)",
    citations: &[Citation { key: "nobody2026nowhere", place: "eq. 1" }],
    keys: &[Key {
        name: "squared",
        values: Values::Named(&[("no", "the ratio itself"), ("yes", "the square of the ratio")]),
        help: "the ratio, or its square",
    }],
    prepare_cost: "n p",
    compare_cost: "n^0",
    conventions: &["norm-ratio:squared=no", "norm-ratio:squared=yes"],
};

/// What is kept of a representation: |Xc|_F = mantissa * 2^exponent.
#[derive(Debug)]
struct Norm(f64, i64);

impl Definition for NormRatio {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Vec<(&'static str, String)> {
        vec![("squared", if self.squared { "yes" } else { "no" }.to_string())]
    }

    fn properties(&self) -> Properties {
        Properties {
            direction: Direction::Similarity,
            range: Range::new(0.0, 1.0),
            self_value: Some(1.0),
            symmetry: Claim::Holds,
            metric: false,
            minimum_examples: 2,
            minimum_neurons: 1,
            claims: Claims { isotropic_scaling: FAILS, ..Claims::SIMILITUDE },
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        let norm = Artifact {
            key: "norm".to_string(),
            kept: Size { n: 1000.0, ..Size::default() },
            preparing: Size::default(),
            comparing: Size::default(),
            operations: Size { n_p: 1.0, ..Size::default() },
        };
        Needs { artifacts: vec![norm], ..Needs::new(Moments::No("nobody has written that down"), Terms::Value) }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        norm(x).map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let (first, second) = (norm(pair.first())?, norm(pair.second())?);
        let ratio = ScaledValue { mantissa: first.0 / second.0, exponent: first.1 - second.1 };
        let other = ScaledValue { mantissa: second.0 / first.0, exponent: second.1 - first.1 };
        let known = |ratio: ScaledValue| ratio.to_f64().filter(|ratio| *ratio <= 1.0);
        let ratio = known(ratio).or(known(other)).ok_or(Error::Unrepresentable { mantissa: ratio.mantissa, exponent: ratio.exponent })?;
        let value = if self.squared { ratio * ratio } else { ratio };
        if value < f64::MIN_POSITIVE {
            return Err(Error::Unrepresentable { mantissa: 0.0, exponent: -2000 });
        }
        Ok(Outcome { value, condition: 4.0 * value, diagnostics: Diagnostics::default().number("ratio", ratio), ..Outcome::default() })
    }
}

fn norm(x: &Prepared) -> Result<std::sync::Arc<Norm>, Error> {
    x.artifact("norm", || {
        let features = x.centered();
        if features.is_zero() {
            return Err(Error::Constant { name: x.name().to_string(), n: x.n(), p: x.p() });
        }
        Ok(Norm(features.squared_norm().sqrt(), features.exponent()))
    })
}

/// The textbook formula, on entries over the largest one.
fn textbook(squared: bool, x: &Representation<'_>, y: &Representation<'_>) -> Result<f64, Undefined> {
    let norm = |z: &Representation<'_>| {
        // From the first example, so that neither an offset nor equal entries matter; then over the
        // largest difference.
        let difference = |i: usize, j: usize| z.view()[(i, j)] - z.view()[(0, j)];
        let largest = (0..z.n()).flat_map(|i| (0..z.p()).map(move |j| difference(i, j).abs())).fold(0.0, f64::max);
        let of_neuron = |j: usize| {
            let column: Vec<f64> = (0..z.n()).map(|i| difference(i, j) / largest).collect();
            let mean = column.iter().sum::<f64>() / column.len() as f64;
            column.iter().map(|entry| (entry - mean).powi(2)).sum::<f64>()
        };
        let sum = if largest > 0.0 { (0..z.p()).map(of_neuron).sum::<f64>() } else { 0.0 };
        if sum == 0.0 { Err(Undefined::Constant) } else { Ok((sum.sqrt(), largest)) }
    };
    let ((x, of_x), (y, of_y)) = (norm(x)?, norm(y)?);
    let ratio = (x / y) * (of_x / of_y);
    let ratio = ratio.min(1.0 / ratio);
    let value = if squared { ratio * ratio } else { ratio };
    if value.is_normal() { Ok(value) } else { Err(Undefined::Unrepresentable) }
}

fn measure(squared: bool) -> Measure {
    Measure::new(NormRatio { squared }).with_reference(move |x, y| textbook(squared, x, y))
}

fn layer(name: &str, n: usize, factor: f64) -> Representation<'static> {
    let entry = |i: usize| factor * ((i * i * 7 + i * 3) % 23) as f64;
    Representation::from_row_major(name.to_string(), n, 4, (0..4 * n).map(entry).collect::<Vec<_>>()).unwrap()
}

#[test]
fn its_laws_are_tried_on_both_paths() {
    for squared in [false, true] {
        let measure = measure(squared);
        for law in laws_of(&measure) {
            for subject in [Subject::fast(&measure), Subject::reference(&measure)] {
                let verdict = law.try_on(&subject, 30, 7);
                assert!(verdict.holds, "{law}, {}: {}", subject.name(), verdict.detail);
            }
        }
    }
}

/// A wrong claim does not come through.
#[test]
fn a_false_claim_of_it_is_caught() {
    #[derive(Debug)]
    struct Boasting(NormRatio);
    impl Definition for Boasting {
        fn spec(&self) -> &'static Spec {
            self.0.spec()
        }
        fn convention(&self) -> Vec<(&'static str, String)> {
            self.0.convention()
        }
        fn properties(&self) -> Properties {
            Properties { claims: Claims::SIMILITUDE, ..self.0.properties() }
        }
        fn needs(&self, partners: Option<Partners>) -> Needs {
            self.0.needs(partners)
        }
        fn prepare(&self, x: &Prepared) -> Result<(), Error> {
            self.0.prepare(x)
        }
        fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
            self.0.compare(pair)
        }
    }
    let measure = Measure::new(Boasting(NormRatio { squared: false }));
    let law = laws_of(&measure).into_iter().find(|law| law.statement().to_string() == "isotropic-scaling::x::holds").unwrap();
    assert!(!law.try_on(&Subject::fast(&measure), 30, 7).holds);
}

/// A value without any rounding error moves on a witness, however small the tolerance: it is 0.
#[test]
fn a_claim_that_fails_has_a_witness_whatever_the_bound() {
    #[derive(Debug)]
    struct Widths(NormRatio);
    impl Definition for Widths {
        fn spec(&self) -> &'static Spec {
            self.0.spec()
        }
        fn convention(&self) -> Vec<(&'static str, String)> {
            self.0.convention()
        }
        fn properties(&self) -> Properties {
            self.0.properties()
        }
        fn needs(&self, partners: Option<Partners>) -> Needs {
            self.0.needs(partners)
        }
        fn prepare(&self, _: &Prepared) -> Result<(), Error> {
            Ok(())
        }
        fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
            Ok(Outcome { value: f64::from(u8::from(pair.x().p() > pair.y().p())), ..Outcome::default() })
        }
    }
    let measure = Measure::new(Widths(NormRatio { squared: false }));
    let law = laws_of(&measure).into_iter().find(|law| law.statement().to_string() == "duplicated-neurons::x::fails").unwrap();
    let verdict = law.try_on(&Subject::fast(&measure), 1, 7);
    assert!(verdict.holds && verdict.worst_ratio.is_infinite(), "{verdict:?}");
}

#[test]
fn it_sweeps_and_shares_what_it_keeps() {
    let network = LayersInMemory::new("network", vec![layer("first", 12, 1.0), layer("second", 12, 4.0)]);
    let scores = Sweep::new(&network, None, vec![measure(false), measure(true)]).run().unwrap();
    assert_eq!(scores.values(0), [Some(1.0), Some(0.25), Some(0.25), Some(1.0)]);
    assert_eq!(scores.values(1), [Some(1.0), Some(0.0625), Some(0.0625), Some(1.0)]);
}

#[test]
fn its_memory_counts_once_for_both_conventions() {
    let features = |measures: &[Measure]| Estimate::new(&[(500, 4)], measures, Precision::Double, 1).features;
    assert_eq!(features(&[measure(false)]), 8 * 500 * 4 + 1000 * 500);
    assert_eq!(features(&[measure(false), measure(true)]), features(&[measure(false)]));
}

#[test]
fn its_methods_text_and_its_row_of_the_list_are_there() {
    let text = methods::paragraph(&measure(true), Precision::Double);
    assert!(text.contains("ratio of norms") && text.contains("the square of the ratio (squared=yes)"), "{text}");
    assert!(text.contains("`norm-ratio:squared=yes`") && text.contains("nobody2026nowhere, eq. 1"), "{text}");
    let row = catalog::row(&SPEC, &[measure(false), measure(true)]);
    assert_eq!((row.spec.id, row.direction.as_str(), row.range.as_str()), ("norm-ratio", "similarity", "[0, 1]"));
    assert_eq!(row.invariances[2], catalog::Mark::Never);
}

#[test]
fn it_does_not_stream_and_says_why() {
    let error = similitude::moments::check(&measure(false)).unwrap_err();
    assert!(error.to_string().contains("nobody has written that down"), "{error}");
}
