//! Results as JSON: one object for each comparison.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::results::{Failure, LayerFacts, NetworkFacts, Outcome, Record, Scores};

/// A comparison as a JSON object: `measure`, `value`, `direction`, `x`, `y`, `n`, `p1`, `p2`,
/// `diagnostics`, `version`, and `reading` of the sides where anything decided how they were read;
/// where the measure has no value: `measure`, `error` (with `kind` and `message`), `x`, `y`.
/// Numbers read back to the same f64.
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
        let reading = Reading { x: self.layer_a.reading.as_deref(), y: self.layer_b.reading.as_deref() };
        if reading.x.is_some() || reading.y.is_some() {
            object.serialize_entry("reading", &reading)?;
        }
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

/// What decided how two layers were read, in words.
#[derive(Serialize)]
struct Reading<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<&'a str>,
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
/// `b` with their layers, `measures`, `errors`, and `scores`, a table `[measure][layer of a][layer
/// of b]` of the objects of [`write_lines`]. Where a measure has no value, `error` is the place in
/// `errors`, counted from 0, of the object with its `kind` and `message`: a layer that is constant
/// is the same error in many cells.
///
/// # Errors
/// What `out` answers.
pub fn write_document(out: &mut impl Write, scores: &Scores) -> io::Result<()> {
    #[derive(Serialize)]
    struct Layer<'a> {
        name: &'a str,
        source: &'a str,
        p: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        reading: Option<&'a str>,
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
        errors: Vec<&'a Failure>,
        scores: Tables<'a>,
    }
    fn network(facts: &NetworkFacts) -> Network<'_> {
        let layers = facts.layers.iter();
        let layers =
            layers.map(|LayerFacts { name, source, p, reading }| Layer { name, source, p: *p, reading: reading.as_deref() }).collect();
        Network { name: &facts.name, layers }
    }
    let mut places: HashMap<&Failure, usize> = HashMap::new();
    let mut errors = Vec::new();
    for record in scores.records() {
        if let Outcome::Failure { error } = record.outcome {
            places.entry(error).or_insert_with(|| {
                errors.push(error);
                errors.len() - 1
            });
        }
    }
    let document = Document {
        similitude: env!("CARGO_PKG_VERSION"),
        n: scores.n(),
        a: network(scores.a()),
        b: network(scores.b()),
        measures: scores.measures().iter().map(ToString::to_string).collect(),
        errors,
        scores: Tables { scores, places },
    };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// The tables of all measures. They are written cell by cell: as a value of their own they would
/// take more memory than the scores.
struct Tables<'a> {
    scores: &'a Scores,
    places: HashMap<&'a Failure, usize>,
}

impl Serialize for Tables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let measures = 0..self.scores.measures().len();
        serializer.collect_seq(measures.map(|measure| Table { tables: self, measure }))
    }
}

struct Table<'a> {
    tables: &'a Tables<'a>,
    measure: usize,
}

impl Serialize for Table<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.tables.scores.a().layers.len();
        serializer.collect_seq((0..rows).map(|row| {
            let record = |record| InDocument { record, places: &self.tables.places };
            self.tables.scores.row(self.measure, row).map(record).collect::<Vec<_>>()
        }))
    }
}

/// A comparison whose error is a place in the document's list.
struct InDocument<'a> {
    record: Record<'a>,
    places: &'a HashMap<&'a Failure, usize>,
}

impl Serialize for InDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Outcome::Failure { error } = self.record.outcome else { return self.record.serialize(serializer) };
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("measure", self.record.measure)?;
        object.serialize_entry("error", &self.places[error])?;
        object.serialize_entry("x", &self.record.layer_a.source)?;
        object.serialize_entry("y", &self.record.layer_b.source)?;
        object.end()
    }
}
