//! The numbers of the page, as a block of JSON.

use serde::Serialize;

use super::{PageError, Words};
use crate::claims::Direction;
use crate::report::best::Best;
use crate::report::latex;
use crate::report::picture::{self, Look};
use crate::report::significance::{LEVEL, legend};
use crate::report::visible;
use crate::results::{Failure, NetworkFacts, Outcome, Scores};

/// The facts of a comparison that the page shows where they are there.
const FACTS: [&str; 10] = ["error_bound", "p", "p_unadjusted", "null_mean", "z", "calibrated", "lo", "hi", "se", "condition"];

#[derive(Serialize)]
struct Data<'a> {
    n: usize,
    level: f64,
    not_significant: String,
    itself: bool,
    many: bool,
    colors: &'a [[u8; 3]],
    a: Network,
    b: Network,
    errors: Vec<Cause>,
    measures: Vec<Measured>,
    methods: &'a [String; 3],
    bibtex: &'a str,
}

/// Names as they are shown.
#[derive(Serialize)]
struct Network {
    axis: String,
    layers: Vec<String>,
    labels: Vec<String>,
}

#[derive(Serialize)]
struct Cause {
    kind: String,
    message: String,
}

/// Row-major tables of one measure; nothing where there is no number.
#[derive(Serialize)]
struct Measured {
    measure: String,
    title: String,
    short: String,
    is_distance: bool,
    minimum: f64,
    maximum: f64,
    value: Vec<Option<f64>>,
    #[serde(flatten)]
    facts: std::collections::BTreeMap<&'static str, Vec<Option<f64>>>,
    /// The place among the errors.
    error: Vec<Option<usize>>,
    best: Vec<Vec<usize>>,
    latex: String,
}

/// The block: no text in it ends the element that holds it, or opens a comment.
pub(super) fn json(scores: &Scores, look: &Look, words: &Words) -> Result<String, PageError> {
    let mut errors: Vec<&Failure> = Vec::new();
    let measures = (0..scores.measures().len()).map(|measure| measured(scores, measure, look, &mut errors)).collect();
    let (name_a, name_b) = super::names(scores, look);
    let data = Data {
        n: scores.n(),
        level: LEVEL,
        not_significant: legend(scores.provenance()),
        itself: scores.a() == scores.b(),
        many: scores.provenance().networks.is_some(),
        colors: look.format.palette.colors(),
        a: network(scores.a(), name_a, look),
        b: network(scores.b(), name_b, look),
        measures,
        errors: errors.into_iter().map(|error| Cause { kind: error.kind.clone(), message: visible(&error.message).into_owned() }).collect(),
        methods: &words.methods,
        bibtex: &words.bibtex,
    };
    Ok(harmless(&serde_json::to_string(&data)?))
}

/// JSON whose strings hold no sign that HTML reads.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 64);
    for letter in json.chars() {
        match letter {
            // Outside of strings JSON has none of these.
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    text
}

fn network(facts: &NetworkFacts, name: String, look: &Look) -> Network {
    let (labels, axis) = picture::labels(facts, name, look.labels);
    let shown = |text: &String| visible(text).into_owned();
    Network {
        axis: shown(&axis),
        layers: facts.layers.iter().map(|layer| shown(&layer.name)).collect(),
        labels: labels.iter().map(shown).collect(),
    }
}

fn measured<'a>(scores: &'a Scores, measure: usize, look: &Look, errors: &mut Vec<&'a Failure>) -> Measured {
    let definition = &scores.measures()[measure];
    let outcomes = scores.outcomes(measure);
    let values = scores.values(measure);
    let scale = picture::scale(definition, &values);
    let (minimum, maximum) = look.range.unwrap_or((scale.minimum, scale.maximum));
    let facts = FACTS.iter().map(|name| (*name, outcomes.iter().map(|outcome| outcome.diagnostic(name)).collect::<Vec<_>>()));
    let mut place = |outcome: &'a Outcome| {
        let Outcome::Failure { error } = outcome else { return None };
        Some(errors.iter().position(|known| *known == error).unwrap_or_else(|| {
            errors.push(error);
            errors.len() - 1
        }))
    };
    Measured {
        measure: definition.to_string(),
        title: picture::title(definition),
        short: definition.spec().short.to_string(),
        is_distance: definition.properties().direction == Direction::Distance,
        minimum,
        maximum,
        facts: facts.filter(|(_, column)| column.iter().any(Option::is_some)).collect(),
        error: outcomes.iter().map(&mut place).collect(),
        best: Best::of(scores, measure).rows().to_vec(),
        latex: latex::table(scores, measure),
        value: values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_element_and_all_read_back() {
        let hostile = "</script><!-- <script>\u{2028}&amp;\"\\";
        let block = harmless(&serde_json::to_string(hostile).unwrap());
        assert!(!block.contains(['<', '>', '&', '\u{2028}']), "{block}");
        assert_eq!(serde_json::from_str::<String>(&block).unwrap(), hostile);
    }
}
