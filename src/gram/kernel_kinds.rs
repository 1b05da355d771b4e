//! Kernels of inner products and of distances: how their entries follow from the features, and how
//! much their matrices move.

use crate::arrays::scale::{exponent, factors};
use crate::error::Error;
use crate::gram::kernel_matrix::{Entry, Kind};
use crate::linalg::features::Features;

pub(super) fn linear(features: &Features) -> Kind {
    // |d(XX')|_F <= 2 |X|_2 |dX|_F, and an entry of the product errs by eps |x_i| |x_j|.
    Kind {
        entry: Entry::Linear,
        exponent: 2 * features.exponent(),
        sensitivity: 3.0 * features.squared_norm(),
        error: 3.0 * features.squared_norm(),
        rounding: features.squared_norm(),
    }
}

/// (s g + offset)^degree - offset^degree with s = 2^(2 exponent), g the Gram matrix of the scaled
/// features.
///
/// With m the power of two above max(offset, s max g), a = s/m and b = offset/m it is m^(degree-1)
/// s times g sum_{k >= 1} C(degree, k) b^(degree-k) (a g)^(k-1), in which nothing overflows and
/// nothing cancels but signs of g.
pub(super) fn polynomial(features: &Features, degree: u32, offset: f64) -> Kind {
    let largest = features.row_squared_norms().iter().copied().fold(0.0, f64::max);
    let scale = 2 * features.exponent();
    let common = if offset > 0.0 { exponent(offset).max(scale + exponent(largest)) } else { scale + exponent(largest) };
    // One factor after the other: 2^e itself may be infinite where the product is not.
    let times_power = |value: f64, e: i64| {
        let (a, b) = factors(e.clamp(-2000, 2000));
        value * a * b
    };
    let (a, b) = (times_power(1.0, scale - common), times_power(offset, -common));
    let coefficients: Vec<f64> = (1..=degree).map(|k| binomial(degree, k) * b.powi((degree - k) as i32)).collect();
    let slope = f64::from(degree) * (a * largest + b).powi(degree as i32 - 1);
    Kind {
        entry: Entry::Polynomial { a, coefficients },
        exponent: scale + common * i64::from(degree - 1),
        sensitivity: 3.0 * slope * features.squared_norm(),
        error: 3.0 * slope * features.squared_norm(),
        rounding: slope * features.squared_norm(),
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
    if features.is_wide() {
        features.near_distances()?;
    }
    let moved = (2.0 * features.n() as f64).sqrt() * features.squared_norm().sqrt();
    Ok(Kind { entry: Entry::Distance, exponent: features.exponent(), sensitivity: 2.0 * moved, error: 2.0 * moved, rounding: moved })
}
