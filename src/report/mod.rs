//! What results look like outside: JSON, long tables, heat maps, and the words for a methods
//! section.

pub mod best;
pub mod bibliography;
pub mod catalog;
pub mod csv;
pub mod files;
mod finished;
mod formulas;
pub mod heatmap;
pub mod json;
pub mod latex;
pub mod methods;
pub mod picture;
mod read;
pub mod significance;
pub mod statistics;
mod style;
mod visible;

pub use finished::{Finished, FinishedError};
pub use read::read_scores;
pub use style::Style;
pub use visible::{visible, visible_lines};
