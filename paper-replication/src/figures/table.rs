//! Tables that were written before, read back.

use crate::error::{Error, Result, at};
use std::path::{Path, PathBuf};

/// A CSV file with its header.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a table; `None` where there is no file.
    ///
    /// # Errors
    /// When it cannot be read; [`Error::DamagedResults`] when its rows are not as long as its
    /// header.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(at(path))?,
        };
        let damaged = |error: csv::Error| Error::DamagedResults { path: path.to_path_buf(), reason: error.to_string() };
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = texts(reader.headers().map_err(damaged)?);
        let rows =
            reader.records().map(|record| record.map(|record| texts(&record))).collect::<std::result::Result<_, _>>().map_err(damaged)?;
        Ok(Some(Self { path: path.to_path_buf(), header, rows }))
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The cells of a column.
    ///
    /// # Errors
    /// [`Error::DamagedResults`] when there is no such column.
    pub fn column(&self, name: &str) -> Result<Vec<&str>> {
        let place = self.header.iter().position(|column| column == name).ok_or_else(|| self.damaged(format!("no column {name:?}")))?;
        Ok(self.rows.iter().map(|row| row[place].as_str()).collect())
    }

    /// The numbers of a column, `None` for cells that are empty.
    ///
    /// # Errors
    /// [`Error::DamagedResults`] when there is no such column, or a cell is something else.
    pub fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let number = |(row, text): (usize, &str)| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| self.damaged(format!("column {name:?}, row {}: {text:?} is no number", row + 1))),
        };
        self.column(name)?.into_iter().enumerate().map(number).collect()
    }

    /// The numbers of a column without an empty cell.
    ///
    /// # Errors
    /// As [`Table::numbers`], and when a cell is empty.
    pub fn full(&self, name: &str) -> Result<Vec<f64>> {
        let numbers: Option<Vec<f64>> = self.numbers(name)?.into_iter().collect();
        numbers.ok_or_else(|| self.damaged(format!("column {name:?} has an empty cell")))
    }

    /// The error of a table that is not what it should be.
    pub fn damaged(&self, reason: String) -> Error {
        Error::DamagedResults { path: self.path.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::super::write_table;
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        assert_eq!(Table::read(&path).unwrap(), None);
        let rows = [["cca:summary=rho,divisor=max".to_owned(), "0.1".to_owned()], ["b".to_owned(), String::new()]];
        write_table(&path, ["name", "value"], rows).unwrap();
        let table = Table::read(&path).unwrap().unwrap();
        assert_eq!(table.column("name").unwrap(), ["cca:summary=rho,divisor=max", "b"]);
        assert_eq!(table.numbers("value").unwrap(), [Some(0.1), None]);
        assert_eq!((table.len(), table.is_empty()), (2, false));
        for (found, words) in [
            (table.full("value").map(|_| ()), "empty cell"),
            (table.numbers("name").map(|_| ()), "row 1"),
            (table.column("x").map(|_| ()), "\"x\""),
        ] {
            let message = found.unwrap_err().to_string();
            assert!(message.contains(words) && message.contains("table.csv"), "{message}");
        }
        std::fs::write(&path, "a,b\n1\n").unwrap();
        assert!(matches!(Table::read(&path), Err(Error::DamagedResults { .. })));
    }
}
