//! Figure 4: the grid within a residual network.

use super::Experiment;
use super::architectures;
use super::context::{Context, Outcome, accuracies, rounded};
use super::layer_table::LayerTable;
use super::report::{Judged, Report};
use crate::error::{Error, Result};
use crate::preset::Preset;
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-4",
    title: "Figure 4: the layers of a residual network among themselves",
    claim: "Within a residual network, CKA shows a grid: layers after an addition resemble each other, and the layers inside the blocks \
            resemble neither them nor each other as much",
    rule: "Within the stages of equal shape, layers after an addition resemble each other more than layers inside blocks do, and \
           more than the two kinds resemble one another",
    caption: "In the picture of all layers look for a grid of bright lines, where every second layer, the one after an addition, is \
     bright with the others of \
              its kind; then compare how bright the pictures of one kind each are",
    setting: architectures::setting,
    run,
    report,
    table,
};

fn run(context: &mut Context) -> Result<Outcome> {
    let architecture = match context.preset {
        Preset::Quick => "resnet-14",
        Preset::Standard => "resnet-32",
        Preset::Full => "resnet-62",
    };
    let networks = architectures::networks(context, &[architecture])?;
    let subjects = context.subjects(&networks, context.setting.examples)?;
    let shapes = subjects[0].layers()?;
    let names = subjects[0].layer_names()?;
    let scores = context.compare("cka", &subjects, &[(0, 0)], &["cka"])?;
    let all = LayerTable { name: "all".to_owned(), rows: names.clone(), columns: names.clone(), values: scores[0].values(0) };
    context.layer_tables("cka.csv", &[all])?;
    // Within a stage only: there all layers have the same shape, and the grid is not mixed up with
    // the change of resolution.
    let stages: Vec<String> = shapes.iter().map(|shape| format!("{} x {}", shape.channels, shape.side)).collect();
    Ok(Outcome::of_tables([
        ("networks_of", json!(architecture)),
        ("channels_and_side_of_layers", json!(stages)),
        ("test_accuracy", accuracies(&networks)),
    ]))
}

/// The stage of each layer; a row made before stages were written down has three of equal length
/// after its first convolution.
fn stages(report: &Report<'_>, layers: usize) -> Vec<String> {
    let written = report.setting.get("channels_and_side_of_layers").and_then(Value::as_array);
    match written {
        Some(stages) => stages.iter().map(Value::to_string).collect(),
        None => {
            let blocks = (layers - 2) / 3;
            let stage = |layer: usize| if layer == 0 { 0 } else { (layer - 1) / blocks };
            (0..layers).map(|layer| if layer + 1 == layers { "pool".to_owned() } else { stage(layer).to_string() }).collect()
        }
    }
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let tables = report.layer_tables("cka.csv")?;
    let all = tables
        .iter()
        .find(|table| table.name == "all")
        .ok_or_else(|| Error::Undefined { what: "Figure 4".to_owned(), reason: "cka.csv has no table of all layers".to_owned() })?;
    let names = &all.rows;
    let stages = stages(report, names.len());
    // The first convolution and the pooling layer belong to no block.
    let blocks = names.len() - 1;
    let after: Vec<usize> = (1..blocks).filter(|layer| layer % 2 == 0).collect();
    let inside: Vec<usize> = (1..blocks).filter(|layer| layer % 2 == 1).collect();
    let architecture = format!("resnet-{}", names.len());
    let examples = report.setting.get("examples").cloned().unwrap_or_default();
    let drawn = [all.clone(), part(all, "after the addition", &after), part(all, "inside the block", &inside)];
    for (table, file) in drawn.iter().zip(["figure-4-all", "figure-4-after-addition", "figure-4-inside-block"]) {
        report.heat(file, table.picture(&table.name, format!("{architecture}, linear CKA, n = {examples}"), ("layers", "layers")))?;
    }
    let same_stage = |a: usize, b: usize| a != b && stages[a] == stages[b];
    let mean_of = |rows: &[usize], columns: &[usize]| all.mean_of(|a, b| same_stage(a, b) && rows.contains(&a) && columns.contains(&b));
    let (after_after, inside_inside, mixed) = (mean_of(&after, &after)?, mean_of(&inside, &inside)?, mean_of(&after, &inside)?);
    Ok(Judged {
        found: Map::from_iter([
            ("after_with_after".to_owned(), json!(rounded(after_after))),
            ("inside_with_inside".to_owned(), json!(rounded(inside_inside))),
            ("after_with_inside".to_owned(), json!(rounded(mixed))),
        ]),
        verdict: Verdict::of(&[after_after > inside_inside, after_after > mixed]),
        explanation: format!(
            "Within the stages of {architecture}, the mean CKA is {after_after:.2} among layers after an addition, {inside_inside:.2} \
             among \
             layers inside blocks, and {mixed:.2} between the two kinds."
        ),
    })
}

/// The table of some of the layers.
fn part(all: &LayerTable, name: &str, layers: &[usize]) -> LayerTable {
    let names: Vec<String> = layers.iter().map(|&layer| all.rows[layer].clone()).collect();
    let values = layers.iter().flat_map(|&row| layers.iter().map(move |&column| all.at(row, column))).collect();
    LayerTable { name: name.to_owned(), rows: names.clone(), columns: names, values }
}

fn table(row: &Row) -> String {
    let number = |name: &str| row.found.get(name).cloned().unwrap_or_default();
    format!(
        "| layers of one stage | mean CKA |\n|---|---|\n| after the addition, with each other | {} |\n\
         | inside the block, with each other | {} |\n| one of each kind | {} |\n\nThe paper shows pictures, no numbers.\n",
        number("after_with_after"),
        number("inside_with_inside"),
        number("after_with_inside"),
    )
}
