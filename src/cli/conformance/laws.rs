//! The laws of the measure that a function names, tried on the function.

use std::sync::Mutex;

use crate::Measure;
use crate::laws::{Case, Expectation, Family, Generator, Kind, Law, Subject, laws_of};
use rand::SeedableRng;

use super::entry::Asked;
use super::protocol::Outcome;
use super::record::{Count, LawVerdict};

/// A change that is this many times the tolerance of double precision is within that of single
/// precision: eps(f32) / eps(f64).
const SINGLE: f64 = (1u64 << 29) as f64;
/// Cases that show whether a function answers at all.
const PROBES: usize = 4;
/// Draws from which the cases of one degree of difficulty are taken.
const DRAWS: usize = 4000;

/// Tries the laws whose name contains `only`.
pub fn judge(asked: &Asked<'_>, measure: &Measure, cases: usize, seed: u64, only: Option<&str>) -> Vec<LawVerdict> {
    // What the program answered since this was last emptied, where that is no number.
    let silent = Mutex::new(Vec::<Outcome>::new());
    let value = |x: &crate::Representation<'_>, y: &crate::Representation<'_>| {
        let outcome = asked.representations(x, y);
        let value = outcome.value();
        if value.is_none() {
            silent.lock().expect("nothing panics with it").push(outcome);
        }
        value
    };
    let subject = Subject::foreign(asked.name(), measure, value);
    let prefix = format!("law::{measure}::");
    let named = |law: &Law| law.to_string().trim_start_matches(&prefix).to_string();
    let laws =
        laws_of(measure).into_iter().filter(|law| law.applies_to(&subject)).filter(|law| only.is_none_or(|only| named(law).contains(only)));
    laws.map(|law| {
        let verdict = LawVerdict {
            law: named(&law),
            verdict: "holds",
            ordinary: Count::default(),
            hard: Count::default(),
            awkward: Count::default(),
        };
        match law.half() {
            Expectation::Fails => witness(&law, &subject, seed, verdict, &silent),
            Expectation::Holds | Expectation::Slightly | Expectation::Undefined => holds(&law, &subject, (cases, seed), verdict, &silent),
        }
    })
    .collect()
}

type NoObserver = Mutex<Vec<Outcome>>;

fn taken(silent: &NoObserver) -> Vec<Outcome> {
    std::mem::take(&mut silent.lock().expect("nothing panics with it"))
}

/// A claim that fails needs one pair that shows it.
fn witness(law: &Law, subject: &Subject<'_>, seed: u64, verdict: LawVerdict, silent: &NoObserver) -> LawVerdict {
    // A search is in vain where nothing is answered at all.
    let (probe, word) = tried(law, subject, &Degree::Ordinary.cases(PROBES, seed), silent);
    if let (PROBES, Some(word)) = (probe.unanswered, word) {
        return LawVerdict { verdict: word, ordinary: probe, ..verdict };
    }
    let found = law.witness(subject, seed);
    let outcomes = taken(silent);
    match (found, outcomes.first()) {
        (Ok(_), _) => LawVerdict { ordinary: Count { held: 1, ..Count::default() }, ..verdict },
        (Err(Some(nearest)), _) => {
            let detail = format!("no pair shows it; nearest: {}: {}", nearest.case, nearest.trial.detail);
            LawVerdict { verdict: "broken", ordinary: Count { broken: 1, detail, ..Count::default() }, ..verdict }
        }
        (Err(None), outcome) => {
            let word = outcome.map_or("declined", Outcome::word);
            let detail = outcome.map_or(String::new(), ToString::to_string);
            LawVerdict { verdict: word, ordinary: Count { unanswered: 1, detail, ..Count::default() }, ..verdict }
        }
    }
}

fn holds(law: &Law, subject: &Subject<'_>, (cases, seed): (usize, u64), verdict: LawVerdict, silent: &NoObserver) -> LawVerdict {
    let (ordinary, word) = tried(law, subject, &Degree::Ordinary.cases(cases, seed), silent);
    let (hard, _) = tried(law, subject, &Degree::Hard.cases(cases, seed), silent);
    let awkward = law.families().contains(&Family::Awkward);
    let (awkward, _) = if awkward { tried(law, subject, &Degree::Awkward.cases(cases, seed), silent) } else { (Count::default(), None) };
    let verdict_of = match (ordinary.broken, ordinary.unanswered, ordinary.single) {
        (0, 0, 0) => "holds",
        (0, 0, _) => "single precision",
        (0, _, _) => word.unwrap_or("declined"),
        _ => "broken",
    };
    LawVerdict { verdict: verdict_of, ordinary, hard, awkward, ..verdict }
}

/// Tries a law on cases; also the word for the first answer that was no number.
fn tried(law: &Law, subject: &Subject<'_>, cases: &[Case], silent: &NoObserver) -> (Count, Option<&'static str>) {
    let (mut count, mut word) = (Count::default(), None);
    for case in cases {
        taken(silent);
        let trial = law.try_case(subject, case);
        let outcomes = taken(silent);
        let first = outcomes.first();
        match first {
            // Refused alike on both sides of an awkward map: that is the law.
            _ if trial.holds() || trial.untried => {
                count.held += 1;
                continue;
            }
            Some(outcome) => {
                count.unanswered += 1;
                word = word.or(Some(outcome.word()));
            }
            None if trial.ratio <= SINGLE => count.single += 1,
            None => count.broken += 1,
        }
        if count.detail.is_empty() {
            count.detail = format!("{case}: {}", first.map_or(trial.detail, ToString::to_string));
        }
    }
    (count, word)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Degree {
    Ordinary,
    Hard,
    Awkward,
}

impl Degree {
    /// The first cases of this degree among those drawn.
    fn cases(self, count: usize, seed: u64) -> Vec<Case> {
        let family = if self == Degree::Awkward { Family::Awkward } else { Family::Plain };
        let ordinary = |kind: Kind| matches!(kind, Kind::Integer | Kind::Gaussian | Kind::HeavyTails | Kind::Graded);
        let mut generator = Generator::seed_from_u64(seed);
        let drawn = (0..DRAWS).map(|_| Case::random(family, &mut generator));
        let fits = |case: &Case| self == Degree::Awkward || (self == Degree::Ordinary) == (ordinary(case.x) && ordinary(case.y));
        drawn.filter(fits).take(count).collect()
    }
}
