//! What a partial file holds, line by line.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::header::Header;
use super::lines::{Reader, unseal, whole_end};
use crate::results::Cell;

/// The last line of a sweep that was refused: its input could not be used, and will be another.
#[derive(Serialize, Deserialize)]
pub(super) struct Refused {
    refused: bool,
}

impl Refused {
    pub(super) const MARK: Self = Self { refused: true };
}

/// What a partial file holds.
#[derive(Default)]
pub(super) struct Content {
    pub(super) cells: Vec<Cell>,
    /// Bytes at its beginning that are whole lines.
    pub(super) whole: usize,
    /// The whole lines behind the first one that is left out.
    pub(super) behind: Vec<u8>,
    pub(super) has_gap: bool,
    pub(super) torn: usize,
    pub(super) refused: bool,
    /// How its sweep differs from the one expected, and the cells it has then.
    pub(super) other: Option<String>,
    pub(super) cells_of_other: usize,
}

impl Content {
    pub(super) fn read(path: &Path, bytes: &[u8], header: &Header, reader: &Reader) -> Result<Self, Error> {
        let mut content = Self::default();
        let mut places = BTreeMap::new();
        let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').enumerate().peekable();
        while let Some((index, found)) = lines.next() {
            let damaged = |detail: String| Error::Damaged { file: path.to_path_buf(), line: index + 1, detail };
            let (line, object) = match whole(found) {
                Ok(line) => line,
                // After a crash of the machine the end of a file may hold anything.
                Err(_) if lines.peek().is_none() => break,
                Err(detail) => return Err(damaged(detail)),
            };
            if line.len() < found.len() {
                content.torn += 1;
                content.has_gap = true;
            }
            if index == 0 {
                let found: Header = serde_json::from_slice(&object).map_err(|error| damaged(error.to_string()))?;
                let difference = found.differences(header);
                content.other = (!difference.is_empty()).then(|| difference.join("; "));
                // Behind the beginning of another header it is written anew, and would be there
                // twice.
                if content.has_gap {
                    continue;
                }
            } else if serde_json::from_slice::<Refused>(&object).is_ok_and(|mark| mark.refused) {
                // Left out of the file of a sweep that goes on.
                (content.refused, content.has_gap) = (true, true);
                continue;
            } else if content.other.is_some() {
                content.refused = false;
                content.cells_of_other += 1;
            } else {
                let cell = reader.cell(&object).map_err(damaged)?;
                let place = *places.entry((cell.row, cell.column, cell.measure)).or_insert(content.cells.len());
                if place == content.cells.len() {
                    content.cells.push(cell);
                } else if content.cells[place] != cell {
                    return Err(damaged("it is another outcome of a cell that is there already".to_string()));
                }
            }
            if content.has_gap { content.behind.extend_from_slice(line) } else { content.whole += line.len() }
        }
        Ok(content)
    }
}

/// What is whole of a line: all of it, or what stands behind a beginning that was torn; and its
/// object.
fn whole(line: &[u8]) -> Result<(&[u8], Vec<u8>), String> {
    if !line.ends_with(b"\n") {
        return Err("it has no end".to_string());
    }
    let detail = match unseal(line) {
        Ok(object) => return Ok((line, object)),
        Err(detail) => detail,
    };
    let end = whole_end(line).ok_or_else(|| detail.clone())?;
    Ok((end, unseal(end).map_err(|_| detail)?))
}
