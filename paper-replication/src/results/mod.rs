//! What came of the experiments: `results.json`, and `RESULTS.md` made from it.

mod deviations;
mod history;
mod numbers;
mod page;
mod questions;
mod separate;
mod size;
mod store;

pub use page::{entries, page};
pub use separate::adopt;
pub use store::{Results, Row, Seconds, Verdict};
