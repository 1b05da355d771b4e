//! Orthogonal Procrustes: how far apart two representations stay under the best rotation.
//!
//! # Definition
//! With A = Xc / |Xc|_F and B = Yc / |Yc|_F, s = |A' B|_* (nuclear norm) = max over orthogonal R of <A R, B>. `distance` sqrt(2 - 2 s) = min_R |A R - B|_F;
//! `squared` 2 - 2 s; `angle` arccos s; `similarity` s; `disparity` 1 - s^2. The narrower side is padded with zero neurons, which changes nothing.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths. Distance in \[0, sqrt 2\], squared in \[0, 2\], angle in \[0, pi/2\], similarity and disparity in \[0, 1\].
//!
//! # Invariances
//! Orthogonal maps (reflections included), isotropic scaling, translation, appended zero neurons; not invertible linear maps. `distance` and `angle` are metrics.
//!
//! # Numerics
//! One product and the singular values of a p x q matrix. Above a similarity of 0.99 the distance is the length of the rotated difference itself, computed in
//! the bases of the singular vectors: X and its rotation come out about eps apart, where 2 - 2 s would give sqrt(eps).
//!
//! # Conventions that differ elsewhere
//! SciPy's `procrustes` returns the disparity; others the squared distance, or neither centered nor scaled.
//!
//! # Errors
//! A constant representation.
//!
//! # References
//! Schonemann 1966; Kornblith et al. 2019, appendix D.2; Ding et al. 2021, section 2.3; Williams et al. 2021, equation 5.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 4, 2, vec![1., 0., 0., 1., -1., 0., 0., -1.])?;
//! let turned = Representation::from_row_major("y", 4, 2, vec![0., 3., -3., 0., 0., -3., 3., 0.])?;
//! assert!(Measure::parse("procrustes")?.compare(&x, &turned)?.value < 1e-15);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::claims::{Claim, Claims, Properties, Range};
use crate::convention::{Convention, Keys, choice};
use crate::error::Error;
use faer::{Mat, MatRef};

use crate::linalg::{
    Decomposition, Features, Pair, Prepared, cross_product, product, slice, squared_difference, sum, sum_of_squares, thin_svd,
};
use crate::measure::{Citation, Definition, Diagnostics, Direction, Key, Outcome, Spec};

choice! {
    /// How the nuclear norm s = |A' B|_* of the centered representations A and B, each scaled to unit Frobenius norm, is reported.
    pub enum Form {
        /// d = sqrt(2 - 2 s) = min_R |A R - B|_F, R orthogonal
        #[default]
        Distance = "distance",
        /// d^2
        Squared = "squared",
        /// arccos s
        Angle = "angle",
        /// s
        Similarity = "similarity",
        /// 1 - s^2
        Disparity = "disparity",
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
    name: "orthogonal Procrustes",
    formula: "s = |Xc' Yc|_* / (|Xc|_F |Yc|_F); distance sqrt(2 - 2s), squared 2 - 2s, angle arccos s, similarity s, disparity 1 - s^2",
    citations: &[
        Citation { key: "schonemann1966generalized", place: "the rotation" },
        Citation { key: "kornblith2019similarity", place: "appendix D.2" },
        Citation { key: "ding2021grounding", place: "section 2.3" },
        Citation { key: "williams2021generalized", place: "eq. 5" },
    ],
    keys: &[Key {
        name: "form",
        values: "distance | squared | angle | similarity | disparity",
        help: "what is reported of the nuclear norm",
    }],
    prepare_cost: "n p",
    compare_cost: "n p q + p q min(p, q)",
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
        Ok(Self { form: keys.choice("form", Form::CHOICES)? })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![("form", self.form.as_str().to_string())]
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
            claims: Claims::SIMILITUDE,
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        x.varying()?.squared_norm();
        Ok(())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        pair.x().varying()?;
        pair.y().varying()?;
        let (first, second) = (pair.first().centered(), pair.second().centered());
        let norms = first.squared_norm().sqrt() * second.squared_norm().sqrt();
        let values = thin_svd(pair.cross_product())?.values;
        let similarity = sum(&values) / norms;
        // 2 - 2s loses its digits as s comes near 1: there the distance is the length of what the best rotation leaves.
        let near = if similarity > NEAR { Some(rotated_distance(first, second)?) } else { None };
        let distance = near.unwrap_or_else(|| (2.0 - 2.0 * similarity).max(0.0).sqrt());
        // s and d are 1-Lipschitz in the normalised representations, each of which moves by at most twice the relative change.
        let lipschitz = if near.is_some() { 4.0 } else { 4.0 / distance };
        let rounding = 16.0 * crate::tolerance::rounding(pair.n(), pair.x().p().max(pair.y().p()));
        let (value, condition) = match self.form {
            Form::Similarity => (near.map_or(similarity, |d| 1.0 - 0.5 * d * d), 4.0),
            Form::Distance => (distance, lipschitz),
            Form::Squared => (near.map_or(2.0 - 2.0 * similarity, |d| d * d), if near.is_some() { 8.0 * distance + rounding } else { 8.0 }),
            Form::Angle => (near.map_or_else(|| similarity.acos(), |d| 2.0 * (0.5 * d).asin()), 1.6 * lipschitz),
            Form::Disparity => {
                let half = near.map_or(1.0 - similarity, |d| 0.5 * d * d);
                (half * (2.0 - half), if near.is_some() { 8.0 * distance + rounding } else { 8.0 })
            }
        };
        Ok(Outcome { value, condition, diagnostics: Diagnostics::default().number("nuclear_norm_similarity", similarity.min(1.0)) })
    }
}

/// Above this similarity (a distance below 0.14) the distance is computed from the rotated difference.
const NEAR: f64 = 0.99;

/// min_R |A R - B|_F, A and B scaled to unit norm, from the difference itself.
///
/// In the bases of their own singular vectors, A = U S and B = U' S' have columns that fall off like their singular values, and so do rows and
/// columns of A'B: the rotation then errs by eps in every direction relative to what the direction weighs, and the distance by eps.
fn rotated_distance(first: &Features, second: &Features) -> Result<f64, Error> {
    let (a, b) = (first.decomposition()?, second.decomposition()?);
    // The one with fewer directions is rotated into the space of the other, where nothing is cut off.
    let (a, b) = if a.rank() <= b.rank() { (a, b) } else { (b, a) };
    let scores = |d: &Decomposition| {
        let norm = sum_of_squares(d.values()).sqrt();
        Mat::from_fn(d.basis().nrows(), d.rank(), |row, column| d.basis()[(row, column)] * (d.values()[column] / norm))
    };
    let (a, b) = (scores(a), scores(b));
    let svd = thin_svd(cross_product(a.as_ref(), b.as_ref()).as_ref())?;
    let rotation = product(svd.left.as_ref(), svd.right.as_ref().transpose());
    let rotated = product(a.as_ref(), rotation.as_ref());
    Ok(difference(rotated.as_ref(), b.as_ref()))
}

/// |A - B|_F
fn difference(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let columns: Vec<f64> = (0..a.ncols()).map(|column| squared_difference(slice(a, column), slice(b, column))).collect();
    sum(&columns).sqrt()
}
