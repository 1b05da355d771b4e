//! The few operations on faer matrices that fast paths share.

mod basis;
mod centering;
mod columns;
mod correlation;
mod decomposition;
mod distances;
mod exponential;
mod facts;
mod features;
mod gram;
mod inner;
mod kernel_matrix;
mod kernel_shape;
#[cfg(test)]
mod kernel_tests;
mod middle;
mod neurons;
mod operations;
mod pages;
mod pair;
mod prepared;
mod product;
mod reduced;
mod scale;
mod single;
mod single_basis;
mod singular;
mod sums;
mod tiles;
mod whitened;
mod wide;

pub use basis::Basis;
pub(crate) use columns::{Columns, center};
pub use correlation::{Correlations, Variates};
pub use decomposition::Decomposition;
pub(crate) use decomposition::thin_svd;
pub use features::Features;
pub(crate) use gram::Gram;
pub(crate) use inner::{Centering, SelfInner, inner_product, inner_products, prepare, products_alone};
pub(crate) use kernel_matrix::{Keeping, Room};
pub use neurons::{NeuronBlock, NeuronValues, StoredNeurons};
pub(crate) use neurons::{READ_SIZE, pass_room};
pub(crate) use operations::count;
#[cfg(test)]
pub(crate) use operations::counted;
pub use pair::Pair;
pub use prepared::{Partners, Prepared};
pub(crate) use product::{parallelism, product, row_squared_norms, slice, squared_norm, symmetric_squared_norm};
pub use scale::ScaledValue;
pub(crate) use scale::{exponent, factors, largest_magnitude, with_exponent};
pub(crate) use single::BLOCK;
pub use single::Precision;
pub(crate) use singular::{nuclear_norm, singular_values};
pub(crate) use sums::{dot, squared_difference, sum, sum_of_squares};
pub(crate) use wide::is_wide;
