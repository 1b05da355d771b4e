//! The paragraph for a methods section: what was computed, by which convention, from which sources.

use std::collections::BTreeSet;

use super::bibliography;
use super::formulas::words;
use super::style::Style;
use crate::claims::Direction;
use crate::claims::{Claim, Properties};
use crate::measure::Measure;
use crate::precision::Precision;

/// The paragraph for one measure, in plain text; `precision` is that of its large products.
///
/// ```
/// # use similitude::{Measure, Precision, report::methods};
/// let text = methods::paragraph(&Measure::parse("cka")?, Precision::Double);
/// assert!(text.contains("a linear kernel") && text.contains("the biased estimator of HSIC"));
/// assert!(text.contains("cka:kernel=linear,estimator=biased"));
/// # Ok::<(), similitude::Error>(())
/// ```
pub fn paragraph(measure: &Measure, precision: Precision) -> String {
    styled(measure, precision, env!("CARGO_PKG_VERSION"), Style::Text)
}

/// The paragraph for one measure that was computed by a version of this library, in a style.
pub fn styled(measure: &Measure, precision: Precision, version: &str, style: Style) -> String {
    let spec = measure.spec();
    let properties = measure.properties();
    let sources: Vec<String> = spec.citations.iter().map(|citation| cited(citation.key, citation.place, style)).collect();
    let mut text =
        format!("Representations were compared by {} {}: {}. ", spec.name, style.citations(&sources), words(style, spec.formula));
    text += &centering(measure);
    let convention = convention(measure);
    if !convention.is_empty() {
        text += &words(style, &format!("The convention: {}. ", convention.join("; ")));
    }
    if measure.needs(None).ranks {
        text += &words(
            style,
            "The numerical rank of a representation is the number of its singular values above max(n, p) * 2^-52 times the largest one \
             (n examples, p neurons). ",
        );
    }
    text += &words(style, &reading(&properties));
    let computed = match precision {
        Precision::Single if measure.supports_single() => {
            "with products in single precision of what was centered and orthogonalised in double precision, and in double precision otherwise,"
        }
        _ => "in double precision",
    };
    let software = match style {
        Style::Text => String::new(),
        _ => format!(" {}", style.citations(&[style.source(bibliography::SOFTWARE)])),
    };
    text += &format!("Values were computed {computed} with similitude {version}{software} as {}.", style.code(&measure.to_string()));
    text
}

/// The BibTeX entries of this library and of every source that the measures cite, each once.
pub fn bibtex(measures: &[Measure]) -> String {
    let cited: BTreeSet<&str> = measures.iter().flat_map(|measure| measure.spec().citations).map(|citation| citation.key).collect();
    let entries = bibliography::SOURCES.iter().filter(|source| cited.contains(source.key));
    std::iter::once(bibliography::software()).chain(entries.map(|source| source.bibtex.to_string())).collect::<Vec<_>>().join("\n\n")
}

fn cited(key: &str, place: &str, style: Style) -> String {
    // A test holds the list of sources complete; the bare key is still a correct citation.
    let short = bibliography::find(key).map_or(key, |source| source.short);
    style.citation(key, short, place)
}

fn centering(measure: &Measure) -> String {
    let by_key = measure.convention().into_iter().find(|(name, _)| *name == "center");
    if by_key.map_or_else(|| measure.uncentered(), |(_, center)| center == "no") {
        return "Neurons were not centered. ".to_string();
    }
    "Every neuron was centered to mean zero over the examples. ".to_string()
}

/// The convention, key by key, in words.
fn convention(measure: &Measure) -> Vec<String> {
    let key = |name: &str| measure.spec().keys.iter().find(|key| key.name == name);
    let phrase = |(name, value): (&str, String)| {
        let Some(key) = key(name) else { return format!("{name} = {value}") };
        match key.phrase(&value) {
            Some(phrase) => format!("{phrase} ({name}={value})"),
            None => format!("{name} = {value} ({})", key.help),
        }
    };
    // Centering has a sentence of its own.
    measure.convention().into_iter().filter(|(name, _)| *name != "center").map(phrase).collect()
}

fn reading(properties: &Properties) -> String {
    let kind = match properties.direction {
        Direction::Similarity => "a similarity (more is more alike)",
        Direction::Distance => "a distance (less is more alike)",
    };
    let symmetry = match properties.symmetry {
        Claim::Holds => "does not depend on the order of the two representations".to_string(),
        Claim::Fails | Claim::Slightly(_) | Claim::Undefined => "depends on the order of the two representations".to_string(),
        Claim::When(condition) => format!("does not depend on the order of the two representations where {}", condition.as_str()),
    };
    format!("The value is {kind} in {} and {symmetry}. ", properties.range)
}

#[cfg(test)]
#[path = "methods_tests.rs"]
mod tests;
