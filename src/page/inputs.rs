//! What the results came from, in words.

use crate::report::{visible, visible_lines};
use crate::results::{Provenance, Scores};

/// Name and value.
pub(super) fn facts(scores: &Scores) -> Vec<(String, String)> {
    let provenance = scores.provenance();
    let mut facts = Vec::new();
    let mut put = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push((name.to_string(), visible(&value).into_owned()));
        }
    };
    put("similitude", provenance.version.clone());
    put("precision of products", provenance.precision.to_string());
    if !provenance.processor.architecture.is_empty() {
        put("processor", provenance.processor.describe());
    }
    put("seed", provenance.seed.map_or_else(String::new, |seed| seed.to_string()));
    put(
        "null",
        provenance.null.as_ref().map_or_else(String::new, |null| {
            if null == "exact" { "moments over all permutations".to_string() } else { format!("{null} permutations") }
        }),
    );
    put("p-values adjusted by", provenance.adjust.clone().unwrap_or_default());
    put("layers of each network", provenance.networks.clone().unwrap_or_default());
    put("merged from parts", provenance.parts.map_or_else(String::new, |parts| parts.to_string()));
    facts
}

/// The inputs, one a line.
pub(super) fn lines(provenance: &Provenance) -> Vec<String> {
    provenance.contents().iter().map(|line| visible(line).into_owned()).collect()
}

/// The command line as a shell reads it.
pub(super) fn command(provenance: &Provenance) -> String {
    let quoted = |word: &String| {
        let is_plain = !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./:=,+@%".contains(letter));
        if is_plain { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    };
    let words: Vec<String> = provenance.command.iter().map(quoted).collect();
    visible_lines(&words.join(" ")).into_owned()
}
