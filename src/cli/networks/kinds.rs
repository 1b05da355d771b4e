//! Kinds of networks: their means, intervals and noise ceilings, in files and on the page.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::Representation;
use crate::inference::{ExampleDraws, KindMean, Kinds, Resamples, Spread, UnitDraws, Units, bytes_of_nulls, kind_means, network_values};
use crate::io::{remove_unfinished, write_atomically};
use crate::page::{Figure, Section};
use crate::report::{csv as table, files, picture, visible};
use crate::sweep::{Layers, Scores};

use crate::cli::inference::owned;
use crate::cli::output;
use crate::cli::stop::Stop;
use crate::cli::tell::tell;

const FILES: [&str; 2] = ["kinds.json", "kinds.csv"];

/// What all networks are called where no kinds were named.
const ALL: &str = "all";

/// Which kinds of networks there are, and how sure their means are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Kinds of networks")]
pub struct KindOptions {
    /// The kind of each network (architecture, training set): kinds between commas in the order of
    /// the networks (cnn,cnn,vit), or a table FILE.csv with the columns network and kind. Means
    /// within and between kinds, and how far below the noise ceiling of each kind (its networks
    /// among themselves) the others are: kinds.csv, kinds.json
    #[arg(long, value_name = "KINDS|FILE")]
    pub kinds: Option<String>,
    /// Intervals for these means (of one kind unless --kinds names more): over other networks (5
    /// of each kind at least), over other examples, or both at once. With examples or both every
    /// pair is compared again on each resample
    #[arg(long, value_name = "networks|examples|both", value_parser = Units::from_str)]
    pub interval: Option<Units>,
    /// Resamples that are drawn for an interval
    #[arg(long, value_name = "N", default_value_t = 2000, requires = "interval")]
    pub resamples: usize,
    /// The level of the interval
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, requires = "interval")]
    pub level: f64,
}

/// Kinds of networks, asked for.
pub struct Plan {
    labels: Vec<String>,
    kinds: Kinds,
    draws: Option<UnitDraws>,
}

impl KindOptions {
    /// What was asked for; none where nothing was. Refuses, before anything is computed, what
    /// cannot be had.
    pub fn plan(&self, paths: &[PathBuf], names: &[String], seed: u64) -> Result<Option<Plan>, Stop> {
        let labels = match &self.kinds {
            None if self.interval.is_none() => return Ok(None),
            None => vec![ALL.to_string(); names.len()],
            Some(text) => labels(text, paths, names)?,
        };
        let kinds = Kinds::of_labels(&labels);
        let draws = self.interval.map(|units| UnitDraws { units, count: self.resamples, seed, level: self.level });
        if let Some(draws) = &draws {
            draws.check(&kinds)?;
        }
        Ok(Some(Plan { labels, kinds, draws }))
    }

    /// What a methods section has to say of the intervals.
    pub fn sentence(&self, seed: u64) -> Option<String> {
        self.interval.map(|units| units.sentence(self.resamples, seed, &self.level.to_string()))
    }
}

/// The kind of each network, from a list or a table.
fn labels(text: &str, paths: &[PathBuf], names: &[String]) -> Result<Vec<String>, Stop> {
    let refused = |why: String| Stop::Unusable(format!("--kinds {}: {why}", visible(text)));
    let is_table = Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if !is_table {
        let labels: Vec<String> = text.split(',').map(|label| label.trim().to_string()).collect();
        let networks = names.len();
        if labels.len() != networks {
            return Err(refused(format!("{} kinds between commas for {networks} networks; a table ends in .csv", labels.len())));
        }
        if let Some(place) = labels.iter().position(String::is_empty) {
            return Err(refused(format!("no kind for network {} ({})", place + 1, visible(&names[place]))));
        }
        return Ok(labels);
    }
    let failed = |error: csv::Error| refused(error.to_string());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(text).map_err(failed)?;
    let header = reader.headers().map_err(failed)?.clone();
    let column = |name: &str| {
        let place = header.iter().position(|known| known == name);
        place.ok_or_else(|| refused(format!("no column {name}; it has {}", visible(&header.iter().collect::<Vec<_>>().join(", ")))))
    };
    let (network, kind) = (column("network")?, column("kind")?);
    let mut found: Vec<Option<String>> = vec![None; names.len()];
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let field = |at: usize| record.get(at).unwrap_or_default();
        let named = |at: &usize| {
            let file = paths[*at].file_name().map(|name| name.to_string_lossy());
            field(network) == names[*at]
                || file.is_some_and(|file| file == field(network))
                || paths[*at].as_path() == Path::new(field(network))
        };
        // Networks of the table that are not compared now are nobody's business.
        for at in (0..names.len()).filter(named) {
            if field(kind).is_empty() {
                return Err(refused(format!("no kind for {}", visible(&names[at]))));
            }
            if found[at].replace(field(kind).to_string()).is_some() {
                return Err(refused(format!("{} is there twice", visible(&names[at]))));
            }
        }
    }
    let missing: Vec<String> =
        found.iter().zip(names).filter(|(kind, _)| kind.is_none()).map(|(_, name)| visible(name).into_owned()).collect();
    if !missing.is_empty() {
        return Err(refused(format!("no row for {}", missing.join(", "))));
    }
    Ok(found.into_iter().flatten().collect())
}

/// The means of kinds, as a document beside the results.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    similitude: String,
    networks: Vec<String>,
    kinds: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<Drawn>,
    means: Vec<Row>,
    left_out: Vec<(String, String)>,
}

/// How intervals were drawn.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Drawn {
    over: String,
    resamples: usize,
    seed: u64,
    level: f64,
}

/// A kind with itself or with another, by one measure on one layer.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    measure: String,
    title: String,
    layer: String,
    /// Whether it is of the matrix of networks, and not of one of several layers.
    whole: bool,
    kind_a: String,
    kind_b: String,
    pairs: usize,
    mean: f64,
    se: Option<f64>,
    lo: Option<f64>,
    hi: Option<f64>,
    least_left_out: Option<f64>,
    largest_left_out: Option<f64>,
    below_ceiling: Option<f64>,
    below_se: Option<f64>,
    below_lo: Option<f64>,
    below_hi: Option<f64>,
}

impl Plan {
    /// Refuses what does not fit into memory: intervals over examples keep a layer of all
    /// networks.
    pub fn check(&self, layers: &[&dyn Layers], memory: Option<u64>) -> Result<(), Stop> {
        if self.draws.is_none_or(|draws| draws.units == Units::Networks) {
            return Ok(());
        }
        let mut most = 0;
        for layer in layers {
            let shapes = (0..layer.layer_names().len()).map(|network| layer.shape(network)).collect::<Result<Vec<_>, _>>()?;
            let halves = shapes.iter().map(|(n, p)| (n / 2, *p));
            most = most.max(bytes_of_nulls(shapes.iter().copied()) + rayon::current_num_threads() as u64 * bytes_of_nulls(halves));
        }
        match memory {
            Some(memory) if memory < most => Err(Stop::Unusable(format!(
                "--interval: over examples it keeps a layer of all networks, and halves of it on each thread, about {} MiB; {} MiB may be taken \
                 (--memory). Use fewer threads (--threads), fewer examples (--sample), or --interval networks",
                most >> 20,
                memory >> 20
            ))),
            _ => Ok(()),
        }
    }

    /// The means of each layer, and of the whole matrix. `gathered` are the layers of `each`.
    pub fn means(&self, scores: &Scores, each: &[(String, Scores)], gathered: &[&dyn Layers]) -> Result<Document, Stop> {
        let (mut means, mut left_out) = (Vec::new(), Vec::new());
        let whole = scores.provenance().networks.clone().unwrap_or_default();
        for (number, measure) in scores.measures().iter().enumerate() {
            let values = |scores: &Scores| -> Result<Vec<f64>, String> {
                let k = self.labels.len();
                let of = |(at, value): (usize, Option<f64>)| match value {
                    Some(value) => Ok(value),
                    // A network with itself is not looked at.
                    None if at % k == at / k => Ok(0.0),
                    None => Err(format!("{} with {} has no value", scores.a().layers[at / k].name, scores.b().layers[at % k].name)),
                };
                scores.values(number).into_iter().enumerate().map(of).collect()
            };
            let direction = measure.properties().direction;
            let mut on_layers: Vec<ExampleDraws> = Vec::new();
            let row = |layer: &str, is_whole: bool, mean: &KindMean| {
                let name = |kind: usize| self.kinds.names()[kind].clone();
                let part = |spread: Option<Spread>, of: fn(Spread) -> f64| spread.map(of);
                Row {
                    measure: measure.to_string(),
                    title: picture::title(measure),
                    layer: layer.to_string(),
                    whole: is_whole,
                    kind_a: name(mean.kind),
                    kind_b: name(mean.other),
                    pairs: mean.pairs,
                    mean: mean.mean,
                    se: part(mean.spread, |spread| spread.se),
                    lo: part(mean.spread, |spread| spread.lo),
                    hi: part(mean.spread, |spread| spread.hi),
                    least_left_out: mean.left_out.map(|[least, _]| least),
                    largest_left_out: mean.left_out.map(|[_, largest]| largest),
                    below_ceiling: mean.below_ceiling,
                    below_se: part(mean.below_spread, |spread| spread.se),
                    below_lo: part(mean.below_spread, |spread| spread.lo),
                    below_hi: part(mean.below_spread, |spread| spread.hi),
                }
            };
            let of_examples = self.draws.filter(|draws| draws.units != Units::Networks);
            let mut of_layers = Vec::new();
            let mut why_not = None;
            for ((layer, scores), stored) in each.iter().zip(gathered) {
                let values = match values(scores) {
                    Ok(values) => values,
                    Err(why) => {
                        why_not = Some(format!("layer {layer}: {why}"));
                        break;
                    }
                };
                let examples = match of_examples {
                    Some(draws) => {
                        let networks = (0..self.labels.len())
                            .map(|at| owned(&*stored.load(at)?))
                            .collect::<Result<Vec<Representation<'static>>, Stop>>()?;
                        Some(network_values(measure, &networks, &Resamples::new(draws.count, draws.seed))?)
                    }
                    None => None,
                };
                let draws = self.draws.as_ref().map(|draws| (draws, examples.as_ref()));
                let found = kind_means(direction, &values, &self.kinds, draws)?;
                of_layers.extend(found.iter().map(|mean| row(layer, each.len() == 1, mean)));
                on_layers.extend(examples);
            }
            if let Some(why) = why_not {
                tell(format!("warning: no means of kinds by {measure}: {why}"));
                left_out.push((measure.to_string(), why));
                continue;
            }
            if each.len() > 1 {
                let examples = (!on_layers.is_empty()).then(|| ExampleDraws::mean_over_layers(on_layers));
                let draws = self.draws.as_ref().map(|draws| (draws, examples.as_ref()));
                let values = values(scores).map_err(Stop::Unusable)?;
                means.extend(kind_means(direction, &values, &self.kinds, draws)?.iter().map(|mean| row(&whole, true, mean)));
            }
            means.extend(of_layers);
        }
        let word = |units: Units| Units::ALL.into_iter().find(|(_, known)| *known == units).map_or("", |(word, _)| word).to_string();
        Ok(Document {
            similitude: env!("CARGO_PKG_VERSION").to_string(),
            networks: scores.a().layers.iter().map(|layer| layer.name.clone()).collect(),
            kinds: self.labels.clone(),
            interval: self.draws.map(|UnitDraws { units, count, seed, level }| Drawn { over: word(units), resamples: count, seed, level }),
            means,
            left_out,
        })
    }
}

fn digits(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:?}"))
}

/// Four digits are what a person compares.
fn brief(value: f64) -> String {
    format!("{value:.4}")
}

impl Document {
    /// Writes it beside the results.
    pub fn write(&self, directory: &Path) -> Result<(), Stop> {
        let document = serde_json::to_vec(self).map_err(std::io::Error::from)?;
        let rows = self.csv().map_err(|error| Stop::Unusable(error.to_string()))?;
        for (name, bytes) in FILES.into_iter().zip([document, rows]) {
            let file = directory.join(name);
            remove_unfinished(&file);
            write_atomically(&file, |out| out.write_all(&bytes)).map_err(files::Error::from)?;
            tell(format!("wrote {}", file.display()));
        }
        Ok(())
    }

    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record([
            "measure",
            "layer",
            "kind_a",
            "kind_b",
            "pairs",
            "mean",
            "se",
            "lo",
            "hi",
            "least_left_out",
            "largest_left_out",
            "below_ceiling",
            "below_se",
            "below_lo",
            "below_hi",
            "interval",
            "resamples",
            "level",
            "seed",
        ])?;
        let drawn = self.interval.as_ref().map_or_else(Default::default, |drawn| {
            [drawn.over.clone(), drawn.resamples.to_string(), drawn.level.to_string(), drawn.seed.to_string()]
        });
        for row in &self.means {
            let texts = [&row.layer, &row.kind_a, &row.kind_b].map(|text| table::plain(text).into_owned());
            let numbers = [
                row.se,
                row.lo,
                row.hi,
                row.least_left_out,
                row.largest_left_out,
                row.below_ceiling,
                row.below_se,
                row.below_lo,
                row.below_hi,
            ];
            let fields = [row.measure.clone()].into_iter().chain(texts).chain([row.pairs.to_string(), digits(Some(row.mean))]);
            out.write_record(fields.chain(numbers.map(digits)).chain(drawn.clone()))?;
        }
        out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }

    /// Whether it is of these networks and measures.
    fn is_of(&self, scores: &Scores) -> bool {
        let measures: Vec<String> = scores.measures().iter().map(ToString::to_string).collect();
        self.networks.iter().eq(scores.a().layers.iter().map(|layer| &layer.name))
            && self.means.iter().all(|row| measures.contains(&row.measure))
    }

    /// The means as they are printed: of the matrix of networks, not of its layers.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut titles: Vec<&str> = self.means.iter().map(|row| row.measure.as_str()).collect();
        titles.dedup();
        for measure in titles {
            let rows = self.means.iter().filter(|row| row.measure == measure && row.whole);
            let rows: Vec<Vec<String>> = rows.map(|row| row.shown().to_vec()).collect();
            text += &format!("\nkinds of networks, {measure}\n{}", output::table(&HEADER, rows, 2));
        }
        text
    }

    fn section(&self) -> Option<Section> {
        let mut measures: Vec<(&str, &str)> = self.means.iter().map(|row| (row.measure.as_str(), row.title.as_str())).collect();
        measures.dedup();
        let over = self.interval.as_ref().map_or_else(String::new, |Drawn { over, resamples, seed, level }| {
            let over = if over == "both" { "networks and examples" } else { over };
            format!(" Intervals at {} % are over other {over} ({resamples} resamples, seed {seed}).", 100.0 * level)
        });
        let figures = measures.into_iter().map(|(measure, title)| {
            let rows = self.means.iter().filter(|row| row.measure == measure);
            let shown = |row: &Row| [vec![visible(&row.layer).into_owned()], row.shown().map(|cell| visible(&cell).into_owned()).to_vec()].concat();
            Figure {
                title: format!("Kinds by {title}"),
                caption: format!(
                    "Mean over the pairs of networks. Of a kind with itself it is the noise ceiling: as alike as networks are that differ in their seed alone; \
                     beside it the least and the largest mean of one network with the others.{over}"
                ),
                svg: None,
                header: ["layer"].into_iter().chain(HEADER).map(String::from).collect(),
                rows: rows.map(shown).collect(),
            }
        });
        let figures: Vec<Figure> = figures.collect();
        (!figures.is_empty()).then_some(Section { id: "kinds", heading: "Kinds of networks", figures })
    }
}

const HEADER: [&str; 7] = ["kind", "with", "pairs", "mean", "interval", "one with the others", "below the ceiling"];

impl Row {
    fn shown(&self) -> [String; 7] {
        let ends = |lo: Option<f64>, hi: Option<f64>| match (lo, hi) {
            (Some(lo), Some(hi)) => format!("{} to {}", brief(lo), brief(hi)),
            _ => "-".to_string(),
        };
        let below = match (self.below_ceiling, self.below_lo, self.below_hi) {
            (Some(below), Some(_), Some(_)) => format!("{} ({})", brief(below), ends(self.below_lo, self.below_hi)),
            (Some(below), ..) => brief(below),
            _ => "-".to_string(),
        };
        let other = if self.kind_a == self.kind_b { "itself".to_string() } else { self.kind_b.clone() };
        let left_out = ends(self.least_left_out, self.largest_left_out);
        [self.kind_a.clone(), other, self.pairs.to_string(), brief(self.mean), ends(self.lo, self.hi), left_out, below]
    }
}

/// Removes those of an earlier run, which would read as those of this one.
pub fn remove(directory: &Path) -> Result<(), Stop> {
    Ok(FILES.iter().try_for_each(|name| files::remove_file(&directory.join(name)))?)
}

/// The section of the kinds that lie beside results, where they are of these.
pub fn section(scores: &Scores, directory: &Path) -> Result<Option<Section>, Stop> {
    let file = directory.join(FILES[0]);
    if scores.provenance().networks.is_none() || !file.exists() {
        return Ok(None);
    }
    let unusable =
        |error: &dyn std::fmt::Display| Stop::Unusable(format!("{}: {error}; remove it, or compare the networks again", file.display()));
    let text = std::fs::read_to_string(&file).map_err(|error| unusable(&error))?;
    let document: Document = serde_json::from_str(&text).map_err(|error| unusable(&error))?;
    if !document.is_of(scores) {
        tell(format!("warning: {} is not of these networks, and is left out of the report", file.display()));
        return Ok(None);
    }
    Ok(document.section())
}
