//! Many networks with one another: one number for each pair, and what follows from them.
//!
//! The layer of one name of each network makes up a network of its own ([`Gathered`]), so that a
//! [`Sweep`](crate::sweep::Sweep) of it with itself compares all pairs: within memory, resumable,
//! beside a null. Over several layers, [`mean_over_layers`] makes one matrix of their matrices. A
//! matrix gives [`distances`], these a map ([`map`]) and a tree ([`tree`]).

mod distances;
mod error;
mod gathered;
mod geometry;
mod mean;

pub use distances::{Distances, distances};
pub use error::Error;
pub use gathered::{Gathered, common_layers};
pub use geometry::{Coordinates, Merge, Tree, map, tree};
pub use mean::mean_over_layers;
