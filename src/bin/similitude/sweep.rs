//! `similitude sweep`: every layer of A with every layer of B.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use similitude::Measure;
use similitude::io::{Network, write_atomically};
use similitude::report::{csv, json, picture};
use similitude::sweep::{Layers, Outcome, Partial, Scores, StoredLayers, Sweep};

use crate::arguments::{self, Common};
use crate::output;
use crate::progress::Watch;
use crate::stop::{Status, Stop};

const DOCUMENT: &str = "scores.json";
const TABLE: &str = "scores.csv";

/// Pixels for each unit of the picture: sharp on a dense screen and in print.
const PIXELS_PER_UNIT: f32 = 3.0;

pub fn run(options: &arguments::Sweep, common: &Common) -> Result<Status, Stop> {
    let open = |path: &Path, layers: Option<&[String]>| -> Result<StoredLayers, Stop> {
        Ok(StoredLayers::new(Network::open(path, layers)?, options.spatial.spatial))
    };
    let a = open(&options.a, options.layers.as_deref())?;
    let layers_b = options.layers_b.as_deref().or(options.layers.as_deref());
    let b = options.b.as_ref().map(|path| open(path, layers_b)).transpose()?;
    let b = b.as_ref().map(|layers| layers as &dyn Layers);
    let sweep = Sweep::new(&a, b, options.measures.measures()).with_memory(common.memory());
    let scores = match &options.output {
        Some(directory) => into_directory(&sweep, directory)?,
        None => sweep.resume(Vec::new(), &Watch::new(None))?,
    };
    output::write(options.format.format, scores.records(), || table(&scores))?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

/// Runs a sweep whose finished cells are kept in the directory until the results are.
fn into_directory(sweep: &Sweep<'_>, directory: &Path) -> Result<Scores, Stop> {
    fs::create_dir_all(directory).map_err(|error| Stop::Unusable(format!("{}: {error}", directory.display())))?;
    let (partial, done) = Partial::open(directory.join("cells.jsonl"), &sweep.header()?)?;
    if done.is_empty() {
        // What lies here from an earlier sweep would read as the results of this one until it ends.
        remove_results(sweep.measures(), directory)?;
    } else {
        eprintln!("{}: {} cells were finished before and are kept", directory.display(), done.len());
    }
    let scores = sweep.resume(done, &Watch::new(Some(&partial)))?;
    for file in write_results(&scores, directory)? {
        eprintln!("wrote {}", file.display());
    }
    partial.remove()?;
    Ok(scores)
}

/// Removes what this sweep will write, where an earlier one has written it.
fn remove_results(measures: &[Measure], directory: &Path) -> Result<(), Stop> {
    let pictures = measures.iter().flat_map(|measure| {
        let stem = picture::file_stem(measure);
        [format!("{stem}.svg"), format!("{stem}.png")]
    });
    for file in pictures.chain([DOCUMENT, TABLE].map(String::from)).map(|name| directory.join(name)) {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Stop::Unusable(format!("{}: {error}", file.display()))),
            _ => {}
        }
    }
    Ok(())
}

/// Writes the tables and the pictures, each whole or not at all.
fn write_results(scores: &Scores, directory: &Path) -> Result<Vec<PathBuf>, Stop> {
    let mut files = Vec::new();
    for measure in 0..scores.measures().len() {
        let stem = picture::file_stem(&scores.measures()[measure]);
        files.extend(write_picture(&picture::of_sweep(scores, measure), directory, &stem)?);
    }
    let (document, table) = (directory.join(DOCUMENT), directory.join(TABLE));
    write_atomically(&document, |file| json::write_document(file, scores))?;
    write_atomically(&table, |file| csv::write(file, scores.records()))?;
    files.extend([document, table]);
    Ok(files)
}

/// Writes a heat map as SVG and PNG.
pub fn write_picture(picture: &similitude::report::heatmap::HeatMap, directory: &Path, stem: &str) -> Result<[PathBuf; 2], Stop> {
    let (svg, png) = (directory.join(format!("{stem}.svg")), directory.join(format!("{stem}.png")));
    let (vector, pixels) = (picture.to_svg()?, picture.to_png(PIXELS_PER_UNIT)?);
    write_atomically(&svg, |file| file.write_all(vector.as_bytes()))?;
    write_atomically(&png, |file| file.write_all(&pixels))?;
    Ok([svg, png])
}

/// A table of layers by layers for each measure.
fn table(scores: &Scores) -> String {
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
