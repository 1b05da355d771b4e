//! The committed page is the one that the committed results make, and leads to files that exist.

use paper_replication::results::{Results, page};
use std::path::Path;

#[test]
fn the_page_is_generated_and_its_files_exist() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let results = Results::load(&folder.join("results.json")).unwrap();
    assert!(page(&results) == include_str!("../RESULTS.md"), "run: cargo run --release -p paper-replication -- results");
    for file in results.0.values().flat_map(|presets| presets.values()).flat_map(|row| &row.files) {
        assert!(folder.join(file).is_file(), "{file}");
    }
}
