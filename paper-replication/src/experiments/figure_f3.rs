//! Figure F.3: SVCCA with other thresholds.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, percent};
use super::score::Score;
use super::table_2::subspace_scores;
use crate::analysis::{SVCCA_THRESHOLDS, paper_index};
use crate::error::Result;
use crate::figures::{HeatPicture, number};
use crate::preset::Setting;
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-f3",
    title: "Figure F.3: SVCCA with every threshold",
    claim: "SVCCA does not find corresponding layers, whatever share of the variance is kept: 0.5, 0.6, 0.7, 0.8, 0.9 or 0.99",
    rule: "With every threshold and both summaries SVCCA finds less than half of the layers",
    setting: Setting::of,
    run,
    table,
};

/// An index that finds this share of the layers, or more, reveals them.
const REVEALS: f64 = 0.5;

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let all = subspace_scores(context, &networks)?;
    let thresholds = SVCCA_THRESHOLDS.iter().chain([paper_index("svcca:summary=rho"), paper_index("svcca:summary=r2")]);
    let scores: Vec<&Score> = thresholds.filter_map(|index| all.iter().find(|score| score.index == index)).collect();
    let layers: Vec<String> = networks[0].run.network.layers()?.into_iter().map(|layer| layer.name).collect();
    let rows = scores.iter().map(|score| {
        let total = score.total(None);
        [score.index.key.to_owned(), number(Some(100.0 * score.accuracy())), total.ties.to_string(), total.undefined.to_string()]
    });
    context.folder.table("accuracies.csv", ["index", "percent", "ties", "undefined"], rows)?;
    for score in scores.iter().filter(|score| score.index.key.contains("rho")) {
        let name = score.index.file_stem();
        let picture = HeatPicture {
            title: score.index.name,
            subtitle: format!("mean over pairs of {} networks, n = {}", score.networks, score.examples),
            row_axis: "layers of one network",
            column_axis: "layers of another",
            rows: &layers,
            columns: &layers,
            values: score.means.clone(),
            range: Some((0.0, 1.0)),
            mark: true,
        };
        context.heat(&name, picture)?;
    }
    let best = scores.iter().max_by(|one, other| one.accuracy().total_cmp(&other.accuracy())).expect("twelve indexes");
    let fails: Vec<bool> = scores.iter().map(|score| score.accuracy() < REVEALS).collect();
    Ok(Outcome {
        setting: Map::from_iter([("test_accuracy".to_owned(), accuracies(&networks))]),
        found: Map::from_iter([(
            "accuracy".to_owned(),
            Value::Object(scores.iter().map(|score| (score.index.key.to_owned(), json!(percent(score.accuracy())))).collect()),
        )]),
        verdict: Verdict::of(&fails),
        explanation: format!(
            "Of all thresholds and both summaries, {} finds most: {:.1} % of the layers; chance is {:.1} %.",
            best.index.name,
            100.0 * best.accuracy(),
            100.0 * best.chance(),
        ),
    })
}

fn table(row: &Row) -> String {
    let accuracy = |key: &str| {
        let value = row.found.get("accuracy").and_then(|values| values.get(key)).and_then(Value::as_f64);
        value.map_or("-".to_owned(), |value| format!("{value:.1}"))
    };
    let mut table = String::from("| threshold | mean ρ finds, % | R² finds, % |\n|---|---|---|\n");
    for threshold in ["0.5", "0.6", "0.7", "0.8", "0.9", "0.99"] {
        let key = |summary: &str| match threshold {
            "0.99" => format!("svcca:summary={summary}"),
            _ => format!("svcca:summary={summary},threshold={threshold}"),
        };
        table += &format!("| {threshold} | {} | {} |\n", accuracy(&key("rho")), accuracy(&key("r2")));
    }
    table
}
