//! Pairs on which different conventions have different values.

use crate::laws::{Case, Family, Kind, Matrix, Relation};

/// Pairs of few examples, which stand first.
pub(super) const FEW: usize = 8;

/// Spare examples of a pair that is larger than a minibatch of 256, and no multiple of one.
const MANY: usize = 290;

/// (spare examples, p1, p2, kind): odd and even numbers of distances, either side the wider,
/// spectra that a threshold cuts, three of equal widths, which matrices taken the wrong way round
/// are compared at, and more examples than the minibatches that some packages use.
const SHAPES: [(usize, usize, usize, Kind); 9] = [
    (15, 3, 4, Kind::Gaussian),
    (16, 4, 3, Kind::Gaussian),
    (12, 4, 4, Kind::Gaussian),
    (20, 2, 5, Kind::Graded),
    (21, 5, 2, Kind::Graded),
    (18, 5, 6, Kind::Graded),
    (19, 3, 3, Kind::HeavyTails),
    (17, 5, 5, Kind::Gaussian),
    (MANY, 4, 3, Kind::Gaussian),
];

/// Pairs whose columns have means far from 0 and whose two sides differ in size.
pub(super) fn telling_pairs() -> Vec<(Matrix, Matrix)> {
    let pair =
        |(index, (spare, p1, p2, kind)): (usize, (usize, usize, usize, Kind))| draw(spare, (p1, p2), (kind, kind), 1000 + index as u64);
    SHAPES.into_iter().enumerate().map(pair).collect()
}

/// A pair of which X has fewer ranks than neurons: it tells ranks from widths.
pub(super) fn deficient_pair() -> (Matrix, Matrix) {
    draw(14, (6, 5), (Kind::DuplicatedColumns, Kind::Gaussian), 2000)
}

/// A pair of n examples, whose columns have a mean of 0 or near it.
pub(super) fn sized(n: usize, p1: usize, p2: usize) -> (Matrix, Matrix) {
    let (x, y) = coupled(n.saturating_sub(p1 + p2 + 2), (p1, p2), (Kind::Gaussian, Kind::Gaussian), n as u64);
    let rows: Vec<usize> = (0..n).collect();
    (x.rows(&rows), y.rows(&rows))
}

fn coupled(spare: usize, (p1, p2): (usize, usize), (x, y): (Kind, Kind), seed: u64) -> (Matrix, Matrix) {
    let case = Case { family: Family::Plain, spare, p1, p2, x, y, relation: Relation::Coupled, scale_x: 0, scale_y: 0, seed };
    let (x, y) = case.draw(4, &mut case.generator());
    (x.matrix, y.matrix)
}

fn draw(spare: usize, widths: (usize, usize), kinds: (Kind, Kind), seed: u64) -> (Matrix, Matrix) {
    let (x, y) = coupled(spare, widths, kinds, seed);
    let moved =
        |matrix: &Matrix, size: f64| Matrix::from_fn(matrix.n, matrix.p, |i, j| size * (matrix.at(i, j) + [0.75, -0.5, 1.25, 0.25][j % 4]));
    (moved(&x, 1.0), moved(&y, 1.5))
}
