//! Table F.1 of the source paper: which index finds the corresponding sublayer of another
//! Transformer, at each of four places?

mod indexes;
mod networks;
mod places;
mod report;
mod setting;
mod statements;

pub use indexes::{INDEXES, Index};
pub use networks::{Networks, networks};
pub use places::{Accuracy, PlaceResult, identify_at};
pub use report::write_results;
pub use setting::{Preset, Setting};
pub use statements::{Statement, statements};
