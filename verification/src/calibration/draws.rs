//! Pairs whose dependence is known.

use rand::{RngExt, SeedableRng};
use similitude::laws::Generator;
use similitude::{Error, Representation};

/// How examples are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tails {
    /// Normal.
    Normal,
    /// Normal, each example over a length of its own that may be near 0: Student's t with 2 degrees
    /// of freedom in any direction, so that there is no variance.
    Heavy,
}

impl Tails {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Heavy => "t, 2 df",
        }
    }
}

/// A standard normal number (Box and Muller).
fn normal(generator: &mut Generator) -> f64 {
    let (radius, angle) = (1.0 - generator.random::<f64>(), generator.random::<f64>());
    (-2.0 * radius.ln()).sqrt() * (2.0 * std::f64::consts::PI * angle).cos()
}

fn matrix(n: usize, p: usize, tails: Tails, generator: &mut Generator) -> Vec<f64> {
    let example = |generator: &mut Generator| -> Vec<f64> {
        let entries: Vec<f64> = (0..p).map(|_| normal(generator)).collect();
        // A chi-squared variable of 2 degrees of freedom over 2.
        let length = if tails == Tails::Heavy { (-(1.0 - generator.random::<f64>()).ln()).sqrt() } else { 1.0 };
        entries.into_iter().map(|entry| entry / length).collect()
    };
    (0..n).flat_map(|_| example(generator)).collect()
}

/// Two representations that nothing connects.
pub fn independent(n: usize, p: usize, tails: Tails, seed: u64) -> Result<[Representation<'static>; 2], Error> {
    let mut generator = Generator::seed_from_u64(seed);
    let (x, y) = (matrix(n, p, tails, &mut generator), matrix(n, p, tails, &mut generator));
    Ok([Representation::from_row_major("x", n, p, x)?, Representation::from_row_major("y", n, p, y)?])
}

/// X of 3 independent normal neurons, Y = share X + noise of variance 1, and what CKA, R2 and the
/// mean squared canonical correlation of the population are: share^2 / (share^2 + 1), all three.
pub fn dependent(n: usize, share: f64, seed: u64) -> Result<([Representation<'static>; 2], f64), Error> {
    let mut generator = Generator::seed_from_u64(1_000_000 + seed);
    let x = matrix(n, 3, Tails::Normal, &mut generator);
    let y: Vec<f64> = x.iter().map(|x| share * x + normal(&mut generator)).collect();
    let pair = [Representation::from_row_major("x", n, 3, x)?, Representation::from_row_major("y", n, 3, y)?];
    Ok((pair, share * share / (share * share + 1.0)))
}
