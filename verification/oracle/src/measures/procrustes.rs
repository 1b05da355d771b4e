//! Orthogonal Procrustes: how far apart two representations are after the best rotation or
//! reflection.

use crate::algebra::integer_matrix::IntegerMatrix;
use crate::algebra::nuclear_norm::NuclearNorm;
use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::{Matrix, common_rows};
use crate::number::dyadic::Dyadic;
use crate::number::elementary::arctangent;
use crate::number::interval::Interval;
use crate::number::refine::refine;
use crate::spec::Formula;
use crate::value::Value;
use dashu_int::IBig;
use dashu_ratio::RBig;

/// Bits of the product of a refined share with an exact size.
const PRODUCT_PRECISION: usize = 256;

/// What to report of s = ||Xc'Yc||_* / (||Xc|| ||Yc||).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// sqrt(2 - 2 s)
    Distance,
    /// 2 - 2 s
    Squared,
    /// arccos s
    Angle,
    /// s
    Similarity,
    /// 1 - s^2
    Disparity,
}

/// Options of [`procrustes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What to report.
    pub form: Form,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let forms = [
            ("distance", Form::Distance),
            ("squared", Form::Squared),
            ("angle", Form::Angle),
            ("similarity", Form::Similarity),
            ("disparity", Form::Disparity),
        ];
        Ok(Options { form: keys.choice("form", &forms)? })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        procrustes(x, y, self)
    }
}

/// The Procrustes distance and its relatives. The relative accuracy holds for small distances too:
/// the precision grows until 1 - s is resolved, and s = 1 is decided exactly.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `Undecidable`.
pub fn procrustes(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    common_rows(x, y)?;
    let (features_x, features_y) = (x.centered(), y.centered());
    features_x.require_nonzero(Side::X)?;
    features_y.require_nonzero(Side::Y)?;
    let (x, y) = (features_x.to_integer_matrix(), features_y.to_integer_matrix());
    let cross = x.transpose_multiply(&y);
    let (squared_x, squared_y) = (x.squared_norm(), y.squared_norm());
    if are_scaled_rotations(&x, &y, &cross) {
        let one_or_zero = if options.form == Form::Similarity { RBig::ONE } else { RBig::ZERO };
        return Ok(Value::exact(one_or_zero).with_note("one representation is a scaled rotation of the other".to_string()));
    }
    let uncorrelated = cross.is_zero();
    if uncorrelated {
        match options.form {
            Form::Similarity => return Ok(Value::exact(RBig::ZERO)),
            Form::Disparity => return Ok(Value::exact(RBig::ONE)),
            Form::Squared => return Ok(Value::exact(RBig::from(2))),
            Form::Distance | Form::Angle => {}
        }
    }
    let norm = NuclearNorm::of(&x, &y);
    let squared_norms = squared_x * squared_y;
    let value = refine(|precision| {
        let norms = Interval::from_integer(squared_norms.clone()).square_root(precision);
        let similarity = norm.enclose(precision)?.divide(&norms, precision).intersect(&Dyadic::zero(), &Dyadic::one());
        let rest = Interval::one().subtract(&similarity, precision);
        let sum = Interval::one().add(&similarity, precision);
        Ok(match options.form {
            Form::Similarity => similarity,
            Form::Squared => rest.scale(1),
            Form::Distance => rest.scale(1).square_root(precision),
            Form::Disparity => rest.multiply(&sum, precision),
            // arccos s = 2 arctan sqrt((1 - s) / (1 + s)) keeps its digits near s = 1.
            Form::Angle => arctangent(&rest.divide(&sum, precision).square_root(precision), precision).scale(1),
        })
    })?;
    Ok(Value::from_interval(&value))
}

/// ||Xc||^2 + ||Yc||^2 - 2 ||Xc'Yc||_*: the squared size-and-shape distance.
///
/// # Errors
/// `ShapeMismatch`, `Undecidable`.
pub fn size_and_shape(x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
    common_rows(x, y)?;
    let (x, y) = (x.centered(), y.centered());
    let squared = |scale: &RBig, norm: IBig| scale * scale * RBig::from(norm);
    let sizes = squared(&x.scale, x.squared_norm()) + squared(&y.scale, y.squared_norm());
    let cross = x.to_integer_matrix().transpose_multiply(&y.to_integer_matrix());
    if cross.is_zero() {
        return Ok(Value::exact(sizes));
    }
    let (integers_x, integers_y) = (x.to_integer_matrix(), y.to_integer_matrix());
    if squared(&x.scale, x.squared_norm()) == squared(&y.scale, y.squared_norm()) && are_scaled_rotations(&integers_x, &integers_y, &cross)
    {
        return Ok(Value::exact(RBig::ZERO));
    }
    // Relative to the sizes, so that the scale of the data says nothing about how many bits are
    // needed.
    let scale = &x.scale * &y.scale * RBig::from(2) / &sizes;
    let norm = NuclearNorm::of(&integers_x, &integers_y);
    let share = refine(|precision| {
        let overlap = norm.enclose(precision)?.multiply(&Interval::from_rational(&scale, precision), precision);
        Ok(Interval::one().subtract(&overlap, precision))
    })?;
    Ok(Value::from_interval(&share.multiply(&Interval::from_rational(&sizes, PRODUCT_PRECISION), PRODUCT_PRECISION)))
}

/// Whether s = 1, that is Y is a rotation of X up to scale, that is the Gram matrices are
/// proportional: equality in Cauchy and Schwarz, tr(K L)^2 <= tr(K^2) tr(L^2).
fn are_scaled_rotations(x: &IntegerMatrix, y: &IntegerMatrix, cross: &IntegerMatrix) -> bool {
    let joint = cross.squared_norm();
    &joint * &joint == x.transpose_multiply(x).squared_norm() * y.transpose_multiply(y).squared_norm()
}
