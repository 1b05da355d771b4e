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
#[path = "partial_tests.rs"]
mod tests;
