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
    /// A centered example is zero.
    #[error("a centered example is zero")]
    ZeroExample,
    /// The value is outside the range of f64.
    #[error("the value is outside the range of f64")]
    Unrepresentable,
    /// The Jacobi rotations did not come to rest.
    #[error("the Jacobi rotations did not come to rest")]
    NoConvergence,
}
