//! Pairs of representations, plain and awkward, each a [`Case`] that a person can read and draw
//! again.

use std::fmt;

use rand::{Rng, RngExt, SeedableRng};
use serde::Serialize;

use super::draw::{Generator, entries, normal};
use super::matrix::Matrix;
use crate::tolerance::EPS;

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
    /// Whole-number columns, one of them constant (with a single column and the awkward family: all
    /// constant).
    ConstantColumn,
    /// Whole numbers of up to a few hundred about a mean of 1e8 (plain only: a rotation rounds them
    /// by 1e-8, which would fill a deficient rank).
    Offset,
    /// Singular values in groups of three equal ones (awkward only: a variance threshold may fall
    /// between them).
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

    /// True when the entries are whole numbers (times a power of two), so that whole-number maps
    /// act without rounding.
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
    /// Any shape from the fewest examples on, any scale, shared and repeated neurons: a measure may
    /// refuse, and then it must refuse on both sides of a map for the same kind of reason.
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
    /// How far the matrix may be moved, as a multiple of its own size, before rounding undoes what
    /// its kind promises.
    pub reach: f64,
}

/// The reach of a kind: equal singular values must stay equal to a few eps, the smallest one must
/// keep two digits.
fn reach(kind: Kind, condition: f64) -> f64 {
    match kind {
        Kind::Clustered => 1.0,
        _ => (1e-2 / (EPS * condition)).min(1e4),
    }
}

/// Greatest scale, 2^498 = 8e149: between it and its inverse lies what single comparisons must
/// survive.
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
        // Half of the awkward cases stay at scale 1: most measures with a scale of their own refuse
        // the extremes.
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
