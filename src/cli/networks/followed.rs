//! What follows from the matrix of networks, in files and on the page.

use std::path::Path;

use serde::Serialize;

use crate::networks::{Coordinates, Distances, Tree, distances, map, tree};
use crate::page::{Figure, Section};
use crate::report::heatmap::tree::{Around, dendrogram, scatter};
use crate::report::picture::{self, Look};
use crate::report::{csv as table, files, heatmap, visible};
use crate::sweep::{Outcome, Scores};

use super::kinds_document::{self, Document as OfKinds};
use crate::cli::curves;
use crate::cli::output;
use crate::cli::report;
use crate::cli::stop::Stop;
use crate::cli::sweep;
use crate::cli::tell::tell;

const DOCUMENT: &str = "networks.json";
const LAYERS: &str = "layers.csv";
const MAP: &str = "map.csv";
const TREE: &str = "tree.csv";

/// What follows from the matrix of one measure.
struct Followed {
    stem: String,
    title: String,
    measure: String,
    distances: Distances,
    map: Coordinates,
    tree: Tree,
}

/// What follows from the matrix of a measure, or the measure and why nothing does.
type Found = Result<Followed, (String, String)>;

/// What follows from each matrix, or why nothing does.
fn followed(scores: &Scores) -> Vec<Found> {
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
fn section(scores: &Scores) -> Option<Section> {
    scores.provenance().networks.as_ref()?;
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
            svg: Some(tree),
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
            svg: Some(map),
            header: words(&["network", "first coordinate", "second coordinate"]),
            rows: (0..names.len())
                .map(|at| vec![shown(at), format!("{:?}", followed.map.points[at][0]), format!("{:?}", followed.map.points[at][1])])
                .collect(),
        });
    }
    (!figures.is_empty()).then_some(Section { id: "figures", heading: "Tree and map", figures })
}

/// What the page shows of many networks; nothing of a sweep of two.
pub fn sections(scores: &Scores, directory: &Path) -> Result<Vec<Section>, Stop> {
    Ok([kinds_document::section(scores, directory)?, section(scores)].into_iter().flatten().collect())
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

pub(super) fn write(
    scores: &Scores,
    each: &[(String, Scores)],
    kinds: Option<&OfKinds>,
    directory: &Path,
    look: &Look,
) -> Result<(), Stop> {
    sweep::create(directory)?;
    curves::remove(directory)?;
    kinds_document::remove(directory)?;
    sweep::write(scores, directory, look)?;
    let followed = put_tables(scores, each, directory, &output::put)?;
    let put = |name: &str, bytes: &[u8]| output::put(&directory.join(name), bytes);
    let names = network_names(scores);
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
    if let Some(kinds) = kinds {
        kinds.write(directory, &output::put)?;
    }
    report::beside_results(scores, directory, look)
}

/// Puts the tables of what follows into a directory, each file by `put`.
fn put_tables(scores: &Scores, each: &[(String, Scores)], directory: &Path, put: output::Put<'_>) -> Result<Vec<Found>, Stop> {
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
    let put = |name: &str, bytes: &[u8]| put(&directory.join(name), bytes);
    put(DOCUMENT, &serde_json::to_vec(&document).map_err(std::io::Error::from)?)?;
    put(LAYERS, &layers_table(each)?)?;
    put(MAP, &map_table(&names, &followed)?)?;
    put(TREE, &tree_table(&followed)?)?;
    Ok(followed)
}

/// Writes all tables of many networks into a directory, for themselves.
pub(super) fn write_tables(scores: &Scores, each: &[(String, Scores)], kinds: Option<&OfKinds>, directory: &Path) -> Result<(), Stop> {
    files::write_tables(scores, directory)?;
    put_tables(scores, each, directory, &output::put_quietly)?;
    kinds.map_or(Ok(()), |kinds| kinds.write(directory, &output::put_quietly))
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
                    Outcome::Value { .. } => ("", ""),
                    Outcome::Failure { error } => (error.kind.as_str(), error.message.as_str()),
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

fn map_table(names: &[String], followed: &[Found]) -> Result<Vec<u8>, Stop> {
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

fn tree_table(followed: &[Found]) -> Result<Vec<u8>, Stop> {
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
