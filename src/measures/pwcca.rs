//! Projection weighted canonical correlation analysis.
//!
//! # Definition
//! sum_i alpha_i rho_i / sum_i alpha_i over i = 1 .. min(r_X, r_Y), with alpha_i = sum_j |<h_i,
//! x_j>|: h_i the i-th unit canonical variate of the weighting side, x_j its centered neurons. The
//! weighting side is the representation of smaller rank (ties: X) unless named.
//!
//! # Shapes
//! X is n x p, Y is n x q. In \[0, 1\].
//!
//! # Invariances
//! Invertible linear maps of the *other* side. Of the weighting side: scaling, translation,
//! permutation of neurons; not rotation, because an L1 sum over single neurons sees how they are
//! mixed.
//!
//! # Numerics
//! With Xc = U S V' and h_i = U w_i the weight is the L1 norm of V S w_i: no product over the
//! examples is needed beyond that of `cca`. The bound on the error is that of the value's gradient,
//! where all correlations are apart: two products and two solutions of p x p matrices more.
//!
//! # Conventions that differ elsewhere
//! Which side gives the weights, and whether they are taken of centered neurons; elsewhere one pair
//! of representations has five values.
//!
//! # Errors
//! As `cca`, and `degenerate` where equal correlations stand beside different ones: their variates
//! are then any rotation of each other, and the weights change with it. `degenerate=allow` takes
//! the block's own principal directions (singular vectors of H' Xc); where their singular values
//! are equal too, it remains an error. All correlations equal is fine.
//!
//! # References
//! Morcos et al. 2018, section 3; Kornblith et al. 2019, equation 9.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 5, 2, vec![1., 0., 2., 1., 3., 0., 4., 1., 6., 0.])?;
//! let y = Representation::from_row_major("y", 5, 2, vec![1., 0., 1., 0., 3., 1., 5., 0., 6., 2.])?;
//! let score = Measure::parse("pwcca")?.compare(&x, &y)?;
//! assert!((score.value - 0.8982758837336727).abs() < 1e-14);
//! # Ok::<(), similitude::Error>(())
//! ```

use std::cell::OnceCell;

use faer::{Mat, MatRef};

use crate::arrays::product::product;
use crate::arrays::sums::sum;
use crate::claims::Direction;
use crate::claims::{Claim, Claims, Condition, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::key::choice;
use crate::linalg::decomposition::thin_svd;
use crate::linalg::features::Features;
use crate::linalg::frame::Frame;
use crate::linalg::variate_weights::{Known, Weighting, weights};
use crate::measure::{Definition, Outcome};
use crate::measures::{Degenerate, SINGULAR_VALUES, check_degenerate, forced, is_refused, ranks};
use crate::needs::{Moments, Needs, Product, Terms};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};
use crate::tolerance;

choice! {
    /// Whose neurons give the weights.
    pub enum Weights("weights", "whose neurons give the weights: the smaller rank (ties X), X or Y") {
        /// The representation of smaller rank; X when the ranks are equal. The paper's p1 <= p2.
        #[default]
        Narrower = "narrower" => "weights from the neurons of the representation of smaller rank (of the first one when the ranks are equal)",
        /// X.
        X = "x" => "weights from the neurons of the first representation",
        /// Y.
        Y = "y" => "weights from the neurons of the second representation",
    }
}

/// Options of `pwcca`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// Whose neurons give the weights.
    pub weights: Weights,
    /// What to do when the ranks fill the space, or a correlation repeats beside different ones.
    pub degenerate: Degenerate,
}

/// What is fixed about `pwcca`.
pub static SPEC: Spec = Spec {
    id: "pwcca",
    also: &[("projection-weighted-cca", "")],
    short: "PWCCA",
    name: "projection weighted canonical correlation analysis",
    formula: "sum_i alpha_i rho_i / sum_i alpha_i, alpha_i = sum_j |<h_i, x_j>|, h_i the i-th unit canonical variate of the weighting side and x_j its centered neurons, \
              i = 1 .. min(r_X, r_Y)",
    citations: &[Citation { key: "morcos2018insights", place: "section 3" }, Citation { key: "kornblith2019similarity", place: "eq. 9" }],
    keys: &[Weights::KEY, Degenerate::KEY],
    prepare_cost: "n p^2 (singular value decomposition)",
    compare_cost: "n p q + p q min(p, q)",
    conventions: &["pwcca:weights=narrower,degenerate=error", "pwcca:weights=x,degenerate=error", "pwcca:weights=y,degenerate=allow"],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self { weights: Weights::read(keys)?, degenerate: Degenerate::read(keys)? })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![self.weights.entry(), self.degenerate.entry()]
    }

    fn properties(&self) -> Properties {
        // An L1 sum over single neurons sees how the weighting side's neurons are mixed; the other
        // side enters by its column space.
        let mixing = match self.weights {
            Weights::X => [Claim::Fails, Claim::Holds],
            Weights::Y => [Claim::Holds, Claim::Fails],
            Weights::Narrower => [Claim::When(Condition::NotTheWeightingSide); 2],
        };
        Properties {
            direction: Direction::Similarity,
            range: Range::new(0.0, 1.0),
            self_value: Some(1.0),
            symmetry: if self.weights == Weights::Narrower { Claim::When(Condition::RanksDiffer) } else { Claim::Fails },
            metric: false,
            minimum_examples: 2,
            minimum_neurons: 1,
            claims: Claims {
                orthogonal: mixing,
                diagonal_scaling: mixing,
                invertible_linear: mixing,
                duplicated_neurons: mixing,
                ..Claims::SIMILITUDE
            },
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        Needs {
            basis: true,
            singular_vectors: true,
            coordinates: true,
            refuses_filled: self.degenerate == Degenerate::Error,
            product: Product::SingularVectors,
            ranks: true,
            ..Needs::new(Moments::Factor(SINGULAR_VALUES), Terms::Value)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        let features = x.nonconstant()?;
        if is_refused(features, self.degenerate)? {
            return Ok(());
        }
        Frame::of(features).map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let (x, y) = (pair.x().centered(), pair.y().centered());
        let (ranks, available) = (ranks(pair, x, y)?, x.available());
        check_degenerate(ranks.0 == available || ranks.1 == available, self.degenerate, pair, available, "ranks", ranks)?;
        let correlations = pair.correlations()?;
        let weighting_is_x = match self.weights {
            Weights::X => true,
            Weights::Y => false,
            Weights::Narrower => ranks.0 <= ranks.1,
        };
        let variates = correlations.variates()?;
        let (of_x, of_y) = if pair.x_is_first() { (&variates.first, &variates.second) } else { (&variates.second, &variates.first) };
        let (features, own, other_features, other) = if weighting_is_x { (x, of_x, y, of_y) } else { (y, of_y, x, of_x) };
        let (frame, other_frame) = (Frame::of(features)?, Frame::of(other_features)?);
        let (own, other) = (frame.coordinates(own.as_ref()), other_frame.coordinates(other.as_ref()));
        let error = tolerance::equality(pair.n(), x.p().max(y.p()));
        let known = (Known::new(features, frame, own.as_ref()), Known::new(other_features, other_frame, other.as_ref()));
        let weighting = Weighting::new(&variates.values, known.0, known.1, pair.unit());
        let conditions = frame.condition() + other_frame.condition();
        let blocks = Blocks::find(&variates.values, frame.rank(), error * conditions, |i| error * weighting.spread(i));
        let (mut weights, first_order) = if blocks.are_single() {
            let weights = weighting.weights()?;
            let condition = weighting.condition(&weights);
            (weights.alpha, condition)
        } else {
            (weights(features, frame, own.as_ref())?, None)
        };
        let mut gap = blocks.gap;
        for block in blocks.ambiguous() {
            if self.degenerate == Degenerate::Error {
                return Err(Error::RepeatedCorrelation {
                    first: block.from + 1,
                    last: block.to,
                    correlation: variates.values[block.from],
                    tolerance: block.tolerance,
                });
            }
            let principal = principal_weights(features, frame, own.as_ref(), block)?;
            if principal.gap <= error {
                return Err(Error::RepeatedDirection { first: block.from + 1, last: block.to, correlation: variates.values[block.from] });
            }
            gap = gap.min(principal.gap);
            weights[block.from..block.to].copy_from_slice(&principal.weights);
        }
        let total = sum(&weights);
        let weighted: Vec<f64> = weights.iter().zip(&variates.values).map(|(weight, rho)| weight * rho).collect();
        // Of blocks: a variate turns by the relative change times the conditions over the gap to
        // the next correlation; its weight is an L1 norm of p terms.
        let m = weights.len() as f64;
        let turned = if gap.is_finite() { (features.p() as f64 * m).sqrt() * frame.largest() / (gap * total) } else { 0.0 };
        let of_blocks = conditions * (1.0 + turned);
        Ok(Outcome {
            single_condition: None,
            value: sum(&weighted) / total,
            condition: first_order.map_or(of_blocks, |condition| condition.min(of_blocks)),
            diagnostics: Diagnostics::default()
                .count("rank_x", ranks.0)
                .count("rank_y", ranks.1)
                .number("pillai", correlations.pillai())
                .count("forced_correlations", forced(ranks, available))
                .numbers("correlations", variates.values.clone())
                .text("weights", if weighting_is_x { "x" } else { "y" })
                .text(
                    "repeated_correlations",
                    if blocks.ambiguous().next().is_some() { "principal directions of the block" } else { "none" },
                ),
            ..Outcome::default()
        })
    }
}

/// The weights of a block's principal directions.
struct Principal {
    weights: Vec<f64>,
    /// The least difference of singular values that tells these directions apart, over the largest
    /// singular value of Xc.
    gap: f64,
}

/// The weights of a block whose variates are not determined: those of its own principal directions,
/// the singular value decomposition of H' Xc, H a basis of the block.
fn principal_weights(features: &Features, frame: Frame<'_>, coordinates: MatRef<'_, f64>, block: &Block) -> Result<Principal, Error> {
    let rank = frame.rank();
    let count = block.to - block.from;
    let dimensions = if block.with_unpaired { rank - block.from } else { count };
    let basis = if block.with_unpaired {
        // Correlation 0 belongs to everything that is orthogonal to the paired variates.
        let paired = coordinates.subcols(0, block.from);
        let overlap = product(paired, paired.transpose());
        Mat::from_fn(rank, rank, |row, column| f64::from(u8::from(row == column)) - overlap[(row, column)])
    } else {
        coordinates.subcols(block.from, count).to_owned()
    };
    // H' Xc = W' F, so its left singular vectors turn W into the principal directions.
    let svd = thin_svd(frame.turned_projections(basis.as_ref()).transpose())?;
    let directions = product(basis.as_ref(), svd.left.as_ref().subcols(0, count));
    let gaps = (0..count.min(dimensions - 1)).map(|i| (svd.values[i] - svd.values[i + 1]) / frame.largest());
    Ok(Principal { gap: gaps.fold(f64::INFINITY, f64::min), weights: weights(features, frame, directions.as_ref())? })
}

/// Correlations that are equal within their error.
struct Block {
    from: usize,
    to: usize,
    tolerance: f64,
    /// Correlation 0, beside dimensions of the weighting side that are paired with nothing: they
    /// have correlation 0 too.
    with_unpaired: bool,
}

struct Blocks {
    blocks: Vec<Block>,
    /// The least difference between correlations of different blocks; infinite when there is one
    /// block only.
    gap: f64,
}

impl Blocks {
    /// `spread` is what each correlation moves by for a relative change, and never more than
    /// `widest`: where correlations are further apart than that, it is not asked for.
    fn find(values: &[f64], weighting_rank: usize, widest: f64, spread: impl Fn(usize) -> f64) -> Self {
        let known: Vec<OnceCell<f64>> = values.iter().map(|_| OnceCell::new()).collect();
        let within = |i: usize| *known[i].get_or_init(|| spread(i).min(tolerance::CORRELATION_CAP));
        let widest = widest.min(tolerance::CORRELATION_CAP);
        let alone = |at: usize| Block { from: at, to: at + 1, tolerance: 0.0, with_unpaired: false };
        let mut blocks = vec![alone(0)];
        let mut gap = f64::INFINITY;
        for i in 1..values.len() {
            let difference = values[i - 1] - values[i];
            let bound = if difference > widest { 0.0 } else { within(i - 1).max(within(i)) };
            if difference <= bound {
                let last = blocks.last_mut().expect("one block from the start");
                last.to = i + 1;
                last.tolerance = last.tolerance.max(bound);
            } else {
                gap = gap.min(difference);
                blocks.push(alone(i));
            }
        }
        let last = blocks.last_mut().expect("one block from the start");
        if weighting_rank > values.len() {
            let least = values[values.len() - 1];
            let bound = within(last.from).max(last.tolerance);
            last.tolerance = bound;
            last.with_unpaired = least <= bound;
            if !last.with_unpaired {
                gap = gap.min(least);
            }
        }
        Self { blocks, gap }
    }

    /// Whether each correlation is a block of its own, and none is 0 beside what is paired with
    /// nothing.
    fn are_single(&self) -> bool {
        self.blocks.iter().all(|block| block.to - block.from == 1 && !block.with_unpaired)
    }

    /// Blocks whose variates are not determined, where that matters: one block alone gives its
    /// value whatever the weights.
    fn ambiguous(&self) -> impl Iterator<Item = &Block> {
        let several = self.blocks.len() > 1;
        self.blocks.iter().filter(move |block| several && (block.to - block.from > 1 || block.with_unpaired))
    }
}
