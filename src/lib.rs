//! How alike are two neural representations, and is the number right?
//!
//! A [`Representation`] is a matrix of n examples (rows) by p neurons (columns). A [`Measure`]
//! compares two of them that have the same examples, row by row, whatever their widths:
//!
//! ```
//! use similitude::{Measure, Representation};
//!
//! let x = Representation::from_row_major("x", 4, 2, vec![1., 0., 0., 1., -1., 0., 0., -1.])?;
//! let y = Representation::from_row_major("y", 4, 1, vec![2., 0., -2., 0.])?;
//! let score = Measure::parse("cka:estimator=debiased")?.compare(&x, &y)?;
//! println!("{} = {}, off by at most {:?}", score.measure, score.value, score.diagnostics.get("error_bound"));
//! # assert!(score.value.is_finite());
//! # Ok::<(), similitude::Error>(())
//! ```
//!
//! Every measure is there twice: a fast path on faer ([`measures`], one file each, with its
//! definition, shapes, numerics and sources) and a reference path that shares nothing with it
//! (`reference`, feature `reference`). What a measure claims of itself, [`Properties`], is data
//! that `laws` tries in both directions. A [`Score`] carries the full convention and a bound on its
//! rounding error; where a measure has no value, the answer is an [`Error`] with the numbers in it.
//!
//! # Measures
//!
#![doc = include_str!("measures.md")]
//!
//! # From here
//!
//! - One pair: [`Measure::compare`]. Many pairs: [`Measure::prepare`] once for each layer, then
//!   [`Measure::compare_prepared`]; or `sweep` (feature `io`), which also reads files, stays within
//!   a memory limit, and resumes.
//! - Whether a score is more than chance, and how sure it is: `inference` (feature `inference`).
//! - More rows than memory holds: [`moments`].
//! - A measure of one's own: [`Definition`], with its laws and its place in sweeps, in one file.
//! - An implementation to be judged: `conformance` (feature `conformance`).
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | none | the measures on faer, and moments |
//! | `inference` | permutation nulls and their exact moments, intervals, comparisons of scores |
//! | `reference` | the reference path on nalgebra, and the laws |
//! | `io` | `.npy`, `.npz`, `.safetensors`, `.pt`, `.csv`, and sweeps over them |
//! | `h5` | `.h5`, `.hdf5` |
//! | `report` | result files, heat maps, methods text, BibTeX |
//! | `pdf` | heat maps as PDF |
//! | `page` | the report of a sweep as one page of HTML |
//! | `networks` | many networks: their matrix, their tree and their map |
//! | `conformance` | judging implementations of measures |
//! | `cli` (default) | the program `similitude`, with all of them |
#![deny(missing_docs)]
// Sweeps alone ask what things take in memory.
#![cfg_attr(not(feature = "io"), allow(dead_code))]

mod arrays;
#[cfg(feature = "io")]
mod axes;
pub mod claims;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod convention;
mod diagnostics;
mod error;
mod gram;
#[cfg(feature = "inference")]
pub mod inference;
#[cfg(feature = "io")]
pub mod io;
#[cfg(feature = "io")]
pub mod kept;
pub mod kernel;
mod key;
#[cfg(feature = "reference")]
pub mod laws;
mod linalg;
pub mod measure;
pub mod measures;
pub mod moments;
mod needs;
#[cfg(feature = "networks")]
pub mod networks;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "io")]
mod pickle;
mod positions;
mod precision;
pub mod prepared;
mod preprocessing;
#[cfg(feature = "reference")]
pub mod reference;
pub mod registry;
#[cfg(feature = "report")]
pub mod report;
mod representation;
#[cfg(feature = "io")]
pub mod results;
mod scaled_value;
mod score;
mod spec;
#[cfg(feature = "io")]
pub mod sweep;
#[cfg(feature = "io")]
mod tables;
pub mod tolerance;
mod transport;
mod undefined;

pub use arrays::neurons::{NeuronBlock, NeuronValues, StoredNeurons};
pub use claims::{Claim, Claims, Condition, Direction, Group, Properties, Range, Side, Slight};
pub use diagnostics::{Diagnostic, Diagnostics};
pub use error::{ConstantTraining, Error, ErrorKind, GivenError, NarrowBandwidth, OfPositions, ZeroNorm};
pub use key::{Key, Number, Values};
pub use measure::{Definition, Measure, Outcome};
pub use needs::{Artifact, Moments, Needs, Product, SinglePrecision, Size, Terms};
pub use positions::Positions;
pub use precision::Precision;
pub use prepared::{ExampleMatrix, InnerProduct, InnerProducts, Pair, Partners, Prepared};
pub use preprocessing::Preprocessing;
pub use representation::Representation;
pub use scaled_value::ScaledValue;
pub use score::Score;
pub use spec::{Citation, Spec};
pub use undefined::Undefined;
