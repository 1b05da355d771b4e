//! Heat maps of layers against layers, as SVG and as PNG.
//!
//! The picture has the orientation that the literature uses: the first layer of both networks
//! stands at the bottom left, so a network compared with itself shows its diagonal rising to the
//! right. Cells are square, names stand on both axes, a color bar says what the colors mean, and
//! the text is drawn with an embedded font, so that the picture is the same on a machine that has
//! no fonts at all.
//!
//! ```
//! use similitude::report::heatmap::{Format, HeatMap, Scale};
//!
//! let names = ["conv1", "conv2"].map(String::from).to_vec();
//! let map = HeatMap {
//!     title: "Linear CKA".into(),
//!     subtitle: Some("n = 1000 test images".into()),
//!     row_axis: "network A".into(),
//!     column_axis: "network B".into(),
//!     rows: names.clone(),
//!     columns: names,
//!     values: vec![Some(0.98), Some(0.41), Some(0.40), None],
//!     scale: Scale { minimum: 0.0, maximum: 1.0, label: "CKA".into() },
//!     mark_row_maximum: true,
//!     hatched: None,
//!     format: Format::default(),
//! };
//! let svg = map.to_svg()?;
//! let png = map.to_png(2.0)?;
//! # assert!(svg.starts_with("<svg") && png.starts_with(b"\x89PNG"));
//! # Ok::<(), similitude::report::heatmap::HeatMapError>(())
//! ```

mod axes;
mod color;
mod color_bar;
pub mod curve;
mod drawing;
mod format;
mod hatching;
mod letters;
pub mod means;
mod numbers;
mod palette;
#[cfg(feature = "pdf")]
mod pdf;
mod picture;
mod png;
mod text;
pub mod tree;

pub use format::Format;
pub use palette::Palette;

/// A matrix of values with a name for every row and every column, and everything that is written
/// around it.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// Written above the picture; long titles are broken into lines. Empty: none.
    pub title: String,
    /// A smaller line below the title.
    pub subtitle: Option<String>,
    /// What the rows are, for example the name of a network. Empty: none.
    pub row_axis: String,
    /// What the columns are. Empty: none.
    pub column_axis: String,
    /// One name for each row. The first one is the *bottom* row.
    pub rows: Vec<String>,
    /// One name for each column, from left to right.
    pub columns: Vec<String>,
    /// Row-major: the value of row `i` and column `j` is `values[i * columns.len() + j]`. `None` is
    /// a value that is undefined: its cell is hatched grey, and the legend says so.
    pub values: Vec<Option<f64>>,
    /// Which values the ends of the color bar stand for.
    pub scale: Scale,
    /// Outline the largest value of each row (all of them when several are equal), and, when the
    /// rows have the names of the columns and there is more than one, mark the diagonal, where the
    /// largest value of a row is expected.
    pub mark_row_maximum: bool,
    /// Cells that are hatched over their color, as those of values that may be chance.
    pub hatched: Option<Hatched>,
    /// Colors, width and size of letters.
    pub format: Format,
}

/// Cells that are hatched over their color.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hatched {
    /// Whether a cell is, in the order of the values.
    pub cells: Vec<bool>,
    /// What that means, for the legend.
    pub label: String,
}

/// The values between which the colors run. Values outside are drawn in the color of the nearer
/// end, and that end of the color bar becomes an arrow.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// The value of the darkest color.
    pub minimum: f64,
    /// The value of the brightest color.
    pub maximum: f64,
    /// Written along the color bar. Empty: nothing.
    pub label: String,
}

/// Why a heat map cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeatMapError {
    /// There is no row or no column.
    #[error("a heat map needs at least one row and one column, this one has {rows} rows and {columns} columns")]
    Empty {
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
    },
    /// The number of values is not the number of cells.
    #[error("{rows} rows and {columns} columns need {} values, found {found}", rows * columns)]
    WrongNumberOfValues {
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
        /// The number of values given.
        found: usize,
    },
    /// A value is infinite or not a number. A value that is undefined is `None`.
    #[error("the value of row {row} ({row_name}) and column {column} ({column_name}) is {value}, not a finite number")]
    ValueNotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The name of the row.
        row_name: String,
        /// The column, counted from 0.
        column: usize,
        /// The name of the column.
        column_name: String,
        /// The value.
        value: f64,
    },
    /// An end of the scale is infinite or not a number, or the distance between the ends overflows.
    #[error("the scale from {minimum:?} to {maximum:?} is not finite")]
    ScaleNotFinite {
        /// The lower end.
        minimum: f64,
        /// The upper end.
        maximum: f64,
    },
    /// The lower end of the scale is not below the upper end.
    #[error("the lower end of the scale must be below its upper end, found {minimum:?} and {maximum:?}")]
    ScaleEmpty {
        /// The lower end.
        minimum: f64,
        /// The upper end.
        maximum: f64,
    },
    /// The number of pixels per unit is not a finite positive number.
    #[error("the number of pixels per unit must be finite and positive, found {pixels_per_unit}")]
    PixelsPerUnit {
        /// The number given.
        pixels_per_unit: f32,
    },
    /// The PNG would have less than one pixel or more than 2^27 of them.
    #[error("a picture of {width} x {height} pixels is outside 1 to {} pixels; choose other pixels per unit", png::MOST_PIXELS)]
    PictureSize {
        /// The width in pixels.
        width: f64,
        /// The height in pixels.
        height: f64,
    },
    /// A width is outside 0.5 to 200 inches.
    #[error("a width of {width} inches: a width is 0.5 to 200 inches (1.27 to 508 cm)")]
    Width {
        /// The width in inches.
        width: f64,
    },
    /// Letters are outside 1 to 144 points.
    #[error("letters of {font_size} points: letters are of 1 to 144 points")]
    Letters {
        /// The size of letters in points.
        font_size: f64,
    },
    /// Names of that size leave no room for the cells in a picture of that width.
    #[error(
        "a picture {width} inches wide with letters of {font_size} points has no room for its {columns} columns; make it wider (--width), the letters \
         smaller (--font-size) or the names shorter (--labels index)"
    )]
    TooNarrow {
        /// The width in inches.
        width: f64,
        /// The size of letters in points.
        font_size: f64,
        /// The number of columns.
        columns: usize,
    },
    /// The renderer does not accept the picture.
    #[error("the picture could not be rendered: {0}")]
    Render(#[from] resvg::usvg::Error),
    /// The picture could not be made a page of PDF.
    #[error("the picture could not be written as PDF: {0}")]
    Pdf(String),
    /// The pixels could not be encoded.
    #[error("the picture could not be encoded as PNG: {0}")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HeatMap {
    /// The picture as a self-contained SVG document: the same heat map gives the same bytes. One
    /// unit is one CSS pixel.
    ///
    /// Each cell is a `rect` of class `cell`, row by row from the first row, and carries its names
    /// and its value in full precision as a tooltip.
    ///
    /// # Errors
    ///
    /// [`HeatMapError::Empty`], [`HeatMapError::WrongNumberOfValues`],
    /// [`HeatMapError::ValueNotFinite`], [`HeatMapError::ScaleNotFinite`] and
    /// [`HeatMapError::ScaleEmpty`] for input that has no picture.
    pub fn to_svg(&self) -> Result<String, HeatMapError> {
        self.validate()?;
        picture::draw(self)
    }

    /// The same picture as a PNG file with `pixels_per_unit` pixels for each unit of the SVG; 2
    /// suits most screens, 4 print.
    ///
    /// The embedded font covers Latin, Greek and the usual mathematical signs. Other characters
    /// appear as boxes here, while a viewer of the SVG takes them from its own fonts.
    ///
    /// # Errors
    ///
    /// Those of [`HeatMap::to_svg`]; [`HeatMapError::PixelsPerUnit`] and
    /// [`HeatMapError::PictureSize`] when the picture would have no pixels or too many;
    /// [`HeatMapError::Render`] and [`HeatMapError::Encode`] when the renderer refuses.
    pub fn to_png(&self, pixels_per_unit: f32) -> Result<Vec<u8>, HeatMapError> {
        if !(pixels_per_unit.is_finite() && pixels_per_unit > 0.0) {
            return Err(HeatMapError::PixelsPerUnit { pixels_per_unit });
        }
        png::render(&self.to_svg()?, pixels_per_unit)
    }

    /// The same picture as a PDF file of one page of its size, with the letters that it uses
    /// inside.
    ///
    /// # Errors
    ///
    /// Those of [`HeatMap::to_svg`], and [`HeatMapError::Pdf`].
    #[cfg(feature = "pdf")]
    pub fn to_pdf(&self) -> Result<Vec<u8>, HeatMapError> {
        pdf::render(&self.to_svg()?, self.format.palette)
    }

    /// The picture as SVG, and as PNG in as many pixels as suit its size: three for each unit where
    /// that is sharp on a dense screen and in print, fewer where the picture is so large that they
    /// would only take memory. The PNG says how many pixels an inch has: 288, or fewer.
    pub(crate) fn to_svg_and_png(&self) -> Result<(String, Vec<u8>), HeatMapError> {
        let svg = self.to_svg()?;
        let png = png::render_dense(&svg, self.format.width.is_some())?;
        Ok((svg, png))
    }

    /// The first character of its texts that the embedded font lacks: a box in PNG and PDF, while a
    /// viewer of the SVG takes it from its own fonts.
    pub fn lacking(&self) -> Option<char> {
        let texts = [&self.title, &self.row_axis, &self.column_axis].into_iter().chain(&self.subtitle);
        letters::lacking(texts.chain(&self.rows).chain(&self.columns).map(String::as_str))
    }

    fn validate(&self) -> Result<(), HeatMapError> {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        if rows == 0 || columns == 0 {
            return Err(HeatMapError::Empty { rows, columns });
        }
        if self.values.len() != rows * columns {
            return Err(HeatMapError::WrongNumberOfValues { rows, columns, found: self.values.len() });
        }
        if let Some(hatched) = &self.hatched
            && hatched.cells.len() != rows * columns
        {
            return Err(HeatMapError::WrongNumberOfValues { rows, columns, found: hatched.cells.len() });
        }
        self.format.check()?;
        for (index, value) in self.values.iter().enumerate() {
            if let Some(value) = *value
                && !value.is_finite()
            {
                let (row, column) = (index / columns, index % columns);
                let (row_name, column_name) = (self.rows[row].clone(), self.columns[column].clone());
                return Err(HeatMapError::ValueNotFinite { row, row_name, column, column_name, value });
            }
        }
        let Scale { minimum, maximum, .. } = self.scale;
        // The distance is checked too: from -1e308 to 1e308 both ends are finite and no fraction of
        // the way is.
        if !(minimum.is_finite() && maximum.is_finite() && (maximum - minimum).is_finite()) {
            return Err(HeatMapError::ScaleNotFinite { minimum, maximum });
        }
        if minimum >= maximum {
            return Err(HeatMapError::ScaleEmpty { minimum, maximum });
        }
        Ok(())
    }
}

/// A picture that is an SVG document already, as PNG in as many pixels as suit its size.
///
/// # Errors
/// [`HeatMapError::Render`], [`HeatMapError::PictureSize`] and [`HeatMapError::Encode`].
pub fn png_of(svg: &str) -> Result<Vec<u8>, HeatMapError> {
    png::render_dense(svg, false)
}

/// A picture that is an SVG document already, as a page of PDF.
///
/// # Errors
/// [`HeatMapError::Pdf`].
#[cfg(feature = "pdf")]
pub fn pdf_of(svg: &str) -> Result<Vec<u8>, HeatMapError> {
    pdf::render(svg, Palette::default())
}
