//! What a text table leaves open, or has wrong.

/// Why a text table is not read. Messages follow the file's name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The operating system refused.
    #[error(": {0}")]
    System(#[from] std::io::Error),

    /// The reader of records met something else.
    #[error(": {0}")]
    Record(String),

    /// Text of two or four bytes a character.
    #[error(": the text is {encoding}, by its first bytes; save it as UTF-8")]
    Encoding {
        /// Its encoding.
        encoding: &'static str,
    },

    /// Nothing but a header, or nothing at all.
    #[error(": there is no row of numbers{what}")]
    NoRows {
        /// What there is.
        what: &'static str,
    },

    /// An integer that no f64 equals.
    #[error(
        ", line {line}, column {column}: the integer {text} cannot be held exactly by an f64 (not every integer beyond 2^53 can); \
         identifiers are no neurons: name such a column with --index-column, or leave it out with --drop-columns"
    )]
    Inexact {
        /// The line of the file, counted from 1.
        line: u64,
        /// The field of the line, counted from 1.
        column: usize,
        /// The integer.
        text: String,
    },

    /// A row with another number of fields than the first.
    #[error(", line {line}: expected {expected} fields as in the first row, found {found}{hint}")]
    Ragged {
        /// The line of the file, counted from 1.
        line: u64,
        /// The number of fields in the first row.
        expected: usize,
        /// The number of fields in this row.
        found: usize,
        /// What may be the matter.
        hint: &'static str,
    },

    /// A quote that makes the whole file one field.
    #[error(", line {line}: a quote is not closed, so that all that follows is one field; close it, or take the quotes out")]
    OpenQuote {
        /// The line of the file, counted from 1.
        line: u64,
    },

    /// A field that is not a number.
    #[error(", line {line}, column {column}: {text:?} is not a number{hint}")]
    NotANumber {
        /// The line of the file, counted from 1.
        line: u64,
        /// The field of the line, counted from 1.
        column: usize,
        /// The field, cut when it is long.
        text: String,
        /// The option that would read it, if one would.
        hint: String,
    },

    /// Several characters could separate the fields.
    #[error(
        ", line {line}: {} all occur in {row:?}; say which separates fields with --delimiter (comma, semicolon, tab), \
         and whether numbers have a decimal comma with --decimal comma",
        found.join(" and ")
    )]
    Delimiters {
        /// The line of the file, counted from 1.
        line: u64,
        /// The characters.
        found: Vec<String>,
        /// The row, cut when it is long.
        row: String,
    },

    /// Commas separate fields and decimals.
    #[error(": --decimal comma leaves no comma to separate fields, and there is neither a semicolon nor a tab; give --delimiter")]
    CommaTwice,

    /// A first row that could be names or numbers.
    #[error(", line {line}: the first row, {row:?}, could be {}; say which with --header yes or --header no", either)]
    HeaderOrData {
        /// The line of the file, counted from 1.
        line: u64,
        /// The row, cut when it is long.
        row: String,
        /// The two readings.
        either: &'static str,
    },

    /// A line that could be a comment, after the first row.
    #[error(", line {line}: starts with #; --comment '#' leaves such lines out, --comment none reads them")]
    CommentAmongRows {
        /// The line of the file, counted from 1.
        line: u64,
    },

    /// A column that could be a neuron or number the rows.
    #[error(
        ": column {column}{} {looks}: is it an index of the rows, or a neuron? say --index-column {}, or --index-column none",
        named(name), name.clone().unwrap_or_else(|| column.to_string())
    )]
    IndexOrNeuron {
        /// The column, counted from 1.
        column: usize,
        /// Its name in the header.
        name: Option<String>,
        /// What it looks like.
        looks: &'static str,
    },

    /// Several columns name the rows.
    #[error(
        ": columns {} and {} both name the rows; say which does with --index-column, and leave the other out with --drop-columns",
        columns.0, columns.1
    )]
    TwoIndexes {
        /// The columns, counted from 1.
        columns: (usize, usize),
    },

    /// No column has this name or number.
    #[error(": no column {name:?} (--{option}); {}", listed(names))]
    NoSuchColumn {
        /// What was asked for.
        name: String,
        /// The option that asked for it.
        option: &'static str,
        /// The names in the header; none where there is no header.
        names: Vec<String>,
    },

    /// Two rows have the same id.
    #[error(
        ", line {line}: the id {id:?} of column {column} stands in an earlier row too; rows are named once: leave the column out with \
         --drop-columns {column}, and rows belong together as they stand, or name another with --index-column. An index of several \
         levels is made one column first"
    )]
    DoubledId {
        /// The line of the file, counted from 1.
        line: u64,
        /// The id.
        id: String,
        /// What the options call the column of ids.
        column: String,
    },

    /// A column without a name that is not the index.
    #[error(": column {column} has no name in the header; it is the row index of a data frame: leave it out with --drop-columns unnamed")]
    Unnamed {
        /// The column, counted from 1.
        column: usize,
    },

    /// A name that is a number, where the unnamed column of that number may be meant.
    #[error(
        ": --index-column {name} is the column of that name, as names go before numbers; column {column}, which has no name, is \
         --index-column unnamed"
    )]
    NameOrNumber {
        /// What was asked for.
        name: String,
        /// The column without a name, counted from 1.
        column: usize,
    },

    /// Nothing is left.
    #[error(": every column names rows or is left out")]
    NoNeurons,
}

fn named(name: &Option<String>) -> String {
    name.as_ref().map_or(String::new(), |name| format!(" ({name:?})"))
}

fn listed(names: &[String]) -> String {
    /// Names beyond this many are counted.
    const LISTED: usize = 20;
    if names.is_empty() {
        return "there is no header, columns are numbered from 1".to_owned();
    }
    let more = names.len().saturating_sub(LISTED);
    let text = names.iter().take(LISTED).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if more == 0 { format!("the header has {text}") } else { format!("the header has {text} and {more} more") }
}
