//! A value at several numbers of examples, and where it goes, as SVG.

use super::drawing::{Anchor, Drawing, Extent, Line, number};
use super::numbers::Numbers;
use super::picture::{DARK, GREY};
use super::text::HALF_CAPITAL;
use super::tree::{Around, NOTE, SIZE, TEAL, finish, shown};

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;
/// Straight pieces of the fitted curve.
const PIECES: usize = 64;

/// The values of subsets of one size.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// Examples of a subset.
    pub n: f64,
    /// The mean of the values.
    pub mean: f64,
    /// The ends of the bar around it.
    pub ends: [f64; 2],
}

/// A curve: rising sizes, the value of all examples, and a + b/n.
#[derive(Debug, Clone, Copy)]
pub struct SampleSizes<'a> {
    /// The sizes.
    pub points: &'a [Point],
    /// The number of all examples, and the value.
    pub whole: (f64, f64),
    /// a and b.
    pub fit: (f64, f64),
}

/// Means with bars over numbers of examples, which are equal factors apart; the value of all
/// examples; the fitted curve, to twice as many examples; its limit. A self-contained SVG document,
/// `axis` along the values.
///
/// # Panics
/// When there is no size.
pub fn sample_sizes(curve: &SampleSizes<'_>, around: &Around<'_>) -> String {
    let SampleSizes { points, whole: (n, value), fit: (limit, slope) } = *curve;
    let first = points.first().expect("a size").n;
    let last = 2.0 * n;
    let fitted = |size: f64| limit + slope / size;
    let of_points = points.iter().flat_map(|point| [point.mean, point.ends[0], point.ends[1], fitted(point.n)]);
    let all: Vec<f64> = of_points.chain([value, limit, fitted(last)]).collect();
    let (low, high) = all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    // Values that are all equal still need a scale.
    let span = (high - low).max(1e-6 * high.abs().max(low.abs())).max(1e-6);
    let (low, high) = (low - 0.08 * span, high + 0.08 * span);
    let across = |size: f64| 18.0 + (WIDTH - 36.0) * (size / first).ln() / (last / first).ln();
    let down = |value: f64| HEIGHT * (high - value) / (high - low);

    let frame = Extent { left: 0.0, top: 0.0, right: WIDTH, bottom: HEIGHT };
    let mut drawing = Drawing::new(frame);
    drawing.rectangle("frame", frame, &format!(r#"fill="none" stroke="{DARK}""#), None);
    let dark = format!(r#"stroke="{DARK}""#);
    let text = |drawing: &mut Drawing, content: &str, x: f64, y: f64, anchor: Anchor| {
        drawing.text(Line { class: "tick", content, x, y, size: NOTE, anchor, turned: false, fill: DARK })
    };
    let numbers = Numbers::new(low, high, 5);
    let mut left: f64 = 0.0;
    for &tick in &numbers.ticks {
        let y = down(tick);
        drawing.path("tick", &[(-4.0, y), (0.0, y)], false, &dark);
        left = left.min(text(&mut drawing, &numbers.tick(tick), -8.0, y + HALF_CAPITAL * NOTE, Anchor::End).left);
    }
    let under = HEIGHT + 8.0 + 2.0 * HALF_CAPITAL * NOTE;
    for size in points.iter().map(|point| point.n).chain([n, last]) {
        let x = across(size);
        drawing.path("tick", &[(x, HEIGHT), (x, HEIGHT + 4.0)], false, &dark);
        text(&mut drawing, &number(size), x, under, Anchor::Middle);
    }
    let level = down(limit);
    drawing.path("limit", &[(0.0, level), (WIDTH, level)], false, &format!(r#"stroke="{GREY}" stroke-dasharray="2 3""#));
    let pieces: Vec<(f64, f64)> = (0..=PIECES)
        .map(|piece| first * (last / first).powf(piece as f64 / PIECES as f64))
        .map(|size| (across(size), down(fitted(size))))
        .collect();
    drawing.path("fit", &pieces, false, &format!(r#"fill="none" stroke="{GREY}" stroke-dasharray="6 4""#));
    let bar = format!(r#"fill="none" stroke="{TEAL}" stroke-width="1.6""#);
    for point in points {
        let (x, [lower, upper]) = (across(point.n), point.ends.map(down));
        let cap = 5.0;
        let shape = [(x - cap, lower), (x + cap, lower), (x, lower), (x, upper), (x - cap, upper), (x + cap, upper)];
        drawing.path("interval", &shape, false, &bar);
        let (left, y) = (number(x - 4.0), number(down(point.mean)));
        drawing.area("mean", &format!("M{left} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z"), &format!(r#"fill="{TEAL}""#));
    }
    let (x, y) = (across(n), down(value));
    let corners = [(x - 6.0, y), (x, y - 6.0), (x + 6.0, y), (x, y + 6.0)];
    drawing.path("value", &corners, true, &format!(r#"fill="{DARK}""#));
    let content = shown(around.axis);
    let (x, y) = (left - 10.0, HEIGHT / 2.0);
    drawing.text(Line { class: "axis", content: &content, x, y, size: SIZE, anchor: Anchor::Middle, turned: true, fill: DARK });
    finish(drawing, WIDTH, under + 22.0, &Around { axis: "examples", ..around.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_where_their_numbers_are() {
        let points = [8.0, 16.0].map(|n| Point { n, mean: 0.5 + 1.0 / n, ends: [0.4, 0.8] });
        let curve = SampleSizes { points: &points, whole: (32.0, 0.75), fit: (0.5, 1.0) };
        let svg = sample_sizes(&curve, &Around { title: "A & B", subtitle: "", axis: "CKA" });
        let count = |class: &str| svg.matches(&format!("class=\"{class}\"")).count();
        assert_eq!(["interval", "mean", "value", "fit", "limit", "axis"].map(count), [2, 2, 1, 1, 1, 2], "{svg}");
        assert!(svg.contains("A &amp; B") && [">8<", ">16<", ">32<", ">64<"].iter().all(|tick| svg.contains(tick)), "{svg}");
        // The scale goes from 0.4 to 0.8 with eight hundredths of that around.
        let y = HEIGHT * (0.832 - 0.625) / (0.832 - 0.368);
        assert!(svg.contains(&format!("M14 {}a4", number(y))), "{y} {svg}");
        // 32 is two of the three factors from 8 to 64, and its value is off the curve.
        let (x, y) = (18.0 + (WIDTH - 36.0) * 2.0 / 3.0, HEIGHT * (0.832 - 0.75) / (0.832 - 0.368));
        assert!(svg.contains(&format!("M{} {}L{}", number(x - 6.0), number(y), number(x))), "{x} {y} {svg}");
    }

    #[test]
    fn equal_values_are_drawn() {
        let points = [4.0, 8.0].map(|n| Point { n, mean: 1.0, ends: [1.0, 1.0] });
        let svg = sample_sizes(
            &SampleSizes { points: &points, whole: (16.0, 1.0), fit: (1.0, 0.0) },
            &Around { title: "", subtitle: "", axis: "" },
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
