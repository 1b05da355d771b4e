//! Which positions are padding.

use std::sync::Arc;

use super::problem::MaskError;

/// The positions of every example that are not padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where the positions of every example start in `positions`, and their end.
    starts: Vec<usize>,
    positions: Vec<u32>,
    /// Positions of the mask; none where lengths were given.
    width: Option<usize>,
}

/// Padding, with what a person calls it.
#[derive(Debug, Clone)]
pub struct Mask {
    name: String,
    kept: Arc<Kept>,
}

impl Mask {
    /// A mask of examples x positions: 1 where a position counts, 0 where it is padding. More than
    /// two axes are examples and then positions; axes of length 1 behind the first count nothing.
    ///
    /// # Errors
    ///
    /// [`MaskError`] for other elements, and an example that is padding alone.
    pub fn from_mask(name: impl Into<String>, shape: &[usize], values: &[f64]) -> Result<Self, MaskError> {
        let name = name.into();
        let [n, ref rest @ ..] = *shape else { return Err(MaskError::Shape { mask: name, shape: shape.to_vec() }) };
        let width: usize = rest.iter().product();
        if rest.is_empty() || u32::try_from(width).is_err() {
            return Err(MaskError::Shape { mask: name, shape: shape.to_vec() });
        }
        let (mut starts, mut positions) = (vec![0], Vec::new());
        for (example, row) in values.chunks_exact(width).enumerate() {
            for (position, &value) in (0..).zip(row) {
                if value == 1.0 {
                    positions.push(position);
                } else if value != 0.0 {
                    return Err(MaskError::NotAMask { mask: name, example, value: format!("{value:?}") });
                }
            }
            starts.push(positions.len());
        }
        debug_assert_eq!(starts.len(), n + 1);
        Ok(Self { name, kept: Arc::new(Kept { starts, positions, width: Some(width) }) })
    }

    /// Lengths: the first positions of every example count, the others are padding.
    ///
    /// # Errors
    ///
    /// [`MaskError`] for what is no positive integer.
    pub fn from_lengths(name: impl Into<String>, shape: &[usize], values: &[f64]) -> Result<Self, MaskError> {
        let name = name.into();
        if shape.iter().skip(1).any(|&length| length != 1) {
            return Err(MaskError::Shape { mask: name, shape: shape.to_vec() });
        }
        let (mut starts, mut positions) = (vec![0], Vec::new());
        for (example, &value) in values.iter().enumerate() {
            if value.fract() != 0.0 || value < 1.0 || value > f64::from(u32::MAX) {
                return Err(MaskError::NotALength { mask: name, example, value: format!("{value:?}") });
            }
            positions.extend(0..value as u32);
            starts.push(positions.len());
        }
        Ok(Self { name, kept: Arc::new(Kept { starts, positions, width: None }) })
    }

    /// What a person calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is said of a layer that is read without this padding.
    pub(crate) fn words(&self) -> String {
        format!("without the padding of {}", self.name)
    }

    /// Examples, and positions where they are the same number in each, in words.
    #[cfg(feature = "cli")]
    pub(crate) fn extent(&self) -> String {
        match self.kept.width {
            Some(width) => format!("{} x {width}, examples by positions", self.kept.examples()),
            None => format!("the lengths of {} examples", self.kept.examples()),
        }
    }

    /// The positions that count.
    pub fn kept(&self) -> &Arc<Kept> {
        &self.kept
    }

    /// Asks that the mask is one of a tensor with so many examples and positions, and that all
    /// these examples have a position that counts.
    pub(super) fn require(&self, examples: usize, positions: usize, rows: Option<&[usize]>) -> Result<(), MaskError> {
        let mask = || self.name.clone();
        let kept = &self.kept;
        if kept.examples() != examples || kept.width.is_some_and(|width| width != positions) {
            let found = (kept.examples(), kept.width.unwrap_or(positions));
            return Err(MaskError::Differs { mask: mask(), found, expected: (examples, positions) });
        }
        let check = |example: usize| match kept.of(example) {
            [] => Err(MaskError::NothingKept { mask: mask(), example }),
            all if kept.width.is_none() && all.len() > positions => {
                Err(MaskError::TooLong { mask: mask(), example, length: all.len(), positions })
            }
            _ => Ok(()),
        };
        match rows {
            Some(rows) => rows.iter().try_for_each(|&example| check(example)),
            None => (0..examples).try_for_each(check),
        }
    }
}

impl Kept {
    /// The number of examples.
    pub fn examples(&self) -> usize {
        self.starts.len() - 1
    }

    /// The positions of an example that count, ascending.
    pub fn of(&self, example: usize) -> &[u32] {
        &self.positions[self.starts[example]..self.starts[example + 1]]
    }
}
