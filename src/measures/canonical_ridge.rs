//! The canonical ridge: CCA with both covariances regularised; R2_CCA, linear regression and linear
//! CKA are its limits.
//!
//! # Definition
//! With lx_i, ux_i the eigenvalues and eigenvectors of Xc Xc', a_i = lx_i / (lx_i + kappa_x), and
//! ly, uy, b_j likewise: sum_ij a_i b_j <ux_i, uy_j>^2, which is |(Yc'Yc + kappa_y I)^(-1/2) Yc'Xc
//! (Xc'Xc + kappa_x I)^(-1/2)|_F^2, over an upper bound. Both sequences descending and m = min(r_X,
//! r_Y): `trace` (eq. 25) sum_{i<=m} a_i b_i; `cauchy` (eq. 26) sqrt(sum_{i<=m} a_i^2 sum_{i<=m}
//! b_i^2); `separable` (eq. 27) sqrt(sum_i a_i^2 sum_i b_i^2).
//!
//! # Shapes
//! X is n x p, Y is n x q. In \[0, 1\].
//!
//! # Invariances
//! Orthogonal maps and translation; isotropic scaling when kappa is relative. A side with kappa = 0
//! enters by its column space: invertible linear maps too.
//!
//! # Numerics
//! Singular value decompositions and one product, as `cca`; no matrix is inverted. Regularisation
//! bounds the condition number.
//!
//! # Limits
//! kappa_x = kappa_y = 0: R2_CCA. kappa_y = 0, kappa_x to infinity with `trace` and r_X <= r_Y:
//! linear regression of X from Y. Both to infinity with `separable`: linear CKA.
//!
//! # Conventions that differ elsewhere
//! kappa as given (`absolute`, the paper's) or times the largest squared singular value
//! (`relative`).
//!
//! # Errors
//! A constant representation; `degenerate` when a side with kappa = 0 has rank n - 1.
//! (`degenerate=allow` is written in results only when it is not the default.)
//!
//! # References
//! Vinod 1976; Kornblith et al. 2019, appendix D.1, equations 24 to 27.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 5, 1, vec![1., 2., 3., 4., 5.])?;
//! let ridge = Measure::parse("canonical-ridge:kappa-x=10,kappa-y=10,bound=separable")?;
//! assert!((ridge.compare(&x, &x)?.value - 1.0).abs() < 1e-15);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::arrays::scale::factors;
use crate::arrays::sums::sum_of_squares;
use crate::claims::Direction;
use crate::claims::{Claim, Claims, Properties, Range, Side, Slight};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::key::{Key, Number, Values, choice};
use crate::linalg::features::Features;
use crate::measure::{Definition, Outcome};
use crate::measures::{Degenerate, SINGULAR_VALUES, check_degenerate, ranks};
use crate::needs::{Moments, Needs, Product, Terms};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};

choice! {
    /// In which units the regularisation is given.
    pub enum Units("kappa", "units: as given, or times the largest squared singular value") {
        /// Added to Xc'Xc as it stands.
        #[default]
        Absolute = "absolute" => "both regularisations as they stand",
        /// Times the largest squared singular value, so that scaling the representation changes
        /// nothing.
        Relative = "relative" => "both regularisations in units of the largest squared singular value of their representation",
    }
}

choice! {
    /// The upper bound by which the sum of squared regularised correlations is divided. With a_i =
    /// lx_i / (lx_i + kappa_x) and b_i = ly_i / (ly_i + kappa_y), both descending, and m = min(r_X,
    /// r_Y).
    pub enum Bound("bound", "the normalising bound, equation 25, 26 or 27") {
        /// Equation 25, von Neumann's trace inequality: sum_{i <= m} a_i b_i
        #[default]
        Trace = "trace" => "normalised by von Neumann's trace bound (eq. 25)",
        /// Equation 26, Cauchy-Schwarz on it: sqrt(sum_{i <= m} a_i^2) sqrt(sum_{i <= m} b_i^2)
        Cauchy = "cauchy" => "normalised by the Cauchy-Schwarz bound (eq. 26)",
        /// Equation 27, over all i, so that it separates into a factor of X and one of Y:
        /// sqrt(sum_i a_i^2) sqrt(sum_i b_i^2)
        Separable = "separable" => "normalised by the separable bound (eq. 27)",
    }
}

/// The regularisation of one side.
const fn kappa(name: &'static str, help: &'static str) -> Key {
    let number = Number {
        default: None,
        whole: false,
        expected: "a number >= 0",
        valid: |kappa| kappa >= 0.0,
        tried: &[0.0, 0.001, 0.01, 0.1, 1.0],
    };
    Key { name, values: Values::Number(number), help }
}

const KAPPA_X: Key = kappa("kappa-x", "regularisation of X");
const KAPPA_Y: Key = kappa("kappa-y", "regularisation of Y");

/// Options of `canonical-ridge`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// kappa_X >= 0
    pub kappa_x: f64,
    /// kappa_Y >= 0
    pub kappa_y: f64,
    /// Their units.
    pub units: Units,
    /// The normalising bound.
    pub bound: Bound,
    /// What to do when an unregularised side has rank n - 1.
    pub degenerate: Degenerate,
}

/// What is fixed about `canonical-ridge`.
pub static SPEC: Spec = Spec {
    id: "canonical-ridge",
    also: &[],
    short: "Canonical ridge",
    name: "canonical ridge",
    formula: "sum_ij a_i b_j <ux_i, uy_j>^2 / bound, a_i = lx_i/(lx_i + kappa_x), b_j = ly_j/(ly_j + kappa_y), lx, ux the eigenvalues and eigenvectors of Xc Xc'",
    citations: &[
        Citation { key: "vinod1976canonical", place: "the estimator" },
        Citation { key: "kornblith2019similarity", place: "appendix D.1, eq. 24 to 27" },
    ],
    keys: &[KAPPA_X, KAPPA_Y, Units::KEY, Bound::KEY, Degenerate::KEY],
    prepare_cost: "n p^2 (singular value decomposition)",
    compare_cost: "n p q",
    conventions: &[
        "canonical-ridge:kappa-x=0.5,kappa-y=0.5,kappa=absolute,bound=trace",
        "canonical-ridge:kappa-x=0.1,kappa-y=0.3,kappa=relative,bound=trace",
        "canonical-ridge:kappa-x=0.1,kappa-y=0.1,kappa=relative,bound=cauchy",
        "canonical-ridge:kappa-x=0.2,kappa-y=0.1,kappa=relative,bound=separable",
        "canonical-ridge:kappa-x=0.5,kappa-y=0.0,kappa=relative,bound=trace,degenerate=allow",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] or [`Error::MissingKey`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self {
            kappa_x: KAPPA_X.read_number(keys)?,
            kappa_y: KAPPA_Y.read_number(keys)?,
            units: Units::read(keys)?,
            bound: Bound::read(keys)?,
            degenerate: Degenerate::read(keys)?,
        })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        let mut convention = vec![KAPPA_X.number(self.kappa_x), KAPPA_Y.number(self.kappa_y), self.units.entry(), self.bound.entry()];
        // Named only when it is not the default: the key is an addition to the published grammar of
        // this measure.
        if self.degenerate != Degenerate::Error {
            convention.push(self.degenerate.entry());
        }
        convention
    }

    fn properties(&self) -> Properties {
        let scaling = |side: Side| match (self.kappa(side), self.units) {
            (0.0, _) | (_, Units::Relative) => Claim::Holds,
            _ => Claim::Fails,
        };
        let linear = Side::ALL.map(|side| self.sees_linear_maps(side));
        let equal = self.kappa_x == self.kappa_y;
        Properties {
            direction: Direction::Similarity,
            range: Range::new(0.0, 1.0),
            self_value: (equal || self.bound == Bound::Trace).then_some(1.0),
            symmetry: if equal { Claim::Holds } else { self.sees_exchange() },
            metric: false,
            minimum_examples: 2,
            minimum_neurons: 1,
            claims: Claims {
                isotropic_scaling: Side::ALL.map(scaling),
                diagonal_scaling: linear,
                invertible_linear: linear,
                duplicated_neurons: linear,
                ..Claims::SIMILITUDE
            },
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        Needs {
            basis: true,
            singular_vectors: true,
            coordinates: true,
            product: Product::Sums,
            ranks: true,
            ..Needs::new(Moments::Factor(SINGULAR_VALUES), Terms::Value)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        x.nonconstant()?.decomposition().map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let (x, y) = (pair.x().centered(), pair.y().centered());
        let (ranks, available) = (ranks(pair, x, y)?, x.available());
        let filled = (self.kappa_x == 0.0 && ranks.0 == available) || (self.kappa_y == 0.0 && ranks.1 == available);
        check_degenerate(filled, self.degenerate, pair, available, "ranks", ranks)?;
        let product = pair.singular_product()?;
        let (of_x, of_y) = (self.shrunk(x, self.kappa_x)?, self.shrunk(y, self.kappa_y)?);
        let (first, second) = if pair.x_is_first() { (&of_x, &of_y) } else { (&of_y, &of_x) };
        let columns: Vec<f64> = (0..product.ncols())
            .map(|column| {
                let terms: Vec<f64> =
                    first.weights.iter().enumerate().map(|(row, weight)| weight * product[(row, column)].powi(2)).collect();
                second.weights[column] * crate::arrays::sums::sum(&terms)
            })
            .collect();
        let total = crate::arrays::sums::sum(&columns);
        let least = ranks.0.min(ranks.1);
        let norm = |weights: &[f64]| sum_of_squares(weights).sqrt();
        let (norm_x, norm_y) = (norm(&of_x.weights), norm(&of_y.weights));
        let bound = match self.bound {
            Bound::Trace => crate::arrays::sums::sum(&of_x.weights.iter().zip(&of_y.weights).map(|(a, b)| a * b).collect::<Vec<_>>()),
            Bound::Cauchy => norm(&of_x.weights[..least]) * norm(&of_y.weights[..least]),
            Bound::Separable => norm_x * norm_y,
        };
        let value = total / bound;
        let moved = of_x.turn * self.seen(value, &of_y.weights, least) + of_y.turn * self.seen(value, &of_x.weights, least);
        // Both move at once, and a value of 1 moves by half of the square of the angle.
        let moved_twice = norm_x * norm_y * (of_x.turn / norm_x + of_y.turn / norm_y).powi(2) / 2.0;
        Ok(Outcome {
            single_condition: None,
            value,
            condition: (moved + pair.unit() * moved_twice) / bound + 4.0,
            diagnostics: Diagnostics::default()
                .count("rank_x", ranks.0)
                .count("rank_y", ranks.1)
                .number("pillai", pair.correlations()?.pillai()),
            ..Outcome::default()
        })
    }
}

/// Below this, kappa relative to the largest squared singular value changes a value by no more than
/// rounding, but for ill-conditioned representations.
const SMALL: f64 = 1e-9;
/// What a change must exceed to be seen for sure in f64, by the margin of a witness.
const MOST: f64 = 1e-6;

impl Options {
    fn kappa(&self, side: Side) -> f64 {
        if side == Side::X { self.kappa_x } else { self.kappa_y }
    }

    /// Whether invertible linear maps of a side change the value. Without regularisation a side
    /// enters by its column space alone. With little, a_i = 1 / (1 + kappa (s_max / s_i)^2) is off
    /// 1 by kappa times the squared condition number, and the sum and its bound by as much.
    fn sees_linear_maps(&self, side: Side) -> Claim {
        match self.kappa(side) {
            0.0 => Claim::Holds,
            kappa if self.units == Units::Relative && kappa < SMALL => {
                Claim::Slightly(Slight { most: 1.0, per_squared_condition: 4.0 * kappa })
            }
            // In units of its own, however small or large, it is beside the squared singular values
            // of some representation.
            _ => Claim::Fails,
        }
    }

    /// Whether X and Y exchanged change the value, for different kappa. The value moves with the
    /// logarithm of either kappa by 1 at most; and where both are relative, by their size when they
    /// are small, and by their inverse when they are large.
    fn sees_exchange(&self) -> Claim {
        let (less, more) = (self.kappa_x.min(self.kappa_y), self.kappa_x.max(self.kappa_y));
        let ratio = 4.0 * (more - less) / less;
        let (most, per_squared_condition) = match self.units {
            Units::Absolute => (ratio, f64::INFINITY),
            Units::Relative => (ratio.min(8.0 / less), 8.0 * more),
        };
        if most < MOST || per_squared_condition < 8.0 * SMALL {
            Claim::Slightly(Slight { most: most.min(1.0), per_squared_condition })
        } else {
            Claim::Fails
        }
    }
}

impl Options {
    /// What the value v sees of a change of P = P_X (weights a), for P_Y (weights b), times the
    /// bound: |P_Y - v G|_F, G the gradient of the bound by P.
    ///
    /// Each bound is convex in P: sum_i a_i b_i is the largest <U diag(b) U', P>, and the others are
    /// norms of P. So the bound moves by <G, dP> of a G at one of the ends or between, positive
    /// semidefinite as P_Y is: <P_Y, G> >= 0, and |P_Y - v G|^2 <= |b|^2 + v^2 |G|^2. With
    /// `separable` v is a cosine, G = |b| P / |P|_F, and |P_Y - v G| is |b| times its sine.
    fn seen(&self, value: f64, b: &[f64], least: usize) -> f64 {
        let squared = sum_of_squares(b);
        match self.bound {
            Bound::Trace => squared * (1.0 + value * value),
            Bound::Cauchy => squared + value * value * sum_of_squares(&b[..least]),
            Bound::Separable => squared * (1.0 - value * value).max(0.0),
        }
        .sqrt()
    }
}

/// One side's part in the regularised correlations.
struct Shrunk {
    /// (1 + kappa) lambda_i / (lambda_i + kappa), descending.
    weights: Vec<f64>,
    /// |dP|_F for a relative change of the representation by 1, P = X (X'X + kappa)^-1 X'.
    turn: f64,
}

impl Options {
    fn shrunk(&self, x: &Features, kappa: f64) -> Result<Shrunk, Error> {
        let values = x.decomposition()?.values();
        let kappa = match self.units {
            Units::Relative => kappa * values[0] * values[0],
            Units::Absolute => {
                // In the units of the scaled features; beyond what f64 holds it is as good as 0 or
                // infinite.
                let (a, b) = factors((-2 * x.exponent()).clamp(-2000, 2000));
                (kappa * a * b).min(f64::MAX / 4.0)
            }
        };
        // Every bound is as linear in the weights of a side as the sum is: they are taken 1 + kappa
        // times as large, so that a kappa far above the eigenvalues leaves the eigenvalues and not
        // zeros.
        let weight = |square: f64| square * ((1.0 + kappa) / (square + kappa));
        let weights: Vec<f64> = values.iter().map(|s| weight(s * s)).collect();
        let steepest = values.iter().map(|s| weight(s * s) / s).fold(0.0, f64::max);
        Ok(Shrunk { turn: 2.0 * x.squared_norm().sqrt() * steepest, weights })
    }
}
