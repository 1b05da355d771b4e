//! Certified eigenvalues and eigenvectors of a symmetric pencil B v = lambda C v, B positive
//! semidefinite, C positive definite.
//!
//! Approximate vectors V are computed by means that are not trusted. Then, in interval arithmetic,
//!
//! - V'CV = I + E with ||E|| <= epsilon < 1/2, which also proves V nonsingular,
//! - V'BV = D + F with D diagonal and ||F|| <= phi.
//!
//! The eigenvalues of (B, C) are those of (D + F, I + E). With d_1 >= d_2 >= ... the diagonal of D,
//! the minimax principle (Ostrowski for the division, Weyl for F) puts the i-th largest into
//! [max(0, d_i - phi) / (1 + epsilon), (d_i + phi) / (1 - epsilon)].

use super::interval_matrix::IntervalMatrix;
use super::jacobi::symmetric_eigenvectors;
use crate::number::dyadic::{Direction, Dyadic};
use crate::number::interval::Interval;
use crate::number::refine::Attempt;

/// Bits that interval products carry beyond the precision of the vectors.
const GUARD: usize = 64;

/// The certificate. Everything is in descending order of eigenvalues.
pub(crate) struct Spectrum {
    /// D
    pub(crate) diagonal: Vec<Dyadic>,
    /// V as points, one column an eigenvector.
    pub(crate) vectors: IntervalMatrix,
    /// Bound of ||V'CV - I||.
    pub(crate) epsilon: Dyadic,
    /// Bound of ||V'BV - D||.
    pub(crate) phi: Dyadic,
    precision: usize,
}

impl Spectrum {
    /// Certifies the pencil (b, c); `c` absent stands for the identity.
    pub(crate) fn of_pencil(b: &IntervalMatrix, c: Option<&IntervalMatrix>, precision: usize) -> Result<Self, Attempt> {
        let vectors = approximate_vectors(b, c, precision)?;
        Spectrum::certify(b, c, vectors, precision)
    }

    /// The certificate that these vectors, good or bad, earn.
    fn certify(b: &IntervalMatrix, c: Option<&IntervalMatrix>, vectors: IntervalMatrix, precision: usize) -> Result<Self, Attempt> {
        let size = b.rows;
        let working = precision + GUARD;
        let reduced = IntervalMatrix::congruence(Some(b), &vectors, working);
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by_key(|index| std::cmp::Reverse(reduced.entry(*index, *index).midpoint()));
        let vectors = permute(&vectors, &(0..size).collect::<Vec<_>>(), &order);
        let reduced = permute(&reduced, &order, &order);
        let diagonal: Vec<Dyadic> = (0..size).map(|index| reduced.entry(index, index).midpoint().round(working, Direction::Down)).collect();
        let mut orthogonality = IntervalMatrix::congruence(c, &vectors, working);
        for index in 0..size {
            let at = index * size + index;
            orthogonality.entries[at] = orthogonality.entries[at].subtract(&Interval::one(), working);
        }
        let epsilon = orthogonality.largest_row_sum(working);
        if epsilon >= Dyadic::power_of_two(-1) {
            return Err(Attempt::Unresolved("eigenvectors are not orthonormal enough".to_string()));
        }
        let mut residual = reduced;
        for (index, value) in diagonal.iter().enumerate() {
            let at = index * size + index;
            residual.entries[at] = residual.entries[at].subtract(&Interval::point(value.clone()), working);
        }
        let phi = residual.largest_row_sum(working);
        Ok(Spectrum { diagonal, vectors, epsilon, phi, precision: working })
    }

    /// The i-th largest eigenvalue.
    pub(crate) fn eigenvalue(&self, index: usize) -> Interval {
        let near = Interval::point(self.diagonal[index].clone()).widen(&self.phi, self.precision);
        let lo = near.lo().clone().max(Dyadic::zero());
        let hi = near.hi().clone().max(Dyadic::zero());
        let (one, epsilon) = (Dyadic::one(), &self.epsilon);
        Interval::new(
            lo.divide(&one.add(epsilon), self.precision, Direction::Down),
            hi.divide(&one.subtract(epsilon), self.precision, Direction::Up),
        )
    }

    /// Bound of ||W'BW - D|| for W = V (I + E)^(-1/2), whose columns are exactly C-orthonormal.
    ///
    /// With R = (I + E)^(-1/2) and ||R - I|| <= eta = (1 - epsilon)^(-1/2) - 1 <= epsilon (for
    /// epsilon < 1/2): R (D + F) R - D = (R D R - D) + R F R is at most (2 eta + eta^2) ||D|| + (1
    /// + eta)^2 phi.
    pub(crate) fn orthonormal_residual(&self) -> Dyadic {
        let precision = self.precision;
        let eta = Interval::point(self.epsilon.clone());
        let largest = Interval::point(self.diagonal.iter().map(Dyadic::absolute).max().unwrap_or_else(Dyadic::zero));
        let squared = eta.multiply(&eta, precision);
        let bend = eta.scale(1).add(&squared, precision).multiply(&largest, precision);
        let stretch = Interval::one().add(&eta, precision);
        let rest = stretch.multiply(&stretch, precision).multiply(&Interval::point(self.phi.clone()), precision);
        bend.add(&rest, precision).hi().clone()
    }
}

fn permute(matrix: &IntervalMatrix, rows: &[usize], columns: &[usize]) -> IntervalMatrix {
    let entries = rows.iter().flat_map(|row| columns.iter().map(|column| matrix.entry(*row, *column).clone())).collect();
    IntervalMatrix { rows: rows.len(), columns: columns.len(), entries }
}

/// Points near the eigenvectors: C = L L', then the eigenvectors J of L^-1 B L^-T, then V = L^-T J.
fn approximate_vectors(b: &IntervalMatrix, c: Option<&IntervalMatrix>, precision: usize) -> Result<IntervalMatrix, Attempt> {
    let size = b.rows;
    let working = precision + GUARD;
    let inverse = c.map(|c| inverse_cholesky_factor(c, working)).transpose()?;
    let standard = |row: usize, column: usize| -> Dyadic { b.entry(row, column).midpoint().round(working, Direction::Down) };
    let mut reduced: Vec<Dyadic> = (0..size * size).map(|index| standard(index / size, index % size)).collect();
    if let Some(inverse) = &inverse {
        // T = inverse * B, then T * inverse', both factors lower triangular.
        let half: Vec<Dyadic> = (0..size * size)
            .map(|index| dot(working, (0..=index / size).map(|k| (&inverse[index / size * size + k], &reduced[k * size + index % size]))))
            .collect();
        reduced = (0..size * size)
            .map(|index| dot(working, (0..=index % size).map(|k| (&half[index / size * size + k], &inverse[index % size * size + k]))))
            .collect();
    }
    let top = reduced.iter().map(Dyadic::magnitude).max().unwrap_or(0).max(i64::MIN / 4);
    let scaled = |row: usize, column: usize, bits: i64| {
        let (low, high) = (row.min(column), row.max(column));
        reduced[high * size + low].scale(-top).to_fixed(bits)
    };
    let (rotation, bits) = symmetric_eigenvectors(size, scaled, precision);
    let rotation: Vec<Dyadic> = rotation.into_iter().map(|entry| Dyadic::new(entry, -bits)).collect();
    let vectors: Vec<Dyadic> = match &inverse {
        None => rotation,
        Some(inverse) => (0..size * size)
            .map(|index| {
                let (row, column) = (index / size, index % size);
                dot(working, (row..size).map(|k| (&inverse[k * size + row], &rotation[k * size + column])))
            })
            .collect(),
    };
    let entries = vectors.into_iter().map(Interval::point).collect();
    Ok(IntervalMatrix { rows: size, columns: size, entries })
}

fn dot<'a>(precision: usize, pairs: impl Iterator<Item = (&'a Dyadic, &'a Dyadic)>) -> Dyadic {
    pairs.fold(Dyadic::zero(), |sum, (left, right)| {
        sum.add(&left.multiply(right).round(precision, Direction::Down)).round(precision, Direction::Down)
    })
}

/// Approximately L^-1 for C = L L', row-major lower triangular.
fn inverse_cholesky_factor(c: &IntervalMatrix, precision: usize) -> Result<Vec<Dyadic>, Attempt> {
    let size = c.rows;
    let mut factor = vec![Dyadic::zero(); size * size];
    for row in 0..size {
        for column in 0..=row {
            let products = dot(precision, (0..column).map(|k| (&factor[row * size + k], &factor[column * size + k])));
            let rest = c.entry(row, column).midpoint().subtract(&products).round(precision, Direction::Down);
            factor[row * size + column] = if row == column {
                if !rest.is_positive() {
                    return Err(Attempt::Unresolved("a Gram matrix is too ill-conditioned".to_string()));
                }
                rest.square_root(precision, Direction::Down)
            } else {
                rest.divide(&factor[column * size + column], precision, Direction::Down)
            };
        }
    }
    let mut inverse = vec![Dyadic::zero(); size * size];
    for column in 0..size {
        for row in column..size {
            let target = if row == column { Dyadic::one() } else { Dyadic::zero() };
            let products = dot(precision, (column..row).map(|k| (&factor[row * size + k], &inverse[k * size + column])));
            inverse[row * size + column] = target.subtract(&products).divide(&factor[row * size + row], precision, Direction::Down);
        }
    }
    Ok(inverse)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::algebra::integer_matrix::IntegerMatrix;
    use crate::number::enclosure::Enclosure;
    use dashu_int::IBig;

    fn intervals(size: usize, entries: &[i64]) -> IntervalMatrix {
        IntervalMatrix::from_integers(&IntegerMatrix::new(size, size, entries.iter().map(|entry| IBig::from(*entry)).collect()))
    }

    fn eigenvalues(b: &IntervalMatrix, c: Option<&IntervalMatrix>) -> Vec<Interval> {
        let spectrum = Spectrum::of_pencil(b, c, 256).ok().expect("certified");
        (0..b.rows).map(|index| spectrum.eigenvalue(index)).collect()
    }

    /// What is done to good eigenvectors before they are certified.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Damage {
        /// Every entry keeps this many bits.
        Rounded(usize),
        /// All vectors are 1 + 2^-k times, or 1 - 2^-k times, too long: not orthonormal, but still
        /// diagonalising.
        Longer(i64),
        Shorter(i64),
        /// These two vectors are turned in their plane by the angle of tangent about 2^-k:
        /// orthonormal, but not diagonalising.
        Turned(usize, usize, i64),
    }

    impl Damage {
        fn apply(self, vectors: &mut IntervalMatrix) {
            let stretch = |vectors: &mut IntervalMatrix, factor: Dyadic| {
                for entry in &mut vectors.entries {
                    *entry = Interval::point(entry.lo().multiply(&factor));
                }
            };
            match self {
                Damage::Rounded(bits) => {
                    for entry in &mut vectors.entries {
                        *entry = Interval::point(entry.lo().clone().round(bits, Direction::Down));
                    }
                }
                Damage::Longer(exponent) => stretch(vectors, Dyadic::one().add(&Dyadic::power_of_two(-exponent))),
                Damage::Shorter(exponent) => stretch(vectors, Dyadic::one().subtract(&Dyadic::power_of_two(-exponent))),
                Damage::Turned(first, second, exponent) => {
                    // cos = (1 - t^2)/(1 + t^2), sin = 2t/(1 + t^2)
                    let (one, tangent) = (Dyadic::one(), Dyadic::power_of_two(-exponent - 1));
                    let square = tangent.multiply(&tangent);
                    let quotient = |numerator: Dyadic| numerator.divide(&one.add(&square), 600, Direction::Down);
                    let (cosine, sine) = (quotient(one.subtract(&square)), quotient(tangent.scale(1)));
                    for row in 0..vectors.rows {
                        let (left, right) = (vectors.entry(row, first).lo().clone(), vectors.entry(row, second).lo().clone());
                        let turned =
                            [cosine.multiply(&left).add(&sine.multiply(&right)), cosine.multiply(&right).subtract(&sine.multiply(&left))];
                        for (column, entry) in [first, second].into_iter().zip(turned) {
                            vectors.entries[row * vectors.columns + column] = Interval::point(entry);
                        }
                    }
                }
            }
        }
    }

    /// The certificate that damaged eigenvectors earn.
    pub(crate) fn damaged_certificate(b: &IntervalMatrix, c: Option<&IntervalMatrix>, damage: Damage) -> Spectrum {
        let mut vectors = Spectrum::of_pencil(b, c, 512).ok().expect("certified").vectors;
        damage.apply(&mut vectors);
        Spectrum::certify(b, c, vectors, 512).ok().expect("good enough to certify")
    }

    /// Two enclosures of one number share a point.
    pub(crate) fn meet(left: &Interval, right: &Interval) -> bool {
        left.lo() <= right.hi() && right.lo() <= left.hi()
    }

    #[test]
    fn damaged_vectors_earn_wide_enclosures_that_still_hold_the_truth() {
        let b = intervals(4, &[40, 3, -7, 1, 3, 25, 5, -2, -7, 5, 31, 6, 1, -2, 6, 9]);
        let c = intervals(4, &[9, 2, 0, 1, 2, 7, -1, 0, 0, -1, 5, 2, 1, 0, 2, 6]);
        let damages = [
            (Damage::Rounded(6), 4),
            (Damage::Rounded(14), 4),
            (Damage::Rounded(40), 4),
            (Damage::Longer(4), 1),
            (Damage::Shorter(4), 1),
            (Damage::Turned(0, 3, 5), 6),
            (Damage::Turned(1, 2, 20), 6),
        ];
        for c in [None, Some(&c)] {
            let exact = eigenvalues(&b, c);
            for (damage, forgiven) in damages {
                let certificate = damaged_certificate(&b, c, damage);
                let bits = depth(damage);
                for (index, exact) in exact.iter().enumerate() {
                    let wide = certificate.eigenvalue(index);
                    assert!(meet(&wide, exact), "{damage:?}, eigenvalue {index}");
                    // Not uselessly wide either.
                    let width = wide.hi().subtract(wide.lo()).magnitude();
                    assert!(width <= exact.hi().magnitude() + forgiven - bits as i64 + 4, "{damage:?}, eigenvalue {index}");
                }
            }
        }
    }

    /// Bits that the damage leaves intact.
    fn depth(damage: Damage) -> usize {
        match damage {
            Damage::Rounded(bits) => bits,
            Damage::Longer(exponent) | Damage::Shorter(exponent) | Damage::Turned(_, _, exponent) => exponent as usize,
        }
    }

    #[test]
    fn the_golden_section_is_found() {
        // [[2, 1], [1, 1]] has eigenvalues (3 +- sqrt 5)/2.
        let got = eigenvalues(&intervals(2, &[2, 1, 1, 1]), None);
        let digits =
            ["2.618033988749894848204586834365638117720309179805762862135", "0.381966011250105151795413165634361882279690820194237137865"];
        for (value, digits) in got.iter().zip(digits) {
            assert!(value.is_narrow(200) && Enclosure::from_interval(value).agrees_with_decimal(digits));
        }
    }

    #[test]
    fn integer_eigenvalues_lie_inside_even_when_repeated() {
        // 3 J + 2 I of size 4: eigenvalues 14, 2, 2, 2.
        let got = eigenvalues(&intervals(4, &[5, 3, 3, 3, 3, 5, 3, 3, 3, 3, 5, 3, 3, 3, 3, 5]), None);
        for (value, expected) in got.iter().zip([14, 2, 2, 2]) {
            let expected = Dyadic::new(IBig::from(expected), 0);
            assert!(*value.lo() <= expected && expected <= *value.hi() && value.is_narrow(200));
        }
    }

    #[test]
    fn a_pencil_is_the_quotient_of_its_parts() {
        // C = diag(1, 4) and a rotation-free B = diag(3, 8): 3 and 2. Then the same pencil after
        // the congruence by [[1, 1], [0, 1]].
        for (b, c) in [([3, 0, 0, 8], [1, 0, 0, 4]), ([3, 3, 3, 11], [1, 1, 1, 5])] {
            let got = eigenvalues(&intervals(2, &b), Some(&intervals(2, &c)));
            for (value, expected) in got.iter().zip([3, 2]) {
                let expected = Dyadic::new(IBig::from(expected), 0);
                assert!(*value.lo() <= expected && expected <= *value.hi() && value.is_narrow(200));
            }
        }
    }

    #[test]
    fn a_diagonal_matrix_is_exact() {
        assert!(eigenvalues(&intervals(3, &[7, 0, 0, 0, 9, 0, 0, 0, 2]), None).iter().all(Interval::is_point));
    }
}
