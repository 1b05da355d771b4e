//! The one error type: every variant carries the numbers that a person needs to understand it.

/// Which of the two representations a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first representation.
    X,
    /// The second representation.
    Y,
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Side::X => "X",
            Side::Y => "Y",
        })
    }
}

/// Why a measure has no value on these data, or why the oracle cannot state it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OracleError {
    /// An entry is NaN or infinite.
    #[error("entry at row {row}, column {column} is {value}: every entry must be finite")]
    NotFinite {
        /// Zero-based row of the first offending entry.
        row: usize,
        /// Zero-based column of the first offending entry.
        column: usize,
        /// The entry itself.
        value: f64,
    },
    /// The slice does not hold `rows * columns` entries, or one of these is zero.
    #[error("{rows} rows and {columns} columns need {rows} * {columns} entries (at least one), got {length}")]
    Shape {
        /// Number of rows asked for.
        rows: usize,
        /// Number of columns asked for.
        columns: usize,
        /// Length of the slice.
        length: usize,
    },
    /// The two representations have different numbers of examples.
    #[error("X has {rows_x} examples and Y has {rows_y}: both must list the same examples")]
    ShapeMismatch {
        /// Rows of X.
        rows_x: usize,
        /// Rows of Y.
        rows_y: usize,
    },
    /// The estimator needs more examples.
    #[error("{what} needs at least {needed} examples, got {got}")]
    TooFewExamples {
        /// What needs them.
        what: &'static str,
        /// The least number of examples.
        needed: usize,
        /// The number given.
        got: usize,
    },
    /// All rows of a representation are equal (or, uncentered, zero).
    #[error("{side} is constant: a normalised measure is undefined on it")]
    Constant {
        /// The constant representation.
        side: Side,
    },
    /// The examples that a fold is predicted from are all equal. Folds are counted from 0.
    #[error("the examples of {side} outside fold {fold} (counted from 0) are all equal: nothing can be fitted on them")]
    ConstantTraining {
        /// The predictor.
        side: Side,
        /// The fold that is held out, counted from 0.
        fold: usize,
    },
    /// The value is a constant of the shapes and not a comparison, or it depends on an arbitrary
    /// choice of basis.
    #[error("degenerate: {reason} (n = {examples}, rank X = {rank_x}, rank Y = {rank_y})")]
    Degenerate {
        /// Number of examples.
        examples: usize,
        /// Exact rank of X, or the number of its kept dimensions.
        rank_x: usize,
        /// Exact rank of Y, or the number of its kept dimensions.
        rank_y: usize,
        /// What is degenerate.
        reason: String,
    },
    /// A self-term of the normalisation is exactly zero.
    #[error("a self-term is exactly zero: {self_x:e} of X, {self_y:e} of Y; the cross term is {cross:e}")]
    ZeroSelfTerm {
        /// HSIC(X,X), or the bias-corrected squared distance variance of X, rounded.
        self_x: f64,
        /// The same of Y.
        self_y: f64,
        /// The same of X and Y.
        cross: f64,
    },
    /// A decision or a digit could not be certified at the largest precision.
    #[error("undecidable with {precision} bits: {what}")]
    Undecidable {
        /// What could not be decided.
        what: String,
        /// The largest precision tried.
        precision: usize,
    },
    /// Rounding may decide either way, and the value depends on it: only under
    /// [`RankRule::Numerical`](crate::RankRule::Numerical).
    #[error("in doubt by rounding: {what}")]
    Doubtful {
        /// What cannot be decided, within a factor of two of the rule's cut.
        what: String,
    },
    /// An example whose cosine is asked for is zero.
    /// For the cosine kernel, which centers, that is an example equal to the mean example.
    #[error("row {row} of {side} is zero (after centering, for the cosine kernel): its cosine is undefined")]
    ZeroRow {
        /// The representation.
        side: Side,
        /// Zero-based row.
        row: usize,
    },
    /// An example has the same value in every neuron, so that its correlations are undefined.
    #[error("row {row} of {side} is constant over the neurons: its correlation is undefined")]
    ConstantRow {
        /// The representation.
        side: Side,
        /// Zero-based row.
        row: usize,
    },
    /// A neuron has the same value for every example, so that its correlations are undefined.
    #[error("column {column} of {side} is constant over the examples: its correlation is undefined")]
    ConstantNeuron {
        /// The representation.
        side: Side,
        /// Zero-based column.
        column: usize,
    },
    /// The measure needs more neurons.
    #[error("{what} needs at least {needed} neurons, {side} has {got}")]
    TooFewNeurons {
        /// The representation.
        side: Side,
        /// What needs them.
        what: &'static str,
        /// The least number of neurons.
        needed: usize,
        /// The number given.
        got: usize,
    },
    /// The dissimilarities of a representation leave nothing to compare.
    #[error("the dissimilarities between the examples of {side} are all {what}: their comparison is undefined")]
    FlatDissimilarities {
        /// The representation.
        side: Side,
        /// `equal` or `zero`.
        what: &'static str,
    },
    /// The number of neighbours says nothing: n - 1 of them are all the other examples.
    #[error("k = {neighbours} neighbours among {examples} examples: k must be from 1 to the number of examples less 2")]
    NeighbourCount {
        /// The number of neighbours k asked for.
        neighbours: usize,
        /// The number of examples n.
        examples: usize,
    },
    /// The median distance is zero, so the bandwidth is.
    #[error("the median distance between examples of {side} is zero: the bandwidth is undefined")]
    ZeroMedian {
        /// The representation.
        side: Side,
    },
    /// An option is outside its range.
    #[error("{option} = {value}: expected {expected}")]
    InvalidOption {
        /// Name of the option.
        option: &'static str,
        /// The value given.
        value: f64,
        /// The valid range.
        expected: &'static str,
    },
    /// A measure specification cannot be read.
    #[error("cannot read the measure \"{spec}\": {reason}")]
    Spec {
        /// The specification.
        spec: String,
        /// What is wrong, with the valid names.
        reason: String,
    },
    /// A table of numbers cannot be read.
    #[error("line {line}: {reason}")]
    Table {
        /// One-based line.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}
