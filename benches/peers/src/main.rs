//! How fast similitude is, as ratios of times taken in one run.
//!
//! The times are held against the arithmetic that a measure needs, at the rate of a matrix product,
//! and against numpy and other packages.
//!
//! `cargo run --release -p peers -- --help`

mod files;
mod medians;
mod npy;
mod packages;
mod pairs;
mod peer;
mod precision;
mod report;
mod sweeps;
mod timing;
mod wide;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use report::{GROUPS, Page, Report};

/// Measures speed and writes BENCHMARKS.md and benchmarks.json.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Measure these groups only: pairs, precision, kernels, sweeps, packages, wide, files, memory,
    /// large
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Rounds of which the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Leave out cases whose arithmetic is more than this many billion operations
    #[arg(long, default_value_t = 20_000.0)]
    largest: f64,
    /// Threads, for this library and for the others [default: all processors]
    #[arg(long)]
    threads: Option<usize>,
    /// A Python with numpy and the packages, as verification/adapters/environment.sh makes it;
    /// without it nothing is compared with them
    #[arg(long)]
    python: Option<PathBuf>,
    /// Write BENCHMARKS.md and benchmarks.json into this directory
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Why a run ended before its end.
pub type Failure = Box<dyn std::error::Error>;

/// What every case needs.
pub struct Run {
    rounds: usize,
    largest: f64,
    python: Option<PathBuf>,
    threads: usize,
    peer: Option<peer::Peer>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(unknown) = arguments.only.iter().find(|name| !GROUPS.contains(&name.as_str())) {
        return Err(format!("no group {unknown:?}: {}", GROUPS.join(", ")).into());
    }
    if arguments.rounds == 0 {
        return Err("--rounds 0: at least one".into());
    }
    let threads = arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let before = arguments.write.as_deref().map(Page::read).transpose()?;
    let python = arguments.python.clone();
    let peer = python.as_ref().map(|python| peer::Peer::start(python, "numpy_formulas.py", threads)).transpose()?;
    let mut run = Run { rounds: arguments.rounds, largest: arguments.largest * 1e9, python, threads, peer };
    let mut report = Report::new(threads, arguments.rounds, run.peer.as_ref().map(|peer| peer.runs_on().to_string()));
    let chosen = |group: &str| arguments.only.is_empty() || arguments.only.iter().any(|name| name == group);
    if chosen("pairs") {
        pairs::all(&mut run, &mut report)?;
        pairs::column_major(&mut run, &mut report)?;
    }
    if chosen("precision") {
        precision::all(&mut run, &mut report)?;
    }
    if chosen("kernels") {
        pairs::kernels(&mut run, &mut report)?;
    }
    if chosen("sweeps") {
        sweeps::all(&mut run, &mut report)?;
    }
    if chosen("packages") {
        packages::all(&mut run, &mut report)?;
    }
    if chosen("wide") {
        wide::all(&mut run, &mut report)?;
    }
    if chosen("files") {
        files::streamed(&mut run, &mut report, "files")?;
    }
    if chosen("memory") {
        files::kernels(&mut run, &mut report)?;
    }
    if chosen("large") {
        files::streamed(&mut run, &mut report, "large")?;
    }
    if let Some((directory, before)) = arguments.write.as_deref().zip(before) {
        report.write(directory, &before)?;
    }
    Ok(())
}
