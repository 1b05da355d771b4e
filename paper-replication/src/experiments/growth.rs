//! Beyond the paper: how many examples, how much training, and how wide networks the sanity check
//! needs, by every index of the paper.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs};
use super::report::{Judged, Report};
use super::score::Score;
use crate::analysis::{Family, Index, PAPER_INDEXES};
use crate::error::Result;
use crate::figures::{Chart, Points, Series, number};
use crate::job::{Job, Trained};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "growth",
    title: "The sanity check with fewer examples, less training and narrower networks",
    claim: "Beyond the paper. Linear CKA finds more of the corresponding layers with more examples, in networks that were trained longer, \
     and \
            in wider ones",
    rule: "Linear CKA finds more with the most examples than with the fewest; more after the longest training than after the shortest; \
           more in the widest networks than in the narrowest; none of the three falls from one step to the next (this part was added \
           later)",
    caption: "Compare how the lines climb, or do not, from left to right. CCA and SVCCA by R² are not drawn: the table has them. Where \
     lines lie on top of each other, the one drawn \
              last is seen. With fewer examples than neurons the indexes that compare subspaces are undefined, and drawn at 0",
    setting,
    run,
    report,
    table,
};

/// Half as wide as the networks of Table 2, so that every index can be tried at every step.
fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: (1..=3).collect(), ..Setting::of(preset) };
    match preset {
        Preset::Quick => setting,
        // More than twice the widest layer, 2048 neurons.
        Preset::Standard => Setting { width: setting.width / 2, examples: 5000, ..setting },
        Preset::Full => Setting { width: setting.width / 2, ..setting },
    }
}

/// Numbers of examples up to the setting's.
fn examples(setting: &Setting) -> Vec<usize> {
    let mut counts: Vec<usize> = [30, 100, 300, 1000, 10_000].into_iter().filter(|&count| count < setting.examples).collect();
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

/// Widths up to the setting's.
fn widths(setting: &Setting) -> Vec<usize> {
    let mut counts: Vec<usize> = [setting.width / 4, setting.width / 2, setting.width].into_iter().filter(|&count| count > 0).collect();
    counts.dedup();
    counts
}

/// The accuracy of every index of the paper, for one number of examples or epochs or for one width.
struct Step {
    by: String,
    count: usize,
    accuracy: Vec<f64>,
}

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let most = context.setting.examples;
    let mut steps = Vec::new();
    for count in examples(&context.setting) {
        steps.push(Step { by: "examples".to_owned(), count, accuracy: measure(context, "examples", &networks, count)? });
    }
    let others = |setting: &Setting| -> Vec<(&'static str, usize, Setting)> {
        let longer = epochs(setting).into_iter().map(|count| ("epochs", count, setting.clone().with_epochs(count)));
        let wider = widths(setting).into_iter().map(|count| ("width", count, Setting { width: count, ..setting.clone() }));
        longer.chain(wider).collect()
    };
    for (by, count, setting) in others(&context.setting) {
        if setting == context.setting {
            let last = steps.iter().find(|step| step.by == "examples" && step.count == most).expect("the last step has all examples");
            let accuracy = last.accuracy.clone();
            steps.push(Step { by: by.to_owned(), count, accuracy });
            continue;
        }
        let jobs: Vec<Job> = setting.seeds.iter().map(|&seed| Job::of(&setting, seed)).collect();
        let networks = context.workshop.networks(&jobs)?;
        steps.push(Step { by: by.to_owned(), count, accuracy: measure(context, &format!("{by}{count}"), &networks, most)? });
    }
    write(context, &steps)?;
    Ok(Outcome::of_tables([("test_accuracy", accuracies(&networks))]))
}

/// The accuracy of every index, in their order.
fn measure(context: &mut Context, name: &str, networks: &[Arc<Trained>], examples: usize) -> Result<Vec<f64>> {
    let subjects = context.subjects(networks, examples)?;
    let mut scores = Vec::new();
    // Kernel matrices are n x n each, so one index at a time; what compares subspaces shares bases.
    let (subspaces, kernels): (Vec<&'static Index>, Vec<_>) = PAPER_INDEXES.iter().partition(|index| index.family == Family::Subspace);
    let groups = kernels.into_iter().map(|index| vec![index]).chain([subspaces]);
    for group in groups {
        let measures: Vec<&str> = group.iter().flat_map(|index| index.measures).copied().collect();
        let compared = context.compare(&format!("{name}-{}", group[0].file_stem()), &subjects, &all_pairs(networks.len()), &measures)?;
        scores.extend(Score::of_group(&group, networks.len(), examples, &compared));
    }
    let of = |index: &Index| scores.iter().find(|score| score.index == index).expect("every index is in a group").accuracy();
    Ok(PAPER_INDEXES.iter().map(of).collect())
}

fn write(context: &mut Context, steps: &[Step]) -> Result<()> {
    let rows = steps.iter().flat_map(|step| {
        PAPER_INDEXES
            .iter()
            .zip(&step.accuracy)
            .map(|(index, accuracy)| [step.by.clone(), step.count.to_string(), index.key.to_owned(), number(Some(100.0 * accuracy))])
    });
    context.folder.table("accuracies.csv", ["by", "count", "index", "percent"], rows)
}

/// Reads what [`write`] wrote.
fn read(report: &Report<'_>) -> Result<Vec<Step>> {
    let table = report.table("accuracies.csv")?;
    let (by, counts, keys, shares) = (table.column("by")?, table.full("count")?, table.column("index")?, table.full("percent")?);
    let mut steps: Vec<Step> = Vec::new();
    for row in 0..table.len() {
        let place = row % PAPER_INDEXES.len();
        if keys[row] != PAPER_INDEXES[place].key {
            return Err(table.damaged(format!("row {}: {:?} where {:?} should be", row + 1, keys[row], PAPER_INDEXES[place].key)));
        }
        if place == 0 {
            steps.push(Step { by: by[row].to_owned(), count: counts[row] as usize, accuracy: Vec::new() });
        }
        steps.last_mut().expect("one was pushed").accuracy.push(shares[row] / 100.0);
    }
    Ok(steps)
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let steps = read(report)?;
    let chart = |by: &str, title: &str| {
        let of: Vec<&Step> = steps.iter().filter(|step| step.by == by).collect();
        Chart {
            title: title.to_owned(),
            x: by.to_owned(),
            y: "layers found, %".to_owned(),
            y_range: Some((0.0, 100.0)),
            ticks: of.iter().map(|step| step.count.to_string()).collect(),
            // Nine lines, as there are colors: R² of CCA and SVCCA follows their mean ρ.
            series: (0..PAPER_INDEXES.len())
                .filter(|&place| !PAPER_INDEXES[place].key.ends_with("r2"))
                .enumerate()
                .map(|(color, place)| {
                    let values = of.iter().map(|step| Some(100.0 * step.accuracy[place]));
                    Series::Line(Points::by_place(PAPER_INDEXES[place].name, values, color))
                })
                .collect(),
        }
    };
    let charts = [chart("examples", "with more examples"), chart("epochs", "with longer training"), chart("width", "in wider networks")];
    report.charts("growth", &charts, 2)?;
    Ok(judge(&steps, trials(report)))
}

/// How many layers are looked for: every layer of every network in every other one.
fn trials(report: &Report<'_>) -> Option<u64> {
    let name = |name: &str| report.setting.get(name).and_then(Value::as_str).map(str::to_owned);
    let architecture: crate::networks::Architecture = name("architecture")?.parse().ok()?;
    let number = |name: &str| report.setting.get(name).and_then(Value::as_u64);
    let (width, side, seeds) = (number("width")? as usize, number("side")? as usize, report.setting.get("seeds")?.as_array()?.len() as u64);
    let config = crate::networks::NetworkConfig { architecture, width, batch_norm: true, channels: 1, side, classes: 10 };
    Some(seeds * (seeds - 1) * config.layers().ok()?.len() as u64)
}

/// The verdict, by the rule that the experiment states.
fn judge(steps: &[Step], trials: Option<u64>) -> Judged {
    let linear = PAPER_INDEXES.iter().position(|index| index.key == "cka").expect("linear CKA is an index of the paper");
    let curves = ["examples", "epochs", "width"]
        .map(|by| -> Vec<f64> { steps.iter().filter(|step| step.by == by).map(|step| 100.0 * step.accuracy[linear]).collect() });
    let grows = |curve: &Vec<f64>| curve.last() > curve.first();
    let falls = |curve: &Vec<f64>| !curve.is_sorted();
    let words = curves.each_ref().map(|curve| curve.iter().map(|share| format!("{share:.1}")).collect::<Vec<_>>().join(", "));
    let values = steps.iter().map(|step| {
        let accuracy: Map<String, Value> =
            PAPER_INDEXES.iter().zip(&step.accuracy).map(|(index, share)| (index.key.to_owned(), json!(100.0 * share))).collect();
        json!({"by": step.by, "count": step.count, "accuracy": accuracy})
    });
    let trial = trials.map_or(String::new(), |trials| {
        format!(
            " One trial of {trials} is {:.1} points; the values of the pairs of networks were not kept, so there is no standard error.",
            100.0 / trials as f64
        )
    });
    Judged {
        found: Map::from_iter([("steps".to_owned(), values.collect::<Vec<_>>().into())]),
        verdict: Verdict::of(&[grows(&curves[0]), grows(&curves[1]), grows(&curves[2]), !curves.iter().any(falls)]),
        explanation: format!(
            "Linear CKA finds {} % of the layers from the fewest examples to the most, {} % from the shortest training to the longest, \
             and {} % from the narrowest networks \
             to the widest.{trial}",
            words[0], words[1], words[2],
        ),
    }
}

fn table(row: &Row) -> String {
    let names: Vec<String> = PAPER_INDEXES.iter().map(|index| format!("{}, %", index.name)).collect();
    let mut table = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for step in row.found.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| step.get(name).map_or(String::new(), |value| value.as_str().map_or(value.to_string(), str::to_owned));
        let accuracy = |index: &Index| {
            step.get("accuracy")
                .and_then(|values| values.get(index.key))
                .and_then(Value::as_f64)
                .map_or("-".to_owned(), |share| format!("{share:.1}"))
        };
        let label = if text("by") == "width" { format!("width {}", text("count")) } else { format!("{} {}", text("count"), text("by")) };
        table += &format!("| {label} | {} |\n", PAPER_INDEXES.iter().map(accuracy).collect::<Vec<_>>().join(" | "));
    }
    table + "\nAn index that is undefined on a layer misses it: with no more examples than neurons, those that compare subspaces are.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_with_the_setting() {
        let setting = Setting::of(Preset::Standard);
        assert_eq!(examples(&setting), [30, 100, 300, 1000, 3000]);
        assert_eq!(examples(&Setting::of(Preset::Full)), [30, 100, 300, 1000, 10_000, 50_000]);
        assert_eq!(epochs(&setting), [2, 5, 15]);
        assert_eq!(epochs(&setting.clone().with_epochs(2)), [2]);
        assert_eq!(widths(&setting), [4, 8, 16]);
        assert_eq!(widths(&Setting { width: 2, ..setting.clone() }), [1, 2]);
        assert_eq!(examples(&Setting { examples: 20, ..setting }), [20]);
    }

    /// From the first step to the last it grows, but not from each to the next.
    #[test]
    fn a_fall_between_the_ends_is_seen() {
        let step = |by: &str, count: usize, share: f64| Step { by: by.to_owned(), count, accuracy: vec![share; PAPER_INDEXES.len()] };
        let others = [step("epochs", 1, 0.1), step("epochs", 2, 0.2), step("width", 1, 0.1), step("width", 2, 0.2)];
        let with = |middle: f64| -> Vec<Step> {
            let examples = [(30, 0.5), (100, middle), (300, 0.6)].map(|(count, share)| step("examples", count, share));
            examples.into_iter().chain(others.iter().map(|one| step(&one.by, one.count, one.accuracy[0]))).collect()
        };
        assert_eq!(judge(&with(0.6), None).verdict, Verdict::Holds);
        let falls = judge(&with(0.7), Some(54));
        assert_eq!(falls.verdict, Verdict::Partly);
        assert!(
            falls.explanation.contains("50.0, 70.0, 60.0 %") && falls.explanation.contains("One trial of 54 is 1.9"),
            "{}",
            falls.explanation
        );
    }
}
