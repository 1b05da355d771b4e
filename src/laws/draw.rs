//! Drawing pairs of representations, plain and awkward, each from a [`Case`] that a person can read and draw again.

use std::fmt;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, StudentT};
use serde::Serialize;

use super::matrix::Matrix;
use crate::tolerance::EPS;

/// The generator of every draw: the same numbers on every machine.
pub type Generator = ChaCha8Rng;

/// What kind of matrix is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Small whole numbers.
    Integer,
    /// Independent standard normal entries.
    Gaussian,
    /// Normal entries times Student t magnitudes of 2.5 degrees of freedom.
    HeavyTails,
    /// A product of whole-number matrices of half the rank: the rank is exact.
    LowRank,
    /// Whole-number columns, each repeated.
    DuplicatedColumns,
    /// Whole-number columns, one of them constant (with a single column and the awkward family: all constant).
    ConstantColumn,
    /// Whole numbers of up to a few hundred about a mean of 1e8 (plain only: a rotation rounds them by 1e-8, which would fill a deficient rank).
    Offset,
    /// Singular values in groups of three equal ones (awkward only: a variance threshold may fall between them).
    Clustered,
    /// Columns each a third of the size of the one before.
    Graded,
    /// Singular values from 1 down to 10^-e in equal steps of their logarithm.
    IllConditioned(u8),
}

impl Kind {
    /// Those of the plain family, the easiest to read first (a case shrinks towards the front).
    pub const PLAIN: [Kind; 12] = [
        Kind::Integer,
        Kind::Gaussian,
        Kind::HeavyTails,
        Kind::LowRank,
        Kind::DuplicatedColumns,
        Kind::ConstantColumn,
        Kind::Offset,
        Kind::Graded,
        Kind::IllConditioned(3),
        Kind::IllConditioned(6),
        Kind::IllConditioned(9),
        Kind::IllConditioned(12),
    ];
    /// Those of the awkward family.
    pub const AWKWARD: [Kind; 8] = [
        Kind::Integer,
        Kind::Gaussian,
        Kind::HeavyTails,
        Kind::LowRank,
        Kind::DuplicatedColumns,
        Kind::ConstantColumn,
        Kind::Clustered,
        Kind::IllConditioned(6),
    ];

    /// Those that a family draws.
    pub fn of(family: Family) -> &'static [Kind] {
        match family {
            Family::Plain => &Kind::PLAIN,
            Family::Awkward => &Kind::AWKWARD,
        }
    }

    /// True when the rank may be less than the number of columns.
    pub fn deficient(self) -> bool {
        matches!(self, Kind::LowRank | Kind::DuplicatedColumns | Kind::ConstantColumn)
    }

    /// True when the entries are whole numbers (times a power of two), so that whole-number maps act without rounding.
    pub fn exact(self) -> bool {
        self.deficient() || matches!(self, Kind::Integer | Kind::Offset)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Integer => f.write_str("integer"),
            Kind::Gaussian => f.write_str("gaussian"),
            Kind::HeavyTails => f.write_str("heavy-tails"),
            Kind::LowRank => f.write_str("low-rank"),
            Kind::DuplicatedColumns => f.write_str("duplicated-columns"),
            Kind::ConstantColumn => f.write_str("constant-column"),
            Kind::Offset => f.write_str("offset"),
            Kind::Clustered => f.write_str("clustered"),
            Kind::Graded => f.write_str("graded"),
            Kind::IllConditioned(exponent) => write!(f, "condition-1e{exponent}"),
        }
    }
}

/// How Y relates to X.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Not at all.
    Independent,
    /// Y is made of X and noise, in its own kind.
    Coupled,
    /// The first half of Y's neurons are X's: canonical correlations of 1.
    Shared,
    /// Y is X (its neurons in turn) and noise of 1e-9 of its size.
    Near,
}

impl Relation {
    /// Those that a family draws; the plain ones leave the canonical correlations apart.
    pub fn of(family: Family) -> &'static [Relation] {
        match family {
            Family::Plain => &[Relation::Coupled, Relation::Independent],
            Family::Awkward => &[Relation::Coupled, Relation::Independent, Relation::Shared, Relation::Near],
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Relation::Independent => "independent",
            Relation::Coupled => "coupled",
            Relation::Shared => "shared",
            Relation::Near => "near",
        }
    }
}

/// What may be expected of the pairs drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// n >= p1 + p2 + 2, full documented rank, sizes near 1: every measure must have a value.
    Plain,
    /// Any shape from the fewest examples on, any scale, shared and repeated neurons: a measure may refuse, and then it must refuse on
    /// both sides of a map for the same kind of reason.
    Awkward,
}

/// A pair of representations in a few readable numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Case {
    /// What may be expected.
    pub family: Family,
    /// Examples beyond the fewest that the family and the measure allow.
    pub spare: usize,
    /// Neurons of X.
    pub p1: usize,
    /// Neurons of Y.
    pub p2: usize,
    /// Kind of X.
    pub x: Kind,
    /// Kind of Y.
    pub y: Kind,
    /// How Y relates to X.
    pub relation: Relation,
    /// X is multiplied by 2 to this.
    pub scale_x: i32,
    /// Y is multiplied by 2 to this.
    pub scale_y: i32,
    /// Seed of the entries and of the map.
    pub seed: u64,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = if self.family == Family::Plain { "plain" } else { "awkward" };
        write!(
            f,
            "{family}, {} spare examples, p = {} and {}, x {}, y {} ({}), scales 2^{} and 2^{}, seed {}",
            self.spare,
            self.p1,
            self.p2,
            self.x,
            self.y,
            self.relation.as_str(),
            self.scale_x,
            self.scale_y,
            self.seed
        )
    }
}

/// A drawn matrix and what is known of it.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The entries.
    pub matrix: Matrix,
    /// Ratio of the largest to the smallest nonzero singular value of the centered matrix.
    pub condition: f64,
    /// Whether whole-number maps act without rounding.
    pub exact: bool,
    /// How far the matrix may be moved, as a multiple of its own size, before rounding undoes what its kind promises.
    pub reach: f64,
}

/// The reach of a kind: equal singular values must stay equal to a few eps, the smallest one must keep two digits.
fn reach(kind: Kind, condition: f64) -> f64 {
    match kind {
        Kind::Clustered => 1.0,
        _ => (1e-2 / (EPS * condition)).min(1e4),
    }
}

/// Greatest scale, 2^498 = 8e149: between it and its inverse lies what single comparisons must survive.
pub const SCALE_LIMIT: i32 = 498;
/// Widest representation that a case draws.
pub const WIDTH_LIMIT: usize = 6;
/// Most spare examples that a case draws.
pub const SPARE_LIMIT: usize = 24;

impl Case {
    /// A random case of a family.
    pub fn random(family: Family, generator: &mut Generator) -> Self {
        let plain = family == Family::Plain;
        let (kinds, relations) = (Kind::of(family), Relation::of(family));
        // Half of the awkward cases stay at scale 1: most measures with a scale of their own refuse the extremes.
        let extreme = !plain && generator.random_bool(0.5);
        let mut scale = || if extreme { generator.random_range(-SCALE_LIMIT..=SCALE_LIMIT) } else { 0 };
        let (scale_x, scale_y) = (scale(), scale());
        Self {
            family,
            spare: generator.random_range(0..=SPARE_LIMIT),
            p1: generator.random_range(1..=WIDTH_LIMIT),
            p2: generator.random_range(1..=WIDTH_LIMIT),
            x: kinds[generator.random_range(0..kinds.len())],
            y: kinds[generator.random_range(0..kinds.len())],
            relation: relations[generator.random_range(0..relations.len())],
            scale_x,
            scale_y,
            seed: generator.next_u64() >> 32,
        }
    }

    /// The generator of the entries; maps draw from the same one afterwards.
    pub fn generator(&self) -> Generator {
        Generator::seed_from_u64(self.seed)
    }

    /// Number of examples, for a measure that needs at least `minimum`.
    pub fn examples(&self, minimum: usize) -> usize {
        let least = minimum.max(2);
        self.spare + if self.family == Family::Plain { least.max(self.p1 + self.p2 + 2) } else { least }
    }

    /// Draws X and Y.
    pub fn draw(&self, minimum: usize, generator: &mut Generator) -> (Drawn, Drawn) {
        let n = self.examples(minimum);
        let plain = self.family == Family::Plain;
        let x = entries(self.x, n, self.p1, plain, None, generator);
        let seen = (self.relation == Relation::Coupled).then_some(&x);
        let mut y = entries(self.y, n, self.p2, plain, seen, generator);
        let mut exact = self.y.exact();
        match self.relation {
            Relation::Independent | Relation::Coupled => {}
            Relation::Shared => {
                let shared = self.p2.div_ceil(2).min(self.p1);
                y = Matrix::from_fn(n, self.p2, |i, j| if j < shared { x.at(i, j) } else { y.at(i, j) });
                exact &= self.x.exact();
            }
            Relation::Near => {
                let size = 1e-9 * x.largest();
                y = Matrix::from_fn(n, self.p2, |i, j| x.at(i, j % self.p1) + size * normal(generator));
                exact = false;
            }
        }
        let finish = |matrix: Matrix, kind: Kind, exact: bool, scale: i32| {
            let matrix = matrix.scaled(2f64.powi(scale));
            let condition = matrix.condition();
            Drawn { matrix, condition, exact, reach: reach(kind, condition) }
        };
        (finish(x, self.x, self.x.exact(), self.scale_x), finish(y, self.y, exact, self.scale_y))
    }

    /// A third representation with as many examples, for the triangle inequality.
    pub fn third(&self, minimum: usize, generator: &mut Generator) -> Matrix {
        let width = generator.random_range(1..=WIDTH_LIMIT.min(self.p1.max(self.p2)));
        entries(Kind::Gaussian, self.examples(minimum), width, true, None, generator).scaled(2f64.powi(self.scale_x))
    }
}

/// A standard normal number.
pub(crate) fn normal(generator: &mut Generator) -> f64 {
    StandardNormal.sample(generator)
}

/// Independent standard normal entries.
pub(crate) fn gaussian(n: usize, p: usize, generator: &mut Generator) -> Matrix {
    Matrix::from_fn(n, p, |_, _| normal(generator))
}

/// Entries of one kind with centered rows of length about 1 (scaled by a power of two, so that whole numbers stay exact).
fn entries(kind: Kind, n: usize, p: usize, plain: bool, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let matrix = match kind {
        Kind::Integer => integers(n, p, plain, seen, generator),
        Kind::Gaussian => noise(n, p, seen, generator),
        Kind::HeavyTails => {
            let raw = noise(n, p, seen, generator);
            let tails: StudentT<f64> = StudentT::new(2.5).expect("2.5 degrees of freedom are valid");
            Matrix::from_fn(n, p, |i, j| raw.at(i, j) * tails.sample(generator).abs())
        }
        Kind::LowRank => {
            let rank = p.div_ceil(2);
            let tall = integers(n, rank, plain, seen, generator);
            // [I B]: the rank of the product is that of the first factor.
            let wide = Matrix::from_fn(rank, p, |i, j| if j < rank { f64::from(i == j) } else { generator.random_range(-3..=3).into() });
            tall.times(&wide)
        }
        Kind::DuplicatedColumns => {
            let base = p.div_ceil(2);
            let columns: Vec<usize> = (0..p).map(|j| j % base).collect();
            integers(n, base, plain, seen, generator).columns(&columns)
        }
        Kind::ConstantColumn if p == 1 && plain => integers(n, p, plain, seen, generator),
        Kind::ConstantColumn if p == 1 => Matrix::from_fn(n, p, |_, _| 1.0),
        Kind::ConstantColumn => {
            let varying = integers(n, p - 1, plain, seen, generator);
            let constant = generator.random_range(0..p);
            Matrix::from_fn(n, p, |i, j| match j {
                _ if j == constant => 1.0,
                _ => varying.at(i, j - usize::from(j > constant)),
            })
        }
        Kind::Offset => {
            let mut matrix = integers(n, p, plain, seen, generator);
            matrix.values.iter_mut().for_each(|value| *value += 1e8);
            matrix
        }
        Kind::Graded => {
            let raw = noise(n, p, seen, generator);
            Matrix::from_fn(n, p, |i, j| raw.at(i, j) * 3f64.powi(-(j as i32)))
        }
        Kind::Clustered => with_spectrum(n, p, |i, _| 2f64.powi(-((i / 3) as i32)), seen, generator),
        Kind::IllConditioned(exponent) => {
            let spectrum = |i: usize, k: usize| if k == 1 { 1.0 } else { 10f64.powf(-f64::from(exponent) * i as f64 / (k - 1) as f64) };
            with_spectrum(n, p, spectrum, seen, generator)
        }
    };
    let size = matrix.centered().norm() / (n as f64).sqrt();
    if size > 0.0 { matrix.scaled(2f64.powi(-size.log2().round() as i32)) } else { matrix }
}

/// Standard normal noise; with `seen`, half as strong beside a random mix of its neurons.
fn noise(n: usize, p: usize, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let raw = gaussian(n, p, generator);
    let Some(seen) = seen else { return raw };
    let seen = seen.centered();
    let size = seen.norm() / (n as f64).sqrt();
    if size == 0.0 {
        return raw;
    }
    let strength = 10f64.powf(generator.random_range(-1.0..0.5));
    let mix = seen.scaled(1.0 / size).times(&gaussian(seen.p, p, generator));
    Matrix::from_fn(n, p, |i, j| mix.at(i, j) + strength * raw.at(i, j))
}

/// Whole numbers. Plain ones have full column rank also when centered, whatever is drawn: the first p rows are a triangle with a nonzero
/// diagonal and the next is zero. Their examples all differ, by the remainders in the first column, and none is the mean example, because the
/// mean of the first column is not whole. Others are as small as possible, so that equal rows and columns are common.
fn integers(n: usize, p: usize, plain: bool, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let raw = noise(n, p, seen, generator);
    let whole = |i: usize, j: usize, limit: f64| (raw.at(i, j) * limit / 4.0).round().clamp(-limit, limit);
    if !plain {
        return Matrix::from_fn(n, p, |i, j| whole(i, j, 2.0));
    }
    let spacing = (n + 2).next_power_of_two() as f64;
    let mut matrix = Matrix::from_fn(n, p, |i, j| match (whole(i, j, 20.0), j) {
        _ if i == p || (i < p && j > i) => 0.0,
        (value, 0) => spacing * value + (i + 1) as f64,
        (0.0, _) if i == j => spacing,
        (value, _) => spacing * value,
    });
    if (0..n).map(|i| matrix.at(i, 0)).sum::<f64>() % n as f64 == 0.0 {
        matrix.values[(n - 1) * p] += 1.0;
    }
    matrix
}

/// U S V' with centered orthonormal U, rotation V and the spectrum given as `spectrum(i, k)` for i < k = min(p, n - 1), times sqrt(n).
fn with_spectrum(n: usize, p: usize, spectrum: impl Fn(usize, usize) -> f64, seen: Option<&Matrix>, generator: &mut Generator) -> Matrix {
    let k = p.min(n - 1);
    let left = orthonormal(&noise(n, k, seen, generator), true);
    let right = orthonormal(&gaussian(p, k, generator), false).transposed();
    let size = (n as f64).sqrt();
    Matrix::from_fn(n, k, |i, j| left.at(i, j) * spectrum(j, k) * size).times(&right)
}

/// Orthonormal columns spanning those given (p <= n), orthogonal to the constant column too if asked; to rounding: Gram-Schmidt, twice.
pub(crate) fn orthonormal(matrix: &Matrix, centered: bool) -> Matrix {
    let n = matrix.n;
    let mut basis: Vec<Vec<f64>> = Vec::new();
    if centered {
        basis.push(vec![(n as f64).sqrt().recip(); n]);
    }
    for j in 0..matrix.p {
        let mut column: Vec<f64> = (0..n).map(|i| matrix.at(i, j)).collect();
        for _ in 0..2 {
            for earlier in &basis {
                let share: f64 = earlier.iter().zip(&column).map(|(a, b)| a * b).sum();
                column.iter_mut().zip(earlier).for_each(|(value, e)| *value -= share * e);
            }
        }
        let length = column.iter().map(|value| value * value).sum::<f64>().sqrt();
        basis.push(column.into_iter().map(|value| value / length).collect());
    }
    let first = usize::from(centered);
    Matrix::from_fn(n, matrix.p, |i, j| basis[j + first][i])
}
