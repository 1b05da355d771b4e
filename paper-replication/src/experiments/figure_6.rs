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
    rule: "Averaged over layers, CKA with the same width rises from each width to the next; so does CKA with the \
           widest; at every width the first half of the layers is nearer to 1 than the second half (at the greatest \
           width alone before); at every smaller width networks are more alike to others of their own width than to \
           the widest (the paper's third statement on width; this part was added later). The last two by more than \
           two standard errors (added later still; the errors of layers are taken to go together)",
    caption: "Every line is a layer, from dark for the first to bright for the last, its band the jackknife standard error over networks: \
     compare how near to 1 the lines come, and at which width",
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
                    shade: Some((layer, layers.len())),
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
    let halves = |width: &Width| {
        let middle = width.same.len() / 2;
        (average(&width.same[..middle]), average(&width.same[middle..]))
    };
    let (early, late) = halves(&found[found.len() - 1]);
    let error = |values: &[Jackknife]| mean(&values.iter().map(|value| value.standard_error.unwrap_or(0.0)).collect::<Vec<_>>());
    // How much nearer to 1 early layers are than late ones, and the error of that.
    let nearer = |width: &Width| {
        let (early, late) = width.same.split_at(width.same.len() / 2);
        (average(early) - average(late), error(early).unwrap_or(0.0).hypot(error(late).unwrap_or(0.0)))
    };
    let not_nearer: Vec<String> = found
        .iter()
        .filter(|width| nearer(width).0 <= 2.0 * nearer(width).1)
        .map(|width| {
            let (difference, error) = nearer(width);
            format!("at width {} the difference is {difference:.3} with a standard error of {error:.3}", width.width)
        })
        .collect();
    let by_width = |values: &[f64]| -> Value {
        found.iter().zip(values).map(|(width, value)| (width.width.to_string(), json!(rounded(*value)))).collect::<Map<_, _>>().into()
    };
    // How much more alike networks are to others of their own width, and the error of that.
    let own = |width: &Width| {
        let errors = width.same.iter().zip(&width.widest).map(|(same, widest)| {
            let both = [same, widest].map(|one| one.standard_error.unwrap_or(0.0));
            both[0].hypot(both[1])
        });
        (average(&width.same) - average(&width.widest), mean(&errors.collect::<Vec<_>>()).unwrap_or(0.0))
    };
    let (apart, not_apart): (Vec<&Width>, Vec<&Width>) =
        found.iter().take(found.len() - 1).partition(|width| own(width).0 > 2.0 * own(width).1);
    let widths = |of: &[&Width]| of.iter().map(|width| width.width.to_string()).collect::<Vec<_>>().join(", ");
    let mut own_words = match apart.is_empty() {
        true => "at no width".to_owned(),
        false => format!("at width {}", widths(&apart)),
    };
    for width in &not_apart {
        let (difference, error) = own(width);
        own_words +=
            &format!("; at width {} the difference is {difference:.3} with a standard error of {error:.3}: not told apart", width.width);
    }
    let share = |width: &Width| accuracy.get(width.width.to_string()).and_then(Value::as_f64).map_or(f64::NAN, |share| 100.0 * share);
    Ok(Judged {
        found: Map::from_iter([
            ("same_width".to_owned(), by_width(&same)),
            ("with_widest".to_owned(), by_width(&widest)),
            ("accuracy".to_owned(), accuracy.clone()),
            ("widest_early_layers".to_owned(), json!(rounded(early))),
            ("widest_late_layers".to_owned(), json!(rounded(late))),
        ]),
        verdict: Verdict::of(&[rises(&same), rises(&widest), not_nearer.is_empty(), not_apart.is_empty()]),
        explanation: format!(
            "From width {} to {}, the mean CKA of corresponding layers goes from {:.2} to {:.2} between networks of the same width; at the \
             greatest width it is {early:.2} in the first half of the layers and {late:.2} in the second{}. Among networks of the same \
             width linear \
             CKA finds {:.1} % of the layers at the least width and {:.1} % at the greatest. Networks are more alike to others of their \
             own width than to the widest \
             {own_words}.",
            found[0].width,
            found[found.len() - 1].width,
            same[0],
            same[same.len() - 1],
            match not_nearer.is_empty() {
                true => ", and nearer to 1 in the first at every width".to_owned(),
                false => format!(", but the halves are not told apart at every width: {}", not_nearer.join(", ")),
            },
            share(&found[0]),
            share(&found[found.len() - 1]),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn width(width: usize, same: [f64; 2], widest: [f64; 2], error: f64) -> Width {
        let of = |values: [f64; 2]| values.map(|estimate| Jackknife { estimate, standard_error: Some(error) }).to_vec();
        Width { width, same: of(same), widest: of(widest) }
    }

    fn judged(found: &[Width]) -> Judged {
        judge(found, json!({"4": 0.5, "8": 0.6, "16": 0.7})).unwrap()
    }

    /// A difference within two standard errors is none, and one width where late layers are as near
    /// to 1 as early ones is enough.
    #[test]
    fn differences_must_be_told_apart_at_every_width() {
        let last = || width(16, [0.95, 0.9], [0.95, 0.9], 0.01);
        let good = [width(4, [0.8, 0.7], [0.7, 0.6], 0.01), width(8, [0.9, 0.8], [0.8, 0.7], 0.01), last()];
        assert_eq!(judged(&good).verdict, Verdict::Holds);
        let near = judged(&[width(4, [0.8, 0.7], [0.7, 0.6], 0.01), width(8, [0.9, 0.8], [0.897, 0.797], 0.01), last()]);
        assert_eq!(near.verdict, Verdict::Partly);
        assert!(near.explanation.contains("at width 4; at width 8 the difference is 0.003"), "{}", near.explanation);
        let late = judged(&[width(4, [0.7, 0.7], [0.6, 0.6], 0.01), width(8, [0.9, 0.8], [0.8, 0.7], 0.01), last()]);
        assert_eq!(late.verdict, Verdict::Partly);
        assert!(late.explanation.contains("at width 4 the difference is 0.000 with"), "{}", late.explanation);
    }
}
