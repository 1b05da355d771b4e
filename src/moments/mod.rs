//! Mergeable moments: what streams, shards and travels.
//!
//! Linear CKA and HSIC, biased and not, need no more of the examples than sums over them: means, S
//! = sum u v' (u and v the deviations of X and Y from their means), and for the debiased estimator
//! A = sum |u|^2 |v|^2. [`Moments`] gathers these over batches of rows, for two layers or for all
//! pairs of many at once; two of them, of different rows, merge into those of all rows. Nothing
//! grows with the number of examples.
//!
//! # Algorithm
//! A batch is centered about its own mean (twice, as in memory), then about the mean of all rows so
//! far; what was gathered before moves to that mean too. A mean is kept in two f64, so that a large
//! one costs no digits of the deviations. With dx, dy the moves of the two means:
//!
//! - S' = S + n dx dy' (one more row, sqrt(n) dx and sqrt(n) dy, in the product of the batch),
//! - A' = A + 2 dy.U + 2 dx.V + tr_x |dy|^2 + tr_y |dx|^2 + 4 dx'S dy + n |dx|^2 |dy|^2, for which
//!   U = sum |u|^2 v and V = sum |v|^2 u are kept,
//! - U' = U + tr_x dy + 2 S'dx + n |dx|^2 dy, and V' likewise.
//!
//! Everything is scaled by a power of two, so that nothing over- or underflows.
//!
//! # Error bound
//! |value - exact| <= c(n, p) eps condition, with the c of [`tolerance`](crate::tolerance) and a
//! condition that is in the diagnostics of each score; and less, as it says, since rounding is
//! known better than any change of the rows:
//!
//! | quantity | error, in units of c(n, p) eps | reason |
//! |---|---|---|
//! | S, Frobenius norm | sqrt(tr_x tr_y) | a product of n rows in blocks errs as one product does; the move adds a row of weight sqrt(n), and tr only grows |
//! | A | M_A = the sum of the magnitudes of all that was ever added to A | a move may cancel: sum \|u\|^2 \|v\|^2 about another mean can be larger than about the last |
//! | HSIC_1 | 2 <S, error of S> + 2 (n/(n-2) M_A + tr_x tr_y / ((n-1)(n-2))) | the three terms that it is made of; sums of neurons that are no copies of each other err independently, so that S sees less of its error than the norm says |
//!
//! With batches of a few hundred rows and more M_A is A within a few percent. The rows may be
//! split, ordered and merged in any way within that bound: two ways differ by the sum of their
//! bounds at most. One way gives the same bits whatever the number of threads.
//!
//! # What does not follow from moments
//! Kernels other than the linear one compare examples with each other. The CCA family and
//! regression need the features' singular values, and Xc'Xc has them with an error of eps times the
//! *squared* condition number; a Procrustes distance is recomputed from the features where it is
//! small. [`Moments::score`] refuses these. A sweep that streams has their values all the same,
//! from a triangular factor of the centered neurons that it gathers over the same batches.
//!
//! # Example
//! ```
//! use faer::Mat;
//! use similitude::Measure;
//! use similitude::moments::{Batch, Moments};
//!
//! let x = Mat::from_fn(6, 2, |i, j| ((3 * i + j) as f64).sin());
//! let y = Mat::from_fn(6, 1, |i, _| ((3 * i) as f64).sin());
//! let gather = |from: usize, rows: usize| {
//!     let mut moments = Moments::of_pair("x", 2, "y", 1);
//!     let batch = |matrix| Batch::F64(faer::Mat::as_ref(matrix).subrows(from, rows));
//!     moments.update(&[batch(&x), batch(&y)]).map(|()| moments)
//! };
//! // Four rows here, two on another machine.
//! let mut moments = gather(0, 4)?;
//! moments.merge(&gather(4, 2)?)?;
//! let streamed = moments.score(&Measure::parse("cka:estimator=debiased")?, 0, 1)?.value;
//! # let (x, y) = (similitude::Representation::from_matrix("x", x)?, similitude::Representation::from_matrix("y", y)?);
//! # let whole = Measure::parse("cka:estimator=debiased")?.compare(&x, &y)?.value;
//! assert!((streamed - whole).abs() < 1e-13);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block;
mod compensated;
mod error;
#[cfg(feature = "io")]
pub(crate) mod factor;
mod pair;
mod state;
mod stored;
mod value;

pub use block::Batch;
pub use error::Error;
pub use state::Moments;
#[cfg(feature = "io")]
pub(crate) use value::follows_from_factor;
pub use value::{Terms, check, needs_row_norms, needs_self_terms, score};
