//! Beyond the paper: the tests by which the field judges measures, for every convention of the
//! library.

mod draw;
mod grounding;
mod groups;
mod guide;
mod indexes;
mod judge;
mod layers;
mod networks;
mod noise;
mod optimised;
mod report;
mod statistics;
mod table;
mod trials;
mod values;

use super::Experiment;
use super::context::{Context, Outcome, accuracies};
use super::trade_off::timed;
use crate::error::Result;
use crate::figures::number;
use crate::preset::{Preset, Setting};
pub use guide::{MARKS, guide};
use networks::{Captured, with_layers};
use serde_json::{Value, json};
use similitude::{Measure, registry};
use std::time::Instant;
use values::Compared;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "field",
    title: "The field's own tests, for the measures of the library",
    claim: "Beyond the paper. No measure is best at everything: layer order, functional differences, the causes that networks were \
     trained to differ by, \
            few points that are moved, and too few examples each favour others. (ReSi, Klabunde et al. 2024; Ding et al. 2021; Davari et \
            al. 2022; Murphy et al. 2024; Cloos \
            et al. 2024; all on the digits)",
    rule: "In some test of order that tells something, every index is told apart from the best: by the jackknife over networks of the \
           difference, with Student's quantile, at 0.05 over the number of such tests. A test tells something where the best of all \
           indexes is as good by permuted truths in at most 0.05 of all cases, or 0.025 where two statistics answer one question (this \
           part \
           was replaced since its values are known: the one before could hardly fail); every one of the moves of examples lowers \
           linear CKA by more than the square of \
           Procrustes's similarity (all moves and the square since the values are known); of independent data with as many neurons as \
           examples \
           biased linear CKA says more than 0.3 and debiased less than 0.05 in absolute value",
    caption: "In the picture called trade-off each point is an index with its standard errors, the colors are measures, and the axes \
         are columns of \
              the table: layers found against the mean of the three group tests by AUPRC; layers found against the cost of a pair from \
              scratch; \
              outputs against deleted components; and a layer beside itself with one example moved against independent data. In the \
              last, 1 and \
              0 would be right, so that distances, HSIC and shared neighbours are left out: independent layers have some neighbours in \
              common. \
              Indexes without a value have no point. In the picture called optimised the lines show which principal components come \
              first when \
              a score is optimised, with standard errors over three starts: a line at the top is a component that the score rewards \
              early",
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
    // Training is no part of the analysis.
    let groups = (0..groups::GROUPS.len()).map(|place| groups::trained(context, place)).collect::<Result<Vec<_>>>()?;
    let start = Instant::now();
    let mut compared: Vec<Compared> = Vec::new();
    eprintln!("order of layers");
    compared.extend(layers::orders(&captured, &measures)?);
    eprintln!("accuracy and outputs");
    compared.extend(layers::functions(&captured, &measures)?);
    eprintln!("probes and deleted components");
    compared.extend(grounding::probing(context, &networks, &captured, &measures)?);
    eprintln!("moved examples and independent data");
    compared.extend(noise::moved(&captured, &measures)?);
    compared.extend(noise::independent(&measures)?);
    for (place, (group, networks)) in groups::GROUPS.iter().zip(&groups).enumerate() {
        eprintln!("groups by {}", group.name);
        compared.extend(groups::compared(group, networks, place, &pictures, &measures)?);
    }
    values::write(&mut context.folder, &measures, &compared)?;
    optimised::run(context, &captured)?;
    costs(context, &measures)?;
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

/// Writes what every measure costs to `costs.csv`, in milliseconds.
fn costs(context: &mut Context, measures: &[Measure]) -> Result<()> {
    eprintln!("costs");
    let rows = measures.iter().zip(timed(measures)?).map(|(measure, found)| {
        let [layer, pair] = [0, 1].map(|kind| number(found.map(|found| found[kind])));
        [measure.to_string(), layer, pair]
    });
    let rows: Vec<_> = rows.collect();
    context.folder.table("costs.csv", ["measure", "milliseconds_of_a_layer", "milliseconds_of_a_pair"], rows)
}
