//! Why a formula has no value.

/// Why a formula has no value on the data given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// A representation is constant.
    #[error("a representation is constant")]
    Constant,
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
