//! Kinds of networks: their means, intervals and noise ceilings, in files and on the page.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use crate::Measure;
use crate::inference::{Kinds, UnitDraws, Units, bytes_of_nulls, has_noise_ceiling};
use crate::report::visible;
use crate::sweep::{Bytes, Layers};

use crate::cli::cautions;
use crate::cli::stop::Stop;
use crate::cli::tell::tell;

/// What all networks are called where no kinds were named.
const ALL: &str = "all";

/// What a methods section says of noise ceilings.
const CEILING: &str = "The noise ceiling of a kind goes from the mean similarity of each of its networks with the mean dissimilarities of the others to that with the \
                       mean dissimilarities of all (Nili et al. 2014).";

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
    /// of each kind at least) by leaving out each, or by the bootstrap, which holds the mean of the
    /// population less often; over other examples; or both at once. With examples or both every
    /// pair is compared again on each resample
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
    /// cannot be had, and says what is likely not to be meant.
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
            cautions::of_level(draws.level);
        }
        Ok(Some(Plan { labels, kinds, draws }))
    }

    /// What a methods section has to say of the intervals, and of noise ceilings.
    pub fn sentence(&self, seed: u64, has_ceilings: bool) -> Option<String> {
        let intervals = self.interval.map(|units| units.sentence(self.resamples, seed, &self.level.to_string()));
        let sentences: Vec<String> = intervals.into_iter().chain(has_ceilings.then(|| CEILING.to_string())).collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
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
    /// Refuses intervals over examples that do not fit into memory: they keep a layer of all
    /// networks. Returns whether noise ceilings do.
    pub fn check(&self, layers: &[&dyn Layers], measures: &[Measure], memory: Option<u64>) -> Result<bool, Stop> {
        let is_over_examples = self.draws.is_some_and(|draws| draws.units.is_over_examples());
        let has_ceilings = measures.iter().any(|measure| has_noise_ceiling(measure).is_ok());
        if !is_over_examples && !has_ceilings {
            return Ok(false);
        }
        let (mut of_draws, mut of_ceilings) = (0, 0);
        for layer in layers {
            let shapes = (0..layer.layer_names().len()).map(|network| layer.shape(network)).collect::<Result<Vec<_>, _>>()?;
            let halves = shapes.iter().map(|(n, p)| (n / 2, *p));
            let whole = bytes_of_nulls(shapes.iter().copied());
            of_ceilings = whole.max(of_ceilings);
            of_draws = (whole + rayon::current_num_threads() as u64 * bytes_of_nulls(halves)).max(of_draws);
        }
        match memory {
            Some(memory) if is_over_examples && memory < of_draws => Err(Stop::Unusable(format!(
                "--interval: over examples it keeps a layer of all networks, and halves of it on each thread, about {}; {} may be taken \
                 (--memory). Use fewer threads (--threads), fewer examples (--sample), or --interval networks",
                Bytes(of_draws),
                Bytes(memory)
            ))),
            Some(memory) if has_ceilings && memory < of_ceilings => {
                tell(format!(
                    "note: no noise ceiling by the mean of dissimilarities, which keeps a layer of all networks, about {}; {} may be taken (--memory)",
                    Bytes(of_ceilings),
                    Bytes(memory)
                ));
                Ok(false)
            }
            _ => Ok(has_ceilings),
        }
    }

    pub(super) fn labels(&self) -> &[String] {
        &self.labels
    }

    pub(super) fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    pub(super) fn draws(&self) -> Option<UnitDraws> {
        self.draws
    }
}
