//! Finished cells in files: so that an interrupted sweep is taken up where it stopped, and the
//! parts of one are put together.

mod content;
mod error;
mod header;
mod lines;
mod partial;

pub use error::Error;
pub(crate) use header::LOCAL;
pub use header::{Header, NetworkHeader};
pub(crate) use lines::{Line, Reader, seal, sealed, unseal};
pub use partial::Partial;
