//! Beyond the paper: how many examples, and how much training, the sanity check needs.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, percent};
use super::score::Score;
use crate::analysis::{Index, paper_index};
use crate::error::Result;
use crate::figures::{Chart, Points, Series, number};
use crate::job::{Job, Trained};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "growth",
    title: "The sanity check with fewer examples and less training",
    claim: "Beyond the paper. Linear CKA finds more of the corresponding layers with more examples, and more in networks that were trained \
            longer",
    rule: "Linear CKA finds more with the most examples than with the fewest, and more after the longest training than after the \
           shortest",
    setting,
    run,
    table,
};

fn setting(preset: Preset) -> Setting {
    Setting { seeds: (1..=3).collect(), ..Setting::of(preset) }
}

/// Numbers of examples up to the setting's.
fn examples(setting: &Setting) -> Vec<usize> {
    let mut counts: Vec<usize> = [30, 100, 300, 1000, 3000, 10_000, 30_000].into_iter().filter(|&count| count < setting.examples).collect();
    counts.push(setting.examples);
    counts
}

/// Numbers of epochs up to the setting's.
fn epochs(setting: &Setting) -> Vec<usize> {
    let last = setting.regime.epochs;
    let mut counts: Vec<usize> = [last / 7, last / 3, last].into_iter().filter(|&count| count > 0).collect();
    counts.dedup();
    counts
}

const INDEXES: [&str; 3] = ["hsic", "cka", "cka:kernel=rbf,fraction=0.4"];

/// The accuracy of every index, for one number of examples or epochs.
struct Step {
    by: &'static str,
    count: usize,
    accuracy: Vec<f64>,
}

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let mut steps = Vec::new();
    for count in examples(&context.setting) {
        steps.push(Step { by: "examples", count, accuracy: measure(context, "examples", &networks, count)? });
    }
    for count in epochs(&context.setting) {
        let jobs: Vec<Job> = context.setting.seeds.iter().map(|&seed| Job::of(&context.setting.clone().with_epochs(count), seed)).collect();
        let shorter = context.workshop.networks(&jobs)?;
        let examples = context.setting.examples;
        steps.push(Step { by: "epochs", count, accuracy: measure(context, &format!("epochs{count}"), &shorter, examples)? });
    }
    write(context, &steps)?;
    judge(&steps, accuracies(&networks))
}

fn measure(context: &mut Context, name: &str, networks: &[Arc<Trained>], examples: usize) -> Result<Vec<f64>> {
    let subjects = context.subjects(networks, examples)?;
    let mut accuracy = Vec::new();
    for index in INDEXES.map(paper_index) {
        let name = format!("{name}-{}", index.file_stem());
        let compared = context.compare(&name, &subjects, &all_pairs(networks.len()), index.measures)?;
        accuracy.extend(Score::of_group(&[index], networks.len(), examples, &compared).iter().map(Score::accuracy));
    }
    Ok(accuracy)
}

fn write(context: &mut Context, steps: &[Step]) -> Result<()> {
    let rows = steps.iter().flat_map(|step| {
        INDEXES
            .iter()
            .zip(&step.accuracy)
            .map(|(index, accuracy)| [step.by.to_owned(), step.count.to_string(), (*index).to_owned(), number(Some(100.0 * accuracy))])
    });
    context.folder.table("accuracies.csv", ["by", "count", "index", "percent"], rows)?;
    let chart = |by: &str, title: &str| Chart {
        title: title.to_owned(),
        x: by.to_owned(),
        y: "layers found, %".to_owned(),
        y_range: Some((0.0, 100.0)),
        log_x: true,
        series: INDEXES
            .iter()
            .enumerate()
            .map(|(place, key)| {
                let index: &Index = paper_index(key);
                let of = steps.iter().filter(|step| step.by == by);
                let places = of.map(|step| (step.count as f64, 100.0 * step.accuracy[place])).collect();
                Series::Line(Points { name: index.name.to_owned(), places, color: place, ..Points::default() })
            })
            .collect(),
    };
    context.charts("growth", &[chart("examples", "with more examples"), chart("epochs", "with longer training")], 2)
}

/// The verdict, by the rule that the experiment states.
fn judge(steps: &[Step], test_accuracy: Value) -> Result<Outcome> {
    let linear = INDEXES.iter().position(|index| *index == "cka").expect("linear CKA is among the indexes");
    let curve = |by: &str| -> Vec<f64> { steps.iter().filter(|step| step.by == by).map(|step| step.accuracy[linear]).collect() };
    let grows = |curve: &[f64]| curve[curve.len() - 1] > curve[0];
    let (by_examples, by_epochs) = (curve("examples"), curve("epochs"));
    let values = steps.iter().map(|step| {
        let accuracy: Map<String, Value> =
            INDEXES.iter().zip(&step.accuracy).map(|(key, share)| ((*key).to_owned(), json!(percent(*share)))).collect();
        json!({"by": step.by, "count": step.count, "accuracy": accuracy})
    });
    Ok(Outcome {
        setting: Map::from_iter([("test_accuracy".to_owned(), test_accuracy)]),
        found: Map::from_iter([("steps".to_owned(), values.collect::<Vec<_>>().into())]),
        verdict: Verdict::of(&[grows(&by_examples), grows(&by_epochs)]),
        explanation: format!(
            "Linear CKA finds {:.1} % of the layers with the fewest examples and {:.1} % with the most; {:.1} % after the shortest training and \
             {:.1} % after the longest.",
            100.0 * by_examples[0],
            100.0 * by_examples[by_examples.len() - 1],
            100.0 * by_epochs[0],
            100.0 * by_epochs[by_epochs.len() - 1],
        ),
    })
}

fn table(row: &Row) -> String {
    let mut table = String::from("| | linear HSIC, % | linear CKA, % | RBF CKA (0.4), % |\n|---|---|---|---|\n");
    for step in row.found.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| step.get(name).map_or(String::new(), |value| value.as_str().map_or(value.to_string(), str::to_owned));
        let accuracy = |key: &str| step.get("accuracy").and_then(|values| values.get(key)).map_or("-".to_owned(), Value::to_string);
        table += &format!(
            "| {} {} | {} | {} | {} |\n",
            text("count"),
            text("by"),
            accuracy(INDEXES[0]),
            accuracy(INDEXES[1]),
            accuracy(INDEXES[2])
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_with_the_setting() {
        let setting = Setting::of(Preset::Standard);
        assert_eq!(examples(&setting), [30, 100, 300, 1000, 3000]);
        assert_eq!(epochs(&setting), [2, 5, 15]);
        assert_eq!(epochs(&setting.clone().with_epochs(2)), [2]);
        assert_eq!(examples(&Setting { examples: 20, ..setting }), [20]);
    }
}
