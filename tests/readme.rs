//! The measure tables of the README and of the library's front page are what the program prints.
#![cfg(feature = "cli")]

#[test]
fn the_measure_table_is_generated() {
    let readme = include_str!("../README.md");
    let table =
        readme.split("<!-- measures -->").nth(1).and_then(|rest| rest.split("<!-- /measures -->").next()).expect("the table's markers");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_similitude")).args(["measures", "--format", "markdown"]).output().unwrap();
    assert!(output.status.success());
    let generated = String::from_utf8(output.stdout).unwrap();
    assert!(!generated.trim().is_empty());
    assert_eq!(
        include_str!("../src/measures.md").trim(),
        generated.trim(),
        "run: cargo run --release -- measures --format markdown > src/measures.md"
    );
    assert_eq!(
        table.trim(),
        generated.trim(),
        "run: cargo run --release -- measures --format markdown, and put its output between the markers"
    );
}
