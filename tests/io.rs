//! Reading and writing files: against files that NumPy and the safetensors package wrote, against
//! every way that they can be wrong, and against damage at every byte.
#![cfg(feature = "cli")]

#[path = "io/columns.rs"]
mod columns;
#[path = "io/damage.rs"]
mod damage;
#[path = "io/errors.rs"]
mod errors;
#[path = "io/masks.rs"]
mod masks;
#[path = "io/network.rs"]
mod network;
#[path = "io/opening.rs"]
mod opening;
#[path = "io/rows.rs"]
mod rows;
#[path = "io/sources.rs"]
mod sources;
#[path = "io/spatial.rs"]
mod spatial;
#[path = "io/tables.rs"]
mod tables;
#[path = "io/types.rs"]
mod types;
#[path = "io/writing.rs"]
mod writing;

use std::path::{Path, PathBuf};

use similitude::Representation;
use similitude::io::{
    Arrangement, Axes, Error, Network, Reading, Source, Spatial, StoredColumns, Tensor, read_representation, read_tensor,
};

/// The columns of what a source names.
fn stored_columns(source: &Source, reading: Option<&Reading>) -> Result<StoredColumns, Error> {
    Network::of_source(source, reading)?.columns(0, reading)
}

/// How tensors with these axes are read.
fn reading(axes: &str, spatial: Option<Spatial>) -> Reading {
    let tensors = Arrangement { axes: Axes::parse_list(axes).unwrap(), spatial, ..Arrangement::default() };
    Reading { tensors, ..Reading::default() }
}

/// Three axes read as n x t x d and more as channels first, with a choice of what becomes of
/// positions; without one nothing is said.
fn named(spatial: impl Into<Option<Spatial>>) -> Option<Reading> {
    spatial.into().map(|spatial| reading("ntd,nchw,nczyx,ncpzyx", Some(spatial)))
}

/// All tensors of an archive, in the order of the file; two of them are vectors.
fn layers() -> Network {
    let names = ["conv1", "block/attention", "a:b", "labels"].map(str::to_owned);
    Network::open(fixture("layers.npz"), Some(&names)).unwrap()
}

/// A file of `tests/fixtures/io`.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/io").join(name)
}

/// A tensor of a fixture.
fn tensor(name: &str, tensor: Option<&str>) -> Result<Tensor, Error> {
    read_tensor(&Source::from_parts(fixture(name), tensor))
}

/// A new file in a new directory, which lives as long as the guard.
fn temporary(name: &str, bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    (directory, file)
}

/// Reads the only tensor of a new file with these bytes.
fn read(name: &str, bytes: impl AsRef<[u8]>) -> Result<Representation<'static>, Error> {
    let (_directory, file) = temporary(name, bytes);
    read_representation(&Source::from_parts(file, None), None)
}

/// A `.npy` file with this header text, followed by `data`.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A `.safetensors` file with this header, followed by `data`.
fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Fails unless the message holds every one of `parts`: the numbers and names that mend the input.
#[track_caller]
fn says(error: &Error, parts: &[&str]) {
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}
