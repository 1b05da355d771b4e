//! The library's one error type. Every variant carries the numbers that mend the input.

mod bandwidth;
mod given;
mod kinds;
mod positions;
mod training;
mod zero_norm;

use serde::Serialize;

pub use self::{bandwidth::NarrowBandwidth, given::GivenError, positions::OfPositions, training::ConstantTraining, zero_norm::ZeroNorm};
use crate::scaled_value::ScaledValue;
pub use crate::undefined::ErrorKind;

/// Why a representation was refused or a measure has no value on it.
///
/// An undefined measure never answers NaN, 0 or a value with an epsilon in its denominator, but one
/// of these. Serialized, it is the variant with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An entry is NaN or infinite. Rows and columns are counted from 0.
    #[error("{name}: the entry in row {row}, column {column} is {value}; every entry must be finite (rows and columns counted from 0)")]
    NotFinite {
        /// The representation's name.
        name: String,
        /// Row of the first such entry, counted from 0.
        row: usize,
        /// Its column, counted from 0.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// Rows are positions of examples where rows are held out.
    #[error("{0}")]
    OfPositions(OfPositions),
    /// Neurons that are read again in each pass could not be read.
    #[error("{name}: {detail}")]
    Unreadable {
        /// The representation's name.
        name: String,
        /// What went wrong.
        detail: String,
    },
    /// The number of values is not n * p.
    #[error("{name}: {n} x {p} needs {} values, got {values}", n * p)]
    ValueCount {
        /// The representation's name.
        name: String,
        /// Number of examples announced.
        n: usize,
        /// Number of neurons announced.
        p: usize,
        /// Number of values given.
        values: usize,
    },
    /// Fewer examples than the representation or the estimator needs.
    #[error("{subject}: {n} example{}, at least {needed} are needed", if *n == 1 { "" } else { "s" })]
    TooFewExamples {
        /// The representation or the measure that needs more.
        subject: String,
        /// Number of examples.
        n: usize,
        /// The least number of examples.
        needed: usize,
    },
    /// A representation without neurons.
    #[error("{name}: no neurons (a representation is n examples x p neurons with p >= 1)")]
    NoNeurons {
        /// The representation's name.
        name: String,
    },
    /// A matrix between examples that is not square.
    #[error("{name}: {n} x {p}, and a matrix between examples has a row and a column for each (choose its examples before it is computed)")]
    NotSquare {
        /// The representation's name.
        name: String,
        /// Rows.
        n: usize,
        /// Columns.
        p: usize,
    },
    /// A matrix between examples that is not symmetric.
    #[error(
        "{name}: the entry in row {row}, column {column} is {value}, and the one in row {column}, column {row} is {mirrored} (counted from 0): a kernel is \
         symmetric. Where rounding made them differ, give (K + K') / 2"
    )]
    NotSymmetric {
        /// The representation's name.
        name: String,
        /// Row of the first such entry, counted from 0.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry.
        value: f64,
        /// The one in its mirror place.
        mirrored: f64,
    },
    /// A measure of more than inner products of examples, where these are all that is given.
    #[error(
        "{name} is a matrix between examples, from which linear cka and hsic follow and no other measure: give the examples for {measure}"
    )]
    GramAlone {
        /// The representation's name.
        name: String,
        /// The measure.
        measure: String,
    },
    /// Two representations of different numbers of examples.
    #[error("{x} has {n_x} examples and {y} has {n_y}: row i of both must be the same example")]
    ExamplesDiffer {
        /// Name of the first representation.
        x: String,
        /// Name of the second.
        y: String,
        /// Examples in the first.
        n_x: usize,
        /// Examples in the second.
        n_y: usize,
    },
    /// A prepared representation lacks what a measure needs: it was prepared for others.
    #[error("{name} was prepared without {what}: prepare it for this measure too")]
    NotPrepared {
        /// The representation's name.
        name: String,
        /// What is missing.
        what: &'static str,
    },
    /// A measure has no value on two representations, for one of the causes below.
    #[error("{measure}: {cause}")]
    Measure {
        /// The measure asked for, with its full convention.
        measure: String,
        /// The cause.
        cause: Box<Error>,
    },
    /// Every neuron is constant over the examples, so that a normalised measure is 0/0.
    #[error("undefined: {name} ({n} x {p}) is constant: every example has the same value in each neuron")]
    Constant {
        /// The constant representation.
        name: String,
        /// Number of examples.
        n: usize,
        /// Number of neurons.
        p: usize,
    },
    /// The dimensions fill the space of examples: the value is one of the shapes alone (Theorem 1).
    #[error(
        "degenerate: with n = {n} examples there are {available} dimensions, and the representations ({p1} and {p2} neurons) \
         fill them ({role} {dimensions_x} and {dimensions_y}): the value is the same for all data. Use more examples than neurons, or degenerate=allow"
    )]
    Degenerate {
        /// Number of examples.
        n: usize,
        /// n - 1 when centered, n when not.
        available: usize,
        /// Neurons of X.
        p1: usize,
        /// Neurons of Y.
        p2: usize,
        /// What is counted: ranks, or kept dimensions.
        role: &'static str,
        /// Rank (or kept dimensions) of X.
        dimensions_x: usize,
        /// Rank (or kept dimensions) of Y.
        dimensions_y: usize,
    },
    /// Equal canonical correlations stand beside different ones: the canonical variates, hence the
    /// PWCCA weights, are not determined.
    #[error(
        "degenerate: the canonical correlations {first} to {last} (counted from 1) are all {correlation} within their error {tolerance:e}, \
         so that their variates, hence the weights, are any rotation of each other. degenerate=allow takes the block's own principal directions"
    )]
    RepeatedCorrelation {
        /// First correlation of the block, counted from 1 in descending order.
        first: usize,
        /// Last correlation of the block.
        last: usize,
        /// The common value.
        correlation: f64,
        /// The bound within which they are equal.
        tolerance: f64,
    },
    /// Equal canonical correlations whose variates have equal singular values too: even their
    /// principal directions are not determined.
    #[error(
        "degenerate: the canonical correlations {first} to {last} (counted from 1) are all {correlation}, and the principal directions of \
         their variates have equal singular values too, so that nothing determines the weights"
    )]
    RepeatedDirection {
        /// First correlation of the block, counted from 1 in descending order.
        first: usize,
        /// Last correlation of the block.
        last: usize,
        /// The common value.
        correlation: f64,
    },
    /// The variance threshold falls between equal singular values: the kept subspace is not
    /// determined.
    #[error(
        "degenerate: the threshold keeps {kept} dimensions of {name}, but singular values {first} to {last} (counted from 1) are equal ({singular_value:e}): \
         which of their directions are kept is arbitrary. Choose another threshold, or degenerate=allow keeps the whole block"
    )]
    SplitSingularValues {
        /// The representation.
        name: String,
        /// Dimensions that the threshold asks for.
        kept: usize,
        /// First singular value of the block, counted from 1.
        first: usize,
        /// Last singular value of the block.
        last: usize,
        /// The common value.
        singular_value: f64,
    },
    /// A self-term, HSIC(X, X) or HSIC(Y, Y), is zero within its rounding bound.
    #[error(
        "undefined: the HSIC of {name} with itself is zero within rounding (HSIC(X,Y) = {hsic_xy}, HSIC(X,X) = {hsic_xx}, HSIC(Y,Y) = {hsic_yy})"
    )]
    ZeroSelfTerm {
        /// The representation whose self-term vanishes.
        name: String,
        /// The three HSIC values.
        hsic_xy: ScaledValue,
        /// Self-term of X.
        hsic_xx: ScaledValue,
        /// Self-term of Y.
        hsic_yy: ScaledValue,
    },
    /// The median distance is 0: a bandwidth taken from it is undefined.
    #[error(
        "undefined: the median distance of {name} is 0 (at least half of the {pairs} pairs of examples are equal); give bandwidth=fixed,sigma=..."
    )]
    ZeroMedian {
        /// The representation.
        name: String,
        /// Number of pairs over which the median was taken.
        pairs: usize,
    },
    /// The bandwidth is so far below all distances that nothing is known of the kernel.
    #[error("{0}")]
    NarrowBandwidth(NarrowBandwidth),
    /// An example is zero where examples are divided by their norms.
    #[error("{0}")]
    ZeroNorm(ZeroNorm),
    /// Entries cannot be clipped at this quantile.
    #[error("entries are clipped at a quantile between 0.5 and 1 (0.999 keeps all but one in 500), not at {0}")]
    InvalidQuantile(f64),
    /// An example, centered where the measure centers, is zero: it has no cosine with others.
    #[error("undefined: example {row} (counted from 0) of {name} {is_zero}, and the cosine of a zero vector is undefined")]
    ZeroExample {
        /// The representation.
        name: String,
        /// The example, counted from 0.
        row: usize,
        /// What makes it so: it is zero, or equals the mean example.
        is_zero: &'static str,
    },
    /// An example has the same value in every neuron, so that its correlation with others is
    /// undefined.
    #[error(
        "undefined: example {row} (counted from 0) of {name} has the same value in all of its {p} neurons, and the correlation of a constant is undefined"
    )]
    ConstantExample {
        /// The representation.
        name: String,
        /// The example, counted from 0.
        row: usize,
        /// Number of neurons.
        p: usize,
    },
    /// A neuron is constant over the examples, so that its correlation with others is undefined.
    #[error(
        "undefined: neuron {column} (counted from 0) of {name} has the same value for every example, and the correlation of a constant is undefined; \
         leave it out, or compare by the distance"
    )]
    ConstantNeuron {
        /// The representation.
        name: String,
        /// The neuron, counted from 0.
        column: usize,
    },
    /// The examples that a fold is predicted from are all the same.
    #[error("undefined: {0}")]
    ConstantTraining(ConstantTraining),
    /// All pairs of examples are equally dissimilar, so that the dissimilarities neither correlate
    /// nor have an order.
    #[error("undefined: the {pairs} dissimilarities between the examples of {name} are all equal within rounding")]
    ConstantDissimilarities {
        /// The representation.
        name: String,
        /// Number of pairs of examples.
        pairs: usize,
    },
    /// The value exists, but an f64 cannot hold it, or the condition that its bound follows from.
    #[error("the value, or its condition, is about {mantissa} * 2^{exponent}, outside the range of f64; rescale the representations")]
    Unrepresentable {
        /// Value without its power of two.
        mantissa: f64,
        /// The power of two.
        exponent: i64,
    },
    /// A decomposition did not converge.
    #[error("the {decomposition} of a {rows} x {columns} matrix did not converge")]
    NoConvergence {
        /// Which decomposition.
        decomposition: &'static str,
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// A value left its range by more than rounding explains. This is a defect of the library, and
    /// never clamped away.
    #[error(
        "{measure}: the value {value} is outside [{lower}, {upper}] by more than its rounding bound {slack:e}: please report this defect with the data"
    )]
    OutOfRange {
        /// The measure asked for.
        measure: String,
        /// The value.
        value: f64,
        /// Least possible value.
        lower: f64,
        /// Greatest possible value.
        upper: f64,
        /// The rounding bound.
        slack: f64,
    },
    /// No such measure.
    #[error("unknown measure {id:?}; known: {known}")]
    UnknownMeasure {
        /// What was asked for.
        id: String,
        /// The ids there are.
        known: String,
    },
    /// No such key for this measure.
    #[error("{measure}: unknown key {key:?}; known here: {known}")]
    UnknownKey {
        /// The measure.
        measure: String,
        /// The key.
        key: String,
        /// The keys there are.
        known: String,
    },
    /// A key given twice.
    #[error("{measure}: the key {key:?} is given twice")]
    RepeatedKey {
        /// The measure.
        measure: String,
        /// The key.
        key: String,
    },
    /// A part of a measure's text that is not a key with its value.
    #[error("{measure}: {part:?} is not KEY=VALUE; `similitude measures` lists the keys and their values")]
    NotAKey {
        /// The measure.
        measure: String,
        /// The part, between two commas.
        part: String,
    },
    /// A value that the key does not take.
    #[error("{measure}: {key}={value:?} is not possible; {key} takes {expected}")]
    InvalidValue {
        /// The measure.
        measure: String,
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What it takes.
        expected: String,
    },
    /// A text that names no measure, beside the one that may have been meant.
    #[error("{cause}; did you mean {meant}?")]
    Misnamed {
        /// Why it names none.
        cause: Box<Error>,
        /// The text of a measure that there is.
        meant: String,
    },
    /// A key that must be given.
    #[error("{measure}: the key {key} must be given: {expected}")]
    MissingKey {
        /// The measure.
        measure: String,
        /// The key.
        key: String,
        /// What it takes.
        expected: String,
    },
    /// A matrix between examples that was computed elsewhere.
    #[error(transparent)]
    #[serde(untagged)]
    Given(GivenError),
}
