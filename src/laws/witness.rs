//! Witnesses: a claim that fails needs a pair and a map that show it.

use rand::{RngExt, SeedableRng};

use crate::claims::{Claim, Group, Side};

use super::case::{Case, Family, Kind, Relation};
use super::draw::Generator;
use super::law::Law;
use super::subject::Subject;
use super::trial::Trial;

/// A value that moves by this many times its tolerance has moved by more than rounding.
pub const MARGIN: f64 = 1e3;

/// Cases at scale 1 that a search looks at first.
const ATTEMPTS: u64 = 400;

/// Pairs, and others of the same shapes, on which a measure that is constant shows that it is.
const CONSTANT: u64 = 40;

/// Two values of a constant differ by less than this: rounding of few terms.
const CONSTANT_WITHIN: f64 = 1e-12;

/// A search then goes over scales: 2 to multiples of this, up and down, of X, Y and both.
const SCALE_STEP: i32 = 10;

/// The farthest scale that it goes to, so that no entry underflows.
const FARTHEST_SCALE: i32 = 990;

/// Cases at each scale.
const AT_EACH_SCALE: u64 = 2;

/// A case on which a claim fails. The case holds the seed of the entries and of the map, so it
/// shows the failure again.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The case.
    pub case: Case,
    /// What it showed.
    pub trial: Trial,
}

impl Law {
    /// Searches for a pair and a map on which the claim fails by [`MARGIN`]. The same seed finds
    /// the same witness.
    ///
    /// # Errors
    /// The case that came nearest, if the subject answered at all.
    pub fn witness(&self, subject: &Subject<'_>, seed: u64) -> Result<Witness, Option<Witness>> {
        let mut nearest: Option<Witness> = None;
        // A measure that does not see scales shows nothing at others: what a function shows there
        // is its own rounding.
        let claims = self.measure().properties().claims;
        let sees_scales = Side::ALL.iter().any(|&side| claims.get(Group::IsotropicScaling, side) != Claim::Holds);
        let tried = if sees_scales { usize::MAX } else { ATTEMPTS as usize };
        for case in candidates(seed).take(tried) {
            let trial = self.try_case(subject, &case);
            if trial.untried {
                return Err(Some(Witness { case, trial }));
            }
            // A refusal shows nothing about values. Where no error is allowed at all, any change is
            // a witness.
            if trial.broken || trial.refused {
                continue;
            }
            let witness = Witness { case, trial };
            if witness.trial.ratio >= MARGIN {
                return Ok(witness);
            }
            if nearest.as_ref().is_none_or(|best| best.trial.ratio < witness.trial.ratio) {
                nearest = Some(witness);
            }
        }
        Err(nearest)
    }

    /// Why no change of a value can be seen under these options, where the reference path gives the
    /// same value, or none, to every pair of a shape: a kernel of a bandwidth far below all
    /// distances is the identity, say.
    ///
    /// The reference path and not the subject is asked, so that a function which returns a constant
    /// is not excused; and pairs that no map connects, so that a wrong claim is not.
    pub(super) fn constant(&self, seed: u64) -> Option<String> {
        let minimum = self.measure().properties().minimum_examples;
        let value = |case: &Case| {
            let (x, y) = case.draw(minimum, &mut case.generator());
            let (x, y) = (x.matrix.representation("x").ok()?, y.matrix.representation("y").ok()?);
            self.measure().reference(&x, &y).ok()
        };
        let mut seen = None;
        for attempt in 0..CONSTANT {
            let case = candidate(seed, attempt);
            let (one, two) = (value(&case), value(&Case { seed: case.seed + 1, ..case }));
            match (one, two) {
                (Some(one), Some(two)) if (one - two).abs() <= CONSTANT_WITHIN * one.abs() => seen = Some(one),
                (None, None) => {}
                _ => return None,
            }
        }
        let same = seen.map_or("no value at all".to_string(), |value| format!("one value for each shape, such as {value:?},"));
        Some(format!("under these options the reference path has {same} for {CONSTANT} pairs and as many others: no map can move it"))
    }
}

/// The cases in the order of the search. An option in units of its own (an absolute kappa, a fixed
/// bandwidth) is only seen at its own scale, so that the scales come after the plain ones.
fn candidates(seed: u64) -> impl Iterator<Item = Case> {
    let exponents = (1..=FARTHEST_SCALE / SCALE_STEP).flat_map(|step| [-SCALE_STEP * step, SCALE_STEP * step]);
    let scales = exponents.flat_map(|exponent| [(exponent, 0), (0, exponent), (exponent, exponent)]);
    let scales = scales.flat_map(|scales| std::iter::repeat_n(scales, AT_EACH_SCALE as usize));
    let scaled =
        (0..).zip(scales).map(move |(attempt, (scale_x, scale_y))| Case { scale_x, scale_y, ..candidate(seed, ATTEMPTS + attempt) });
    (0..ATTEMPTS).map(move |attempt| candidate(seed, attempt)).chain(scaled)
}

/// Well-conditioned pairs, small ones first, so that a witness is easy to read.
fn candidate(seed: u64, attempt: u64) -> Case {
    let mut generator = Generator::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ attempt);
    let widest = 2 + (attempt / 40).min(4) as usize;
    let kinds = [Kind::Integer, Kind::Gaussian, Kind::Graded];
    let mut kind = || kinds[generator.random_range(0..kinds.len())];
    let (x, y) = (kind(), kind());
    let mut width = || generator.random_range(1..=widest);
    let (p1, p2) = (width(), width());
    Case {
        family: Family::Plain,
        spare: 2,
        p1,
        p2,
        x,
        y,
        relation: Relation::Coupled,
        scale_x: 0,
        scale_y: 0,
        seed: generator.random_range(0..1 << 32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::{Expectation, laws_of};
    use crate::measure::Measure;

    /// A bandwidth far below all distances leaves the identity, which no map moves; a function that
    /// returns the same number under other options breaks the same laws.
    #[test]
    fn a_constant_measure_is_not_tried_and_a_constant_function_fails() {
        let verdicts = |text: &str| {
            let measure = Measure::parse(text).unwrap();
            let constant = Subject::foreign("constant", &measure, |_, _| Some(1.0));
            let laws = laws_of(&measure).into_iter().filter(|law| law.half() == Expectation::Fails);
            laws.map(|law| law.try_on(&constant, 1, 0)).collect::<Vec<_>>()
        };
        let identity = verdicts("cka:kernel=rbf,fraction=1.5e-9");
        assert!(identity.len() == 6 && identity.iter().all(|verdict| verdict.untried.is_some()), "{identity:?}");
        let other = verdicts("cka:kernel=rbf,fraction=0.5");
        assert!(other.len() == 6 && other.iter().all(crate::laws::Verdict::is_failure), "{other:?}");
    }
}
