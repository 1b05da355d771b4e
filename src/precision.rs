//! The precision of large products.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// In which precision the large products of the linear measures are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Precision {
    /// All in f64.
    #[default]
    #[serde(rename = "f64")]
    Double,
    /// In f32, each in about half the time: the p x p products of linear HSIC and CKA, the p x q
    /// products of Procrustes, and those with orthonormal bases of linear regression and of CCA's
    /// R2. Everything else is in f64, the bases and decompositions too. The `error_bound` of a
    /// score says what that costs.
    #[serde(rename = "f32")]
    Single,
}

impl Precision {
    /// `f64` or `f32`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Double => "f64",
            Self::Single => "f32",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Precision {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Double, Self::Single].into_iter().find(|precision| precision.as_str() == text).ok_or_else(|| format!("{text}: f64 or f32"))
    }
}
