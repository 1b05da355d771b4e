//! From an input that breaks a rule to the smallest one found that still does: fewer examples,
//! fewer neurons, small whole numbers.

use std::time::Duration;

use super::example::{Expected, Mismatch};
use super::function::Function;
use super::simple_maps::simple_maps;
use crate::claims::Side;
use crate::laws::{Answer, Expectation, Map, Mapped, Matrix, Statement, Subject, plain_bound};
use crate::measure::Measure;

/// Calls of a rule before the search is content with what it has.
const BUDGET: usize = 3000;
/// A function that has taken so long is asked about nothing smaller.
const PATIENCE: Duration = Duration::from_secs(60);
/// Far enough beyond the tolerance that the difference is not rounding; a shrunk input that differs
/// by a little less shows nothing.
const BEYOND: f64 = 10.0;

/// A rule seen to be broken on one pair.
pub(super) struct Sight {
    pub(super) step: String,
    pub(super) mismatch: Mismatch,
}

/// Whether a rule is broken on a pair, by a function that claims to be the measure.
pub(super) struct Rule<'a> {
    pub(super) measure: &'a Measure,
    pub(super) function: &'a Function<'a>,
    /// `None`: the value itself.
    pub(super) statement: Option<Statement>,
}

/// What the measure and the function say of one pair.
struct Both {
    exact: Answer,
    got: Result<f64, String>,
}

impl Rule<'_> {
    /// The rule, tried on one pair; `None` where it holds or where the measure has no value.
    pub(super) fn sight(&self, x: &Matrix, y: &Matrix) -> Option<Sight> {
        match self.statement {
            None => self.value(x, y),
            Some(Statement::Invariance { group, side, half, .. }) => {
                let p = if side == Side::X { x.p } else { y.p };
                simple_maps(group, p).iter().find_map(|map| self.map(map, side, half, x, y))
            }
            Some(Statement::Symmetry { half, .. }) => {
                let change = Change { step: "with X and Y swapped".to_string(), rounding: 0.0, half };
                self.change(&change, (x, y), (y, x))
            }
            Some(Statement::ExamplePermutation(half)) => {
                let order: Vec<usize> = (0..x.n).rev().collect();
                let change = Change { step: "with the examples of both in reverse order".to_string(), rounding: 0.0, half };
                self.change(&change, (x, y), (&x.rows(&order), &y.rows(&order)))
            }
            Some(Statement::SelfValue(_)) => self.value(x, x),
            Some(Statement::Range) => self.range(x, y),
            Some(Statement::Triangle(_) | Statement::PowerOfTwo(_) | Statement::Threads) => None,
        }
    }

    fn both(&self, x: &Matrix, y: &Matrix) -> Option<Both> {
        let (x, y) = (x.representation("x").ok()?, y.representation("y").ok()?);
        let fast = Subject::fast(self.measure).value(&x, &y).ok()?;
        let exact = Answer { bound: fast.bound + plain_bound(self.measure, &x, &y, &fast), ..fast };
        let reply = self.function.reply(&x, &y);
        Some(Both { exact, got: reply.value().ok_or_else(|| reply.to_string()) })
    }

    fn value(&self, x: &Matrix, y: &Matrix) -> Option<Sight> {
        let Both { exact, got } = self.both(x, y)?;
        let off = got.as_ref().map_or(f64::INFINITY, |got| (got - exact.value).abs());
        let expected = Expected::Value { value: exact.value, bound: exact.bound };
        broken(off, BEYOND * exact.bound).then(|| Sight {
            step: String::new(),
            mismatch: Mismatch { expected: expected.to_string(), obtained: got.map_or_else(|message| message, |got| format!("{got:?}")) },
        })
    }

    fn range(&self, x: &Matrix, y: &Matrix) -> Option<Sight> {
        let range = self.measure.properties().range;
        let Both { exact, got } = self.both(x, y)?;
        let outside = got.as_ref().map_or(f64::INFINITY, |got| (range.lower - got).max(got - range.upper));
        broken(outside, BEYOND * exact.bound).then(|| Sight {
            step: String::new(),
            mismatch: Mismatch {
                expected: format!("{:?}, in {range}", exact.value),
                obtained: got.map_or_else(|message| message, |got| format!("{got:?}")),
            },
        })
    }

    fn map(&self, map: &Map, side: Side, half: Expectation, x: &Matrix, y: &Matrix) -> Option<Sight> {
        let Mapped { matrix, rounding } = map.apply(if side == Side::X { x } else { y });
        let after = if side == Side::X { (&matrix, y) } else { (x, &matrix) };
        let change = Change { step: format!("{}: {map}", side.as_str().to_uppercase()), rounding, half };
        self.change(&change, (x, y), after)
    }

    /// What a change of the input does to both values.
    fn change(&self, change: &Change, before: (&Matrix, &Matrix), after: (&Matrix, &Matrix)) -> Option<Sight> {
        let (before, after) = (self.both(before.0, before.1)?, self.both(after.0, after.1)?);
        let tolerance = before.exact.bound + after.exact.bound + before.exact.condition.max(after.exact.condition) * change.rounding;
        let moved = |before: f64, after: f64| broken((after - before).abs(), BEYOND * tolerance);
        let measure_moves = moved(before.exact.value, after.exact.value);
        let function_moves = match (&before.got, &after.got) {
            (Ok(before), Ok(after)) => moved(*before, *after),
            _ => matches!(change.half, Expectation::Holds | Expectation::Slightly),
        };
        // The measure itself tells whether this pair and this map belong to the claim.
        let shows = match change.half {
            Expectation::Holds | Expectation::Slightly => !measure_moves && function_moves,
            Expectation::Undefined => false,
            Expectation::Fails => measure_moves && !function_moves,
        };
        let text = |value: &Result<f64, String>| value.as_ref().map_or_else(Clone::clone, |value| format!("{value:?}"));
        shows.then(|| Sight {
            step: change.step.clone(),
            mismatch: Mismatch {
                expected: format!("{:?} before, {:?} after", before.exact.value, after.exact.value),
                obtained: format!("{} before, {} after", text(&before.got), text(&after.got)),
            },
        })
    }
}

/// What is done to a pair.
struct Change {
    step: String,
    rounding: f64,
    half: Expectation,
}

/// True when a difference is beyond the limit; NaN is.
fn broken(difference: f64, limit: f64) -> bool {
    difference.is_nan() || difference > limit
}

/// Starts that are followed down: the smallest end of them is shown.
const STARTS: usize = 4;

/// The smallest pair found on which the rule is broken, starting from those given; `None` when it
/// is broken on none of them.
pub(super) fn minimize(rule: &Rule<'_>, starts: impl IntoIterator<Item = (Matrix, Matrix)>) -> Option<(Matrix, Matrix, Sight)> {
    let broken = starts.into_iter().filter_map(|(x, y)| rule.sight(&x, &y).map(|sight| (x, y, sight)));
    let ends = broken.take(STARTS).map(|(x, y, sight)| descend(rule, (x, y), sight));
    ends.min_by(|(x, y, _), (other_x, other_y, _)| size(x, y).total_cmp(&size(other_x, other_y)))
}

fn descend(rule: &Rule<'_>, mut best: (Matrix, Matrix), mut sight: Sight) -> (Matrix, Matrix, Sight) {
    let mut left = BUDGET;
    loop {
        let steps = smaller(&best.0, &best.1).take(left).inspect(|_| left -= 1).take_while(|_| rule.function.spent() < PATIENCE);
        let simpler = steps.flat_map(|(x, y)| rule.sight(&x, &y).map(|sight| ((x, y), sight))).next();
        match simpler {
            Some(found) => (best, sight) = found,
            None => return (best.0, best.1, sight),
        }
    }
}

/// How much there is to read: entries first, then how large they are.
fn size(x: &Matrix, y: &Matrix) -> f64 {
    let of = |matrix: &Matrix| matrix.values.len() as f64 + matrix.values.iter().map(|value| value.abs().ln_1p() / 100.0).sum::<f64>();
    of(x) + of(y)
}

/// Pairs that are a little simpler than this one, the greatest steps first. Each is simpler by a
/// measure that only goes down: entries, then entries that are not whole numbers, then their sizes.
fn smaller<'a>(x: &'a Matrix, y: &'a Matrix) -> impl Iterator<Item = (Matrix, Matrix)> + 'a {
    let without = |count: usize, left_out: usize| (0..count).filter(|&index| index != left_out).collect::<Vec<_>>();
    let fewer_rows = (0..x.n).rev().filter(|_| x.n > 2).map(move |i| (x.rows(&without(x.n, i)), y.rows(&without(y.n, i))));
    let halves = [(0..x.n / 2).collect::<Vec<_>>(), (x.n / 2..x.n).collect()];
    let half = halves.into_iter().filter(|_| x.n > 7).map(move |rows| (x.rows(&rows), y.rows(&rows)));
    let narrower_x = (0..x.p).rev().filter(|_| x.p > 1).map(move |j| (x.columns(&without(x.p, j)), y.clone()));
    let narrower_y = (0..y.p).rev().filter(|_| y.p > 1).map(move |j| (x.clone(), y.columns(&without(y.p, j))));
    let rounded = [1.0, 3.0, 9.0, 99.0].into_iter().flat_map(move |size| {
        let (rx, ry) = (whole(x, size), whole(y, size));
        let both = rx.clone().zip(ry.clone());
        [both, rx.map(|rx| (rx, y.clone())), ry.map(|ry| (x.clone(), ry))].into_iter().flatten()
    });
    let entries_x = simpler_entries(x).map(move |x| (x, y.clone()));
    let entries_y = simpler_entries(y).map(move |y| (x.clone(), y));
    half.chain(fewer_rows).chain(narrower_x).chain(narrower_y).chain(rounded).chain(entries_x).chain(entries_y)
}

/// The matrix with whole entries of at most this size; `None` when it is already that simple.
fn whole(matrix: &Matrix, size: f64) -> Option<Matrix> {
    let largest = matrix.largest();
    let already = matrix.values.iter().all(|value| value.fract() == 0.0) && largest <= size;
    (!already && largest > 0.0).then(|| {
        let factor = size / largest;
        Matrix::from_fn(matrix.n, matrix.p, |i, j| (matrix.at(i, j) * factor).round())
    })
}

/// The matrix with one entry nearer to 0.
fn simpler_entries(matrix: &Matrix) -> impl Iterator<Item = Matrix> + '_ {
    (0..matrix.values.len()).flat_map(move |index| {
        let value = matrix.values[index];
        let nearer = [0.0, value.signum(), (value / 2.0).trunc(), value.trunc(), value - value.signum()];
        let nearer = nearer.into_iter().filter(move |other| other.abs() < value.abs() && other.fract() == 0.0);
        nearer.map(move |other| {
            let mut simpler = matrix.clone();
            simpler.values[index] = other;
            simpler
        })
    })
}
