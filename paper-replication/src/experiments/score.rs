//! How often one index finds the corresponding layer.

use super::pair_table::PairValues;
use crate::analysis::{Index, Jackknife, PairScores, jackknife};
use similitude::Direction;
use similitude::sweep::{Identification, identify};

/// What came of one index, an [`Index`] of the paper or another.
pub(super) struct Score<I = &'static Index> {
    /// The index.
    pub index: I,
    /// Networks compared, each with each.
    pub networks: usize,
    /// Pictures.
    pub examples: usize,
    /// The mean value for each pair of layers over all ordered pairs of networks, row-major; `None`
    /// where a pair has none.
    pub means: Vec<Option<f64>>,
    pairs: Vec<(usize, usize, Identification)>,
}

impl<I> Score<I> {
    /// Counts what an index says of all pairs of `networks` networks of `layers` layers.
    pub fn new(index: I, direction: Direction, networks: usize, examples: usize, layers: usize, compared: &[PairValues]) -> Self {
        let mut sums = vec![Some(0.0); layers * layers];
        let mut pairs = Vec::with_capacity(compared.len());
        for pair in compared {
            pairs.push((pair.a, pair.b, identify(&pair.there, &pair.back, layers, direction)));
            for values in [&pair.there, &pair.back] {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = sum.zip(*value).map(|(sum, value)| sum + value);
                }
            }
        }
        let count = 2.0 * compared.len() as f64;
        Self { index, networks, examples, means: sums.into_iter().map(|sum| sum.map(|sum| sum / count)).collect(), pairs }
    }

    /// All pairs of networks, or those without one network.
    pub fn total(&self, without: Option<usize>) -> Identification {
        self.among(self.networks, without)
    }

    /// All pairs of the first `networks` networks, or those of them without one.
    fn among(&self, networks: usize, without: Option<usize>) -> Identification {
        let mut total = Identification::default();
        for &(a, b, found) in &self.pairs {
            if a < networks && b < networks && without != Some(a) && without != Some(b) {
                total += found;
            }
        }
        total
    }

    /// The share of layers found, over all pairs.
    pub fn accuracy(&self) -> f64 {
        self.total(None).accuracy()
    }

    /// The accuracy with its standard error.
    pub fn jackknife(&self) -> Jackknife {
        jackknife(self.networks, |without| self.total(without).accuracy())
    }

    /// How far this index is below another, over the networks that both were computed for.
    pub fn below<J>(&self, best: &Score<J>) -> Jackknife {
        let common = self.networks.min(best.networks);
        jackknife(common, |without| best.among(common, without).accuracy() - self.among(common, without).accuracy())
    }
}

impl Score {
    /// Counts for each index of a group whose measures were compared together, in their order.
    pub fn of_group(group: &[&'static Index], networks: usize, examples: usize, compared: &[PairScores]) -> Vec<Self> {
        let layers = compared.first().map_or(0, |pair| pair.rows);
        let mut first = 0;
        let mut score = |index: &'static Index| {
            let values = PairValues::of_index(index, compared, first);
            first += index.measures.len();
            Self::new(index, Direction::Similarity, networks, examples, layers, &values)
        };
        group.iter().map(|&index| score(index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::paper_index;

    /// Three networks of two layers: the pairs with network 2 miss one layer in each order.
    #[test]
    fn accuracies_are_over_pairs_and_can_leave_a_network_out() {
        let found = |correct| Identification { trials: 4, correct, within_one: 4, ties: 0, undefined: 0, layers: 2 };
        let score = Score {
            index: paper_index("cka"),
            networks: 3,
            examples: 9,
            means: Vec::new(),
            pairs: vec![(0, 1, found(4)), (0, 2, found(2)), (1, 2, found(2))],
        };
        assert_eq!(score.accuracy(), 8.0 / 12.0);
        assert_eq!((score.total(Some(2)).accuracy(), score.total(Some(0)).accuracy()), (1.0, 0.5));
        // Left out in turn: 0.5, 0.5, 1; their mean 2/3, the sum of squares 1/6, times 2/3.
        assert!((score.jackknife().standard_error.unwrap() - (1.0_f64 / 9.0).sqrt()).abs() < 1e-12);
        assert_eq!(score.below(&score).estimate, 0.0);
    }
}
