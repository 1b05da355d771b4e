//! Why a formula has no value.

/// Why a formula has no value on the data given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// A representation is constant.
    #[error("a representation is constant")]
    Constant,
    /// The examples that a fold is predicted from are all the same.
    #[error("the examples outside a fold are all the same")]
    ConstantTraining,
    /// The value is the same for all data, or rests on an arbitrary choice.
    #[error("degenerate: the value is the same for all data or rests on an arbitrary choice")]
    Degenerate,
    /// Too few examples for the estimator.
    #[error("too few examples")]
    TooFewExamples,
    /// A self-term of the debiased estimator is zero within rounding.
    #[error("a self-term of the debiased estimator is zero")]
    ZeroSelfTerm,
    /// The median distance is zero.
    #[error("the median distance is zero")]
    ZeroMedian,
    /// Hardly a digit of a kernel value between different examples is known.
    #[error("the bandwidth is so far below all distances that hardly a digit of a kernel value is known")]
    NarrowBandwidth,
    /// An example, centered where the measure centers, is zero.
    #[error("an example is zero")]
    ZeroExample,
    /// An example has the same value in every neuron.
    #[error("an example has the same value in every neuron")]
    ConstantExample,
    /// A neuron has the same value for every example.
    #[error("a neuron has the same value for every example")]
    ConstantNeuron,
    /// All dissimilarities between examples are equal.
    #[error("all dissimilarities between examples are equal")]
    ConstantDissimilarities,
    /// Examples where dissimilarities are asked for.
    #[error("no dissimilarities between examples are given")]
    NotGiven,
    /// The value is outside the range of f64.
    #[error("the value is outside the range of f64")]
    Unrepresentable,
    /// The Jacobi singular value decomposition did not converge.
    #[error("the Jacobi singular value decomposition did not converge")]
    NoConvergence,
    /// The measure has no reference path.
    #[error("the measure has no reference path")]
    NoReference,
}

/// What kind of trouble an [`Error`](crate::Error) is; the program's exit status and the JSON
/// `kind` follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The measure's name or one of its keys is wrong.
    Arguments,
    /// A representation is not usable (NaN, no neurons, different numbers of examples).
    Input,
    /// The value is the same for all data of this shape, or depends on an arbitrary choice.
    Degenerate,
    /// The measure has no value on these data.
    Undefined,
    /// A numerical failure or a defect.
    Numerical,
}

impl ErrorKind {
    /// The kind in one lower-case word, as result files write it.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Arguments => "arguments",
            ErrorKind::Input => "input",
            ErrorKind::Degenerate => "degenerate",
            ErrorKind::Undefined => "undefined",
            ErrorKind::Numerical => "numerical",
        }
    }
}
