//! Numbers of rows, for sentences about them.

use super::store::{Results, Row};
use serde_json::Value;

/// The row that sentences are about: the standard one, else the quick one.
pub(super) fn main_row<'a>(results: &'a Results, experiment: &str) -> Option<(&'a str, &'a Row)> {
    let rows = results.0.get(experiment)?;
    ["standard", "quick"].iter().find_map(|name| rows.get_key_value(*name)).map(|(name, row)| (name.as_str(), row))
}

/// A value in a row, by its path.
pub(super) fn value<'a>(row: &'a Row, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let start = row.found.get(*first).or_else(|| row.setting.get(*first))?;
    rest.iter().try_fold(start, |value, name| value.get(*name))
}

/// A value of a row's setting, by its path.
pub(super) fn setting<'a>(row: &'a Row, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(row.setting.get(*first)?, |value, name| value.get(*name))
}

/// A number in a row, with so many digits; a dash where there is none.
pub(super) fn number(row: &Row, path: &[&str], digits: usize) -> String {
    value(row, path).and_then(Value::as_f64).map_or("-".to_owned(), |number| format!("{number:.digits$}"))
}

/// The number of seeds, which is that of networks of each kind.
pub(super) fn seeds(row: &Row) -> usize {
    value(row, &["seeds"]).and_then(Value::as_array).map_or(0, Vec::len)
}
