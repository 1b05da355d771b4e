//! From tensors with positions (images, sequences) to matrices of examples by neurons.

use std::fmt;
use std::str::FromStr;

use super::error::Error;

/// What becomes of the axes beyond examples and channels.
///
/// | shape | `flatten` | `mean` | `positions` |
/// |---|---|---|---|
/// | n | n x 1 | n x 1 | n x 1 |
/// | n x d | n x d | n x d | n x d |
/// | n x t x d (channels last) | n x (t d) | n x d, over t | (n t) x d |
/// | n x c x h x w (channels first) | n x (c h w) | n x c, over h and w | (n h w) x c |
/// | n x c x s1 x s2 x s3 ... (channels first) | n x (c s1 s2 s3 ...) | n x c, over all s | (n s1 s2 s3 ...) x c |
///
/// The rows of `positions` are ordered by example, then by position along the axes from left to
/// right. Means are compensated sums divided by their number of terms: their error does not grow
/// with the number of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spatial {
    /// Every channel at every position is a neuron.
    Flatten,
    /// A neuron is a channel's average over positions.
    Mean,
    /// Every position of every example is an example.
    Positions,
}

impl FromStr for Spatial {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "flatten" => Ok(Self::Flatten),
            "mean" => Ok(Self::Mean),
            "positions" => Ok(Self::Positions),
            _ => Err(Error::UnknownSpatial { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Spatial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flatten => "flatten",
            Self::Mean => "mean",
            Self::Positions => "positions",
        })
    }
}

/// Examples and neurons (n, p) of the representation that a tensor of this shape becomes; `None`
/// for a scalar, for more than two axes without `spatial`, and where a product overflows.
pub fn representation_shape(shape: &[usize], spatial: Option<Spatial>) -> Option<(usize, usize)> {
    let product = |lengths: &[usize]| lengths.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
    match *shape {
        [] => None,
        [n] => Some((n, 1)),
        [n, p] => Some((n, p)),
        [n, t, d] => match spatial? {
            Spatial::Flatten => Some((n, product(&[t, d])?)),
            Spatial::Mean => Some((n, d)),
            Spatial::Positions => Some((product(&[n, t])?, d)),
        },
        [n, c, ref positions @ ..] => match spatial? {
            Spatial::Flatten => Some((n, product(&shape[1..])?)),
            Spatial::Mean => Some((n, c)),
            Spatial::Positions => Some((product(positions)?.checked_mul(n)?, c)),
        },
    }
}

/// The values of a tensor of this shape, none of whose axes has length 0, as the row-major matrix
/// that [`representation_shape`] gives the shape of.
pub(super) fn arrange(shape: &[usize], values: Vec<f64>, spatial: Option<Spatial>) -> Vec<f64> {
    match (shape, spatial) {
        (&[_, t, d], Some(Spatial::Mean)) => mean_channels_last(t, d, &values),
        (&[_, c, ref positions @ ..], Some(Spatial::Mean)) if positions.len() > 1 => {
            let example = positions.iter().product();
            debug_assert_eq!(values.len() % (c * example), 0);
            values.chunks_exact(example).map(mean).collect()
        }
        (&[_, c, ref positions @ ..], Some(Spatial::Positions)) if positions.len() > 1 => {
            channels_last(c, positions.iter().product(), values)
        }
        // Flattening, and positions of channels-last tensors, are the same values in the same
        // order.
        _ => values,
    }
}

/// n x t x d to n x d.
fn mean_channels_last(t: usize, d: usize, values: &[f64]) -> Vec<f64> {
    let mut channel = vec![0.0; t];
    let mut means = Vec::with_capacity(values.len() / t);
    for example in values.chunks_exact(t * d) {
        for neuron in 0..d {
            for (position, value) in channel.iter_mut().enumerate() {
                *value = example[position * d + neuron];
            }
            means.push(mean(&channel));
        }
    }
    means
}

/// n x c x s to (n s) x c, example by example in place: the tensor may be as large as the memory.
fn channels_last(c: usize, s: usize, mut values: Vec<f64>) -> Vec<f64> {
    let mut scratch = vec![0.0; c * s];
    for example in values.chunks_exact_mut(c * s) {
        scratch.copy_from_slice(example);
        for (position, row) in example.chunks_exact_mut(c).enumerate() {
            for (channel, value) in row.iter_mut().enumerate() {
                *value = scratch[channel * s + position];
            }
        }
    }
    values
}

/// The mean of at least one value. One that is not finite is returned as it is, to be reported as
/// what it was.
fn mean(values: &[f64]) -> f64 {
    if let Some(&bad) = values.iter().find(|value| !value.is_finite()) {
        return bad;
    }
    let count = values.len() as f64;
    let total = compensated_sum(values.iter().copied());
    if total.is_finite() {
        total / count
    } else {
        // The sum overflows and the mean cannot: divide first.
        compensated_sum(values.iter().map(|value| value / count))
    }
}

/// The sum, with the rounding error of every addition carried along (Neumaier's variant of Kahan's
/// summation).
fn compensated_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut error) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        error += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + error
}
