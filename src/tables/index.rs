//! The column that names the rows, and rows matched by it.

use std::collections::{HashMap, HashSet};

use super::choices::{Choices, IndexColumn};
use super::problem::Problem;
use super::read::Table;

/// The names of a table's rows, no two the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// The column that has them, in words.
    pub column: String,
    /// One a row.
    pub ids: Vec<String>,
}

/// Which columns are no neurons.
#[derive(Debug)]
pub(super) struct Roles {
    /// The column that names the rows.
    pub(super) index: Option<usize>,
    /// Columns that are left out, ascending.
    pub(super) dropped: Vec<usize>,
    /// Names that were to be left out and that no column has.
    pub(super) absent: Vec<String>,
}

/// The roles of columns, from their names.
pub(super) fn roles(names: Option<&[String]>, columns: usize, choices: &Choices) -> Result<Roles, Problem> {
    let find = |wanted: &String, option| {
        // A name that could be a number is a name; a column without one is called unnamed.
        let called = |name: &String| name == wanted || (name.is_empty() && wanted == "unnamed");
        let by_name = names.and_then(|names| names.iter().position(called));
        let by_number = || wanted.parse::<usize>().ok().filter(|number| (1..=columns).contains(number)).map(|number| number - 1);
        by_name.or_else(by_number).ok_or_else(|| Problem::NoSuchColumn {
            name: wanted.clone(),
            option,
            names: names.unwrap_or_default().to_vec(),
        })
    };
    let (mut dropped, mut absent) = (Vec::new(), Vec::new());
    for name in &choices.drop {
        match find(name, "drop-columns") {
            // An index of several levels has several columns without a name.
            Ok(_) if name == "unnamed" && names.is_some_and(|names| !names.contains(name)) => {
                dropped.extend((0..columns).filter(|&column| names.is_some_and(|names| names[column].is_empty())));
            }
            Ok(column) => dropped.push(column),
            Err(_) => absent.push(name.clone()),
        }
    }
    dropped.sort_unstable();
    dropped.dedup();
    let index = match &choices.index {
        Some(IndexColumn::None) => None,
        Some(IndexColumn::Named(name)) => Some(find(name, "index-column")?),
        None => {
            let speaks = |&column: &usize| names.is_some_and(|names| names_rows(&names[column], column)) && !dropped.contains(&column);
            let speaking: Vec<usize> = (0..columns).filter(speaks).collect();
            if let [first, second, ..] = speaking[..] {
                return Err(Problem::TwoIndexes { columns: (first + 1, second + 1) });
            }
            speaking.first().copied()
        }
    };
    if let (Some(IndexColumn::Named(wanted)), Some(names)) = (&choices.index, names) {
        let unnamed = |&column: &usize| is_unnamed(&names[column], column) && Some(column) != index && !dropped.contains(&column);
        if let Some(column) = (0..columns).find(unnamed) {
            if wanted.parse() == Ok(column + 1) {
                return Err(Problem::NameOrNumber { name: wanted.clone(), column: column + 1 });
            }
            return Err(Problem::Unnamed { column: column + 1 });
        }
    }
    dropped.retain(|column| Some(*column) != index);
    if dropped.len() + usize::from(index.is_some()) == columns {
        return Err(Problem::NoNeurons);
    }
    Ok(Roles { index, dropped, absent })
}

/// Whether a name in the header can be nothing but that of row numbers.
fn names_rows(name: &str, column: usize) -> bool {
    is_unnamed(name, column) || matches!(name.to_ascii_lowercase().as_str(), "id" | "index")
}

/// Whether a column is the index that a data frame wrote without a name.
fn is_unnamed(name: &str, column: usize) -> bool {
    column == 0 && (name.is_empty() || name == "Unnamed: 0")
}

/// Refuses a neuron that could number the rows; `values` are those of the neurons alone, row-major,
/// and `columns` where they stand in the file.
pub(super) fn require_neurons(names: Option<&[String]>, columns: &[usize], values: &[f64]) -> Result<(), Problem> {
    let (p, n) = (columns.len(), values.len() / columns.len());
    // Two rows count by chance, and a single column can be nothing but the neuron.
    if n < 3 || p < 2 {
        return Ok(());
    }
    let column = |j: usize| values[j..].iter().step_by(p).copied();
    let counts = |j: usize| [0.0, 1.0].into_iter().any(|first| column(j).enumerate().all(|(i, value)| value == first + i as f64));
    let mixed: Vec<usize> = (0..p).filter(|&j| n >= 5 && is_shuffled_count(column(j), n)).collect();
    let is_id = |j: usize| names.is_some_and(|names| sounds_like_an_id(&names[columns[j]])) && are_distinct_integers(column(j));
    let found = match ((0..p).find(|&j| counts(j)), &mixed[..], (0..p).find(|&j| is_id(j))) {
        (Some(j), ..) => Some((j, "counts the rows")),
        // Ranks fill every column; row numbers in another order fill one.
        (_, [j, ..], _) if mixed.len() < p => Some((*j, "has every row number once")),
        (.., Some(j)) => Some((j, "has distinct integers and the name of an id")),
        _ => None,
    };
    match found {
        Some((j, looks)) => {
            let name = names.map(|names| names[columns[j]].clone());
            Err(Problem::IndexOrNeuron { column: columns[j] + 1, name, looks })
        }
        None => Ok(()),
    }
}

fn is_shuffled_count(values: impl Iterator<Item = f64>, n: usize) -> bool {
    let mut seen = vec![false; n + 1];
    for value in values {
        if value.fract() != 0.0 || value < 0.0 || value > n as f64 || std::mem::replace(&mut seen[value as usize], true) {
            return false;
        }
    }
    // n distinct integers of 0 to n: one of the ends is missing.
    !(seen[0] && seen[n])
}

fn are_distinct_integers(values: impl Iterator<Item = f64>) -> bool {
    let mut seen = HashSet::new();
    values.into_iter().all(|value| value.fract() == 0.0 && seen.insert(value.to_bits()))
}

/// A column that both tables start with, by a name or without a header, and whose distinct integers
/// are the same in another order, beside neurons with decimals: the rows of one table are in
/// another order, and this column names them. None where a column of ids is known.
pub fn shuffled_names(x: &Table, y: &Table) -> Option<usize> {
    let (lead_x, lead_y) = (x.neurons.first()?, y.neurons.first()?);
    if lead_x != lead_y || x.ids.is_some() || y.ids.is_some() || x.rows != y.rows || x.rows < 3 {
        return None;
    }
    let lead = |table: &Table| table.values.iter().step_by(table.columns).copied().collect::<Vec<f64>>();
    let has_decimals = |table: &Table| table.values.iter().any(|value| value.fract() != 0.0);
    let (mut first, mut second) = (lead(x), lead(y));
    if first == second || !has_decimals(x) || !has_decimals(y) || !are_distinct_integers(first.iter().copied()) {
        return None;
    }
    first.sort_by(f64::total_cmp);
    second.sort_by(f64::total_cmp);
    (first == second).then_some(lead_x.number)
}

/// Whether a name ends in a word for what names an example.
fn sounds_like_an_id(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = ["id", "idx", "index", "row", "rowid", "sample", "example", "image", "stimulus", "trial", "item", "key", "subject"];
    let last = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    words.contains(&last)
}

/// How the rows of two tables belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partners {
    /// As they stand.
    AsTheyStand,
    /// Row i of the first belongs to this row of the second.
    Reordered(Vec<usize>),
    /// The first row, counted from 0, of one table (0 or 1) whose id the other does not have.
    Missing {
        /// Which table has it.
        table: usize,
        /// The row.
        row: usize,
        /// The id.
        id: String,
    },
}

/// Matches the rows of two tables by their ids. Ids that are numbers on both sides are compared as
/// numbers: 7, 07 and 7.0 are one.
pub fn partners(x: &Ids, y: &Ids) -> Partners {
    let numeric = x.ids.iter().chain(&y.ids).all(|id| id.parse::<f64>().is_ok_and(f64::is_finite));
    let key = |id: &String| match id.parse::<f64>() {
        Ok(value) if numeric => (value + 0.0).to_string(),
        _ => id.clone(),
    };
    let [keys_x, keys_y] = [x, y].map(|table| table.ids.iter().map(key).collect::<Vec<_>>());
    if keys_x == keys_y {
        return Partners::AsTheyStand;
    }
    let places = |keys: &[String]| keys.iter().cloned().enumerate().map(|(row, key)| (key, row)).collect::<HashMap<_, _>>();
    let (places_x, places_y) = (places(&keys_x), places(&keys_y));
    let missing = |table, ids: &[String], keys: &[String], places: &HashMap<String, usize>| {
        let row = keys.iter().position(|key| !places.contains_key(key))?;
        Some(Partners::Missing { table, row, id: ids[row].clone() })
    };
    missing(0, &x.ids, &keys_x, &places_y)
        .or_else(|| missing(1, &y.ids, &keys_y, &places_x))
        .unwrap_or_else(|| Partners::Reordered(keys_x.iter().map(|key| places_y[key]).collect()))
}
