//! The entries of a matrix of one kind.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, StudentT};

use super::case::Kind;
use super::matrix::Matrix;

/// The generator of every draw: the same numbers on every machine.
pub type Generator = ChaCha8Rng;

/// A standard normal number.
pub(crate) fn normal(generator: &mut Generator) -> f64 {
    StandardNormal.sample(generator)
}

/// Independent standard normal entries.
pub(crate) fn gaussian(n: usize, p: usize, generator: &mut Generator) -> Matrix {
    Matrix::from_fn(n, p, |_, _| normal(generator))
}

/// Entries of one kind with centered rows of length about 1 (scaled by a power of two, so that
/// whole numbers stay exact).
pub(crate) fn entries(kind: Kind, n: usize, p: usize, plain: bool, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let matrix = match kind {
        Kind::Integer => integers(n, p, plain, seen, generator),
        Kind::Gaussian => noise(n, p, seen, generator),
        Kind::HeavyTails => {
            let raw = noise(n, p, seen, generator);
            let tails: StudentT<f64> = StudentT::new(2.5).expect("2.5 degrees of freedom are valid");
            Matrix::from_fn(n, p, |i, j| raw.at(i, j) * tails.sample(generator).abs())
        }
        Kind::LowRank => {
            let rank = p.div_ceil(2);
            let tall = integers(n, rank, plain, seen, generator);
            // [I B]: the rank of the product is that of the first factor.
            let wide = Matrix::from_fn(rank, p, |i, j| if j < rank { f64::from(i == j) } else { generator.random_range(-3..=3).into() });
            tall.times(&wide)
        }
        Kind::DuplicatedColumns => {
            let base = p.div_ceil(2);
            let columns: Vec<usize> = (0..p).map(|j| j % base).collect();
            integers(n, base, plain, seen, generator).columns(&columns)
        }
        Kind::ConstantColumn if p == 1 && plain => integers(n, p, plain, seen, generator),
        Kind::ConstantColumn if p == 1 => Matrix::from_fn(n, p, |_, _| 1.0),
        Kind::ConstantColumn => {
            let nonconstant = integers(n, p - 1, plain, seen, generator);
            let constant = generator.random_range(0..p);
            Matrix::from_fn(n, p, |i, j| match j {
                _ if j == constant => 1.0,
                _ => nonconstant.at(i, j - usize::from(j > constant)),
            })
        }
        Kind::Offset => {
            let mut matrix = integers(n, p, plain, seen, generator);
            matrix.values.iter_mut().for_each(|value| *value += 1e8);
            matrix
        }
        Kind::Graded => {
            let raw = noise(n, p, seen, generator);
            Matrix::from_fn(n, p, |i, j| raw.at(i, j) * 3f64.powi(-(j as i32)))
        }
        Kind::Clustered => with_spectrum(n, p, |i, _| 2f64.powi(-((i / 3) as i32)), seen, generator),
        Kind::IllConditioned(exponent) => {
            let spectrum = |i: usize, k: usize| if k == 1 { 1.0 } else { 10f64.powf(-f64::from(exponent) * i as f64 / (k - 1) as f64) };
            with_spectrum(n, p, spectrum, seen, generator)
        }
    };
    let size = matrix.centered().norm() / (n as f64).sqrt();
    if size > 0.0 { matrix.scaled(2f64.powi(-size.log2().round() as i32)) } else { matrix }
}

/// Standard normal noise; with `seen`, half as strong beside a random mix of its neurons.
fn noise(n: usize, p: usize, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let raw = gaussian(n, p, generator);
    let Some(seen) = seen else { return raw };
    let seen = seen.centered();
    let size = seen.norm() / (n as f64).sqrt();
    if size == 0.0 {
        return raw;
    }
    let strength = 10f64.powf(generator.random_range(-1.0..0.5));
    let mix = seen.scaled(1.0 / size).times(&gaussian(seen.p, p, generator));
    Matrix::from_fn(n, p, |i, j| mix.at(i, j) + strength * raw.at(i, j))
}

/// Whole numbers. Plain ones have full column rank also when centered, whatever is drawn: the first
/// p rows are a triangle with a nonzero diagonal and the next is zero. Their examples all differ,
/// by the remainders in the first column, and none is the mean example, because the mean of the
/// first column is not whole. Others are as small as possible, so that equal rows and columns are
/// common.
fn integers(n: usize, p: usize, plain: bool, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let raw = noise(n, p, seen, generator);
    let whole = |i: usize, j: usize, limit: f64| (raw.at(i, j) * limit / 4.0).round().clamp(-limit, limit);
    if !plain {
        return Matrix::from_fn(n, p, |i, j| whole(i, j, 2.0));
    }
    let spacing = (n + 2).next_power_of_two() as f64;
    let mut matrix = Matrix::from_fn(n, p, |i, j| match (whole(i, j, 20.0), j) {
        _ if i == p || (i < p && j > i) => 0.0,
        (value, 0) => spacing * value + (i + 1) as f64,
        (0.0, _) if i == j => spacing,
        (value, _) => spacing * value,
    });
    if (0..n).map(|i| matrix.at(i, 0)).sum::<f64>() % n as f64 == 0.0 {
        matrix.values[(n - 1) * p] += 1.0;
    }
    matrix
}

/// U S V' with centered orthonormal U, rotation V and the spectrum given as `spectrum(i, k)` for i
/// < k = min(p, n - 1), times sqrt(n).
fn with_spectrum(n: usize, p: usize, spectrum: impl Fn(usize, usize) -> f64, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let k = p.min(n - 1);
    let left = orthonormal(&noise(n, k, seen, generator), true);
    let right = orthonormal(&gaussian(p, k, generator), false).transposed();
    let size = (n as f64).sqrt();
    Matrix::from_fn(n, k, |i, j| left.at(i, j) * spectrum(j, k) * size).times(&right)
}

/// Orthonormal columns spanning those given (p <= n), orthogonal to the constant column too if
/// asked; to rounding: Gram-Schmidt, twice.
pub(crate) fn orthonormal(matrix: &Matrix, centered: bool) -> Matrix {
    let n = matrix.n;
    let mut basis: Vec<Vec<f64>> = Vec::new();
    if centered {
        basis.push(vec![(n as f64).sqrt().recip(); n]);
    }
    for j in 0..matrix.p {
        let mut column: Vec<f64> = (0..n).map(|i| matrix.at(i, j)).collect();
        for _ in 0..2 {
            for earlier in &basis {
                let share: f64 = earlier.iter().zip(&column).map(|(a, b)| a * b).sum();
                column.iter_mut().zip(earlier).for_each(|(value, e)| *value -= share * e);
            }
        }
        let length = column.iter().map(|value| value * value).sum::<f64>().sqrt();
        basis.push(column.into_iter().map(|value| value / length).collect());
    }
    let first = usize::from(centered);
    Matrix::from_fn(n, matrix.p, |i, j| basis[j + first][i])
}

/// An invertible matrix of size near 1 and the given condition.
pub(crate) fn blend(p: usize, condition: f64, generator: &mut Generator) -> Matrix {
    let left = orthonormal(&gaussian(p, p, generator), false);
    let right = orthonormal(&gaussian(p, p, generator), false);
    let stretch = |j: usize| if p == 1 { 1.0 } else { condition.powf(-(j as f64) / (p - 1) as f64) };
    Matrix::from_fn(p, p, |i, j| left.at(i, j) * stretch(j)).times(&right)
}
