//! Scores of a sweep as text.

use crate::Direction;
use crate::report::significance::{legend, not_significant};
use crate::report::visible;
use crate::sweep::{Outcome, Scores};

use crate::cli::output;

/// Layers of a summary: who has more looks into the files.
const MOST_LAYERS: usize = 100;

/// What stands behind a value that may be chance.
const CHANCE: char = '\u{b0}';

/// A table of layers by layers for each measure. Values that may be chance are marked, where there
/// are p-values.
pub fn whole(scores: &Scores) -> String {
    let mut text = heading(scores);
    for (index, measure) in scores.measures().iter().enumerate() {
        let faint = not_significant(scores, index);
        // Names are above the digits, and not above the marks.
        let room = if faint.is_some() { " " } else { "" };
        let columns: Vec<String> = scores.b().layers.iter().map(|layer| format!("{}{room}", layer.name)).collect();
        let header: Vec<&str> = std::iter::once("").chain(columns.iter().map(String::as_str)).collect();
        let marked = |(place, outcome): (usize, &Outcome)| match &faint {
            Some(faint) if faint[place] => format!("{}{CHANCE}", cell(outcome)),
            _ => format!("{}{room}", cell(outcome)),
        };
        let cells: Vec<String> = scores.outcomes(index).iter().enumerate().map(marked).collect();
        let layers = scores.a().layers.iter().zip(cells.chunks(columns.len()));
        let rows = layers.map(|(layer, row)| std::iter::once(layer.name.clone()).chain(row.iter().cloned()).collect());
        text += &format!("\n{measure}\n{}", output::table(&header, rows, 1));
        if let Some(faint) = &faint {
            let mark = if faint.contains(&true) { CHANCE.to_string() } else { "no value has".to_string() };
            text += &format!("{mark} {}\n", legend(scores.provenance()));
        }
        text += &without_value(scores, index);
    }
    text
}

/// For each measure the layer of B that is most like each layer of A, with its p-value where there
/// is one, and what has no value. Where B is A, another layer than itself.
pub fn summary(scores: &Scores) -> String {
    let (a, b) = (&scores.a().layers, &scores.b().layers);
    let itself = scores.a() == scores.b();
    let mut text = heading(scores);
    for (index, measure) in scores.measures().iter().enumerate() {
        let sign = if measure.properties().direction == Direction::Similarity { 1.0 } else { -1.0 };
        let best = |row: usize| {
            let others = (0..b.len()).filter(|&column| !(itself && column == row && b.len() > 1));
            let values = others.filter_map(|column| Some((column, scores.outcomes(index)[row * b.len() + column].value()?)));
            values.reduce(|best, other| if sign * other.1 > sign * best.1 { other } else { best })
        };
        let p = |row: usize, column: usize| scores.outcomes(index)[row * b.len() + column].diagnostic("p");
        let has_p = scores.outcomes(index).iter().any(|outcome| outcome.diagnostic("p").is_some());
        let rows = a.iter().enumerate().take(MOST_LAYERS).map(|(row, layer)| {
            let none = || "-".to_string();
            let (name, value, p) = best(row).map_or_else(
                || (none(), none(), none()),
                |(column, value)| (b[column].name.clone(), digits(value), p(row, column).map_or_else(none, digits)),
            );
            [layer.name.clone(), name, value].into_iter().chain(has_p.then_some(p)).collect()
        });
        let header = ["layer", "most similar", "value"].into_iter().chain(has_p.then_some("p")).collect::<Vec<_>>();
        text += &format!("\n{measure}\n{}", output::table(&header, rows, 2));
        if has_p && let Some(adjust) = &scores.provenance().adjust {
            text += &format!("p is as adjusted (--adjust {adjust})\n");
        }
        if a.len() > MOST_LAYERS {
            text += &format!("and {} layers more\n", a.len() - MOST_LAYERS);
        }
        text += &without_value(scores, index);
    }
    text
}

fn heading(scores: &Scores) -> String {
    let (a, b) = (visible(&scores.a().name), visible(&scores.b().name));
    if scores.networks_layer().is_some() {
        format!("rows and columns: networks ({a}), n = {}\n", scores.n())
    } else if scores.a() == scores.b() {
        format!("rows and columns: layers of {a}, n = {}\n", scores.n())
    } else {
        format!("rows: layers of {a}, columns: layers of {b}, n = {}\n", scores.n())
    }
}

/// How many cells of a measure have no value, and why the first has none.
fn without_value(scores: &Scores, measure: usize) -> String {
    let outcomes = scores.outcomes(measure);
    let mut reasons = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Value { .. } => None,
        Outcome::Failure { error } => Some(&error.message),
    });
    match reasons.next() {
        Some(first) => format!("{} of {} cells have no value; the first: {}\n", 1 + reasons.count(), outcomes.len(), visible(first)),
        None => String::new(),
    }
}

fn cell(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Value { value, .. } => digits(*value),
        Outcome::Failure { error } => error.kind.clone(),
    }
}

/// Four digits are what a person compares; the files hold them all.
fn digits(value: f64) -> String {
    if value == 0.0 || (1e-3..1e4).contains(&value.abs()) { output::rounded(value) } else { format!("{value:.3e}") }
}
