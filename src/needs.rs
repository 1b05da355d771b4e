//! What a measure computes of a representation and of a pair, as data: estimates of memory and the way layers are read follow from it.

use crate::kernel::Kernel;

/// What a measure computes, under its options, of a representation with certain partners.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Needs {
    /// The kernel between examples whose centered matrices are compared, and whether they are U-centered. A linear one takes matrices between examples only for
    /// pairs with more neurons together than examples.
    pub kernel: Option<(Kernel, bool)>,
    /// The features as they are, beside the centered ones.
    pub uncentered: bool,
    /// An orthonormal basis of the column space.
    pub basis: bool,
    /// The singular value decomposition.
    pub singular_vectors: bool,
    /// Products of the features themselves with those of a partner. Of a representation wider than its examples, these are fewest beside a narrow partner where all
    /// neurons are in memory.
    pub features: bool,
    /// Of a representation wider than its examples, the examples in as many coordinates as they have dimensions.
    pub coordinates: bool,
    /// No value where a basis fills the space of the examples: then neither the basis nor what follows is computed.
    pub refuses_filled: bool,
    /// What is computed of the product of a pair.
    pub product: Product,
}

/// What is computed of the product of two features, or two bases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Product {
    /// There is none.
    #[default]
    Nothing,
    /// Sums over its entries.
    Sums,
    /// Its singular values.
    SingularValues,
    /// Its singular vectors too.
    SingularVectors,
}
