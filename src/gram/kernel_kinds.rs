//! Kernels of inner products and of distances: how their entries follow from the features, and how
//! much their matrices move.

use faer::Mat;

use crate::arrays::product::{product, slice};
use crate::arrays::scale::{exponent, factors};
use crate::arrays::sums::{sum, sum_of_squares};
use crate::error::Error;
use crate::gram::kernel_matrix::{Entry, Kind};
use crate::linalg::features::Features;

pub(super) fn linear(features: &Features) -> Kind {
    // |d(XX')|_F <= 2 |X|_2 |dX|_F, and an entry of the product errs by eps |x_i| |x_j|.
    Kind {
        entry: Entry::Linear,
        exponent: 2 * features.exponent(),
        sensitivity: 3.0 * features.squared_norm() + features.given_error(),
        error: 3.0 * features.squared_norm() + features.given_error(),
        rounding: features.squared_norm() + features.given_error(),
    }
}

/// (s g + offset)^degree - offset^degree with s = 2^(2 exponent), g the Gram matrix of the scaled
/// features; of rows as they are, with what [`OffMean`] says of g and the offset.
///
/// With m the power of two above max(offset, s max g), a = s/m and b = offset/m it is m^(degree-1)
/// s times g sum_{k >= 1} C(degree, k) b^(degree-k) (a g)^(k-1), in which nothing overflows and
/// nothing cancels but signs of g.
///
/// # Errors
/// As [`OffMean::new`].
pub(super) fn polynomial(features: &Features, degree: u32, offset: f64, raw: Option<&Features>) -> Result<Kind, Error> {
    let off_mean = raw.map(|raw| OffMean::new(features, raw)).transpose()?;
    let squared = features.row_squared_norms().iter().copied().fold(0.0, f64::max);
    let n = features.n() as f64;
    // The largest entry, and how far they are off and move in the Frobenius norm.
    let (largest, scale, error, sensitivity) = match (&off_mean, raw) {
        (Some(mean), Some(raw)) => {
            let (products, along) = (mean.of_products * features.squared_norm(), mean.largest());
            let error = products + 2.0 * (n * products * mean.squared).sqrt();
            (mean.of_products * squared + 2.0 * along, 2 * mean.exponent, error.min(raw.squared_norm()), raw.squared_norm())
        }
        _ => (squared, 2 * features.exponent(), features.squared_norm(), features.squared_norm()),
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
    let (a, b) = (times_power(1.0, scale - common), times_power(offset, -common) + times_power(of_mean.0, of_mean.1 - common));
    let coefficients: Vec<f64> = (1..=degree).map(|k| binomial(degree, k) * b.powi((degree - k) as i32)).collect();
    let slope = f64::from(degree) * (a * largest + b).powi(degree as i32 - 1);
    Ok(Kind {
        entry: Entry::Polynomial { a, coefficients, off_mean },
        exponent: scale + common * i64::from(degree - 1),
        sensitivity: 3.0 * slope * sensitivity,
        error: 3.0 * slope * error,
        rounding: slope * error,
    })
}

/// Rows as they are, x_i = m + u_i with their mean m: x_i . x_j is u_i . u_j + u_i . m + m . u_j +
/// |m|^2. The last is a constant and joins the offset, so that rows far from 0 keep their digits.
#[derive(Debug)]
pub(super) struct OffMean {
    /// The power of two that is taken out of m, and of rows as they are.
    exponent: i64,
    /// What the products of the scaled u are multiplied by to be in the units of m . m.
    pub(super) of_products: f64,
    /// u_i . m
    pub(super) along: Vec<f64>,
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

pub(super) fn cosine(name: &str, features: &Features) -> Result<Kind, Error> {
    let norms: Vec<f64> = features.row_squared_norms().iter().map(|squared| squared.sqrt()).collect();
    // At most this, a row is zero for all one can tell.
    let zero = features.centering_error();
    if let Some(row) = norms.iter().position(|norm| *norm <= zero) {
        let is_zero =
            if features.available() == features.n() { "is zero, or below 1e-150 of the largest," } else { "equals the mean example" };
        return Err(Error::ZeroExample { name: name.to_string(), row, is_zero });
    }
    let least = norms.iter().copied().fold(f64::INFINITY, f64::min);
    let n = features.n() as f64;
    Ok(Kind {
        entry: Entry::Cosine { norms },
        exponent: 0,
        sensitivity: 4.0 * n.sqrt() * features.squared_norm().sqrt() / least + n,
        error: 4.0 * n.sqrt() * features.squared_norm().sqrt() / least + n,
        rounding: n,
    })
}

/// The distances themselves: |x_i - x_j| moves by |dx_i - dx_j|, the sum of whose squares is at
/// most 2 n |dX|^2.
pub(super) fn distance(features: &Features) -> Result<Kind, Error> {
    if let Some(given) = features.dissimilarities() {
        let n = features.n();
        let norm = sum(&(0..n).map(|column| sum_of_squares(&given.column(column))).collect::<Vec<_>>()).sqrt();
        return Ok(Kind {
            entry: Entry::Distance,
            exponent: features.exponent(),
            sensitivity: 2.0 * norm,
            error: 2.0 * norm,
            rounding: norm,
        });
    }
    if features.is_wide() {
        features.near_distances()?;
    }
    let moved = (2.0 * features.n() as f64).sqrt() * features.squared_norm().sqrt();
    Ok(Kind { entry: Entry::Distance, exponent: features.exponent(), sensitivity: 2.0 * moved, error: 2.0 * moved, rounding: moved })
}
