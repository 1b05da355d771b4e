//! Kernel matrices by their definitions, up to a constant that centering takes away.

use nalgebra::DMatrix;

use super::Undefined;
use super::scale::{Scaled, centered, exponent, ldexp};
use crate::kernel::{Bandwidth, Center, Kernel};
use crate::tolerance::LARGEST_LOGARITHM;

/// K = constant + factor * 2^exponent * matrix. H annihilates a constant, and so do Song's three
/// terms where the constant stands off the diagonal only.
pub(super) struct Gram {
    pub matrix: DMatrix<f64>,
    pub factor: f64,
    pub exponent: i32,
}

/// Examples whose inner products are those of H K H: V S^(1/2) of its eigendecomposition.
pub(super) fn root(k: DMatrix<f64>) -> DMatrix<f64> {
    let n = k.nrows();
    let h = DMatrix::identity(n, n) - DMatrix::from_element(n, n, 1.0 / n as f64);
    let eigen = (&h * k * &h).symmetric_eigen();
    let mut root = eigen.eigenvectors;
    root.column_iter_mut().zip(eigen.eigenvalues.iter()).for_each(|(mut column, value)| column *= value.max(0.0).sqrt());
    root
}

/// The kernel matrix of the examples; with `hollow`, its diagonal is zero (the unbiased
/// estimators do not look at it).
pub(super) fn gram(kernel: Kernel, x: &DMatrix<f64>, hollow: bool) -> Result<Gram, Undefined> {
    match kernel {
        Kernel::Linear => Ok(polynomial(&centered(x), 1, 0.0, hollow)),
        Kernel::Polynomial { degree, offset, center: Center::Yes } => Ok(polynomial(&centered(x), degree, offset, hollow)),
        Kernel::Polynomial { degree, offset, center: Center::No } => Ok(of_raw_rows(x, degree, offset, hollow)),
        Kernel::Cosine { center: Center::Yes } => cosine(centered(x).matrix, true, hollow),
        Kernel::Cosine { center: Center::No } => cosine(Scaled::raised(x).resized(0).matrix, false, hollow),
        Kernel::Distance => {
            let (matrix, exponent) = distances(x);
            Ok(Gram { matrix, factor: 1.0, exponent })
        }
        Kernel::Rbf(bandwidth) => radial(x, bandwidth, true, hollow),
        Kernel::Laplace(bandwidth) => radial(x, bandwidth, false, hollow),
    }
}

fn with_diagonal(mut matrix: DMatrix<f64>, hollow: bool) -> DMatrix<f64> {
    if hollow {
        matrix.fill_diagonal(0.0);
    }
    matrix
}

/// (s + c)^d - c^d = s * sum_{j < d} (s + c)^j c^(d-1-j), s = x_i . x_j: the constant c^d is left
/// out without cancellation.
fn polynomial(xc: &Scaled, degree: u32, c: f64, hollow: bool) -> Gram {
    let s = Scaled { matrix: &xc.matrix * xc.matrix.transpose(), exponent: 2 * xc.exponent };
    power(s, degree, (c, 0), hollow)
}

/// The same of the rows x_i = m + u_i as they are, m their mean: s = u_i . u_j + u_i . m + m . u_j
/// and c + m . m in place of c.
fn of_raw_rows(x: &DMatrix<f64>, degree: u32, c: f64, hollow: bool) -> Gram {
    let u = centered(x);
    // m and u in the larger of their units.
    let m = Scaled::raised(x).resized(0);
    let unit = m.exponent.max(u.exponent);
    let u = u.matrix.map(|entry| ldexp(entry, u.exponent - unit));
    let m = (m.matrix.map(|entry| ldexp(entry, m.exponent - unit)) - &u).row(0).transpose();
    let along = &u * &m;
    let products = &u * u.transpose();
    let s = DMatrix::from_fn(u.nrows(), u.nrows(), |i, j| products[(i, j)] + (along[i] + along[j]));
    let both = [(m.dot(&m), 2 * unit), (c, 0)];
    let largest = both.iter().filter(|(value, _)| *value > 0.0).map(|(value, e)| exponent(*value) + e).max().unwrap_or(0);
    let constant = both.iter().map(|(value, e)| ldexp(*value, e - largest)).sum();
    power(Scaled { matrix: s, exponent: 2 * unit }, degree, (constant, largest), hollow)
}

/// (s + c)^d - c^d, for d the degree and c times 2^`of_c`.
fn power(s: Scaled, degree: u32, (c, of_c): (f64, i32), hollow: bool) -> Gram {
    let of_s = s.exponent;
    let s = with_diagonal(s.matrix, hollow);
    // s and c in units of 2^unit, the larger one about 1.
    let size = if s.amax() > 0.0 { exponent(s.amax()) + of_s } else { i32::MIN };
    let unit = size.max(if c > 0.0 { exponent(c) + of_c } else { i32::MIN }).max(-100_000);
    let constant = ldexp(c, of_c - unit);
    let matrix = s.map(|s| {
        let base = ldexp(s, of_s - unit) + constant;
        s * (0..degree).map(|j| base.powi(j as i32) * constant.powi((degree - 1 - j) as i32)).sum::<f64>()
    });
    Gram { matrix, factor: 1.0, exponent: of_s + unit * (degree as i32 - 1) }
}

/// x_i . x_j / (|x_i| |x_j|)
fn cosine(mut xc: DMatrix<f64>, is_centered: bool, hollow: bool) -> Result<Gram, Undefined> {
    // Centering errs by eps times a column's largest entry: an example that is not above that is
    // zero.
    let of_centering = 8.0 * f64::EPSILON * xc.column_iter().map(|column| column.amax().powi(2)).sum::<f64>().sqrt();
    let rounding = if is_centered { of_centering } else { 0.0 };
    for mut example in xc.row_iter_mut() {
        let norm = example.norm();
        if norm <= rounding {
            return Err(Undefined::ZeroExample);
        }
        example /= norm;
    }
    Ok(Gram { matrix: with_diagonal(&xc * xc.transpose(), hollow), factor: 1.0, exponent: 0 })
}

/// exp(-u) - 1 with u = (d / sigma)^2 / 2 (RBF) or u = d / sigma (Laplace), d the Euclidean
/// distance of two examples.
fn radial(x: &DMatrix<f64>, bandwidth: Bandwidth, squared: bool, hollow: bool) -> Result<Gram, Undefined> {
    let n = x.nrows();
    let (d, units) = distances(x);
    // sigma = fraction * median in the units of d, or as given.
    let (fraction, median, units) = match bandwidth {
        Bandwidth::Median { fraction } => {
            let pairs = pairs(&d);
            (fraction, (pairs[(pairs.len() - 1) / 2] + pairs[pairs.len() / 2]) / 2.0, 0)
        }
        Bandwidth::LowerMedian { fraction } => {
            let pairs = pairs(&d);
            (fraction, pairs[(pairs.len() - 1) / 2], 0)
        }
        Bandwidth::Demo { fraction } => {
            let mut all: Vec<f64> = d.iter().copied().collect();
            all.sort_by(f64::total_cmp);
            // The root of the median square: sqrt((low^2 + high^2) / 2).
            (fraction, all[(n * n - 1) / 2].hypot(all[n * n / 2]) / 2f64.sqrt(), 0)
        }
        Bandwidth::Fixed { sigma } => (sigma, 1.0, units),
    };
    if median == 0.0 {
        return Err(Undefined::ZeroMedian);
    }
    // d / sigma = ratio * 2^shift
    let (f, m) = (exponent(fraction), exponent(median));
    let ratio = d / (ldexp(fraction, -f) * ldexp(median, -m));
    let shift = units - f - m;
    let u = |ratio: f64| if squared { ldexp(ratio, shift).powi(2) / 2.0 } else { ldexp(ratio, shift) };
    // A bandwidth so wide that exp(-u) - 1 = -u to all digits: u may be below the range of f64, its
    // mantissa is not.
    if shift < -100 {
        let matrix = ratio.map(|ratio| if squared { -ratio * ratio / 2.0 } else { -ratio });
        return Ok(Gram { matrix, factor: 1.0, exponent: if squared { 2 * shift } else { shift } });
    }
    let least = u(pairs(&ratio)[0]);
    if hollow && least > LARGEST_LOGARITHM {
        return Err(Undefined::NarrowBandwidth);
    }
    if hollow && least > 1.0 {
        // All entries are small, and no diagonal of ones stands beside them: take out their common
        // size instead of subtracting 1.
        let matrix = with_diagonal(ratio.map(|ratio| (least - u(ratio)).min(0.0).exp()), true);
        return Ok(Gram { matrix, factor: (-least).exp(), exponent: 0 });
    }
    Ok(Gram { matrix: ratio.map(|ratio| (-u(ratio)).exp_m1()), factor: 1.0, exponent: 0 })
}

/// Euclidean distances between all examples, in units of 2^exponent: from the differences of the
/// entries as they are, which no offset spoils.
fn distances(x: &DMatrix<f64>) -> (DMatrix<f64>, i32) {
    let raised = Scaled::raised(x);
    let spread = DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| raised.matrix[(i, j)] - raised.matrix[(0, j)]).amax();
    let unit = if spread > 0.0 { exponent(spread) } else { 0 };
    let distance = |i: usize, k: usize| {
        let difference = (raised.matrix.row(i) - raised.matrix.row(k)).map(|entry| ldexp(entry, -unit));
        let largest = difference.amax();
        if largest == 0.0 { 0.0 } else { largest * (difference / largest).norm() }
    };
    (DMatrix::from_fn(x.nrows(), x.nrows(), distance), raised.exponent + unit)
}

/// The n(n-1)/2 entries i < j, ascending.
fn pairs(d: &DMatrix<f64>) -> Vec<f64> {
    let mut pairs: Vec<f64> = (0..d.nrows()).flat_map(|j| (0..j).map(move |i| d[(i, j)])).collect();
    pairs.sort_by(f64::total_cmp);
    pairs
}
