//! What results look like outside.

pub mod heatmap;
