//! The edges of a measure's domain: where implementations answer NaN, 0, or something that looks
//! like a value.

use super::example::Example;
use crate::laws::Matrix;
use crate::measure::Measure;

/// Small readable pairs at the edges, with what the measure says of each: a constant
/// representation, as wide as long and wider, the fewest examples and one less, a mean of 1e8,
/// sizes of 1e-60 and 1e60, a constant and a repeated neuron, shared neurons, one neuron each,
/// different numbers of examples.
pub fn edges(measure: &Measure) -> Vec<Example> {
    let (x, y) = (sample(12, 3, 1), sample(12, 2, 5));
    let fewest = measure.properties().minimum_examples.max(2);
    let offset = |matrix: &Matrix, by: f64| Matrix::from_fn(matrix.n, matrix.p, |i, j| matrix.at(i, j) + by);
    let constant = |n: usize, p: usize, value: f64| Matrix::from_fn(n, p, |_, _| value);
    let beside = |left: &Matrix, right: &Matrix| {
        Matrix::from_fn(left.n, left.p + right.p, |i, j| if j < left.p { left.at(i, j) } else { right.at(i, j - left.p) })
    };
    let mut pairs = vec![
        ("constant x", constant(12, 3, 1.0), y.clone()),
        // The mean of twelve times 0.1 is not 0.1: what is left of the centered matrix is rounding.
        ("constant x of 0.1", constant(12, 3, 0.1), y.clone()),
        ("constant y", x.clone(), constant(12, 2, 1.0)),
        ("as wide as long", sample(6, 6, 1), sample(6, 2, 5)),
        ("x wider than long", sample(5, 8, 1), sample(5, 2, 5)),
        ("widths that fill the examples", sample(7, 4, 1), sample(7, 3, 5)),
        ("fewest examples", sample(fewest, 1, 2), sample(fewest, 1, 5)),
        ("mean of 1e8", offset(&x, 1e8), offset(&y, -1e8)),
        ("size of 1e60", x.scaled(1e60), y.clone()),
        ("size of 1e-60", x.clone(), y.scaled(1e-60)),
        ("constant neuron", beside(&x, &constant(12, 1, 3.0)), y.clone()),
        ("repeated neuron", beside(&x, &x.columns(&[0])), y.clone()),
        ("shared neurons", x.clone(), beside(&x.columns(&[0, 1]), &y)),
        ("one neuron each", x.columns(&[0]), y.columns(&[0])),
        ("different numbers of examples", sample(12, 3, 1), sample(11, 2, 5)),
    ];
    if fewest > 2 {
        pairs.push(("one example too few", sample(fewest - 1, 1, 1), sample(fewest - 1, 1, 5)));
    }
    pairs.into_iter().map(|(name, x, y)| Example::new(name, measure, x, y)).collect()
}

/// Whole numbers from -6 to 6 without a visible pattern, the same on every machine.
fn sample(n: usize, p: usize, start: u64) -> Matrix {
    let mut state = start;
    Matrix::from_fn(n, p, |_, _| {
        // A linear congruence of full period; its high bits have no visible pattern.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % 13) as f64 - 6.0
    })
}

#[cfg(test)]
#[path = "edges_tests.rs"]
mod tests;
