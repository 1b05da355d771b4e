//! One law on one case.

use rand::RngExt;

use super::case::{Case, Drawn, Family, Kind, SCALE_LIMIT};
use super::draw::{Generator, gaussian};
use super::kept::{self, Built};
use super::law::{Expectation, Statement};
use super::maps::{Map, permutation};
use super::matrix::Matrix;
use super::subject::{Answer, Refusal, Subject};
use crate::claims::{Claim, Condition, Range, Side, Slight};
use crate::measure::Measure;

/// What came of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// |change| / tolerance: infinite where the subject answers on one side only, or refuses where
    /// it must answer.
    pub ratio: f64,
    /// The subject refused, alike on both sides.
    pub refused: bool,
    /// The subject answers on one side only, or refuses where it must answer: that says nothing
    /// about how far a value moves.
    pub broken: bool,
    /// The law has no case of the kind it needs under these options: a defect of the law, which
    /// says nothing about the subject.
    pub untried: bool,
    /// The numbers, or why the law was not tried.
    pub detail: String,
}

impl Trial {
    /// The change is within the tolerance. (Of a NaN it is not.)
    pub fn holds(&self) -> bool {
        self.ratio <= 1.0 && !self.untried
    }

    fn untried(why: String) -> Self {
        Self { ratio: 0.0, refused: false, broken: false, untried: true, detail: format!("the law cannot be tried: {why}") }
    }

    fn refused(detail: String) -> Self {
        Self { ratio: 0.0, refused: true, broken: false, untried: false, detail }
    }

    fn broken(detail: String) -> Self {
        Self { ratio: f64::INFINITY, refused: false, broken: true, untried: false, detail }
    }

    fn of(excess: f64, tolerance: f64, detail: impl FnOnce() -> String) -> Self {
        let ratio = if excess <= 0.0 { 0.0 } else { excess / tolerance };
        let ratio = if ratio.is_nan() { f64::INFINITY } else { ratio };
        Self { ratio, refused: false, broken: false, untried: false, detail: format!("{}, |change| / tolerance = {ratio:.3e}", detail()) }
    }
}

type Reply = Result<Answer, Refusal>;

/// Two draws of a random value differ by more once in 10^9 times.
const STANDARD_ERRORS: f64 = 6.0;

/// What a claim allows that does not fail slightly.
const NOTHING: Slight = Slight { most: 0.0, per_squared_condition: 0.0 };

/// How far a claim lets the value move beyond rounding.
fn slight(claim: Claim) -> Slight {
    match claim {
        Claim::Slightly(slight) => slight,
        _ => NOTHING,
    }
}

/// A measure, the subject that claims to be it, and what the case lets one expect.
struct Bench<'a> {
    measure: &'a Measure,
    subject: &'a Subject<'a>,
    family: Family,
}

/// Tries a statement on a case.
pub(super) fn run(measure: &Measure, statement: Statement, subject: &Subject<'_>, case: &Case) -> Trial {
    let case = conformed(statement, case);
    let bench = Bench { measure, subject, family: case.family };
    let properties = measure.properties();
    let minimum = properties.minimum_examples;
    let least = properties.minimum_neurons;
    let case = Case { p1: case.p1.max(least), p2: case.p2.max(least), ..case };
    let mut generator = case.generator();
    match statement {
        Statement::Threads => return bench.threads(&mut generator),
        Statement::Invariance { group, side, condition: Some(Condition::KeptSubspaceUnchanged { share }), half } => {
            let n = minimum.max(12) + case.spare;
            let build = if half == Expectation::Fails { kept::changed } else { kept::unchanged };
            let Built { matrix, map, rounding } = match build(group, share, n, &mut generator) {
                Ok(built) => built,
                Err(why) => return Trial::untried(why),
            };
            let other = gaussian(n, case.p2.min(4), &mut generator);
            return bench.invariance(side, (&matrix, &other), &map, rounding, NOTHING);
        }
        _ => {}
    }
    let (x, y) = case.draw(minimum, &mut generator);
    match statement {
        Statement::Invariance { group, side, half, .. } => {
            let (changed, other) = if side == Side::X { (&x, &y) } else { (&y, &x) };
            let map = Map::draw(group, changed, &mut generator);
            if half == Expectation::Undefined {
                bench.undefined(side, (&changed.matrix, &other.matrix), &map)
            } else {
                bench.invariance(side, (&changed.matrix, &other.matrix), &map, 0.0, slight(properties.claims.get(group, side)))
            }
        }
        Statement::Symmetry { half, .. } => {
            let replies = (bench.value(&x.matrix, &y.matrix), bench.value(&y.matrix, &x.matrix));
            let condition = x.condition.max(y.condition);
            let allowed = slight(properties.symmetry).allowed(condition);
            bench.unchanged(replies, 0.0, subject.bitwise() && half == Expectation::Holds, allowed, "arguments swapped")
        }
        Statement::Range => bench.within(bench.value(&x.matrix, &y.matrix), properties.range),
        Statement::SelfValue(expected) => bench.itself(bench.value(&x.matrix, &x.matrix), expected),
        Statement::Triangle(half) => bench.triangle(half, &x.matrix, &y.matrix, &case.third(minimum, &mut generator)),
        Statement::ExamplePermutation(_) => {
            let order = permutation(x.matrix.n, &mut generator);
            let after = bench.value(&x.matrix.rows(&order), &y.matrix.rows(&order));
            // Ties may be decided by the order of the examples: any rounding is more than a margin
            // of 0.
            bench.unchanged(
                (bench.value(&x.matrix, &y.matrix), after),
                f64::MIN_POSITIVE,
                false,
                0.0,
                &format!("examples in the order {order:?}"),
            )
        }
        Statement::PowerOfTwo(side) => {
            let old = if side == Side::X { case.scale_x } else { case.scale_y };
            let step = generator.random_range(-SCALE_LIMIT..=SCALE_LIMIT) - old;
            let scaled = |drawn: &Drawn| drawn.matrix.scaled(2f64.powi(step / 2)).scaled(2f64.powi(step - step / 2));
            let after = match side {
                Side::X => bench.value(&scaled(&x), &y.matrix),
                Side::Y => bench.value(&x.matrix, &scaled(&y)),
            };
            bench.unchanged((bench.value(&x.matrix, &y.matrix), after), 0.0, true, 0.0, &format!("{} times 2^{step}", side.as_str()))
        }
        Statement::Threads => unreachable!("returned above"),
    }
}

/// The case, with the shape that the condition of a statement asks for.
fn conformed(statement: Statement, case: &Case) -> Case {
    let (condition, half, side) = match statement {
        Statement::Invariance { condition: Some(condition), half, side, .. } => (condition, half, side),
        Statement::Symmetry { condition: Some(condition), half } => (condition, half, Side::X),
        _ => return *case,
    };
    // Ranks are widths: of the kinds whose rank may be less, none.
    let full = |kind: Kind| if kind.deficient() { Kind::Gaussian } else { kind };
    let mut case = Case { x: full(case.x), y: full(case.y), ..*case };
    let wider = case.p1.max(case.p2) + usize::from(case.p1 == case.p2);
    let narrower = case.p1.min(case.p2);
    let holds = half == Expectation::Holds;
    let (this, other) = match condition {
        Condition::KeptSubspaceUnchanged { .. } => return case,
        Condition::NotTheFewerNeurons if holds => (case.p1.max(case.p2), narrower),
        Condition::NotTheFewerNeurons => (narrower, wider),
        Condition::RanksDiffer if holds => {
            (if case.p1 > case.p2 { wider } else { narrower }, if case.p1 > case.p2 { narrower } else { wider })
        }
        Condition::RanksDiffer => (narrower + 1, narrower + 1),
        Condition::NotTheWeightingSide if holds => (wider, narrower),
        Condition::NotTheWeightingSide => (narrower, wider),
    };
    (case.p1, case.p2) = if side == Side::X { (this, other) } else { (other, this) };
    case
}

impl Bench<'_> {
    fn value(&self, x: &Matrix, y: &Matrix) -> Reply {
        let (x, y) = (x.representation("x")?, y.representation("y")?);
        self.subject.value(&x, &y).map_err(|refusal| {
            // On plain data a measure may be undefined by chance (all cosines of one sign but one,
            // say). Then both of its paths must say so.
            let undefined = || self.measure.compare(&x, &y).is_err() && self.measure.reference(&x, &y).is_err();
            Refusal { confirmed: self.family == Family::Plain && undefined(), ..refusal }
        })
    }

    fn invariance(&self, side: Side, (changed, other): (&Matrix, &Matrix), map: &Map, built: f64, slight: Slight) -> Trial {
        let image = map.apply(changed);
        let allowed = if slight == NOTHING { 0.0 } else { slight.allowed(changed.condition().max(image.matrix.condition())) };
        let at = |changed: &Matrix| match side {
            Side::X => self.value(changed, other),
            Side::Y => self.value(other, changed),
        };
        self.unchanged((at(changed), at(&image.matrix)), image.rounding + built, false, allowed, &format!("{}: {map}", side.as_str()))
    }

    /// Behind the map there is no value.
    fn undefined(&self, side: Side, (changed, other): (&Matrix, &Matrix), map: &Map) -> Trial {
        let image = map.apply(changed).matrix;
        let at = |changed: &Matrix| if side == Side::X { self.value(changed, other) } else { self.value(other, changed) };
        match (at(changed), at(&image)) {
            (_, Ok(after)) => Trial::broken(format!("{}: {map}: still {:?}", side.as_str(), after.value)),
            (Ok(_), Err(after)) => Trial {
                ratio: 0.0,
                refused: false,
                broken: false,
                untried: false,
                detail: format!("refused after {map}: {}", after.message),
            },
            (Err(before), Err(_)) => Trial::refused(format!("refused before {map}: {}", before.message)),
        }
    }

    /// Both sides of a map: the same value, but for what is allowed beyond rounding, or a refusal
    /// of the same kind.
    fn unchanged(&self, replies: (Reply, Reply), rounding: f64, bitwise: bool, allowed: f64, label: &str) -> Trial {
        match replies {
            (Ok(before), Ok(after)) => {
                let (b, a) = (before.value, after.value);
                let same = b.to_bits() == a.to_bits() && b.is_finite();
                if rounding > before.margin.min(after.margin) && !same {
                    let detail = format!("{label}: {b:?} before, {a:?} after, and the map rounds by more than decides a comparison");
                    return Trial::refused(detail);
                }
                let carried = before.condition.max(after.condition) * rounding;
                let drawn = STANDARD_ERRORS * before.standard_error.hypot(after.standard_error);
                let tolerance = if bitwise { 0.0 } else { before.bound + after.bound + carried + drawn + allowed };
                let least = if bitwise { f64::MIN_POSITIVE } else { 0.0 };
                let change = if same { 0.0 } else { finite((a - b).abs()).max(least) };
                Trial::of(change, tolerance, || format!("{label}: {b:?} before, {a:?} after, tolerance {tolerance:e}"))
            }
            (Err(before), Err(after)) => self.refused(&before, &after, label),
            (Ok(answer), Err(refusal)) | (Err(refusal), Ok(answer)) if refusal.unrepresentable && beyond_range(&answer) => {
                let detail = format!("{label}: {:?} on one side, on the other: {}", answer.value, refusal.message);
                Trial::refused(detail)
            }
            (Ok(before), Err(after)) => Trial::broken(format!("{label}: {:?} before, refused after: {}", before.value, after.message)),
            (Err(before), Ok(after)) => Trial::broken(format!("{label}: refused before: {}; {:?} after", before.message, after.value)),
        }
    }

    fn refused(&self, before: &Refusal, after: &Refusal, label: &str) -> Trial {
        if before.kind != after.kind {
            Trial::broken(format!(
                "{label}: refused as {} before and as {} after: {}; {}",
                before.kind, after.kind, before.message, after.message
            ))
        } else if self.family == Family::Plain && !before.confirmed {
            Trial::broken(format!("{label}: refused on plain data: {}", before.message))
        } else {
            Trial::refused(format!("{label}: refused on both sides: {}", before.message))
        }
    }

    fn within(&self, reply: Reply, range: Range) -> Trial {
        match reply {
            Ok(Answer { value, .. }) if !value.is_finite() => Trial::broken(format!("the value is {value}")),
            Ok(Answer { value, bound, .. }) => {
                let outside = (range.lower - value).max(value - range.upper);
                Trial::of(outside, bound, || format!("{value:?} in {range}, bound {bound:e}"))
            }
            Err(refusal) => self.refused(&refusal, &refusal, "range"),
        }
    }

    fn itself(&self, reply: Reply, expected: f64) -> Trial {
        match reply {
            Ok(Answer { value, bound, .. }) => {
                let label = || format!("s(X, X) = {value:?}, expected {expected}, bound {bound:e}");
                Trial::of(finite((value - expected).abs()), bound, label)
            }
            Err(refusal) => self.refused(&refusal, &refusal, "s(X, X)"),
        }
    }

    fn triangle(&self, half: Expectation, x: &Matrix, y: &Matrix, z: &Matrix) -> Trial {
        let y = match half {
            Expectation::Holds | Expectation::Slightly | Expectation::Undefined => y.clone(),
            // Half way between: there a squared distance breaks the inequality.
            Expectation::Fails => {
                let (a, b) = (x.centered(), z.centered());
                let entry = |m: &Matrix, i: usize, j: usize| if j < m.p { m.at(i, j) / m.norm() } else { 0.0 };
                Matrix::from_fn(x.n, x.p.max(z.p), |i, j| entry(&a, i, j) + entry(&b, i, j))
            }
        };
        match (self.value(x, &y), self.value(&y, z), self.value(x, z)) {
            (Ok(xy), Ok(yz), Ok(xz)) => {
                let tolerance = xy.bound + yz.bound + xz.bound;
                let excess = (xz.value - xy.value - yz.value).max(-xy.value);
                Trial::of(finite(excess), tolerance, || {
                    format!("d(X, Z) = {:?}, d(X, Y) + d(Y, Z) = {:?} + {:?}, tolerance {tolerance:e}", xz.value, xy.value, yz.value)
                })
            }
            (xy, yz, xz) => {
                let refusal = [xy, yz, xz].into_iter().find_map(Result::err).expect("one of the three was refused");
                self.refused(&refusal, &refusal, "triangle")
            }
        }
    }

    /// One, two and three threads, on a pair large enough that products and decompositions are
    /// shared out (n p^2 above 2^24).
    fn threads(&self, generator: &mut Generator) -> Trial {
        let (x, y) = (gaussian(1200, 128, generator), gaussian(1200, 120, generator));
        let with = |count: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
            pool.map_err(|error| error.to_string()).map(|pool| pool.install(|| self.value(&x, &y)))
        };
        let compared = || -> Result<Trial, String> {
            let one = with(1)?;
            let two = self.unchanged((one.clone(), with(2)?), 0.0, true, 0.0, "2 threads");
            let three = self.unchanged((one, with(3)?), 0.0, true, 0.0, "3 threads");
            Ok(if three.ratio > two.ratio { three } else { two })
        };
        compared().unwrap_or_else(Trial::broken)
    }
}

/// True when the exact value may be one that an f64 cannot hold.
fn beyond_range(answer: &Answer) -> bool {
    let size = answer.value.abs();
    size - answer.bound < f64::MIN_POSITIVE || size + answer.bound > f64::MAX
}

fn finite(excess: f64) -> f64 {
    if excess.is_nan() { f64::INFINITY } else { excess }
}
