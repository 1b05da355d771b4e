//! Which of the named conventions does an implementation compute?

use std::cell::RefCell;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

use super::formulas::{FORMULAS, Formula};
use super::function::{Function, Reply};
use super::pairs::{FEW, deficient_pair, telling_pairs};
use super::sizes::is_costly;
use super::vocabulary::{Preparation, Shape, TRANSFORMATIONS, conventions_of};
use crate::error::Error;
use crate::laws::Matrix;
use crate::measure::Measure;
use crate::registry::REGISTRY;
use crate::representation::Representation;

/// Values that agree to this, relatively, on all pairs are the same.
const SAME: f64 = 1e-9;
/// Values that agree to this are the same computed in single precision.
const SINGLE: f64 = 2e-5;
/// What is farther off than this says nothing.
const NEARBY: f64 = 1e-2;
/// A relative change of the input that single precision does not see, and what it changes at least
/// where it tips a rounding over.
const UNSEEN: f64 = 1e-12;
const TIPPED: f64 = 1e-9;
/// Fewest pairs that must be answered for a match to say something.
const ENOUGH: usize = 3;

/// What a function computes.
#[derive(Debug, Clone, PartialEq)]
pub struct Identification {
    /// What agrees on every pair that the function answered; several where no pair tells them
    /// apart. Empty: none of what is known.
    pub matches: Vec<Match>,
    /// Where nothing agrees, what came nearest.
    pub nearest: Option<Match>,
    /// Pairs that the function answered.
    pub answered: usize,
    /// Pairs that it was asked.
    pub pairs: usize,
    /// How many combinations of convention, preparation and transformation were tried.
    pub candidates: usize,
    /// What it says where it gave no number, the first time.
    pub declined: Option<String>,
    /// The number that it answers whatever it is asked.
    pub constant: Option<f64>,
}

/// How a function agrees with what it was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Within what double precision explains.
    Double,
    /// Within what single precision explains; and a change of the input that single precision does
    /// not see, it does not see.
    Single,
    /// As near, and it does see such a change: something else is a little different.
    Near,
    /// As near, and it does not answer the same twice.
    Random,
}

/// One thing that a function may compute.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The measure with its full convention, or a formula that is none of them.
    pub computes: String,
    /// What was done to the representations before; empty for nothing.
    pub preparation: &'static str,
    /// What was done to the value `s` after: `s` for nothing.
    pub transformation: &'static str,
    /// The first argument plays the role of Y.
    pub swapped: bool,
    /// Greatest relative difference over the pairs.
    pub difference: f64,
    /// What explains that.
    pub agreement: Agreement,
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { computes, preparation, transformation, swapped, difference, .. } = self;
        match *transformation {
            "s" => write!(f, "{computes}{preparation}")?,
            other => write!(f, "{other}, where s is {computes}{preparation}")?,
        }
        if *swapped {
            f.write_str(", with X and Y swapped")?;
        }
        if *difference > SAME {
            write!(f, " (to {difference:.0e})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Identification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.answered < ENOUGH {
            write!(f, "not known: it answered {} of {} pairs", self.answered, self.pairs)?;
            return self.declined.as_ref().map_or(Ok(()), |declined| write!(f, "; {declined}"));
        }
        if let Some(constant) = self.constant {
            return write!(f, "nothing of them: it answers {constant:?} on all {} pairs", self.answered);
        }
        let Some((first, others)) = self.matches.split_first() else {
            write!(f, "none of {} known combinations", self.candidates)?;
            let near = self.nearest.as_ref().filter(|nearest| nearest.difference <= NEARBY);
            return near.map_or(Ok(()), |nearest| write!(f, "; nearest ({:.1e}): {nearest}", nearest.difference));
        };
        write!(f, "{first}")?;
        others.iter().try_for_each(|other| write!(f, ", the same as {other} on these data"))
    }
}

/// A value for each pair; `None` where the candidate has none.
type Values = Vec<Option<f64>>;

/// Finds what a function computes among every convention of a family (the id of a measure, or
/// `all`), of data as they are, uncentered, standardised or scaled to unit examples, and of the
/// value as it is or transformed (1 - s, s^2, ...), in either order of the arguments.
///
/// All pairs that the function answers must agree within 1e-9, relatively; failing that, within
/// what single precision explains.
///
/// ```
/// use similitude::conformance::identify;
/// use similitude::{Measure, Representation};
/// let disparity = Measure::parse("procrustes:form=disparity")?;
/// let found = identify("procrustes", |x, y| disparity.compare(x, y).map(|score| 1.0 - score.value))?;
/// assert_eq!(found.matches[0].transformation, "s^2");
/// assert_eq!(found.matches[0].computes, "procrustes:form=similarity");
/// # Ok::<(), similitude::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownMeasure`] when the family is neither an id of the registry nor `all`.
pub fn identify<R: Into<Reply>>(
    family: &str,
    function: impl Fn(&Representation<'_>, &Representation<'_>) -> R + Send + Sync,
) -> Result<Identification, Error> {
    let ids: Vec<&str> = REGISTRY.iter().map(|entry| entry.spec.id).filter(|id| family == "all" || *id == family).collect();
    if ids.is_empty() {
        let known = REGISTRY.iter().map(|entry| entry.spec.id).chain(["all"]).collect::<Vec<_>>().join(", ");
        return Err(Error::UnknownMeasure { id: family.to_string(), known });
    }
    let function = Function::new(function);
    let pairs = if let [id] = ids[..] { pairs_of(id) } else { telling_pairs() };
    let declined = RefCell::new(None);
    let got = values(&pairs, |x, y| {
        let reply = function.reply(x, y);
        if reply.value().is_none() {
            declined.borrow_mut().get_or_insert_with(|| reply.to_string());
        }
        reply.value()
    });
    let declined = declined.into_inner();
    let constant = got.iter().flatten().next().copied().filter(|first| got.iter().flatten().all(|value| value == first));
    let shapes: Vec<Shape> = pairs.iter().map(shape).collect();
    let answered = got.iter().flatten().count();

    let (mut candidates, mut found) = (0, Vec::<(Match, &Source)>::new());
    for (source, values) in ids.into_iter().flat_map(known) {
        for (name, transform) in TRANSFORMATIONS {
            candidates += 1;
            let transformed: Values =
                values.iter().zip(&shapes).map(|(value, shape)| value.map(|value| transform(value, *shape))).collect();
            if let Some(difference) = difference(&got, &transformed) {
                found.push((source.matched(name, difference), source));
            }
        }
    }
    // The sort is stable: of equals, the one that was listed first, which is the plainest.
    found.sort_by_key(|(found, _)| class(found.difference));
    let best = found.first().map_or(u8::MAX, |(best, _)| class(best.difference));
    if answered < ENOUGH || best > 1 {
        found.sort_by(|(a, _), (b, _)| a.difference.total_cmp(&b.difference));
        let nearest = found.into_iter().next().map(|(nearest, _)| nearest);
        return Ok(Identification { matches: Vec::new(), nearest, answered, pairs: pairs.len(), candidates, declined, constant });
    }
    found.retain(|(found, _)| class(found.difference) == best);
    let mut matches = told_apart(found, &function);
    if best > 0 {
        let agreement = agreement(&function, &pairs);
        matches.iter_mut().for_each(|found| found.agreement = agreement);
    }
    Ok(Identification { matches, nearest: None, answered, pairs: pairs.len(), candidates, declined, constant: None })
}

/// What explains that a function is near a convention and not nearer.
fn agreement(function: &Function<'_>, pairs: &[(Matrix, Matrix)]) -> Agreement {
    let value = |x: &Matrix, y: &Matrix| function.reply(&x.representation("x").ok()?, &y.representation("y").ok()?).value();
    let changed = |matrix: &Matrix, turn: usize| {
        let sign = |i: usize, j: usize| if (i * 7 + j * 3 + turn * 5) % 4 < 2 { 1.0 } else { -1.0 };
        Matrix::from_fn(matrix.n, matrix.p, |i, j| matrix.at(i, j) * (1.0 + UNSEEN * sign(i, j)))
    };
    let mut seen = false;
    for (x, y) in &pairs[..FEW.min(pairs.len())] {
        let Some(before) = value(x, y) else { continue };
        if value(x, y) != Some(before) {
            return Agreement::Random;
        }
        for turn in 0..2 {
            let after = value(&changed(x, turn), &changed(y, turn + 2));
            let moved = after.map_or(f64::INFINITY, |after| (after - before).abs() / before.abs());
            seen |= moved > 0.0 && moved < TIPPED;
        }
    }
    if seen { Agreement::Near } else { Agreement::Single }
}

/// The pairs that tell the conventions of a measure apart. Neighbours, ranks and transport take
/// long on many examples, and nobody takes them in minibatches.
fn pairs_of(id: &str) -> Vec<(Matrix, Matrix)> {
    let listed = REGISTRY.iter().filter(|entry| entry.spec.id == id).flat_map(|entry| entry.spec.conventions);
    let costly = listed.copied().any(|text| Measure::parse(text).is_ok_and(|measure| is_costly(&measure)));
    let count = if costly { FEW } else { usize::MAX };
    telling_pairs().into_iter().take(count).collect()
}

/// 0 for the same, 1 for the same in single precision, 2 for something else.
fn class(difference: f64) -> u8 {
    u8::from(difference > SAME) + u8::from(difference > SINGLE)
}

/// Of several that agree on all pairs, those that also agree on one where ranks are less than
/// widths, if there are such.
fn told_apart(found: Vec<(Match, &Source)>, function: &Function<'_>) -> Vec<Match> {
    let pair = [deficient_pair()];
    let got = values(&pair, |x, y| function.reply(x, y).value());
    let agrees = |(found, source): &(Match, &Source)| {
        let transform = TRANSFORMATIONS.iter().find(|(name, _)| *name == found.transformation).expect("it was tried").1;
        let values: Values = source.values(&pair).into_iter().map(|value| value.map(|value| transform(value, shape(&pair[0])))).collect();
        difference(&got, &values).is_some_and(|difference| class(difference) <= class(found.difference))
    };
    let agreeing: Vec<Match> = found.iter().filter(|found| agrees(found)).map(|(found, _)| found.clone()).collect();
    let mut matches = if agreeing.is_empty() { found.into_iter().map(|(found, _)| found).collect() } else { agreeing };
    // What is the value itself needs no other way to arrive at it.
    if matches.iter().any(Match::plain) {
        matches.retain(Match::plain);
    } else {
        matches.truncate(1);
    }
    matches
}

impl Match {
    pub(super) fn plain(&self) -> bool {
        self.transformation == "s" && self.preparation.is_empty() && !self.swapped
    }

    /// Whether it is this measure of the data as they are; what is refused at the edges is not what
    /// it is recognised by.
    pub fn is(&self, measure: &str) -> bool {
        let named = |text: &str| text.replace(",degenerate=error", "").replace(",degenerate=allow", "");
        self.plain() && named(&self.computes) == named(measure)
    }

    /// The value that it computes on a pair; `None` where it has none.
    pub fn value(&self, x: &Matrix, y: &Matrix) -> Option<f64> {
        let source = match FORMULAS.iter().find(|(_, name, _)| *name == self.computes) {
            Some(&(_, name, formula)) => Source::Formula { name, formula },
            None => Source::Convention {
                measure: Measure::parse(&self.computes).ok()?,
                preparation: *Preparation::ALL.iter().find(|preparation| preparation.as_str() == self.preparation)?,
                swapped: self.swapped,
            },
        };
        let transform = TRANSFORMATIONS.iter().find(|(name, _)| *name == self.transformation)?.1;
        let pair = (x.clone(), y.clone());
        let value = source.values(std::slice::from_ref(&pair)).into_iter().next().flatten()?;
        Some(transform(value, shape(&pair))).filter(|value| value.is_finite())
    }
}

/// Where values come from.
enum Source {
    Convention { measure: Measure, preparation: Preparation, swapped: bool },
    Formula { name: &'static str, formula: Formula },
}

type Known = (Source, Values);

/// Everything that a family may compute with its values on the telling pairs, which do not change:
/// computed once.
fn known(id: &str) -> &'static [Known] {
    static KNOWN: LazyLock<Vec<OnceLock<Vec<Known>>>> = LazyLock::new(|| REGISTRY.iter().map(|_| OnceLock::new()).collect());
    let place = REGISTRY.iter().position(|entry| entry.spec.id == id).expect("the id is one of the registry");
    KNOWN[place].get_or_init(|| {
        let pairs = pairs_of(id);
        sources(id)
            .into_iter()
            .map(|source| {
                let values = source.values(&pairs);
                (source, values)
            })
            .collect()
    })
}

/// Everything that a family may compute, the plainest first.
fn sources(id: &str) -> Vec<Source> {
    let conventions = conventions_of(id);
    let mut sources = Vec::new();
    for preparation in Preparation::ALL {
        for swapped in [false, true] {
            for measure in conventions.iter().filter(|measure| preparation.applies_to(measure)) {
                let symmetric = measure.properties().symmetry == crate::claims::Claim::Holds;
                if !(swapped && symmetric) {
                    sources.push(Source::Convention { measure: measure.clone(), preparation, swapped });
                }
            }
        }
        if preparation == Preparation::Nothing {
            let formulas = FORMULAS.iter().filter(|(family, _, _)| *family == id);
            sources.extend(formulas.map(|(_, name, formula)| Source::Formula { name, formula: *formula }));
        }
    }
    sources
}

impl Source {
    fn values(&self, pairs: &[(Matrix, Matrix)]) -> Values {
        match self {
            Source::Convention { measure, preparation, swapped } => {
                let prepared: Vec<(Matrix, Matrix)> = pairs.iter().map(|(x, y)| (preparation.apply(x), preparation.apply(y))).collect();
                values(&prepared, |x, y| {
                    let (x, y) = if *swapped { (y, x) } else { (x, y) };
                    measure.compare(x, y).ok().map(|score| score.value)
                })
            }
            Source::Formula { formula, .. } => pairs.iter().map(|(x, y)| formula(x, y)).collect(),
        }
    }

    fn matched(&self, transformation: &'static str, difference: f64) -> Match {
        match self {
            Source::Convention { measure, preparation, swapped } => {
                let (computes, preparation) = (measure.to_string(), preparation.as_str());
                Match { computes, preparation, transformation, swapped: *swapped, difference, agreement: Agreement::Double }
            }
            Source::Formula { name, .. } => {
                let computes = (*name).to_string();
                Match { computes, preparation: "", transformation, swapped: false, difference, agreement: Agreement::Double }
            }
        }
    }
}

fn values(pairs: &[(Matrix, Matrix)], value: impl Fn(&Representation<'_>, &Representation<'_>) -> Option<f64>) -> Values {
    let one =
        |(x, y): &(Matrix, Matrix)| value(&x.representation("x").ok()?, &y.representation("y").ok()?).filter(|value| value.is_finite());
    pairs.iter().map(one).collect()
}

fn shape((x, y): &(Matrix, Matrix)) -> Shape {
    Shape { n: x.n as f64, p1: x.p as f64, p2: y.p as f64 }
}

/// Greatest relative difference over the pairs that were answered; `None` where the candidate has
/// no value on one of them.
fn difference(got: &Values, candidate: &Values) -> Option<f64> {
    let mut worst = None;
    for (got, candidate) in got.iter().zip(candidate) {
        let Some(got) = got else { continue };
        let candidate = candidate.filter(|value| value.is_finite())?;
        let apart = if *got == candidate { 0.0 } else { (got - candidate).abs() / got.abs().max(candidate.abs()) };
        worst = Some(apart.max(worst.unwrap_or(0.0)));
    }
    worst
}
