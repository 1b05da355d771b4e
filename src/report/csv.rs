//! Results as a long table: one comparison a row.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::results::{Outcome, Record};

/// The columns. `condition` and `error_bound` are the measure's own (see [`Score`](crate::Score));
/// where a measure has no value, the numbers are empty and `error_kind` and `error_message` say
/// why. `reading_a` and `reading_b` say how a layer was read, where anything decided that: axes,
/// positions, padding, rows, preprocessing.
pub const COLUMNS: [&str; 15] = [
    "model_a",
    "layer_a",
    "model_b",
    "layer_b",
    "measure",
    "value",
    "n",
    "p1",
    "p2",
    "condition",
    "error_bound",
    "error_kind",
    "error_message",
    "reading_a",
    "reading_b",
];

/// The columns that follow where nulls or intervals were asked for: the p-value (adjusted, where
/// that was asked for), the mean of the null, the score in standard deviations from it and
/// calibrated, the interval and the standard error, and the seed.
pub const INFERENCE: [&str; 8] = ["p", "null_mean", "z", "calibrated", "lo", "hi", "se", "seed"];

/// A text of a table that a spreadsheet does not take for a formula: one that starts with `=`, `+`,
/// `-`, `@`, a tabulator, a carriage return or an apostrophe has an apostrophe before it. To read
/// it back, drop the apostrophe that a text starts with.
///
/// ```
/// use similitude::report::csv::plain;
/// assert_eq!((plain("=cmd()"), plain("conv1"), plain("'quoted'")), ("'=cmd()".into(), "conv1".into(), "''quoted'".into()));
/// ```
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Writes comparisons as a long table with a header. Numbers read back to the same f64, and texts
/// are [`plain`].
///
/// # Errors
/// What `out` answers.
pub fn write<'a>(out: &mut impl Write, records: impl IntoIterator<Item = Record<'a>>) -> io::Result<()> {
    write_with(out, records, &[])
}

/// As [`write()`], with more columns of facts that are numbers, as [`INFERENCE`].
///
/// # Errors
/// What `out` answers.
pub fn write_with<'a>(out: &mut impl Write, records: impl IntoIterator<Item = Record<'a>>, facts: &[&str]) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(COLUMNS.iter().chain(facts))?;
    for record in records {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:?}"));
        let (kind, message) = match record.outcome {
            Outcome::Value { .. } => ("", ""),
            Outcome::Failure { error } => (error.kind.as_str(), error.message.as_str()),
        };
        let own = [
            plain(record.model_a),
            plain(&record.layer_a.name),
            plain(record.model_b),
            plain(&record.layer_b.name),
            record.measure.into(),
            number(record.outcome.value()).into(),
            record.n.to_string().into(),
            record.layer_a.p.to_string().into(),
            record.layer_b.p.to_string().into(),
            number(record.outcome.diagnostic("condition")).into(),
            number(record.outcome.diagnostic("error_bound")).into(),
            kind.into(),
            plain(message),
            plain(record.layer_a.reading.as_deref().unwrap_or_default()),
            plain(record.layer_b.reading.as_deref().unwrap_or_default()),
        ];
        let more = facts.iter().map(|name| Cow::Owned(record.outcome.fact(name)));
        table.write_record(own.into_iter().chain(more).map(|field| field.into_owned()))?;
    }
    table.flush()
}
