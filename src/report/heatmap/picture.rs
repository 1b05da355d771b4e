//! The parts of the picture, put together. The top left corner of the plot is (0, 0).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::axes::{self, Axis};
use super::color::Color;
use super::color_bar;
use super::drawing::{Anchor, Drawing, Extent, Line, number};
use super::numbers::Numbers;
use super::text::{self, ASCENT, DESCENT, HALF_CAPITAL};
use super::{Hatched, HeatMap, HeatMapError, hatching};
use crate::report::visible::visible_beyond_ascii;

/// Lines and names.
pub(super) const DARK: &str = "#222222";
/// What is said beside the matter.
pub(super) const GREY: &str = "#5f5f5f";
/// Up to this many rows and columns the values stand in the cells.
const FEW: usize = 12;
/// Up to this many cells each is an element with a tooltip: more are a burden for viewers, and
/// beyond renderers.
const MOST_ELEMENTS: usize = 40_000;
/// Characters of titles and of the networks' names: a path may have thousands.
const LONGEST_TITLE: usize = 240;
/// No color of the scale: it stands out on dark, on bright and on the white page.
const TEAL: &str = "#12b5aa";
const HATCH: &str = r#"fill="url(#undefined)""#;

/// The plot: where the cells are.
pub(super) struct Plot<'a> {
    pub(super) map: &'a HeatMap,
    pub(super) cell: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The least room of titles.
    title: f64,
    pub(super) numbers: Numbers,
}

impl Plot<'_> {
    /// The square of a cell: row 0 at the bottom, column 0 on the left.
    pub(super) fn square(&self, row: usize, column: usize) -> Extent {
        let left = column as f64 * self.cell;
        let bottom = self.height - row as f64 * self.cell;
        Extent { left, top: bottom - self.cell, right: left + self.cell, bottom }
    }

    pub(super) fn color(&self, value: f64) -> Color {
        let scale = &self.map.scale;
        Color::at(self.map.format.palette, (value - scale.minimum) / (scale.maximum - scale.minimum))
    }

    pub(super) fn value(&self, row: usize, column: usize) -> Option<f64> {
        self.map.values[row * self.map.columns.len() + column]
    }

    fn marks_diagonal(&self) -> bool {
        // Where the names differ, the same place means nothing.
        self.map.mark_row_maximum && self.map.rows == self.map.columns && self.map.rows.len() > 1
    }
}

/// The side of a cell in whole units: a picture of about 520 units where names can still be told
/// apart, at most 2400.
fn cell_side(rows: usize, columns: usize) -> f64 {
    let longer = rows.max(columns) as f64;
    let comfortable = (520.0 / longer).floor().clamp(9.0, 110.0);
    if comfortable * longer > 2400.0 { (2400.0 / longer).floor().max(2.0) } else { comfortable }
}

/// The whole picture of a map that has been validated.
pub(super) fn draw(map: &HeatMap) -> Result<String, HeatMapError> {
    let map = &legible(map);
    let usual = cell_side(map.rows.len(), map.columns.len());
    let lay_out = |cell: f64, title: f64| lay_out(map, cell, title);
    let (drawing, unit) = map.format.fit(map.columns.len(), usual, lay_out, |drawing: &Drawing| drawing.page().width)?;
    Ok(drawing.finish(&map.title, &definitions(map), unit))
}

/// The picture with cells of this side, whose title has at least this room, in units.
fn lay_out(map: &HeatMap, cell: f64, title: f64) -> Drawing {
    let plot = Plot {
        map,
        cell,
        width: cell * map.columns.len() as f64,
        height: cell * map.rows.len() as f64,
        title,
        numbers: Numbers::new(map.scale.minimum, map.scale.maximum, 5),
    };
    let frame = Extent { left: 0.0, top: 0.0, right: plot.width, bottom: plot.height };
    let mut drawing = Drawing::new(frame);
    draw_cells(&mut drawing, &plot);
    hatching::draw(&mut drawing, &plot);
    draw_marks(&mut drawing, &plot);
    draw_values(&mut drawing, &plot);
    drawing.rectangle("frame", frame, &format!(r#"fill="none" stroke="{DARK}""#), None);
    let row_title = axes::draw(&mut drawing, &plot, Axis::Rows, None);
    axes::draw(&mut drawing, &plot, Axis::Columns, row_title);
    color_bar::draw(&mut drawing, &plot);
    draw_legend(&mut drawing, &plot);
    draw_title(&mut drawing, &plot);
    drawing
}

/// The map with its texts as they can be shown.
fn legible(map: &HeatMap) -> HeatMap {
    let shown = |text: &String| visible_beyond_ascii(text).into_owned();
    let title = |text: &String| text::elide(&shown(text), LONGEST_TITLE).into_owned();
    HeatMap {
        title: title(&map.title),
        subtitle: map.subtitle.as_ref().map(title),
        row_axis: title(&map.row_axis),
        column_axis: title(&map.column_axis),
        rows: map.rows.iter().map(shown).collect(),
        columns: map.columns.iter().map(shown).collect(),
        hatched: map.hatched.as_ref().map(|hatched| Hatched { label: shown(&hatched.label), ..hatched.clone() }),
        ..map.clone()
    }
}

fn definitions(map: &HeatMap) -> String {
    let pattern = r##"<pattern id="undefined" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#dddddd"/><path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" stroke="#8a8a8a" stroke-width="1"/></pattern>"##;
    format!("{pattern}\n{}{}", hatching::patterns(), color_bar::gradient(map.format.palette))
}

fn draw_cells(drawing: &mut Drawing, plot: &Plot<'_>) {
    // Without smoothing: smoothed edges of touching cells let the background shine through as a
    // grid.
    drawing.open(r#"class="cells" shape-rendering="crispEdges""#);
    if plot.map.values.len() > MOST_ELEMENTS {
        draw_many_cells(drawing, plot);
    } else {
        for (row, row_name) in plot.map.rows.iter().enumerate() {
            for (column, column_name) in plot.map.columns.iter().enumerate() {
                let value = plot.value(row, column);
                let written = value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:?}"));
                let tooltip = format!("{row_name} × {column_name}: {written}");
                drawing.rectangle("cell", plot.square(row, column), &fill(plot, value), Some(&tooltip));
            }
        }
    }
    drawing.close();
}

/// The cells as one element for each color.
fn draw_many_cells(drawing: &mut Drawing, plot: &Plot<'_>) {
    let columns = plot.map.columns.len();
    let mut areas: BTreeMap<Cow<'_, str>, String> = BTreeMap::new();
    for row in 0..plot.map.rows.len() {
        let fills: Vec<Cow<'_, str>> = (0..columns).map(|column| fill(plot, plot.value(row, column))).collect();
        let mut column = 0;
        while column < columns {
            // Neighbours of one color are one rectangle.
            let length = fills[column..].iter().take_while(|other| **other == fills[column]).count();
            let Extent { left, top, .. } = plot.square(row, column);
            let (width, cell) = (number(plot.cell * length as f64), number(plot.cell));
            let area = areas.entry(fills[column].clone()).or_default();
            let _ = write!(area, "M{} {}h{width}v{cell}h-{width}Z", number(left), number(top));
            column += length;
        }
    }
    for (fill, area) in areas {
        drawing.area("cells-of-color", &area, &fill);
    }
}

fn fill(plot: &Plot<'_>, value: Option<f64>) -> Cow<'static, str> {
    match value {
        Some(value) => Cow::Owned(format!(r#"fill="{}""#, plot.color(value).hex())),
        None => Cow::Borrowed(HATCH),
    }
}

/// A rectangle drawn together by `inset` on each side.
fn inside(extent: Extent, inset: f64) -> Extent {
    let Extent { left, top, right, bottom } = extent;
    Extent { left: left + inset, top: top + inset, right: right - inset, bottom: bottom - inset }
}

fn maximum_style(cell: f64, ink: &str) -> (f64, String) {
    let stroke = (cell * 0.1).clamp(0.5, 2.0);
    // Large cells carry their value inside the square, small ones only the square.
    let inset = (cell * 0.2).min(4.0);
    (inset, format!(r#"fill="none" stroke="{ink}" stroke-width="{}""#, number(stroke)))
}

fn diagonal_style(cell: f64) -> String {
    let stroke = (cell * 0.15).min(1.5);
    format!(r#"fill="none" stroke="{TEAL}" stroke-width="{}""#, number(stroke))
}

fn draw_marks(drawing: &mut Drawing, plot: &Plot<'_>) {
    if plot.marks_diagonal() {
        let style = diagonal_style(plot.cell);
        for index in 0..plot.map.rows.len() {
            drawing.rectangle("diagonal", plot.square(index, index), &style, None);
        }
    }
    if !plot.map.mark_row_maximum {
        return;
    }
    for row in 0..plot.map.rows.len() {
        let values = (0..plot.map.columns.len()).filter_map(|column| Some((column, plot.value(row, column)?)));
        let maximum = values.clone().map(|(_, value)| value).fold(f64::NEG_INFINITY, f64::max);
        for (column, value) in values.filter(|&(_, value)| value == maximum) {
            let (inset, style) = maximum_style(plot.cell, plot.color(value).ink());
            drawing.rectangle("row-maximum", inside(plot.square(row, column), inset), &style, None);
        }
    }
}

fn draw_values(drawing: &mut Drawing, plot: &Plot<'_>) {
    let (rows, columns) = (plot.map.rows.len(), plot.map.columns.len());
    if rows > FEW || columns > FEW {
        return;
    }
    let written = |row, column| plot.value(row, column).map(|value| (value, plot.numbers.value(value)));
    let cells = || (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let widest = cells().filter_map(|(row, column)| written(row, column)).map(|(_, value)| text::width(&value, 1.0));
    let widest = widest.fold(0.0, f64::max);
    // One size for all cells, so that the eye compares values and not sizes.
    let size = ((plot.cell - 14.0) / widest.max(1.0)).min(14.0);
    if size < 6.0 {
        return;
    }
    for (row, column) in cells() {
        if let Some((value, content)) = written(row, column) {
            let (x, y) = plot.square(row, column).center();
            drawing.text(Line {
                class: "value",
                content: &content,
                x,
                y: y + HALF_CAPITAL * size,
                size,
                anchor: Anchor::Middle,
                turned: false,
                fill: plot.color(value).ink(),
            });
        }
    }
}

/// One line below everything that says what the marks mean.
fn draw_legend(drawing: &mut Drawing, plot: &Plot<'_>) {
    const SIDE: f64 = 13.0;
    const SIZE: f64 = 11.0;
    let undefined = plot.map.values.contains(&None).then(|| ("undefined", HATCH.to_owned()));
    let hatched = plot.map.hatched.as_ref().map(|hatched| (hatched.label.as_str(), hatching::SWATCH.to_owned()));
    let maximum = plot.map.mark_row_maximum.then(|| ("largest of its row", maximum_style(SIDE, DARK).1));
    let diagonal = plot.marks_diagonal().then(|| ("diagonal", diagonal_style(SIDE)));
    let entries: Vec<_> = [undefined, hatched, maximum, diagonal].into_iter().flatten().collect();
    let limit = plot.width.max(plot.title.min(240.0));
    let (mut x, mut top) = (0.0, drawing.extent.bottom + 14.0);
    for (name, style) in entries {
        let room = SIDE + 6.0 + text::width(name, SIZE);
        if x > 0.0 && x + room > limit {
            (x, top) = (0.0, top + SIDE + 7.0);
        }
        let swatch = Extent { left: x, top, right: x + SIDE, bottom: top + SIDE };
        drawing.rectangle("legend", swatch, &style, None);
        let (start, y) = (x + SIDE + 6.0, top + SIDE / 2.0 + HALF_CAPITAL * SIZE);
        let (anchor, turned) = (Anchor::Start, false);
        drawing.text(Line { class: "legend", content: name, x: start, y, size: SIZE, anchor, turned, fill: DARK });
        x += room + 18.0;
    }
}

fn draw_title(drawing: &mut Drawing, plot: &Plot<'_>) {
    let limit = plot.width.max(plot.title);
    let subtitle = plot.map.subtitle.as_deref().unwrap_or_default();
    let blocks = [("subtitle", subtitle, 12.0, GREY), ("title", plot.map.title.as_str(), 17.0, DARK)];
    let mut bottom = drawing.extent.top - 14.0;
    let mut drawn = false;
    // From the plot upwards: what is above depends on what is below.
    for (class, content, size, fill) in blocks {
        let lines = text::wrap(content, size, limit);
        if drawn && !lines.is_empty() {
            bottom -= 3.0;
        }
        for line in lines.iter().rev() {
            let (x, y) = (plot.width / 2.0, bottom - DESCENT * size);
            drawing.text(Line { class, content: line, x, y, size, anchor: Anchor::Middle, turned: false, fill });
            bottom -= (ASCENT + DESCENT) * size;
            drawn = true;
        }
    }
}
