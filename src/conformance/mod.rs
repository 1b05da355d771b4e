//! Does a function compute the measure it is named after? For somebody's own `cargo test`, on any
//! function of two representations.
//!
//! [`check`] tries published tables, drawn pairs, every law of the measure, pairs of up to 600
//! examples and the edges of its domain. A failure names what is broken, the smallest input found
//! that shows it, what was expected and what came. [`identify`] asks the other way round: which of
//! the named conventions, if any, does this function compute?
//!
//! ```
//! use similitude::{Representation, conformance};
//!
//! /// Linear CKA as the textbook has it, of features that should have been centered first.
//! fn uncentered(x: &Representation<'_>, y: &Representation<'_>) -> f64 {
//!     let inner = |a: &Representation<'_>, b: &Representation<'_>| (a.view().transpose() * b.view()).norm_l2();
//!     inner(y, x).powi(2) / (inner(x, x) * inner(y, y))
//! }
//!
//! let failure = conformance::check("cka", uncentered).unwrap_err();
//! assert!(failure.breaks("translation::x"));
//! assert!(failure.to_string().contains("it computes: cka:kernel=linear,estimator=biased of features that are not centered"));
//! ```
//!
//! # What counts
//! - Values may be off by rounding: ten times what the fast path allows itself, and a little more
//!   for long sums ([`plain_bound`](crate::laws::plain_bound)).
//! - Where the measure has no value (a constant representation, say) the function must say so:
//!   `None`, an `Err`, or NaN if it returns a bare `f64`. Where it has one, all of these are
//!   failures. A panic is a failure except on input that no function can take (different numbers of
//!   examples).
//! - A [`Representation`](crate::Representation) holds finite numbers only, so what becomes of NaN
//!   is not asked here.

mod edges;
mod example;
mod formulas;
mod function;
mod goldens;
mod identify;
mod minimize;
mod pairs;
mod report;
mod simple_maps;
mod sizes;
mod suite;
mod verdict;
mod vocabulary;

pub use edges::edges;
pub use example::{Example, Expected, Mismatch};
pub use function::Reply;
pub use goldens::goldens;
pub use identify::{Agreement, Identification, Match, identify};
pub use report::{Broken, Failure, Report};
pub use suite::{Suite, check};
