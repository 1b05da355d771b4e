//! The eleven indexes of the paper's Table 2, as measures of the library.

use super::compare::PairScores;
use similitude::sweep::Outcome;

/// What an index costs, and how many examples it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// It compares inner products of examples: cheap, whatever the number of neurons.
    Kernel,
    /// It compares subspaces: needs more examples than neurons, and decompositions of every layer.
    Subspace,
}

/// An index of the paper.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    /// Its key in `results.json`: the measure as the library writes it.
    pub key: &'static str,
    /// Its name in tables and above pictures.
    pub name: &'static str,
    /// The measures it is made of: one where the measure is symmetric. Where it is not, the two of
    /// a pair (X, Y) from which s(X, Y) and s(Y, X) follow, so that what is expensive is computed
    /// once.
    pub measures: &'static [&'static str],
    /// Its family.
    pub family: Family,
}

const fn index(key: &'static str, name: &'static str, measures: &'static [&'static str], family: Family) -> Index {
    Index { key, name, measures, family }
}

/// The paper's indexes, in the order of its Table 2.
pub static PAPER_INDEXES: [Index; 11] = [
    index("cca:summary=rho", "CCA (mean ρ)", &["cca:summary=rho"], Family::Subspace),
    index("cca:summary=r2", "CCA (R²)", &["cca:summary=r2"], Family::Subspace),
    index("svcca:summary=rho", "SVCCA (mean ρ)", &["svcca:summary=rho"], Family::Subspace),
    index("svcca:summary=r2", "SVCCA (R²)", &["svcca:summary=r2"], Family::Subspace),
    index("pwcca", "PWCCA", &["pwcca:weights=x,degenerate=allow", "pwcca:weights=y,degenerate=allow"], Family::Subspace),
    index(
        "linear-regression",
        "linear regression",
        &["linear-regression:direction=x-from-y", "linear-regression:direction=y-from-x"],
        Family::Subspace,
    ),
    index("hsic", "linear HSIC", &["hsic"], Family::Kernel),
    index("cka", "linear CKA", &["cka"], Family::Kernel),
    index("cka:kernel=rbf,fraction=0.2", "RBF CKA (0.2)", &["cka:kernel=rbf,fraction=0.2"], Family::Kernel),
    index("cka:kernel=rbf,fraction=0.4", "RBF CKA (0.4)", &["cka:kernel=rbf,fraction=0.4"], Family::Kernel),
    index("cka:kernel=rbf,fraction=0.8", "RBF CKA (0.8)", &["cka:kernel=rbf,fraction=0.8"], Family::Kernel),
];

/// SVCCA with the thresholds below 0.99 of the paper's Figure F.3, lowest first.
pub static SVCCA_THRESHOLDS: [Index; 10] = [
    index("svcca:summary=rho,threshold=0.5", "SVCCA (mean ρ, 0.5)", &["svcca:summary=rho,threshold=0.5"], Family::Subspace),
    index("svcca:summary=rho,threshold=0.6", "SVCCA (mean ρ, 0.6)", &["svcca:summary=rho,threshold=0.6"], Family::Subspace),
    index("svcca:summary=rho,threshold=0.7", "SVCCA (mean ρ, 0.7)", &["svcca:summary=rho,threshold=0.7"], Family::Subspace),
    index("svcca:summary=rho,threshold=0.8", "SVCCA (mean ρ, 0.8)", &["svcca:summary=rho,threshold=0.8"], Family::Subspace),
    index("svcca:summary=rho,threshold=0.9", "SVCCA (mean ρ, 0.9)", &["svcca:summary=rho,threshold=0.9"], Family::Subspace),
    index("svcca:summary=r2,threshold=0.5", "SVCCA (R², 0.5)", &["svcca:summary=r2,threshold=0.5"], Family::Subspace),
    index("svcca:summary=r2,threshold=0.6", "SVCCA (R², 0.6)", &["svcca:summary=r2,threshold=0.6"], Family::Subspace),
    index("svcca:summary=r2,threshold=0.7", "SVCCA (R², 0.7)", &["svcca:summary=r2,threshold=0.7"], Family::Subspace),
    index("svcca:summary=r2,threshold=0.8", "SVCCA (R², 0.8)", &["svcca:summary=r2,threshold=0.8"], Family::Subspace),
    index("svcca:summary=r2,threshold=0.9", "SVCCA (R², 0.9)", &["svcca:summary=r2,threshold=0.9"], Family::Subspace),
];

/// The index of the paper with this key.
///
/// # Panics
/// When there is none.
pub fn paper_index(key: &str) -> &'static Index {
    PAPER_INDEXES.iter().find(|index| index.key == key).unwrap_or_else(|| panic!("{key} is no index of the paper"))
}

impl Index {
    /// Its key with what is unsafe in file names replaced.
    pub fn file_stem(&self) -> String {
        self.key.replace(|character: char| !(character.is_ascii_alphanumeric() || character == '.'), "-")
    }

    /// The ends of the colors of a heat map: all indexes but HSIC are between 0 and 1.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.key != "hsic").then_some((0.0, 1.0))
    }

    /// s(a_i, b_j) and s(b_i, a_j) of a pair of networks, both row-major; `first` is the place of
    /// the index's first measure among those compared, and its others follow it.
    pub fn both_orders(&self, scores: &PairScores, first: usize) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
        let both = |row: usize, column: usize| {
            let outcomes: Vec<&Outcome> = (0..self.measures.len()).map(|place| scores.outcome(first + place, row, column)).collect();
            self.both(&outcomes)
        };
        let cells = |rows: usize, columns: usize| (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)));
        let forward = cells(scores.rows, scores.columns).map(|(row, column)| both(row, column).0).collect();
        let backward = cells(scores.columns, scores.rows).map(|(row, column)| both(column, row).1).collect();
        (forward, backward)
    }

    /// s(X, Y) and s(Y, X).
    fn both(&self, outcomes: &[&Outcome]) -> (Option<f64>, Option<f64>) {
        match outcomes {
            [only] => (only.value(), only.value()),
            [of_x, of_y] if self.key == "pwcca" => {
                // The representation of smaller rank gives the weights, the one named first where
                // ranks are equal.
                let ranks = of_x.diagnostic("rank_x").zip(of_x.diagnostic("rank_y"));
                let choose =
                    |x_first: bool| ranks.and_then(|(x, y)| if x < y || (x == y && x_first) { of_x.value() } else { of_y.value() });
                (choose(true), choose(false))
            }
            [x_from_y, y_from_x] => (x_from_y.value(), y_from_x.value()),
            _ => (None, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use similitude::{Measure, Representation};

    fn representation(p: usize, seed: usize) -> Representation<'static> {
        let values: Vec<f64> = (0..40 * p).map(|entry| ((entry * entry % 83 + 7 * seed) as f64 * 1.37).sin()).collect();
        Representation::from_row_major(format!("{p} {seed}"), 40, p, values).unwrap()
    }

    /// The two orders, taken from one pair, are what the library gives for the two orders.
    #[test]
    fn both_orders_come_from_one_pair() {
        let value = |text: &str, x: &_, y: &_| Measure::parse(text).unwrap().compare(x, y).unwrap().value;
        for (p, q) in [(3, 5), (5, 3), (4, 4)] {
            let (x, y) = (representation(p, 1), representation(q, 2));
            for index in &PAPER_INDEXES {
                let outcomes: Vec<Outcome> =
                    index.measures.iter().map(|text| Measure::parse(text).unwrap().compare(&x, &y).into()).collect();
                let (there, back) = index.both(&outcomes.iter().collect::<Vec<_>>());
                for (found, expected) in [(there, value(index.key, &x, &y)), (back, value(index.key, &y, &x))] {
                    assert!((found.unwrap() - expected).abs() < 1e-12, "{} {p} {q}", index.key);
                }
            }
        }
    }
}
