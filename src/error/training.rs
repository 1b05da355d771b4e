//! Why nothing can be fitted on the examples outside a fold.

use serde::Serialize;

/// A division of the examples whose training examples are all the same.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error(
    "the {examples} examples of {name} outside fold {fold} of {folds} (counted from 1) are all the same within rounding, so that nothing can be fitted on \
     them. Take split=shuffled, another split-seed, fewer folds, or more examples"
)]
pub struct ConstantTraining {
    /// The representation.
    pub name: String,
    /// The fold that is held out, counted from 1.
    pub fold: usize,
    /// Number of folds.
    pub folds: usize,
    /// Number of examples outside the fold.
    pub examples: usize,
}
