//! One value of the values at several positions.

/// The mean of at least one value. One that is not finite is returned as it is, to be reported as
/// what it was.
pub(super) fn mean(values: &[f64]) -> f64 {
    if let Some(&bad) = values.iter().find(|value| !value.is_finite()) {
        return bad;
    }
    let count = values.len() as f64;
    let total = compensated_sum(values.iter().copied());
    if total.is_finite() {
        total / count
    } else {
        // The sum overflows and the mean cannot: divide first.
        compensated_sum(values.iter().map(|value| value / count))
    }
}

/// The largest of at least one value. One that is not finite is returned as it is.
pub(super) fn max(values: &[f64]) -> f64 {
    let mut bad = values.iter().copied().filter(|value| !value.is_finite());
    bad.next().unwrap_or_else(|| values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// The sum, with the rounding error of every addition carried along (Neumaier's variant of Kahan's
/// summation).
fn compensated_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut error) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        error += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + error
}
