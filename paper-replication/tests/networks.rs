//! The networks that the repository carries are those that were written, and answer as they did.

use paper_replication::commands::answers;
use paper_replication::training::Trainer;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("networks")
}

/// Lines as `sha256sum` writes and checks them.
fn sums() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder().join("SHA256SUMS")).unwrap();
    let pair = |line: &str| line.split_once("  ").map(|(sum, file)| (sum.to_owned(), file.to_owned()));
    text.lines().map(|line| pair(line).unwrap_or_else(|| panic!("{line:?}"))).collect()
}

#[test]
fn files_have_the_sums_beside_them() {
    let sums = sums();
    assert_eq!(sums.len(), 10);
    for (sum, file) in sums {
        let found = Sha256::digest(std::fs::read(folder().join(&file)).unwrap());
        let found: String = found.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sum, "{file}");
    }
}

/// What the pooling layer answers to made pictures is what it answered on the machine that the
/// networks were trained on, up to the order of its sums.
#[test]
fn networks_answer_as_they_did() {
    let mut reader = csv::Reader::from_path(folder().join("answers.csv")).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 3 * sums().len());
    for (_, file) in sums() {
        let trainer = Trainer::load(&folder().join(&file)).unwrap();
        assert_eq!(trainer.epochs_done(), trainer.run().regime.epochs);
        for (picture, found) in answers(&trainer).unwrap().iter().enumerate() {
            let is_it =
                |record: &&csv::StringRecord| file.starts_with(&format!("{}.", &record[0])) && record[1] == (picture + 1).to_string();
            let record = records.iter().find(is_it).unwrap();
            let expected: Vec<f32> = record[2].split(' ').map(|number| number.parse().unwrap()).collect();
            assert_eq!(found.len(), expected.len());
            let largest = expected.iter().copied().fold(0.0, f32::max);
            assert!(largest > 0.1, "{file}: a pooling layer that answers nothing shows nothing");
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() <= 1e-4 * largest, "{file}, picture {}: {found} {expected}", picture + 1);
            }
        }
    }
}
