//! Figure 5: layers of networks of different architectures.

use super::Experiment;
use super::architectures::{self, at_comparable_layers};
use super::context::{Context, Outcome, accuracies, rounded};
use super::layer_table::LayerTable;
use crate::analysis::{Index, paper_index};
use crate::error::Result;
use crate::preset::{Part, Preset, Setting, Subspace};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-5",
    title: "Figure 5: across architectures, linear CKA",
    claim: "CKA relates the layers of different architectures: the most similar layer moves monotonically through the other network, as if \
            new layers were inserted between the old ones",
    rule: "In every pair of architectures the rank correlation between the place of a layer and that of its most similar layer is \
           at least 0.9",
    setting: architectures::setting,
    run,
    table,
};

pub(super) const OTHER_INDEXES: Experiment = Experiment {
    id: "figure-f5",
    title: "Figure F.5: across architectures, the other indexes",
    claim: "CCA, SVCCA, PWCCA and linear regression do not show which layers of different architectures belong together",
    rule: "Each index has, in some pair of architectures, a rank correlation below 0.9 between the place of a layer and that of \
           its most similar layer",
    setting: subspace_setting,
    run: run_others,
    table,
};

/// The architectures of each preset, and which are compared.
fn compared(preset: Preset) -> (&'static [&'static str], &'static [(usize, usize)]) {
    match preset {
        Preset::Quick => (&["plain-10", "plain-18", "resnet-14"], &[(0, 1), (0, 2)]),
        _ => (&["plain-10", "plain-18", "resnet-14", "resnet-32"], &[(0, 1), (0, 2), (1, 3), (2, 3)]),
    }
}

fn subspace_setting(preset: Preset) -> Setting {
    let mut setting = architectures::setting(preset);
    if preset == Preset::Standard {
        // More than twice the widest layer, 2048 neurons.
        setting.subspace.examples = 5000;
    }
    setting
}

/// At this rank correlation between a layer's place and that of its most similar layer, the order
/// of layers is found.
const MONOTONE: f64 = 0.9;

fn run(context: &mut Context) -> Result<Outcome> {
    let (part, examples) = (context.setting.part, context.setting.examples);
    let (mut outcome, correlations) = compare(context, &[paper_index("cka")], part, examples, "cka")?;
    outcome.verdict = Verdict::of(&correlations.iter().map(|(_, correlation)| *correlation >= MONOTONE).collect::<Vec<_>>());
    let least = correlations.iter().min_by(|one, other| one.1.total_cmp(&other.1)).expect("at least two pairs");
    outcome.explanation = format!(
        "The place of the most similar layer follows the place of the layer with a rank correlation of at least {:.2} ({}).",
        least.1, least.0
    );
    Ok(outcome)
}

fn run_others(context: &mut Context) -> Result<Outcome> {
    let indexes: Vec<&'static Index> = ["cca:summary=r2", "svcca:summary=r2", "pwcca", "linear-regression"].map(paper_index).to_vec();
    let Subspace { part, examples, .. } = context.setting.subspace;
    let (mut outcome, correlations) = compare(context, &indexes, part, examples, "subspaces")?;
    let fails = |index: &Index| {
        let mut of_index = correlations.iter().filter(|(name, _)| name.starts_with(index.key));
        of_index.any(|(_, correlation)| *correlation < MONOTONE)
    };
    let failed: Vec<bool> = indexes.iter().map(|index| fails(index)).collect();
    outcome.verdict = Verdict::of(&failed);
    let names: Vec<&str> = indexes.iter().zip(&failed).filter(|(_, failed)| !**failed).map(|(index, _)| index.name).collect();
    outcome.explanation = match names.is_empty() {
        true => format!("None of the {} indexes finds the order of the layers in all pairs of architectures.", indexes.len()),
        false => format!("The order of the layers is found in all pairs of architectures by: {}.", names.join(", ")),
    };
    Ok(outcome)
}

/// Compares all pairs of architectures by these indexes; gives the rank correlation of each index
/// and pair, under `KEY ARCHITECTURES`.
fn compare(
    context: &mut Context,
    indexes: &[&'static Index],
    part: Part,
    examples: usize,
    name: &str,
) -> Result<(Outcome, Vec<(String, f64)>)> {
    let (architectures, pairs) = compared(context.preset);
    let networks = architectures::networks(context, architectures)?;
    let subjects = context.subjects_on(&networks, part, examples)?.into_iter().map(at_comparable_layers).collect::<Result<Vec<_>>>()?;
    let measures: Vec<&str> = indexes.iter().flat_map(|index| index.measures).copied().collect();
    let scores = context.compare(name, &subjects, pairs, &measures)?;
    let mut tables = Vec::new();
    let mut correlations = Vec::new();
    for pair in &scores {
        let (rows, columns) = (subjects[pair.a].layer_names()?, subjects[pair.b].layer_names()?);
        let (row_axis, column_axis) = (architectures[pair.a], architectures[pair.b]);
        let mut first = 0;
        for index in indexes {
            // Asymmetric indexes are made symmetric as in Table 2: by the mean of both orders.
            let (there, back) = index.both_orders(pair, first);
            first += index.measures.len();
            let both = |row: usize, column: usize| {
                let (there, back) = (there[row * columns.len() + column], back[column * rows.len() + row]);
                there.zip(back).map(|(there, back)| f64::midpoint(there, back))
            };
            let values =
                (0..rows.len()).flat_map(|row| (0..columns.len()).map(move |column| (row, column))).map(|(row, column)| both(row, column));
            let table = LayerTable {
                name: format!("{} {row_axis} {column_axis}", index.key),
                rows: rows.clone(),
                columns: columns.clone(),
                values: values.collect(),
            };
            correlations.push((table.name.clone(), order_found(&table)));
            let title = format!("{}: {row_axis} and {column_axis}", index.name);
            let mut picture = table.picture(&title, format!("n = {examples}"), (row_axis, column_axis));
            picture.mark = true;
            context.heat(&format!("{}-{row_axis}-{column_axis}", index.file_stem()), picture)?;
            tables.push(table);
        }
    }
    context.layer_tables("values.csv", &tables)?;
    let by_name: Map<String, Value> = correlations.iter().map(|(name, value)| (name.clone(), json!(rounded(*value)))).collect();
    let outcome = Outcome {
        setting: Map::from_iter([("test_accuracy".to_owned(), accuracies(&networks))]),
        found: Map::from_iter([("rank_correlation".to_owned(), by_name.into())]),
        verdict: Verdict::Not,
        explanation: String::new(),
    };
    Ok((outcome, correlations))
}

/// Spearman's rank correlation between the place of a row and the place of its most similar column;
/// 0 where that is the same for all rows, and where a row has a pair without a value, which is no
/// order at all.
fn order_found(table: &LayerTable) -> f64 {
    let most_similar = |row: usize| {
        let values: Option<Vec<f64>> = (0..table.columns.len()).map(|column| table.at(row, column)).collect();
        values.and_then(|values| (0..values.len()).max_by(|&one, &other| values[one].total_cmp(&values[other])))
    };
    let places: Option<Vec<usize>> = (0..table.rows.len()).map(most_similar).collect();
    places.map_or(0.0, |places| rank_correlation(&places))
}

/// Spearman's rank correlation of values with their places; equal values share their mean rank. 0
/// where all are equal.
fn rank_correlation(values: &[usize]) -> f64 {
    let rank = |value: usize| {
        let below = values.iter().filter(|&&other| other < value).count() as f64;
        let equal = values.iter().filter(|&&other| other == value).count() as f64;
        below + (equal - 1.0) / 2.0
    };
    let center = (values.len() as f64 - 1.0) / 2.0;
    let (mut product, mut places, mut ranks) = (0.0, 0.0, 0.0);
    for (place, &value) in values.iter().enumerate() {
        let (x, y) = (place as f64 - center, rank(value) - center);
        product += x * y;
        places += x * x;
        ranks += y * y;
    }
    if ranks == 0.0 || places == 0.0 { 0.0 } else { product / (places * ranks).sqrt() }
}

fn table(row: &Row) -> String {
    let mut table = String::from("| index and architectures | rank correlation |\n|---|---|\n");
    for (name, value) in row.found.get("rank_correlation").and_then(Value::as_object).into_iter().flatten() {
        table += &format!("| {name} | {value} |\n");
    }
    table
        + "\nBetween the place of a layer and that of its most similar layer in the other network. The paper shows pictures, no numbers.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_correlation_is_spearmans() {
        assert_eq!(rank_correlation(&[0, 2, 3, 9]), 1.0);
        assert_eq!(rank_correlation(&[9, 3, 2, 0]), -1.0);
        assert_eq!(rank_correlation(&[4, 4, 4]), 0.0);
        // Ranks 0.5, 0.5, 2, 3 against 0, 1, 2, 3: 4.5 / sqrt(5 * 4.5).
        assert!((rank_correlation(&[1, 1, 5, 6]) - 4.5 / (5.0_f64 * 4.5).sqrt()).abs() < 1e-15);
    }
}
