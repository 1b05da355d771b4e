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
           that a probe's accuracy gains from the first layer to the last, a smaller share is gained in the second half, by more than two \
           standard errors \
           (binomial ones of the test pictures; the errors were added later); doubling the depth \
           once, from Plain-10 to Plain-18, raises the accuracy on test pictures, as in the paper (94.1 to 95.0 %; this part was added \
           later)",
    caption: "Each heat map is of one network's layers among themselves. Look for a bright square at the top right, late layers that are \
     all like the last one, \
              and in the chart at whether the curve of the same network is flat there; its y axis does not start at 0",
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
    let accuracies: Vec<Option<f64>> = found.iter().map(|depth| report.test_accuracy(&format!("_{}_", depth.name))).collect();
    judge(&found, examples.as_f64().unwrap_or(1.0), &accuracies)
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
fn judge(found: &[Depth], pictures: f64, test_accuracy: &[Option<f64>]) -> Result<Judged> {
    let like_last = |depth: &Depth| {
        let last = depth.cka.rows.len() - 1;
        depth.cka.mean_of(|a, b| b == last && a < last && a >= depth.cka.rows.len() / 2)
    };
    let gain = |depth: &Depth| gain(&depth.probes, pictures);
    let (shallow, deep) = (&found[0], &found[found.len() - 1]);
    let (shallow_like, deep_like) = (like_last(shallow)?, like_last(deep)?);
    let by_name = |value: &dyn Fn(&Depth) -> Result<Value>| -> Result<Value> {
        Ok(found.iter().map(|depth| Ok((depth.name.clone(), value(depth)?))).collect::<Result<Map<_, _>>>()?.into())
    };
    let (of_shallow, of_deep) = (gain(shallow), gain(deep));
    let best = (0..deep.probes.len()).max_by(|&one, &other| deep.probes[one].total_cmp(&deep.probes[other])).unwrap_or(0);
    let points = |(value, error): (f64, f64)| format!("{:.1} \u{b1} {:.1}", 100.0 * value, 100.0 * error);
    let words = |depth: &Depth, gain: &Gain| match gain.share {
        Some((share, error)) => format!(
            "{} points, of which {:.0} \u{b1} {:.0} % in its later half, in {}",
            points(gain.whole),
            100.0 * share,
            100.0 * error,
            depth.name
        ),
        None => format!("{} points in {}", points(gain.whole), depth.name),
    };
    let apart = of_deep.share.zip(of_shallow.share).is_some_and(|(deep, shallow)| shallow.0 - deep.0 > 2.0 * shallow.1.hypot(deep.1));
    let accuracies: Vec<String> = found
        .iter()
        .zip(test_accuracy)
        .map(|(depth, accuracy)| format!("{} {}", depth.name, accuracy.map_or("-".to_owned(), |accuracy| format!("{accuracy:.1} %"))))
        .collect();
    let of = |name: &str| found.iter().position(|depth| depth.name == name).and_then(|place| test_accuracy[place]);
    let (shallowest, doubled) = (of("plain-10"), of("plain-18"));
    Ok(Judged {
        found: Map::from_iter([
            ("later_half_with_last_layer".to_owned(), by_name(&|depth| Ok(json!(rounded(like_last(depth)?))))?),
            ("probe_at_last_layer".to_owned(), by_name(&|depth| Ok(json!(percent(depth.probes[depth.probes.len() - 1]))))?),
            ("probe_in_the_middle".to_owned(), by_name(&|depth| Ok(json!(percent(depth.probes[depth.probes.len() / 2]))))?),
            (
                "share_gained_in_later_half".to_owned(),
                by_name(&|depth| Ok(json!(gain(depth).share.map(|(share, error)| [rounded(share), rounded(error)]))))?,
            ),
        ]),
        verdict: Verdict::of(&[deep_like > shallow_like, apart, doubled > shallowest]),
        explanation: format!(
            "The later half of {} has a mean CKA of {deep_like:.2} with its last layer, that of {} {shallow_like:.2}. From the first \
             layer to the last probes gain {} \
             and {}: {}. In {} they read most at layer {} of {} ({:.1} %), and {:.1} % at the last. Of the test pictures are classified \
             rightly: {}; doubling the depth {}.",
            deep.name,
            shallow.name,
            words(deep, &of_deep),
            words(shallow, &of_shallow),
            if apart { "the share is smaller in the deeper one" } else { "the shares are not told apart, or the other way round" },
            deep.name,
            best + 1,
            deep.probes.len(),
            100.0 * deep.probes[best],
            100.0 * deep.probes[deep.probes.len() - 1],
            accuracies.join(", "),
            if doubled > shallowest { "from Plain-10 to Plain-18 helps" } else { "from Plain-10 to Plain-18 does not help here" },
        ),
    })
}

/// What probes gain from the first layer to the last, and the share of it that they gain in the
/// later half: each with its standard error.
struct Gain {
    whole: (f64, f64),
    /// `None` where a probe reads no more at the last layer than at the first.
    share: Option<(f64, f64)>,
}

/// Binomial errors of the accuracies on so many test pictures, as if the probes of different layers
/// erred on pictures of their own.
fn gain(probes: &[f64], pictures: f64) -> Gain {
    let (first, middle, last) = (probes[0], probes[probes.len() / 2], probes[probes.len() - 1]);
    let variance = |share: f64| share * (1.0 - share) / pictures;
    let whole = last - first;
    let share = (last - middle) / whole;
    // The derivatives of the share by the three accuracies.
    let errors =
        ((1.0 - share) / whole).powi(2) * variance(last) + variance(middle) / whole.powi(2) + (share / whole).powi(2) * variance(first);
    Gain { whole: (whole, (variance(first) + variance(last)).sqrt()), share: (whole > 0.0).then(|| (share, errors.sqrt())) }
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
        "| network | CKA of the later half with the last layer | probe in the middle, % | probe at the last layer, % | share gained in \
         the later half |\n\
         |---|---|---|---|---|\n",
    );
    for (name, value) in &like {
        let of = |values: &Map<String, Value>| match values.get(name) {
            Some(Value::Array(both)) => both.iter().map(Value::to_string).collect::<Vec<_>>().join(" \u{b1} "),
            Some(Value::Null) | None => "-".to_owned(),
            Some(value) => value.to_string(),
        };
        table += &format!("| {name} | {value} | {} | {} | {} |\n", of(&middle), of(&last), of(&share));
    }
    table + "\nThe paper shows pictures and curves, no numbers.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(name: &str, probes: [f64; 4], like: f64) -> Depth {
        let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        Depth {
            name: name.to_owned(),
            cka: LayerTable { name: name.to_owned(), rows: names.clone(), columns: names, values: vec![Some(like); 16] },
            probes: probes.to_vec(),
        }
    }

    /// A difference of two pictures is no difference; one of hundreds is.
    #[test]
    fn a_smaller_share_must_be_told_apart() {
        let found = [depth("plain-10", [0.40, 0.5, 0.57, 0.60], 0.8), depth("plain-18", [0.40, 0.5, 0.60, 0.60], 0.9)];
        let accuracies = [Some(59.0), Some(60.0)];
        let judged = judge(&found, 500.0, &accuracies).unwrap();
        assert_eq!(judged.verdict, Verdict::Partly);
        assert!(judged.explanation.contains("plain-10 59.0 %, plain-18 60.0 %"), "{}", judged.explanation);
        assert_eq!(judge(&found, 50_000.0, &accuracies).unwrap().verdict, Verdict::Holds);
    }

    #[test]
    fn errors_are_binomial() {
        let gain = gain(&[0.4, 0.5, 0.6], 100.0);
        assert!((gain.whole.0 - 0.2).abs() < 1e-15 && (gain.whole.1 - 0.0048_f64.sqrt()).abs() < 1e-15);
        // (0.5 / 0.2)^2 * 0.0024 twice and 0.0025 / 0.04.
        let (share, error) = gain.share.unwrap();
        assert!((share - 0.5).abs() < 1e-12 && (error - 0.0925_f64.sqrt()).abs() < 1e-12, "{share} {error}");
    }
}
