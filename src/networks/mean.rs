//! One matrix of the matrices of several layers.

use crate::diagnostics::Diagnostics;
use crate::results::{Facts, Failure, LayerFacts, NetworkFacts, Outcome, Scores};

/// The mean over layers of the scores of all pairs of networks. A pair that has no value for one
/// layer has none. The diagnostics hold a bound on the rounding error, the number of layers, and
/// the least and the largest value.
///
/// # Panics
/// When there is no layer, or they are not of the same networks and measures.
pub fn mean_over_layers(layers: &[(String, Scores)]) -> Scores {
    let (_, first) = layers.first().expect("a layer at least");
    let measures = first.measures().to_vec();
    let cells = first.a().layers.len() * first.b().layers.len();
    let mut outcomes = Vec::with_capacity(measures.len() * cells);
    for measure in 0..measures.len() {
        let of: Vec<(&str, &[Outcome])> = layers.iter().map(|(name, scores)| (name.as_str(), scores.outcomes(measure))).collect();
        assert!(of.iter().all(|(_, outcomes)| outcomes.len() == cells), "of the same networks");
        outcomes.extend((0..cells).map(|cell| mean(&of, cell)));
    }
    let facts = |side: fn(&Scores) -> &NetworkFacts| {
        let network = |at: usize| {
            let all: Vec<&LayerFacts> = layers.iter().map(|(_, scores)| &side(scores).layers[at]).collect();
            let mut readings: Vec<&String> = all.iter().filter_map(|layer| layer.reading.as_ref()).collect();
            readings.dedup();
            LayerFacts {
                name: all[0].name.clone(),
                source: all.iter().map(|layer| layer.source.as_str()).collect::<Vec<_>>().join(", "),
                p: all.iter().map(|layer| layer.p).sum(),
                reading: (!readings.is_empty()).then(|| readings.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("; or ")),
            }
        };
        let networks = (0..side(first).layers.len()).map(network).collect();
        NetworkFacts { name: format!("mean over {} layers", layers.len()), layers: networks }
    };
    Scores::of_outcomes(facts(Scores::a), facts(Scores::b), first.n(), measures, outcomes)
}

fn mean(layers: &[(&str, &[Outcome])], cell: usize) -> Outcome {
    let count = layers.len() as f64;
    let (mut sum, mut bounds, mut least, mut largest) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    for (name, outcomes) in layers {
        match &outcomes[cell] {
            Outcome::Value { value, .. } => {
                sum += value / count;
                (least, largest) = (value.min(least), value.max(largest));
                bounds += outcomes[cell].diagnostic("error_bound").unwrap_or(f64::NAN) / count;
            }
            Outcome::Failure { error } => {
                let message = format!(
                    "layer {name}: {}. Leave this layer out (--exclude {name}), or compare another one alone (--layer)",
                    error.message.trim_end_matches('.')
                );
                return Outcome::Failure { error: Failure { kind: error.kind.clone(), message } };
            }
        }
    }
    // The sum and the divisions round too.
    let bound = bounds + (count + 1.0) * f64::EPSILON * least.abs().max(largest.abs());
    let diagnostics = Diagnostics::default()
        .number("error_bound", bound)
        .count("layers", layers.len())
        .number("least_of_layers", least)
        .number("largest_of_layers", largest);
    Outcome::Value { value: sum, diagnostics: Facts::from(&diagnostics) }
}
