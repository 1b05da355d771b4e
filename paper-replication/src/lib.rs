//! Data, networks and training for the experiments of Kornblith, Norouzi, Lee and Hinton,
//! *Similarity of Neural Network Representations Revisited* (ICML 2019).
//!
//! The order of work is always the same: [`data`] loads labelled pictures, [`networks`] builds
//! one of the paper's architectures from a seed, [`training`] fits it, and [`capture`] records
//! what every layer answers to the same pictures. The files that leave this crate are plain
//! `.safetensors`, one a network, so that any program can compare them.
//!
//! Everything random (weights, order of the examples, crops and flips) is drawn from ChaCha
//! streams of one seed, never from the framework's global generator: two runs with the same
//! seed on the same machine give the same bits.

pub mod analysis;
pub mod capture;
pub mod commands;
pub mod data;
pub mod error;
pub mod experiments;
pub mod figures;
pub mod job;
pub mod machine;
pub mod networks;
pub mod preset;
pub mod probe;
pub mod results;
pub mod training;
pub mod transformer;
mod whole;
