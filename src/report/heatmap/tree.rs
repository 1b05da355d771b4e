//! A tree of networks and a map of them, as SVG.

use super::drawing::{Anchor, Drawing, Extent, Line, number};
use super::numbers::Numbers;
use super::picture::{DARK, GREY};
use super::text::{self, HALF_CAPITAL};
use crate::report::visible::visible_beyond_ascii;

pub(super) const SIZE: f64 = 12.0;
const TITLE: f64 = 16.0;
pub(super) const NOTE: f64 = 11.0;
const LONGEST: usize = 60;
pub(super) const TEAL: &str = "#0b7285";

/// What stands around a drawing.
#[derive(Debug, Clone)]
pub struct Around<'a> {
    /// Written above it.
    pub title: &'a str,
    /// A smaller line below the title.
    pub subtitle: &'a str,
    /// Written along its axis.
    pub axis: &'a str,
}

pub(super) fn shown(name: &str) -> String {
    text::elide(&visible_beyond_ascii(name), LONGEST).into_owned()
}

/// A tree whose leaves stand below one another, as a self-contained SVG document. `merges` holds
/// the two clusters and the height of each merge, clusters numbered as SciPy does; `order` the
/// leaves from the top.
///
/// # Panics
/// When there are not as many merges as leaves but one.
pub fn dendrogram(names: &[String], merges: &[(usize, usize, f64)], order: &[usize], around: &Around<'_>) -> String {
    const WIDTH: f64 = 420.0;
    const PITCH: f64 = 22.0;
    let leaves = names.len();
    assert_eq!(merges.len() + 1, leaves, "a tree");
    let highest = merges.iter().map(|merge| merge.2).fold(0.0, f64::max);
    let top = if highest > 0.0 { highest } else { 1.0 };
    let height = PITCH * leaves as f64;
    let across = |value: f64| WIDTH * (1.0 - value / top);
    let mut drawing = Drawing::new(Extent { left: 0.0, top: 0.0, right: WIDTH, bottom: height });
    let mut place = vec![(WIDTH, 0.0); leaves + merges.len()];
    for (position, &leaf) in order.iter().enumerate() {
        let y = (position as f64 + 0.5) * PITCH;
        place[leaf] = (WIDTH, y);
        let content = shown(&names[leaf]);
        drawing.text(Line {
            class: "leaf",
            content: &content,
            x: WIDTH + 8.0,
            y: y + HALF_CAPITAL * SIZE,
            size: SIZE,
            anchor: Anchor::Start,
            turned: false,
            fill: DARK,
        });
    }
    let stroke = format!(r#"fill="none" stroke="{TEAL}" stroke-width="1.6""#);
    for (index, &(a, b, value)) in merges.iter().enumerate() {
        let x = across(value);
        let ((ax, ay), (bx, by)) = (place[a], place[b]);
        drawing.path("merge", &[(ax, ay), (x, ay), (x, by), (bx, by)], false, &stroke);
        place[leaves + index] = (x, (ay + by) / 2.0);
    }
    let numbers = Numbers::new(0.0, top, 5);
    let line = format!(r#"stroke="{DARK}""#);
    drawing.path("frame", &[(0.0, height), (WIDTH, height)], false, &line);
    for &tick in &numbers.ticks {
        let x = across(tick);
        drawing.path("tick", &[(x, height), (x, height + 4.0)], false, &line);
        let y = height + 8.0 + 2.0 * HALF_CAPITAL * NOTE;
        drawing.text(Line {
            class: "tick",
            content: &numbers.tick(tick),
            x,
            y,
            size: NOTE,
            anchor: Anchor::Middle,
            turned: false,
            fill: DARK,
        });
    }
    finish(drawing, WIDTH, height + 40.0, around)
}

/// Points with their names on a plane whose axes have one scale, as a self-contained SVG document.
pub fn scatter(names: &[String], points: &[[f64; 2]], around: &Around<'_>) -> String {
    const SIDE: f64 = 420.0;
    const ROOM: f64 = 24.0;
    let range = |axis: usize| {
        let of = || points.iter().map(|point| point[axis]);
        (of().fold(f64::INFINITY, f64::min), of().fold(f64::NEG_INFINITY, f64::max))
    };
    let ((left, right), (low, high)) = (range(0), range(1));
    let span = (right - left).max(high - low);
    let scale = if span > 0.0 { (SIDE - 2.0 * ROOM) / span } else { 1.0 };
    let place = |point: &[f64; 2]| {
        (SIDE / 2.0 + (point[0] - f64::midpoint(left, right)) * scale, SIDE / 2.0 - (point[1] - f64::midpoint(low, high)) * scale)
    };
    let frame = Extent { left: 0.0, top: 0.0, right: SIDE, bottom: SIDE };
    let mut drawing = Drawing::new(frame);
    drawing.rectangle("frame", frame, &format!(r#"fill="none" stroke="{DARK}""#), None);
    let mut taken: Vec<Extent> = points
        .iter()
        .map(|point| {
            let (x, y) = place(point);
            Extent { left: x - 4.0, top: y - 4.0, right: x + 4.0, bottom: y + 4.0 }
        })
        .collect();
    for (name, point) in names.iter().zip(points) {
        let (x, y) = place(point);
        let dot = format!("M{} {}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z", number(x - 4.0), number(y));
        drawing.area("point", &dot, &format!(r#"fill="{TEAL}" fill-opacity="0.8""#));
        let name = shown(name);
        let (width, half) = (text::width(&name, NOTE), 0.6 * NOTE);
        // The first place beside the point that nothing has taken; to the right where all are.
        let beside = [(8.0, 0.0), (-8.0 - width, 0.0), (-width / 2.0, -12.0), (-width / 2.0, 12.0), (8.0, -12.0), (8.0, 12.0)];
        let room = |(dx, dy): (f64, f64)| Extent { left: x + dx, top: y + dy - half, right: x + dx + width, bottom: y + dy + half };
        let is_free = |extent: Extent| {
            let is_inside = extent.left >= 0.0 && extent.right <= SIDE && extent.top >= 0.0 && extent.bottom <= SIDE;
            is_inside
                && taken.iter().all(|other| {
                    extent.right <= other.left || other.right <= extent.left || extent.bottom <= other.top || other.bottom <= extent.top
                })
        };
        let free = beside.into_iter().find(|at| is_free(room(*at))).unwrap_or(beside[0]);
        taken.push(room(free));
        let (x, y) = (x + free.0, y + free.1 + HALF_CAPITAL * NOTE);
        drawing.text(Line { class: "name", content: &name, x, y, size: NOTE, anchor: Anchor::Start, turned: false, fill: DARK });
    }
    // The axes have a length and no zero that means anything.
    if span > 0.0 {
        let numbers = Numbers::new(0.0, span, 4);
        if let Some(&length) = numbers.ticks.get(1) {
            let (x, y) = (SIDE - 12.0, SIDE - 12.0);
            drawing.path("bar", &[(x - length * scale, y), (x, y)], false, &format!(r#"stroke="{GREY}" stroke-width="2""#));
            let middle = x - length * scale / 2.0;
            let content = numbers.tick(length);
            drawing.text(Line {
                class: "tick",
                content: &content,
                x: middle,
                y: y - 5.0,
                size: NOTE,
                anchor: Anchor::Middle,
                turned: false,
                fill: GREY,
            });
        }
    }
    finish(drawing, SIDE, SIDE + 22.0, around)
}

pub(super) fn finish(mut drawing: Drawing, width: f64, bottom: f64, around: &Around<'_>) -> String {
    let middle = width / 2.0;
    let [title, subtitle, axis] = [around.title, around.subtitle, around.axis].map(shown);
    let anchor = Anchor::Middle;
    let above = if subtitle.is_empty() { -14.0 } else { -32.0 };
    let lines = [("axis", &axis, bottom, SIZE, DARK), ("subtitle", &subtitle, -14.0, NOTE, GREY), ("title", &title, above, TITLE, DARK)];
    for (class, content, y, size, fill) in lines {
        drawing.text(Line { class, content, x: middle, y, size, anchor, turned: false, fill });
    }
    drawing.finish(around.title, "", 1.0)
}
