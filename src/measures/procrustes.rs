//! Orthogonal Procrustes: how far apart two representations stay under the best rotation.
//!
//! # Definition
//! With A = Xc / |Xc|_F and B = Yc / |Yc|_F, s = |A' B|_* (nuclear norm) = max over orthogonal R of
//! <A R, B>. `distance` sqrt(2 - 2 s) = min_R |A R - B|_F; `squared` 2 - 2 s; `angle` arccos s;
//! `similarity` s; `disparity` 1 - s^2. The narrower side is padded with zero neurons, which
//! changes nothing.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths. Distance in \[0, sqrt 2\], squared in \[0, 2\], angle in
//! \[0, pi/2\], similarity and disparity in \[0, 1\].
//!
//! # Invariances
//! Orthogonal maps (reflections included), isotropic scaling, translation, appended zero neurons;
//! not invertible linear maps. `distance` and `angle` are metrics.
//!
//! # Numerics
//! One product of p x q (of layers wider than their examples, n x n: in coordinates of the examples
//! that follow from their Gram matrix where its condition is below 1024, and from another pass over
//! the neurons elsewhere), and the sum of its singular values: two diagonals by reflections, and an
//! integral over these that the trapezoidal rule computes to the last digit. In single precision
//! the product is in f32. Above a similarity of 0.99 the distance is the length of the rotated
//! difference itself, computed in the bases of the singular vectors: X and its rotation come out
//! about eps apart, where 2 - 2 s would give sqrt(eps).
//!
//! # Conventions that differ elsewhere
//! SciPy's `procrustes` returns the disparity; others the squared distance, or neither centered nor
//! scaled.
//!
//! # Errors
//! A constant representation.
//!
//! # References
//! Schonemann 1966; Kornblith et al. 2019, appendix D.2; Ding et al. 2021, section 2.3; Williams et
//! al. 2021, equation 5.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 4, 2, vec![1., 0., 0., 1., -1., 0., 0., -1.])?;
//! let turned = Representation::from_row_major("y", 4, 2, vec![0., 3., -3., 0., 0., -3., 3., 0.])?;
//! assert!(Measure::parse("procrustes")?.compare(&x, &turned)?.value < 1e-15);
//! # Ok::<(), similitude::Error>(())
//! ```

use faer::{Mat, MatRef};

use crate::arrays::product::product;
use crate::arrays::product::slice;
use crate::arrays::sums::{squared_difference, sum, sum_of_squares};
use crate::claims::Direction;
use crate::claims::{Claim, Claims, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::key::choice;
use crate::linalg::decomposition::thin_svd;
use crate::linalg::features::Features;
use crate::linalg::singular::nuclear_norm;
use crate::linalg::wide::is_wide;
use crate::measure::{Definition, Outcome};
use crate::needs::{Moments, Needs, Product, SinglePrecision, Terms};
use crate::precision::Precision;
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};

choice! {
    /// How the nuclear norm s = |A' B|_* of the centered representations A and B, each scaled to
    /// unit Frobenius norm, is reported.
    pub enum Form("form", "what is reported of the nuclear norm") {
        /// d = sqrt(2 - 2 s) = min_R |A R - B|_F, R orthogonal
        #[default]
        Distance = "distance" => "reported as the distance",
        /// d^2
        Squared = "squared" => "reported as the squared distance",
        /// arccos s
        Angle = "angle" => "reported as the angle",
        /// s
        Similarity = "similarity" => "reported as the similarity (the nuclear norm itself)",
        /// 1 - s^2
        Disparity = "disparity" => "reported as the disparity",
    }
}

/// Options of `procrustes`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// What is reported.
    pub form: Form,
}

/// What is fixed about `procrustes`.
pub static SPEC: Spec = Spec {
    id: "procrustes",
    also: &[("orthogonal-procrustes", ""), ("shape-distance", "form=angle")],
    short: "Procrustes",
    name: "orthogonal Procrustes",
    formula: "s = |Xc' Yc|_* / (|Xc|_F |Yc|_F); distance sqrt(2 - 2s), squared 2 - 2s, angle arccos s, similarity s, disparity 1 - s^2",
    citations: &[
        Citation { key: "schonemann1966generalized", place: "the rotation" },
        Citation { key: "kornblith2019similarity", place: "appendix D.2" },
        Citation { key: "ding2021grounding", place: "section 2.3" },
        Citation { key: "williams2021generalized", place: "eq. 5" },
    ],
    keys: &[Form::KEY],
    prepare_cost: "n p; p >= n: n^2 p",
    compare_cost: "n p q + p q min(p, q); p, q >= n: n^3",
    conventions: &[
        "procrustes:form=distance",
        "procrustes:form=squared",
        "procrustes:form=angle",
        "procrustes:form=similarity",
        "procrustes:form=disparity",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self { form: Form::read(keys)? })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![self.form.entry()]
    }

    fn properties(&self) -> Properties {
        let (direction, upper, self_value) = match self.form {
            Form::Distance => (Direction::Distance, std::f64::consts::SQRT_2, 0.0),
            Form::Squared => (Direction::Distance, 2.0, 0.0),
            Form::Angle => (Direction::Distance, std::f64::consts::FRAC_PI_2, 0.0),
            Form::Similarity => (Direction::Similarity, 1.0, 1.0),
            Form::Disparity => (Direction::Distance, 1.0, 0.0),
        };
        Properties {
            direction,
            range: Range::new(0.0, upper),
            self_value: Some(self_value),
            symmetry: Claim::Holds,
            metric: matches!(self.form, Form::Distance | Form::Angle),
            minimum_examples: 2,
            minimum_neurons: 1,
            claims: Claims::SIMILITUDE,
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        let moments =
            Moments::Factor("a small distance has to be computed from the features: from moments its error is eps |X| |Y| / distance");
        Needs {
            features: true,
            coordinates: true,
            product: Product::SingularValues,
            single: SinglePrecision::Features,
            ..Needs::new(moments, Terms::Value)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        let features = x.nonconstant()?;
        let among_wide = x.partners().is_none_or(|partners| is_wide((x.n(), partners.widest)));
        if features.is_wide() && among_wide && features.root_examples().is_none() {
            features.reduced()?;
        }
        if features.precision() == Precision::Single && !features.is_wide() {
            features.single();
        }
        Ok(())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        pair.x().nonconstant()?;
        pair.y().nonconstant()?;
        let (first, second) = (pair.first().centered(), pair.second().centered());
        let norms = first.squared_norm().sqrt() * second.squared_norm().sqrt();
        let single = pair.precision() == Precision::Single;
        // From the Gram matrices alone where that is exact enough: other coordinates take another
        // pass over all neurons.
        let from_roots = pair.root_product().map(|(product, condition)| (nuclear_norm(product) / norms, condition));
        let unit = pair.unit();
        let enough =
            |(similarity, condition): &(f64, f64)| *similarity <= NEAR || (4.0 + condition) * unit <= ENOUGH * (2.0 - 2.0 * similarity);
        let (similarity, rough, rotate) = match from_roots.filter(enough) {
            Some((similarity, condition)) => (similarity, condition, false),
            None => {
                let similarity = nuclear_norm(if single { pair.single_cross_product() } else { pair.cross_product()? }) / norms;
                (similarity, 0.0, similarity > NEAR)
            }
        };
        // 2 - 2s loses its digits as s comes near 1: there the distance is the length of what the
        // best rotation leaves.
        let near = if rotate { Some(rotated_distance(pair)?) } else { None };
        let left_to_gain = near.map_or(0.0, |(_, gain)| gain);
        let near = near.map(|(distance, _)| distance);
        let distance = near.unwrap_or_else(|| (2.0 - 2.0 * similarity).max(0.0).sqrt());
        // s and d are 1-Lipschitz in the normalised representations, each of which moves by at most
        // twice the relative change; and by twice half a condition where it comes from a Gram
        // matrix.
        let moved = 4.0 + rough;
        let lipschitz = if near.is_some() { 4.0 + left_to_gain / unit } else { moved / distance };
        let of_square = if near.is_some() { (2.0 * distance + lipschitz * unit) * lipschitz } else { 2.0 * moved };
        // A product that is off by e |X|_F |Y|_F has a nuclear norm that is off by sqrt(min(p, q))
        // times that. d^2 = 2 - 2s, and d moves by no more than twice the first order as long as
        // that is below d^2 / 2. The rotated difference is all in f64.
        let of_similarity = (pair.x().p().min(pair.y().p()) as f64).sqrt();
        let single_condition = (single && near.is_none()).then(|| match self.form {
            Form::Similarity => of_similarity,
            Form::Squared | Form::Disparity => 2.0 * of_similarity,
            Form::Distance => 2.0 * of_similarity / distance,
            Form::Angle => 2.0 * std::f64::consts::SQRT_2 * of_similarity / distance,
        });
        let (value, condition) = match self.form {
            Form::Similarity => (near.map_or(similarity, |d| 1.0 - 0.5 * d * d), moved),
            Form::Distance => (distance, lipschitz),
            Form::Squared => (near.map_or(2.0 - 2.0 * similarity, |d| d * d), of_square),
            Form::Angle => (near.map_or_else(|| similarity.acos(), |d| 2.0 * (0.5 * d).asin()), 1.6 * lipschitz),
            Form::Disparity => {
                let half = near.map_or(1.0 - similarity, |d| 0.5 * d * d);
                (half * (2.0 - half), of_square)
            }
        };
        Ok(Outcome {
            value,
            condition,
            single_condition,
            diagnostics: Diagnostics::default().number("nuclear_norm_similarity", similarity.min(1.0)),
            ..Outcome::default()
        })
    }
}

/// Above this similarity (a distance below 0.14) the distance is computed from the rotated
/// difference.
const NEAR: f64 = 0.99;

/// A distance from Gram matrices whose relative error is bounded by this needs no further pass over
/// the neurons.
const ENOUGH: f64 = 1e-8;

/// min_R |A R - B|_F over orthogonal R, A and B scaled to unit norm, from the difference itself;
/// and by how much it may be too large.
///
/// The polar factor of A'B is the best rotation. Where A'B tells it well enough, no other is tried.
fn rotated_distance(pair: &Pair<'_>) -> Result<(f64, f64), Error> {
    let (first, second) = (pair.first().centered(), pair.second().centered());
    let (a, b) = pair.multiplied()?;
    if a.ncols() != b.ncols() {
        return best_rotation(first, second);
    }
    let (norm_a, norm_b) = (first.squared_norm().sqrt(), second.squared_norm().sqrt());
    let product_of_pair = pair.cross_product()?;
    let svd = thin_svd(product_of_pair)?;
    let unit = pair.unit();
    // In a direction as small as rounding the polar factor may be any: turned over, it would leave
    // four times its singular value in d^2.
    if svd.values.last().is_none_or(|least| *least <= unit * svd.values[0]) {
        return best_rotation(first, second);
    }
    // U'A'B V, which is S but for rounding: what its skew part leaves to gain is told best where S
    // is diagonal.
    let aligned = product(product(svd.left.as_ref().transpose(), product_of_pair).as_ref(), svd.right.as_ref());
    let gain = newton_step(aligned.as_ref()).1 / (norm_a * norm_b);
    let hidden = hidden_gain(&svd.values, norm_a * norm_b, unit);
    let gain = (gain.sqrt() + hidden.sqrt()).powi(2);
    let rotation = product(svd.left.as_ref(), svd.right.as_ref().transpose());
    let scaled =
        |matrix: MatRef<'_, f64>, norm: f64| Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| matrix[(row, column)] / norm);
    let (turned, b) = (scaled(product(a, rotation.as_ref()).as_ref(), norm_a), scaled(b, norm_b));
    let distance = difference(turned.as_ref(), b.as_ref());
    let left_to_gain = left_of(gain, distance);
    if left_to_gain <= unit {
        return Ok((distance, left_to_gain));
    }
    best_rotation(first, second)
}

/// Returns what the rounding of A'B may hide of the gain in d^2: its polar factor is stationary for
/// the rounded product, and not for the exact one.
///
/// Rounding by E, |E|_F <= 4 `unit` |A|_F |B|_F (the product, the two that make it diagonal, and
/// the decomposition), is worth the sum of (E_ij - E_ji)^2 / (s_i + s_j) over i < j, which is at
/// most 2 |E|_F^2 / (s_p + s_(p-1)).
fn hidden_gain(values: &[f64], norms: f64, unit: f64) -> f64 {
    let [.., second, least] = values else { return 0.0 };
    2.0 * (4.0 * unit).powi(2) * norms / (second + least)
}

/// By how much a distance is too large where d^2 may be smaller by so much.
fn left_of(gain: f64, distance: f64) -> f64 {
    (gain / distance.max(f64::MIN_POSITIVE)).min(gain.sqrt())
}

/// The same where A'B does not tell the best rotation in small directions.
///
/// In the bases of their own singular vectors A = U S and B = U' S'. Two rotations are tried, and
/// the better one taken: any rotation gives an upper bound. The polar factor of A'B = S U'U' S' is
/// the best one in exact arithmetic, but rounding replaces it by noise in directions with s^2 < eps
/// |A'B|. The polar factor of U'U' alone is determined in every direction and is the best one where
/// A and B are rotations of each other; from there the condition of the best, that A'B R' is
/// symmetric, is approached by Newton's method, entry by entry, so that small directions count as
/// much as large ones.
fn best_rotation(first: &Features, second: &Features) -> Result<(f64, f64), Error> {
    let (a, b) = (first.decomposition()?, second.decomposition()?);
    let size = a.rank().max(b.rank());
    let (scale_a, scale_b) = (unit(a.values()), unit(b.values()));
    let (left_a, left_b) = (first.left_singular_vectors()?, second.left_singular_vectors()?);
    let cosines = product(left_a.as_ref().transpose(), left_b.as_ref());
    let cosine = |row: usize, column: usize| if row < a.rank() && column < b.rank() { cosines[(row, column)] } else { 0.0 };
    let product_of =
        |row: usize, column: usize| cosine(row, column) * scale_a.get(row).unwrap_or(&0.0) * scale_b.get(column).unwrap_or(&0.0);
    let weighted = Mat::from_fn(size, size, product_of);
    let mut rotations = vec![polar(weighted.as_ref())?, polar(Mat::from_fn(size, size, cosine).as_ref())?];
    for _ in 0..2 {
        let last = rotations.last().expect("two rotations to begin with");
        let (step, _) = newton_step(product(weighted.as_ref(), last.as_ref().transpose()).as_ref());
        let next = polar((product(step.as_ref(), last.as_ref()) + last).as_ref())?;
        rotations.push(next);
    }
    let (a, b) = (scores(left_a, &scale_a), scores(left_b, &scale_b));
    let mut best = (f64::INFINITY, 0.0);
    for rotation in &rotations {
        let distance = difference(product(a.as_ref(), rotation.as_ref().subrows(0, a.ncols())).as_ref(), b.as_ref());
        if distance < best.0 {
            let (_, gain) = newton_step(product(weighted.as_ref(), rotation.as_ref().transpose()).as_ref());
            // What one more step would gain in d^2 is, to second order, all that is left to gain.
            best = (distance, left_of(gain, distance));
        }
    }
    Ok(best)
}

fn unit(values: &[f64]) -> Vec<f64> {
    let norm = sum_of_squares(values).sqrt();
    values.iter().map(|value| value / norm).collect()
}

/// U S
fn scores(left: Mat<f64>, values: &[f64]) -> Mat<f64> {
    Mat::from_fn(left.nrows(), left.ncols(), |row, column| left[(row, column)] * values[column])
}

/// The orthogonal polar factor: the rotation R with the largest <M, R>.
fn polar(matrix: MatRef<'_, f64>) -> Result<Mat<f64>, Error> {
    let svd = thin_svd(matrix)?;
    Ok(product(svd.left.as_ref(), svd.right.as_ref().transpose()))
}

/// The skew W for which (I + W) R comes nearest, to second order, to the best rotation for M = A'B,
/// and what it gains in the squared distance, from N = M R'.
///
/// It is W_ij = (N_ij - N_ji) / (N_ii + N_jj), and the gain the sum of (N_ij - N_ji)^2 / (N_ii +
/// N_jj) over i < j.
fn newton_step(aligned: MatRef<'_, f64>) -> (Mat<f64>, f64) {
    let size = aligned.nrows();
    let mut gains = Vec::with_capacity(size);
    let mut step = Mat::zeros(size, size);
    for column in 0..size {
        let mut gain = 0.0;
        for row in 0..column {
            let (skew, both) = (aligned[(row, column)] - aligned[(column, row)], aligned[(row, row)] + aligned[(column, column)]);
            // Beyond half a radian the second order says nothing; then the pair is left as it is,
            // and all of its skew part may still be to gain.
            if skew.abs() < 0.5 * both {
                step[(row, column)] = skew / both;
                step[(column, row)] = -skew / both;
                gain += skew * skew / both;
            } else {
                gain += 2.0 * skew.abs();
            }
        }
        gains.push(gain);
    }
    (step, sum(&gains))
}

/// |A - B|_F; columns that one of them lacks are 0.
fn difference(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let columns: Vec<f64> = (0..a.ncols().max(b.ncols()))
        .map(|column| match (column < a.ncols(), column < b.ncols()) {
            (true, true) => squared_difference(slice(a, column), slice(b, column)),
            (true, false) => sum_of_squares(slice(a, column)),
            _ => sum_of_squares(slice(b, column)),
        })
        .collect();
    sum(&columns).sqrt()
}
