//! similitude measures how alike two neural representations are, and proves that its numbers are right.
#![deny(missing_docs)]

pub mod claims;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod convention;
mod diagnostics;
mod error;
pub mod io;
pub mod kernel;
pub mod laws;
pub mod linalg;
pub mod measure;
pub mod measures;
pub mod moments;
mod needs;
pub mod reference;
pub mod registry;
pub mod report;
mod representation;
mod score;
pub mod sweep;
pub mod tolerance;

pub use claims::{Claim, Claims, Condition, Group, Properties, Range, Side};
pub use error::{Error, ErrorKind};
pub use linalg::{NeuronBlock, NeuronValues, Pair, Partners, Precision, Prepared, ScaledValue, StoredNeurons};
pub use measure::{Citation, Definition, Diagnostic, Diagnostics, Direction, Key, Measure, Outcome, Score, Spec};
pub use needs::{Needs, Product};
pub use representation::Representation;
