//! Parts of a sweep in files of their own, and the whole from the parts: for machines that share
//! nothing but a directory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Error, ShardProblem};
use super::partial::{Header, Line, NetworkHeader};
use super::tasks::{Part, Plan};
use crate::io::write_atomically;
use crate::measure::Measure;
use crate::results::{Cell, LayerFacts, NetworkFacts, Scores};

/// A finished part of a sweep, as it stands in its file.
#[derive(Serialize, Deserialize)]
struct Shard<'a> {
    part: usize,
    of: usize,
    header: Header,
    /// What reads each layer alone, of each network.
    sources: Vec<Vec<String>>,
    cells: Vec<Line<'a>>,
}

/// The file of a part in its directory.
pub fn shard_file(directory: &Path, part: Part) -> PathBuf {
    directory.join(format!("shard-{}-of-{}.json", part.number(), part.of()))
}

/// Writes a finished part, whole or not at all.
pub(super) fn write(path: &Path, part: Part, header: Header, sources: Vec<Vec<String>>, cells: &[Cell]) -> Result<(), Error> {
    let mut cells: Vec<&Cell> = cells.iter().collect();
    // Whichever thread was faster: a part that is computed again is the same file.
    cells.sort_by_key(|cell| (cell.row, cell.column, cell.measure));
    let shard = Shard { part: part.number(), of: part.of(), header, sources, cells: cells.into_iter().map(Line::of).collect() };
    let written = write_atomically(path, |file| {
        serde_json::to_writer(&mut *file, &shard)?;
        file.write_all(b"\n")
    });
    written.map_err(|error| Error::Layer(Box::new(error)))
}

/// The scores of a whole sweep from the files of its parts in a directory: what one sweep would
/// have given.
///
/// # Errors
/// [`Error::Shards`] when there are none, when one is missing, there twice, damaged, or of another
/// sweep; [`Error::File`].
pub fn merge_shards(directory: &Path) -> Result<Scores, Error> {
    let refused = |problem| Error::Shards { directory: directory.to_path_buf(), problem };
    let files = shard_files(directory)?;
    let mut found: BTreeMap<usize, (PathBuf, Shard<'_>)> = BTreeMap::new();
    for file in files {
        let bytes = std::fs::read(&file).map_err(|source| Error::File { file: file.clone(), source })?;
        let shard: Shard<'_> = serde_json::from_slice(&bytes)
            .map_err(|error| refused(ShardProblem::Damaged { file: file.clone(), detail: error.to_string() }))?;
        if let Some((first, other)) = found.values().next() {
            let mut differences = other.header.differences(&shard.header);
            if other.of != shard.of {
                differences.insert(0, format!("parts: there {}, here {}", other.of, shard.of));
            }
            if !differences.is_empty() {
                let (first, difference) = (first.clone(), differences.join("; "));
                return Err(refused(ShardProblem::Foreign { file, first, difference }));
            }
        }
        let part = shard.part;
        if let Some((first, _)) = found.insert(part, (file.clone(), shard)) {
            return Err(refused(ShardProblem::Twice { part, first, second: file }));
        }
    }
    let Some((_, (file, first))) = found.first_key_value() else { return Err(refused(ShardProblem::None)) };
    let version = env!("CARGO_PKG_VERSION");
    if first.header.similitude != version {
        let (file, written) = (file.clone(), first.header.similitude.clone());
        return Err(refused(ShardProblem::Version { file, written, here: version }));
    }
    let of = first.of;
    let missing: Vec<usize> = (1..=of).filter(|part| !found.contains_key(part)).collect();
    if !missing.is_empty() {
        return Err(refused(ShardProblem::Missing { parts: missing, of }));
    }
    let sweep =
        Whole::new(&first.header, &first.sources).map_err(|detail| refused(ShardProblem::Damaged { file: file.clone(), detail }))?;
    let mut cells = Vec::new();
    for (file, shard) in found.into_values() {
        let part = sweep.cells_of(shard).map_err(|detail| refused(ShardProblem::Damaged { file, detail }))?;
        cells.extend(part);
    }
    let Whole { a, b, plan, measures } = sweep;
    Ok(Scores::assemble(a, b, plan.n, measures, cells, plan.itself))
}

/// The files of a directory that are named as shards are, in the order of their names.
fn shard_files(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::File { file: directory.to_path_buf(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let file = entry.map_err(failed)?;
        let name = file.file_name().to_string_lossy().into_owned();
        if name.starts_with("shard-") && name.ends_with(".json") {
            files.push(file.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The sweep that the shards are of.
struct Whole {
    a: NetworkFacts,
    b: NetworkFacts,
    plan: Plan,
    measures: Vec<Measure>,
}

impl Whole {
    fn new(header: &Header, sources: &[Vec<String>]) -> Result<Self, String> {
        let measures = header.measures.iter().map(|text| Measure::parse(text)).collect::<Result<Vec<_>, _>>();
        let measures = measures.map_err(|error| error.to_string())?;
        let networks: Vec<&NetworkHeader> = std::iter::once(&header.a).chain(&header.b).collect();
        let facts = |network: &NetworkHeader, sources: &[String]| {
            let layers = network.layers.iter().zip(sources).map(|((name, _, p), source)| {
                let (name, source) = (name.clone(), source.clone());
                LayerFacts { name, source, p: *p }
            });
            NetworkFacts { name: network.name.clone(), layers: layers.collect() }
        };
        let lengths = |network: &NetworkHeader, sources: &Vec<String>| network.layers.len() == sources.len() && !sources.is_empty();
        if networks.len() != sources.len() || !networks.iter().zip(sources).all(|(network, sources)| lengths(network, sources)) {
            return Err("not one source for each layer".to_string());
        }
        let a = facts(networks[0], &sources[0]);
        let b = networks.get(1).map_or_else(|| a.clone(), |network| facts(network, &sources[1]));
        let widths = |facts: &NetworkFacts| facts.layers.iter().map(|layer| layer.p).collect();
        let plan = Plan { n: header.a.layers[0].1, rows: widths(&a), columns: widths(&b), itself: header.b.is_none() };
        Ok(Self { a, b, plan, measures })
    }

    /// The cells of a shard, if they are those of its part.
    fn cells_of(&self, shard: Shard<'_>) -> Result<Vec<Cell>, String> {
        let part = Part::new(shard.part, shard.of).ok_or_else(|| format!("part {} of {}", shard.part, shard.of))?;
        let tasks = self.plan.part(self.plan.tasks(&self.measures), part);
        let expected: BTreeSet<_> =
            tasks.iter().flat_map(|(&(row, column), measures)| measures.iter().map(move |&measure| (row, column, measure))).collect();
        let cells: Vec<Cell> = shard.cells.into_iter().map(Line::into_cell).collect();
        let found: BTreeSet<_> = cells.iter().map(|cell| (cell.row, cell.column, cell.measure)).collect();
        if found != expected || cells.len() != expected.len() {
            let (cells, expected) = (cells.len(), expected.len());
            return Err(format!("its {cells} cells are not the {expected} of part {part}"));
        }
        Ok(cells)
    }
}
