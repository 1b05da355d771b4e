//! The results of a sweep as files in a directory.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::heatmap::{HeatMap, HeatMapError};
use super::picture::{self, Look};
use super::{csv, json};
use crate::io::{self, Array, remove_unfinished, write_atomically, write_npz};
use crate::measure::Measure;
use crate::registry::REGISTRY;
use crate::results::{NetworkFacts, Outcome, Provenance, Scores};

/// The scores of a sweep as a document.
pub const DOCUMENT: &str = "scores.json";
const TABLE: &str = "scores.csv";
const ARRAYS: &str = "scores.npz";
/// What results came from.
pub const PROVENANCE: &str = "provenance.json";

/// The finished cells of a sweep that has not ended.
pub const CELLS: &str = "cells.jsonl";

/// Where the results of an earlier sweep are until a new one ends.
pub const EARLIER: &str = "earlier";

/// The page of a sweep.
pub const PAGE: &str = "report.html";

/// The sample-size curves of a sweep, as a document and as a table.
pub const SAMPLE_SIZES: [&str; 2] = ["sample-sizes.json", "sample-sizes.csv"];

/// What a sweep writes beside its pictures.
const TABLES: [&str; 7] = [TABLE, DOCUMENT, ARRAYS, PROVENANCE, PAGE, SAMPLE_SIZES[0], SAMPLE_SIZES[1]];

/// Why results cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be written, or an earlier one not removed.
    #[error(transparent)]
    File(#[from] io::Error),
    /// A heat map cannot be drawn.
    #[error(transparent)]
    HeatMap(#[from] HeatMapError),
}

/// What [`write()`] wrote.
#[derive(Debug, Default)]
pub struct Written {
    /// The files, in the order in which they were written.
    pub files: Vec<PathBuf>,
    /// The heat maps that could not be drawn, and why: the scores are written all the same.
    pub not_drawn: Vec<(String, HeatMapError)>,
    /// A character that the letters of the pictures lack ([`HeatMap::lacking`]).
    pub lacking: Option<char>,
}

/// Writes the tables of a sweep, and then the pictures, each whole or not at all: `scores.csv`,
/// `scores.json`, `scores.npz` ([`write_arrays`]), `provenance.json` where it is known
/// ([`Scores::with_provenance`]: the same scores may come from other runs), and for each measure
/// `heatmap-<measure>.svg` and `.png`. What an earlier writer left unfinished, because it was
/// killed, is removed.
///
/// # Errors
/// [`Error::File`]. A picture that cannot be drawn is not an error, but among
/// [`Written::not_drawn`].
pub fn write(scores: &Scores, directory: &Path) -> Result<Written, Error> {
    write_with(scores, directory, &Look::default())
}

/// As [`write()`], with pictures that look so.
///
/// # Errors
/// As [`write()`].
pub fn write_with(scores: &Scores, directory: &Path, look: &Look) -> Result<Written, Error> {
    let mut written = Written { files: write_tables(scores, directory)?, ..Written::default() };
    for measure in 0..scores.measures().len() {
        let stem = picture::file_stem(&scores.measures()[measure]);
        let drawn = picture::of_sweep(scores, measure, look);
        written.lacking = written.lacking.or(drawn.lacking());
        match write_picture_with(&drawn, directory, &stem, look.with_pdf) {
            Ok(files) => written.files.extend(files),
            Err(Error::HeatMap(error)) => written.not_drawn.push((stem, error)),
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// The tables of [`write()`] without pictures.
///
/// # Errors
/// [`Error::File`].
pub fn write_tables(scores: &Scores, directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let mut put = |name: &str, write: &dyn Fn(&mut BufWriter<File>) -> std::io::Result<()>| -> Result<(), Error> {
        let file = directory.join(name);
        remove_unfinished(&file);
        write_atomically(&file, write)?;
        files.push(file);
        Ok(())
    };
    put(TABLE, &|file| csv::write_scores(file, scores))?;
    put(DOCUMENT, &|file| json::write_document(file, scores))?;
    if *scores.provenance() != Provenance::default() {
        put(PROVENANCE, &|file| Ok(serde_json::to_writer_pretty(file, scores.provenance())?))?;
    }
    files.push(write_arrays(scores, directory)?);
    Ok(files)
}

/// Writes `scores.npz`: `values` and `error_bounds`, measures x layers of A x layers of B, with NaN
/// where a measure has no value or no bound; `measures`, `layers_a` and `layers_b`, the names along
/// the three axes; `models`, the names of the two networks; and `n`, the number of examples.
///
/// # Errors
/// [`Error::File`].
pub fn write_arrays(scores: &Scores, directory: &Path) -> Result<PathBuf, Error> {
    let file = directory.join(ARRAYS);
    let names = |facts: &NetworkFacts| -> Vec<String> { facts.layers.iter().map(|layer| layer.name.clone()).collect() };
    let measures: Vec<String> = scores.measures().iter().map(Measure::to_string).collect();
    let (a, b) = (names(scores.a()), names(scores.b()));
    let all = |of: &dyn Fn(&Outcome) -> Option<f64>| -> Vec<f64> {
        scores.records().map(|record| of(record.outcome).unwrap_or(f64::NAN)).collect()
    };
    let (values, bounds) = (all(&Outcome::value), all(&|outcome| outcome.diagnostic("error_bound")));
    let shape = [measures.len(), a.len(), b.len()];
    let [measures, a, b] = [&measures, &a, &b].map(|names| names.iter().map(String::as_str).collect::<Vec<&str>>());
    let models = [scores.a().name.as_str(), scores.b().name.as_str()];
    remove_unfinished(&file);
    write_npz(
        &file,
        &[
            ("values", &shape, Array::F64(&values)),
            ("error_bounds", &shape, Array::F64(&bounds)),
            ("measures", &shape[..1], Array::Text(&measures)),
            ("layers_a", &shape[1..2], Array::Text(&a)),
            ("layers_b", &shape[2..], Array::Text(&b)),
            ("models", &[2], Array::Text(&models)),
            ("n", &[1], Array::F64(&[scores.n() as f64])),
        ],
    )?;
    Ok(file)
}

/// The names of the files that [`write()`] writes for these measures.
fn names(measures: &[Measure]) -> impl Iterator<Item = String> {
    let pictures = measures.iter().flat_map(|measure| {
        let stem = picture::file_stem(measure);
        [format!("{stem}.svg"), format!("{stem}.png"), format!("{stem}.pdf")]
    });
    TABLES.map(String::from).into_iter().chain(pictures)
}

/// Removes what [`write()`] would write for these measures, where an earlier sweep has written it:
/// until the new one ends it would read as its results.
///
/// # Errors
/// [`enum@Error`].
pub fn remove(measures: &[Measure], directory: &Path) -> Result<(), Error> {
    names(measures).try_for_each(|name| remove_file(&directory.join(name)))
}

/// Moves what an earlier sweep wrote, by whichever measures, into another directory beside it:
/// until the new sweep ends the files would read as its results. Whether there was any.
///
/// # Errors
/// [`Error::File`].
pub fn set_aside(directory: &Path, aside: &Path) -> Result<bool, Error> {
    let there = listed(directory)?;
    if there.is_empty() {
        return Ok(false);
    }
    fs::create_dir_all(aside).map_err(|source| io::Error::System { file: aside.to_path_buf(), source })?;
    there.iter().try_for_each(|file| rename(file, &aside.join(file.file_name().unwrap_or_default())))?;
    Ok(true)
}

/// Removes the heat maps of measures that are not among the files written: beside newer scores
/// they would read as pictures of them.
///
/// # Errors
/// [`Error::File`].
pub fn remove_other_pictures(directory: &Path, written: &[PathBuf]) -> Result<(), Error> {
    let is_other = |file: &&PathBuf| file.file_name().is_some_and(|name| is_picture(&name.to_string_lossy())) && !written.contains(file);
    listed(directory)?.iter().filter(is_other).try_for_each(|file| remove_file(file))
}

/// Whether a file is called like the heat map of a measure.
fn is_picture(name: &str) -> bool {
    let of_measure = |text: &str| {
        let rest = |id: &str| text.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        REGISTRY.iter().any(|entry| rest(entry.spec.id))
    };
    let stem = [".svg", ".png", ".pdf"].into_iter().find_map(|extension| name.strip_suffix(extension));
    stem.and_then(|stem| stem.strip_prefix("heatmap-")).is_some_and(of_measure)
}

/// Moves back what [`set_aside`] moved, unless something newer has taken its place.
///
/// # Errors
/// [`Error::File`].
pub fn put_back(directory: &Path, aside: &Path) -> Result<(), Error> {
    for file in listed(aside)? {
        let place = directory.join(file.file_name().unwrap_or_default());
        if place.exists() { remove_file(&file)? } else { rename(&file, &place)? }
    }
    remove_directory(aside)
}

/// Removes what [`set_aside`] moved.
///
/// # Errors
/// [`Error::File`].
pub fn drop_aside(aside: &Path) -> Result<(), Error> {
    listed(aside)?.iter().try_for_each(|file| remove_file(file))?;
    remove_directory(aside)
}

/// The files of results in a directory; none where there is no such directory.
fn listed(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| io::Error::System { file: directory.to_path_buf(), source };
    let is_result = |name: &str| TABLES.contains(&name) || is_picture(name);
    match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(error).into()),
        Ok(entries) => {
            let mut files = Vec::new();
            for entry in entries {
                let entry = entry.map_err(failed)?;
                if is_result(&entry.file_name().to_string_lossy()) {
                    files.push(entry.path());
                }
            }
            Ok(files)
        }
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(|source| io::Error::System { file: from.to_path_buf(), source }.into())
}

/// Removes a directory, if it is there and nobody has put anything else into it.
fn remove_directory(directory: &Path) -> Result<(), Error> {
    match fs::remove_dir(directory) {
        Err(source) if !matches!(source.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
            Err(io::Error::System { file: directory.to_path_buf(), source }.into())
        }
        _ => Ok(()),
    }
}

/// Removes a file, if it is there.
///
/// # Errors
/// [`Error::File`].
pub fn remove_file(file: &Path) -> Result<(), Error> {
    match fs::remove_file(file) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(io::Error::System { file: file.to_path_buf(), source }.into()),
        _ => Ok(()),
    }
}

/// Writes a heat map as SVG and PNG.
///
/// # Errors
/// [`enum@Error`].
pub fn write_picture(picture: &HeatMap, directory: &Path, stem: &str) -> Result<Vec<PathBuf>, Error> {
    write_picture_with(picture, directory, stem, false)
}

/// As [`write_picture`], and as PDF where that is asked for and the feature `pdf` is there.
///
/// # Errors
/// [`enum@Error`].
pub fn write_picture_with(picture: &HeatMap, directory: &Path, stem: &str, with_pdf: bool) -> Result<Vec<PathBuf>, Error> {
    let (vector, pixels) = picture.to_svg_and_png()?;
    let mut made = vec![("svg", vector.into_bytes()), ("png", pixels)];
    made.extend(page(picture, with_pdf)?.map(|page| ("pdf", page)));
    let mut files = Vec::new();
    for (extension, bytes) in made {
        let file = directory.join(format!("{stem}.{extension}"));
        remove_unfinished(&file);
        write_atomically(&file, |out| out.write_all(&bytes))?;
        files.push(file);
    }
    Ok(files)
}

#[cfg(feature = "pdf")]
fn page(picture: &HeatMap, wanted: bool) -> Result<Option<Vec<u8>>, HeatMapError> {
    if wanted { picture.to_pdf().map(Some) } else { Ok(None) }
}

#[cfg(not(feature = "pdf"))]
fn page(_picture: &HeatMap, wanted: bool) -> Result<Option<Vec<u8>>, HeatMapError> {
    if wanted { Err(HeatMapError::Pdf("this library was built without the feature `pdf`".to_string())) } else { Ok(None) }
}
