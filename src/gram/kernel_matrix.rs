//! Kernel matrices between examples, doubly or U-centered, and their inner products.
//!
//! A constant added to a kernel changes neither H K H nor (off the diagonal) the U-centered matrix.
//! So 1 is subtracted from an exponential kernel whose bandwidth is large (by exp(t) - 1 without
//! cancellation) and offset^degree from a polynomial one: what is left keeps its digits.
//!
//! A matrix is n^2/2 values in tiles, kept in memory or, where they would not fit, computed again
//! in each pass over them; the values are the same bits either way. An exponential kernel takes a
//! pass for the median of the distances, one for the means of the kernel's rows, and one for an
//! inner product, in which entries are centered as they are read. In each of them a tile that is
//! not kept costs its product again.

use std::sync::OnceLock;

use faer::Mat;
use rayon::prelude::*;

use crate::arrays::sums::sum;
use crate::arrays::tiles;
use crate::arrays::tiles::{Store, Tile, Tiling};
use crate::error::Error;
use crate::gram::centering::{Means, Sums, centered_entries, centered_products};
use crate::gram::distances;
use crate::gram::entry_errors::{ByEntry, EntryErrors, Squares};
use crate::gram::exponential;
use crate::gram::kernel_kinds::{cosine, distance, linear};
use crate::gram::kernel_shape::Shape;
use crate::gram::median;
use crate::gram::polynomial::{Moves, Polynomial};
use crate::gram::product_errors::ProductErrors;
use crate::kernel::Centering;
use crate::kernel::Kernel;
use crate::linalg::features::{Features, once};
use crate::tolerance::EPS;

/// What becomes of the tiles of a kernel matrix between passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KernelStorage {
    /// Kept: n^2/2 values for each representation and kernel. If not, a tile for each thread, and
    /// the product again in each pass.
    pub(crate) kept: bool,
    /// Rows of a tile at most.
    pub(crate) width: usize,
}

impl KernelStorage {
    pub(crate) const KEPT: Self = Self { kept: true, width: tiles::WIDTH };
    pub(crate) const RECOMPUTED: Self = Self { kept: false, width: tiles::WIDTH };
}

/// Memory that the kernel matrix of n examples takes, in f64.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Footprint {
    /// The matrix, where it is kept.
    pub(crate) kept: usize,
    /// On the way to it and to its inner products, whatever the number of threads.
    pub(crate) passing: usize,
    /// The same for each thread: the tiles of two matrices that are not kept, and the examples of a
    /// tile where distances cancel.
    pub(crate) of_thread: usize,
}

impl Footprint {
    pub(crate) fn new(n: usize, p: usize) -> Self {
        let tiling = Tiling::new(n, tiles::width_for(n));
        let sums = n * (2 * tiling.blocks() + 4);
        Self {
            kept: tiling.entries(),
            passing: median::room(n * (n - 1) / 2) + sums,
            of_thread: 2 * (tiling.tile_entries() + n.div_ceil(tiling.blocks()) * p),
        }
    }
}

/// A centered kernel matrix times a power of two.
#[derive(Debug)]
pub(crate) struct KernelMatrix {
    tiling: Tiling,
    /// Entries before centering.
    store: Store,
    entry: Entry,
    /// What centering subtracts and adds.
    means: Means,
    /// The kernel matrix is its entries * 2^exponent.
    pub(crate) exponent: i64,
    /// |change of the matrix|_F <= sensitivity * (relative change of the features), rounding on the
    /// way included.
    pub(crate) sensitivity: f64,
    /// |error of the matrix|_F <= c(n, p) eps * rounding, for the features as they are.
    pub(crate) rounding: f64,
    /// |error of the matrix|_F <= c(n, p) eps * error, for the features as they are: at most the
    /// sensitivity.
    pub(crate) error: f64,
    /// |entries before centering|_F, where the error is that of the entries with their means left
    /// out, which enter an inner product with their square alone.
    pub(crate) spread: Option<f64>,
    /// Of a linear kernel.
    products: Option<ProductErrors>,
    /// sigma in the units of the representation.
    pub(crate) bandwidth: Option<f64>,
    /// |centered entries|_F^2 of the whole symmetric matrix.
    squared_norm: OnceLock<f64>,
}

impl KernelMatrix {
    /// Whether it is the identity to rounding, whatever the examples are.
    pub(crate) fn is_identity(&self) -> bool {
        matches!(self.entry, Entry::Exponential(shape) if shape.is_identity())
    }
}

/// What an entry is, before centering.
#[derive(Debug)]
pub(super) enum Entry {
    /// g, of the Gram matrix.
    Linear,
    /// A polynomial in g.
    Polynomial(Polynomial),
    /// g over two of these norms.
    Cosine { norms: Vec<f64> },
    /// The distance.
    Distance,
    /// A function of the distance.
    Exponential(Shape),
}

/// A kernel and what is known of its matrix.
pub(super) struct Kind {
    pub(super) entry: Entry,
    pub(super) exponent: i64,
    pub(super) sensitivity: f64,
    pub(super) error: f64,
    pub(super) rounding: f64,
    pub(super) by_entry: Option<ByEntry>,
}

impl KernelMatrix {
    pub(crate) fn new(
        name: &str,
        features: &Features,
        raw: Option<&Features>,
        kernel: Kernel,
        centering: Centering,
        keeping: KernelStorage,
    ) -> Result<Self, Error> {
        let tiling = Tiling::new(features.n(), keeping.width.min(tiles::width_for(features.n())));
        if features.is_wide() {
            // Once here, and not on each thread that fills a tile from it.
            features.gram();
        }
        let kind = match kernel {
            Kernel::Linear => linear(features),
            Kernel::Polynomial { degree, offset, .. } => {
                let polynomial = Polynomial::new(features, (degree, offset), raw, centering)?;
                return Ok(of_polynomial((tiling, keeping.kept), features, polynomial, centering));
            }
            Kernel::Cosine { .. } => cosine(name, features, centering)?,
            Kernel::Distance => distance(features)?,
            Kernel::Rbf(rule) | Kernel::Laplace(rule) => {
                let squared = matches!(kernel, Kernel::Rbf(_));
                return exponential::new((tiling, keeping.kept), name, features, (rule, squared), centering);
            }
        };
        // The Gram matrix of a wide representation is kept by its features.
        let mut store = tiling.store(keeping.kept && !(kernel == Kernel::Linear && features.is_wide()));
        let fill = |tile: &Tile, entries: &mut [f64]| kind.entry.fill(&tiling, tile, features, entries);
        let is_computed = matches!(kind.entry, Entry::Distance) && features.dissimilarities().is_none();
        let errors = is_computed.then(|| EntryErrors::new(features, 0.0));
        let parts = tiling.pass(&mut store, fill, |tile, entries| {
            (errors.as_ref().map(|errors| errors.of_tile(tile, entries)), Sums::of(tile, entries, centering))
        });
        let (squares, sums): (Vec<Option<Squares>>, Vec<Sums>) = parts.into_iter().unzip();
        let kind = Kind { by_entry: kind.by_entry.or_else(|| Squares::known(squares, features, centering)), ..kind };
        let matrix = Self::centered(tiling, store, kind, Means::new(features.n(), sums, centering), None);
        if kernel == Kernel::Linear && features.given_error() == 0.0 {
            let (spread, products) = (Some(features.squared_norm()), Some(ProductErrors::of_examples(features)));
            return Ok(Self { spread, products, ..matrix });
        }
        Ok(matrix)
    }

    pub(super) fn centered(tiling: Tiling, store: Store, kind: Kind, means: Means, bandwidth: Option<f64>) -> Self {
        let Kind { entry, exponent, sensitivity, error, rounding, by_entry } = kind;
        let (error, spread) = by_entry.map_or((error, None), |known| (known.error, Some(known.spread)));
        let (squared_norm, products) = (OnceLock::new(), None);
        Self { tiling, store, entry, means, exponent, sensitivity, error, spread, products, rounding, bandwidth, squared_norm }
    }

    /// |K|_F^2 of the centered entries of the whole symmetric matrix.
    pub(crate) fn squared_norm(&self, features: &Features) -> f64 {
        *once(&self.squared_norm, || inner(&self.of(features), &self.of(features)))
    }

    /// |<L, error of the matrix>| over `unit` |L|_F, for another matrix L, where the matrix itself
    /// has this norm.
    pub(crate) fn error_seen(&self, norm: f64, unit: f64) -> f64 {
        let Some(products) = self.products else { return self.error };
        // The largest eigenvalue is at most the norm, but for what U-centering takes away.
        let largest = if self.means.is_double() { norm } else { f64::INFINITY };
        let of_centering = self.means.rounding_of_products(products.squared_norm(), norm);
        (products.of_centering(largest) + products.of_sums() + of_centering) * EPS / unit
    }

    /// What the errors of both matrices together, and of the means of their rows, move <K, L> by,
    /// over `unit`, which is c(n, p) eps.
    pub(crate) fn errors_of_product(&self, l: &Self, unit: f64) -> f64 {
        let means = match (self.spread, l.spread) {
            // They are among the errors of the matrices.
            (None, None) => 0.0,
            (k_spread, l_spread) => self.means.errors_of_both() * k_spread.unwrap_or(self.error) * l_spread.unwrap_or(l.error),
        };
        unit * (self.error * l.error + means)
    }

    /// With the features that it was made from.
    pub(crate) fn of<'a>(&'a self, features: &'a Features) -> Readable<'a> {
        Readable { matrix: self, features }
    }
}

/// A kernel matrix with the features that its tiles are computed from where they are not kept.
pub(crate) struct Readable<'a> {
    matrix: &'a KernelMatrix,
    features: &'a Features,
}

impl Readable<'_> {
    /// All n^2 centered entries.
    pub(crate) fn whole(&self) -> Mat<f64> {
        let tiling = &self.matrix.tiling;
        let (mut whole, mut room) = (Mat::zeros(tiling.n(), tiling.n()), Vec::new());
        for (index, tile) in tiling.tiles().into_iter().enumerate() {
            centered_entries(&tile, self.entries(index, &tile, &mut room), &self.matrix.means, |row, column, entry| {
                whole[(row, column)] = entry;
                whole[(column, row)] = entry;
            });
        }
        whole
    }

    fn entries<'b>(&'b self, index: usize, tile: &Tile, room: &'b mut Vec<f64>) -> &'b [f64] {
        let tiling = &self.matrix.tiling;
        match &self.matrix.store {
            Store::Kept { entries, .. } => tiling.kept(entries, index),
            Store::Dropped => {
                if let (Entry::Linear, true) = (&self.matrix.entry, self.features.is_wide())
                    && let Some(kept) = self.features.gram().tile(tile)
                {
                    return kept;
                }
                let room = tiling.room(room);
                self.matrix.entry.fill(tiling, tile, self.features, room);
                room
            }
        }
    }
}

/// <K, L> of two centered matrices; on the way, while both are at hand, |K|_F^2 and |L|_F^2.
pub(crate) fn inner(k: &Readable<'_>, l: &Readable<'_>) -> f64 {
    let (k_means, l_means) = (&k.matrix.means, &l.matrix.means);
    let of_tile = |(k_room, l_room): &mut (Vec<f64>, Vec<f64>), (index, tile): (usize, Tile)| {
        centered_products(&tile, (k.entries(index, &tile, k_room), k_means), (l.entries(index, &tile, l_room), l_means))
    };
    let tiling = &k.matrix.tiling;
    let tiles = tiling.tiles().into_par_iter().enumerate().with_max_len(tiling.batch());
    let products: Vec<[f64; 3]> = tiles.map_init(Default::default, of_tile).collect();
    let [kk, kl, ll] = std::array::from_fn(|which| sum(&products.iter().map(|products| products[which]).collect::<Vec<_>>()));
    once(&k.matrix.squared_norm, || kk);
    once(&l.matrix.squared_norm, || ll);
    kl
}

impl Entry {
    /// Fills a tile with values before centering.
    fn fill(&self, tiling: &Tiling, tile: &Tile, features: &Features, entries: &mut [f64]) {
        match self {
            Self::Exponential(shape) => {
                distances::fill(tile, features, entries, tiling.parallelism());
                shape.apply(tile, entries);
            }
            Self::Distance => {
                if let Some(given) = features.dissimilarities() {
                    return given.fill(tile, entries);
                }
                distances::fill(tile, features, entries, tiling.parallelism());
                tile.below_mut(entries).flat_map(|(_, _, below)| below).for_each(|squared| *squared = squared.max(0.0).sqrt());
                tile.diagonal_mut(entries).for_each(|entry| *entry = 0.0);
            }
            products => {
                features.inner_products(tile, entries, tiling.parallelism());
                products.apply(tile, entries);
            }
        }
    }

    /// Turns inner products into values of a kernel of them.
    fn apply(&self, tile: &Tile, entries: &mut [f64]) {
        match self {
            Self::Polynomial(polynomial) => {
                polynomial.join(tile, entries);
                polynomial.apply(tile, entries);
            }
            Self::Cosine { norms } => {
                for (column, first, below) in tile.below_mut(entries) {
                    below.iter_mut().zip(&norms[first..]).for_each(|(g, norm)| *g /= norm * norms[column]);
                }
                tile.diagonal_mut(entries).for_each(|g| *g = 1.0);
            }
            Self::Linear | Self::Distance | Self::Exponential(_) => {}
        }
    }
}

/// In one pass, in which each tile is seen as inner products and then as values.
fn of_polynomial((tiling, keep): (Tiling, bool), features: &Features, polynomial: Polynomial, centering: Centering) -> KernelMatrix {
    let mut store = tiling.store(keep);
    let fill = |tile: &Tile, entries: &mut [f64]| {
        features.inner_products(tile, entries, tiling.parallelism());
        polynomial.join(tile, entries);
    };
    let parts = tiling.pass(&mut store, fill, |tile, entries| {
        let moves = polynomial.moves(tile, entries);
        polynomial.apply(tile, entries);
        (moves.with_entries(tile, entries), Sums::of(tile, entries, centering))
    });
    let (moves, sums): (Vec<Moves>, Vec<Sums>) = parts.into_iter().unzip();
    let kind = polynomial.kind(moves, features, centering);
    KernelMatrix::centered(tiling, store, kind, Means::new(features.n(), sums, centering), None)
}
