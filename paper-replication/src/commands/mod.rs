//! The commands of the program.

mod demo_networks;

pub use demo_networks::{DemoNetworks, demo_networks};
