//! The commands of the program: each is its arguments and a function that runs them.

mod capture;
mod cost;
mod demo_networks;
mod experiment;
mod minilm;
mod pictures;
mod table_f1;
mod train;
mod weights;
mod wide_networks;

pub use capture::{Capture, capture};
pub use cost::{Cost, cost};
pub use demo_networks::{DemoNetworks, demo_networks};
pub use experiment::{ExperimentArguments, ResultsArguments, all, experiment, list, results};
pub use minilm::{MiniLm, minilm};
pub use table_f1::{TableF1, table_f1};
pub use train::{Train, train};
pub use weights::{Weights, answers, made_pictures, weights};
pub use wide_networks::{WideNetworks, wide_networks};
