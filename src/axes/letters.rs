//! Axes by their letters.

use std::fmt;
use std::str::FromStr;

use super::problem::AxesError;

/// The letters of positions, in the order in which positions are counted: rows of an image before
/// its columns, whatever the order in the file.
const POSITIONS: &str = "tslfpzyxhw";

/// What one axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Examples: `n`, or `b`.
    Examples,
    /// Channels or features, `c` or `d`: neurons.
    Features(char),
    /// Positions: one of `t s l f p z y x h w`.
    Position(char),
    /// Layers of a network, stacked: `L`.
    Layers,
}

/// The axes of a tensor as it is stored, a letter an axis: `nchw` (PyTorch), `nhwc` (Keras, JAX),
/// `ncl`, `nlc`, `ntd`, `nLd`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Axes {
    letters: String,
    axes: Vec<Axis>,
}

impl Axes {
    /// What the axes count, first axis first.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Where the layers of a stack are counted.
    pub fn layer_axis(&self) -> Option<usize> {
        self.axes.iter().position(|axis| *axis == Axis::Layers)
    }

    /// Several, separated by commas, no two of the same number of axes: `nchw,ntd`.
    ///
    /// # Errors
    ///
    /// [`AxesError`] for letters that are none, and two names for one number of axes.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, AxesError> {
        let mut list: Vec<Self> = Vec::new();
        for part in text.split(',') {
            let axes: Self = part.trim().parse()?;
            if let Some(other) = list.iter().find(|other| other.axes.len() == axes.axes.len()) {
                return Err(AxesError::SameNumber { first: other.to_string(), second: axes.to_string() });
            }
            list.push(axes);
        }
        Ok(list)
    }
}

impl FromStr for Axes {
    type Err = AxesError;

    fn from_str(text: &str) -> Result<Self, AxesError> {
        // In capitals L is the length of PyTorch's N, C, L as well as the layers of a stack.
        if text.contains('L') && text.chars().any(|letter| letter != 'L' && letter.is_ascii_uppercase()) {
            return Err(AxesError::CapitalL { text: text.to_owned(), length: text.to_lowercase() });
        }
        let letters: String = text.chars().map(|letter| if letter == 'L' { letter } else { letter.to_ascii_lowercase() }).collect();
        let axis = |letter| match letter {
            'n' | 'b' => Ok(Axis::Examples),
            'c' | 'd' => Ok(Axis::Features(letter)),
            'L' => Ok(Axis::Layers),
            _ if POSITIONS.contains(letter) => Ok(Axis::Position(letter)),
            _ => Err(AxesError::UnknownLetter { text: text.to_owned(), letter }),
        };
        let axes = letters.chars().map(axis).collect::<Result<Vec<_>, _>>()?;
        if let Some(index) = (0..axes.len()).find(|&index| axes[..index].contains(&axes[index])) {
            let letter = letters.chars().nth(index).unwrap_or_default();
            return Err(AxesError::Twice { text: text.to_owned(), letter });
        }
        if !axes.contains(&Axis::Examples) {
            return Err(AxesError::NoExamples { text: text.to_owned() });
        }
        Ok(Self { letters, axes })
    }
}

impl fmt::Display for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.letters)
    }
}

impl Axis {
    /// Where this axis stands among positions, if it is one.
    pub(super) fn rank(self) -> Option<usize> {
        match self {
            Self::Position(letter) => POSITIONS.find(letter),
            _ => None,
        }
    }
}
