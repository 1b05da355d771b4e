//! The laws of a measure, and how one is tried.

use std::fmt;

use rand::SeedableRng;

use super::case::{Case, Family};
use super::draw::Generator;
use super::subject::Subject;
use super::trial::Trial;
use super::witness::Witness;
use crate::claims::Direction;
use crate::claims::{Claim, Condition, Group, Side};
use crate::measure::Measure;

/// Which way a claim is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expectation {
    /// It holds, on whatever is drawn.
    Holds,
    /// It fails, on a witness.
    Fails,
    /// It fails by no more than the claim says, on whatever is drawn.
    Slightly,
    /// The map leaves no value, whatever is drawn.
    Undefined,
}

impl Expectation {
    /// The word in names and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Expectation::Holds => "holds",
            Expectation::Fails => "fails",
            Expectation::Slightly => "slightly",
            Expectation::Undefined => "undefined",
        }
    }
}

/// What a law says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statement {
    /// The value does not (or does) see a group of maps of one side; under a condition, on
    /// representations that do (or do not) meet it.
    Invariance {
        /// The group.
        group: Group,
        /// The side.
        side: Side,
        /// The condition, if the claim has one.
        condition: Option<Condition>,
        /// Which way.
        half: Expectation,
    },
    /// s(X, Y) = s(Y, X), to the bit where the subject promises bits; or not.
    Symmetry {
        /// The condition, if the claim has one.
        condition: Option<Condition>,
        /// Which way.
        half: Expectation,
    },
    /// The value is finite and within its range.
    Range,
    /// s(X, X) is this number.
    SelfValue(f64),
    /// d(X, Z) <= d(X, Y) + d(Y, Z), or not.
    Triangle(Expectation),
    /// The same permutation of the examples of X and Y changes nothing; or, where examples are held
    /// out by their place, it does.
    ExamplePermutation(Expectation),
    /// Scaling by a power of two changes no bit.
    PowerOfTwo(Side),
    /// The number of threads changes no bit.
    Threads,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = |condition: &Option<Condition>| condition.map_or(String::new(), |condition| format!("{}::", condition.name()));
        match self {
            Statement::Invariance { group, side, condition, half } => {
                write!(f, "{}::{}::{}{}", group.as_str(), side.as_str(), when(condition), half.as_str())
            }
            Statement::Symmetry { condition, half } => write!(f, "symmetry::{}{}", when(condition), half.as_str()),
            Statement::Range => f.write_str("range::holds"),
            Statement::SelfValue(_) => f.write_str("self-value::holds"),
            Statement::Triangle(half) => write!(f, "triangle::{}", half.as_str()),
            Statement::ExamplePermutation(half) => write!(f, "example-permutation::{}", half.as_str()),
            Statement::PowerOfTwo(side) => write!(f, "power-of-two::{}::holds", side.as_str()),
            Statement::Threads => f.write_str("threads::holds"),
        }
    }
}

/// So many cases of both families without a value are no chance: nothing was tried.
const CASES: usize = 8;

/// One claim about one measure.
#[derive(Debug, Clone)]
pub struct Law {
    measure: Measure,
    statement: Statement,
}

/// The name, `law::MEASURE::STATEMENT`.
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "law::{}::{}", self.measure, self.statement)
    }
}

/// What came of trying a law.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the law stands: the claim held on every case, or the failure has its witness.
    pub holds: bool,
    /// Greatest |change| / tolerance seen. At most 1 where a law holds; where a claim fails, at
    /// least 1000 is needed.
    pub worst_ratio: f64,
    /// Seed of the case with that ratio.
    pub seed: u64,
    /// Cases in which the subject gave values.
    pub answered: usize,
    /// Cases in which it refused, alike on both sides.
    pub refused: usize,
    /// The case with that ratio, in words and numbers.
    pub detail: String,
    /// Why the law could not be tried, if it could not: that is a defect of the law, and says
    /// nothing about the measure.
    pub untried: Option<String>,
}

impl Verdict {
    /// Whether the measure, or the subject that claims to be it, breaks the law.
    pub fn is_failure(&self) -> bool {
        !self.holds && self.untried.is_none()
    }
}

/// Every law of a measure, from what it claims.
pub fn laws_of(measure: &Measure) -> Vec<Law> {
    let properties = measure.properties();
    let mut statements = Vec::new();
    for group in Group::ALL {
        for side in Side::ALL {
            let statement = |condition, half| Statement::Invariance { group, side, condition, half };
            statements.extend(halves(properties.claims.get(group, side), statement));
        }
    }
    statements.extend(halves(properties.symmetry, |condition, half| Statement::Symmetry { condition, half }));
    statements.push(Statement::Range);
    statements.extend(properties.self_value.map(Statement::SelfValue));
    if properties.metric {
        statements.push(Statement::Triangle(Expectation::Holds));
    } else if properties.direction == Direction::Distance {
        statements.push(Statement::Triangle(Expectation::Fails));
    }
    let places_matter = measure.needs(None).held_out;
    statements.push(Statement::ExamplePermutation(if places_matter { Expectation::Fails } else { Expectation::Holds }));
    for side in Side::ALL {
        if properties.claims.get(Group::IsotropicScaling, side) == Claim::Holds {
            statements.push(Statement::PowerOfTwo(side));
        }
    }
    statements.push(Statement::Threads);
    statements.into_iter().map(|statement| Law { measure: measure.clone(), statement }).collect()
}

fn halves(claim: Claim, statement: impl Fn(Option<Condition>, Expectation) -> Statement) -> Vec<Statement> {
    match claim {
        Claim::Holds => vec![statement(None, Expectation::Holds)],
        Claim::Fails => vec![statement(None, Expectation::Fails)],
        Claim::Slightly(_) => vec![statement(None, Expectation::Slightly)],
        Claim::Undefined => vec![statement(None, Expectation::Undefined)],
        Claim::When(condition) => vec![statement(Some(condition), Expectation::Holds), statement(Some(condition), Expectation::Fails)],
    }
}

impl Law {
    /// The measure.
    pub fn measure(&self) -> &Measure {
        &self.measure
    }

    /// What it says.
    pub fn statement(&self) -> Statement {
        self.statement
    }

    /// Which way it is tried.
    pub fn half(&self) -> Expectation {
        match self.statement {
            Statement::Invariance { half, .. }
            | Statement::Symmetry { half, .. }
            | Statement::Triangle(half)
            | Statement::ExamplePermutation(half) => half,
            _ => Expectation::Holds,
        }
    }

    /// False for laws to the bit on a subject that promises no bits.
    pub fn applies_to(&self, subject: &Subject<'_>) -> bool {
        subject.bitwise() || !matches!(self.statement, Statement::PowerOfTwo(_) | Statement::Threads)
    }

    /// How many of the cases wanted are worth trying: one pair shows what threads do, because
    /// nothing of a case but its seed enters it.
    pub fn cases(&self, wanted: usize) -> usize {
        if self.statement == Statement::Threads { wanted.min(1) } else { wanted }
    }

    /// Families whose cases the law is tried on.
    pub fn families(&self) -> &'static [Family] {
        match self.statement {
            // The conditions are about ranks and widths, which only the plain family documents.
            Statement::Invariance { condition: Some(_), .. } | Statement::Symmetry { condition: Some(_), .. } | Statement::Threads => {
                &[Family::Plain]
            }
            // Exchanged, another one of the two may fill the space, and be refused.
            Statement::Symmetry { half: Expectation::Slightly, .. } => &[Family::Plain],
            _ => &[Family::Plain, Family::Awkward],
        }
    }

    /// Tries the law: on `cases` cases drawn from `seed`, or, where a claim fails, by a search for
    /// its witness.
    pub fn try_on(&self, subject: &Subject<'_>, cases: usize, seed: u64) -> Verdict {
        if self.half() == Expectation::Fails {
            return self.search(subject, seed);
        }
        let mut generator = Generator::seed_from_u64(seed);
        let mut verdict = Verdict { holds: true, worst_ratio: 0.0, seed, answered: 0, refused: 0, detail: String::new(), untried: None };
        let families = self.families();
        for index in 0..if self.applies_to(subject) { self.cases(cases) } else { 0 } {
            let case = Case::random(families[index % families.len()], &mut generator);
            let trial = self.try_case(subject, &case);
            if trial.untried {
                return Verdict { holds: false, seed: case.seed, untried: Some(format!("{case}: {}", trial.detail)), ..verdict };
            }
            match trial.refused {
                true => verdict.refused += 1,
                false => verdict.answered += 1,
            }
            if trial.ratio > verdict.worst_ratio || verdict.detail.is_empty() {
                verdict = Verdict { worst_ratio: trial.ratio, seed: case.seed, detail: format!("{case}: {}", trial.detail), ..verdict };
            }
            verdict.holds &= trial.holds();
        }
        if verdict.holds && verdict.answered == 0 && verdict.refused >= CASES {
            let untried = format!("no value on any of {} cases; the last one, {}", verdict.refused, verdict.detail);
            return Verdict { holds: false, untried: Some(untried), ..verdict };
        }
        verdict
    }

    fn search(&self, subject: &Subject<'_>, seed: u64) -> Verdict {
        match self.witness(subject, seed) {
            Ok(Witness { trial, case }) => {
                let detail = format!("{case}: {}", trial.detail);
                Verdict { holds: true, worst_ratio: trial.ratio, seed: case.seed, answered: 1, refused: 0, detail, untried: None }
            }
            Err(Some(Witness { trial, case })) if trial.untried => {
                let untried = Some(format!("{case}: {}", trial.detail));
                Verdict { holds: false, worst_ratio: 0.0, seed, answered: 0, refused: 0, detail: String::new(), untried }
            }
            Err(best) => {
                if let Some(why) = self.constant(seed) {
                    return Verdict {
                        holds: false,
                        worst_ratio: 0.0,
                        seed,
                        answered: 0,
                        refused: 0,
                        detail: String::new(),
                        untried: Some(why),
                    };
                }
                let detail = match &best {
                    Some(Witness { trial, case }) => format!("no witness; nearest: {case}: {}", trial.detail),
                    None => "no witness: the subject gave no value".to_string(),
                };
                let (worst_ratio, seed) = best.map_or((0.0, seed), |best| (best.trial.ratio, best.case.seed));
                Verdict { holds: false, worst_ratio, seed, answered: 0, refused: 0, detail, untried: None }
            }
        }
    }

    /// Tries the law on one case, which is first brought to the shape that the law's condition asks
    /// for.
    pub fn try_case(&self, subject: &Subject<'_>, case: &Case) -> Trial {
        super::trial::run(&self.measure, self.statement, subject, case)
    }
}
