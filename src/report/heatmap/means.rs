//! Means with their intervals, row below row, as SVG.

use super::drawing::{Anchor, Drawing, Extent, Line, number};
use super::numbers::Numbers;
use super::picture::{DARK, GREY};
use super::text::HALF_CAPITAL;
use super::tree::{Around, NOTE, SIZE, TEAL, finish, shown};

const WIDTH: f64 = 420.0;
const PITCH: f64 = 24.0;

/// A row: what it is of, the mean, the ends of its interval.
#[derive(Debug, Clone)]
pub struct Mean {
    /// What stands before it.
    pub name: String,
    /// The mean.
    pub mean: f64,
    /// The ends of its interval, where it has one.
    pub ends: Option<[f64; 2]>,
}

/// Rows that are held against one value, or a range.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The value: a dashed line.
    pub level: Option<f64>,
    /// The range: a shaded band.
    pub band: Option<[f64; 2]>,
    /// The rows.
    pub rows: Vec<Mean>,
}

/// Groups of rows, each with what its rows are held against; `axis` is along the values. A
/// self-contained SVG document.
///
/// # Panics
/// When there is no row.
pub fn means(groups: &[Rows], around: &Around<'_>) -> String {
    let rows = || groups.iter().flat_map(|group| &group.rows);
    assert!(rows().next().is_some(), "a row");
    let of_rows = rows().flat_map(|row| [row.mean].into_iter().chain(row.ends.into_iter().flatten()));
    let all: Vec<f64> = of_rows.chain(groups.iter().flat_map(|group| group.band.into_iter().flatten())).collect();
    let (low, high) = all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    // Values that are all equal still need a scale.
    let span = (high - low).max(1e-6 * high.abs().max(low.abs())).max(1e-6);
    let (low, high) = (low - 0.08 * span, high + 0.08 * span);
    let across = |value: f64| WIDTH * (value - low) / (high - low);
    let height = PITCH * rows().count() as f64;
    let frame = Extent { left: 0.0, top: 0.0, right: WIDTH, bottom: height };
    let mut drawing = Drawing::new(frame);
    drawing.rectangle("frame", frame, &format!(r#"fill="none" stroke="{DARK}""#), None);
    let bar = format!(r#"fill="none" stroke="{TEAL}" stroke-width="1.6""#);
    let mut top = 0.0;
    for Rows { level, band, rows } in groups {
        let bottom = top + PITCH * rows.len() as f64;
        if let Some(band) = band {
            let [left, right] = band.map(across);
            drawing.rectangle("band", Extent { left, top, right, bottom }, &format!(r#"fill="{GREY}" fill-opacity="0.25""#), None);
        }
        if let Some(level) = level {
            let x = across(*level);
            drawing.path("level", &[(x, top), (x, bottom)], false, &format!(r#"stroke="{GREY}" stroke-dasharray="4 3""#));
        }
        if top > 0.0 {
            drawing.path("between", &[(0.0, top), (WIDTH, top)], false, &format!(r#"stroke="{GREY}" stroke-width="0.6""#));
        }
        for (place, row) in rows.iter().enumerate() {
            let y = top + (place as f64 + 0.5) * PITCH;
            if let Some(ends) = row.ends {
                let ([lower, upper], cap) = (ends.map(across), 4.0);
                let shape = [(lower, y - cap), (lower, y + cap), (lower, y), (upper, y), (upper, y - cap), (upper, y + cap)];
                drawing.path("interval", &shape, false, &bar);
            }
            let left = number(across(row.mean) - 4.0);
            drawing.area("mean", &format!("M{left} {}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z", number(y)), &format!(r#"fill="{TEAL}""#));
            let (content, y) = (shown(&row.name), y + HALF_CAPITAL * SIZE);
            drawing.text(Line { class: "name", content: &content, x: -8.0, y, size: SIZE, anchor: Anchor::End, turned: false, fill: DARK });
        }
        top = bottom;
    }
    let numbers = Numbers::new(low, high, 5);
    let y = height + 8.0 + 2.0 * HALF_CAPITAL * NOTE;
    for &tick in &numbers.ticks {
        let x = across(tick);
        drawing.path("tick", &[(x, height), (x, height + 4.0)], false, &format!(r#"stroke="{DARK}""#));
        let content = numbers.tick(tick);
        drawing.text(Line { class: "tick", content: &content, x, y, size: NOTE, anchor: Anchor::Middle, turned: false, fill: DARK });
    }
    finish(drawing, WIDTH, height + 40.0, around)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_below_one_another_where_their_numbers_are() {
        let row = |name: &str, mean: f64, ends: Option<[f64; 2]>| Mean { name: name.to_string(), mean, ends };
        let groups = [
            Rows {
                level: Some(0.9),
                band: Some([0.85, 0.95]),
                rows: vec![row("a with itself", 0.9, Some([0.8, 1.0])), row("a with <b>", 0.5, Some([0.4, 0.6]))],
            },
            Rows { rows: vec![row("b with a", 0.5, None)], ..Rows::default() },
        ];
        let svg = means(&groups, &Around { title: "Kinds", subtitle: "", axis: "CKA" });
        let count = |class: &str| svg.matches(&format!("class=\"{class}\"")).count();
        assert_eq!(["interval", "mean", "level", "band", "between", "name"].map(count), [2, 3, 1, 1, 1, 3], "{svg}");
        // The scale goes from 0.4 to 1 with eight hundredths of that around.
        let x = WIDTH * (0.9 - 0.352) / (1.048 - 0.352);
        assert!(svg.contains(&format!("M{} 12a4", number(x - 4.0))) && svg.contains("a with &lt;b&gt;"), "{x} {svg}");
        // The band ends where its numbers are, and is never cut off.
        let [left, width] = [WIDTH * (0.85 - 0.352) / 0.696, WIDTH * 0.1 / 0.696].map(number);
        assert!(svg.contains(&format!(r#"x="{left}""#)) && svg.contains(&format!(r#"width="{width}""#)), "{left} {width} {svg}");
        let alone = Rows { band: Some([0.7, 0.9]), rows: vec![row("", 0.0, None)], ..Rows::default() };
        let svg = means(&[alone], &Around { title: "", subtitle: "", axis: "" });
        assert!(svg.contains(&format!(r#"x="{}""#, number(WIDTH * (0.7 + 0.072) / 1.044))) && !svg.contains("NaN"), "{svg}");
        let one = Rows { rows: vec![row("", 0.0, None)], ..Rows::default() };
        assert!(!means(&[one], &Around { title: "", subtitle: "", axis: "" }).contains("NaN"));
    }
}
