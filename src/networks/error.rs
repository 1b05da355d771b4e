//! Why many networks cannot be put beside one another.

/// Why there is no matrix, map or tree of networks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Fewer than two networks.
    #[error("{found} network: at least 2 are compared")]
    TooFew {
        /// The number of networks.
        found: usize,
    },
    /// A network does not have a layer.
    #[error("{network} has no layer {layer:?}; it has {there}. Name a layer that all networks have (--layer)")]
    NoLayer {
        /// The network.
        network: String,
        /// The layer.
        layer: String,
        /// Its layers.
        there: String,
    },
    /// The networks do not have the same layers.
    #[error(
        "{first} has the layer {layer:?}, and {other} has not: layers are matched by their names. Leave it out (--exclude), or name one layer that all \
         networks have (--layer)"
    )]
    Unmatched {
        /// The network with the layer.
        first: String,
        /// The layer.
        layer: String,
        /// The network without it.
        other: String,
    },
    /// A measure has no value on two networks.
    #[error("{measure} has no value for {a} and {b}: {cause}")]
    Undefined {
        /// The measure.
        measure: String,
        /// The first network.
        a: String,
        /// The second network.
        b: String,
        /// Why.
        cause: String,
    },
    /// No distance follows from a similarity that is not 1 for what is the same.
    #[error("{measure} is a similarity in {range}: a distance follows from one that is at most 1 (cka is the normalised form of hsic)")]
    Unbounded {
        /// The measure.
        measure: String,
        /// Its range.
        range: String,
    },
    /// A similarity is above 1 by more than its rounding error.
    #[error("{measure} of {a} and {b} is {value}, above 1 by more than its error bound {bound:e}, and gives no distance")]
    AboveOne {
        /// The measure.
        measure: String,
        /// The first network.
        a: String,
        /// The second network.
        b: String,
        /// The value.
        value: f64,
        /// The bound on its rounding error.
        bound: f64,
    },
    /// The eigenvalues of the matrix did not converge.
    #[error("the eigenvalues of the {networks} x {networks} matrix of squared distances did not converge")]
    Eigenvalues {
        /// The number of networks.
        networks: usize,
    },
}
