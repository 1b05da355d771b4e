//! Axes, masks and rows that do not fit a tensor, in words.

/// The choices of what becomes of positions, as they are listed to people.
const SPATIAL: &str = "flatten (every channel at every position is a neuron), mean or max (over positions), first, last or \
                       token=K (one position), or positions (every position is an example)";

/// Why a tensor does not become a matrix. Messages follow the tensor's place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// More than two axes, and no name for them.
    #[error(
        "a tensor of shape {shape:?} has {} axes, and a file does not say what they count; say it with --axes{}, and what becomes of \
         positions with --spatial {SPATIAL}{}",
        shape.len(), names_for(shape), given_others(given)
    )]
    Unnamed {
        /// Its shape.
        shape: Vec<usize>,
        /// Names that were given for other numbers of axes.
        given: Vec<String>,
    },

    /// Positions, and no choice of what becomes of them.
    #[error("a tensor of shape {shape:?} read as {axes} has {positions} positions in every example; choose --spatial {SPATIAL}")]
    Unpooled {
        /// Its shape.
        shape: Vec<usize>,
        /// Its axes.
        axes: String,
        /// Positions of an example.
        positions: usize,
    },

    /// A stack of layers where one was expected.
    #[error("a tensor of shape {shape:?} read as {axes} is a stack of layers, of which one has to be named")]
    WholeStack {
        /// Its shape.
        shape: Vec<usize>,
        /// Its axes.
        axes: String,
    },

    /// A tensor without values.
    #[error("a tensor of shape {shape:?} holds nothing")]
    Empty {
        /// Its shape.
        shape: Vec<usize>,
    },

    /// A product of lengths that no memory holds.
    #[error("a tensor of shape {shape:?} does not fit into memory as f64")]
    TooLarge {
        /// Its shape.
        shape: Vec<usize>,
    },

    /// A mask that does not fit.
    #[error(transparent)]
    Mask(#[from] MaskError),

    /// Rows that are not there.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

/// Why a text does not name axes, or what becomes of positions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AxesError {
    /// A letter that names no axis.
    #[error(
        "{text:?}: {letter:?} names no axis; n (examples), c and d (channels, features), L (layers of a stack) and \
         t s l f p z y x h w (positions) do"
    )]
    UnknownLetter {
        /// What was given.
        text: String,
        /// The letter.
        letter: char,
    },

    /// A letter that stands for two axes.
    #[error("{text:?}: {letter:?} stands for two axes")]
    Twice {
        /// What was given.
        text: String,
        /// The letter.
        letter: char,
    },

    /// No axis of examples.
    #[error("{text:?} has no axis of examples (n)")]
    NoExamples {
        /// What was given.
        text: String,
    },

    /// Capitals, where L may be a length or layers.
    #[error("{text:?}: in capitals L may be a length or the layers of a stack; write {length:?} for a length, or small letters around L")]
    CapitalL {
        /// What was given.
        text: String,
        /// The same with a length.
        length: String,
    },

    /// Two names for tensors of one number of axes.
    #[error("{first} and {second} name the same number of axes; one of them can hold")]
    SameNumber {
        /// One.
        first: String,
        /// The other.
        second: String,
    },

    /// A word that says nothing of positions.
    #[error("{text:?} is not a way to treat positions; flatten, mean, max, first, last, token=K and positions are")]
    UnknownSpatial {
        /// The word.
        text: String,
    },
}

/// Why a mask or lengths do not fit a tensor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// An element that is neither 0 nor 1.
    #[error("{mask}: a mask has 1 where a position counts and 0 where it is padding; found {value} in example {example}")]
    NotAMask {
        /// The mask.
        mask: String,
        /// The example, counted from 0.
        example: usize,
        /// The element.
        value: String,
    },

    /// A length that is no positive integer.
    #[error("{mask}: the length of example {example} is {value}; lengths are integers from 1")]
    NotALength {
        /// The lengths.
        mask: String,
        /// The example, counted from 0.
        example: usize,
        /// The element.
        value: String,
    },

    /// A mask with a shape that none has.
    #[error("{mask}: a tensor of shape {shape:?}; a mask is examples x positions, lengths are one number an example")]
    Shape {
        /// The mask.
        mask: String,
        /// Its shape.
        shape: Vec<usize>,
    },

    /// A mask of other examples or positions than the tensor's.
    #[error("{mask}: {found:?} (examples, positions) where the tensor has {expected:?}")]
    Differs {
        /// The mask.
        mask: String,
        /// Examples and positions of the mask.
        found: (usize, usize),
        /// Examples and positions of the tensor.
        expected: (usize, usize),
    },

    /// An example that is longer than the tensor.
    #[error("{mask}: example {example} has length {length}, the tensor {positions} positions")]
    TooLong {
        /// The lengths.
        mask: String,
        /// The example, counted from 0.
        example: usize,
        /// Its length.
        length: usize,
        /// Positions of the tensor.
        positions: usize,
    },

    /// An example that is padding alone.
    #[error("{mask}: all positions of example {example} are padding; leave it out with --rows, or mend the mask")]
    NothingKept {
        /// The mask.
        mask: String,
        /// The example, counted from 0.
        example: usize,
    },

    /// Padding that would become neurons.
    #[error("{mask}: --spatial flatten would make neurons of the padding; take mean, max, first, last, token=K or positions")]
    Flattened {
        /// The mask.
        mask: String,
    },

    /// A position that an example does not have.
    #[error("token={token}: example {example} has {positions} positions, counted from 0")]
    NoSuchToken {
        /// What was asked for.
        token: usize,
        /// The example, counted from 0.
        example: usize,
        /// Its positions without padding.
        positions: usize,
    },
}

impl Eq for MaskError {}

/// Why rows cannot be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// A text that is neither ranges nor a file.
    #[error(
        "{text:?} is neither ranges of rows (0:5000, ::10, 0:100,200:300, counted from 0, the end not included) nor a file of row numbers"
    )]
    Unreadable {
        /// The text.
        text: String,
    },

    /// A row past the last.
    #[error("--rows {text}: row {row} is not there; there are {n} examples, counted from 0")]
    Beyond {
        /// What was asked for.
        text: String,
        /// The row.
        row: i64,
        /// The number of examples.
        n: usize,
    },

    /// A row asked for twice.
    #[error("--rows {text}: row {row} is asked for twice{hint}")]
    Twice {
        /// What was asked for.
        text: String,
        /// The row.
        row: usize,
        /// What may be the matter.
        hint: &'static str,
    },

    /// No row at all.
    #[error("--rows {text}: no row of the {n} there are")]
    Nothing {
        /// What was asked for.
        text: String,
        /// The number of examples.
        n: usize,
    },

    /// More examples than there are.
    #[error("--sample {count}: there are {n} examples")]
    TooFew {
        /// What was asked for.
        count: usize,
        /// The number of examples.
        n: usize,
    },

    /// Rows that would be other examples.
    #[error(
        "rows {text}: {n} examples here and {known} elsewhere: they would not be the same examples; \
         give ranges from the front (0:{}), or a file",
        n.min(known)
    )]
    OtherExamples {
        /// What was asked for.
        text: String,
        /// The number of examples.
        n: usize,
        /// The number of examples that it was asked of before.
        known: usize,
    },

    /// A mask of rows of another length.
    #[error("--rows {text}: {found} booleans for {n} examples")]
    OtherLength {
        /// The file.
        text: String,
        /// Its length.
        found: usize,
        /// The number of examples.
        n: usize,
    },

    /// A word among booleans that is none.
    #[error("--rows {text}: {value} is neither true nor false, as the first word is")]
    NotAFlag {
        /// The file.
        text: String,
        /// The word.
        value: String,
    },

    /// Labels of another number of examples.
    #[error("--group {labels}: {found} labels for {n} examples")]
    OtherLabels {
        /// What a person calls the labels.
        labels: String,
        /// Their number.
        found: usize,
        /// The number of examples.
        n: usize,
    },

    /// A number that numbers no row.
    #[error("--rows {text}: {value} is no row number")]
    NotARow {
        /// The file.
        text: String,
        /// The number.
        value: String,
    },
}

/// The names that a shape may have.
fn names_for(shape: &[usize]) -> &'static str {
    match shape.len() {
        3 => " ntd (n x t x d: tokens), ncl (n x c x l: channels first), nlc (channels last), nLd or Lnd (a stack of layers)",
        4 => " nchw (n x c x h x w: channels first, PyTorch), nhwc (channels last: Keras, JAX), nLtd (a stack of layers)",
        5 => " ncthw or nczyx (channels first), nthwc or nzyxc (channels last)",
        _ => " (n examples, c and d channels, t s l f p z y x h w positions, L layers)",
    }
}

fn given_others(given: &[String]) -> String {
    if given.is_empty() { String::new() } else { format!("; --axes {} names other numbers of axes", given.join(",")) }
}

/// Labels of examples that make no groups.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupsError {
    /// More than one axis.
    #[error("--group {text}: a label for each example is a vector, and this has the shape {shape:?}")]
    NotAVector {
        /// Where the labels stand.
        text: String,
        /// The shape.
        shape: Vec<usize>,
    },

    /// A number that is no label.
    #[error("--group {text}: {value:?} is no label; labels are whole numbers, or words in a text file, one a line")]
    NotALabel {
        /// Where the labels stand.
        text: String,
        /// The number.
        value: f64,
    },

    /// An empty line.
    #[error("--group {text}: row {row} has no label; a text file has one label a line, and as many lines as there are examples")]
    NoLabel {
        /// Where the labels stand.
        text: String,
        /// The row, counted from 0.
        row: usize,
    },

    /// Nothing to average over.
    #[error("--group {text}: {labels} labels, all of one group; without --group they are compared as a whole")]
    OneGroup {
        /// Where the labels stand.
        text: String,
        /// The number of labels.
        labels: usize,
    },

    /// A group that no measure has a value on.
    #[error(
        "--group {text}: of {labels} labels {label:?} is that of {count} example, and no measure has a value on fewer than two; leave it \
         out of the data, or join it to another{}",
        if *is_first { "; where the first line is a header, take it out" } else { "" }
    )]
    TooFew {
        /// Where the labels stand.
        text: String,
        /// The group.
        label: String,
        /// Its examples.
        count: usize,
        /// The number of labels.
        labels: usize,
        /// Whether the first label of a text is the only one of its kind.
        is_first: bool,
    },
}
