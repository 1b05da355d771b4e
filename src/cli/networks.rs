//! `similitude networks`: many networks with one another.

mod followed;
mod kinds;
mod kinds_document;
mod of_layers;

pub use followed::sections;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::inference::NullChoice;
use crate::io::{Network, Opening};
use crate::networks::{Gathered, common_layers, mean_over_layers};
use crate::report::{picture, visible};
use crate::results::{MATCHED, checksums};
use crate::sweep::{Layers, Provenance, Scores, StoredLayers, Sweep};

use crate::cli::arguments::{Chosen, Common, Format};
use crate::cli::cautions;
use crate::cli::inference::{self, Adjust, NullOptions};
use crate::cli::picture_options::PictureOptions;
use crate::cli::progress::Watch;
use crate::cli::reading::{AnyLayers, ReadingOptions, preprocessed, require_same_examples};
use crate::cli::stop::{Status, Stop};
use crate::cli::sweep::{self, Null, origin};
use crate::cli::tell::tell;
use crate::cli::{output, tables};
use kinds::KindOptions;
use of_layers::OfLayers;

/// Many networks, each with each.
#[derive(Debug, Args)]
pub struct Networks {
    /// The networks, 2 or more: archives whose tensors are their layers, or directories
    #[arg(value_name = "NETWORK", num_args = 2.., required = true)]
    pub networks: Vec<PathBuf>,
    /// Directory for the matrix (scores.csv, scores.json, scores.npz, heat map), the tree, the map
    /// and report.html. An interrupted run into it is taken up where it stopped
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The layer that is compared, by its name in every network; or matched: every layer with that
    /// of the same name, and the mean over them
    #[arg(long, value_name = "NAME|matched", default_value = MATCHED)]
    pub layer: String,
    /// Layers to take, by name or pattern, where they are matched; all of them unless given
    #[arg(long, value_name = "NAMES")]
    pub layers: Option<Vec<String>>,
    /// Entries that are no layers, by name or pattern
    #[arg(long, value_name = "NAMES")]
    pub exclude: Vec<String>,
    #[command(flatten)]
    pub null: NullOptions,
    /// Adjust the p-values of all pairs for their number
    #[arg(long, value_name = "HOW", value_enum, requires = "null")]
    pub adjust: Option<Adjust>,
    #[command(flatten)]
    pub kinds: KindOptions,
    #[command(flatten)]
    pub measures: Chosen,
    #[command(flatten)]
    pub pictures: PictureOptions,
    #[command(flatten)]
    pub reading: ReadingOptions,
    #[command(flatten)]
    pub format: Format,
}

pub fn run(options: &Networks, common: &Common) -> Result<Status, Stop> {
    crate::cli::allocator::give_memory_back();
    let (scores, kinds) = compute(options, common, &|_| Ok(()), None)?;
    let text = || tables::whole(&scores) + &kinds.map_or_else(String::new, |kinds| kinds.text());
    output::write(options.format.format, &scores, text)?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

/// Many networks that were compared before, again: the tables are written into another directory.
pub fn again(
    options: &mut Networks,
    common: &Common,
    verify: &dyn Fn(&Provenance) -> Result<(), Stop>,
    into: &Path,
) -> Result<Scores, Stop> {
    options.output = None;
    Ok(compute(options, common, verify, Some(into))?.0)
}

fn open(options: &Networks, common: &Common) -> Result<Vec<AnyLayers>, Stop> {
    if options.reading.group.is_some() {
        return Err(Stop::Unusable("--group: networks are compared on one choice of examples (--rows, --sample)".to_string()));
    }
    if let Some(option) = options.reading.for_second_side() {
        return Err(Stop::Unusable(format!("{option} says how a second network is read; all networks are read alike")));
    }
    let [steps, _] = options.reading.preprocessing()?;
    let rows = options.reading.groups(common.seed)?.pop().flatten();
    let [reading, _] = options.reading.readings(rows)?;
    let opening = Opening { layers: options.layers.clone(), exclude: options.exclude.clone(), file_order: false, pieces: None };
    let open = |path: &PathBuf| -> Result<AnyLayers, Stop> {
        let network = Network::open_with(path, &opening, Some(&reading))?;
        Ok(preprocessed(StoredLayers::new(network, Some(reading.clone())), steps))
    };
    options.networks.iter().map(open).collect()
}

/// What networks are called: by their files, or by their whole paths where files have one name.
fn names(networks: &[PathBuf]) -> Result<Vec<String>, Stop> {
    let stem = |path: &PathBuf| {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        picture::without_extension(&name).to_string()
    };
    let is_unique = |names: &[String]| names.iter().enumerate().all(|(at, name)| !names[..at].contains(name));
    let short: Vec<String> = networks.iter().map(stem).collect();
    let whole: Vec<String> = networks.iter().map(|path| path.display().to_string()).collect();
    match (is_unique(&short), is_unique(&whole)) {
        (true, _) => Ok(short),
        (false, true) => Ok(whole),
        _ => Err(Stop::Unusable("a network is named twice: each is compared with every other".to_string())),
    }
}

/// Says which networks have the same bytes: a copy is no other network of its kind.
fn copies(networks: &[&dyn Layers], names: &[String]) -> Result<(), Stop> {
    let sums = networks.iter().map(|network| Ok(checksums(&network.identity()?))).collect::<Result<Vec<_>, Stop>>()?;
    for (at, sum) in sums.iter().enumerate().filter(|(_, sum)| !sum.is_empty()) {
        if let Some(first) = sums[..at].iter().position(|other| other == sum) {
            tell(format!(
                "warning: {} and {} have the same sizes and checksums: a copy is no network of its own, and its pairs raise the \
                 means of kinds. Leave one out",
                visible(&names[first]),
                visible(&names[at])
            ));
        }
    }
    Ok(())
}

/// The scores, and what was asked of kinds.
type Computed = (Scores, Option<kinds_document::Document>);

fn compute(
    options: &Networks,
    common: &Common,
    verify: &dyn Fn(&Provenance) -> Result<(), Stop>,
    tables_into: Option<&Path>,
) -> Result<Computed, Stop> {
    let is_matched = options.layer == MATCHED;
    if is_matched && options.null.null == Some(NullChoice::Exact) {
        let why = "--null exact is of one layer, and not of a mean over layers: name it (--layer), or draw permutations (--null 1000)";
        return Err(Stop::Unusable(why.to_string()));
    }
    let names = names(&options.networks)?;
    let plan = options.kinds.plan(&options.networks, &names, common.seed)?;
    let opened = open(options, common)?;
    let networks: Vec<&dyn Layers> = opened.iter().map(|network| &**network).collect();
    for other in &networks[1..] {
        require_same_examples(networks[0], *other)?;
    }
    let layers = if is_matched { common_layers(&networks, &names)? } else { vec![options.layer.clone()] };
    let gathered = layers.iter().map(|layer| Gathered::new(&networks, &names, layer)).collect::<Result<Vec<_>, _>>()?;
    let sweeps: Vec<Sweep<'_>> = gathered
        .iter()
        .map(|layers| {
            Sweep::new(layers, None, options.reading.measures(&options.measures))
                .with_memory(common.memory())
                .with_precision(common.precision)
        })
        .collect();
    let provenance = sweeps[0].header()?.provenance();
    verify(&provenance)?;
    let null = Null { layers: [&gathered[0]; 2], null: options.null.null, adjust: options.adjust, seed: common.seed };
    let stored: Vec<&dyn Layers> = gathered.iter().map(|layers| layers as &dyn Layers).collect();
    for layers in &stored {
        inference::check_sweep(sweeps[0].measures(), null.null, null.adjust, [*layers; 2], common.memory())?;
    }
    cautions::of_null(null.null, null.adjust.map(Adjust::choice));
    copies(&networks, &names)?;
    let has_ceilings = match &plan {
        Some(plan) => plan.check(&stored, sweeps[0].measures(), common.memory())?,
        None => false,
    };
    let origin = origin(common, options.null.null, options.adjust, options.reading.sample.is_some()).of_networks(
        &options.layer,
        options.kinds.sentence(common.seed, has_ceilings),
        options.kinds.interval.map(|_| common.seed),
    );
    let provenance = origin.of(provenance);

    let mut each = Vec::new();
    let mut kept = Vec::new();
    for (at, (layer, sweep)) in layers.iter().zip(&sweeps).enumerate() {
        let Some(directory) = &options.output else {
            each.push((layer.clone(), sweep.resume(Vec::new(), &Watch::new(None))?));
            continue;
        };
        let (partial, done) = sweep::open(sweep, &directory.join(format!("cells-layer-{}.jsonl", at + 1)))?;
        sweep::tell_kept(directory, &done);
        let ended = sweep.resume(done, &Watch::new(Some(&partial)));
        match ended {
            Ok(scores) => each.push((layer.clone(), scores)),
            Err(error) => {
                sweep::leave(partial);
                return Err(error.into());
            }
        }
        kept.push(partial);
    }
    let mut scores = if is_matched { mean_over_layers(&each) } else { each[0].1.clone() };
    let mut of_layers = plan.as_ref().map(|plan| OfLayers::new(plan, &each, has_ceilings));
    of_layers::read(&mut scores, &each, &stored, &null, of_layers.as_mut(), is_matched)?;
    let scores = scores.with_provenance(provenance);
    let kinds = of_layers.map(|of_layers| of_layers.means(&scores, &each)).transpose()?;
    if let Some(directory) = &options.output {
        followed::write(&scores, &each, kinds.as_ref(), directory, &options.pictures.look())?;
        for partial in kept {
            partial.remove()?;
        }
    }
    if let Some(directory) = tables_into {
        followed::write_tables(&scores, &each, kinds.as_ref(), directory)?;
    }
    Ok((scores, kinds))
}
