//! `similitude reproduce`: a finished sweep again, number by number.

use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use serde::Serialize;

use crate::report::{read_scores, visible};
use crate::results::{Difference, Processor, differences};
use crate::sweep::{Provenance, Scores};

use crate::cli::arguments::{Arguments, Command, Common, Format, TableFormat};
use crate::cli::stop::{Status, Stop};
use crate::cli::tell::tell;
use crate::cli::{networks, output, sweep};

/// A finished sweep, again.
#[derive(Debug, Args)]
pub struct Reproduce {
    /// A directory of results, as `sweep -o`, `merge` and `networks` write it. Nothing in it is changed
    #[arg(value_name = "DIR")]
    pub results: PathBuf,
    /// Where the command's paths start, if the inputs lie elsewhere now; the directory that it was
    /// run in unless given
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    #[command(flatten)]
    pub format: Format,
}

pub fn run(options: &Reproduce, common: &Common) -> Result<Status, Stop> {
    let earlier = read_scores(&options.results)?;
    let provenance = earlier.provenance();
    let mut arguments = arguments(&options.results, provenance)?;
    // What decides no value may be chosen anew.
    arguments.common.memory = common.memory.or(arguments.common.memory);
    tell_surroundings(provenance);
    let start = options.from.clone().unwrap_or_else(|| PathBuf::from(&provenance.directory));
    let now = In::directory(&start)?;
    let verify = |now: &Provenance| verify(&options.results, provenance, now);
    let scores = match &mut arguments.command {
        Command::Sweep(options) => {
            // Of parts that were merged, all of them.
            (options.output, options.shard) = (None, None);
            sweep::again(options, &arguments.common, &verify)?
        }
        Command::Networks(options) => networks::again(options, &arguments.common, &verify)?,
        _ => unreachable!("asked before"),
    };
    drop(now);
    let report = Reproduced::of(&earlier, &scores);
    report.write(options.format.format)?;
    Ok(if report.differences.is_empty() { Status::Done } else { Status::LawFailed })
}

/// The command that made the results, as the program reads it.
fn arguments(results: &Path, provenance: &Provenance) -> Result<Arguments, Stop> {
    let refused = |why: String| Stop::Unusable(format!("{}: {why}", results.display()));
    if provenance.command.is_empty() {
        return Err(refused("provenance.json names no command, so that nothing can be run again".to_string()));
    }
    let arguments = Arguments::try_parse_from(&provenance.command)
        .map_err(|error| refused(format!("the command in provenance.json is not one of this version: {}", error.render())))?;
    match &arguments.command {
        Command::Sweep(_) | Command::Networks(_) => Ok(arguments),
        _ => {
            let command = provenance.command.get(1).map_or("", String::as_str);
            let remedy = "the results of `sweep -o` and `networks` can be run again, and those of `merge` where the parts say by which sweep \
                          they were computed";
            Err(refused(format!("they come from `{}`: {remedy}", visible(command))))
        }
    }
}

/// Says what may give other last bits.
fn tell_surroundings(provenance: &Provenance) {
    let here = Processor::here();
    if provenance.version != env!("CARGO_PKG_VERSION") {
        tell(format!("note: computed by similitude {}, this is {}", provenance.version, env!("CARGO_PKG_VERSION")));
    }
    if provenance.processor != here {
        tell(format!("note: computed on {}, this is {}", provenance.processor.describe(), here.describe()));
    }
}

/// Asks that the inputs are those that the results came from.
fn verify(results: &Path, earlier: &Provenance, now: &Provenance) -> Result<(), Stop> {
    let (there, here) = (earlier.contents(), now.contents());
    if there == here {
        tell(format!("inputs as they were: {}", here.join("; ")));
        return Ok(());
    }
    let missing = there.iter().filter(|line| !here.contains(line)).map(|line| format!("there {line}"));
    let found = here.iter().filter(|line| !there.contains(line)).map(|line| format!("here {line}"));
    let differences: Vec<String> = missing.chain(found).collect();
    Err(Stop::Unusable(format!(
        "{}: the inputs are not those that the results came from: {}. Nothing was computed",
        results.display(),
        differences.join("; ")
    )))
}

/// A working directory until it is dropped.
struct In(PathBuf);

impl In {
    fn directory(directory: &Path) -> Result<Self, Stop> {
        let unusable = |error: std::io::Error| {
            let remedy = "name the directory that the command's paths start from with --from";
            Stop::Unusable(format!("{}: {error}; {remedy}", directory.display()))
        };
        let before = std::env::current_dir().map_err(unusable)?;
        if !directory.as_os_str().is_empty() {
            std::env::set_current_dir(directory).map_err(unusable)?;
        }
        Ok(Self(before))
    }
}

impl Drop for In {
    fn drop(&mut self) {
        let _ = std::env::set_current_dir(&self.0);
    }
}

/// What came of running a sweep again.
#[derive(Serialize)]
struct Reproduced {
    cells: usize,
    numbers: usize,
    same: bool,
    differences: Vec<Difference>,
}

/// Differences that a table shows.
const SHOWN: usize = 50;

impl Reproduced {
    fn of(earlier: &Scores, now: &Scores) -> Self {
        let (numbers, differences) = differences(earlier, now);
        Self { cells: earlier.records().count(), numbers, same: differences.is_empty(), differences }
    }

    fn write(&self, format: TableFormat) -> Result<(), Stop> {
        match format {
            TableFormat::Json => output::write_json_lines(&[self])?,
            TableFormat::Csv => {
                let mut text = csv::Writer::from_writer(Vec::new());
                let failed = |error: csv::Error| Stop::Unusable(error.to_string());
                text.write_record(["measure", "layer_a", "layer_b", "what", "earlier", "now", "difference", "error_bound"])
                    .map_err(failed)?;
                for row in &self.differences {
                    text.write_record(row.fields().iter().map(|field| crate::report::csv::plain(field).into_owned())).map_err(failed)?;
                }
                output::print(&String::from_utf8_lossy(&text.into_inner().map_err(|error| Stop::Unusable(error.to_string()))?))?;
            }
            TableFormat::Table => output::print(&self.table())?,
        }
        Ok(())
    }

    fn table(&self) -> String {
        let (cells, numbers) = (self.cells, self.numbers);
        if self.same {
            return format!("the same: {numbers} numbers of {cells} cells, to the bit\n");
        }
        let header = ["measure", "layer of A", "layer of B", "what", "earlier", "now", "difference", "error bound"];
        let rows = self.differences.iter().take(SHOWN).map(|difference| difference.fields().to_vec());
        let mut text = format!("not the same: {} of {numbers} numbers of {cells} cells differ\n\n", self.differences.len());
        text += &output::table(&header, rows, 4);
        if self.differences.len() > SHOWN {
            text += &format!("and {} more (--format csv)\n", self.differences.len() - SHOWN);
        }
        let beyond = self.differences.iter().filter(|difference| difference.is_beyond_bound()).count();
        text + &match beyond {
            0 => "every value differs by no more than both error bounds together\n".to_string(),
            beyond => format!("{beyond} differ by more than both error bounds together, or in what they are\n"),
        }
    }
}
