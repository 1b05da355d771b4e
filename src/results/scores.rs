//! What a sweep answers.

use serde::{Deserialize, Serialize};

use super::facts::{Fact, Facts};
use super::provenance::{MATCHED, Provenance};
use crate::claims::{Claim, Direction};
use crate::diagnostics::Diagnostics;
use crate::error::ErrorKind;
use crate::measure::Measure;
use crate::score::Score;

/// What came of one measure on one pair of layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Outcome {
    /// It has a value.
    Value {
        /// The value.
        value: f64,
        /// Ranks, kept dimensions, bandwidths, the error bound, ...
        diagnostics: Facts,
    },
    /// It is undefined or degenerate on these layers.
    Failure {
        /// Why.
        error: Failure,
    },
}

/// Why a measure has no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// The kind in one word, as [`ErrorKind`](crate::ErrorKind) names it.
    pub kind: String,
    /// What was wrong, with the numbers.
    pub message: String,
}

impl Outcome {
    /// The value, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Outcome::Value { value, .. } => Some(*value),
            Outcome::Failure { .. } => None,
        }
    }

    /// A diagnostic that is words.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self {
            Outcome::Value { diagnostics, .. } => diagnostics.get(name)?.as_str(),
            Outcome::Failure { .. } => None,
        }
    }

    /// A diagnostic that is a number.
    pub fn diagnostic(&self, name: &str) -> Option<f64> {
        match self {
            Outcome::Value { diagnostics, .. } => diagnostics.get(name)?.as_f64(),
            Outcome::Failure { .. } => None,
        }
    }

    /// A diagnostic that is a number or a count, as a table holds it; nothing where there is none.
    pub fn fact(&self, name: &str) -> String {
        let Outcome::Value { diagnostics, .. } = self else { return String::new() };
        match diagnostics.get(name) {
            Some(Fact::Count(count)) => count.to_string(),
            Some(Fact::Number(number)) => format!("{number:?}"),
            _ => String::new(),
        }
    }

    /// The outcome of a measure on a layer that no measure has a value on.
    pub(crate) fn undefined(measure: &Measure, error: &crate::error::Error) -> Outcome {
        let kind = ErrorKind::Undefined.as_str().to_string();
        Outcome::Failure { error: Failure { kind, message: format!("{measure}: undefined: {error}") } }
    }

    /// The outcome with the two sides exchanged, for a symmetric measure: what is named `..._x` is
    /// now named `..._y`.
    pub fn mirrored(&self) -> Outcome {
        let Outcome::Value { value, diagnostics } = self else { return self.clone() };
        Outcome::Value { value: *value, diagnostics: diagnostics.mirrored() }
    }
}

impl From<Result<Score, crate::error::Error>> for Outcome {
    fn from(result: Result<Score, crate::error::Error>) -> Self {
        match result {
            Ok(score) => Outcome::Value { value: score.value, diagnostics: Facts::from(&score.diagnostics) },
            Err(error) => Outcome::Failure { error: Failure { kind: error.kind().as_str().to_string(), message: error.to_string() } },
        }
    }
}

/// One finished cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Layer of the first network, counted from 0.
    pub row: usize,
    /// Layer of the second network, counted from 0.
    pub column: usize,
    /// Which of the measures, counted from 0.
    pub measure: usize,
    /// What came of it.
    pub outcome: Outcome,
}

/// What is known of a network besides its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkFacts {
    /// Its name.
    pub name: String,
    /// Its layers, first layer first.
    pub layers: Vec<LayerFacts>,
}

/// What is known of a layer besides its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerFacts {
    /// Its name.
    pub name: String,
    /// What reads it alone: a file, or `ARCHIVE:LAYER`.
    pub source: String,
    /// Neurons.
    pub p: usize,
    /// What decided how it was read, in words: axes, positions, padding, rows, preprocessing; none
    /// where nothing was decided.
    pub reading: Option<String>,
}

/// The result of a sweep: an outcome for each measure, layer of the first network and layer of the
/// second.
#[derive(Debug, Clone)]
pub struct Scores {
    a: NetworkFacts,
    b: NetworkFacts,
    pub(super) n: usize,
    measures: Vec<Measure>,
    pub(super) names: Vec<String>,
    pub(super) outcomes: Vec<Outcome>,
    provenance: Provenance,
}

/// One comparison with everything that identifies it: a line of a result file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<'a> {
    /// The measure with its full convention.
    pub measure: &'a str,
    /// Which way its values read.
    pub direction: Direction,
    /// Name of the first network.
    pub model_a: &'a str,
    /// Its layer.
    pub layer_a: &'a LayerFacts,
    /// Name of the second network.
    pub model_b: &'a str,
    /// Its layer.
    pub layer_b: &'a LayerFacts,
    /// Examples.
    pub n: usize,
    /// What came of it.
    pub outcome: &'a Outcome,
}

impl Scores {
    /// Puts finished cells in their places; the other half of a network with itself is filled in
    /// for symmetric measures.
    ///
    /// # Panics
    /// When a cell is missing: a sweep that ended has them all.
    pub(crate) fn assemble(a: NetworkFacts, b: NetworkFacts, n: usize, measures: Vec<Measure>, cells: Vec<Cell>, mirror: bool) -> Self {
        let (rows, columns) = (a.layers.len(), b.layers.len());
        let mut outcomes = vec![None; measures.len() * rows * columns];
        let place = |measure: usize, row: usize, column: usize| (measure * rows + row) * columns + column;
        for cell in cells {
            if mirror && cell.row != cell.column && symmetric(&measures[cell.measure]) {
                outcomes[place(cell.measure, cell.column, cell.row)] = Some(cell.outcome.mirrored());
            }
            outcomes[place(cell.measure, cell.row, cell.column)] = Some(cell.outcome);
        }
        let outcomes = outcomes.into_iter().map(|outcome| outcome.expect("a sweep that ended has every cell")).collect();
        Self::of_outcomes(a, b, n, measures, outcomes)
    }

    /// Scores from the outcomes of all measures, row-major.
    ///
    /// # Panics
    /// When there are not as many as measures and pairs of layers.
    pub(crate) fn of_outcomes(a: NetworkFacts, b: NetworkFacts, n: usize, measures: Vec<Measure>, outcomes: Vec<Outcome>) -> Self {
        assert_eq!(outcomes.len(), measures.len() * a.layers.len() * b.layers.len(), "an outcome for each cell");
        let names = measures.iter().map(Measure::to_string).collect();
        Self { a, b, n, measures, names, outcomes, provenance: Provenance::default() }
    }

    /// The same scores, with what they came from.
    pub fn with_provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = provenance;
        self
    }

    /// The same scores, of whose layers `what` was decided: instead of `instead`, where that was
    /// decided before.
    pub fn decided(mut self, what: &str, instead: &str) -> Self {
        for layer in self.a.layers.iter_mut().chain(&mut self.b.layers) {
            let reading = layer.reading.take().unwrap_or_default();
            layer.reading = Some(match (reading.is_empty(), reading.contains(instead)) {
                (true, _) => what.to_string(),
                (false, true) => reading.replace(instead, what),
                (false, false) => format!("{reading}, {what}"),
            });
        }
        self
    }

    /// What they came from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The first network: its layers are the rows.
    pub fn a(&self) -> &NetworkFacts {
        &self.a
    }

    /// The second network: its layers are the columns.
    pub fn b(&self) -> &NetworkFacts {
        &self.b
    }

    /// Examples.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The measures, in the order given.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// The outcomes of a measure, row-major: rows are layers of the first network.
    pub fn outcomes(&self, measure: usize) -> &[Outcome] {
        let cells = self.a.layers.len() * self.b.layers.len();
        &self.outcomes[measure * cells..(measure + 1) * cells]
    }

    /// The values of a measure, row-major; `None` where it has none.
    pub fn values(&self, measure: usize) -> Vec<Option<f64>> {
        self.outcomes(measure).iter().map(Outcome::value).collect()
    }

    /// Every comparison: measure after measure, row after row.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.numbered(0, self.outcomes.len())
    }

    /// Of many networks, what was compared of each: the name of a layer, or the mean over several;
    /// the layers of both sides are then networks.
    pub fn networks_layer(&self) -> Option<&str> {
        // What layers are matched is said of all of them together.
        self.provenance.networks.as_deref().map(|layer| if layer == MATCHED { self.a.name.as_str() } else { layer })
    }

    /// The comparisons of a measure with one layer of the first network.
    pub fn row(&self, measure: usize, row: usize) -> impl Iterator<Item = Record<'_>> {
        let (rows, columns) = (self.a.layers.len(), self.b.layers.len());
        self.numbered((measure * rows + row) * columns, columns)
    }

    fn numbered(&self, first: usize, count: usize) -> impl Iterator<Item = Record<'_>> {
        let (rows, columns) = (self.a.layers.len(), self.b.layers.len());
        (first..first + count).zip(&self.outcomes[first..first + count]).map(move |(index, outcome)| {
            let (measure, row, column) = (index / (rows * columns), index / columns % rows, index % columns);
            Record {
                measure: &self.names[measure],
                direction: self.measures[measure].properties().direction,
                model_a: &self.a.name,
                layer_a: &self.a.layers[row],
                model_b: &self.b.name,
                layer_b: &self.b.layers[column],
                n: self.n,
                outcome,
            }
        })
    }

    /// The sweep of the second network with the first, of the measures that are symmetric: nothing
    /// is computed again.
    pub fn mirrored(&self) -> Scores {
        let kept: Vec<usize> = (0..self.measures.len()).filter(|&measure| symmetric(&self.measures[measure])).collect();
        let (rows, columns) = (self.a.layers.len(), self.b.layers.len());
        let flip = |&measure: &usize| {
            let outcomes = self.outcomes(measure);
            (0..rows * columns).map(move |index| outcomes[index % rows * columns + index / rows].mirrored())
        };
        Scores {
            a: self.b.clone(),
            b: self.a.clone(),
            n: self.n,
            outcomes: kept.iter().flat_map(flip).collect(),
            names: kept.iter().map(|&measure| self.names[measure].clone()).collect(),
            measures: kept.iter().map(|&measure| self.measures[measure].clone()).collect(),
            provenance: self.provenance.mirrored(),
        }
    }

    /// Adds facts to a comparison that has a value.
    pub fn add_facts(&mut self, measure: usize, row: usize, column: usize, more: &Diagnostics) {
        let place = (measure * self.a.layers.len() + row) * self.b.layers.len() + column;
        if let Outcome::Value { diagnostics, .. } = &mut self.outcomes[place] {
            *diagnostics = diagnostics.and(more);
        }
    }

    /// Whether some comparison has a fact of one of these names.
    pub fn has_any(&self, names: &[&str]) -> bool {
        self.outcomes.iter().any(|outcome| names.iter().any(|name| outcome.diagnostic(name).is_some()))
    }

    /// The number of comparisons without a value.
    pub fn failures(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.value().is_none()).count()
    }
}

/// Whether a measure gives the same value with its arguments swapped.
pub(crate) fn symmetric(measure: &Measure) -> bool {
    measure.properties().symmetry == Claim::Holds
}
