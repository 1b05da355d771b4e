//! Whether the first row names the columns.

use super::choices::Choices;
use super::problem::Problem;
use super::read::{number, shown};

/// The names in the first row, unless it is data.
///
/// A row of words is a header, and so are the column numbers of a data frame behind an empty field
/// or behind a word above numbers. Integers that could be such numbers are asked about.
pub(super) fn names(
    first: &[String],
    second: Option<&[String]>,
    choices: &Choices,
    line: impl Fn() -> Result<u64, Problem>,
) -> Result<Option<Vec<String>>, Problem> {
    match choices.header {
        Some(true) => return Ok(Some(first.to_vec())),
        Some(false) => return Ok(None),
        None => {}
    }
    let asks = |either| Err(Problem::HeaderOrData { line: line()?, row: shown(first.join(", ").as_bytes()), either });
    let is_number = |field: &String| number(field.as_bytes(), choices.decimal).is_some();
    let numbers = first.iter().filter(|field| is_number(field)).count();
    if numbers == 0 {
        let behind = if first.len() == 1 { 0 } else { 1 };
        if first[behind..].iter().any(|field| is_missing(field)) {
            return asks("names of columns, or an example whose values are missing");
        }
        return Ok(Some(first.to_vec()));
    }
    if numbers == first.len() {
        if could_number_columns(first, second) {
            return asks("the numbers of the columns, or an example");
        }
        let values = |row: &[String]| row.iter().filter_map(|field| number(field.as_bytes(), choices.decimal)).collect::<Vec<f64>>();
        if could_label_columns(&values(first), second.map(values).as_deref()) {
            return asks("the numbers or the places of the columns, which rise in even steps, or an example");
        }
        return Ok(None);
    }
    // A word or nothing, and then numbers: names, where the numbers can be those of columns.
    if !is_number(&first[0]) && are_distinct_integers(&first[1..]) {
        match second.and_then(|row| row.first()) {
            _ if first[0].is_empty() => return Ok(Some(first.to_vec())),
            Some(below) if number(below.as_bytes(), choices.decimal).is_some() => return Ok(Some(first.to_vec())),
            _ => return asks("names of columns, or an example behind its id"),
        }
    }
    Ok(None)
}

/// Whether numbers could be those of columns: integers that count, or distinct ones above others
/// that are no integers.
fn could_number_columns(first: &[String], second: Option<&[String]>) -> bool {
    if !are_distinct_integers(first) {
        return false;
    }
    let integers: Vec<u64> = first.iter().filter_map(|field| field.parse().ok()).collect();
    let counts = integers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let has_fraction = |field: &String| field.parse::<i64>().is_err() && field.parse::<f64>().is_ok_and(f64::is_finite);
    let whole_below = !second.is_some_and(|row| row.iter().any(has_fraction));
    // 1, 2 above integers is a small matrix written by hand more often than a header.
    (counts && (integers[0] == 0 || integers.len() > 2)) || (!whole_below && (counts || integers.len() > 1))
}

/// Whether numbers with decimals could be those of columns: 0.0, 1.0, 2.0, or wavelengths and
/// times, which rise in even steps as the row below does not.
fn could_label_columns(first: &[f64], second: Option<&[f64]>) -> bool {
    let counts = first.iter().enumerate().all(|(column, value)| *value == column as f64);
    let has_fraction = second.is_some_and(|row| row.iter().any(|value| value.fract() != 0.0));
    match first.len() {
        0 | 1 => false,
        // 0.0, 1.0 above whole numbers is an example of two classes.
        2 => counts && has_fraction,
        _ => counts || (rises_evenly(first) && !second.is_some_and(rises_evenly)),
    }
}

fn rises_evenly(values: &[f64]) -> bool {
    let step = (values[values.len() - 1] - values[0]) / (values.len() - 1) as f64;
    let is_even = |pair: &[f64]| (pair[1] - pair[0] - step).abs() <= 1e-6 * step;
    values.len() > 1 && step > 0.0 && values.windows(2).all(is_even)
}

/// Whether all fields are integers as columns are numbered, no two of them the same.
fn are_distinct_integers(fields: &[String]) -> bool {
    let mut seen = std::collections::HashSet::new();
    fields.iter().all(|field| {
        let plain = field.parse::<u32>().is_ok_and(|value| value.to_string() == *field);
        plain && seen.insert(field)
    })
}

/// Whether a field says that there is no value.
fn is_missing(field: &str) -> bool {
    matches!(
        field.to_ascii_lowercase().as_str(),
        "" | "na" | "n/a" | "#n/a" | "nan" | "null" | "none" | "nil" | "missing" | "-" | "?" | "."
    )
}
