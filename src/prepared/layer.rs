//! A prepared representation: everything that is computed once per layer, however many layers it
//! meets.

use std::any::Any;
use std::sync::Arc;

use faer::Mat;

use crate::arrays::neurons::{Stored, StoredNeurons};
use crate::arrays::scale::{factors, largest_magnitude};
use crate::error::{Error, GivenError, OfPositions};
use crate::gram::kernel_matrix::{KernelMatrix, KernelStorage};
use crate::kernel::{Center, Centering, Kernel};
use crate::linalg::features::Features;
use crate::positions::Positions;
use crate::precision::Precision;
use crate::prepared::artifacts::Artifacts;
use crate::representation::{Representation, is_positive, least_and_largest};

/// What a representation will be compared with, so that
/// [`Measure::precompute`](crate::Measure::precompute) computes what these comparisons need, and
/// nothing else. Where it is not said, what only some comparisons need is computed by the first of
/// them; two that run at once may then both compute it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partners {
    /// The least number of neurons among them: linear measures compare neurons or examples,
    /// whichever are fewer.
    pub narrowest: usize,
    /// The largest.
    pub widest: usize,
    /// Whether the representation will be X.
    pub as_x: bool,
    /// Whether it will be Y.
    pub as_y: bool,
}

impl Partners {
    /// No partner yet.
    pub(crate) const NONE: Self = Self { narrowest: usize::MAX, widest: 0, as_x: false, as_y: false };

    /// One more, of this many neurons, to which the representation will be X or Y.
    pub(crate) fn add(&mut self, neurons: usize, as_x: bool) {
        self.narrowest = self.narrowest.min(neurons);
        self.widest = self.widest.max(neurons);
        self.as_x |= as_x;
        self.as_y |= !as_x;
    }
}

/// One representation, centered, with the quantities that measures share, each computed when first
/// asked for and kept.
#[derive(Debug)]
pub struct Prepared {
    name: String,
    centered: Features,
    uncentered: Option<Features>,
    keeping: KernelStorage,
    partners: Option<Partners>,
    from_factor: bool,
    positions: Positions,
    artifacts: Artifacts,
}

/// What stands for examples that are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// A kernel between them.
    Kernel,
    /// Their dissimilarities.
    Dissimilarities,
}

impl Given {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Kernel => "kernel matrix",
            Self::Dissimilarities => "dissimilarities",
        }
    }
}

/// That given dissimilarities are of negative type.
struct Positive;

impl Prepared {
    /// Centers a representation; `keep_uncentered` keeps the features as they are too, for measures
    /// that do not center ([`crate::Measure::uncentered`]).
    pub fn new(representation: &Representation<'_>, keep_uncentered: bool) -> Self {
        let features = |centered| Features::of(representation.view(), representation.largest(), centered);
        Self::of(representation, features(true), keep_uncentered.then(|| features(false)))
    }

    /// What products in single precision need of a representation, and nothing else.
    pub(crate) fn rounded(representation: &Representation<'_>) -> Self {
        Self::of(representation, Features::rounded(representation.view(), representation.largest()), None)
    }

    /// As [`Prepared::new`] for single precision, with the features rounded too.
    pub(crate) fn in_both(representation: &Representation<'_>, keep_uncentered: bool) -> Self {
        let (view, largest) = (representation.view(), representation.largest());
        Self::of(representation, Features::in_both(view, largest), keep_uncentered.then(|| Features::of(view, largest, false)))
    }

    /// Prepares a representation wider than its examples, n x p, that is read in blocks of neurons:
    /// what is kept of it are n x n matrices.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`].
    pub(crate) fn stored(name: &str, shape: (usize, usize), source: &Arc<dyn StoredNeurons>, keep_uncentered: bool) -> Result<Self, Error> {
        let features = |is_centered| Features::stored(Stored { source: Arc::clone(source), name: name.to_string(), shape, is_centered });
        Ok(Self::named(name, features(true)?, keep_uncentered.then(|| features(false)).transpose()?))
    }

    fn of(representation: &Representation<'_>, centered: Features, uncentered: Option<Features>) -> Self {
        Self { positions: representation.positions(), ..Self::named(representation.name(), centered, uncentered) }
    }

    fn named(name: &str, centered: Features, uncentered: Option<Features>) -> Self {
        Self {
            name: name.to_string(),
            centered,
            uncentered,
            keeping: KernelStorage::KEPT,
            partners: None,
            from_factor: false,
            positions: Positions::None,
            artifacts: Artifacts::default(),
        }
    }

    /// A representation of which a factor of its inner products between neurons was gathered
    /// instead of its examples ([`Features::of_factor`]): nothing between examples follows from it.
    pub(crate) fn of_factor(name: &str, centered: Features, uncentered: Option<Features>) -> Self {
        Self { from_factor: true, ..Self::named(name, centered, uncentered) }
    }

    /// A matrix between examples ([`Representation::into_gram`]).
    pub(crate) fn of_gram(representation: &Representation<'_>) -> Self {
        Self::named(representation.name(), Features::of_gram(representation.view(), representation.largest()), None)
    }

    /// Dissimilarities of examples ([`Representation::into_rdm`]).
    pub(crate) fn of_dissimilarities(representation: &Representation<'_>) -> Self {
        Self::named(representation.name(), Features::of_dissimilarities(representation.view(), representation.largest()), None)
    }

    /// How many rows an example has.
    pub fn positions(&self) -> Positions {
        self.positions
    }

    /// Asks that rows are examples, and no positions of them.
    ///
    /// # Errors
    /// [`Error::OfPositions`].
    pub(crate) fn require_examples(&self) -> Result<(), Error> {
        let refused = || Error::OfPositions(OfPositions { name: self.name.clone(), n: self.n() });
        if self.positions == Positions::None { Ok(()) } else { Err(refused()) }
    }

    /// What stands between the examples, where that is all that is given.
    pub(crate) fn given(&self) -> Option<Given> {
        self.centered.has_no_neurons().then(|| match self.centered.dissimilarities() {
            Some(_) => Given::Dissimilarities,
            None => Given::Kernel,
        })
    }

    /// Asks of given dissimilarities D that the kernel -D^power, centered, is positive
    /// semidefinite, as far as entries in single precision tell. Costs n^3 / 3, once.
    ///
    /// # Errors
    /// `refused` of its least and its largest eigenvalue.
    pub(crate) fn require_negative_type(&self, power: i32, refused: impl Fn(f64, f64) -> GivenError) -> Result<(), Error> {
        let Some(given) = self.centered.dissimilarities() else { return Ok(()) };
        let compute = || {
            let n = self.n();
            let kernel = Mat::from_fn(n, n, |row, column| -given.get(row, column).powi(power));
            let largest = largest_magnitude(kernel.as_ref());
            if is_positive(kernel.as_ref(), largest) {
                return Ok(Positive);
            }
            let (least, most) = least_and_largest(kernel.as_ref()).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
            // In the units of D^power.
            let (a, b) = factors((self.centered.exponent() * i64::from(power)).clamp(-2000, 2000));
            let half = if power == 2 { 0.5 } else { 1.0 };
            Err(Error::Given(refused(least * half * a * b, most * half * a * b)))
        };
        self.artifact(&format!("negative type {power}"), compute).map(|_| ())
    }

    /// Whether a factor stands for the examples.
    pub(crate) fn is_of_factor(&self) -> bool {
        self.from_factor
    }

    /// The same with the entries of the representation as they stand, where distances between its
    /// examples lose digits without them.
    pub(crate) fn with_differences(mut self, representation: &Representation<'_>) -> Self {
        self.centered = self.centered.with_differences(representation.view());
        self
    }

    /// The same with the large products in this precision.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.centered = self.centered.with_precision(precision);
        self
    }

    /// The same, to be compared with these.
    pub fn with_partners(mut self, partners: Partners) -> Self {
        self.partners = Some(partners);
        self
    }

    /// What it will be compared with, where that is known.
    pub(crate) fn partners(&self) -> Option<Partners> {
        self.partners
    }

    /// The same with the entries of its kernel matrices kept, or computed again for each
    /// comparison: in little memory, and for the same bits.
    pub(crate) fn with_kernel_storage(mut self, keeping: KernelStorage) -> Self {
        self.keeping = keeping;
        self
    }

    /// The representation's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of examples.
    pub fn n(&self) -> usize {
        self.centered.n()
    }

    /// Number of neurons.
    pub fn p(&self) -> usize {
        self.centered.p()
    }

    /// The centered features.
    pub fn centered(&self) -> &Features {
        &self.centered
    }

    /// The features as they are.
    ///
    /// # Errors
    /// [`Error::NotPrepared`] when the representation was prepared without them.
    pub fn uncentered(&self) -> Result<&Features, Error> {
        self.uncentered.as_ref().ok_or_else(|| self.lacks("the features as they are, not centered"))
    }

    /// What is missing for a measure that it was not prepared for.
    pub(crate) fn lacks(&self, what: &'static str) -> Error {
        Error::NotPrepared { name: self.name.clone(), what }
    }

    /// The centered features.
    ///
    /// # Errors
    /// [`Error::Constant`] when they are 0.
    pub(crate) fn nonconstant(&self) -> Result<&Features, Error> {
        self.not_zero(&self.centered)
    }

    /// The same features.
    ///
    /// # Errors
    /// [`Error::Constant`] when they are 0.
    pub(crate) fn not_zero<'a>(&self, features: &'a Features) -> Result<&'a Features, Error> {
        if features.dissimilarities().is_some() && features.is_zero() {
            return Err(Error::ConstantDissimilarities { name: self.name.clone(), pairs: self.n() * (self.n() - 1) / 2 });
        }
        if features.is_zero() {
            return Err(Error::Constant { name: self.name.clone(), n: self.n(), p: self.p() });
        }
        Ok(features)
    }

    /// The features whose inner products a kernel is of: centered ones, to which a polynomial adds
    /// the mean.
    ///
    /// # Errors
    /// As [`Prepared::uncentered`].
    pub(crate) fn of_kernel(&self, kernel: Kernel) -> Result<&Features, Error> {
        if matches!(kernel, Kernel::Cosine { center: Center::No }) { self.uncentered() } else { Ok(&self.centered) }
    }

    /// The n x n matrix of a kernel between examples, doubly or U-centered.
    ///
    /// # Errors
    /// Zero median, zero example; as [`Prepared::uncentered`].
    pub(crate) fn kernel(&self, kernel: Kernel, centering: Centering) -> Result<Arc<KernelMatrix>, Error> {
        let compute = || {
            let raw = if kernel.is_uncentered() { Some(self.uncentered()?) } else { None };
            KernelMatrix::new(&self.name, self.of_kernel(kernel)?, raw, kernel, centering, self.keeping)
        };
        self.artifact(&format!("{kernel:?} {centering:?}"), compute)
    }

    /// Returns something that a measure makes of this representation, computed where it is not
    /// there yet. Its type and the key say what it is: two measures that ask for the same share it.
    ///
    /// # Errors
    /// Those of the computation.
    pub fn artifact<T: Any + Send + Sync>(&self, key: &str, compute: impl FnOnce() -> Result<T, Error>) -> Result<Arc<T>, Error> {
        self.artifacts.get_or_compute(key, compute)
    }

    /// Whether this one comes first in a pair with another, so that a symmetric measure gives the
    /// same bits either way: by what no rounding changes, the hash last, which takes a pass over
    /// the entries. Two representations that share all of it and are not equal only lose the
    /// promise of bits.
    pub(crate) fn comes_before(&self, other: &Self) -> bool {
        let known = |side: &Self| (side.p(), side.centered.largest().to_bits());
        let by_hash = || self.centered.fingerprint().cmp(&other.centered.fingerprint());
        known(self).cmp(&known(other)).then_with(by_hash).is_le()
    }
}

#[cfg(test)]
#[path = "layer_tests.rs"]
mod tests;
