//! Nulls, intervals and adjusted p-values beside the scores of `compare` and `sweep`.

use crate::inference::{
    Adjustment, FamilyNull, IntervalChoice, NullChoice, Permutations, Resamples, Resampling, benjamini_hochberg, exact_null,
    exact_null_of_pair, family_null, holm, jackknife, permutation_null, resample,
};
use crate::report::csv::INFERENCE;
use crate::sweep::{Layers, Scores};
use crate::{Diagnostics, Measure, Pair, Representation};
use clap::{Args, ValueEnum};

use crate::cli::stop::Stop;
use crate::cli::tell::tell;

/// Bytes of a number.
const NUMBER: u64 = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Interval {
    /// Halves of the examples, no example twice: right for every measure
    Halves,
    /// Percentiles of bootstrap samples: copies of examples look alike to kernels and neighbours
    Bootstrap,
    /// Each example left out: for smooth measures
    Jackknife,
}

impl Interval {
    pub fn choice(self) -> IntervalChoice {
        match self {
            Self::Halves => IntervalChoice::Halves,
            Self::Bootstrap => IntervalChoice::Bootstrap,
            Self::Jackknife => IntervalChoice::Jackknife,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Adjust {
    /// The null of the largest value over all layer pairs (needs drawn permutations)
    Max,
    /// Holm: any false claim is as rare as the level says
    Holm,
    /// Benjamini and Hochberg: few of the claims are false
    Bh,
}

impl Adjust {
    pub fn choice(self) -> Adjustment {
        match self {
            Self::Max => Adjustment::Max,
            Self::Holm => Adjustment::Holm,
            Self::Bh => Adjustment::BenjaminiHochberg,
        }
    }
}

/// Which null.
#[derive(Debug, Args)]
pub struct NullOptions {
    /// Put each value beside those of N permutations of the examples of the second side, or beside
    /// the exact moments over all of them: p, null_mean, z, and the score calibrated at 0.05. --seed
    /// draws
    #[arg(long, value_name = "N|exact")]
    pub null: Option<NullChoice>,
}

/// Which interval.
#[derive(Debug, Args)]
pub struct IntervalOptions {
    /// An interval for each value over resamples of the examples: lo, hi, se
    #[arg(long, value_name = "HOW", value_enum)]
    pub interval: Option<Interval>,
    /// Resamples that are drawn for an interval
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "interval")]
    pub resamples: usize,
    /// The level of the interval
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, requires = "interval")]
    pub level: f64,
}

/// What was found, as facts of a comparison.
struct Found(Diagnostics);

impl Found {
    fn new(seed: Option<u64>) -> Self {
        let facts = Diagnostics::default();
        Self(match seed {
            Some(seed) => facts.count("seed", seed as usize),
            None => facts,
        })
    }

    fn with(self, name: &'static str, value: Option<f64>) -> Self {
        debug_assert!(INFERENCE.contains(&name));
        Self(value.into_iter().fold(self.0, |facts, value| facts.number(name, value)))
    }
}

/// Adds to a comparison its null and interval. A measure without a value stays as it is.
pub fn beside_pair(
    scores: &mut Scores,
    x: &Representation<'_>,
    y: &Representation<'_>,
    null: Option<NullChoice>,
    interval: &IntervalOptions,
    seed: u64,
) -> Result<(), Stop> {
    for (number, measure) in scores.measures().to_vec().iter().enumerate() {
        if scores.outcomes(number)[0].value().is_none() {
            continue;
        }
        let mut found = Found::new((matches!(null, Some(NullChoice::Drawn(_))) || interval.interval.is_some()).then_some(seed));
        found = match null {
            None => found,
            Some(NullChoice::Drawn(count)) => {
                let null = permutation_null(measure, x, y, &Permutations::new(count, seed))?;
                let calibrated = if null.floor() <= 0.05 { null.calibrated(0.05)? } else { None };
                found.with("p", Some(null.p())).with("null_mean", Some(null.mean())).with("z", null.z()).with("calibrated", calibrated)
            }
            Some(NullChoice::Exact) => {
                let null = exact_null(measure, x, y)?;
                let mean = (!null.of_square).then(|| null.mean());
                found.with("p", Some(null.p())).with("null_mean", mean).with("z", Some(null.z())).with("calibrated", null.calibrated(0.05)?)
            }
        };
        if let Some(how) = interval.interval {
            let resamples = |resampling| Resamples::new(interval.resamples, seed).by(resampling);
            let (made, error) = match how {
                Interval::Jackknife => {
                    let jackknifed = jackknife(measure, x, y, None, seed)?;
                    (jackknifed.interval(interval.level)?, jackknifed.standard_error())
                }
                Interval::Halves | Interval::Bootstrap => {
                    let resampling = if how == Interval::Halves { Resampling::Halves } else { Resampling::Bootstrap };
                    let resampled = resample(measure, x, y, &resamples(resampling))?;
                    (resampled.interval(interval.level)?, resampled.standard_error())
                }
            };
            found = found.with("lo", Some(made.lo)).with("hi", Some(made.hi)).with("se", Some(error));
        }
        scores.add_facts(number, 0, 0, &found.0);
    }
    Ok(())
}

/// Refuses, before anything is computed, what no null can be of.
pub fn check_sweep(null: Option<NullChoice>, adjust: Option<Adjust>, layers: [&dyn Layers; 2], memory: Option<u64>) -> Result<(), Stop> {
    let Some(null) = null else {
        return if adjust.is_some() {
            Err(Stop::Unusable("--adjust needs p-values: --null 1000, or --null exact".to_string()))
        } else {
            Ok(())
        };
    };
    if (null, adjust) == (NullChoice::Exact, Some(Adjust::Max)) {
        let remedy = "the moments of each pair say nothing of the largest of them: --null 1000, or --adjust holm";
        return Err(Stop::Unusable(format!("--null exact --adjust max: {remedy}")));
    }
    // All layers, and a measure's matrices between examples of all of them.
    let mut needed = 0u64;
    for network in layers {
        for layer in 0..network.layer_names().len() {
            let (n, p) = network.shape(layer)?;
            needed += NUMBER * (2 * n as u64 * p as u64 + 3 * n as u64 * n as u64);
        }
    }
    match memory {
        Some(memory) if memory < needed => Err(Stop::Unusable(format!(
            "--null keeps all layers and their matrices between examples, about {} MiB; {} MiB may be taken (--memory). Sweep fewer layers at once \
             (--layers), or fewer examples (--sample)",
            needed >> 20,
            memory >> 20
        ))),
        _ => Ok(()),
    }
}

/// Adds to the scores of a sweep the null of each pair of layers, measure after measure.
pub fn beside_sweep(
    scores: &mut Scores,
    layers: [&dyn Layers; 2],
    null: NullChoice,
    adjust: Option<Adjust>,
    seed: u64,
) -> Result<(), Stop> {
    let load = |network: &dyn Layers, needed: &dyn Fn(usize) -> bool| -> Result<Vec<(usize, Representation<'static>)>, Stop> {
        let wanted = (0..network.layer_names().len()).filter(|layer| needed(*layer));
        wanted.map(|layer| Ok((layer, owned(&*network.load(layer)?)?))).collect()
    };
    for (number, measure) in scores.measures().to_vec().iter().enumerate() {
        let columns = scores.b().layers.len();
        let has_value: Vec<bool> = scores.outcomes(number).iter().map(|outcome| outcome.value().is_some()).collect();
        // A layer without any value is left out: the others have their null.
        let row = |row: usize| (0..columns).any(|column| has_value[row * columns + column]);
        let column = |column: usize| has_value.iter().skip(column).step_by(columns).any(|value| *value);
        let (xs, ys) = (load(layers[0], &row)?, load(layers[1], &column)?);
        let cells: Vec<(usize, usize)> = xs.iter().flat_map(|(row, _)| ys.iter().map(move |(column, _)| (*row, *column))).collect();
        if cells.is_empty() {
            continue;
        }
        let found = match null {
            NullChoice::Exact => exact(measure, &xs, &ys, adjust)?,
            NullChoice::Drawn(count) => {
                if let Some((row, column)) = cells.iter().find(|(row, column)| !has_value[row * columns + column]) {
                    let (a, b) = (&scores.a().layers[*row].name, &scores.b().layers[*column].name);
                    tell(format!(
                        "warning: {measure}: no null, because {a} and {b} have no value; leave one of them out (--layers), or --null exact"
                    ));
                    continue;
                }
                drawn(measure, &xs, &ys, &Permutations::new(count, seed), adjust)?
            }
        };
        for ((row, column), facts) in cells.into_iter().zip(found) {
            if let Some(facts) = facts {
                scores.add_facts(number, row, column, &facts.0);
            }
        }
    }
    Ok(())
}

fn owned(of: &Representation<'_>) -> Result<Representation<'static>, Stop> {
    Ok(Representation::from_matrix(of.name().to_string(), of.view().to_owned())?)
}

type Named = [(usize, Representation<'static>)];

/// The facts of all pairs, row after row; none where a pair has no value or no spread.
fn exact(measure: &Measure, xs: &Named, ys: &Named, adjust: Option<Adjust>) -> Result<Vec<Option<Found>>, Stop> {
    let prepare = |layers: &Named| layers.iter().map(|(_, layer)| measure.prepare(layer)).collect::<Result<Vec<_>, _>>();
    let (xs, ys) = (prepare(xs)?, prepare(ys)?);
    let mut nulls = Vec::new();
    for (x, y) in xs.iter().flat_map(|x| ys.iter().map(move |y| (x, y))) {
        nulls.push(match exact_null_of_pair(measure, &Pair::new(x, y)?) {
            Ok(null) => Some(null),
            Err(crate::inference::Error::Measure(_) | crate::inference::Error::ConstantNull { .. }) => None,
            Err(error) => return Err(error.into()),
        });
    }
    let p: Vec<f64> = nulls.iter().flatten().map(|null| null.p()).collect();
    let mut adjusted = adjusted(adjust, &p)?.into_iter();
    let mut found = Vec::new();
    for null in nulls {
        found.push(match null {
            None => None,
            Some(null) => {
                let mean = (!null.of_square).then(|| null.mean());
                let facts = Found::new(None).with("p", adjusted.next()).with("null_mean", mean).with("z", Some(null.z()));
                Some(facts.with("calibrated", null.calibrated(0.05)?))
            }
        });
    }
    Ok(found)
}

fn drawn(
    measure: &Measure,
    xs: &Named,
    ys: &Named,
    permutations: &Permutations,
    adjust: Option<Adjust>,
) -> Result<Vec<Option<Found>>, Stop> {
    let layers = |named: &Named| named.iter().map(|(_, layer)| layer.clone()).collect::<Vec<_>>();
    let family: FamilyNull = family_null(measure, &layers(xs), &layers(ys), permutations)?;
    let p: Vec<f64> = family.nulls.iter().map(|null| null.p()).collect();
    let p = if adjust == Some(Adjust::Max) { family.adjusted() } else { adjusted(adjust, &p)? };
    let mut found = Vec::new();
    for (null, p) in family.nulls.iter().zip(p) {
        let calibrated = if null.floor() <= 0.05 { null.calibrated(0.05)? } else { None };
        let facts = Found::new(Some(permutations.seed)).with("p", Some(p)).with("null_mean", Some(null.mean())).with("z", null.z());
        found.push(Some(facts.with("calibrated", calibrated)));
    }
    Ok(found)
}

fn adjusted(adjust: Option<Adjust>, p: &[f64]) -> Result<Vec<f64>, Stop> {
    Ok(match adjust {
        Some(Adjust::Holm) => holm(p)?,
        Some(Adjust::Bh) => benjamini_hochberg(p)?,
        Some(Adjust::Max) | None => p.to_vec(),
    })
}
