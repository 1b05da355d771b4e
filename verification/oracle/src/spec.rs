//! The grammar `ID[:KEY=VALUE[,KEY=VALUE...]]` that names a measure.

use crate::error::OracleError;
use crate::kernel::{Bandwidth, Kernel};
use crate::matrix::Matrix;
use crate::measures::{canonical_ridge, cca, hsic, linear_regression, procrustes, pwcca, svcca};
use crate::rank::RankRule;
use crate::value::Value;

/// A measure with all its options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// `hsic`
    Hsic(hsic::Options),
    /// `cka`
    Cka(hsic::Options),
    /// `cca`
    Cca(cca::Options),
    /// `svcca`
    Svcca(svcca::Options),
    /// `pwcca`
    Pwcca(pwcca::Options),
    /// `linear-regression`
    LinearRegression(linear_regression::Options),
    /// `canonical-ridge`
    CanonicalRidge(canonical_ridge::Options),
    /// `procrustes`
    Procrustes(procrustes::Options),
}

/// The value of the measure that `spec` names, such as `cka:kernel=rbf,fraction=0.5`, with exact ranks.
///
/// # Errors
/// `Spec` for a text that names no measure, and whatever the measure returns.
pub fn evaluate(spec: &str, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
    spec.parse::<Measure>()?.evaluate(x, y)
}

impl Measure {
    /// The same measure with another notion of rank, which `cca`, `pwcca` and `linear-regression` have.
    pub fn with_rank_rule(mut self, rule: RankRule) -> Self {
        match &mut self {
            Measure::Cca(options) => options.rank = rule,
            Measure::Pwcca(options) => options.rank = rule,
            Measure::LinearRegression(options) => options.rank = rule,
            Measure::Hsic(_) | Measure::Cka(_) | Measure::Svcca(_) | Measure::CanonicalRidge(_) | Measure::Procrustes(_) => {}
        }
        self
    }

    /// The value on two representations.
    ///
    /// # Errors
    /// Those of the measure.
    pub fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        match self {
            Measure::Hsic(options) => hsic::hsic(x, y, options),
            Measure::Cka(options) => hsic::cka(x, y, options),
            Measure::Cca(options) => cca::cca(x, y, options),
            Measure::Svcca(options) => svcca::svcca(x, y, options),
            Measure::Pwcca(options) => pwcca::pwcca(x, y, options),
            Measure::LinearRegression(options) => linear_regression::linear_regression(x, y, options),
            Measure::CanonicalRidge(options) => canonical_ridge::canonical_ridge(x, y, options),
            Measure::Procrustes(options) => procrustes::procrustes(x, y, options),
        }
    }
}

const IDS: &str = "hsic, cka, cca, svcca, pwcca, linear-regression, canonical-ridge, procrustes";

impl std::str::FromStr for Measure {
    type Err = OracleError;

    fn from_str(spec: &str) -> Result<Self, OracleError> {
        let (id, rest) = spec.split_once(':').unwrap_or((spec, ""));
        let mut keys = Keys::read(spec, rest)?;
        let measure = match id {
            "hsic" => Measure::Hsic(hsic::Options {
                kernel: kernel(&mut keys)?,
                estimator: keys.choice("estimator", &[("biased", hsic::Estimator::Biased), ("unbiased", hsic::Estimator::Unbiased)])?,
            }),
            "cka" => Measure::Cka(hsic::Options {
                kernel: kernel(&mut keys)?,
                estimator: keys.choice("estimator", &[("biased", hsic::Estimator::Biased), ("debiased", hsic::Estimator::Unbiased)])?,
            }),
            "cca" => Measure::Cca(cca::Options {
                summary: summary(&mut keys)?,
                divisor: divisor(&mut keys)?,
                center: keys.choice("center", &[("yes", true), ("no", false)])?,
                rank: RankRule::Exact,
                allow_degenerate: degenerate(&mut keys)?,
            }),
            "svcca" => Measure::Svcca(svcca::Options {
                summary: summary(&mut keys)?,
                threshold: keys.number("threshold", Some(0.99))?,
                divisor: divisor(&mut keys)?,
                allow_degenerate: degenerate(&mut keys)?,
            }),
            "pwcca" => Measure::Pwcca(pwcca::Options {
                weights: keys
                    .choice("weights", &[("narrower", pwcca::Weights::Narrower), ("x", pwcca::Weights::X), ("y", pwcca::Weights::Y)])?,
                rank: RankRule::Exact,
                allow_degenerate: degenerate(&mut keys)?,
            }),
            "linear-regression" => Measure::LinearRegression(linear_regression::Options {
                direction: keys.choice(
                    "direction",
                    &[
                        ("x-from-y", linear_regression::Direction::XFromY),
                        ("y-from-x", linear_regression::Direction::YFromX),
                        ("sum", linear_regression::Direction::Sum),
                    ],
                )?,
                rank: RankRule::Exact,
                allow_degenerate: degenerate(&mut keys)?,
            }),
            "canonical-ridge" => Measure::CanonicalRidge(canonical_ridge::Options {
                kappa_x: keys.number("kappa-x", None)?,
                kappa_y: keys.number("kappa-y", None)?,
                scale: keys
                    .choice("kappa", &[("absolute", canonical_ridge::Scale::Absolute), ("relative", canonical_ridge::Scale::Relative)])?,
                bound: keys.choice(
                    "bound",
                    &[
                        ("trace", canonical_ridge::Bound::Trace),
                        ("cauchy", canonical_ridge::Bound::Cauchy),
                        ("separable", canonical_ridge::Bound::Separable),
                    ],
                )?,
                allow_degenerate: degenerate(&mut keys)?,
            }),
            "procrustes" => Measure::Procrustes(procrustes::Options {
                form: keys.choice(
                    "form",
                    &[
                        ("distance", procrustes::Form::Distance),
                        ("squared", procrustes::Form::Squared),
                        ("angle", procrustes::Form::Angle),
                        ("similarity", procrustes::Form::Similarity),
                        ("disparity", procrustes::Form::Disparity),
                    ],
                )?,
            }),
            _ => {
                return Err(keys.error(format!("unknown measure \"{id}\"; the measures are {IDS}")));
            }
        };
        keys.finish()?;
        Ok(measure)
    }
}

fn summary(keys: &mut Keys<'_>) -> Result<cca::Summary, OracleError> {
    keys.choice("summary", &[("rho", cca::Summary::Rho), ("r2", cca::Summary::SquaredRho)])
}

fn divisor(keys: &mut Keys<'_>) -> Result<cca::Divisor, OracleError> {
    keys.choice(
        "divisor",
        &[
            ("min-rank", cca::Divisor::MinRank),
            ("min-width", cca::Divisor::MinWidth),
            ("geometric", cca::Divisor::Geometric),
            ("max", cca::Divisor::Max),
        ],
    )
}

fn degenerate(keys: &mut Keys<'_>) -> Result<bool, OracleError> {
    keys.choice("degenerate", &[("error", false), ("allow", true)])
}

fn kernel(keys: &mut Keys<'_>) -> Result<Kernel, OracleError> {
    #[derive(Clone, Copy)]
    enum Name {
        Linear,
        Rbf,
        Laplace,
        Polynomial,
        Cosine,
    }
    let names = [
        ("linear", Name::Linear),
        ("rbf", Name::Rbf),
        ("laplace", Name::Laplace),
        ("polynomial", Name::Polynomial),
        ("cosine", Name::Cosine),
    ];
    Ok(match keys.choice("kernel", &names)? {
        Name::Linear => Kernel::Linear,
        Name::Cosine => Kernel::Cosine,
        Name::Rbf => Kernel::Rbf(bandwidth(keys)?),
        Name::Laplace => Kernel::Laplace(bandwidth(keys)?),
        Name::Polynomial => {
            let degree = keys.number("degree", Some(3.0))?;
            if degree.fract() != 0.0 || !(1.0..=64.0).contains(&degree) {
                return Err(OracleError::InvalidOption { option: "degree", value: degree, expected: "an integer from 1 to 64" });
            }
            Kernel::Polynomial { degree: degree as u32, offset: keys.number("offset", Some(1.0))? }
        }
    })
}

fn bandwidth(keys: &mut Keys<'_>) -> Result<Bandwidth, OracleError> {
    let names = [("median", 0), ("demo", 1), ("lower-median", 2), ("fixed", 3)];
    let rule = keys.choice("bandwidth", &names)?;
    if rule == 3 {
        return Ok(Bandwidth::Fixed { sigma: keys.number("sigma", None)? });
    }
    let fraction = keys.number("fraction", Some(1.0))?;
    Ok(match rule {
        0 => Bandwidth::Median { fraction },
        1 => Bandwidth::Demo { fraction },
        _ => Bandwidth::LowerMedian { fraction },
    })
}

/// The key-value pairs not yet used, and the keys that were asked for.
struct Keys<'a> {
    spec: &'a str,
    given: Vec<(&'a str, &'a str)>,
    known: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    fn read(spec: &'a str, text: &'a str) -> Result<Self, OracleError> {
        let mut keys = Keys { spec, given: Vec::new(), known: Vec::new() };
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(keys.error(format!("\"{part}\" is not KEY=VALUE")));
            };
            if keys.given.iter().any(|(earlier, _)| *earlier == key) {
                return Err(keys.error(format!("the key \"{key}\" stands twice")));
            }
            keys.given.push((key, value));
        }
        Ok(keys)
    }

    fn error(&self, reason: String) -> OracleError {
        OracleError::Spec { spec: self.spec.to_string(), reason }
    }

    fn take(&mut self, key: &'static str) -> Option<&'a str> {
        self.known.push(key);
        let position = self.given.iter().position(|(given, _)| *given == key)?;
        Some(self.given.remove(position).1)
    }

    /// The named choice; the first one where the key is absent.
    fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Result<T, OracleError> {
        let Some(value) = self.take(key) else {
            return Ok(choices[0].1);
        };
        match choices.iter().find(|(name, _)| *name == value) {
            Some((_, choice)) => Ok(*choice),
            None => {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                Err(self.error(format!("{key}={value}: expected one of {}", names.join(", "))))
            }
        }
    }

    fn number(&mut self, key: &'static str, default: Option<f64>) -> Result<f64, OracleError> {
        match (self.take(key), default) {
            (Some(text), _) => text.parse().map_err(|_| self.error(format!("{key}={text}: expected a number"))),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(self.error(format!("the key \"{key}\" is required"))),
        }
    }

    fn finish(self) -> Result<(), OracleError> {
        match self.given.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.error(format!("unknown key \"{key}\"; the keys here are {}", self.known.join(", ")))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_grammar() {
        let linear = hsic::Options { kernel: Kernel::Linear, estimator: hsic::Estimator::Biased };
        assert_eq!("cka".parse(), Ok(Measure::Cka(linear)));
        let rbf = hsic::Options { kernel: Kernel::Rbf(Bandwidth::Median { fraction: 0.5 }), estimator: hsic::Estimator::Unbiased };
        assert_eq!("cka:kernel=rbf,estimator=debiased,fraction=0.5".parse(), Ok(Measure::Cka(rbf)));
        let svcca =
            svcca::Options { summary: cca::Summary::SquaredRho, threshold: 0.99, divisor: cca::Divisor::MinRank, allow_degenerate: false };
        assert_eq!("svcca:summary=r2".parse(), Ok(Measure::Svcca(svcca)));
    }

    #[test]
    fn mistakes_are_named_with_what_would_be_valid() {
        let reason = |spec: &str| match spec.parse::<Measure>() {
            Err(OracleError::Spec { reason, .. }) => reason,
            other => panic!("{spec}: {other:?}"),
        };
        assert!(reason("ckaa").contains("linear-regression"));
        assert!(reason("cka:estimator=unbiased").contains("debiased"));
        assert!(reason("hsic:estimator=debiased").contains("unbiased"));
        assert!(reason("cka:fraction=0.5").contains("kernel, estimator"));
        assert!(reason("cka:kernel=rbf,bandwidth=fixed").contains("\"sigma\" is required"));
        assert!(reason("cka:kernel=rbf,sigma=1").contains("unknown key \"sigma\""));
        assert!(reason("cca:summary").contains("KEY=VALUE"));
        assert!(reason("cca:center=no,center=yes").contains("twice"));
        assert!(reason("svcca:threshold=x").contains("expected a number"));
    }
}
