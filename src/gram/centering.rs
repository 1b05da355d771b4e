//! Centering a symmetric matrix in tiles: what to subtract, and inner products of entries that are
//! centered as they are read.

use crate::arrays::sums::{dot, sum, vectorised};
use crate::arrays::tiles::{Tile, WIDTH};
use crate::kernel::Centering;

/// What the entries of a tile add to the sums of the matrix's rows.
#[derive(Debug)]
pub(crate) struct Sums {
    pub(super) tile: Tile,
    /// To those of the tile's rows.
    pub(super) rows: Vec<f64>,
    /// To those that its columns are by symmetry.
    pub(super) columns: Vec<f64>,
}

impl Sums {
    pub(crate) fn of(tile: &Tile, entries: &[f64], centering: Centering) -> Self {
        let (mut rows, mut columns) = (vec![0.0; tile.rows.len()], vec![0.0; tile.columns.len()]);
        vectorised(
            #[inline(always)]
            || {
                for (column, first, below) in tile.below(entries) {
                    rows[first - tile.rows.start..].iter_mut().zip(below).for_each(|(sum, value)| *sum += value);
                    columns[column - tile.columns.start] = sum(below);
                }
            },
        );
        if centering == Centering::Double {
            columns.iter_mut().zip(tile.diagonal(entries)).for_each(|(sum, value)| *sum += value);
        }
        Self { tile: tile.clone(), rows, columns }
    }

    /// The sums of all n rows, from those of all tiles, added in their order.
    pub(crate) fn of_rows(n: usize, parts: impl IntoIterator<Item = Self>) -> Vec<f64> {
        let mut rows = vec![0.0; n];
        for part in parts {
            rows[part.tile.rows].iter_mut().zip(part.rows).for_each(|(sum, part)| *sum += part);
            rows[part.tile.columns].iter_mut().zip(part.columns).for_each(|(sum, part)| *sum += part);
        }
        rows
    }
}

/// A centered entry is K_ij - (row_i + row_j) + all; U-centered matrices have no diagonal.
#[derive(Debug)]
pub(crate) struct Means {
    centering: Centering,
    rows: Vec<f64>,
    all: f64,
}

impl Means {
    /// From the sums of all tiles.
    pub(crate) fn new(n: usize, sums: Vec<Sums>, centering: Centering) -> Self {
        let mut rows = Sums::of_rows(n, sums);
        let (total, n) = (sum(&rows), n as f64);
        let (divisor, divisor_of_all) = match centering {
            Centering::Double => (n, n * n),
            Centering::Unbiased => (n - 2.0, (n - 1.0) * (n - 2.0)),
        };
        rows.iter_mut().for_each(|row| *row /= divisor);
        Self { centering, rows, all: total / divisor_of_all }
    }

    /// What a mean of a row is at most, over the mean of all of its entries.
    pub(super) fn share(n: usize, centering: Centering) -> f64 {
        match centering {
            Centering::Double => 1.0,
            Centering::Unbiased => n as f64 / (n as f64 - 2.0),
        }
    }

    /// What the errors of the means of two matrices move their inner product by, over the square of
    /// c(n, p) eps and the norms of the entries before centering.
    ///
    /// With a the share above, the means of rows are off by d, |d| <= a c eps |K|_F / sqrt n, and
    /// that of all by at most 2 a^2 c eps |K|_F / n. An exact matrix has rows that sum to 0 and
    /// meets neither; sums of rows of the other as it was computed are at most (2 a + 2 a^2 + 7)
    /// c eps sqrt n |L|_F, which 2 d and the other mean meet.
    pub(super) fn errors_of_both(&self) -> f64 {
        let a = Self::share(self.rows.len(), self.centering);
        (2.0 * a + 2.0 * a * a) * (2.0 * a + 2.0 * a * a + 7.0)
    }

    /// Whether the matrix is centered as H K H is.
    pub(super) fn is_double(&self) -> bool {
        self.centering == Centering::Double
    }

    /// What centering leaves the products of centered examples off by, over eps, in the Frobenius
    /// norm: |X|_F^2 is `total`, and |centered entries|_F `norm`.
    ///
    /// Rows of XX' sum to 0, so that H K H is K. Without the diagonal they sum to -K_ii: the means
    /// K_ii / (n - 2) have a norm of at most |X|_F^2 / (n - 2), so that r_i + r_j has 2 sqrt(n)
    /// times that, and the mean of all less than twice it. Half an eps is left of each, and an eps
    /// of what comes out.
    pub(super) fn rounding_of_products(&self, total: f64, norm: f64) -> f64 {
        let n = self.rows.len() as f64;
        if self.is_double() { 0.0 } else { (n.sqrt() + 1.0) / (n - 2.0) * total + norm }
    }

    #[inline(always)]
    fn centered(&self, entry: f64, row: f64, column: f64) -> f64 {
        entry - (row + column) + self.all
    }
}

/// Every entry of a tile, centered, with its row and column: those on the diagonal and below it.
pub(crate) fn centered_entries(tile: &Tile, entries: &[f64], means: &Means, mut visit: impl FnMut(usize, usize, f64)) {
    for (column, first, below) in tile.below(entries) {
        for (row, entry) in (first..).zip(below) {
            visit(row, column, means.centered(*entry, means.rows[row], means.rows[column]));
        }
    }
    for (row, entry) in tile.columns.clone().zip(tile.diagonal(entries)) {
        let centered = means.centered(*entry, means.rows[row], means.rows[row]);
        visit(row, row, if means.centering == Centering::Double { centered } else { 0.0 });
    }
}

/// What a tile adds to <K, K>, <K, L> and <L, L> of two centered matrices, each given by entries
/// before centering and its means.
pub(crate) fn centered_products(tile: &Tile, (k, k_means): (&[f64], &Means), (l, l_means): (&[f64], &Means)) -> [f64; 3] {
    // One sum of each kind for each row, so that terms side by side are added side by side.
    let [mut kk, mut kl, mut ll] = [(); 3].map(|()| vec![0.0; tile.rows.len()]);
    vectorised(
        #[inline(always)]
        || {
            for ((column, first, k), (_, _, l)) in tile.below(k).zip(tile.below(l)) {
                let from = first - tile.rows.start;
                let (kk, kl, ll) = (&mut kk[from..], &mut kl[from..], &mut ll[from..]);
                let (k_rows, l_rows) = (&k_means.rows[first..][..k.len()], &l_means.rows[first..][..l.len()]);
                let (k_column, l_column) = (k_means.rows[column], l_means.rows[column]);
                let values = k.iter().zip(k_rows).zip(l.iter().zip(l_rows));
                for (((k, k_row), (l, l_row)), ((kk, kl), ll)) in values.zip(kk.iter_mut().zip(kl.iter_mut()).zip(ll.iter_mut())) {
                    let (k, l) = (k_means.centered(*k, *k_row, k_column), l_means.centered(*l, *l_row, l_column));
                    *kk += k * k;
                    *kl += k * l;
                    *ll += l * l;
                }
            }
        },
    );
    // Both triangles.
    let mut products = [&kk, &kl, &ll].map(|rows| 2.0 * sum(rows));
    if k_means.centering == Centering::Double {
        let on_diagonal = |means: &Means, entries: &[f64]| -> Vec<f64> {
            let entries = tile.columns.clone().zip(tile.diagonal(entries));
            entries.map(|(column, entry)| means.centered(*entry, means.rows[column], means.rows[column])).collect()
        };
        let (k, l) = (on_diagonal(k_means, k), on_diagonal(l_means, l));
        products = [products[0] + dot(&k, &k), products[1] + dot(&k, &l), products[2] + dot(&l, &l)];
    }
    products
}

/// What an inner product of two centered matrices errs by over eps and their norms: a row of a tile
/// is added up term by term, of at most [`WIDTH`] terms, whose sums grow (a third of the square of
/// the last is the mean of their squares: 0.85 sqrt(WIDTH / 3)), and all else pairwise.
pub(crate) fn error_of_sum(n: usize) -> f64 {
    0.5 * (n.min(WIDTH) as f64).sqrt() + 1.5
}
