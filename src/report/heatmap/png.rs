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

/// Renders in three, two or one pixels for each unit; a picture for print, whose width was chosen,
/// in 300 pixels an inch.
pub(super) fn render_dense(svg: &str, for_print: bool) -> Result<Vec<u8>, HeatMapError> {
    let tree = Tree::from_str(svg, &text::options())?;
    let area = f64::from(tree.size().width()) * f64::from(tree.size().height());
    let most = if for_print { 300.0 / 96.0 } else { 3.0 };
    let fitting = [most, 2.0].into_iter().find(|&pixels| area * f64::from(pixels * pixels) <= MANY_PIXELS);
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
    let png = pixels.encode_png().map_err(|error| HeatMapError::Encode(Box::new(error)))?;
    Ok(with_density(&png, f64::from(pixels_per_unit) * 96.0))
}

/// A PNG that says how many pixels an inch has (chunk `pHYs`, PNG specification 11.3.4.3), right
/// behind its header, which is always as long.
fn with_density(png: &[u8], dots_per_inch: f64) -> Vec<u8> {
    const HEADER: usize = 8 + 4 + 4 + 13 + 4;
    let dots_per_meter = ((dots_per_inch / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(dots_per_meter);
    chunk.extend(dots_per_meter);
    chunk.push(1);
    let sum = crc32fast::hash(&chunk).to_be_bytes();
    [&png[..HEADER], &9_u32.to_be_bytes(), &chunk, &sum, &png[HEADER..]].concat()
}
