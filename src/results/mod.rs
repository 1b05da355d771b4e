//! Scores of all pairs of layers of two networks, and what is read off them.

mod difference;
mod facts;
mod identification;
mod mean;
mod processor;
mod provenance;
mod scores;

pub use difference::{Difference, differences};
pub use facts::{Fact, Facts};
pub use identification::{Identification, identify};
pub use mean::mean_over_groups;
pub use processor::Processor;
pub use provenance::{MATCHED, Provenance, checksums};
pub(crate) use scores::symmetric;
pub use scores::{Cell, Failure, LayerFacts, NetworkFacts, Outcome, Record, Scores};
