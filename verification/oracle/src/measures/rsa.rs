//! Representational similarity analysis: two matrices of dissimilarities between the same examples,
//! compared.

use super::dissimilarity::{Dissimilarities, InnerProduct};
use crate::error::{OracleError, Side};
use crate::kernel::KernelMatrix;
use crate::keys::Keys;
use crate::matrix::{Matrix, common_rows};
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// What fills the representational dissimilarity matrix (RDM), of raw rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rdm {
    /// |x_i - x_j|^2
    SquaredEuclidean,
    /// |x_i - x_j|
    Euclidean,
    /// 1 - the Pearson correlation of x_i and x_j over the neurons
    Correlation,
    /// 1 - x_i.x_j / (|x_i| |x_j|)
    Cosine,
}

/// How the m = n(n - 1)/2 dissimilarities r of X and s of Y are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Pearson's correlation.
    Pearson,
    /// Pearson's correlation of the ranks; equal dissimilarities share their mean rank.
    Spearman,
    /// (C - D) / (m(m - 1)/2) with C concordant and D discordant pairs of dissimilarities.
    KendallTauA,
    /// (C - D) / sqrt((m(m - 1)/2 - t_X) (m(m - 1)/2 - t_Y)) with t pairs of equal dissimilarities
    /// on a side.
    KendallTauB,
    /// r.s / (|r| |s|)
    Cosine,
    /// r'V^-1 s / sqrt(r'V^-1 r s'V^-1 s), V = (C C') squared entry by entry, C the m x n matrix of
    /// contrasts e_i - e_j: the covariance of squared distances under independent noise
    /// (Diedrichsen et al. 2021).
    WhitenedCosine,
}

/// Options of [`rsa`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What fills the matrices.
    pub rdm: Rdm,
    /// How they are compared.
    pub comparison: Comparison,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let rdms = [
            ("correlation", Rdm::Correlation),
            ("squared-euclidean", Rdm::SquaredEuclidean),
            ("euclidean", Rdm::Euclidean),
            ("cosine", Rdm::Cosine),
        ];
        let comparisons = [
            ("spearman", Comparison::Spearman),
            ("pearson", Comparison::Pearson),
            ("kendall-a", Comparison::KendallTauA),
            ("kendall-b", Comparison::KendallTauB),
            ("cosine", Comparison::Cosine),
            ("whitened-cosine", Comparison::WhitenedCosine),
        ];
        Ok(Options { rdm: keys.choice("rdm", &rdms)?, comparison: keys.choice("compare", &comparisons)? })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        rsa(x, y, self)
    }
}

/// The likeness of the two RDMs (Kriegeskorte et al. 2008). Ranks and concordances are decided
/// exactly.
///
/// # Errors
/// `ShapeMismatch`, `TooFewExamples` for fewer than three, `Constant`, `TooFewNeurons` and
/// `ConstantRow` (correlation), `ZeroRow` (cosine), `FlatDissimilarities` where all dissimilarities
/// of a side are equal (cosines of RDMs: zero), `Undecidable`.
pub fn rsa(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    if examples < 3 {
        return Err(OracleError::TooFewExamples { what: "a comparison of dissimilarities", needed: 3, got: examples });
    }
    let (r, s) = (options.dissimilarities(x, Side::X)?, options.dissimilarities(y, Side::Y)?);
    match options.comparison {
        Comparison::Pearson => InnerProduct::Centered.value(&r, &s),
        Comparison::Spearman => InnerProduct::Centered.value(&mid_ranks(&r), &mid_ranks(&s)),
        Comparison::Cosine => InnerProduct::Plain.value(&r, &s),
        // With D the matrix of the dissimilarities r and G = -H D H/2 that of s, r'V^-1 s is the
        // inner product of the two G.
        Comparison::WhitenedCosine => InnerProduct::DoubleCentered.value(&r, &s),
        Comparison::KendallTauA => {
            let pairs = pairs_of(r.keys().len());
            Ok(Value::exact(ratio(concordance(&Classes::of(&r.keys()), &Classes::of(&s.keys())), pairs)))
        }
        Comparison::KendallTauB => {
            let (x, y) = (Classes::of(&r.keys()), Classes::of(&s.keys()));
            let radicand = x.untied_pairs() * y.untied_pairs();
            Ok(Value::over_root(&RBig::from(concordance(&x, &y)), &RBig::from(radicand)))
        }
    }
}

impl Options {
    /// The RDM of one side, which the comparison is defined on.
    fn dissimilarities(&self, matrix: &Matrix, side: Side) -> Result<Dissimilarities, OracleError> {
        matrix.centered().require_nonzero(side)?;
        let found = match self.rdm {
            Rdm::SquaredEuclidean => Dissimilarities::squared_euclidean(matrix),
            Rdm::Euclidean => Dissimilarities::euclidean(matrix),
            Rdm::Correlation => Dissimilarities::correlation(matrix, side)?,
            Rdm::Cosine => Dissimilarities::cosine(matrix, false, side)?,
        };
        let (flat, what) = match self.comparison {
            Comparison::Cosine | Comparison::WhitenedCosine => (RBig::ZERO, "zero"),
            _ => (found.key(1, 0), "equal"),
        };
        if found.keys().iter().all(|key| *key == flat) { Err(OracleError::FlatDissimilarities { side, what }) } else { Ok(found) }
    }
}

/// Numbers sorted into classes of equal ones.
struct Classes {
    /// The class of each number; classes are numbered from 0 in ascending order.
    class: Vec<usize>,
    /// How many numbers each class holds.
    sizes: Vec<usize>,
}

impl Classes {
    fn of(keys: &[RBig]) -> Self {
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|left, right| keys[*left].cmp(&keys[*right]));
        let mut classes = Classes { class: vec![0; keys.len()], sizes: Vec::new() };
        for group in order.chunk_by(|left, right| keys[*left] == keys[*right]) {
            for index in group {
                classes.class[*index] = classes.sizes.len();
            }
            classes.sizes.push(group.len());
        }
        classes
    }

    /// Twice the mean rank of each number, counted from 1.
    fn doubled_mid_ranks(&self) -> Vec<IBig> {
        let mut before = 0;
        let of_class: Vec<IBig> = self
            .sizes
            .iter()
            .map(|size| {
                // Ranks before + 1 to before + size.
                let doubled = 2 * before + size + 1;
                before += size;
                IBig::from(doubled)
            })
            .collect();
        self.class.iter().map(|class| of_class[*class].clone()).collect()
    }

    /// The number of pairs of different numbers.
    fn untied_pairs(&self) -> IBig {
        self.sizes.iter().fold(pairs_of(self.class.len()), |pairs, size| pairs - pairs_of(*size))
    }
}

/// The dissimilarities' ranks, doubled.
fn mid_ranks(dissimilarities: &Dissimilarities) -> Dissimilarities {
    let ranks = Classes::of(&dissimilarities.keys()).doubled_mid_ranks();
    let rank = |row: usize, column: usize| if row == column { IBig::ZERO } else { ranks[row * (row - 1) / 2 + column].clone() };
    Dissimilarities::Integers(KernelMatrix::symmetric(dissimilarities.size(), rank))
}

/// The number of concordant pairs less that of discordant pairs.
fn concordance(x: &Classes, y: &Classes) -> IBig {
    let both: Vec<(usize, usize)> = x.class.iter().copied().zip(y.class.iter().copied()).collect();
    let mut sum = 0_i64;
    for (index, left) in both.iter().enumerate() {
        for right in &both[..index] {
            sum += left.0.cmp(&right.0) as i64 * left.1.cmp(&right.1) as i64;
        }
    }
    IBig::from(sum)
}

/// count(count - 1)/2
fn pairs_of(count: usize) -> IBig {
    IBig::from(count * count.saturating_sub(1) / 2)
}
