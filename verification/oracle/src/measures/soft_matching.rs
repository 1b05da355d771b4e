//! The soft matching distance: optimal transport between the neurons of two representations.

use crate::algebra::transport::Plan;
use crate::cosine::Cosine;
use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::{Features, Matrix, common_rows};
use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;
use crate::number::refine::refine;
use crate::spec::Formula;
use crate::value::{Value, over_common_denominator, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// What to report, with P over the plans of nonnegative weights whose row sums are 1/p1 and whose
/// column sums are 1/p2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The square root of `Squared`.
    Distance,
    /// The least sum of P_ij |x_i - y_j|^2 over centered neurons.
    Squared,
    /// The greatest sum of P_ij corr(x_i, y_j).
    Similarity,
}

/// Options of [`soft_matching`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What to report.
    pub form: Form,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let forms = [("similarity", Form::Similarity), ("distance", Form::Distance), ("squared", Form::Squared)];
        Ok(Options { form: keys.choice("form", &forms)? })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        soft_matching(x, y, self)
    }
}

/// The soft matching distance (Khosla and Williams 2024), its square, or the mean correlation of
/// the best soft match. The square is a rational number. Neither distance is normalised, so that a
/// constant representation has one.
///
/// # Errors
/// `ShapeMismatch`, `ConstantNeuron` where correlations are asked for, `Undecidable`.
pub fn soft_matching(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    common_rows(x, y)?;
    let (x, y) = (x.centered(), y.centered());
    match options.form {
        Form::Squared => Ok(Value::exact(squared_distance(&x, &y))),
        Form::Distance => Ok(Value::root_of(&squared_distance(&x, &y))),
        Form::Similarity => correlation(&x, &y),
    }
}

/// The least cost over all plans.
fn squared_distance(x: &Features, y: &Features) -> RBig {
    let quotient = &x.scale / &y.scale;
    let (factor_x, factor_y) = (quotient.numerator(), IBig::from(quotient.denominator().clone()));
    let scale = &x.scale / RBig::from(factor_x.clone());
    let products = products_of_neurons(x, y);
    let (squares_x, squares_y) = (squared_norms(x), squared_norms(y));
    let twice = IBig::from(2) * factor_x * &factor_y;
    let costs: Vec<IBig> = (0..x.columns * y.columns)
        .map(|index| {
            let (i, j) = (index / y.columns, index % y.columns);
            &squares_x[i] * factor_x * factor_x + &squares_y[j] * &factor_y * &factor_y - &products[index] * &twice
        })
        .collect();
    let plan = Plan::optimal(x.columns, y.columns, &costs);
    ratio(plan.total_cost(&costs), IBig::from(plan.total())) * &scale * scale
}

/// The greatest mean correlation: exact where every correlation is rational, enclosed where one is
/// not.
fn correlation(x: &Features, y: &Features) -> Result<Value, OracleError> {
    let (squares_x, squares_y) = (squared_norms(x), squared_norms(y));
    for (side, squares) in [(Side::X, &squares_x), (Side::Y, &squares_y)] {
        if let Some(column) = squares.iter().position(IBig::is_zero) {
            return Err(OracleError::ConstantNeuron { side, column });
        }
    }
    let products = products_of_neurons(x, y);
    let cosine = |(index, product)| Cosine::new(product, &squares_x[index / y.columns] * &squares_y[index % y.columns]);
    let cosines: Vec<Cosine> = products.into_iter().enumerate().map(cosine).collect();
    let rational: Option<Vec<RBig>> = cosines.iter().map(|cosine| cosine.rational().map(|value| -value)).collect();
    if let Some(costs) = rational {
        let (costs, denominator) = over_common_denominator(&costs);
        let plan = Plan::optimal(x.columns, y.columns, &costs);
        return Ok(Value::exact(ratio(-plan.total_cost(&costs), denominator * IBig::from(plan.total()))));
    }
    let value = refine(|precision| {
        let cosines: Vec<Interval> = cosines.iter().map(|cosine| cosine.enclose(precision)).collect();
        Ok(enclosed_maximum(x.columns, y.columns, &cosines, precision))
    })?;
    Ok(Value::from_interval(&value))
}

/// The greatest sum of P_ij c_ij for cosines c_ij that are known to lie in intervals.
///
/// The plan that is optimal for rounded cosines gives a value, which the maximum is not below. Its
/// prices u and v satisfy c_ij <= -(u_i + v_j) + e with the largest excess e over all i and j, so
/// that by weak duality the maximum is not above
/// -(sum of u_i / p1 + sum of v_j / p2) + e, however the cosines were rounded.
fn enclosed_maximum(rows: usize, columns: usize, cosines: &[Interval], precision: usize) -> Interval {
    let bits = precision as i64;
    let costs: Vec<IBig> = cosines.iter().map(|cosine| -cosine.midpoint().to_fixed(bits)).collect();
    let plan = Plan::optimal(rows, columns, &costs);
    let total = Interval::from_integer(IBig::from(plan.total()));
    let reached = plan
        .flows()
        .iter()
        .zip(cosines)
        .fold(Dyadic::zero(), |sum, (flow, cosine)| sum.add(&cosine.lo().multiply(&Dyadic::new(IBig::from(*flow), 0))));
    let price = |index: usize| Dyadic::new(plan.price(index), -bits);
    let excess = |(index, cosine): (usize, &Interval)| cosine.hi().add(&price(index));
    let largest_excess = cosines.iter().enumerate().map(excess).fold(Dyadic::zero(), Ord::max);
    let dual = Dyadic::new(-plan.total_price(), -bits);
    let (below, above) = (Interval::point(reached).divide(&total, precision), Interval::point(dual).divide(&total, precision));
    Interval::new(below.lo().clone(), above.hi().add(&largest_excess)).intersect(&Dyadic::one().negate(), &Dyadic::one())
}

/// x_i.y_j, row-major p1 x p2.
fn products_of_neurons(x: &Features, y: &Features) -> Vec<IBig> {
    x.to_integer_matrix().transpose_multiply(&y.to_integer_matrix()).entries
}

/// |x_i|^2 of every neuron.
fn squared_norms(x: &Features) -> Vec<IBig> {
    let mut squares = vec![IBig::ZERO; x.columns];
    for row in 0..x.rows {
        for (square, entry) in squares.iter_mut().zip(x.row(row)) {
            *square += entry * entry;
        }
    }
    squares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::enclosure::Enclosure;

    /// Cosines in tenths that the intervals hold, and ten times the maximum over all plans.
    fn assert_encloses(rows: usize, columns: usize, tenths: &[i64], maximum: (i64, i64)) {
        let ten = IBig::from(10);
        let maximum = ratio(IBig::from(maximum.0), IBig::from(maximum.1) * &ten);
        for precision in 2..40 {
            let interval = |tenth: &i64| Interval::from_rational(&ratio(IBig::from(*tenth), ten.clone()), precision);
            let cosines: Vec<Interval> = tenths.iter().map(interval).collect();
            let got = Enclosure::from_interval(&enclosed_maximum(rows, columns, &cosines, precision));
            assert!(*got.lo() <= maximum && maximum <= *got.hi(), "{precision} bits: {got}");
            let width = RBig::from(8) / RBig::from(IBig::ONE << precision);
            assert!(got.hi() - got.lo() <= width, "{precision} bits: {got}");
        }
    }

    #[test]
    fn crude_cosines_give_enclosures_that_hold_the_maximum() {
        assert_encloses(2, 2, &[9, 6, 8, -1], (7, 1));
        assert_encloses(2, 2, &[-9, -6, -7, -3], (-6, 1));
        // Thirds of the columns, halves of the rows: 7/3 + 1/6 (3 + 2) + 9/3 at best.
        assert_encloses(2, 3, &[7, 3, 1, 1, 2, 9], (37, 6));
        assert_encloses(1, 3, &[1, -2, 3], (2, 3));
        // Both plans are equally good up to rounding.
        assert_encloses(2, 2, &[3, 7, 3, 7], (5, 1));
    }
}
