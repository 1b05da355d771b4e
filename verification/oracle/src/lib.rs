//! Exact and certified values of similarity measures between two representations.
//!
//! Two matrices of f64, row i of both the same example, are taken as the exact dyadic rationals
//! they are. A measure that is rational in them comes back as that rational number; one that is the
//! square root of a rational, a sum of singular values, or a function of exponentials comes back as
//! a certified [`Enclosure`] that is relatively narrower than 2^-144.
//!
//! A number below 2^-600 in magnitude whose sign no precision settles comes back as an enclosure
//! around zero; everything else that cannot be certified is [`OracleError::Undecidable`].
//!
//! This crate lies below the library it judges: it knows formulas and numbers, no registry, and
//! shares no code with it. All of it rests on exact integers; no float arithmetic is believed.
//!
//! ```
//! use similitude_oracle::{Matrix, evaluate};
//!
//! let x = Matrix::from_row_major(5, 1, &[1.0, 2.0, 3.0, 4.0, 6.0])?;
//! let y = Matrix::from_row_major(5, 1, &[1.0, 3.0, 2.0, 5.0, 4.0])?;
//! let value = evaluate("cka:kernel=linear,estimator=biased", &x, &y)?;
//! assert!(value.exact); // r^2 of one neuron each
//! assert_eq!(value.enclosure.lo().to_string(), "81/148");
//! # Ok::<(), similitude_oracle::OracleError>(())
//! ```
#![deny(missing_docs)]

mod algebra;
mod cosine;
mod error;
mod kernel;
mod keys;
mod matrix;
pub mod measures;
mod number;
mod rank;
mod spec;
mod table;
mod value;

pub use error::{OracleError, Side};
pub use kernel::{Bandwidth, Kernel};
pub use matrix::Matrix;
pub use number::enclosure::{DECIMAL_DIGITS, Enclosure};
pub use rank::RankRule;
pub use spec::{Measure, evaluate};
pub use table::read_csv;
pub use value::Value;
