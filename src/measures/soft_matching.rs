//! Soft matching: the optimal transport between the neurons of two representations.
//!
//! # Definition
//! Neurons are the columns x_i (i = 1 ... p) and y_j (j = 1 ... q) of the centered matrices. Over
//! all P >= 0 whose rows sum to 1/p and whose columns sum to 1/q: `squared` min sum_ij P_ij |x_i -
//! y_j|^2, `distance` its root (the 2-Wasserstein distance of the two sets of tuning curves; for p
//! = q the best permutation), `similarity` max sum_ij P_ij corr(x_i, y_j).
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths; n >= 2. `squared` and `distance` in \[0, inf), `similarity`
//! in \[-1, 1\].
//!
//! # Invariances
//! Permutations of neurons and translation; `similarity` also the scale of each neuron. No
//! orthogonal map. Appended zero neurons change the value, and leave `similarity` without one.
//! `distance` is a metric on sets of neurons.
//!
//! # Numerics
//! One product of p x q gives the costs, again from differences where they cancel; a network
//! simplex method solves the transport problem exactly, and potentials that are made feasible
//! afterwards prove it: by weak duality no plan costs less than `lower` in the diagnostics, and
//! what is between is in the bound. About n p q operations, and (p + q) to (p + q)^2 pivots of a
//! scan of costs.
//!
//! # Conventions that differ elsewhere
//! Solvers with an absolute tolerance answer wrongly where costs are small; entropic ones answer
//! another question.
//!
//! # Errors
//! `similarity`: a constant neuron. A value outside the range of f64.
//!
//! # References
//! Khosla and Williams 2024; Ahuja, Magnanti and Orlin 1993, chapter 11 (network simplex).
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 3, 2, vec![1., 0., 0., 2., -1., -2.])?;
//! let swapped = Representation::from_row_major("y", 3, 2, vec![0., 1., 2., 0., -2., -1.])?;
//! assert_eq!(Measure::parse("soft-matching:form=distance")?.compare(&x, &swapped)?.value, 0.0);
//! # Ok::<(), similitude::Error>(())
//! ```

use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::arrays::near_distances::{CANCELLED, is_accurate};
use crate::arrays::product::{cross_product, slice};
use crate::arrays::scale::{bound_with_exponent, condition_with_exponent, error_with_exponent, exponent, factors, with_exponent};
use crate::arrays::sums::{squared_difference, sum_of_squares};
use crate::claims::{Claim, Claims, Direction, FAILS, HOLDS, Properties, Range, UNDEFINED};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::gram::entry_errors::{OF_CENTERING, of_products};
use crate::gram::product_errors::sum_of_products;
use crate::key::choice;
use crate::linalg::features::Features;
use crate::measure::{Definition, Outcome};
use crate::needs::{Artifact, Moments, Needs, Size, Terms};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};
use crate::tolerance::EPS;
use crate::transport::{Transport, transport};

choice! {
    /// What is reported of the best matching.
    pub enum Form("form", "what is reported of the best matching") {
        /// The largest mean correlation of matched neurons.
        #[default]
        Similarity = "similarity" => "reported as the mean correlation of matched neurons",
        /// The root of the squared form.
        Distance = "distance" => "reported as the distance",
        /// The least mean squared distance of matched neurons.
        Squared = "squared" => "reported as the squared distance",
    }
}

/// Options of `soft-matching`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// What is reported.
    pub form: Form,
}

/// What is fixed about `soft-matching`.
pub static SPEC: Spec = Spec {
    id: "soft-matching",
    also: &[("optimal-transport", "form=distance"), ("soft-match", "")],
    short: "Soft matching",
    name: "soft matching of neurons",
    formula: "min over P >= 0 with row sums 1/p and column sums 1/q of sum_ij P_ij |x_i - y_j|^2, x_i and y_j the columns of Xc and Yc; distance its root; \
              similarity max sum_ij P_ij corr(x_i, y_j)",
    citations: &[Citation { key: "khosla2024soft", place: "soft matching distance and correlation score" }],
    keys: &[Form::KEY],
    prepare_cost: "n p",
    compare_cost: "n p q + p q (p + q)",
    conventions: &["soft-matching:form=similarity", "soft-matching:form=distance", "soft-matching:form=squared"],
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

/// The neurons of one side, times a power of two, or over their norms.
struct Neurons<'a> {
    kept: MatRef<'a, f64>,
    /// Those over their norms, in place of those kept.
    normalised: Option<Mat<f64>>,
    /// What each is multiplied by.
    scale: f64,
    /// Their squared norms after that.
    squared: Vec<f64>,
    /// The least norm before.
    least: f64,
}

impl<'a> Neurons<'a> {
    /// All neurons times one power of two.
    fn scaled(x: &'a Prepared, power: i64) -> Self {
        let kept = x.centered().matrix();
        let (a, b) = factors(power.max(-2000));
        let squared = |column: usize| sum_of_squares(slice(kept, column)) * a * b * a * b;
        let squared = (0..kept.ncols()).into_par_iter().map(squared).collect();
        Self { kept, normalised: None, scale: a * b, squared, least: 0.0 }
    }

    /// Each neuron over its norm.
    ///
    /// # Errors
    /// [`Error::ConstantNeuron`].
    fn normalised(x: &'a Prepared) -> Result<Self, Error> {
        let kept = x.centered().matrix();
        let mut normalised = kept.to_owned();
        let mut least = f64::INFINITY;
        for column in 0..kept.ncols() {
            let entries = normalised.col_as_slice_mut(column);
            let largest = entries.iter().fold(0.0f64, |largest, entry| largest.max(entry.abs()));
            if largest == 0.0 {
                return Err(Error::ConstantNeuron { name: x.name().to_string(), column });
            }
            // Squares of a neuron far smaller than others must not vanish.
            let (a, b) = factors(-exponent(largest));
            entries.iter_mut().for_each(|entry| *entry = *entry * a * b);
            let norm = sum_of_squares(entries).sqrt();
            entries.iter_mut().for_each(|entry| *entry /= norm);
            least = least.min(norm / a / b);
        }
        let squared = (0..kept.ncols()).map(|column| sum_of_squares(slice(normalised.as_ref(), column))).collect();
        Ok(Self { kept, normalised: Some(normalised), scale: 1.0, squared, least })
    }

    fn matrix(&self) -> MatRef<'_, f64> {
        self.normalised.as_ref().map_or(self.kept, Mat::as_ref)
    }

    fn column(&self, column: usize) -> Vec<f64> {
        times(slice(self.matrix(), column), self.scale)
    }
}

fn times(values: &[f64], scale: f64) -> Vec<f64> {
    values.iter().map(|value| value * scale).collect()
}

/// |x_i - y_j|^2 of all pairs of neurons, column-major.
fn costs(x: &Neurons<'_>, y: &Neurons<'_>) -> Vec<f64> {
    let products = cross_product(x.matrix(), y.matrix());
    let (p, q) = (x.squared.len(), y.squared.len());
    let mut costs = vec![0.0; p * q];
    costs.par_chunks_exact_mut(p).enumerate().for_each(|(j, costs)| {
        let mut own = None;
        for (i, (cost, product)) in costs.iter_mut().zip(products.column(j)).enumerate() {
            let both = x.squared[i] + y.squared[j];
            let expanded = both - 2.0 * product * x.scale * y.scale;
            *cost = if is_accurate(expanded, both) {
                expanded
            } else {
                let own = own.get_or_insert_with(|| y.column(j));
                squared_difference(&x.column(i), own)
            };
        }
    });
    costs
}

/// The best matching, by its sizes.
struct Matched {
    /// Examples.
    n: usize,
    /// The mean squared length of a neuron of X and that of one of Y, together: the mean of
    /// |x_i|^2 + |y_j|^2 in whatever plan.
    both: f64,
    /// sum_ij P_ij |x_i - y_j|^2
    cost: f64,
}

impl Matched {
    /// What sums of products, or of differences, leave of the cost, over eps.
    ///
    /// A squared distance from products errs by (2 a(n) + 1/2) (|x_i|^2 + |y_j|^2) and half of
    /// itself, and is more than a quarter of that sum; one from differences errs by (a(n) + 1) of
    /// itself (`gram::entry_errors`, of neurons in place of examples).
    fn sums(&self) -> f64 {
        let (of_sum, of_products) = (sum_of_products(self.n), of_products(self.n));
        let most = of_products / CANCELLED + 0.5;
        (most * self.cost).min(of_products * self.both + (of_sum + 1.0) * self.cost)
    }

    /// The same with what is left of so many roundings of an entry, two of them of centering: a
    /// distance d moves by 2.4 sqrt((|x_i|^2 + |y_j|^2) d) for two, and a sum of these over a plan
    /// is the largest where all are alike (Cauchy and Schwarz). The least cost moves by no more than
    /// that of a plan, and all plans have the same mean lengths.
    fn error(&self, roundings: u32) -> f64 {
        let of_entries = OF_CENTERING * (0.5 * f64::from(roundings)).sqrt();
        self.sums() + of_entries * ((self.both * self.cost).sqrt() + 2.5 * EPS * self.both)
    }
}

/// Neurons with a norm below this may have subnormal entries, 2^-900.
const SMALL: f64 = f64::from_bits((1023 - 900) << 52);

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![self.form.entry()]
    }

    fn properties(&self) -> Properties {
        let correlates = self.form == Form::Similarity;
        let with_scale = if correlates { HOLDS } else { FAILS };
        Properties {
            direction: if correlates { Direction::Similarity } else { Direction::Distance },
            range: if correlates { Range::new(-1.0, 1.0) } else { Range::new(0.0, f64::INFINITY) },
            self_value: Some(if correlates { 1.0 } else { 0.0 }),
            symmetry: Claim::Holds,
            metric: self.form == Form::Distance,
            minimum_examples: 2,
            minimum_neurons: 1,
            claims: Claims {
                orthogonal: FAILS,
                isotropic_scaling: with_scale,
                diagonal_scaling: with_scale,
                zero_neurons: if correlates { UNDEFINED } else { FAILS },
                ..Claims::SIMILITUDE
            },
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        let plan = Artifact {
            key: "transport between neurons".to_string(),
            kept: Size::default(),
            preparing: Size::default(),
            comparing: Size { p_q: 16.0, n_p: if self.form == Form::Similarity { 16.0 } else { 0.0 }, ..Size::default() },
            operations: Size { n_p_q: 1.0, p_q: 50.0, ..Size::default() },
        };
        let moments = Moments::Factor("a small distance between neurons has to be computed from the features");
        Needs {
            neurons: true,
            artifacts: vec![plan],
            ..Needs::new(moments, if self.form == Form::Similarity { Terms::One } else { Terms::Value })
        }
    }

    fn prepare(&self, _: &Prepared) -> Result<(), Error> {
        Ok(())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let (first, second) = (pair.first(), pair.second());
        let sides = (first.centered(), second.centered());
        // What is constant is nothing, at whatever scale.
        let power = |side: &Features| (!side.is_zero()).then(|| side.exponent());
        let common = power(sides.0).max(power(sides.1)).unwrap_or(0);
        let below = |side: &Features| power(side).map_or(0, |power| power - common);
        let (x, y) = match self.form {
            Form::Similarity => {
                // X before Y, so that the error names the one a person looks at first.
                let (x, y) = (Neurons::normalised(pair.x())?, Neurons::normalised(pair.y())?);
                if pair.x_is_first() { (x, y) } else { (y, x) }
            }
            _ => (Neurons::scaled(first, below(sides.0)), Neurons::scaled(second, below(sides.1))),
        };
        let (p, q) = (first.p(), second.p());
        let not_converged = |_| Error::NoConvergence { decomposition: "optimal transport", rows: p, columns: q };
        let Transport { cost, lower, .. } = transport(p, q, &costs(&x, &y)).map_err(not_converged)?;
        let (cost, gap) = (cost.max(0.0), cost - lower);
        // |d sum P |x_i - y_j|^2| is at most 2 sqrt(sum P |x_i - y_j|^2) sqrt(sum P |dx_i -
        // dy_j|^2), for the best P too; the second root is at most |dX|_F / sqrt p + |dY|_F / sqrt
        // q, a norm of P's own.
        let size = |neurons: &Neurons<'_>| (neurons.squared.iter().sum::<f64>() / neurons.squared.len() as f64).sqrt();
        let moved = size(&x) + size(&y);
        let matched = Matched { n: first.n(), both: size(&x).powi(2) + size(&y).powi(2), cost };
        let unit = pair.unit();
        let (sums, of_unit) = (matched.sums() * EPS / unit, EPS / unit);
        let bound = |error: f64, e: i64| error_with_exponent(error, unit, e);
        let of_condition = |condition: f64, e: i64| condition_with_exponent(condition, unit, e, pair.is_of_factor());
        match self.form {
            Form::Squared => {
                let condition = 2.0 * cost.sqrt() * moved + sums;
                // What a cost of 0 moves by is the square of what moves its neurons.
                let least = unit * moved * moved;
                let of = |value: f64| with_exponent(value, 2 * common);
                let value = of(cost)?;
                Ok(Outcome {
                    value,
                    condition: of_condition(condition + least, 2 * common)?,
                    error: Some(bound((matched.error(2) + cost) * of_unit, 2 * common)?),
                    undecided: bound_with_exponent(gap, 2 * common)?,
                    diagnostics: Diagnostics::default().number("lower", of(lower.max(0.0)).unwrap_or(0.0)),
                    ..Outcome::default()
                })
            }
            Form::Distance => {
                let of = |value: f64| with_exponent(value, common);
                let distance = cost.sqrt();
                // sqrt a - sqrt b is (a - b) / (sqrt a + sqrt b).
                let root = |off: f64| if off > 0.0 { off / (distance + (cost - off).max(0.0).sqrt()).max(off.sqrt()) } else { 0.0 };
                Ok(Outcome {
                    value: of(distance)?,
                    condition: of_condition(moved + root(matched.sums() * EPS) / unit, common)?,
                    error: Some(bound(root(matched.error(2) * EPS) / unit + distance * of_unit, common)?),
                    undecided: bound_with_exponent(root(gap), common)?,
                    diagnostics: Diagnostics::default().number("lower", of(lower.max(0.0).sqrt()).unwrap_or(0.0)),
                    ..Outcome::default()
                })
            }
            Form::Similarity => {
                // A neuron of norm 1 turns by what moves it over its norm before.
                let turned = |side: &Prepared, neurons: &Neurons<'_>| {
                    side.centered().squared_norm().sqrt() / neurons.least / (side.p() as f64).sqrt()
                };
                // 1 less half of the cost is rounded once; norms of 1 err by 2 eps, which a cost
                // sees by as much of itself.
                let rounded = 2.0 * cost + 1.0;
                let condition = cost.sqrt() * (turned(first, &x) + turned(second, &y)) + sums / 2.0 + rounded * of_unit;
                // Entries that are not subnormal are rounded relatively.
                let known = x.least.min(y.least) > SMALL;
                Ok(Outcome {
                    value: 1.0 - cost / 2.0,
                    condition,
                    error: known.then(|| (matched.error(3) / 2.0 + rounded) * of_unit),
                    undecided: gap / 2.0,
                    diagnostics: Diagnostics::default().number("upper", 1.0 - lower.max(0.0) / 2.0),
                    ..Outcome::default()
                })
            }
        }
    }
}
