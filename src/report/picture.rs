//! Heat maps of sweeps.

use std::collections::BTreeSet;

use super::heatmap::{HeatMap, Scale};
use crate::claims::Direction;
use crate::measure::Measure;
use crate::results::{NetworkFacts, Scores};

/// The heat map of one measure of a sweep: layers of the first network upwards, layers of the
/// second to the right.
///
/// Colors run over the measure's range where it is bounded, else from 0 (or the least value below
/// it) to the largest value. For a similarity the largest value of each row is marked.
pub fn of_sweep(scores: &Scores, measure: usize) -> HeatMap {
    let names = |layers: &[crate::results::LayerFacts]| layers.iter().map(|layer| layer.name.clone()).collect();
    let values = scores.values(measure);
    let definition = &scores.measures()[measure];
    HeatMap {
        title: definition.to_string(),
        subtitle: Some(format!("n = {} examples{}", scores.n(), reading(scores))),
        row_axis: scores.a().name.clone(),
        column_axis: scores.b().name.clone(),
        rows: names(&scores.a().layers),
        columns: names(&scores.b().layers),
        scale: scale(definition, &values),
        mark_row_maximum: definition.properties().direction == Direction::Similarity,
        values,
    }
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
/// value below it) to the largest value.
pub fn scale(measure: &Measure, values: &[Option<f64>]) -> Scale {
    let range = measure.properties().range;
    let seen = || values.iter().flatten().copied();
    let minimum = if range.lower.is_finite() { range.lower } else { seen().fold(0.0, f64::min) };
    let mut maximum = if range.upper.is_finite() { range.upper } else { seen().fold(minimum, f64::max) };
    if maximum <= minimum {
        // Nothing but the lower end was seen: any upper end shows it.
        maximum = minimum + 1.0;
    }
    Scale { minimum, maximum, label: measure.spec().id.to_string() }
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
    fn scales_follow_the_range_or_the_values() {
        let scale_of = |text: &str, values: &[Option<f64>]| {
            let scale = scale(&measure(text), values);
            (scale.minimum, scale.maximum)
        };
        assert_eq!(scale_of("cka", &[Some(0.5)]), (0.0, 1.0));
        assert_eq!(scale_of("hsic", &[Some(0.5), None, Some(7.0)]), (0.0, 7.0));
        assert_eq!(scale_of("hsic", &[Some(0.0), None]), (0.0, 1.0));
        assert_eq!(scale_of("hsic:estimator=unbiased", &[Some(-0.5), Some(2.0)]), (-0.5, 2.0));
    }
}
