//! Heat maps of sweeps.

use std::collections::BTreeSet;

use super::heatmap::{Format, Hatched, HeatMap, Scale};
use super::significance::{legend, not_significant};
use crate::claims::Direction;
use crate::measure::Measure;
use crate::results::{NetworkFacts, Scores};

/// How the heat maps of a sweep look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// The title; [`title`] unless given.
    pub title: Option<String>,
    /// The names of the two networks; those of their files unless given.
    pub names: Option<(String, String)>,
    /// How layers are called.
    pub labels: Labels,
    /// The values of the two ends of the colors; [`scale`] unless given.
    pub range: Option<(f64, f64)>,
    /// Nothing is outlined.
    pub without_marks: bool,
    /// Colors, width and size of letters.
    pub format: Format,
    /// Written as PDF too (feature `pdf`).
    pub with_pdf: bool,
}

/// How layers are called in a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Labels {
    /// Without what the names of all layers begin and end with, which the axis says instead.
    #[default]
    Short,
    /// Whole.
    Full,
    /// By their numbers, counted from 0.
    Index,
}

/// The heat map of one measure of a sweep: layers of the first network upwards, layers of the
/// second to the right. For a similarity the largest value of each row is marked; where there are
/// p-values, what may be chance is hatched.
pub fn of_sweep(scores: &Scores, measure: usize, look: &Look) -> HeatMap {
    let values = scores.values(measure);
    let definition = &scores.measures()[measure];
    let (name_a, name_b) = look.names.clone().unwrap_or_else(|| (network_name(scores.a()), network_name(scores.b())));
    let (rows, row_axis) = labels(scores.a(), name_a, look.labels);
    let (columns, column_axis) = labels(scores.b(), name_b, look.labels);
    let mut scale = scale(definition, &values);
    if let Some((minimum, maximum)) = look.range {
        (scale.minimum, scale.maximum) = (minimum, maximum);
    }
    let hatched = not_significant(scores, measure).map(|cells| Hatched { cells, label: legend(scores.provenance()) });
    HeatMap {
        title: look.title.clone().unwrap_or_else(|| title(definition)),
        subtitle: Some(format!("{definition}; n = {} examples{}", scores.n(), reading(scores))),
        row_axis,
        column_axis,
        rows,
        columns,
        scale,
        mark_row_maximum: !look.without_marks && definition.properties().direction == Direction::Similarity,
        hatched,
        format: look.format,
        values,
    }
}

/// A measure as a title says it: "Linear CKA", "RBF CKA (debiased, fraction 0.4)". What is as it is
/// unless told otherwise is left out; the whole convention stands below.
pub fn title(measure: &Measure) -> String {
    let spec = measure.spec();
    let kernel = measure.convention().into_iter().find(|(key, _)| *key == "kernel");
    let named = kernel.map_or_else(|| spec.id.to_string(), |(key, kernel)| format!("{}:{key}={kernel}", spec.id));
    let usual = Measure::parse(&named).map(|usual| usual.convention()).unwrap_or_default();
    let mut title = spec.short.to_string();
    let mut others = Vec::new();
    for (key, value) in measure.convention() {
        if key == "kernel" {
            let kernel = if value == "rbf" { "RBF".to_string() } else { capitalised(&value) };
            title = format!("{kernel} {title}");
        } else if !usual.contains(&(key, value.clone())) {
            let is_word = value.parse::<f64>().is_err() && !["yes", "no", "x", "y"].contains(&value.as_str());
            others.push(if is_word { value } else { format!("{key} {value}") });
        }
    }
    if others.is_empty() { title } else { format!("{title} ({})", others.join(", ")) }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The name of a network without the extension of its file.
pub fn network_name(facts: &NetworkFacts) -> String {
    without_extension(&facts.name).to_string()
}

/// The name of a file without the extension of a network.
pub fn without_extension(name: &str) -> &str {
    let known = [".safetensors", ".npz", ".npy"];
    known.iter().find_map(|extension| name.strip_suffix(extension)).filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// The names of the layers of a network, and of its axis.
pub fn labels(facts: &NetworkFacts, network: String, labels: Labels) -> (Vec<String>, String) {
    let names: Vec<&str> = facts.layers.iter().map(|layer| layer.name.as_str()).collect();
    match labels {
        Labels::Full => (names.iter().map(ToString::to_string).collect(), network),
        Labels::Index => ((0..names.len()).map(|layer| layer.to_string()).collect(), network),
        Labels::Short => {
            let (before, after) = common(&names);
            if before.len() + after.len() < SHORTEST_COMMON {
                return (names.iter().map(ToString::to_string).collect(), network);
            }
            let short = names.iter().map(|name| name[before.len()..name.len() - after.len()].to_string());
            (short.collect(), format!("{network}: {before}*{after}"))
        }
    }
}

/// Names are not shortened by fewer characters than this: a reader has to put them together again.
const SHORTEST_COMMON: usize = 6;

/// What all names begin and end with, in whole parts between `.`, `/`, `_` and `-`; nothing where a
/// name would be empty without.
fn common<'a>(names: &[&'a str]) -> (&'a str, &'a str) {
    const BETWEEN: [char; 4] = ['.', '/', '_', '-'];
    let [first, others @ ..] = names else { return ("", "") };
    if others.is_empty() {
        return ("", "");
    }
    let same =
        |a: &str, b: &str| a.char_indices().zip(b.chars()).find(|((_, a), b)| a != b).map_or(a.len().min(b.len()), |((at, _), _)| at);
    let begins = others.iter().map(|name| same(first, name)).min().unwrap_or(0);
    let before = first[..begins].rfind(BETWEEN).map_or("", |at| &first[..=at]);
    let shortest = names.iter().map(|name| name.len() - before.len()).min().unwrap_or(0);
    let ends = |name: &str| {
        let mut length = 0;
        for (a, b) in first[before.len()..].chars().rev().zip(name[before.len()..].chars().rev()) {
            if a != b {
                break;
            }
            length += a.len_utf8();
        }
        length
    };
    let length = others.iter().map(|name| ends(name)).min().unwrap_or(0).min(shortest.saturating_sub(1));
    let end = first.get(first.len() - length..).unwrap_or("");
    let after = end.find(BETWEEN).map_or("", |at| &end[at..]);
    (before, after)
}

/// How the layers were read, in words, for the line below the title.
fn reading(scores: &Scores) -> String {
    let of = |facts: &NetworkFacts| -> BTreeSet<String> { facts.layers.iter().filter_map(|layer| layer.reading.clone()).collect() };
    let (a, b) = (of(scores.a()), of(scores.b()));
    let one = |readings: &BTreeSet<String>| match readings.len() {
        0 => "as they stand".to_string(),
        1 => readings.iter().next().cloned().unwrap_or_default(),
        several => format!("in {several} ways (scores.csv)"),
    };
    match (a.is_empty() && b.is_empty(), a == b) {
        (true, _) => String::new(),
        (_, true) => format!("; {}", one(&a)),
        _ => format!("; rows: {}; columns: {}", one(&a), one(&b)),
    }
}

/// The scale for values of a measure: its range where it is bounded, else from 0 (or the least
/// value below it) to the largest value. A range that goes below 0 begins at 0 where no value is
/// far below: half of the colors would be of values that nobody has.
pub fn scale(measure: &Measure, values: &[Option<f64>]) -> Scale {
    let range = measure.properties().range;
    let seen = || values.iter().flatten().copied();
    let least = seen().fold(0.0, f64::min);
    let is_signed = least < -0.1 * range.upper.min(1.0);
    let minimum = match range.lower {
        lower if lower < 0.0 && lower.is_finite() => {
            if is_signed {
                lower
            } else {
                0.0
            }
        }
        lower if lower.is_finite() => lower,
        _ => least,
    };
    let mut maximum = if range.upper.is_finite() { range.upper } else { seen().fold(minimum, f64::max) };
    if maximum <= minimum {
        // Nothing but the lower end was seen: any upper end shows it.
        maximum = minimum + 1.0;
    }
    Scale { minimum, maximum, label: measure.spec().short.to_string() }
}

/// The name of a measure's heat map, without extension: the measure with what is unsafe in file
/// names replaced.
pub fn file_stem(measure: &Measure) -> String {
    let safe = |character: char| if character.is_ascii_alphanumeric() || character == '.' { character } else { '-' };
    format!("heatmap-{}", measure.to_string().chars().map(safe).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str) -> Measure {
        Measure::parse(text).unwrap()
    }

    #[test]
    fn file_names_hold_the_convention_and_nothing_unsafe() {
        assert_eq!(file_stem(&measure("cka")), "heatmap-cka-kernel-linear-estimator-biased");
        assert!(file_stem(&measure("svcca:threshold=0.99")).starts_with("heatmap-svcca-summary-rho-threshold-0.99-"));
    }

    #[test]
    fn titles_are_those_of_papers() {
        let found = ["cka", "cka:kernel=rbf,fraction=0.4,estimator=debiased", "svcca:threshold=0.9", "pwcca:weights=y"]
            .map(|text| title(&measure(text)));
        assert_eq!(found, ["Linear CKA", "RBF CKA (fraction 0.4, debiased)", "SVCCA (threshold 0.9)", "PWCCA (weights y)"]);
    }

    #[test]
    fn names_lose_what_all_of_them_have_in_whole_parts() {
        assert_eq!(common(&["model.layers.0.attn", "model.layers.1.attn", "model.layers.10.attn"]), ("model.layers.", ".attn"));
        assert_eq!(common(&["conv10", "conv11"]), ("", ""));
        assert_eq!(common(&["a.b", "a.b.b"]), ("a.", ""));
        assert_eq!(common(&["x/y", "x/y"]), ("x/", ""));
        assert_eq!(common(&["block.é.out", "block.è.out"]), ("block.", ".out"));
        assert_eq!(common(&["only"]), ("", ""));
    }

    #[test]
    fn scales_follow_the_range_or_the_values() {
        let scale_of = |text: &str, values: &[Option<f64>]| {
            let scale = scale(&measure(text), values);
            (scale.minimum, scale.maximum)
        };
        assert_eq!(scale_of("cka", &[Some(0.5)]), (0.0, 1.0));
        assert_eq!(scale_of("hsic", &[Some(0.5), None, Some(7.0)]), (0.0, 7.0));
        assert_eq!(scale_of("hsic", &[Some(0.0), None]), (0.0, 1.0));
        assert_eq!(scale_of("cka:estimator=debiased", &[Some(-0.01), Some(0.9)]), (0.0, 1.0));
        assert_eq!(
            scale_of("cka:estimator=debiased", &[Some(-0.5), Some(0.9)]).0,
            measure("cka:estimator=debiased").properties().range.lower
        );
        assert_eq!(scale_of("hsic:estimator=unbiased", &[Some(-0.5), Some(2.0)]), (-0.5, 2.0));
    }
}
