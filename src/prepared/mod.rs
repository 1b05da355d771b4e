//! Representations and pairs with what was computed for them, which measures share.

pub(crate) mod artifacts;
pub(crate) mod between;
pub(crate) mod compared;
pub(crate) mod cosine;
pub(crate) mod inner;
#[cfg(all(test, feature = "reference"))]
mod kernel_tests;
pub(crate) mod layer;
pub(crate) mod pair;

pub use crate::linalg::basis::Basis;
pub use crate::linalg::correlation::{Correlations, Variates};
pub use crate::linalg::decomposition::Decomposition;
pub use crate::linalg::features::Features;
pub use between::{ExampleMatrix, InnerProduct, InnerProducts, Statistic};
pub use layer::{Partners, Prepared};
pub use pair::Pair;
