//! Sums whose error grows with the logarithm of their length.

/// Terms summed in one run of eight interleaved partial sums before halves are added pairwise.
const RUN: usize = 512;
const LANES: usize = 8;

fn pairwise(length: usize, run: &impl Fn(usize, usize) -> f64) -> f64 {
    fn half(from: usize, to: usize, run: &impl Fn(usize, usize) -> f64) -> f64 {
        if to - from <= RUN {
            return run(from, to);
        }
        let middle = from + (to - from) / 2 / LANES * LANES;
        half(from, middle, run) + half(middle, to, run)
    }
    half(0, length, run)
}

fn lanes(values: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = values;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// The sum.
pub(crate) fn sum(values: &[f64]) -> f64 {
    pairwise(values.len(), &|from, to| {
        let (chunks, rest) = values[from..to].as_chunks::<LANES>();
        let mut partial = [0.0; LANES];
        for chunk in chunks {
            for (partial, value) in partial.iter_mut().zip(chunk) {
                *partial += value;
            }
        }
        lanes(partial) + rest.iter().sum::<f64>()
    })
}

/// The sum, by halves added to halves. It overwrites the values; inlined, so that it takes the instructions that its caller is compiled for.
#[inline(always)]
pub(crate) fn folded_sum(values: &mut [f64]) -> f64 {
    let mut left = values.len();
    while left > 1 {
        let half = left / 2;
        let (low, high) = values[..left].split_at_mut(left - half);
        for (low, high) in low.iter_mut().zip(high) {
            *low += *high;
        }
        left -= half;
    }
    values.first().copied().unwrap_or(0.0)
}

/// The inner product of two slices of one length.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    pairwise(a.len(), &|from, to| {
        let (chunks_a, rest_a) = a[from..to].as_chunks::<LANES>();
        let (chunks_b, rest_b) = b[from..to].as_chunks::<LANES>();
        let mut partial = [0.0; LANES];
        for (chunk_a, chunk_b) in chunks_a.iter().zip(chunks_b) {
            for lane in 0..LANES {
                partial[lane] += chunk_a[lane] * chunk_b[lane];
            }
        }
        lanes(partial) + rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f64>()
    })
}

/// The sum of squares.
pub(crate) fn sum_of_squares(values: &[f64]) -> f64 {
    dot(values, values)
}

/// The sum of squares of the differences of two slices of one length.
pub(crate) fn squared_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    pairwise(a.len(), &|from, to| {
        let mut partial = [0.0; LANES];
        let (chunks_a, rest_a) = a[from..to].as_chunks::<LANES>();
        let (chunks_b, rest_b) = b[from..to].as_chunks::<LANES>();
        for (chunk_a, chunk_b) in chunks_a.iter().zip(chunks_b) {
            for lane in 0..LANES {
                let difference = chunk_a[lane] - chunk_b[lane];
                partial[lane] += difference * difference;
            }
        }
        lanes(partial) + rest_a.iter().zip(rest_b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
    })
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
        assert_eq!(folded_sum(&mut ramp.clone()), 776.0 * 777.0 / 2.0);
        assert_eq!((folded_sum(&mut []), folded_sum(&mut [3.0]), folded_sum(&mut [3.0, 4.0])), (0.0, 3.0, 7.0));
        assert!((folded_sum(&mut values.clone()) - exact).abs() < 1e-10);
        assert_eq!(sum_of_squares(&ramp), (0..777).map(|i| f64::from(i * i)).sum::<f64>());
    }
}
