//! Figure 3: depth, and a probe at every layer.

use super::Experiment;
use super::architectures;
use super::context::{Context, Outcome, accuracies, percent, rounded};
use super::layer_table::LayerTable;
use super::report::{Judged, Report};
use crate::analysis::Subject;
use crate::data::Pictures;
use crate::error::Result;
use crate::figures::{Chart, Points, Series, number};
use crate::preset::Preset;
use crate::probe::Probe;
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Instant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-3",
    title: "Figure 3: depth, and what a probe reads",
    claim: "When a network is made several times deeper, its later half comes to resemble its last layer, and a linear probe reads no more \
            from those layers than from the ones before: they add nothing",
    rule: "Of the deepest network against the shallowest: the second half of its layers is more like its last layer; and of all \
           that a probe's accuracy gains from the first layer to the last, a smaller share is gained in the second half; doubling the depth \
           once, from Plain-10 to Plain-18, raises the accuracy on test pictures, as in the paper (94.1 to 95.0 %; this part was added later)",
    caption: "In the heat map of the deepest network a bright square at the top right: late layers that are all like the last one. In the chart \
              its curve is flat over the same layers",
    setting: architectures::setting,
    run,
    report,
    table,
};

/// The training pictures that a probe is fitted on.
fn probed(preset: Preset) -> usize {
    match preset {
        Preset::Quick => 1000,
        Preset::Standard => 5000,
        Preset::Full => 50_000,
    }
}

fn depths(preset: Preset) -> &'static [&'static str] {
    match preset {
        // Plain-34 does not learn the digits.
        Preset::Quick => &["plain-10", "plain-18"],
        Preset::Standard => &["plain-10", "plain-18", "plain-34"],
        Preset::Full => &["plain-10", "plain-18", "plain-34", "plain-66"],
    }
}

/// A network, its layers with each other, and what a probe reads at each of them.
struct Depth {
    name: String,
    cka: LayerTable,
    probes: Vec<f64>,
}

fn run(context: &mut Context) -> Result<Outcome> {
    let names = depths(context.preset);
    let networks = architectures::networks(context, names)?;
    let subjects = context.subjects(&networks, context.setting.examples)?;
    let own: Vec<(usize, usize)> = (0..subjects.len()).map(|network| (network, network)).collect();
    let scores = context.compare("cka", &subjects, &own, &["cka"])?;
    let (mut tables, mut rows) = (Vec::new(), Vec::new());
    for ((subject, pair), &name) in subjects.iter().zip(&scores).zip(names) {
        let layers = subject.layer_names()?;
        let start = Instant::now();
        let probes = probes(context, subject)?;
        context.seconds.comparison += start.elapsed().as_secs_f64();
        rows.extend(probes.iter().zip(&layers).map(|(probe, layer)| [name.to_owned(), layer.clone(), number(Some(*probe))]));
        tables.push(LayerTable { name: name.to_owned(), rows: layers.clone(), columns: layers, values: pair.values(0) });
    }
    context.layer_tables("cka.csv", &tables)?;
    context.folder.table("probes.csv", ["network", "layer", "accuracy"], rows)?;
    Ok(Outcome::of_tables([("probe_examples", json!(probed(context.preset))), ("test_accuracy", accuracies(&networks))]))
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let probes = report.table("probes.csv")?;
    let (names, values) = (probes.column("network")?, probes.full("accuracy")?);
    let of = |name: &str| names.iter().zip(&values).filter(|(network, _)| **network == name).map(|(_, value)| *value).collect();
    let tables = report.layer_tables("cka.csv")?.into_iter();
    let found: Vec<Depth> = tables.map(|cka| Depth { probes: of(&cka.name), name: cka.name.clone(), cka }).collect();
    let examples = report.setting.get("examples").cloned().unwrap_or_default();
    for depth in &found {
        let picture = depth.cka.picture(&depth.name, format!("linear CKA, n = {examples}"), ("layers", "layers"));
        report.heat(&format!("figure-3-{}", depth.name), picture)?;
    }
    let chart = Chart {
        title: "linear probes".to_owned(),
        x: "layer, as a share of the depth".to_owned(),
        y: "accuracy on test pictures".to_owned(),
        series: found
            .iter()
            .enumerate()
            .map(|(color, depth)| {
                let count = depth.probes.len() as f64;
                let places = depth.probes.iter().enumerate().map(|(layer, probe)| ((layer as f64 + 1.0) / count, *probe)).collect();
                Series::Line(Points { name: depth.name.clone(), places, color, ..Points::default() })
            })
            .collect(),
        ..Chart::default()
    };
    report.charts("figure-3-probes", &[chart], 1)?;
    judge(&found, ["_plain-10_", "_plain-18_"].map(|name| report.test_accuracy(name)))
}

/// The accuracy of a probe at every layer.
fn probes(context: &Context, subject: &Subject) -> Result<Vec<f64>> {
    let set = context.workshop.data(&[])?;
    let train = Arc::new(set.train.first(probed(context.preset))?);
    let test = Arc::new(set.test.first(context.setting.examples.min(set.test.count()))?);
    let on = |pictures: &Arc<Pictures>| Subject { pictures: Arc::clone(pictures), ..subject.clone() };
    let (of_train, of_test) = (on(&train), on(&test));
    let mut accuracies = Vec::new();
    for layer in subject.layers()? {
        // One layer at a time: all at once would be gigabytes.
        let captured = |subject: &Subject| subject.capture(|other| other.name == layer.name);
        let (train_layer, test_layer) = (captured(&of_train)?, captured(&of_test)?);
        accuracies.push(Probe::default().accuracy(
            (&train_layer[0], train.labels()),
            (&test_layer[0], test.labels()),
            set.train.class_count(),
        )?);
    }
    Ok(accuracies)
}

/// The verdict, by the rule that the experiment states.
fn judge(found: &[Depth], [shallowest, doubled]: [Option<f64>; 2]) -> Result<Judged> {
    let like_last = |depth: &Depth| {
        let last = depth.cka.rows.len() - 1;
        depth.cka.mean_of(|a, b| b == last && a < last && a >= depth.cka.rows.len() / 2)
    };
    let gain = |depth: &Depth| {
        let (first, last) = (depth.probes[0], depth.probes[depth.probes.len() - 1]);
        let middle = depth.probes[depth.probes.len() / 2];
        // A probe that reads no more at the last layer than at the first gains nothing in any half.
        if last > first { (last - middle) / (last - first) } else { 0.0 }
    };
    let (shallow, deep) = (&found[0], &found[found.len() - 1]);
    let (shallow_like, deep_like) = (like_last(shallow)?, like_last(deep)?);
    let by_name = |value: &dyn Fn(&Depth) -> Result<Value>| -> Result<Value> {
        Ok(found.iter().map(|depth| Ok((depth.name.clone(), value(depth)?))).collect::<Result<Map<_, _>>>()?.into())
    };
    Ok(Judged {
        found: Map::from_iter([
            ("later_half_with_last_layer".to_owned(), by_name(&|depth| Ok(json!(rounded(like_last(depth)?))))?),
            ("probe_at_last_layer".to_owned(), by_name(&|depth| Ok(json!(percent(depth.probes[depth.probes.len() - 1]))))?),
            ("probe_in_the_middle".to_owned(), by_name(&|depth| Ok(json!(percent(depth.probes[depth.probes.len() / 2]))))?),
            ("share_gained_in_later_half".to_owned(), by_name(&|depth| Ok(json!(rounded(gain(depth)))))?),
        ]),
        verdict: Verdict::of(&[deep_like > shallow_like, gain(deep) < gain(shallow), doubled > shallowest]),
        explanation: format!(
            "The later half of {} has a mean CKA of {deep_like:.2} with its last layer, that of {} {shallow_like:.2}; probes gain {:.0} % of \
             what they gain in all in the later half of {}, and {:.0} % in that of {}. {}",
            deep.name,
            shallow.name,
            100.0 * gain(deep),
            deep.name,
            100.0 * gain(shallow),
            shallow.name,
            match (shallowest, doubled) {
                (Some(shallowest), Some(doubled)) => format!(
                    "Plain-10 classifies {shallowest:.1} % of the test pictures rightly and Plain-18 {doubled:.1} %: doubling the depth {}.",
                    if doubled > shallowest { "helps" } else { "does not help here" }
                ),
                _ => "The accuracy on test pictures of Plain-10 or Plain-18 is missing.".to_owned(),
            },
        ),
    })
}

fn table(row: &Row) -> String {
    let values = |name: &str| row.found.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let (like, last, middle, share) = (
        values("later_half_with_last_layer"),
        values("probe_at_last_layer"),
        values("probe_in_the_middle"),
        values("share_gained_in_later_half"),
    );
    let mut table = String::from(
        "| network | CKA of the later half with the last layer | probe in the middle, % | probe at the last layer, % | share gained in the later half |\n\
         |---|---|---|---|---|\n",
    );
    for (name, value) in &like {
        let of = |values: &Map<String, Value>| values.get(name).cloned().unwrap_or_default();
        table += &format!("| {name} | {value} | {} | {} | {} |\n", of(&middle), of(&last), of(&share));
    }
    table + "\nThe paper shows pictures and curves, no numbers.\n"
}
