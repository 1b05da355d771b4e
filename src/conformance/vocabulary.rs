//! What an implementation may compute: the named conventions, what may have been done to the data
//! before, and to the value after.

use std::collections::BTreeSet;

use nalgebra::DMatrix;

use crate::claims::{Claim, Group, Side};
use crate::laws::Matrix;
use crate::measure::Measure;
use crate::needs::Moments;
use crate::registry::REGISTRY;

/// What is refused at the edges is not what an implementation is recognised by.
const ALLOW: &str = "degenerate=allow";

/// A measure of the list, which answers where it can.
fn allowing(listed: &str) -> Option<Measure> {
    let (id, keys) = listed.split_once(':').unwrap_or((listed, ""));
    let kept: Vec<&str> = keys.split(',').filter(|key| !key.is_empty() && !key.starts_with("degenerate=")).collect();
    let with = |keys: Vec<&str>| Measure::parse(&if keys.is_empty() { id.to_string() } else { format!("{id}:{}", keys.join(",")) }).ok();
    with(kept.iter().copied().chain([ALLOW]).collect()).or_else(|| with(kept))
}

/// Every convention of a measure that the tables above and the keys of its documentation span.
pub(super) fn conventions_of(id: &str) -> Vec<Measure> {
    let Some(entry) = REGISTRY.iter().find(|entry| entry.spec.id == id) else { return Vec::new() };
    let mut texts = vec![Vec::<(&str, String)>::new()];
    for key in entry.spec.keys {
        let values = if key.name == "degenerate" { vec!["allow".to_string()] } else { key.tried() };
        // Without it first: that is its default, or it does not belong to the others.
        let with = |text: &Vec<(&'static str, String)>| {
            let without = (key.name != "degenerate").then(|| text.clone());
            let each = values.iter().map(|value| text.iter().cloned().chain([(key.name, value.clone())]).collect::<Vec<_>>());
            without.into_iter().chain(each.filter(|text| belongs(id, text))).collect::<Vec<_>>()
        };
        texts = texts.iter().flat_map(with).collect();
    }
    let mut seen = BTreeSet::new();
    let measures = texts.iter().filter_map(|text| Measure::parse(&written(id, text)).ok());
    // The registry's own list has values that no grid spans.
    let listed = entry.spec.conventions.iter().filter_map(|text| allowing(text));
    measures.chain(listed).filter(|measure| seen.insert(measure.to_string())).collect()
}

/// Whether the keys so far go together; keys that are still missing are no matter.
fn belongs(id: &str, keys: &[(&str, String)]) -> bool {
    use crate::error::Error;
    !matches!(Measure::parse(&written(id, keys)), Err(Error::UnknownKey { .. } | Error::InvalidValue { .. } | Error::RepeatedKey { .. }))
}

fn written(id: &str, keys: &[(&str, String)]) -> String {
    let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if keys.is_empty() { id.to_string() } else { format!("{id}:{}", keys.join(",")) }
}

/// What may have been done to a representation before it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preparation {
    Nothing,
    /// Measured where it stands, the mean included: the same as measuring it with its mirror image
    /// below it, whose mean is 0.
    Uncentered,
    /// Every neuron to mean 0 and standard deviation 1.
    Standardised,
    /// Every example to length 1.
    UnitExamples,
    /// An orthonormal basis of the columns in place of the columns, the mean left in.
    Orthonormalised,
    /// Every example to mean 0 over its neurons, and no neuron: the mean along the other axis.
    OtherAxis,
    /// Neurons in place of examples.
    Transposed,
}

impl Preparation {
    pub(super) const ALL: [Preparation; 7] = [
        Preparation::Nothing,
        Preparation::Uncentered,
        Preparation::Standardised,
        Preparation::UnitExamples,
        Preparation::Orthonormalised,
        Preparation::OtherAxis,
        Preparation::Transposed,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Preparation::Nothing => "",
            Preparation::Uncentered => " of features that are not centered",
            Preparation::Standardised => " of neurons scaled to standard deviation 1",
            Preparation::UnitExamples => " of examples scaled to length 1",
            Preparation::Orthonormalised => " of an orthonormal basis of the features, not centered",
            Preparation::OtherAxis => " of examples centered over their neurons, in place of neurons over the examples",
            Preparation::Transposed => " of the transposed matrices, neurons in place of examples",
        }
    }

    /// Whether it means anything for this measure.
    pub(super) fn applies_to(self, measure: &Measure) -> bool {
        let holds = |group: Group| Side::ALL.iter().all(|&side| measure.properties().claims.get(group, side) == Claim::Holds);
        match self {
            // A mirror image doubles the examples: a kernel that is not linear, and an estimator
            // that counts them, see that.
            Preparation::Uncentered | Preparation::OtherAxis => {
                let needs = measure.needs(None);
                let of_kernels = matches!(needs.moments, Moments::Linear { normalised: true, unbiased: false });
                needs.artifacts.is_empty() && !needs.uncentered && (needs.kernel.is_none() || of_kernels)
            }
            // Which basis it is must not matter; and where any basis does, it is the measure
            // itself.
            Preparation::Orthonormalised => holds(Group::Orthogonal) && !holds(Group::InvertibleLinear),
            _ => true,
        }
    }

    pub(super) fn apply(self, matrix: &Matrix) -> Matrix {
        let (n, p) = (matrix.n, matrix.p);
        match self {
            Preparation::Nothing => matrix.clone(),
            Preparation::Uncentered => Matrix::from_fn(2 * n, p, |i, j| if i < n { matrix.at(i, j) } else { -matrix.at(i - n, j) }),
            Preparation::OtherAxis => Preparation::Uncentered.apply(&matrix.transposed().centered().transposed()),
            Preparation::Transposed => matrix.transposed(),
            Preparation::Standardised => {
                let centered = matrix.centered();
                let deviation = |j: usize| ((0..n).map(|i| centered.at(i, j).powi(2)).sum::<f64>() / n as f64).sqrt();
                let deviations: Vec<f64> = (0..p).map(deviation).collect();
                Matrix::from_fn(n, p, |i, j| centered.at(i, j) / deviations[j])
            }
            Preparation::UnitExamples => {
                let length = |i: usize| matrix.row(i).iter().map(|value| value * value).sum::<f64>().sqrt();
                Matrix::from_fn(n, p, |i, j| matrix.at(i, j) / length(i))
            }
            Preparation::Orthonormalised => {
                let basis = DMatrix::from_row_slice(n, p, &matrix.values).qr().q();
                Matrix::from_fn(n, basis.ncols(), |i, j| basis[(i, j)])
            }
        }
    }
}

/// Shape of a pair, which some transformations depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) n: f64,
    pub(super) p1: f64,
    pub(super) p2: f64,
}

/// A name with its formula.
type Transformation = (&'static str, fn(f64, Shape) -> f64);

/// What may have been done to a value s.
pub(super) const TRANSFORMATIONS: [Transformation; 18] = [
    ("s", |s, _| s),
    ("1 - s", |s, _| 1.0 - s),
    ("s^2", |s, _| s * s),
    ("sqrt(s)", |s, _| s.sqrt()),
    ("1 - s^2", |s, _| 1.0 - s * s),
    ("1 - sqrt(s)", |s, _| 1.0 - s.sqrt()),
    ("sqrt(1 - s)", |s, _| (1.0 - s).sqrt()),
    ("sqrt(1 - s^2)", |s, _| (1.0 - s * s).sqrt()),
    ("arccos(s)", |s, _| s.acos()),
    ("2 s", |s, _| 2.0 * s),
    ("s / 2", |s, _| s / 2.0),
    ("2 (1 - s)", |s, _| 2.0 * (1.0 - s)),
    ("sqrt(2 (1 - s))", |s, _| (2.0 * (1.0 - s)).sqrt()),
    ("s min(p1, p2)", |s, shape| s * shape.p1.min(shape.p2)),
    ("s min(p1, p2) / p1", |s, shape| s * shape.p1.min(shape.p2) / shape.p1),
    ("s (n - 1)^2 / n^2", |s, shape| s * ((shape.n - 1.0) / shape.n).powi(2)),
    ("s (n - 1)^2", |s, shape| s * (shape.n - 1.0).powi(2)),
    ("s (n - 1)", |s, shape| s * (shape.n - 1.0)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_spans_every_listed_convention_and_no_key_is_unknown_to_it() {
        for entry in REGISTRY {
            let measures = conventions_of(entry.spec.id);
            let texts: BTreeSet<String> = measures.iter().map(ToString::to_string).collect();
            assert_eq!(texts.len(), measures.len(), "{}: each once", entry.spec.id);
            for listed in entry.spec.conventions {
                assert!(texts.contains(&allowing(listed).unwrap().to_string()), "{listed}");
            }
            for key in entry.spec.keys {
                let spanned = key.name == "degenerate"
                    || measures.iter().filter(|measure| measure.convention().iter().any(|(name, _)| *name == key.name)).count() > 1;
                assert!(spanned, "{}: {} takes one value only", entry.spec.id, key.name);
            }
        }
        assert!(conventions_of("cca").iter().any(|measure| measure.to_string() == "cca:summary=r2,divisor=max,center=no,degenerate=allow"));
        assert!(conventions_of("no such measure").is_empty());
    }

    /// Mean of the features included, |Y'X|_F^2 / (|X'X|_F |Y'Y|_F), is biased linear CKA with the
    /// mirror image.
    #[test]
    fn a_mirror_image_leaves_the_mean_where_it_is() {
        let (x, y) = (Matrix::from_fn(5, 2, |i, j| (i * i + j) as f64), Matrix::from_fn(5, 1, |i, _| 3.0 + (i % 2) as f64));
        let [mx, my] = [&x, &y].map(|matrix| Preparation::Uncentered.apply(matrix));
        let got = Measure::parse("cka").unwrap().compare(&mx.representation("x").unwrap(), &my.representation("y").unwrap()).unwrap().value;
        let size = |a: &Matrix, b: &Matrix| a.transposed().times(b).norm();
        let want = size(&y, &x).powi(2) / (size(&x, &x) * size(&y, &y));
        assert!((got - want).abs() < 1e-14, "{got:?}, {want:?}");
    }
}
