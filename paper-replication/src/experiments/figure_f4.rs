//! Figure F.4: networks before training.

use super::Experiment;
use super::context::{Context, Kind, Outcome, accuracies, all_pairs, rounded};
use super::layer_table::LayerTable;
use crate::error::Result;
use crate::job::{Job, Trained};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-f4",
    title: "Figure F.4: networks at initialisation",
    claim: "CKA shows structure before training already: untrained networks of different seeds resemble each other most at corresponding \
            layers. Training changes the representations: a trained network is less like an untrained one than like another trained one, \
            and the more so the later the layer",
    rule: "Among untrained networks corresponding layers are more alike than others; corresponding layers of a trained and an \
           untrained network are less alike than those of two trained ones; that difference is greater in the second half of the \
           layers than in the first",
    setting,
    run,
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
    for table in &tables {
        let file = format!("figure-f4-{}", table.name.replace(", ", " ").replace(' ', "-"));
        let axes = if table.name == "untrained and trained" { ("untrained", "trained") } else { ("layers", "layers") };
        let picture = table.picture(&table.name, format!("linear CKA, {seeds} seeds, n = {}", context.setting.examples), axes);
        context.heat(&file, picture)?;
    }
    judge(&tables, accuracies(&trained))
}

/// The verdict, by the rule that the experiment states.
fn judge(tables: &[LayerTable], test_accuracy: Value) -> Result<Outcome> {
    let [_, between, mixed, trained] = tables else { unreachable!("four tables") };
    let half = between.rows.len() / 2;
    let (corresponding, others) = (between.mean_of(|a, b| a == b)?, between.mean_of(|a, b| a != b)?);
    let (mixed_all, trained_all) = (mixed.mean_of(|a, b| a == b)?, trained.mean_of(|a, b| a == b)?);
    let early = trained.mean_of(|a, b| a == b && a < half)? - mixed.mean_of(|a, b| a == b && a < half)?;
    let late = trained.mean_of(|a, b| a == b && a >= half)? - mixed.mean_of(|a, b| a == b && a >= half)?;
    let number = |value: f64| json!(rounded(value));
    Ok(Outcome {
        setting: Map::from_iter([("test_accuracy".to_owned(), test_accuracy)]),
        found: Map::from_iter([
            ("untrained_corresponding_layers".to_owned(), number(corresponding)),
            ("untrained_other_layers".to_owned(), number(others)),
            ("untrained_with_trained".to_owned(), number(mixed_all)),
            ("trained_with_trained".to_owned(), number(trained_all)),
            ("difference_in_early_layers".to_owned(), number(early)),
            ("difference_in_late_layers".to_owned(), number(late)),
        ]),
        verdict: Verdict::of(&[corresponding > others, mixed_all < trained_all, late > early]),
        explanation: format!(
            "Corresponding layers of untrained networks have a mean CKA of {corresponding:.2}, other layers {others:.2}; corresponding layers of \
             a trained and an untrained network {mixed_all:.2}, of two trained ones {trained_all:.2}."
        ),
    })
}

fn table(row: &Row) -> String {
    let number = |name: &str| row.found.get(name).cloned().unwrap_or_default();
    format!(
        "| networks | layers | mean CKA |\n|---|---|---|\n| two untrained | corresponding | {} |\n| two untrained | others | {} |\n\
         | untrained and trained | corresponding | {} |\n| two trained | corresponding | {} |\n\nThe paper shows pictures, no numbers.\n",
        number("untrained_corresponding_layers"),
        number("untrained_other_layers"),
        number("untrained_with_trained"),
        number("trained_with_trained"),
    )
}
