//! Members of the groups: drawn, applied in twice the precision, and rounded once, so that what the
//! map itself did to the data is known.

use std::fmt;

use rand::RngExt;
use rand::seq::SliceRandom;

use super::case::Drawn;
use super::draw::{Generator, blend, normal};
use super::matrix::Matrix;
use super::precise::Precise;
use crate::claims::Group;

/// A member of one of the groups, acting on the neurons of an n x p matrix.
#[derive(Debug, Clone, PartialEq)]
pub enum Map {
    /// Column j of the image is column `order[j]`.
    Permutation(Vec<usize>),
    /// The product of the reflections I - 2 v v' / v'v, one for each v: whole numbers, so that v is
    /// exact.
    Reflections(Vec<Vec<f64>>),
    /// X -> factor X
    Scaling(f64),
    /// One vector added to every example.
    Translation(Vec<f64>),
    /// Column j times factor j.
    Diagonal(Vec<f64>),
    /// X -> X A, A given by rows.
    Linear(Matrix),
    /// That many zero columns appended.
    Zeros(usize),
    /// Copies of these columns appended.
    Copies(Vec<usize>),
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Map::Permutation(order) => write!(f, "neurons in the order {order:?}"),
            Map::Reflections(vectors) => write!(f, "reflections along {vectors:?}"),
            Map::Scaling(factor) => write!(f, "times {factor:e}"),
            Map::Translation(vector) => write!(f, "plus {vector:?}"),
            Map::Diagonal(factors) => write!(f, "neurons times {factors:?}"),
            Map::Linear(matrix) => write!(f, "times the {0} x {0} matrix {1:?}", matrix.p, matrix.values),
            Map::Zeros(count) => write!(f, "{count} zero neurons appended"),
            Map::Copies(columns) => write!(f, "copies of neurons {columns:?} appended"),
        }
    }
}

/// The image of a matrix under a map.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// The image, rounded once.
    pub matrix: Matrix,
    /// |image - exact image|_F / |centered image|_F
    pub rounding: f64,
}

/// Condition numbers that a map may bring a matrix to: far enough from 1 / eps that the rank stays
/// beyond doubt.
const CONDITION_BUDGET: f64 = 1e12;

impl Map {
    /// Draws a member of a group, for a matrix that it may act on without changing what is
    /// documented of it: exactly on whole numbers (whose rank may be deficient), and without
    /// bringing the condition number above 1e12.
    pub fn draw(group: Group, of: &Drawn, generator: &mut Generator) -> Self {
        let p = of.matrix.p;
        match group {
            Group::Permutation => Map::Permutation(permutation(p, generator)),
            Group::Orthogonal => Map::Reflections(reflections(p, generator)),
            Group::IsotropicScaling if generator.random_bool(0.25) => Map::Scaling(2f64.powi(generator.random_range(-40..=40))),
            Group::IsotropicScaling => Map::Scaling(10f64.powf(generator.random_range(-3.0..3.0))),
            Group::Translation => Map::Translation(translation(of, generator)),
            Group::DiagonalScaling if of.exact => Map::Diagonal((0..p).map(|_| generator.random_range(1..=9).into()).collect()),
            Group::DiagonalScaling => {
                let spread = (CONDITION_BUDGET / of.condition).log10().clamp(0.0, 3.0);
                Map::Diagonal((0..p).map(|_| 10f64.powf(spread * (generator.random::<f64>() - 0.5))).collect())
            }
            Group::InvertibleLinear if of.exact => Map::Linear(unimodular(p, generator)),
            Group::InvertibleLinear => {
                let exponent = generator.random_range(0.0..4.0f64).min((CONDITION_BUDGET / of.condition).log10().max(0.0));
                Map::Linear(invertible(p, 10f64.powf(exponent), generator))
            }
            Group::ZeroNeurons => Map::Zeros(generator.random_range(1..=3)),
            Group::DuplicatedNeurons => {
                let copies = generator.random_range(1..=p + 2);
                Map::Copies((0..copies).map(|_| generator.random_range(0..p)).collect())
            }
        }
    }

    /// Applies the map.
    pub fn apply(&self, matrix: &Matrix) -> Mapped {
        let (n, p) = (matrix.n, matrix.p);
        let exact = |matrix: Matrix| Mapped { matrix, rounding: 0.0 };
        match self {
            Map::Permutation(order) => exact(matrix.columns(order)),
            Map::Copies(columns) => exact(matrix.columns(&(0..p).chain(columns.iter().copied()).collect::<Vec<_>>())),
            Map::Zeros(count) => exact(Matrix::from_fn(n, p + count, |i, j| if j < p { matrix.at(i, j) } else { 0.0 })),
            Map::Scaling(factor) => rounded(n, p, |i, j| Precise::from(matrix.at(i, j)).times(*factor)),
            Map::Diagonal(factors) => rounded(n, p, |i, j| Precise::from(matrix.at(i, j)).times(factors[j])),
            Map::Translation(vector) => rounded(n, p, |i, j| Precise::from(matrix.at(i, j)).add(vector[j].into())),
            Map::Linear(factor) => rounded(n, p, |i, j| {
                (0..p).fold(Precise::default(), |sum, k| sum.add(Precise::from(matrix.at(i, k)).times(factor.at(k, j))))
            }),
            Map::Reflections(vectors) => {
                let images: Vec<Vec<Precise>> = (0..n).map(|i| reflected(matrix.row(i), vectors)).collect();
                rounded(n, p, |i, j| images[i][j])
            }
        }
    }
}

/// Rounds an image and measures the rounding.
fn rounded(n: usize, p: usize, image: impl Fn(usize, usize) -> Precise) -> Mapped {
    let remainder = Matrix::from_fn(n, p, |i, j| image(i, j).remainder()).norm();
    let matrix = Matrix::from_fn(n, p, |i, j| image(i, j).rounded());
    let rounding = if remainder == 0.0 { 0.0 } else { remainder / matrix.centered().norm() };
    Mapped { matrix, rounding }
}

fn reflected(row: &[f64], vectors: &[Vec<f64>]) -> Vec<Precise> {
    let mut image: Vec<Precise> = row.iter().map(|&value| value.into()).collect();
    for vector in vectors {
        let length: f64 = vector.iter().map(|v| v * v).sum();
        let along = image.iter().zip(vector).fold(Precise::default(), |sum, (value, v)| sum.add(value.times(*v)));
        let step = along.times(-2.0).over(length);
        image.iter_mut().zip(vector).for_each(|(value, v)| *value = value.add(step.times(*v)));
    }
    image
}

pub(crate) fn permutation(count: usize, generator: &mut Generator) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(generator);
    order
}

/// One reflection or as many as reach every rotation of p dimensions, of either determinant.
fn reflections(p: usize, generator: &mut Generator) -> Vec<Vec<f64>> {
    let count = generator.random_range(1..=p);
    let mut vector = || loop {
        let drawn: Vec<f64> = (0..p).map(|_| f64::from(generator.random_range(-4..=4))).collect();
        if drawn.iter().any(|&v| v != 0.0) {
            return drawn;
        }
    };
    (0..count).map(|_| vector()).collect()
}

/// A vector as long as the data's reach at most.
fn translation(of: &Drawn, generator: &mut Generator) -> Vec<f64> {
    // Where every example is the same there is nothing to keep apart from the mean.
    let centered = of.matrix.centered().largest();
    let size = if centered > 0.0 { centered } else { of.matrix.largest().max(f64::MIN_POSITIVE) };
    let length = of.reach * 10f64.powf(generator.random_range(-4.0..=0.0));
    // Whole multiples of the size (rounded to a power of two) keep whole numbers exact.
    let unit = if of.exact { 2f64.powi(size.log2().floor() as i32) } else { size };
    (0..of.matrix.p)
        .map(|_| {
            let factor = length * normal(generator);
            unit * if of.exact { factor.round() } else { factor }
        })
        .collect()
}

/// A whole-number matrix of determinant 1 or -1: its products with whole numbers are exact.
fn unimodular(p: usize, generator: &mut Generator) -> Matrix {
    let mut entry = |inside: bool, i: usize, j: usize| match (inside, i == j) {
        (_, true) => 1.0,
        (true, _) => f64::from(generator.random_range(-1..=1)),
        _ => 0.0,
    };
    let lower = Matrix::from_fn(p, p, |i, j| entry(i > j, i, j));
    let upper = Matrix::from_fn(p, p, |i, j| entry(i < j, i, j));
    let order = permutation(p, generator);
    lower.times(&upper).columns(&order)
}

/// An invertible matrix whose singular values run from its size down to its size over `condition`.
fn invertible(p: usize, condition: f64, generator: &mut Generator) -> Matrix {
    let size = 10f64.powf(generator.random_range(-2.0..2.0));
    blend(p, condition, generator).scaled(size)
}
