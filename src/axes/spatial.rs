//! What becomes of positions.

use std::fmt;
use std::str::FromStr;

use super::problem::AxesError;

/// What becomes of the positions of an example: those of an image, the tokens of a sentence.
///
/// The rows of `positions` are ordered by example, then by position (rows of an image before its
/// columns). Means are compensated sums divided by their number of terms: their error does not grow
/// with the number of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spatial {
    /// Every channel at every position is a neuron.
    Flatten,
    /// A neuron is a channel's average over positions.
    Mean,
    /// A neuron is a channel's largest value over positions.
    Max,
    /// A neuron is a channel at the first position.
    First,
    /// A neuron is a channel at the last position.
    Last,
    /// A neuron is a channel at this position, counted from 0.
    Token(usize),
    /// Every position of every example is an example.
    Positions,
}

impl FromStr for Spatial {
    type Err = AxesError;

    fn from_str(text: &str) -> Result<Self, AxesError> {
        let unknown = || AxesError::UnknownSpatial { text: text.to_owned() };
        match text {
            "flatten" => Ok(Self::Flatten),
            "mean" => Ok(Self::Mean),
            "max" => Ok(Self::Max),
            "first" => Ok(Self::First),
            "last" => Ok(Self::Last),
            "positions" => Ok(Self::Positions),
            _ => text.strip_prefix("token=").and_then(|number| number.parse().ok()).map(Self::Token).ok_or_else(unknown),
        }
    }
}

impl fmt::Display for Spatial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flatten => f.write_str("flatten"),
            Self::Mean => f.write_str("mean"),
            Self::Max => f.write_str("max"),
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::Token(number) => write!(f, "token={number}"),
            Self::Positions => f.write_str("positions"),
        }
    }
}
