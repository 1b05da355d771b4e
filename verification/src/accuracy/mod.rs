//! `verification accuracy`: how far both paths are off, in units of what they promise.

mod error;
mod export;
mod inputs;
mod judge;
mod regressions;
mod report;
mod search;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rayon::prelude::*;
use similitude::{Measure, registry};

pub use error::{Error, read_json, write_json, write_text};
pub use inputs::{Input, deficient, drawn, repeated, rotated};
pub use judge::{Answers, Exact, Verdict, answers, decimal, exact, verdict};

use table::Table;

/// Command line.
#[derive(clap::Args)]
pub struct Arguments {
    /// Random pairs of each family (plain, awkward), beside those that are built on purpose.
    #[arg(long, default_value_t = 250)]
    cases: u64,
    /// Only tests the kept regressions, writes nothing.
    #[arg(long, conflicts_with_all = ["cases", "export"])]
    regressions: bool,
    /// Draws so many more pairs of each family, and writes those that came nearest to a bound to
    /// searched.json, from where they are among the pairs.
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["cases", "export", "regressions"])]
    search: Option<u64>,
    /// Only writes REPORT.md again, from accuracy.json and what else lies beside it.
    #[arg(long, conflicts_with_all = ["cases", "export", "regressions", "search"])]
    report: bool,
    /// Also writes every pair with its exact values to this JSON file, for scripts/numpy_errors.py.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Where REPORT.md, accuracy.json and regressions.json are.
    #[arg(long, default_value = env!("CARGO_MANIFEST_DIR"))]
    directory: PathBuf,
}

/// One convention on one pair.
struct Trial {
    measure: usize,
    input: usize,
    exact: Exact,
    answers: Answers,
}

/// Runs the subcommand: the status is a failure when an error exceeds what is granted.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let kept = arguments.directory.join("regressions.json");
    if arguments.regressions {
        return regressions::check(&kept);
    }
    let searched = arguments.directory.join("searched.json");
    if let Some(count) = arguments.search {
        search::run(&searched, count)?;
        return Ok(ExitCode::SUCCESS);
    }
    let searched = search::Searched::read(&searched)?;
    let write_report = |table: &Table| {
        let peers = peers(&arguments.directory)?;
        write_text(&arguments.directory.join("REPORT.md"), &report::text(table, searched.drawn, peers.as_ref()))
    };
    if arguments.report {
        write_report(&read_json(&arguments.directory.join("accuracy.json"))?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let measures = registry::conventions();
    let inputs: Vec<Input> = inputs::all(arguments.cases).into_iter().chain(searched.inputs()).collect();
    let trials = trials(&measures, &inputs)?;
    let table = Table::of(&measures, &inputs, &trials);
    write_json(&arguments.directory.join("accuracy.json"), &table)?;
    regressions::keep(&kept, &measures, &inputs, &trials)?;
    if let Some(file) = &arguments.export {
        export::write(file, &measures, &inputs, &trials)?;
    }
    write_report(&table)?;
    let undecidable: usize = table.rows.iter().filter(|row| row.path == "fast").map(|row| row.undecidable).sum();
    println!(
        "{} pairs, {} conventions, {} undecidable, {} answers of another kind, {} findings",
        inputs.len(),
        measures.len(),
        undecidable,
        table.disagreements.iter().map(|row| row.count).sum::<usize>(),
        table.findings.len()
    );
    for finding in &table.findings {
        println!("{} ({}), {:.3}: {}", finding.measure, finding.path, finding.ratio, finding.input);
    }
    Ok(if table.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Pairs of neurons beyond which a measure that matches neurons is not tried: its textbook
/// algorithm takes hours.
const MATCHED: usize = 2_000;

fn trials(measures: &[Measure], inputs: &[Input]) -> Result<Vec<Trial>, Error> {
    let matches_neurons = |measure: &Measure| measure.needs(None).artifacts.iter().any(|artifact| artifact.comparing.p_q > 0.0);
    let takes_too_long =
        |&(measure, input): &(usize, usize)| inputs[input].x.p * inputs[input].y.p > MATCHED && matches_neurons(&measures[measure]);
    let jobs = (0..inputs.len()).flat_map(|input| (0..measures.len()).map(move |measure| (measure, input)));
    let jobs: Vec<(usize, usize)> = jobs.filter(|job| !takes_too_long(job)).collect();
    let trial = |&(measure, input): &(usize, usize)| {
        let (of, pair) = (&measures[measure], &inputs[input]);
        let exact = exact(of, &pair.description, &pair.x, &pair.y)?;
        Ok(Trial { measure, input, exact, answers: answers(of, &pair.x, &pair.y)? })
    };
    jobs.par_iter().map(trial).collect()
}

/// What plain NumPy formulas gave on the exported pairs, where that was run.
fn peers(directory: &Path) -> Result<Option<export::Peers>, Error> {
    let file = directory.join("numpy_errors.json");
    file.exists().then(|| read_json(&file)).transpose()
}
