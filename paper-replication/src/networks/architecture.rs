//! The names of the architectures, and the sizes a network of each is built with.

use super::plan::{self, LayerShape, Unit};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A family of networks of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Architecture {
    /// Table E.1: eight convolutions of w, 2w and 4w channels; w is 16 in the paper.
    Tiny10,
    /// Table E.2: Plain-(8n+2), `8n` convolutions of w and 2w channels; w is 96 in the paper.
    Plain {
        /// n: 1, 2, 4 and 8 give Plain-10, 18, 34 and 66.
        repeats: usize,
    },
    /// Table E.3: the shape of Tiny-10 with w channels everywhere.
    Width,
    /// He et al. 2016 for small pictures: ResNet-(6n+2), w, 2w and 4w channels; w is 16.
    Residual {
        /// n: 2, 5 and 10 give ResNet-14, 32 and 62.
        repeats: usize,
    },
    /// Not in the paper: six convolutions of 3w, 3w, 8w and three times 16w channels, for
    /// pictures of 8 x 8. Two halvings leave 2 x 2 places that see different parts of the
    /// picture, and the last three layers, 1 x 1, keep them apart.
    Digits,
}

impl Architecture {
    /// The width the paper uses (for [`Self::Digits`], the width of the stored networks).
    pub fn paper_width(self) -> usize {
        match self {
            Self::Tiny10 | Self::Width | Self::Residual { .. } => 16,
            Self::Plain { .. } => 96,
            Self::Digits => 4,
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tiny10 => write!(formatter, "tiny-10"),
            Self::Plain { repeats } => write!(formatter, "plain-{}", 8 * repeats + 2),
            Self::Width => write!(formatter, "width"),
            Self::Residual { repeats } => write!(formatter, "resnet-{}", 6 * repeats + 2),
            Self::Digits => write!(formatter, "digits"),
        }
    }
}

impl FromStr for Architecture {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let unknown = || {
            Error::Architecture(format!(
                "no architecture {name:?}: tiny-10, width, digits, plain-(8n+2) such as plain-18, or \
                 resnet-(6n+2) such as resnet-14"
            ))
        };
        let (family, depth) = name.split_once('-').unwrap_or((name, ""));
        let repeats = |per_repeat: usize| {
            let depth: usize = depth.parse().map_err(|_| unknown())?;
            match depth.checked_sub(2) {
                Some(layers) if layers > 0 && layers % per_repeat == 0 => Ok(layers / per_repeat),
                _ => Err(unknown()),
            }
        };
        match family {
            "tiny" if depth == "10" => Ok(Self::Tiny10),
            "width" if depth.is_empty() => Ok(Self::Width),
            "digits" if depth.is_empty() => Ok(Self::Digits),
            "plain" => Ok(Self::Plain { repeats: repeats(8)? }),
            "resnet" => Ok(Self::Residual { repeats: repeats(6)? }),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for Architecture {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        name.parse()
    }
}

impl From<Architecture> for String {
    fn from(architecture: Architecture) -> Self {
        architecture.to_string()
    }
}

/// An architecture with its sizes: everything that fixes the shape of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkConfig {
    /// The family.
    pub architecture: Architecture,
    /// The w that every layer's channels are a multiple of.
    pub width: usize,
    /// Whether batch normalization stands between every convolution and its ReLU.
    pub batch_norm: bool,
    /// The channels of the pictures.
    pub channels: usize,
    /// The side of the pictures in pixels.
    pub side: usize,
    /// The number of classes, that is of logits.
    pub classes: usize,
}

impl NetworkConfig {
    /// The network, unit by unit.
    ///
    /// # Errors
    /// When a size is zero.
    pub fn units(&self) -> Result<Vec<Unit>> {
        for (name, size) in
            [("width", self.width), ("number of channels", self.channels), ("side", self.side), ("number of classes", self.classes)]
        {
            if size == 0 {
                return Err(Error::Architecture(format!("the {name} is 0")));
            }
        }
        Ok(plan::units(self))
    }

    /// The layers that are captured, first to last, with their shapes; the logits are none.
    ///
    /// # Errors
    /// When a size is zero.
    pub fn layers(&self) -> Result<Vec<LayerShape>> {
        Ok(plan::layers(&self.units()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_a_round_trip() {
        for name in ["tiny-10", "width", "digits", "plain-10", "plain-66", "resnet-14", "resnet-62"] {
            assert_eq!(name.parse::<Architecture>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn depths_that_do_not_exist_are_refused() {
        for name in ["tiny-12", "plain-2", "plain-11", "resnet-15", "resnet-", "vgg-16", ""] {
            let message = name.parse::<Architecture>().unwrap_err().to_string();
            assert!(message.contains("plain-18"), "{name}: {message}");
        }
    }

    #[test]
    fn a_size_of_zero_is_refused() {
        let config = NetworkConfig { architecture: Architecture::Tiny10, width: 0, batch_norm: true, channels: 3, side: 32, classes: 10 };
        assert!(config.units().unwrap_err().to_string().contains("width"));
    }
}
