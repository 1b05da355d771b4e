//! `similitude sweep`: every layer of A with every layer of B.

use std::fs;
use std::path::Path;

use clap::ValueEnum;

use crate::inference::NullChoice;
use crate::io::{RowChoice, remove_unfinished};
use crate::report::files;
use crate::report::picture::Look;
use crate::sweep::{Cell, Layers, Part, Partial, Provenance, Scores, Sweep, cells_file, shard_file};

use crate::cli::arguments::{self, Common, OnError};
use crate::cli::cautions;
use crate::cli::command;
use crate::cli::curves;
use crate::cli::inference::{self, Adjust};
use crate::cli::output;
use crate::cli::progress::Watch;
use crate::cli::reading::means;
use crate::cli::report;
use crate::cli::stop::{Status, Stop};
use crate::cli::tables;
use crate::cli::tell::tell;

pub fn run(options: &arguments::Sweep, common: &Common) -> Result<Status, Stop> {
    crate::cli::allocator::give_memory_back();
    let mut rows = options.reading.groups(common.seed)?;
    let scores = if options.reading.group.is_some() {
        match of_groups(options, common, rows)? {
            Some(scores) => scores,
            None => return Ok(Status::Done),
        }
    } else {
        let (a, b) = options.layers.open(&options.a, options.b.as_deref(), &options.reading, rows.pop().flatten())?;
        let sweep = sweep_of(&*a, b.as_deref(), options, common);
        if options.plan.plan {
            output::print(&format!("{}\n", sweep.outlook()?))?;
            return Ok(Status::Done);
        }
        let null = Null { layers: [&*a, b.as_deref().unwrap_or(&*a)], null: options.null.null, adjust: options.adjust, seed: common.seed };
        inference::check_sweep(sweep.measures(), null.null, null.adjust, null.layers, common.memory())?;
        cautions::of_null(null.null, null.adjust.map(Adjust::choice));
        let wanted = options.curves.wanted(null.layers, options.report, common.memory())?;
        let scores = match (options.shard, &options.output) {
            (Some(part), Some(directory)) => {
                return compute_part(&sweep.with_command(command::line(), command::directory()), part, directory);
            }
            (_, Some(directory)) => {
                let origin = origin(common, options.null.null, options.adjust, options.reading.sample.is_some());
                into_directory(&sweep, directory, &null, &options.pictures.look(), origin)?
            }
            (_, None) => {
                // How p-values were adjusted: no more is said of what is not kept.
                let said = origin(common, options.null.null, options.adjust, false).of(Provenance::default());
                null.beside(sweep.resume(Vec::new(), &Watch::new(None))?)?.with_provenance(said)
            }
        };
        // After the results are written: who does not want to wait has them.
        if let (Some(wanted), Some(directory)) = (wanted, &options.output) {
            curves::write(&wanted.curves(&scores, null.layers, common.seed)?, directory)?;
        }
        scores
    };
    if let (true, Some(directory)) = (options.report, &options.output) {
        report::beside_results(&scores, directory, &options.pictures.look())?;
    }
    // What stands in files is summed up.
    let text = || if options.output.is_some() { tables::summary(&scores) } else { tables::whole(&scores) };
    output::write(options.format.format, &scores, text)?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

fn sweep_of<'a>(a: &'a dyn Layers, b: Option<&'a dyn Layers>, options: &arguments::Sweep, common: &Common) -> Sweep<'a> {
    Sweep::new(a, b, options.reading.measures(&options.measures))
        .with_memory(common.memory())
        .with_part(options.shard)
        .with_precision(common.precision)
        .stopping_on_error(options.on_error == OnError::Stop)
}

/// Runs a sweep for each group of examples, and writes their mean; none where only the plan was
/// asked for. No cells are kept: a mean has none until the last group ends.
fn of_groups(options: &arguments::Sweep, common: &Common, groups: Vec<Option<RowChoice>>) -> Result<Option<Scores>, Stop> {
    if options.shard.is_some() {
        return Err(Stop::Unusable("--shard: the mean over groups (--group) is computed in one run, and not in parts".to_string()));
    }
    if options.null.null.is_some() {
        let why = "--null: it is of one choice of examples, and not of the mean over groups (--group): take the examples of one group at a time (--rows)";
        return Err(Stop::Unusable(why.to_string()));
    }
    let count = groups.len();
    let mut all = Vec::new();
    let mut provenance = Provenance::default();
    for rows in groups {
        let name = rows.as_ref().map_or_else(String::new, |rows| rows.text().to_string());
        let (a, b) = options.layers.open(&options.a, options.b.as_deref(), &options.reading, rows)?;
        let sweep = sweep_of(&*a, b.as_deref(), options, common);
        if options.plan.plan {
            output::print(&format!("{count} groups, one after the other; the first: {}\n", sweep.outlook()?))?;
            return Ok(None);
        }
        sweep.check()?;
        provenance = origin(common, None, None, false).of(sweep.header()?.provenance());
        all.push((name, sweep.resume(Vec::new(), &Watch::new(None))?));
    }
    let scores = means(all, options.reading.group.as_deref()).with_provenance(provenance);
    if let Some(directory) = &options.output {
        write_merged(&scores, directory, &options.pictures.look(), false)?;
    }
    Ok(Some(scores))
}

/// What was asked of the program, besides what a sweep knows of itself.
pub struct Origin(Provenance);

impl Origin {
    /// The provenance of a sweep with what was asked.
    pub fn of(self, sweep: Provenance) -> Provenance {
        let Provenance { seed, null, adjust, networks, interval, command, directory, .. } = self.0;
        Provenance { seed, null, adjust, networks, interval, command, directory, ..sweep }
    }

    /// The same, of many networks, with what was said of intervals and ceilings, and their seed.
    pub fn of_networks(mut self, layers: &str, said: Option<String>, seed: Option<u64>) -> Self {
        self.0.networks = Some(layers.to_string());
        self.0.seed = seed.or(self.0.seed);
        self.0.interval = said;
        self
    }
}

/// What was asked; the seed, where anything is drawn.
pub fn origin(common: &Common, null: Option<NullChoice>, adjust: Option<Adjust>, has_sample: bool) -> Origin {
    let is_drawn = has_sample || matches!(null, Some(NullChoice::Drawn(_)));
    Origin(Provenance {
        seed: is_drawn.then_some(common.seed),
        null: null.map(|null| null.to_string()),
        adjust: adjust.and_then(|adjust| Some(adjust.to_possible_value()?.get_name().to_string())),
        command: command::line(),
        directory: command::directory(),
        ..Provenance::default()
    })
}

/// A sweep that was run before, again: its tables are written into another directory. `verify`
/// looks at what it would be of before anything is computed.
pub fn again(
    options: &arguments::Sweep,
    common: &Common,
    verify: &dyn Fn(&Provenance) -> Result<(), Stop>,
    into: &Path,
) -> Result<Scores, Stop> {
    let rows = options.reading.groups(common.seed)?.pop().flatten();
    let (a, b) = options.layers.open(&options.a, options.b.as_deref(), &options.reading, rows)?;
    let sweep = sweep_of(&*a, b.as_deref(), options, common);
    verify(&sweep.header()?.provenance())?;
    let scores = if options.reading.group.is_some() {
        let scores = of_groups(options, common, options.reading.groups(common.seed)?)?;
        scores.ok_or_else(|| Stop::Unusable("the command was run with --plan, which has no results".to_string()))?
    } else {
        let null = Null { layers: [&*a, b.as_deref().unwrap_or(&*a)], null: options.null.null, adjust: options.adjust, seed: common.seed };
        inference::check_sweep(sweep.measures(), null.null, null.adjust, null.layers, common.memory())?;
        let wanted = options.curves.wanted(null.layers, options.report, common.memory())?;
        let origin = origin(common, options.null.null, options.adjust, options.reading.sample.is_some());
        let scores = null.beside(sweep.resume(Vec::new(), &Watch::new(None))?)?;
        let scores = scores.with_provenance(origin.of(sweep.header()?.provenance()));
        if let Some(wanted) = wanted {
            curves::put(&wanted.curves(&scores, null.layers, common.seed)?, into, &output::put_quietly)?;
        }
        scores
    };
    files::write_tables(&scores, into)?;
    Ok(scores)
}

/// What is put beside the scores of a sweep.
pub struct Null<'a> {
    pub layers: [&'a dyn Layers; 2],
    pub null: Option<NullChoice>,
    pub adjust: Option<Adjust>,
    pub seed: u64,
}

impl Null<'_> {
    pub fn beside(&self, mut scores: Scores) -> Result<Scores, Stop> {
        if let Some(null) = self.null {
            inference::beside_sweep(&mut scores, self.layers, null, self.adjust, self.seed)?;
        }
        Ok(scores)
    }
}

/// Runs a part of a sweep, into a file that is whole or absent; its finished cells are kept until
/// then.
fn compute_part(sweep: &Sweep<'_>, part: Part, directory: &Path) -> Result<Status, Stop> {
    let (partial, done) = open(sweep, &cells_file(directory, part))?;
    let file = shard_file(directory, part);
    remove_unfinished(&file);
    tell_kept(&file, &done);
    let ended = sweep.run_part(done, &Watch::new(Some(&partial)), &file);
    match ended {
        Ok(without_value) => {
            tell(format!("wrote {}", file.display()));
            partial.remove()?;
            Ok(if without_value == 0 { Status::Done } else { Status::Undefined })
        }
        Err(error) => {
            leave(partial);
            Err(error.into())
        }
    }
}

/// Writes the results of a sweep that was computed elsewhere.
pub fn write_merged(scores: &Scores, directory: &Path, look: &Look, with_report: bool) -> Result<(), Stop> {
    create(directory)?;
    curves::remove(directory)?;
    write(scores, directory, look)?;
    if with_report { report::beside_results(scores, directory, look) } else { Ok(()) }
}

pub fn write(scores: &Scores, directory: &Path, look: &Look) -> Result<(), Stop> {
    let written = files::write_with(scores, directory, look)?;
    files::remove_other_pictures(directory, &written.files)?;
    for file in &written.files {
        tell(format!("wrote {}", file.display()));
    }
    if let Some(letter) = written.lacking {
        tell(format!(
            "warning: the letters of PNG and PDF lack {letter:?}, which they show as a box; the SVG has it where its viewer does. \
             --labels index calls layers by their numbers, --names and --title call the rest otherwise"
        ));
    }
    for (picture, error) in &written.not_drawn {
        tell(format!("warning: {picture} is not drawn: {error}"));
    }
    Ok(())
}

/// Opens the file of the finished cells, after everything that can be asked before anything is
/// written.
pub fn open(sweep: &Sweep<'_>, cells: &Path) -> Result<(Partial, Vec<Cell>), Stop> {
    sweep.check()?;
    let header = sweep.header()?;
    if !cells.exists() {
        // What is left of one that was begun may fit where the whole does not.
        sweep.outlook()?;
    }
    create(cells.parent().unwrap_or(Path::new(".")))?;
    let (partial, done) = Partial::open(cells, &header)?;
    partial.notices().iter().for_each(tell);
    Ok((partial, done))
}

/// Leaves the finished cells of a sweep that was refused. The error that refused it is what a
/// person has to know; if this fails too, the cells are there as after a kill.
pub fn leave(partial: Partial) {
    if let Err(error) = partial.refuse() {
        tell(format!("warning: {error}"));
    }
}

pub fn tell_kept(of: &Path, done: &[Cell]) {
    if !done.is_empty() {
        tell(format!("{}: {} cells were finished before and are kept", of.display(), done.len()));
    }
}

pub fn create(directory: &Path) -> Result<(), Stop> {
    let remedy = if directory.is_dir() || !directory.exists() { "" } else { "; results go into a directory, and this is none" };
    fs::create_dir_all(directory).map_err(|error| Stop::Unusable(format!("{}: {error}{remedy}", directory.display())))
}

/// Runs a sweep whose finished cells are kept in the directory until the results are. What lies
/// there from an earlier sweep would read as the results of this one until it ends: it is set
/// aside, and put back where this one is refused.
fn into_directory(sweep: &Sweep<'_>, directory: &Path, null: &Null<'_>, look: &Look, origin: Origin) -> Result<Scores, Stop> {
    let (partial, done) = open(sweep, &directory.join(files::CELLS))?;
    tell_kept(directory, &done);
    let earlier = directory.join(files::EARLIER);
    files::set_aside(directory, &earlier)?;
    let ended = sweep.resume(done, &Watch::new(Some(&partial))).map_err(Stop::from).and_then(|scores| null.beside(scores));
    match ended {
        Ok(scores) => {
            let scores = scores.with_provenance(origin.of(sweep.header()?.provenance()));
            write(&scores, directory, look)?;
            partial.remove()?;
            files::drop_aside(&earlier)?;
            Ok(scores)
        }
        Err(error) => {
            leave(partial);
            files::put_back(directory, &earlier)?;
            Err(error)
        }
    }
}
