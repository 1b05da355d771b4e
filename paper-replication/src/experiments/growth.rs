//! Beyond the paper: how many examples, how much training, and how wide networks the sanity check
//! needs, by every index of the paper.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, percent};
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
    claim: "Beyond the paper. Linear CKA finds more of the corresponding layers with more examples, in networks that were trained longer, and \
            in wider ones",
    rule: "Linear CKA finds more with the most examples than with the fewest; more after the longest training than after the shortest; \
           more in the widest networks than in the narrowest",
    caption: "Lines of the CKAs climb from left to right in all three; those of CCA, SVCCA and PWCCA stay near chance, and linear HSIC where it is. \
              With fewer examples than neurons the indexes that compare subspaces are undefined, and drawn at 0",
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
    Ok(judge(&steps))
}

/// The verdict, by the rule that the experiment states.
fn judge(steps: &[Step]) -> Judged {
    let linear = PAPER_INDEXES.iter().position(|index| index.key == "cka").expect("linear CKA is an index of the paper");
    let [by_examples, by_epochs, by_width] = ["examples", "epochs", "width"].map(|by| -> [f64; 2] {
        let curve: Vec<f64> = steps.iter().filter(|step| step.by == by).map(|step| step.accuracy[linear]).collect();
        [curve[0], curve[curve.len() - 1]]
    });
    let grows = |[first, last]: [f64; 2]| last > first;
    let values = steps.iter().map(|step| {
        let accuracy: Map<String, Value> =
            PAPER_INDEXES.iter().zip(&step.accuracy).map(|(index, share)| (index.key.to_owned(), json!(percent(*share)))).collect();
        json!({"by": step.by, "count": step.count, "accuracy": accuracy})
    });
    let shares = |[first, last]: [f64; 2]| (100.0 * first, 100.0 * last);
    let (examples, epochs, width) = (shares(by_examples), shares(by_epochs), shares(by_width));
    Judged {
        found: Map::from_iter([("steps".to_owned(), values.collect::<Vec<_>>().into())]),
        verdict: Verdict::of(&[grows(by_examples), grows(by_epochs), grows(by_width)]),
        explanation: format!(
            "Linear CKA finds {:.1} % of the layers with the fewest examples and {:.1} % with the most; {:.1} % after the shortest training and \
             {:.1} % after the longest; {:.1} % in the narrowest networks and {:.1} % in the widest.",
            examples.0, examples.1, epochs.0, epochs.1, width.0, width.1,
        ),
    }
}

fn table(row: &Row) -> String {
    let names: Vec<String> = PAPER_INDEXES.iter().map(|index| format!("{}, %", index.name)).collect();
    let mut table = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for step in row.found.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| step.get(name).map_or(String::new(), |value| value.as_str().map_or(value.to_string(), str::to_owned));
        let accuracy =
            |index: &Index| step.get("accuracy").and_then(|values| values.get(index.key)).map_or("-".to_owned(), Value::to_string);
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
}
