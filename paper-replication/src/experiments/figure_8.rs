//! Figure 8: what two networks share of a layer.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, mean, rounded};
use super::report::{Judged, Report};
use crate::analysis::{Action, Principal, Subject};
use crate::error::{Error, Result};
use crate::figures::{Chart, Points, Series, number};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Instant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-8",
    title: "Figure 8: the subspace that two networks share",
    claim: "What two networks share of a layer is the span of the eigenvectors of the Gram matrix with large eigenvalues; in the pooling \
            layer that is about as many dimensions as there are classes",
    rule: "In every layer looked at, the eigenvectors that hold 0.9 of the variance have a higher mean cosine than the others; in \
           the pooling layer between half and twice as many eigenvectors as there are classes have a cosine above 0.5",
    caption: "The two curves are the eigenvalues of one network's Gram matrix and the lengths that the other's gives the same \
     eigenvectors; a dot \
              near 1 is an eigenvector of both. Look at whether dots are high where the curves are, and in the pooling layer at where \
              they fall",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    Setting { seeds: vec![1, 2], ..Setting::of(preset) }
}

/// Eigenvectors that are looked at.
const COUNT: usize = 100;

/// Eigenvectors that hold this share of the variance count as large.
const LARGE: f64 = 0.9;

/// Above this cosine an eigenvector of one Gram matrix is nearly one of the other.
const SHARED: f64 = 0.5;

/// The layers that are looked at, from those of the network: one in the middle, one late, the
/// pooling layer.
fn chosen(subject: &Subject) -> Result<Vec<String>> {
    let names = subject.layer_names()?;
    let last = names.len() - 1;
    Ok([last / 2, last - 1, last].map(|place| names[place].clone()).to_vec())
}

/// A layer of the first network and what the second does to its eigenvectors.
struct Layer {
    name: String,
    actions: Vec<Action>,
    /// How many of the eigenvectors are large.
    large: usize,
}

impl Layer {
    fn shared(&self) -> usize {
        self.actions.iter().filter(|action| action.cosine.is_some_and(|cosine| cosine > SHARED)).count()
    }

    /// The mean cosine of some of the eigenvectors.
    fn mean_cosine(&self, actions: &[Action]) -> Result<f64> {
        mean(&actions.iter().filter_map(|action| action.cosine).collect::<Vec<_>>()).ok_or_else(|| Error::Undefined {
            what: format!("the mean cosine in layer {}", self.name),
            reason: format!("{} of {} eigenvectors hold {LARGE} of the variance", self.large, self.actions.len()),
        })
    }
}

fn run(context: &mut Context) -> Result<Outcome> {
    let [first, second] = context.pair()?;
    let networks = [&first, &second].map(|side| Arc::clone(&side.network));
    let start = Instant::now();
    let mut layers = Vec::new();
    for name in chosen(&first)? {
        let (x, y) = (Principal::of(&first, &name)?, Principal::of(&second, &name)?);
        let held = x.shares()?.into_iter().scan(0.0, |held, share| {
            *held += share;
            Some(*held)
        });
        let large = held.take_while(|held| *held < LARGE).count() + 1;
        layers.push(Layer { actions: x.acted_on_by(&y, COUNT)?, large, name });
    }
    context.seconds.comparison += start.elapsed().as_secs_f64();
    write(context, &layers)?;
    numbers(&layers, networks[0].run.network.classes, accuracies(&networks))
}

fn write(context: &mut Context, layers: &[Layer]) -> Result<()> {
    let rows = layers.iter().flat_map(|layer| {
        layer.actions.iter().enumerate().map(|(index, action)| {
            let numbers = [Some(action.own), Some(action.other), action.cosine].map(number);
            let [own, other, cosine] = numbers;
            [layer.name.clone(), (index + 1).to_string(), own, other, cosine]
        })
    });
    context.folder.table("eigenvectors.csv", ["layer", "eigenvector", "own", "other", "cosine"], rows)
}

/// A curve for each layer in `eigenvectors.csv`.
fn draw(report: &mut Report<'_>) -> Result<()> {
    let table = report.table("eigenvectors.csv")?;
    let layers = table.column("layer")?;
    let (own, other, cosine) = (table.full("own")?, table.full("other")?, table.numbers("cosine")?);
    let mut names: Vec<&str> = layers.clone();
    names.dedup();
    let chart = |name: &&str| {
        let rows = || (0..table.len()).filter(|&row| layers[row] == *name);
        let points = |legend: &str, color, value: &dyn Fn(usize) -> Option<f64>| Points::by_place(legend, rows().map(value), color);
        Chart {
            title: (*name).to_owned(),
            x: "eigenvector u of XX'".to_owned(),
            y: "over the largest; cosine".to_owned(),
            y_range: Some((0.0, 1.0)),
            series: vec![
                Series::Line(points("|XX'u|", 0, &|row| Some(own[row]))),
                Series::Line(points("|YY'u|", 1, &|row| Some(other[row]))),
                Series::Dots(points("cosine of u, YY'u", 2, &|row| cosine[row])),
            ],
            ..Chart::default()
        }
    };
    report.charts("figure-8", &names.iter().map(chart).collect::<Vec<_>>(), 3)
}

fn numbers(layers: &[Layer], classes: usize, test_accuracy: Value) -> Result<Outcome> {
    let mut by_layer = Map::new();
    for layer in layers {
        let cut = layer.large.min(layer.actions.len());
        let large = layer.mean_cosine(&layer.actions[..cut])?;
        // Where all that was looked at is large, there is nothing to set against it.
        let small = if cut < layer.actions.len() { Some(layer.mean_cosine(&layer.actions[cut..])?) } else { None };
        let numbers = json!({
            "large": layer.large,
            "mean_cosine_large": rounded(large),
            "mean_cosine_others": small.map(rounded),
            "shared": layer.shared(),
        });
        by_layer.insert(layer.name.clone(), numbers);
    }
    Ok(Outcome::of_tables([("test_accuracy", test_accuracy), ("classes", json!(classes))]).keeping("layers", by_layer.into()))
}

/// The verdict, by the rule that the experiment states.
fn report(report: &mut Report<'_>) -> Result<Judged> {
    draw(report)?;
    let layers = report.kept("layers")?.clone();
    let classes = report.setting.get("classes").and_then(Value::as_u64).unwrap_or(10);
    let mut parts = Vec::new();
    let mut vacuous = Vec::new();
    for (name, layer) in layers.as_object().into_iter().flatten() {
        let number = |key: &str| layer.get(key).and_then(Value::as_f64);
        match number("mean_cosine_large").zip(number("mean_cosine_others")) {
            Some((large, others)) => parts.push(Some(large > others)),
            None => {
                parts.push(None);
                vacuous.push(name.clone());
            }
        }
    }
    let pool = |key: &str| layers.get("pool").and_then(|pool| pool.get(key)).and_then(Value::as_u64).unwrap_or(0);
    parts.push(Some((classes.div_ceil(2)..=2 * classes).contains(&pool("shared"))));
    let unsaid = match vacuous.is_empty() {
        true => String::new(),
        false => format!(
            " In {} more than the first {COUNT} eigenvectors hold {LARGE} of the variance: the first part is not tested there.",
            vacuous.join(", ")
        ),
    };
    Ok(Judged {
        verdict: Verdict::of_tested(&parts),
        explanation: format!(
            "In the pooling layer {} eigenvectors are shared (cosine above {SHARED}), with {classes} classes; {} hold {LARGE} of the \
             variance.{unsaid}",
            pool("shared"),
            pool("large"),
        ),
        found: Map::from_iter([("layers".to_owned(), layers)]),
    })
}

fn table(row: &Row) -> String {
    let mut table = String::from(
        "| layer | eigenvectors with 0.9 of the variance | their mean cosine | mean cosine of the others | cosine above 0.5 \
         |\n|---|---|---|---|---|\n",
    );
    for (layer, values) in row.found.get("layers").and_then(Value::as_object).into_iter().flatten() {
        let number = |name: &str| values.get(name).filter(|value| !value.is_null()).map_or("-".to_owned(), Value::to_string);
        table += &format!(
            "| {layer} | {} | {} | {} | {} |\n",
            number("large"),
            number("mean_cosine_large"),
            number("mean_cosine_others"),
            number("shared")
        );
    }
    table + "\nOf the first 100 eigenvectors. The paper shows curves, no numbers.\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The picture comes from the table, and a layer whose other eigenvectors are not listed is not
    /// tested.
    #[test]
    fn a_row_is_drawn_again_and_what_says_nothing_is_not_passed() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = crate::figures::Folder::new(root.path(), Path::new("results/figure-8/quick"));
        let rows = "layer,eigenvector,own,other,cosine\nconv5,1,1.0,0.9,0.8\nconv5,2,0.5,0.4,\npool,1,1.0,0.9,0.9\n";
        folder.write("eigenvectors.csv", rows.as_bytes()).unwrap();
        let mut verdict = |others: Value| {
            let pool = json!({"large": 1, "mean_cosine_large": 0.9, "mean_cosine_others": 0.1, "shared": 10});
            let conv = json!({"large": 436, "mean_cosine_large": 0.8, "mean_cosine_others": others, "shared": 2});
            let kept = Map::from_iter([("layers".to_owned(), json!({"conv5": conv, "pool": pool}))]);
            report(&mut Report { setting: &Map::new(), kept: &kept, folder: &mut folder }).unwrap().verdict
        };
        assert_eq!(verdict(json!(0.2)), Verdict::Holds);
        assert_eq!(verdict(Value::Null), Verdict::Partly);
        assert!(std::fs::read_to_string(folder.path("figure-8.svg")).unwrap().contains("conv5"));
    }
}
