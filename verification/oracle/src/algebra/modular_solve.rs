//! Exact solutions of linear systems from solutions modulo many primes.

use super::integer_matrix::IntegerMatrix;
use super::prime_field::{PRIME_BITS, PrimeField, primes};
use crate::number::dyadic::{bit_length, shift_floor};
use dashu_int::IBig;

impl IntegerMatrix {
    /// (N, d) with self^-1 * right = N / d and d = det(self), for an invertible matrix.
    ///
    /// By Cramer's rule every entry of N is the determinant of self with one column replaced by one
    /// of `right`; Hadamard's inequality bounds it, and d, by the product of the columns' lengths
    /// (each at least 1). Solutions modulo primes whose product exceeds twice the bound therefore
    /// determine them (Chinese remainder theorem).
    pub(crate) fn solve(&self, right: &Self) -> (Self, IBig) {
        assert_eq!(self.rows, self.columns);
        let bound_bits = self.column_length_bits().sum::<usize>() + right.column_length_bits().max().unwrap_or(0);
        let needed = (bound_bits + 2).div_ceil(PRIME_BITS);
        // A prime that divides d has no solution; fewer than `needed` primes of this size divide a
        // nonzero d.
        let solutions: Vec<(PrimeField, Vec<u64>)> = primes()
            .take(2 * needed)
            .map(PrimeField::new)
            .filter_map(|field| self.solve_modulo(right, &field).map(|solution| (field, solution)))
            .take(needed)
            .collect();
        assert_eq!(solutions.len(), needed, "the matrix is singular");
        let mut entries = reconstruct(&solutions);
        let determinant = entries.pop().expect("the determinant stands last");
        (IntegerMatrix::new(self.rows, right.columns, entries), determinant)
    }

    /// Bits of an integer not below each column's length.
    fn column_length_bits(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.columns).map(|column| {
            let squared = (0..self.rows).fold(IBig::ZERO, |sum, row| sum + self.entry(row, column) * self.entry(row, column));
            (bit_length(&squared) as usize).div_ceil(2)
        })
    }

    /// The entries of N and then d, plain, modulo the prime; None where the prime divides d.
    fn solve_modulo(&self, right: &Self, field: &PrimeField) -> Option<Vec<u64>> {
        let (size, width) = (self.rows, self.columns + right.columns);
        let joined = self.beside(right);
        let mut table: Vec<u64> = joined.entries.iter().map(|entry| field.enter(entry)).collect();
        let mut determinant = field.one();
        for step in 0..size {
            let pivot_row = (step..size).find(|row| table[row * width + step] != 0)?;
            if pivot_row != step {
                for column in step..width {
                    table.swap(step * width + column, pivot_row * width + column);
                }
                determinant = field.subtract(0, determinant);
            }
            let pivot = table[step * width + step];
            determinant = field.multiply(determinant, pivot);
            let inverse = field.inverse(pivot);
            for column in step..width {
                table[step * width + column] = field.multiply(table[step * width + column], inverse);
            }
            let pivot_entries: Vec<u64> = table[step * width..(step + 1) * width].to_vec();
            for row in (0..size).filter(|row| *row != step) {
                let factor = table[row * width + step];
                if factor == 0 {
                    continue;
                }
                for (entry, pivot_entry) in table[row * width..(row + 1) * width].iter_mut().zip(&pivot_entries).skip(step) {
                    *entry = field.subtract(*entry, field.multiply(factor, *pivot_entry));
                }
            }
        }
        let numerators = (0..size).flat_map(|row| (size..width).map(move |column| row * width + column));
        let scaled = numerators.map(|at| field.leave(field.multiply(table[at], determinant)));
        Some(scaled.chain(std::iter::once(field.leave(determinant))).collect())
    }
}

/// The integers of least magnitude with these residues: x = sum_i (r_i / M_i mod p_i) M_i with M_i
/// the product of the other primes.
fn reconstruct(solutions: &[(PrimeField, Vec<u64>)]) -> Vec<IBig> {
    let modulus = solutions.iter().fold(IBig::ONE, |product, (field, _)| product * IBig::from(field.prime()));
    let half = shift_floor(&modulus, -1);
    let cofactors: Vec<(IBig, u64)> = solutions
        .iter()
        .map(|(field, _)| {
            let others = &modulus / IBig::from(field.prime());
            let inverse = field.inverse(field.enter(&others));
            (others, inverse)
        })
        .collect();
    (0..solutions[0].1.len())
        .map(|index| {
            let sum = solutions.iter().zip(&cofactors).fold(IBig::ZERO, |sum, ((field, residues), (others, inverse))| {
                // The inverse is in Montgomery's form and the residue plain, so their product is
                // plain.
                sum + others * IBig::from(field.multiply(residues[index], *inverse))
            });
            let remainder = sum % &modulus;
            if remainder > half { remainder - &modulus } else { remainder }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, columns: usize, entries: &[i64]) -> IntegerMatrix {
        IntegerMatrix::new(rows, columns, entries.iter().map(|entry| IBig::from(*entry)).collect())
    }

    fn times(matrix: &IntegerMatrix, factor: &IBig) -> IntegerMatrix {
        IntegerMatrix::new(matrix.rows, matrix.columns, matrix.entries.iter().map(|entry| entry * factor).collect())
    }

    #[test]
    fn a_solution_solves() {
        let a = matrix(3, 3, &[4, 1, -2, 1, 5, 0, -2, 0, 7]);
        let b = matrix(3, 2, &[1, 0, 2, 5, -3, 8]);
        let (numerators, determinant) = a.solve(&b);
        assert_eq!(determinant, IBig::from(4 * 35 - 7 - 20));
        assert_eq!(a.multiply(&numerators), times(&b, &determinant));
    }

    #[test]
    fn long_integers_and_zero_pivots_are_no_obstacle() {
        // [[0, u], [-v, w]] with u, v, w of hundreds of bits: determinant u v, found through a row
        // exchange.
        let long = |seed: u32| (IBig::from(seed).pow(90) + IBig::ONE) * IBig::from(-1).pow(seed as usize);
        let a = IntegerMatrix::new(2, 2, vec![IBig::ZERO, long(7), -long(12), long(5)]);
        let b = IntegerMatrix::new(2, 1, vec![long(3), long(10)]);
        let (numerators, determinant) = a.solve(&b);
        assert_eq!(determinant, long(7) * long(12));
        assert_eq!(a.multiply(&numerators), times(&b, &determinant));
    }

    #[test]
    fn the_bound_is_met_with_equality_by_hadamard_and_diagonal_matrices() {
        let hadamard: Vec<i64> =
            (0..64_u32).map(|index| if ((index / 8) & (index % 8)).count_ones().is_multiple_of(2) { 1 } else { -1 }).collect();
        let hadamard = times(&matrix(8, 8, &hadamard), &(IBig::from(1_u64 << 60) - IBig::ONE));
        let identity: Vec<i64> = (0..64).map(|index| i64::from(index / 8 == index % 8)).collect();
        let (numerators, determinant) = hadamard.solve(&matrix(8, 8, &identity));
        let length = (IBig::from(1_u64 << 60) - IBig::ONE).pow(8) * IBig::from(4096);
        assert!(determinant == length || determinant == -length);
        assert_eq!(hadamard.multiply(&numerators), times(&matrix(8, 8, &identity), &determinant));
        let negative = matrix(1, 1, &[-5]);
        assert_eq!(negative.solve(&matrix(1, 1, &[3])), (matrix(1, 1, &[3]), IBig::from(-5)));
    }

    #[test]
    #[should_panic(expected = "the matrix is singular")]
    fn a_singular_matrix_is_noticed() {
        matrix(2, 2, &[1, 2, 2, 4]).solve(&matrix(2, 1, &[1, 1]));
    }

    #[test]
    fn a_prime_that_divides_the_determinant_is_passed_over() {
        let prime = primes().next().unwrap();
        let a = IntegerMatrix::new(2, 2, vec![IBig::from(prime), IBig::ZERO, IBig::ZERO, IBig::from(3)]);
        let b = matrix(2, 1, &[1, 1]);
        let (numerators, determinant) = a.solve(&b);
        assert_eq!(determinant, IBig::from(prime) * IBig::from(3));
        assert_eq!(numerators.entries, [IBig::from(3), IBig::from(prime)]);
    }
}
