//! Beyond the paper: what CCA and SVCCA are divided by, and how much of what they find is that.

mod count;
mod equal_ranks;
mod report;

use super::Experiment;
use super::context::{Context, Outcome, accuracies};
use super::pair_table::{Column, PairTable, PairValues};
use super::table_2::{layer_names, subspace_scores};
use crate::analysis::{PairScores, Subject};
use crate::error::{Error, Result};
use crate::preset::{Preset, Setting};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "divisor",
    title: "What CCA is divided by: the smaller rank, the larger one, or their geometric mean",
    claim: "Beyond the paper. CCA and SVCCA sum canonical correlations and divide by the smaller rank. Where ranks differ between layers, \
     that \
            makes a narrow layer inside a wide one very similar to it; with the larger rank the same correlations find layers, because the \
            divisor compares ranks",
    rule: "CCA by mean rho over the larger rank finds at least twice as many layers as over the smaller; the ranks alone, the smaller \
     over the \
           larger, which compares no representation at all, find at least half of what that finds; on random projections of all layers to \
           one \
           width, where no divisor differs from another, CCA finds less than linear CKA on the same projections",
    caption: "In the first two charts compare the lines of the divisors with one another, and with that of the ranks alone, which compare \
     nothing. The third chart has the \
              ranks along the network",
    setting,
    run,
    report: report::report,
    table: report::table,
};

/// The networks that Table 2 computes the CCA family for: the comparisons are the same, and made
/// once.
fn setting(preset: Preset) -> Setting {
    let setting = Setting::of(preset);
    Setting { seeds: (1..=setting.subspace.networks as u64).collect(), ..setting }
}

/// The shares of the variance that SVCCA keeps; none is CCA, which keeps all.
const THRESHOLDS: [Option<&str>; 7] = [Some("0.5"), Some("0.6"), Some("0.7"), Some("0.8"), Some("0.9"), Some("0.99"), None];

const SUMMARIES: [&str; 2] = ["rho", "r2"];

/// The measure with the smaller rank as divisor, from which those with the others follow.
fn key(summary: &str, threshold: Option<&str>) -> String {
    match threshold {
        Some(threshold) => format!("svcca:summary={summary},threshold={threshold}"),
        None => format!("cca:summary={summary}"),
    }
}

/// The column of `ranks.csv` with the dimensions that a threshold keeps.
fn rank_column(threshold: Option<&str>) -> String {
    threshold.map_or("rank".to_owned(), |threshold| format!("kept_{threshold}"))
}

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let count = context.setting.subspace.networks.min(networks.len());
    let networks = &networks[..count];
    let layers = layer_names(networks)?;
    let (group, compared) = subspace_scores(context, networks)?;
    let place = |key: &str| {
        // The indexes of Table 2 keep 0.99 without saying so.
        let key = key.trim_end_matches(",threshold=0.99");
        let place = group.iter().position(|index| index.key == key).expect("Table 2 has every threshold");
        group[..place].iter().map(|index| index.measures.len()).sum::<usize>()
    };
    let subjects = context.subspace_subjects(networks)?;
    let ranks = ranks(context, &subjects, &compared, THRESHOLDS.map(|threshold| place(&key(SUMMARIES[0], threshold))))?;
    let keys = SUMMARIES.iter().flat_map(|summary| THRESHOLDS.map(|threshold| key(summary, threshold)));
    let mut columns: Vec<Column> = keys
        .map(|key| {
            let values = |pair: &PairScores| PairValues::symmetric(pair.a, pair.b, pair.rows, pair.values(place(&key)));
            Column { pairs: compared.iter().map(values).collect(), key }
        })
        .collect();
    let least = ranks.values().map(|ranks| ranks[THRESHOLDS.len() - 1]).min().unwrap_or(1);
    columns.extend(equal_ranks::columns(context, &subjects, least)?);
    let table = PairTable { seeds: context.setting.seeds[..count].to_vec(), layers, columns };
    table.write(&mut context.folder)?;
    Ok(Outcome::of_tables([("projected_to", json!(least)), ("test_accuracy", accuracies(networks))]))
}

/// The dimensions of each layer by [`THRESHOLDS`], from what the comparisons by the measures at
/// `places` say of both sides; writes them.
fn ranks(
    context: &mut Context,
    subjects: &[Subject],
    compared: &[PairScores],
    places: [usize; THRESHOLDS.len()],
) -> Result<BTreeMap<(usize, usize), Vec<usize>>> {
    let mut ranks = BTreeMap::new();
    let mut rows = Vec::new();
    for (network, subject) in subjects.iter().enumerate() {
        for (layer, shape) in subject.layers()?.iter().enumerate() {
            // Of a pair that the network is in, as the first or the second.
            let pair = compared.iter().find(|pair| pair.a == network || pair.b == network);
            let of = |place: usize, threshold: Option<&str>| {
                let pair = pair?;
                let (row, column, side) = if pair.a == network { (layer, 0, "x") } else { (0, layer, "y") };
                let name = if threshold.is_some() { format!("kept_{side}") } else { format!("rank_{side}") };
                pair.outcome(place, row, column).diagnostic(&name).map(|rank| rank as usize)
            };
            let all: Option<Vec<usize>> = places.into_iter().zip(THRESHOLDS).map(|(place, threshold)| of(place, threshold)).collect();
            let all = all.ok_or_else(|| Error::Undefined {
                what: format!("the ranks of layer {} of {}", shape.name, subject.name()),
                reason: "CCA has no value there: it needs more pictures than the layer has neurons".to_owned(),
            })?;
            let cells = [context.setting.seeds[network].to_string(), shape.name.clone(), shape.neurons().to_string()];
            rows.push(cells.into_iter().chain(all.iter().map(usize::to_string)).collect::<Vec<_>>());
            ranks.insert((network, layer), all);
        }
    }
    let header: Vec<String> = ["network", "layer", "width"].map(str::to_owned).into_iter().chain(THRESHOLDS.map(rank_column)).collect();
    context.folder.rows("ranks.csv", &header, rows)?;
    Ok(ranks)
}
