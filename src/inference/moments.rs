//! Moments of <A, P B P'> over all n! permutations P, as sums over the entries of A and of B.
//!
//! With rows i of A beside rows pi(i) of B, the k-th power is a sum over k pairs of indices. Which
//! of these 2k indices are equal is a partition of them into blocks; different blocks stand for
//! different examples, and pi takes them to any different examples equally often. So
//!
//!   E <A, P B P'>^k = sum over partitions s of D_A(s) D_B(s) / (n (n - 1) ... (n - |s| + 1)),
//!
//! D(s) the sum of the products of k entries over different examples for the blocks of s. D follows
//! from sums S over any examples by Mobius inversion in the lattice of partitions (Rota 1964):
//! D(s) = sum over t >= s of S(t) times (-1)^(m - 1) (m - 1)! for each block of t that joins m
//! blocks of s. S(t) is a product over the connected parts of the graph whose vertices are blocks
//! and whose edges are entries.
//!
//! Matrices are reduced before: A = A0 + u 1' + 1 u' + t/(n - 1) H + c 1 1', the rows of A0 and u
//! summing to 0, and so does A0's diagonal. Then a block with a single index adds nothing, nor does
//! a block of its own with a single diagonal entry; what is left are ten kinds of connected parts.
//! The mean, n^2 c_A c_B + t_A t_B / (n - 1), is taken off before anything is squared: moments of
//! what is left are central moments. A term 2 n u_A' P u_B adds edges with one end.
//!
//! The same moments stand, worked out for doubly centered matrices, in Kazi-Aoual et al. 1995 and
//! Josse, Pages and Husson 2008; the general form needs no centering and has the row terms too.

/// Numbers that moments are computed in: floating point with what it may lose, and exact fractions
/// in tests.
pub(super) trait Number: Clone {
    fn zero() -> Self;
    fn plus(&self, other: &Self) -> Self;
    fn times(&self, other: &Self) -> Self;
    fn times_whole(&self, factor: i64) -> Self;
    fn over_whole(&self, divisor: i64) -> Self;
}

/// Sums over any examples of products of entries of a reduced matrix: `a` its entries, `d` its
/// diagonal, `u` the row terms.
#[derive(Debug, Clone)]
pub(super) struct Sums<N> {
    /// Number of examples.
    pub(super) n: usize,
    /// sum of d_i^l u_i^h, at \[l\]\[h\], for 2 <= l + h <= 3.
    pub(super) at_one: [[N; 4]; 4],
    /// sum of a_ij^2
    pub(super) squares: N,
    /// sum of a_ij^2 d_i
    pub(super) squares_d: N,
    /// sum of a_ij^2 u_i
    pub(super) squares_u: N,
    /// sum of a_ij^3
    pub(super) cubes: N,
    /// sum of d_i a_ij d_j
    pub(super) d_d: N,
    /// sum of d_i a_ij u_j
    pub(super) d_u: N,
    /// sum of u_i a_ij u_j
    pub(super) u_u: N,
    /// sum of a_ij a_jk a_ki
    pub(super) triangles: N,
}

/// Powers of the two terms, Q^a L^b: a entries and b row terms.
const MONOMIALS: [(usize, usize); 7] = [(2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)];

/// D(s) of one matrix, for every monomial and every partition of its indices.
#[derive(Debug)]
pub(super) struct DistinctSums<N> {
    n: usize,
    of: Vec<Vec<N>>,
}

impl<N: Number> DistinctSums<N> {
    pub(super) fn new(sums: &Sums<N>) -> Self {
        Self { n: sums.n, of: MONOMIALS.iter().map(|&monomial| distinct(sums, monomial)).collect() }
    }
}

/// The second and third central moments of <A, P B P'> of two matrices.
pub(super) fn central<N: Number>(x: &DistinctSums<N>, y: &DistinctSums<N>) -> [N; 2] {
    let expectation = |monomial: (usize, usize)| {
        let place = MONOMIALS.iter().position(|other| *other == monomial).expect("one of them");
        let slots = 2 * monomial.0 + monomial.1;
        let terms = partitions(slots).into_iter().zip(x.of[place].iter().zip(&y.of[place])).filter_map(|(partition, (a, b))| {
            let blocks = count(&partition);
            // Of fewer examples than blocks there are no different ones.
            (blocks <= x.n).then(|| (x.n - blocks + 1..=x.n).fold(a.times(b), |term, factor| term.over_whole(factor as i64)))
        });
        let sum = terms.fold(N::zero(), |sum, term| sum.plus(&term));
        // <u 1' + 1 u', P (v 1' + 1 v') P'> = 2 n u' P v
        (0..monomial.1).fold(sum, |sum, _| sum.times_whole(2 * x.n as i64))
    };
    let moment = |terms: &[(i64, (usize, usize))]| {
        terms.iter().fold(N::zero(), |sum, &(times, monomial)| sum.plus(&expectation(monomial).times_whole(times)))
    };
    [moment(&[(1, (2, 0)), (2, (1, 1)), (1, (0, 2))]), moment(&[(1, (3, 0)), (3, (2, 1)), (3, (1, 2)), (1, (0, 3))])]
}

/// All partitions of so many things: the block of each, blocks numbered as they appear.
fn partitions(things: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..things {
        let longer = |partition: Vec<usize>| {
            (0..=count(&partition)).map(move |block| partition.iter().copied().chain([block]).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// The number of blocks.
fn count(partition: &[usize]) -> usize {
    partition.iter().max().map_or(0, |last| last + 1)
}

/// D(s) for every partition s of the indices of `edges` entries and `ends` row terms.
fn distinct<N: Number>(sums: &Sums<N>, (edges, ends): (usize, usize)) -> Vec<N> {
    let of = |partition: &Vec<usize>| {
        let coarser = partitions(count(partition)).into_iter().filter_map(|joined| {
            let blocks: Vec<usize> = partition.iter().map(|block| joined[*block]).collect();
            let term = unrestricted(sums, edges, &blocks)?;
            let sizes = (0..count(&joined)).map(|block| joined.iter().filter(|other| **other == block).count() as i64);
            Some(sizes.fold(term, |term, size| term.times_whole((1..size).map(|factor| -factor).product())))
        });
        coarser.fold(N::zero(), |sum, term| sum.plus(&term))
    };
    partitions(2 * edges + ends).iter().map(of).collect()
}

/// The sum over any examples for the blocks: the first 2 `edges` indices are those of entries, two
/// by two, the others those of row terms. None where it is 0 because rows sum to 0.
fn unrestricted<N: Number>(sums: &Sums<N>, edges: usize, blocks: &[usize]) -> Option<N> {
    let vertices = count(blocks);
    if (0..vertices).any(|vertex| blocks.iter().filter(|block| **block == vertex).count() == 1) {
        return None;
    }
    let (of_entries, of_ends) = blocks.split_at(2 * edges);
    let of_entries = of_entries.as_chunks::<2>().0;
    let loops = |vertex: usize| of_entries.iter().filter(|[i, j]| *i == vertex && *j == vertex).count();
    let ends = |vertex: usize| of_ends.iter().filter(|end| **end == vertex).count();
    let between = |a: usize, b: usize| of_entries.iter().filter(|[i, j]| (*i, *j) == (a, b) || (*i, *j) == (b, a)).count();
    let mut left: Vec<usize> = (0..vertices).collect();
    let mut product: Option<N> = None;
    while let Some(first) = left.pop() {
        let mut part = vec![first];
        let mut at = 0;
        while at < part.len() {
            let (near, far): (Vec<usize>, Vec<usize>) = left.into_iter().partition(|vertex| between(*vertex, part[at]) > 0);
            part.extend(near);
            left = far;
            at += 1;
        }
        let sum = match part[..] {
            // A trace, which is 0.
            [vertex] if (loops(vertex), ends(vertex)) == (1, 0) => return None,
            [vertex] => &sums.at_one[loops(vertex)][ends(vertex)],
            [a, b] => match (between(a, b), loops(a) + loops(b), ends(a) + ends(b)) {
                (1, 2, 0) => &sums.d_d,
                (1, 1, 1) => &sums.d_u,
                (1, 0, 2) => &sums.u_u,
                (2, 0, 0) => &sums.squares,
                (2, 1, 0) => &sums.squares_d,
                (2, 0, 1) => &sums.squares_u,
                (3, 0, 0) => &sums.cubes,
                other => unreachable!("three entries and row terms at most, and no block with a single index: {other:?}"),
            },
            [_, _, _] => &sums.triangles,
            _ => unreachable!("three entries join three blocks at most"),
        };
        product = Some(product.map_or_else(|| sum.clone(), |product| product.times(sum)));
    }
    product
}

#[cfg(test)]
#[path = "moments_tests.rs"]
mod tests;
