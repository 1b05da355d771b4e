//! The rules of a measure, tried on a function.

use rand::SeedableRng;

use super::edges::edges;
use super::example::Example;
use super::function::{Function, Reply};
use super::goldens::goldens;
use super::identify::identify;
use super::minimize::{Rule, minimize};
use super::report::{Broken, Failure, Report};
use super::sizes::sizes;
use crate::error::Error;
use crate::laws::{Case, Expectation, Family, Generator, Law, Matrix, Statement, Subject, laws_of};
use crate::measure::Measure;
use crate::representation::Representation;

/// What is tried on a function that claims to be a measure.
///
/// ```
/// use similitude::{Measure, conformance::Suite};
/// let cka = Measure::parse("cka")?;
/// let report = Suite::new("cka")?.cases(8).run(|x, y| cka.compare(x, y).map(|score| score.value));
/// assert!(report.broken.is_empty(), "{report}");
/// # Ok::<(), similitude::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Suite {
    measure: Measure,
    cases: usize,
    seed: u64,
}

/// Cases for each law.
const CASES: usize = 24;

/// Tries a function against everything that is known of a measure, given by its text.
///
/// ```no_run
/// # use similitude::Representation;
/// # fn my_cka(x: &Representation<'_>, y: &Representation<'_>) -> f64 { 0.0 }
/// similitude::conformance::check("cka:estimator=debiased", |x, y| my_cka(x, y)).unwrap();
/// ```
///
/// # Errors
/// [`Failure`]: the text names no measure, or the function breaks rules of it; shown by `unwrap`
/// with the input, what was expected and what was obtained.
pub fn check<R: Into<Reply>>(
    measure: &str,
    function: impl Fn(&Representation<'_>, &Representation<'_>) -> R + Send + Sync,
) -> Result<Report, Failure> {
    let report = Suite::new(measure).map_err(Failure::Measure)?.run(function);
    if report.broken.is_empty() { Ok(report) } else { Err(Failure::Broken(Box::new(report))) }
}

impl Suite {
    /// The rules of a measure, by its text.
    ///
    /// # Errors
    /// As [`Measure::parse`].
    pub fn new(measure: &str) -> Result<Self, Error> {
        Ok(Self { measure: Measure::parse(measure)?, cases: CASES, seed: 0 })
    }

    /// Cases for each law (24 unless said otherwise).
    pub fn cases(self, cases: usize) -> Self {
        Self { cases, ..self }
    }

    /// Another seed of the draws than 0.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Tries all of it.
    pub fn run<R: Into<Reply>>(&self, function: impl Fn(&Representation<'_>, &Representation<'_>) -> R + Send + Sync) -> Report {
        let function = Function::new(function);
        let tables = examples("golden", goldens(&self.measure), &function);
        let drawn = self.drawn(&function);
        let laws: Vec<Option<Broken>> = laws_of(&self.measure).iter().filter_map(|law| self.law(law, &function)).collect();
        let sizes = sizes(&self.measure);
        let largest = sizes.iter().fold((0, 0), |(n, p), size| (size.x.n.max(n), size.x.p.max(size.y.p).max(p)));
        let sizes = examples("size", sizes, &function);
        let edges = examples("edge", edges(&self.measure), &function);

        let differs = tables.iter().chain([&drawn]).chain(&sizes).any(Option::is_some);
        let id = self.measure.spec().id;
        let computes = differs.then(|| identify(id, |x, y| function.reply(x, y)).expect("the measure of the suite has its id"));
        let outcomes: Vec<Option<Broken>> = tables.into_iter().chain([drawn]).chain(laws).chain(sizes).chain(edges).collect();
        let (tried, broken) = (outcomes.len(), outcomes.into_iter().flatten().collect());
        Report { measure: self.measure.to_string(), tried, largest, broken, computes }
    }

    /// The value itself on drawn pairs.
    fn drawn(&self, function: &Function<'_>) -> Option<Broken> {
        let rule = Rule { measure: &self.measure, function, statement: None };
        let failing = self.pairs().find(|(x, y)| rule.sight(x, y).is_some())?;
        let (x, y, sight) = minimize(&rule, [failing])?;
        Some(Broken {
            rule: "value::drawn".to_string(),
            x,
            y,
            step: sight.step,
            expected: sight.mismatch.expected,
            obtained: sight.mismatch.obtained,
        })
    }

    /// One law: `None` where it does not apply, `Some(None)` where it holds.
    fn law(&self, law: &Law, function: &Function<'_>) -> Option<Option<Broken>> {
        let subject = Subject::foreign("the function", &self.measure, |x, y| function.reply(x, y).value());
        if !law.applies_to(&subject) {
            return None;
        }
        let (detail, start) = match law.half() {
            Expectation::Fails => match law.witness(&subject, self.seed) {
                Ok(_) => return Some(None),
                // Where the measure shows the difference, the function does not.
                Err(_) => (
                    "on none of the pairs tried does its value change by more than rounding".to_string(),
                    law.witness(&Subject::fast(&self.measure), self.seed).ok().map(|witness| witness.case),
                ),
            },
            Expectation::Holds | Expectation::Slightly | Expectation::Undefined => {
                let broken = self
                    .plain_cases()
                    .map(|case| (law.try_case(&subject, &case), case))
                    .find(|(trial, _)| !trial.holds() && !trial.untried);
                match broken {
                    None => return Some(None),
                    Some((trial, case)) => (trial.detail, Some(case)),
                }
            }
        };
        let minimum = self.measure.properties().minimum_examples;
        let start = start.map(|case| draw(&case, minimum));
        let rule = Rule { measure: &self.measure, function, statement: Some(law.statement()) };
        // What is compared with itself has no other side.
        let other = |x: &Matrix, y: Matrix| if matches!(law.statement(), Statement::SelfValue(_)) { x.clone() } else { y };
        let shown = minimize(&rule, start.clone().into_iter().chain(self.pairs()));
        Some(Some(match shown {
            Some((x, y, sight)) => Broken {
                rule: law.to_string(),
                y: other(&x, y),
                x,
                step: sight.step,
                expected: sight.mismatch.expected,
                obtained: sight.mismatch.obtained,
            },
            // Shown only by the drawn case and map, which the detail names.
            None => {
                let (x, y) = start.or_else(|| self.pairs().next()).expect("a suite has cases");
                let expected = format!("that the law {}", law.half().as_str());
                Broken { rule: law.to_string(), y: other(&x, y), x, step: String::new(), expected, obtained: detail }
            }
        }))
    }

    fn plain_cases(&self) -> impl Iterator<Item = Case> + use<> {
        let mut generator = Generator::seed_from_u64(self.seed);
        (0..self.cases.max(1)).map(move |_| Case::random(Family::Plain, &mut generator))
    }

    fn pairs(&self) -> impl Iterator<Item = (Matrix, Matrix)> + use<> {
        let minimum = self.measure.properties().minimum_examples;
        self.plain_cases().map(move |case| draw(&case, minimum))
    }
}

fn draw(case: &Case, minimum: usize) -> (Matrix, Matrix) {
    let (x, y) = case.draw(minimum, &mut case.generator());
    (x.matrix, y.matrix)
}

/// Tables, sizes or edges: one outcome each, not shrunk, because they are already what they are.
fn examples(kind: &str, examples: Vec<Example>, function: &Function<'_>) -> Vec<Option<Broken>> {
    let one = |example: Example| {
        let (x, y) = (example.x.representation("x").ok()?, example.y.representation("y").ok()?);
        let mismatch = example.expected.mismatch(&function.reply(&x, &y))?;
        let digits = example.digits.as_ref().map_or(String::new(), |digits| format!(" (exactly {digits})"));
        let (expected, obtained) = (mismatch.expected + &digits, mismatch.obtained);
        Some(Broken { rule: format!("{kind}::{}", example.name), x: example.x, y: example.y, step: String::new(), expected, obtained })
    };
    examples.into_iter().map(one).collect()
}
