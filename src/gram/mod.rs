//! What stands between examples: distances, exact medians, kernel matrices.

pub(crate) mod centering;
pub(crate) mod dissimilarities;
pub(crate) mod distances;
pub(crate) mod entry_errors;
pub(crate) mod exact;
mod exponential;
mod kernel_kinds;
pub(crate) mod kernel_matrix;
pub(crate) mod kernel_shape;
pub(crate) mod median;
mod polynomial;
pub(crate) mod product_errors;
pub(crate) mod ranks;
