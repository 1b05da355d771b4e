//! What a law is tried on: any function of two representations.

use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::measure::Measure;
use crate::needs::Terms;
use crate::representation::Representation;
use crate::tolerance::EPS;
use crate::undefined::Undefined;

/// A value and how far it may be from the exact one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The value.
    pub value: f64,
    /// |value - exact value for these very numbers| <= bound
    pub bound: f64,
    /// How far the exact value moves, to first order, when the centered representations move by 1
    /// of their norm.
    pub condition: f64,
    /// Of a step function: how far the centered representations may move, as a share of their norm,
    /// before a comparison is decided the other way. Infinite for others.
    pub margin: f64,
    /// Of a value that is drawn at random: its standard error. 0 for others.
    pub standard_error: f64,
}

impl Answer {
    /// The answer of a function that is smooth and draws nothing.
    pub fn new(value: f64, bound: f64, condition: f64) -> Self {
        Self { value, bound, condition, margin: f64::INFINITY, standard_error: 0.0 }
    }
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of reason, which must be the same on both sides of a map.
    pub kind: String,
    /// The value exists, but an f64 cannot hold it.
    pub unrepresentable: bool,
    /// Both paths of the measure refuse these data too.
    pub confirmed: bool,
    /// The whole message.
    pub message: String,
}

impl Refusal {
    fn new(kind: &str, unrepresentable: bool, message: impl fmt::Display) -> Self {
        Self { kind: kind.to_string(), unrepresentable, confirmed: false, message: message.to_string() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::new(error.kind().as_str(), matches!(error.cause(), Error::Unrepresentable { .. }), error)
    }
}

impl From<Undefined> for Refusal {
    fn from(undefined: Undefined) -> Self {
        let kind = if undefined == Undefined::Degenerate { ErrorKind::Degenerate } else { ErrorKind::Undefined };
        Refusal::new(kind.as_str(), undefined == Undefined::Unrepresentable, undefined)
    }
}

type Function<'a> = dyn Fn(&Representation<'_>, &Representation<'_>) -> Result<Answer, Refusal> + Send + Sync + 'a;

/// A function of two representations that claims to be a certain measure.
pub struct Subject<'a> {
    name: String,
    bitwise: bool,
    function: Box<Function<'a>>,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("name", &self.name).field("bitwise", &self.bitwise).finish_non_exhaustive()
    }
}

fn fast(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>) -> Result<Answer, Refusal> {
    let score = measure.compare(x, y)?;
    // A measure always states both; should one be missing, NaN fails every comparison.
    let stated = |name: &str| score.diagnostics.get(name).unwrap_or(f64::NAN);
    let or = |name: &str, otherwise: f64| score.diagnostics.get(name).unwrap_or(otherwise);
    Ok(Answer {
        value: score.value,
        bound: stated("error_bound"),
        condition: stated("condition"),
        margin: or("margin", f64::INFINITY),
        standard_error: or("standard_error", 0.0),
    })
}

/// The bound granted to a plain implementation of a measure, given what the fast path says of the
/// same data: ten times its bound, and 16 (n + p) eps of its condition and of the size of the
/// terms, because textbook formulas sum n p terms in any order.
///
/// How large the terms are is what the measure says of itself ([`Terms`]).
pub fn plain_bound(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>, fast: &Answer) -> f64 {
    let terms = match measure.needs(None).terms {
        Terms::Value => fast.value.abs(),
        Terms::One => 1.0,
        Terms::Selves(text) => {
            let own = |z: &Representation<'_>| Measure::parse(&text)?.compare(z, z).map(|score| score.value);
            own(x).unwrap_or(f64::MAX).sqrt() * own(y).unwrap_or(f64::MAX).sqrt()
        }
    };
    let rounding = 16.0 * (x.n() + x.p().max(y.p())) as f64 * EPS;
    // A plain implementation of a step function does not know on which side of a step it is there.
    let range = measure.properties().range;
    let step = if fast.margin <= rounding { range.upper - range.lower } else { 0.0 };
    10.0 * fast.bound + rounding * (fast.condition + terms) + step
}

impl<'a> Subject<'a> {
    /// The fast path of a measure. What is promised to the bit is tried to the bit.
    pub fn fast(measure: &'a Measure) -> Self {
        Self { name: format!("{measure}, fast path"), bitwise: true, function: Box::new(move |x, y| fast(measure, x, y)) }
    }

    /// The reference path of a measure, within [`plain_bound`].
    ///
    /// It answers for itself: where the fast path refuses, nothing is known of the error of a
    /// value, which is then within an infinite bound, and is still a value beside a refusal.
    pub fn reference(measure: &'a Measure) -> Self {
        let value = move |x: &Representation<'_>, y: &Representation<'_>| measure.reference(x, y).map_err(Refusal::from);
        Self::of(format!("{measure}, reference path"), measure, value, |value, _| {
            Ok(Answer { bound: f64::INFINITY, ..Answer::new(value, 0.0, 0.0) })
        })
    }

    /// Any function that claims to be the measure, within [`plain_bound`]: another library behind a
    /// bridge, say. Where it answers `None` it declines, and where it answers NaN it is wrong.
    /// Where the measure refuses, so does the subject, because nothing is granted there.
    pub fn foreign(
        name: impl Into<String>,
        measure: &'a Measure,
        value: impl Fn(&Representation<'_>, &Representation<'_>) -> Option<f64> + Send + Sync + 'a,
    ) -> Self {
        let declined = || Refusal::new("declined", false, "the function gives no value");
        Self::of(name.into(), measure, move |x, y| value(x, y).ok_or_else(declined), |_, refusal| Err(refusal))
    }

    fn of(
        name: String,
        measure: &'a Measure,
        value: impl Fn(&Representation<'_>, &Representation<'_>) -> Result<f64, Refusal> + Send + Sync + 'a,
        beside_refusal: fn(f64, Refusal) -> Result<Answer, Refusal>,
    ) -> Self {
        let function = move |x: &Representation<'_>, y: &Representation<'_>| {
            let value = value(x, y)?;
            // The fast path lends its condition.
            match fast(measure, x, y) {
                Ok(lent) => Ok(Answer { value, bound: plain_bound(measure, x, y, &lent), ..lent }),
                Err(refusal) => beside_refusal(value, refusal),
            }
        };
        Self { name, bitwise: false, function: Box::new(function) }
    }

    /// What it is called in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether exact laws (powers of two, swapped arguments, number of threads) are promised to the
    /// bit.
    pub fn bitwise(&self) -> bool {
        self.bitwise
    }

    /// The value.
    ///
    /// # Errors
    /// A [`Refusal`] where the function has no value.
    pub fn value(&self, x: &Representation<'_>, y: &Representation<'_>) -> Result<Answer, Refusal> {
        (self.function)(x, y)
    }
}
