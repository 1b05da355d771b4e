//! Table 2 and Figure 2: does an index find the layer of another network that stands at the same
//! place?

mod report;
mod verdict;

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs};
use super::pair_table::{Column, PairTable, PairValues};
use crate::analysis::{Family, Index, PAPER_INDEXES, PairScores, SVCCA_THRESHOLDS};
use crate::error::{Error, Result};
use crate::job::Trained;
use crate::preset::{Setting, Subspace};
use serde_json::json;
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "table-2",
    title: "Table 2 and Figure 2: finding the corresponding layer",
    claim: "Networks that differ in their seed alone have the same layers. For each layer of one network, the most similar layer of \
            another should be the one at the same place. CKA finds nearly all of them; CCA, SVCCA, PWCCA, linear regression and linear \
            HSIC do not",
    rule: "Linear CKA is above all indexes that are no CKA; it is as good as the best index (it is the best, or a jackknife z-test at \
     0.05 of \
           at least 5 networks says so: with fewer this is not tested, and not passed either); RBF CKA with 0.4 and 0.8 of the median \
           distance are above all indexes that \
           are no CKA too; linear CKA finds at least nine tenths of the layers (this part was added later)",
    caption: "In each heat map the square of a row is its largest value; a good index has it on the diagonal in every row: count how many \
     are not, and look \
              at which columns they stand in. Linear regression is drawn as in the paper, the layer on the x axis fitted from the layer \
              on the y axis, \
              and once more as the accuracy takes it, the sum of both directions",
    setting: Setting::of,
    run,
    report: report::report,
    table: report::table,
};

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let mut columns = Vec::new();
    // Kernel matrices fill the memory, so one kernel at a time.
    for group in kernel_groups() {
        let subjects = context.subjects(&networks, context.setting.examples)?;
        let measures: Vec<&str> = group.iter().flat_map(|index| index.measures).copied().collect();
        let compared = context.compare(&group[0].file_stem(), &subjects, &all_pairs(networks.len()), &measures)?;
        columns.extend(of_group(&group, &compared));
    }
    columns.extend(subspace_columns(context, &networks)?.into_iter().filter(|column| place(&column.key).is_some()));
    columns.sort_by_key(|column| place(&column.key));
    let layers = layer_names(&networks)?;
    let pairs = PairTable { seeds: context.setting.seeds.clone(), layers, columns };
    pairs.write(&mut context.folder)?;
    Ok(Outcome::of_tables([("layers", json!(pairs.layers)), ("test_accuracy", accuracies(&networks))]))
}

/// The layers that all these networks have.
pub(super) fn layer_names(networks: &[Arc<Trained>]) -> Result<Vec<String>> {
    Ok(networks[0].run.network.layers()?.into_iter().map(|layer| layer.name).collect())
}

/// The values of each index of a group whose measures were compared together, in their order.
fn of_group(group: &[&'static Index], compared: &[PairScores]) -> Vec<Column> {
    let mut first = 0;
    let column = |index: &&'static Index| {
        let pairs = PairValues::of_index(index, compared, first);
        first += index.measures.len();
        Column { key: index.key.to_owned(), pairs }
    };
    group.iter().map(column).collect()
}

/// The place of an index in the paper's table; SVCCA with other thresholds has none.
fn place(key: &str) -> Option<usize> {
    PAPER_INDEXES.iter().position(|index| index.key == key)
}

/// Linear HSIC and CKA together, then one RBF kernel after the other.
fn kernel_groups() -> Vec<Vec<&'static Index>> {
    let (linear, others): (Vec<_>, Vec<_>) =
        PAPER_INDEXES.iter().filter(|index| index.family == Family::Kernel).partition(|index| !index.key.contains("rbf"));
    std::iter::once(linear).chain(others.into_iter().map(|index| vec![index])).collect()
}

/// The indexes that compare subspaces, SVCCA with all thresholds of Figure F.3 among them: bases
/// are the larger part of the work, and shared.
pub(super) fn subspace_columns(context: &mut Context, networks: &[Arc<Trained>]) -> Result<Vec<Column>> {
    let (group, compared) = subspace_scores(context, networks)?;
    Ok(of_group(&group, &compared))
}

/// The same with what each comparison says beside its value: the indexes, whose measures follow
/// each other in this order, and the pairs of networks.
pub(super) fn subspace_scores(context: &mut Context, networks: &[Arc<Trained>]) -> Result<(Vec<&'static Index>, Vec<PairScores>)> {
    let Subspace { networks: count, part, .. } = context.setting.subspace;
    let count = count.min(networks.len());
    if count < 2 {
        return Err(Error::Setting(format!("{count} network for the indexes that compare subspaces: at least 2 are compared")));
    }
    let subjects = context.subspace_subjects(&networks[..count])?;
    let group: Vec<&'static Index> =
        PAPER_INDEXES.iter().filter(|index| index.family == Family::Subspace).chain(&SVCCA_THRESHOLDS).collect();
    let measures: Vec<&str> = group.iter().flat_map(|index| index.measures).copied().collect();
    let compared = context.compare_for(EXPERIMENT.id, &format!("subspaces-{}", part.name()), &subjects, &all_pairs(count), &measures)?;
    Ok((group, compared))
}
