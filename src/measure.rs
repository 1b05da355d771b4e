//! The vocabulary as data: what a measure is called, what it claims, and what it answers.

use std::fmt;
use std::sync::Arc;

use nalgebra::DMatrix;

use crate::arrays::neurons::StoredNeurons;
use crate::claims::Properties;
use crate::convention::{Convention, canonical};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::linalg::wide::is_wide;
use crate::needs::Needs;
use crate::precision::Precision;
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::representation::Representation;
use crate::score::Score;
use crate::spec::Spec;
use crate::tolerance::{rounding, single_rounding};
use crate::undefined::Undefined;

/// A measure with its options: what a file in `measures/` implements. The fast path.
pub trait Definition: fmt::Debug + Clone + Send + Sync + 'static {
    /// What is fixed.
    fn spec(&self) -> &'static Spec;
    /// Every key with its value, defaults included.
    fn convention(&self) -> Convention;
    /// Range, direction, axioms and invariances under these options.
    fn properties(&self) -> Properties;
    /// What is computed of a representation that will be compared with these partners (or with any), and of such pairs.
    fn needs(&self, partners: Option<Partners>) -> Needs;
    /// True when, with large products in single precision, comparisons of a representation of this shape with others of at most `widest` neurons need
    /// nothing of it but the products of its features.
    fn products_alone(&self, shape: (usize, usize), widest: usize) -> bool {
        let _ = (shape, widest);
        false
    }
    /// True when single precision, where it is asked for, changes any product.
    fn has_single_form(&self) -> bool {
        false
    }
    /// True when these are products of the features rounded to f32.
    fn rounded_features(&self) -> bool {
        self.has_single_form()
    }
    /// Computes, once per representation, what every later comparison needs; whatever it leaves out is computed at the first comparison.
    ///
    /// # Errors
    /// Those that concern one representation alone.
    fn prepare(&self, x: &Prepared) -> Result<(), Error>;
    /// Compares two prepared representations.
    ///
    /// # Errors
    /// Undefined, degenerate, not representable, not converged.
    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error>;
}

/// What the fast path answers: the value, and what it saw on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The value.
    pub value: f64,
    /// |error of the value| <= c(n, p) * eps * condition, where c and eps are in [`crate::tolerance`]; absolute, not relative.
    pub condition: f64,
    /// The same for what products in f32 add to it, with c and eps for these; none where all products were in f64.
    pub single_condition: Option<f64>,
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
    paths: Arc<dyn Paths>,
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Measure").field(&self.to_string()).finish()
    }
}

/// The measure with its full convention, which [`Measure::parse`] reads back.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&canonical(self.spec().id, &self.convention()))
    }
}

/// A definition and the reference that belongs to it, behind one pointer.
trait Paths: Send + Sync {
    fn spec(&self) -> &'static Spec;
    fn convention(&self) -> Convention;
    fn properties(&self) -> Properties;
    fn needs(&self, partners: Option<Partners>) -> Needs;
    fn products_alone(&self, shape: (usize, usize), widest: usize) -> bool;
    fn has_single_form(&self) -> bool;
    fn rounded_features(&self) -> bool;
    fn prepare(&self, x: &Prepared) -> Result<(), Error>;
    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error>;
    fn reference(&self, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined>;
}

/// The reference path of a measure with options `O`: a textbook formula on nalgebra matrices (n x p1, n x p2).
pub type Reference<O> = fn(&O, &DMatrix<f64>, &DMatrix<f64>) -> Result<f64, Undefined>;

struct Both<O> {
    options: O,
    reference: Reference<O>,
}

impl<O: Definition> Paths for Both<O> {
    fn spec(&self) -> &'static Spec {
        self.options.spec()
    }
    fn convention(&self) -> Convention {
        self.options.convention()
    }
    fn properties(&self) -> Properties {
        self.options.properties()
    }
    fn needs(&self, partners: Option<Partners>) -> Needs {
        self.options.needs(partners)
    }
    fn products_alone(&self, shape: (usize, usize), widest: usize) -> bool {
        self.options.products_alone(shape, widest)
    }
    fn has_single_form(&self) -> bool {
        self.options.has_single_form()
    }
    fn rounded_features(&self) -> bool {
        self.options.rounded_features()
    }
    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        self.options.prepare(x)
    }
    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        self.options.compare(pair)
    }
    fn reference(&self, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
        (self.reference)(&self.options, x, y)
    }
}

/// Does some work on a thread of rayon's pool. From outside, each product of a comparison would send its caller to sleep and wake it again, and a processor that has gone idle meanwhile
/// takes milliseconds to come back on a virtual machine.
fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}

impl Measure {
    /// Ties the options of a measure to its reference.
    pub fn new<O: Definition>(options: O, reference: Reference<O>) -> Self {
        Self { paths: Arc::new(Both { options, reference }) }
    }

    /// What is fixed about the measure.
    pub fn spec(&self) -> &'static Spec {
        self.paths.spec()
    }

    /// Every key with its value, defaults included.
    pub fn convention(&self) -> Convention {
        self.paths.convention()
    }

    /// Range, direction, axioms and invariances under these options.
    pub fn properties(&self) -> Properties {
        self.paths.properties()
    }

    /// Prepares a representation for this measure: the part that is done once per layer.
    ///
    /// # Errors
    /// Those that concern one representation alone.
    pub fn prepare(&self, x: &Representation<'_>) -> Result<Prepared, Error> {
        in_pool(|| {
            let prepared = Prepared::new(x, self.uncentered());
            self.warm(&prepared)?;
            Ok(prepared)
        })
    }

    /// Prepares a representation for these measures, with their large products in this precision, and for these partners: what they need of it, and no more.
    /// In single precision that may be the features rounded to f32 alone, half the memory of the features themselves.
    ///
    /// What is prepared so is for these measures and partners; others may panic.
    pub fn prepare_for(measures: &[Self], x: &Representation<'_>, precision: Precision, partners: Partners) -> Prepared {
        let prepared = in_pool(|| {
            if is_wide((x.n(), x.p())) {
                Prepared::new(x, measures.iter().any(Self::uncentered)).with_precision(precision)
            } else if Self::need_products_alone(measures, (x.n(), x.p()), precision, partners.widest) {
                Prepared::rounded(x)
            } else if precision == Precision::Single && Self::need_rounded_features(measures) {
                Prepared::in_both(x, measures.iter().any(Self::uncentered))
            } else {
                Prepared::new(x, measures.iter().any(Self::uncentered)).with_precision(precision)
            }
        });
        prepared.with_partners(partners)
    }

    /// Prepares a representation wider than its examples, n x p, that is read in blocks of neurons, for these measures.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`].
    pub fn prepare_stored(
        measures: &[Self],
        name: &str,
        shape: (usize, usize),
        source: &Arc<dyn StoredNeurons>,
    ) -> Result<Prepared, Error> {
        in_pool(|| Prepared::stored(name, shape, source, measures.iter().any(Self::uncentered)))
    }

    /// Whether [`Measure::prepare_for`] keeps nothing but the features rounded to f32.
    pub(crate) fn need_products_alone(measures: &[Self], shape: (usize, usize), precision: Precision, widest: usize) -> bool {
        precision == Precision::Single && measures.iter().all(|measure| measure.paths.products_alone(shape, widest))
    }

    /// Whether products in single precision look at the features rounded to f32.
    pub(crate) fn need_rounded_features(measures: &[Self]) -> bool {
        measures.iter().any(|measure| measure.paths.rounded_features())
    }

    /// True when single precision, where it is asked for, changes any product ([`Precision::Single`]).
    pub fn has_single_form(&self) -> bool {
        self.paths.has_single_form()
    }

    /// Computes what this measure needs of a representation that several measures share.
    ///
    /// # Errors
    /// Those that concern one representation alone.
    pub fn warm(&self, x: &Prepared) -> Result<(), Error> {
        self.paths.prepare(x)
    }

    /// True when the measure looks at the features without centering them, so that [`Prepared::new`] must keep them.
    pub fn uncentered(&self) -> bool {
        self.paths.needs(None).uncentered
    }

    /// What is computed of a representation that will be compared with these partners (or with any), and of such pairs.
    pub fn needs(&self, partners: Option<Partners>) -> Needs {
        self.paths.needs(partners)
    }

    /// Compares two representations by the fast path.
    ///
    /// # Errors
    /// [`Error::ExamplesDiffer`], and whatever makes the measure undefined or degenerate on these data.
    pub fn compare(&self, x: &Representation<'_>, y: &Representation<'_>) -> Result<Score, Error> {
        let prepared = |side| Prepared::new(side, self.uncentered());
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

    /// Compares a pair whose common quantities (cross products, canonical correlations) several measures share.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn compare_pair(&self, pair: &Pair<'_>) -> Result<Score, Error> {
        let properties = self.properties();
        let name = self.to_string();
        if pair.n() < properties.minimum_examples {
            return Err(Error::TooFewExamples { subject: name, n: pair.n(), needed: properties.minimum_examples });
        }
        let outcome = in_pool(|| self.paths.compare(pair)).map_err(|error| error.of_measure(&name))?;
        let of_double = rounding(pair.n(), pair.x().p().max(pair.y().p())) * outcome.condition;
        let bound = of_double + outcome.single_condition.map_or(0.0, |condition| single_rounding(pair.n()) * condition);
        let mut diagnostics = outcome.diagnostics.number("condition", outcome.condition).number("error_bound", bound);
        if outcome.single_condition.is_some() {
            diagnostics = diagnostics.text("precision", Precision::Single.as_str());
        }
        let value = properties.range.admit(&name, outcome.value, bound)?;
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

    /// The same value by the reference path: the textbook formula on nalgebra, slow and short.
    ///
    /// # Errors
    /// [`Undefined`], where the formula has no value.
    pub fn reference(&self, x: &Representation<'_>, y: &Representation<'_>) -> Result<f64, Undefined> {
        let matrix = |r: &Representation<'_>| DMatrix::from_fn(r.n(), r.p(), |row, column| r.view()[(row, column)]);
        self.paths.reference(&matrix(x), &matrix(y))
    }
}
