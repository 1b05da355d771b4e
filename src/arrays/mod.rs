//! Storage of matrices and the loops over them: buffers, products, sums, scaling, tiles, blocks of
//! neurons.

pub(crate) mod column_stats;
pub(crate) mod columns;
pub(crate) mod element;
pub(crate) mod exponential;
pub(crate) mod gram;
pub(crate) mod near_distances;
pub(crate) mod neurons;
pub(crate) mod operations;
pub(crate) mod pages;
pub(crate) mod product;
pub(crate) mod scale;
pub(crate) mod short_product;
pub(crate) mod single;
pub(crate) mod sums;
pub(crate) mod tiles;
