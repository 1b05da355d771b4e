//! Tables, pictures and `result.json` of the experiment.

use super::indexes::INDEXES;
use super::networks::Networks;
use super::places::PlaceResult;
use super::setting::Setting;
use super::statements::{Statement, statements};
use crate::error::Result;
use crate::figures::{write_heat_map, write_table, write_whole};
use crate::results::Verdict;
use serde_json::{Map, Value, json};
use similitude::report::heatmap::{Format, HeatMap};
use similitude::report::picture;
use std::path::Path;

/// The index whose mean values are drawn.
const DRAWN: &str = "CKA, linear";

/// Writes `accuracy.csv`, a heat map of linear CKA at each place with its numbers, and last
/// `result.json`, into `folder`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_results(
    folder: &Path,
    setting: &Setting,
    networks: &Networks,
    results: &[PlaceResult; 4],
    analysis_seconds: f64,
    command: &str,
) -> Result<Vec<Statement>> {
    let mut files = vec!["accuracy.csv".to_owned(), "linear-cka.csv".to_owned()];
    write_accuracies(&folder.join("accuracy.csv"), results)?;
    write_means(&folder.join("linear-cka.csv"), results)?;
    for result in results {
        let name = format!("linear-cka-{}.svg", result.place.name());
        write_heat_map(&folder.join(&name), &heat_map(setting, result))?;
        files.push(name);
    }
    let statements = statements(results);
    let value = result_json(setting, networks, results, &statements, analysis_seconds, command, &files);
    let mut text = serde_json::to_string_pretty(&value).expect("a JSON value has a text");
    text.push('\n');
    write_whole(&folder.join("result.json"), text.as_bytes())?;
    Ok(statements)
}

fn drawn() -> usize {
    INDEXES.iter().position(|index| index.name == DRAWN).expect("an index of the table")
}

fn heat_map(setting: &Setting, result: &PlaceResult) -> HeatMap {
    let drawn = &result.indexes[drawn()];
    // The name of the place is in the title: block1.attention is enough on the axes.
    let names: Vec<String> =
        result.sublayers.iter().map(|name| name.rsplit_once('.').map_or(name.clone(), |(head, _)| head.to_owned())).collect();
    let networks = setting.seeds.len();
    HeatMap {
        title: format!("Linear CKA of {networks} Transformer encoders: {}", result.place.name()),
        subtitle: Some(format!(
            "n = {} token positions; mean over {} ordered pairs; finds the same sublayer in {:.1} % (a guess: {:.1} %)",
            setting.examples,
            networks * (networks - 1),
            100.0 * drawn.found.accuracy(),
            100.0 * drawn.found.chance()
        )),
        row_axis: "sublayer of one encoder".to_owned(),
        column_axis: "sublayer of another encoder".to_owned(),
        rows: names.clone(),
        columns: names,
        values: drawn.means.clone(),
        scale: picture::scale(&drawn.measure, &drawn.means),
        mark_row_maximum: true,
        hatched: None,
        format: Format::default(),
    }
}

fn write_accuracies(path: &Path, results: &[PlaceResult; 4]) -> Result<()> {
    let header = [
        "place",
        "index",
        "measure",
        "accuracy_percent",
        "paper_percent",
        "within_one_percent",
        "ties",
        "undefined",
        "trials",
        "chance_percent",
    ];
    let rows = results.iter().enumerate().flat_map(|(place, result)| {
        result.indexes.iter().zip(&INDEXES).map(move |(index, paper)| {
            let found = &index.found;
            [
                result.place.name().to_owned(),
                paper.name.to_owned(),
                index.measure.to_string(),
                (100.0 * found.accuracy()).to_string(),
                paper.paper[place].to_string(),
                (100.0 * found.accuracy_within_one()).to_string(),
                found.ties.to_string(),
                found.undefined.to_string(),
                found.trials.to_string(),
                (100.0 * found.chance()).to_string(),
            ]
        })
    });
    write_table(path, header, rows)
}

fn write_means(path: &Path, results: &[PlaceResult; 4]) -> Result<()> {
    let rows = results.iter().flat_map(|result| {
        let layers = result.sublayers.len();
        let drawn = &result.indexes[drawn()];
        drawn.means.iter().enumerate().map(move |(cell, mean)| {
            let value = mean.map_or(String::new(), |mean| format!("{mean:?}"));
            [result.sublayers[cell / layers].clone(), result.sublayers[cell % layers].clone(), drawn.measure.to_string(), value]
        })
    });
    write_table(path, ["place_of_one_encoder", "place_of_another", "measure", "mean"], rows)
}

/// An object with one entry for each place, and in each one for each index.
fn by_place(results: &[PlaceResult; 4], value: impl Fn(usize, usize) -> Value) -> Value {
    let places = results.iter().enumerate().map(|(place, result)| {
        let indexes: Map<String, Value> =
            result.indexes.iter().enumerate().map(|(index, one)| (one.measure.to_string(), value(place, index))).collect();
        (result.place.name().to_owned(), Value::Object(indexes))
    });
    Value::Object(places.collect())
}

fn result_json(
    setting: &Setting,
    networks: &Networks,
    results: &[PlaceResult; 4],
    statements: &[Statement],
    analysis_seconds: f64,
    command: &str,
    files: &[String],
) -> Value {
    let mut described = json!(setting);
    described["test_accuracy"] = json!(networks.accuracies);
    let found = |place: usize, index: usize| &results[place].indexes[index].found;
    let seen: Vec<bool> = statements.iter().map(|statement| statement.holds).collect();
    let explanation: Vec<String> = statements
        .iter()
        .map(|statement| format!("{}: {} ({})", if statement.holds { "seen" } else { "not seen" }, statement.claim, statement.found))
        .collect();
    json!({
        "setting": described,
        "accuracy": by_place(results, |place, index| json!(100.0 * found(place, index).accuracy())),
        "accuracy_within_one": by_place(results, |place, index| json!(100.0 * found(place, index).accuracy_within_one())),
        "ties": by_place(results, |place, index| json!(found(place, index).ties)),
        "undefined": by_place(results, |place, index| json!(found(place, index).undefined)),
        "trials": found(0, 0).trials,
        "chance": 100.0 * found(0, 0).chance(),
        "paper": by_place(results, |place, index| json!(INDEXES[index].paper[place])),
        "statements": statements,
        "verdict": Verdict::of(&seen),
        "explanation": explanation.join("; "),
        "command": command,
        "seconds": { "training": networks.training_seconds, "networks_trained": networks.trained, "capture": networks.capture_seconds, "analysis": analysis_seconds },
        "files": files,
    })
}

#[cfg(test)]
mod tests {
    use super::super::places::identify_at;
    use super::super::places::tests::{config, files};
    use super::super::setting::Preset;
    use super::*;
    use crate::data::digits;
    use crate::transformer::Place;

    #[test]
    fn everything_that_is_listed_is_written_and_the_numbers_agree() {
        let (stored, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = files(stored.path());
        let results = Place::ALL.map(|place| identify_at(place, &config(), &files).unwrap());
        let mut setting = Setting::of(Preset::Quick, &digits().unwrap());
        setting.seeds = vec![1, 2, 3];
        let networks = Networks { files, accuracies: vec![0.1; 3], trained: 0, training_seconds: 0.0, capture_seconds: 0.0 };
        let statements = write_results(folder.path(), &setting, &networks, &results, 1.0, "a command").unwrap();
        let value: Value = serde_json::from_slice(&std::fs::read(folder.path().join("result.json")).unwrap()).unwrap();
        for file in value["files"].as_array().unwrap() {
            assert!(folder.path().join(file.as_str().unwrap()).metadata().unwrap().len() > 100, "{file}");
        }
        assert_eq!(value["files"].as_array().unwrap().len(), 2 + 4);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3 + 4);
        let mut table = csv::Reader::from_path(folder.path().join("accuracy.csv")).unwrap();
        let rows: Vec<csv::StringRecord> = table.records().map(|row| row.unwrap()).collect();
        assert_eq!(rows.len(), 40);
        for row in &rows {
            let in_json = |name: &str| value[name][&row[0]][&row[2]].as_f64().unwrap();
            assert_eq!(row[3].parse::<f64>().unwrap(), in_json("accuracy"));
            assert_eq!(row[4].parse::<f64>().unwrap(), in_json("paper"));
        }
        let residual = &results[3].indexes[6];
        assert_eq!(value["accuracy"]["residual"][residual.measure.to_string()].as_f64().unwrap(), 100.0 * residual.found.accuracy());
        let means = std::fs::read_to_string(folder.path().join("linear-cka.csv")).unwrap();
        let line = means.lines().find(|line| line.starts_with("block1.ffn.residual,block2.attention.residual,")).unwrap();
        assert!(line.ends_with(&format!(",{:?}", residual.means[4 + 2].unwrap())), "{line}");
        let holding = statements.iter().filter(|statement| statement.holds).count();
        let expected = if holding == 0 {
            "not"
        } else if holding == statements.len() {
            "holds"
        } else {
            "partly"
        };
        assert_eq!(value["verdict"], expected);
    }
}
