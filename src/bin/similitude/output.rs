//! Printing.

use std::io::{self, IsTerminal, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use similitude::report::{csv, json, visible, visible_lines};
use similitude::sweep::Record;

use crate::arguments::TableFormat;

/// A table without rules between its lines: a header, and columns of which those after the first
/// `left` are aligned to the right.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>, left: usize) -> String {
    let mut table = Table::new();
    // A name of a layer may hold anything.
    let cell = |text: &str| Cell::new(visible(text));
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|text| cell(text)).collect::<Vec<_>>());
    for row in rows {
        table.add_row(row.iter().map(|text| cell(text)).collect::<Vec<_>>());
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Writes comparisons as JSON or CSV; for a table, what `as_table` makes of them. A terminal gets
/// nothing that would act on it.
pub fn write<'a>(format: TableFormat, records: impl IntoIterator<Item = Record<'a>>, as_table: impl FnOnce() -> String) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match format {
        TableFormat::Table => out.write_all(visible_lines(&as_table()).as_bytes())?,
        _ if io::stdout().is_terminal() => {
            let mut text = Vec::new();
            write_data(&mut text, format, records)?;
            out.write_all(visible_lines(&String::from_utf8_lossy(&text)).as_bytes())?;
        }
        _ => write_data(&mut out, format, records)?,
    }
    // Left to its drop, the buffer would swallow the error of a full disk or a closed pipe.
    out.flush()
}

fn write_data<'a>(out: &mut impl Write, format: TableFormat, records: impl IntoIterator<Item = Record<'a>>) -> io::Result<()> {
    if format == TableFormat::Json { json::write_lines(out, records) } else { csv::write(out, records) }
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
