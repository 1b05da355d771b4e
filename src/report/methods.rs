//! The paragraph for a methods section: what was computed, by which convention, from which sources.

use std::collections::BTreeSet;

use super::bibliography;
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
    let spec = measure.spec();
    let properties = measure.properties();
    let sources: Vec<String> = spec.citations.iter().map(|citation| cited(citation.key, citation.place)).collect();
    let mut text = format!("Representations were compared by {} ({}): {}. ", spec.name, sources.join("; "), spec.formula);
    text += &centering(measure);
    text += &format!("We used {}. ", convention(measure).join("; "));
    if measure.needs(None).ranks {
        text += "The numerical rank of a representation is the number of its singular values above max(n, p) * 2^-52 times the largest one \
                 (n examples, p neurons). ";
    }
    text += &reading(&properties);
    let computed = match precision {
        Precision::Single if measure.supports_single() => {
            "with products in single precision of what was centered and orthogonalised in double precision, and in double precision otherwise,"
        }
        _ => "in double precision",
    };
    text += &format!("Values were computed {computed} with similitude {} as `{measure}`.", env!("CARGO_PKG_VERSION"));
    text
}

/// The BibTeX entries of this library and of every source that the measures cite, each once.
pub fn bibtex(measures: &[Measure]) -> String {
    let cited: BTreeSet<&str> = measures.iter().flat_map(|measure| measure.spec().citations).map(|citation| citation.key).collect();
    let entries = bibliography::SOURCES.iter().filter(|source| cited.contains(source.key));
    std::iter::once(bibliography::software()).chain(entries.map(|source| source.bibtex.to_string())).collect::<Vec<_>>().join("\n\n")
}

fn cited(key: &str, place: &str) -> String {
    // A test holds the list of sources complete; the bare key is still a correct citation.
    let short = bibliography::find(key).map_or(key, |source| source.short);
    format!("{short}, {place}")
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
    let words = |(name, value): (&str, String)| {
        let Some(key) = key(name) else { return format!("{name} = {value}") };
        match key.phrase(&value) {
            Some(phrase) => format!("{phrase} ({name}={value})"),
            None => format!("{name} = {value} ({})", key.help),
        }
    };
    // Centering has a sentence of its own.
    measure.convention().into_iter().filter(|(name, _)| *name != "center").map(words).collect()
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
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn every_named_value_of_every_measure_has_its_words() {
        for measure in registry::conventions() {
            for (name, value) in measure.convention() {
                let named = value.parse::<f64>().is_err() && name != "center";
                let key = measure.spec().keys.iter().find(|key| key.name == name).unwrap();
                assert_eq!(key.phrase(&value).is_some(), named, "{measure}: {name}={value}");
            }
        }
    }

    #[test]
    fn a_paragraph_names_the_whole_convention_and_the_version() {
        for measure in registry::conventions() {
            let text = paragraph(&measure, Precision::Double);
            for (name, value) in measure.convention() {
                let said = match name {
                    "center" => text.contains(if value == "no" { "were not centered" } else { "was centered" }),
                    _ => text.contains(&format!("{name}={value}")) || text.contains(&format!("{name} = {value}")),
                };
                assert!(said, "{measure}: {name}={value} is missing in: {text}");
            }
            assert!(text.contains(&format!("`{measure}`")) && text.contains(env!("CARGO_PKG_VERSION")), "{text}");
            for citation in measure.spec().citations {
                assert!(text.contains(bibliography::find(citation.key).unwrap().short), "{text}");
            }
        }
    }

    #[test]
    fn ranks_are_explained_where_they_decide() {
        let text = |measure: &str| paragraph(&Measure::parse(measure).unwrap(), Precision::Double);
        assert!(text("cca").contains("max(n, p) * 2^-52") && text("linear-regression").contains("max(n, p) * 2^-52"));
        assert!(!text("cka").contains("2^-52"));
    }

    #[test]
    fn single_precision_is_named_where_there_is_any() {
        for measure in registry::conventions() {
            let is_named = |precision| paragraph(&measure, precision).contains("products in single precision");
            assert_eq!((is_named(Precision::Double), is_named(Precision::Single)), (false, measure.supports_single()), "{measure}");
        }
    }

    #[test]
    fn bibtex_holds_each_source_once() {
        let measures = [Measure::parse("cka").unwrap(), Measure::parse("hsic").unwrap()];
        let text = bibtex(&measures);
        assert_eq!(text.matches("@inproceedings{kornblith2019similarity,").count(), 1);
        assert!(text.starts_with("@software{similitude,") && !text.contains("raghu2017svcca"));
    }
}
