//! Parts of a sweep in files of their own, and the whole from the parts: for machines that share
//! nothing but a directory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Error, ShardProblem};
use super::tasks::{Part, Plan};
use crate::io::write_atomically;
use crate::kept::{Header, Line, NetworkHeader, Reader, seal, sealed, unseal};
use crate::measure::Measure;
use crate::results::{Cell, LayerFacts, NetworkFacts, Provenance, Scores};

/// What stands on the first line of the file of a finished part. The file is one JSON document: its
/// cells follow, each on a line of its own, and each of these lines has a checksum.
#[derive(Serialize, Deserialize)]
struct Head {
    part: usize,
    of: usize,
    header: Header,
    /// Where each layer comes from, of each network.
    sources: Vec<Vec<LayerSource>>,
    /// The command line, where a program made the part, and the directory that its paths start
    /// from.
    #[serde(default, skip_serializing_if = "Command::is_none")]
    command: Command,
}

/// The command line of a program, and the directory that its paths start from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Command {
    pub(super) line: Vec<String>,
    pub(super) directory: String,
}

impl Command {
    fn is_none(&self) -> bool {
        self.line.is_empty()
    }
}

/// Where a layer comes from.
#[derive(Serialize, Deserialize)]
pub(super) struct LayerSource {
    /// What reads it alone.
    pub(super) source: String,
    /// What decided how it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<String>,
}

/// How the first line ends, and the last one.
const CELLS: &[u8] = b",\"cells\":[";
const LAST: &[u8] = b"]}";

/// The file of the finished cells of a part that is not finished, in its directory.
pub fn cells_file(directory: &Path, part: Part) -> PathBuf {
    directory.join(format!("cells-{}-of-{}.jsonl", part.number(), part.of()))
}

/// The file of a part in its directory.
pub fn shard_file(directory: &Path, part: Part) -> PathBuf {
    directory.join(format!("shard-{}-of-{}.json", part.number(), part.of()))
}

/// Writes a finished part, whole or not at all.
pub(super) fn write(
    path: &Path,
    part: Part,
    header: Header,
    sources: Vec<Vec<LayerSource>>,
    command: Command,
    cells: &[Cell],
) -> Result<(), Error> {
    let mut cells: Vec<&Cell> = cells.iter().collect();
    // Whichever thread was faster: a part that is computed again is the same file.
    cells.sort_by_key(|cell| (cell.row, cell.column, cell.measure));
    let head = Head { part: part.number(), of: part.of(), header: header.of_copies(), sources, command };
    let written = write_atomically(path, |file| {
        let head = serde_json::to_vec(&head)?;
        file.write_all(&seal(&[&head[1..head.len() - 1], CELLS].concat()))?;
        for (index, cell) in cells.into_iter().enumerate() {
            file.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            file.write_all(&sealed(&Line::of(cell)))?;
        }
        file.write_all(b"\n")?;
        file.write_all(LAST)?;
        file.write_all(b"\n")
    });
    written.map_err(|error| Error::Layer(Box::new(error)))
}

/// The scores of a whole sweep from the files of its parts in a directory: what one sweep would
/// have given.
///
/// # Errors
/// [`Error::Shards`] when there are none, when one is missing, unfinished, there twice, damaged, or
/// of another sweep; [`Error::File`].
pub fn merge_shards(directory: &Path) -> Result<Scores, Error> {
    let refused = |problem| Error::Shards { directory: directory.to_path_buf(), problem };
    let mut found: BTreeMap<usize, Shard> = BTreeMap::new();
    for file in shard_files(directory)? {
        let bytes = std::fs::read(&file).map_err(|source| Error::File { file: file.clone(), source })?;
        let (head, part) = head(&bytes).map_err(|(line, detail)| refused(ShardProblem::damaged(&file, line, detail)))?;
        if let Some(other) = found.values().next() {
            let mut differences = other.head.header.differences(&head.header);
            if other.head.of != head.of {
                differences.insert(0, format!("parts: there {}, here {}", other.head.of, head.of));
            }
            if !differences.is_empty() {
                let (first, difference) = (other.file.clone(), differences.join("; "));
                return Err(refused(ShardProblem::Foreign { file, first, difference }));
            }
        }
        if let Some(first) = found.insert(part.number(), Shard { file: file.clone(), head, part, bytes }) {
            return Err(refused(ShardProblem::Twice { part: part.number(), first: first.file, second: file }));
        }
    }
    let Some((_, first)) = found.first_key_value() else { return Err(refused(ShardProblem::None)) };
    let version = env!("CARGO_PKG_VERSION");
    if first.head.header.similitude != version {
        let (file, written) = (first.file.clone(), first.head.header.similitude.clone());
        return Err(refused(ShardProblem::Version { file, written, here: version }));
    }
    let of = first.head.of;
    let missing: Vec<usize> = (1..=of).filter(|part| !found.contains_key(part)).collect();
    if !missing.is_empty() {
        return Err(refused(ShardProblem::Missing { parts: missing, of }));
    }
    for shard in found.values() {
        let file = cells_file(directory, shard.part);
        if file.exists() {
            return Err(refused(ShardProblem::Unfinished { part: shard.part.number(), file }));
        }
    }
    let in_head = |detail| refused(ShardProblem::damaged(&first.file, 1, detail));
    let sweep = Whole::new(&first.head.header, &first.head.sources).map_err(in_head)?;
    let reader = Reader::new(&first.head.header).map_err(in_head)?;
    // Before the table of cells is made: a header's numbers of layers may be those of no sweep.
    let lines: u128 = found.values().map(|shard| shard.bytes.iter().filter(|&&byte| byte == b'\n').count() as u128).sum();
    let least = (sweep.plan.rows.len() as u128 * sweep.plan.columns.len() as u128).div_ceil(2);
    if lines < least {
        return Err(in_head(format!("{lines} lines in all parts are too few for the cells of its layers")));
    }
    let Command { line, directory } = first.head.command.clone();
    let provenance = Provenance { command: line, directory, parts: Some(of), ..first.head.header.provenance() };
    let mut cells = Vec::new();
    for shard in found.into_values() {
        let part = sweep.cells_of(&shard, &reader).map_err(|(line, detail)| refused(ShardProblem::damaged(&shard.file, line, detail)))?;
        cells.extend(part);
    }
    let Whole { a, b, plan, measures } = sweep;
    Ok(Scores::assemble(a, b, plan.n, measures, cells, plan.itself).with_provenance(provenance))
}

/// A part as it was read, with its cells still as lines.
struct Shard {
    file: PathBuf,
    head: Head,
    part: Part,
    bytes: Vec<u8>,
}

/// What is wrong, and on which line, counted from 1.
type AtLine = (usize, String);

/// The first line of a part, with numbers that can be.
fn head(bytes: &[u8]) -> Result<(Head, Part), AtLine> {
    let at_first = |detail: String| (1, detail);
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let object = unseal(line).map_err(at_first)?;
    let head = object.strip_suffix(CELLS).ok_or_else(|| at_first("no cells follow".to_string()))?;
    let head: Head = serde_json::from_slice(&[head, b"}"].concat()).map_err(|error| at_first(error.to_string()))?;
    head.header.check().map_err(at_first)?;
    let part = Part::new(head.part, head.of).ok_or_else(|| at_first(format!("part {} of {} parts", head.part, head.of)))?;
    Ok((head, part))
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
    fn new(header: &Header, sources: &[Vec<LayerSource>]) -> Result<Self, String> {
        let measures = header.measures()?;
        let networks: Vec<&NetworkHeader> = header.networks().collect();
        let facts = |network: &NetworkHeader, sources: &[LayerSource]| {
            let layers = network.layers.iter().zip(sources).map(|((name, _, p), source)| LayerFacts {
                name: name.clone(),
                source: source.source.clone(),
                p: *p,
                reading: source.reading.clone(),
            });
            NetworkFacts { name: network.name.clone(), layers: layers.collect() }
        };
        let lengths = |network: &NetworkHeader, sources: &Vec<LayerSource>| network.layers.len() == sources.len() && !sources.is_empty();
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
    fn cells_of(&self, shard: &Shard, reader: &Reader) -> Result<Vec<Cell>, AtLine> {
        let tasks = self.plan.part(self.plan.tasks(&self.measures), shard.part);
        let mut expected: BTreeSet<_> =
            tasks.iter().flat_map(|(&(row, column), measures)| measures.iter().map(move |&measure| (row, column, measure))).collect();
        let count = expected.len();
        let mut cells = Vec::with_capacity(count);
        let mut lines = shard.bytes.split(|&byte| byte == b'\n').enumerate().skip(1);
        let mut ended = false;
        for (index, line) in &mut lines {
            ended = line == LAST;
            if ended || line.is_empty() {
                break;
            }
            let at = |detail: String| (index + 1, detail);
            let object = unseal(line.strip_suffix(b",").unwrap_or(line)).map_err(at)?;
            let cell = reader.cell(&object).map_err(at)?;
            if !expected.remove(&(cell.row, cell.column, cell.measure)) {
                let Cell { row, column, measure, .. } = cell;
                return Err(at(format!(
                    "row {row}, column {column}, measure {measure} is not a cell of part {}, or is there twice",
                    shard.part
                )));
            }
            cells.push(cell);
        }
        if !ended || !expected.is_empty() || lines.any(|(_, line)| !line.is_empty()) {
            let found = cells.len();
            return Err((found + 2, format!("its {found} cells are not the {count} of part {}", shard.part)));
        }
        Ok(cells)
    }
}
