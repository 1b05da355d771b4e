//! One law on one case.

use rand::RngExt;

use super::draw::{Case, Drawn, Family, Generator, Kind, SCALE_LIMIT, gaussian};
use super::law::{Half, Statement};
use super::maps::{Map, kept_subspace, permutation};
use super::matrix::Matrix;
use super::subject::{Answer, Refusal, Subject};
use crate::claims::{Condition, Properties, Range, Side};
use crate::error::ErrorKind;

/// What came of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// |change| / tolerance: infinite where the subject answers on one side only, or refuses where it must answer.
    pub ratio: f64,
    /// The subject refused, alike on both sides.
    pub refused: bool,
    /// The numbers.
    pub detail: String,
}

impl Trial {
    /// The change is within the tolerance. (Of a NaN it is not.)
    pub fn holds(&self) -> bool {
        self.ratio <= 1.0
    }

    fn broken(detail: String) -> Self {
        Self { ratio: f64::INFINITY, refused: false, detail }
    }

    fn of(excess: f64, tolerance: f64, detail: impl FnOnce() -> String) -> Self {
        let ratio = if excess <= 0.0 { 0.0 } else { excess / tolerance };
        let ratio = if ratio.is_nan() { f64::INFINITY } else { ratio };
        Self { ratio, refused: false, detail: format!("{}, |change| / tolerance = {ratio:.3e}", detail()) }
    }
}

type Reply = Result<Answer, Refusal>;

/// Tries a statement on a case.
pub(super) fn run(properties: &Properties, statement: Statement, subject: &Subject<'_>, case: &Case) -> Trial {
    let case = conformed(statement, case);
    let minimum = properties.minimum_examples;
    let mut generator = case.generator();
    if let Statement::Threads = statement {
        return threads(subject, &mut generator);
    }
    if let Statement::Invariance { group, side, condition: Some(Condition::KeptSubspaceUnchanged), half: Half::Holds } = statement {
        let n = minimum.max(12) + case.spare;
        let (matrix, map, built) = kept_subspace(group, n, &mut generator);
        let other = gaussian(n, case.p2.min(4), &mut generator);
        return invariance(subject, side, &matrix, &other, &map, built, case.family);
    }
    let (x, y) = case.draw(minimum, &mut generator);
    match statement {
        Statement::Invariance { group, side, .. } => {
            let (changed, other) = if side == Side::X { (&x, &y) } else { (&y, &x) };
            let map = Map::draw(group, changed, &mut generator);
            invariance(subject, side, &changed.matrix, &other.matrix, &map, 0.0, case.family)
        }
        Statement::Symmetry { half, .. } => {
            let replies = (value(subject, &x.matrix, &y.matrix), value(subject, &y.matrix, &x.matrix));
            let bitwise = subject.bitwise() && half == Half::Holds;
            unchanged(replies, 0.0, bitwise, case.family, "arguments swapped")
        }
        Statement::Range => within(value(subject, &x.matrix, &y.matrix), properties.range, case.family),
        Statement::SelfValue(expected) => itself(value(subject, &x.matrix, &x.matrix), expected, case.family),
        Statement::Triangle(half) => triangle(subject, half, &case, minimum, (&x, &y), &mut generator),
        Statement::ExamplePermutation => {
            let order = permutation(x.matrix.n, &mut generator);
            let replies = (value(subject, &x.matrix, &y.matrix), value(subject, &x.matrix.rows(&order), &y.matrix.rows(&order)));
            unchanged(replies, 0.0, false, case.family, &format!("examples in the order {order:?}"))
        }
        Statement::PowerOfTwo(side) => {
            let old = if side == Side::X { case.scale_x } else { case.scale_y };
            let step = generator.random_range(-SCALE_LIMIT..=SCALE_LIMIT) - old;
            let scaled = |drawn: &Drawn| drawn.matrix.scaled(2f64.powi(step / 2)).scaled(2f64.powi(step - step / 2));
            let after = match side {
                Side::X => value(subject, &scaled(&x), &y.matrix),
                Side::Y => value(subject, &x.matrix, &scaled(&y)),
            };
            let label = format!("{} times 2^{step}", side.as_str());
            unchanged((value(subject, &x.matrix, &y.matrix), after), 0.0, true, case.family, &label)
        }
        Statement::Threads => unreachable!("handled above"),
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
    let holds = half == Half::Holds;
    let (this, other) = match condition {
        Condition::KeptSubspaceUnchanged => return case,
        Condition::NotTheFewerNeurons if holds => (case.p1.max(case.p2), narrower),
        Condition::NotTheFewerNeurons => (narrower, wider),
        Condition::RanksDiffer if holds => (if case.p1 > case.p2 { wider } else { narrower }, if case.p1 > case.p2 { narrower } else { wider }),
        Condition::RanksDiffer => (narrower + 1, narrower + 1),
        Condition::NotTheWeightingSide if holds => (wider, narrower),
        Condition::NotTheWeightingSide => (narrower, wider),
    };
    (case.p1, case.p2) = if side == Side::X { (this, other) } else { (other, this) };
    case
}

fn value(subject: &Subject<'_>, x: &Matrix, y: &Matrix) -> Reply {
    let unusable = |error: crate::error::Error| Refusal { kind: error.kind().as_str().to_string(), message: error.to_string() };
    subject.value(&x.representation("x").map_err(unusable)?, &y.representation("y").map_err(unusable)?)
}

fn invariance(subject: &Subject<'_>, side: Side, changed: &Matrix, other: &Matrix, map: &Map, built: f64, family: Family) -> Trial {
    let image = map.apply(changed);
    let at = |changed: &Matrix| match side {
        Side::X => value(subject, changed, other),
        Side::Y => value(subject, other, changed),
    };
    let label = format!("{}: {map}", side.as_str());
    unchanged((at(changed), at(&image.matrix)), image.rounding + built, false, family, &label)
}

/// Both sides of a map: the same value, or a refusal of the same kind.
fn unchanged(replies: (Reply, Reply), rounding: f64, bitwise: bool, family: Family, label: &str) -> Trial {
    match replies {
        (Ok(before), Ok(after)) => {
            let (b, a) = (before.value, after.value);
            let tolerance = if bitwise { 0.0 } else { before.bound + after.bound + before.condition.max(after.condition) * rounding };
            let change = if b.to_bits() == a.to_bits() && b.is_finite() { 0.0 } else { (a - b).abs() };
            let change = if bitwise && b.to_bits() != a.to_bits() { change.max(f64::MIN_POSITIVE) } else { change };
            Trial::of(if change.is_nan() { f64::INFINITY } else { change }, tolerance, || format!("{label}: {b:?} before, {a:?} after, tolerance {tolerance:e}"))
        }
        (Err(before), Err(after)) => refused(&before, &after, family, label),
        (Ok(answer), Err(refusal)) | (Err(refusal), Ok(answer)) if beyond_range(&answer) && refusal.kind == ErrorKind::Undefined.as_str() => {
            let detail = format!("{label}: {:?} on one side, on the other: {}", answer.value, refusal.message);
            Trial { ratio: 0.0, refused: true, detail }
        }
        (Ok(before), Err(after)) => Trial::broken(format!("{label}: {:?} before, refused after: {}", before.value, after.message)),
        (Err(before), Ok(after)) => Trial::broken(format!("{label}: refused before: {}; {:?} after", before.message, after.value)),
    }
}

/// True when the exact value may be one that an f64 cannot hold.
fn beyond_range(answer: &Answer) -> bool {
    let size = answer.value.abs();
    size - answer.bound < f64::MIN_POSITIVE || size + answer.bound > f64::MAX
}

fn refused(before: &Refusal, after: &Refusal, family: Family, label: &str) -> Trial {
    if family == Family::Plain {
        Trial::broken(format!("{label}: refused on plain data: {}", before.message))
    } else if before.kind != after.kind {
        Trial::broken(format!("{label}: refused as {} before and as {} after: {}; {}", before.kind, after.kind, before.message, after.message))
    } else {
        Trial { ratio: 0.0, refused: true, detail: format!("{label}: refused on both sides: {}", before.message) }
    }
}

fn within(reply: Reply, range: Range, family: Family) -> Trial {
    match reply {
        Ok(Answer { value, .. }) if !value.is_finite() => Trial::broken(format!("the value is {value}")),
        Ok(Answer { value, bound, .. }) => Trial::of((range.lower - value).max(value - range.upper), bound, || format!("{value:?} in {range}, bound {bound:e}")),
        Err(refusal) => refused(&refusal, &refusal, family, "range"),
    }
}

fn itself(reply: Reply, expected: f64, family: Family) -> Trial {
    match reply {
        Ok(Answer { value, bound, .. }) => {
            Trial::of(finite((value - expected).abs()), bound, || format!("s(X, X) = {value:?}, expected {expected}, bound {bound:e}"))
        }
        Err(refusal) => refused(&refusal, &refusal, family, "s(X, X)"),
    }
}

fn finite(excess: f64) -> f64 {
    if excess.is_nan() { f64::INFINITY } else { excess }
}

fn triangle(subject: &Subject<'_>, half: Half, case: &Case, minimum: usize, (x, y): (&Drawn, &Drawn), generator: &mut Generator) -> Trial {
    let (x, z) = (&x.matrix, case.third(minimum, generator));
    let y = match half {
        Half::Holds => y.matrix.clone(),
        // Half way between: there a squared distance breaks the inequality.
        Half::Fails => {
            let (a, b) = (x.centered(), z.centered());
            let entry = |m: &Matrix, i: usize, j: usize| if j < m.p { m.at(i, j) / m.norm() } else { 0.0 };
            Matrix::from_fn(x.n, x.p.max(z.p), |i, j| entry(&a, i, j) + entry(&b, i, j))
        }
    };
    match (value(subject, x, &y), value(subject, &y, &z), value(subject, x, &z)) {
        (Ok(xy), Ok(yz), Ok(xz)) => {
            let tolerance = xy.bound + yz.bound + xz.bound;
            let excess = (xz.value - xy.value - yz.value).max(-xy.value);
            Trial::of(finite(excess), tolerance, || {
                format!("d(X, Z) = {:?}, d(X, Y) + d(Y, Z) = {:?} + {:?}, tolerance {tolerance:e}", xz.value, xy.value, yz.value)
            })
        }
        (xy, yz, xz) => {
            let refusal = [xy, yz, xz].into_iter().find_map(Result::err).expect("one of the three was refused");
            refused(&refusal, &refusal, case.family, "triangle")
        }
    }
}

/// One, two and three threads, on a pair large enough that products are shared out.
fn threads(subject: &Subject<'_>, generator: &mut Generator) -> Trial {
    let (x, y) = (gaussian(400, 96, generator), gaussian(400, 80, generator));
    let with = |count: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
        pool.map_err(|error| error.to_string()).map(|pool| pool.install(|| value(subject, &x, &y)))
    };
    let mut worst = Trial { ratio: 0.0, refused: false, detail: String::new() };
    let one = match with(1) {
        Ok(reply) => reply,
        Err(message) => return Trial::broken(message),
    };
    for count in [2, 3] {
        let trial = match with(count) {
            Ok(reply) => unchanged((one.clone(), reply), 0.0, true, Family::Plain, &format!("{count} threads")),
            Err(message) => Trial::broken(message),
        };
        if trial.ratio > worst.ratio || worst.detail.is_empty() {
            worst = trial;
        }
    }
    worst
}
