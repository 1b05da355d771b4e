//! `similitude reproduce`: a finished sweep again, number by number and file by file.

mod compared;

use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use serde::Serialize;

use crate::report::files::{DOCUMENT, PROVENANCE};
use crate::report::{read_scores, visible, visible_lines};
use crate::results::{Processor, differences};
use crate::sweep::Provenance;

use crate::cli::arguments::{Arguments, Command, Common, Format, TableFormat};
use crate::cli::stop::{Status, Stop};
use crate::cli::tell::tell;
use crate::cli::{networks, output, sweep};
use compared::{Compared, Found, OfFile, contradictions};

/// A finished sweep, again.
#[derive(Debug, Args)]
pub struct Reproduce {
    /// A directory of results, as `sweep -o`, `merge` and `networks` write it. Nothing in it is
    /// changed. Every table and document is compared, pictures and report.html are not
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
    if let Some(option) = common.given.first() {
        return Err(Stop::Unusable(format!(
            "{option}: results are run again as they were made, and the command that made them says it; run that command with {option} \
             into another directory"
        )));
    }
    let earlier = read_scores(&options.results)?;
    let directory = if options.results.is_dir() {
        options.results.clone()
    } else {
        options.results.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
    };
    if !directory.join(PROVENANCE).exists() {
        let file = directory.join(PROVENANCE);
        return Err(Stop::Unusable(format!(
            "{}: the file is missing. It says by which command the results were made, so that nothing can be run again without it",
            file.display()
        )));
    }
    let provenance = earlier.provenance();
    let mut arguments = arguments(&options.results, provenance)?;
    // What decides no value may be chosen anew.
    arguments.common.memory = common.memory.or(arguments.common.memory);
    tell_surroundings(provenance);
    let start = options.from.clone().unwrap_or_else(|| PathBuf::from(&provenance.directory));
    let into = tempfile::tempdir().map_err(|error| Stop::Unusable(format!("a directory for what is computed again: {error}")))?;
    let now = In::directory(&start)?;
    let verify = |now: &Provenance| verify(&options.results, provenance, now);
    let scores = match &mut arguments.command {
        Command::Sweep(options) => {
            // Of parts that were merged, all of them.
            (options.output, options.shard) = (None, None);
            inputs_are_there(std::iter::once(&options.a).chain(&options.b))?;
            sweep::again(options, &arguments.common, &verify, into.path())?
        }
        Command::Networks(options) => {
            inputs_are_there(&options.networks)?;
            networks::again(options, &arguments.common, &verify, into.path())?
        }
        _ => unreachable!("asked before"),
    };
    drop(now);
    let mut compared = Compared::default();
    let (numbers, found) = differences(&earlier, &scores);
    compared.add(DOCUMENT, numbers, found);
    let (said, found) = contradictions(provenance, scores.provenance());
    compared.add(PROVENANCE, said, found);
    compared.add_files(&directory, into.path())?;
    let report = Reproduced { cells: earlier.records().count(), numbers, same: compared.is_same(), compared: &compared };
    report.write(options.format.format)?;
    Ok(if report.same { Status::Done } else { Status::LawFailed })
}

/// Asks that the networks are where the command's paths lead.
fn inputs_are_there<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Result<(), Stop> {
    match paths.into_iter().find(|path| !path.exists()) {
        None => Ok(()),
        Some(path) => Err(Stop::Unusable(format!(
            "{}: no such file in {}, where the command's paths start from. If the inputs lie elsewhere now, name the directory with \
             --from",
            visible(&path.display().to_string()),
            visible(&crate::cli::command::directory())
        ))),
    }
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
struct Reproduced<'a> {
    cells: usize,
    numbers: usize,
    same: bool,
    compared: &'a Compared,
}

/// The same as a document.
#[derive(Serialize)]
struct Document<'a> {
    cells: usize,
    numbers: usize,
    same: bool,
    differences: &'a [Found],
    files: &'a [OfFile],
    pictures_not_compared: &'a [String],
    others_not_compared: &'a [String],
}

/// Differences that a table shows.
const SHOWN: usize = 50;

const HEADER: [&str; 9] = ["file", "measure", "layer_a", "layer_b", "what", "earlier", "now", "difference", "error_bound"];

fn fields(found: &Found) -> Vec<String> {
    std::iter::once(found.file.clone()).chain(found.difference.fields()).collect()
}

impl Reproduced<'_> {
    fn write(&self, format: TableFormat) -> Result<(), Stop> {
        let Self { cells, numbers, same, compared } = self;
        match format {
            TableFormat::Json => output::write_json_lines(&[Document {
                cells: *cells,
                numbers: *numbers,
                same: *same,
                differences: &compared.found,
                files: &compared.files,
                pictures_not_compared: &compared.pictures,
                others_not_compared: &compared.others,
            }])?,
            TableFormat::Csv => {
                let mut text = csv::Writer::from_writer(Vec::new());
                let failed = |error: csv::Error| Stop::Unusable(error.to_string());
                text.write_record(HEADER).map_err(failed)?;
                for of in compared.files.iter().filter(|of| of.missing) {
                    text.write_record([of.file.as_str(), "", "", "", "the whole file", "missing", "", "", ""]).map_err(failed)?;
                }
                for found in &compared.found {
                    let plain = |field: &String| crate::report::csv::plain(field).into_owned();
                    text.write_record(fields(found).iter().map(plain)).map_err(failed)?;
                }
                output::print(&String::from_utf8_lossy(&text.into_inner().map_err(|error| Stop::Unusable(error.to_string()))?))?;
            }
            TableFormat::Table => output::print(&self.table())?,
        }
        Ok(())
    }

    fn table(&self) -> String {
        let (cells, numbers, compared) = (self.cells, self.numbers, self.compared);
        let of_scores = compared.files.first().map_or(0, |of| of.differences);
        let mut text = match (self.same, of_scores) {
            (true, _) => format!("the same: {numbers} numbers of {cells} cells, to the bit\n"),
            (false, 0) => format!("not the same: the {numbers} numbers of {cells} cells in {DOCUMENT} are, and other files are not\n"),
            (false, differ) => format!("not the same: {differ} of {numbers} numbers of {cells} cells differ\n"),
        };
        text += &format!("\n{}", output::table(&["file", "compared", "differ"], compared.files.iter().map(of_file), 1));
        if !compared.pictures.is_empty() {
            text += &format!("not compared, for they are pictures or hold them: {}\n", compared.pictures.join(", "));
        }
        if !compared.others.is_empty() {
            text += &format!("not compared, for the command does not write them: {}\n", compared.others.join(", "));
        }
        if compared.found.is_empty() {
            return visible_lines(&text).into_owned();
        }
        let header = HEADER.map(|name| name.replace('_', " "));
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        text += &format!("\n{}", output::table(&header, compared.found.iter().take(SHOWN).map(fields), 5));
        if compared.found.len() > SHOWN {
            text += &format!("and {} more (--format csv)\n", compared.found.len() - SHOWN);
        }
        let beyond = compared.found.iter().filter(|found| found.file == DOCUMENT && found.difference.is_beyond_bound()).count();
        text += &match (of_scores, beyond) {
            (0, _) => String::new(),
            (_, 0) => format!("every value in {DOCUMENT} differs by no more than both error bounds together\n"),
            _ => format!("{beyond} differ by more than both error bounds together, or in what they are\n"),
        };
        visible_lines(&text).into_owned()
    }
}

fn of_file(of: &OfFile) -> Vec<String> {
    let differ = if of.missing { "missing".to_string() } else { of.differences.to_string() };
    vec![of.file.clone(), of.entries.to_string(), differ]
}
