//! Table 2 and Figure 2: does an index find the layer of another network that stands at the same place?

mod score;

use super::context::{Context, Outcome, accuracies, all_pairs, percent};
use super::Experiment;
use crate::analysis::{Family, PAPER_INDEXES, two_sided_p};
use crate::error::Result;
use crate::figures::{HeatPicture, number};
use crate::preset::Setting;
use crate::results::{Row, Verdict};
use score::Score;
use serde_json::{Map, Value, json};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "table-2",
    title: "Table 2 and Figure 2: finding the corresponding layer",
    claim: "Networks that differ in their seed alone have the same layers. For each layer of one network, the most similar layer of \
            another should be the one at the same place. CKA finds nearly all of them; CCA, SVCCA, PWCCA, linear regression and linear \
            HSIC do not",
    setting: Setting::of,
    run,
    table,
};

/// The accuracies of the paper's Table 2 in %, in the order of [`PAPER_INDEXES`].
const PAPER: [f64; 11] = [1.4, 10.6, 9.9, 15.1, 11.1, 45.4, 22.2, 99.3, 80.6, 99.1, 99.3];

/// Indexes whose difference from the best has a smaller p-value are worse than the best.
const SIGNIFICANCE: f64 = 0.05;

fn run(context: &mut Context) -> Result<Outcome> {
    let networks = context.networks()?;
    let mut scores = Vec::new();
    for family in [Family::Kernel, Family::Subspace] {
        let (count, examples) = match family {
            Family::Kernel => (networks.len(), context.setting.examples),
            Family::Subspace => (context.setting.subspace.networks.min(networks.len()), context.setting.subspace.examples),
        };
        let subjects = context.subjects(&networks[..count], examples)?;
        let pairs = all_pairs(count);
        // Kernel matrices fill the memory, so one kernel at a time; bases are shared by all indexes that compare subspaces.
        for group in groups(family) {
            let measures: Vec<&str> = group.iter().flat_map(|&index| PAPER_INDEXES[index].measures).copied().collect();
            let name = PAPER_INDEXES[group[0]].key.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
            let compared = context.compare(&name, &subjects, &pairs, &measures)?;
            let mut first = 0;
            for &index in &group {
                scores.push(Score::new(index, count, examples, &compared, first));
                first += PAPER_INDEXES[index].measures.len();
            }
        }
    }
    scores.sort_by_key(|score| score.index);
    let layers: Vec<String> = networks[0].run.network.layers()?.into_iter().map(|layer| layer.name).collect();
    write_means(context, &layers, &scores)?;
    let comparisons: Vec<Option<f64>> = compare_with_best(&scores);
    write_accuracies(context, &scores, &comparisons)?;
    let (verdict, explanation) = judge(&scores, &comparisons);
    Ok(Outcome {
        setting: Map::from_iter([
            ("layers".to_owned(), json!(layers)),
            ("test_accuracy".to_owned(), accuracies(&networks)),
        ]),
        found: found(&scores, &comparisons),
        verdict,
        explanation,
    })
}

/// Indexes that are computed together.
fn groups(family: Family) -> Vec<Vec<usize>> {
    let of_family: Vec<usize> = (0..PAPER_INDEXES.len()).filter(|&index| PAPER_INDEXES[index].family == family).collect();
    match family {
        Family::Subspace => vec![of_family],
        Family::Kernel => {
            let (linear, others): (Vec<usize>, Vec<usize>) = of_family.into_iter().partition(|&index| !PAPER_INDEXES[index].key.contains("rbf"));
            std::iter::once(linear).chain(others.into_iter().map(|index| vec![index])).collect()
        }
    }
}

/// For each index the p-value of its difference from the best one, over the networks that both were computed for.
fn compare_with_best(scores: &[Score]) -> Vec<Option<f64>> {
    let best = scores.iter().max_by(|one, other| one.accuracy().total_cmp(&other.accuracy()));
    scores.iter().map(|score| best.and_then(|best| two_sided_p(&score.below(best)))).collect()
}

/// The rule: linear CKA is above all indexes that are no CKA; it is not worse than the best index; RBF CKA with 0.4 and 0.8 of the median
/// distance are above all indexes that are no CKA too.
fn judge(scores: &[Score], p_values: &[Option<f64>]) -> (Verdict, String) {
    let is_cka = |score: &&Score| PAPER_INDEXES[score.index].key.starts_with("cka");
    let of = |key: &str| scores.iter().position(|score| PAPER_INDEXES[score.index].key == key).expect("an index of the paper");
    let other = scores.iter().filter(|score| !is_cka(score)).max_by(|one, other| one.accuracy().total_cmp(&other.accuracy()));
    let other = other.expect("an index of the paper is no CKA");
    let above = |key: &str| scores[of(key)].accuracy() > other.accuracy();
    let linear = of("cka");
    let not_worse = p_values[linear].is_none_or(|p| p >= SIGNIFICANCE);
    let verdict = Verdict::of(&[above("cka"), not_worse, above("cka:kernel=rbf,fraction=0.4") && above("cka:kernel=rbf,fraction=0.8")]);
    let explanation = format!(
        "Linear CKA finds {:.1} % of the corresponding layers{}; the best index that is no CKA, {}, finds {:.1} %; chance is {:.1} %.",
        100.0 * scores[linear].accuracy(),
        if not_worse { "" } else { ", which is less than the best CKA does" },
        PAPER_INDEXES[other.index].name,
        100.0 * other.accuracy(),
        100.0 * scores[linear].chance(),
    );
    (verdict, explanation)
}

fn found(scores: &[Score], p_values: &[Option<f64>]) -> Map<String, Value> {
    let by_index = |value: &dyn Fn(usize, &Score) -> Value| -> Value {
        scores.iter().enumerate().map(|(place, score)| (PAPER_INDEXES[score.index].key.to_owned(), value(place, score))).collect::<Map<_, _>>().into()
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
        "index", "paper_percent", "percent", "standard_error", "within_one_percent", "ties", "undefined", "trials", "networks", "examples",
        "p_same_as_best",
    ];
    let rows = scores.iter().zip(p_values).map(|(score, p)| {
        let total = score.total(None);
        [
            PAPER_INDEXES[score.index].key.to_owned(),
            PAPER[score.index].to_string(),
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

/// Figure 2: the mean value of every index for every pair of layers, over both orders of all pairs of networks.
fn write_means(context: &mut Context, layers: &[String], scores: &[Score]) -> Result<()> {
    let rows = scores.iter().flat_map(|score| {
        score.means.iter().enumerate().map(|(cell, mean)| {
            let (row, column) = (cell / layers.len(), cell % layers.len());
            [PAPER_INDEXES[score.index].key.to_owned(), layers[row].clone(), layers[column].clone(), number(*mean)]
        })
    });
    context.folder.table("means.csv", ["index", "layer_a", "layer_b", "mean"], rows)?;
    for score in scores {
        let index = &PAPER_INDEXES[score.index];
        let name = format!("figure-2-{}", index.key.replace(|character: char| !(character.is_ascii_alphanumeric() || character == '.'), "-"));
        let picture = HeatPicture {
            title: index.name,
            subtitle: format!("mean over pairs of {} networks, n = {}", score.networks, score.examples),
            row_axis: "layers of one network",
            column_axis: "layers of another",
            rows: layers,
            columns: layers,
            values: score.means.clone(),
            range: (index.key != "hsic").then_some((0.0, 1.0)),
            mark: true,
        };
        let drawn = picture.draw(&context.folder.path(&name))?;
        context.folder.picture(&name, drawn)?;
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
