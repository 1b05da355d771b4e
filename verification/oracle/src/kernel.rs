//! Kernels and bandwidth rules, in exact integers where the kernel is a polynomial and in intervals
//! where it is not.

use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::Features;
use crate::number::dyadic::Dyadic;
use crate::number::elementary::exp_of_negative;
use crate::number::interval::Interval;
use crate::value::ratio;
use dashu_int::IBig;
use dashu_ratio::RBig;

/// A kernel function between two examples; polynomial and cosine act on the centered features, or
/// on the features as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// x.y
    Linear,
    /// (x.y + offset)^degree
    Polynomial {
        /// The power, at least one.
        degree: u32,
        /// Added to the inner product; at least zero.
        offset: f64,
        /// Whether the features are centered.
        center: bool,
    },
    /// exp(-|x - y|^2 / (2 sigma^2))
    Rbf(Bandwidth),
    /// exp(-|x - y| / sigma) with the Euclidean distance
    Laplace(Bandwidth),
    /// x.y / (|x| |y|)
    Cosine {
        /// Whether the features are centered.
        center: bool,
    },
}

/// Where sigma comes from. A fraction is positive and taken exactly as the f64 it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bandwidth {
    /// sigma = fraction * median of the n(n-1)/2 distances; an even count averages the two middle
    /// distances.
    Median {
        /// Factor of the median.
        fraction: f64,
    },
    /// As `Median`, but an even count takes the lower of the two middle distances.
    LowerMedian {
        /// Factor of the median.
        fraction: f64,
    },
    /// sigma^2 = fraction^2 * median of all n^2 squared distances with the zero diagonal; an even
    /// count averages.
    Demo {
        /// Factor of the root of the median.
        fraction: f64,
    },
    /// sigma itself, in the units of the features.
    Fixed {
        /// The bandwidth, positive.
        sigma: f64,
    },
}

/// A symmetric n x n matrix of kernel values, row-major.
#[derive(Clone)]
pub(crate) struct KernelMatrix<Number> {
    pub(crate) size: usize,
    pub(crate) entries: Vec<Number>,
}

impl<Number: Clone> KernelMatrix<Number> {
    /// The matrix of `value(row, column)`, which is asked for column <= row only.
    pub(crate) fn symmetric(size: usize, mut value: impl FnMut(usize, usize) -> Number) -> Self {
        let lower: Vec<Number> = (0..size).flat_map(|row| (0..=row).map(move |column| (row, column))).map(|at| value(at.0, at.1)).collect();
        let at = |row: usize, column: usize| row.max(column) * (row.max(column) + 1) / 2 + row.min(column);
        let entries = (0..size * size).map(|index| lower[at(index / size, index % size)].clone()).collect();
        KernelMatrix { size, entries }
    }
}

/// Integers whose multiple by `scale` is the kernel matrix.
pub(crate) struct IntegerKernel {
    pub(crate) matrix: KernelMatrix<IBig>,
    pub(crate) scale: RBig,
}

/// A kernel that needs rounding, ready to be enclosed at any precision.
pub(crate) enum TranscendentalKernel {
    /// exp(-d^2/(2 sigma^2)) or exp(-d/sigma), squared distances and sigma in integer units.
    Exponential { size: usize, squared_distances: Vec<IBig>, squared_sigma: SquaredSigma, form: ExponentialForm },
    /// Inner products of centered rows; every diagonal entry is positive.
    Cosine { size: usize, products: Vec<IBig> },
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ExponentialForm {
    Rbf,
    Laplace,
}

/// sigma^2 in integer units.
pub(crate) enum SquaredSigma {
    Rational(RBig),
    /// factor * (sqrt(lower) + sqrt(upper))^2
    MeanOfRoots {
        factor: RBig,
        lower: IBig,
        upper: IBig,
    },
}

const CENTER: [(&str, bool); 2] = [("yes", true), ("no", false)];

impl Kernel {
    /// Whether it acts on centered features.
    pub(crate) fn is_centered(&self) -> bool {
        !matches!(self, Kernel::Polynomial { center: false, .. } | Kernel::Cosine { center: false })
    }

    /// The kernel that the keys name: `kernel` and its options.
    pub(crate) fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
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
            Name::Cosine => Kernel::Cosine { center: keys.choice("center", &CENTER)? },
            Name::Rbf => Kernel::Rbf(Bandwidth::parse(keys)?),
            Name::Laplace => Kernel::Laplace(Bandwidth::parse(keys)?),
            Name::Polynomial => {
                let degree = keys.number("degree", Some(3.0))?;
                if degree.fract() != 0.0 || !(1.0..=64.0).contains(&degree) {
                    return Err(OracleError::InvalidOption { option: "degree", value: degree, expected: "an integer from 1 to 64" });
                }
                let offset = keys.number("offset", Some(1.0))?;
                Kernel::Polynomial { degree: degree as u32, offset, center: keys.choice("center", &CENTER)? }
            }
        })
    }

    /// Checks the options.
    pub(crate) fn validate(&self) -> Result<(), OracleError> {
        match *self {
            Kernel::Linear | Kernel::Cosine { .. } => Ok(()),
            Kernel::Polynomial { degree, offset, .. } => {
                if degree == 0 {
                    return Err(OracleError::InvalidOption { option: "degree", value: 0.0, expected: "an integer of at least 1" });
                }
                if offset.is_finite() && offset >= 0.0 {
                    Ok(())
                } else {
                    Err(OracleError::InvalidOption { option: "offset", value: offset, expected: "a finite number of at least 0" })
                }
            }
            Kernel::Rbf(bandwidth) | Kernel::Laplace(bandwidth) => {
                let (option, value) = match bandwidth {
                    Bandwidth::Median { fraction } | Bandwidth::LowerMedian { fraction } | Bandwidth::Demo { fraction } => {
                        ("fraction", fraction)
                    }
                    Bandwidth::Fixed { sigma } => ("sigma", sigma),
                };
                if value.is_finite() && value > 0.0 {
                    Ok(())
                } else {
                    Err(OracleError::InvalidOption { option, value, expected: "a finite positive number" })
                }
            }
        }
    }

    /// The exact kernel matrix, for the kernels that are polynomials of the features.
    pub(crate) fn exact(&self, features: &Features) -> Option<IntegerKernel> {
        let size = features.rows;
        let squared_scale = &features.scale * &features.scale;
        match *self {
            Kernel::Linear => {
                let matrix = KernelMatrix { size, entries: features.inner_products() };
                Some(IntegerKernel { matrix, scale: squared_scale })
            }
            Kernel::Polynomial { degree, offset, .. } => {
                // a g + offset with a = scale^2 = u/v and offset = s/t: (u t g + s v)^degree / (v
                // t)^degree.
                let offset = exact_rational(offset);
                let offset_denominator = IBig::from(offset.denominator().clone());
                let scale_denominator = IBig::from(squared_scale.denominator().clone());
                let factor = squared_scale.numerator() * &offset_denominator;
                let shift = offset.numerator() * &scale_denominator;
                let entries =
                    features.inner_products().into_iter().map(|product| (product * &factor + &shift).pow(degree as usize)).collect();
                let scale = ratio(IBig::ONE, (scale_denominator * offset_denominator).pow(degree as usize));
                Some(IntegerKernel { matrix: KernelMatrix { size, entries }, scale })
            }
            _ => None,
        }
    }

    /// The kernel ready for enclosure, for the kernels that are not polynomials of the features.
    pub(crate) fn transcendental(&self, features: &Features, side: Side) -> Result<TranscendentalKernel, OracleError> {
        let (bandwidth, form) = match *self {
            Kernel::Rbf(bandwidth) => (bandwidth, ExponentialForm::Rbf),
            Kernel::Laplace(bandwidth) => (bandwidth, ExponentialForm::Laplace),
            _ => {
                let (size, products) = (features.rows, features.inner_products());
                if let Some(row) = (0..size).find(|row| products[row * size + row].is_zero()) {
                    return Err(OracleError::ZeroRow { side, row });
                }
                return Ok(TranscendentalKernel::Cosine { size, products });
            }
        };
        let squared_distances = features.squared_distances();
        let squared_sigma = bandwidth.squared_sigma(&squared_distances, features, side)?;
        Ok(TranscendentalKernel::Exponential { size: features.rows, squared_distances, squared_sigma, form })
    }
}

impl Bandwidth {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
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

    fn squared_sigma(&self, squared: &[IBig], features: &Features, side: Side) -> Result<SquaredSigma, OracleError> {
        let size = features.rows;
        let median_of = |mut values: Vec<IBig>| {
            values.sort_unstable();
            let upper = values.len() / 2;
            let lower = if values.len().is_multiple_of(2) { upper - 1 } else { upper };
            (values[lower].clone(), values[upper].clone())
        };
        let pairs = || (0..size).flat_map(|row| (0..row).map(move |column| squared[row * size + column].clone())).collect();
        let (sigma, is_median) = match *self {
            Bandwidth::Median { fraction } => {
                let (lower, upper) = median_of(pairs());
                let factor = exact_rational(fraction);
                if lower == upper {
                    (SquaredSigma::Rational(&factor * &factor * RBig::from(upper)), true)
                } else {
                    let factor = &factor * &factor / RBig::from(4);
                    (SquaredSigma::MeanOfRoots { factor, lower, upper }, true)
                }
            }
            Bandwidth::LowerMedian { fraction } => {
                let factor = exact_rational(fraction);
                (SquaredSigma::Rational(&factor * &factor * RBig::from(median_of(pairs()).0)), true)
            }
            Bandwidth::Demo { fraction } => {
                let (lower, upper) = median_of(squared.to_vec());
                let factor = exact_rational(fraction);
                (SquaredSigma::Rational(&factor * &factor * RBig::from(lower + upper) / RBig::from(2)), true)
            }
            Bandwidth::Fixed { sigma } => {
                let in_units = exact_rational(sigma) / &features.scale;
                (SquaredSigma::Rational(&in_units * &in_units), false)
            }
        };
        let is_zero = matches!(&sigma, SquaredSigma::Rational(value) if value.is_zero());
        if is_median && is_zero { Err(OracleError::ZeroMedian { side }) } else { Ok(sigma) }
    }
}

impl SquaredSigma {
    fn enclose(&self, precision: usize) -> Interval {
        match self {
            SquaredSigma::Rational(value) => Interval::from_rational(value, precision),
            SquaredSigma::MeanOfRoots { factor, lower, upper } => {
                // (sqrt a + sqrt b)^2 = a + b + 2 sqrt(a b)
                let cross = Interval::from_integer(lower * upper * IBig::from(4)).square_root(precision);
                Interval::from_integer(lower + upper)
                    .add(&cross, precision)
                    .multiply(&Interval::from_rational(factor, precision), precision)
            }
        }
    }
}

impl TranscendentalKernel {
    /// Every kernel value in an interval of about `precision` bits.
    pub(crate) fn enclose(&self, precision: usize) -> KernelMatrix<Interval> {
        match self {
            TranscendentalKernel::Exponential { size, squared_distances, squared_sigma, form } => {
                let sigma = squared_sigma.enclose(precision + 64);
                KernelMatrix::symmetric(*size, |row, column| {
                    let squared = &squared_distances[row * size + column];
                    if squared.is_zero() {
                        return Interval::one();
                    }
                    let quotient = Interval::from_integer(squared.clone()).divide(&sigma, precision + 64);
                    let argument = match form {
                        ExponentialForm::Rbf => quotient.scale(-1),
                        ExponentialForm::Laplace => quotient.square_root(precision + 64),
                    };
                    exp_of_negative(&argument, precision)
                })
            }
            TranscendentalKernel::Cosine { size, products } => KernelMatrix::symmetric(*size, |row, column| {
                let norms = &products[row * size + row] * &products[column * size + column];
                let root = Interval::from_integer(norms).square_root(precision);
                Interval::from_integer(products[row * size + column].clone()).divide(&root, precision)
            }),
        }
    }
}

/// A validated finite f64 as the rational it is.
pub(crate) fn exact_rational(value: f64) -> RBig {
    Dyadic::from_f64(value).to_rational()
}

#[cfg(test)]
#[path = "kernel_tests.rs"]
mod tests;
