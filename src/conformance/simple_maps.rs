//! A few members of each group that a person can follow in the head.

use crate::claims::Group;
use crate::laws::{Map, Matrix};

/// Members of a group that act on p neurons, the plainest first.
pub(super) fn simple_maps(group: Group, p: usize) -> Vec<Map> {
    let along = |first: f64, second: f64| {
        let mut vector = vec![0.0; p];
        vector[0] = first;
        vector[p - 1] += second;
        vector
    };
    let first = |value: f64, other: f64| (0..p).map(|j| if j == 0 { value } else { other }).collect::<Vec<f64>>();
    match group {
        Group::Permutation if p > 1 => vec![Map::Permutation((0..p).rev().collect()), Map::Permutation((1..p).chain([0]).collect())],
        Group::Permutation => Vec::new(),
        // A neuron's sign; two neurons swapped with their signs; the rotation of the 3-4-5
        // triangle.
        Group::Orthogonal if p > 1 => {
            vec![Map::Reflections(vec![along(1.0, 0.0)]), Map::Reflections(vec![along(1.0, 1.0)]), Map::Reflections(vec![along(1.0, 2.0)])]
        }
        Group::Orthogonal => vec![Map::Reflections(vec![vec![1.0]])],
        Group::IsotropicScaling => [2.0, 3.0, 1000.0, 0.001].map(Map::Scaling).to_vec(),
        Group::Translation => vec![
            Map::Translation(vec![1.0; p]),
            Map::Translation(first(1.0, 0.0)),
            Map::Translation(vec![1000.0; p]),
            Map::Translation((0..p).map(|j| if j % 2 == 0 { 100.0 } else { -100.0 }).collect()),
        ],
        Group::DiagonalScaling => {
            // A single neuron scaled is all of them scaled.
            let others = (p > 1).then(|| Map::Diagonal(first(1.0, 0.01)));
            [Map::Diagonal(first(2.0, 1.0)), Map::Diagonal(first(100.0, 1.0))].into_iter().chain(others).collect()
        }
        Group::InvertibleLinear => {
            let entry = |i: usize, j: usize, corner: f64, shear: f64| match (i, j) {
                (0, 0) => corner,
                _ if i == j => 1.0,
                (0, _) if j == p - 1 => shear,
                _ => 0.0,
            };
            let linear = |corner: f64, shear: f64| Map::Linear(Matrix::from_fn(p, p, |i, j| entry(i, j, corner, shear)));
            let shears = if p > 1 { vec![linear(1.0, 1.0), linear(1.0, 10.0)] } else { Vec::new() };
            shears.into_iter().chain([linear(-2.0, 0.0), linear(100.0, 0.0)]).collect()
        }
        Group::ZeroNeurons => vec![Map::Zeros(1), Map::Zeros(3)],
        Group::DuplicatedNeurons => vec![Map::Copies(vec![0]), Map::Copies(vec![0, 0, 0])],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each member is one of its group: it acts on the neurons it says, and the smallest width has
    /// members wherever the group is not trivial.
    #[test]
    fn members_act_on_any_width() {
        for group in Group::ALL {
            for p in 1..4 {
                let matrix = Matrix::from_fn(5, p, |i, j| (i * i + 3 * j) as f64);
                let maps = simple_maps(group, p);
                assert_eq!(maps.is_empty(), group == Group::Permutation && p == 1);
                for map in maps {
                    let image = map.apply(&matrix).matrix;
                    let grown = matches!(group, Group::ZeroNeurons | Group::DuplicatedNeurons);
                    assert_eq!(image.p > p, grown, "{map}");
                    assert_ne!(image, matrix, "{map}");
                }
            }
        }
    }
}
