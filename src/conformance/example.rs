//! One pair with what a measure says of it, and how a reply is held against that.

use crate::error::ErrorKind;
use crate::laws::{Answer, Matrix, plain_bound};
use crate::measure::Measure;

use super::function::Reply;

/// A pair of representations and what is expected on it.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it is, in words.
    pub name: String,
    /// X, n x p1.
    pub x: Matrix,
    /// Y, n x p2.
    pub y: Matrix,
    /// What the measure says.
    pub expected: Expected,
    /// The exact value to 40 digits, where it was published with the table.
    pub digits: Option<String>,
}

/// What a measure says of a pair.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// A value, and how far a plain implementation may be from it.
    Value {
        /// The value by the fast path.
        value: f64,
        /// The difference granted.
        bound: f64,
    },
    /// No value, and why.
    Undefined {
        /// What kind of trouble.
        kind: ErrorKind,
        /// The whole message.
        message: String,
    },
}

/// How a reply differs from what is expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// What is expected, in words and numbers.
    pub expected: String,
    /// What came.
    pub obtained: String,
}

impl Expected {
    /// What the fast path of the measure says of the pair.
    pub fn of(measure: &Measure, x: &Matrix, y: &Matrix) -> Self {
        let outcome =
            x.representation("x").and_then(|x| y.representation("y").and_then(|y| measure.compare(&x, &y).map(|score| (x, y, score))));
        match outcome {
            Err(error) => Expected::Undefined { kind: error.kind(), message: error.to_string() },
            Ok((x, y, score)) => {
                let stated = |name: &str| score.diagnostics.get(name).unwrap_or(f64::NAN);
                let fast = Answer {
                    margin: score.diagnostics.get("margin").unwrap_or(f64::INFINITY),
                    ..Answer::new(score.value, stated("error_bound"), stated("condition"))
                };
                let bound = fast.bound + plain_bound(measure, &x, &y, &fast);
                Expected::Value { value: score.value, bound }
            }
        }
    }

    /// Holds a reply against it: `None` when they agree.
    pub fn mismatch(&self, reply: &Reply) -> Option<Mismatch> {
        let agrees = match (self, reply) {
            (Expected::Value { value, bound }, Reply::Value(got)) => (got - value).abs() <= *bound,
            (Expected::Undefined { .. }, Reply::Declined(_)) => true,
            // No function can do anything with representations that do not belong together.
            (Expected::Undefined { kind, .. }, Reply::Panicked(_)) => *kind == ErrorKind::Input,
            _ => false,
        };
        (!agrees).then(|| Mismatch { expected: self.to_string(), obtained: reply.to_string() })
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Value { value, bound } => write!(f, "{value:?} within {bound:.1e}"),
            Expected::Undefined { message, .. } => write!(f, "no value: {message}"),
        }
    }
}

impl Example {
    /// A pair, with what the measure says of it.
    pub fn new(name: impl Into<String>, measure: &Measure, x: Matrix, y: Matrix) -> Self {
        Self { name: name.into(), expected: Expected::of(measure, &x, &y), x, y, digits: None }
    }
}
