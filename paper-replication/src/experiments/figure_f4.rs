//! Figure F.4: networks before training.

use super::Experiment;
use super::context::{Context, Kind, Outcome, accuracies, all_pairs, rounded};
use super::layer_table::LayerTable;
use super::report::{Judged, Report};
use crate::error::{Error, Result};
use crate::job::{Job, Trained};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-f4",
    title: "Figure F.4: networks at initialisation",
    claim: "CKA shows structure before training already: in untrained networks of different seeds corresponding layers are the most \
     similar \
            ones. Training changes the representations: a trained network is less like an untrained one than like another trained one, \
            and the more so the later the layer",
    rule: "Among untrained networks the most similar layer is the corresponding one for more than half of the layers (this part was \
           added later); corresponding layers are more alike than others on average; corresponding layers of a trained and an \
           untrained network are less alike than those of two trained ones; that difference is greater in the second half of the \
           layers than in the first",
    caption: "The square of a row is its largest value: compare how many lie on the diagonal between two untrained networks and between \
     two trained \
              ones, and how bright late layers are between an untrained and a trained network",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    Setting { seeds: (1..=3).collect(), ..Setting::of(preset) }
}

fn run(context: &mut Context) -> Result<Outcome> {
    let seeds = context.seeds(2)?;
    let jobs: Vec<Job> = context.setting.seeds.iter().map(|&seed| Job::of(&context.setting, seed)).collect();
    let trained = context.workshop.networks(&jobs)?;
    let untrained = context.workshop.untrained(&jobs)?;
    let networks: Vec<Arc<Trained>> = untrained.iter().chain(&trained).cloned().collect();
    let subjects = context.subjects(&networks, context.setting.examples)?;
    let layers = subjects[0].layer_names()?;
    let own = (0..seeds).map(|network| (network, network));
    let pairs: Vec<(usize, usize)> = own.chain(all_pairs(networks.len())).collect();
    let scores = context.compare("cka", &subjects, &pairs, &["cka"])?;
    // Untrained come first. A trained network meets untrained ones of other seeds: its own starting
    // weights are another question.
    let kinds: [Kind<'_>; 4] = [
        ("untrained with itself", &|a, b| a == b),
        ("untrained, different seeds", &|a, b| a != b && b < seeds),
        ("untrained and trained", &|a, b| a < seeds && b >= seeds && a % seeds != b % seeds),
        ("trained, different seeds", &|a, b| a != b && a >= seeds),
    ];
    let table = |(name, wanted): &Kind<'_>| {
        let chosen: Vec<Vec<Option<f64>>> = scores.iter().filter(|pair| wanted(pair.a, pair.b)).map(|pair| pair.values(0)).collect();
        LayerTable::mean(*name, &layers, &layers, &chosen)
    };
    let tables: Vec<LayerTable> = kinds.iter().map(table).collect();
    context.layer_tables("cka.csv", &tables)?;
    Ok(Outcome::of_tables([("test_accuracy", accuracies(&trained))]))
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let tables = report.layer_tables("cka.csv")?;
    let seeds = report.setting.get("seeds").and_then(Value::as_array).map_or(0, Vec::len);
    let examples = report.setting.get("examples").cloned().unwrap_or_default();
    for table in &tables {
        let file = format!("figure-f4-{}", table.name.replace(", ", " ").replace(' ', "-"));
        let axes = if table.name == "untrained and trained" { ("untrained", "trained") } else { ("layers", "layers") };
        let mut picture = table.picture(&table.name, format!("linear CKA, {seeds} seeds, n = {examples}"), axes);
        picture.mark = table.name != "untrained with itself";
        report.heat(&file, picture)?;
    }
    judge(&tables)
}

/// How many rows of a square table have their largest value on the diagonal, and alone there.
pub(super) fn rows_with_largest_on_diagonal(table: &LayerTable) -> usize {
    let alone = |row: usize| {
        let own = table.at(row, row);
        (0..table.columns.len()).all(|column| column == row || own.zip(table.at(row, column)).is_some_and(|(own, other)| own > other))
    };
    (0..table.rows.len()).filter(|&row| alone(row)).count()
}

/// The verdict, by the rule that the experiment states.
fn judge(tables: &[LayerTable]) -> Result<Judged> {
    let [_, between, mixed, trained] = tables else {
        return Err(Error::Undefined { what: "Figure F.4".to_owned(), reason: format!("{} tables instead of 4 in cka.csv", tables.len()) });
    };
    let layers = between.rows.len();
    let [on_diagonal, on_diagonal_trained] = [between, trained].map(rows_with_largest_on_diagonal);
    let half = between.rows.len() / 2;
    let (corresponding, others) = (between.mean_of(|a, b| a == b)?, between.mean_of(|a, b| a != b)?);
    let (mixed_all, trained_all) = (mixed.mean_of(|a, b| a == b)?, trained.mean_of(|a, b| a == b)?);
    let early = trained.mean_of(|a, b| a == b && a < half)? - mixed.mean_of(|a, b| a == b && a < half)?;
    let late = trained.mean_of(|a, b| a == b && a >= half)? - mixed.mean_of(|a, b| a == b && a >= half)?;
    let number = |value: f64| json!(rounded(value));
    Ok(Judged {
        found: Map::from_iter([
            ("layers".to_owned(), json!(layers)),
            ("untrained_rows_with_largest_on_diagonal".to_owned(), json!(on_diagonal)),
            ("trained_rows_with_largest_on_diagonal".to_owned(), json!(on_diagonal_trained)),
            ("untrained_corresponding_layers".to_owned(), number(corresponding)),
            ("untrained_other_layers".to_owned(), number(others)),
            ("untrained_with_trained".to_owned(), number(mixed_all)),
            ("trained_with_trained".to_owned(), number(trained_all)),
            ("difference_in_early_layers".to_owned(), number(early)),
            ("difference_in_late_layers".to_owned(), number(late)),
        ]),
        verdict: Verdict::of(&[2 * on_diagonal > layers, corresponding > others, mixed_all < trained_all, late > early]),
        explanation: format!(
            "Between untrained networks the most similar layer is the corresponding one for {on_diagonal} of {layers} layers, between \
             trained ones for \
             {on_diagonal_trained}. Corresponding layers of untrained networks have a mean CKA of {corresponding:.2}, other layers \
             {others:.2}; corresponding layers of \
             a trained and an untrained network {mixed_all:.2}, of two trained ones {trained_all:.2}."
        ),
    })
}

fn table(row: &Row) -> String {
    let number = |name: &str| row.found.get(name).cloned().unwrap_or_default();
    format!(
        "The corresponding layer is the most similar one for {} of {} layers between untrained networks (means over pairs of networks), \
         and for {} between trained ones.\n\n\
         | networks | layers | mean CKA |\n|---|---|---|\n| two untrained | corresponding | {} |\n| two untrained | others | {} |\n\
         | untrained and trained | corresponding | {} |\n| two trained | corresponding | {} |\n\nThe paper shows pictures, no numbers.\n",
        number("untrained_rows_with_largest_on_diagonal"),
        number("layers"),
        number("trained_rows_with_largest_on_diagonal"),
        number("untrained_corresponding_layers"),
        number("untrained_other_layers"),
        number("untrained_with_trained"),
        number("trained_with_trained"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tie on the diagonal is no largest value, and a missing value none either.
    #[test]
    fn the_diagonal_must_be_larger_than_all_others() {
        let names = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let values = [0.9, 0.1, 0.1, 0.5, 0.5, 0.1, 0.2, 0.3, 0.25].map(Some).to_vec();
        let mut table = LayerTable { name: String::new(), rows: names.clone(), columns: names, values };
        assert_eq!(rows_with_largest_on_diagonal(&table), 1);
        table.values[2] = None;
        assert_eq!(rows_with_largest_on_diagonal(&table), 0);
    }
}
