//! Pairs that are deficient up to rounding: of low rank, or with shared neurons, but for the last
//! bits of their entries.

use std::fmt;

use rand::{RngExt, SeedableRng};

use super::draw::{Generator, gaussian};
use super::matrix::Matrix;

/// In what way a pair is deficient, as representations of real networks often are: products of thin
/// matrices stored in f64 are of full rank, by 1e-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deficient {
    /// X is a product of thin matrices, Y is of full rank.
    X,
    /// Both are products of thin matrices.
    Both,
    /// The same, plus 100: rounding is a hundred times as large.
    Offset,
    /// Neurons that are combinations of the others stand beside them.
    Combinations,
    /// Products of thin matrices with more neurons than examples.
    Wide,
    /// Y holds two combinations of the neurons of X: two canonical correlations are 1.
    Shared,
    /// Y is X turned: every canonical correlation is 1.
    Turned,
}

impl Deficient {
    /// All of them.
    pub const ALL: [Deficient; 7] =
        [Deficient::X, Deficient::Both, Deficient::Offset, Deficient::Combinations, Deficient::Wide, Deficient::Shared, Deficient::Turned];

    /// The name in descriptions.
    pub fn as_str(self) -> &'static str {
        match self {
            Deficient::X => "X a rounded product",
            Deficient::Both => "both rounded products",
            Deficient::Offset => "both rounded products plus 100",
            Deficient::Combinations => "rounded combinations of neurons beside them",
            Deficient::Wide => "both rounded products, wide",
            Deficient::Shared => "two neurons shared up to rounding",
            Deficient::Turned => "Y a rounded turn of X",
        }
    }

    /// Draws X and Y.
    pub fn draw(self, seed: u64) -> (Matrix, Matrix) {
        let mut generator = Generator::seed_from_u64(seed);
        let n = generator.random_range(18..=30);
        let mut of = |n: usize, p: usize| gaussian(n, p, &mut generator);
        // Y sees X: half of its variance or so.
        let (x, y) = match self {
            Deficient::X => {
                let base = of(n, 3);
                (base.times(&of(3, 8)), added(&base.times(&of(3, 5)), &of(n, 5)))
            }
            Deficient::Both | Deficient::Offset => {
                let base = of(n, 4);
                let other = added(&base.times(&of(4, 2)), &of(n, 2));
                (base.times(&of(4, 9)), other.times(&of(2, 6)))
            }
            Deficient::Combinations => {
                let (base, mix) = (of(n, 4), of(4, 3));
                let combined = base.times(&mix);
                (beside(&base, &combined), added(&base.times(&of(4, 3)), &of(n, 3)))
            }
            Deficient::Wide => {
                let base = of(12, 4);
                let other = added(&base.times(&of(4, 3)), &of(12, 3));
                (base.times(&of(4, 15)), other.times(&of(3, 20)))
            }
            Deficient::Shared => {
                let x = of(n, 4);
                let shared = x.times(&of(4, 2));
                let own = added(&x.times(&of(4, 3)), &of(n, 3));
                (x, beside(&shared, &own))
            }
            Deficient::Turned => {
                let x = of(n, 4);
                let y = x.times(&of(4, 4));
                (x, y)
            }
        };
        let lifted = |matrix: Matrix| match self {
            Deficient::Offset => Matrix { values: matrix.values.iter().map(|value| value + 100.0).collect(), ..matrix },
            _ => matrix,
        };
        (lifted(x), lifted(y))
    }
}

impl fmt::Display for Deficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn added(a: &Matrix, b: &Matrix) -> Matrix {
    Matrix::from_fn(a.n, a.p, |i, j| a.at(i, j) + b.at(i, j))
}

fn beside(a: &Matrix, b: &Matrix) -> Matrix {
    Matrix::from_fn(a.n, a.p + b.p, |i, j| if j < a.p { a.at(i, j) } else { b.at(i, j - a.p) })
}
