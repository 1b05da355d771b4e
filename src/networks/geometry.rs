//! A map and a tree of networks from their distances.

use faer::{Mat, Side};
use kodama::Method;
use serde::Serialize;

use super::distances::Distances;
use super::error::Error;

/// Networks on a plane, by classical multidimensional scaling (Torgerson 1952).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coordinates {
    /// Two coordinates for each network.
    pub points: Vec<[f64; 2]>,
    /// The eigenvalues of the doubly centered matrix of squared distances, largest first.
    pub eigenvalues: Vec<f64>,
    /// The share of the two largest in the sum of the absolute values of all: 1 where the plane
    /// holds the distances exactly. None where all distances are 0.
    pub explained: Option<f64>,
}

/// Two clusters that were put together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Merge {
    /// The first cluster: a network, counted from 0, or the number of networks plus the place of an
    /// earlier merge.
    pub a: usize,
    /// The second cluster.
    pub b: usize,
    /// The mean distance between the networks of both.
    pub height: f64,
    /// The networks of both together.
    pub size: usize,
}

/// Hierarchical clustering by average linkage (Sokal and Michener 1958).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tree {
    /// The merges, lowest first, as SciPy numbers them.
    pub merges: Vec<Merge>,
    /// The networks from left to right, so that no two branches cross.
    pub order: Vec<usize>,
}

/// The plane that holds most of the distances.
///
/// # Errors
/// [`Error::Eigenvalues`].
pub fn map(distances: &Distances) -> Result<Coordinates, Error> {
    let k = distances.networks;
    let square = |row: usize, column: usize| distances.matrix[row * k + column].powi(2);
    let means: Vec<f64> = (0..k).map(|row| (0..k).map(|column| square(row, column)).sum::<f64>() / k as f64).collect();
    let mean = means.iter().sum::<f64>() / k as f64;
    let centered = Mat::from_fn(k, k, |row, column| -0.5 * (square(row, column) - means[row] - means[column] + mean));
    let eigen = centered.self_adjoint_eigen(Side::Lower).map_err(|_| Error::Eigenvalues { networks: k })?;
    let value = |at: usize| eigen.S()[at];
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|a, b| value(*b).total_cmp(&value(*a)));
    let eigenvalues: Vec<f64> = order.iter().map(|at| value(*at)).collect();
    let total: f64 = eigenvalues.iter().map(|value| value.abs()).sum();
    let axis = |which: usize| -> Vec<f64> {
        let Some(&at) = order.get(which) else { return vec![0.0; k] };
        // What is left of a dimension that is not there.
        if value(at) <= total * k as f64 * f64::EPSILON {
            return vec![0.0; k];
        }
        let length = value(at).sqrt();
        let axis: Vec<f64> = (0..k).map(|row| length * eigen.U()[(row, at)]).collect();
        // An axis has no direction of its own: the farthest network is on its positive side.
        let farthest = axis.iter().copied().fold(0.0, |far: f64, value| if value.abs() > far.abs() * (1.0 + 1e-9) { value } else { far });
        axis.into_iter().map(|value| if farthest < 0.0 { -value } else { value }).collect()
    };
    let (x, y) = (axis(0), axis(1));
    let held: f64 = eigenvalues.iter().take(2).map(|value| value.max(0.0)).sum();
    Ok(Coordinates {
        points: x.into_iter().zip(y).map(|(x, y)| [x, y]).collect(),
        eigenvalues,
        explained: (total > 0.0).then(|| held / total),
    })
}

/// The tree of the networks.
pub fn tree(distances: &Distances) -> Tree {
    let k = distances.networks;
    // The upper triangle, row after row.
    let mut condensed: Vec<f64> = (0..k).flat_map(|row| (row + 1..k).map(move |column| distances.matrix[row * k + column])).collect();
    let steps = kodama::linkage(&mut condensed, k, Method::Average);
    let merges: Vec<Merge> = steps
        .steps()
        .iter()
        .map(|step| Merge { a: step.cluster1, b: step.cluster2, height: step.dissimilarity, size: step.size })
        .collect();
    let mut order = Vec::with_capacity(k);
    let mut stack = vec![k + merges.len() - 1];
    while let Some(cluster) = stack.pop() {
        match cluster.checked_sub(k) {
            Some(merge) => stack.extend([merges[merge].b, merges[merge].a]),
            None => order.push(cluster),
        }
    }
    Tree { merges, order }
}
