//! `conformance`: what other implementations compute, held against the measures they name.

mod adapter;
mod edges;
mod entry;
mod error;
mod inputs;
mod laws;
mod markdown;
mod protocol;
mod record;
mod serve;
mod speed;
mod vectors;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

pub use serve::serve;

use crate::cli::stop::{Status, Stop};
use adapter::Adapter;
use entry::Trials;
use error::Error;
use record::{Judged, Record};

/// What to judge, and how thoroughly.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Programs that answer by the protocol of verification/ADAPTERS.md: a path (a .py file is run
    /// by --python), or a command with its arguments in one string
    #[arg(required = true, value_name = "ADAPTER")]
    adapters: Vec<String>,
    /// Judge only what is called this.
    #[arg(long, value_name = "NAME")]
    entry: Option<String>,
    /// Try only laws whose name contains this, and nothing else.
    #[arg(long, value_name = "TEXT")]
    law: Option<String>,
    /// Cases for each law and each degree of difficulty.
    #[arg(long, default_value_t = 8)]
    cases: usize,
    /// Seconds that one comparison may take.
    #[arg(long, default_value_t = 60.0, value_name = "SECONDS")]
    timeout: f64,
    /// Seconds that a program may take to start.
    #[arg(long, default_value_t = 180.0, value_name = "SECONDS")]
    start_timeout: f64,
    /// Runs adapters that are .py files; the virtual environment of adapters/environment.sh if it
    /// is there.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    /// The adapter that speeds are compared with
    #[arg(long, value_name = "ADAPTER")]
    baseline: Option<String>,
    /// Golden vectors that are tried too: the directory verification/vectors of the source
    #[arg(long, value_name = "DIRECTORY")]
    vectors: Option<PathBuf>,
    /// Writes CONFORMANCE.md, conformance/PACKAGE.md and conformance.json here.
    #[arg(long, value_name = "DIRECTORY")]
    write: Option<PathBuf>,
}

/// Judges every adapter; prints what was found, and writes it when asked to. The status is that of
/// a law that failed where a function is not what it names.
///
/// # Errors
/// When the results cannot be written or no input can be laid down. What an adapter does is never
/// an error here: it is a verdict.
pub fn run(arguments: &Arguments, seed: u64) -> Result<Status, Stop> {
    let record = judged(arguments, seed).map_err(|error| Stop::Unusable(error.to_string()))?;
    let conforms = |judged: &Judged| judged.failure.is_none() && judged.entries.iter().all(verdict::conforms);
    Ok(if record.adapters.iter().all(conforms) { Status::Done } else { Status::LawFailed })
}

fn judged(arguments: &Arguments, seed: u64) -> Result<Record, Error> {
    let inputs = tempfile::tempdir().map_err(|source| Error::Inputs { source })?;
    let python = arguments.python.clone().unwrap_or_else(default_python);
    let adapter = |command: &str| {
        Adapter::new(
            command,
            &python,
            inputs.path(),
            Duration::from_secs_f64(arguments.timeout),
            Duration::from_secs_f64(arguments.start_timeout),
        )
    };
    let trials = Trials { cases: arguments.cases, seed, law: arguments.law.clone(), vectors: arguments.vectors.clone() };
    let baseline = arguments.baseline.as_ref().filter(|_| arguments.law.is_none()).map(|command| adapter(command));
    let mut record = Record::new(arguments.cases, seed);
    for command in &arguments.adapters {
        let judged = judge(&adapter(command), command, arguments.entry.as_deref(), &trials, baseline.as_ref())?;
        print!("{}", markdown::adapter(&judged));
        record.adapters.push(judged);
        // After each, so that a run that is ended has what it found.
        if let Some(directory) = &arguments.write {
            record.write(directory)?;
        }
    }
    Ok(record)
}

fn judge(adapter: &Adapter, command: &str, only: Option<&str>, trials: &Trials, baseline: Option<&Adapter>) -> Result<Judged, Error> {
    let judged = |description, failure, entries| Judged { adapter: command.to_string(), description, failure, entries };
    let description = match adapter.describe() {
        Ok(description) => description,
        Err(outcome) => return Ok(judged(None, Some(outcome.to_string()), Vec::new())),
    };
    let asked = description.computes.iter().filter(|computed| only.is_none_or(|only| computed.name == only));
    let entries: Result<Vec<_>, Error> = asked
        .map(|computed| {
            crate::cli::tell::tell(format!("{} {}", description.name, computed.name));
            entry::judge(adapter, computed, trials, baseline)
        })
        .collect();
    Ok(judged(Some(description.clone()), None, entries?))
}

/// That of the virtual environment which is active, or of the repository's own.
fn default_python() -> PathBuf {
    let active = std::env::var_os("VIRTUAL_ENV").map(|directory| PathBuf::from(directory).join("bin/python"));
    let candidates = active.into_iter().chain([PathBuf::from("verification/.venv/bin/python")]);
    candidates.into_iter().find(|python| python.exists()).unwrap_or_else(|| PathBuf::from("python3"))
}
