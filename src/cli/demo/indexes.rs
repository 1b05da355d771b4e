//! The eleven indexes of the source paper's Table 2.

use crate::Measure;

/// One index of the table.
pub struct Index {
    /// What the paper calls it.
    pub name: &'static str,
    /// The measure.
    pub measure: &'static str,
    /// Accuracy in percent that the paper reports for ten Tiny-10 networks on CIFAR-10.
    pub paper: f64,
}

/// The table, in its order.
pub static INDEXES: [Index; 11] = [
    Index { name: "CCA mean rho", measure: "cca:summary=rho", paper: 1.4 },
    Index { name: "CCA R2", measure: "cca:summary=r2", paper: 10.6 },
    Index { name: "SVCCA mean rho", measure: "svcca:summary=rho,threshold=0.99", paper: 9.9 },
    Index { name: "SVCCA R2", measure: "svcca:summary=r2,threshold=0.99", paper: 15.1 },
    Index { name: "PWCCA", measure: "pwcca:degenerate=allow", paper: 11.1 },
    Index { name: "linear regression R2", measure: "linear-regression:direction=x-from-y", paper: 45.4 },
    Index { name: "HSIC, linear", measure: "hsic:kernel=linear", paper: 22.2 },
    Index { name: "CKA, linear", measure: "cka:kernel=linear", paper: 99.3 },
    Index { name: "CKA, RBF 0.2 median", measure: "cka:kernel=rbf,fraction=0.2", paper: 80.6 },
    Index { name: "CKA, RBF 0.4 median", measure: "cka:kernel=rbf,fraction=0.4", paper: 99.1 },
    Index { name: "CKA, RBF 0.8 median", measure: "cka:kernel=rbf,fraction=0.8", paper: 99.3 },
];

/// The measures of the table.
pub fn measures() -> Result<Vec<Measure>, crate::Error> {
    INDEXES.iter().map(|index| Measure::parse(index.measure)).collect()
}
