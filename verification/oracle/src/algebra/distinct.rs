//! How many distinct eigenvalues a matrix with real eigenvalues has, exactly.

use super::integer_matrix::IntegerMatrix;
use dashu_int::IBig;

/// Beyond this size the powers' integers grow too long.
pub(crate) const LARGEST_SIZE: usize = 12;

/// The number of distinct eigenvalues of a matrix that is similar to a symmetric one: the rank of
/// the Hankel matrix of the power sums tr(A^(i+j)) (Hermite). None beyond [`LARGEST_SIZE`].
pub(crate) fn count_distinct_eigenvalues(matrix: &IntegerMatrix) -> Option<usize> {
    let size = matrix.rows;
    if size > LARGEST_SIZE {
        return None;
    }
    let mut sums = vec![IBig::from(size)];
    let mut power = matrix.clone();
    for _ in 1..=2 * (size - 1) {
        sums.push((0..size).fold(IBig::ZERO, |sum, index| sum + power.entry(index, index)));
        power = power.multiply(matrix);
    }
    let hankel = (0..size * size).map(|index| sums[index / size + index % size].clone()).collect();
    Some(IntegerMatrix::new(size, size, hankel).rank())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(size: usize, entries: &[i64]) -> Option<usize> {
        let entries = entries.iter().map(|entry| IBig::from(*entry)).collect();
        count_distinct_eigenvalues(&IntegerMatrix::new(size, size, entries))
    }

    #[test]
    fn repeated_eigenvalues_count_once() {
        assert_eq!(count(3, &[5, 3, 3, 3, 5, 3, 3, 3, 5]), Some(2));
        assert_eq!(count(3, &[2, 1, 0, 1, 2, 1, 0, 1, 2]), Some(3));
        assert_eq!(count(2, &[0, 0, 0, 0]), Some(1));
        // Not symmetric, but similar to diag(1, 1, 4).
        assert_eq!(count(3, &[1, 0, 3, 0, 1, 6, 0, 0, 4]), Some(2));
        assert_eq!(count(1, &[7]), Some(1));
        assert_eq!(count(LARGEST_SIZE + 1, &[0; (LARGEST_SIZE + 1) * (LARGEST_SIZE + 1)]), None);
    }
}
