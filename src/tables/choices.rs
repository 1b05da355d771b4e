//! What a person can say of a table.

use std::str::FromStr;

/// How a text table is read; where nothing is said, the text decides, or asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// What stands between fields.
    pub delimiter: Option<Delimiter>,
    /// What stands before the decimals of a number; a point unless given.
    pub decimal: Option<Decimal>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// The column that names the rows.
    pub index: Option<IndexColumn>,
    /// Columns that are no neurons, by name or by number from 1.
    pub drop: Vec<String>,
    /// What starts a line that is not read; `#` before the first row unless given.
    pub comment: Option<Comment>,
}

/// What stands between fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// One character of ASCII.
    Byte(u8),
    /// Any number of spaces.
    Spaces,
}

/// What stands before the decimals of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimal {
    /// 1.5
    Point,
    /// 1,5
    Comma,
}

/// The column that names the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexColumn {
    /// By its name in the header, or by its number from 1.
    Named(String),
    /// There is none: every column is a neuron.
    None,
}

/// Lines that are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comment {
    /// Those that start with this character, wherever they stand.
    Byte(u8),
    /// All lines are read.
    None,
}

impl FromStr for Delimiter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.as_bytes()) {
            ("comma", _) => Ok(Self::Byte(b',')),
            ("semicolon", _) => Ok(Self::Byte(b';')),
            ("tab" | "\\t", _) => Ok(Self::Byte(b'\t')),
            ("space" | " ", _) => Ok(Self::Spaces),
            (_, &[byte]) if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n.+-".contains(&byte) => Ok(Self::Byte(byte)),
            _ => Err(format!("{text:?} does not separate fields; comma, semicolon, tab, space or one character does")),
        }
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "point" | "." => Ok(Self::Point),
            "comma" | "," => Ok(Self::Comma),
            _ => Err(format!("{text:?} is not a decimal mark; point and comma are")),
        }
    }
}

impl FromStr for IndexColumn {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "none" { Self::None } else { Self::Named(text.to_owned()) })
    }
}

impl FromStr for Comment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.as_bytes()) {
            ("none", _) => Ok(Self::None),
            (_, &[byte]) if byte.is_ascii_punctuation() && byte != b'"' => Ok(Self::Byte(byte)),
            _ => Err(format!("{text:?} does not start a comment; one character such as # does, or none")),
        }
    }
}
