//! The moments of whole-number matrices in exact fractions, beside all n! permutations.

use dashu_ratio::RBig;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

impl Number for RBig {
    fn zero() -> Self {
        Self::ZERO
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn times(&self, other: &Self) -> Self {
        self * other
    }

    fn times_whole(&self, factor: i64) -> Self {
        self * RBig::from(factor)
    }

    fn over_whole(&self, divisor: i64) -> Self {
        self / RBig::from(divisor)
    }
}

type Matrix = Vec<Vec<i64>>;

/// The mean of all entries, the trace of the doubly centered matrix, and the sums of the reduced
/// one.
fn reduced(matrix: &Matrix) -> (RBig, RBig, Sums<RBig>) {
    let n = matrix.len();
    let whole = |value: usize| RBig::from(value as i64);
    let total = |terms: Vec<RBig>| terms.into_iter().fold(RBig::ZERO, |sum, term| sum + term);
    let rows: Vec<RBig> = matrix.iter().map(|row| RBig::from(row.iter().sum::<i64>()) / whole(n)).collect();
    let mean = total(rows.clone()) / whole(n);
    let u: Vec<RBig> = rows.iter().map(|row| row - &mean).collect();
    let centered = |i: usize, j: usize| RBig::from(matrix[i][j]) - &u[i] - &u[j] - &mean;
    let trace = total((0..n).map(|i| centered(i, i)).collect());
    let share = &trace / whole(n - 1);
    let unit = |i: usize, j: usize| if i == j { RBig::ONE } else { RBig::ZERO } - RBig::ONE / whole(n);
    let a: Vec<Vec<RBig>> = (0..n).map(|i| (0..n).map(|j| centered(i, j) - unit(i, j) * &share).collect()).collect();
    let d: Vec<RBig> = (0..n).map(|i| a[i][i].clone()).collect();
    let over =
        |term: &dyn Fn(usize, usize) -> RBig| total((0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| term(i, j)).collect());
    let power = |base: &RBig, exponent: usize| (0..exponent).fold(RBig::ONE, |product, _| product * base);
    let at_one = |loops: usize, ends: usize| total((0..n).map(|i| power(&d[i], loops) * power(&u[i], ends)).collect());
    let sums = Sums {
        n,
        at_one: std::array::from_fn(|loops| std::array::from_fn(|ends| at_one(loops, ends))),
        squares: over(&|i, j| power(&a[i][j], 2)),
        squares_d: over(&|i, j| power(&a[i][j], 2) * &d[i]),
        squares_u: over(&|i, j| power(&a[i][j], 2) * &u[i]),
        cubes: over(&|i, j| power(&a[i][j], 3)),
        d_d: over(&|i, j| &d[i] * &a[i][j] * &d[j]),
        d_u: over(&|i, j| &d[i] * &a[i][j] * &u[j]),
        u_u: over(&|i, j| &u[i] * &a[i][j] * &u[j]),
        triangles: over(&|i, j| total((0..n).map(|k| &a[i][j] * &a[j][k] * &a[k][i]).collect())),
    };
    (mean, trace, sums)
}

/// Heap's algorithm.
fn each_permutation(items: &mut Vec<usize>, length: usize, visit: &mut dyn FnMut(&[usize])) {
    if length <= 1 {
        return visit(items);
    }
    for i in 0..length {
        each_permutation(items, length - 1, visit);
        items.swap(if length.is_multiple_of(2) { i } else { 0 }, length - 1);
    }
}

/// Mean, variance and third central moment of <A, P B P'> over all permutations.
fn enumerated(a: &Matrix, b: &Matrix) -> [RBig; 3] {
    let n = a.len();
    let (mut count, mut powers) = (0i128, [0i128; 3]);
    each_permutation(&mut (0..n).collect(), n, &mut |permutation| {
        let terms = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
        let inner: i128 = terms.map(|(i, j)| i128::from(a[i][j] * b[permutation[i]][permutation[j]])).sum();
        count += 1;
        powers = [powers[0] + inner, powers[1] + inner.pow(2), powers[2] + inner.pow(3)];
    });
    let [first, second, third] = powers.map(|power| RBig::from(power) / RBig::from(count));
    let square = &first * &first;
    let variance = &second - &square;
    let third = third - RBig::from(3) * &first * &second + RBig::from(2) * &square * &first;
    [first, variance, third]
}

/// Kinds of symmetric matrices of whole numbers.
fn matrices(n: usize, generator: &mut ChaCha8Rng) -> Vec<Matrix> {
    let mut drawn = || {
        let mut matrix = vec![vec![0; n]; n];
        for (i, j) in (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))) {
            matrix[i][j] = generator.random_range(-4..=5);
            matrix[j][i] = matrix[i][j];
        }
        matrix
    };
    let (any, mut hollow, factor) = (drawn(), drawn(), drawn());
    (0..n).for_each(|i| hollow[i][i] = 0);
    let product = |i: usize, j: usize| factor[i][0] * factor[j][0] + factor[i][1] * factor[j][1];
    let low_rank = (0..n).map(|i| (0..n).map(|j| product(i, j)).collect()).collect();
    // n^2 H A H.
    let rows: Vec<i64> = any.iter().map(|row| row.iter().sum()).collect();
    let (all, whole) = (rows.iter().sum::<i64>(), n as i64);
    let centered = (0..n).map(|i| (0..n).map(|j| whole * whole * any[i][j] - whole * (rows[i] + rows[j]) + all).collect()).collect();
    vec![any, hollow, low_rank, centered]
}

#[test]
fn moments_are_those_of_all_permutations_to_the_last_digit() {
    let mut generator = ChaCha8Rng::seed_from_u64(21);
    for n in 2..=6 {
        let (left, right) = (matrices(n, &mut generator), matrices(n, &mut generator));
        for (a, b) in left.iter().flat_map(|a| right.iter().map(move |b| (a, b))) {
            let ((mean_a, trace_a, of_a), (mean_b, trace_b, of_b)) = (reduced(a), reduced(b));
            let mean = RBig::from((n * n) as i64) * mean_a * mean_b + trace_a * trace_b / RBig::from(n as i64 - 1);
            let [variance, third] = central(&DistinctSums::new(&of_a), &DistinctSums::new(&of_b));
            assert_eq!([mean, variance, third], enumerated(a, b), "n = {n}, {a:?}, {b:?}");
        }
    }
}

#[test]
fn moments_are_those_of_all_permutations_of_eight() {
    let mut generator = ChaCha8Rng::seed_from_u64(8);
    for n in [7, 8] {
        let (left, right) = (matrices(n, &mut generator), matrices(n, &mut generator));
        for (a, b) in [(&left[0], &right[1]), (&left[3], &right[3])] {
            let (of_a, of_b) = (reduced(a).2, reduced(b).2);
            let [_, variance, third] = enumerated(a, b);
            assert_eq!(central(&DistinctSums::new(&of_a), &DistinctSums::new(&of_b)), [variance, third], "n = {n}");
        }
    }
}

#[test]
fn partitions_are_counted_by_bell() {
    assert_eq!((0..=6).map(|things| partitions(things).len()).collect::<Vec<_>>(), [1, 1, 2, 5, 15, 52, 203]);
}
