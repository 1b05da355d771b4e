//! The ten indexes of the paper's table with its accuracies.

use crate::error::Result;
use similitude::Measure;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Index {
    /// What the paper calls it.
    pub name: &'static str,
    /// The measure.
    pub measure: &'static str,
    /// The paper's accuracies in percent: layer norm, scale, attention or feed-forward network,
    /// residual.
    pub paper: [f64; 4],
}

/// The table, in its order. PWCCA is allowed where canonical correlations repeat: it then uses the
/// block's own principal directions.
pub static INDEXES: [Index; 10] = [
    Index { name: "CCA mean rho", measure: "cca:summary=rho", paper: [85.3, 85.3, 94.9, 90.9] },
    Index { name: "CCA R2", measure: "cca:summary=r2", paper: [87.8, 87.8, 95.3, 95.2] },
    Index { name: "SVCCA mean rho", measure: "svcca:summary=rho,threshold=0.99", paper: [78.2, 83.0, 89.5, 75.9] },
    Index { name: "SVCCA R2", measure: "svcca:summary=r2,threshold=0.99", paper: [85.4, 86.9, 90.8, 84.7] },
    Index { name: "PWCCA", measure: "pwcca:degenerate=allow", paper: [88.5, 88.9, 96.1, 87.0] },
    Index { name: "linear regression R2", measure: "linear-regression:direction=x-from-y", paper: [78.1, 83.7, 76.0, 36.9] },
    Index { name: "CKA, linear", measure: "cka:kernel=linear", paper: [78.6, 95.6, 86.0, 73.6] },
    Index { name: "CKA, RBF 0.2 median", measure: "cka:kernel=rbf,fraction=0.2", paper: [76.5, 73.1, 70.5, 76.2] },
    Index { name: "CKA, RBF 0.4 median", measure: "cka:kernel=rbf,fraction=0.4", paper: [92.3, 96.5, 89.1, 98.1] },
    Index { name: "CKA, RBF 0.8 median", measure: "cka:kernel=rbf,fraction=0.8", paper: [80.8, 95.8, 93.6, 90.0] },
];

/// The measures of the table.
pub(super) fn measures() -> Result<Vec<Measure>> {
    Ok(INDEXES.iter().map(|index| Measure::parse(index.measure)).collect::<std::result::Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_a_measure_of_its_own() {
        let mut names: Vec<String> = measures().unwrap().iter().map(Measure::to_string).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), INDEXES.len());
    }
}
