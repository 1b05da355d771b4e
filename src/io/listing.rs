//! Names and indices in messages.

use std::fmt;

/// Names beyond this many are counted instead of listed: an archive may hold thousands.
const LISTED_NAMES: usize = 60;

/// Names, quoted and separated by commas.
pub(super) struct Listing<'a>(pub(super) &'a [String]);

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().take(LISTED_NAMES).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name:?}")?;
        }
        match self.0.len().saturating_sub(LISTED_NAMES) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// An index, in words where it is a matrix's.
pub(super) struct Position<'a>(pub(super) &'a [usize]);

impl fmt::Display for Position<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [row] => write!(f, "row {row}"),
            [row, column] => write!(f, "row {row}, column {column}"),
            index => write!(f, "index {index:?}"),
        }
    }
}
