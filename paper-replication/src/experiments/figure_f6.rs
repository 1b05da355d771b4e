//! Figure F.6: with and without batch normalization.

use super::Experiment;
use super::context::{Context, Kind, Outcome, accuracies, all_pairs, percent, rounded};
use super::layer_table::LayerTable;
use super::report::{Judged, Report};
use crate::error::{Error, Result};
use crate::job::{Job, Trained};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use similitude::Direction;
use similitude::sweep::{Identification, identify};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-f6",
    title: "Figure F.6: with and without batch normalization",
    claim: "Networks without batch normalization have similar representations to networks with it, layer by layer; the last convolution \
            differs most",
    rule: "Between a network with and one without, corresponding layers are more alike than others; of all convolutions the last \
           has the lowest CKA with its counterpart",
    caption: "The square of a row is its largest value: count how many lie on the diagonal in each of the three, and compare how bright \
     the diagonal is in late layers",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    Setting { seeds: vec![1, 2], ..Setting::of(preset) }
}

fn run(context: &mut Context) -> Result<Outcome> {
    let seeds = context.seeds(2)?;
    let with = context.setting.seeds.iter().map(|&seed| Job::of(&context.setting, seed));
    let without = with.clone().map(|job| Job { batch_norm: false, ..job });
    let networks: Vec<Arc<Trained>> = context.workshop.networks(&with.chain(without).collect::<Vec<_>>())?;
    let subjects = context.subjects(&networks, context.setting.examples)?;
    let layers = subjects[0].layer_names()?;
    let scores = context.compare("cka", &subjects, &all_pairs(networks.len()), &["cka"])?;
    // Networks of different seeds only, also where one has batch normalization and the other has
    // not.
    let kinds: [Kind<'_>; 3] = [
        ("both with", &|a, b| a < seeds && b < seeds),
        ("both without", &|a, b| a >= seeds && b >= seeds),
        ("with and without", &|a, b| a < seeds && b >= seeds && a % seeds != b % seeds),
    ];
    let mut tables = Vec::new();
    let mut found = Vec::new();
    for (name, wanted) in kinds {
        let chosen: Vec<Vec<Option<f64>>> = scores.iter().filter(|pair| wanted(pair.a, pair.b)).map(|pair| pair.values(0)).collect();
        let mut identification = Identification::default();
        for values in &chosen {
            let transposed: Vec<_> =
                (0..values.len()).map(|cell| values[cell % layers.len() * layers.len() + cell / layers.len()]).collect();
            identification += identify(values, &transposed, layers.len(), Direction::Similarity);
        }
        tables.push(LayerTable::mean(name, &layers, &layers, &chosen));
        found.push(identification.accuracy());
    }
    context.layer_tables("cka.csv", &tables)?;
    let identified = tables.iter().zip(found).map(|(table, share)| (table.name.clone(), json!(percent(share)))).collect::<Map<_, _>>();
    Ok(Outcome::of_tables([("test_accuracy", accuracies(&networks))]).keeping("layers_found", identified.into()))
}

/// Pictures and the verdict, by the rule that the experiment states.
fn report(report: &mut Report<'_>) -> Result<Judged> {
    let tables = report.layer_tables("cka.csv")?;
    let seeds = report.setting.get("seeds").and_then(Value::as_array).map_or(0, Vec::len);
    let examples = report.setting.get("examples").cloned().unwrap_or_default();
    for table in &tables {
        let axes = if table.name == "with and without" { ("with batch normalization", "without") } else { ("layers", "layers") };
        let title = format!("batch normalization: {}", table.name);
        let mut picture = table.picture(&title, format!("linear CKA, {seeds} seeds, n = {examples}"), axes);
        picture.mark = true;
        report.heat(&format!("figure-f6-{}", table.name.replace(' ', "-")), picture)?;
    }
    let mixed = tables.iter().find(|table| table.name == "with and without").ok_or_else(|| Error::Undefined {
        what: "Figure F.6".to_owned(),
        reason: "cka.csv has no table with and without batch normalization".to_owned(),
    })?;
    let (corresponding, others) = (mixed.mean_of(|a, b| a == b)?, mixed.mean_of(|a, b| a != b)?);
    let diagonal: Vec<f64> = (0..mixed.rows.len()).map(|layer| mixed.mean_of(|a, b| a == layer && b == layer)).collect::<Result<_>>()?;
    // The pooling layer, the last, is no convolution.
    let convolutions = &diagonal[..diagonal.len() - 1];
    let lowest = (0..convolutions.len()).min_by(|&one, &other| convolutions[one].total_cmp(&convolutions[other])).unwrap_or(0);
    Ok(Judged {
        found: Map::from_iter([
            ("layers_found".to_owned(), report.kept("layers_found")?.clone()),
            ("with_and_without".to_owned(), json!(diagonal.iter().map(|value| rounded(*value)).collect::<Vec<_>>())),
            ("lowest_convolution".to_owned(), json!(mixed.rows[lowest])),
        ]),
        verdict: Verdict::of(&[corresponding > others, lowest + 1 == convolutions.len()]),
        explanation: format!(
            "Between networks with and without batch normalization, corresponding layers have a mean CKA of {corresponding:.2} and others \
             {others:.2}; of the convolutions {} differs most ({:.2}).",
            mixed.rows[lowest], convolutions[lowest]
        ),
    })
}

fn table(row: &Row) -> String {
    let mut table = String::from("| networks | linear CKA finds, % of layers |\n|---|---|\n");
    for (name, share) in row.found.get("layers_found").and_then(Value::as_object).into_iter().flatten() {
        table += &format!("| {name} | {share} |\n");
    }
    table + "\nThe paper shows pictures, no numbers.\n"
}
