//! How files are read, as a person says it.

use std::borrow::Cow;
use std::path::Path;

use super::element::ElementType;
use super::error::Error;
use super::format::{extension, has_known_extension};
use super::read_tensor;
use super::source::Source;
use super::tensor::Tensor;
use crate::axes::{Arrangement, Mask, MaskError, RowChoice, Rows, RowsError};
use crate::tables::Choices;

/// How what a file holds becomes examples by neurons. By default nothing is decided: tensors with
/// more than two axes ask for the names of their axes.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Axes, positions, padding and rows.
    pub tensors: Arrangement,
    /// Text tables.
    pub tables: Choices,
}

impl Reading {
    /// Everything that decides how the tensors of a network are read, with fingerprints of masks
    /// and rows, for what must be the same when work is taken up again.
    pub fn identity(&self) -> String {
        let Arrangement { axes, spatial, mask, rows } = &self.tensors;
        let axes: Vec<String> = axes.iter().map(ToString::to_string).collect();
        let mut words = Vec::new();
        words.extend((!axes.is_empty()).then(|| format!("axes {}", axes.join(","))));
        words.extend(spatial.map(|spatial| format!("spatial {spatial}")));
        let print = |contents: String| format!("{:016x}", fingerprint(&contents));
        words.extend(mask.as_ref().map(|mask| format!("padding {} {}", mask.name(), print(format!("{:?}", mask.kept())))));
        words.extend(rows.as_ref().map(|rows| format!("rows {} {}", rows.text(), print(format!("{:?}", rows.rows())))));
        if words.is_empty() { "read as they stand".to_owned() } else { words.join(", ") }
    }
}

/// FNV-1a, which is the same wherever and whenever it is computed.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Reads a mask: examples x positions, 1 where a position counts and 0 where it is padding.
///
/// # Errors
///
/// As [`read_tensor`]; [`Error::Mask`] for what is no mask.
pub fn read_mask(source: &Source) -> Result<Mask, Error> {
    let Tensor { shape, values, .. } = read_tensor(source)?;
    Ok(Mask::from_mask(source.to_string(), &shape, &values)?)
}

/// Reads lengths: the number of positions of every example that count; the others, at the end, are
/// padding. A `.txt` file has one a line.
///
/// # Errors
///
/// As [`read_tensor`]; [`Error::Mask`] for what is no length.
pub fn read_lengths(source: &Source) -> Result<Mask, Error> {
    if extension(source.path()) == "txt" {
        let file = source.path();
        let bytes = std::fs::read(file).map_err(|error| Error::system(file, error))?;
        let length = |(example, word): (usize, &str)| {
            let refused = |_| MaskError::NotALength { mask: source.to_string(), example, value: format!("{word:?}") };
            word.parse::<f64>().map_err(refused).map_err(Error::from)
        };
        let lengths = text_of(&bytes).split_whitespace().enumerate().map(length).collect::<Result<Vec<f64>, _>>()?;
        return Ok(Mask::from_lengths(source.to_string(), &[lengths.len()], &lengths)?);
    }
    let Tensor { shape, values, .. } = read_tensor(source)?;
    Ok(Mask::from_lengths(source.to_string(), &shape, &values)?)
}

/// Rows as they are asked for: ranges (`0:5000`, `::10`, `0:100,200:300`), or a file of row numbers
/// (text, one or several a line, or lines of `true` and `false`; a vector of integers or booleans
/// in `.npy` or an archive).
///
/// # Errors
///
/// [`Error::Rows`] for a text that is neither; whatever keeps the file from being read.
pub fn read_rows(text: &str) -> Result<RowChoice, Error> {
    if let Some(ranges) = RowChoice::ranges(text) {
        return Ok(ranges);
    }
    let source = Source::new(text);
    let file = source.path();
    if !file.exists() && (has_known_extension(text) || extension(file) == "txt" || text.contains('/')) {
        return Err(Error::NotFound { file: file.to_owned() });
    }
    if !file.exists() {
        return Err(RowsError::Unreadable { text: text.to_owned() }.into());
    }
    let rows = match extension(file).as_str() {
        "npy" | "npz" | "safetensors" => of_tensor(text, read_tensor(&source)?)?,
        _ => of_text(text, file)?,
    };
    Ok(RowChoice::new(text, rows))
}

fn of_tensor(text: &str, tensor: Tensor) -> Result<Rows, Error> {
    if tensor.shape.iter().filter(|&&length| length > 1).count() > 1 {
        return Err(RowsError::Unreadable { text: text.to_owned() }.into());
    }
    if tensor.element == ElementType::Bool {
        return Ok(Rows::Flags(tensor.values.iter().map(|&value| value == 1.0).collect()));
    }
    let row = |&value: &f64| {
        let whole = value.fract() == 0.0 && (0.0..2f64.powi(53)).contains(&value);
        if whole { Ok(value as usize) } else { Err(RowsError::NotARow { text: text.to_owned(), value: format!("{value:?}") }) }
    };
    Ok(Rows::Numbers(tensor.values.iter().map(row).collect::<Result<_, _>>()?))
}

/// The text of a file, without the mark of its encoding that some programs put before it.
pub(super) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

fn of_text(text: &str, file: &Path) -> Result<Rows, Error> {
    let bytes = std::fs::read(file).map_err(|source| Error::system(file, source))?;
    let words = text_of(&bytes);
    let words = words.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let flag = |word: &str| match word.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    if words.clone().next().is_some_and(|word| flag(word).is_some()) {
        let flag = |word: &str| flag(word).ok_or_else(|| RowsError::NotAFlag { text: text.to_owned(), value: format!("{word:?}") });
        return Ok(Rows::Flags(words.map(flag).collect::<Result<_, _>>()?));
    }
    let row = |word: &str| word.parse().map_err(|_| RowsError::NotARow { text: text.to_owned(), value: format!("{word:?}") });
    Ok(Rows::Numbers(words.map(row).collect::<Result<_, _>>()?))
}
