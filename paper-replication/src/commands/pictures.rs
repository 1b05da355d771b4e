//! The arguments that choose pictures, shared by several commands.

use crate::data::{DataSet, Source};
use crate::error::Result;
use clap::Args;
use std::path::PathBuf;

/// Which pictures.
#[derive(Debug, Args)]
pub struct PictureArguments {
    /// The data set
    #[arg(long, value_enum, default_value = "fashion-mnist")]
    data: Source,
    /// The folder with its files [default: where the Debian package puts them, or
    /// ./cifar-10-batches-bin]
    #[arg(long)]
    data_folder: Option<PathBuf>,
    /// Keep these classes only, such as 0,1,2,3,4
    #[arg(long, value_delimiter = ',')]
    classes: Vec<u8>,
    /// Average the pictures down to this side [default: as they are]
    #[arg(long)]
    side: Option<usize>,
}

impl PictureArguments {
    /// Loads them.
    ///
    /// # Errors
    /// As [`Source::load`].
    pub fn load(&self) -> Result<DataSet> {
        self.data.load(self.data_folder.as_deref(), &self.classes, self.side)
    }

    /// The data set and the classes kept, in words that tell one choice from another.
    pub fn words(&self) -> String {
        self.data.words(&self.classes)
    }
}
