//! `--oracle`: the exact or certified value beside both paths.

use crate::sweep::Record;
use crate::{Measure, Representation};
use serde::Serialize;
use similitude_oracle::{Matrix, OracleError, RankRule, Value};

/// What the oracle says of one comparison.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Certified {
    /// It has a value.
    Value {
        /// Decimal bounds of the exact value, rounded outward.
        enclosure: [String; 2],
        /// Whether the enclosure is a single number.
        exact: bool,
        /// Relative error of the fast path, in units of eps = 2^-52; absent where the path has no
        /// value, or the exact value is 0 and the path's is not.
        error_fast: Option<f64>,
        /// The same of the reference path.
        error_reference: Option<f64>,
        /// Absolute error of the fast path, in units of eps times the measure's condition number on
        /// these data.
        error_fast_conditioned: Option<f64>,
        /// The same of the reference path.
        error_reference_conditioned: Option<f64>,
        /// What the oracle decided on the way.
        notes: Vec<String>,
    },
    /// It has none, or none can be certified.
    Failure {
        /// Why.
        error: Failure,
    },
}

/// Why the oracle has no value.
#[derive(Debug, Serialize)]
pub struct Failure {
    kind: &'static str,
    message: String,
}

/// A comparison with what the oracle says of it.
#[derive(Serialize)]
pub struct WithOracle<'a> {
    #[serde(flatten)]
    pub record: Record<'a>,
    pub oracle: Certified,
}

/// Evaluates a measure exactly on the very f64 values that both paths saw.
pub fn certify(measure: &Measure, record: &Record<'_>, x: &Representation<'_>, y: &Representation<'_>) -> Certified {
    match evaluate(measure, x, y) {
        Ok(value) => {
            let fast = record.outcome.value();
            let reference = measure.reference(x, y).ok();
            let condition = record.outcome.diagnostic("condition");
            let relative = |got: Option<f64>| got.map(|got| value.enclosure.error_in_eps(got)).filter(|error| error.is_finite());
            let conditioned = |got: Option<f64>| {
                Some(value.enclosure.absolute_error(got?) / (f64::EPSILON * condition?)).filter(|error| error.is_finite())
            };
            Certified::Value {
                enclosure: [value.enclosure.lo_decimal(), value.enclosure.hi_decimal()],
                exact: value.exact,
                error_fast: relative(fast),
                error_reference: relative(reference),
                error_fast_conditioned: conditioned(fast),
                error_reference_conditioned: conditioned(reference),
                notes: value.notes.iter().map(ToString::to_string).collect(),
            }
        }
        Err(error) => Certified::Failure { error: Failure { kind: kind(&error), message: error.to_string() } },
    }
}

fn evaluate(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>) -> Result<Value, OracleError> {
    let matrix = |r: &Representation<'_>| Matrix::from_row_major(r.n(), r.p(), &r.to_row_major());
    // The library's rank is the numerical one: data whose rank is low but for rounding are of low
    // rank.
    let rule = RankRule::Numerical { epsilon: f64::EPSILON };
    measure.to_string().parse::<similitude_oracle::Measure>()?.with_rank_rule(rule).evaluate(&matrix(x)?, &matrix(y)?)
}

fn kind(error: &OracleError) -> &'static str {
    match error {
        OracleError::Degenerate { .. } => "degenerate",
        OracleError::Undecidable { .. } | OracleError::Doubtful { .. } => "undecidable",
        _ => "undefined",
    }
}

/// The lines of the table that concern one comparison.
pub fn describe(certified: &Certified) -> String {
    let number = |error: Option<f64>| error.map_or("-".to_string(), |error| format!("{error:.2}"));
    match certified {
        Certified::Value {
            enclosure: [lo, hi],
            exact,
            error_fast,
            error_reference,
            error_fast_conditioned,
            error_reference_conditioned,
            notes,
        } => {
            let bounds =
                if *exact || lo == hi { format!("  exact      {lo}\n") } else { format!("  from       {lo}\n  to         {hi}\n") };
            let errors = format!(
                "  fast       off by {} eps, {} eps times the condition\n  reference  off by {} eps, {} eps times the condition\n",
                number(*error_fast),
                number(*error_fast_conditioned),
                number(*error_reference),
                number(*error_reference_conditioned)
            );
            let notes: String = notes.iter().map(|note| format!("  note       {note}\n")).collect();
            bounds + &errors + &notes
        }
        Certified::Failure { error } => format!("  {}: {}\n", error.kind, error.message),
    }
}
