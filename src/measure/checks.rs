//! What a measure asks of a representation that was prepared, and what is seen of its rank.

use super::Measure;
use crate::diagnostics::Diagnostics;
use crate::error::{Error, GivenError};
use crate::kernel::Kernel;
use crate::needs::{Needs, SinglePrecision};
use crate::precision::Precision;
use crate::prepared::inner::fewer_neurons;
use crate::prepared::layer::{Given, Prepared};
use crate::prepared::pair::Pair;

impl Measure {
    /// Whether [`Measure::prepare_for`] keeps nothing but the features rounded to f32.
    pub(crate) fn need_products_alone(measures: &[Self], shape: (usize, usize), precision: Precision, widest: usize) -> bool {
        precision == Precision::Single && measures.iter().all(|measure| measure.needs_products_alone(shape, widest))
    }

    /// Whether a representation of this shape, compared with others of at most `widest` neurons in
    /// single precision, needs nothing but the products of its features.
    fn needs_products_alone(&self, (n, p): (usize, usize), widest: usize) -> bool {
        self.needs(None).single == SinglePrecision::FeaturesAlone && fewer_neurons(n, p, widest)
    }

    /// Whether products in single precision look at the features rounded to f32.
    pub(crate) fn need_rounded_features(measures: &[Self]) -> bool {
        let rounded = |measure: &Self| matches!(measure.needs(None).single, SinglePrecision::Features | SinglePrecision::FeaturesAlone);
        measures.iter().any(rounded)
    }

    /// Refuses a representation that was prepared for other measures and lacks what this one needs.
    pub(super) fn check_prepared(&self, x: &Prepared, widest: usize) -> Result<(), Error> {
        let needs = self.needs(None);
        if let Some(given) = x.given() {
            return self.check_given(x, given, &needs);
        }
        if needs.uncentered {
            x.uncentered()?;
        }
        if needs.neurons && x.centered().kept().is_none() {
            return Err(x.lacks("all of its neurons in memory"));
        }
        if x.is_of_factor() && !needs.moments.follow_from_factor() {
            return Err(x.lacks("its examples"));
        }
        if x.centered().is_rounded_alone() && !self.needs_products_alone((x.n(), x.p()), widest) {
            return Err(x.lacks("its features in double precision"));
        }
        Ok(())
    }

    /// Refuses what stands between examples where more than that is needed.
    fn check_given(&self, x: &Prepared, given: Given, needs: &Needs) -> Result<(), Error> {
        let (name, measure) = (|| x.name().to_string(), || self.to_string());
        let is_linear = matches!(needs.kernel, Some((Kernel::Linear, _)));
        match given {
            Given::Kernel if is_linear => Ok(()),
            Given::Kernel => Err(Error::GramAlone { name: name(), measure: measure() }),
            Given::Dissimilarities if needs.dissimilarities => Ok(()),
            Given::Dissimilarities if is_linear => {
                x.require_negative_type(2, |least, largest| GivenError::NotEuclidean { name: name(), n: x.n(), least, largest })
            }
            Given::Dissimilarities => Err(Error::Given(GivenError::DissimilaritiesAlone { name: name(), measure: measure() })),
        }
    }

    /// Of a measure that jumps where a numerical rank does: the least factor between a singular
    /// value of either side and the cut of the rank. A factor near 1 says that a little rounding
    /// makes another rank, and another value.
    pub(super) fn rank_margin(&self, pair: &Pair<'_>, stated: &Diagnostics) -> Option<f64> {
        let uncentered = self.uncentered();
        // A rank that decides is stated.
        let sides = [("rank_x", pair.x()), ("rank_y", pair.y())].into_iter().filter(|(rank, _)| stated.get(rank).is_some());
        let margins = sides.filter_map(|(_, side)| match uncentered {
            true => side.uncentered().ok()?.rank_margin(),
            false => side.centered().rank_margin(),
        });
        margins.reduce(f64::min).filter(|margin| margin.is_finite())
    }
}
