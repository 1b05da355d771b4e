//! Round numbers for the color bar, and how values are written.

/// Typographic minus: a hyphen is too short to be seen as a sign.
const MINUS: &str = "\u{2212}";

/// How the values of one scale are written, and where the ticks of its color bar stand.
pub(super) struct Numbers {
    /// The ticks, rising, none outside the scale.
    pub(super) ticks: Vec<f64>,
    /// Power of ten of the distance between two ticks.
    exponent: i32,
    /// Power of ten of the largest end of the scale.
    magnitude: i32,
}

impl Numbers {
    /// For a finite scale with `minimum < maximum` and about `count` ticks.
    pub(super) fn new(minimum: f64, maximum: f64, count: usize) -> Self {
        let raw = (maximum - minimum) / count as f64;
        let mut exponent = power_of_ten(raw);
        let mut factor = match raw / 10f64.powi(exponent) {
            r if r < 1.5 => 1.0,
            r if r < 3.5 => 2.0,
            r if r < 7.5 => 5.0,
            _ => 10.0,
        };
        if factor == 10.0 {
            (factor, exponent) = (1.0, exponent + 1);
        }
        let magnitude = power_of_ten(minimum.abs().max(maximum.abs()));
        let (first, last) = (minimum / 10f64.powi(exponent) / factor, maximum / 10f64.powi(exponent) / factor);
        // A multiple that is a rounding error beyond the end still belongs to the scale: 0.6 is not
        // 3 * 0.2 in binary.
        let (first, last) = ((first - 1e-9).ceil(), (last + 1e-9).floor());
        // Beyond 2^53 the multiples of the step are no longer counted exactly, and near the
        // smallest doubles the step is 0.
        let countable = first.abs().max(last.abs()) < 2f64.powi(53) && last > first;
        let ticks = if countable {
            let multiples = (0..=(last - first) as usize).map(|i| (first + i as f64) * factor);
            multiples.map(|m| scaled(m, exponent).clamp(minimum, maximum)).collect()
        } else {
            vec![minimum, maximum]
        };
        Self { ticks, exponent, magnitude }
    }

    /// A tick: as many digits as tell it from its neighbours.
    pub(super) fn tick(&self, value: f64) -> String {
        self.write(value, 0)
    }

    /// A value inside a cell: one digit more than a tick.
    pub(super) fn value(&self, value: f64) -> String {
        self.write(value, 1)
    }

    fn write(&self, value: f64, more_digits: i32) -> String {
        // 17 significant digits tell any two doubles apart.
        let digits = |count: i32| count.clamp(0, 16) as usize;
        let text = if self.exponent < -6 || self.magnitude > 5 || value.abs() >= 1e6 {
            if value == 0.0 {
                return "0".to_owned();
            }
            // A value far beyond a scale of ordinary numbers: only its size matters.
            let beyond = self.exponent >= -6 && self.magnitude <= 5;
            let significant = if beyond { 0 } else { power_of_ten(value) - self.exponent };
            format!("{value:.*e}", digits(significant + more_digits))
        } else {
            format!("{value:.*}", digits(more_digits - self.exponent))
        };
        let is_zero = text.trim_start_matches('-').split('e').next().is_some_and(|m| m.chars().all(|c| c == '0' || c == '.'));
        match text.strip_prefix('-') {
            Some(positive) if is_zero => positive.to_owned(),
            Some(positive) => format!("{MINUS}{positive}"),
            None => text,
        }
        .replace("e-", &format!("e{MINUS}"))
    }
}

/// The largest power of ten that is not above a number other than 0.
fn power_of_ten(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

/// `multiple * 10^exponent` with one rounding where the power of ten is exact.
fn scaled(multiple: f64, exponent: i32) -> f64 {
    if exponent < 0 { multiple / 10f64.powi(-exponent) } else { multiple * 10f64.powi(exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(minimum: f64, maximum: f64) -> Vec<String> {
        let numbers = Numbers::new(minimum, maximum, 5);
        numbers.ticks.iter().map(|&tick| numbers.tick(tick)).collect()
    }

    #[test]
    fn ticks_are_round_numbers_inside_the_scale() {
        assert_eq!(ticks(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(ticks(0.13, 0.97), ["0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(ticks(-1.0, 1.0), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(ticks(0.0, 2500.0), ["0", "500", "1000", "1500", "2000", "2500"]);
        assert_eq!(ticks(0.99, 1.0), ["0.990", "0.992", "0.994", "0.996", "0.998", "1.000"]);
        assert_eq!(ticks(0.0, 1e-12), ["0", "2e−13", "4e−13", "6e−13", "8e−13", "1.0e−12"]);
        assert_eq!(ticks(0.0, 1e300).len(), 6);
    }

    #[test]
    fn scales_at_the_edge_of_the_doubles_have_their_ends_as_ticks() {
        for (minimum, maximum) in [(1.0, 1.0 + f64::EPSILON), (0.0, 5e-324), (1e300, 1e300f64.next_up())] {
            let numbers = Numbers::new(minimum, maximum, 5);
            assert!(numbers.ticks.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(numbers.ticks.len() >= 2, "{minimum:?} {maximum:?}: {:?}", numbers.ticks);
            assert!(numbers.ticks.iter().all(|tick| (minimum..=maximum).contains(tick)));
            assert!(numbers.ticks.iter().all(|&tick| numbers.tick(tick).len() < 30));
        }
    }

    #[test]
    fn values_have_a_digit_more_than_ticks_and_no_negative_zero() {
        let unit = Numbers::new(0.0, 1.0, 5);
        assert_eq!(unit.value(0.98765), "0.99");
        assert_eq!(unit.value(-0.3), "−0.30");
        assert_eq!(unit.value(-1e-9), "0.00");
        assert_eq!(unit.value(3.2e120), "3.2e120");
        assert_eq!(Numbers::new(0.0, 1e9, 5).value(123_456_789.0), "1.2e8");
    }
}
