//! Kinds of networks: their means, intervals and noise ceilings, in files and on the page.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use crate::Representation;
use crate::inference::{Error, ExampleDraws, KindMean, Kinds, Resamples, UnitDraws, Units, bytes_of_nulls, kind_means, network_values};
use crate::report::visible;
use crate::sweep::{Layers, Scores};

use crate::cli::inference::owned;
use crate::cli::stop::Stop;
use crate::cli::tell::tell;

use super::kinds_document::{Document, Drawn, Row};

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
    /// of each kind at least) by leaving out each, or by the bootstrap, narrower; over other
    /// examples; or both at once. With examples or both every pair is compared again on each
    /// resample
    #[arg(long, value_name = "networks|bootstrap|examples|both", value_parser = Units::from_str)]
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

impl Plan {
    /// Refuses what does not fit into memory: intervals over examples keep a layer of all
    /// networks.
    pub fn check(&self, layers: &[&dyn Layers], memory: Option<u64>) -> Result<(), Stop> {
        if !self.draws.is_some_and(|draws| draws.units.is_over_examples()) {
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
            let named = |mean: &KindMean| [mean.kind, mean.other].map(|kind| self.kinds.names()[kind].clone());
            let row = |layer: &str, whole: bool, mean: &KindMean| Row::of(measure, layer, whole, named(mean), mean);
            let of_examples = self.draws.filter(|draws| draws.units.is_over_examples());
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
                        match network_values(measure, &networks, &Resamples::new(draws.count, draws.seed)) {
                            Ok(values) => Some(values),
                            // The matrix is there all the same.
                            Err(error @ (Error::Measure(_) | Error::Resample { .. })) => {
                                why_not = Some(format!("layer {layer}: {error}"));
                                break;
                            }
                            Err(error) => return Err(error.into()),
                        }
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
