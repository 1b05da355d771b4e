//! Two prepared representations, and the quantities of the pair that measures share.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use faer::{Mat, MatRef};

use crate::arrays::columns::Columns;
use crate::arrays::product::{cross_product, squared_norm};
use crate::arrays::single;
use crate::error::Error;
use crate::linalg::correlation::Correlations;
use crate::linalg::decomposition::Decomposition;
use crate::linalg::features::{Features, once};
use crate::precision::Precision;
use crate::prepared::artifacts::Artifacts;
use crate::prepared::layer::Prepared;
use crate::tolerance::rounding;

/// A pair of prepared representations of the same examples.
///
/// Beside X and Y in the order given, a pair has a *first* and a *second*: an order that does not
/// depend on which is X. Whatever is computed from (first, second) has the same bits for (X, Y) and
/// (Y, X).
#[derive(Debug)]
pub struct Pair<'a> {
    x: &'a Prepared,
    y: &'a Prepared,
    x_is_first: bool,
    cross_product: OnceLock<Result<Columns<f64>, Error>>,
    root_product: OnceLock<Columns<f64>>,
    single_cross_product: OnceLock<Columns<f64>>,
    single_pillai: OnceLock<Option<f64>>,
    centered: OnceLock<Result<Correlations, Error>>,
    singular_product: OnceLock<Result<Mat<f64>, Error>>,
    uncentered: OnceLock<Result<Correlations, Error>>,
    artifacts: Artifacts,
}

impl<'a> Pair<'a> {
    /// Pairs X with Y.
    ///
    /// # Errors
    /// [`Error::ExamplesDiffer`].
    pub fn new(x: &'a Prepared, y: &'a Prepared) -> Result<Self, Error> {
        if x.n() != y.n() {
            return Err(Error::ExamplesDiffer { x: x.name().to_string(), y: y.name().to_string(), n_x: x.n(), n_y: y.n() });
        }
        Ok(Self {
            x,
            y,
            x_is_first: x.comes_before(y),
            cross_product: OnceLock::new(),
            root_product: OnceLock::new(),
            single_cross_product: OnceLock::new(),
            single_pillai: OnceLock::new(),
            centered: OnceLock::new(),
            singular_product: OnceLock::new(),
            uncentered: OnceLock::new(),
            artifacts: Artifacts::default(),
        })
    }

    /// Number of examples.
    pub fn n(&self) -> usize {
        self.x.n()
    }

    /// c(n, p) eps of the wider side ([`tolerance`](crate::tolerance)): what bounds on errors are
    /// in units of.
    pub fn unit(&self) -> f64 {
        rounding(self.n(), self.x.p().max(self.y.p()))
    }

    /// X.
    pub fn x(&self) -> &'a Prepared {
        self.x
    }

    /// Y.
    pub fn y(&self) -> &'a Prepared {
        self.y
    }

    /// X or Y, whichever comes first in the pair's own order.
    pub fn first(&self) -> &'a Prepared {
        if self.x_is_first { self.x } else { self.y }
    }

    /// The other one.
    pub fn second(&self) -> &'a Prepared {
        if self.x_is_first { self.y } else { self.x }
    }

    /// Whether X is the first.
    pub fn x_is_first(&self) -> bool {
        self.x_is_first
    }

    /// The precision of the large products: single where one of the two was prepared so, and
    /// neither is wide: products between examples are in double precision.
    pub fn precision(&self) -> Precision {
        let sides = [self.x, self.y].map(Prepared::centered);
        let single = sides.iter().any(|side| side.precision() == Precision::Single) && !sides.iter().any(|side| side.is_wide());
        if single { Precision::Single } else { Precision::Double }
    }

    /// Whether one of the two is known by a triangular factor: bounds then follow from conditions.
    pub(crate) fn is_of_factor(&self) -> bool {
        self.x.is_of_factor() || self.y.is_of_factor()
    }

    /// The same as [`Pair::cross_product`], of products in f32.
    pub(crate) fn single_cross_product(&self) -> MatRef<'_, f64> {
        let compute = || single::cross_product(self.first().centered().single(), self.second().centered().single());
        once::<Columns<f64>>(&self.single_cross_product, compute).as_ref()
    }

    /// The sum of the squared canonical correlations of the centered representations from products
    /// in f32; none where one of them has no basis for these.
    pub(crate) fn single_pillai(&self) -> Option<f64> {
        let compute = || {
            let (first, second) = (self.first().centered(), self.second().centered());
            let (first, second) = rayon::join(|| first.single_basis(), || second.single_basis());
            Some(squared_norm(first?.cross_gram(&second?).as_ref()))
        };
        *once(&self.single_pillai, compute)
    }

    /// first' second of the centered, scaled features; of wide ones, in other coordinates of the
    /// neurons, which change no singular value of the product.
    ///
    /// # Errors
    /// As [`Features::reduced`].
    pub(crate) fn cross_product(&self) -> Result<MatRef<'_, f64>, Error> {
        once(&self.cross_product, || self.multiplied().map(|(a, b)| cross_product(a, b)))
            .as_ref()
            .map(Columns::as_ref)
            .map_err(Clone::clone)
    }

    /// What [`Pair::cross_product`] multiplies: first and second.
    ///
    /// # Errors
    /// As [`Features::reduced`].
    pub(crate) fn multiplied(&self) -> Result<(MatRef<'a, f64>, MatRef<'a, f64>), Error> {
        let (first, second) = (self.first().centered(), self.second().centered());
        // Beside few neurons, all of the others are fewer operations than other coordinates for
        // them.
        let side = |side: &'a Features, other: &Features| match side.kept().filter(|_| !other.is_wide()) {
            Some(neurons) => Ok(neurons),
            None => side.reduced(),
        };
        let (a, b) = rayon::join(|| side(first, second), || side(second, first));
        Ok((a?, b?))
    }

    /// The same of two wide representations from the Gram matrices of their examples alone, and the
    /// conditions of both added: each is off by c(n, p) eps |X|_F times half of its condition. None
    /// where one of them is not wide, or its condition too large.
    pub(crate) fn root_product(&self) -> Option<(MatRef<'_, f64>, f64)> {
        let (first, second) = (self.first().centered(), self.second().centered());
        if !first.is_wide() || !second.is_wide() {
            return None;
        }
        let (a, b) = rayon::join(|| first.root_examples(), || second.root_examples());
        let ((a, condition_a), (b, condition_b)) = a.zip(b)?;
        let product = once::<Columns<f64>>(&self.root_product, || cross_product(a, b));
        Some((product.as_ref(), condition_a + condition_b))
    }

    /// The canonical correlations of the centered representations, in bases of their column spaces
    /// ([`Features::basis`]).
    ///
    /// # Errors
    /// [`Error::Constant`], [`Error::NoConvergence`].
    pub fn correlations(&self) -> Result<&Correlations, Error> {
        once(&self.centered, || self.compute(self.first().centered(), self.second().centered())).as_ref().map_err(Clone::clone)
    }

    /// The canonical correlations of the representations as they are.
    ///
    /// # Errors
    /// As [`Pair::correlations`].
    pub fn uncentered_correlations(&self) -> Result<&Correlations, Error> {
        once(&self.uncentered, || self.compute(self.first().uncentered()?, self.second().uncentered()?)).as_ref().map_err(Clone::clone)
    }

    /// C of [`Pair::correlations`] in the bases of the left singular vectors: for measures that
    /// weight or truncate these.
    ///
    /// # Errors
    /// As [`Pair::correlations`].
    pub fn singular_product(&self) -> Result<MatRef<'_, f64>, Error> {
        let compute = || {
            // First, because it is this that refuses a constant representation.
            let correlations = self.correlations()?;
            let (first, second) = self.decompositions()?;
            Ok(correlations.product_in_singular_vectors(first, second))
        };
        once(&self.singular_product, compute).as_ref().map(Mat::as_ref).map_err(Clone::clone)
    }

    /// Returns something that a measure makes of this pair, as [`Prepared::artifact`] does of a
    /// representation.
    ///
    /// # Errors
    /// Those of the computation.
    pub fn artifact<T: Any + Send + Sync>(&self, key: &str, compute: impl FnOnce() -> Result<T, Error>) -> Result<Arc<T>, Error> {
        self.artifacts.get_or_compute(key, compute)
    }

    /// X before Y, so that the error names the one a person looks at first.
    fn refuse_constants(&self, first: &Features, second: &Features) -> Result<(), Error> {
        let (x, y) = if self.x_is_first { (first, second) } else { (second, first) };
        self.x.not_zero(x)?;
        self.y.not_zero(y)?;
        Ok(())
    }

    fn decompositions(&self) -> Result<(&Decomposition, &Decomposition), Error> {
        // Side by side, because each is the work of one thread.
        let (first, second) = rayon::join(|| self.first().centered().decomposition(), || self.second().centered().decomposition());
        Ok((first?, second?))
    }

    fn compute(&self, first: &Features, second: &Features) -> Result<Correlations, Error> {
        self.refuse_constants(first, second)?;
        // Side by side, because each has steps that one thread does alone.
        let (first, second) = rayon::join(|| first.basis(), || second.basis());
        Ok(Correlations::between(&first?, &second?))
    }
}
