//! Measures.

use similitude::laws::Subject;
use similitude::{Measure, Representation};
use similitude_oracle::{OracleError, RankRule};

/// Compares two small matrices by every measure, on both paths: a value or a typed error, and both
/// say the same within the sum of their bounds.
///
/// The bytes are n, the two widths, and an exponent, then an entry a byte.
pub(super) fn measures(bytes: &[u8]) {
    let [n, p, q, exponent, entries @ ..] = bytes else { return };
    let (n, p, q) = (usize::from(n % 9) + 2, usize::from(p % 6) + 1, usize::from(q % 6) + 1);
    if entries.is_empty() {
        return;
    }
    let scale = 10_f64.powi(i32::from(*exponent as i8) / 2);
    let mut entries = entries.iter().cycle().map(|&byte| f64::from(byte as i8) * scale);
    let mut matrix = |name: &'static str, width: usize| {
        let values: Vec<f64> = entries.by_ref().take(n * width).collect();
        Representation::from_row_major(name, n, width, values)
    };
    let (Ok(x), Ok(y)) = (matrix("x", p), matrix("y", q)) else { return };
    let oracle = |measure: &Measure| {
        let [x, y] = [&x, &y].map(|side| similitude_oracle::Matrix::from_row_major(side.n(), side.p(), &side.to_row_major()));
        let oracle: similitude_oracle::Measure = measure.to_string().parse()?;
        oracle.with_rank_rule(RankRule::Numerical { epsilon: f64::EPSILON }).evaluate(&x?, &y?)
    };
    for measure in similitude::registry::conventions() {
        let said = agreement(&Subject::fast(&measure), &Subject::reference(&measure), &x, &y);
        // Rounding may decide a rank, a tie or a threshold either way.
        if let Err(message) = said
            && !matches!(oracle(&measure), Err(OracleError::Doubtful { .. }))
        {
            panic!("{measure}: {message}\nx: {:?}\ny: {:?}", x.to_row_major(), y.to_row_major());
        }
    }
}

/// Whether two paths say the same: values within the sum of their bounds, or the same refusal.
fn agreement(a: &Subject<'_>, b: &Subject<'_>, x: &Representation<'_>, y: &Representation<'_>) -> Result<(), String> {
    let beyond = |value: f64, bound: f64| value.abs() - bound < f64::MIN_POSITIVE || value.abs() + bound > f64::MAX;
    match (a.value(x, y), b.value(x, y)) {
        (Ok(one), Ok(other)) => {
            let (difference, bound) = ((one.value - other.value).abs(), one.bound + other.bound);
            let agree = one.value.is_finite() && other.value.is_finite() && difference <= bound;
            if agree { Ok(()) } else { Err(format!("{:?} and {:?}, {difference:e} apart, bound {bound:e}", one.value, other.value)) }
        }
        (Err(one), Err(other)) if one.kind == other.kind => Ok(()),
        (Err(one), Err(other)) => Err(format!("refused as {} and as {}: {}; {}", one.kind, other.kind, one.message, other.message)),
        // The exact value may be one that an f64 cannot hold.
        (Ok(answer), Err(refusal)) | (Err(refusal), Ok(answer)) if refusal.unrepresentable && beyond(answer.value, answer.bound) => Ok(()),
        (Ok(one), Err(other)) => Err(format!("{:?}, and refused: {}", one.value, other.message)),
        (Err(one), Ok(other)) => Err(format!("refused: {}, and {:?}", one.message, other.value)),
    }
}
