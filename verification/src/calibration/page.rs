//! CALIBRATION.md.

use super::{Coverage, LEVEL, Power, Uniform};

/// The largest distance between the distribution of some p-values and the uniform one.
fn kolmogorov(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    sorted.iter().enumerate().map(|(i, p)| (p - i as f64 / n).abs().max(((i as f64 + 1.0) / n - p).abs())).fold(0.0, f64::max)
}

/// The probability of at least this distance by chance (Kolmogorov's limit, with Stephens'
/// correction for n).
fn probability(distance: f64, n: usize) -> f64 {
    let root = (n as f64).sqrt();
    let x = (root + 0.12 + 0.11 / root) * distance;
    let term = |k: i32| 2.0 * f64::from(if k % 2 == 1 { 1 } else { -1 }) * (-2.0 * f64::from(k * k) * x * x).exp();
    if x < 0.3 { 1.0 } else { (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0) }
}

pub fn write(pairs: usize, draws: usize, uniform: &[Uniform], coverage: &[Coverage], power: &[Power]) -> String {
    let mut text = format!(
        "# Calibration\n\nWritten by `cargo run --release -p verification -- calibration`: {pairs} pairs a line, {draws} permutations or resamples a pair.\n\n\
         ## P-values of independent pairs\n\nP-values must be uniform. `at 5 %` is the share of them that is 0.05 or less (standard error {:.1} points), `KS` \
         the largest distance of their distribution from the uniform one, `chance` the probability of so much by chance. Drawn p-values are multiples of \
         1/{}, and stand that much too high.\n\n| measure | n x p | examples | p by | at 5 % | KS | chance |\n|---|---|---|---|---|---|---|\n",
        100.0 * (0.05 * 0.95 / pairs as f64).sqrt(),
        draws + 1
    );
    for line in uniform {
        let distance = kolmogorov(&line.values);
        let rejected = line.values.iter().filter(|p| **p <= 0.05).count() as f64 / line.values.len() as f64;
        text += &format!(
            "| `{}` | {} x {} | {} | {} | {:.1} % | {distance:.3} | {:.3} |\n",
            line.measure,
            line.n,
            line.p,
            line.tails.as_str(),
            line.way,
            100.0 * rejected,
            probability(distance, line.values.len())
        );
    }
    text += &format!(
        "\n## Intervals\n\nX has 3 independent normal neurons, Y = 0.7 X + noise: linear CKA, R2 and the mean squared canonical correlation of the population are \
         0.49 / 1.49. Intervals at {} %; the standard error of a share is {:.1} points. Shares more than 2 points and two standard errors from the level are \
         marked `!`.\n\n| measure | n | method | held | width |\n|---|---|---|---|---|\n",
        100.0 * LEVEL,
        100.0 * (LEVEL * (1.0 - LEVEL) / pairs as f64).sqrt()
    );
    for line in coverage {
        let share = line.held as f64 / line.pairs as f64;
        let allowed = 0.02f64.max(2.0 * (LEVEL * (1.0 - LEVEL) / line.pairs as f64).sqrt());
        let mark = if (share - LEVEL).abs() > allowed { " !" } else { "" };
        text += &format!("| `{}` | {} | {} | {:.1} %{mark} | {:.3} |\n", line.measure, line.n, line.method, 100.0 * share, line.width);
    }
    text += "\n## Power\n\nThe share of pairs of 100 examples that is found at the 5 % level by the exact moments, Y = share X + noise.\n\n| measure | share | found |\n|---|---|---|\n";
    for line in power {
        text += &format!("| `{}` | {} | {:.1} % |\n", line.measure, line.share, 100.0 * line.found as f64 / line.pairs as f64);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_judged_as_in_tables() {
        let even: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        assert!((kolmogorov(&even) - 0.005).abs() < 1e-12 && probability(0.005, 100) > 0.999);
        assert!((kolmogorov(&[0.9, 0.95]) - 0.9).abs() < 1e-12);
        // The 5 % and 1 % points of the limit are 1.358 and 1.628.
        assert!((probability(1.358 / 1e3, 1_000_000) - 0.05).abs() < 5e-4 && (probability(1.628 / 1e3, 1_000_000) - 0.01).abs() < 2e-4);
    }
}
