//! Kernel matrices between centered examples, doubly or U-centered.
//!
//! A constant added to a kernel changes neither H K H nor (off the diagonal) the U-centered matrix. So 1 is subtracted from an exponential
//! kernel whose bandwidth is large (by exp(t) - 1 without cancellation) and offset^degree from a polynomial one: what is left keeps its digits.

use faer::Mat;
use rayon::prelude::*;

use crate::error::Error;
use crate::kernel::{Bandwidth, Kernel};
use crate::linalg::distances::{median_of_all_squared, middle_distances, squared_distances};
use crate::linalg::features::Features;
use crate::linalg::inner::Centering;
use crate::linalg::product::{self_product, symmetric_squared_norm};
use crate::linalg::scale::{exponent, factors};
use crate::linalg::sums::sum;
use crate::tolerance::EPS;

/// A centered kernel matrix times a power of two.
#[derive(Debug)]
pub(crate) struct KernelMatrix {
    /// Lower triangle, diagonal included.
    pub(crate) lower: Mat<f64>,
    /// The kernel matrix is `lower` * 2^exponent.
    pub(crate) exponent: i64,
    /// |lower|_F^2 of the whole symmetric matrix.
    pub(crate) squared_norm: f64,
    /// |change of the matrix|_F <= sensitivity * (relative change of the features), rounding on the way included.
    pub(crate) sensitivity: f64,
    /// |error of the matrix|_F <= c(n, p) eps * rounding, for the features as they are.
    pub(crate) rounding: f64,
    /// sigma in the units of the representation, divided by 2^exponent of the features.
    pub(crate) bandwidth: Option<f64>,
}

/// A kernel matrix before centering.
struct Raw {
    lower: Mat<f64>,
    exponent: i64,
    sensitivity: f64,
    rounding: f64,
    bandwidth: Option<f64>,
}

pub(crate) fn compute(name: &str, features: &Features, kernel: Kernel, centering: Centering) -> Result<KernelMatrix, Error> {
    let raw = match kernel {
        Kernel::Linear => linear(features),
        Kernel::Polynomial { degree, offset } => polynomial(features, degree, offset),
        Kernel::Cosine => cosine(name, features)?,
        Kernel::Rbf(bandwidth) => exponential(name, features, bandwidth, centering, true)?,
        Kernel::Laplace(bandwidth) => exponential(name, features, bandwidth, centering, false)?,
    };
    let mut lower = raw.lower;
    center(&mut lower, centering);
    let squared_norm = symmetric_squared_norm(lower.as_ref());
    Ok(KernelMatrix {
        lower,
        exponent: raw.exponent,
        squared_norm,
        sensitivity: raw.sensitivity,
        rounding: raw.rounding,
        bandwidth: raw.bandwidth,
    })
}

/// Maps every entry of the lower triangle, given its row and column.
fn map_lower(lower: &mut Mat<f64>, map: impl Fn(usize, usize, f64) -> f64 + Sync) {
    lower.as_mut().par_col_iter_mut().enumerate().for_each(|(j, column)| {
        let column = column.try_as_col_major_mut().expect("an owned matrix is column-major").as_slice_mut();
        for (i, value) in column.iter_mut().enumerate().skip(j) {
            *value = map(i, j, *value);
        }
    });
}

fn gram(features: &Features) -> Mat<f64> {
    self_product(features.matrix().transpose())
}

fn linear(features: &Features) -> Raw {
    // |d(XX')|_F <= 2 |X|_2 |dX|_F, and an entry of the product errs by eps |x_i| |x_j|.
    Raw {
        lower: gram(features),
        exponent: 2 * features.exponent(),
        sensitivity: 3.0 * features.squared_norm(),
        rounding: features.squared_norm(),
        bandwidth: None,
    }
}

/// (s g + offset)^degree - offset^degree with s = 2^(2 exponent), g the Gram matrix of the scaled features.
///
/// With m the power of two above max(offset, s max g), a = s/m and b = offset/m it is m^(degree-1) s times
/// g sum_{k >= 1} C(degree, k) b^(degree-k) (a g)^(k-1), in which nothing overflows and nothing cancels but signs of g.
fn polynomial(features: &Features, degree: u32, offset: f64) -> Raw {
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
    let mut lower = gram(features);
    map_lower(&mut lower, |_, _, g| g * coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * (a * g) + coefficient));
    let slope = f64::from(degree) * (a * largest + b).powi(degree as i32 - 1);
    Raw {
        lower,
        exponent: scale + common * i64::from(degree - 1),
        sensitivity: 3.0 * slope * features.squared_norm(),
        rounding: slope * features.squared_norm(),
        bandwidth: None,
    }
}

fn binomial(n: u32, k: u32) -> f64 {
    (0..k).fold(1.0, |product, i| product * f64::from(n - i) / f64::from(i + 1))
}

fn cosine(name: &str, features: &Features) -> Result<Raw, Error> {
    let norms: Vec<f64> = features.row_squared_norms().iter().map(|squared| squared.sqrt()).collect();
    // A centered entry errs by 2 eps at most (entries are less than 1): below this a row is zero for all one can tell.
    let zero = 4.0 * EPS * (features.p() as f64).sqrt();
    if let Some(row) = norms.iter().position(|norm| *norm <= zero) {
        return Err(Error::ZeroExample { measure: String::new(), name: name.to_string(), row });
    }
    let least = norms.iter().copied().fold(f64::INFINITY, f64::min);
    let mut lower = gram(features);
    map_lower(&mut lower, |i, j, g| if i == j { 1.0 } else { g / (norms[i] * norms[j]) });
    let n = features.n() as f64;
    Ok(Raw { lower, exponent: 0, sensitivity: 4.0 * n.sqrt() * features.squared_norm().sqrt() / least + n, rounding: n, bandwidth: None })
}

/// exp(-d^2 / (2 sigma^2)) (`squared`) or exp(-d / sigma).
fn exponential(name: &str, features: &Features, rule: Bandwidth, centering: Centering, squared: bool) -> Result<Raw, Error> {
    let n = features.n();
    let mut lower = squared_distances(features);
    let (sigma, moves) = match rule {
        Bandwidth::Fixed { sigma } => {
            let (a, b) = factors((-features.exponent()).clamp(-2000, 2000));
            ((sigma * a * b).clamp(f64::MIN_POSITIVE, f64::MAX), false)
        }
        Bandwidth::Median { fraction } => {
            let (below, above) = middle_distances(&lower);
            (fraction * f64::midpoint(below, above), true)
        }
        Bandwidth::LowerMedian { fraction } => (fraction * middle_distances(&lower).0, true),
        Bandwidth::Demo { fraction } => (fraction * median_of_all_squared(&lower).sqrt(), true),
    };
    if sigma == 0.0 {
        let pairs = if let Bandwidth::Demo { .. } = rule { n * n } else { n * (n - 1) / 2 };
        return Err(Error::ZeroMedian { measure: String::new(), name: name.to_string(), pairs });
    }
    let reach = Reach::of(&lower, sigma);
    if centering == Centering::Unbiased && reach.exponent(squared) > 1e15 {
        // Every value off the diagonal is below 2^(-10^15), and its exponent has no digits left.
        let exponent = (-reach.exponent(squared) / std::f64::consts::LN_2) as i64;
        return Err(Error::Unrepresentable { measure: String::new(), mantissa: 1.0, exponent });
    }
    let shape = Shape::choose(squared, centering, &reach, features, sigma);
    map_lower(&mut lower, |i, j, d| if i == j { shape.diagonal() } else { shape.value(d.sqrt() / sigma) });
    let (steep, wide) = shape.slopes(&reach);
    let n = n as f64;
    let norm = features.squared_norm().sqrt();
    // |d K_ij| <= steep |dx_i - dx_j| / sigma, and the sum of |dx_i - dx_j|^2 is at most 2 n |dX|^2; a bandwidth from the data moves by at most
    // sqrt 2 |dX| / sigma, relatively, and each entry by `wide` times that. An entry errs by eps times its size and the size of its exponent.
    let own = steep * (2.0 * n).sqrt() * norm / sigma;
    let through_bandwidth = if moves { wide * n * std::f64::consts::SQRT_2 * norm / sigma } else { 0.0 };
    let rounding = n * (shape.largest(&reach) + wide);
    Ok(Raw { lower, exponent: shape.exponent(), sensitivity: own + through_bandwidth + rounding, rounding, bandwidth: Some(sigma) })
}

/// The distances between two examples, over sigma, that matter: the ends, and those on either side of where t k(t) and t^2 k(t) peak.
struct Reach {
    least: f64,
    greatest: f64,
    /// Of each peak of [`PEAKS`], the greatest distance up to it and the least from it on, where there are any.
    around: [(Option<f64>, Option<f64>); PEAKS.len()],
}

/// Where t exp(-t) or t exp(-t^2/2) peak, and t^2 exp(-t^2/2).
const PEAKS: [f64; 2] = [1.0, std::f64::consts::SQRT_2];

impl Reach {
    fn of(squared: &Mat<f64>, sigma: f64) -> Self {
        // In squared distances over sigma; beyond 1e150 the kernel is 0 to any precision, and squares would overflow.
        let distance = |d: f64| (d.sqrt() / sigma).min(1e150);
        let marks = PEAKS.map(|peak| (peak * sigma).powi(2));
        let none = [(f64::NEG_INFINITY, f64::INFINITY); PEAKS.len()];
        let ends = (0..squared.ncols()).into_par_iter().map(|j| {
            let mut found = (f64::INFINITY, 0.0f64, none);
            for &d in &squared.col_as_slice(j)[j + 1..] {
                (found.0, found.1) = (found.0.min(d), found.1.max(d));
                for (mark, around) in marks.iter().zip(&mut found.2) {
                    if d <= *mark { around.0 = around.0.max(d) } else { around.1 = around.1.min(d) }
                }
            }
            found
        });
        let (least, greatest, around) = ends.reduce(
            || (f64::INFINITY, 0.0, none),
            |a, b| (a.0.min(b.0), a.1.max(b.1), std::array::from_fn(|i| (a.2[i].0.max(b.2[i].0), a.2[i].1.min(b.2[i].1)))),
        );
        let there = |d: f64| d.is_finite().then(|| distance(d));
        Self { least: distance(least), greatest: distance(greatest), around: around.map(|(below, above)| (there(below), there(above))) }
    }

    /// The greatest value that a function with this peak takes on the distances there are.
    fn greatest_of(&self, peak: usize, function: impl Fn(f64) -> f64) -> f64 {
        let (below, above) = self.around[peak];
        [below, above].into_iter().flatten().map(function).fold(0.0, f64::max)
    }
}

impl Reach {
    /// -ln of the largest kernel value off the diagonal.
    fn exponent(&self, squared: bool) -> f64 {
        if squared { 0.5 * self.least * self.least } else { self.least }
    }
}

/// An exponential kernel k(t) = exp(-t^2/2) (`squared`) or exp(-t), t = distance / sigma, in the form that keeps its digits when it is centered.
#[derive(Clone, Copy)]
struct Shape {
    squared: bool,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    /// k
    Plain,
    /// k - 1: most values are near 1.
    Shifted,
    /// k - 1 to first order, -t^2/2 or -t with t times 2^power: all distances are so far below sigma that nothing else is left, or even f64 itself.
    Linear { power: i64 },
    /// k 2^power off the diagonal: U-centering drops the diagonal, and all other values are far below 1.
    Raised { power: i64 },
}

/// Distances below this share of sigma leave only the first order of the kernel.
const LINEAR: f64 = 1e-9;

impl Shape {
    fn choose(squared: bool, centering: Centering, reach: &Reach, features: &Features, sigma: f64) -> Self {
        // The mean squared distance is 2 |X|_F^2 / (n - 1): with most kernel values above 1/2, the kernel minus 1 is what keeps digits.
        let typical = (2.0 * features.squared_norm() / (features.n() as f64 - 1.0)).sqrt() / sigma;
        let highest = reach.exponent(squared);
        let form = if reach.greatest < LINEAR {
            Form::Linear { power: -exponent(reach.greatest) }
        } else if (if squared { 0.5 * typical * typical } else { typical }) < 0.7 {
            Form::Shifted
        } else if centering == Centering::Unbiased && highest > 1.0 {
            Form::Raised { power: (highest / std::f64::consts::LN_2) as i64 }
        } else {
            Form::Plain
        };
        Self { squared, form }
    }

    /// Off the diagonal.
    fn value(self, t: f64) -> f64 {
        let power_of = |t: f64| if self.squared { -0.5 * t * t } else { -t };
        match self.form {
            Form::Plain => power_of(t).exp(),
            Form::Shifted => power_of(t).exp_m1(),
            Form::Linear { power } => {
                let (a, b) = factors(power);
                power_of(t * a * b)
            }
            Form::Raised { power } => (power_of(t) + power as f64 * std::f64::consts::LN_2).exp(),
        }
    }

    fn diagonal(self) -> f64 {
        match self.form {
            Form::Plain => 1.0,
            // U-centering does not look at it.
            Form::Shifted | Form::Linear { .. } | Form::Raised { .. } => 0.0,
        }
    }

    fn exponent(self) -> i64 {
        match self.form {
            Form::Plain | Form::Shifted => 0,
            Form::Linear { power } => -power * if self.squared { 2 } else { 1 },
            Form::Raised { power } => -power,
        }
    }

    /// max t |k'(t)| / t and max t |k'(t)| over the distances there are, times the power of two of the form: how much a value moves with a distance, and
    /// with the bandwidth.
    fn slopes(self, reach: &Reach) -> (f64, f64) {
        let (raise, scale) = match self.form {
            Form::Plain | Form::Shifted => (0.0, 1.0),
            Form::Raised { power } => (power as f64 * std::f64::consts::LN_2, 1.0),
            Form::Linear { power } => {
                let (a, b) = factors(power);
                (0.0, a * b)
            }
        };
        let k = |t: f64| (raise - if self.squared { 0.5 * t * t } else { t }).exp();
        if self.squared {
            let steep = reach.greatest_of(0, |t| k(t) * (t * scale) * scale);
            (steep, reach.greatest_of(1, |t| k(t) * (t * scale) * (t * scale)))
        } else {
            (k(reach.least) * scale, reach.greatest_of(0, |t| k(t) * (t * scale)))
        }
    }

    /// The largest magnitude of a value.
    fn largest(self, reach: &Reach) -> f64 {
        match self.form {
            Form::Plain => 1.0,
            Form::Shifted | Form::Linear { .. } => self.value(reach.greatest).abs(),
            // 2^power is known to eps power.
            Form::Raised { power } => self.value(reach.least) * (1.0 + power as f64),
        }
    }
}

/// Centers a symmetric matrix given by its lower triangle.
fn center(lower: &mut Mat<f64>, centering: Centering) {
    let n = lower.nrows();
    let count = n as f64;
    let keep_diagonal = centering == Centering::Double;
    let sums = row_sums(lower, keep_diagonal);
    let total = sum(&sums);
    match centering {
        Centering::Double => {
            let (means, mean): (Vec<f64>, f64) = (sums.iter().map(|sum| sum / count).collect(), total / (count * count));
            map_lower(lower, |i, j, value| value - (means[i] + means[j]) + mean);
        }
        Centering::Unbiased => {
            let means: Vec<f64> = sums.iter().map(|sum| sum / (count - 2.0)).collect();
            let mean = total / ((count - 1.0) * (count - 2.0));
            map_lower(lower, |i, j, value| if i == j { 0.0 } else { value - (means[i] + means[j]) + mean });
        }
    }
}

/// The sum of each row of a symmetric matrix given by its lower triangle.
fn row_sums(lower: &Mat<f64>, diagonal: bool) -> Vec<f64> {
    let n = lower.nrows();
    // A fixed number of blocks of columns, added in order: the bits do not depend on the number of threads.
    let width = n.div_ceil(64);
    let blocks: Vec<Vec<f64>> = (0..n.div_ceil(width))
        .into_par_iter()
        .map(|block| {
            let mut sums = vec![0.0; n];
            for j in block * width..((block + 1) * width).min(n) {
                let below = &lower.col_as_slice(j)[j + 1..];
                sums[j] += sum(below) + if diagonal { lower[(j, j)] } else { 0.0 };
                sums[j + 1..].iter_mut().zip(below).for_each(|(sum, value)| *sum += value);
            }
            sums
        })
        .collect();
    blocks
        .into_iter()
        .reduce(|mut left, right| {
            left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
            left
        })
        .unwrap_or_default()
}
