//! Is this similarity more than chance, how sure is it, and does the claim survive a search over
//! layers?
//!
//! - [`permutation_null`]: any measure, with the examples of Y in another order; p-values,
//!   [calibrated scores](Null::calibrated), permutations within blocks, of blocks, and shifts.
//! - [`exact_null`]: mean, variance and third moment over all n! permutations without drawing one,
//!   for every measure that is an inner product of matrices between examples
//!   ([`Definition::inner_products`](crate::Definition::inner_products)).
//! - [`resample`] and [`jackknife`]: intervals and standard errors over the examples.
//! - [`analytic`]: the standard error of an unbiased estimator, without resamples.
//! - [`paired`], [`row_maximum`]: differences of scores, and which layer is most alike, on the same
//!   resamples.
//! - [`family_null`]: the null of the maximum over all pairs of layers; [`holm`] and
//!   [`benjamini_hochberg`] for p-values of any source.
//! - [`null_facts`], [`interval_facts`], [`sweep_facts`]: all of it as the columns of result files.
//! - [`kind_means`]: networks as the unit: means within and between kinds of networks, the noise
//!   ceiling, and their intervals over other networks, other examples, or both.
//! - [`noise_ceiling`]: what the best model of several networks reaches by RSA (Nili et al. 2014).
//! - [`sample_size_curve`]: what fewer examples would have given, and how many are needed.
//!
//! Whatever is drawn is drawn from a seed, one stream for each draw: results depend neither on the
//! number of threads nor on the order of the work.
//!
//! ```
//! use similitude::inference::{Permutations, exact_null, permutation_null};
//! use similitude::{Measure, Representation};
//!
//! let column = |name: &'static str, f: fn(f64) -> f64| {
//!     Representation::from_row_major(name, 20, 1, (0..20).map(|i| f(f64::from(i))).collect::<Vec<f64>>())
//! };
//! let (x, y) = (column("x", |t| t)?, column("y", |t| t + 9.0 * (3.0 * t).sin())?);
//! let cka = Measure::parse("cka")?;
//! let null = permutation_null(&cka, &x, &y, &Permutations::new(999, 1))?;
//! let exact = exact_null(&cka, &x, &y)?;
//! // A single column each: CKA is the squared correlation, 1 / (n - 1) in the mean.
//! assert!((exact.mean() - 1.0 / 19.0).abs() < 1e-15);
//! assert!((null.mean() - exact.mean()).abs() < 0.01);
//! println!("p = {} (never below {}), by the curve {}", null.p(), null.floor(), exact.p());
//! # assert!(null.p() >= 0.001);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adjust;
mod analytic;
mod beside;
mod ceiling;
mod choices;
mod curve;
mod draw;
mod engine;
mod error;
mod exact;
mod examples;
mod family;
mod interval;
mod jackknife;
mod kinds;
mod layer_pairs;
mod moments;
mod null;
mod numbers;
mod paired;
mod permutations;
mod resamples;
mod size;
mod stop;
mod sums;
mod units;

pub use adjust::{benjamini_hochberg, holm};
pub use analytic::{Analytic, analytic, has_analytic};
pub use beside::{CALIBRATED_AT, FACTS, bytes_of_nulls, family_facts, interval, interval_facts, null_facts, out_of_reach, sweep_facts};
#[cfg(feature = "io")]
pub use beside::{Load, beside_sweep, most_claims};
pub use ceiling::{NoiseCeiling, has_noise_ceiling, noise_ceiling, noise_ceilings};
pub use choices::{Adjustment, IntervalChoice, NullChoice};
pub use error::Error;
pub use exact::{ExactNull, exact_null, exact_null_of_pair, has_exact_null};
pub use family::{FamilyNull, family_null, family_null_of_itself};
pub use interval::{Interval, Resampled, resample};
pub use jackknife::{Jackknife, jackknife};
pub use kinds::{ExampleDraws, KindMean, Spread, kind_means, network_values};
pub use layer_pairs::LayerPairs;
pub use null::{Null, Way, permutation_null, permutation_null_by, permutation_null_of_pair};
pub use paired::{Paired, Stability, paired, row_maximum};
pub use permutations::{Permutations, Scheme};
pub use resamples::{Resamples, Resampling};
pub use size::{SampleSize, SampleSizes, sample_size_curve};
pub use stop::Stop;
pub use units::{FEWEST_NETWORKS, Kinds, UnitDraws, Units};
