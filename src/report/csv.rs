//! Results as a long table: one comparison a row.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::results::{Outcome, Record, Scores};

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
/// that was asked for, with that before), the mean of the null, the score in standard deviations
/// from it and calibrated, the interval and the standard error, and the seed.
pub const INFERENCE: [&str; 9] = ["p", "p_unadjusted", "null_mean", "z", "calibrated", "lo", "hi", "se", "seed"];

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
    let names = |record: &Record<'a>| [record.model_a, &record.layer_a.name, record.model_b, &record.layer_b.name];
    write_named(out, records, facts, &names)
}

/// Writes all scores, with [`INFERENCE`] where there is any. Of many networks ([`Provenance`])
/// the models are the networks, and the layer is what was compared of them: its name, or the mean
/// over several.
///
/// [`Provenance`]: crate::results::Provenance
///
/// # Errors
/// What `out` answers.
pub fn write_scores(out: &mut impl Write, scores: &Scores) -> io::Result<()> {
    let is_shown = |name: &&str| *name != "p_unadjusted" || scores.has_any(&[name]);
    let facts: Vec<&str> = if scores.has_any(&INFERENCE) { INFERENCE.into_iter().filter(is_shown).collect() } else { Vec::new() };
    let facts = &facts[..];
    let Some(layer) = scores.networks_layer() else { return write_with(out, scores.records(), facts) };
    write_named(out, scores.records(), facts, &|record| [&record.layer_a.name, layer, &record.layer_b.name, layer])
}

fn write_named<'a>(
    out: &mut impl Write,
    records: impl IntoIterator<Item = Record<'a>>,
    facts: &[&str],
    names: &dyn Fn(&Record<'a>) -> [&'a str; 4],
) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(COLUMNS.iter().chain(facts))?;
    for record in records {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:?}"));
        let (kind, message) = match record.outcome {
            Outcome::Value { .. } => ("", ""),
            Outcome::Failure { error } => (error.kind.as_str(), error.message.as_str()),
        };
        let [model_a, layer_a, model_b, layer_b] = names(&record).map(plain);
        let own = [
            model_a,
            layer_a,
            model_b,
            layer_b,
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
