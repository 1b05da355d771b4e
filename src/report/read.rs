//! Results of a finished sweep, read back as scores.

use std::path::Path;

use serde::Deserialize;

use super::files::PROVENANCE;
use super::finished::{FinishedError, document, read};
use crate::measure::Measure;
use crate::results::{Facts, Failure, LayerFacts, NetworkFacts, Outcome, Provenance, Scores};

#[derive(Deserialize)]
struct Document {
    similitude: String,
    n: usize,
    a: Network,
    b: Network,
    measures: Vec<String>,
    errors: Vec<Failure>,
    scores: Vec<Vec<Vec<Cell>>>,
}

#[derive(Deserialize)]
struct Network {
    name: String,
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    name: String,
    source: String,
    p: usize,
    #[serde(default)]
    reading: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Value { value: f64, diagnostics: Facts },
    Failure { error: usize },
}

impl From<Network> for NetworkFacts {
    fn from(network: Network) -> Self {
        let facts = |Layer { name, source, p, reading }| LayerFacts { name, source, p, reading };
        Self { name: network.name, layers: network.layers.into_iter().map(facts).collect() }
    }
}

/// The scores of a finished sweep, from `scores.json` or the directory that holds it, with the
/// provenance that lies beside: they are written as the same bytes again.
///
/// # Errors
/// [`FinishedError`].
pub fn read_scores(path: &Path) -> Result<Scores, FinishedError> {
    let file = document(path);
    let Document { similitude, n, a, b, measures, errors, scores } = read(&file)?;
    let damaged = |detail: String| FinishedError::Damaged { file: file.clone(), detail };
    let known = |text: &String| match Measure::parse(text) {
        Ok(measure) if measure.to_string() == *text => Ok(measure),
        Ok(measure) => Err(damaged(format!("the measure {text} is not written with its full convention, {measure}"))),
        Err(error) => Err(damaged(error.to_string())),
    };
    let measures = measures.iter().map(known).collect::<Result<Vec<Measure>, _>>()?;
    let (rows, columns) = (a.layers.len(), b.layers.len());
    if rows == 0 || columns == 0 || measures.is_empty() {
        return Err(damaged(format!("{} measures of {rows} x {columns} layers", measures.len())));
    }
    let is_whole =
        scores.len() == measures.len() && scores.iter().all(|table| table.len() == rows && table.iter().all(|row| row.len() == columns));
    if !is_whole {
        return Err(damaged(format!("not {} tables of {rows} x {columns} scores", measures.len())));
    }
    let mut outcomes = Vec::with_capacity(measures.len() * rows * columns);
    for cell in scores.into_iter().flatten().flatten() {
        outcomes.push(match cell {
            Cell::Value { value, diagnostics } => Outcome::Value { value, diagnostics },
            Cell::Failure { error } => {
                let count = errors.len();
                let error = errors.get(error).ok_or_else(|| damaged(format!("error {error} of {count}, counted from 0")))?;
                Outcome::Failure { error: error.clone() }
            }
        });
    }
    let beside = file.with_file_name(PROVENANCE);
    let mut provenance: Provenance = if beside.exists() { read(&beside)? } else { Provenance::default() };
    if provenance.version.is_empty() {
        provenance.version = similitude;
    }
    Ok(Scores::of_outcomes(a.into(), b.into(), n, measures, outcomes).with_provenance(provenance))
}
