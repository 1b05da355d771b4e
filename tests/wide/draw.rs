//! Wide pairs of every kind.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use similitude::laws::{Generator, Matrix};

/// What kind of matrix is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Gaussian,
    /// Examples of very different lengths, and neurons of graded sizes.
    Graded,
    /// What a ReLU leaves: half of the entries are 0, a third of the neurons always.
    Rectified,
    /// Whole numbers of rank 3.
    LowRank,
    /// Whole numbers, each example twice.
    Twins,
    /// Examples in clusters whose distances cancel in the Gram matrix.
    Clusters,
    /// A mean of 1e8.
    Offset,
    /// Singular values down to 1e-9 of the largest: too small for the Gram matrix.
    IllConditioned,
    /// The scale of 2^-500.
    Tiny,
    /// The scale of 2^450.
    Huge,
}

impl Kind {
    pub const ALL: [Kind; 10] = [
        Kind::Gaussian,
        Kind::Graded,
        Kind::Rectified,
        Kind::LowRank,
        Kind::Twins,
        Kind::Clusters,
        Kind::Offset,
        Kind::IllConditioned,
        Kind::Tiny,
        Kind::Huge,
    ];

    /// n x p; with `seen`, in part made of its neurons.
    pub fn draw(self, n: usize, p: usize, seen: Option<&Matrix>, seed: u64) -> Matrix {
        let mut generator = Generator::seed_from_u64(seed);
        let mut normal = |rows: usize, columns: usize| Matrix::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut generator));
        let own = normal(n, p);
        let plain = match seen {
            Some(seen) => {
                let size = seen.centered().norm() / (n as f64).sqrt();
                let mix = seen.centered().times(&normal(seen.p, p)).scaled(1.0 / size.max(f64::MIN_POSITIVE));
                Matrix::from_fn(n, p, |i, j| mix.at(i, j) + own.at(i, j))
            }
            None => own,
        };
        let whole = |value: f64| (2.0 * value).round();
        match self {
            Kind::Gaussian => plain,
            Kind::Graded => Matrix::from_fn(n, p, |i, j| plain.at(i, j) * 1.3f64.powi(-((i + j / 9) as i32 % 40))),
            Kind::Rectified => Matrix::from_fn(n, p, |i, j| if j % 3 == 1 { 0.0 } else { plain.at(i, j).max(0.0) }),
            Kind::LowRank => {
                let (left, right) = (Matrix::from_fn(n, 3, |i, j| whole(plain.at(i, j))), normal(3, p));
                left.times(&Matrix::from_fn(3, p, |i, j| whole(right.at(i, j))))
            }
            Kind::Twins => Matrix::from_fn(n, p, |i, j| whole(plain.at(i / 2, j))),
            Kind::Clusters => Matrix::from_fn(n, p, |i, j| [-1.0, 3.0, 8.0][i % 3] * ((j % 5) as f64 - 2.0) + 1e-7 * plain.at(i, j)),
            Kind::Offset => Matrix::from_fn(n, p, |i, j| 1e8 + whole(plain.at(i, j))),
            Kind::IllConditioned => {
                let rank = n - 1;
                let (left, right) = (normal(n, rank), normal(rank, p));
                let scaled = |i: usize, k: usize| left.at(i, k) * 10f64.powf(-9.0 * k as f64 / (rank - 1).max(1) as f64);
                Matrix::from_fn(n, rank, scaled).times(&right)
            }
            Kind::Tiny => plain.scaled(2f64.powi(-500)),
            Kind::Huge => plain.scaled(2f64.powi(450)),
        }
    }
}

/// A pair, and how it was drawn.
pub struct Drawn {
    pub description: String,
    pub x: Matrix,
    pub y: Matrix,
}

/// Pairs of every kind: both wide, one wide beside a narrow one, as wide as there are examples; 5
/// to 50 examples, up to 2000 neurons.
pub fn pairs() -> Vec<Drawn> {
    let shapes = [(5, 7, 9), (5, 60, 4), (6, 5, 30), (8, 7, 8), (12, 300, 5), (20, 90, 70), (50, 60, 2000)];
    let mut pairs = Vec::new();
    for (n, p, q) in shapes {
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            let other = Kind::ALL[(index * 3 + n) % Kind::ALL.len()];
            // Few large ones: the textbook formulas take their time.
            if p.max(q) > 1000 && index % 3 > 0 {
                continue;
            }
            let seed = (n * 1000 + index) as u64;
            let x = kind.draw(n, p, None, seed);
            let y = other.draw(n, q, Some(&x), seed + 500);
            pairs.push(Drawn { description: format!("{n} examples, {kind:?} of {p} neurons against {other:?} of {q}"), x, y });
        }
    }
    pairs
}

/// The neurons under a reflection of all of them: X (I - 2 v v') for a random unit vector v.
pub fn reflected(x: &Matrix, seed: u64) -> Matrix {
    let mut generator = Generator::seed_from_u64(seed);
    let raw: Vec<f64> = (0..x.p).map(|_| StandardNormal.sample(&mut generator)).collect();
    let length = raw.iter().map(|value| value * value).sum::<f64>().sqrt();
    let v: Vec<f64> = raw.into_iter().map(|value| value / length).collect();
    let along: Vec<f64> = (0..x.n).map(|i| (0..x.p).map(|j| x.at(i, j) * v[j]).sum()).collect();
    Matrix::from_fn(x.n, x.p, |i, j| x.at(i, j) - 2.0 * along[i] * v[j])
}

/// The neurons in another order.
pub fn permuted(x: &Matrix, seed: u64) -> Matrix {
    let mut generator = Generator::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..x.p).collect();
    for last in (1..x.p).rev() {
        order.swap(last, generator.random_range(0..=last));
    }
    x.columns(&order)
}
