//! The weights of canonical variates by what they have of single neurons, and how far a mean of the
//! correlations with these weights moves.
//!
//! With C = Q_X'Q_Y = W diag(rho) Z', X = Q_X F the weighting side, P = F'W, alpha_i = |P_i|_1, S
//! the sum of these and v = sum_i alpha_i rho_i / S, to first order
//!
//!   dv = (sum_i alpha_i drho_i + sum_i (rho_i - v) s_i'(dF'w_i + F'dw_i)) / S,
//!
//! s_i the signs of P_i. With E = W'dC Z, drho_i is E_ii, and w_i turns towards w_j by
//! (rho_i E_ji + rho_j E_ij) / (rho_i^2 - rho_j^2), and towards what is paired with nothing by its
//! part of dC z_i over rho_i (the eigenvectors of CC'). Turns of two variates into each other are
//! opposite, so that with G_ij = s_i'P_j each pair enters by T_ij = (rho_i - v) G_ij - (rho_j - v)
//! G_ji alone, and
//!
//!   dv = <N, dC Z> + sum_i (rho_i - v) s_i'dF'w_i / S,  N = W (M - G'D) + F s D,
//!   M_ii = alpha_i / S,  M_ji = T_ij rho_i / (S (rho_i^2 - rho_j^2)) and M_ij with rho_j, i < j,
//!
//! D = diag((rho_i - v) / (S rho_i)) where something is paired with nothing, and 0 otherwise. As dC
//! = dQ_X'Q_Y + Q_X'dQ_Y and dQ = dX F^+, the first is at most |F_X^+ N|_F |dX|_F + |N (F_Y^+
//! Z)'|_F |dY|_F.

use faer::{Mat, MatRef};

use crate::arrays::product::{product, row_squared_norms, slice, squared_norm};
use crate::arrays::sums::{sum, sum_of_squares};
use crate::error::Error;
use crate::linalg::features::Features;
use crate::linalg::frame::Frame;
use crate::tolerance::LARGEST_TURN;

/// One side of a pair with its canonical variates, and F^+ of these: what a change of the features
/// turns them by.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    features: &'a Features,
    frame: Frame<'a>,
    /// r x m, in the frame's basis.
    coordinates: MatRef<'a, f64>,
    solved: Mat<f64>,
    lengths: Vec<f64>,
}

/// Correlations with the variates of both sides, those of the weighting side first.
#[derive(Debug)]
pub(crate) struct Weighting<'a> {
    values: &'a [f64],
    own: Known<'a>,
    other: Known<'a>,
    /// c(n, p) eps.
    unit: f64,
}

/// Weights, and what their mean moves by.
#[derive(Debug)]
pub(crate) struct Weights {
    /// alpha_i
    pub(crate) alpha: Vec<f64>,
    /// G
    signed: Mat<f64>,
    /// F s, where something is paired with nothing.
    along: Option<Mat<f64>>,
    /// What entries whose sign is not known add to each alpha's movement, over c(n, p) eps.
    unsigned: Vec<f64>,
}

/// alpha_i of variates with these coordinates in the frame's basis.
///
/// # Errors
/// As [`Weighting::weights`].
pub(crate) fn weights(features: &Features, frame: Frame<'_>, coordinates: MatRef<'_, f64>) -> Result<Vec<f64>, Error> {
    let mut parts = vec![Vec::new(); coordinates.ncols()];
    each_projection(features, frame, coordinates, |projections, _| add_lengths(&mut parts, projections))?;
    Ok(parts.iter().map(|parts| sum(parts)).collect())
}

/// What some neurons add to each alpha.
fn add_lengths(parts: &mut [Vec<f64>], projections: MatRef<'_, f64>) {
    parts.iter_mut().zip(projections.col_iter()).for_each(|(parts, column)| parts.push(column.norm_l1()));
}

/// Visits P = F'W, and what gives F of the same neurons: all at once, or of a wide representation,
/// of which F is known in coordinates of its examples only, a block of neurons at a time.
fn each_projection(
    features: &Features,
    frame: Frame<'_>,
    coordinates: MatRef<'_, f64>,
    mut visit: impl FnMut(MatRef<'_, f64>, &dyn Fn() -> Mat<f64>),
) -> Result<(), Error> {
    if !features.is_wide() {
        visit(frame.projections(coordinates).as_ref(), &|| frame.factor());
        return Ok(());
    }
    let vectors = features.left_singular_vectors()?;
    let variates = product(vectors.as_ref(), coordinates);
    features.each_block(&mut |block| {
        visit(product(block.transpose(), variates.as_ref()).as_ref(), &|| product(vectors.transpose(), block));
        Ok(())
    })
}

impl<'a> Known<'a> {
    pub(crate) fn new(features: &'a Features, frame: Frame<'a>, coordinates: MatRef<'a, f64>) -> Self {
        let solved = frame.solved(coordinates);
        let lengths = (0..solved.ncols()).map(|i| sum_of_squares(slice(solved.as_ref(), i)).sqrt()).collect();
        Self { features, frame, coordinates, solved, lengths }
    }

    /// |X|_F
    fn norm(&self) -> f64 {
        self.features.squared_norm().sqrt()
    }

    /// s_max |F^+ w|: how much a relative change of X turns a variate.
    fn sensitivity(&self, i: usize) -> f64 {
        self.frame.largest() * self.lengths[i]
    }
}

impl<'a> Weighting<'a> {
    pub(crate) fn new(values: &'a [f64], own: Known<'a>, other: Known<'a>, unit: f64) -> Self {
        Self { values, own, other, unit }
    }

    /// What a correlation moves by for a relative change of both sides.
    pub(crate) fn spread(&self, i: usize) -> f64 {
        self.own.sensitivity(i) + self.other.sensitivity(i)
    }

    /// Whether the weighting side has dimensions that are paired with nothing.
    fn has_unpaired(&self) -> bool {
        self.own.frame.rank() > self.values.len()
    }

    /// The distance to the nearest other correlation.
    fn gap(&self, i: usize) -> f64 {
        let values = self.values;
        let before = if i > 0 { values[i - 1] - values[i] } else { f64::INFINITY };
        let after = match values.get(i + 1) {
            Some(next) => values[i] - next,
            None if self.has_unpaired() => values[i],
            None => f64::INFINITY,
        };
        before.min(after)
    }

    /// The largest share of a gap that a correlation moves by.
    fn turned(&self) -> f64 {
        (0..self.values.len()).map(|i| self.unit * self.spread(i) / self.gap(i)).fold(0.0, f64::max)
    }

    /// How far w_i and w_j turn into each other, over c(n, p) eps.
    fn turns(&self) -> Mat<f64> {
        let (own, other) = (self.own.norm(), self.other.norm());
        let moved: Vec<f64> = self.own.lengths.iter().zip(&self.other.lengths).map(|(a, b)| own * a + other * b).collect();
        let m = self.values.len();
        Mat::from_fn(m, m, |j, i| if i == j { 0.0 } else { (moved[i] + moved[j]) / (self.values[i] - self.values[j]).abs() })
    }

    /// The weights of variates whose correlations are apart, and not 0 beside what is paired with
    /// nothing, and what [`Weighting::condition`] follows from.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`] of neurons that are read from a file.
    pub(crate) fn weights(&self) -> Result<Weights, Error> {
        let Known { features, frame, coordinates, .. } = self.own;
        let (m, has_unpaired) = (self.values.len(), self.has_unpaired());
        let mut parts = vec![Vec::new(); m];
        let mut signed = Mat::zeros(m, m);
        let mut along = has_unpaired.then(|| Mat::zeros(frame.rank(), m));
        let mut unsigned = vec![0.0; m];
        let turns = self.turns();
        each_projection(features, frame, coordinates, |projections, factor| {
            add_lengths(&mut parts, projections);
            let signs = Mat::from_fn(projections.nrows(), m, |k, i| sign(projections[(k, i)]));
            signed += product(signs.transpose(), projections);
            if let Some(along) = &mut along {
                *along += product(factor().as_ref(), signs.as_ref());
            }
            self.add_unsigned(projections, turns.as_ref(), &mut unsigned);
        })?;
        Ok(Weights { alpha: parts.iter().map(|parts| sum(parts)).collect(), signed, along, unsigned })
    }

    /// Adds what entries that may have either sign add to the movement of each alpha: twice their
    /// own.
    ///
    /// An entry moves by |X|_F with dF; by |P_kj| times the turn of w_i towards w_j for each j,
    /// `turns`; and by |X|_F times the turn towards what is paired with nothing, (|X|_F / s_min +
    /// |Y|_F |b_i|) / rho_i.
    fn add_unsigned(&self, projections: MatRef<'_, f64>, turns: MatRef<'_, f64>, unsigned: &mut [f64]) {
        let rows: Vec<f64> = row_squared_norms(projections).into_iter().map(f64::sqrt).collect();
        for (i, unsigned) in unsigned.iter_mut().enumerate() {
            let moved = self.own.frame.condition() + self.other.norm() * self.other.lengths[i];
            let unpaired = if self.has_unpaired() { moved / self.values[i] } else { 0.0 };
            let at_least = self.own.norm() * (1.0 + unpaired);
            let turns = slice(turns, i);
            let most = sum_of_squares(turns).sqrt();
            for (k, entry) in slice(projections, i).iter().enumerate() {
                // A constant neuron has nothing of any variate, exactly.
                if rows[k] == 0.0 || entry.abs() > self.unit * (at_least + most * rows[k]) {
                    continue;
                }
                let moved = at_least + turns.iter().enumerate().map(|(j, turn)| turn * projections[(k, j)].abs()).sum::<f64>();
                if entry.abs() <= self.unit * moved {
                    *unsigned += 2.0 * moved;
                }
            }
        }
    }

    /// How far the mean v with these weights moves for a relative change of both sides, what is
    /// computed on the way included; none where variates turn by more than the first order says.
    ///
    /// Rounding moves Q by sqrt(r) c eps each, C by its product and its own decomposition, and P by
    /// as much as dF does. A gap is known to a quarter, and turns are small: what follows from them
    /// is at most 1 / (1 - 6 t) times the first order, t the largest share of a gap.
    pub(crate) fn condition(&self, weights: &Weights) -> Option<f64> {
        let turned = self.turned();
        if turned > LARGEST_TURN {
            return None;
        }
        let (values, m) = (self.values, self.values.len());
        let total = sum(&weights.alpha);
        let mean = sum(&weights.alpha.iter().zip(values).map(|(alpha, rho)| alpha * rho).collect::<Vec<_>>()) / total;
        let from_mean: Vec<f64> = values.iter().map(|rho| (rho - mean) / total).collect();
        let mut entries = Mat::zeros(m, m);
        for i in 0..m {
            entries[(i, i)] = weights.alpha[i] / total;
            for j in i + 1..m {
                let both = from_mean[i] * weights.signed[(i, j)] - from_mean[j] * weights.signed[(j, i)];
                let over = both / ((values[i] - values[j]) * (values[i] + values[j]));
                entries[(j, i)] = over * values[i];
                entries[(i, j)] = over * values[j];
            }
        }
        let (own, other) = (&self.own, &self.other);
        let length = |matrix: &Mat<f64>| squared_norm(matrix.as_ref()).sqrt();
        let [of_own, of_other, of_normal] = match &weights.along {
            // N = W M, and W is orthogonal.
            None => {
                let (of_own, of_other) =
                    (product(own.solved.as_ref(), entries.as_ref()), product(entries.as_ref(), other.solved.transpose()));
                [length(&of_own), length(&of_other), length(&entries)]
            }
            Some(along) => {
                let over: Vec<f64> = from_mean.iter().zip(values).map(|(part, rho)| part / rho).collect();
                let paired = Mat::from_fn(m, m, |j, i| entries[(j, i)] - weights.signed[(i, j)] * over[i]);
                let paired = product(own.coordinates, paired.as_ref());
                let normal = Mat::from_fn(along.nrows(), m, |row, i| paired[(row, i)] + along[(row, i)] * over[i]);
                let of_other = product(normal.as_ref(), other.solved.transpose());
                [length(&own.frame.solved(normal.as_ref())), length(&of_other), length(&normal)]
            }
        };
        let moved = of_own * own.norm() + of_other * other.norm();
        let roots = [own.frame.rank(), other.frame.rank(), m, 1].map(|count| (count as f64).sqrt());
        let of_first_order = (moved + of_normal * roots.iter().sum::<f64>()) / (1.0 - 6.0 * turned);
        let spread = sum(&from_mean.iter().map(|part| part * part).collect::<Vec<_>>());
        let of_factor = 2.0 * own.norm() * (own.features.p() as f64 * spread).sqrt();
        let of_unsigned = sum(&from_mean.iter().zip(&weights.unsigned).map(|(part, moved)| part.abs() * moved).collect::<Vec<_>>());
        Some(of_first_order + of_factor + of_unsigned + 2.0)
    }
}

fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}
