//! Rows that commands of their own have made: each left a `result.json` beside its tables and
//! pictures.

use super::page::Entry;
use super::store::{Results, Row};
use crate::error::{Error, Result, at};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// Where such a row lies, and what the page says of it.
pub struct Separate {
    /// What the page says.
    pub entry: Entry,
    /// The presets, each with its folder among the results.
    folders: &'static [(&'static str, &'static str)],
}

/// All of them.
pub static SEPARATE: &[Separate] = &[
    Separate {
        entry: Entry {
            id: "table-f1",
            title: "Table F.1: Transformer encoders at four places of every sublayer",
            claim: "In encoders that differ in their seed alone, every index finds corresponding sublayers far above chance, most of all the CCA family and RBF CKA",
            rule: "The statements of the explanation, each seen or not seen",
            caption: "After attention or the feed-forward part a checkerboard: attention sublayers are like attention sublayers, feed-forward ones like \
                      feed-forward ones. After the residual addition a bright band along the diagonal",
            table: places,
        },
        folders: &[("quick", "table-f1/quick"), ("standard", "table-f1/standard")],
    },
    Separate {
        entry: Entry {
            id: "minilm",
            title: "Layers of a published sentence encoder (MiniLM), on real sentences",
            claim: "No row of the paper: neighbouring layers should be the most similar ones",
            rule: "For every layer the most similar other layer by linear CKA stands next to it",
            caption: "Brightness falls away from the diagonal on both sides",
            table: |_| String::new(),
        },
        folders: &[("standard", "minilm")],
    },
];

/// Takes the rows that are there over into `results.json`.
///
/// # Errors
/// When a `result.json` is not such a file, or `results.json` cannot be written.
pub fn adopt(out: &Path, results_file: &Path) -> Result<()> {
    for one in SEPARATE {
        for (preset, folder) in one.folders {
            let path = out.join("results").join(folder).join("result.json");
            let text = match std::fs::read_to_string(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                text => text.map_err(at(&path))?,
            };
            let mut row: Row =
                serde_json::from_str(&text).map_err(|error| Error::DamagedResults { path: path.clone(), reason: error.to_string() })?;
            row.files.iter_mut().for_each(|file| *file = format!("results/{folder}/{file}"));
            Results::merge(results_file, one.entry.id, preset, row)?;
        }
    }
    Ok(())
}

/// Accuracy at each place, the paper's in brackets.
fn places(row: &Row) -> String {
    const PLACES: [&str; 4] = ["layer-norm", "scale", "attention-or-ffn", "residual"];
    let mut table = String::from("Sublayers found in %, the paper's numbers in brackets.\n\n| index |");
    PLACES.iter().for_each(|place| write!(table, " {} |", place.replace('-', " ")).expect("a String takes all"));
    table += "\n|---|---:|---:|---:|---:|\n";
    let number = |name: &str, place: &str, index: &str| row.found.get(name).and_then(|all| all[place][index].as_f64());
    let indexes = row.found.get("accuracy").and_then(|all| all[PLACES[0]].as_object()).map(|map| map.keys().cloned().collect::<Vec<_>>());
    for index in indexes.unwrap_or_default() {
        write!(table, "| `{index}` |").expect("a String takes all");
        for place in PLACES {
            let shown = |name, bracketed: bool| match number(name, place, &index) {
                Some(value) if bracketed => format!(" ({value:.1})"),
                Some(value) => format!("{value:.1}"),
                None => String::new(),
            };
            write!(table, " {}{} |", shown("accuracy", false), shown("paper", true)).expect("a String takes all");
        }
        table.push('\n');
    }
    if let Some(chance) = row.found.get("chance").and_then(Value::as_f64) {
        writeln!(table, "\nA guess finds {chance:.1} %.").expect("a String takes all");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_of_its_own_becomes_a_row_with_its_files_and_table() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("results/table-f1/quick");
        std::fs::create_dir_all(&own).unwrap();
        let accuracy = r#"{"layer-norm": {"cka": 50.04}, "scale": {"cka": 60}, "attention-or-ffn": {"cka": 70}, "residual": {"cka": 80}}"#;
        let text = format!(
            r#"{{"setting": {{}}, "accuracy": {accuracy}, "paper": {{"scale": {{"cka": 95.6}}}}, "chance": 8.33, "verdict": "partly", "explanation": "e",
                "command": "c", "seconds": {{"training": 1.0, "networks_trained": 1, "capture": 0.0, "analysis": 0.0}}, "files": ["a.csv"]}}"#
        );
        std::fs::write(own.join("result.json"), text).unwrap();
        let file = folder.path().join("results.json");
        adopt(folder.path(), &file).unwrap();
        let results = Results::load(&file).unwrap();
        let row = &results.0["table-f1"]["quick"];
        assert_eq!(row.files, ["results/table-f1/quick/a.csv"]);
        let table = places(row);
        assert!(table.contains("| `cka` | 50.0 | 60.0 (95.6) | 70.0 | 80.0 |") && table.contains("A guess finds 8.3 %."), "{table}");
        assert!(super::super::page(&results).contains("## table-f1"));
        std::fs::write(own.join("result.json"), "{}").unwrap();
        assert!(matches!(adopt(folder.path(), &file), Err(Error::DamagedResults { .. })));
    }
}
