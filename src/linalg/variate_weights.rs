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

use crate::arrays::product::{product, squared_norm};
use crate::arrays::sums::sum;
use crate::error::Error;
use crate::linalg::features::Features;
use crate::linalg::frame::Frame;

/// The largest share of a gap that a correlation may move by where the first order describes it.
const SMALL: f64 = 0.125;

/// One side of a pair, and its canonical variates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'a> {
    features: &'a Features,
    frame: Frame<'a>,
    /// r x m, in the frame's basis.
    coordinates: MatRef<'a, f64>,
}

/// The same with F^+ of the variates: what a change of the features turns them by.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    side: Side<'a>,
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

impl<'a> Known<'a> {
    pub(crate) fn new(features: &'a Features, frame: Frame<'a>, coordinates: MatRef<'a, f64>) -> Self {
        let solved = frame.solved(coordinates);
        let lengths = (0..solved.ncols()).map(|i| squared_norm(solved.as_ref().subcols(i, 1)).sqrt()).collect();
        Self { side: Side { features, frame, coordinates }, solved, lengths }
    }

    /// |X|_F
    fn norm(&self) -> f64 {
        self.side.features.squared_norm().sqrt()
    }

    /// s_max |F^+ w|: how much a relative change of X turns a variate.
    pub(crate) fn sensitivity(&self, i: usize) -> f64 {
        self.side.frame.largest() * self.lengths[i]
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
        self.own.side.frame.rank() > self.values.len()
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

    /// The weights.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`] of neurons that are read from a file.
    pub(crate) fn weights(&self) -> Result<Weights, Error> {
        let Side { features, frame, coordinates } = self.own.side;
        let (m, turns) = (self.values.len(), self.turns());
        let lengths: Vec<f64> = (0..m).map(|i| squared_norm(turns.as_ref().subcols(i, 1)).sqrt()).collect();
        let unpaired = if self.has_unpaired() { self.own.norm() * frame.condition() } else { 0.0 };
        let own_rounding: Vec<f64> = (0..m).map(|i| self.own.norm() + unpaired * self.spread(i) / self.values[i].max(self.unit)).collect();
        let mut weights = Weights {
            alpha: vec![0.0; m],
            signed: Mat::zeros(m, m),
            along: self.has_unpaired().then(|| Mat::zeros(frame.rank(), m)),
            unsigned: vec![0.0; m],
        };
        let mut add = |projections: MatRef<'_, f64>, own: Option<Mat<f64>>| {
            let signs = Mat::from_fn(projections.nrows(), m, |k, i| sign(projections[(k, i)]));
            weights.signed += product(signs.transpose(), projections);
            if let (Some(along), Some(own)) = (&mut weights.along, own) {
                *along += product(own.as_ref(), signs.as_ref());
            }
            (0..m).for_each(|i| weights.alpha[i] += projections.col(i).norm_l1());
            for k in 0..projections.nrows() {
                let length = projections.row(k).norm_l2();
                if length == 0.0 {
                    continue; // A constant neuron has nothing of any variate, exactly.
                }
                for i in 0..m {
                    let at_most = |turned: f64| self.unit * (own_rounding[i] + turned);
                    let entry = projections[(k, i)].abs();
                    if entry <= at_most(lengths[i] * length) {
                        let turned: f64 = (0..m).map(|j| turns[(j, i)] * projections[(k, j)].abs()).sum();
                        if entry <= at_most(turned) {
                            weights.unsigned[i] += 2.0 * (own_rounding[i] + turned);
                        }
                    }
                }
            }
        };
        if features.is_wide() {
            let vectors = features.left_singular_vectors()?;
            let variates = product(vectors.as_ref(), coordinates);
            features.each_block(&mut |block| {
                let own = self.has_unpaired().then(|| product(vectors.transpose(), block));
                add(product(block.transpose(), variates.as_ref()).as_ref(), own);
                Ok(())
            })?;
        } else {
            add(frame.projections(coordinates).as_ref(), self.has_unpaired().then(|| frame.factor()));
        }
        Ok(weights)
    }

    /// How far the mean v with these weights moves for a relative change of both sides, what is
    /// computed on the way included; none where variates turn by more than the first order says.
    ///
    /// Rounding moves Q by sqrt(r) c eps each, C by its product and its own decomposition, and P by
    /// as much as dF does. A gap is known to a quarter, and turns are small: what follows from them
    /// is at most 1 / (1 - 6 t) times the first order, t the largest share of a gap.
    pub(crate) fn condition(&self, weights: &Weights) -> Option<f64> {
        let turned = self.turned();
        if turned > SMALL {
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
                let paired = product(own.side.coordinates, paired.as_ref());
                let normal = Mat::from_fn(along.nrows(), m, |row, i| paired[(row, i)] + along[(row, i)] * over[i]);
                let of_other = product(normal.as_ref(), other.solved.transpose());
                [length(&own.side.frame.solved(normal.as_ref())), length(&of_other), length(&normal)]
            }
        };
        let moved = of_own * own.norm() + of_other * other.norm();
        let roots = [own.side.frame.rank(), other.side.frame.rank(), m, 1].map(|count| (count as f64).sqrt());
        let of_first_order = (moved + of_normal * roots.iter().sum::<f64>()) / (1.0 - 6.0 * turned);
        let spread = sum(&from_mean.iter().map(|part| part * part).collect::<Vec<_>>());
        let of_factor = 2.0 * own.norm() * (own.side.features.p() as f64 * spread).sqrt();
        let of_unsigned = sum(&from_mean.iter().zip(&weights.unsigned).map(|(part, moved)| part.abs() * moved).collect::<Vec<_>>());
        Some(of_first_order + of_factor + of_unsigned + 2.0)
    }
}

fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}
