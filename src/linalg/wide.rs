//! The features of a representation wider than its examples: what is computed of it between
//! examples.

use std::ops::Range;
use std::sync::OnceLock;

use faer::{Accum, MatRef, Par};

use crate::arrays::column_stats::left_to_scale;
use crate::arrays::columns::Columns;
use crate::arrays::gram::Gram;
use crate::arrays::near_distances::NearDistances;
use crate::arrays::neurons::Blocks;
use crate::arrays::neurons::{Step, Stored, Visit, blocks};
use crate::arrays::scale::factors;
use crate::arrays::sums::sum;
use crate::arrays::tiles::Tile;
use crate::error::Error;
use crate::linalg::features::{Features, once};
use crate::linalg::reduced::{Coordinates, Root, by_reflections};

/// Up to this condition products with examples from the Gram matrix alone keep all but three digits
/// of those with the features.
const FEW_DIGITS: f64 = (1 << 10) as f64;

/// Whether a representation n x p has at least as many neurons as examples: more than centered
/// examples have dimensions.
pub(crate) fn is_wide((n, p): (usize, usize)) -> bool {
    p >= n
}

/// Where the neurons are.
#[derive(Debug)]
pub(super) enum Neurons {
    /// All of them in memory, n x p.
    Kept(Columns<f64>),
    /// Read again in each pass.
    Stored(Stored),
    /// Only those rounded to f32 are kept.
    Rounded,
    /// There are none: inner products of examples were given.
    Unknown,
}

impl Features {
    /// The numerical rank, by the cheapest way there is to it.
    ///
    /// # Errors
    /// As [`Features::basis`].
    pub(crate) fn rank(&self) -> Result<usize, Error> {
        if self.is_wide() && self.root().is_some() {
            return Ok(self.available);
        }
        Ok(self.basis()?.rank())
    }

    /// The features of a representation wider than its examples, which is read a block of neurons
    /// at a time: once here, for the Gram matrix of its examples, and in each later pass.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`].
    pub(crate) fn stored(stored: Stored) -> Result<Self, Error> {
        let (n, mut at, mut gram) = (stored.shape.0, 0, Gram::new(stored.shape.0));
        let overview = stored.first_pass(|step| {
            match step {
                Step::Start => gram = Gram::new(n),
                Step::Block(block, exponent) => {
                    gram.rescale(2 * (at - exponent));
                    gram.add(block);
                    at = exponent;
                }
            }
            Ok(())
        })?;
        let inner = left_to_scale(overview.largest);
        let (a, b) = factors(-inner);
        gram.rescale(-2 * inner);
        let squared_norms: Vec<f64> = overview.squared_norms.iter().map(|norm| norm * a * b * a * b).collect();
        let (shape, is_centered) = (stored.shape, stored.is_centered);
        let (exponent, largest) = (overview.exponent + inner, overview.largest * a * b);
        let mut features = Self::with(shape, is_centered, exponent, (largest, sum(&squared_norms)));
        features.fingerprint = overview.hash.into();
        (features.neurons, features.gram) = (Neurons::Stored(stored), OnceLock::from(gram));
        Ok(features)
    }

    /// Whether there are more neurons than dimensions of the examples: products between examples
    /// are then smaller than products between neurons.
    pub(crate) fn is_wide(&self) -> bool {
        is_wide(self.shape)
    }

    /// Gives the scaled features of a wide representation to `visit`, a block of neurons at a time.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`]; what `visit` answers.
    pub(crate) fn each_block(&self, visit: &mut Visit<'_>) -> Result<(), Error> {
        match &self.neurons {
            Neurons::Kept(matrix) => {
                let block = |range: Range<usize>| matrix.as_ref().subcols(range.start, range.len());
                blocks(self.n(), self.p()).map(block).try_for_each(visit)
            }
            Neurons::Stored(stored) => stored.each_block(self.exponent, visit),
            Neurons::Rounded => unreachable!("what is rounded alone is not wide"),
            Neurons::Unknown => unreachable!("measures of neurons refuse a matrix between examples"),
        }
    }

    /// The inner products of the examples of a wide representation.
    pub(crate) fn gram(&self) -> &Gram {
        once(&self.gram, || {
            let mut gram = Gram::new(self.n());
            let add = &mut |block: MatRef<'_, f64>| {
                gram.add(block);
                Ok(())
            };
            self.each_block(add).expect("features in memory: of stored ones the Gram matrix comes first");
            gram
        })
    }

    /// A root of the Gram matrix, where a wide representation fills the space of its examples and
    /// is not too ill conditioned.
    pub(super) fn root(&self) -> Option<&Root> {
        let coordinates = Coordinates::new(self.n(), self.is_centered());
        once(&self.root, || Root::new(self.gram(), self.squared_norm, coordinates)).as_ref()
    }

    /// Of a wide representation, its examples in as many coordinates as they have dimensions from
    /// the Gram matrix alone, and the condition of that: they are off by c(n, p) eps |X|_F times
    /// half of it. None where it is more than [`FEW_DIGITS`].
    pub(crate) fn root_examples(&self) -> Option<(MatRef<'_, f64>, f64)> {
        let root = self.root().filter(|root| root.condition() <= FEW_DIGITS)?;
        let examples = once::<Columns<f64>>(&self.root_examples, || root.examples());
        Some((examples.as_ref(), root.condition()))
    }

    fn is_centered(&self) -> bool {
        self.available < self.n()
    }

    /// The scaled features or, of a wide representation, its examples in as many coordinates as
    /// they have dimensions: the same features but for an orthogonal map of neurons.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`].
    pub(crate) fn reduced(&self) -> Result<MatRef<'_, f64>, Error> {
        if !self.is_wide() {
            return Ok(self.matrix());
        }
        let compute = || {
            let blocks: &Blocks<'_> = &|visit| self.each_block(visit);
            let refined = self.root().map(|root| root.refined(blocks)).transpose()?.flatten();
            refined.map_or_else(|| by_reflections(self.n(), self.p(), blocks), Ok)
        };
        once(&self.reduced, compute).as_ref().map(Columns::as_ref).map_err(Clone::clone)
    }

    /// Fills a tile with inner products of examples.
    pub(crate) fn inner_products(&self, tile: &Tile, entries: &mut [f64], parallelism: Par) {
        if self.is_wide() {
            self.gram().fill(tile, entries);
        } else {
            tile.add_products(self.matrix(), entries, Accum::Replace, parallelism);
        }
    }

    /// Squared distances between examples of a wide representation that are too near each other for
    /// the Gram matrix.
    ///
    /// # Errors
    /// As [`Features::each_block`].
    pub(crate) fn near_distances(&self) -> Result<&NearDistances, Error> {
        let blocks: &Blocks<'_> = &|visit| match &self.as_they_stand {
            Some(kept) => blocks(self.n(), self.p()).map(|range| kept.as_ref().subcols(range.start, range.len())).try_for_each(visit),
            None => self.each_block(visit),
        };
        once(&self.near_distances, || NearDistances::new(self.gram(), blocks)).as_ref().map_err(Clone::clone)
    }

    /// [`Features::near_distances`], of a wide representation.
    ///
    /// # Panics
    /// When they were not asked for before.
    pub(crate) fn known_near_distances(&self) -> Option<&NearDistances> {
        self.is_wide().then(|| self.near_distances.get().and_then(|near| near.as_ref().ok()).expect("asked for before"))
    }
}
