//! What came of the experiments: `results.json`, and `RESULTS.md` made from it.

mod page;
mod store;

pub use page::page;
pub use store::{Results, Row, Seconds, Verdict};
