//! The paragraph for a methods section: what was computed, by which convention, from which sources.

use std::collections::BTreeSet;

use super::bibliography;
use crate::claims::Direction;
use crate::claims::{Claim, Properties};
use crate::measure::Measure;
use crate::precision::Precision;
use crate::spec::Key;

/// How a value of a key reads in a sentence, whatever the measure. A value without a line here reads as `key = value` with the key's help.
const PHRASES: &[(&str, &str, &str)] = &[
    ("kernel", "linear", "a linear kernel"),
    ("kernel", "rbf", "a Gaussian (RBF) kernel exp(-|x_i - x_j|^2 / (2 sigma^2))"),
    ("kernel", "laplace", "a Laplace kernel exp(-|x_i - x_j| / sigma) of the Euclidean distance"),
    ("kernel", "polynomial", "a polynomial kernel (x_i . x_j + offset)^degree"),
    ("kernel", "cosine", "a cosine kernel"),
    ("bandwidth", "median", "sigma = fraction times the median of the n(n-1)/2 Euclidean distances between different examples"),
    ("bandwidth", "demo", "sigma^2 = fraction^2 times the median of all n^2 squared Euclidean distances, the zero diagonal included"),
    ("bandwidth", "lower-median", "sigma = fraction times the lower median of the n(n-1)/2 Euclidean distances between different examples"),
    ("bandwidth", "fixed", "a bandwidth sigma fixed in the units of the representation"),
    ("estimator", "biased", "the biased estimator of HSIC"),
    ("estimator", "unbiased", "the unbiased estimator of HSIC"),
    ("estimator", "debiased", "the unbiased estimator of HSIC in all three places"),
    ("summary", "rho", "the sum of the canonical correlations"),
    ("summary", "r2", "the sum of the squared canonical correlations"),
    ("divisor", "min-rank", "divided by the smaller of the two dimensions (ranks, or kept dimensions)"),
    ("divisor", "min-width", "divided by the smaller of the two numbers of neurons"),
    ("divisor", "geometric", "divided by the geometric mean of the two dimensions (ranks, or kept dimensions)"),
    ("divisor", "max", "divided by the larger of the two dimensions (ranks, or kept dimensions)"),
    ("degenerate", "error", "no value where it would be the same for all data, or rest on an arbitrary choice"),
    ("degenerate", "allow", "the value of the definition also where it is the same for all data, or rests on an arbitrary choice"),
    ("weights", "narrower", "weights from the neurons of the representation of smaller rank (of the first one when the ranks are equal)"),
    ("weights", "x", "weights from the neurons of the first representation"),
    ("weights", "y", "weights from the neurons of the second representation"),
    ("direction", "x-from-y", "the first representation fitted from the second"),
    ("direction", "y-from-x", "the second representation fitted from the first"),
    ("direction", "sum", "both fits added, each representation from the other"),
    ("kappa", "absolute", "both regularisations as they stand"),
    ("kappa", "relative", "both regularisations in units of the largest squared singular value of their representation"),
    ("bound", "trace", "normalised by von Neumann's trace bound (eq. 25)"),
    ("bound", "cauchy", "normalised by the Cauchy-Schwarz bound (eq. 26)"),
    ("bound", "separable", "normalised by the separable bound (eq. 27)"),
    ("form", "distance", "reported as the distance"),
    ("form", "squared", "reported as the squared distance"),
    ("form", "angle", "reported as the angle"),
    ("form", "similarity", "reported as the similarity (the nuclear norm itself)"),
    ("form", "disparity", "reported as the disparity"),
];

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
    if needs_ranks(measure) {
        text += "The numerical rank of a representation is the number of its singular values above max(n, p) * 2^-52 times the largest one \
                 (n examples, p neurons). ";
    }
    text += &reading(&properties);
    let computed = match precision {
        Precision::Single if measure.has_single_form() => {
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
    if measure.uncentered() {
        return "Neurons were not centered. ".to_string();
    }
    "Every neuron was centered to mean zero over the examples. ".to_string()
}

/// The convention, key by key, in words.
fn convention(measure: &Measure) -> Vec<String> {
    let help = |name: &str| measure.spec().keys.iter().find(|key| key.name == name);
    let words = |(name, value): (&str, String)| {
        let phrase = PHRASES.iter().find(|(key, choice, _)| *key == name && *choice == value);
        match (phrase, help(name)) {
            (Some((_, _, phrase)), _) => format!("{phrase} ({name}={value})"),
            (None, Some(Key { help, .. })) => format!("{name} = {value} ({help})"),
            (None, None) => format!("{name} = {value}"),
        }
    };
    // Centering has a sentence of its own.
    measure.convention().into_iter().filter(|(name, _)| *name != "center").map(words).collect()
}

/// Whether a rank decides anything: whatever may be degenerate is a matter of ranks.
fn needs_ranks(measure: &Measure) -> bool {
    measure.spec().keys.iter().any(|key| key.name == "degenerate")
}

fn reading(properties: &Properties) -> String {
    let kind = match properties.direction {
        Direction::Similarity => "a similarity (more is more alike)",
        Direction::Distance => "a distance (less is more alike)",
    };
    let symmetry = match properties.symmetry {
        Claim::Holds => "does not depend on the order of the two representations".to_string(),
        Claim::Fails => "depends on the order of the two representations".to_string(),
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
                let phrase = PHRASES.iter().any(|(key, choice, _)| *key == name && *choice == value);
                assert_eq!(phrase, named, "{measure}: {name}={value}");
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
            assert_eq!((is_named(Precision::Double), is_named(Precision::Single)), (false, measure.has_single_form()), "{measure}");
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
