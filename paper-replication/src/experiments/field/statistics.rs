//! Rank correlations, precision and recall, how often pairs are in order, and how far apart is
//! apart.

use std::f64::consts::FRAC_2_PI;

/// Ranks, equal values sharing their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let end = (start..order.len()).take_while(|&place| values[order[place]] == values[order[start]]).count() + start;
        order[start..end].iter().for_each(|&place| ranks[place] = (start + end - 1) as f64 / 2.0);
        start = end;
    }
    ranks
}

/// Spearman's rank correlation; 0 where one side is constant.
pub(super) fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let sides = [0, 1].map(|side| ranks(&pairs.iter().map(|pair| if side == 0 { pair.0 } else { pair.1 }).collect::<Vec<_>>()));
    let center = (pairs.len() as f64 - 1.0) / 2.0;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in sides[0].iter().zip(&sides[1]) {
        let (x, y) = (x - center, y - center);
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    if xx == 0.0 || yy == 0.0 { 0.0 } else { xy / (xx * yy).sqrt() }
}

/// Kendall's tau-b; 0 where one side is constant.
pub(super) fn kendall(pairs: &[(f64, f64)]) -> f64 {
    let (mut concordant, mut discordant, mut left, mut right) = (0.0, 0.0, 0.0_f64, 0.0);
    for (place, one) in pairs.iter().enumerate() {
        for other in &pairs[place + 1..] {
            let (x, y) = (one.0.total_cmp(&other.0) as i8, one.1.total_cmp(&other.1) as i8);
            match x * y {
                1 => concordant += 1.0,
                -1 => discordant += 1.0,
                _ => {}
            }
            left += f64::from(x != 0);
            right += f64::from(y != 0);
        }
    }
    if left == 0.0 || right == 0.0 { 0.0 } else { (concordant - discordant) / (left * right).sqrt() }
}

/// The area under the curve of precision over recall, as average precision: `(value, positive)`,
/// larger values first; equal values come at once.
pub(super) fn average_precision(scores: &[(f64, bool)]) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|one, other| other.0.total_cmp(&one.0));
    let positives = sorted.iter().filter(|score| score.1).count() as f64;
    let (mut seen, mut right, mut area) = (0.0, 0.0, 0.0);
    let mut start = 0;
    while start < sorted.len() {
        let end = (start..sorted.len()).take_while(|&place| sorted[place].0 == sorted[start].0).count() + start;
        let new = sorted[start..end].iter().filter(|score| score.1).count() as f64;
        seen += (end - start) as f64;
        right += new;
        area += new / positives * right / seen;
        start = end;
    }
    area
}

/// The share of pairs of a positive and a negative in which the positive has the larger value.
pub(super) fn conformity(scores: &[(f64, bool)]) -> f64 {
    let of = |wanted: bool| scores.iter().filter(move |score| score.1 == wanted).map(|score| score.0);
    let all = of(true).count() * of(false).count();
    let right: usize = of(true).map(|positive| of(false).filter(|negative| positive > *negative).count()).sum();
    right as f64 / all as f64
}

/// How many standard errors, estimated with so many degrees of freedom, a difference of nothing is
/// from 0 in this share of all cases: Student's two-sided quantile.
pub(super) fn students_quantile(freedom: usize, level: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if 1.0 - within(middle, freedom) > level { low = middle } else { high = middle }
    }
    high
}

/// The probability that |T| <= t; the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4.
fn within(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    // Powers of the cosine from `first` on in steps of 2, below `freedom - 1`.
    let (first, odd) = (freedom % 2, freedom % 2 == 1);
    let (mut term, mut sum) = (if odd { cosine } else { 1.0 }, 0.0);
    for power in (first..freedom.saturating_sub(1)).step_by(2) {
        sum += term;
        let power = power as f64;
        term *= cosine * cosine * (power + 1.0) / (power + 2.0);
    }
    if odd { FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}

/// The mean, and the standard error of it; none of fewer than two values.
pub(super) fn mean_and_error(values: &[f64]) -> Option<(f64, Option<f64>)> {
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, (values.len() > 1).then(|| (squares / (count - 1.0) / count).sqrt())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlations_are_those_of_the_textbook() {
        let pairs = [(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (4.0, 3.0), (5.0, 5.0)];
        // 1 - 6 * 4 / (5 * 24), and (8 - 2) / 10.
        assert!((spearman(&pairs) - 0.8).abs() < 1e-15);
        assert!((kendall(&pairs) - 0.6).abs() < 1e-15);
        // Ranks 0.5, 0.5, 2 against 0, 1, 2: 1.5 / sqrt(1.5 * 2); tau-b 2 / sqrt(2 * 3).
        let tied = [(1.0, 1.0), (1.0, 2.0), (3.0, 3.0)];
        assert!((spearman(&tied) - 1.5 / 3.0_f64.sqrt()).abs() < 1e-15);
        assert!((kendall(&tied) - 2.0 / 6.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!((spearman(&[(1.0, 1.0), (1.0, 2.0)]), kendall(&[(1.0, 1.0), (1.0, 2.0)])), (0.0, 0.0));
    }

    #[test]
    fn groups_are_told_apart_or_not() {
        let apart = [(0.9, true), (0.8, true), (0.3, false), (0.2, false)];
        assert_eq!((average_precision(&apart), conformity(&apart)), (1.0, 1.0));
        // Precision 1 at the first of two positives, 2/3 at the second.
        let mixed = [(0.9, true), (0.8, false), (0.3, true), (0.2, false)];
        assert!((average_precision(&mixed) - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-15);
        assert_eq!(conformity(&mixed), 0.75);
        let tied = [(0.5, true), (0.5, false)];
        assert_eq!((average_precision(&tied), conformity(&tied)), (0.5, 0.0));
    }

    /// The tables of the textbook.
    #[test]
    fn quantiles_are_students() {
        for (freedom, level, expected) in [
            (1, 0.05, 12.706),
            (2, 0.05, 4.303),
            (4, 0.05, 2.776),
            (9, 0.05, 2.262),
            (11, 0.05, 2.201),
            (11, 0.01, 3.106),
            (4, 0.01, 4.604),
        ] {
            let found = students_quantile(freedom, level);
            assert!((found - expected).abs() < 6e-4, "{freedom} {level}: {found}");
        }
        assert!((students_quantile(10_000, 0.05) - 1.9602).abs() < 1e-3);
    }

    #[test]
    fn a_mean_has_its_error() {
        assert_eq!(mean_and_error(&[1.0, 3.0]), Some((2.0, Some(1.0))));
        assert_eq!((mean_and_error(&[1.0]), mean_and_error(&[])), (Some((1.0, None)), None));
    }
}
