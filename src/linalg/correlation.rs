//! Canonical correlations from orthonormal bases: the cosines of the principal angles between two
//! column spaces.

use std::sync::OnceLock;

use faer::{Mat, MatRef};

use crate::arrays::columns::Columns;
use crate::arrays::product::{product, squared_norm};
use crate::error::Error;
use crate::linalg::basis::Basis;
use crate::linalg::decomposition::{Decomposition, thin_svd};
use crate::linalg::features::once;
use crate::linalg::singular::singular_values;

/// Correlations above this are close enough to 1 for the sine form to matter.
const NEAR: f64 = 0.99;

/// C = Q_first' Q_second and, when asked for, its singular value decomposition.
#[derive(Debug)]
pub struct Correlations {
    product: Columns<f64>,
    pillai: f64,
    values: OnceLock<Vec<f64>>,
    decomposition: OnceLock<Result<Variates, Error>>,
}

/// The singular value decomposition of C (or of a leading block of it).
#[derive(Debug)]
pub struct Variates {
    /// r_first x m: coordinates of the canonical variates of the first in its basis.
    pub first: Mat<f64>,
    /// The m = min(r_first, r_second) correlations, descending.
    pub values: Vec<f64>,
    /// r_second x m: the same for the second.
    pub second: Mat<f64>,
}

impl Correlations {
    /// In the bases of two column spaces.
    pub(crate) fn between(first: &Basis<'_>, second: &Basis<'_>) -> Self {
        let product = first.cross_gram(second);
        let pillai = squared_norm(product.as_ref());
        Self { product, pillai, values: OnceLock::new(), decomposition: OnceLock::new() }
    }

    /// C in the bases of the left singular vectors.
    pub(crate) fn product_in_singular_vectors(&self, first: &Decomposition, second: &Decomposition) -> Mat<f64> {
        let half = first.in_vectors(self.product());
        match second.coordinates() {
            Some(u) => product(half.as_ref(), u),
            None => half,
        }
    }

    /// C, r_first x r_second.
    pub fn product(&self) -> MatRef<'_, f64> {
        self.product.as_ref()
    }

    /// Pillai's trace: the sum of the squared correlations, |C|_F^2. No decomposition is needed for
    /// it.
    pub fn pillai(&self) -> f64 {
        self.pillai
    }

    /// The correlations alone, descending.
    pub fn values(&self) -> &[f64] {
        once::<Vec<f64>>(&self.values, || singular_values(self.product()))
    }

    /// 1 - rho_i, ascending, to full relative accuracy near 0; the bases are those of
    /// [`Correlations::between`].
    ///
    /// # Errors
    /// [`Error::NoConvergence`].
    pub(crate) fn complements(&self, first: &Basis<'_>, second: &Basis<'_>) -> Result<Vec<f64>, Error> {
        let values = self.values();
        // Only near 1 are the variates needed.
        if values.iter().any(|rho| *rho > NEAR) {
            self.variates()?.complements(first, second)
        } else {
            Ok(values.iter().map(|rho| 1.0 - rho).collect())
        }
    }

    /// Correlations and canonical variates.
    ///
    /// # Errors
    /// [`Error::NoConvergence`].
    pub fn variates(&self) -> Result<&Variates, Error> {
        once(&self.decomposition, || Variates::of(self.product.as_ref())).as_ref().map_err(Clone::clone)
    }
}

impl Variates {
    /// 1 - rho_i, ascending, to full relative accuracy near 0 (Bjorck and Golub's sine form).
    ///
    /// A variate of the second less its projection on the first has the length sin theta_i, and 1 -
    /// cos = sin^2 / (1 + cos). The cosine alone would leave 1 - rho with no digits below eps.
    ///
    /// # Errors
    /// [`Error::NoConvergence`].
    fn complements(&self, first: &Basis<'_>, second: &Basis<'_>) -> Result<Vec<f64>, Error> {
        let near = self.values.iter().take_while(|rho| **rho > NEAR).count();
        let mut complements: Vec<f64> = self.values.iter().map(|rho| 1.0 - rho).collect();
        // The two decompositions may differ by rounding.
        if near == 0 {
            return Ok(complements);
        }
        let projected = Mat::from_fn(self.first.nrows(), near, |row, column| self.first[(row, column)] * self.values[column]);
        let residual = second.combine(self.second.as_ref().subcols(0, near)) - first.combine(projected.as_ref());
        let sines = singular_values(residual.as_ref());
        for (complement, sine) in complements.iter_mut().zip(sines.iter().rev()) {
            let squared = sine * sine;
            *complement = squared / (1.0 + (1.0 - squared).max(0.0).sqrt());
        }
        Ok(complements)
    }

    pub(crate) fn of(product: MatRef<'_, f64>) -> Result<Self, Error> {
        let svd = thin_svd(product)?;
        Ok(Self { first: svd.left, values: svd.values, second: svd.right })
    }
}
