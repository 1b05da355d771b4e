//! Kernels and bandwidth rules, as options. How they are computed stands in `linalg::kernel_matrix`
//! (fast path) and in `reference`.

use crate::convention::{Convention, Keys};
use crate::error::Error;
use crate::key::{Key, Number, Values, choice};

/// A kernel between two examples x_i and x_j, rows of the **centered** representation, or of the
/// representation as it is where a kernel that sees the difference says so.
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
        /// Whether the rows are centered.
        center: Center,
    },
    /// k = x_i . x_j / (|x_i| |x_j|)
    Cosine {
        /// Whether the rows are centered.
        center: Center,
    },
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

choice! {
    /// The kernels that have a name.
    pub(crate) enum KernelName("kernel", "the kernel between examples") {
        /// [`Kernel::Linear`]
        #[default]
        Linear = "linear" => "a linear kernel",
        /// [`Kernel::Rbf`]
        Rbf = "rbf" => "a Gaussian (RBF) kernel exp(-|x_i - x_j|^2 / (2 sigma^2))",
        /// [`Kernel::Laplace`]
        Laplace = "laplace" => "a Laplace kernel exp(-|x_i - x_j| / sigma) of the Euclidean distance",
        /// [`Kernel::Polynomial`]
        Polynomial = "polynomial" => "a polynomial kernel (x_i . x_j + offset)^degree",
        /// [`Kernel::Cosine`]
        Cosine = "cosine" => "a cosine kernel",
    }
}

choice! {
    /// Whether the columns are centered before the kernel. Centering its matrix afterwards makes it
    /// all the same for a linear kernel, and distances do not see it.
    pub enum Center("center", "polynomial, cosine: center the columns before the kernel; scikit-learn's kernels are of the rows as they are") {
        /// The kernel of the deviations from the mean example.
        #[default]
        Yes = "yes",
        /// The kernel of the rows as they are.
        No = "no",
    }
}

choice! {
    /// The rules for a bandwidth.
    pub(crate) enum Rule("bandwidth", "rbf, laplace: where sigma comes from") {
        /// [`Bandwidth::Median`]
        #[default]
        Median = "median" => "sigma = fraction times the median of the n(n-1)/2 Euclidean distances between different examples",
        /// [`Bandwidth::Demo`]
        Demo = "demo" => "sigma^2 = fraction^2 times the median of all n^2 squared Euclidean distances, the zero diagonal included",
        /// [`Bandwidth::LowerMedian`]
        LowerMedian = "lower-median" => "sigma = fraction times the lower median of the n(n-1)/2 Euclidean distances between different examples",
        /// [`Bandwidth::Fixed`]
        Fixed = "fixed" => "a bandwidth sigma fixed in the units of the representation",
    }
}

/// The factor on a median.
pub(crate) const FRACTION: Key = Key {
    name: "fraction",
    values: Values::Number(Number {
        default: Some(1.0),
        whole: false,
        expected: "a number > 0",
        valid: |fraction| fraction > 0.0,
        tried: &[1.0, 0.2, 0.4, 0.5, 0.8, std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::SQRT_2, 2.0],
    }),
    help: "rbf, laplace: factor on the median",
};

/// The bandwidth itself.
pub(crate) const SIGMA: Key = Key {
    name: "sigma",
    values: Values::Number(Number {
        default: None,
        whole: false,
        expected: "a number > 0, with bandwidth=fixed",
        valid: |sigma| sigma > 0.0,
        tried: &[1.0, 0.5, std::f64::consts::FRAC_1_SQRT_2, 2.0],
    }),
    help: "rbf, laplace with bandwidth=fixed: the bandwidth",
};

/// The exponent of a polynomial kernel.
pub(crate) const DEGREE: Key = Key {
    name: "degree",
    values: Values::Number(Number {
        default: Some(3.0),
        whole: true,
        expected: "a whole number from 1 to 64",
        valid: |degree| (1.0..=64.0).contains(&degree),
        tried: &[2.0, 3.0],
    }),
    help: "polynomial: the exponent",
};

/// The constant of a polynomial kernel.
pub(crate) const OFFSET: Key = Key {
    name: "offset",
    values: Values::Number(Number {
        default: Some(1.0),
        whole: false,
        expected: "a number >= 0",
        valid: |offset| offset >= 0.0,
        tried: &[1.0, 0.0],
    }),
    help: "polynomial: the constant added",
};

impl Bandwidth {
    fn parse(keys: &mut Keys) -> Result<Self, Error> {
        let rule = Rule::read(keys)?;
        if rule == Rule::Fixed {
            return Ok(Bandwidth::Fixed { sigma: SIGMA.read_number(keys)? });
        }
        if let Some(sigma) = keys.given(SIGMA.name) {
            return Err(Error::InvalidValue {
                measure: keys.measure().to_string(),
                key: SIGMA.name.to_string(),
                value: sigma.to_string(),
                expected: format!("a value with bandwidth=fixed alone (bandwidth=fixed,sigma={sigma})"),
            });
        }
        let fraction = FRACTION.read_number(keys)?;
        Ok(match rule {
            Rule::Median => Bandwidth::Median { fraction },
            Rule::Demo => Bandwidth::Demo { fraction },
            _ => Bandwidth::LowerMedian { fraction },
        })
    }

    fn convention(self) -> Convention {
        let (rule, number) = match self {
            Bandwidth::Median { fraction } => (Rule::Median, FRACTION.number(fraction)),
            Bandwidth::Demo { fraction } => (Rule::Demo, FRACTION.number(fraction)),
            Bandwidth::LowerMedian { fraction } => (Rule::LowerMedian, FRACTION.number(fraction)),
            Bandwidth::Fixed { sigma } => (Rule::Fixed, SIGMA.number(sigma)),
        };
        vec![rule.entry(), number]
    }
}

impl Kernel {
    /// Whether an entry of the kernel matrix depends on other examples than its two, but for terms
    /// that centering drops: by their median distance, or by their mean.
    pub(crate) fn depends_on_all(self) -> bool {
        match self {
            Kernel::Linear | Kernel::Distance => false,
            Kernel::Rbf(bandwidth) | Kernel::Laplace(bandwidth) => !matches!(bandwidth, Bandwidth::Fixed { .. }),
            Kernel::Polynomial { center, .. } | Kernel::Cosine { center } => center == Center::Yes,
        }
    }

    /// Reads `kernel=` and the keys that belong to it.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] or [`Error::MissingKey`] (sigma with `bandwidth=fixed`).
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(match KernelName::read(keys)? {
            KernelName::Linear => Kernel::Linear,
            KernelName::Rbf => Kernel::Rbf(Bandwidth::parse(keys)?),
            KernelName::Laplace => Kernel::Laplace(Bandwidth::parse(keys)?),
            KernelName::Polynomial => Kernel::Polynomial {
                degree: DEGREE.read_number(keys)? as u32,
                offset: OFFSET.read_number(keys)?,
                center: Center::read(keys)?,
            },
            KernelName::Cosine => Kernel::Cosine { center: Center::read(keys)? },
        })
    }

    /// Whether it is a function of the distance between two examples.
    pub(crate) fn is_of_distances(self) -> bool {
        matches!(self, Kernel::Rbf(_) | Kernel::Laplace(_) | Kernel::Distance)
    }

    /// Whether its rows are those of the representation as it is.
    pub(crate) fn is_uncentered(self) -> bool {
        matches!(self, Kernel::Polynomial { center: Center::No, .. } | Kernel::Cosine { center: Center::No })
    }

    /// The kernel's name.
    pub fn as_str(self) -> &'static str {
        self.named().map_or("distance", KernelName::as_str)
    }

    /// The name in the grammar, which the distance has not.
    fn named(self) -> Option<KernelName> {
        Some(match self {
            Kernel::Linear => KernelName::Linear,
            Kernel::Rbf(_) => KernelName::Rbf,
            Kernel::Laplace(_) => KernelName::Laplace,
            Kernel::Polynomial { .. } => KernelName::Polynomial,
            Kernel::Cosine { .. } => KernelName::Cosine,
            Kernel::Distance => return None,
        })
    }

    /// `kernel=` with the keys that belong to it, after which the measure adds its own.
    pub fn convention(self) -> Convention {
        let mut convention: Convention = self.named().map(KernelName::entry).into_iter().collect();
        match self {
            Kernel::Linear | Kernel::Distance => {}
            Kernel::Cosine { center } => convention.push(center.entry()),
            Kernel::Rbf(bandwidth) | Kernel::Laplace(bandwidth) => convention.extend(bandwidth.convention()),
            Kernel::Polynomial { degree, offset, center } => {
                convention.extend([DEGREE.number(degree.into()), OFFSET.number(offset), center.entry()]);
            }
        }
        convention
    }
}
