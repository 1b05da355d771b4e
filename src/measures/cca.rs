//! Canonical correlation analysis: the mean canonical correlation and the mean squared one.
//!
//! # Definition
//! With Q_X, Q_Y orthonormal bases of the column spaces of Xc and Yc, the canonical correlations
//! rho_i are the singular values of Q_Y' Q_X. `rho`: |Q_Y' Q_X|_* / divisor. `r2`: |Q_Y' Q_X|_F^2 /
//! divisor. The divisor is min(r_X, r_Y) unless another is named.
//!
//! # Shapes
//! X is n x p, Y is n x q, ranks r_X, r_Y <= n - 1. In \[0, 1\].
//!
//! # Invariances
//! Every invertible linear map, translation, appended zero or duplicated neurons, on both sides.
//! With `divisor=min-width` the number of neurons matters; with `center=no` translation does.
//!
//! # Numerics
//! Bases from products (Cholesky QR, corrected) where the condition number is below 2^20, else from
//! a singular value decomposition, truncated at max(n, p) eps s_max, so that directions made of
//! rounding never enter: n p^2 + n p q operations. A column space turns by eps times the condition
//! number; the bound in the diagnostics says how much that is. In single precision, `r2` of
//! centered representations has its product of the bases in f32; the bases are solved for in f64,
//! so that the condition does not multiply the rounding of f32.
//!
//! # Conventions that differ elsewhere
//! - Divisor: the same correlations give three values elsewhere; Pillai's trace (the sum of
//!   squares) is reported beside each.
//! - Centering: the authors' demonstration does not center (`center=no`); a common mean then counts
//!   as a shared direction.
//! - An absolute cut of singular values (elsewhere) makes the value depend on the scale.
//!
//! # Errors
//! A constant representation; `degenerate` when r_X or r_Y is n - 1: every correlation is then 1
//! whatever the data (Theorem 1 of the paper). If r_X + r_Y > n - 1, that many correlations are
//! forced to 1: `forced_correlations` in the diagnostics.
//!
//! # References
//! Hotelling 1936; Bjorck & Golub 1973; Kornblith et al. 2019, equations 6 and 7.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 5, 1, vec![1., 2., 3., 4., 5.])?;
//! let y = Representation::from_row_major("y", 5, 1, vec![10., 8., 6., 4., 2.])?;
//! assert!((Measure::parse("cca")?.compare(&x, &y)?.value - 1.0).abs() < 1e-15);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::claims::Direction;
use crate::claims::{Claim, Claims, Condition, FAILS, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::key::choice;
use crate::linalg::features::Features;
use crate::linalg::frame::Frame;
use crate::measure::{Definition, Outcome};
use crate::measures::{Degenerate, Divisor, SINGULAR_VALUES, Summary, check_degenerate, divide, forced, is_refused, projector, ranks};
use crate::needs::{Moments, Needs, Product, SinglePrecision, Terms};
use crate::precision::Precision;
use crate::prepared::between::{InnerProduct, InnerProducts};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};
use crate::tolerance::{LARGEST_TURN, single_rounding};

choice! {
    /// Whether the columns are centered first.
    pub enum Center("center", "center the columns first; the authors' demonstration does not") {
        /// As the paper's text says.
        #[default]
        Yes = "yes",
        /// As the authors' demonstration does.
        No = "no",
    }
}

/// Options of `cca`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// Sum of correlations or of their squares.
    pub summary: Summary,
    /// What the sum is divided by.
    pub divisor: Divisor,
    /// Centering.
    pub center: Center,
    /// What to do when the ranks fill the space.
    pub degenerate: Degenerate,
}

/// What is fixed about `cca`.
pub static SPEC: Spec = Spec {
    id: "cca",
    also: &[("mean-cca", ""), ("r2-cca", "summary=r2"), ("mean-squared-cca", "summary=r2"), ("canonical-correlation", "")],
    short: "CCA",
    name: "canonical correlation analysis",
    formula: "rho: |Q_Y' Q_X|_* / divisor; r2: |Q_Y' Q_X|_F^2 / divisor",
    citations: &[
        Citation { key: "hotelling1936relations", place: "the correlations" },
        Citation { key: "bjorck1973numerical", place: "principal angles" },
        Citation { key: "kornblith2019similarity", place: "eq. 6, 7" },
    ],
    keys: &[Summary::KEY, Divisor::KEY, Center::KEY, Degenerate::KEY],
    prepare_cost: "n p^2 (orthonormal basis)",
    compare_cost: "n p q + p q min(p, q)",
    conventions: &[
        "cca:summary=rho,divisor=min-rank,center=yes,degenerate=error",
        "cca:summary=r2,divisor=min-rank,center=yes,degenerate=error",
        "cca:summary=rho,divisor=min-width,center=yes,degenerate=error",
        "cca:summary=r2,divisor=geometric,center=yes,degenerate=error",
        "cca:summary=rho,divisor=max,center=yes,degenerate=error",
        "cca:summary=r2,divisor=min-rank,center=no,degenerate=error",
        "cca:summary=rho,divisor=min-rank,center=yes,degenerate=allow",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self {
            summary: Summary::read(keys)?,
            divisor: Divisor::read(keys)?,
            center: Center::read(keys)?,
            degenerate: Degenerate::read(keys)?,
        })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![self.summary.entry(), self.divisor.entry(), self.center.entry(), self.degenerate.entry()]
    }

    fn properties(&self) -> Properties {
        let by_width = self.divisor == Divisor::MinWidth;
        let widths = [Claim::When(Condition::NotTheFewerNeurons); 2];
        let mut claims = Claims::AFFINE;
        if self.center == Center::No {
            claims.translation = FAILS;
        }
        if by_width {
            (claims.zero_neurons, claims.duplicated_neurons) = (widths, widths);
        }
        Properties {
            direction: Direction::Similarity,
            range: Range::new(0.0, 1.0),
            self_value: (!by_width).then_some(1.0),
            symmetry: Claim::Holds,
            metric: false,
            minimum_examples: 2,
            minimum_neurons: 1,
            claims,
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        Needs {
            uncentered: self.center == Center::No,
            basis: true,
            refuses_filled: self.degenerate == Degenerate::Error,
            product: if self.summary == Summary::R2 { Product::Sums } else { Product::SingularVectors },
            single: if self.summary == Summary::R2 && self.center == Center::Yes { SinglePrecision::Bases } else { SinglePrecision::Never },
            ranks: true,
            ..Needs::new(Moments::Factor(SINGULAR_VALUES), Terms::Value)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        let features = match self.center {
            Center::Yes => x.centered(),
            Center::No => x.uncentered()?,
        };
        let features = x.not_zero(features)?;
        if is_refused(features, self.degenerate)? {
            return Ok(());
        }
        if self.needs(None).single == SinglePrecision::Bases
            && features.precision() == Precision::Single
            && features.single_basis().is_some()
        {
            return Ok(());
        }
        features.basis().map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        if self.needs(None).single == SinglePrecision::Bases && pair.precision() == Precision::Single {
            pair.x().nonconstant()?;
            pair.y().nonconstant()?;
            if let Some(pillai) = pair.single_pillai() {
                return self.of_single_pillai(pair, pillai);
            }
        }
        let (x, y) = match self.center {
            Center::Yes => (pair.x().centered(), pair.y().centered()),
            Center::No => (pair.x().uncentered()?, pair.y().uncentered()?),
        };
        let ranks = ranks(pair, x, y)?;
        self.check(pair, ranks, x.available())?;
        let correlations = match self.center {
            Center::Yes => pair.correlations()?,
            Center::No => pair.uncentered_correlations()?,
        };
        let mut diagnostics = self.diagnostics(ranks, x.available(), correlations.pillai());
        let sum = match self.summary {
            Summary::R2 => correlations.pillai(),
            Summary::Rho => {
                let values = correlations.values();
                let (first, second) = if pair.x_is_first() { (x, y) } else { (y, x) };
                let complements = correlations.complements(&first.basis()?, &second.basis()?)?;
                diagnostics = diagnostics.numbers("correlations", values.to_vec()).numbers("one_minus_correlations", complements);
                crate::arrays::sums::sum(values)
            }
        };
        let conditions = (x.basis()?.condition(), y.basis()?.condition());
        let most = self.condition(pair, ranks, conditions);
        let first_order = self.first_order(pair, ranks, (x, y), (conditions.0 + conditions.1, correlations.pillai()))?;
        let condition = first_order.map_or(most, |condition| condition.min(most));
        Ok(Outcome { value: divide(sum, self.divisor, ranks, pair), condition, single_condition: None, diagnostics, ..Outcome::default() })
    }

    fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        if self.summary == Summary::Rho {
            return Ok(None);
        }
        // <Q_X Q_X', Q_Y Q_Y'> = |Q_Y' Q_X|_F^2
        let center = self.center == Center::Yes;
        let (x, y) = (projector(pair.x(), center)?, projector(pair.y(), center)?);
        let ranks = [&x, &y].map(|side| side.factor().map_or(0, |basis| basis.ncols()));
        let factor = divide(1.0, self.divisor, (ranks[0], ranks[1]), pair);
        Ok(Some(InnerProducts::sum(vec![InnerProduct { x, y, factor }])))
    }
}

impl Options {
    /// R2 from the sum of squared correlations of bases for products in single precision.
    fn of_single_pillai(&self, pair: &Pair<'_>, pillai: f64) -> Result<Outcome, Error> {
        let basis = |side: &'_ Prepared| side.centered().single_basis().map(|basis| (basis.rank(), basis.condition()));
        let (x, y) = basis(pair.x()).zip(basis(pair.y())).expect("bases that met");
        let ranks = (x.0, y.0);
        let available = pair.x().centered().available();
        self.check(pair, ranks, available)?;
        let diagnostics = self.diagnostics(ranks, available, pillai);
        // C is off by e sqrt(r_X r_Y), and its square by twice that times |C|_F and the square of
        // that; Q'Q of each is off by e at most where it was not computed.
        let (entries, unit) = ((ranks.0 * ranks.1) as f64, single_rounding(pair.n()));
        let single = 2.0 * (entries * pillai).sqrt() + unit * entries + 2.0 * pillai;
        Ok(Outcome {
            value: divide(pillai, self.divisor, ranks, pair),
            condition: self.condition(pair, ranks, (x.1, y.1)),
            single_condition: Some(divide(single, self.divisor, ranks, pair)),
            diagnostics,
            ..Outcome::default()
        })
    }

    /// The condition of what is summed up, by its own gradient; none where that would cost more
    /// than the value (wide representations), or where bases, by `turned` for a relative change,
    /// turn by more than an eighth.
    ///
    /// With C = Q_X'Q_Y and X = Q_X F the sum moves by <N, dC>, N = 2 C for squares (and by twice
    /// the square of what the bases turn by) and partially orthogonal for the correlations
    /// themselves: |<N, dQ_X'Q_Y>| <= |F^+ N|_F |dX|_F, and |C|_2 is at most 1. Rounding moves Q by
    /// c eps sqrt(r) besides, C by its product, and the correlations by their decomposition.
    fn first_order(
        &self,
        pair: &Pair<'_>,
        ranks: (usize, usize),
        (x, y): (&Features, &Features),
        (turned, pillai): (f64, f64),
    ) -> Result<Option<f64>, Error> {
        let (Some(of_x), Some(of_y)) = (Frame::at_hand(x)?, Frame::at_hand(y)?) else { return Ok(None) };
        let share = turned * pair.unit();
        if share > LARGEST_TURN {
            return Ok(None);
        }
        let moved = of_x.inverse_norm() * x.squared_norm().sqrt() + of_y.inverse_norm() * y.squared_norm().sqrt();
        let root = |count: usize| (count as f64).sqrt();
        let (of_bases, paired) = (root(ranks.0) + root(ranks.1) + 1.0, root(ranks.0.min(ranks.1)));
        let sum = match self.summary {
            Summary::R2 => 2.0 * (moved + of_bases * pillai.sqrt()) + 4.0 * share * turned,
            Summary::Rho => moved / (1.0 - share) + (of_bases + paired) * paired,
        };
        Ok(Some(divide(sum, self.divisor, ranks, pair)))
    }

    /// # Errors
    /// [`Error::Degenerate`] where one of the two fills the space, unless that is allowed.
    fn check(&self, pair: &Pair<'_>, ranks: (usize, usize), available: usize) -> Result<(), Error> {
        check_degenerate(ranks.0 == available || ranks.1 == available, self.degenerate, pair, available, "ranks", ranks)
    }

    /// What is told of a pair.
    fn diagnostics(&self, ranks: (usize, usize), available: usize, pillai: f64) -> Diagnostics {
        Diagnostics::default()
            .count("rank_x", ranks.0)
            .count("rank_y", ranks.1)
            .number("pillai", pillai)
            .count("forced_correlations", forced(ranks, available))
    }

    /// Of bases of these conditions: |dQ|_F <= condition of X times the relative change; the
    /// nuclear norm of C moves by sqrt(min(r)) |dC|_F at most, |C|_F^2 by 2 |C|_F |dC|_F.
    fn condition(&self, pair: &Pair<'_>, ranks: (usize, usize), (x, y): (f64, f64)) -> f64 {
        let turned = (x + y) * (ranks.0.min(ranks.1) as f64).sqrt();
        divide(if self.summary == Summary::R2 { 2.0 * turned } else { turned }, self.divisor, ranks, pair)
    }
}
