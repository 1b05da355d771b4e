//! Matrices of exponential kernels: a pass for the median of the distances, and one for the values.

use crate::arrays::scale::{factors, with_exponent};
use crate::arrays::sums::vectorised;
use crate::arrays::tiles::{Store, Tile, Tiling};
use crate::error::Error;
use crate::gram::centering::{Means, Sums};
use crate::gram::distances;
use crate::gram::entry_errors::{EntryErrors, Squares, of_bandwidth};
use crate::gram::kernel_matrix::{Entry, KernelMatrix, Kind};
use crate::gram::kernel_shape::{Extrema, NearPeaks, Shape};
use crate::gram::median;
use crate::gram::median::Search;
use crate::kernel::{Bandwidth, Centering};
use crate::linalg::features::Features;

/// Of a bandwidth rule, the places of the two middle ones among the n(n-1)/2 distances i < j in
/// ascending order; where it is a zero of the diagonal, none.
fn middle_ranks(rule: Bandwidth, n: usize) -> [Option<usize>; 2] {
    let pairs = n * (n - 1) / 2;
    match rule {
        // Among all n^2 each pair counts twice, behind n zeros.
        Bandwidth::Demo { .. } => [(n * n - 1) / 2, n * n / 2].map(|rank| rank.checked_sub(n).map(|rank| rank / 2)),
        _ => [Some((pairs - 1) / 2), Some(pairs / 2)],
    }
}

/// exp(-d^2 / (2 sigma^2)) (`squared`) or exp(-d / sigma).
pub(super) fn new(
    (tiling, keep): (Tiling, bool),
    name: &str,
    features: &Features,
    (rule, squared): (Bandwidth, bool),
    centering: Centering,
) -> Result<KernelMatrix, Error> {
    let n = features.n();
    let pairs = n * (n - 1) / 2;
    if features.is_wide() {
        features.near_distances()?;
    }
    let mut store = tiling.store(keep);
    let fill = |tile: &Tile, entries: &mut [f64]| distances::fill(tile, features, entries, tiling.parallelism());
    let (moves, ranks) = match rule {
        Bandwidth::Fixed { .. } => (false, [None; 2]),
        _ => (true, middle_ranks(rule, n)),
    };
    let search = match ranks[1] {
        Some(rank) => Search::first(&distances::sample(features, median::sample_size(pairs)), rank, pairs),
        None => Search::nothing(),
    };
    let look = |search: &Search, store: &mut Store| {
        let seen = tiling.pass(store, fill, |tile, entries| {
            let (mut ends, mut counts) = (Extrema::NONE, search.counts());
            vectorised(
                #[inline(always)]
                || {
                    for (_, _, below) in tile.below(entries) {
                        ends.observe(below);
                        search.observe(below, &mut counts);
                    }
                },
            );
            search.record(&counts);
            (ends, counts)
        });
        seen.into_iter().fold((Extrema::NONE, search.counts()), |(ends, counts), (more_ends, more)| (ends.and(more_ends), counts.and(more)))
    };
    let (ends, counts) = look(&search, &mut store);
    let middle = match ranks[1] {
        Some(next) => {
            let (value, next) = median::select((ranks[0].unwrap_or(next), next), search, counts, |search| look(search, &mut store).1);
            (if ranks[0].is_some() { value } else { 0.0 }, next)
        }
        None => (0.0, 0.0),
    };
    let sigma = match rule {
        Bandwidth::Fixed { sigma } => {
            let (a, b) = factors((-features.exponent()).clamp(-2000, 2000));
            (sigma * a * b).clamp(f64::MIN_POSITIVE, f64::MAX)
        }
        Bandwidth::Median { fraction } => fraction * f64::midpoint(middle.0.sqrt(), middle.1.sqrt()),
        Bandwidth::LowerMedian { fraction } => fraction * middle.0.sqrt(),
        Bandwidth::Demo { fraction } => fraction * f64::midpoint(middle.0, middle.1).sqrt(),
    };
    if sigma == 0.0 {
        let pairs = if let Bandwidth::Demo { .. } = rule { n * n } else { pairs };
        return Err(Error::ZeroMedian { name: name.to_string(), pairs });
    }
    let shape = Shape::choose(name, (squared, centering), ends, features, sigma)?;
    let of_bandwidth = match rule {
        Bandwidth::Fixed { .. } => 0.0,
        _ => of_bandwidth(features, if middle.0 > 0.0 { middle.0 } else { middle.1 }),
    };
    let errors = shape
        .of_exponents(features.error_of_differences())
        .map(|of_exponents| EntryErrors::new(features, of_exponents + 2.0 * of_bandwidth));
    let parts = tiling.pass(&mut store, fill, |tile, entries| {
        let mut around = NearPeaks::none(sigma);
        around.observe(tile, entries);
        let squares = match &errors {
            Some(errors) => Some(shape.apply_with_errors(tile, entries, errors, centering)),
            None => {
                shape.apply(tile, entries);
                None
            }
        };
        ((around, squares), Sums::of(tile, entries, centering))
    });
    let (seen, sums): (Vec<(NearPeaks, Option<Squares>)>, Vec<Sums>) = parts.into_iter().unzip();
    let (around, squares): (Vec<NearPeaks>, Vec<Option<Squares>>) = seen.into_iter().unzip();
    let by_entry = Squares::known(squares, features, centering);
    let around = around.into_iter().fold(NearPeaks::none(sigma), NearPeaks::and);
    let (steep, wide) = shape.slopes(&around, features.error_of_differences());
    let n = features.n() as f64;
    let norm = features.squared_norm().sqrt();
    // |d K_ij| <= steep |dx_i - dx_j| / sigma, and the sum of |dx_i - dx_j|^2 is at most 2 n
    // |dX|^2; a bandwidth from the data moves by at most sqrt 2 |dX| / sigma, relatively, and each
    // entry by `wide` times that. An entry errs by eps times its size and the size of its exponent.
    let own = steep * (2.0 * n).sqrt() * norm / sigma;
    let through_bandwidth = if moves { wide * n * std::f64::consts::SQRT_2 * norm / sigma } else { 0.0 };
    let rounding = n * (shape.largest() + wide);
    let sensitivity = own + through_bandwidth + rounding;
    let entry = Entry::Exponential(shape);
    let kind = Kind { entry, exponent: shape.exponent(), sensitivity, error: sensitivity, rounding, by_entry };
    let reported = match rule {
        Bandwidth::Fixed { sigma } => sigma,
        _ => with_exponent(sigma, features.exponent())?,
    };
    Ok(KernelMatrix::centered(tiling, store, kind, Means::new(features.n(), sums, centering), Some(reported)))
}
