//! What is tried on any bytes, and what must be true of every answer: the targets of `cargo fuzz`,
//! and of `tests/fuzz.rs`, which runs them on the stable toolchain.

mod files;
mod kept;
mod measures;

use std::cell::RefCell;
use std::path::PathBuf;

pub use kept::made;

/// A target: its name, and what is tried.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("npy", |bytes| files::container("npy", bytes)),
    ("npz", |bytes| files::container("npz", bytes)),
    ("safetensors", |bytes| files::container("safetensors", bytes)),
    ("csv", |bytes| files::container("csv", bytes)),
    ("pt", |bytes| files::container("pt", bytes)),
    ("h5", |bytes| files::container("h5", bytes)),
    ("cells", kept::cells),
    ("shards", kept::shards),
    ("measures", measures::measures),
];

/// Tries a target on bytes.
#[allow(dead_code, reason = "the stable driver runs all of them")]
pub fn run(target: &str, bytes: &[u8]) {
    let (_, tried) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target of this name");
    tried(bytes);
}

thread_local! {
    /// Where the bytes become a file.
    static DIRECTORY: RefCell<tempfile::TempDir> = RefCell::new(tempfile::tempdir().expect("a directory"));
}

/// Writes bytes as a file, alone in its directory.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = DIRECTORY.with_borrow(|directory| directory.path().join(name));
    std::fs::write(&path, bytes).expect("a file");
    path
}
