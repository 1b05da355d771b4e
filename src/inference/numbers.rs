//! Mean, standard deviation and quantiles of a list of values.

use crate::arrays::sums::sum;

/// The mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    // From the first, so that equal values have exactly that mean.
    let first = values[0];
    first + sum(&values.iter().map(|value| value - first).collect::<Vec<_>>()) / values.len() as f64
}

/// The standard deviation, divisor m - 1; 0 of one value.
pub(super) fn sd(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let mean = mean(values);
    (sum(&values.iter().map(|value| (value - mean).powi(2)).collect::<Vec<_>>()) / (values.len() as f64 - 1.0)).sqrt()
}

/// The quantile at a share in [0, 1], between neighbours by straight lines (Hyndman and Fan's type
/// 7).
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len() as f64 - 1.0);
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_textbooks() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!((mean(&values), sd(&values)), (2.5, (5.0f64 / 3.0).sqrt()));
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|share| quantile(&values, share)), [1.0, 1.75, 2.5, 4.0]);
        assert_eq!((mean(&[0.1; 7]), sd(&[0.1; 7]), sd(&[1.0])), (0.1, 0.0, 0.0));
    }
}
