//! Figure 7: networks trained on different data sets.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, mean, rounded};
use super::report::{Judged, Report};
use crate::analysis::{Jackknife, PairScores, Subject, jackknife};
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
    claim: "Networks trained on different data sets have similar early layers and different late ones; networks that are not trained at \
     all \
            are much less like trained ones. (The paper: CIFAR-10 and CIFAR-100; here: the two halves of the classes of CIFAR-10)",
    rule: "On the test pictures of both halves together: from the first layer to the last, networks of different halves lose more \
           CKA than networks of the same half; in the first third of the layers they have at least 0.9 of the CKA of networks of \
           the same half; averaged over layers they are more alike than trained and untrained networks; on each half's pictures they are \
           so \
           in every layer after the first (this part was added later). Untrained networks are set against those of each half by \
           themselves, and not \
           on average (changed later); where a row has one half's alone, the last two parts are not tested for the other",
    caption: "One line for networks of the same half, of different halves, and trained beside untrained: compare how far each falls from \
     left to \
              right. Where there are bars, they are jackknife standard errors over networks",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    // Three, or there is no jackknife; five, and there is a test.
    let setting = Setting { seeds: (1..=3).collect(), ..Setting::of(preset) };
    match preset {
        Preset::Quick => Setting { examples: 250, ..setting }.with_epochs(60),
        Preset::Standard => Setting { seeds: (1..=5).collect(), ..setting }.with_epochs(8),
        Preset::Full => Setting { examples: 25_000, ..setting },
    }
}

/// Vehicles and a bird, the other animals; for digits, which have no such kinds, halves too.
const HALVES: [[u8; 5]; 2] = [[0, 1, 8, 9, 2], [3, 4, 5, 6, 7]];

/// What is compared, layer by layer.
const KINDS: [&str; 5] =
    ["both on the first half", "both on the second half", "one on each half", "first half and untrained", "second half and untrained"];

/// What an untrained network was compared with in rows made before the second half's were too.
const EARLIER: &str = "trained and untrained";

/// Whether a kind compares trained with untrained networks.
fn is_untrained(kind: &str) -> bool {
    kind.ends_with("untrained")
}

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
        (1, 2) if a % seeds != b % seeds => Some(4),
        _ => None,
    };
    let pairs: Vec<(usize, usize)> = all_pairs(networks.len()).into_iter().filter(|&(a, b)| kind(a, b).is_some()).collect();
    let mut rows = Vec::new();
    for (half, classes) in HALVES.iter().enumerate() {
        let subjects = subjects(context, &networks, classes)?;
        let layers = subjects[0].layer_names()?;
        let scores = context.compare(&format!("half{half}"), &subjects, &pairs, &["cka"])?;
        for (place, name) in KINDS.iter().enumerate() {
            let values = curve(&scores, layers.len(), seeds, |a, b| kind(a, b) == Some(place))?;
            rows.extend(values.into_iter().zip(&layers).map(|(value, layer)| {
                [(half + 1).to_string(), (*name).to_owned(), layer.clone(), number(Some(value.estimate)), number(value.standard_error)]
            }));
        }
    }
    context.folder.table("cka.csv", ["test_pictures_of_half", "networks", "layer", "cka", "standard_error"], rows)?;
    Ok(Outcome::of_tables([("halves", json!(HALVES)), ("test_accuracy", accuracies(&trained))]))
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

/// The mean CKA of each layer with the same layer over the pairs of networks that `wanted` takes,
/// with a jackknife over seeds: a seed is left out with all of its networks.
fn curve(scores: &[PairScores], layers: usize, seeds: usize, wanted: impl Fn(usize, usize) -> bool) -> Result<Vec<Jackknife>> {
    let of_layer = |layer: usize| {
        let kept: Vec<(&PairScores, f64)> = scores
            .iter()
            .filter(|pair| wanted(pair.a, pair.b))
            .map(|pair| pair.outcome(0, layer, layer).value().map(|value| (pair, value)))
            .collect::<Option<_>>()
            .unwrap_or_default();
        let without = |out: Option<usize>| {
            let left = kept.iter().filter(|(pair, _)| out.is_none_or(|seed| pair.a % seeds != seed && pair.b % seeds != seed));
            mean(&left.map(|(_, value)| *value).collect::<Vec<_>>())
        };
        if without(None).is_none() {
            return Err(Error::Undefined {
                what: format!("CKA of layer {} with itself in another network", layer + 1),
                reason: "a pair has no value".to_owned(),
            });
        }
        Ok(jackknife(seeds, |out| without(out).unwrap_or(0.0)))
    };
    (0..layers).map(of_layer).collect()
}

/// A curve of the figure.
struct Curve {
    half: usize,
    kind: String,
    layers: Vec<String>,
    values: Vec<f64>,
    errors: Vec<Option<f64>>,
}

/// The curves in `cka.csv`.
fn read(report: &Report<'_>) -> Result<Vec<Curve>> {
    let table = report.table("cka.csv")?;
    let (halves, kinds) = (table.full("test_pictures_of_half")?, table.column("networks")?);
    let (layers, values) = (table.column("layer")?, table.full("cka")?);
    // Rows made before there were bars have no such column.
    let errors =
        if table.header().iter().any(|name| name == "standard_error") { table.numbers("standard_error")? } else { vec![None; table.len()] };
    let mut curves: Vec<Curve> = Vec::new();
    for row in 0..table.len() {
        let half = halves[row] as usize;
        if curves.last().is_none_or(|last| (last.half, last.kind.as_str()) != (half, kinds[row])) {
            curves.push(Curve { half, kind: kinds[row].to_owned(), layers: Vec::new(), values: Vec::new(), errors: Vec::new() });
        }
        let last = curves.last_mut().expect("one was pushed");
        last.layers.push(layers[row].to_owned());
        last.values.push(values[row]);
        last.errors.push(errors[row]);
    }
    let whole = |half: usize| {
        let kinds: Vec<&str> = curves.iter().filter(|curve| curve.half == half).map(|curve| curve.kind.as_str()).collect();
        kinds[..3.min(kinds.len())] == KINDS[..3] && (kinds[3..] == KINDS[3..] || kinds[3..] == [EARLIER])
    };
    match whole(1) && whole(2) && curves.iter().all(|curve| curve.layers == curves[0].layers) {
        true => Ok(curves),
        false => Err(table.damaged("it does not hold the curves of both halves".to_owned())),
    }
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let curves = read(report)?;
    let chart = |half: usize| Chart {
        title: format!("test pictures of half {half}"),
        x: "layer".to_owned(),
        y: "CKA (linear)".to_owned(),
        y_range: Some((0.0, 1.0)),
        ticks: curves[0].layers.clone(),
        series: curves
            .iter()
            .filter(|curve| curve.half == half)
            .enumerate()
            .map(|(color, curve)| {
                Series::Line(Points {
                    bars: curve.errors.iter().copied().collect::<Option<_>>().unwrap_or_default(),
                    ..Points::by_place(curve.kind.clone(), curve.values.iter().copied().map(Some), color)
                })
            })
            .collect(),
    };
    report.charts("figure-7", &[chart(1), chart(2)], 2)?;
    Ok(judge(&curves))
}

/// A layer on the pictures of a half, by networks of different halves and by trained and untrained
/// ones.
struct Beside {
    words: String,
    different: f64,
    untrained: f64,
}

/// Every layer after the first on each half's pictures, beside the untrained networks with each
/// half's trained ones: one at a time, since an average hides the one that is above.
fn beside_untrained(curves: &[Curve]) -> Vec<Beside> {
    let mut all = Vec::new();
    for untrained in curves.iter().filter(|curve| is_untrained(&curve.kind)) {
        let Some(different) = curves.iter().find(|curve| curve.half == untrained.half && curve.kind == KINDS[2]) else { continue };
        let with = if untrained.kind == KINDS[4] { "second" } else { "first" };
        all.extend((1..untrained.values.len()).map(|layer| Beside {
            words: format!("{} on half {} (untrained with the {with} half's)", untrained.layers[layer], untrained.half),
            different: different.values[layer],
            untrained: untrained.values[layer],
        }));
    }
    all
}

/// The verdict, by the rule that the experiment states.
fn judge(curves: &[Curve]) -> Judged {
    let layers = curves[0].values.len();
    let average = |wanted: &dyn Fn(&Curve) -> bool| -> Vec<f64> {
        let chosen: Vec<&Curve> = curves.iter().filter(|curve| wanted(curve)).collect();
        (0..layers).map(|layer| chosen.iter().map(|curve| curve.values[layer]).sum::<f64>() / chosen.len() as f64).collect()
    };
    let (same, different) = (average(&|curve| KINDS[..2].contains(&curve.kind.as_str())), average(&|curve| curve.kind == KINDS[2]));
    let untrained = average(&|curve| is_untrained(&curve.kind));
    let over = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let kinds: Vec<&str> =
        [KINDS[3], KINDS[4], EARLIER].into_iter().filter(|kind| curves.iter().any(|curve| curve.kind == *kind)).collect();
    let both = kinds.len() > 1;
    let above_each = kinds.iter().all(|kind| over(&different) > over(&average(&|curve| curve.kind == *kind)));
    let beside = beside_untrained(curves);
    let not_above: Vec<String> = beside
        .iter()
        .filter(|one| one.different <= one.untrained)
        .map(|one| format!("{}, {:.3} against {:.3}", one.words, one.different, one.untrained))
        .collect();
    // What is seen with one half's networks says nothing of the other's; what is not seen, does.
    let tested = |seen: bool| if seen && !both { None } else { Some(seen) };
    let closest = beside.iter().min_by(|one, other| (one.different - one.untrained).total_cmp(&(other.different - other.untrained)));
    let errors = curves.iter().all(|curve| curve.errors.iter().all(Option::is_some));
    let mut words = match (closest, not_above.is_empty()) {
        (Some(closest), true) => format!(
            "After the first layer networks of different halves are more alike than trained and untrained ones in every layer looked at, \
             by {:.4} at least ({}){}.",
            closest.different - closest.untrained,
            closest.words,
            if errors { "" } else { ", without a standard error" },
        ),
        _ => format!("Networks of different halves are no more alike than trained and untrained ones in {}.", not_above.join("; ")),
    };
    if !both {
        words += " Untrained networks were set against those of the first half alone: whether these parts hold for those of the second \
         was not tested.";
    }
    let third = layers.div_ceil(3);
    let fall = |values: &[f64]| values[0] - values[layers - 1];
    let round = |values: &[f64]| json!(values.iter().map(|value| rounded(*value)).collect::<Vec<_>>());
    Judged {
        found: Map::from_iter([
            ("same_half".to_owned(), round(&same)),
            ("different_halves".to_owned(), round(&different)),
            ("untrained".to_owned(), round(&untrained)),
            ("curves".to_owned(), json!(curves.iter().filter(|curve| curve.half == 1).count())),
        ]),
        verdict: Verdict::of_tested(&[
            Some(fall(&different) > fall(&same)),
            Some(over(&different[..third]) >= 0.9 * over(&same[..third])),
            tested(above_each),
            tested(not_above.is_empty()),
        ]),
        explanation: format!(
            "Between networks of different halves CKA falls from {:.2} in the first layer to {:.2} in the last, between networks of the \
             same \
             half from {:.2} to {:.2}, between trained and untrained ones from {:.2} to {:.2} on average. {words}",
            different[0],
            different[layers - 1],
            same[0],
            same[layers - 1],
            untrained[0],
            untrained[layers - 1],
        ),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(untrained: &[(&str, [f64; 3])]) -> Vec<Curve> {
        let curve = |half: usize, kind: &str, values: [f64; 3]| Curve {
            half,
            kind: kind.to_owned(),
            layers: ["conv1", "conv2", "pool"].map(str::to_owned).to_vec(),
            values: values.to_vec(),
            errors: vec![Some(0.01); 3],
        };
        let trained = [(KINDS[0], [0.9, 0.9, 0.8]), (KINDS[1], [0.9, 0.9, 0.8]), (KINDS[2], [0.9, 0.8, 0.4])];
        (1..=2).flat_map(|half| trained.iter().chain(untrained).map(move |(kind, values)| curve(half, kind, *values))).collect()
    }

    /// 0.2 and 0.5 are 0.35 on average, which is below 0.4; the one is above all the same.
    #[test]
    fn untrained_networks_are_not_averaged() {
        let judged = judge(&curves(&[(KINDS[3], [0.8, 0.3, 0.2]), (KINDS[4], [0.8, 0.3, 0.5])]));
        assert_eq!(judged.verdict, Verdict::Partly);
        assert!(
            judged.explanation.contains("pool on half 2 (untrained with the second half's), 0.400 against 0.500"),
            "{}",
            judged.explanation
        );
        let judged = judge(&curves(&[(KINDS[3], [0.8, 0.3, 0.2]), (KINDS[4], [0.8, 0.3, 0.3])]));
        assert_eq!(judged.verdict, Verdict::Holds);
        assert!(judged.explanation.contains("by 0.1000 at least"), "{}", judged.explanation);
    }

    #[test]
    fn what_was_set_against_one_half_is_not_tested_for_the_other() {
        let judged = judge(&curves(&[(EARLIER, [0.8, 0.3, 0.2])]));
        assert_eq!(judged.verdict, Verdict::Partly);
        assert!(judged.explanation.contains("was not tested"), "{}", judged.explanation);
    }
}
