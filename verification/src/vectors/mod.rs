//! `verification vectors`: exact values that an implementation in any language can be tested
//! against.

mod check;
mod generate;
mod inputs;

use std::path::PathBuf;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use crate::accuracy::Error;

/// Command line.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// Where the vectors are.
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"))]
    directory: PathBuf,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Writes the inputs and the exact values.
    Generate,
    /// Reads them back and tests both paths of the library against them.
    Check,
}

/// One file: the vectors of a measure.
#[derive(Serialize, Deserialize)]
pub struct Vectors {
    /// The measure's id.
    pub measure: String,
    /// What made the values.
    pub generator: String,
    /// Its version.
    pub version: String,
    /// One value each.
    pub cases: Vec<Vector>,
}

/// A convention on a pair: the exact value, or the kind of error.
#[derive(Serialize, Deserialize)]
pub struct Vector {
    /// The measure with every key.
    pub convention: String,
    /// File of X.
    pub x: String,
    /// File of Y.
    pub y: String,
    /// The exact value for these very doubles, to 40 significant digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// |stated value - exact value| is at most this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub radius: Option<String>,
    /// `undefined` or `degenerate`, where there is no value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    match arguments.action {
        Action::Generate => generate::run(&arguments.directory),
        Action::Check => check::run(&arguments.directory),
    }
}
