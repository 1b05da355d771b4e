//! A prepared representation: everything that is computed once per layer, however many layers it meets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::kernel::Kernel;
use crate::linalg::features::Features;
use crate::linalg::inner::Centering;
use crate::linalg::kernel_matrix::{Keeping, KernelMatrix};
use crate::linalg::single::Precision;
use crate::representation::Representation;

/// One representation, centered, with the quantities that measures share, each computed when first asked for and kept.
#[derive(Debug)]
pub struct Prepared {
    name: String,
    centered: Features,
    uncentered: Option<Features>,
    keeping: Keeping,
    kernels: Mutex<BTreeMap<String, Arc<KernelMatrix>>>,
}

impl Prepared {
    /// Centers a representation; `keep_uncentered` keeps the features as they are too, for measures that do not center
    /// ([`crate::Measure::uncentered`]).
    pub fn new(representation: &Representation<'_>, keep_uncentered: bool) -> Self {
        let features = |centered| Features::of(representation.view(), representation.largest(), centered);
        let centered = features(true);
        Self {
            name: representation.name().to_string(),
            uncentered: keep_uncentered.then(|| features(false)),
            centered,
            keeping: Keeping::KEPT,
            kernels: Mutex::default(),
        }
    }

    /// The same with the large products of linear HSIC and CKA in this precision.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.centered = self.centered.with_precision(precision);
        self
    }

    /// The same with the entries of its kernel matrices kept, or computed again for each comparison: in little memory, and for the same bits.
    pub(crate) fn with_keeping(mut self, keeping: Keeping) -> Self {
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
    /// # Panics
    /// When the representation was prepared without them.
    pub fn uncentered(&self) -> &Features {
        self.uncentered.as_ref().expect("prepared with keep_uncentered for a measure that does not center")
    }

    /// The centered features.
    ///
    /// # Errors
    /// [`Error::Constant`] when they are 0.
    pub(crate) fn varying(&self) -> Result<&Features, Error> {
        self.not_zero(&self.centered)
    }

    /// The same features.
    ///
    /// # Errors
    /// [`Error::Constant`] when they are 0.
    pub(crate) fn not_zero<'a>(&self, features: &'a Features) -> Result<&'a Features, Error> {
        if features.is_zero() {
            return Err(Error::Constant { measure: String::new(), name: self.name.clone(), n: self.n(), p: self.p() });
        }
        Ok(features)
    }

    /// The n x n matrix of a kernel between centered examples, doubly or U-centered.
    ///
    /// # Errors
    /// Zero median, zero example.
    pub(crate) fn kernel(&self, kernel: Kernel, centering: Centering) -> Result<Arc<KernelMatrix>, Error> {
        let key = format!("{kernel:?} {centering:?}");
        if let Some(matrix) = self.kernels.lock().expect("no panic while locked").get(&key) {
            return Ok(Arc::clone(matrix));
        }
        // Computed outside the lock, as in `features::once`.
        let matrix = Arc::new(KernelMatrix::new(&self.name, &self.centered, kernel, centering, self.keeping)?);
        Ok(Arc::clone(self.kernels.lock().expect("no panic while locked").entry(key).or_insert(matrix)))
    }

    /// What a pair is ordered by, so that a symmetric measure gives the same bits either way. Two representations that share it and are not equal only lose the
    /// promise of bits.
    pub(crate) fn order(&self) -> (usize, u64) {
        (self.p(), self.centered.fingerprint())
    }
}
