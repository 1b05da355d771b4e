//! Heat maps of layers with layers.

use super::folder::write_whole;
use crate::error::{Error, Result};
use similitude::report::heatmap::{Format, HeatMap, Scale};
use std::path::Path;

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
    /// The values of the darkest and the brightest color; from 0 to the largest value where there
    /// is none.
    pub range: Option<(f64, f64)>,
    /// Mark the largest value of every row.
    pub mark: bool,
}

impl HeatPicture<'_> {
    /// The picture as SVG.
    ///
    /// # Errors
    /// When it cannot be drawn; the error names `path`.
    pub fn draw(self, path: &Path) -> Result<String> {
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
            hatched: None,
            format: Format::default(),
        };
        drawn(&map, path)
    }
}

fn drawn(map: &HeatMap, path: &Path) -> Result<String> {
    map.to_svg().map_err(|error| Error::Picture { path: path.to_path_buf(), reason: error.to_string() })
}

/// Writes a heat map as SVG.
///
/// # Errors
/// When it cannot be drawn, or the file cannot be written.
pub fn write_heat_map(path: &Path, map: &HeatMap) -> Result<()> {
    write_whole(path, drawn(map, path)?.as_bytes())
}
