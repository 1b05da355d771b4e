//! The element types that large products are computed in.

use faer::MatRef;

use crate::arrays::columns::Columns;
use crate::arrays::{product, single};

/// An element type of large products, whose sums are in f64 either way.
pub trait Element: Copy {
    /// A'B, p x q.
    fn cross_product(a: MatRef<'_, Self>, b: MatRef<'_, Self>) -> Columns<f64>;
}

impl Element for f64 {
    fn cross_product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Columns<f64> {
        product::cross_product(a, b)
    }
}

impl Element for f32 {
    fn cross_product(a: MatRef<'_, f32>, b: MatRef<'_, f32>) -> Columns<f64> {
        single::cross_product(a, b)
    }
}
