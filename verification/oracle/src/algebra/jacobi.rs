//! Approximate eigenvectors of a symmetric matrix by Jacobi rotations, in fixed point.
//!
//! Nothing here has to be believed: the certificate in `spectrum` measures what the rotations
//! achieved.

use crate::number::dyadic::{bit_length, integer_square_root, shift_floor};
use dashu_int::IBig;

/// Fractional bits beyond the wanted ones.
const GUARD: i64 = 32;

const LARGEST_SWEEPS: usize = 60;

/// A square matrix of numbers `entries * 2^-bits`.
struct FixedMatrix {
    size: usize,
    bits: i64,
    entries: Vec<IBig>,
}

/// Nearly orthonormal columns, as integers times 2^-bits with bits = `precision` + 32, that nearly
/// diagonalise the symmetric matrix `entries * 2^-bits` with |entries| <= 1.
pub(crate) fn symmetric_eigenvectors(size: usize, scaled: impl Fn(usize, usize, i64) -> IBig, precision: usize) -> (Vec<IBig>, i64) {
    let bits = precision as i64 + GUARD;
    let matrix = FixedMatrix::from_fn(size, bits, |row, column| scaled(row, column, bits));
    // f64 does most of the work; its rotation, made orthonormal in full precision, leaves only a
    // little to rotate.
    let start = FixedMatrix::orthonormalised(size, bits, &eigenvectors_in_f64(&matrix));
    let mut rotated = start.congruence_of(&matrix);
    let mut vectors = start;
    for _ in 0..LARGEST_SWEEPS {
        if !sweep(&mut rotated, &mut vectors) {
            break;
        }
    }
    (vectors.entries, bits)
}

impl FixedMatrix {
    fn from_fn(size: usize, bits: i64, entry: impl Fn(usize, usize) -> IBig) -> Self {
        let entries = (0..size * size).map(|index| entry(index / size, index % size)).collect();
        FixedMatrix { size, bits, entries }
    }

    fn entry(&self, row: usize, column: usize) -> &IBig {
        &self.entries[row * self.size + column]
    }

    /// One pass of Gram-Schmidt over columns that are orthonormal to f64 accuracy.
    fn orthonormalised(size: usize, bits: i64, columns: &[f64]) -> Self {
        let fixed = |value: f64| crate::number::dyadic::Dyadic::from_f64(value).to_fixed(bits);
        let mut matrix = FixedMatrix::from_fn(size, bits, |row, column| fixed(columns[row * size + column]));
        for column in 0..size {
            for earlier in 0..column {
                let overlap = matrix.column_product(earlier, column);
                for row in 0..size {
                    let change = shift_floor(&(&overlap * matrix.entry(row, earlier)), -bits);
                    matrix.entries[row * size + column] -= change;
                }
            }
            let squared = (0..size).fold(IBig::ZERO, |sum, row| sum + matrix.entry(row, column) * matrix.entry(row, column));
            let (norm, _) = integer_square_root(&squared);
            for row in 0..size {
                let entry = &mut matrix.entries[row * size + column];
                *entry = shift_floor(entry, bits) / &norm;
            }
        }
        matrix
    }

    fn column_product(&self, left: usize, right: usize) -> IBig {
        let sum = (0..self.size).fold(IBig::ZERO, |sum, row| sum + self.entry(row, left) * self.entry(row, right));
        shift_floor(&sum, -self.bits)
    }

    /// self' * matrix * self.
    fn congruence_of(&self, matrix: &FixedMatrix) -> FixedMatrix {
        let (size, bits) = (self.size, self.bits);
        let product = FixedMatrix::from_fn(size, bits, |row, column| {
            let sum = (0..size).fold(IBig::ZERO, |sum, inner| sum + matrix.entry(row, inner) * self.entry(inner, column));
            shift_floor(&sum, -bits)
        });
        let mut result = FixedMatrix::from_fn(size, bits, |row, column| {
            if column > row {
                return IBig::ZERO;
            }
            let sum = (0..size).fold(IBig::ZERO, |sum, inner| sum + self.entry(inner, row) * product.entry(inner, column));
            shift_floor(&sum, -bits)
        });
        for row in 0..size {
            for column in 0..row {
                result.entries[column * size + row] = result.entry(row, column).clone();
            }
        }
        result
    }
}

/// One cyclic sweep; whether anything was rotated.
fn sweep(matrix: &mut FixedMatrix, vectors: &mut FixedMatrix) -> bool {
    let (size, bits) = (matrix.size, matrix.bits);
    let one = IBig::ONE << bits as usize;
    let mut rotated = false;
    for p in 0..size {
        for q in p + 1..size {
            let off = matrix.entry(p, q).clone();
            if bit_length(&off) <= GUARD / 2 {
                continue;
            }
            rotated = true;
            // tan = 2 off / (|h| + sqrt(h^2 + 4 off^2)) with the sign of h, h = a_qq - a_pp: the
            // smaller root, so angles stay below pi/4.
            let difference = matrix.entry(q, q) - matrix.entry(p, p);
            let (root, _) = integer_square_root(&(&difference * &difference + shift_floor(&(&off * &off), 2)));
            let negative = difference < IBig::ZERO;
            let magnitude = if negative { -difference } else { difference };
            let tangent = shift_floor(&off, bits + 1) / (magnitude + root);
            let tangent = if negative { -tangent } else { tangent };
            let (secant, _) = integer_square_root(&(shift_floor(&one, bits) + &tangent * &tangent));
            let cosine = shift_floor(&one, bits) / secant;
            let sine = shift_floor(&(&tangent * &cosine), -bits);
            let change = shift_floor(&(&tangent * &off), -bits);
            for k in (0..size).filter(|k| *k != p && *k != q) {
                let (kp, kq) = rotate(matrix.entry(k, p), matrix.entry(k, q), &cosine, &sine, bits);
                matrix.entries[p * size + k] = kp.clone();
                matrix.entries[q * size + k] = kq.clone();
                matrix.entries[k * size + p] = kp;
                matrix.entries[k * size + q] = kq;
            }
            matrix.entries[p * size + p] -= &change;
            matrix.entries[q * size + q] += &change;
            matrix.entries[p * size + q] = IBig::ZERO;
            matrix.entries[q * size + p] = IBig::ZERO;
            for k in 0..size {
                let (kp, kq) = rotate(vectors.entry(k, p), vectors.entry(k, q), &cosine, &sine, bits);
                vectors.entries[k * size + p] = kp;
                vectors.entries[k * size + q] = kq;
            }
        }
    }
    rotated
}

fn rotate(left: &IBig, right: &IBig, cosine: &IBig, sine: &IBig, bits: i64) -> (IBig, IBig) {
    (shift_floor(&(cosine * left - sine * right), -bits), shift_floor(&(sine * left + cosine * right), -bits))
}

/// Row-major eigenvectors (in columns) of the matrix rounded to f64.
fn eigenvectors_in_f64(matrix: &FixedMatrix) -> Vec<f64> {
    let size = matrix.size;
    let mut a: Vec<f64> = matrix.entries.iter().map(|entry| fixed_to_f64(entry, matrix.bits)).collect();
    let mut v: Vec<f64> = (0..size * size).map(|index| if index / size == index % size { 1.0 } else { 0.0 }).collect();
    for _ in 0..LARGEST_SWEEPS {
        let mut rotated = false;
        for p in 0..size {
            for q in p + 1..size {
                let off = a[p * size + q];
                if off.abs() <= 1e-17 * (a[p * size + p].abs() * a[q * size + q].abs()).sqrt() || off.abs() < 1e-300 {
                    continue;
                }
                rotated = true;
                let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * off);
                let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = tangent * cosine;
                for k in 0..size {
                    let (kp, kq) = (a[k * size + p], a[k * size + q]);
                    a[k * size + p] = cosine * kp - sine * kq;
                    a[k * size + q] = sine * kp + cosine * kq;
                    let (kp, kq) = (v[k * size + p], v[k * size + q]);
                    v[k * size + p] = cosine * kp - sine * kq;
                    v[k * size + q] = sine * kp + cosine * kq;
                }
                for k in 0..size {
                    let (pk, qk) = (a[p * size + k], a[q * size + k]);
                    a[p * size + k] = cosine * pk - sine * qk;
                    a[q * size + k] = sine * pk + cosine * qk;
                }
                a[p * size + q] = 0.0;
                a[q * size + p] = 0.0;
            }
        }
        if !rotated {
            break;
        }
    }
    v
}

fn fixed_to_f64(value: &IBig, bits: i64) -> f64 {
    let excess = (bit_length(value) - 62).max(0);
    let leading = i64::try_from(shift_floor(value, -excess)).expect("62 bits and a sign fit");
    leading as f64 * 2f64.powi(i32::try_from(excess - bits).unwrap_or(i32::MIN))
}
