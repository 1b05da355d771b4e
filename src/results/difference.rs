//! Two results of one sweep, number by number.

use std::collections::BTreeSet;

use serde::Serialize;

use super::facts::{Fact, Facts};
use super::scores::{Outcome, Scores};

/// A number of a sweep that is not the same in another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The measure.
    pub measure: String,
    /// The layer of the first network.
    pub layer_a: String,
    /// The layer of the second network.
    pub layer_b: String,
    /// `value`, the name of a diagnostic, or `layers` and `measures` where the sweeps are not of
    /// the same.
    pub what: String,
    /// In the first result.
    pub earlier: String,
    /// In the second result.
    pub now: String,
    /// The second minus the first, where both are numbers.
    pub difference: Option<f64>,
    /// The error bounds of both values together, where both have one.
    pub error_bound: Option<f64>,
}

impl Difference {
    /// Whether it is a value that differs by more than both bounds explain, or no value at all.
    pub fn is_beyond_bound(&self) -> bool {
        match (self.what.as_str(), self.difference, self.error_bound) {
            ("value", Some(difference), Some(bound)) => difference.abs() > bound,
            ("value", ..) | ("layers" | "measures" | "examples" | "outcome", ..) => true,
            _ => false,
        }
    }

    /// The fields as a table holds them.
    pub fn fields(&self) -> [String; 8] {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:e}"));
        let Self { measure, layer_a, layer_b, what, earlier, now, .. } = self.clone();
        [measure, layer_a, layer_b, what, earlier, now, number(self.difference), number(self.error_bound)]
    }
}

/// The number of values and diagnostics that were compared, and those that are not the same to the
/// bit.
pub fn differences(earlier: &Scores, now: &Scores) -> (usize, Vec<Difference>) {
    let mut found = Vec::new();
    let whole = |what: &str, earlier: String, now: String| Difference {
        measure: String::new(),
        layer_a: String::new(),
        layer_b: String::new(),
        what: what.to_string(),
        earlier,
        now,
        difference: None,
        error_bound: None,
    };
    let layers = |scores: &Scores| {
        let of = |layers: &[super::scores::LayerFacts]| {
            layers.iter().map(|layer| format!("{} ({})", layer.name, layer.p)).collect::<Vec<_>>().join(", ")
        };
        format!("{}; {}", of(&scores.a().layers), of(&scores.b().layers))
    };
    let measures = |scores: &Scores| scores.measures().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let sides = [
        ("measures", measures(earlier), measures(now)),
        ("layers", layers(earlier), layers(now)),
        ("examples", earlier.n().to_string(), now.n().to_string()),
    ];
    found.extend(sides.into_iter().filter(|(_, earlier, now)| earlier != now).map(|(what, earlier, now)| whole(what, earlier, now)));
    if !found.is_empty() {
        return (0, found);
    }
    let mut numbers = 0;
    for (first, second) in earlier.records().zip(now.records()) {
        let bounds = first.outcome.diagnostic("error_bound").zip(second.outcome.diagnostic("error_bound"));
        let mut put = |what: &str, earlier: String, now: String, difference: Option<f64>| {
            found.push(Difference {
                measure: first.measure.to_string(),
                layer_a: first.layer_a.name.clone(),
                layer_b: first.layer_b.name.clone(),
                what: what.to_string(),
                earlier,
                now,
                difference,
                error_bound: bounds.map(|(one, other)| one + other),
            });
        };
        match (first.outcome, second.outcome) {
            (Outcome::Value { value: one, diagnostics: facts }, Outcome::Value { value: other, diagnostics: others }) => {
                numbers += 1;
                if one.to_bits() != other.to_bits() {
                    put("value", format!("{one:?}"), format!("{other:?}"), Some(other - one));
                }
                numbers += compare(facts, others, &mut put);
            }
            (Outcome::Failure { error: one }, Outcome::Failure { error: other }) => {
                numbers += 1;
                if one != other {
                    put("outcome", one.message.clone(), other.message.clone(), None);
                }
            }
            (one, other) => {
                numbers += 1;
                let words = |outcome: &Outcome| match outcome {
                    Outcome::Value { value, .. } => format!("{value:?}"),
                    Outcome::Failure { error } => error.message.clone(),
                };
                put("outcome", words(one), words(other), None);
            }
        }
    }
    (numbers, found)
}

fn compare(facts: &Facts, others: &Facts, put: &mut impl FnMut(&str, String, String, Option<f64>)) -> usize {
    let names: BTreeSet<&str> = facts.iter().chain(others.iter()).map(|(name, _)| name).collect();
    let written = |fact: Option<&Fact>| fact.map_or_else(String::new, |fact| serde_json::to_string(fact).unwrap_or_default());
    for name in &names {
        let (one, other) = (facts.get(name), others.get(name));
        if one != other {
            let difference = one.and_then(Fact::as_f64).zip(other.and_then(Fact::as_f64)).map(|(one, other)| other - one);
            put(name, written(one), written(other), difference);
        }
    }
    names.len()
}
