//! How strongly a representation's neurons project onto its canonical variates, certified.

use crate::algebra::integer_matrix::IntegerMatrix;
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::spectrum::Spectrum;
use crate::error::OracleError;
use crate::matrix::Features;
use crate::number::dyadic::{Direction, Dyadic};
use crate::number::interval::Interval;
use crate::number::refine::Attempt;
use crate::rank::exceeds;
use dashu_int::IBig;
use std::ops::Range;

/// Inner products of all neurons of the weighting side with its basis columns B.
pub(crate) struct NeuronProducts {
    /// p x r
    products: IntervalMatrix,
    /// Integer squared norms of the neurons.
    squared_norms: Vec<IBig>,
}

/// How far a spectrum is from that of the exact problem, beyond its own certificate.
pub(crate) struct Slack {
    /// Bound of the distance between the matrix that was diagonalised and the exact one.
    pub(crate) residual: Dyadic,
    /// Bound of ||B - U|| for the basis B of the products and an exactly orthonormal U.
    pub(crate) direction: Dyadic,
    /// Singular values of a block closer than this are equal; None where none are unless exactly
    /// so.
    pub(crate) directions: Option<Interval>,
}

impl Slack {
    pub(crate) fn none() -> Self {
        Slack { residual: Dyadic::zero(), direction: Dyadic::zero(), directions: None }
    }
}

/// Why there are no weights at this precision.
pub(crate) enum Tie {
    /// Two eigenvalues are not separated.
    Unseparated,
    /// A block's principal directions are equal by the rule of [`Slack::directions`].
    Repeated,
    /// Something else.
    Other(Attempt),
}

impl Tie {
    /// What it means where correlations are told apart by a rule, so that more bits separate them.
    pub(crate) fn attempt(self, degenerate: impl Fn(String) -> OracleError) -> Attempt {
        match self {
            Tie::Unseparated => Attempt::Unresolved("the directions of the canonical variates".to_string()),
            Tie::Repeated => Attempt::Failed(degenerate("the principal directions of equal canonical correlations repeat too".to_string())),
            Tie::Other(attempt) => attempt,
        }
    }
}

impl Spectrum {
    /// Ranges of indices whose eigenvalues this precision does not separate.
    pub(crate) fn separated_blocks(&self) -> Vec<Range<usize>> {
        let twice = self.orthonormal_residual().scale(1);
        let mut blocks: Vec<Range<usize>> = Vec::new();
        for index in 0..self.diagonal.len() {
            match blocks.last_mut() {
                Some(block) if self.diagonal[index - 1].subtract(&self.diagonal[index]) <= twice => block.end = index + 1,
                _ => blocks.push(index..index + 1),
            }
        }
        blocks
    }
}

impl NeuronProducts {
    pub(crate) fn of(features: &Features, basis: &IntegerMatrix) -> Self {
        let products = features.to_integer_matrix().transpose_multiply(basis);
        NeuronProducts::new(features, IntervalMatrix::from_integers(&products))
    }

    /// From the products X'B themselves.
    pub(crate) fn new(features: &Features, products: IntervalMatrix) -> Self {
        let squared_norms = (0..features.columns)
            .map(|column| (0..features.rows).fold(IBig::ZERO, |sum, row| sum + &features.row(row)[column] * &features.row(row)[column]))
            .collect();
        NeuronProducts { products, squared_norms }
    }

    /// alpha_i = sum_j |<h_i, x_j>| for i < count; h_i is the variate, or one of a block's
    /// principal directions.
    ///
    /// Let N = B V be the approximate variates and W = V (I + E)^(-1/2), so that B W is orthonormal
    /// and W'BW = D + F' with ||F'|| <= phi'. The exact variates of a block are H = B W G with G
    /// spanning an invariant subspace of D + F'. The subspace of the block's axes is off by sin
    /// angle <= phi' / gap, where gap is the distance from the block's d_i to the other eigenvalues
    /// of D + F' (Davis and Kahan), so some orthonormal basis of the exact one is within sqrt 2
    /// phi' / gap of the axes; and ||N - B W|| <= ||(I + E)^(1/2) - I|| <= epsilon. By Cauchy and
    /// Schwarz alpha_i is off by no more than the sum of both times the sum of the neurons' norms.
    pub(crate) fn weights(
        &self,
        spectrum: &Spectrum,
        blocks: &[Range<usize>],
        count: usize,
        slack: &Slack,
        precision: usize,
    ) -> Result<Vec<Interval>, Tie> {
        let residual = spectrum.orthonormal_residual().add(&slack.residual);
        let projections = self.products.multiply(&spectrum.vectors, precision);
        let mut weights = Vec::with_capacity(count);
        for block in blocks.iter().filter(|block| block.start < count) {
            let tilt = tilt(&spectrum.diagonal, block, &residual, precision).ok_or(Tie::Unseparated)?;
            // ||U g - B v|| <= ||U - B|| + ||B|| ||g - v||
            let within = tilt.add(&spectrum.epsilon).multiply(&Dyadic::one().add(&slack.direction));
            let off = slack.direction.add(&within);
            let own = columns(&projections, block);
            if block.len() == 1 {
                weights.push(self.weight(&own, 0, &off, precision));
            } else {
                let counted = block.end.min(count) - block.start;
                weights.extend(self.principal_weights(&own, counted, &off, slack.directions.as_ref(), precision)?);
            }
        }
        Ok(weights)
    }

    /// The weights of a block's first `counted` principal directions, for the products C = X'H (p x
    /// b) with H off by at most `off`.
    ///
    /// The directions are the eigenvectors of H'X X'H, which C'C misses by at most ||X||^2 (2 off +
    /// off^2).
    fn principal_weights(
        &self,
        products: &IntervalMatrix,
        counted: usize,
        off: &Dyadic,
        equal: Option<&Interval>,
        precision: usize,
    ) -> Result<Vec<Interval>, Tie> {
        let square = IntervalMatrix::congruence(None, products, precision);
        let spectrum = Spectrum::of_pencil(&square, None, precision).map_err(Tie::Other)?;
        let total = self.squared_norms.iter().fold(IBig::ZERO, |sum, squared| sum + squared);
        let missed = off.scale(1).add(&off.multiply(off)).multiply(&Dyadic::new(total, 0));
        let residual = spectrum.orthonormal_residual().add(&missed);
        let size = |index: usize| spectrum.eigenvalue(index).widen(&missed, precision).square_root(precision);
        for index in 0..counted.min(products.columns - 1) {
            let Some(equal) = equal else { continue };
            let gap = size(index).subtract(&size(index + 1), precision);
            let what = || format!("whether principal directions {} and {} of equal correlations are equal", index + 1, index + 2);
            if !exceeds(&gap, equal, precision, what).map_err(Tie::Other)? {
                return Err(Tie::Repeated);
            }
        }
        let turned = products.multiply(&spectrum.vectors, precision);
        (0..counted)
            .map(|index| {
                let tilt = tilt(&spectrum.diagonal, &(index..index + 1), &residual, precision).ok_or(Tie::Unseparated)?;
                // ||H g - H^ v|| <= ||H - H^|| + ||H^|| ||g - v||
                let within = tilt.add(&spectrum.epsilon).multiply(&Dyadic::one().add(off));
                Ok(self.weight(&turned, index, &off.add(&within), precision))
            })
            .collect()
    }

    /// Sum of the magnitudes of one column, for a direction that is off by at most `off`.
    fn weight(&self, projections: &IntervalMatrix, column: usize, off: &Dyadic, precision: usize) -> Interval {
        let norms = self
            .squared_norms
            .iter()
            .fold(Interval::zero(), |sum, squared| sum.add(&Interval::from_integer(squared.clone()).square_root(precision), precision));
        let radius = norms.multiply_point(off, precision);
        let sum =
            (0..projections.rows).fold(Interval::zero(), |sum, neuron| sum.add(&projections.entry(neuron, column).absolute(), precision));
        let weight = sum.widen(radius.hi(), precision);
        Interval::new(weight.lo().clone().max(Dyadic::zero()), weight.hi().clone())
    }
}

/// 2 residual / gap, which bounds how far the block's axes are from an exact invariant basis; None
/// where the gap is not positive.
fn tilt(diagonal: &[Dyadic], block: &Range<usize>, residual: &Dyadic, precision: usize) -> Option<Dyadic> {
    let outside = diagonal.iter().enumerate().filter(|(index, _)| !block.contains(index));
    let nearest = outside.flat_map(|(_, value)| block.clone().map(move |own| value.subtract(&diagonal[own]).absolute())).min();
    let Some(distance) = nearest else {
        return Some(Dyadic::zero());
    };
    let gap = distance.subtract(residual);
    gap.is_positive().then(|| residual.scale(1).divide(&gap, precision, Direction::Up))
}

fn columns(matrix: &IntervalMatrix, range: &Range<usize>) -> IntervalMatrix {
    let entries = (0..matrix.rows).flat_map(|row| range.clone().map(move |column| matrix.entry(row, column).clone())).collect();
    IntervalMatrix { rows: matrix.rows, columns: range.len(), entries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::basis::Spaces;
    use crate::algebra::spectrum::tests::{Damage, damaged_certificate, meet};
    use crate::error::Side;
    use crate::matrix::Matrix;
    use crate::measures::cca::CanonicalPencil;

    #[test]
    fn crude_variates_earn_wide_weights_that_still_hold_the_truth() {
        let entries =
            |seed: i32, count: i32| -> Vec<f64> { (0..count).map(|index| f64::from((index * index * seed + 7 * index) % 31)).collect() };
        let x = Matrix::from_row_major(12, 3, &entries(13, 36)).unwrap();
        let y = Matrix::from_row_major(12, 4, &entries(11, 48)).unwrap();
        let spaces = Spaces::of(&x, &y, true).unwrap();
        let pencil = CanonicalPencil::of(&spaces, Side::X);
        let neurons = NeuronProducts::of(&x.centered(), &spaces.x.columns);
        let simple: Vec<Range<usize>> = (0..3).map(|index| index..index + 1).collect();
        let weigh = |spectrum: &Spectrum, blocks: &[Range<usize>]| neurons.weights(spectrum, blocks, 3, &Slack::none(), 512).ok();
        let exact = weigh(&pencil.spectrum(512).ok().unwrap(), &simple).unwrap();
        let (explained, gram) = pencil.matrices(512);
        let damages = [
            Damage::Rounded(16),
            Damage::Rounded(40),
            Damage::Longer(20),
            Damage::Shorter(20),
            Damage::Turned(0, 1, 16),
            Damage::Turned(0, 2, 16),
            Damage::Turned(1, 2, 16),
        ];
        for damage in damages {
            let wide = weigh(&damaged_certificate(&explained, Some(&gram), damage), &simple).unwrap();
            for (exact, wide) in exact.iter().zip(&wide) {
                assert!(meet(exact, wide), "{damage:?}");
                let width = wide.hi().subtract(wide.lo()).magnitude();
                assert!(width < exact.hi().magnitude(), "{damage:?} is uselessly wide");
            }
        }
        // As one block the variates are replaced by X's own principal directions, whose weights are
        // ||X v|| times L1 norms.
        let whole = std::slice::from_ref(&(0..3));
        let block = weigh(&pencil.spectrum(512).ok().unwrap(), whole).unwrap();
        let crude = weigh(&damaged_certificate(&explained, Some(&gram), Damage::Rounded(40)), whole).unwrap();
        for (exact, wide) in block.iter().zip(&crude) {
            assert!(meet(exact, wide));
        }
        assert!(block[0].lo() > exact[0].hi());
    }

    #[test]
    fn nearly_equal_principal_directions_feel_a_tilted_block() {
        // In Hadamard columns h: rho = 4/5, 3/5, 5/13 on h1, h2, h3. X X' has 2 and 1.421875^2 =
        // 2.02 on h1 and h2 and couples h1 with h3, so a small tilt of h2 toward h3 turns the
        // principal directions of the block (h1, h2) by fifty times as much.
        let hadamard = |row: usize, column: usize| if (row & column).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        let mixed = |weights: &[[f64; 6]]| {
            let entry = |row: usize, neuron: &[f64; 6]| (0..6).map(|column| neuron[column] * hadamard(row, column + 1)).sum::<f64>();
            let entries: Vec<f64> = (0..8).flat_map(|row| weights.iter().map(move |neuron| entry(row, neuron))).collect();
            Matrix::from_row_major(8, weights.len(), &entries).unwrap()
        };
        let x = mixed(&[
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 1.421875, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
            [1.0, 0.0, 1.0, 0.0, 0.0, 0.0],
        ]);
        let y = mixed(&[[4.0, 0.0, 0.0, 3.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0, 4.0, 0.0], [0.0, 0.0, 5.0, 0.0, 0.0, 12.0]]);
        let spaces = Spaces::of(&x, &y, true).unwrap();
        let pencil = CanonicalPencil::of(&spaces, Side::X);
        let neurons = NeuronProducts::of(&x.centered(), &spaces.x.columns);
        let blocks = [0..2, 2..3];
        let weigh = |spectrum: &Spectrum| neurons.weights(spectrum, &blocks, 3, &Slack::none(), 512).ok().unwrap();
        let exact = weigh(&pencil.spectrum(512).ok().unwrap());
        let (explained, gram) = pencil.matrices(512);
        let wide = weigh(&damaged_certificate(&explained, Some(&gram), Damage::Turned(1, 2, 22)));
        for (exact, wide) in exact.iter().zip(&wide) {
            assert!(exact.is_narrow(300) && meet(exact, wide) && wide.is_narrow(6));
        }
    }
}
