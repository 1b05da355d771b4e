//! Lines of files that are read again: each a JSON object that starts with the checksum of what
//! follows it, so that a line that was torn, damaged or edited is told from a whole one.

use serde::{Deserialize, Serialize};

use super::header::Header;
use crate::claims::Range;
use crate::measure::Measure;
use crate::results::{Cell, Outcome};

const START: &[u8] = b"{\"sum\":\"";
/// Hexadecimal digits of the checksum, and what stands behind them.
const DIGITS: usize = 8;
const END: &[u8] = b"\",";

/// A finished cell, as it stands on a line.
#[derive(Serialize, Deserialize)]
pub(crate) struct Line<'a> {
    row: usize,
    column: usize,
    measure: usize,
    #[serde(flatten)]
    outcome: std::borrow::Cow<'a, Outcome>,
}

impl<'a> Line<'a> {
    pub(crate) fn of(cell: &'a Cell) -> Self {
        let outcome = std::borrow::Cow::Borrowed(&cell.outcome);
        Self { row: cell.row, column: cell.column, measure: cell.measure, outcome }
    }

    fn into_cell(self) -> Cell {
        Cell { row: self.row, column: self.column, measure: self.measure, outcome: self.outcome.into_owned() }
    }
}

/// An object as JSON with its checksum, without the end of the line.
pub(crate) fn sealed(value: &impl Serialize) -> Vec<u8> {
    let object = serde_json::to_vec(value).expect("maps with text keys and numbers are JSON");
    debug_assert!(object.len() > 2, "an object with a key");
    seal(&object[1..])
}

/// Text that starts behind the bracket of an object, with its checksum before it.
pub(crate) fn seal(rest: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(START.len() + DIGITS + END.len() + rest.len());
    line.extend_from_slice(START);
    line.extend_from_slice(format!("{:08x}", crc32fast::hash(rest)).as_bytes());
    line.extend_from_slice(END);
    line.extend_from_slice(rest);
    line
}

/// The object of a whole line, without its checksum; else what is wrong with the line.
pub(crate) fn unseal(line: &[u8]) -> Result<Vec<u8>, String> {
    let line = line.trim_ascii_end();
    let rest = line.strip_prefix(START).filter(|rest| rest.len() > DIGITS && rest[DIGITS..].starts_with(END));
    let Some(rest) = rest else { return Err("it does not start with a checksum".to_string()) };
    let (sum, rest) = (&rest[..DIGITS], &rest[DIGITS + END.len()..]);
    let expected = format!("{:08x}", crc32fast::hash(rest));
    if sum != expected.as_bytes() {
        let found = String::from_utf8_lossy(sum);
        return Err(format!("its checksum is {expected}, and it says {found:?}: it was changed after it was written"));
    }
    let mut object = Vec::with_capacity(rest.len() + 1);
    object.push(b'{');
    object.extend_from_slice(rest);
    Ok(object)
}

/// The end of a line that is a whole line by itself. A writer that was stopped in the middle of a
/// line leaves its beginning, and the next one goes on behind that.
pub(super) fn whole_end(line: &[u8]) -> Option<&[u8]> {
    (1..line.len()).map(|at| &line[at..]).find(|end| end.starts_with(START) && unseal(end).is_ok())
}

/// Reads the cells of a sweep.
pub(crate) struct Reader {
    /// The measures, and what values they can have.
    measures: Vec<(String, Range)>,
    rows: usize,
    columns: usize,
}

impl Reader {
    /// A reader of cells of the sweep with this header.
    ///
    /// # Errors
    /// What is wrong with the header.
    pub(crate) fn new(header: &Header) -> Result<Self, String> {
        header.check()?;
        // A measure that this library does not know by name may have any value.
        let range = |text: &String| Measure::parse(text).map_or(Range::new(f64::MIN, f64::MAX), |measure| measure.properties().range);
        let (rows, columns) = header.sizes();
        Ok(Self { measures: header.measures.iter().map(|text| (text.clone(), range(text))).collect(), rows, columns })
    }

    /// The cell of an object, if it is one of this sweep with a value that its measure can have.
    pub(crate) fn cell(&self, object: &[u8]) -> Result<Cell, String> {
        let cell = serde_json::from_slice::<Line<'_>>(object).map_err(|error| error.to_string())?.into_cell();
        let Cell { row, column, measure, .. } = cell;
        if row >= self.rows || column >= self.columns || measure >= self.measures.len() {
            return Err(format!("row {row}, column {column}, measure {measure} are outside this sweep"));
        }
        let (name, range) = &self.measures[measure];
        match cell.outcome.value() {
            Some(value) if !value.is_finite() || value < range.lower || value > range.upper => {
                Err(format!("{name}: the value {value:?} is outside {range}"))
            }
            _ => Ok(cell),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_of_a_line_is_seen() {
        let line = sealed(&serde_json::json!({ "row": 0, "value": 0.125 }));
        assert_eq!(unseal(&line).unwrap(), br#"{"row":0,"value":0.125}"#);
        for bit in 0..8 * line.len() {
            let mut damaged = line.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal(&damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_whole_line_behind_a_torn_one_is_found() {
        let lines: Vec<Vec<u8>> = (0..3).map(|row| sealed(&serde_json::json!({ "row": row, "value": 0.5 }))).collect();
        let torn = [&lines[0][..20], &lines[1][..lines[1].len() - 1], &lines[2]].concat();
        assert_eq!(whole_end(&torn), Some(lines[2].as_slice()));
        assert_eq!(whole_end(&lines[0]), None);
        assert_eq!(whole_end(&[&[0; 100][..], &lines[0][..30]].concat()), None);
    }
}
