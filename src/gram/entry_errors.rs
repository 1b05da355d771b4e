//! How far the entries of a matrix of distances between examples, or of a kernel of these, are off
//! by rounding: each by its own size, added up as squares.
//!
//! With d a squared distance, `both` the sum of the squared lengths of its two centered examples,
//! and s = (a(p) + 1) eps, a(p) = min(sqrt p, p / 2), what a sum of p products errs by, of its
//! magnitudes ([`tolerance`](crate::tolerance)): d from products errs by 2 s both, by two additions,
//! and by the rounding of the centered entries, eps (d + both) or so (their common mean cancels); d
//! from differences, which is taken where d is at most both / 4, by s d and little more, and by the
//! rounding of centered entries where the differences are of these, h = eps / 2 (|x_i| + |x_j|) in
//! length. So
//!
//!   |error of d| <= eps ((2 a(p) + 6) min(both, 4 d) + sqrt(2 both d) + 1.5 eps both),
//!
//! 2 sqrt(d) h and 3 h^2 for the true distance, which is longer by h at most.
//!
//! Centering subtracts means of rows whose errors are constant over a row: as both matrices of an
//! inner product are centered, they enter it with their square alone.

use crate::arrays::sums::{sum, vectorised};
use crate::arrays::tiles::Tile;
use crate::gram::centering::Means;
use crate::gram::dissimilarities::Dissimilarities;
use crate::gram::product_errors::sum_of_products;
use crate::kernel::Centering;
use crate::linalg::features::Features;
use crate::tolerance::{EPS, rounding};

/// Squared lengths and shares that errors of distances are made of.
#[derive(Debug)]
pub(crate) struct EntryErrors<'a> {
    lengths: &'a [f64],
    of_products: f64,
    of_itself: f64,
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
    /// Of distances that err by so much more of themselves, relatively and over eps: by what
    /// follows from them, and by a bandwidth.
    pub(crate) fn new(features: &'a Features, of_itself: f64) -> Self {
        let of_centering = if features.differences_are_exact() { 0.0 } else { std::f64::consts::SQRT_2 };
        Self { lengths: features.row_squared_norms(), of_products: of_products(features.p()), of_itself, of_centering }
    }

    /// Of distances themselves: each is the root of its square.
    pub(crate) fn of_roots(features: &'a Features) -> Self {
        Self::new(features, 2.0)
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
            squares.add(&[entry], &error, |_| 1.0);
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
                    squares.add(below, room, |_| 1.0);
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
            let of_centering = self.of_centering * ((both * d).sqrt() + 1.5 * EPS * both);
            *error = self.of_products * both.min(4.0 * d) + self.of_itself * d + of_centering;
        }
    }

    /// The same of distances, which are half of that over themselves.
    #[inline(always)]
    pub(super) fn of_lengths(&self, column: usize, first: usize, lengths: impl Iterator<Item = f64>, errors: &mut [f64]) {
        let own = self.lengths[column];
        for ((error, t), other) in errors.iter_mut().zip(lengths).zip(&self.lengths[first..]) {
            let both = other + own;
            // Of two equal examples at the mean 0 / 0 is no number, and the lesser of it and 0 is 0.
            let of_products = self.of_products * (both / t).min(4.0 * t);
            *error = 0.5 * (of_products + self.of_itself * t + self.of_centering * both.sqrt());
        }
    }
}

impl Squares {
    /// Adds entries off the diagonal with their errors: slope times those of the distances, and two
    /// units in the last place.
    #[inline(always)]
    pub(super) fn add(&mut self, entries: &[f64], errors: &[f64], slope: impl Fn(f64) -> f64) {
        let [mut of_errors, mut of_entries] = [[0.0; 8]; 2];
        let mut one = |lane: usize, entry: f64, error: f64| {
            let error = slope(entry) * error + 2.0 * entry.abs();
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

    /// What follows for the centered matrix, from all of its tiles.
    ///
    /// A centered entry is v - (r_i + r_j) + r: it errs by eps / 2 times |r_i + r_j|, what is left
    /// after that is subtracted, and itself. The means r are at most a = n / (n - 2) times those of
    /// the rows (U-centered) and a squared times that of all, and no longer than the entries.
    /// None where a tile was not looked at.
    pub(super) fn known(parts: Vec<Option<Self>>, features: &Features, centering: Centering) -> Option<ByEntry> {
        let parts: Vec<Self> = parts.into_iter().collect::<Option<_>>()?;
        let total = |of: fn(&Self) -> f64| sum(&parts.iter().map(of).collect::<Vec<_>>()).sqrt();
        let (errors, spread) = (total(|part| part.errors), total(|part| part.entries));
        let (n, p) = (features.n(), features.p());
        let centered = 0.5 * (6.0 * Means::share(n, centering) + 1.0) * spread;
        Some(ByEntry { error: (errors + centered) * EPS / rounding(n, p), spread })
    }
}

/// What sums of p products leave a squared distance off by, over eps.
fn of_products(p: usize) -> f64 {
    2.0 * sum_of_products(p) + 6.0
}

/// How far a bandwidth that is the middle one of the distances is off, relatively and over eps,
/// `middle` its square: no farther than any distance is, and by its root, the mean of two and a
/// factor.
pub(super) fn of_bandwidth(features: &Features, middle: f64) -> f64 {
    let longest = features.row_squared_norms().iter().copied().fold(0.0, f64::max);
    let share = (2.0 * longest / middle).min(4.0);
    let of_centering = if features.differences_are_exact() { 0.0 } else { (4.0 * longest / middle).sqrt() };
    0.5 * (of_products(features.p()) * share + of_centering) + 2.0
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
