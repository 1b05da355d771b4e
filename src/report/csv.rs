//! Results as a long table: one comparison a row.

use std::io::{self, Write};

use crate::results::{Outcome, Record};

/// The columns. `condition` and `error_bound` are the measure's own (see [`Score`](crate::Score));
/// where a measure has no value, the numbers are empty and `error_kind` and `error_message` say
/// why.
pub const COLUMNS: [&str; 13] = [
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
];

/// Writes comparisons as a long table with a header. Numbers read back to the same f64.
///
/// # Errors
/// What `out` answers.
pub fn write<'a>(out: &mut impl Write, records: impl IntoIterator<Item = Record<'a>>) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    for record in records {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:?}"));
        let (kind, message) = match record.outcome {
            Outcome::Value { .. } => ("", ""),
            Outcome::Failure { error } => (error.kind.as_str(), error.message.as_str()),
        };
        table.write_record([
            record.model_a,
            &record.layer_a.name,
            record.model_b,
            &record.layer_b.name,
            record.measure,
            &number(record.outcome.value()),
            &record.n.to_string(),
            &record.layer_a.p.to_string(),
            &record.layer_b.p.to_string(),
            &number(record.outcome.diagnostic("condition")),
            &number(record.outcome.diagnostic("error_bound")),
            kind,
            message,
        ])?;
    }
    table.flush()
}
