//! Where the rows of a text table start, and what separates their fields.

use std::io::{BufRead, Read};

use ::csv::{ByteRecord, ReaderBuilder};

use super::choices::{Choices, Comment, Decimal, Delimiter};
use super::problem::Problem;
use super::read::shown;

/// What the beginning of a text says.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Bytes before the first row: a byte order mark, comments, blank lines.
    pub(super) start: u64,
    /// Lines before the first row that are comments.
    pub(super) comments: usize,
    pub(super) delimiter: Delimiter,
    /// Whether the delimiter was found and not given.
    pub(super) found: bool,
}

/// Looks at the beginning of a text; `tabs` where its name says that tabs separate fields.
pub(super) fn look(mut text: impl BufRead, choices: &Choices, tabs: bool) -> Result<Dialect, Problem> {
    /// Bytes that are looked at for the delimiter.
    const SAMPLE: u64 = 1 << 16;
    let (mut start, mut comments, mut lines) = (0, 0, 0);
    let mut line = Vec::new();
    let first = loop {
        line.clear();
        // A line longer than the sample is looked at as far as the sample goes.
        let read = text.by_ref().take(SAMPLE).read_until(b'\n', &mut line)? as u64;
        let mut content = line.as_slice();
        if lines == 0 {
            let marks: [(&[u8], &str); 4] =
                [(b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")];
            if let Some((_, encoding)) = marks.into_iter().find(|(mark, _)| content.starts_with(mark)) {
                return Err(Problem::Encoding { encoding });
            }
            content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
            start += (line.len() - content.len()) as u64;
        }
        let length = content.len() as u64;
        lines += 1;
        let is_comment = choices.comment.is_none() && content.starts_with(b"#");
        if read == 0 || !(is_comment || content.trim_ascii().is_empty()) {
            break content.to_vec();
        }
        comments += usize::from(is_comment);
        start += length;
    };
    if let Some(delimiter) = choices.delimiter {
        return Ok(Dialect { start, comments, delimiter, found: false });
    }
    if tabs {
        return Ok(Dialect { start, comments, delimiter: Delimiter::Byte(b'\t'), found: false });
    }
    let mut sample = first;
    text.take(SAMPLE).read_to_end(&mut sample)?;
    if sample.len() as u64 >= SAMPLE {
        // The last line is cut.
        let end = sample.iter().rposition(|&byte| byte == b'\n').map_or(sample.len(), |end| end + 1);
        sample.truncate(end);
    }
    let delimiter = find(&sample, choices, lines)?;
    Ok(Dialect { start, comments, delimiter, found: true })
}

/// The character that separates fields: the one that occurs, or the one whose fields hold no other.
fn find(sample: &[u8], choices: &Choices, line: u64) -> Result<Delimiter, Problem> {
    let comma_is_free = choices.decimal != Some(Decimal::Comma);
    let occurring: Vec<u8> = b";\t,".iter().copied().filter(|&byte| occurs(sample, byte)).collect();
    let mut candidates = occurring.clone();
    if !comma_is_free && candidates.len() > 1 {
        candidates.retain(|&byte| byte != b',');
    }
    match candidates[..] {
        // One column; or fields between spaces, which the numbers then say.
        [] => return Ok(Delimiter::Byte(b',')),
        [b','] if !comma_is_free => return Err(Problem::CommaTwice),
        [one] => return Ok(Delimiter::Byte(one)),
        _ => {}
    }
    let whole: Vec<u8> = candidates.iter().copied().filter(|&byte| separates(sample, byte, &candidates, choices)).collect();
    match whole[..] {
        [one] => Ok(Delimiter::Byte(one)),
        _ => {
            let row = sample.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let found = candidates.iter().map(|&byte| name(byte).to_owned()).collect();
            Err(Problem::Delimiters { line, found, row: shown(row) })
        }
    }
}

/// Whether the character stands outside of quotes.
fn occurs(sample: &[u8], byte: u8) -> bool {
    let mut quoted = false;
    sample.iter().any(|&next| {
        quoted ^= next == b'"';
        next == byte && !quoted
    })
}

/// Whether rows are cut into several fields, none of which, names apart, holds another candidate.
fn separates(sample: &[u8], byte: u8, candidates: &[u8], choices: &Choices) -> bool {
    let comment = match choices.comment {
        Some(Comment::Byte(byte)) => Some(byte),
        _ => None,
    };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(byte).comment(comment).from_reader(sample);
    let (mut record, mut rows) = (ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        rows += 1;
        let holds_another = |field: &[u8]| field.trim_ascii().iter().any(|next| *next != byte && candidates.contains(next));
        if record.len() < 2 || (rows > 1 && record.iter().any(holds_another)) {
            return false;
        }
    }
    rows > 1
}

/// A delimiter in words.
pub(super) fn name(byte: u8) -> &'static str {
    match byte {
        b';' => "semicolons",
        b'\t' => "tabs",
        b',' => "commas",
        _ => "other characters",
    }
}
