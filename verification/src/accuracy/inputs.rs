//! The stated set of pairs on which errors are measured: the same numbers on every machine.

use rand::SeedableRng;
use similitude::Group;
use similitude::laws::{Case, Deficient, Family, Generator, Kind, Map, Matrix, Relation};

/// One pair of representations.
pub struct Input {
    /// Everything needed to draw it again, the seed included.
    pub description: String,
    /// X
    pub x: Matrix,
    /// Y
    pub y: Matrix,
    /// Y is X rotated and rounded once; X has this power of ten as its condition number.
    pub rotated: Option<u8>,
}

/// Every pair: `count` drawn ones of each family, and those that are built on purpose.
pub fn all(count: u64) -> Vec<Input> {
    let mut inputs = Vec::new();
    for family in [Family::Plain, Family::Awkward] {
        for index in 0..count {
            let case = Case::random(family, &mut Generator::seed_from_u64(index));
            inputs.push(drawn(&case));
        }
    }
    inputs.extend(shapes().iter().map(drawn));
    inputs.extend(wide().iter().map(drawn));
    for exponent in [0, 6, 12] {
        for (n, p) in [(12, 4), (40, 8)] {
            inputs.extend((0..4).map(|seed| rotated(n, p, exponent, seed)));
        }
    }
    inputs.extend((1..=15).map(|exponent| near(exponent, u64::from(exponent))));
    inputs.extend((2..=5).map(repeated));
    inputs.extend(Deficient::ALL.iter().flat_map(|kind| (0..4).map(|seed| deficient(*kind, seed))));
    inputs
}

/// The fewest examples, as many neurons as examples, and more; ill-conditioned wide ones.
fn shapes() -> Vec<Case> {
    let shapes = [
        (2, 1, 1),
        (2, 3, 2),
        (3, 1, 1),
        (3, 2, 1),
        (3, 3, 2),
        (4, 2, 2),
        (4, 4, 4),
        (6, 6, 3),
        (5, 8, 3),
        (8, 16, 8),
        (6, 12, 2),
        (24, 12, 8),
    ];
    let kinds = [Kind::Gaussian, Kind::IllConditioned(6), Kind::IllConditioned(12), Kind::Offset];
    let case = |(seed, ((n, p1, p2), kind)): (u64, ((usize, usize, usize), Kind))| Case {
        family: Family::Awkward,
        spare: n - 2,
        p1,
        p2,
        x: kind,
        y: Kind::Gaussian,
        relation: Relation::Coupled,
        scale_x: 0,
        scale_y: 0,
        seed,
    };
    let pairs = shapes.iter().flat_map(|shape| kinds.iter().map(move |kind| (*shape, *kind)));
    (0..).zip(pairs).map(case).collect()
}

/// Up to 2,000 neurons of 5 to 50 examples: every matrix between neurons is larger than every
/// matrix between examples. Exact values of many examples take long, so these are of fewer kinds.
fn wide() -> Vec<Case> {
    let kinds = [
        (Kind::Gaussian, Kind::Gaussian, Relation::Coupled),
        (Kind::LowRank, Kind::Gaussian, Relation::Coupled),
        (Kind::IllConditioned(9), Kind::HeavyTails, Relation::Coupled),
        (Kind::HeavyTails, Kind::LowRank, Relation::Near),
        (Kind::Offset, Kind::Integer, Relation::Shared),
    ];
    let shapes: [(usize, usize, usize, usize); 7] =
        [(5, 40, 7, 5), (5, 2000, 300, 5), (12, 60, 200, 5), (25, 300, 25, 3), (25, 40, 2000, 2), (50, 120, 60, 1), (50, 2000, 400, 1)];
    let pairs = shapes.into_iter().flat_map(|(n, p1, p2, count)| kinds[..count].iter().map(move |kind| (n, p1, p2, *kind)));
    let case = |(seed, (n, p1, p2, (x, y, relation)))| Case {
        family: Family::Awkward,
        spare: n - 2,
        p1,
        p2,
        x,
        y,
        relation,
        scale_x: 0,
        scale_y: 0,
        seed,
    };
    (1000..).zip(pairs).map(case).collect()
}

/// A pair as its case draws it.
pub fn drawn(case: &Case) -> Input {
    let (x, y) = case.draw(2, &mut case.generator());
    Input { description: format!("n = {}: {case}", x.matrix.n), x: x.matrix, y: y.matrix, rotated: None }
}

fn plain(n: usize, p: usize, kind: Kind, seed: u64) -> Case {
    Case {
        family: Family::Plain,
        spare: n.saturating_sub(2 * p + 2),
        p1: p,
        p2: p,
        x: kind,
        y: Kind::Gaussian,
        relation: Relation::Independent,
        scale_x: 0,
        scale_y: 0,
        seed,
    }
}

/// X of condition 10^exponent against X R.
pub fn rotated(n: usize, p: usize, exponent: u8, seed: u64) -> Input {
    let case = plain(n, p, Kind::IllConditioned(exponent), seed);
    let mut generator = case.generator();
    let (x, _) = case.draw(2, &mut generator);
    let image = Map::draw(Group::Orthogonal, &x, &mut generator).apply(&x.matrix).matrix;
    let description = format!("rotated: X of {n} x {p} and condition 1e{exponent} against X R, seed {seed}");
    Input { description, x: x.matrix, y: image, rotated: Some(exponent) }
}

/// X against X and noise of 10^-exponent of its size.
fn near(exponent: u8, seed: u64) -> Input {
    let (x, noise) = plain(16, 4, Kind::Gaussian, seed).draw(2, &mut Generator::seed_from_u64(seed));
    let size = 10f64.powi(-i32::from(exponent));
    let y = Matrix::from_fn(16, 4, |i, j| x.matrix.at(i, j) + size * noise.matrix.at(i, j));
    let description = format!("near-equal: X of 16 x 4 against X and noise of 1e-{exponent}, seed {seed}");
    Input { description, x: x.matrix, y, rotated: None }
}

/// A pair that is deficient up to rounding.
pub fn deficient(kind: Deficient, seed: u64) -> Input {
    let (x, y) = kind.draw(seed);
    Input { description: format!("deficient: {kind}, seed {seed}"), x, y, rotated: None }
}

/// Columns of a Hadamard matrix: every singular value repeats exactly, and so do canonical
/// correlations of 3/5.
pub fn repeated(p: usize) -> Input {
    let sign = |i: usize, j: usize| if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
    let x = Matrix::from_fn(16, p, |i, j| sign(i, j + 1));
    let y = Matrix::from_fn(16, p, |i, j| 3.0 * sign(i, j + 1) + 4.0 * sign(i, j + 8));
    let description = format!("repeated: {p} columns of a Hadamard matrix of order 16 against 3/5 of themselves and 4/5 of others");
    Input { description, x, y, rotated: None }
}
