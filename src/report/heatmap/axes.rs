//! Names and titles of the two axes.

use std::borrow::Cow;

use super::drawing::{Anchor, Drawing, Extent, Line};
use super::picture::{DARK, GREY, Plot};
use super::text::{self, ASCENT, DESCENT, HALF_CAPITAL};

const TICK: f64 = 4.0;
/// From the plot to the names.
const NAME_GAP: f64 = 7.0;
const NAME_SIZE: f64 = 12.0;
/// Names of columns become this small before they are turned.
const SMALLEST_LEVEL_SIZE: f64 = 10.0;
/// From the names to the title.
const TITLE_GAP: f64 = 10.0;
const TITLE_SIZE: f64 = 14.0;
const NOTE_SIZE: f64 = 10.0;
/// More names than this on one axis are not read, only seen as a grey mass.
const MOST_NAMES: usize = 40;
/// Characters of a name: of a longer one the middle is left out here, and stands in the tooltips.
const LONGEST_NAME: usize = 80;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Axis {
    Rows,
    Columns,
}

/// Every how-many-th name is written: the smallest round number that leaves at most [`MOST_NAMES`]
/// and room for each.
fn step(count: usize, cell: f64) -> usize {
    let round = (0..).flat_map(|power| [1, 2, 5].map(|factor| factor * 10usize.pow(power)));
    let fits = |step: usize| count.div_ceil(step) <= MOST_NAMES && step as f64 * cell >= 9.0;
    // A single name always has room beside it.
    round.into_iter().find(|&step| fits(step) || step >= count).unwrap_or(count)
}

/// Draws one axis. The title of the columns evades `neighbour`, the room of the title of the rows,
/// should that reach below the plot. Returns the room of the title.
pub(super) fn draw(drawing: &mut Drawing, plot: &Plot<'_>, axis: Axis, neighbour: Option<Extent>) -> Option<Extent> {
    let (names, title) = match axis {
        Axis::Rows => (&plot.map.rows, &plot.map.row_axis),
        Axis::Columns => (&plot.map.columns, &plot.map.column_axis),
    };
    let step = step(names.len(), plot.cell);
    let pitch = plot.cell * step as f64;
    let shorter = text::elide_apart(names, LONGEST_NAME);
    let shown: Vec<(usize, &Cow<'_, str>)> = shorter.iter().enumerate().step_by(step).collect();
    let mut size = (0.95 * pitch).min(NAME_SIZE);
    let mut turned = false;
    if axis == Axis::Columns {
        let widest = shown.iter().map(|(_, name)| text::width(name, 1.0)).fold(0.0, f64::max);
        let level = (pitch - NAME_GAP) / widest.max(0.1);
        turned = level < SMALLEST_LEVEL_SIZE;
        if !turned {
            size = size.min(level);
        }
    }

    let mut depth: f64 = 0.0;
    for (index, name) in &shown {
        let along = (*index as f64 + 0.5) * plot.cell;
        depth = depth.max(draw_name(drawing, plot, axis, Name { name, along, size, turned }));
    }
    let note = if step > 1 { format!("every {} name shown", ordinal(step)) } else { String::new() };
    draw_title(drawing, plot, axis, Title { title, note: &note, depth: depth + TITLE_GAP, neighbour })
}

/// Steps are 2, 5, 10, 20, 50, ...
fn ordinal(step: usize) -> String {
    if step == 2 { "2nd".to_owned() } else { format!("{step}th") }
}

struct Name<'a> {
    name: &'a str,
    /// Distance from the first row or column along the axis.
    along: f64,
    size: f64,
    turned: bool,
}

/// Draws a tick and a name; returns how far from the plot they reach.
fn draw_name(drawing: &mut Drawing, plot: &Plot<'_>, axis: Axis, name: Name<'_>) -> f64 {
    let Name { name: content, along, size, turned } = name;
    let half = HALF_CAPITAL * size;
    let (class, fill) = ("name", DARK);
    let stroke = format!(r#"stroke="{DARK}""#);
    match axis {
        Axis::Rows => {
            let y = plot.height - along;
            drawing.path("tick", &[(-TICK, y), (0.0, y)], false, &stroke);
            let (x, anchor) = (-NAME_GAP, Anchor::End);
            -drawing.text(Line { class, content, x, y: y + half, size, anchor, turned, fill }).left
        }
        Axis::Columns => {
            let end = plot.height + NAME_GAP;
            drawing.path("tick", &[(along, plot.height), (along, plot.height + TICK)], false, &stroke);
            let line = if turned {
                Line { class, content, x: along + half, y: end, size, anchor: Anchor::End, turned, fill }
            } else {
                // From the height of a capital: names without accents would hang too low.
                let y = end + 2.0 * half;
                Line { class, content, x: along, y, size, anchor: Anchor::Middle, turned, fill }
            };
            drawing.text(line).bottom - plot.height
        }
    }
}

struct Title<'a> {
    title: &'a str,
    note: &'a str,
    /// Distance from the plot.
    depth: f64,
    neighbour: Option<Extent>,
}

fn draw_title(drawing: &mut Drawing, plot: &Plot<'_>, axis: Axis, title: Title<'_>) -> Option<Extent> {
    let Title { title, note, depth, neighbour } = title;
    let side = match axis {
        Axis::Rows => plot.height,
        Axis::Columns => plot.width,
    };
    let mut lines: Vec<(String, f64, &str, &str)> = Vec::new();
    let wrapped = text::wrap(title, TITLE_SIZE, side.max(160.0));
    lines.extend(wrapped.into_iter().map(|line| (line, TITLE_SIZE, "axis", DARK)));
    if !note.is_empty() {
        lines.push((note.to_owned(), NOTE_SIZE, "note", GREY));
    }
    let height: f64 = lines.iter().map(|line| (ASCENT + DESCENT) * line.1).sum();
    let widest = lines.iter().map(|line| text::width(&line.0, line.1)).fold(0.0, f64::max);

    let mut center = side / 2.0;
    let start = plot.height + depth;
    if let Some(neighbour) = neighbour
        && neighbour.bottom > start
    {
        center = center.max(neighbour.right + TITLE_GAP + widest / 2.0);
    }
    // Lines of a turned title go from left to right, so the first one is the farthest from the
    // plot.
    let mut edge = match axis {
        Axis::Rows => -depth - height,
        Axis::Columns => start,
    };
    let mut room: Option<Extent> = None;
    for (content, size, class, fill) in &lines {
        let baseline = edge + ASCENT * size;
        let (x, y) = match axis {
            Axis::Rows => (baseline, center),
            Axis::Columns => (center, baseline),
        };
        let (size, turned) = (*size, axis == Axis::Rows);
        let extent = drawing.text(Line { class, content, x, y, size, anchor: Anchor::Middle, turned, fill });
        room = Some(match room {
            Some(so_far) => Extent {
                left: so_far.left.min(extent.left),
                top: so_far.top.min(extent.top),
                right: so_far.right.max(extent.right),
                bottom: so_far.bottom.max(extent.bottom),
            },
            None => extent,
        });
        edge += (ASCENT + DESCENT) * size;
    }
    room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_round_and_leaves_room() {
        assert_eq!(step(1, 110.0), 1);
        assert_eq!(step(40, 13.0), 1);
        assert_eq!(step(41, 12.0), 2);
        assert_eq!(step(200, 9.0), 5);
        assert_eq!(step(1200, 2.0), 50);
        // Room counts too: twelve rows of two units each.
        assert_eq!(step(12, 2.0), 5);
        assert_eq!(step(3, 2.0), 5);
    }
}
