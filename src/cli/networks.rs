//! `similitude networks`: many networks with one another.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::io::{Network, Opening, remove_unfinished, write_atomically};
use crate::networks::{Coordinates, Distances, Gathered, Tree, common_layers, distances, map, mean_over_layers, tree};
use crate::page::Figure;
use crate::report::files;
use crate::report::heatmap::tree::{Around, dendrogram, scatter};
use crate::report::picture::{self, Look};
use crate::report::{csv as table, heatmap, visible};
use crate::sweep::{Layers, Provenance, Scores, StoredLayers, Sweep};

use crate::cli::arguments::{Chosen, Common, Format};
use crate::cli::inference::{self, Adjust, NullOptions};
use crate::cli::picture_options::PictureOptions;
use crate::cli::progress::Watch;
use crate::cli::reading::{AnyLayers, ReadingOptions, preprocessed, require_same_examples};
use crate::cli::report;
use crate::cli::stop::{Status, Stop};
use crate::cli::sweep::{self, Null, origin};
use crate::cli::tell::tell;
use crate::cli::{output, tables};

/// All layers that networks have in common.
const MATCHED: &str = "matched";
const DOCUMENT: &str = "networks.json";
const LAYERS: &str = "layers.csv";
const MAP: &str = "map.csv";
const TREE: &str = "tree.csv";

/// Many networks, each with each.
#[derive(Debug, Args)]
pub struct Networks {
    /// The networks, 2 or more: archives whose tensors are their layers, or directories
    #[arg(value_name = "NETWORK", num_args = 2.., required = true)]
    pub networks: Vec<PathBuf>,
    /// Directory for the matrix (scores.csv, scores.json, scores.npz, heat map), the tree, the map and
    /// report.html. An interrupted run into it is taken up where it stopped
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The layer that is compared, by its name in every network; or matched: every layer with that of
    /// the same name, and the mean over them
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
    let scores = compute(options, common, &|_| Ok(()))?;
    let text = || tables::whole(&scores);
    output::write(options.format.format, &scores, text)?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

/// The scores of many networks that were compared before, computed again and not written.
pub fn again(options: &mut Networks, common: &Common, verify: &dyn Fn(&Provenance) -> Result<(), Stop>) -> Result<Scores, Stop> {
    options.output = None;
    compute(options, common, verify)
}

fn open(options: &Networks, common: &Common) -> Result<Vec<AnyLayers>, Stop> {
    if options.reading.group.is_some() {
        return Err(Stop::Unusable("--group: networks are compared on one choice of examples (--rows, --sample)".to_string()));
    }
    if let Some(option) = options.reading.for_second_side() {
        return Err(Stop::Unusable(format!("{option} says how a second network is read; all networks are read alike")));
    }
    let steps = options.reading.preprocessing()?;
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

fn compute(options: &Networks, common: &Common, verify: &dyn Fn(&Provenance) -> Result<(), Stop>) -> Result<Scores, Stop> {
    let is_matched = options.layer == MATCHED;
    if is_matched && options.null.null.is_some() {
        return Err(Stop::Unusable("--null is of one layer, and not of a mean over layers: name it (--layer)".to_string()));
    }
    let names = names(&options.networks)?;
    let opened = open(options, common)?;
    let networks: Vec<&dyn Layers> = opened.iter().map(|network| &**network).collect();
    for other in &networks[1..] {
        require_same_examples(networks[0], *other)?;
    }
    let layers = if is_matched { common_layers(&networks, &names)? } else { vec![options.layer.clone()] };
    let gathered = layers.iter().map(|layer| Gathered::new(&networks, &names, layer)).collect::<Result<Vec<_>, _>>()?;
    let sweeps: Vec<Sweep<'_>> = gathered
        .iter()
        .map(|layers| Sweep::new(layers, None, options.measures.measures()).with_memory(common.memory()).with_precision(common.precision))
        .collect();
    let provenance = sweeps[0].header()?.provenance();
    verify(&provenance)?;
    let null = Null { layers: [&gathered[0]; 2], null: options.null.null, adjust: options.adjust, seed: common.seed };
    inference::check_sweep(null.null, null.adjust, null.layers, common.memory())?;
    let origin = origin(common, options.null.null, options.adjust, options.reading.sample.is_some()).of_networks(&options.layer);
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
    let scores = if is_matched { mean_over_layers(&each) } else { null.beside(each[0].1.clone())? };
    let scores = scores.with_provenance(provenance);
    if let Some(directory) = &options.output {
        write(&scores, &each, directory, &options.pictures.look())?;
        for partial in kept {
            partial.remove()?;
        }
    }
    Ok(scores)
}

/// What follows from the matrix of one measure.
struct Followed {
    stem: String,
    title: String,
    measure: String,
    distances: Distances,
    map: Coordinates,
    tree: Tree,
}

/// What follows from each matrix, or why nothing does.
fn followed(scores: &Scores) -> Vec<Result<Followed, (String, String)>> {
    let of = |at: usize| {
        let measure = &scores.measures()[at];
        let refused = |error: crate::networks::Error| (measure.to_string(), error.to_string());
        let distances = distances(scores, at).map_err(refused)?;
        Ok(Followed {
            stem: picture::file_stem(measure).trim_start_matches("heatmap-").to_string(),
            title: picture::title(measure),
            measure: measure.to_string(),
            map: map(&distances).map_err(refused)?,
            tree: tree(&distances),
            distances,
        })
    };
    (0..scores.measures().len()).map(of).collect()
}

fn network_names(scores: &Scores) -> Vec<String> {
    scores.a().layers.iter().map(|layer| layer.name.clone()).collect()
}

impl Followed {
    fn pictures(&self, names: &[String]) -> [(String, String); 2] {
        let merges: Vec<(usize, usize, f64)> = self.tree.merges.iter().map(|merge| (merge.a, merge.b, merge.height)).collect();
        let around = Around { title: &self.title, subtitle: "average linkage", axis: "distance" };
        let tree = dendrogram(names, &merges, &self.tree.order, &around);
        let held = self
            .map
            .explained
            .map_or_else(|| "all distances are 0".to_string(), |share| format!("holds {:.1} % of the squared distances", 100.0 * share));
        let around = Around { title: &self.title, subtitle: &format!("classical scaling; {held}"), axis: "" };
        let map = scatter(names, &self.map.points, &around);
        [(format!("tree-{}", self.stem), tree), (format!("map-{}", self.stem), map)]
    }
}

/// The tree and the map of each measure for the page; nothing of a sweep of two networks.
pub fn figures(scores: &Scores, _look: &Look) -> Result<Vec<Figure>, Stop> {
    if scores.provenance().networks.is_none() {
        return Ok(Vec::new());
    }
    let names = network_names(scores);
    let shown = |at: usize| visible(&names[at]).into_owned();
    let mut figures = Vec::new();
    for followed in followed(scores).into_iter().flatten() {
        let [(_, tree), (_, map)] = followed.pictures(&names);
        let cluster = |at: usize| at.checked_sub(names.len()).map_or_else(|| shown(at), |merge| format!("merge {}", merge + 1));
        let words = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<String>>();
        figures.push(Figure {
            title: format!("Tree by {}", followed.title),
            caption: format!("Average linkage; the distance of two networks: {} ({}).", followed.distances.rule, followed.measure),
            svg: tree,
            header: words(&["merge", "first", "second", "mean distance", "networks"]),
            rows: followed
                .tree
                .merges
                .iter()
                .enumerate()
                .map(|(at, merge)| {
                    vec![(at + 1).to_string(), cluster(merge.a), cluster(merge.b), format!("{:?}", merge.height), merge.size.to_string()]
                })
                .collect(),
        });
        let held = followed
            .map
            .explained
            .map_or_else(String::new, |share| format!("; the plane holds {:.1} % of the squared distances", 100.0 * share));
        figures.push(Figure {
            title: format!("Map by {}", followed.title),
            caption: format!(
                "Classical multidimensional scaling; the distance of two networks: {} ({}){held}.",
                followed.distances.rule, followed.measure
            ),
            svg: map,
            header: words(&["network", "first coordinate", "second coordinate"]),
            rows: (0..names.len())
                .map(|at| vec![shown(at), format!("{:?}", followed.map.points[at][0]), format!("{:?}", followed.map.points[at][1])])
                .collect(),
        });
    }
    Ok(figures)
}

#[derive(Serialize)]
struct Document<'a> {
    similitude: &'static str,
    networks: &'a [String],
    layer: &'a str,
    layers: Vec<&'a str>,
    n: usize,
    measures: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Followed { measure: &'a str, distances: &'a Distances, map: &'a Coordinates, tree: &'a Tree },
    Refused { measure: &'a str, error: &'a str },
}

fn write(scores: &Scores, each: &[(String, Scores)], directory: &Path, look: &Look) -> Result<(), Stop> {
    sweep::create(directory)?;
    sweep::write(scores, directory, look)?;
    let put = |name: &str, bytes: &[u8]| -> Result<(), Stop> {
        let file = directory.join(name);
        remove_unfinished(&file);
        write_atomically(&file, |out| out.write_all(bytes)).map_err(files::Error::from)?;
        tell(format!("wrote {}", file.display()));
        Ok(())
    };
    let names = network_names(scores);
    let followed = followed(scores);
    let entries = followed.iter().map(|followed| match followed {
        Ok(Followed { measure, distances, map, tree, .. }) => Entry::Followed { measure, distances, map, tree },
        Err((measure, error)) => Entry::Refused { measure, error },
    });
    let document = Document {
        similitude: env!("CARGO_PKG_VERSION"),
        networks: &names,
        layer: scores.provenance().networks.as_deref().unwrap_or_default(),
        layers: each.iter().map(|(layer, _)| layer.as_str()).collect(),
        n: scores.n(),
        measures: entries.collect(),
    };
    put(DOCUMENT, &serde_json::to_vec(&document).map_err(std::io::Error::from)?)?;
    put(LAYERS, &layers_table(each)?)?;
    put(MAP, &map_table(&names, &followed)?)?;
    put(TREE, &tree_table(&followed)?)?;
    for one in &followed {
        match one {
            Ok(one) => {
                for (stem, svg) in one.pictures(&names) {
                    put(&format!("{stem}.svg"), svg.as_bytes())?;
                    put(&format!("{stem}.png"), &heatmap::png_of(&svg)?)?;
                    if look.with_pdf {
                        put(&format!("{stem}.pdf"), &heatmap::pdf_of(&svg)?)?;
                    }
                }
            }
            Err((measure, error)) => tell(format!("warning: no tree and no map by {measure}: {error}")),
        }
    }
    report::beside_results(scores, directory, look)
}

/// A table in memory.
fn in_memory(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> Result<(), csv::Error>) -> Result<Vec<u8>, Stop> {
    let mut out = csv::Writer::from_writer(Vec::new());
    write(&mut out).map_err(|error| Stop::Unusable(error.to_string()))?;
    out.into_inner().map_err(|error| Stop::Unusable(error.to_string()))
}

/// Every layer of every pair: the columns of scores.csv, and the layer before them.
fn layers_table(each: &[(String, Scores)]) -> Result<Vec<u8>, Stop> {
    in_memory(|out| {
        out.write_record([
            "layer",
            "network_a",
            "network_b",
            "measure",
            "value",
            "n",
            "p1",
            "p2",
            "error_bound",
            "error_kind",
            "error_message",
        ])?;
        for (layer, scores) in each {
            for record in scores.records() {
                let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:?}"));
                let (kind, message) = match record.outcome {
                    crate::sweep::Outcome::Value { .. } => ("", ""),
                    crate::sweep::Outcome::Failure { error } => (error.kind.as_str(), error.message.as_str()),
                };
                out.write_record([
                    &*table::plain(layer),
                    &*table::plain(&record.layer_a.name),
                    &*table::plain(&record.layer_b.name),
                    record.measure,
                    &number(record.outcome.value()),
                    &record.n.to_string(),
                    &record.layer_a.p.to_string(),
                    &record.layer_b.p.to_string(),
                    &number(record.outcome.diagnostic("error_bound")),
                    kind,
                    &*table::plain(message),
                ])?;
            }
        }
        Ok(())
    })
}

fn map_table(names: &[String], followed: &[Result<Followed, (String, String)>]) -> Result<Vec<u8>, Stop> {
    in_memory(|out| {
        out.write_record(["measure", "network", "x", "y"])?;
        for one in followed.iter().flatten() {
            for (name, [x, y]) in names.iter().zip(&one.map.points) {
                out.write_record([one.measure.as_str(), &*table::plain(name), &format!("{x:?}"), &format!("{y:?}")])?;
            }
        }
        Ok(())
    })
}

fn tree_table(followed: &[Result<Followed, (String, String)>]) -> Result<Vec<u8>, Stop> {
    in_memory(|out| {
        out.write_record(["measure", "a", "b", "height", "size"])?;
        for one in followed.iter().flatten() {
            for merge in &one.tree.merges {
                out.write_record([
                    one.measure.as_str(),
                    &merge.a.to_string(),
                    &merge.b.to_string(),
                    &format!("{:?}", merge.height),
                    &merge.size.to_string(),
                ])?;
            }
        }
        Ok(())
    })
}
