//! Projection-weighted canonical correlation analysis.

use super::cca::{CanonicalPencil, correlation, narrower_side};
use crate::algebra::basis::Spaces;
use crate::algebra::integer_matrix::IntegerMatrix;
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::matrix::{Features, Matrix};
use crate::number::dyadic::{Direction, Dyadic};
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine};
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// Correlations that agree to this many bits, and are not proved equal, are reported as a block all the same.
const TIE_PRECISION: usize = 1024;

/// Whose neurons weigh the correlations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// The representation of smaller rank; X where the ranks are equal.
    Narrower,
    /// X
    X,
    /// Y
    Y,
}

/// Options of [`pwcca`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The weighting side.
    pub weights: Weights,
    /// Whether to return 1 where a rank of n - 1 makes every correlation 1.
    pub allow_degenerate: bool,
}

/// sum alpha_i rho_i / sum alpha_i with alpha_i = sum_j |<h_i, x_j>| over the neurons of the weighting side.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `Undecidable`, and `Degenerate` where a rank is n - 1, or where a correlation repeats beside
/// different ones: its variates, hence the weights, are then any rotation of each other.
pub fn pwcca(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let spaces = Spaces::of(x, y, true)?;
    if !options.allow_degenerate {
        spaces.require_comparison()?;
    }
    let side = match options.weights {
        Weights::Narrower => narrower_side(&spaces),
        Weights::X => Side::X,
        Weights::Y => Side::Y,
    };
    let note = format!("weights from {side}, ranks {} and {}", spaces.rank_x(), spaces.rank_y());
    if let Some(value) = common_correlation(&spaces) {
        return Ok(value.with_note(note).with_note("all correlations are equal".to_string()));
    }
    let count = spaces.rank_x().min(spaces.rank_y());
    let ones = spaces.count_of_ones();
    if ones > 1 {
        return Err(spaces.degenerate(format!("{ones} of {count} canonical correlations are exactly 1, so their weights depend on the basis")));
    }
    let own_rank = if side == Side::X { spaces.rank_x() } else { spaces.rank_y() };
    let positive = spaces.cross.rank();
    if positive < count && own_rank - positive > 1 {
        let zeros = own_rank - positive;
        return Err(spaces.degenerate(format!("{zeros} directions of {side} have canonical correlation exactly 0, so their weights depend on the basis")));
    }
    let features = if side == Side::X { x.centered() } else { y.centered() };
    let pencil = CanonicalPencil::of(&spaces, side);
    let basis = if side == Side::X { &spaces.x } else { &spaces.y };
    let neurons = NeuronProducts::of(&features, &basis.columns);
    let value = refine(|precision| {
        let spectrum = pencil.spectrum(precision)?;
        let weights = neurons.weights(&spectrum, count, precision).map_err(|tie| {
            if precision < TIE_PRECISION {
                Attempt::Unresolved(format!("whether correlation {} is simple", tie + 1))
            } else {
                Attempt::Failed(spaces.degenerate(format!("canonical correlation {} of {count} repeats within 2^-{}", tie + 1, precision / 2)))
            }
        })?;
        let (mut weighted, mut total) = (Interval::zero(), Interval::zero());
        for (index, weight) in weights.iter().enumerate() {
            if index < positive {
                let rho = correlation(&spectrum, index, precision);
                weighted = weighted.add(&weight.multiply(&rho, precision), precision);
            }
            total = total.add(weight, precision);
        }
        if !total.is_positive() {
            return Err(Attempt::Unresolved("whether the weights vanish".to_string()));
        }
        Ok(weighted.divide(&total, precision))
    })?;
    Ok(Value::from_interval(&value).with_note(note))
}

/// The value where all min(r_X, r_Y) correlations are equal, decided exactly: m sum rho^4 = (sum rho^2)^2.
fn common_correlation(spaces: &Spaces) -> Option<Value> {
    let count = RBig::from(spaces.rank_x().min(spaces.rank_y()));
    let (in_y, determinant_y) = spaces.y.gram.solve_positive_definite(&spaces.cross.transpose());
    let (in_x, determinant_x) = spaces.x.gram.solve_positive_definite(&spaces.cross);
    let product = in_x.multiply(&in_y);
    let denominator = determinant_x * determinant_y;
    let trace = (0..product.rows).fold(IBig::ZERO, |sum, index| sum + product.entry(index, index));
    let fourth = product.trace_of_product(&product);
    if &count * RBig::from(fourth) != RBig::from(&trace * &trace) {
        return None;
    }
    Some(Value::root_of(&(ratio(trace, denominator) / count)))
}

/// Inner products of all neurons of the weighting side with its basis columns.
struct NeuronProducts {
    /// p x r
    products: IntervalMatrix,
    /// Integer squared norms of the neurons.
    squared_norms: Vec<IBig>,
}

impl NeuronProducts {
    fn of(features: &Features, basis: &IntegerMatrix) -> Self {
        let neurons = features.to_integer_matrix();
        let squared_norms = (0..neurons.columns)
            .map(|column| (0..neurons.rows).fold(IBig::ZERO, |sum, row| sum + neurons.entry(row, column) * neurons.entry(row, column)))
            .collect();
        NeuronProducts { products: IntervalMatrix::from_integers(&neurons.transpose_multiply(basis)), squared_norms }
    }

    /// alpha_i for i < count, or the index of a correlation that is not separated from its neighbours.
    ///
    /// Let N = B V be the approximate variates and W = V (I + E)^(-1/2), so that B W is orthonormal and W'BW = D + F' with
    /// ||F'|| <= phi'. The exact unit variate is h_i = B W g_i with g_i an eigenvector of D + F'. Its distance from the axis is
    /// sin angle <= phi' / gap_i, where gap_i is the distance from d_i to the other eigenvalues of D + F' (Davis and Kahan), so
    /// with the right sign ||g_i - e_i|| <= sqrt 2 phi' / gap_i; and ||N e_i - B W e_i|| <= ||(I + E)^(1/2) - I|| <= epsilon.
    /// By Cauchy and Schwarz alpha_i is off by no more than that times the sum of the neurons' norms.
    fn weights(&self, spectrum: &Spectrum, count: usize, precision: usize) -> Result<Vec<Interval>, usize> {
        let residual = spectrum.orthonormal_residual();
        let projections = self.products.multiply(&spectrum.vectors, precision);
        let norms = self.squared_norms.iter().fold(Interval::zero(), |sum, squared| {
            sum.add(&Interval::from_integer(squared.clone()).square_root(precision), precision)
        });
        (0..count)
            .map(|index| {
                let own = &spectrum.diagonal[index];
                let nearest = spectrum
                    .diagonal
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != index)
                    .map(|(_, value)| value.subtract(own).absolute())
                    .min();
                let tilt = match nearest {
                    None => Dyadic::zero(),
                    Some(distance) => {
                        let gap = distance.subtract(&residual);
                        if !gap.is_positive() {
                            return Err(index);
                        }
                        residual.scale(1).divide(&gap, precision, Direction::Up)
                    }
                };
                let radius = norms.multiply_point(&tilt.add(&spectrum.epsilon), precision);
                let sum = (0..projections.rows).fold(Interval::zero(), |sum, neuron| {
                    sum.add(&projections.entry(neuron, index).absolute(), precision)
                });
                let weight = sum.widen(radius.hi(), precision);
                Ok(Interval::new(weight.lo().clone().max(Dyadic::zero()), weight.hi().clone()))
            })
            .collect()
    }
}
