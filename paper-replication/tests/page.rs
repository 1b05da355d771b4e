//! The committed page is the one that the committed results make, leads to files that exist, and
//! shows every picture that there is.

use paper_replication::experiments::EXPERIMENTS;
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
