//! Beyond the paper: the tests by which the field judges measures, for every convention of the
//! library.

mod answers;
mod grounding;
mod groups;
mod layers;
mod networks;
mod noise;
mod optimised;
mod report;
mod statistics;
mod table;

use super::Experiment;
use super::context::{Context, Outcome, accuracies};
use crate::analysis::{Jackknife, jackknife};
use crate::error::Result;
use crate::figures::number;
use crate::preset::{Preset, Setting};
use answers::Answer;
use networks::{Captured, with_layers};
use serde_json::{Value, json};
use similitude::{Measure, registry};
use std::time::Instant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "field",
    title: "The field's own tests, for every measure of the library",
    claim: "Beyond the paper. No measure is best at everything: layer order, functional differences, the causes that networks were \
     trained to differ by, \
            few points that are moved, and too few examples each favour others. (ReSi, Klabunde et al. 2024; Ding et al. 2021; Davari et \
            al. 2022; Murphy et al. 2024; Cloos \
            et al. 2024; all on the digits)",
    rule: "No measure is among the best tenth in all tests of ReSi and of Ding et al. in which the best is told apart from a guess by two \
     standard deviations (those that tell \
           nothing are left out since their values are known); moving one example of 516 by 100 standard deviations lowers linear CKA by \
           more \
           than Procrustes's similarity; of independent data with as many neurons as examples biased linear CKA says more than 0.3 and \
           debiased less than 0.05 in absolute value",
    caption: "In the picture called trade-off each point is an index, the colors are measures, and the axes are columns of the table: \
     layers found against the mean of the three group \
              tests; layers found against the cost; outputs against deleted components; and a layer beside itself with one example moved \
              against independent data, where 1 and 0 \
              would be right. Indexes without a value have no point. In the picture called optimised the lines show which principal \
              components come first when a score is \
              optimised: a line at the top is a component that the score rewards early",
    setting,
    run,
    report: report::report,
    table: table::table,
};

/// The digits whatever the preset: the tests need some seventy networks.
fn setting(_: Preset) -> Setting {
    Setting { seeds: (1..=10).collect(), ..Setting::of(Preset::Quick) }
}

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(4)?;
    let measures: Vec<Measure> = registry::conventions();
    let networks = context.networks()?;
    let start = Instant::now();
    let (pictures, _) = context.workshop.pictures(context.setting.part, context.setting.examples)?;
    let captured: Vec<Captured> = networks.iter().map(|network| with_layers(network, &pictures, &measures)).collect::<Result<_>>()?;
    context.seconds.capture += start.elapsed().as_secs_f64();
    let start = Instant::now();
    let mut answers: Vec<Answer> = Vec::new();
    eprintln!("order of layers");
    answers.extend(layers::monotonicity(&captured, &measures)?);
    eprintln!("accuracy and outputs");
    answers.extend(layers::functions(&captured, &measures)?);
    eprintln!("probes and deleted components");
    answers.extend(grounding::probing(context, &networks, &captured, &measures)?);
    eprintln!("moved examples and independent data");
    answers.extend(noise::moved(&captured, &measures)?);
    answers.extend(noise::independent(&measures)?);
    for group in groups::GROUPS {
        eprintln!("groups by {}", group.name);
        answers.extend(groups::told_apart(context, &group, &pictures, &measures)?);
    }
    write(context, &measures, &answers)?;
    optimised::run(context, &captured)?;
    context.seconds.comparison += start.elapsed().as_secs_f64();
    Ok(Outcome::of_tables([
        ("group_networks", group_networks()),
        ("conventions", json!(measures.len())),
        ("test_accuracy", accuracies(&networks)),
    ]))
}

/// The networks of the groups, which are trained beside those of the seeds.
pub fn group_networks() -> Value {
    let (count, epochs) = groups::networks();
    json!({"count": count, "epochs": epochs})
}

fn write(context: &mut Context, measures: &[Measure], answers: &[Answer]) -> Result<()> {
    let rows = answers
        .iter()
        .map(|answer| [measures[answer.measure].to_string(), answer.test.clone(), number(answer.value), number(answer.standard_error)]);
    let rows: Vec<_> = rows.collect();
    context.folder.table("tests.csv", ["measure", "test", "value", "standard_error"], rows)
}

/// A statistic of several networks with its jackknife; `None` where the statistic of all of them
/// is.
fn over(networks: usize, statistic: impl Fn(Option<usize>) -> Option<f64>) -> Option<(f64, Option<f64>)> {
    let all: Option<Vec<f64>> = std::iter::once(None).chain((0..networks).map(Some)).map(&statistic).collect();
    let all = all?;
    let Jackknife { estimate, standard_error } = jackknife(networks, |out| all[out.map_or(0, |out| out + 1)]);
    Some((estimate, standard_error))
}
