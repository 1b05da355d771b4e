//! Cells that are hatched over their color.

use std::fmt::Write as _;

use super::drawing::{Drawing, Extent, number};
use super::picture::Plot;

/// Strokes that stand out on dark and on bright colors, and against those of undefined cells.
pub(super) fn patterns() -> String {
    let mut patterns = String::new();
    for (name, ink) in [("faint-on-dark", "#ffffff"), ("faint-on-bright", "#000000")] {
        let _ = writeln!(
            patterns,
            r#"<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-1 5L1 7M0 0L6 6M5 -1L7 1" stroke="{ink}" stroke-width="1.1" stroke-opacity="0.8"/></pattern>"#
        );
    }
    patterns
}

/// What fills a swatch of the legend.
pub(super) const SWATCH: &str = r##"fill="url(#faint-on-bright)" stroke="#222222""##;

/// Draws the strokes: one area for each of both inks.
pub(super) fn draw(drawing: &mut Drawing, plot: &Plot<'_>) {
    let Some(hatched) = &plot.map.hatched else { return };
    let columns = plot.map.columns.len();
    let mut areas = [String::new(), String::new()];
    for (index, _) in hatched.cells.iter().enumerate().filter(|(_, hatched)| **hatched) {
        // A cell without a value has strokes of its own.
        let (row, column) = (index / columns, index % columns);
        let Some(value) = plot.value(row, column) else { continue };
        let Extent { left, top, .. } = plot.square(row, column);
        let (x, y, side) = (number(left), number(top), number(plot.cell));
        let on_dark = usize::from(plot.color(value).ink() == "#ffffff");
        let _ = write!(areas[on_dark], "M{x} {y}h{side}v{side}h-{side}Z");
    }
    for (area, name) in areas.iter().zip(["faint-on-bright", "faint-on-dark"]) {
        if !area.is_empty() {
            drawing.area("hatched", area, &format!(r#"fill="url(#{name})""#));
        }
    }
}
