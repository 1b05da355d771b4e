//! exp and arctan with proved remainders.

use super::dyadic::{Dyadic, shift_floor};
use super::interval::Interval;
use dashu_int::IBig;

/// Bits by which an argument is shrunk below one before its series starts.
const REDUCTION: i64 = 12;

/// Arguments of exp(-x) above 2^16 are not resolved: the result is only known to lie in (0,
/// 2^-65536].
const LARGEST_EXPONENT_MAGNITUDE: i64 = 16;

fn integer(value: i64) -> Interval {
    Interval::from_integer(IBig::from(value))
}

/// exp(-x) for x >= 0.
///
/// exp(u) for u = x/2^k < 2^-12 is summed in fixed point, floors throughout, then squared k times
/// and inverted with outward rounding; 2k guard bits pay for the doubling of the relative width at
/// each squaring. Each of the m terms is at most 3 units too small (2 lost to its floors and u/j <
/// 1 times what the term before lost), and so is the first one left out, whose followers fall by
/// more than half each; between the ends of the argument exp grows by less than twice their
/// distance.
pub(crate) fn exp_of_negative(x: &Interval, precision: usize) -> Interval {
    assert!(!x.lo().is_negative(), "the argument of exp(-x) is nonnegative here");
    if x.hi().is_zero() {
        return Interval::one();
    }
    if x.hi().magnitude() > LARGEST_EXPONENT_MAGNITUDE {
        if x.lo().magnitude() > LARGEST_EXPONENT_MAGNITUDE {
            // x >= 2^16 gives exp(-x) < 2^-65536.
            return Interval::new(Dyadic::zero(), Dyadic::power_of_two(-(1 << LARGEST_EXPONENT_MAGNITUDE)));
        }
        return Interval::new(Dyadic::zero(), Dyadic::one());
    }
    let halvings = (x.hi().magnitude() + REDUCTION).max(0);
    let working = precision + 2 * halvings as usize + 24;
    let bits = working as i64;
    let low = x.lo().to_fixed(bits - halvings);
    let high = -x.hi().negate().to_fixed(bits - halvings);
    let mut term = IBig::ONE << working;
    let mut sum = term.clone();
    let mut index = 1;
    loop {
        term = shift_floor(&(&term * &low), -bits) / IBig::from(index);
        if term.is_zero() {
            break;
        }
        sum += &term;
        index += 1;
    }
    let slack = IBig::from(3 * index + 6) + shift_floor(&(high - low), 1);
    let mut power = Interval::new(Dyadic::new(sum.clone(), -bits), Dyadic::new(sum + slack, -bits));
    for _ in 0..halvings {
        power = power.multiply(&power, working);
    }
    Interval::one().divide(&power, working).round(precision)
}

/// arctan(t) for t >= 0.
///
/// arctan t = 2 arctan(t/(1 + sqrt(1 + t^2))) shrinks the argument below 2^-6; the series then
/// alternates with falling terms, so two neighbouring partial sums enclose the value.
pub(crate) fn arctangent(t: &Interval, precision: usize) -> Interval {
    assert!(!t.lo().is_negative(), "the argument of arctan is nonnegative here");
    let working = precision + 48;
    let mut reduced = t.clone();
    let mut doublings = 0;
    while reduced.hi().magnitude() > -REDUCTION / 2 {
        let root = Interval::one().add(&reduced.multiply(&reduced, working), working).square_root(working);
        reduced = reduced.divide(&Interval::one().add(&root, working), working);
        doublings += 1;
    }
    if reduced.hi().is_zero() {
        return Interval::zero();
    }
    let square = reduced.multiply(&reduced, working);
    let floor = reduced.hi().magnitude() - working as i64;
    let mut power = reduced.clone();
    let mut sum = reduced.clone();
    let mut denominator = 3;
    loop {
        power = power.multiply(&square, working);
        let term = power.divide(&integer(denominator), working);
        let negative = denominator % 4 == 3;
        if term.hi().magnitude() < floor {
            // The value lies between the sum so far and the sum with this term.
            let rest = Interval::new(Dyadic::zero(), term.hi().clone());
            sum = if negative { sum.subtract(&rest, working) } else { sum.add(&rest, working) };
            break;
        }
        sum = if negative { sum.subtract(&term, working) } else { sum.add(&term, working) };
        denominator += 2;
    }
    sum.scale(doublings).round(precision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::enclosure::Enclosure;

    fn rational(numerator: i64, denominator: i64, precision: usize) -> Interval {
        integer(numerator).divide(&integer(denominator), precision)
    }

    /// 60 digits from mpmath 1.3 (`mp.dps = 70`).
    fn assert_encloses(got: &Interval, digits: &str, bits: i64) {
        assert!(got.is_narrow(bits), "too wide");
        let enclosure = Enclosure::from_interval(got);
        assert!(enclosure.agrees_with_decimal(digits), "{enclosure} against {digits}");
    }

    #[test]
    fn exponentials_agree_with_sixty_published_digits() {
        assert_encloses(&exp_of_negative(&integer(1), 240), "0.367879441171442321595523770161460867445811131031767834507837", 230);
        assert_encloses(&exp_of_negative(&rational(1, 3, 300), 240), "0.71653131057378925042560409692537966745311205982147915714087", 230);
        assert_encloses(&exp_of_negative(&integer(1000), 240), "5.07595889754945676529180947957433691930559928289283736183239e-435", 230);
    }

    #[test]
    fn the_exponential_of_a_sum_is_the_product() {
        for (a, b) in [(1_i64, 7_i64), (123, 5), (40000, 3), (1, 1 << 40)] {
            let (x, y) = (rational(a, b, 400), rational(b % 1000, a, 400));
            let product = exp_of_negative(&x, 300).multiply(&exp_of_negative(&y, 300), 300);
            let whole = exp_of_negative(&x.add(&y, 400), 300);
            assert!(product.lo() <= whole.hi() && whole.lo() <= product.hi());
            assert!(whole.is_narrow(280));
        }
    }

    #[test]
    fn wide_arguments_give_wide_results_that_hold_those_of_their_points() {
        for (lo, hi, denominator) in [(1_i64, 2_i64, 1_i64), (100, 101, 1), (1, 3, 1 << 20), (0, 1, 7), (5, 6, 1 << 40)] {
            let ends = Interval::new(rational(lo, denominator, 200).lo().clone(), rational(hi, denominator, 200).hi().clone());
            let wide = exp_of_negative(&ends, 100);
            for quarter in 0..=4 {
                let inner = exp_of_negative(&rational(4 * lo + quarter * (hi - lo), 4 * denominator, 200), 200);
                assert!(wide.lo() <= inner.hi() && inner.lo() <= wide.hi(), "{lo} {hi} {denominator} {quarter}");
            }
            // exp(-lo) - exp(-hi) is less than hi - lo; nothing but rounding is added to twice
            // that.
            assert!(wide.hi().subtract(wide.lo()).magnitude() <= rational(hi - lo, denominator, 200).hi().magnitude() + 2);
        }
    }

    #[test]
    fn huge_arguments_of_the_exponential_stay_enclosed() {
        let tiny = exp_of_negative(&Interval::point(Dyadic::power_of_two(900)), 100);
        assert!(tiny.lo().is_zero() && tiny.hi().magnitude() < -65000);
    }

    #[test]
    fn arctangents_agree_with_published_digits() {
        assert_encloses(&arctangent(&integer(1), 240).scale(1), "1.57079632679489661923132169163975144209858469968755291048747", 230);
        assert_encloses(&arctangent(&rational(1, 7, 300), 240), "0.14189705460416392281285161710255308300778175872846407237813", 230);
        let tiny = Interval::point(Dyadic::power_of_two(-400));
        let value = arctangent(&tiny, 300);
        assert!(value.hi() <= tiny.hi() && value.is_narrow(290));
    }
}
