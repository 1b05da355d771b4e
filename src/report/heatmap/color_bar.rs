//! The color bar: what the colors mean.

use std::fmt::Write as _;

use super::color::Color;
use super::drawing::{Anchor, Drawing, Extent, Line};
use super::palette::Palette;
use super::picture::{DARK, Plot};
use super::text::{ASCENT, HALF_CAPITAL};

const GAP: f64 = 24.0;
const THICKNESS: f64 = 16.0;
const ARROW: f64 = 13.0;
const TICK_SIZE: f64 = 11.0;
const LABEL_SIZE: f64 = 13.0;

/// The definition of the gradient that fills the bar, darkest at the bottom.
pub(super) fn gradient(palette: Palette) -> String {
    let last = palette.colors().len() - 1;
    let mut stops = String::new();
    for index in 0..=last {
        let offset = index as f64 / last as f64;
        let _ = write!(stops, r#"<stop offset="{offset:.4}" stop-color="{}"/>"#, Color::at(palette, offset).hex());
    }
    format!("<linearGradient id=\"colors\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">{stops}</linearGradient>\n")
}

/// Draws the bar to the right of the plot, as high as the plot where that gives a bar that can be
/// read.
pub(super) fn draw(drawing: &mut Drawing, plot: &Plot<'_>) {
    let scale = &plot.map.scale;
    let values = || plot.map.values.iter().flatten();
    let beyond = [values().any(|&value| value > scale.maximum), values().any(|&value| value < scale.minimum)];
    let height = plot.height.clamp(130.0, 640.0);
    let top = (plot.height - height) / 2.0;
    // Arrows take their room from the bar, which keeps its ends level with the plot.
    let room = |arrow: bool| if arrow { ARROW } else { 0.0 };
    let (outer_top, outer_bottom) = (top, top + height);
    let (top, bottom) = (outer_top + room(beyond[0]), outer_bottom - room(beyond[1]));
    let (left, right) = (plot.width + GAP, plot.width + GAP + THICKNESS);

    let bar = Extent { left, top, right, bottom };
    let outline = format!(r#"stroke="{DARK}" stroke-linejoin="round""#);
    drawing.rectangle("color-bar", bar, r##"fill="url(#colors)""##, None);
    for (arrow, fraction, base, tip) in [(beyond[0], 1.0, top, outer_top), (beyond[1], 0.0, bottom, outer_bottom)] {
        if arrow {
            let fill = format!(r#"fill="{}""#, Color::at(plot.map.format.palette, fraction).hex());
            drawing.path("arrow", &[(left, base), ((left + right) / 2.0, tip), (right, base)], true, &fill);
        }
    }
    // One outline around bar and arrows: an arrow is the bar going on, not a thing beside it.
    let mut points = vec![(left, bottom), (left, top)];
    points.extend(beyond[0].then_some(((left + right) / 2.0, outer_top)));
    points.extend([(right, top), (right, bottom)]);
    points.extend(beyond[1].then_some(((left + right) / 2.0, outer_bottom)));
    drawing.path("frame", &points, true, &format!(r#"fill="none" {outline}"#));

    let mut edge = right;
    for &tick in &plot.numbers.ticks {
        let fraction = (tick - scale.minimum) / (scale.maximum - scale.minimum);
        let y = bottom - fraction * (bottom - top);
        drawing.path("tick", &[(right, y), (right + 4.0, y)], false, &outline);
        let extent = drawing.text(Line {
            class: "tick",
            content: &plot.numbers.tick(tick),
            x: right + 7.0,
            y: y + HALF_CAPITAL * TICK_SIZE,
            size: TICK_SIZE,
            anchor: Anchor::Start,
            turned: false,
            fill: DARK,
        });
        edge = edge.max(extent.right);
    }
    drawing.text(Line {
        class: "scale-label",
        content: &scale.label,
        x: edge + 9.0 + ASCENT * LABEL_SIZE,
        y: (outer_top + outer_bottom) / 2.0,
        size: LABEL_SIZE,
        anchor: Anchor::Middle,
        turned: true,
        fill: DARK,
    });
}
