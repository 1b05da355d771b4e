//! One convention on one pair: the exact value, what both paths answer, and how far they are off.

use dashu_ratio::RBig;
use similitude::laws::{Answer, Matrix, Refusal, Subject, plain_bound};
use similitude::{ErrorKind, Measure};
use similitude_oracle::{Enclosure, OracleError, RankRule};

use super::error::Error;

/// What is known of the exact value for these very numbers.
#[derive(Clone)]
pub enum Exact {
    /// It lies here.
    Value(Enclosure),
    /// There is none, for this kind of reason.
    Refused(ErrorKind),
    /// It could not be certified, or rests on a decision (a rank, a tie, a threshold) that rounding
    /// makes either way.
    Undecidable,
}

/// Enclosures wider than this say that the value is tiny, not what it is.
const WIDEST: f64 = 1e-40;

/// Asks the oracle, which decides ranks and ties as the library does.
pub fn exact(measure: &Measure, description: &str, x: &Matrix, y: &Matrix) -> Result<Exact, Error> {
    let failure = |source| Error::Oracle { measure: measure.to_string(), input: description.to_string(), source };
    let matrix = |m: &Matrix| similitude_oracle::Matrix::from_row_major(m.n, m.p, &m.values).map_err(failure);
    let oracle: similitude_oracle::Measure = measure.to_string().parse().map_err(failure)?;
    let oracle = oracle.with_rank_rule(RankRule::Numerical { epsilon: f64::EPSILON });
    match oracle.evaluate(&matrix(x)?, &matrix(y)?) {
        Ok(value) if value.enclosure.relative_width() <= WIDEST => Ok(Exact::Value(value.enclosure)),
        Ok(_) | Err(OracleError::Undecidable { .. } | OracleError::Doubtful { .. }) => Ok(Exact::Undecidable),
        Err(OracleError::Degenerate { .. }) => Ok(Exact::Refused(ErrorKind::Degenerate)),
        Err(
            OracleError::Constant { .. }
            | OracleError::ConstantTraining { .. }
            | OracleError::TooFewExamples { .. }
            | OracleError::ZeroSelfTerm { .. }
            | OracleError::ZeroRow { .. }
            | OracleError::ZeroMedian { .. }
            | OracleError::ConstantRow { .. }
            | OracleError::ConstantNeuron { .. }
            | OracleError::TooFewNeurons { .. }
            | OracleError::FlatDissimilarities { .. }
            | OracleError::NeighbourCount { .. },
        ) => Ok(Exact::Refused(ErrorKind::Undefined)),
        Err(source) => Err(failure(source)),
    }
}

/// What both paths answer.
pub struct Answers {
    /// The fast path, with its own bound.
    pub fast: Result<Answer, Refusal>,
    /// The reference path.
    pub reference: Result<f64, Refusal>,
    /// The error granted to the reference path; none where the fast path has no value.
    pub plain_bound: Option<f64>,
}

/// Asks both paths.
pub fn answers(measure: &Measure, x: &Matrix, y: &Matrix) -> Result<Answers, Error> {
    let (x, y) = (x.representation("x")?, y.representation("y")?);
    let fast = Subject::fast(measure).value(&x, &y);
    let reference = measure.reference(&x, &y).map_err(Refusal::from);
    let plain_bound = fast.as_ref().ok().map(|answer| plain_bound(measure, &x, &y, answer));
    Ok(Answers { fast, reference, plain_bound })
}

/// What an answer is worth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Verdict {
    /// A value, off by this much.
    Off(f64),
    /// Both refuse for the same kind of reason.
    BothRefuse,
    /// The value exists, an f64 cannot hold it, and the path says so.
    Unrepresentable,
    /// The exact value is not known.
    Undecidable,
    /// One answers and the other does not, or they refuse for different reasons.
    Disagree,
}

/// Holds an answer against the exact value.
pub fn verdict(exact: &Exact, answer: Result<f64, &Refusal>) -> Verdict {
    match (exact, answer) {
        (Exact::Undecidable, _) => Verdict::Undecidable,
        (Exact::Value(enclosure), Ok(value)) => Verdict::Off(enclosure.absolute_error(value)),
        (Exact::Value(enclosure), Err(refusal)) if refusal.unrepresentable && !enclosure.midpoint_f64().is_normal() => {
            Verdict::Unrepresentable
        }
        (Exact::Refused(kind), Err(refusal)) if refusal.kind == kind.as_str() => Verdict::BothRefuse,
        _ => Verdict::Disagree,
    }
}

/// error / granted, where nothing over nothing is nothing.
pub fn ratio(error: f64, granted: f64) -> f64 {
    if error == 0.0 { 0.0 } else { error / granted }
}

/// The rational number that a decimal such as `-1.25e-9` states.
pub fn decimal(text: &str) -> Result<RBig, Error> {
    let failure = || Error::Decimal { text: text.to_string() };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let last: i64 = exponent.parse::<i64>().map_err(|_| failure())? - fraction.len() as i64;
    let zeros = "0".repeat(last.unsigned_abs() as usize);
    let digits = format!("{whole}{fraction}");
    let rational = if last >= 0 { format!("{digits}{zeros}") } else { format!("{digits}/1{zeros}") };
    rational.parse().map_err(|_| failure())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_the_numbers_they_state() {
        assert_eq!(decimal("-0.125").unwrap(), "-1/8".parse().unwrap());
        assert_eq!(decimal("1.25e-3").unwrap(), "1/800".parse().unwrap());
        assert_eq!(decimal("2.5e3").unwrap(), "2500".parse().unwrap());
        assert!(decimal("0.1.2").is_err());
    }

    #[test]
    fn an_error_is_the_distance_to_the_decimal_and_not_to_its_nearest_double() {
        let third = Exact::Value(Enclosure::exact(decimal("0.3333333333333333333333333333333333333333").unwrap()));
        let Verdict::Off(error) = verdict(&third, Ok(1.0 / 3.0)) else { panic!("a value") };
        assert!((error - f64::EPSILON / 12.0).abs() < 1e-30, "{error:e}");
    }
}
