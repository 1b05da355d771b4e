//! From the SVG to pixels.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::Tree;

use super::{HeatMapError, text};

/// Half a gigabyte of pixels: more is a mistake in the number of pixels per unit.
pub(super) const MOST_PIXELS: u32 = 1 << 27;

pub(super) fn render(svg: &str, pixels_per_unit: f32) -> Result<Vec<u8>, HeatMapError> {
    let tree = Tree::from_str(svg, &text::options())?;
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
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| HeatMapError::Encode(Box::new(error)))
}
