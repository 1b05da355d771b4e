//! Running the program in a directory of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use similitude::io::{TensorValues, write_npy, write_safetensors};

/// A directory with input files, and the program to run in it.
pub struct Workplace {
    directory: tempfile::TempDir,
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Workplace {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs the program here.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_similitude")).args(arguments).current_dir(&self.directory).output().unwrap();
        Run::of(output)
    }

    /// Writes an n x p matrix as .npy.
    pub fn npy(&self, name: &str, n: usize, p: usize, seed: f64) {
        write_npy(self.path(name), n, p, &entries(n * p, seed)).unwrap();
    }

    /// Writes a network of matrices with n examples as .safetensors.
    pub fn network(&self, name: &str, n: usize, layers: &[(&str, usize)], seed: f64) {
        let values: Vec<Vec<f64>> = layers.iter().enumerate().map(|(index, (_, p))| entries(n * p, seed + index as f64)).collect();
        let tensors: Vec<_> = layers.iter().zip(&values).map(|((layer, p), values)| (*layer, vec![n, *p], values.as_slice())).collect();
        safetensors(&self.path(name), &tensors);
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

/// Writes named tensors.
pub fn safetensors(path: &Path, tensors: &[(&str, Vec<usize>, &[f64])]) {
    let tensors: Vec<_> = tensors.iter().map(|(name, shape, values)| (*name, shape.as_slice(), TensorValues::F64(values))).collect();
    write_safetensors(path, &tensors).unwrap();
}

/// Numbers between -1 and 1 without a pattern that a measure could see.
pub fn entries(count: usize, seed: f64) -> Vec<f64> {
    (0..count).map(|index| (seed + 12.9898 * index as f64 + 0.37 * (index * index % 101) as f64).sin()).collect()
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("the program was not killed"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The JSON objects on standard output.
    pub fn objects(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asserts that input or arguments were refused: exit status 2, nothing on standard output, and
    /// these words in the message.
    #[track_caller]
    pub fn refused(&self, words: &[&str]) {
        assert_eq!(self.status, 2, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing in: {}", self.stderr);
        }
    }
}
