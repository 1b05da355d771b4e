//! Scores of all pairs of layers of two networks, and what is read off them.

mod facts;
mod identification;
mod scores;

pub use facts::{Fact, Facts};
pub use identification::{Identification, identify};
pub(crate) use scores::symmetric;
pub use scores::{Cell, Failure, LayerFacts, NetworkFacts, Outcome, Record, Scores};
