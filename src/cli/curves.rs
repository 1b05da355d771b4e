//! Sample-size curves beside the results of a sweep.

use std::path::Path;

use clap::Args;

use crate::inference::{Error, bytes_of_nulls, sample_size_curve};
use crate::page::{Curve, Curves, Size};
use crate::report::files::{self, SAMPLE_SIZES};
use crate::report::picture;
use crate::report::visible;
use crate::sweep::{Bytes, Layers, Scores};
use crate::{Direction, Measure};

use crate::cli::output;
use crate::cli::stop::Stop;
use crate::cli::tell::tell;

/// Random subsets of each size: their spread is known to a fourteenth, and the middle 95 % has
/// ends.
const SUBSETS: usize = 100;
const LEVEL: f64 = 0.95;
/// How near to its limit a value is to be: of measures that are at most 1, else relative.
const TOLERANCE: f64 = 0.01;

/// Which pairs of layers have a sample-size curve.
#[derive(Debug, Args)]
pub struct CurveOptions {
    /// Compare a pair of layers on random subsets of n/16 to n/2 examples too, drawn with --seed:
    /// what fewer examples would have given, and how many are needed. best (the most similar pair
    /// by each measure; with --report unless told otherwise), LAYER:LAYER (may be given many
    /// times), or none. Writes sample-sizes.csv and .json
    #[arg(long, value_name = "best|none|A:B", requires = "output", conflicts_with_all = ["shard", "group"])]
    pub curve: Vec<String>,
}

/// The pairs that were asked for.
pub struct Wanted {
    best: bool,
    pairs: Vec<(usize, usize)>,
}

impl CurveOptions {
    /// The pairs of layers that have a curve; none where that is not asked for, or where nobody
    /// asked and the layers of a pair would not fit into memory.
    pub fn wanted(&self, layers: [&dyn Layers; 2], with_report: bool, memory: Option<u64>) -> Result<Option<Wanted>, Stop> {
        let is_asked = !self.curve.is_empty();
        let words: Vec<&str> = if is_asked { self.curve.iter().map(String::as_str).collect() } else { vec!["best"] };
        if words.contains(&"none") {
            let alone = || Stop::Unusable("--curve none: there is nothing to leave out beside it".to_string());
            return if words.len() == 1 { Ok(None) } else { Err(alone()) };
        }
        if !is_asked && !with_report {
            return Ok(None);
        }
        let mut wanted = Wanted { best: false, pairs: Vec::new() };
        for word in words {
            match word {
                "best" => wanted.best = true,
                pair => wanted.pairs.push(layers_of(pair, layers)?),
            }
        }
        let needed = wanted.bytes(layers)?;
        match memory {
            Some(memory) if memory < needed => {
                let why = format!(
                    "a sample-size curve keeps the layers of a pair, and subsets of them on each thread, about {}; {} may be taken (--memory)",
                    Bytes(needed),
                    Bytes(memory)
                );
                if is_asked {
                    return Err(Stop::Unusable(format!("--curve: {why}. Use fewer threads (--threads), or fewer examples (--sample)")));
                }
                tell(format!("note: no sample-size curve: {why}"));
                Ok(None)
            }
            _ => Ok(Some(wanted)),
        }
    }
}

/// The layers of LAYER:LAYER, whose names may hold colons themselves.
fn layers_of(pair: &str, [a, b]: [&dyn Layers; 2]) -> Result<(usize, usize), Stop> {
    let place = |network: &dyn Layers, name: &str| network.layer_names().iter().position(|known| known == name);
    let splits = pair.match_indices(':').map(|(at, _)| (&pair[..at], &pair[at + 1..]));
    let found: Vec<(usize, usize)> = splits.filter_map(|(one, other)| Some((place(a, one)?, place(b, other)?))).collect();
    match found[..] {
        [found] => Ok(found),
        [] => {
            let names =
                |network: &dyn Layers| network.layer_names().iter().map(|name| visible(name).into_owned()).collect::<Vec<_>>().join(", ");
            Err(Stop::Unusable(format!(
                "--curve {}: not best, none or LAYER:LAYER, a layer of A ({}) and one of B ({})",
                visible(pair),
                names(a),
                names(b)
            )))
        }
        _ => Err(Stop::Unusable(format!("--curve {}: more than one pair of layers is called so", visible(pair)))),
    }
}

impl Wanted {
    /// The bytes of the largest pair that may be compared.
    fn bytes(&self, layers: [&dyn Layers; 2]) -> Result<u64, Stop> {
        let shapes = |network: &dyn Layers| (0..network.layer_names().len()).map(|at| network.shape(at)).collect::<Result<Vec<_>, _>>();
        let [a, b] = [shapes(layers[0])?, shapes(layers[1])?];
        let widest = |shapes: &[(usize, usize)]| shapes.iter().copied().max_by_key(|(n, p)| n * p).unwrap_or_default();
        let all = self.pairs.iter().map(|(row, column)| (a[*row], b[*column])).chain(self.best.then(|| (widest(&a), widest(&b))));
        let half = |(n, p): (usize, usize)| (n / 2, p);
        let threads = rayon::current_num_threads() as u64;
        let bytes = |(x, y): ((usize, usize), (usize, usize))| bytes_of_nulls([x, y]) + threads * bytes_of_nulls([half(x), half(y)]);
        Ok(all.map(bytes).max().unwrap_or_default())
    }

    /// The curves, measure after measure.
    pub fn curves(&self, scores: &Scores, layers: [&dyn Layers; 2], seed: u64) -> Result<Curves, Stop> {
        let (mut curves, mut left_out) = (Vec::new(), Vec::new());
        for (number, measure) in scores.measures().iter().enumerate() {
            let best = if self.best { most_similar(scores, number) } else { None };
            let best = best.map(|pair| (pair, "The most similar pair of layers"));
            for ((row, column), chosen) in best.into_iter().chain(self.pairs.iter().map(|pair| (*pair, "A pair that was asked for"))) {
                let name = || format!("{measure}, {} × {}", scores.a().layers[row].name, scores.b().layers[column].name);
                let Some(value) = scores.outcomes(number)[row * scores.b().layers.len() + column].value() else {
                    left_out.push((name(), "it has no value".to_string()));
                    continue;
                };
                let (x, y) = (layers[0].load(row)?, layers[1].load(column)?);
                match sample_size_curve(measure, &x, &y, SUBSETS, seed, LEVEL) {
                    Ok(found) => {
                        let tolerance = tolerance(measure, found.limit);
                        let (needed, unknown) = match found.needed(tolerance) {
                            Ok(needed) => (Some(needed), None),
                            Err(error) => (None, Some(error.to_string())),
                        };
                        let size = |size: &crate::inference::SampleSize| {
                            let [lo, hi] = size.interval;
                            Size { n: size.n, mean: size.mean, standard_error: size.standard_error, lo, hi }
                        };
                        curves.push(Curve {
                            measure: measure.to_string(),
                            title: picture::title(measure),
                            short: measure.spec().short.to_string(),
                            layer_a: scores.a().layers[row].name.clone(),
                            layer_b: scores.b().layers[column].name.clone(),
                            chosen: chosen.to_string(),
                            n: scores.n(),
                            value,
                            subsets: SUBSETS,
                            seed,
                            level: LEVEL,
                            sizes: found.sizes.iter().map(size).collect(),
                            limit: found.limit,
                            slope: found.slope,
                            misfit: found.misfit,
                            tolerance,
                            needed,
                            unknown,
                        });
                    }
                    Err(error @ (Error::Measure(_) | Error::Resample { .. } | Error::TooFew { .. })) => {
                        left_out.push((name(), error.to_string()));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        for (pair, why) in &left_out {
            tell(format!("warning: no sample-size curve of {}: {why}", visible(pair)));
        }
        Ok(Curves { similitude: env!("CARGO_PKG_VERSION").to_string(), curves, left_out })
    }
}

/// 0.01, or about 1 % of the limit, in two digits, of a measure that may be larger than 1.
fn tolerance(measure: &Measure, limit: f64) -> f64 {
    let range = measure.properties().range;
    let is_unit = range.upper <= 1.0 && range.lower >= -1.0;
    let relative = || format!("{:.1e}", TOLERANCE * limit.abs()).parse().unwrap_or(TOLERANCE);
    if is_unit { TOLERANCE } else { relative() }
}

/// The most similar pair, of a network with itself of different layers; the first of equal ones.
fn most_similar(scores: &Scores, measure: usize) -> Option<(usize, usize)> {
    let columns = scores.b().layers.len();
    let itself = scores.a() == scores.b();
    let sign = if scores.measures()[measure].properties().direction == Direction::Similarity { 1.0 } else { -1.0 };
    let values = scores.values(measure);
    let pairs = values.iter().enumerate().filter_map(|(place, value)| Some(((place / columns, place % columns), sign * (*value)?)));
    let others = pairs.filter(|((row, column), _)| !(itself && row == column));
    others.reduce(|best, other| if other.1 > best.1 { other } else { best }).map(|(pair, _)| pair)
}

/// Writes them beside the results.
pub fn write(curves: &Curves, directory: &Path) -> Result<(), Stop> {
    put(curves, directory, &output::put)?;
    for curve in &curves.curves {
        tell(format!("{} × {} by {}: {}", visible(&curve.layer_a), visible(&curve.layer_b), curve.measure, curve.says()));
    }
    Ok(())
}

/// Puts them into a directory, each file by `put`.
pub fn put(curves: &Curves, directory: &Path, put: output::Put<'_>) -> Result<(), Stop> {
    let table = curves.table().map_err(|error| Stop::Unusable(error.to_string()))?;
    let document = serde_json::to_vec(curves).map_err(std::io::Error::from)?;
    SAMPLE_SIZES.into_iter().zip([document, table]).try_for_each(|(name, bytes)| put(&directory.join(name), &bytes))
}

/// Removes those of an earlier sweep, which would read as those of this one.
pub fn remove(directory: &Path) -> Result<(), Stop> {
    Ok(SAMPLE_SIZES.iter().try_for_each(|name| files::remove_file(&directory.join(name)))?)
}

/// The curves that lie beside results, where they are of these scores.
pub fn beside(scores: &Scores, directory: &Path) -> Result<Option<Curves>, Stop> {
    let file = directory.join(SAMPLE_SIZES[0]);
    let Some(curves) = output::document::<Curves>(&file, "run the sweep again")? else { return Ok(None) };
    if !curves.is_of(scores) {
        tell(format!("warning: {} is not of these scores, and is left out of the report", file.display()));
        return Ok(None);
    }
    Ok(Some(curves))
}
