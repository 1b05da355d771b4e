//! PyTorch and HDF5 files that PyTorch and h5py wrote, against the values that these read back, and
//! what is refused of them.
#![cfg(feature = "h5")]

#[path = "containers/h5.rs"]
mod h5;
#[path = "containers/pt.rs"]
mod pt;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use similitude::io::{Error, Source, Tensor, read_tensor};

/// A tensor as the other program read it.
#[derive(serde::Deserialize)]
struct Expected {
    name: String,
    shape: Vec<usize>,
    values: Vec<f64>,
}

fn fixture(kind: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind).join(name)
}

fn expected(kind: &str) -> BTreeMap<String, Vec<Expected>> {
    serde_json::from_slice(&std::fs::read(fixture(kind, "expected.json")).unwrap()).unwrap()
}

fn tensor(file: &Path, name: &str) -> Result<Tensor, Error> {
    read_tensor(&Source::from_parts(file, Some(name)))
}

/// Reads every tensor that the other program read from the files of a kind; the number of them, of
/// those with elements.
fn read_all(kind: &str) -> usize {
    let mut count = 0;
    for (file, tensors) in expected(kind) {
        let file = fixture(kind, &file);
        for Expected { name, shape, values } in tensors {
            let found = tensor(&file, &name);
            if shape.is_empty() {
                assert!(matches!(found, Err(Error::NoAxes { .. })), "{}:{name}", file.display());
                continue;
            }
            let found = found.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((&found.shape, &found.values), (&shape, &values), "{}:{name}", file.display());
            count += 1;
        }
    }
    count
}

/// Asserts that an error has all of these words.
fn says(error: &Error, words: &[&str]) {
    let message = error.to_string();
    words.iter().for_each(|word| assert!(message.contains(word), "{message:?} does not say {word:?}"));
}
