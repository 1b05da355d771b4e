//! The committed page is the one that the committed results make, leads to files that exist, and
//! shows every picture that there is.

use paper_replication::experiments::{EXPERIMENTS, guide};
use paper_replication::results::{Results, page};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn results() -> Results {
    Results::load(&folder().join("results.json")).unwrap()
}

/// All files below a folder.
fn below(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn the_page_is_generated_and_its_files_exist() {
    let results = results();
    assert!(page(&results) == include_str!("../RESULTS.md"), "run: cargo run --release -p paper-replication -- results");
    for file in results.0.values().flat_map(|presets| presets.values()).flat_map(|row| &row.files) {
        assert!(folder().join(file).is_file(), "{file}");
    }
}

/// A picture that no row has is not shown, and what the page says of it is lost.
#[test]
fn every_picture_and_table_is_in_a_row() {
    let results = results();
    let listed: BTreeSet<PathBuf> =
        results.0.values().flat_map(|presets| presets.values()).flat_map(|row| &row.files).map(|file| folder().join(file)).collect();
    for file in below(&folder().join("results")).into_iter().filter(|file| file.extension().is_some_and(|end| end == "svg" || end == "csv"))
    {
        assert!(listed.contains(&file), "{} is in no row", file.display());
    }
}

/// Rows that are not variants have pictures: every experiment has some.
#[test]
fn every_preset_is_drawn() {
    let results = results();
    for experiment in EXPERIMENTS {
        for (name, row) in results.0.get(experiment.id).into_iter().flatten().filter(|(name, _)| !name.contains(", ")) {
            assert!(row.files.iter().any(|file| file.ends_with(".svg")), "{} ({name})", experiment.id);
        }
    }
}

/// The numbers of the guide's page on choosing are those of the row.
#[test]
fn the_guide_has_the_numbers_of_the_row() {
    let page = std::fs::read_to_string(folder().join("../docs/guide/src/choosing.md")).unwrap();
    let block = guide(&results().0["field"]["quick"]);
    assert!(page.contains(&block), "run: cargo run --release -p paper-replication -- results --guide docs/guide/src/choosing.md");
}

/// Rows with a table of conventions: every measure of the library is in it, or the page says which
/// is not.
#[test]
fn a_row_has_every_measure_or_says_which_it_lacks() {
    let results = results();
    for (experiment, file) in [("field", "tests.csv"), ("sanity-all", "measures.csv")] {
        for (name, row) in &results.0[experiment] {
            let path = row.files.iter().find(|path| path.ends_with(file)).unwrap();
            let mut table = csv::Reader::from_path(folder().join(path)).unwrap();
            let there: BTreeSet<String> =
                table.records().map(|record| record.unwrap()[0].split(':').next().unwrap_or_default().to_owned()).collect();
            let said = row.found["missing"].as_str().unwrap();
            for measure in similitude::registry::conventions() {
                let id = measure.spec().id;
                assert!(there.contains(id) != said.contains(&format!("`{id}`")), "{experiment} ({name}): {id}");
            }
            let page = include_str!("../RESULTS.md");
            assert!(page.contains(said), "{experiment} ({name})");
        }
    }
    // What was compared of the field's tests is all that the library lists.
    let header = std::fs::read_to_string(folder().join("results/field/quick/values.csv")).unwrap();
    let header = header.lines().next().unwrap().to_owned();
    let costs = std::fs::read_to_string(folder().join("results/field/quick/costs.csv")).unwrap();
    for measure in similitude::registry::conventions() {
        assert!(header.contains(&measure.to_string()), "{measure}");
        let line = costs.lines().find(|line| line.trim_start_matches('"').starts_with(&measure.to_string()));
        let times: Vec<&str> = line.unwrap().rsplit(',').take(2).collect();
        assert!(times.iter().all(|time| time.parse::<f64>().is_ok_and(|time| time > 0.0)), "{measure} has no cost: {times:?}");
    }
}
