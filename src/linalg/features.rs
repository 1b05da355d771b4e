//! The features of one representation, scaled by a power of two, and what follows from them alone.

use std::sync::OnceLock;

use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::arrays::column_stats::{
    ColumnStats, center_and_measure, center_and_scan, largest_and_hash, largest_of, left_to_scale, mixed, scale,
};
use crate::arrays::columns::{Columns, round, slice_mut};
use crate::arrays::gram::Gram;
use crate::arrays::near_distances::NearDistances;
use crate::arrays::product;
use crate::arrays::product::slice;
use crate::arrays::scale::{exponent, factors};
use crate::arrays::single;
use crate::arrays::sums::{sum, sum_of_squares, vectorised};
use crate::error::Error;
use crate::linalg::basis::Basis;
use crate::linalg::cholesky_qr::CholeskyQr2;
use crate::linalg::decomposition::Decomposition;
use crate::linalg::norms::share;
use crate::linalg::reduced::Root;
use crate::linalg::single_basis::SingleBasis;
use crate::linalg::wide::Neurons;
use crate::precision::Precision;
use crate::tolerance::{self, EPS};

/// An n x p matrix, centered or not, times a power of two such that its largest entry is in [1/8,
/// 2); and, each computed once and when first asked for, the quantities that measures share.
#[derive(Debug)]
pub struct Features {
    pub(super) shape: (usize, usize),
    pub(super) neurons: Neurons,
    pub(super) exponent: i64,
    pub(super) available: usize,
    largest: f64,
    pub(super) share_of_neurons: f64,
    pub(super) squared_norm: f64,
    pub(super) fingerprint: OnceLock<u64>,
    pub(super) row_squared_norms: OnceLock<Vec<f64>>,
    self_product_squared_norm: OnceLock<f64>,
    pub(super) gram: OnceLock<Gram>,
    pub(super) root: OnceLock<Option<Root>>,
    pub(super) root_examples: OnceLock<Columns<f64>>,
    pub(super) reduced: OnceLock<Result<Columns<f64>, Error>>,
    pub(super) near_distances: OnceLock<Result<NearDistances, Error>>,
    pub(super) as_they_stand: Option<Columns<f64>>,
    /// Of inner products that were given: what they are off by, over c(n, p) eps.
    pub(super) given_error: f64,
    /// Dissimilarities that were given, scaled as the features are.
    pub(super) dissimilarities: Option<Gram>,
    precision: Precision,
    single: OnceLock<Columns<f32>>,
    whitened: OnceLock<Result<Option<CholeskyQr2>, Error>>,
    single_basis: OnceLock<Option<SingleBasis>>,
    decomposition: OnceLock<Result<Decomposition, Error>>,
}

/// The value of a cell, computed outside its lock: a computation that runs in parallel must not
/// hold a lock that another of its own threads may ask for. Two threads may then compute the same
/// value; they compute the same bits.
pub(crate) fn once<T>(cell: &OnceLock<T>, compute: impl FnOnce() -> T) -> &T {
    if let Some(value) = cell.get() {
        return value;
    }
    let value = compute();
    cell.get_or_init(|| value)
}

impl Features {
    /// Copies a view, scaled by a power of two, and centers its columns if asked to.
    ///
    /// A centered column is accurate relative to the *centered* entries whatever the offset; a
    /// constant one becomes exactly 0.
    ///
    /// The largest magnitude of an entry must be given: a pass over the memory to find it would
    /// cost a fifth of a comparison.
    pub(crate) fn of(view: MatRef<'_, f64>, largest: f64, centered: bool) -> Self {
        Self::filled(view, largest, centered, None)
    }

    /// The same features, centered, for products in single precision too: each column is rounded
    /// while it is in the cache.
    pub(crate) fn in_both(view: MatRef<'_, f64>, largest: f64) -> Self {
        let features = Self::filled(view, largest, true, Some(Columns::unset(view.nrows(), view.ncols())));
        features.with_precision(Precision::Single)
    }

    fn filled(view: MatRef<'_, f64>, largest: f64, centered: bool, mut single: Option<Columns<f32>>) -> Self {
        let outer = exponent(largest);
        let mut matrix = Columns::unset(view.nrows(), view.ncols());
        let rooms = match &mut single {
            Some(single) => single.columns_mut().map(Some).collect(),
            None => (0..view.ncols()).map(|_| None).collect(),
        };
        let mut facts: Vec<ColumnStats> = matrix.fill_beside(
            view,
            factors(-outer),
            |value| value,
            rooms,
            #[inline(always)]
            |column, room: Option<&mut [f32]>| {
                let facts = center_and_measure(column, centered);
                if let Some(room) = room {
                    round(column, room);
                }
                facts
            },
        );
        let inner = left_to_scale(largest_of(&facts));
        // What is scaled again is rounded again, when it is asked for.
        let single = single.filter(|_| inner == 0).map_or_else(OnceLock::new, OnceLock::from);
        if inner != 0 {
            let (a, b) = factors(-inner);
            matrix.as_mut().par_col_iter_mut().zip(&mut facts).for_each(|(column, facts)| {
                let column = slice_mut(column);
                scale(column, a, b);
                facts.largest = facts.largest * a * b;
                // Squares of entries below 2^-500 may have underflowed before the scaling.
                facts.squared_norm = if inner < -400 { sum_of_squares(column) } else { facts.squared_norm * (a * b) * (a * b) };
            });
        }
        Self { neurons: Neurons::Kept(matrix), single, ..Self::with_facts(view.shape(), centered, outer + inner, &facts) }
    }

    /// The same features, centered, of which only the entries rounded to f32 are kept: for products
    /// in single precision, and nothing else.
    pub(crate) fn rounded(view: MatRef<'_, f64>, largest: f64) -> Self {
        let outer = exponent(largest);
        let mut single = Columns::unset(view.nrows(), view.ncols());
        let mut facts: Vec<ColumnStats> = single.fill_rounded(
            view,
            factors(-outer),
            #[inline(always)]
            |column| center_and_scan(column, true),
        );
        let inner = left_to_scale(largest_of(&facts));
        if inner != 0 {
            let (a, b) = factors(-inner);
            facts = single.fill_rounded(
                view,
                factors(-outer),
                #[inline(always)]
                |column| {
                    center_and_measure(column, true);
                    scale(column, a, b);
                    let (largest, hash) = largest_and_hash(column);
                    ColumnStats { largest, squared_norm: sum_of_squares(column), hash }
                },
            );
        }
        let hash = facts.iter().fold(0, |hash, column| mixed(hash ^ column.hash));
        let features = Self::with_facts(view.shape(), true, outer + inner, &facts);
        Self { precision: Precision::Single, single: single.into(), fingerprint: hash.into(), ..features }
    }

    /// What is known of the scaled columns, without their entries.
    fn with_facts(shape: (usize, usize), centered: bool, exponent: i64, facts: &[ColumnStats]) -> Self {
        let squared_norm = sum(&facts.iter().map(|column| column.squared_norm).collect::<Vec<_>>());
        let share_of_neurons = share(facts.iter().map(|column| column.squared_norm), squared_norm);
        Self { share_of_neurons, ..Self::with(shape, centered, exponent, (largest_of(facts), squared_norm)) }
    }

    pub(super) fn with(shape: (usize, usize), centered: bool, exponent: i64, (largest, squared_norm): (f64, f64)) -> Self {
        Self {
            shape,
            neurons: Neurons::Rounded,
            exponent,
            available: if centered { shape.0 - 1 } else { shape.0 },
            largest,
            share_of_neurons: 1.0,
            squared_norm,
            fingerprint: OnceLock::new(),
            row_squared_norms: OnceLock::new(),
            self_product_squared_norm: OnceLock::new(),
            gram: OnceLock::new(),
            root: OnceLock::new(),
            root_examples: OnceLock::new(),
            reduced: OnceLock::new(),
            near_distances: OnceLock::new(),
            as_they_stand: None,
            given_error: 0.0,
            dissimilarities: None,
            precision: Precision::Double,
            single: OnceLock::new(),
            whitened: OnceLock::new(),
            single_basis: OnceLock::new(),
            decomposition: OnceLock::new(),
        }
    }

    /// [`kept`](Self::kept) where the caller knows that all neurons are in memory: narrow features
    /// of products in f64, and those of a measure that needs them
    /// ([`Needs::neurons`](crate::Needs::neurons)), which refuses others before it computes.
    pub(crate) fn matrix(&self) -> MatRef<'_, f64> {
        self.kept().expect("a measure that needs all neurons in memory refuses features without")
    }

    /// Whether inner products of examples are all that is known.
    pub(crate) fn has_no_neurons(&self) -> bool {
        matches!(self.neurons, Neurons::Unknown)
    }

    /// Whether only the entries rounded to f32 are kept.
    pub(crate) fn is_rounded_alone(&self) -> bool {
        matches!(self.neurons, Neurons::Rounded)
    }

    /// The scaled features, n x p, where all of them are in memory: the features are this times
    /// 2^exponent. `None` where they are rounded to f32 alone
    /// ([`Measure::prepare_for`](crate::Measure::prepare_for)), or read from a file in blocks.
    pub fn kept(&self) -> Option<MatRef<'_, f64>> {
        match &self.neurons {
            Neurons::Kept(matrix) => Some(matrix.as_ref()),
            Neurons::Stored(_) | Neurons::Rounded | Neurons::Unknown => None,
        }
    }

    /// The power of two that was taken out.
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// The dimensions that n examples offer: n - 1 when centered, n when not.
    pub fn available(&self) -> usize {
        self.available
    }

    /// Number of examples.
    pub fn n(&self) -> usize {
        self.shape.0
    }

    /// Number of neurons.
    pub fn p(&self) -> usize {
        self.shape.1
    }

    /// True when every entry is 0: after centering, a constant representation.
    pub fn is_zero(&self) -> bool {
        self.squared_norm() == 0.0
    }

    /// The largest magnitude of an entry of the scaled features.
    pub(crate) fn largest(&self) -> f64 {
        self.largest
    }

    /// What given inner products of examples are off by, over c(n, p) eps: centering leaves as much
    /// of them. 0 of features whose inner products are computed.
    pub(crate) fn given_error(&self) -> f64 {
        self.given_error
    }

    /// |X|_F^2 of the scaled features.
    pub fn squared_norm(&self) -> f64 {
        self.squared_norm
    }

    /// The bound on the error of an example that centering leaves, in the Euclidean norm: an entry
    /// errs by 2 eps at most of the power of two above the largest. 0 for features as they are.
    pub(crate) fn centering_error(&self) -> f64 {
        if self.available == self.n() {
            return 0.0;
        }
        let (a, b) = factors(exponent(self.largest));
        4.0 * EPS * a * b * (self.p() as f64).sqrt()
    }

    /// A hash of the entries, up to a power of two. Where they do not stay, it is known already.
    pub(crate) fn fingerprint(&self) -> u64 {
        *once(&self.fingerprint, || {
            let hash_of = |column| {
                vectorised(
                    #[inline(always)]
                    || largest_and_hash(slice(self.matrix(), column)).1,
                )
            };
            (0..self.p()).fold(0, |hash, column| mixed(hash ^ hash_of(column)))
        })
    }

    /// |X'X|_F^2 of the scaled features, from the p x p product.
    pub fn self_product_squared_norm(&self) -> f64 {
        *once(&self.self_product_squared_norm, || match self.precision {
            Precision::Double => product::symmetric_squared_norm(product::self_product(self.matrix()).as_ref()),
            Precision::Single => single::self_squared_norm(self.single()),
        })
    }

    /// The same features, with the large products of the linear measures in this precision.
    pub(crate) fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// In which precision the large products of the linear measures are computed.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The scaled features, each entry rounded to f32.
    pub(crate) fn single(&self) -> MatRef<'_, f32> {
        once(&self.single, || single::rounded(self.matrix())).as_ref()
    }

    /// An orthonormal basis of the column space for products in single precision; none where the
    /// condition, or the width, does not allow one from products.
    pub(crate) fn single_basis(&self) -> Option<Basis<'_, f32>> {
        let compute = || {
            let narrow = self.kept().filter(|_| !self.is_wide())?;
            SingleBasis::new(narrow, self.squared_norm, self.available)
        };
        once(&self.single_basis, compute).as_ref().map(SingleBasis::basis)
    }

    /// An orthonormal basis of the column space.
    ///
    /// # Errors
    /// [`Error::NoConvergence`]; [`Error::Unreadable`] and [`Error::NotFinite`] for neurons that
    /// are read from a file.
    pub fn basis(&self) -> Result<Basis<'_>, Error> {
        match self.whitened()? {
            Some(whitened) => Ok(whitened.basis()),
            None => Ok(self.decomposition()?.basis().expect("its vectors are its own where there is no other basis")),
        }
    }

    /// The singular value decomposition, truncated to the numerical rank. The left singular vectors
    /// are given in coordinates of [`Features::basis`]; the right ones, of a wide representation,
    /// in those of its examples.
    ///
    /// # Errors
    /// As [`Features::basis`].
    pub fn decomposition(&self) -> Result<&Decomposition, Error> {
        let compute = || match self.whitened()? {
            // X = Q R: the singular values of R are those of X, and its left singular vectors are
            // coordinates in Q.
            Some(whitened) if self.is_wide() => Decomposition::in_basis(whitened.basis().project(self.reduced()?).as_ref()),
            Some(whitened) => Decomposition::in_basis(whitened.triangle()),
            None => Decomposition::new(self.reduced()?, self.shape, self.available),
        };
        once(&self.decomposition, compute).as_ref().map_err(Clone::clone)
    }

    /// X = Q R of narrow features that are known to have full rank; none of others.
    ///
    /// # Errors
    /// As [`Features::basis`].
    pub(crate) fn triangular(&self) -> Result<Option<&CholeskyQr2>, Error> {
        if self.is_wide() { Ok(None) } else { self.whitened() }
    }

    /// U, n x r.
    ///
    /// # Errors
    /// As [`Features::basis`].
    pub fn left_singular_vectors(&self) -> Result<Mat<f64>, Error> {
        let decomposition = self.decomposition()?;
        Ok(match (decomposition.vectors(), decomposition.coordinates()) {
            (Some(vectors), _) => vectors.to_owned(),
            (None, Some(coordinates)) => self.basis()?.combine(coordinates),
            (None, None) => unreachable!("one or the other"),
        })
    }

    /// The factor by which the singular value nearest to the cut of the numerical rank is above or
    /// below it, or less than that where a basis from products stands for them; none where no basis
    /// in double precision was asked for.
    pub(crate) fn rank_margin(&self) -> Option<f64> {
        let cut = tolerance::rank(self.n(), self.p());
        match self.whitened.get()?.as_ref().ok()? {
            Some(whitened) => Some(1.0 / (whitened.basis().condition() * cut)),
            None => self.decomposition.get()?.as_ref().ok().map(|decomposition| decomposition.margin(cut)),
        }
    }

    #[cfg(test)]
    pub(crate) fn has_basis(&self) -> bool {
        self.whitened.get().is_some()
    }

    fn whitened(&self) -> Result<Option<&CholeskyQr2>, Error> {
        let of = |matrix: MatRef<'_, f64>, squared_norm: f64| CholeskyQr2::new(matrix, squared_norm, self.available);
        let compute = || {
            if !self.is_wide() {
                return Ok(of(self.matrix(), self.squared_norm));
            }
            // The column space is all that there is, however exactly its basis is known.
            Ok(self.root().and_then(|root| of(root.examples().as_ref(), self.squared_norm)))
        };
        once(&self.whitened, compute).as_ref().map(Option::as_ref).map_err(Clone::clone)
    }
}
