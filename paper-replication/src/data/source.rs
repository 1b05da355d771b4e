//! The data sets by name.

use super::{DataSet, cifar_10, digits, fashion_mnist};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// Where pictures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Source {
    /// 70,000 grey pictures of clothes, 28 x 28
    FashionMnist,
    /// 60,000 colour pictures, 32 x 32
    #[value(name = "cifar-10")]
    Cifar10,
    /// 1797 grey digits, 8 x 8, built into this program
    Digits,
}

impl Source {
    /// The name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::FashionMnist => "fashion-mnist",
            Self::Cifar10 => "cifar-10",
            Self::Digits => "digits",
        }
    }

    /// The data set and the classes kept (none: all), in words that tell one choice from another.
    pub fn words(self, classes: &[u8]) -> String {
        if classes.is_empty() {
            return self.name().to_owned();
        }
        let classes: Vec<String> = classes.iter().map(u8::to_string).collect();
        format!("{} classes {}", self.name(), classes.join(","))
    }

    /// The folder in which the files are looked for when none is given: the one that the
    /// Debian package fills, or the publisher's, in the working folder.
    fn usual_folder(self) -> PathBuf {
        PathBuf::from(match self {
            Self::FashionMnist => super::idx::DEBIAN_FOLDER,
            Self::Cifar10 => "cifar-10-batches-bin",
            Self::Digits => "",
        })
    }

    /// Loads the data set: all of its pictures, or those of `classes`, at their own size or
    /// averaged down to `side`.
    ///
    /// # Errors
    /// When a file is missing or damaged (the message says how to get it), a class does not
    /// exist, or `side` is larger than the pictures.
    pub fn load(self, folder: Option<&Path>, classes: &[u8], side: Option<usize>) -> Result<DataSet> {
        let folder = folder.map_or_else(|| self.usual_folder(), Path::to_path_buf);
        let mut set = match self {
            Self::FashionMnist => fashion_mnist(&folder)?,
            Self::Cifar10 => cifar_10(&folder)?,
            Self::Digits => digits()?,
        };
        if !classes.is_empty() {
            set = set.classes(classes)?;
        }
        match side {
            Some(side) => set.resized(side),
            None => Ok(set),
        }
    }
}

/// Reads a file, or says how to get it.
pub(super) fn read(path: &Path, remedy: &'static str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::MissingData { path: path.to_path_buf(), source, remedy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn names_are_those_of_the_command_line() {
        for source in Source::value_variants() {
            let value = source.to_possible_value().unwrap();
            assert_eq!(value.get_name(), source.name());
        }
    }

    #[test]
    fn classes_and_side_are_applied() {
        let set = Source::Digits.load(None, &[3, 7], Some(4)).unwrap();
        assert_eq!((set.train.class_count(), set.test.side()), (2, 4));
        assert!(Source::Digits.load(None, &[], Some(9)).is_err());
    }
}
