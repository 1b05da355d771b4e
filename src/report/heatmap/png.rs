//! From the SVG to pixels.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::Tree;

use super::{HeatMapError, text};

/// Half a gigabyte of pixels: more is a mistake in the number of pixels per unit.
pub(super) const MOST_PIXELS: u32 = 1 << 27;

/// From here on fewer pixels for each unit are enough.
const MANY_PIXELS: f64 = (1_u32 << 24) as f64;

pub(super) fn render(svg: &str, pixels_per_unit: f32) -> Result<Vec<u8>, HeatMapError> {
    draw(&Tree::from_str(svg, &text::options())?, pixels_per_unit)
}

/// Renders in three, two or one pixels for each unit.
pub(super) fn render_dense(svg: &str) -> Result<Vec<u8>, HeatMapError> {
    let tree = Tree::from_str(svg, &text::options())?;
    let area = f64::from(tree.size().width()) * f64::from(tree.size().height());
    let fitting = [3.0_f32, 2.0].into_iter().find(|&pixels| area * f64::from(pixels * pixels) <= MANY_PIXELS);
    draw(&tree, fitting.unwrap_or(1.0))
}

fn draw(tree: &Tree, pixels_per_unit: f32) -> Result<Vec<u8>, HeatMapError> {
    let side = |length: f32| (f64::from(length) * f64::from(pixels_per_unit)).round();
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let size_error = || HeatMapError::PictureSize { width, height };
    if width < 1.0 || height < 1.0 || width * height > f64::from(MOST_PIXELS) {
        return Err(size_error());
    }
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or_else(size_error)?;
    // The exact ratio of the rounded size, so that the background reaches the last row and column
    // of pixels.
    let scale = Transform::from_scale(width as f32 / tree.size().width(), height as f32 / tree.size().height());
    resvg::render(tree, scale, &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| HeatMapError::Encode(Box::new(error)))
}
