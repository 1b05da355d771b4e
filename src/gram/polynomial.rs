//! Polynomial kernels of inner products: their entries, and how much each of them moves.

use faer::Mat;

use crate::arrays::product::{product, slice};
use crate::arrays::scale::{exponent, factors};
use crate::arrays::sums::{sum, sum_of_squares, vectorised};
use crate::arrays::tiles::Tile;
use crate::error::Error;
use crate::gram::centering::Sums;
use crate::gram::entry_errors::ByEntry;
use crate::gram::kernel_kinds::OF_MEAN;
use crate::gram::kernel_matrix::{Entry, Kind};
use crate::gram::product_errors::sum_of_products;
use crate::kernel::Centering;
use crate::linalg::features::Features;

/// (s g + offset)^degree - offset^degree with s = 2^(2 exponent), g the Gram matrix of the scaled
/// features; of rows as they are, with what [`OffMean`] says of g and the offset.
///
/// With m the power of two above max(offset, s max g), a = s/m and b = offset/m it is m^(degree-1)
/// s times g sum_{k >= 1} C(degree, k) b^(degree-k) (a g)^(k-1), in which nothing overflows and
/// nothing cancels but signs of g. U-centering drops the diagonal: max g is of the others then.
#[derive(Debug)]
pub(super) struct Polynomial {
    degree: u32,
    a: f64,
    b: f64,
    /// C(degree, k) b^(degree-k), from k = 1 up.
    coefficients: Vec<f64>,
    off_mean: Option<OffMean>,
    hollow: bool,
    lengths: Lengths,
    /// The values are the entries times 2^exponent.
    exponent: i64,
}

/// Lengths that the errors of inner products are made of, all in one unit.
#[derive(Debug)]
struct Lengths {
    /// Of the centered examples u_i.
    rows: Vec<f64>,
    /// The root of the mean square of these.
    typical: f64,
    /// Of the rows that the kernel is of.
    raw: Vec<f64>,
    /// Of the mean row m, 0 where rows are centered.
    mean: f64,
    /// Of what all examples err by where rows are not centered, over eps: the first of the u_i,
    /// from which m follows.
    first: f64,
    /// What a sum of p products errs by over eps.
    of_sum: f64,
}

/// How much the entries of a tile move.
#[derive(Debug)]
pub(super) struct Moves {
    /// Sums of squares over the entries, each as often as it stands in the whole matrix: what it is
    /// off by over c(n, p) eps for centered examples as they are; with their centering, over eps;
    /// and itself.
    rounding: f64,
    error: f64,
    entries: f64,
    /// (slope |x|)^2 of an entry, x the example of the column it is in.
    slopes: Sums,
}

impl Polynomial {
    /// # Errors
    /// As [`OffMean::new`].
    pub(super) fn new(
        features: &Features,
        (degree, offset): (u32, f64),
        raw: Option<&Features>,
        centering: Centering,
    ) -> Result<Self, Error> {
        let off_mean = raw.map(|raw| OffMean::new(features, raw)).transpose()?;
        let hollow = centering == Centering::Unbiased;
        let squares = features.row_squared_norms();
        let (first, second) =
            squares.iter().fold(
                (0.0_f64, 0.0_f64),
                |(first, second), square| {
                    if *square > first { (*square, first) } else { (first, second.max(*square)) }
                },
            );
        // Of two different examples at most this, and of one the square of its length.
        let products = if hollow { first.sqrt() * second.sqrt() } else { first };
        let (largest, scale) = match &off_mean {
            Some(mean) => (mean.of_products * products + 2.0 * mean.largest(), 2 * mean.exponent),
            None => (products, 2 * features.exponent()),
        };
        let of_mean = off_mean.as_ref().map_or((0.0, 0), |mean| (mean.squared, 2 * mean.exponent));
        let sizes = [(largest, scale), (offset, 0), of_mean];
        let sizes = sizes.iter().filter(|(value, _)| *value > 0.0).map(|(value, e)| exponent(*value) + e);
        let common = sizes.max().unwrap_or(scale);
        // One factor after the other: 2^e itself may be infinite where the product is not.
        let times_power = |value: f64, e: i64| {
            let (a, b) = factors(e.clamp(-2000, 2000));
            value * a * b
        };
        let a = times_power(1.0, scale - common);
        let b = times_power(offset, -common) + times_power(of_mean.0, of_mean.1 - common);
        Ok(Self {
            degree,
            a,
            b,
            coefficients: (1..=degree).map(|k| binomial(degree, k) * b.powi((degree - k) as i32)).collect(),
            lengths: Lengths::new(features, off_mean.as_ref()),
            off_mean,
            hollow,
            exponent: scale + common * i64::from(degree - 1),
        })
    }

    /// Turns inner products of the centered examples into those of the rows, without m . m.
    pub(super) fn join(&self, tile: &Tile, entries: &mut [f64]) {
        let Some(OffMean { of_products, along, .. }) = &self.off_mean else { return };
        for (column, first, below) in tile.below_mut(entries) {
            below.iter_mut().zip(&along[first..]).for_each(|(g, row)| *g = *g * of_products + (row + along[column]));
        }
        let rows = &along[tile.first_row()..];
        tile.diagonal_mut(entries).zip(rows).for_each(|(g, row)| *g = *g * of_products + 2.0 * row);
    }

    /// Turns joined inner products into values.
    pub(super) fn apply(&self, tile: &Tile, entries: &mut [f64]) {
        let mut values = vec![0.0; tile.rows.len()];
        vectorised(
            #[inline(always)]
            || {
                for (_, _, below) in tile.below_mut(entries) {
                    let values = &mut values[..below.len()];
                    self.values(below, values);
                    below.copy_from_slice(values);
                }
            },
        );
        for g in tile.diagonal_mut(entries) {
            let mut value = [0.0];
            self.values(&[*g], &mut value);
            *g = if self.hollow { 0.0 } else { value[0] };
        }
    }

    /// One coefficient after the other for all of them: what is side by side is computed side by
    /// side.
    #[inline(always)]
    fn values(&self, products: &[f64], values: &mut [f64]) {
        values.fill(0.0);
        for coefficient in self.coefficients.iter().rev() {
            values.iter_mut().zip(products).for_each(|(value, g)| *value = *value * (self.a * g) + coefficient);
        }
        values.iter_mut().zip(products).for_each(|(value, g)| *value *= g);
    }

    /// degree (a |t| + b)^(degree-1)
    #[inline(always)]
    fn slopes(&self, products: &[f64], slopes: &mut [f64]) {
        slopes.fill(f64::from(self.degree));
        for _ in 1..self.degree {
            slopes.iter_mut().zip(products).for_each(|(slope, t)| *slope *= self.a * t.abs() + self.b);
        }
    }

    /// What rounding moves the value of a product t by over c(n, p) eps, and what it and centering
    /// do over eps, given the lengths of the two examples.
    #[inline(always)]
    fn moved(&self, slope: f64, t: f64, i: f64, j: f64) -> (f64, f64) {
        let Lengths { typical, mean, first, of_sum, .. } = self.lengths;
        let (both, sum, degree) = (i * j, i + j, f64::from(self.degree));
        let rounding = both + mean * sum + degree * t.abs();
        let of_mean = if mean > 0.0 {
            (of_sum + 2.0) * mean * sum + first * (2.0 * mean + sum) + (3.0 * degree - 2.5) * t.abs()
        } else {
            OF_MEAN * typical * sum
        };
        let error = (of_sum + 2.0) * both + of_mean + degree * t.abs();
        (slope * rounding, slope * error)
    }

    /// How much the values of joined inner products move.
    ///
    /// The value of a product t moves by slope |dt| at most, the slope being that of |t|. Over eps
    /// dt is a(p) |u_i| |u_j| for the rounding of a sum, and |u_i| |u_j| for that of the centered
    /// entries of each of the two examples. What is left of a mean is one vector for all examples
    /// ([`OF_MEAN`]); where the mean m joins again, its own rounding, |m| / 2, and that
    /// of the first u, from which it follows, stand in its place; sums and their rounding are then
    /// of u_i . m too. What moves b moves the value by (degree - 1) |t| slope times its relative
    /// error, 2 for the sum of squares and 1 for m. The evaluation errs by 2 degree times eps / 2
    /// of the sum of magnitudes, which is at most |t| times the slope.
    pub(super) fn moves(&self, tile: &Tile, entries: &[f64]) -> Moves {
        let Lengths { rows, raw, .. } = &self.lengths;
        let height = tile.rows.len();
        let [mut slopes, mut rounding, mut error, mut of_rows] = [(); 4].map(|()| vec![0.0; height]);
        let mut of_columns = vec![0.0; tile.columns.len()];
        vectorised(
            #[inline(always)]
            || {
                for (column, first, below) in tile.below(entries) {
                    let (slopes, from, count) = (&mut slopes[..below.len()], first - tile.rows.start, below.len());
                    self.slopes(below, slopes);
                    let sums = rounding[from..].iter_mut().zip(&mut error[from..]);
                    for (((slope, t), row), (rounding, error)) in slopes.iter().zip(below).zip(&rows[first..]).zip(sums) {
                        let (of_rounding, of_error) = self.moved(*slope, *t, *row, rows[column]);
                        *rounding += 2.0 * of_rounding * of_rounding;
                        *error += 2.0 * of_error * of_error;
                    }
                    let own = raw[column];
                    of_rows[from..].iter_mut().zip(&*slopes).for_each(|(sum, slope)| *sum += (slope * own) * (slope * own));
                    slopes.iter_mut().zip(&raw[first..][..count]).for_each(|(slope, raw)| *slope *= raw);
                    of_columns[column - tile.columns.start] += sum_of_squares(slopes);
                }
            },
        );
        if !self.hollow {
            for (place, t) in tile.diagonal(entries).enumerate() {
                let (row, mut slope) = (tile.rows.start + place, [0.0]);
                self.slopes(&[*t], &mut slope);
                let (of_rounding, of_error) = self.moved(slope[0], *t, rows[row], rows[row]);
                rounding[place] += of_rounding * of_rounding;
                error[place] += of_error * of_error;
                of_columns[place] += (slope[0] * raw[row]).powi(2);
            }
        }
        let slopes = Sums { tile: tile.clone(), rows: of_rows, columns: of_columns };
        Moves { rounding: sum(&rounding), error: sum(&error), entries: 0.0, slopes }
    }

    /// The kernel and what is known of its matrix, given how its tiles move.
    ///
    /// For any change dX of the rows the squares of slope (|x_i| |dx_j| + |x_j| |dx_i|) add up to
    /// at most 4 |dX|_F^2 times the largest sum of squares of slope |x_i| over a row.
    pub(super) fn kind(self, moves: Vec<Moves>, features: &Features, centering: Centering) -> Kind {
        let total = |of: fn(&Moves) -> f64| sum(&moves.iter().map(of).collect::<Vec<_>>()).sqrt();
        let (rounding, errors, spread) = (total(|part| part.rounding), total(|part| part.error), total(|part| part.entries));
        let rows = Sums::of_rows(self.lengths.raw.len(), moves.into_iter().map(|part| part.slopes));
        let largest = rows.into_iter().fold(0.0, f64::max).sqrt();
        let by_entry = ByEntry::new(errors, spread, features, centering);
        let sensitivity = 2.0 * sum_of_squares(&self.lengths.raw).sqrt() * largest + by_entry.error;
        Kind {
            exponent: self.exponent,
            entry: Entry::Polynomial(self),
            sensitivity,
            error: sensitivity,
            rounding,
            by_entry: Some(by_entry),
        }
    }
}

impl Moves {
    /// The same with the entries of the tile, which have become values.
    pub(super) fn with_entries(mut self, tile: &Tile, entries: &[f64]) -> Self {
        let below = sum(&tile.below(entries).map(|(_, _, below)| sum_of_squares(below)).collect::<Vec<_>>());
        let diagonal: Vec<f64> = tile.diagonal(entries).copied().collect();
        self.entries = 2.0 * below + sum_of_squares(&diagonal);
        self
    }
}

impl Lengths {
    fn new(features: &Features, off_mean: Option<&OffMean>) -> Self {
        let squares = features.row_squared_norms();
        let (down, mean) = off_mean.map_or((1.0, 0.0), |mean| (mean.of_products.sqrt(), mean.squared.sqrt()));
        let rows: Vec<f64> = squares.iter().map(|square| down * square.sqrt()).collect();
        let typical = down * (sum(squares) / squares.len() as f64).sqrt();
        let raw = match off_mean {
            Some(OffMean { along, squared, .. }) => {
                rows.iter().zip(along).map(|(row, along)| (row * row + 2.0 * along + squared).max(0.0).sqrt()).collect()
            }
            None => rows.clone(),
        };
        let first = rows[0];
        Self { rows, typical, raw, mean, first, of_sum: sum_of_products(features.p()) }
    }
}

/// Rows as they are, x_i = m + u_i with their mean m: x_i . x_j is u_i . u_j + u_i . m + m . u_j +
/// |m|^2. The last is a constant and joins the offset, so that rows far from 0 keep their digits.
#[derive(Debug)]
pub(super) struct OffMean {
    /// The power of two that is taken out of m, and of rows as they are.
    exponent: i64,
    /// What the products of the scaled u are multiplied by to be in the units of m . m.
    of_products: f64,
    /// u_i . m
    along: Vec<f64>,
    /// m . m
    squared: f64,
}

impl OffMean {
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`] of neurons that are read again.
    fn new(centered: &Features, raw: &Features) -> Result<Self, Error> {
        // Of the units of u to those of m.
        let (a, b) = factors((centered.exponent() - raw.exponent()).clamp(-2000, 2000));
        let down = a * b;
        let mut first = Vec::with_capacity(raw.p());
        raw.each_block(&mut |x| {
            first.extend((0..x.ncols()).map(|column| x[(0, column)]));
            Ok(())
        })?;
        let (mut along, mut squares, mut from) = (Mat::<f64>::zeros(raw.n(), 1), Vec::new(), 0);
        centered.each_block(&mut |u| {
            let mean = Mat::from_fn(u.ncols(), 1, |column, _| first[from + column] - down * u[(0, column)]);
            along += product(u, mean.as_ref());
            squares.push(sum_of_squares(slice(mean.as_ref(), 0)));
            from += u.ncols();
            Ok(())
        })?;
        let along = slice(along.as_ref(), 0).iter().map(|along| down * along).collect();
        Ok(Self { exponent: raw.exponent(), of_products: down * down, along, squared: sum(&squares) })
    }

    fn largest(&self) -> f64 {
        self.along.iter().fold(0.0, |largest, along| largest.max(along.abs()))
    }
}

fn binomial(n: u32, k: u32) -> f64 {
    (0..k).fold(1.0, |product, i| product * f64::from(n - i) / f64::from(i + 1))
}
