//! Why there is no page.

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// More cells than a browser shows at once.
    #[error(
        "a report of {measures} measures of {rows} x {columns} layers: it holds at most {most} cells a measure and {most_numbers} in all. Sweep fewer \
         layers (--layers) or fewer measures into a directory of its own; the tables and pictures hold them all"
    )]
    TooLarge {
        /// Layers of the first network.
        rows: usize,
        /// Layers of the second network.
        columns: usize,
        /// Measures.
        measures: usize,
        /// The most cells of a measure.
        most: usize,
        /// The most cells of all measures.
        most_numbers: usize,
    },
    /// The template could not be filled.
    #[error("the report could not be written: {0}")]
    Template(#[from] askama::Error),
    /// The numbers could not be written as JSON.
    #[error("the report's numbers could not be written: {0}")]
    Json(#[from] serde_json::Error),
}
