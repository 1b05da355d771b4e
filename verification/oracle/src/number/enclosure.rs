//! What the oracle hands out: two rationals with the exact value between them.

use super::interval::Interval;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

/// Significant decimal digits that [`Enclosure::lo_decimal`] and [`Enclosure::hi_decimal`] print.
pub const DECIMAL_DIGITS: usize = 45;

/// The exact value lies in [`lo`, `hi`], both ends included. The two are equal where the value is a
/// known rational number.
///
/// [`lo`]: Enclosure::lo
/// [`hi`]: Enclosure::hi
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosure {
    lo: RBig,
    hi: RBig,
}

impl Enclosure {
    /// A value that is known exactly.
    pub fn exact(value: RBig) -> Self {
        Enclosure { lo: value.clone(), hi: value }
    }

    pub(crate) fn from_interval(interval: &Interval) -> Self {
        Enclosure { lo: interval.lo().to_rational(), hi: interval.hi().to_rational() }
    }

    /// The lower end.
    pub fn lo(&self) -> &RBig {
        &self.lo
    }

    /// The upper end.
    pub fn hi(&self) -> &RBig {
        &self.hi
    }

    /// Whether the enclosure is a single rational number.
    pub fn is_exact(&self) -> bool {
        self.lo == self.hi
    }

    /// (lo + hi) / 2.
    pub fn midpoint(&self) -> RBig {
        if self.is_exact() { self.lo.clone() } else { (&self.lo + &self.hi) / RBig::from(2) }
    }

    /// The f64 nearest to the midpoint.
    pub fn midpoint_f64(&self) -> f64 {
        nearest_f64(&self.midpoint())
    }

    /// (hi - lo) / |midpoint|; 0 for an exact value, infinite around zero.
    pub fn relative_width(&self) -> f64 {
        let width = &self.hi - &self.lo;
        if width.is_zero() {
            return 0.0;
        }
        let midpoint = absolute(self.midpoint());
        if midpoint.is_zero() { f64::INFINITY } else { nearest_f64(&(width / midpoint)) }
    }

    /// Whether `value` lies in the enclosure. NaN and infinities do not.
    pub fn contains(&self, value: f64) -> bool {
        RBig::try_from(value).is_ok_and(|value| self.lo <= value && value <= self.hi)
    }

    /// |got - midpoint| / (|midpoint| * 2^-52): the relative error of `got` in units of the f64
    /// epsilon.
    ///
    /// Infinite where `got` is not finite, or where the value is zero and `got` is not.
    pub fn error_in_eps(&self, got: f64) -> f64 {
        let Ok(value) = RBig::try_from(got) else {
            return f64::INFINITY;
        };
        let midpoint = self.midpoint();
        let difference = absolute(&value - &midpoint);
        if difference.is_zero() {
            return 0.0;
        }
        if midpoint.is_zero() {
            return f64::INFINITY;
        }
        nearest_f64(&(difference / absolute(midpoint) * RBig::from(IBig::ONE << 52usize)))
    }

    /// |got - midpoint|; infinite where `got` is not finite.
    pub fn absolute_error(&self, got: f64) -> f64 {
        match RBig::try_from(got) {
            Ok(value) => nearest_f64(&absolute(value - self.midpoint())),
            Err(_) => f64::INFINITY,
        }
    }

    /// The lower end in decimals ([`DECIMAL_DIGITS`] significant digits), rounded down.
    pub fn lo_decimal(&self) -> String {
        decimal(&self.lo, DECIMAL_DIGITS, false)
    }

    /// The upper end in decimals ([`DECIMAL_DIGITS`] significant digits), rounded up.
    pub fn hi_decimal(&self) -> String {
        decimal(&self.hi, DECIMAL_DIGITS, true)
    }

    /// Whether every number of the enclosure is within one unit of the last digit of a published
    /// decimal such as `-0.8246` or `1.5e-9`. False where `text` is not a decimal.
    pub fn agrees_with_decimal(&self, text: &str) -> bool {
        let Some((value, unit)) = parse_decimal(text) else {
            return false;
        };
        let (below, above) = (&value - &unit, value + unit);
        below <= self.lo && self.hi <= above
    }
}

impl std::fmt::Display for Enclosure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "[{}, {}]", self.lo_decimal(), self.hi_decimal())
    }
}

pub(crate) fn absolute(value: RBig) -> RBig {
    if value < RBig::ZERO { -value } else { value }
}

/// The nearest f64, ties to even, infinite beyond the range.
pub(crate) fn nearest_f64(value: &RBig) -> f64 {
    value.to_f64().value()
}

fn power_of_ten(exponent: usize) -> IBig {
    IBig::from(10).pow(exponent)
}

/// floor(value * 10^shift).
fn scaled_floor(value: &RBig, shift: i64) -> IBig {
    let factor = power_of_ten(shift.unsigned_abs() as usize);
    let denominator = IBig::from(value.denominator().clone());
    let (numerator, denominator) =
        if shift >= 0 { (value.numerator() * factor, denominator) } else { (value.numerator().clone(), denominator * factor) };
    super::dyadic::divide_floor(&numerator, &denominator).0
}

/// e with 10^e <= |value| < 10^(e+1), for value != 0.
fn decimal_magnitude(value: &RBig) -> i64 {
    let size = absolute(value.clone());
    let bits = super::dyadic::bit_length(size.numerator()) - super::dyadic::bit_length(&IBig::from(size.denominator().clone()));
    // log10(2) to five digits puts the guess within one or two of the truth; the loops settle it.
    let mut guess = bits * 30103 / 100_000 - 1;
    while scaled_floor(&size, -guess) >= IBig::from(10) {
        guess += 1;
    }
    while scaled_floor(&size, -guess).is_zero() {
        guess -= 1;
    }
    guess
}

/// `value` with `digits` significant digits, rounded toward the named side.
fn decimal(value: &RBig, digits: usize, upward: bool) -> String {
    if value.is_zero() {
        return format!("0.{}", "0".repeat(digits));
    }
    let mut magnitude = decimal_magnitude(value);
    let shift = digits as i64 - 1 - magnitude;
    let mut mantissa = if upward { -scaled_floor(&-value.clone(), shift) } else { scaled_floor(value, shift) };
    let negative = mantissa < IBig::ZERO;
    if negative {
        mantissa = -mantissa;
    }
    if mantissa == power_of_ten(digits) {
        // Rounding away from zero carried into a new digit.
        mantissa = power_of_ten(digits - 1);
        magnitude += 1;
    }
    let text = mantissa.to_string();
    let sign = if negative { "-" } else { "" };
    let places = digits as i64;
    match magnitude {
        -5..=-1 => format!("{sign}0.{}{text}", "0".repeat((-magnitude - 1) as usize)),
        _ if (0..places - 1).contains(&magnitude) => {
            let (whole, fraction) = text.split_at(magnitude as usize + 1);
            format!("{sign}{whole}.{fraction}")
        }
        _ => {
            let (whole, fraction) = text.split_at(1);
            format!("{sign}{whole}.{fraction}e{magnitude}")
        }
    }
}

/// The number a decimal states and the unit of its last digit.
fn parse_decimal(text: &str) -> Option<(RBig, RBig)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: IBig = format!("{whole}{fraction}").parse().ok()?;
    let last = exponent - fraction.len() as i64;
    let power = power_of_ten(last.unsigned_abs() as usize);
    let unit = if last >= 0 { RBig::from(power) } else { RBig::from_parts(IBig::ONE, UBig::try_from(power).ok()?) };
    Some((RBig::from(digits) * &unit, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(numerator: i64, denominator: u64) -> RBig {
        RBig::from_parts(IBig::from(numerator), UBig::from(denominator))
    }

    #[test]
    fn decimals_round_outward() {
        assert_eq!(decimal(&ratio(2, 3), 5, false), "0.66666");
        assert_eq!(decimal(&ratio(2, 3), 5, true), "0.66667");
        assert_eq!(decimal(&ratio(-2, 3), 5, false), "-0.66667");
        assert_eq!(decimal(&ratio(-2, 3), 5, true), "-0.66666");
        assert_eq!(decimal(&ratio(99_999_999, 10_000_000), 4, true), "10.00");
        assert_eq!(decimal(&ratio(1, 1_000_000_007), 4, true), "1.000e-9");
        assert_eq!(decimal(&ratio(1, 1_000_000_007), 4, false), "9.999e-10");
        assert_eq!(decimal(&ratio(12_345_678, 1), 4, false), "1.234e7");
        assert_eq!(decimal(&ratio(1, 40), 4, false), "0.02500");
        assert_eq!(decimal(&RBig::ZERO, 4, true), "0.0000");
    }

    #[test]
    fn a_decimal_is_read_with_the_unit_of_its_last_digit() {
        assert_eq!(parse_decimal("-12.50e1"), Some((ratio(-125, 1), ratio(1, 10))));
        assert_eq!(parse_decimal("3e2"), Some((ratio(300, 1), ratio(100, 1))));
        assert_eq!(parse_decimal("x"), None);
        let third = Enclosure::exact(ratio(1, 3));
        assert!(third.agrees_with_decimal("0.3333") && third.agrees_with_decimal("0.3334"));
        assert!(!third.agrees_with_decimal("0.3335") && !third.agrees_with_decimal("0.33331"));
    }

    #[test]
    fn errors_are_relative_and_never_not_a_number() {
        let third = Enclosure::exact(ratio(1, 3));
        // The f64 nearest 1/3 is 1/3 - 2^-54/3, a relative error of 2^-54.
        assert_eq!(third.error_in_eps(1.0 / 3.0), 0.25);
        assert_eq!(third.error_in_eps(f64::NAN), f64::INFINITY);
        assert_eq!(Enclosure::exact(RBig::ZERO).error_in_eps(0.0), 0.0);
        assert_eq!(Enclosure::exact(RBig::ZERO).error_in_eps(1e-300), f64::INFINITY);
        assert_eq!(Enclosure::exact(ratio(-1, 2)).error_in_eps(-0.5 - f64::EPSILON), 2.0);
        assert!(Enclosure::exact(ratio(1, 2)).contains(0.5) && !third.contains(1.0 / 3.0) && !third.contains(f64::NAN));
    }

    #[test]
    fn the_nearest_f64_has_no_nearer_neighbour() {
        let cases = [(1_i64, 3_u64, 0_i64), (-7, 11, -1070), (5, 7, -1074), (1, 3, 1020), (9_007_199_254_740_993, 1, 0), (1, 2, -1074)];
        for (numerator, denominator, power) in cases {
            let scale = if power >= 0 {
                RBig::from(IBig::ONE << power as usize)
            } else {
                RBig::from_parts(IBig::ONE, UBig::ONE << power.unsigned_abs() as usize)
            };
            let value = ratio(numerator, denominator) * scale;
            let got = nearest_f64(&value);
            let distance = |candidate: f64| absolute(RBig::try_from(candidate).unwrap() - &value);
            assert!(distance(got) <= distance(got.next_up()) && distance(got) <= distance(got.next_down()), "{value}");
        }
    }
}
