//! Tables of numbers in text, as NumPy, data frames and spreadsheets write them: a row an example,
//! a field a neuron.
//!
//! A text table does not say what its first row and its first column are. What cannot be otherwise
//! is read without a question (a row of words is a header, an unnamed first column is the row index
//! of a data frame) and noted; what could be either is a [`Problem`] that names the option that
//! decides.

mod choices;
mod dialect;
mod first_row;
mod index;
mod problem;
mod read;

pub use choices::{Choices, Comment, Decimal, Delimiter, IndexColumn};
pub use index::{Partners, partners, shuffled_names};
pub use problem::Problem;
pub use read::Table;
pub(crate) use read::read;
