//! Edges: what a program answers where a measure has no value, and where values are hard to come
//! by.

use crate::Measure;
use crate::conformance::{Example, Match, edges, goldens};
use crate::laws::Matrix;

use super::entry::Asked;
use super::inputs::Precision;
use super::protocol::Outcome;
use super::record::Comparison;

/// The published tables, also as values of what the function was recognised as.
pub fn tables(asked: &Asked<'_>, measure: &Measure, recognised: Option<&Match>) -> Vec<Comparison> {
    values(asked, goldens(measure), recognised)
}

/// Values of a measure, also as values of what the function was recognised as.
pub fn values(asked: &Asked<'_>, examples: Vec<Example>, recognised: Option<&Match>) -> Vec<Comparison> {
    let judged = |example: Example| {
        let exact = recognised.and_then(|recognised| recognised.value(&example.x, &example.y));
        let comparison = compared(asked, example, Precision::Double);
        let apart = comparison
            .outcome
            .value()
            .zip(exact)
            .map(|(got, exact)| (got - exact).abs() / exact.abs().max(got.abs()).max(f64::MIN_POSITIVE));
        Comparison { agrees_as_recognised: apart.is_some_and(|apart| apart <= RECOGNISED), ..comparison }
    };
    examples.into_iter().map(judged).collect()
}

/// Values that agree to this, relatively, are those of what was recognised.
const RECOGNISED: f64 = 1e-6;

/// The edges of the library's own check, and those that only files can hold.
pub fn judge(asked: &Asked<'_>, measure: &Measure) -> Vec<Comparison> {
    let mut examples: Vec<(Example, Precision)> = edges(measure).into_iter().map(|example| (example, Precision::Double)).collect();
    let plain = examples
        .iter()
        .map(|(example, _)| example)
        .find(|example| example.name == "constant neuron")
        .cloned()
        .expect("it is one of the edges");
    let spoiled = |value: f64| {
        let mut x = plain.x.clone();
        x.values[x.p + 1] = value;
        x
    };
    for (name, value) in [("NaN in x", f64::NAN), ("infinity in x", f64::INFINITY)] {
        examples.push((Example::new(name, measure, spoiled(value), plain.y.clone()), Precision::Double));
    }
    // Values that 32 bits hold exactly, so that the files say the same as the matrices.
    let single = |matrix: &Matrix, by: f64| Matrix::from_fn(matrix.n, matrix.p, |i, j| f64::from((matrix.at(i, j) / 7.0 + by) as f32));
    for (name, by) in [("single precision", 0.0), ("single precision, mean of 1e4", 1e4)] {
        let narrow = |matrix: &Matrix| single(&matrix.columns(&[0, 1]), by);
        let y = plain.y.clone();
        examples.push((Example::new(name, measure, narrow(&plain.x), single(&y, by)), Precision::Single));
    }
    examples.into_iter().map(|(example, precision)| compared(asked, example, precision)).collect()
}

fn compared(asked: &Asked<'_>, example: Example, precision: Precision) -> Comparison {
    use crate::conformance::{Expected, Reply};
    let outcome = asked.matrices(&example.x, &example.y, precision).outcome;
    let reply = match &outcome {
        Outcome::Value(value) => Reply::Value(*value),
        Outcome::NotANumber(_) => Reply::Value(f64::NAN),
        Outcome::Declined(reason) => Reply::Declined(reason.clone()),
        Outcome::Crashed(reason) | Outcome::TimedOut(reason) | Outcome::Garbage(reason) => Reply::Panicked(reason.clone()),
    };
    // A crash is an answer to nothing.
    let agrees = !matches!(reply, Reply::Panicked(_)) && example.expected.mismatch(&reply).is_none();
    let relative_difference = match (&example.expected, &outcome) {
        (Expected::Value { value, .. }, Outcome::Value(got)) if *value != 0.0 => Some((got - value).abs() / value.abs()),
        _ => None,
    };
    let expected = match &example.expected {
        Expected::Value { value, .. } => format!("{value:?}"),
        Expected::Undefined { .. } => "no value".to_string(),
    };
    Comparison { name: example.name, expected, digits: example.digits, outcome, relative_difference, agrees, agrees_as_recognised: false }
}
