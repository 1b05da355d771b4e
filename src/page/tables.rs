//! The tables of the page that do not change.

use crate::precision::Precision;
use crate::report::methods;
use crate::report::picture;
use crate::report::{Style, visible};
use crate::results::{Failure, Outcome, Scores, identify};

/// How often a measure finds the corresponding layer.
pub(super) struct Found {
    pub(super) measure: String,
    pub(super) accuracy: String,
    pub(super) within_one: String,
    pub(super) trials: usize,
    pub(super) correct: usize,
    pub(super) ties: usize,
    pub(super) undefined: usize,
}

/// A measure in words.
pub(super) struct Convention {
    pub(super) title: String,
    pub(super) name: String,
    pub(super) text: String,
}

/// Cells of one measure that have no value for one reason.
pub(super) struct Undefined {
    pub(super) measure: String,
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) count: usize,
    pub(super) cells: String,
}

/// Cells that are named; who wants more looks into the tables.
const NAMED: usize = 12;

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Where the networks have as many layers and are not the same one: whether the layer at the same
/// place is the most similar one, for the layers of both.
pub(super) fn found(scores: &Scores) -> Vec<Found> {
    let layers = scores.a().layers.len();
    if layers != scores.b().layers.len() || scores.a() == scores.b() || layers < 2 {
        return Vec::new();
    }
    let of = |measure: usize| {
        let values = scores.values(measure);
        let transposed: Vec<Option<f64>> = (0..layers * layers).map(|place| values[place % layers * layers + place / layers]).collect();
        let definition = &scores.measures()[measure];
        let found = identify(&values, &transposed, layers, definition.properties().direction);
        Found {
            measure: picture::title(definition),
            accuracy: percent(found.accuracy()),
            within_one: percent(found.accuracy_within_one()),
            trials: found.trials,
            correct: found.correct,
            ties: found.ties,
            undefined: found.undefined,
        }
    };
    (0..scores.measures().len()).map(of).collect()
}

pub(super) fn conventions(scores: &Scores) -> Vec<Convention> {
    let provenance = scores.provenance();
    let version = if provenance.version.is_empty() { env!("CARGO_PKG_VERSION") } else { &provenance.version };
    let precision: Precision = provenance.precision;
    let of = |measure: &crate::measure::Measure| Convention {
        title: picture::title(measure),
        name: measure.to_string(),
        text: methods::styled(measure, precision, version, Style::Text),
    };
    scores.measures().iter().map(of).collect()
}

/// The causes, measure after measure.
pub(super) fn undefined(scores: &Scores) -> Vec<Undefined> {
    let columns = scores.b().layers.len();
    let mut all = Vec::new();
    for (index, measure) in scores.measures().iter().enumerate() {
        let mut causes: Vec<(&Failure, Vec<usize>)> = Vec::new();
        for (place, outcome) in scores.outcomes(index).iter().enumerate() {
            let Outcome::Failure { error } = outcome else { continue };
            match causes.iter_mut().find(|(known, _)| *known == error) {
                Some((_, places)) => places.push(place),
                None => causes.push((error, vec![place])),
            }
        }
        for (error, places) in causes {
            let name = |place: &usize| {
                let (a, b) = (&scores.a().layers[place / columns].name, &scores.b().layers[place % columns].name);
                format!("{} × {}", visible(a), visible(b))
            };
            let mut cells = places.iter().take(NAMED).map(name).collect::<Vec<_>>().join("; ");
            if places.len() > NAMED {
                cells += &format!("; and {} more", places.len() - NAMED);
            }
            all.push(Undefined {
                measure: measure.to_string(),
                kind: error.kind.clone(),
                message: visible(&error.message).into_owned(),
                count: places.len(),
                cells,
            });
        }
    }
    all
}
