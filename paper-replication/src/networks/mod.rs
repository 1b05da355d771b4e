//! The paper's convolutional networks at any picture size and width.
//!
//! An [`Architecture`] is a name, a [`NetworkConfig`] adds the sizes, a plan spells out every
//! convolution, and a [`Network`] holds the weights. Every layer ends in ReLU; the layers are
//! compared after it. Global average pooling follows the last convolution, then the logits.

mod architecture;
mod initial;
mod network;
mod plan;

pub(crate) use initial::Initial;

pub use architecture::{Architecture, NetworkConfig};
pub use network::{AffineMap, Network};
pub use plan::{Convolution, LayerShape, Unit};
