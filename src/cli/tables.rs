//! Scores of a sweep as text.

use crate::Direction;
use crate::report::visible;
use crate::sweep::{Outcome, Scores};

use crate::cli::output;

/// Layers of a summary: who has more looks into the files.
const MOST_LAYERS: usize = 100;

/// A table of layers by layers for each measure.
pub fn whole(scores: &Scores) -> String {
    let mut text = heading(scores);
    let columns: Vec<&str> = scores.b().layers.iter().map(|layer| layer.name.as_str()).collect();
    for (index, measure) in scores.measures().iter().enumerate() {
        let header: Vec<&str> = std::iter::once("").chain(columns.iter().copied()).collect();
        let rows = scores
            .a()
            .layers
            .iter()
            .zip(scores.outcomes(index).chunks(columns.len()))
            .map(|(layer, row)| std::iter::once(layer.name.clone()).chain(row.iter().map(cell)).collect());
        text += &format!("\n{measure}\n{}", output::table(&header, rows, 1));
        text += &without_value(scores, index);
    }
    text
}

/// For each measure the layer of B that is most like each layer of A, and what has no value. Where
/// B is A, another layer than itself.
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
        let rows = a.iter().enumerate().take(MOST_LAYERS).map(|(row, layer)| {
            let (name, value) =
                best(row).map_or(("-".to_string(), "-".to_string()), |(column, value)| (b[column].name.clone(), digits(value)));
            vec![layer.name.clone(), name, value]
        });
        text += &format!("\n{measure}\n{}", output::table(&["layer", "most similar", "value"], rows, 2));
        if a.len() > MOST_LAYERS {
            text += &format!("and {} layers more\n", a.len() - MOST_LAYERS);
        }
        text += &without_value(scores, index);
    }
    text
}

fn heading(scores: &Scores) -> String {
    let (a, b) = (visible(&scores.a().name), visible(&scores.b().name));
    if scores.a() == scores.b() {
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
    if value == 0.0 || (1e-3..1e4).contains(&value.abs()) { format!("{value:.4}") } else { format!("{value:.3e}") }
}
