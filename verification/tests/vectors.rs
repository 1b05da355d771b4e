//! The golden vectors and the kept worst cases, on both paths.

use std::path::Path;
use std::process::{Command, Output};

fn verification(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_verification")).args(arguments).output().expect("the program starts")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn both_paths_hold_every_golden_vector() {
    let output = verification(&["vectors", "check"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(text(&output).matches(", 0 complaints").count(), similitude::registry::REGISTRY.len(), "{}", text(&output));
}

#[test]
fn both_paths_hold_every_kept_worst_case() {
    let output = verification(&["accuracy", "--regressions"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn a_vector_with_a_wrong_ninth_digit_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    for entry in std::fs::read_dir(published).unwrap() {
        let file = entry.unwrap().path();
        let copy = directory.path().join(file.file_name().unwrap());
        std::fs::copy(&file, &copy).unwrap();
        if file.file_name().unwrap() == "procrustes.json" {
            let mut vectors: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let value = vectors["cases"][0]["value"].as_str().unwrap().to_string();
            let digit = if &value[9..10] == "5" { "6" } else { "5" };
            vectors["cases"][0]["value"] = format!("{}{digit}{}", &value[..9], &value[10..]).into();
            std::fs::write(copy, vectors.to_string()).unwrap();
        }
    }
    let output = verification(&["vectors", "check", "--directory", directory.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("2 complaints"), "{}", text(&output));
}

#[test]
fn two_generators_agree_on_every_vector() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/agreement.json");
    let agreement: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(agreement["disagreements"].as_array().map(Vec::len), Some(0));
    for entry in similitude::registry::REGISTRY {
        let own = &agreement["measures"][entry.spec.id];
        let count = own["values"].as_u64().unwrap() + own["errors"].as_u64().unwrap();
        let published =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("vectors/{}.json", entry.spec.id))).unwrap();
        let vectors: serde_json::Value = serde_json::from_str(&published).unwrap();
        assert_eq!(vectors["cases"].as_array().unwrap().len() as u64, count, "{}: agreement.json is older than the vectors", entry.spec.id);
    }
}
