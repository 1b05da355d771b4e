//! How far the entries of a matrix of distances between examples, or of a kernel of these, are off
//! by rounding: each by its own size, added up as squares.
//!
//! With d a squared distance, `both` the sum of the squared lengths of its two centered examples,
//! and a(p) = min(sqrt p, p / 2), what a sum of p products errs by of its magnitudes
//! ([`tolerance`](crate::tolerance)):
//!
//! - d from products errs by a(p) both of the two lengths and a(p) both of the product, and by two
//!   additions, (2 a(p) + 1/2) both + d / 2;
//! - d from differences, which is taken where d is at most both / 4, by (a(p) + 1) d: each
//!   difference is rounded, and squared.
//!
//! Centering rounds each entry twice, each time by half an eps at most and four standard deviations
//! of 0.85 eps (their common mean cancels): two entries x and y of one neuron by
//! 0.85 eps sqrt(2 x^2 + 2 y^2) together, and d, which is moved by twice that times their
//! difference, by 2.4 eps sqrt(both d). Differences of entries as they stand do not meet it. The
//! true distance is longer by h at most, h^2 = 2 eps^2 both, which the root of d does not tell
//! where d is less: 6 eps both is added, 3 h^2.
//!
//! Centering subtracts means of rows whose errors are constant over a row: as both matrices of an
//! inner product are centered, they enter it with their square alone.

use crate::arrays::near_distances::is_accurate;
use crate::arrays::sums::{sum, vectorised};
use crate::arrays::tiles::Tile;
use crate::gram::centering::Means;
use crate::gram::dissimilarities::Dissimilarities;
use crate::gram::product_errors::sum_of_products;
use crate::kernel::Centering;
use crate::linalg::features::Features;
use crate::tolerance::{EPS, rounding};

/// What centering moves a squared distance by, over eps and the root of `both` and itself.
pub(crate) const OF_CENTERING: f64 = 2.4;

/// What a root errs by, over eps and itself.
const OF_ROOT: f64 = 0.5;

/// Squared lengths and shares that errors of distances are made of.
#[derive(Debug)]
pub(crate) struct EntryErrors<'a> {
    lengths: &'a [f64],
    /// What of `both` a distance from products errs by, and of itself one from differences.
    of_products: f64,
    of_differences: f64,
    of_itself: f64,
    /// What centering leaves of one from differences, of the root of `both` and d.
    of_centering: f64,
}

/// Sums of squares over the entries of a tile, each as often as it stands in the whole matrix.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Squares {
    /// Of errors, over eps.
    errors: f64,
    /// Of the entries.
    entries: f64,
}

/// What is known of a matrix by its entries.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByEntry {
    /// |error of the centered matrix|_F, its rows' means as they are, over c(n, p) eps.
    pub(super) error: f64,
    /// |entries before centering|_F.
    pub(super) spread: f64,
}

impl<'a> EntryErrors<'a> {
    /// Of squared distances that err by so much more of themselves, relatively and over eps: by
    /// what follows from them, and by a bandwidth.
    pub(crate) fn new(features: &'a Features, of_itself: f64) -> Self {
        let of_centering = if features.differences_are_exact() { 0.0 } else { OF_CENTERING };
        let (of_products, of_differences) = (of_products(features.p()), sum_of_products(features.p()) + 1.0);
        Self { lengths: features.row_squared_norms(), of_products, of_differences, of_itself, of_centering }
    }

    /// The norm of the errors over eps of all distances, or of all squared ones.
    pub(crate) fn of_all(&self, distances: &Dissimilarities, squared: bool) -> f64 {
        let (mut squares, mut error) = (Squares::default(), [0.0]);
        for (row, column, entry) in distances.pairs() {
            let entry = if squared { entry.max(0.0) } else { entry.max(0.0).sqrt() };
            if squared {
                self.of_squared(column, row, &[entry], &mut error);
            } else {
                self.of_lengths(column, row, std::iter::once(entry), &mut error);
            }
            squares.add(&[entry], &error, if squared { 0.0 } else { OF_ROOT }, |_| 1.0);
        }
        // They were counted twice.
        (0.5 * squares.errors).sqrt()
    }

    /// Of a tile of distances.
    pub(super) fn of_tile(&self, tile: &Tile, lengths: &[f64]) -> Squares {
        let (mut squares, mut room) = (Squares::default(), vec![0.0; tile.rows.len()]);
        vectorised(
            #[inline(always)]
            || {
                for (column, first, below) in tile.below(lengths) {
                    let room = &mut room[..below.len()];
                    self.of_lengths(column, first, below.iter().copied(), room);
                    squares.add(below, room, OF_ROOT, |_| 1.0);
                }
            },
        );
        squares
    }

    /// What each squared distance of a column errs by over eps; `first` is the row of the first.
    #[inline(always)]
    pub(super) fn of_squared(&self, column: usize, first: usize, squared: &[f64], errors: &mut [f64]) {
        let own = self.lengths[column];
        for ((error, d), other) in errors.iter_mut().zip(squared).zip(&self.lengths[first..]) {
            let both = other + own;
            let (of_sums, of_centering) = if is_accurate(*d, both) {
                (self.of_products * both + 0.5 * d, OF_CENTERING)
            } else {
                (self.of_differences * d, self.of_centering)
            };
            *error = of_sums + self.of_itself * d + of_centering * ((both * d).sqrt() + 2.5 * EPS * both);
        }
    }

    /// The same of distances, which are half of that over themselves.
    #[inline(always)]
    pub(super) fn of_lengths(&self, column: usize, first: usize, lengths: impl Iterator<Item = f64>, errors: &mut [f64]) {
        let own = self.lengths[column];
        for ((error, t), other) in errors.iter_mut().zip(lengths).zip(&self.lengths[first..]) {
            let both = other + own;
            // A root that was rounded may be that of a distance on the other side of the cut.
            let (of_sums, of_centering) = if is_accurate(t * t * (1.0 + 4.0 * EPS), both) {
                (self.of_products * (both / t) + 0.5 * t, OF_CENTERING)
            } else {
                (self.of_differences * t, self.of_centering)
            };
            *error = 0.5 * (of_sums + self.of_itself * t + of_centering * both.sqrt());
        }
    }
}

impl Squares {
    /// Adds entries off the diagonal with their errors: slope times those of the distances, and so
    /// many units in the last place.
    #[inline(always)]
    pub(super) fn add(&mut self, entries: &[f64], errors: &[f64], units: f64, slope: impl Fn(f64) -> f64) {
        let [mut of_errors, mut of_entries] = [[0.0; 8]; 2];
        let mut one = |lane: usize, entry: f64, error: f64| {
            let error = slope(entry) * error + units * entry.abs();
            of_errors[lane] += error * error;
            of_entries[lane] += entry * entry;
        };
        let ((chunks, rest), (error_chunks, errors_left)) = (entries.as_chunks::<8>(), errors.as_chunks::<8>());
        for (entries, errors) in chunks.iter().zip(error_chunks) {
            (0..8).for_each(|lane| one(lane, entries[lane], errors[lane]));
        }
        rest.iter().zip(errors_left).for_each(|(entry, error)| one(0, *entry, *error));
        self.errors += 2.0 * of_errors.iter().sum::<f64>();
        self.entries += 2.0 * of_entries.iter().sum::<f64>();
    }

    /// Adds entries that are exact, of the diagonal.
    pub(super) fn add_exact(&mut self, entries: impl Iterator<Item = f64>) {
        self.entries += entries.map(|entry| entry * entry).sum::<f64>();
    }

    /// What follows for the centered matrix, from all of its tiles: none where one was not looked
    /// at.
    pub(super) fn known(parts: Vec<Option<Self>>, features: &Features, centering: Centering) -> Option<ByEntry> {
        let parts: Vec<Self> = parts.into_iter().collect::<Option<_>>()?;
        let total = |of: fn(&Self) -> f64| sum(&parts.iter().map(of).collect::<Vec<_>>()).sqrt();
        Some(ByEntry::new(total(|part| part.errors), total(|part| part.entries), features, centering))
    }
}

impl ByEntry {
    /// Given the norm of the errors over eps, and that of the entries.
    ///
    /// A centered entry is v - (r_i + r_j) + r: it errs by eps / 2 times |r_i + r_j|, what is left
    /// after that is subtracted, and itself. With V the entries, of the norm `spread`, and P =
    /// 11'/n these are VP + PV, V - VP - PV and V - VP - PV + PVP where means are over all n, of at
    /// most 2, 1 and 1 times that norm. Means r of rows that are larger by a = n / (n - 2)
    /// (U-centered), and that of all by less than a squared, add 2 (a - 1) to the three and a^2 - 1
    /// to the last.
    pub(super) fn new(errors: f64, spread: f64, features: &Features, centering: Centering) -> Self {
        let (n, p) = (features.n(), features.p());
        let more = Means::share(n, centering) - 1.0;
        let centered = 0.5 * (4.0 + 6.0 * more + more * (more + 2.0)) * spread;
        Self { error: (errors + centered) * EPS / rounding(n, p), spread }
    }
}

/// What sums of p products, and an addition, leave of a squared distance over eps and `both`.
pub(crate) fn of_products(p: usize) -> f64 {
    2.0 * sum_of_products(p) + 0.5
}

/// How far a bandwidth that is the middle one of the distances is off, relatively and over eps,
/// `middle` its square: no farther than any distance is, and by its root, the mean of two and a
/// factor.
pub(super) fn of_bandwidth(features: &Features, middle: f64) -> f64 {
    let longest = features.row_squared_norms().iter().copied().fold(0.0, f64::max);
    let (both, p) = (2.0 * longest / middle, features.p());
    // Of a distance from products `both` is less than four times that.
    let of_sums = (of_products(p) * both.min(4.0) + 0.5).max(sum_of_products(p) + 1.0);
    // Where differences are exact, of one from products alone.
    let of_centering = OF_CENTERING * if features.differences_are_exact() { both.min(4.0) } else { both }.sqrt();
    0.5 * (of_sums + of_centering) + 2.0
}

/// Applies a function to the entries of each column of a tile, with room for as many numbers.
pub(super) fn each_column(tile: &Tile, entries: &mut [f64], mut function: impl FnMut(usize, usize, &mut [f64], &mut [f64])) {
    let mut room = vec![0.0; tile.rows.len()];
    vectorised(
        #[inline(always)]
        || {
            for (column, first, below) in tile.below_mut(entries) {
                let room = &mut room[..below.len()];
                function(column, first, below, room);
            }
        },
    );
}
