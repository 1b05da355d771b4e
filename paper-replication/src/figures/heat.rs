//! Heat maps of layers with layers.

use super::folder::write_whole;
use crate::error::{Error, Result};
use similitude::report::heatmap::{HeatMap, HeatMapError, Scale};
use std::path::Path;

/// Pixels for each unit of the picture: enough to read, little enough to keep in a repository.
const PIXELS: f32 = 0.75;

/// Sharp on a dense screen, for pictures that are few.
const SHARP: f32 = 2.0;

/// A heat map of the layers of one network (upwards) with those of another (to the right).
pub struct HeatPicture<'a> {
    /// Written above.
    pub title: &'a str,
    /// A smaller line below the title.
    pub subtitle: String,
    /// What the rows are.
    pub row_axis: &'a str,
    /// What the columns are.
    pub column_axis: &'a str,
    /// Layers, first at the bottom.
    pub rows: &'a [String],
    /// Layers, first at the left.
    pub columns: &'a [String],
    /// Row-major.
    pub values: Vec<Option<f64>>,
    /// The values of the darkest and the brightest color; from 0 to the largest value where there is none.
    pub range: Option<(f64, f64)>,
    /// Mark the largest value of every row.
    pub mark: bool,
}

impl HeatPicture<'_> {
    /// The picture as SVG and PNG.
    ///
    /// # Errors
    /// When it cannot be drawn; the error names `path`.
    pub fn draw(self, path: &Path) -> Result<(String, Vec<u8>)> {
        let largest = self.values.iter().flatten().copied().fold(0.0, f64::max);
        let (minimum, maximum) = self.range.unwrap_or((0.0, if largest > 0.0 { largest } else { 1.0 }));
        let map = HeatMap {
            title: self.title.to_owned(),
            subtitle: Some(self.subtitle).filter(|line| !line.is_empty()),
            row_axis: self.row_axis.to_owned(),
            column_axis: self.column_axis.to_owned(),
            rows: self.rows.to_vec(),
            columns: self.columns.to_vec(),
            values: self.values,
            scale: Scale { minimum, maximum, label: String::new() },
            mark_row_maximum: self.mark,
        };
        drawn(&map, PIXELS, path)
    }
}

fn drawn(map: &HeatMap, pixels: f32, path: &Path) -> Result<(String, Vec<u8>)> {
    let failed = |error: HeatMapError| Error::Picture { path: path.to_path_buf(), reason: error.to_string() };
    Ok((map.to_svg().map_err(failed)?, map.to_png(pixels).map_err(failed)?))
}

/// Writes a heat map as `STEM.svg` and `STEM.png`.
///
/// # Errors
/// When it cannot be drawn, or a file cannot be written.
pub fn write_heat_map(folder: &Path, stem: &str, map: &HeatMap) -> Result<()> {
    let path = |extension: &str| folder.join(format!("{stem}.{extension}"));
    let (svg, png) = drawn(map, SHARP, &path("svg"))?;
    write_whole(&path("svg"), svg.as_bytes())?;
    write_whole(&path("png"), &png)
}
