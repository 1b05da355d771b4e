//! Results as JSON: one object for each comparison.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::results::{NetworkFacts, Outcome, Record, Scores};

/// A comparison as a JSON object: `measure`, `value`, `direction`, `x`, `y`, `n`, `p1`, `p2`,
/// `diagnostics`, `version`; where the measure has no value: `measure`, `error` (with `kind` and
/// `message`), `x`, `y`. Numbers read back to the same f64.
impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("measure", self.measure)?;
        match self.outcome {
            Outcome::Value { value, .. } => {
                object.serialize_entry("value", value)?;
                object.serialize_entry("direction", &self.direction)?;
            }
            Outcome::Failure { error } => object.serialize_entry("error", error)?,
        }
        object.serialize_entry("x", &self.layer_a.source)?;
        object.serialize_entry("y", &self.layer_b.source)?;
        if let Outcome::Value { diagnostics, .. } = self.outcome {
            object.serialize_entry("n", &self.n)?;
            object.serialize_entry("p1", &self.layer_a.p)?;
            object.serialize_entry("p2", &self.layer_b.p)?;
            object.serialize_entry("diagnostics", diagnostics)?;
            object.serialize_entry("version", env!("CARGO_PKG_VERSION"))?;
        }
        object.end()
    }
}

/// Writes comparisons as JSON, one object on a line.
///
/// # Errors
/// What `out` answers.
pub fn write_lines<'a>(out: &mut impl Write, records: impl IntoIterator<Item = Record<'a>>) -> io::Result<()> {
    for record in records {
        serde_json::to_writer(&mut *out, &record)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Writes a whole sweep as one JSON document: `similitude` (the version), `n`, the networks `a` and
/// `b` with their layers, `measures`, and `scores`, a table `[measure][layer of a][layer of b]` of
/// the objects of [`write_lines`].
///
/// # Errors
/// What `out` answers.
pub fn write_document(out: &mut impl Write, scores: &Scores) -> io::Result<()> {
    #[derive(Serialize)]
    struct Layer<'a> {
        name: &'a str,
        source: &'a str,
        p: usize,
    }
    #[derive(Serialize)]
    struct Network<'a> {
        name: &'a str,
        layers: Vec<Layer<'a>>,
    }
    #[derive(Serialize)]
    struct Document<'a> {
        similitude: &'static str,
        n: usize,
        a: Network<'a>,
        b: Network<'a>,
        measures: Vec<String>,
        scores: Vec<Vec<Vec<Record<'a>>>>,
    }
    fn network(facts: &NetworkFacts) -> Network<'_> {
        let layers = facts.layers.iter().map(|layer| Layer { name: &layer.name, source: &layer.source, p: layer.p }).collect();
        Network { name: &facts.name, layers }
    }
    let records: Vec<Record<'_>> = scores.records().collect();
    let rows: Vec<Vec<Record<'_>>> = records.chunks(scores.b().layers.len()).map(<[_]>::to_vec).collect();
    let document = Document {
        similitude: env!("CARGO_PKG_VERSION"),
        n: scores.n(),
        a: network(scores.a()),
        b: network(scores.b()),
        measures: scores.measures().iter().map(ToString::to_string).collect(),
        scores: rows.chunks(scores.a().layers.len()).map(<[_]>::to_vec).collect(),
    };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}
