//! What a measure computes of a representation and of a pair, as data.
//!
//! Estimates of memory, the way layers are read, streaming, the tolerance of laws, the methods text
//! and the accuracy tables follow from it; nothing is told from the name of a measure.

use crate::kernel::Kernel;

/// What a measure computes, under its options, of a representation with certain partners.
#[derive(Debug, Clone, PartialEq)]
pub struct Needs {
    /// The kernel between examples whose centered matrices are compared, and whether they are
    /// U-centered. A linear one takes matrices between examples only for pairs with more neurons
    /// together than examples.
    pub kernel: Option<(Kernel, bool)>,
    /// Nothing but distances or dissimilarities between examples, so that given ones will do.
    pub dissimilarities: bool,
    /// The features as they are, beside the centered ones.
    pub uncentered: bool,
    /// An orthonormal basis of the column space.
    pub basis: bool,
    /// The singular value decomposition.
    pub singular_vectors: bool,
    /// Products of the features themselves with those of a partner. Of a representation wider than
    /// its examples, these are fewest beside a narrow partner where all neurons are in memory.
    pub features: bool,
    /// All neurons in memory, however many there are.
    pub neurons: bool,
    /// Of a representation wider than its examples, the examples in as many coordinates as they
    /// have dimensions.
    pub coordinates: bool,
    /// No value where a basis fills the space of the examples.
    pub refuses_filled: bool,
    /// What is computed of the product of a pair.
    pub product: Product,
    /// Artifacts of the measure's own ([`Prepared::artifact`](crate::Prepared::artifact),
    /// [`Pair::artifact`](crate::Pair::artifact)).
    pub artifacts: Vec<Artifact>,
    /// Whether the value follows from sums over the examples, so that it streams.
    pub moments: Moments,
    /// The size of the terms that a textbook formula sums.
    pub terms: Terms,
    /// Which products may be in single precision.
    pub single: SinglePrecision,
    /// Whether the numerical rank decides anything.
    pub ranks: bool,
    /// Whether the value is drawn at random, from a seed among the options.
    pub random: bool,
    /// Whether examples are held out of a fit by their place, and predicted by it. Then the order
    /// of the examples enters the value, though it is the same for both sides; and a copy of an
    /// example may stand on both sides of the division, so that resamples with copies are refused.
    pub held_out: bool,
}

impl Needs {
    /// A measure that needs nothing but the centered features.
    pub fn new(moments: Moments, terms: Terms) -> Self {
        Self {
            kernel: None,
            dissimilarities: false,
            uncentered: false,
            basis: false,
            singular_vectors: false,
            features: false,
            neurons: false,
            coordinates: false,
            refuses_filled: false,
            product: Product::Nothing,
            artifacts: Vec::new(),
            moments,
            terms,
            single: SinglePrecision::Never,
            ranks: false,
            random: false,
            held_out: false,
        }
    }
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

/// Whether a value follows from sums over the examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// It is an inner product of centered linear kernel matrices.
    Linear {
        /// Divided by the norms of both matrices, as CKA; else HSIC.
        normalised: bool,
        /// U-centered, so that row norms are gathered too.
        unbiased: bool,
    },
    /// It follows from inner products between centered neurons, but with the errors of a product
    /// squared: from a triangular factor of the neurons, gathered over the rows as moments are, it
    /// follows as from the features. The reason why the product is not enough.
    Factor(&'static str),
    /// It does not, for this reason.
    No(&'static str),
}

impl Moments {
    /// Whether the value follows from inner products between neurons, so from a factor of these.
    pub(crate) fn follow_from_factor(self) -> bool {
        matches!(self, Self::Factor(_) | Self::Linear { unbiased: false, .. })
    }
}

/// The size of the terms that a textbook formula sums: what cancels among them is lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Terms {
    /// As large as the value.
    Value,
    /// About 1.
    One,
    /// sqrt(s(X, X) s(Y, Y)) of the measure that this text names.
    Selves(String),
}

/// Which products may be in single precision where that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinglePrecision {
    /// None.
    Never,
    /// Of orthonormal bases, rounded to f32.
    Bases,
    /// Of the features, rounded to f32.
    Features,
    /// Of the features, rounded to f32; and nothing else of them is needed for pairs with no more
    /// neurons together than examples.
    FeaturesAlone,
}

/// Something that a measure computes of a representation or of a pair, and keeps there for others
/// that ask for the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// Its type and key: two measures that name the same share it.
    pub key: String,
    /// Bytes that it takes as long as the representation is kept.
    pub kept: Size,
    /// Bytes on the way to it.
    pub preparing: Size,
    /// Bytes that comparing a pair by it takes.
    pub comparing: Size,
    /// Multiplications, or comparisons, on the way to it.
    pub operations: Size,
}

/// A quantity that grows with n examples, p neurons of a representation and q of its partner, as a
/// sum of terms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Size {
    /// Times n.
    pub n: f64,
    /// Times n^2.
    pub n_n: f64,
    /// Times n p.
    pub n_p: f64,
    /// Times p q.
    pub p_q: f64,
    /// Times n^2 p.
    pub n_n_p: f64,
    /// Times n p q.
    pub n_p_q: f64,
    /// Times n l, l the lesser of n and p: examples in as many coordinates as they can have
    /// dimensions.
    pub n_l: f64,
    /// Times l^2.
    pub l_l: f64,
    /// Times l m, m the lesser of n and q.
    pub l_m: f64,
    /// Times n l^2.
    pub n_l_l: f64,
    /// Times n l m.
    pub n_l_m: f64,
}

impl Size {
    /// The sum for these shapes, rounded up.
    pub fn of(&self, n: usize, p: usize, q: usize) -> u64 {
        let (n, p, q) = (n as f64, p as f64, q as f64);
        let (l, m) = (p.min(n), q.min(n));
        let sum = self.n * n + self.n_n * n * n + self.n_p * n * p + self.p_q * p * q + self.n_n_p * n * n * p + self.n_p_q * n * p * q;
        let in_coordinates = self.n_l * n * l + self.l_l * l * l + self.l_m * l * m + self.n_l_l * n * l * l + self.n_l_m * n * l * m;
        (sum + in_coordinates).ceil() as u64
    }
}
