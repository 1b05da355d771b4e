//! Rows that are positions of examples.

/// How many rows of a representation an example has.
///
/// Pixels of an image and tokens of a sentence depend on each other: what is drawn, left out or
/// permuted is whole examples then, with all of their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Positions {
    /// Rows are examples.
    #[default]
    None,
    /// So many consecutive rows are the positions of one example.
    Each(usize),
    /// Consecutive rows are the positions of one example, of some more than of others.
    Unequal,
}
