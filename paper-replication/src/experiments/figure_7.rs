//! Figure 7: networks trained on different data sets.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, mean, rounded};
use crate::analysis::{PairScores, Subject};
use crate::error::{Error, Result};
use crate::figures::{Chart, Points, Series, number};
use crate::job::{Job, Trained};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-7",
    title: "Figure 7: networks trained on different data",
    claim: "Networks trained on different data sets have similar early layers and different late ones; networks that are not trained at all \
            are much less like trained ones. (The paper: CIFAR-10 and CIFAR-100; here: the two halves of the classes of CIFAR-10)",
    rule: "On the test pictures of both halves together: from the first layer to the last, networks of different halves lose more \
           CKA than networks of the same half; in the first third of the layers they have at least 0.9 of the CKA of networks of \
           the same half; averaged over layers they are more alike than trained and untrained networks",
    setting,
    run,
    table,
};

fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: vec![1, 2], ..Setting::of(preset) };
    match preset {
        Preset::Quick => Setting { examples: 250, ..setting }.with_epochs(60),
        Preset::Standard => setting.with_epochs(8),
        Preset::Full => Setting { examples: 25_000, ..setting },
    }
}

/// Vehicles and a bird, the other animals; for digits, which have no such kinds, halves too.
const HALVES: [[u8; 5]; 2] = [[0, 1, 8, 9, 2], [3, 4, 5, 6, 7]];

/// What is compared, layer by layer.
const KINDS: [&str; 4] = ["both on the first half", "both on the second half", "one on each half", "trained and untrained"];

fn run(context: &mut Context) -> Result<Outcome> {
    let seeds = context.seeds(2)?;
    let jobs = |half: [u8; 5]| context.setting.seeds.iter().map(move |&seed| (half, seed));
    let jobs: Vec<Job> =
        HALVES.into_iter().flat_map(jobs).map(|(half, seed)| Job { classes: half.to_vec(), ..Job::of(&context.setting, seed) }).collect();
    let trained = context.workshop.networks(&jobs)?;
    let untrained = context.workshop.untrained(&jobs[..seeds])?;
    let networks: Vec<Arc<Trained>> = trained.iter().chain(&untrained).cloned().collect();
    // Places: first half, second half, untrained. Untrained networks have the starting weights of
    // the first half's, and meet the others.
    let kind = |a: usize, b: usize| match (a / seeds, b / seeds) {
        (0, 0) => Some(0),
        (1, 1) => Some(1),
        (0, 1) => Some(2),
        (0, 2) if a % seeds != b % seeds => Some(3),
        _ => None,
    };
    let pairs: Vec<(usize, usize)> = all_pairs(networks.len()).into_iter().filter(|&(a, b)| kind(a, b).is_some()).collect();
    let mut curves = Vec::new();
    let mut layers = Vec::new();
    for (half, classes) in HALVES.iter().enumerate() {
        let subjects = subjects(context, &networks, classes)?;
        layers = subjects[0].layer_names()?;
        let scores = context.compare(&format!("half{half}"), &subjects, &pairs, &["cka"])?;
        for (place, name) in KINDS.iter().enumerate() {
            curves.push((half, *name, curve(&scores, layers.len(), |a, b| kind(a, b) == Some(place))?));
        }
    }
    write(context, &layers, &curves)?;
    judge(&curves, accuracies(&trained))
}

/// The networks with the test pictures of one half.
fn subjects(context: &Context, networks: &[Arc<Trained>], classes: &[u8]) -> Result<Vec<Subject>> {
    let set = context.workshop.data(classes)?;
    let count = context.setting.examples.min(set.test.count());
    let pictures = Arc::new(set.test.first(count)?);
    let pictures_words =
        format!("the first {count} test pictures of {} with classes {classes:?} at side {}", set.name, context.setting.side);
    Ok(Subject::of_all(networks, &pictures, &pictures_words))
}

/// The mean CKA of each layer with the same layer over some of the pairs.
fn curve(scores: &[PairScores], layers: usize, wanted: impl Fn(usize, usize) -> bool) -> Result<Vec<f64>> {
    let of_layer = |layer: usize| {
        let kept = scores.iter().filter(|pair| wanted(pair.a, pair.b));
        let values: Option<Vec<f64>> = kept.map(|pair| pair.outcome(0, layer, layer).value()).collect();
        mean(&values.unwrap_or_default()).ok_or_else(|| Error::Undefined {
            what: format!("CKA of layer {} with itself in another network", layer + 1),
            reason: "a pair has no value".to_owned(),
        })
    };
    (0..layers).map(of_layer).collect()
}

fn write(context: &mut Context, layers: &[String], curves: &[(usize, &str, Vec<f64>)]) -> Result<()> {
    let rows = curves.iter().flat_map(|(half, name, values)| {
        values
            .iter()
            .zip(layers)
            .map(move |(value, layer)| [(half + 1).to_string(), (*name).to_owned(), layer.clone(), number(Some(*value))])
    });
    context.folder.table("cka.csv", ["test_pictures_of_half", "networks", "layer", "cka"], rows)?;
    let chart = |half: usize| Chart {
        title: format!("test pictures of half {}", half + 1),
        x: "layer".to_owned(),
        y: "CKA (linear)".to_owned(),
        y_range: Some((0.0, 1.0)),
        series: curves
            .iter()
            .filter(|curve| curve.0 == half)
            .enumerate()
            .map(|(color, (_, name, values))| Series::Line(Points::by_place(*name, values.iter().copied().map(Some), color)))
            .collect(),
        ..Chart::default()
    };
    context.charts("figure-7", &[chart(0), chart(1)], 2)
}

/// The verdict, by the rule that the experiment states.
fn judge(curves: &[(usize, &str, Vec<f64>)], test_accuracy: Value) -> Result<Outcome> {
    let layers = curves[0].2.len();
    let average = |kinds: &[usize]| -> Vec<f64> {
        let chosen: Vec<&Vec<f64>> =
            curves.iter().filter(|curve| kinds.iter().any(|&kind| KINDS[kind] == curve.1)).map(|curve| &curve.2).collect();
        (0..layers).map(|layer| chosen.iter().map(|curve| curve[layer]).sum::<f64>() / chosen.len() as f64).collect()
    };
    let (same, different, untrained) = (average(&[0, 1]), average(&[2]), average(&[3]));
    let over = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let third = layers.div_ceil(3);
    let fall = |values: &[f64]| values[0] - values[layers - 1];
    let round = |values: &[f64]| json!(values.iter().map(|value| rounded(*value)).collect::<Vec<_>>());
    Ok(Outcome {
        setting: Map::from_iter([("halves".to_owned(), json!(HALVES)), ("test_accuracy".to_owned(), test_accuracy)]),
        found: Map::from_iter([
            ("same_half".to_owned(), round(&same)),
            ("different_halves".to_owned(), round(&different)),
            ("untrained".to_owned(), round(&untrained)),
        ]),
        verdict: Verdict::of(&[
            fall(&different) > fall(&same),
            over(&different[..third]) >= 0.9 * over(&same[..third]),
            over(&different) > over(&untrained),
        ]),
        explanation: format!(
            "Between networks of different halves CKA falls from {:.2} in the first layer to {:.2} in the last, between networks of the same \
             half from {:.2} to {:.2}, between trained and untrained ones from {:.2} to {:.2}.",
            different[0],
            different[layers - 1],
            same[0],
            same[layers - 1],
            untrained[0],
            untrained[layers - 1],
        ),
    })
}

fn table(row: &Row) -> String {
    let values = |name: &str| row.found.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let (same, different, untrained) = (values("same_half"), values("different_halves"), values("untrained"));
    let mut table = String::from("| layer | same half | different halves | trained and untrained |\n|---|---|---|---|\n");
    for (layer, ((same, different), untrained)) in same.iter().zip(&different).zip(&untrained).enumerate() {
        table += &format!("| {} | {same} | {different} | {untrained} |\n", layer + 1);
    }
    table + "\nLinear CKA, mean over both halves' test pictures. The paper gives curves, no numbers.\n"
}
