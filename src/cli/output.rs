//! Printing.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::io::{remove_unfinished, write_atomically};
use crate::report::{csv, files, json, visible, visible_lines};
use crate::sweep::Scores;
use serde::de::DeserializeOwned;
use unicode_width::UnicodeWidthStr;

use crate::cli::arguments::TableFormat;
use crate::cli::stop::Stop;
use crate::cli::tell::tell;

/// A table without rules between its lines: a header, and columns of which those after the first
/// `left` are aligned to the right.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>, left: usize) -> String {
    /// Between columns.
    const GAP: usize = 2;
    // A name of a layer may hold anything.
    let shown = |texts: Vec<&str>| -> Vec<String> { texts.into_iter().map(|text| visible(text).into_owned()).collect() };
    let mut lines = vec![shown(header.to_vec())];
    lines.extend(rows.into_iter().map(|row| shown(row.iter().map(String::as_str).collect())));
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|text| text.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut table = String::new();
    for line in &lines {
        let start = table.len();
        for (column, text) in line.iter().enumerate() {
            let room = widths[column] - text.width();
            let (before, after) = if column < left { (0, room) } else { (room, 0) };
            table.extend(std::iter::repeat_n(' ', before));
            table.push_str(text);
            table.extend(std::iter::repeat_n(' ', after + GAP));
        }
        table.truncate(start + table[start..].trim_end().len());
        table.push('\n');
    }
    table
}

/// A number with four decimals. What rounds to zero has no sign.
pub fn rounded(value: f64) -> String {
    let text = format!("{value:.4}");
    if text == "-0.0000" { "0.0000".to_string() } else { text }
}

/// Writes a file.
pub type Put<'a> = &'a dyn Fn(&Path, &[u8]) -> Result<(), Stop>;

/// Writes a file, whole or not at all.
pub fn put_quietly(file: &Path, bytes: &[u8]) -> Result<(), Stop> {
    remove_unfinished(file);
    write_atomically(file, |out| out.write_all(bytes)).map_err(files::Error::from)?;
    Ok(())
}

/// Writes a file, whole or not at all, and says so.
pub fn put(file: &Path, bytes: &[u8]) -> Result<(), Stop> {
    put_quietly(file, bytes)?;
    tell(format!("wrote {}", file.display()));
    Ok(())
}

/// A document that an earlier command wrote beside its results; none where there is none. `again`
/// says how it is written anew.
pub fn document<T: DeserializeOwned>(file: &Path, again: &str) -> Result<Option<T>, Stop> {
    if !file.exists() {
        return Ok(None);
    }
    let unusable = |error: &dyn std::fmt::Display| Stop::Unusable(format!("{}: {error}; remove it, or {again}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| unusable(&error))?;
    serde_json::from_str(&text).map(Some).map_err(|error| unusable(&error))
}

/// Writes comparisons as JSON or CSV; for a table, what `as_table` makes of them. A terminal gets
/// nothing that would act on it.
pub fn write(format: TableFormat, scores: &Scores, as_table: impl FnOnce() -> String) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match format {
        TableFormat::Table => out.write_all(visible_lines(&as_table()).as_bytes())?,
        _ if io::stdout().is_terminal() => {
            let mut text = Vec::new();
            write_data(&mut text, format, scores)?;
            out.write_all(visible_lines(&String::from_utf8_lossy(&text)).as_bytes())?;
        }
        _ => write_data(&mut out, format, scores)?,
    }
    // Left to its drop, the buffer would swallow the error of a full disk or a closed pipe.
    out.flush()
}

fn write_data(out: &mut impl Write, format: TableFormat, scores: &Scores) -> io::Result<()> {
    if format == TableFormat::Json {
        return json::write_lines(out, scores.records());
    }
    csv::write_scores(out, scores)
}

/// Writes text on standard output.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes objects as JSON, one a line, on standard output.
pub fn write_json_lines(objects: &[impl serde::Serialize]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for object in objects {
        serde_json::to_writer(&mut out, object)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_no_sign() {
        assert_eq!([-0.0, -4e-5, -6e-5, 0.5].map(rounded), ["0.0000", "0.0000", "-0.0001", "0.5000"]);
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let rows = [["層", "1.5"], ["conv\u{1b}1", "-"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&["layer", "value"], rows, 1), "layer      value\n層           1.5\nconv\\x1b1      -\n");
    }
}
