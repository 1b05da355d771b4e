//! Sums and minima with a known rounding error.

/// The least difference between a cost and the price of its row.
pub(crate) fn lowest(costs: &[f64], prices: &[f64]) -> f64 {
    let min = |one: f64, other: f64| if other < one { other } else { one };
    let (cost_chunks, cost_rest) = costs.as_chunks::<8>();
    let (price_chunks, price_rest) = prices.as_chunks::<8>();
    let mut lanes = [f64::INFINITY; 8];
    for (costs, prices) in cost_chunks.iter().zip(price_chunks) {
        for lane in 0..8 {
            lanes[lane] = min(lanes[lane], costs[lane] - prices[lane]);
        }
    }
    let rest = cost_rest.iter().zip(price_rest).map(|(cost, price)| cost - price);
    rest.chain(lanes).fold(f64::INFINITY, min)
}

/// A number that no difference between a cost and the price of its row falls below, within one
/// rounding of the least.
pub(crate) fn lowest_rounded_down(costs: &[f64], prices: &[f64]) -> f64 {
    let low = lowest(costs, prices);
    let below = |(cost, price): (&f64, &f64)| cost - price == low && two_sum(*cost, -price).1 < 0.0;
    if costs.iter().zip(prices).any(below) { low.next_down() } else { low }
}

/// A sum of weighted terms, without its rounding error in most cases and with a bound of it always.
///
/// Source: T. Ogita, S. M. Rump and S. Oishi, "Accurate sum and dot product", *SIAM Journal on
/// Scientific Computing* 26, 2005.
#[derive(Default)]
pub(crate) struct Sum {
    high: f64,
    /// The sum of the rounding errors of `high`, itself rounded.
    low: f64,
    /// The sum of the magnitudes of these errors.
    spread: f64,
    /// The number of these errors that are not zero.
    errors: f64,
}

impl Sum {
    /// Adds a term times a weight below 2^52.
    ///
    /// Both are cut in two parts of at most 27 and 26 bits, whose products are exact.
    pub(crate) fn add(&mut self, term: f64, weight: u64) {
        let coarse = f64::from_bits(term.to_bits() & !0x7ff_ffff);
        let fine_weight = weight & 0x3ff_ffff;
        for term in [coarse, term - coarse] {
            for weight in [weight - fine_weight, fine_weight] {
                let (high, error) = two_sum(self.high, term * weight as f64);
                self.high = high;
                if error != 0.0 {
                    self.low += error;
                    self.spread += error.abs();
                    self.errors += 1.0;
                }
            }
        }
    }

    /// The sum divided by `total`, rounded down and rounded up.
    ///
    /// The remainder of the division is found by one more step of the sum.
    /// The additions to `low` err by at most n u S / (1 - n u) for n errors of magnitude S in all,
    /// where u = 2^-53 (N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, second
    /// edition, SIAM 2002, section 4.2).
    /// Twice that and twice u of the remainder leave room for the rounding of the bound itself.
    pub(crate) fn bounds(mut self, total: u64) -> (f64, f64) {
        let quotient = (self.high + self.low) / total as f64;
        self.add(-quotient, total);
        let rest = self.high + self.low;
        let radius = f64::EPSILON * (self.errors * self.spread + rest.abs());
        let step = |rest: f64| (rest / total as f64).next_up();
        let up = if rest + radius > 0.0 { (quotient + step(rest + radius)).next_up() } else { quotient };
        let down = if radius - rest > 0.0 { (quotient - step(radius - rest)).next_down() } else { quotient };
        (down, up)
    }
}

/// The rounded sum of two numbers and its exact rounding error (D. E. Knuth, *The Art of Computer
/// Programming*, volume 2, section 4.2.2).
fn two_sum(one: f64, other: f64) -> (f64, f64) {
    let sum = one + other;
    let part = sum - one;
    (sum, (one - (sum - part)) + (other - part))
}
