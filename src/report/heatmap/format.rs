//! Colors, width and size of letters of a picture, and the layout that has them.

use std::ops::RangeInclusive;

use super::HeatMapError;
use super::palette::Palette;

/// CSS pixels of an inch.
const INCH: f64 = 96.0;
/// The size in points of the names of layers at one CSS pixel a unit: 12 units.
const POINTS: f64 = 9.0;
/// The narrowest cell, in units.
const LEAST_CELL: f64 = 2.0;

/// Colors and measures of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Format {
    /// The colors of the scale.
    pub palette: Palette,
    /// The width of the whole picture in inches; as wide as it comes unless given.
    pub width: Option<f64>,
    /// The size of the names of layers in points, where there is room for it; the other texts keep
    /// their ratio to it. 9 unless given, or what the width makes of it.
    pub font_size: Option<f64>,
}

impl Format {
    /// Widths of a picture, in inches.
    pub const WIDTHS: RangeInclusive<f64> = 0.5..=200.0;
    /// Sizes of letters, in points.
    pub const LETTERS: RangeInclusive<f64> = 1.0..=144.0;

    pub(super) fn check(&self) -> Result<(), HeatMapError> {
        let outside = |value: Option<f64>, range: RangeInclusive<f64>| value.filter(|value| !range.contains(value));
        match (outside(self.width, Self::WIDTHS), outside(self.font_size, Self::LETTERS)) {
            (Some(width), _) => Err(HeatMapError::Width { width }),
            (None, Some(font_size)) => Err(HeatMapError::Letters { font_size }),
            (None, None) => Ok(()),
        }
    }

    /// Lays a picture out: `lay_out` draws it with cells of a side and for titles of a length, in
    /// units, and `width_of` says how wide it came. Gives the picture and the CSS pixels of a unit.
    pub(super) fn fit<T>(
        &self,
        columns: usize,
        usual: f64,
        lay_out: impl Fn(f64, f64) -> T,
        width_of: impl Fn(&T) -> f64,
    ) -> Result<(T, f64), HeatMapError> {
        const TITLE: f64 = 320.0;
        let growth = self.font_size.map_or(1.0, |size| size / POINTS);
        let (Some(inches), Some(points)) = (self.width, self.font_size) else {
            let drawn = lay_out((usual / growth).max(LEAST_CELL), TITLE);
            let unit = self.width.map_or(growth, |inches| inches * INCH / width_of(&drawn));
            return Ok((drawn, unit));
        };
        let target = inches * INCH / growth;
        let title = (target - 40.0).clamp(60.0, TITLE);
        let mut cell = usual;
        // Names, whose sizes follow that of a cell, are the margins: a few steps settle.
        for _ in 0..12 {
            let drawn = lay_out(cell, title);
            let unit = inches * INCH / width_of(&drawn);
            if (unit / growth - 1.0).abs() <= 0.01 {
                return Ok((drawn, unit));
            }
            cell += (target - width_of(&drawn)) / columns as f64;
            if cell < LEAST_CELL {
                break;
            }
        }
        Err(HeatMapError::TooNarrow { width: inches, font_size: points, columns })
    }
}
