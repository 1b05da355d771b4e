//! Values for layers with layers, and means over some of them.

use super::context::mean;
use crate::error::{Error, Result};
use crate::figures::{HeatPicture, number};

/// The columns of a table of layers with layers: see [`LayerTable::cells`].
pub(super) const LAYERS: [&str; 4] = ["table", "layer_a", "layer_b", "value"];

/// Values for layers with layers.
#[derive(Debug, Clone)]
pub struct LayerTable {
    /// What it is of.
    pub name: String,
    /// Layers of one side.
    pub rows: Vec<String>,
    /// Layers of the other.
    pub columns: Vec<String>,
    /// Row-major.
    pub values: Vec<Option<f64>>,
}

impl LayerTable {
    /// The mean of several tables of the same layers; `None` where one has no value.
    pub fn mean(name: impl Into<String>, rows: &[String], columns: &[String], tables: &[Vec<Option<f64>>]) -> Self {
        let count = tables.len() as f64;
        let mean = |cell: usize| tables.iter().map(|table| table[cell]).sum::<Option<f64>>().map(|sum| sum / count);
        let values = (0..rows.len() * columns.len()).map(mean).collect();
        Self { name: name.into(), rows: rows.to_vec(), columns: columns.to_vec(), values }
    }

    /// The cells as rows of a table: its name, both layers, the value.
    pub fn cells(&self) -> impl Iterator<Item = [String; 4]> {
        self.values.iter().enumerate().map(|(cell, value)| {
            let (row, column) = (cell / self.columns.len(), cell % self.columns.len());
            [self.name.clone(), self.rows[row].clone(), self.columns[column].clone(), number(*value)]
        })
    }

    /// The value of two layers.
    pub fn at(&self, row: usize, column: usize) -> Option<f64> {
        self.values[row * self.columns.len() + column]
    }

    /// The mean of the values of the pairs of layers for which `wanted` says yes; an error names
    /// the table where there is none.
    ///
    /// # Errors
    /// [`Error::Undefined`].
    pub fn mean_of(&self, wanted: impl Fn(usize, usize) -> bool) -> Result<f64> {
        let cells = (0..self.rows.len()).flat_map(|row| (0..self.columns.len()).map(move |column| (row, column)));
        let values: Option<Vec<f64>> =
            cells.filter(|&(row, column)| wanted(row, column)).map(|(row, column)| self.at(row, column)).collect();
        mean(&values.unwrap_or_default()).ok_or_else(|| Error::Undefined {
            what: format!("the mean of {}", self.name),
            reason: "a pair of layers has no value".to_owned(),
        })
    }

    /// The heat map of it.
    pub fn picture<'a>(&'a self, title: &'a str, subtitle: String, axes: (&'a str, &'a str)) -> HeatPicture<'a> {
        HeatPicture {
            title,
            subtitle,
            row_axis: axes.0,
            column_axis: axes.1,
            rows: &self.rows,
            columns: &self.columns,
            values: self.values.clone(),
            range: Some((0.0, 1.0)),
            mark: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn means_are_of_tables_and_of_cells() {
        let (rows, columns) = (names(&["a", "b"]), names(&["x", "y", "z"]));
        let one = vec![Some(1.0), Some(2.0), Some(3.0), Some(4.0), Some(5.0), None];
        let other = vec![Some(3.0), Some(2.0), Some(1.0), Some(0.0), Some(1.0), Some(1.0)];
        let table = LayerTable::mean("mean", &rows, &columns, &[one, other]);
        assert_eq!(table.values, [Some(2.0), Some(2.0), Some(2.0), Some(2.0), Some(3.0), None]);
        assert_eq!(table.at(1, 1), Some(3.0));
        assert_eq!(table.mean_of(|row, column| row == column).unwrap(), 2.5);
        for wanted in [|_, column| column == 2, |_, _| false] {
            let message = table.mean_of(wanted).unwrap_err().to_string();
            assert!(message.contains("the mean of mean"), "{message}");
        }
    }
}
