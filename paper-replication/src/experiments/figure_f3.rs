//! Figure F.3: SVCCA with other thresholds.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, percent};
use super::pair_table::PairTable;
use super::report::{Judged, Report};
use super::score::Score;
use super::table_2::{layer_names, subspace_columns};
use crate::analysis::{Index, SVCCA_THRESHOLDS, paper_index};
use crate::error::Result;
use crate::figures::{HeatPicture, number};
use crate::preset::Setting;
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use similitude::Direction;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-f3",
    title: "Figure F.3: SVCCA with every threshold",
    claim: "SVCCA does not find corresponding layers, whatever share of the variance is kept: 0.5, 0.6, 0.7, 0.8, 0.9 or 0.99",
    rule: "With every threshold and both summaries SVCCA finds less than half of the layers",
    caption: "The squares (the largest value of each row) stand in columns, one layer taken for most others, at every threshold",
    setting: Setting::of,
    run,
    report,
    table,
};

/// An index that finds this share of the layers, or more, reveals them.
const REVEALS: f64 = 0.5;

/// SVCCA with all thresholds, the paper's 0.99 last.
fn indexes() -> impl Iterator<Item = &'static Index> {
    SVCCA_THRESHOLDS.iter().chain([paper_index("svcca:summary=rho"), paper_index("svcca:summary=r2")])
}

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let mut columns = subspace_columns(context, &networks)?;
    columns.retain(|column| indexes().any(|index| index.key == column.key));
    let pairs = PairTable { seeds: context.setting.seeds.clone(), layers: layer_names(&networks)?, columns };
    pairs.write(&mut context.folder)?;
    Ok(Outcome::of_tables([("test_accuracy", accuracies(&networks))]))
}

/// Counts the pairs: writes accuracies, and draws the means of those by mean rho.
fn count(report: &mut Report<'_>, pairs: &PairTable) -> Result<()> {
    let examples = report.setting.get("subspace").and_then(|subspace| subspace.get("examples")).and_then(Value::as_u64).unwrap_or(0);
    let score = |index: &'static Index| {
        let column = pairs.columns.iter().find(|column| column.key == index.key)?;
        let networks = 1 + column.pairs.iter().map(|pair| pair.b).max()?;
        Some(Score::new(index, Direction::Similarity, networks, examples as usize, pairs.layers.len(), &column.pairs))
    };
    let scores: Vec<Score> = indexes().filter_map(score).collect();
    let rows = scores.iter().map(|score| {
        let total = score.total(None);
        [
            score.index.key.to_owned(),
            number(Some(100.0 * score.accuracy())),
            number(score.jackknife().standard_error.map(|error| 100.0 * error)),
            total.ties.to_string(),
            total.undefined.to_string(),
        ]
    });
    report.folder.table("accuracies.csv", ["index", "percent", "standard_error", "ties", "undefined"], rows)?;
    for score in scores.iter().filter(|score| score.index.key.contains("rho")) {
        let picture = HeatPicture {
            title: score.index.name,
            subtitle: format!("mean over pairs of {} networks, n = {}", score.networks, score.examples),
            row_axis: "layers of one network",
            column_axis: "layers of another",
            rows: &pairs.layers,
            columns: &pairs.layers,
            values: score.means.clone(),
            range: Some((0.0, 1.0)),
            mark: true,
        };
        report.heat(&score.index.file_stem(), picture)?;
    }
    Ok(())
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    if let Some(table) = report.folder.read("pairs.csv")? {
        count(report, &PairTable::read(&table)?)?;
    }
    let table = report.table("accuracies.csv")?;
    let (keys, shares) = (table.column("index")?, table.full("percent")?);
    let name = |key: &str| indexes().find(|index| index.key == key).map_or(key.to_owned(), |index| index.name.to_owned());
    let best = (0..shares.len())
        .max_by(|&one, &other| shares[one].total_cmp(&shares[other]))
        .ok_or_else(|| table.damaged("it is empty".to_owned()))?;
    Ok(Judged {
        found: Map::from_iter([(
            "accuracy".to_owned(),
            keys.iter().zip(&shares).map(|(key, share)| ((*key).to_owned(), json!(percent(share / 100.0)))).collect::<Map<_, _>>().into(),
        )]),
        verdict: Verdict::of(&shares.iter().map(|share| share / 100.0 < REVEALS).collect::<Vec<_>>()),
        explanation: format!("Of all thresholds and both summaries, {} finds most: {:.1} % of the layers.", name(keys[best]), shares[best]),
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
