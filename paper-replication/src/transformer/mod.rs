//! Transformer encoders whose layers can be looked into.
//!
//! The source paper compares Transformers at four places of every sublayer (its Table F.1): after
//! layer normalization, after the learned gain and bias, after attention or the feed-forward
//! network, and after the residual addition. Ready-made layers hide the first of them, so the
//! [`Sublayer`]s here are put together from linear maps, and show all four.
//!
//! Two networks are built of them: an [`Encoder`] that learns to read the rows of small pictures
//! ([`train`]), and the [`bert`] models that others trained on text.

pub mod bert;

mod attention;
mod captured;
mod encoder;
mod feed_forward;
mod layer_norm;
mod positions;
mod sublayer;
pub mod table_f1;
mod train;

pub use attention::Attention;
pub use captured::write_places;
pub use encoder::{Encoder, EncoderConfig};
pub use feed_forward::FeedForward;
pub use layer_norm::LayerNorm;
pub use positions::capture_positions;
pub use sublayer::{Place, Sublayer, Transformation};
pub use train::{EncoderRun, Trained, accuracy, train};
