//! Labelled pictures: what they are, and where they come from.

mod cifar;
mod digits;
mod idx;
mod pictures;
mod source;

pub use cifar::cifar_10;
pub use digits::digits;
pub use idx::fashion_mnist;
pub use pictures::{Normalization, Pictures};
pub use source::Source;

/// A data set: pictures to train on and pictures to test on.
#[derive(Debug, Clone)]
pub struct DataSet {
    /// The name of the data set, as [`Source`] spells it.
    pub name: String,
    /// The pictures to train on.
    pub train: Pictures,
    /// The pictures to test on; networks never see them while they learn.
    pub test: Pictures,
}

impl DataSet {
    /// Keeps the given classes only, and renumbers them 0, 1, ... in the order given.
    ///
    /// # Errors
    /// As [`Pictures::classes`].
    pub fn classes(&self, kept: &[u8]) -> crate::error::Result<Self> {
        Ok(Self { name: self.name.clone(), train: self.train.classes(kept)?, test: self.test.classes(kept)? })
    }

    /// Both parts at a smaller size, as [`Pictures::resized`].
    ///
    /// # Errors
    /// As [`Pictures::resized`].
    pub fn resized(&self, side: usize) -> crate::error::Result<Self> {
        Ok(Self { name: self.name.clone(), train: self.train.resized(side)?, test: self.test.resized(side)? })
    }

    /// Both parts `factor` times as large, as [`Pictures::enlarged`].
    ///
    /// # Errors
    /// As [`Pictures::enlarged`].
    pub fn enlarged(&self, factor: usize) -> crate::error::Result<Self> {
        Ok(Self { name: self.name.clone(), train: self.train.enlarged(factor)?, test: self.test.enlarged(factor)? })
    }
}
