//! The folder of one experiment's results.

use super::table::Table;
use crate::error::{Error, Result, at};
use serde::de::DeserializeOwned;
use similitude::io::write_atomically;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a file, and its folder where there is none: who reads it finds all of it or none.
///
/// # Errors
/// When the file, or its folder, cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    Ok(write_atomically(path, |file| file.write_all(bytes))?)
}

/// Reads what was kept as JSON; `None` where there is no file.
///
/// # Errors
/// When it cannot be read; [`Error::DamagedResults`] when it is something else.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(at(path))?,
    };
    serde_json::from_str(&text).map(Some).map_err(|error| Error::DamagedResults { path: path.to_path_buf(), reason: error.to_string() })
}

/// Writes a table as CSV: a header and rows.
///
/// # Errors
/// As [`write_whole`].
pub fn write_table<const N: usize>(path: &Path, header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<()> {
    write_rows(path, &header, rows)
}

/// Writes a table as CSV, with as many columns as its header has.
///
/// # Errors
/// As [`write_whole`]; when a row has another length.
fn write_rows<H: AsRef<[u8]>, R: IntoIterator<Item = String>>(path: &Path, header: &[H], rows: impl IntoIterator<Item = R>) -> Result<()> {
    let failed = |error: csv::Error| Error::File { path: path.to_path_buf(), source: error.into() };
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(header).map_err(failed)?;
    for row in rows {
        table.write_record(row).map_err(failed)?;
    }
    write_whole(path, &table.into_inner().map_err(|error| failed(csv::Error::from(error.into_error())))?)
}

/// Where an experiment writes its tables and pictures; it remembers what was written.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    relative: PathBuf,
    pictures: bool,
    files: Vec<String>,
}

impl Folder {
    /// The folder `relative` under `root`; paths are remembered relative to `root`.
    pub fn new(root: &Path, relative: &Path) -> Self {
        Self { root: root.to_path_buf(), relative: relative.to_path_buf(), pictures: true, files: Vec::new() }
    }

    /// The folder of the same row of another experiment.
    pub fn sibling(&self, experiment: &str) -> Self {
        let row = self.relative.file_name().unwrap_or_default();
        let results = self.relative.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        Self::new(&self.root, &results.join(experiment).join(row))
    }

    /// The same folder, for tables alone where `pictures` is false.
    pub fn with_pictures(self, pictures: bool) -> Self {
        Self { pictures, ..self }
    }

    /// Writes a file.
    ///
    /// # Errors
    /// As [`write_whole`].
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        write_whole(&self.path(name), bytes)?;
        self.remember(name);
        Ok(())
    }

    /// Counts a file that is there among those that were written.
    pub fn remember(&mut self, name: &str) {
        let file = self.relative.join(name).display().to_string();
        if !self.files.contains(&file) {
            self.files.push(file);
        }
    }

    /// The same folder, with files that were written before.
    pub fn with_files(self, files: Vec<String>) -> Self {
        Self { files, ..self }
    }

    /// Writes a table as CSV: a header and rows.
    ///
    /// # Errors
    /// As [`write_whole`].
    pub fn table<const N: usize>(&mut self, name: &str, header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<()> {
        write_table(&self.path(name), header, rows)?;
        self.remember(name);
        Ok(())
    }

    /// Writes a table as CSV, with as many columns as its header has.
    ///
    /// # Errors
    /// When it cannot be written, and when a row has another length than the header.
    pub fn rows(&mut self, name: &str, header: &[String], rows: Vec<Vec<String>>) -> Result<()> {
        write_rows(&self.path(name), header, rows)?;
        self.remember(name);
        Ok(())
    }

    /// The table of this name; `None` where there is none.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read(&self, name: &str) -> Result<Option<Table>> {
        Table::read(&self.path(name))
    }

    /// Draws a picture and writes it as `NAME.svg`, unless the folder is for tables alone.
    ///
    /// `draw` is given the path, for its errors.
    ///
    /// # Errors
    /// Those of `draw`; as [`write_whole`].
    pub fn picture(&mut self, name: &str, draw: impl FnOnce(&Path) -> Result<String>) -> Result<()> {
        if !self.pictures {
            return Ok(());
        }
        let name = format!("{name}.svg");
        let svg = draw(&self.path(&name))?;
        self.write(&name, svg.as_bytes())
    }

    /// Where a file of this name would be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(&self.relative).join(name)
    }

    /// What was written, in order, relative to the root.
    pub fn files(self) -> Vec<String> {
        self.files
    }
}

/// A number as tables write it: it reads back to the same f64. Empty where there is none.
pub fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| format!("{value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_whole_and_remembered() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::new(root.path(), Path::new("results/row/quick"));
        folder.table("table.csv", ["a", "b"], [["1".to_owned(), number(Some(0.1))], ["2".to_owned(), number(None)]]).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path("table.csv")).unwrap(), "a,b\n1,0.1\n2,\n");
        assert_eq!(std::fs::read_dir(root.path().join("results/row/quick")).unwrap().count(), 1);
        assert_eq!(folder.files(), ["results/row/quick/table.csv"]);
    }

    #[test]
    fn a_sibling_is_the_same_row_of_another_experiment() {
        let folder = Folder::new(Path::new("root"), Path::new("results/figure-f8/quick"));
        assert_eq!(folder.sibling("figure-5").path("values.csv"), Path::new("root/results/figure-5/quick/values.csv"));
    }

    #[test]
    fn a_folder_for_tables_alone_draws_nothing() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::new(root.path(), Path::new("row"));
        folder.picture("drawn", |_| Ok("<svg/>".to_owned())).unwrap();
        let mut folder = folder.with_pictures(false);
        folder.picture("left-out", |_| unreachable!()).unwrap();
        assert_eq!(std::fs::read_dir(root.path().join("row")).unwrap().count(), 1);
        assert_eq!(folder.files(), ["row/drawn.svg"]);
    }
}
