//! `similitude sweep`: every layer of A with every layer of B.

use std::fs;
use std::path::Path;

use similitude::report::files;
use similitude::sweep::{Cell, Layers, Outcome, Part, Partial, Scores, Sweep, shard_file};

use crate::arguments::{self, Common};
use crate::output;
use crate::progress::Watch;
use crate::stop::{Status, Stop};

pub fn run(options: &arguments::Sweep, common: &Common) -> Result<Status, Stop> {
    crate::allocator::give_memory_back();
    let (a, b) = options.layers.open(&options.a, options.b.as_deref(), &options.reading, common.seed)?;
    let b = b.as_ref().map(|layers| layers as &dyn Layers);
    let sweep = Sweep::new(&a, b, options.measures.measures())
        .with_memory(common.memory())
        .with_part(options.shard)
        .with_precision(common.precision);
    if options.plan.plan {
        output::print(&format!("{}\n", sweep.outlook()?))?;
        return Ok(Status::Done);
    }
    if let (Some(part), Some(directory)) = (options.shard, &options.output) {
        return compute_part(&sweep, part, directory);
    }
    let scores = match &options.output {
        Some(directory) => into_directory(&sweep, directory)?,
        None => sweep.resume(Vec::new(), &Watch::new(None))?,
    };
    output::write(options.format.format, scores.records(), || table(&scores))?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

/// Runs a part of a sweep, into a file that is whole or absent; its finished cells are kept until
/// then.
fn compute_part(sweep: &Sweep<'_>, part: Part, directory: &Path) -> Result<Status, Stop> {
    create(directory)?;
    let file = shard_file(directory, part);
    let cells = directory.join(format!("cells-{}-of-{}.jsonl", part.number(), part.of()));
    let (partial, done) = Partial::open(cells, &sweep.header()?)?;
    if done.is_empty() {
        files::remove_file(&file)?;
    }
    tell_kept(&file, &done);
    let without_value = sweep.run_part(done, &Watch::new(Some(&partial)), &file)?;
    eprintln!("wrote {}", file.display());
    partial.remove()?;
    Ok(if without_value == 0 { Status::Done } else { Status::Undefined })
}

/// Writes the results of a sweep that was computed elsewhere.
pub fn write_merged(scores: &Scores, directory: &Path) -> Result<(), Stop> {
    create(directory)?;
    files::remove(scores.measures(), directory)?;
    write(scores, directory)
}

fn write(scores: &Scores, directory: &Path) -> Result<(), Stop> {
    for file in files::write(scores, directory)? {
        eprintln!("wrote {}", file.display());
    }
    Ok(())
}

fn tell_kept(of: &Path, done: &[Cell]) {
    if !done.is_empty() {
        eprintln!("{}: {} cells were finished before and are kept", of.display(), done.len());
    }
}

fn create(directory: &Path) -> Result<(), Stop> {
    fs::create_dir_all(directory).map_err(|error| Stop::Unusable(format!("{}: {error}", directory.display())))
}

/// Runs a sweep whose finished cells are kept in the directory until the results are.
fn into_directory(sweep: &Sweep<'_>, directory: &Path) -> Result<Scores, Stop> {
    create(directory)?;
    let (partial, done) = Partial::open(directory.join("cells.jsonl"), &sweep.header()?)?;
    if done.is_empty() {
        // What lies here from an earlier sweep would read as the results of this one until it ends.
        files::remove(sweep.measures(), directory)?;
    }
    tell_kept(directory, &done);
    let scores = sweep.resume(done, &Watch::new(Some(&partial)))?;
    write(&scores, directory)?;
    partial.remove()?;
    Ok(scores)
}

/// A table of layers by layers for each measure.
pub fn table(scores: &Scores) -> String {
    let (a, b) = (scores.a(), scores.b());
    let mut text = if a == b {
        format!("rows and columns: layers of {}, n = {}\n", a.name, scores.n())
    } else {
        format!("rows: layers of {}, columns: layers of {}, n = {}\n", a.name, b.name, scores.n())
    };
    for (index, measure) in scores.measures().iter().enumerate() {
        let mut header = vec![""];
        header.extend(b.layers.iter().map(|layer| layer.name.as_str()));
        let outcomes = scores.outcomes(index);
        let rows = a
            .layers
            .iter()
            .zip(outcomes.chunks(b.layers.len()))
            .map(|(layer, row)| std::iter::once(layer.name.clone()).chain(row.iter().map(cell)).collect());
        text += &format!("\n{measure}\n{}", output::table(&header, rows.collect::<Vec<_>>(), 1));
        let reasons: Vec<&str> = outcomes.iter().filter_map(reason).collect();
        if let Some(first) = reasons.first() {
            text += &format!("{} of {} cells have no value; the first: {first}\n", reasons.len(), outcomes.len());
        }
    }
    text
}

fn cell(outcome: &Outcome) -> String {
    match outcome {
        // Four digits are what a person compares; the files hold them all.
        Outcome::Value { value, .. } if *value == 0.0 || (1e-3..1e4).contains(&value.abs()) => format!("{value:.4}"),
        Outcome::Value { value, .. } => format!("{value:.3e}"),
        Outcome::Failure { error } => error.kind.clone(),
    }
}

fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Value { .. } => None,
        Outcome::Failure { error } => Some(&error.message),
    }
}
