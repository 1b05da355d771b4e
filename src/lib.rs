//! similitude measures how alike two neural representations are, and proves that its numbers are right.
#![deny(missing_docs)]

mod arrays;
pub mod claims;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod convention;
mod diagnostics;
mod error;
mod gram;
pub mod io;
pub mod kernel;
pub mod laws;
mod linalg;
pub mod measure;
pub mod measures;
pub mod moments;
mod needs;
mod precision;
pub mod prepared;
pub mod reference;
pub mod registry;
pub mod report;
mod representation;
pub mod results;
mod scaled_value;
mod score;
mod spec;
pub mod sweep;
pub mod tolerance;
mod transport;
mod undefined;

pub use arrays::neurons::{NeuronBlock, NeuronValues, StoredNeurons};
pub use claims::{Claim, Claims, Condition, Direction, Group, Properties, Range, Side};
pub use diagnostics::{Diagnostic, Diagnostics};
pub use error::{Error, ErrorKind};
pub use measure::{Definition, Measure, Outcome};
pub use needs::{Artifact, Moments, Needs, Product, SinglePrecision, Size, Terms};
pub use precision::Precision;
pub use prepared::{Pair, Partners, Prepared};
pub use representation::Representation;
pub use scaled_value::ScaledValue;
pub use score::Score;
pub use spec::{Citation, Key, Spec};
pub use undefined::Undefined;
