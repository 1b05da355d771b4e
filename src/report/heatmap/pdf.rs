//! From the SVG to a page of PDF.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use svg2pdf::usvg::{Options, Tree, fontdb};
use svg2pdf::{ConversionOptions, PageOptions};

use super::color::Color;
use super::{HeatMapError, Palette};

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(super::text::FONT.to_vec());
    Arc::new(fonts)
});

/// How many strips a color bar has.
const STRIPS: usize = 204;

/// A page as large as the picture, with the letters that it uses inside. A color bar is drawn in
/// strips: poppler, and what shows PDF through it, ends a gradient of so many colors early.
pub(super) fn render(svg: &str, palette: Palette) -> Result<Vec<u8>, HeatMapError> {
    let failed = |error: String| HeatMapError::Pdf(error);
    let options = Options { fontdb: FONTS.clone(), font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    let tree = Tree::from_str(&in_strips(svg, palette), &options).map_err(|error| failed(error.to_string()))?;
    // A unit of the picture is a CSS pixel, of which an inch has 96.
    let page = PageOptions { dpi: 96.0 };
    svg2pdf::to_pdf(&tree, ConversionOptions::default(), page).map_err(|error| failed(error.to_string()))
}

fn in_strips<'a>(svg: &'a str, palette: Palette) -> Cow<'a, str> {
    let bar = |svg: &'a str| {
        let start = svg.find(r#"<rect class="color-bar""#)?;
        let end = start + svg[start..].find("/>")? + 2;
        let number = |name: &str| -> Option<f64> {
            let (_, value) = svg[start..end].split_once(&format!(" {name}=\""))?;
            value.split('"').next()?.parse().ok()
        };
        Some((start, end, [number("x")?, number("y")?, number("width")?, number("height")?]))
    };
    let Some((start, end, [x, y, width, height])) = bar(svg) else { return Cow::Borrowed(svg) };
    let mut strips = String::new();
    // From the bottom, each up to the top, so that no seam lets the page through.
    for strip in 0..STRIPS {
        let color = Color::at(palette, (strip as f64 + 0.5) / STRIPS as f64).hex();
        let rest = height * (1.0 - strip as f64 / STRIPS as f64);
        let _ = write!(strips, r#"<rect x="{x}" y="{y}" width="{width}" height="{rest}" fill="{color}"/>"#);
    }
    Cow::Owned([&svg[..start], &strips, &svg[end..]].concat())
}
