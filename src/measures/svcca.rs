//! Singular vector canonical correlation analysis.
//!
//! # Definition
//! Keep the fewest leading left singular vectors of Xc whose squared singular values sum to at
//! least `threshold` times |Xc|_F^2, the same for Yc, and take the canonical correlations of the
//! kept vectors: `rho` their sum, `r2` the sum of their squares, over the divisor (kept dimensions
//! in place of ranks).
//!
//! # Shapes
//! X is n x p, Y is n x q. In \[0, 1\].
//!
//! # Invariances
//! Orthogonal maps, isotropic scaling, translation, appended zero neurons. Invertible linear maps
//! only if they leave the kept subspace where it was; with a threshold of 1, which keeps the whole
//! column space, all of them.
//!
//! # Numerics
//! The bases of `cca` are sorted by singular value, so the kept subspaces meet in a leading block
//! of Q_X' Q_Y; what is left out is compared with the threshold, not what is kept. A threshold
//! below 1 that is met within 4 n eps counts as met. The bound on the error is by the gradient of
//! the value (`linalg::kept_directions`, with its derivation): the gap at the cut counts by as much
//! as the other side shares of the directions beside it.
//!
//! # Conventions that differ elsewhere
//! The share is one of *variance*, s^2 of the centered data. Shares of s, shares of uncentered
//! data, and counts fixed in advance keep 1 to 64 dimensions of a spectrum of which this keeps 32.
//! The kept dimensions are in the diagnostics.
//!
//! # Errors
//! A constant representation; `degenerate` when the kept dimensions reach n - 1, or when the
//! threshold falls between equal singular values, so that the kept subspace is arbitrary
//! (`degenerate=allow` keeps the whole block).
//!
//! # References
//! Raghu et al. 2017, section 2; Kornblith et al. 2019, Table 1.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! // The second neuron holds 1 part in 10001 of the variance: it is not kept.
//! let x = Representation::from_row_major("x", 4, 2, vec![100., 1., 100., -1., -100., 1., -100., -1.])?;
//! let y = Representation::from_row_major("y", 4, 1, vec![1., 1., -1., -1.])?;
//! let score = Measure::parse("svcca")?.compare(&x, &y)?;
//! assert!((score.value - 1.0).abs() < 1e-15);
//! assert_eq!(score.diagnostics.get("kept_x"), Some(1.0));
//! # Ok::<(), similitude::Error>(())
//! ```

use faer::MatRef;

use crate::arrays::product::squared_norm;
use crate::arrays::sums::{sum, sum_of_squares};
use crate::claims::Direction;
use crate::claims::{Claim, Claims, Condition, FAILS, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::key::{Key, Number, Values};
use crate::linalg::decomposition::Decomposition;
use crate::linalg::features::Features;
use crate::linalg::kept_directions::Directions;
use crate::linalg::singular::singular_values;
use crate::measure::{Definition, Outcome};
use crate::measures::{Degenerate, Divisor, SINGULAR_VALUES, Summary, check_degenerate, divide, forced};
use crate::needs::{Moments, Needs, Product, Terms};
use crate::prepared::between::{ExampleMatrix, InnerProduct, InnerProducts};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};
use crate::tolerance::LARGEST_TURN;

/// The share of the variance that is kept.
const THRESHOLD: Key = Key {
    name: "threshold",
    values: Values::Number(Number {
        default: Some(0.99),
        whole: false,
        expected: "a number > 0 and <= 1",
        valid: |share| share > 0.0 && share <= 1.0,
        tried: &[0.99, 0.9, 0.95, 0.98, 0.999],
    }),
    help: "share of the variance that is kept",
};

/// Options of `svcca`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Sum of correlations or of their squares.
    pub summary: Summary,
    /// The share of the variance (squared singular values of Xc) that the kept directions hold at
    /// least.
    pub threshold: f64,
    /// What the sum is divided by; ranks are kept dimensions here.
    pub divisor: Divisor,
    /// What to do when the kept dimensions fill the space, or the threshold splits equal singular
    /// values.
    pub degenerate: Degenerate,
}

impl Default for Options {
    fn default() -> Self {
        Self { summary: Summary::Rho, threshold: 0.99, divisor: Divisor::MinRank, degenerate: Degenerate::Error }
    }
}

/// What is fixed about `svcca`.
pub static SPEC: Spec = Spec {
    id: "svcca",
    also: &[("singular-vector-cca", "")],
    short: "SVCCA",
    name: "singular vector canonical correlation analysis",
    formula: "CCA of U_X T_X and U_Y T_Y, where T keeps the fewest leading left singular vectors of Xc whose squared singular values hold the threshold's share of |Xc|_F^2",
    citations: &[Citation { key: "raghu2017svcca", place: "section 2" }, Citation { key: "kornblith2019similarity", place: "Table 1" }],
    keys: &[Summary::KEY, THRESHOLD, Divisor::KEY, Degenerate::KEY],
    prepare_cost: "n p^2 (singular value decomposition)",
    compare_cost: "n k l + k l min(k, l), k and l the kept dimensions",
    conventions: &[
        "svcca:summary=rho,threshold=0.99,divisor=min-rank,degenerate=error",
        "svcca:summary=r2,threshold=0.99,divisor=min-rank,degenerate=error",
        "svcca:summary=rho,threshold=0.9,divisor=min-width,degenerate=error",
        "svcca:summary=r2,threshold=0.8,divisor=geometric,degenerate=error",
        "svcca:summary=rho,threshold=0.99,divisor=max,degenerate=allow",
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
            threshold: THRESHOLD.read_number(keys)?,
            divisor: Divisor::read(keys)?,
            degenerate: Degenerate::read(keys)?,
        })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![self.summary.entry(), THRESHOLD.number(self.threshold), self.divisor.entry(), self.degenerate.entry()]
    }

    fn properties(&self) -> Properties {
        let by_width = self.divisor == Divisor::MinWidth;
        // All of the variance is the whole column space.
        let keeps_all = self.threshold == 1.0;
        let same_subspace = [Claim::When(Condition::KeptSubspaceUnchanged { share: self.threshold }); 2];
        let mut claims = match keeps_all {
            true => Claims::AFFINE,
            false => Claims {
                diagonal_scaling: same_subspace,
                invertible_linear: same_subspace,
                duplicated_neurons: same_subspace,
                ..Claims::SIMILITUDE
            },
        };
        if by_width {
            let widths = [Claim::When(Condition::NotTheFewerNeurons); 2];
            claims.zero_neurons = widths;
            // Two conditions at once, the kept subspace and the smaller width: not an invariance to
            // rely on.
            claims.duplicated_neurons = if keeps_all { widths } else { FAILS };
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
            basis: true,
            singular_vectors: true,
            coordinates: true,
            product: Product::SingularValues,
            ranks: true,
            ..Needs::new(Moments::Factor(SINGULAR_VALUES), Terms::One)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        x.nonconstant()?.decomposition().map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let product = pair.singular_product()?;
        let x = self.kept(pair.x(), pair.x().centered().decomposition()?)?;
        let y = self.kept(pair.y(), pair.y().centered().decomposition()?)?;
        let (kept, available) = ((x.dimensions, y.dimensions), pair.x().centered().available());
        check_degenerate(kept.0 == available || kept.1 == available, self.degenerate, pair, available, "kept dimensions", kept)?;
        // The bases are sorted by singular value, so the kept subspaces meet in a leading block of
        // C.
        let (first, second) = if pair.x_is_first() { kept } else { (kept.1, kept.0) };
        let block = product.submatrix(0, 0, first, second);
        let mut diagnostics = Diagnostics::default()
            .count("kept_x", kept.0)
            .count("kept_y", kept.1)
            .count("rank_x", pair.x().centered().decomposition()?.rank())
            .count("rank_y", pair.y().centered().decomposition()?.rank())
            .number("pillai", squared_norm(block))
            .count("forced_correlations", forced(kept, available));
        let total = match self.summary {
            Summary::R2 => squared_norm(block),
            Summary::Rho => {
                let values = singular_values(block);
                let total = sum(&values);
                diagnostics = diagnostics.numbers("correlations", values);
                total
            }
        };
        let most = (x.condition + y.condition) * (kept.0.min(kept.1) as f64).sqrt();
        let most = if self.summary == Summary::R2 { 2.0 * most } else { most };
        let condition = self.first_order(pair, kept, x.condition + y.condition, total)?.map_or(most, |condition| condition.min(most));
        let [value, condition] = [total, condition].map(|sum| divide(sum, self.divisor, kept, pair));
        Ok(Outcome { single_condition: None, value, condition, diagnostics, ..Outcome::default() })
    }

    fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        if self.summary == Summary::Rho {
            return Ok(None);
        }
        let of = |side: &Prepared| {
            let features = side.centered();
            let kept = self.kept(side, features.decomposition()?)?;
            let matrix = side.artifact(&format!("projector on {} singular directions", kept.dimensions), || {
                let vectors = features.left_singular_vectors()?;
                let error = 2.0 * kept.condition + (kept.dimensions as f64).sqrt();
                Ok(ExampleMatrix::from_factor(vectors.subcols(0, kept.dimensions).to_owned(), error))
            })?;
            Ok::<_, Error>((matrix, kept.dimensions))
        };
        let ((x, of_x), (y, of_y)) = (of(pair.x())?, of(pair.y())?);
        let factor = divide(1.0, self.divisor, (of_x, of_y), pair);
        Ok(Some(InnerProducts::sum(vec![InnerProduct { x, y, factor }])))
    }
}

/// The leading singular directions that are kept.
struct Kept {
    dimensions: usize,
    /// |X|_F over the gap between the last singular value kept and the first left out: how much a
    /// relative change of X turns the kept subspace.
    condition: f64,
}

impl Options {
    /// The condition of what is summed up, by its own gradient ([`Directions`]); none where the kept
    /// subspaces, by `turned` for a relative change, turn by more than an eighth.
    ///
    /// The factorisation and the decomposition of its factor are each those of a matrix that is off
    /// by c eps; the bases of both sides err by c eps sqrt(k) twice, C by its product, and the
    /// correlations by their decomposition. A turn moves the sum by its square besides, and the
    /// gradient by its share.
    fn first_order(&self, pair: &Pair<'_>, kept: (usize, usize), turned: f64, total: f64) -> Result<Option<f64>, Error> {
        let share = turned * pair.unit();
        if share > LARGEST_TURN {
            return Ok(None);
        }
        let product = pair.singular_product()?;
        let (x, y) = (pair.x().centered(), pair.y().centered());
        let of = |side: &Features, kept: usize, products: MatRef<'_, f64>| {
            let directions = Directions { values: side.decomposition()?.values(), kept };
            let norm = side.squared_norm().sqrt();
            Ok::<_, Error>(match self.summary {
                Summary::R2 => directions.of_squares(norm, products, pair.unit()),
                Summary::Rho => directions.of_sum(norm, products),
            })
        };
        let (of_x, of_y) = if pair.x_is_first() { (product, product.transpose()) } else { (product.transpose(), product) };
        let moved = of(x, kept.0, of_x.subcols(0, kept.1))? + of(y, kept.1, of_y.subcols(0, kept.0))?;
        let root = |count: usize| (count as f64).sqrt();
        let (of_bases, paired) = (2.0 * (root(kept.0) + root(kept.1)) + 1.0, root(kept.0.min(kept.1)));
        let of_rounding = match self.summary {
            Summary::R2 => 2.0 * of_bases * total.sqrt(),
            Summary::Rho => (of_bases + paired) * paired,
        };
        Ok(Some(2.0 * moved * (1.0 + 4.0 * share) + of_rounding + 4.0 * share * turned))
    }

    fn kept(&self, x: &Prepared, decomposition: &Decomposition) -> Result<Kept, Error> {
        let values = decomposition.values();
        let total = sum_of_squares(values);
        // What is left out is compared, not what is kept: sums of small numbers keep their digits.
        // A share of 1 leaves out nothing.
        let slack = if self.threshold < 1.0 { crate::tolerance::variance_threshold(x.n()) } else { 0.0 };
        let left_out = ((1.0 - self.threshold) + slack) * total;
        let mut dimensions = values.len();
        let mut tail = 0.0;
        while dimensions > 1 {
            tail += values[dimensions - 1] * values[dimensions - 1];
            if tail > left_out {
                break;
            }
            dimensions -= 1;
        }
        let equal = crate::tolerance::equality(x.n(), x.p()) * values[0];
        let splits = |kept: usize| kept < values.len() && values[kept - 1] - values[kept] <= equal;
        if splits(dimensions) {
            let first = (1..dimensions).rev().take_while(|&kept| splits(kept)).last().map_or(dimensions, |kept| kept);
            let last = (dimensions..values.len()).take_while(|&kept| splits(kept)).last().map_or(dimensions, |kept| kept + 1);
            if self.degenerate == Degenerate::Error {
                return Err(Error::SplitSingularValues {
                    name: x.name().to_string(),
                    kept: dimensions,
                    first,
                    last,
                    singular_value: crate::arrays::scale::with_exponent(values[dimensions - 1], x.centered().exponent())?,
                });
            }
            dimensions = last;
        }
        let gap = values[dimensions - 1] - values.get(dimensions).copied().unwrap_or(0.0);
        Ok(Kept { dimensions, condition: total.sqrt() / gap })
    }
}
