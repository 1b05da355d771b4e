//! Result files, each whole or absent.

use crate::error::{Error, Result};
use similitude::io::write_atomically;
use similitude::report::heatmap::HeatMap;
use std::io::Write;
use std::path::Path;

/// Pixels per unit of a heat map: sharp on a dense screen.
const PIXELS: f32 = 2.0;

/// Writes a file by way of a temporary one.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    Ok(write_atomically(path, |file| file.write_all(bytes))?)
}

/// Writes a heat map as `STEM.svg` and `STEM.png`.
pub fn write_picture(folder: &Path, stem: &str, map: &HeatMap) -> Result<()> {
    let path = |extension: &str| folder.join(format!("{stem}.{extension}"));
    let failed = |error: similitude::report::heatmap::HeatMapError| Error::Picture { path: path("svg"), reason: error.to_string() };
    write_bytes(&path("svg"), map.to_svg().map_err(failed)?.as_bytes())?;
    write_bytes(&path("png"), &map.to_png(PIXELS).map_err(failed)?)
}

/// Writes a table as CSV: a header and rows.
pub fn write_table<const N: usize>(path: &Path, header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Result<()> {
    let write = |file: &mut std::io::BufWriter<std::fs::File>| -> std::io::Result<()> {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(header)?;
        for row in rows {
            table.write_record(row)?;
        }
        table.flush()
    };
    Ok(write_atomically(path, write)?)
}
