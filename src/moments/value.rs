//! From moments to the values of measures.

use serde::{Deserialize, Serialize};

use super::error::Error;
use crate::arrays::scale::{condition_with_exponent, error_with_exponent, with_exponent};
use crate::diagnostics::Diagnostics;
use crate::gram::product_errors::ProductErrors;
use crate::measure::Measure;
use crate::needs::Moments;
use crate::prepared::cosine::error_of_cosine;
use crate::scaled_value::ScaledValue;
use crate::score::Score;
use crate::tolerance::{EPS, rounding};

/// What linear CKA and HSIC need of a pair of layers: a few numbers, of the representations times
/// powers of two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Examples.
    pub n: u64,
    /// Neurons of X.
    pub p: usize,
    /// Neurons of Y.
    pub q: usize,
    /// The squared norm, and the product of the traces, are those of the representations over
    /// 2^exponent.
    pub exponent: i64,
    /// |Xc'Yc|_F^2.
    pub squared_norm: f64,
    /// |Xc|_F^2 and |Yc|_F^2.
    pub traces: (f64, f64),
    /// How much of |Xc|_F and of |Yc|_F the longest neuron has, counted as often as there may be
    /// copies of one: the bound follows from that.
    pub shares: (f64, f64),
    /// sum |u|^2 |v|^2, and the sum of the magnitudes that it was made of; where row norms were
    /// gathered.
    pub row_products: Option<(f64, f64)>,
}

/// A measure that follows from moments.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FromMoments {
    normalised: bool,
    unbiased: bool,
}

impl FromMoments {
    fn of(measure: &Measure) -> Result<Self, Error> {
        match measure.needs(None).moments {
            Moments::Linear { normalised, unbiased } => Ok(Self { normalised, unbiased }),
            Moments::Factor(reason) | Moments::No(reason) => Err(Error::NotFromMoments { measure: measure.to_string(), reason }),
        }
    }
}

/// Whether a measure follows from moments.
///
/// # Errors
/// [`Error::NotFromMoments`], which says why it does not.
pub fn check(measure: &Measure) -> Result<(), Error> {
    FromMoments::of(measure).map(|_| ())
}

/// Whether a measure follows from the triangular factor of the neurons that
/// a streamed sweep gathers.
pub(crate) fn follows_from_factor(measure: &Measure) -> bool {
    matches!(measure.needs(None).moments, Moments::Factor(_))
}

/// Whether a measure needs moments with row norms; false for one that does not follow from moments.
pub fn needs_row_norms(measure: &Measure) -> bool {
    FromMoments::of(measure).is_ok_and(|measure| measure.unbiased)
}

/// Whether a measure needs both layers' moments with themselves; false for one that does not follow
/// from moments.
pub fn needs_self_terms(measure: &Measure) -> bool {
    FromMoments::of(measure).is_ok_and(|measure| measure.normalised)
}

/// An inner product of centered linear kernel matrices.
struct Inner {
    value: f64,
    /// What was subtracted and added on the way: an error of c(n, p) eps times this.
    subtracted: f64,
    /// sqrt of the product of the traces.
    size: f64,
    /// |Xc'Yc|_F. Its square moves by at most twice it times the change of Xc'Yc.
    root: f64,
}

impl Terms {
    fn inner(&self, unbiased: bool, name: &str) -> Result<Inner, Error> {
        let (size, root) = (self.traces.0.sqrt() * self.traces.1.sqrt(), self.squared_norm.sqrt());
        if !unbiased {
            return Ok(Inner { value: self.squared_norm, subtracted: 0.0, size, root });
        }
        let (products, magnitude) = self.row_products.ok_or_else(|| Error::NoRowNorms { measure: name.to_string() })?;
        let n = self.n as f64;
        let weight = n / (n - 2.0);
        let totals = self.traces.0 * self.traces.1 / ((n - 1.0) * (n - 2.0));
        Ok(Inner { value: (self.squared_norm - weight * products) + totals, subtracted: weight * magnitude + totals, size, root })
    }
}

/// The score of a measure from the terms of a pair and, for CKA, those of X with itself and of Y
/// with itself.
///
/// # Errors
/// [`Error::NotFromMoments`], [`Error::NoRowNorms`]; and what makes the measure undefined: too few
/// examples, a constant layer, a self-term of zero within rounding, a value that f64 cannot hold.
///
/// # Panics
/// When CKA is given no terms of the layers with themselves.
pub fn score(measure: &Measure, x: &str, y: &str, xy: &Terms, selves: Option<(&Terms, &Terms)>) -> Result<Score, Error> {
    let kind = FromMoments::of(measure)?;
    let (name, properties) = (measure.to_string(), measure.properties());
    if xy.n < properties.minimum_examples as u64 {
        return Err(crate::error::Error::TooFewExamples { subject: name, n: xy.n as usize, needed: properties.minimum_examples }.into());
    }
    let inner = xy.inner(kind.unbiased, &name)?;
    let sensitivity = 4.0 * (inner.root * inner.size + inner.subtracted);
    let [of_x, of_y] = [(xy.traces.0, xy.shares.0), (xy.traces.1, xy.shares.1)].map(|side| ProductErrors::gathered(xy.n as usize, side));
    let n = xy.n as f64;
    let divisor = if kind.unbiased { n * (n - 3.0) } else { (n - 1.0) * (n - 1.0) };
    let rounding = rounding(xy.n as usize, xy.p.max(xy.q));
    let diagnostics = Diagnostics::default().text("space", "moments");
    let arithmetic = of_x.arithmetic_of_cross(&of_y, (xy.squared_norm, xy.p * xy.q), rounding) + 2.0 * inner.subtracted;
    let (value, condition, error, diagnostics) = if kind.normalised {
        let (xx, yy) = selves.expect("CKA needs both layers' terms with themselves");
        let sides = [Side::new((x, of_x), xx, kind, &name)?, Side::new((y, of_y), yy, kind, &name)?];
        let hsic = |value: f64, exponent: i64| ScaledValue::new(value / divisor, exponent);
        let three = [hsic(inner.value, xy.exponent), hsic(sides[0].inner.value, xx.exponent), hsic(sides[1].inner.value, yy.exponent)];
        if let Some(side) = sides.iter().find(|side| side.inner.value <= 2.0 * rounding * side.magnitude) {
            let [hsic_xy, hsic_xx, hsic_yy] = three;
            let cause = crate::error::Error::ZeroSelfTerm { name: side.name.to_string(), hsic_xy, hsic_xx, hsic_yy };
            return Err(cause.of_measure(&name).into());
        }
        let norms = sides[0].inner.value.sqrt() * sides[1].inner.value.sqrt();
        let value = inner.value / norms;
        let relative: f64 = sides.iter().map(Side::relative).sum();
        let named = ["hsic_xy", "hsic_xx", "hsic_yy"].into_iter().zip(three).filter_map(|(name, value)| Some((name, value.to_f64()?)));
        let turned: f64 = sides.iter().map(|side| side.turned(rounding)).sum();
        let own: f64 = sides.iter().map(|side| side.arithmetic(rounding)).sum();
        let arithmetic = arithmetic / norms + value.abs() * (own + 1.5 * EPS / rounding);
        let error = error_of_cosine(value, [turned; 2], arithmetic, rounding);
        let diagnostics = named.fold(diagnostics, |all, (name, value)| all.number(name, value));
        (value, sensitivity / norms + value.abs() * relative, error, diagnostics)
    } else {
        let of = |value: f64| with_exponent(value / divisor, xy.exponent);
        let unrepresentable = |error: crate::error::Error| error.of_measure(&name);
        let error = arithmetic + of_x.centering_of_cross(&of_y, xy.squared_norm, rounding);
        let error = error_with_exponent(error / divisor, rounding, xy.exponent).map_err(unrepresentable)?;
        let condition = condition_with_exponent(sensitivity / divisor, rounding, xy.exponent, false).map_err(unrepresentable)?;
        (of(inner.value).map_err(unrepresentable)?, condition, error, diagnostics)
    };
    // Both are bounds.
    let (value, bound) = properties.range.admit(&name, value, rounding * error.min(condition))?;
    Ok(Score {
        value,
        measure: name,
        direction: properties.direction,
        x: x.to_string(),
        y: y.to_string(),
        n: xy.n as usize,
        p1: xy.p,
        p2: xy.q,
        diagnostics: diagnostics.number("condition", condition).number("error_bound", bound),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// One layer with itself, in the denominator of CKA.
struct Side<'a> {
    name: &'a str,
    errors: ProductErrors,
    squared_norm: f64,
    entries: usize,
    inner: Inner,
    /// |error of the inner product| <= c(n, p) eps magnitude.
    magnitude: f64,
}

impl<'a> Side<'a> {
    fn new((name, errors): (&'a str, ProductErrors), terms: &Terms, kind: FromMoments, measure: &str) -> Result<Self, Error> {
        if terms.traces.0 == 0.0 {
            let cause = crate::error::Error::Constant { name: name.to_string(), n: terms.n as usize, p: terms.p };
            return Err(cause.of_measure(measure).into());
        }
        let inner = terms.inner(kind.unbiased, measure)?;
        let magnitude = 3.0 * inner.size * inner.value.abs().sqrt() + inner.subtracted;
        Ok(Self { name, errors, squared_norm: terms.squared_norm, entries: terms.p * terms.p, inner, magnitude })
    }

    /// What the kernel matrix turns by where rows are rounded as they are centered, over `unit`,
    /// which is c(n, p) eps.
    fn turned(&self, unit: f64) -> f64 {
        self.errors.of_centering(self.squared_norm.sqrt()) * EPS / unit / self.inner.value.sqrt()
    }

    /// What sums leave of the relative error of the square root, over `unit`.
    fn arithmetic(&self, unit: f64) -> f64 {
        (self.errors.arithmetic_of_self((self.squared_norm, self.entries), unit) + self.inner.subtracted) / self.inner.value
    }

    /// The relative change of the square root, in units of c(n, p) eps.
    fn relative(&self) -> f64 {
        3.0 * self.inner.size / self.inner.value.sqrt() + self.magnitude / self.inner.value
    }
}
