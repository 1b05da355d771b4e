//! What the axes of a tensor count, and the matrix of examples by neurons that it becomes.
//!
//! A file holds lengths, not meanings: 64 x 7 x 7 x 512 may be channels first or last, and 12 x 64
//! x 768 examples or layers first. More than two axes longer than 1 are therefore named ([`Axes`]:
//! `nchw`, `nhwc`, `ntd`, `nLd`), never guessed, and what becomes of positions is chosen
//! ([`Spatial`]), without the padding where a [`Mask`] says which positions are padding.

mod letters;
mod mask;
mod plan;
mod pool;
mod problem;
mod rows;
mod spatial;

pub use letters::{Axes, Axis};
pub use mask::Mask;
pub(crate) use plan::Plan;
pub use plan::{Arranged, Arrangement};
pub use problem::{AxesError, GroupsError, MaskError, Problem, RowsError};
pub use rows::{RowChoice, Rows};
pub use spatial::Spatial;
