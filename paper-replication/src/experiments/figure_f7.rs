//! Figure F.7: CKA within classes.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, percent, rounded};
use super::layer_table::LayerTable;
use super::report::{Judged, Report};
use crate::analysis::Subject;
use crate::error::{Error, Result};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use similitude::Direction;
use similitude::sweep::{Identification, identify};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-f7",
    title: "Figure F.7: CKA within each class",
    claim: "CKA computed on the examples of one class at a time, averaged over classes, looks like CKA on all examples: it is not the \
            classes alone that make layers alike",
    rule: "The values of both kinds have a correlation of at least 0.9 over pairs of layers; within classes at least half of the \
           layers are found",
    caption: "The square of a row is its largest value. Compare the pattern of CKA within classes, averaged, with that over all examples",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    Setting { seeds: (1..=3).collect(), ..Setting::of(preset) }
}

/// Pictures of both kinds look alike when values for the same layers correlate at least this much.
const ALIKE: f64 = 0.9;

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let pairs = all_pairs(networks.len());
    let everything = context.subjects(&networks, context.setting.examples)?;
    let layers = everything[0].layer_names()?;
    let all = context.compare("all", &everything, &pairs, &["cka"])?;
    let all_values: Vec<Vec<Option<f64>>> = all.iter().map(|pair| pair.values(0)).collect();
    let set = context.workshop.data(&[])?;
    // A class has a tenth of the examples, often fewer than a layer has neurons: the paper's
    // estimator is then biased upwards, so the unbiased one stands beside it.
    let measures = ["cka", "cka:estimator=debiased"];
    let mut by_class: [Vec<Vec<Vec<Option<f64>>>>; 2] = [Vec::new(), Vec::new()];
    for class in 0..set.test.class_count() {
        let labels = set.test.labels();
        let members: Vec<usize> = (0..labels.len()).filter(|&picture| usize::from(labels[picture]) == class).collect();
        let pictures = Arc::new(set.test.select(&members)?);
        let pictures_words = format!("the test pictures of class {class} of {} at side {}", set.name, context.setting.side);
        let subjects: Vec<Subject> = everything
            .iter()
            .map(|subject| Subject { pictures: Arc::clone(&pictures), pictures_words: pictures_words.clone(), ..subject.clone() })
            .collect();
        let scores = context.compare(&format!("class{class}"), &subjects, &pairs, &measures)?;
        for (measure, classes) in by_class.iter_mut().enumerate() {
            classes.push(scores.iter().map(|pair| pair.values(measure)).collect());
        }
    }
    // For each pair of networks the mean over classes.
    let within = |classes: &[Vec<Vec<Option<f64>>>]| -> Vec<Vec<Option<f64>>> {
        (0..pairs.len())
            .map(|pair| {
                let of_pair: Vec<Vec<Option<f64>>> = classes.iter().map(|class| class[pair].clone()).collect();
                LayerTable::mean("", &layers, &layers, &of_pair).values
            })
            .collect()
    };
    let [within_values, debiased_values] = by_class.each_ref().map(|classes| within(classes));
    let tables = [
        LayerTable::mean("all examples", &layers, &layers, &all_values),
        LayerTable::mean("within classes", &layers, &layers, &within_values),
        LayerTable::mean("within classes, debiased", &layers, &layers, &debiased_values),
    ];
    context.layer_tables("cka.csv", &tables)?;
    let found = [&all_values, &within_values, &debiased_values].map(|values| json!(percent(identified(values, layers.len()))));
    let [all_found, within, debiased] = found;
    let outcome = Outcome::of_tables([("test_accuracy", accuracies(&networks))]);
    Ok(outcome.keeping("all_examples", all_found).keeping("within_classes", within).keeping("within_classes_debiased", debiased))
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let tables = report.layer_tables("cka.csv")?;
    let [all, within, debiased] = tables.as_slice() else {
        return Err(Error::Undefined { what: "Figure F.7".to_owned(), reason: format!("{} tables instead of 3 in cka.csv", tables.len()) });
    };
    let networks = report.setting.get("seeds").and_then(Value::as_array).map_or(0, Vec::len);
    for table in &tables {
        let subtitle = format!("linear CKA, mean over pairs of {networks} networks");
        let mut picture = table.picture(&table.name, subtitle, ("layers of one network", "layers of another"));
        picture.mark = true;
        report.heat(&format!("figure-f7-{}", table.name.replace(", ", "-").replace(' ', "-")), picture)?;
    }
    let correlations = [correlation(all, within)?, correlation(all, debiased)?];
    let kept = |name: &str| report.kept(name).map(|value| value.as_f64().unwrap_or(0.0));
    let (all_found, within_found, debiased_found) = (kept("all_examples")?, kept("within_classes")?, kept("within_classes_debiased")?);
    Ok(Judged {
        found: Map::from_iter([
            ("all_examples".to_owned(), json!(all_found)),
            ("within_classes".to_owned(), json!(within_found)),
            ("within_classes_debiased".to_owned(), json!(debiased_found)),
            ("correlation".to_owned(), json!(rounded(correlations[0]))),
            ("correlation_debiased".to_owned(), json!(rounded(correlations[1]))),
        ]),
        verdict: Verdict::of(&[correlations[0] >= ALIKE, within_found >= 50.0]),
        explanation: format!(
            "Values within classes and over all examples correlate with {:.2} over pairs of layers ({:.2} with the debiased estimator); \
             within \
             classes {within_found:.1} % of the layers are found ({debiased_found:.1} %), over all examples {all_found:.1} %.",
            correlations[0], correlations[1],
        ),
    })
}

/// The share of layers that is found, over all pairs of networks.
fn identified(pairs: &[Vec<Option<f64>>], layers: usize) -> f64 {
    let mut total = Identification::default();
    for values in pairs {
        let transposed: Vec<_> = (0..values.len()).map(|cell| values[cell % layers * layers + cell / layers]).collect();
        total += identify(values, &transposed, layers, Direction::Similarity);
    }
    total.accuracy()
}

/// Pearson's correlation of two tables.
fn correlation(one: &LayerTable, other: &LayerTable) -> Result<f64> {
    let centers = (one.mean_of(|_, _| true)?, other.mean_of(|_, _| true)?);
    let deviations = one.values.iter().zip(&other.values).filter_map(|(x, y)| Some((x.as_ref()? - centers.0, y.as_ref()? - centers.1)));
    let sums = deviations.fold((0.0, 0.0, 0.0), |(xy, xx, yy), (x, y)| (xy + x * y, xx + x * x, yy + y * y));
    if sums.1 == 0.0 || sums.2 == 0.0 {
        return Err(Error::Undefined {
            what: "the correlation of CKA within classes and over all examples".to_owned(),
            reason: "one of them is the same for all pairs of layers".to_owned(),
        });
    }
    Ok(sums.0 / (sums.1 * sums.2).sqrt())
}

fn table(row: &Row) -> String {
    let number = |name: &str| row.found.get(name).cloned().unwrap_or_default();
    format!(
        "| CKA | layers found, % | correlation with CKA over all examples |\n|---|---|---|\n| over all examples | {} | |\n\
         | within each class, averaged | {} | {} |\n| the same, debiased | {} | {} |\n\n\
         Correlations over pairs of layers. The paper shows pictures, no numbers.\n",
        number("all_examples"),
        number("within_classes"),
        number("correlation"),
        number("within_classes_debiased"),
        number("correlation_debiased"),
    )
}
