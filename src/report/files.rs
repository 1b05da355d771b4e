//! The results of a sweep as files in a directory.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::heatmap::{HeatMap, HeatMapError};
use super::{csv, json, picture};
use crate::io::{self, write_atomically};
use crate::measure::Measure;
use crate::results::Scores;

const DOCUMENT: &str = "scores.json";
const TABLE: &str = "scores.csv";

/// Pixels for each unit of the picture: sharp on a dense screen and in print.
const PIXELS_PER_UNIT: f32 = 3.0;

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

/// Writes the tables and the pictures of a sweep, each whole or not at all: `scores.csv`,
/// `scores.json`, and for each measure `heatmap-<measure>.svg` and `.png`. Gives the files.
///
/// # Errors
/// [`enum@Error`].
pub fn write(scores: &Scores, directory: &Path) -> Result<Vec<PathBuf>, Error> {
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

/// Removes what [`write()`] would write for these measures, where an earlier sweep has written it:
/// until the new one ends it would read as its results.
///
/// # Errors
/// [`enum@Error`].
pub fn remove(measures: &[Measure], directory: &Path) -> Result<(), Error> {
    let pictures = measures.iter().flat_map(|measure| {
        let stem = picture::file_stem(measure);
        [format!("{stem}.svg"), format!("{stem}.png")]
    });
    pictures.chain([DOCUMENT, TABLE].map(String::from)).try_for_each(|name| remove_file(&directory.join(name)))
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
pub fn write_picture(picture: &HeatMap, directory: &Path, stem: &str) -> Result<[PathBuf; 2], Error> {
    let (svg, png) = (directory.join(format!("{stem}.svg")), directory.join(format!("{stem}.png")));
    let (vector, pixels) = (picture.to_svg()?, picture.to_png(PIXELS_PER_UNIT)?);
    write_atomically(&svg, |file| file.write_all(vector.as_bytes()))?;
    write_atomically(&png, |file| file.write_all(&pixels))?;
    Ok([svg, png])
}
