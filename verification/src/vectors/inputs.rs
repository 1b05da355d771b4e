//! The pairs of the golden vectors: small, and no decision about them is within a factor of two of
//! its cut.

use similitude::laws::{Case, Deficient, Family, Kind, Matrix, Relation};

use crate::accuracy::{deficient, drawn, repeated, rotated};

/// A pair and the stem of its files.
pub struct Pair {
    /// What the files are called before `_x.npy` and `_y.npy`.
    pub name: &'static str,
    /// X
    pub x: Matrix,
    /// Y
    pub y: Matrix,
}

/// Every pair.
pub fn all() -> Vec<Pair> {
    let plain = |n: usize, p1: usize, p2: usize, x, y, relation, seed| Case {
        family: Family::Plain,
        spare: n - p1 - p2 - 2,
        p1,
        p2,
        x,
        y,
        relation,
        scale_x: 0,
        scale_y: 0,
        seed,
    };
    let awkward = |n: usize, p1, p2, x, y, scale_x, scale_y, seed| {
        let relation = Relation::Coupled;
        Case { family: Family::Awkward, spare: n - 2, p1, p2, x, y, relation, scale_x, scale_y, seed }
    };
    let (coupled, independent) = (Relation::Coupled, Relation::Independent);
    let cases = [
        ("integers", plain(9, 3, 2, Kind::Integer, Kind::Integer, coupled, 1)),
        ("integers_independent", plain(14, 2, 5, Kind::Integer, Kind::Integer, independent, 2)),
        ("gaussian", plain(24, 8, 6, Kind::Gaussian, Kind::Gaussian, coupled, 3)),
        ("heavy_tails", plain(20, 4, 4, Kind::HeavyTails, Kind::Gaussian, coupled, 4)),
        ("low_rank", plain(16, 5, 3, Kind::LowRank, Kind::Integer, coupled, 5)),
        ("duplicated_neurons", plain(15, 4, 3, Kind::DuplicatedColumns, Kind::Integer, coupled, 6)),
        ("constant_neuron", plain(12, 3, 4, Kind::ConstantColumn, Kind::Gaussian, coupled, 7)),
        ("offset_1e8", plain(18, 3, 3, Kind::Offset, Kind::Integer, coupled, 8)),
        ("graded", plain(22, 7, 5, Kind::Graded, Kind::Gaussian, coupled, 9)),
        ("condition_1e6", plain(20, 5, 4, Kind::IllConditioned(6), Kind::IllConditioned(3), coupled, 10)),
        ("condition_1e12", plain(24, 6, 3, Kind::IllConditioned(12), Kind::Gaussian, coupled, 11)),
        ("one_neuron", plain(10, 1, 1, Kind::Gaussian, Kind::Gaussian, coupled, 12)),
        ("tiny_and_huge", awkward(13, 3, 2, Kind::Gaussian, Kind::Gaussian, -40, 40, 13)),
        ("wide", awkward(6, 8, 2, Kind::Gaussian, Kind::Gaussian, 0, 0, 14)),
        ("three_examples", awkward(3, 1, 1, Kind::Gaussian, Kind::Gaussian, 0, 0, 15)),
    ];
    let mut pairs: Vec<Pair> = cases.into_iter().map(|(name, case)| pair(name, drawn(&case))).collect();
    pairs.push(pair("rotated", rotated(12, 4, 3, 16)));
    pairs.push(pair("repeated_correlations", repeated(3)));
    for (name, kind, seed) in [
        ("deficient_one_side", Deficient::X, 0),
        ("deficient_both_sides", Deficient::Both, 0),
        ("deficient_offset", Deficient::Offset, 0),
        ("deficient_combinations", Deficient::Combinations, 0),
        ("deficient_wide", Deficient::Wide, 0),
        ("shared_up_to_rounding", Deficient::Shared, 0),
    ] {
        pairs.push(pair(name, deficient(kind, seed)));
    }
    let x = Matrix::from_fn(7, 2, |_, j| if j == 0 { 2.0 } else { -1.0 });
    let y = Matrix::from_fn(7, 2, |i, j| (i * i + 3 * j * i) as f64);
    pairs.push(Pair { name: "constant", x, y });
    pairs
}

fn pair(name: &'static str, input: crate::accuracy::Input) -> Pair {
    Pair { name, x: input.x, y: input.y }
}
