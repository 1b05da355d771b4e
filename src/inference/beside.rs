//! Nulls and intervals beside scores, as facts of each comparison: the words that result files have
//! as columns.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostics;
use crate::measure::Measure;
use crate::prepared::Pair;
use crate::representation::Representation;

use super::adjust::{benjamini_hochberg, holm};
use super::analytic::analytic;
use super::choices::{Adjustment, IntervalChoice, NullChoice};
use super::error::Error;
use super::exact::{ExactNull, exact_null, exact_null_of_pair};
use super::family::{FamilyNull, family_null, family_null_of_itself};
use super::interval::{Interval, resample};
use super::jackknife::jackknife;
use super::layer_pairs::LayerPairs;
use super::null::{Null, permutation_null};
use super::permutations::Permutations;
use super::resamples::{Resamples, Resampling};

/// The facts: the p-value (adjusted, where that was asked for, and then as it was before), the mean
/// of the null, the score in standard deviations from it and calibrated, the interval and the
/// standard error, and the seed.
pub const FACTS: [&str; 9] = ["p", "p_unadjusted", "null_mean", "z", "calibrated", "lo", "hi", "se", "seed"];

/// The level that calibrated scores are calibrated at.
pub const CALIBRATED_AT: f64 = 0.05;

/// Bytes of a number.
const NUMBER: u64 = 8;

/// Facts, and the seed of what is drawn.
fn seeded(seed: Option<u64>) -> Diagnostics {
    seed.into_iter().fold(Diagnostics::default(), |facts, seed| facts.count("seed", seed as usize))
}

fn with(facts: Diagnostics, name: &'static str, value: Option<f64>) -> Diagnostics {
    value.into_iter().fold(facts, |facts, value| facts.number(name, value))
}

fn of_drawn(null: &Null, p: f64, unadjusted: Option<f64>) -> Result<Diagnostics, Error> {
    let calibrated = if null.floor() <= CALIBRATED_AT { null.calibrated(CALIBRATED_AT)? } else { None };
    let facts = with(with(seeded(Some(null.seed)), "p", Some(p)), "p_unadjusted", unadjusted);
    let facts = with(facts, "null_mean", Some(null.mean()));
    Ok(with(with(facts, "z", null.z()), "calibrated", calibrated))
}

fn of_exact(null: &ExactNull, p: f64, unadjusted: Option<f64>) -> Result<Diagnostics, Error> {
    // The mean of a square is on another scale than the score.
    let mean = (!null.of_square).then(|| null.mean());
    let facts = with(with(with(seeded(None), "p", Some(p)), "p_unadjusted", unadjusted), "null_mean", mean);
    Ok(with(with(facts, "z", Some(null.z())), "calibrated", null.calibrated(CALIBRATED_AT)?))
}

/// The facts of the null of one pair: `p`, `null_mean`, `z`, `calibrated`, and `seed` of drawn
/// permutations.
///
/// # Errors
/// As [`permutation_null`] and [`exact_null`].
pub fn null_facts(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    null: NullChoice,
    seed: u64,
) -> Result<Diagnostics, Error> {
    match null {
        NullChoice::Drawn(count) => {
            let null = permutation_null(measure, x, y, &Permutations::new(count, seed))?;
            of_drawn(&null, null.p(), None)
        }
        NullChoice::Exact => {
            let null = exact_null(measure, x, y)?;
            of_exact(&null, null.p(), None)
        }
    }
}

/// An interval, with the standard error that goes with it.
///
/// # Errors
/// As [`resample`], [`jackknife`], [`analytic`] and their intervals.
pub fn interval(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    choice: IntervalChoice,
    count: usize,
    seed: u64,
    level: f64,
) -> Result<(Interval, f64), Error> {
    let drawn = |resampling| resample(measure, x, y, &Resamples::new(count, seed).by(resampling));
    Ok(match choice {
        IntervalChoice::Jackknife => {
            let jackknifed = jackknife(measure, x, y, None, seed)?;
            (jackknifed.interval(level)?, jackknifed.standard_error())
        }
        IntervalChoice::Analytic => {
            let analytic = analytic(measure, x, y)?;
            (analytic.interval(level)?, analytic.standard_error())
        }
        IntervalChoice::Halves => {
            let resampled = drawn(Resampling::Halves)?;
            (resampled.interval(level)?, resampled.standard_error())
        }
        IntervalChoice::Bootstrap => {
            let resampled = drawn(Resampling::Bootstrap)?;
            (resampled.interval(level)?, resampled.standard_error())
        }
        IntervalChoice::Bca => {
            let resampled = drawn(Resampling::Bootstrap)?;
            (resampled.bca(level, &jackknife(measure, x, y, None, seed)?)?, resampled.standard_error())
        }
    })
}

/// The facts of an interval: `lo`, `hi`, `se`, and `seed` where something is drawn.
///
/// # Errors
/// As [`interval`].
pub fn interval_facts(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    choice: IntervalChoice,
    count: usize,
    seed: u64,
    level: f64,
) -> Result<Diagnostics, Error> {
    let (made, error) = interval(measure, x, y, choice, count, seed, level)?;
    // Nothing is drawn for a standard error that is known.
    let seed = (choice != IntervalChoice::Analytic).then_some(seed);
    Ok(with(with(with(seeded(seed), "lo", Some(made.lo)), "hi", Some(made.hi)), "se", Some(error)))
}

/// The facts of the nulls of all pairs of layers, row after row, of two networks or of one with
/// itself, of which adjustments count each pair of different layers once; none where a pair has no
/// value or no spread, which [`NullChoice::Exact`] allows.
///
/// # Errors
/// As [`family_null`] and [`exact_null_of_pair`]; [`Error::MaximumOfMoments`].
pub fn sweep_facts(
    measure: &Measure,
    xs: &[Representation<'_>],
    ys: Option<&[Representation<'_>]>,
    null: NullChoice,
    adjustment: Option<Adjustment>,
    seed: u64,
) -> Result<Vec<Option<Diagnostics>>, Error> {
    match null {
        NullChoice::Drawn(count) => {
            let permutations = Permutations::new(count, seed);
            let family = match ys {
                Some(ys) => family_null(measure, xs, ys, &permutations)?,
                None => family_null_of_itself(measure, xs, &permutations)?,
            };
            Ok(family_facts(&family, adjustment)?.into_iter().map(Some).collect())
        }
        NullChoice::Exact => {
            null.check_adjustment(adjustment)?;
            let prepare = |layers: &[Representation<'_>]| layers.iter().map(|layer| measure.prepare(layer)).collect::<Result<Vec<_>, _>>();
            let pairs = ys.map_or_else(|| LayerPairs::of_itself(xs.len(), measure), |ys| LayerPairs::new(xs.len(), ys.len()));
            let (prepared_x, prepared_y) = (prepare(xs)?, ys.map(prepare).transpose()?);
            let prepared_y = prepared_y.as_ref().unwrap_or(&prepared_x);
            let mut nulls: Vec<Option<ExactNull>> = Vec::new();
            for place in pairs.places() {
                if pairs.shared_with(place) != place {
                    nulls.push(nulls[pairs.shared_with(place)].clone());
                    continue;
                }
                let (x, y) = (&prepared_x[place / pairs.columns], &prepared_y[place % pairs.columns]);
                nulls.push(match exact_null_of_pair(measure, &Pair::new(x, y)?) {
                    Ok(null) => Some(null),
                    Err(Error::Measure(_) | Error::ConstantNull { .. }) => None,
                    Err(error) => return Err(error),
                });
            }
            let p: Vec<f64> = nulls.iter().map(|null| null.as_ref().map_or(1.0, ExactNull::p)).collect();
            let adjusted = pairs.adjusted(&p, |claims| {
                let (known, unknown): (Vec<usize>, Vec<usize>) = claims.iter().partition(|place| nulls[**place].is_some());
                let of_known = adjusted(&known.iter().map(|place| p[*place]).collect::<Vec<_>>(), adjustment)?;
                let of: BTreeMap<usize, f64> =
                    known.into_iter().zip(of_known).chain(unknown.into_iter().map(|place| (place, 1.0))).collect();
                Ok::<_, Error>(claims.iter().map(|place| of[place]).collect())
            })?;
            let before = |null: &ExactNull| adjustment.map(|_| null.p());
            nulls.iter().zip(adjusted).map(|(null, p)| null.as_ref().map(|null| of_exact(null, p, before(null))).transpose()).collect()
        }
    }
}

/// The facts of the nulls of a family, pair after pair.
///
/// # Errors
/// Those of the adjustment.
pub fn family_facts(family: &FamilyNull, adjustment: Option<Adjustment>) -> Result<Vec<Diagnostics>, Error> {
    let p = match adjustment {
        Some(Adjustment::Max) => family.adjusted(),
        Some(Adjustment::RowMax) => family.adjusted_in_rows(),
        _ => {
            let p = family.unadjusted();
            family.pairs.adjusted(&p, |claims| adjusted(&claims.iter().map(|place| p[*place]).collect::<Vec<_>>(), adjustment))?
        }
    };
    family.nulls.iter().zip(p).map(|(null, p)| of_drawn(null, p, adjustment.map(|_| null.p()))).collect()
}

fn adjusted(p: &[f64], adjustment: Option<Adjustment>) -> Result<Vec<f64>, Error> {
    match adjustment {
        Some(Adjustment::Holm) => holm(p),
        Some(Adjustment::BenjaminiHochberg) => benjamini_hochberg(p),
        Some(Adjustment::Max | Adjustment::RowMax) | None => Ok(p.to_vec()),
    }
}

/// Why no pair of a sweep can have an adjusted p-value of 0.05, in words, where that is so: Holm's
/// smallest is that of one pair times their number.
pub fn out_of_reach(null: NullChoice, adjustment: Option<Adjustment>, pairs: usize) -> Option<String> {
    let (NullChoice::Drawn(count), Some(Adjustment::Holm)) = (null, adjustment) else { return None };
    let least = pairs as f64 / (count as f64 + 1.0);
    (least > CALIBRATED_AT).then(|| {
        let needed = (pairs as f64 / CALIBRATED_AT).ceil() as usize - 1;
        format!(
            "{count} permutations and {pairs} pairs of layers: no p-value adjusted by Holm is below {least:.2}; {needed} permutations or more \
             can be, or --adjust max, or --null exact"
        )
    })
}

/// The bytes that the nulls of a sweep take at the most: all layers, given by their examples and
/// neurons, and a measure's matrices between examples of all of them.
pub fn bytes_of_nulls(shapes: impl IntoIterator<Item = (usize, usize)>) -> u64 {
    shapes.into_iter().map(|(n, p)| NUMBER * (2 * n as u64 * p as u64 + 3 * n as u64 * n as u64)).sum()
}

/// The most claims that the values of a measure are, over the measures of a sweep: pairs without a
/// value are none.
#[cfg(feature = "io")]
pub fn most_claims(scores: &crate::results::Scores, of_itself: bool) -> usize {
    let [rows, columns] = [scores.a(), scores.b()].map(|network| network.layers.len());
    let claims = |(number, measure)| {
        let pairs = if of_itself { LayerPairs::of_itself(rows, measure) } else { LayerPairs::new(rows, columns) };
        let outcomes = scores.outcomes(number);
        pairs.places().filter(|place| pairs.is_claim(*place) && outcomes[*place].value().is_some()).count()
    };
    scores.measures().iter().enumerate().map(claims).max().unwrap_or(0)
}

/// What reads a layer of a network, by its place.
#[cfg(feature = "io")]
pub type Load<'r, 'f, E> = dyn Fn(usize) -> Result<Representation<'r>, E> + 'f;

/// Adds to the scores of one measure of a sweep the null of each pair of layers. `load` reads the
/// layers of both networks, the second where there are two. A layer without any value is left out:
/// the others have their null.
///
/// Returns why there is none, in words, where a pair of the remaining layers has no value and
/// permutations are drawn: those are the same for all pairs.
///
/// # Errors
/// As [`sweep_facts`], and those of `load`.
#[cfg(feature = "io")]
pub fn beside_sweep<'r, E: From<Error>>(
    scores: &mut crate::results::Scores,
    number: usize,
    load: (&Load<'r, '_, E>, Option<&Load<'r, '_, E>>),
    null: NullChoice,
    adjustment: Option<Adjustment>,
    seed: u64,
) -> Result<Option<String>, E> {
    let (rows, columns) = (scores.a().layers.len(), scores.b().layers.len());
    let has_value: Vec<bool> = scores.outcomes(number).iter().map(|outcome| outcome.value().is_some()).collect();
    let rows: Vec<usize> = (0..rows).filter(|row| has_value[row * columns..][..columns].contains(&true)).collect();
    let columns_left: Vec<usize> =
        (0..columns).filter(|column| has_value.iter().skip(*column).step_by(columns).any(|value| *value)).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let cells: Vec<(usize, usize)> = rows.iter().flat_map(|row| columns_left.iter().map(move |column| (*row, *column))).collect();
    let measure = scores.measures()[number].clone();
    if let Some((row, column)) = cells.iter().find(|(row, column)| !has_value[row * columns + column])
        && null != NullChoice::Exact
    {
        let (a, b) = (&scores.a().layers[*row].name, &scores.b().layers[*column].name);
        return Ok(Some(format!(
            "{measure}: no null, because {a} and {b} have no value; leave one of them out (--layers), or --null exact"
        )));
    }
    let (of_rows, of_columns) = load;
    let xs = rows.iter().map(|layer| of_rows(*layer)).collect::<Result<Vec<_>, E>>()?;
    let ys = match of_columns {
        None if rows == columns_left => None,
        other => Some(columns_left.iter().map(|layer| other.unwrap_or(of_rows)(*layer)).collect::<Result<Vec<_>, E>>()?),
    };
    let found = sweep_facts(&measure, &xs, ys.as_deref(), null, adjustment, seed)?;
    for ((row, column), facts) in cells.into_iter().zip(found) {
        if let Some(facts) = facts {
            scores.add_facts(number, row, column, &facts);
        }
    }
    Ok(None)
}
