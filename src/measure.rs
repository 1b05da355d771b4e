//! A measure: the trait that a file in `measures/` implements, and the handle on both of its paths.

mod checks;

use std::fmt;
use std::sync::Arc;

use crate::arrays::neurons::StoredNeurons;
use crate::claims::{Properties, Range};
use crate::convention::{Convention, canonical};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::linalg::wide::is_wide;
use crate::needs::{Needs, SinglePrecision};
use crate::precision::Precision;
use crate::prepared::between::InnerProducts;
use crate::prepared::layer::{Given, Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::representation::{Entries, Representation};
use crate::score::Score;
use crate::spec::Spec;
use crate::tolerance::single_rounding;
use crate::undefined::Undefined;

/// A measure with its options: what a file in `measures/` implements. The fast path.
pub trait Definition: fmt::Debug + Send + Sync + 'static {
    /// What is fixed.
    fn spec(&self) -> &'static Spec;
    /// Every key with its value, defaults included.
    fn convention(&self) -> Convention;
    /// The same where dissimilarities of both sides are given, and a key that says how they are
    /// computed says so instead.
    fn convention_of_dissimilarities(&self) -> Convention {
        self.convention()
    }
    /// The range where dissimilarities of a side are given: they need not be of negative type.
    fn range_of_dissimilarities(&self) -> Range {
        self.properties().range
    }
    /// Range, direction, axioms and invariances under these options.
    fn properties(&self) -> Properties;
    /// What is computed of a representation that will be compared with these partners (or with
    /// any), and of such pairs.
    fn needs(&self, partners: Option<Partners>) -> Needs;
    /// Computes, once per representation, what every later comparison needs; whatever it leaves out
    /// is computed at the first comparison.
    ///
    /// # Errors
    /// Those that concern one representation alone.
    fn prepare(&self, x: &Prepared) -> Result<(), Error>;
    /// Compares two prepared representations.
    ///
    /// # Errors
    /// Undefined, degenerate, not representable, not converged.
    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error>;
    /// The value of a pair as inner products of matrices between examples times what a permutation
    /// of the examples does not change, where it is that: then
    /// inference permutes at the cost of an inner product, and knows the
    /// moments over all permutations. None where it is not.
    ///
    /// # Errors
    /// As [`Definition::compare`].
    fn inner_products(&self, _pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        Ok(None)
    }
    /// The mean dissimilarities of several representations, each in the unit in which they are
    /// compared, as given ones. None where none are compared, whatever they are of.
    ///
    /// # Errors
    /// Those of the dissimilarities of one representation; that there is none.
    fn mean_dissimilarities(&self, _of: &[&Prepared]) -> Result<Option<Representation<'static>>, Error> {
        Ok(None)
    }
}

/// The answer of the fast path: the value, how far it may be off, and what it saw on the way.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// The value.
    pub value: f64,
    /// |error of the value| <= c(n, p) * eps * condition, where c and eps are in
    /// [`crate::tolerance`]; absolute, not relative.
    pub condition: f64,
    /// The same for what products in f32 add to it, with c and eps for these; none where all
    /// products were in f64.
    pub single_condition: Option<f64>,
    /// Of a step function (neighbours, ranks, assignments): how far the value may be off because
    /// rounding leaves some comparisons undecided. 0 where all are decided: then the value is exact
    /// but for the other terms.
    pub undecided: f64,
    /// |value - exact value for these very numbers| <= c(n, p) eps error, where that is known to be
    /// less than the condition.
    pub error: Option<f64>,
    /// Of a step function: the relative change of a representation, in the norm of its centered
    /// features, below which no comparison is decided the other way. None for a value that is
    /// smooth.
    pub margin: Option<f64>,
    /// Of a value that is drawn at random: its standard error.
    pub standard_error: Option<f64>,
    /// Ranks, kept dimensions, bandwidths, ...
    pub diagnostics: Diagnostics,
}

/// A measure with its options and both of its paths.
///
/// ```
/// use similitude::{Measure, Representation};
/// let x = Representation::from_row_major("x", 4, 2, vec![1., 0., 0., 1., -1., 0., 0., -1.])?;
/// let y = Representation::from_row_major("y", 4, 1, vec![2., 0., -2., 0.])?;
/// let score = Measure::parse("cka")?.compare(&x, &y)?;
/// assert_eq!(score.measure, "cka:kernel=linear,estimator=biased");
/// assert!((score.value - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), similitude::Error>(())
/// ```
#[derive(Clone)]
pub struct Measure {
    definition: Arc<dyn Definition>,
    /// With its full convention: every score says it.
    text: Arc<str>,
    reference: Option<Arc<ReferencePath>>,
}

/// The reference path of a measure: the value, or why the formula has none.
type ReferencePath = dyn Fn(&Representation<'_>, &Representation<'_>) -> Result<f64, Undefined> + Send + Sync;

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Measure").field(&self.to_string()).finish()
    }
}

/// The measure with its full convention, which [`Measure::parse`] reads back.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Does some work on a thread of rayon's pool. From outside, each product of a comparison would
/// send its caller to sleep and wake it again, and a processor that has gone idle meanwhile takes
/// milliseconds to come back on a virtual machine.
fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    // Small comparisons notice what a scope takes.
    if rayon::current_thread_index().is_some() { work() } else { rayon::scope(|_| work()) }
}

impl Measure {
    /// A measure with these options, without a reference path.
    pub fn new(options: impl Definition) -> Self {
        let text = canonical(options.spec().id, &options.convention()).into();
        Self { definition: Arc::new(options), text, reference: None }
    }

    /// The measure with its reference path: a textbook formula that shares nothing with the
    /// definition.
    pub fn with_reference(
        mut self,
        reference: impl Fn(&Representation<'_>, &Representation<'_>) -> Result<f64, Undefined> + Send + Sync + 'static,
    ) -> Self {
        self.reference = Some(Arc::new(reference));
        self
    }

    /// What is fixed about the measure.
    pub fn spec(&self) -> &'static Spec {
        self.definition.spec()
    }

    /// Every key with its value, defaults included.
    pub fn convention(&self) -> Convention {
        self.definition.convention()
    }

    /// Range, direction, axioms and invariances under these options.
    pub fn properties(&self) -> Properties {
        self.definition.properties()
    }

    /// Prepares a representation for this measure: the part that is done once per layer.
    ///
    /// # Errors
    /// Those that concern one representation alone.
    pub fn prepare(&self, x: &Representation<'_>) -> Result<Prepared, Error> {
        in_pool(|| {
            let prepared = Self::in_full(std::slice::from_ref(self), x);
            self.precompute(&prepared)?;
            Ok(prepared)
        })
    }

    /// Prepares a representation for these measures, with their large products in this precision,
    /// and for these partners: what they need of it, and no more. In single precision that may be
    /// the features rounded to f32 alone, half the memory of the features themselves. Any other
    /// measure that needs more refuses it by [`Error::NotPrepared`].
    pub fn prepare_for(measures: &[Self], x: &Representation<'_>, precision: Precision, partners: Partners) -> Prepared {
        let uncentered = measures.iter().any(Self::uncentered);
        let prepared = in_pool(|| {
            if is_wide((x.n(), x.p())) {
                Self::in_full(measures, x).with_precision(precision)
            } else if Self::need_products_alone(measures, (x.n(), x.p()), precision, partners.widest) {
                Prepared::rounded(x)
            } else if precision == Precision::Single && Self::need_rounded_features(measures) {
                Self::with_differences(measures, x, Prepared::in_both(x, uncentered))
            } else {
                Self::in_full(measures, x).with_precision(precision)
            }
        });
        prepared.with_partners(partners)
    }

    /// A representation with the features that these measures look at.
    fn in_full(measures: &[Self], x: &Representation<'_>) -> Prepared {
        match x.entries() {
            Entries::Examples => {}
            Entries::Kernel => return Prepared::of_gram(x),
            Entries::Dissimilarities => return Prepared::of_dissimilarities(x),
        }
        Self::with_differences(measures, x, Prepared::new(x, measures.iter().any(Self::uncentered)))
    }

    fn with_differences(measures: &[Self], x: &Representation<'_>, prepared: Prepared) -> Prepared {
        let of_distances = |measure: &Self| measure.needs(None).kernel.is_some_and(|(kernel, _)| kernel.is_of_distances());
        if measures.iter().any(of_distances) { prepared.with_differences(x) } else { prepared }
    }

    /// Prepares a representation wider than its examples, n x p, that is read in blocks of neurons,
    /// for these measures.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`]; [`Error::NotPrepared`] for a measure that needs
    /// all neurons in memory.
    pub fn prepare_stored(
        measures: &[Self],
        name: &str,
        shape: (usize, usize),
        source: &Arc<dyn StoredNeurons>,
    ) -> Result<Prepared, Error> {
        if measures.iter().any(|measure| measure.needs(None).neurons) {
            return Err(Error::NotPrepared { name: name.to_string(), what: "all of its neurons in memory" });
        }
        in_pool(|| Prepared::stored(name, shape, source, measures.iter().any(Self::uncentered)))
    }

    /// Whether single precision, where it is asked for, changes any product
    /// ([`Precision::Single`]).
    pub fn supports_single(&self) -> bool {
        self.needs(None).single != SinglePrecision::Never
    }

    /// Its text where dissimilarities of both sides are given instead of examples.
    pub fn of_dissimilarities(&self) -> String {
        canonical(self.spec().id, &self.definition.convention_of_dissimilarities())
    }

    /// Computes what this measure needs of a representation that several measures share.
    ///
    /// # Errors
    /// Those that concern one representation alone.
    pub fn precompute(&self, x: &Prepared) -> Result<(), Error> {
        self.check_prepared(x, x.partners().map_or(x.p(), |partners| partners.widest))?;
        self.definition.prepare(x)
    }

    /// True when the measure looks at the features without centering them, so that
    /// [`Prepared::new`] must keep them.
    pub fn uncentered(&self) -> bool {
        self.definition.needs(None).uncentered
    }

    /// What is computed of a representation that will be compared with these partners (or with
    /// any), and of such pairs.
    pub fn needs(&self, partners: Option<Partners>) -> Needs {
        self.definition.needs(partners)
    }

    /// Compares two representations by the fast path.
    ///
    /// # Errors
    /// [`Error::ExamplesDiffer`], and whatever makes the measure undefined or degenerate on these
    /// data.
    pub fn compare(&self, x: &Representation<'_>, y: &Representation<'_>) -> Result<Score, Error> {
        let prepared = |side| Self::in_full(std::slice::from_ref(self), side);
        in_pool(|| {
            let (x, y) = rayon::join(|| prepared(x), || prepared(y));
            self.compare_prepared(&x, &y)
        })
    }

    /// Compares two prepared representations by the fast path.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn compare_prepared(&self, x: &Prepared, y: &Prepared) -> Result<Score, Error> {
        self.compare_pair(&Pair::new(x, y)?)
    }

    /// Compares a pair whose common quantities (cross products, canonical correlations) several
    /// measures share.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn compare_pair(&self, pair: &Pair<'_>) -> Result<Score, Error> {
        let properties = self.properties();
        let given = [("given_x", pair.x().given()), ("given_y", pair.y().given())];
        let name = match given {
            [(_, Some(Given::Dissimilarities)), (_, Some(Given::Dissimilarities))] => self.of_dissimilarities(),
            _ => self.to_string(),
        };
        if pair.n() < properties.minimum_examples {
            return Err(Error::TooFewExamples { subject: name, n: pair.n(), needed: properties.minimum_examples });
        }
        self.check_prepared(pair.x(), pair.y().p())?;
        self.check_prepared(pair.y(), pair.x().p())?;
        let mut outcome = in_pool(|| self.definition.compare(pair)).map_err(|error| error.of_measure(&name))?;
        let by_factor = pair.is_of_factor();
        if by_factor {
            // It is the factor of representations that are off by as much as what is computed of
            // them ([`crate::tolerance`]).
            (outcome.condition, outcome.error) = (2.0 * outcome.condition, None);
        }
        let of_double = pair.unit() * outcome.error.unwrap_or(outcome.condition);
        let of_single = outcome.single_condition.map_or(0.0, |condition| single_rounding(pair.n()) * condition);
        let bound = of_double + of_single + outcome.undecided;
        let rank_margin = self.rank_margin(pair, &outcome.diagnostics);
        let is_given = given.iter().any(|(_, given)| *given == Some(Given::Dissimilarities));
        let range = if is_given { self.definition.range_of_dissimilarities() } else { properties.range };
        let (value, bound) = range.admit(&name, outcome.value, bound)?;
        let mut diagnostics = outcome.diagnostics.number("condition", outcome.condition).number("error_bound", bound);
        let others = [
            ("rank_margin", rank_margin),
            ("undecided", (outcome.undecided > 0.0).then_some(outcome.undecided)),
            ("margin", outcome.margin),
            ("standard_error", outcome.standard_error),
        ];
        for (name, value) in others {
            diagnostics = value.into_iter().fold(diagnostics, |diagnostics, value| diagnostics.number(name, value));
        }
        for (name, given) in given {
            diagnostics = given.into_iter().fold(diagnostics, |diagnostics, given| diagnostics.text(name, given.words()));
        }
        if by_factor {
            diagnostics = diagnostics.text("space", "triangular factor");
        }
        if outcome.single_condition.is_some() {
            diagnostics = diagnostics.text("precision", Precision::Single.as_str());
        }
        Ok(Score {
            measure: name,
            value,
            direction: properties.direction,
            x: pair.x().name().to_string(),
            y: pair.y().name().to_string(),
            n: pair.n(),
            p1: pair.x().p(),
            p2: pair.y().p(),
            diagnostics,
            version: env!("CARGO_PKG_VERSION"),
        })
    }

    /// The value of a pair as inner products of matrices between examples, where it is that
    /// ([`Definition::inner_products`]).
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        self.check_prepared(pair.x(), pair.y().p())?;
        self.check_prepared(pair.y(), pair.x().p())?;
        for side in [pair.x(), pair.y()] {
            if side.centered().is_rounded_alone() {
                return Err(side.lacks("its features in double precision"));
            }
        }
        in_pool(|| self.definition.inner_products(pair)).map_err(|error| error.of_measure(&self.to_string()))
    }

    /// The mean dissimilarities of representations ([`Definition::mean_dissimilarities`]).
    ///
    /// # Errors
    /// Those of the dissimilarities of one representation; that there is none.
    pub fn mean_dissimilarities(&self, of: &[&Prepared]) -> Result<Option<Representation<'static>>, Error> {
        self.definition.mean_dissimilarities(of).map_err(|error| error.of_measure(&self.to_string()))
    }

    /// The value by the reference path: the textbook formula, slow and short.
    ///
    /// # Errors
    /// [`Undefined`], where the formula has no value or the measure no reference path.
    pub fn reference(&self, x: &Representation<'_>, y: &Representation<'_>) -> Result<f64, Undefined> {
        self.reference.as_ref().map_or(Err(Undefined::NoReference), |reference| reference(x, y))
    }
}
