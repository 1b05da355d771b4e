//! Figure F.3: SVCCA with other thresholds.

use super::Experiment;
use super::context::{Context, Outcome, accuracies};
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
    caption: "The square of a row is its largest value: on the diagonal it is the corresponding layer; squares in one column mean that \
     one layer is taken for several",
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

/// Counts the pairs: writes accuracies, and draws the means.
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
    for score in &scores {
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
    let errors = table.numbers("standard_error")?;
    let most = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let best: Vec<usize> = (0..shares.len()).filter(|&row| shares[row] == most).collect();
    if best.is_empty() {
        return Err(table.damaged("it is empty".to_owned()));
    }
    let error =
        best.iter().filter_map(|&row| errors[row]).fold(None, |most: Option<f64>, error| Some(most.map_or(error, |most| most.max(error))));
    let names: Vec<String> = best.iter().map(|&row| name(keys[row])).collect();
    let by_key = |value: &dyn Fn(usize) -> Value| -> Value {
        keys.iter().enumerate().map(|(row, key)| ((*key).to_owned(), value(row))).collect::<Map<_, _>>().into()
    };
    Ok(Judged {
        // Not rounded: the page rounds once.
        found: Map::from_iter([
            ("accuracy".to_owned(), by_key(&|row| json!(shares[row]))),
            ("standard_error".to_owned(), by_key(&|row| json!(errors[row]))),
        ]),
        verdict: Verdict::of(&shares.iter().map(|share| share / 100.0 < REVEALS).collect::<Vec<_>>()),
        explanation: format!(
            "Of all thresholds and both summaries, {} find{} most: {most:.1} % of the layers{}.",
            names.join(" and "),
            if best.len() == 1 { "s" } else { "" },
            error.map_or(String::new(), |error| format!(" (standard error {error:.1})")),
        ),
    })
}

fn table(row: &Row) -> String {
    let accuracy = |key: &str| {
        let value = row.found.get("accuracy").and_then(|values| values.get(key)).and_then(Value::as_f64);
        let error = row.found.get("standard_error").and_then(|values| values.get(key)).and_then(Value::as_f64);
        let error = error.map_or(String::new(), |error| format!(" ± {error:.1}"));
        value.map_or("-".to_owned(), |value| format!("{value:.1}{error}"))
    };
    let mut table = String::from("| threshold | mean ρ finds, % | R² finds, % |\n|---|---|---|\n");
    for threshold in ["0.5", "0.6", "0.7", "0.8", "0.9", "0.99"] {
        let key = |summary: &str| match threshold {
            "0.99" => format!("svcca:summary={summary}"),
            _ => format!("svcca:summary={summary},threshold={threshold}"),
        };
        table += &format!("| {threshold} | {} | {} |\n", accuracy(&key("rho")), accuracy(&key("r2")));
    }
    table + "\nWith jackknife standard errors over networks.\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Two thresholds that share the highest value are both named.
    #[test]
    fn a_tie_for_the_most_is_said() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = crate::figures::Folder::new(root.path(), Path::new("results/figure-f3/quick"));
        let key = |threshold: &str| format!("\"svcca:summary=r2,threshold={threshold}\"");
        let text = format!("index,percent,standard_error,ties,undefined\n{},22.2,17.0,0,0\n{},22.2,6.0,0,0\n", key("0.5"), key("0.6"));
        folder.write("accuracies.csv", text.as_bytes()).unwrap();
        let judged = report(&mut Report { setting: &Map::new(), kept: &Map::new(), folder: &mut folder }).unwrap();
        assert!(judged.explanation.contains("0.5) and SVCCA (R², 0.6) find most: 22.2 %"), "{}", judged.explanation);
        assert!(judged.explanation.contains("standard error 17.0"), "{}", judged.explanation);
    }
}
