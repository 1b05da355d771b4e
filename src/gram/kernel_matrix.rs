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

use crate::arrays::scale::{factors, with_exponent};
use crate::arrays::sums::{sum, vectorised};
use crate::arrays::tiles;
use crate::arrays::tiles::{Store, Tile, Tiling};
use crate::error::Error;
use crate::gram::centering::{Means, Sums, centered_entries, centered_products};
use crate::gram::distances;
use crate::gram::kernel_kinds::{cosine, distance, linear};
use crate::gram::kernel_shape::{Extrema, NearPeaks, Shape};
use crate::gram::median;
use crate::gram::median::Search;
use crate::gram::polynomial::{Moves, Polynomial};
use crate::kernel::Centering;
use crate::kernel::{Bandwidth, Kernel};
use crate::linalg::features::{Features, once};

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
            Kernel::Cosine { .. } => cosine(name, features)?,
            Kernel::Distance => distance(features)?,
            Kernel::Rbf(rule) | Kernel::Laplace(rule) => {
                let squared = matches!(kernel, Kernel::Rbf(_));
                return exponential((tiling, keeping.kept), name, features, (rule, squared), centering);
            }
        };
        // The Gram matrix of a wide representation is kept by its features.
        let mut store = tiling.store(keeping.kept && !(kernel == Kernel::Linear && features.is_wide()));
        let fill = |tile: &Tile, entries: &mut [f64]| kind.entry.fill(&tiling, tile, features, entries);
        let sums = tiling.pass(&mut store, fill, |tile, entries| Sums::of(tile, entries, centering));
        Ok(Self::centered(tiling, store, kind, Means::new(features.n(), sums, centering), None))
    }

    fn centered(tiling: Tiling, store: Store, kind: Kind, means: Means, bandwidth: Option<f64>) -> Self {
        let Kind { entry, exponent, sensitivity, error, rounding } = kind;
        Self { tiling, store, entry, means, exponent, sensitivity, error, rounding, bandwidth, squared_norm: OnceLock::new() }
    }

    /// |K|_F^2 of the centered entries of the whole symmetric matrix.
    pub(crate) fn squared_norm(&self, features: &Features) -> f64 {
        *once(&self.squared_norm, || inner(&self.of(features), &self.of(features)))
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

/// Of a bandwidth rule, the places of the two middle ones among the n(n-1)/2 distances i < j in
/// ascending order; where it is a zero of the diagonal, none.
fn middle_ranks(rule: Bandwidth, n: usize) -> [Option<usize>; 2] {
    let pairs = n * (n - 1) / 2;
    match rule {
        // Among all n^2 each pair counts twice, behind n zeros.
        Bandwidth::Demo { .. } => [(n * n - 1) / 2, n * n / 2].map(|rank| rank.checked_sub(n).map(|rank| rank / 2)),
        _ => [Some((pairs - 1) / 2), Some(pairs / 2)],
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
        (moves, Sums::of(tile, entries, centering))
    });
    let (moves, sums): (Vec<Moves>, Vec<Sums>) = parts.into_iter().unzip();
    KernelMatrix::centered(tiling, store, polynomial.kind(moves), Means::new(features.n(), sums, centering), None)
}

/// exp(-d^2 / (2 sigma^2)) (`squared`) or exp(-d / sigma).
fn exponential(
    (tiling, keep): (Tiling, bool),
    name: &str,
    features: &Features,
    (rule, squared): (Bandwidth, bool),
    centering: Centering,
) -> Result<KernelMatrix, Error> {
    let n = features.n();
    let pairs = n * (n - 1) / 2;
    if features.is_wide() {
        features.near_distances()?;
    }
    let mut store = tiling.store(keep);
    let fill = |tile: &Tile, entries: &mut [f64]| distances::fill(tile, features, entries, tiling.parallelism());
    let (moves, ranks) = match rule {
        Bandwidth::Fixed { .. } => (false, [None; 2]),
        _ => (true, middle_ranks(rule, n)),
    };
    let search = match ranks[1] {
        Some(rank) => Search::first(&distances::sample(features, median::sample_size(pairs)), rank, pairs),
        None => Search::nothing(),
    };
    let look = |search: &Search, store: &mut Store| {
        let seen = tiling.pass(store, fill, |tile, entries| {
            let (mut ends, mut counts) = (Extrema::NONE, search.counts());
            vectorised(
                #[inline(always)]
                || {
                    for (_, _, below) in tile.below(entries) {
                        ends.observe(below);
                        search.observe(below, &mut counts);
                    }
                },
            );
            search.record(&counts);
            (ends, counts)
        });
        seen.into_iter().fold((Extrema::NONE, search.counts()), |(ends, counts), (more_ends, more)| (ends.and(more_ends), counts.and(more)))
    };
    let (ends, counts) = look(&search, &mut store);
    let middle = match ranks[1] {
        Some(next) => {
            let (value, next) = median::select((ranks[0].unwrap_or(next), next), search, counts, |search| look(search, &mut store).1);
            (if ranks[0].is_some() { value } else { 0.0 }, next)
        }
        None => (0.0, 0.0),
    };
    let sigma = match rule {
        Bandwidth::Fixed { sigma } => {
            let (a, b) = factors((-features.exponent()).clamp(-2000, 2000));
            (sigma * a * b).clamp(f64::MIN_POSITIVE, f64::MAX)
        }
        Bandwidth::Median { fraction } => fraction * f64::midpoint(middle.0.sqrt(), middle.1.sqrt()),
        Bandwidth::LowerMedian { fraction } => fraction * middle.0.sqrt(),
        Bandwidth::Demo { fraction } => fraction * f64::midpoint(middle.0, middle.1).sqrt(),
    };
    if sigma == 0.0 {
        let pairs = if let Bandwidth::Demo { .. } = rule { n * n } else { pairs };
        return Err(Error::ZeroMedian { name: name.to_string(), pairs });
    }
    let shape = Shape::choose(name, (squared, centering), ends, features, sigma)?;
    let parts = tiling.pass(&mut store, fill, |tile, entries| {
        let mut around = NearPeaks::none(sigma);
        around.observe(tile, entries);
        shape.apply(tile, entries);
        (around, Sums::of(tile, entries, centering))
    });
    let (around, sums): (Vec<NearPeaks>, Vec<Sums>) = parts.into_iter().unzip();
    let around = around.into_iter().fold(NearPeaks::none(sigma), NearPeaks::and);
    let (steep, wide) = shape.slopes(&around, features.error_of_differences());
    let n = features.n() as f64;
    let norm = features.squared_norm().sqrt();
    // |d K_ij| <= steep |dx_i - dx_j| / sigma, and the sum of |dx_i - dx_j|^2 is at most 2 n
    // |dX|^2; a bandwidth from the data moves by at most sqrt 2 |dX| / sigma, relatively, and each
    // entry by `wide` times that. An entry errs by eps times its size and the size of its exponent.
    let own = steep * (2.0 * n).sqrt() * norm / sigma;
    let through_bandwidth = if moves { wide * n * std::f64::consts::SQRT_2 * norm / sigma } else { 0.0 };
    let rounding = n * (shape.largest() + wide);
    let sensitivity = own + through_bandwidth + rounding;
    // A distance from differences errs by rounding of its own size, one from products by at most
    // twice that over the share which has not cancelled; an entry moves by `wide` times it, and
    // once more with the bandwidth.
    let error = if features.differences_are_exact() { n * (shape.largest() + 8.0 * wide) } else { sensitivity };
    let kind = Kind { entry: Entry::Exponential(shape), exponent: shape.exponent(), sensitivity, error, rounding };
    let reported = match rule {
        Bandwidth::Fixed { sigma } => sigma,
        _ => with_exponent(sigma, features.exponent())?,
    };
    Ok(KernelMatrix::centered(tiling, store, kind, Means::new(features.n(), sums, centering), Some(reported)))
}
