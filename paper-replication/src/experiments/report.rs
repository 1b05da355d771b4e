//! What a row's tables say: verdicts and pictures are made from these tables, so that a rule can
//! change, and a reader can check it, without a network.

use super::layer_table::LayerTable;
use crate::error::{Error, Result};
use crate::figures::{Chart, Folder, HeatPicture, Table};
use crate::results::Verdict;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A finished row, on its way to the page.
pub struct Report<'a> {
    /// Data, networks, regime, accuracies reached.
    pub setting: &'a Map<String, Value>,
    /// The numbers that the run kept and that stand in no table.
    pub kept: &'a Map<String, Value>,
    /// The row's tables; pictures go there.
    pub folder: &'a mut Folder,
}

/// What follows from the tables.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The numbers, by name.
    pub found: Map<String, Value>,
    /// Whether the claim is seen.
    pub verdict: Verdict,
    /// Why.
    pub explanation: String,
}

impl Report<'_> {
    /// The table of this name.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn table(&self, name: &str) -> Result<Table> {
        self.folder
            .read(name)?
            .ok_or_else(|| Error::DamagedResults { path: self.folder.path(name), reason: "the file is missing".to_owned() })
    }

    /// Tables of layers with layers, in their order: see `Context::layer_tables`.
    ///
    /// # Errors
    /// As [`Report::table`], and when a pair of layers is missing.
    pub fn layer_tables(&self, name: &str) -> Result<Vec<LayerTable>> {
        self.tables_of(name, "table", "value")
    }

    /// The same where the columns with the name of the table and the value have other names.
    ///
    /// # Errors
    /// As [`Report::layer_tables`].
    pub fn tables_of(&self, name: &str, of: &str, value: &str) -> Result<Vec<LayerTable>> {
        tables_in(&self.table(name)?, of, value)
    }

    /// The tables of layers with layers of the same row of another experiment.
    ///
    /// # Errors
    /// As [`Report::layer_tables`].
    pub fn tables_of_sibling(&self, experiment: &str, name: &str) -> Result<Vec<LayerTable>> {
        let sibling = self.folder.sibling(experiment);
        let missing = || Error::DamagedResults { path: sibling.path(name), reason: "the file is missing".to_owned() };
        tables_in(&sibling.read(name)?.ok_or_else(missing)?, "table", "value")
    }

    /// Draws a heat map as `NAME.svg`, unless the folder is for tables alone.
    ///
    /// # Errors
    /// When it cannot be drawn or written.
    pub fn heat(&mut self, name: &str, picture: HeatPicture<'_>) -> Result<()> {
        self.folder.picture(name, |path| picture.draw(path))
    }

    /// Draws charts beside each other, `columns` in a row, as `NAME.svg`, unless the folder is for
    /// tables alone.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn charts(&mut self, name: &str, charts: &[Chart], columns: usize) -> Result<()> {
        self.folder.picture(name, |_| Ok(Chart::draw(charts, columns)))
    }

    /// A number that the run kept.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn kept(&self, name: &str) -> Result<&Value> {
        self.kept.get(name).ok_or_else(|| Error::Undefined { what: name.to_owned(), reason: "the row does not hold it".to_owned() })
    }

    /// The share of the test pictures, in %, that the networks whose names contain `part` classify
    /// rightly: the mean over them, `None` where there is none.
    pub fn test_accuracy(&self, part: &str) -> Option<f64> {
        let all = self.setting.get("test_accuracy")?.as_object()?;
        let of: Vec<f64> = all.iter().filter(|(name, _)| name.contains(part)).filter_map(|(_, value)| value.as_f64()).collect();
        super::context::mean(&of)
    }
}

/// Tables of layers with layers; the column `of` names the table, `value` holds the values.
pub(super) fn tables_in(table: &Table, of: &str, value: &str) -> Result<Vec<LayerTable>> {
    let (names, rows, columns) = (table.column(of)?, table.column("layer_a")?, table.column("layer_b")?);
    let values = table.numbers(value)?;
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tables: Vec<LayerTable> = Vec::new();
    for cell in 0..values.len() {
        let place = *places.entry(names[cell]).or_insert_with(|| {
            tables.push(LayerTable { name: names[cell].to_owned(), rows: Vec::new(), columns: Vec::new(), values: Vec::new() });
            tables.len() - 1
        });
        let one = &mut tables[place];
        for (all, layer) in [(&mut one.rows, rows[cell]), (&mut one.columns, columns[cell])] {
            if !all.iter().any(|known| known == layer) {
                all.push(layer.to_owned());
            }
        }
        one.values.push(values[cell]);
    }
    match tables.iter().find(|one| one.values.len() != one.rows.len() * one.columns.len()) {
        Some(one) => Err(table.damaged(format!(
            "table {:?} has {} values for {} x {} layers",
            one.name,
            one.values.len(),
            one.rows.len(),
            one.columns.len()
        ))),
        None => Ok(tables),
    }
}
