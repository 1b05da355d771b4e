//! Figure 6: wider networks are more alike.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, mean, rounded};
use super::report::{Judged, Report};
use super::score::Score;
use crate::analysis::{Jackknife, PairScores, jackknife, paper_index};
use crate::error::Result;
use crate::figures::{Chart, Points, Series, number};
use crate::job::Job;
use crate::networks::Architecture;
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-6",
    title: "Figure 6: wider networks are more alike",
    claim: "Networks become more alike as they become wider: CKA with a network of the same width, and CKA with the widest, both rise with \
            width towards 1, and early layers come near it at smaller widths than late ones",
    rule: "Averaged over layers, CKA with the same width rises from each width to the next; so does CKA with the widest; at the \
           greatest width the first half of the layers is nearer to 1 than the second half; at every smaller width networks are more alike \
           to others of their own width than to the widest (the paper's third statement on width; this part was added later)",
    caption: "Every line is a layer, its band the jackknife standard error over networks. Lines rise to the right towards 1; those of early layers \
              are near 1 at smaller widths than those of late ones",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    let setting = Setting { architecture: Architecture::Width, ..Setting::of(preset) };
    match preset {
        Preset::Quick => Setting { seeds: (1..=3).collect(), ..setting }.with_epochs(30),
        Preset::Standard => Setting { seeds: (1..=3).collect(), ..setting }.with_epochs(6),
        Preset::Full => Setting { seeds: (1..=5).collect(), ..setting },
    }
}

fn widths(preset: Preset) -> Vec<usize> {
    match preset {
        Preset::Quick => vec![2, 4, 8, 16],
        Preset::Standard => vec![4, 8, 16, 32],
        Preset::Full => (2..=12).map(|power| 1 << power).collect(),
    }
}

/// CKA of corresponding layers, for one width.
struct Width {
    width: usize,
    /// With other networks of the same width, layer by layer.
    same: Vec<Jackknife>,
    /// With networks of the greatest width.
    widest: Vec<Jackknife>,
}

fn run(context: &mut Context) -> Result<Outcome> {
    let widths = widths(context.preset);
    let seeds = context.seeds(2)?;
    let job = |width: usize, seed: u64| Job::of(&context.setting, seed).with_architecture(context.setting.architecture, width);
    let jobs: Vec<Job> =
        widths.iter().flat_map(|&width| context.setting.seeds.iter().map(move |&seed| (width, seed))).map(|(w, s)| job(w, s)).collect();
    let networks = context.workshop.networks(&jobs)?;
    let subjects = context.subjects(&networks, context.setting.examples)?;
    let layers = subjects[0].layer_names()?;
    let widest = (widths.len() - 1) * seeds;
    // Within each width, and each narrower network with each of the widest.
    let pairs: Vec<(usize, usize)> =
        super::context::all_pairs(networks.len()).into_iter().filter(|&(a, b)| a / seeds == b / seeds || b >= widest).collect();
    let scores = context.compare("cka", &subjects, &pairs, &["cka"])?;
    let same = |place: usize| move |a: usize, b: usize| a / seeds == place && b / seeds == place;
    let found: Vec<Width> = widths
        .iter()
        .enumerate()
        .map(|(place, &width)| Width {
            width,
            same: by_layer(&scores, layers.len(), seeds, same(place), place * seeds),
            widest: by_layer(&scores, layers.len(), seeds, |a, b| a / seeds == place && b >= widest, place * seeds),
        })
        .collect();
    write(context, &layers, &found)?;
    let accuracy: Map<String, Value> = widths
        .iter()
        .enumerate()
        .map(|(place, width)| (width.to_string(), json!(rounded(accuracy(context, &scores, networks.len(), same(place))))))
        .collect();
    let outcome = Outcome::of_tables([("widths", json!(widths)), ("layers", json!(layers)), ("test_accuracy", accuracies(&networks))]);
    Ok(outcome.keeping("accuracy", accuracy.into()))
}

/// The mean CKA of corresponding layers over the pairs that `wanted` takes, with a jackknife over
/// the networks `first` .. `first + seeds`.
fn by_layer(scores: &[PairScores], layers: usize, seeds: usize, wanted: impl Fn(usize, usize) -> bool, first: usize) -> Vec<Jackknife> {
    (0..layers)
        .map(|layer| {
            jackknife(seeds, |without| {
                let out = without.map(|place| first + place);
                let kept = scores.iter().filter(|pair| wanted(pair.a, pair.b) && out != Some(pair.a) && out != Some(pair.b));
                // A layer whose CKA is undefined counts as not alike at all: with dead neurons
                // alone there is nothing to compare.
                let values: Vec<f64> = kept.map(|pair| pair.outcome(0, layer, layer).value().unwrap_or(0.0)).collect();
                mean(&values).unwrap_or(0.0)
            })
        })
        .collect()
}

/// The share of the layers that linear CKA finds, over the pairs of networks that `wanted` takes.
fn accuracy(context: &Context, scores: &[PairScores], networks: usize, wanted: impl Fn(usize, usize) -> bool) -> f64 {
    let pairs: Vec<PairScores> = scores.iter().filter(|pair| wanted(pair.a, pair.b)).cloned().collect();
    Score::of_group(&[paper_index("cka")], networks, context.setting.examples, &pairs)[0].accuracy()
}

fn write(context: &mut Context, layers: &[String], found: &[Width]) -> Result<()> {
    let rows = found.iter().flat_map(|width| {
        [("same-width", &width.same), ("with-widest", &width.widest)].into_iter().flat_map(move |(what, values)| {
            values.iter().zip(layers).map(move |(value, layer)| {
                [width.width.to_string(), what.to_owned(), layer.clone(), number(Some(value.estimate)), number(value.standard_error)]
            })
        })
    });
    context.folder.table("cka.csv", ["width", "compared", "layer", "cka", "standard_error"], rows)
}

/// Reads what [`write`] wrote: the layers, and a [`Width`] for each.
fn read(report: &Report<'_>) -> Result<(Vec<String>, Vec<Width>)> {
    let table = report.table("cka.csv")?;
    let (widths, compared, names) = (table.full("width")?, table.column("compared")?, table.column("layer")?);
    let (values, errors) = (table.full("cka")?, table.numbers("standard_error")?);
    let (mut layers, mut found) = (Vec::<String>::new(), Vec::<Width>::new());
    for row in 0..table.len() {
        let width = widths[row] as usize;
        if found.last().is_none_or(|last| last.width != width) {
            found.push(Width { width, same: Vec::new(), widest: Vec::new() });
        }
        if !layers.iter().any(|layer| layer == names[row]) {
            layers.push(names[row].to_owned());
        }
        let last = found.last_mut().expect("one was pushed");
        let of = if compared[row] == "same-width" { &mut last.same } else { &mut last.widest };
        of.push(Jackknife { estimate: values[row], standard_error: errors[row] });
    }
    match found.len() > 1 && found.iter().all(|width| width.same.len() == layers.len() && width.widest.len() == layers.len()) {
        true => Ok((layers, found)),
        false => Err(table.damaged(format!("{} rows are not two kinds of {} layers for some widths", table.len(), layers.len()))),
    }
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let (layers, found) = read(report)?;
    let chart = |title: &str, values: &dyn Fn(&Width) -> Vec<Jackknife>| Chart {
        title: title.to_owned(),
        x: "width".to_owned(),
        y: "CKA (linear)".to_owned(),
        y_range: Some((0.0, 1.0)),
        ticks: found.iter().map(|width| width.width.to_string()).collect(),
        series: layers
            .iter()
            .enumerate()
            .map(|(layer, name)| {
                let of_layer = || found.iter().map(|width| values(width)[layer].clone());
                Series::Line(Points {
                    error: of_layer().map(|value| value.standard_error.unwrap_or(0.0)).collect(),
                    ..Points::by_place(name.clone(), of_layer().map(|value| Some(value.estimate)), layer)
                })
            })
            .collect(),
    };
    let charts = [
        chart("with the widest networks", &|width| width.widest.clone()),
        chart("with networks of the same width", &|width| width.same.clone()),
    ];
    report.charts("figure-6", &charts, 2)?;
    judge(&found, report.kept("accuracy")?.clone())
}

/// The verdict, by the rule that the experiment states.
fn judge(found: &[Width], accuracy: Value) -> Result<Judged> {
    let average = |values: &[Jackknife]| mean(&values.iter().map(|value| value.estimate).collect::<Vec<_>>()).unwrap_or(0.0);
    let same: Vec<f64> = found.iter().map(|width| average(&width.same)).collect();
    let widest: Vec<f64> = found.iter().map(|width| average(&width.widest)).collect();
    let rises = |values: &[f64]| values.is_sorted_by(|one, next| one < next);
    let last = &found[found.len() - 1].same;
    let (early, late) = (average(&last[..last.len() / 2]), average(&last[last.len() / 2..]));
    let by_width = |values: &[f64]| -> Value {
        found.iter().zip(values).map(|(width, value)| (width.width.to_string(), json!(rounded(*value)))).collect::<Map<_, _>>().into()
    };
    let own_width = same.iter().zip(&widest).take(found.len() - 1).all(|(same, widest)| same > widest);
    let share = |width: &Width| accuracy.get(width.width.to_string()).and_then(Value::as_f64).map_or(f64::NAN, |share| 100.0 * share);
    Ok(Judged {
        found: Map::from_iter([
            ("same_width".to_owned(), by_width(&same)),
            ("with_widest".to_owned(), by_width(&widest)),
            ("accuracy".to_owned(), accuracy.clone()),
            ("widest_early_layers".to_owned(), json!(rounded(early))),
            ("widest_late_layers".to_owned(), json!(rounded(late))),
        ]),
        verdict: Verdict::of(&[rises(&same), rises(&widest), early > late, own_width]),
        explanation: format!(
            "From width {} to {}, the mean CKA of corresponding layers goes from {:.2} to {:.2} between networks of the same width; at the \
             greatest width it is {early:.2} in the first half of the layers and {late:.2} in the second. Among networks of the same width linear \
             CKA finds {:.1} % of the layers at the least width and {:.1} % at the greatest. With the widest networks the mean is {:.2} at the \
             least width: networks are {} alike to others of their own width at every width below the greatest.",
            found[0].width,
            found[found.len() - 1].width,
            same[0],
            same[same.len() - 1],
            share(&found[0]),
            share(&found[found.len() - 1]),
            widest[0],
            if own_width { "more" } else { "not more" },
        ),
    })
}

fn table(row: &Row) -> String {
    let mut table =
        String::from("| width | CKA, same width | CKA, with the widest | share of layers found, same width |\n|---|---|---|---|\n");
    let values = |name: &str| row.found.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let (same, widest, accuracy) = (values("same_width"), values("with_widest"), values("accuracy"));
    let mut widths: Vec<&String> = same.keys().collect();
    widths.sort_by_key(|width| width.parse::<usize>().unwrap_or(0));
    for width in widths {
        let of = |values: &Map<String, Value>| values.get(width).map_or("-".to_owned(), Value::to_string);
        table += &format!("| {width} | {} | {} | {} |\n", of(&same), of(&widest), of(&accuracy));
    }
    table + "\nMeans over layers; the paper gives curves, no numbers.\n"
}
