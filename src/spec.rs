//! What is fixed about a measure, as data.

use crate::key::Key;

/// What is fixed about a measure, whatever its options.
#[derive(Debug)]
pub struct Spec {
    /// The id, as the grammar writes it.
    pub id: &'static str,
    /// Other names it goes by, each with the keys that it implies: they are suggested where
    /// somebody asks for one of them.
    pub also: &'static [(&'static str, &'static str)],
    /// The name that a title has, as papers write it.
    pub short: &'static str,
    /// The measure's full name.
    pub name: &'static str,
    /// The definition in plain text. Xc, Yc are centered, Q orthonormal bases of their column
    /// spaces, |.|_F and |.|_* the Frobenius and nuclear norm.
    pub formula: &'static str,
    /// Where it comes from.
    pub citations: &'static [Citation],
    /// The keys it takes.
    pub keys: &'static [Key],
    /// Operations to prepare one representation (n examples, p neurons).
    pub prepare_cost: &'static str,
    /// Operations to compare two prepared ones (p and q neurons).
    pub compare_cost: &'static str,
    /// The conventions whose laws are tried, as texts of the grammar; together they name every
    /// value of every key.
    pub conventions: &'static [&'static str],
}

/// One source.
#[derive(Debug)]
pub struct Citation {
    /// BibTeX key.
    pub key: &'static str,
    /// Where in the source: equation or section.
    pub place: &'static str,
}
