//! Rows that commands of their own have made: each left a `result.json` beside its tables and
//! pictures.

use super::page::Entry;
use super::store::{Results, Row, Verdict};
use crate::error::{Error, Result, at};
use crate::figures::Table;
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
            claim: "In encoders that differ in their seed alone, every index finds corresponding sublayers far above chance, most of all \
             the CCA family and RBF CKA",
            rule: "The statements of the explanation, each seen or not seen: the claim holds when all are, partly when at least half of \
             the five are that were asked first \
                   (one of any was enough before); the sixth, on the checkerboard, was added later, when it was known to be seen, and \
                   does not count for the half",
            caption: "The square of a row is its largest value. After attention or the feed-forward part look for a checkerboard, where \
             sublayers of one kind are like others of \
                      their kind; after the residual addition for a band along the diagonal. Linear CKA alone is drawn, of ten indexes",
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
            caption: "In the pictures of layers compare the squares next to the diagonal with those farther from it. The picture of \
             places has all places of all layers",
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
            if let Some(table) = Table::read(&out.join("results").join(folder).join("linear-cka.csv"))? {
                let seen = checkerboard(&table, &mut row)?;
                judge(&mut row, seen);
            }
            percent_of_shares(&mut row);
            Results::merge(results_file, one.entry.id, preset, row)?;
        }
    }
    Ok(())
}

/// Adds what the paper's picture shows after attention and the feed-forward part: by linear CKA,
/// sublayers of one kind in different blocks are more alike than sublayers of the two kinds. Asked
/// of the committed means, and added after these were known.
fn checkerboard(table: &Table, row: &mut Row) -> Result<bool> {
    let (one, other, values) = (table.column("place_of_one_encoder")?, table.column("place_of_another")?, table.full("mean")?);
    let (mut same, mut different) = (Vec::new(), Vec::new());
    for (row, value) in values.iter().enumerate() {
        // block1.attention.attention, block1.ffn.ffn: what is inside of a sublayer bears its name.
        let [one, other] = [one[row], other[row]].map(|place| place.split('.').collect::<Vec<_>>());
        let ([block, kind, part], [other_block, other_kind, other_part]) = (one.as_slice(), other.as_slice()) else {
            return Err(table.damaged(format!("row {}: a place has a block, a sublayer and a part", row + 1)));
        };
        if kind != part || other_kind != other_part || (block, kind) == (other_block, other_kind) {
            continue;
        }
        if kind == other_kind { same.push(*value) } else { different.push(*value) }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    if same.is_empty() || different.is_empty() {
        return Err(table.damaged("it has no sublayers of both kinds".to_owned()));
    }
    let (same, different) = (mean(&same), mean(&different));
    row.explanation += &format!(
        "; {} (added later): the checkerboard after attention and the feed-forward part, sublayers of one kind in different blocks more \
         alike than sublayers of the two kinds \
         (mean linear CKA {same:.2} and {different:.2})",
        if same > different { "seen" } else { "not seen" }
    );
    Ok(same > different)
}

/// The verdict by the rule of the entry: half of the statements that were asked first, and all of
/// them with the checkerboard for the whole.
fn judge(row: &mut Row, checkerboard: bool) {
    let statements = row.found.get("statements").and_then(Value::as_array).cloned().unwrap_or_default();
    let seen = statements.iter().filter(|statement| statement["holds"] == true).count();
    row.verdict = match 2 * seen >= statements.len() && seen > 0 {
        true if seen == statements.len() && checkerboard => Verdict::Holds,
        true => Verdict::Partly,
        false => Verdict::Not,
    };
    row.explanation += &format!(
        ". Of the {} statements asked first {seen} {} seen. The values of the pairs were not kept, so that no difference has a standard \
         error.",
        statements.len(),
        if seen == 1 { "is" } else { "are" }
    );
}

/// Writes shares of test pictures as the other rows do: in %.
fn percent_of_shares(row: &mut Row) {
    if let Some(Value::Array(shares)) = row.setting.get_mut("test_accuracy") {
        shares.iter_mut().for_each(|share| *share = share.as_f64().map_or(Value::Null, |share| ((share * 1e4).round() / 100.0).into()));
    }
}

/// Pearson's correlation over indexes of what is found with what the paper found, at one place.
fn correlation(row: &Row, place: &str) -> Option<f64> {
    let of = |name: &str| row.found.get(name).and_then(|all| all[place].as_object());
    let (here, paper) = (of("accuracy")?, of("paper")?);
    let pairs: Vec<(f64, f64)> = here.iter().filter_map(|(index, value)| Some((value.as_f64()?, paper.get(index)?.as_f64()?))).collect();
    let mean = |side: fn(&(f64, f64)) -> f64| pairs.iter().map(side).sum::<f64>() / pairs.len() as f64;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sums = pairs.iter().fold((0.0, 0.0, 0.0), |sums, pair| {
        let (dx, dy) = (pair.0 - x, pair.1 - y);
        (sums.0 + dx * dy, sums.1 + dx * dx, sums.2 + dy * dy)
    });
    (pairs.len() > 2 && sums.1 * sums.2 > 0.0).then(|| sums.0 / (sums.1 * sums.2).sqrt())
}

/// The least and the most that indexes of a measure find, over all places.
fn span(row: &Row, id: &str) -> Option<(f64, f64)> {
    let places = row.found.get("accuracy").and_then(Value::as_object)?.values();
    let of_id = places.flat_map(|place| place.as_object().into_iter().flatten()).filter(|(index, _)| index.split(':').next() == Some(id));
    of_id.filter_map(|(_, value)| value.as_f64()).fold(None, |span, value| {
        let (least, most) = span.unwrap_or((value, value));
        Some((value.min(least), value.max(most)))
    })
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
    let correlations: Vec<String> =
        PLACES.iter().filter_map(|place| Some(format!("{:.2} ({})", correlation(row, place)?, place.replace('-', " ")))).collect();
    if !correlations.is_empty() {
        writeln!(table, "\nOver indexes these accuracies correlate with the paper's by {}.", correlations.join(", "))
            .expect("a String takes all");
    }
    if let Some(((svcca, most_svcca), (cca, most_cca))) = span(row, "svcca").zip(span(row, "cca")) {
        writeln!(
            table,
            "\nSVCCA finds {svcca:.1} to {most_svcca:.1} %, CCA on the same tokens {cca:.1} to {most_cca:.1} %: that tokens are few does \
             not explain SVCCA, and nothing here does."
        )
        .expect("a String takes all");
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
            r#"{{"setting": {{"test_accuracy": [0.9666666666666667]}}, "accuracy": {accuracy}, "paper": {{"scale": {{"cka": 95.6}}}}, "chance": 8.33, "verdict": "partly", "explanation": "e", "statements": [{{"holds": true}}, {{"holds": false}}, {{"holds": false}}],
                "command": "c", "seconds": {{"training": 1.0, "networks_trained": 1, "capture": 0.0, "analysis": 0.0}}, "files": ["a.csv"]}}"#
        );
        std::fs::write(own.join("result.json"), text).unwrap();
        let means = "block1.attention.attention,block2.attention.attention,cka,0.4\nblock1.ffn.ffn,block2.ffn.ffn,cka,0.3\n\
                     block1.attention.attention,block1.ffn.ffn,cka,0.1\nblock1.ffn.ffn,block1.ffn.ffn,cka,0.9\nblock1.ffn.scale,block1.attention.scale,cka,0.9\n";
        std::fs::write(own.join("linear-cka.csv"), format!("place_of_one_encoder,place_of_another,measure,mean\n{means}")).unwrap();
        let file = folder.path().join("results.json");
        adopt(folder.path(), &file).unwrap();
        let results = Results::load(&file).unwrap();
        let row = &results.0["table-f1"]["quick"];
        assert_eq!(row.files, ["results/table-f1/quick/a.csv"]);
        assert!(
            row.explanation.contains("; seen (added later): the checkerboard") && row.explanation.contains("0.35 and 0.10"),
            "{}",
            row.explanation
        );
        // One of three is less than half, whatever was added later.
        assert_eq!((row.verdict, &row.setting["test_accuracy"][0]), (Verdict::Not, &96.67.into()));
        let table = places(row);
        assert!(table.contains("| `cka` | 50.0 | 60.0 (95.6) | 70.0 | 80.0 |") && table.contains("A guess finds 8.3 %."), "{table}");
        assert!(super::super::page(&results).contains("## table-f1"));
        let mut three = row.clone();
        for (name, values) in [("accuracy", [10.0, 20.0, 30.0]), ("paper", [60.0, 40.0, 20.0])] {
            three.found.insert(name.to_owned(), serde_json::json!({"scale": {"svcca:a": values[0], "cca:b": values[1], "cka": values[2]}}));
        }
        let table = places(&three);
        assert!(table.contains("by -1.00 (scale)") && table.contains("SVCCA finds 10.0 to 10.0 %, CCA on the same tokens 20.0"), "{table}");
        std::fs::write(own.join("result.json"), "{}").unwrap();
        assert!(matches!(adopt(folder.path(), &file), Err(Error::DamagedResults { .. })));
    }
}
