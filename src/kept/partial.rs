//! The finished cells of an unfinished sweep, so that an interrupted one is taken up where it
//! stopped.
//!
//! One JSON object a line: first the header that says which sweep this is, then a line for each
//! finished cell, and each with a checksum. Lines are written with one call for each pair of
//! layers: what stops a writer can only tear the last line, which is then computed again, as is a
//! line that a full disk tore before there was room for the next ones.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::Serialize;

use super::content::{Content, Refused};
use super::error::Error;
use super::header::Header;
use super::lines::{Line, Reader, sealed};
use crate::io::write_atomically;
use crate::results::Cell;

/// The partial file, open for more cells.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    tail: Mutex<Tail>,
    notices: Vec<String>,
}

/// Where the next line goes.
#[derive(Debug)]
struct Tail {
    file: File,
    /// Bytes of the whole lines.
    length: u64,
    /// Bytes of the header's line.
    header: u64,
}

impl Partial {
    /// Opens the file, or creates it; gives the cells that it holds.
    ///
    /// A file without cells, or with those of a sweep that was refused ([`Partial::refuse`]), is
    /// begun anew for another sweep; the cells are then set aside in a file of their own.
    ///
    /// # Errors
    /// [`Error::OtherSweep`] when its header is not `header`, [`Error::Damaged`] when a line
    /// is neither a cell of this sweep nor torn, [`Error::InUse`] while another process writes it,
    /// [`Error::Header`] for a header of no sweep, [`Error::File`].
    pub fn open(path: impl AsRef<Path>, header: &Header) -> Result<(Self, Vec<Cell>), Error> {
        let path = path.as_ref().to_path_buf();
        let reader = Reader::new(header).map_err(|detail| Error::Header { detail })?;
        let failed = |source| Error::File { file: path.clone(), source };
        let mut file = open_locked(&path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let mut notices = Vec::new();
        let mut content = Content::read(&path, &bytes, header, &reader)?;
        if let Some(difference) = content.other.take() {
            let lines = content.cells_of_other;
            if lines > 0 && !content.refused {
                return Err(Error::OtherSweep { file: path, difference });
            }
            if lines > 0 {
                let aside = path.with_extension("refused.jsonl");
                write_atomically(&aside, |file| file.write_all(&bytes)).map_err(Error::Write)?;
                notices.push(format!(
                    "{}: {lines} cells of another sweep, which was refused, are set aside as {} ({difference})",
                    path.display(),
                    aside.display()
                ));
            }
            content = Content::default();
        }
        if content.torn > 0 {
            let torn = content.torn;
            notices.push(format!("{}: {torn} torn lines are left out, and their cells computed again", path.display()));
        }
        file.set_len(content.whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let header_line = line(header);
        let mut tail = Tail { file, length: content.whole as u64, header: header_line.len() as u64 };
        if content.whole == 0 {
            tail.append(&header_line).map_err(failed)?;
        }
        tail.append(&content.behind).map_err(failed)?;
        Ok((Self { path, tail: Mutex::new(tail), notices }, content.cells))
    }

    /// What a person should know of the file as it was found.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Adds finished cells. Where they cannot be written, for a full disk, the file holds what it
    /// held before.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn append(&self, cells: &[Cell]) -> Result<(), Error> {
        let lines: Vec<u8> = cells.iter().flat_map(|cell| line(&Line::of(cell))).collect();
        self.tail().append(&lines).map_err(|source| self.failed(source))
    }

    /// Leaves the file of a sweep that was refused, so that it is in nobody's way: the sweep of the
    /// mended input is another one. Without cells the file is removed.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn refuse(self) -> Result<(), Error> {
        let mark = line(&Refused::MARK);
        let mut tail = self.tail();
        if tail.length > tail.header {
            return tail.append(&mark).map_err(|source| self.failed(source));
        }
        drop(tail);
        self.remove()
    }

    /// Removes the file: the sweep has ended and its results are written.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn remove(self) -> Result<(), Error> {
        std::fs::remove_file(&self.path).map_err(|source| self.failed(source))
    }

    fn tail(&self) -> std::sync::MutexGuard<'_, Tail> {
        // A thread that panicked with it has left whole lines or none.
        self.tail.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::File { file: self.path.clone(), source }
    }
}

impl Tail {
    fn append(&mut self, lines: &[u8]) -> std::io::Result<()> {
        if let Err(error) = self.file.write_all(lines) {
            // A part of them may be there. Where even that cannot be taken back, the reader leaves
            // it out.
            let _ = self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::End(0)));
            return Err(error);
        }
        self.length += lines.len() as u64;
        Ok(())
    }
}

/// Opens or creates the file, for this process alone.
fn open_locked(path: &Path) -> Result<File, Error> {
    let failed = |source| Error::File { file: path.to_path_buf(), source };
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, path) => return Ok(file),
            // Between the opening and the lock another process has ended, and removed it.
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(Error::InUse { file: path.to_path_buf() }),
            Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata().map(place), std::fs::metadata(path).map(place)) {
        (Ok(open), Ok(there)) => open == there,
        (_, Err(error)) => error.kind() != std::io::ErrorKind::NotFound,
        _ => true,
    }
}

/// Where an open file cannot be removed, it is where it was.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = sealed(value);
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::NetworkHeader;
    use crate::precision::Precision;
    use crate::results::{Facts, Failure, Outcome};

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
        assert_eq!(Partial::open(&path, &header()).unwrap().1, cells());
        // A parser of decimals that is not exact reads some of these one bit too low.
        let mut wide = header();
        wide.a.layers = (0..25).map(|layer| (format!("h.{layer}"), 10, 3)).collect();
        let path = path.with_file_name("wide.jsonl");
        let many: Vec<Cell> = (0..500_usize)
            .map(|index| {
                let outcome = Outcome::Value { value: (index as f64).sin().abs(), diagnostics: Facts::default() };
                Cell { row: index / 25, column: index % 25, measure: 0, outcome }
            })
            .collect();
        let (partial, _) = Partial::open(&path, &wide).unwrap();
        many.chunks(99).for_each(|cells| partial.append(cells).unwrap());
        drop(partial);
        assert_eq!(Partial::open(&path, &wide).unwrap().1, many);
        // A cell that is there twice, with one outcome, is one cell.
        let bytes = std::fs::read(&path).unwrap();
        let last = bytes[..bytes.len() - 1].rsplit(|&byte| byte == b'\n').next().unwrap();
        std::fs::write(&path, [&bytes[..], last, b"\n"].concat()).unwrap();
        assert_eq!(Partial::open(&path, &wide).unwrap().1, many);
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
    fn a_line_that_a_full_disk_tore_is_left_out_wherever_it_is_torn() {
        let (_directory, path) = written();
        let text = std::fs::read(&path).unwrap();
        let starts: Vec<usize> = std::iter::once(0).chain((0..text.len()).filter(|&at| text[at] == b'\n').map(|at| at + 1)).collect();
        let (first, second) = (&text[starts[1]..starts[2]], &text[starts[2]..]);
        for length in 1..first.len() {
            let torn = [&text[..starts[1]], &first[..length], second].concat();
            std::fs::write(&path, torn).unwrap();
            let (partial, found) = Partial::open(&path, &header()).unwrap();
            // Without its end alone the first line is torn too.
            assert_eq!(found, cells()[1..], "torn after {length} bytes");
            assert!(partial.notices()[0].contains("1 torn line"), "{:?}", partial.notices());
            partial.append(&cells()[..1]).unwrap();
            drop(partial);
            let (partial, found) = Partial::open(&path, &header()).unwrap();
            assert_eq!((found.len(), partial.notices().len()), (2, 0));
        }
    }

    /// The file with its first cell changed, as somebody would who edits it, or with the checksum
    /// right.
    fn changed(path: &Path, from: &str, to: &str, with_sum: bool) -> Error {
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<Vec<u8>> = text
            .lines()
            .map(|line| {
                let changed = line.replacen(from, to, 1);
                if with_sum { super::super::lines::seal(&changed.as_bytes()[18..]) } else { changed.into_bytes() }
            })
            .collect();
        let changed = path.with_file_name("changed.jsonl");
        std::fs::write(&changed, [lines.join(&b'\n'), b"\n".to_vec()].concat()).unwrap();
        Partial::open(changed, &header()).unwrap_err()
    }

    #[test]
    fn edited_lines_and_values_that_cannot_be_are_errors_with_their_line() {
        let (_directory, path) = written();
        let at_line_2 = |error: Error, word: &str| {
            let message = error.to_string();
            assert!(matches!(error, Error::Damaged { line: 2, .. }) && message.contains(word), "{message}");
        };
        at_line_2(changed(&path, "0.1,", "0.2,", false), "checksum");
        at_line_2(changed(&path, "0.1,", "1.9,", true), "the value 1.9 is outside [0, 1]");
        at_line_2(changed(&path, "\"row\":0", "\"row\":2", true), "row 2, column 1, measure 0 are outside this sweep");
        at_line_2(changed(&path, "\"row\":0", "\"row\":x", true), "expected value");
        // Two outcomes of one cell.
        let message = changed(&path, "\"row\":0", "\"row\":1", true).to_string();
        assert!(message.contains("line 3") && message.contains("another outcome"), "{message}");
    }

    #[test]
    fn a_header_of_no_sweep_is_refused() {
        let (directory, _) = written();
        let mut wrong = header();
        wrong.a.layers[0].2 = 0;
        let message = Partial::open(directory.path().join("other.jsonl"), &wrong).unwrap_err().to_string();
        assert!(message.contains("\"conv1\" is 10 x 0"), "{message}");
    }

    #[test]
    fn a_refused_sweep_is_in_nobodys_way() {
        let (directory, path) = written();
        let mut other = header();
        other.a.identity = vec!["another file".into()];
        Partial::open(&path, &header()).unwrap().0.refuse().unwrap();
        // The sweep that was refused may go on.
        let (partial, found) = Partial::open(&path, &header()).unwrap();
        assert_eq!((found, partial.notices().len()), (cells(), 0));
        // It goes on, and is not refused any more.
        partial.append(&[Cell { row: 0, column: 0, ..cells().remove(0) }]).unwrap();
        drop(partial);
        assert!(matches!(Partial::open(&path, &other), Err(Error::OtherSweep { .. })));
        Partial::open(&path, &header()).unwrap().0.refuse().unwrap();
        let (partial, found) = Partial::open(&path, &other).unwrap();
        assert_eq!(found, []);
        assert!(partial.notices()[0].contains("3 cells of another sweep"), "{:?}", partial.notices());
        let aside = directory.path().join("cells.refused.jsonl");
        assert_eq!(Partial::open(&aside, &header()).unwrap().1.len(), 3);
        // Without cells nothing is left.
        partial.refuse().unwrap();
        assert!(!path.exists());
        drop(Partial::open(&path, &header()).unwrap());
        assert_eq!(Partial::open(&path, &other).unwrap().1, []);
    }

    #[test]
    fn two_writers_are_refused() {
        let (_directory, path) = written();
        let _first = Partial::open(&path, &header()).unwrap();
        assert!(matches!(Partial::open(&path, &header()), Err(Error::InUse { .. })));
    }
}
