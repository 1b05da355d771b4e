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

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use serve::serve;

use crate::cli::stop::{Status, Stop};
use adapter::Adapter;
use entry::Trials;
use error::Error;
use record::{Entry, Judged, Record};

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
    #[arg(long, default_value = "8", value_parser = at_least_one)]
    cases: usize,
    /// Seconds that one comparison may take.
    #[arg(long, default_value = "60", value_name = "SECONDS", value_parser = seconds)]
    timeout: Duration,
    /// Seconds that a program may take to start.
    #[arg(long, default_value = "180", value_name = "SECONDS", value_parser = seconds)]
    start_timeout: Duration,
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
    let adapter = |command: &str| Adapter::new(command, &python, inputs.path(), arguments.timeout, arguments.start_timeout);
    arguments.adapters.iter().chain(&arguments.baseline).try_for_each(|command| is_there(command))?;
    if let Some(directory) = arguments.vectors.as_ref().filter(|directory| !directory.is_dir()) {
        return Err(Error::Vectors { path: directory.clone(), reason: "no such directory".to_string() });
    }
    let trials = Trials { cases: arguments.cases, seed, law: arguments.law.clone(), vectors: arguments.vectors.clone() };
    let baseline = arguments.baseline.as_ref().filter(|_| arguments.law.is_none()).map(|command| adapter(command));
    if let (Some(baseline), Some(command)) = (&baseline, &arguments.baseline) {
        baseline.describe().map_err(|outcome| Error::Baseline { command: command.clone(), reason: outcome.to_string() })?;
    }
    let mut record = Record::new(arguments.cases, seed);
    for command in &arguments.adapters {
        let judged = judge(&adapter(command), command, arguments.entry.as_deref(), &trials, baseline.as_ref())?;
        print!("{}", markdown::adapter(&judged));
        record.adapters.push(judged);
        // After each, so that a run that is ended has what it found; what it found nothing of
        // replaces no older result.
        if let Some(directory) = arguments.write.as_ref().filter(|_| is_found(arguments, &record).is_ok()) {
            record.write(directory)?;
        }
    }
    is_found(arguments, &record)?;
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
    let nothing = description.computes.is_empty().then(|| "it names nothing that it computes".to_string());
    Ok(judged(Some(description.clone()), nothing, entries?))
}

/// What judges nothing must not pass for a judgement: of several adapters one at least has what was
/// asked for.
fn is_found(arguments: &Arguments, record: &Record) -> Result<(), Error> {
    if record.adapters.iter().any(|judged| judged.failure.is_some()) {
        return Ok(());
    }
    let entries: Vec<&Entry> = record.adapters.iter().flat_map(|judged| &judged.entries).collect();
    if let Some(name) = arguments.entry.as_ref().filter(|_| entries.is_empty()) {
        let described = record.adapters.iter().filter_map(|judged| judged.description.as_ref());
        let names: Vec<&str> = described.flat_map(|description| &description.computes).map(|computed| computed.name.as_str()).collect();
        return Err(Error::NoEntry { name: name.clone(), names: names.join(", ") });
    }
    match &arguments.law {
        Some(text) if entries.iter().all(|entry| entry.laws.is_empty() && entry.failure.is_none()) => {
            Err(Error::NoLaw { text: text.clone() })
        }
        _ => Ok(()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (1e-3..=1e6).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("{text} is no number of seconds from 0.001 to 1000000"))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|cases| *cases > 0).ok_or_else(|| format!("{text} is no number of cases from 1 on"))
}

/// A script, or a program with a path, that is not there was misspelt: it says nothing of what it
/// computes.
fn is_there(command: &str) -> Result<(), Error> {
    let word = command.split_whitespace().next().unwrap_or_default();
    let is_path = word.ends_with(".py") || word.contains(std::path::MAIN_SEPARATOR);
    if word.is_empty() || (is_path && !Path::new(word).exists()) {
        return Err(Error::NoAdapter { command: command.to_string(), word: word.to_string() });
    }
    Ok(())
}

/// That of the virtual environment which is active, or of the repository's own.
fn default_python() -> PathBuf {
    let active = std::env::var_os("VIRTUAL_ENV").map(|directory| PathBuf::from(directory).join("bin/python"));
    let candidates = active.into_iter().chain([PathBuf::from("verification/.venv/bin/python")]);
    candidates.into_iter().find(|python| python.exists()).unwrap_or_else(|| PathBuf::from("python3"))
}
