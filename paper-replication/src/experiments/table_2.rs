//! Table 2 and Figure 2: does an index find the layer of another network that stands at the same
//! place?

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, percent};
use super::score::Score;
use crate::analysis::{Family, Index, PAPER_INDEXES, SVCCA_THRESHOLDS, two_sided_p};
use crate::error::{Error, Result};
use crate::figures::{HeatPicture, number};
use crate::job::Trained;
use crate::preset::{Setting, Subspace};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "table-2",
    title: "Table 2 and Figure 2: finding the corresponding layer",
    claim: "Networks that differ in their seed alone have the same layers. For each layer of one network, the most similar layer of \
            another should be the one at the same place. CKA finds nearly all of them; CCA, SVCCA, PWCCA, linear regression and linear \
            HSIC do not",
    rule: "Linear CKA is above all indexes that are no CKA; it is as good as the best index (jackknife z-test, 0.05); RBF CKA \
           with 0.4 and 0.8 of the median distance are above all indexes that are no CKA too",
    setting: Setting::of,
    run,
    table,
};

/// The accuracies of the paper's Table 2 in %, in the order of [`PAPER_INDEXES`].
const PAPER: [f64; 11] = [1.4, 10.6, 9.9, 15.1, 11.1, 45.4, 22.2, 99.3, 80.6, 99.1, 99.3];

/// Indexes whose difference from the best has a smaller p-value are worse than the best.
const SIGNIFICANCE: f64 = 0.05;

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let mut scores = Vec::new();
    // Kernel matrices fill the memory, so one kernel at a time.
    for group in kernel_groups() {
        let subjects = context.subjects(&networks, context.setting.examples)?;
        let measures: Vec<&str> = group.iter().flat_map(|index| index.measures).copied().collect();
        let compared = context.compare(&group[0].file_stem(), &subjects, &all_pairs(networks.len()), &measures)?;
        scores.extend(Score::of_group(&group, networks.len(), context.setting.examples, &compared));
    }
    scores.extend(subspace_scores(context, &networks)?.into_iter().filter(|score| place(score).is_some()));
    scores.sort_by_key(place);
    let layers: Vec<String> = networks[0].run.network.layers()?.into_iter().map(|layer| layer.name).collect();
    write_means(context, &layers, &scores)?;
    let p_values: Vec<Option<f64>> = compare_with_best(&scores);
    write_accuracies(context, &scores, &p_values)?;
    let (verdict, explanation) = judge(&scores, &p_values);
    Ok(Outcome {
        setting: Map::from_iter([("layers".to_owned(), json!(layers)), ("test_accuracy".to_owned(), accuracies(&networks))]),
        found: found(&scores, &p_values),
        verdict,
        explanation,
    })
}

/// The place of an index in the paper's table; SVCCA with other thresholds has none.
fn place(score: &Score) -> Option<usize> {
    PAPER_INDEXES.iter().position(|index| index == score.index)
}

/// Linear HSIC and CKA together, then one RBF kernel after the other.
fn kernel_groups() -> Vec<Vec<&'static Index>> {
    let (linear, others): (Vec<_>, Vec<_>) =
        PAPER_INDEXES.iter().filter(|index| index.family == Family::Kernel).partition(|index| !index.key.contains("rbf"));
    std::iter::once(linear).chain(others.into_iter().map(|index| vec![index])).collect()
}

/// The indexes that compare subspaces, SVCCA with all thresholds of Figure F.3 among them: bases
/// are the larger part of the work, and shared.
pub(super) fn subspace_scores(context: &mut Context, networks: &[Arc<Trained>]) -> Result<Vec<Score>> {
    let Subspace { networks: count, examples, part } = context.setting.subspace;
    let count = count.min(networks.len());
    if count < 2 {
        return Err(Error::Setting(format!("{count} network for the indexes that compare subspaces: at least 2 are compared")));
    }
    let subjects = context.subspace_subjects(&networks[..count])?;
    let group: Vec<&'static Index> =
        PAPER_INDEXES.iter().filter(|index| index.family == Family::Subspace).chain(&SVCCA_THRESHOLDS).collect();
    let measures: Vec<&str> = group.iter().flat_map(|index| index.measures).copied().collect();
    let compared = context.compare_for(EXPERIMENT.id, &format!("subspaces-{}", part.name()), &subjects, &all_pairs(count), &measures)?;
    Ok(Score::of_group(&group, count, examples, &compared))
}

/// For each index the p-value of its difference from the best one, over the networks that both were
/// computed for.
fn compare_with_best(scores: &[Score]) -> Vec<Option<f64>> {
    let best = scores.iter().max_by(|one, other| one.accuracy().total_cmp(&other.accuracy()));
    scores.iter().map(|score| best.and_then(|best| two_sided_p(&score.below(best)))).collect()
}

/// The verdict, by the rule that the experiment states.
fn judge(scores: &[Score], p_values: &[Option<f64>]) -> (Verdict, String) {
    let is_cka = |score: &&Score| score.index.key.starts_with("cka");
    let of = |key: &str| scores.iter().position(|score| score.index.key == key).expect("an index of the paper");
    let other = scores.iter().filter(|score| !is_cka(score)).max_by(|one, other| one.accuracy().total_cmp(&other.accuracy()));
    let other = other.expect("an index of the paper is no CKA");
    let above = |key: &str| scores[of(key)].accuracy() > other.accuracy();
    let linear = of("cka");
    let not_worse = p_values[linear].is_none_or(|p| p >= SIGNIFICANCE);
    let verdict = Verdict::of(&[above("cka"), not_worse, above("cka:kernel=rbf,fraction=0.4") && above("cka:kernel=rbf,fraction=0.8")]);
    let explanation = format!(
        "Linear CKA finds {:.1} % of the corresponding layers{}; the best index that is no CKA, {}, finds {:.1} %; chance is {:.1} %.{}",
        100.0 * scores[linear].accuracy(),
        if not_worse { "" } else { ", which is less than the best CKA does" },
        other.index.name,
        100.0 * other.accuracy(),
        100.0 * scores[linear].chance(),
        beside_the_paper(scores),
    );
    (verdict, explanation)
}

/// How far the CCA family is from the paper's numbers.
fn beside_the_paper(scores: &[Score]) -> String {
    const NEAR: f64 = 10.0;
    let family = scores.iter().filter(|score| score.index.family == Family::Subspace && score.index.key.contains("cca"));
    let differences: Vec<(&str, f64)> =
        family.filter_map(|score| Some((score.index.name, 100.0 * score.accuracy() - PAPER[place(score)?]))).collect();
    let Some((name, difference)) = differences.iter().max_by(|one, other| one.1.abs().total_cmp(&other.1.abs())) else {
        return String::new();
    };
    let near = differences.iter().filter(|(_, difference)| difference.abs() <= NEAR).count();
    format!(
        " Of the {} indexes of the CCA family, {near} are within {NEAR} points of the paper's numbers; {name} is farthest, by {difference:+.1} points.",
        differences.len()
    )
}

fn found(scores: &[Score], p_values: &[Option<f64>]) -> Map<String, Value> {
    let by_index = |value: &dyn Fn(usize, &Score) -> Value| -> Value {
        scores.iter().enumerate().map(|(place, score)| (score.index.key.to_owned(), value(place, score))).collect::<Map<_, _>>().into()
    };
    Map::from_iter([
        ("accuracy".to_owned(), by_index(&|_, score| json!(percent(score.accuracy())))),
        ("standard_error".to_owned(), by_index(&|_, score| json!(score.jackknife().standard_error.map(percent)))),
        ("accuracy_within_one".to_owned(), by_index(&|_, score| json!(percent(score.total(None).accuracy_within_one())))),
        ("ties".to_owned(), by_index(&|_, score| json!(score.total(None).ties))),
        ("undefined".to_owned(), by_index(&|_, score| json!(score.total(None).undefined))),
        ("trials".to_owned(), by_index(&|_, score| json!(score.total(None).trials))),
        ("p_same_as_best".to_owned(), by_index(&|place, _| json!(p_values[place]))),
        ("networks".to_owned(), by_index(&|_, score| json!(score.networks))),
        ("examples".to_owned(), by_index(&|_, score| json!(score.examples))),
        ("chance".to_owned(), json!(percent(scores[0].chance()))),
    ])
}

fn write_accuracies(context: &mut Context, scores: &[Score], p_values: &[Option<f64>]) -> Result<()> {
    let header = [
        "index",
        "paper_percent",
        "percent",
        "standard_error",
        "within_one_percent",
        "ties",
        "undefined",
        "trials",
        "networks",
        "examples",
        "p_same_as_best",
    ];
    let rows = scores.iter().zip(p_values).map(|(score, p)| {
        let total = score.total(None);
        [
            score.index.key.to_owned(),
            place(score).map_or(String::new(), |place| PAPER[place].to_string()),
            number(Some(100.0 * score.accuracy())),
            number(score.jackknife().standard_error.map(|error| 100.0 * error)),
            number(Some(100.0 * total.accuracy_within_one())),
            total.ties.to_string(),
            total.undefined.to_string(),
            total.trials.to_string(),
            score.networks.to_string(),
            score.examples.to_string(),
            number(*p),
        ]
    });
    context.folder.table("accuracies.csv", header, rows)
}

/// Figure 2: the mean value of every index for every pair of layers, over both orders of all pairs
/// of networks.
fn write_means(context: &mut Context, layers: &[String], scores: &[Score]) -> Result<()> {
    let rows = scores.iter().flat_map(|score| {
        score.means.iter().enumerate().map(|(cell, mean)| {
            let (row, column) = (cell / layers.len(), cell % layers.len());
            [score.index.key.to_owned(), layers[row].clone(), layers[column].clone(), number(*mean)]
        })
    });
    context.folder.table("means.csv", ["index", "layer_a", "layer_b", "mean"], rows)?;
    for score in scores {
        let index = score.index;
        let name = format!("figure-2-{}", index.file_stem());
        let picture = HeatPicture {
            title: index.name,
            subtitle: format!("mean over pairs of {} networks, n = {}", score.networks, score.examples),
            row_axis: "layers of one network",
            column_axis: "layers of another",
            rows: layers,
            columns: layers,
            values: score.means.clone(),
            range: index.range(),
            mark: true,
        };
        context.heat(&name, picture)?;
    }
    Ok(())
}

fn table(row: &Row) -> String {
    let cell = |name: &str, key: &str| row.found.get(name).and_then(|values| values.get(key)).cloned().unwrap_or(Value::Null);
    let number = |name: &str, key: &str| cell(name, key).as_f64().map_or("-".to_owned(), |value| format!("{value:.1}"));
    let mut table = String::from(
        "| index | paper, % | here, % | standard error | within one layer, % | ties | networks | n | p: as good as the best |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for (index, paper) in PAPER_INDEXES.iter().zip(PAPER) {
        let key = index.key;
        let p = cell("p_same_as_best", key).as_f64().map_or("-".to_owned(), |p| format!("{p:.3}"));
        table += &format!(
            "| {} | {paper} | {} | {} | {} | {} | {} | {} | {p} |\n",
            index.name,
            number("accuracy", key),
            number("standard_error", key),
            number("accuracy_within_one", key),
            cell("ties", key),
            cell("networks", key),
            cell("examples", key),
        );
    }
    let chance = row.found.get("chance").and_then(Value::as_f64).unwrap_or_default();
    table + &format!("\nChance is {chance:.1} %. A tie counts as a miss. Standard errors and p-values: jackknife over networks.\n")
}
