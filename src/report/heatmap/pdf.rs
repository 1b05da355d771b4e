//! From the SVG to a page of PDF.

use std::sync::{Arc, LazyLock};

use svg2pdf::usvg::{Options, Tree, fontdb};
use svg2pdf::{ConversionOptions, PageOptions};

use super::HeatMapError;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(super::text::FONT.to_vec());
    Arc::new(fonts)
});

/// A page as large as the picture, with the letters that it uses inside.
pub(super) fn render(svg: &str) -> Result<Vec<u8>, HeatMapError> {
    let failed = |error: String| HeatMapError::Pdf(error);
    let options = Options { fontdb: FONTS.clone(), font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    // A unit of the picture is a CSS pixel, of which an inch has 96.
    let page = PageOptions { dpi: 96.0 };
    svg2pdf::to_pdf(&tree, ConversionOptions::default(), page).map_err(|error| failed(error.to_string()))
}
