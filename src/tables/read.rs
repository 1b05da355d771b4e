//! Reading a text table, record by record.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Trim};

use super::choices::{Choices, Comment, Decimal, Delimiter, IndexColumn};
use super::dialect::{self, Dialect};
use super::first_row;
use super::index::{self, Ids};
use super::problem::Problem;

/// Characters of an unreadable field that a message shows: an unclosed quote makes the rest of the
/// file one field.
const SHOWN: usize = 40;

/// The numbers of a text table, and what was decided on the way to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Examples.
    pub rows: usize,
    /// Neurons: columns that are neither an index nor left out.
    pub columns: usize,
    /// The neurons' values, row-major.
    pub values: Vec<f64>,
    /// The columns that are neurons.
    pub neurons: Vec<Neuron>,
    /// The names of the rows, where a column has them.
    pub ids: Option<Ids>,
    /// Columns that were left out, in words.
    pub dropped: Vec<String>,
    /// Names that were to be left out and that no column has.
    pub absent: Vec<String>,
    /// The names in the header; none where there is no header.
    pub names: Vec<String>,
    /// Decisions that a person may want to see, a sentence each.
    pub notes: Vec<String>,
}

/// A column that is a neuron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neuron {
    /// Where it stands in the file, counted from 1.
    pub number: usize,
    /// Its name in the header.
    pub name: Option<String>,
}

/// Records of a file.
struct Records<'a> {
    file: &'a Path,
    reader: Reader<File>,
    start: u64,
    delimiter: Delimiter,
    choices: &'a Choices,
}

/// One record: its fields without the blanks around them, and the byte that it starts at.
struct Row {
    at: u64,
    record: ByteRecord,
    /// Which fields count: between spaces, those with something in them.
    fields: Vec<usize>,
}

impl Row {
    fn len(&self) -> usize {
        self.fields.len()
    }

    fn field(&self, column: usize) -> &[u8] {
        &self.record[self.fields[column]]
    }

    fn text(&self, column: usize) -> String {
        String::from_utf8_lossy(self.field(column)).into_owned()
    }

    fn texts(&self) -> Vec<String> {
        (0..self.len()).map(|column| self.text(column)).collect()
    }
}

/// What rows are gathered into.
struct Gathered<'a> {
    columns: usize,
    /// Whether the first row, and nothing else so far, was words.
    is_below_words: bool,
    neurons: &'a [usize],
    index: Option<usize>,
    /// What options call the column of ids.
    index_name: String,
    values: Vec<f64>,
    ids: Vec<String>,
    seen: HashSet<String>,
}

impl Gathered<'_> {
    /// What may be the matter with a row of so many fields.
    fn of_ragged(&self, found: usize) -> &'static str {
        match (self.is_below_words && self.values.is_empty(), self.columns) {
            (true, 1) => "; a first line that is no row is left out with --comment and the character that it starts with (--comment '%')",
            (true, columns) if found == columns + 1 => {
                "; where the header lacks the name of the column of row names, as R writes it, put one before the others"
            }
            _ => "",
        }
    }

    fn take(&mut self, row: &Row, records: &Records<'_>) -> Result<(), Problem> {
        let choices = records.choices;
        if row.len() != self.columns {
            let (line, expected, found) = (records.line(row)?, self.columns, row.len());
            return Err(Problem::Ragged { line, expected, found, hint: self.of_ragged(found) });
        }
        for &column in self.neurons {
            let field = row.field(column);
            let Some(value) = number(field, choices.decimal) else {
                let mut hint = hint(field, self.columns, choices);
                if field.is_empty() && column + 1 == self.columns && column > 0 {
                    hint += &format!("; where lines end with what separates fields, --drop-columns {} leaves the last one out", column + 1);
                }
                let line = records.line(row)?;
                return Err(Problem::NotANumber { line, column: column + 1, text: shown(field), hint });
            };
            if value.abs() >= EXACT && is_inexact(field, value) {
                return Err(Problem::Inexact { line: records.line(row)?, column: column + 1, text: shown(field) });
            }
            self.values.push(value);
        }
        if let Some(column) = self.index {
            let id = row.text(column);
            if !self.seen.insert(id.clone()) {
                return Err(Problem::DoubledId { line: records.line(row)?, id, column: self.index_name.clone() });
            }
            self.ids.push(id);
        }
        Ok(())
    }
}

/// Reads a file; `tabs` where its name says that tabs separate fields.
pub(crate) fn read(file: &Path, choices: &Choices, tabs: bool) -> Result<Table, Problem> {
    let dialect = dialect::look(BufReader::new(File::open(file)?), choices, tabs)?;
    let mut records = Records::open(file, &dialect, choices)?;
    let mut notes = notes_on(&dialect);
    let Some(first) = records.next()? else {
        return Err(Problem::NoRows { what: ": the file is empty" });
    };
    let second = records.next()?;
    let below = second.as_ref().map(Row::texts);
    let names = first_row::names(&first.texts(), below.as_deref(), choices, || records.line(&first))?;
    let columns = first.len();
    let roles = index::roles(names.as_deref(), columns, choices)?;
    let is_neuron = |column: &usize| Some(*column) != roles.index && !roles.dropped.contains(column);
    let neurons: Vec<usize> = (0..columns).filter(is_neuron).collect();

    let (values, ids, seen) = (Vec::new(), Vec::new(), HashSet::new());
    if second.is_none() && (0..columns).any(|column| first.field(column).contains(&b'\n')) {
        return Err(Problem::OpenQuote { line: records.line(&first)? });
    }
    let is_below_words = names.is_some();
    let called = |column: usize| match names.as_ref().map(|names| names[column].as_str()) {
        Some("") => "unnamed".to_owned(),
        Some(name) => name.to_owned(),
        None => (column + 1).to_string(),
    };
    let index_name = roles.index.map(called).unwrap_or_default();
    let mut gathered = Gathered { columns, is_below_words, neurons: &neurons, index: roles.index, index_name, values, ids, seen };
    if names.is_none() {
        gathered.take(&first, &records)?;
    }
    let mut next = second;
    while let Some(row) = next {
        gathered.take(&row, &records)?;
        next = records.next()?;
    }
    let Gathered { values, ids, .. } = gathered;
    if values.is_empty() {
        let is_page = first.field(0).starts_with(b"<");
        return Err(Problem::NoRows { what: if is_page { ": this is a page of HTML or XML" } else { ": there is a header alone" } });
    }
    if choices.index.is_none() && roles.index.is_none() {
        index::require_neurons(names.as_deref(), &neurons, &values)?;
    }

    let in_words = |column: usize| match names.as_ref().map(|names| names[column].as_str()) {
        Some("") => format!("column {} (unnamed)", column + 1),
        Some(name) => format!("column {} ({name:?})", column + 1),
        None => format!("column {}", column + 1),
    };
    let ids = roles.index.map(|column| Ids { column: in_words(column), ids });
    if let (Some(Ids { column, ids }), None) = (&ids, &choices.index) {
        let counts = ids.iter().enumerate().all(|(row, id)| id.parse() == Ok(row));
        let what = if counts { "counts the rows" } else { "names the rows" };
        notes.push(format!("{column} {what} and is no neuron (--index-column none would make it one)"));
    }
    for (place, &column) in neurons.iter().enumerate() {
        let name = names.as_ref().map_or("", |names| names[column].as_str());
        let mut of_column = values.iter().skip(place).step_by(neurons.len());
        if is_of_labels(name) && of_column.all(|value| value.fract() == 0.0) {
            notes.push(format!("{} is taken for a neuron (--drop-columns {name} leaves it out)", in_words(column)));
        }
    }
    let rows = values.len() / neurons.len();
    let dropped = roles.dropped.iter().map(|&column| format!("{} left out", in_words(column))).collect();
    let of_file = |&column: &usize| Neuron { number: column + 1, name: names.as_ref().map(|names| names[column].clone()) };
    let neurons: Vec<Neuron> = neurons.iter().map(of_file).collect();
    let columns = neurons.len();
    Ok(Table { rows, columns, values, neurons, ids, dropped, absent: roles.absent, names: names.unwrap_or_default(), notes })
}

/// Whether a column of whole numbers of this name is more often a label of the rows than a neuron.
fn is_of_labels(name: &str) -> bool {
    let labels = ["label", "labels", "class", "classes", "target", "targets", "category", "split", "fold"];
    labels.iter().any(|label| name.eq_ignore_ascii_case(label))
}

fn notes_on(dialect: &Dialect) -> Vec<String> {
    let mut notes = Vec::new();
    if dialect.comments > 0 {
        let lines = if dialect.comments == 1 {
            "1 line before the first row starts".to_owned()
        } else {
            format!("{} lines before the first row start", dialect.comments)
        };
        notes.push(format!("{lines} with # and {} left out", if dialect.comments == 1 { "is" } else { "are" }));
    }
    if let (true, Delimiter::Byte(byte)) = (dialect.found && dialect.delimiter != Delimiter::Byte(b','), dialect.delimiter) {
        notes.push(format!("{} separate the fields", dialect::name(byte)));
    }
    notes
}

impl<'a> Records<'a> {
    fn open(file: &'a Path, dialect: &Dialect, choices: &'a Choices) -> Result<Self, Problem> {
        let mut handle = File::open(file)?;
        handle.seek(SeekFrom::Start(dialect.start))?;
        let delimiter = match dialect.delimiter {
            Delimiter::Byte(byte) => byte,
            Delimiter::Spaces => b' ',
        };
        let comment = match choices.comment {
            Some(Comment::Byte(byte)) => Some(byte),
            Some(Comment::None) | None => None,
        };
        // Rows of another length are found here, to say which.
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).trim(Trim::All).delimiter(delimiter).comment(comment);
        Ok(Self { file, reader: builder.from_reader(handle), start: dialect.start, delimiter: dialect.delimiter, choices })
    }

    fn next(&mut self) -> Result<Option<Row>, Problem> {
        let mut record = ByteRecord::new();
        let read = self.reader.read_byte_record(&mut record).map_err(|error| match error.into_kind() {
            ErrorKind::Io(source) => Problem::System(source),
            other => Problem::Record(format!("{other:?}")),
        })?;
        if !read {
            return Ok(None);
        }
        let counts = |field: &usize| self.delimiter != Delimiter::Spaces || !record[*field].is_empty();
        let fields: Vec<usize> = (0..record.len()).filter(counts).collect();
        let row = Row { at: record.position().map_or(0, ::csv::Position::byte), record, fields };
        if self.choices.comment.is_none() && row.len() > 0 && row.field(0).starts_with(b"#") {
            return Err(Problem::CommentAmongRows { line: self.line(&row)? });
        }
        Ok(Some(row))
    }

    /// The line that a row starts on, counted from 1.
    fn line(&self, row: &Row) -> Result<u64, Problem> {
        line_of(self.file, self.start + row.at)
    }
}

/// The line, counted from 1, of the first row that starts at or after this byte. The reader's own
/// count is that of the end of the row before, which blank lines separate from it.
fn line_of(file: &Path, start: u64) -> Result<u64, Problem> {
    let mut reader = BufReader::new(File::open(file)?);
    let (mut line, mut position, mut previous) = (1, 0, 0);
    loop {
        let buffer = reader.fill_buf()?;
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

/// The number that a field is.
pub(super) fn number(field: &[u8], decimal: Option<Decimal>) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?.trim();
    match decimal {
        Some(Decimal::Comma) if text.contains('.') => None,
        Some(Decimal::Comma) => text.replacen(',', ".", 1).parse().ok(),
        _ => text.parse().ok(),
    }
}

/// Integers below this are equal to an f64 each: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a field is an integer other than the number that it is read as.
fn is_inexact(field: &[u8], value: f64) -> bool {
    let integer = std::str::from_utf8(field).ok().and_then(|text| text.trim().parse::<i128>().ok());
    integer.is_some_and(|integer| value as i128 != integer)
}

/// The option that would read a field that is no number.
fn hint(field: &[u8], columns: usize, choices: &Choices) -> String {
    let text = String::from_utf8_lossy(field);
    let with_point = text.replacen(',', ".", 1);
    if with_point != text && with_point.parse::<f64>().is_ok() {
        return "; numbers with a decimal comma are read with --decimal comma".to_owned();
    }
    let several = |mut parts: std::str::SplitWhitespace<'_>| parts.clone().count() > 1 && parts.all(|part| part.parse::<f64>().is_ok());
    if columns == 1 && several(text.split_whitespace()) {
        return "; fields between spaces are read with --delimiter space".to_owned();
    }
    if text.trim().is_empty() {
        return " (an empty field); a representation has a value for every neuron of every example".to_owned();
    }
    if choices.index == Some(IndexColumn::None) || choices.index.is_none() && columns > 1 {
        return "; a column that names the rows is said with --index-column, one that is no neuron with --drop-columns, names of columns \
                with --header yes"
            .to_owned();
    }
    String::new()
}

pub(super) fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into_owned(),
    }
}
