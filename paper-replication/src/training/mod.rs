//! Fitting a network: crops and flips, warm-up and cosine, checkpoints that resume.

mod augment;
mod batch;
mod checkpoint;
mod progress;
mod regime;
mod trainer;
mod weights;

pub use batch::Batches;
pub use progress::{Epoch, Progress};
pub use regime::Regime;
pub use trainer::{Run, Trainer};
