//! Comma-separated text: a row an example, a field a neuron.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use ::csv::{ByteRecord, ErrorKind, ReaderBuilder, Trim};

use super::element::ElementType;
use super::error::{Error, Place};
use super::tensor::{Tensor, element_count};

/// Characters of an unreadable field that a message shows: an unclosed quote makes the rest of the
/// file one field.
const SHOWN: usize = 40;

/// Reads a csv file. A first row in which no field is a number is a header and names nothing here;
/// one in which some are numbers is an error, because a mistyped number or a column of row labels
/// would otherwise be lost, or become a neuron, without a word.
pub(super) fn read_file(file: &Path) -> Result<Tensor, Error> {
    let place = Place::new(file, None);
    let failed = |error: ::csv::Error| match error.into_kind() {
        ErrorKind::Io(source) => Error::reading(&place, source),
        other => Error::damaged(&place, format_args!("{other:?}")),
    };
    let handle = File::open(file).map_err(|source| Error::system(file, source))?;
    // Rows of another length are found here, to say which; a byte order mark is dropped by the
    // reader.
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(handle);

    let (mut rows, mut columns) = (0, 0);
    let mut values = Vec::new();
    let mut record = ByteRecord::new();
    let mut first = true;
    while reader.read_byte_record(&mut record).map_err(failed)? {
        let line = || line_of(file, record.position().map_or(0, ::csv::Position::byte));
        if first {
            first = false;
            columns = record.len();
            if record.iter().all(|field| number(field).is_none()) {
                continue;
            }
        }
        if record.len() != columns {
            return Err(Error::RaggedRow { file: file.to_owned(), line: line()?, expected: columns, found: record.len() });
        }
        for (column, field) in record.iter().enumerate() {
            let Some(value) = number(field) else {
                let (file, text) = (file.to_owned(), shown(field));
                return Err(Error::NotANumber { line: line()?, column: column + 1, file, text });
            };
            values.push(value);
        }
        rows += 1;
    }

    let shape = vec![rows, columns];
    element_count(&place, &shape)?;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Tensor { name, shape, element: ElementType::F64, values })
}

/// The line, counted from 1, of the first row that starts at or after this byte. The reader's own
/// count is that of the end of the row before, which blank lines separate from it.
fn line_of(file: &Path, start: u64) -> Result<u64, Error> {
    let handle = File::open(file).map_err(|source| Error::system(file, source))?;
    let mut reader = BufReader::new(handle);
    let (mut line, mut position, mut previous) = (1, 0, 0);
    loop {
        let buffer = reader.fill_buf().map_err(|source| Error::system(file, source))?;
        if buffer.is_empty() {
            return Ok(line);
        }
        for &byte in buffer {
            match byte {
                // Of the two bytes that end a line elsewhere, the first has been counted.
                b'\n' if previous == b'\r' => {}
                b'\n' | b'\r' => line += 1,
                _ if position >= start => return Ok(line),
                _ => {}
            }
            previous = byte;
            position += 1;
        }
        let read = buffer.len();
        reader.consume(read);
    }
}

fn number(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into_owned(),
    }
}
