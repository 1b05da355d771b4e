//! Sums whose error grows with the logarithm of their length.

/// Terms summed in one run of eight interleaved partial sums before runs are added pairwise.
pub(crate) const RUN: usize = 128;
const LANES: usize = 8;

/// Does some work with the widest vectors that this machine has, whatever the program was compiled
/// for.
///
/// Bits do not depend on them: the work is written for eight lanes, and nothing fuses a
/// multiplication with an addition. The closure, and what it calls, must be `#[inline(always)]`:
/// what is not inlined was compiled for the least of machines.
#[inline]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Sums of runs, added two by two: of equally many terms always, until the last.
struct Pairwise {
    /// One for each bit that is set in `count`, that of most terms first.
    sums: [f64; usize::BITS as usize],
    count: usize,
}

impl Pairwise {
    #[inline(always)]
    fn new() -> Self {
        Self { sums: [0.0; usize::BITS as usize], count: 0 }
    }

    #[inline(always)]
    fn add(&mut self, run: f64) {
        let (mut sum, mut kept) = (run, self.count.count_ones() as usize);
        for _ in 0..self.count.trailing_ones() {
            kept -= 1;
            sum += self.sums[kept];
        }
        self.sums[kept] = sum;
        self.count += 1;
    }

    #[inline(always)]
    fn total(&self) -> f64 {
        self.sums[..self.count.count_ones() as usize].iter().rev().fold(0.0, |sum, more| sum + more)
    }
}

/// The sum of eight. Not inlined: the order of these sums would decide how the loop before them is
/// compiled, which came to vectors of two.
#[inline(never)]
fn lanes(values: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = values;
    let (a, b, c, d) = (a + e, b + f, c + g, d + h);
    (a + c) + (b + d)
}

/// The sum of a function of each pair of values of two slices of one length.
#[inline(always)]
fn sum_of(a: &[f64], b: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    assert_eq!(a.len(), b.len());
    let mut total = Pairwise::new();
    for (a, b) in a.chunks(RUN).zip(b.chunks(RUN)) {
        total.add(sum_of_run(a, b, &term));
    }
    total.total()
}

/// The same of slices that are no longer than one run.
#[inline(always)]
pub(crate) fn sum_of_run(a: &[f64], b: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let ((chunks_a, rest_a), (chunks_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut partial = [0.0; LANES];
    for (chunk_a, chunk_b) in chunks_a.iter().zip(chunks_b) {
        for lane in 0..LANES {
            partial[lane] += term(chunk_a[lane], chunk_b[lane]);
        }
    }
    let mut rest = 0.0;
    for (a, b) in rest_a.iter().zip(rest_b) {
        rest += term(*a, *b);
    }
    lanes(partial) + rest
}

/// Runs of a slice, to be changed on the way: each value is mapped, and what the mapped ones are
/// summed as is summed.
#[inline(always)]
pub(crate) fn map_and_sum(values: &mut [f64], map: impl Fn(f64) -> f64, term: impl Fn(f64) -> f64) -> f64 {
    let mut total = Pairwise::new();
    for run in values.chunks_mut(RUN) {
        // One after the other: together they were compiled to vectors of two.
        run.iter_mut().for_each(|value| *value = map(*value));
        total.add(sum_of_run(run, run, |value, _| term(value)));
    }
    total.total()
}

/// The sum.
pub(crate) fn sum(values: &[f64]) -> f64 {
    vectorised(
        #[inline(always)]
        || sum_of(values, values, |a, _| a),
    )
}

/// The inner product of two slices of one length.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    vectorised(
        #[inline(always)]
        || sum_of(a, b, |a, b| a * b),
    )
}

/// The sum of squares.
pub(crate) fn sum_of_squares(values: &[f64]) -> f64 {
    dot(values, values)
}

/// The sum of squares of the differences of two slices of one length.
pub(crate) fn squared_difference(a: &[f64], b: &[f64]) -> f64 {
    vectorised(
        #[inline(always)]
        || sum_of(a, b, |a, b| (a - b) * (a - b)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sums_keep_their_digits() {
        // A running sum of these errs by 1e-6.
        let (count, exact) = (1_000_003, 1_000_003.0 * 0.1);
        let values = vec![0.1; count];
        assert!((sum(&values) - exact).abs() < 1e-10, "{:?} {exact:?}", sum(&values));
        let ones = vec![1.0; 777];
        assert_eq!(sum(&ones), 777.0);
        assert_eq!(dot(&ones, &ones), 777.0);
        let ramp: Vec<f64> = (0..777).map(f64::from).collect();
        assert_eq!(dot(&ones, &ramp), 776.0 * 777.0 / 2.0);
        assert_eq!(squared_difference(&ones, &ramp), (0..777).map(|i| f64::from((i - 1) * (i - 1))).sum::<f64>());
        assert_eq!(sum_of_squares(&ramp), (0..777).map(|i| f64::from(i * i)).sum::<f64>());
    }
}
