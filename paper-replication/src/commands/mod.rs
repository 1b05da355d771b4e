//! The commands of the program: each is its arguments and a function that runs them.

mod capture;
mod demo_networks;
mod pictures;
mod train;

pub use capture::{Capture, capture};
pub use demo_networks::{DemoNetworks, demo_networks};
pub use train::{Train, train};
