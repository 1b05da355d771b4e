//! The finished cells of an unfinished sweep, so that an interrupted one is taken up where it
//! stopped.
//!
//! One JSON object a line: first the header that says which sweep this is, then a line for each
//! finished cell. Each line is written with one call, so that an interruption can only tear the
//! last line, which is then dropped and computed again.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::error::Error;
use crate::precision::Precision;
use crate::results::{Cell, Outcome};

/// Which sweep the cells belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of this library: another version may give other last bits.
    pub similitude: String,
    /// The first network.
    pub a: NetworkHeader,
    /// The second network; none for a network with itself.
    pub b: Option<NetworkHeader>,
    /// The measures with their full conventions.
    pub measures: Vec<String>,
    /// The precision of the large products.
    #[serde(default)]
    pub precision: Precision,
}

/// One network of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkHeader {
    /// Its name.
    pub name: String,
    /// Its layers: name, examples, neurons.
    pub layers: Vec<(String, usize, usize)>,
    /// Its files and how they are read.
    pub identity: Vec<String>,
}

impl Header {
    /// What differs between this one, there, and the one expected, here; in words.
    pub(super) fn differences(&self, expected: &Header) -> Vec<String> {
        let found = self;
        let mut differences = Vec::new();
        let mut compare = |what: &str, found: String, expected: String| {
            if found != expected {
                differences.push(format!("{what}: there {found}, here {expected}"));
            }
        };
        compare("version", found.similitude.clone(), expected.similitude.clone());
        compare("precision", found.precision.to_string(), expected.precision.to_string());
        compare("measures", found.measures.join(" "), expected.measures.join(" "));
        let itself = |header: &Header| header.b.is_none();
        compare("second network given", (!itself(found)).to_string(), (!itself(expected)).to_string());
        let sides = [("first network", Some(&found.a), Some(&expected.a)), ("second network", found.b.as_ref(), expected.b.as_ref())];
        for (what, found, expected) in sides {
            let (Some(found), Some(expected)) = (found, expected) else { continue };
            compare(what, found.name.clone(), expected.name.clone());
            let layers = |network: &NetworkHeader| {
                network.layers.iter().map(|(name, n, p)| format!("{name} {n} x {p}")).collect::<Vec<_>>().join(", ")
            };
            compare(&format!("layers of the {what}"), layers(found), layers(expected));
            compare(&format!("files of the {what}"), found.identity.join(", "), expected.identity.join(", "));
        }
        differences
    }
}

/// A line of the file after the first.
#[derive(Serialize, Deserialize)]
pub(super) struct Line<'a> {
    row: usize,
    column: usize,
    measure: usize,
    #[serde(flatten)]
    outcome: std::borrow::Cow<'a, Outcome>,
}

/// The partial file, open for more cells.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    file: Mutex<File>,
}

impl Partial {
    /// Opens the file, or creates it; gives the cells that it holds.
    ///
    /// # Errors
    /// [`Error::OtherSweep`] when its header is not `header`, [`Error::DamagedPartial`] when a line
    /// other than the last does not read as a cell of this sweep, [`Error::InUse`] while another
    /// process writes it, [`Error::File`].
    pub fn open(path: impl AsRef<Path>, header: &Header) -> Result<(Self, Vec<Cell>), Error> {
        let path = path.as_ref().to_path_buf();
        let failed = |source| Error::File { file: path.clone(), source };
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(Error::InUse { file: path }),
            Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let (cells, length) = read(&path, &bytes, header)?;
        file.set_len(length as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if length == 0 {
            file.write_all(&line(header)).map_err(failed)?;
        }
        Ok((Self { path, file: Mutex::new(file) }, cells))
    }

    /// Adds finished cells.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn append(&self, cells: &[Cell]) -> Result<(), Error> {
        let lines: Vec<u8> = cells.iter().flat_map(|cell| line(&Line::of(cell))).collect();
        let mut file = self.file.lock().expect("no panic while locked");
        file.write_all(&lines).map_err(|source| Error::File { file: self.path.clone(), source })
    }

    /// Removes the file: the sweep has ended and its results are written.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn remove(self) -> Result<(), Error> {
        std::fs::remove_file(&self.path).map_err(|source| Error::File { file: self.path.clone(), source })
    }
}

impl<'a> Line<'a> {
    pub(super) fn of(cell: &'a Cell) -> Self {
        let outcome = std::borrow::Cow::Borrowed(&cell.outcome);
        Self { row: cell.row, column: cell.column, measure: cell.measure, outcome }
    }

    pub(super) fn into_cell(self) -> Cell {
        Cell { row: self.row, column: self.column, measure: self.measure, outcome: self.outcome.into_owned() }
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("maps with text keys and numbers are JSON");
    bytes.push(b'\n');
    bytes
}

/// The cells in the bytes of a partial file, and how many of the bytes are whole lines.
fn read(path: &Path, bytes: &[u8], header: &Header) -> Result<(Vec<Cell>, usize), Error> {
    let mut cells = Vec::new();
    let mut length = 0;
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let last = lines.peek().is_none();
        if last && !line.ends_with(b"\n") {
            break;
        }
        let read = if index == 0 { check(path, line, header) } else { cell(path, line, index, header).map(|cell| cells.push(cell)) };
        match read {
            // After a crash of the machine the end of a file may hold anything.
            Err(Error::DamagedPartial { .. }) if last => break,
            read => read?,
        }
        length += line.len();
    }
    Ok((cells, length))
}

fn check(path: &Path, line: &[u8], expected: &Header) -> Result<(), Error> {
    let found: Header = parse(path, line, 0)?;
    let difference = found.differences(expected);
    if difference.is_empty() {
        return Ok(());
    }
    Err(Error::OtherSweep { file: path.to_path_buf(), difference: difference.join("; ") })
}

fn cell(path: &Path, line: &[u8], index: usize, header: &Header) -> Result<Cell, Error> {
    let cell = parse::<Line<'_>>(path, line, index)?.into_cell();
    let Cell { row, column, measure, .. } = cell;
    let rows = header.a.layers.len();
    let columns = header.b.as_ref().map_or(rows, |b| b.layers.len());
    if row >= rows || column >= columns || measure >= header.measures.len() {
        let detail = format!("row {row}, column {column}, measure {measure} are outside this sweep");
        return Err(Error::DamagedPartial { file: path.to_path_buf(), line: index + 1, detail });
    }
    Ok(cell)
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path, line: &[u8], index: usize) -> Result<T, Error> {
    serde_json::from_slice(line).map_err(|error| Error::DamagedPartial {
        file: path.to_path_buf(),
        line: index + 1,
        detail: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Failure;
    use serde_json::Map;

    fn header() -> Header {
        let a = NetworkHeader { name: "a.npz".into(), layers: vec![("conv1".into(), 10, 3), ("conv2".into(), 10, 4)], identity: vec![] };
        Header {
            similitude: "0.1.0".into(),
            a,
            b: None,
            measures: vec!["cka:kernel=linear,estimator=biased".into()],
            precision: Precision::Double,
        }
    }

    fn cells() -> Vec<Cell> {
        let diagnostics = serde_json::from_str(r#"{"condition": 1.5, "rank_x": 3}"#).unwrap();
        let value = Outcome::Value { value: 0.1, diagnostics };
        let failure = Outcome::Failure { error: Failure { kind: "degenerate".into(), message: "n = 10".into() } };
        vec![Cell { row: 0, column: 1, measure: 0, outcome: value }, Cell { row: 1, column: 1, measure: 0, outcome: failure }]
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cells.jsonl");
        let (partial, earlier) = Partial::open(&path, &header()).unwrap();
        assert_eq!(earlier, []);
        partial.append(&cells()).unwrap();
        (directory, path)
    }

    #[test]
    fn cells_come_back_to_the_bit() {
        let (_directory, path) = written();
        let (partial, earlier) = Partial::open(&path, &header()).unwrap();
        assert_eq!(earlier, cells());
        // A parser of decimals that is not exact reads some of these one bit too low.
        let mut many = cells();
        many.extend((0..500).map(|index| {
            let outcome = Outcome::Value { value: (index as f64).sin(), diagnostics: Map::new() };
            Cell { row: 0, column: 0, measure: 0, outcome }
        }));
        partial.append(&many[2..]).unwrap();
        drop(partial);
        assert_eq!(Partial::open(&path, &header()).unwrap().1, many);
    }

    #[test]
    fn a_torn_last_line_is_dropped_wherever_it_is_torn() {
        let (_directory, path) = written();
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').map(|at| at + 1).collect();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (partial, cells_read) = Partial::open(&path, &header()).unwrap();
            let complete = ends.iter().filter(|&&end| end <= length).count();
            assert_eq!(cells_read, cells()[..complete.saturating_sub(1)], "cut after {length} bytes");
            // What was torn is gone, so that the next cell does not continue it.
            partial.append(&cells()[complete.saturating_sub(1)..]).unwrap();
            drop(partial);
            assert_eq!(std::fs::read(&path).unwrap(), whole, "cut after {length} bytes");
        }
    }

    #[test]
    fn another_sweep_is_refused_and_the_difference_named() {
        let (_directory, path) = written();
        let mut other = header();
        other.measures = vec!["procrustes:form=distance".into()];
        let message = Partial::open(&path, &other).unwrap_err().to_string();
        assert!(message.contains("measures: there cka:kernel=linear,estimator=biased, here procrustes:form=distance"), "{message}");
        other = header();
        other.a.layers[1].2 = 5;
        let message = Partial::open(&path, &other).unwrap_err().to_string();
        assert!(message.contains("conv2 10 x 4") && message.contains("conv2 10 x 5"), "{message}");
        // Nothing of the refused file is lost.
        assert_eq!(Partial::open(&path, &header()).unwrap().1, cells());
    }

    #[test]
    fn damage_inside_and_cells_of_nowhere_are_errors() {
        let (_directory, path) = written();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"row\":0", "\"row\":x")).unwrap();
        assert!(matches!(Partial::open(&path, &header()), Err(Error::DamagedPartial { line: 2, .. })));
        std::fs::write(&path, text.replace("\"row\":0", "\"row\":2")).unwrap();
        assert!(matches!(Partial::open(&path, &header()), Err(Error::DamagedPartial { line: 2, .. })));
    }

    #[test]
    fn two_writers_are_refused() {
        let (_directory, path) = written();
        let _first = Partial::open(&path, &header()).unwrap();
        assert!(matches!(Partial::open(&path, &header()), Err(Error::InUse { .. })));
    }
}
