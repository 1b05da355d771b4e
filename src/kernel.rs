//! Kernels and bandwidth rules, as options. How they are computed stands in `linalg::kernel_matrix`
//! (fast path) and in `reference`.

use crate::convention::{Convention, Keys, number};
use crate::error::Error;

/// A kernel between two examples x_i and x_j, rows of the **centered** representation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Kernel {
    /// k = x_i . x_j
    #[default]
    Linear,
    /// k = exp(-|x_i - x_j|^2 / (2 sigma^2))
    Rbf(Bandwidth),
    /// k = exp(-|x_i - x_j| / sigma), with the Euclidean distance (so that it is orthogonally
    /// invariant).
    Laplace(Bandwidth),
    /// k = (x_i . x_j + offset)^degree
    Polynomial {
        /// The exponent, a whole number >= 1.
        degree: u32,
        /// The constant added, >= 0.
        offset: f64,
    },
    /// k = x_i . x_j / (|x_i| |x_j|)
    Cosine,
    /// k = |x_i - x_j|, the Euclidean distance: its centered matrix is that of the kernel -|x_i -
    /// x_j| but for the sign.
    Distance,
}

/// How the bandwidth sigma is found from the Euclidean distances between examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bandwidth {
    /// sigma = fraction * median of the n(n-1)/2 distances i < j; of an even count, the mean of the
    /// two middle ones.
    Median {
        /// The factor; the paper reports 0.2, 0.4 and 0.8.
        fraction: f64,
    },
    /// sigma^2 = fraction^2 * median of all n^2 *squared* distances, the zero diagonal included:
    /// what the authors' demonstration computes.
    Demo {
        /// The factor.
        fraction: f64,
    },
    /// sigma = fraction * the lower of the two middle distances i < j (of an odd count, the middle
    /// one).
    LowerMedian {
        /// The factor.
        fraction: f64,
    },
    /// sigma as given, in the units of the representation.
    Fixed {
        /// The bandwidth.
        sigma: f64,
    },
}

impl Default for Bandwidth {
    fn default() -> Self {
        Bandwidth::Median { fraction: 1.0 }
    }
}

/// How a kernel matrix is centered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Centering {
    /// H K H; the inner product is (n-1)^2 HSIC, biased.
    Double,
    /// Szekely and Rizzo's U-centering; the inner product is n(n-3) HSIC_1, unbiased.
    Unbiased,
}

#[derive(Clone, Copy)]
enum KernelName {
    Linear,
    Rbf,
    Laplace,
    Polynomial,
    Cosine,
}

#[derive(Clone, Copy)]
enum Rule {
    Median,
    Demo,
    LowerMedian,
    Fixed,
}

const KERNELS: &[(&str, KernelName)] = &[
    ("linear", KernelName::Linear),
    ("rbf", KernelName::Rbf),
    ("laplace", KernelName::Laplace),
    ("polynomial", KernelName::Polynomial),
    ("cosine", KernelName::Cosine),
];
const RULES: &[(&str, Rule)] =
    &[("median", Rule::Median), ("demo", Rule::Demo), ("lower-median", Rule::LowerMedian), ("fixed", Rule::Fixed)];

impl Bandwidth {
    fn parse(keys: &mut Keys) -> Result<Self, Error> {
        let rule = keys.choice("bandwidth", RULES)?;
        if let Rule::Fixed = rule {
            return Ok(Bandwidth::Fixed { sigma: keys.required("sigma", "a number > 0 (with bandwidth=fixed)", |sigma| sigma > 0.0)? });
        }
        let fraction = keys.number("fraction", "a number > 0", |fraction| fraction > 0.0)?.unwrap_or(1.0);
        Ok(match rule {
            Rule::Median => Bandwidth::Median { fraction },
            Rule::Demo => Bandwidth::Demo { fraction },
            _ => Bandwidth::LowerMedian { fraction },
        })
    }

    fn convention(self) -> Convention {
        match self {
            Bandwidth::Median { fraction } => vec![("bandwidth", "median".into()), ("fraction", number(fraction))],
            Bandwidth::Demo { fraction } => {
                vec![("bandwidth", "demo".into()), ("fraction", number(fraction))]
            }
            Bandwidth::LowerMedian { fraction } => vec![("bandwidth", "lower-median".into()), ("fraction", number(fraction))],
            Bandwidth::Fixed { sigma } => {
                vec![("bandwidth", "fixed".into()), ("sigma", number(sigma))]
            }
        }
    }
}

impl Kernel {
    /// Reads `kernel=` and the keys that belong to it.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] or [`Error::MissingKey`] (sigma with `bandwidth=fixed`).
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(match keys.choice("kernel", KERNELS)? {
            KernelName::Linear => Kernel::Linear,
            KernelName::Rbf => Kernel::Rbf(Bandwidth::parse(keys)?),
            KernelName::Laplace => Kernel::Laplace(Bandwidth::parse(keys)?),
            KernelName::Polynomial => {
                let whole = |degree: f64| (1.0..=64.0).contains(&degree) && degree.fract() == 0.0;
                let degree = keys.number("degree", "a whole number from 1 to 64", whole)?.unwrap_or(3.0) as u32;
                let offset = keys.number("offset", "a number >= 0", |offset| offset >= 0.0)?.unwrap_or(1.0);
                Kernel::Polynomial { degree, offset }
            }
            KernelName::Cosine => Kernel::Cosine,
        })
    }

    /// The kernel's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Kernel::Linear => "linear",
            Kernel::Rbf(_) => "rbf",
            Kernel::Laplace(_) => "laplace",
            Kernel::Polynomial { .. } => "polynomial",
            Kernel::Cosine => "cosine",
            Kernel::Distance => "distance",
        }
    }

    /// `kernel=` with the keys that belong to it, after which the measure adds its own.
    pub fn convention(self) -> Convention {
        let mut convention = vec![("kernel", self.as_str().to_string())];
        match self {
            Kernel::Linear | Kernel::Cosine | Kernel::Distance => {}
            Kernel::Rbf(bandwidth) | Kernel::Laplace(bandwidth) => convention.extend(bandwidth.convention()),
            Kernel::Polynomial { degree, offset } => convention.extend([("degree", degree.to_string()), ("offset", number(offset))]),
        }
        convention
    }
}
