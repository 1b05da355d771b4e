//! The page of Table 2, from the values of all pairs.

use super::super::pair_table::PairTable;
use super::super::report::{Judged, Report};
use super::super::score::Score;
use super::place;
use super::verdict::{judge, nearness, saturation};
use crate::analysis::{Family, Index, PAPER_INDEXES, two_sided_p};
use crate::error::Result;
use crate::figures::{HeatPicture, number};
use crate::results::Row;
use serde_json::{Map, Value, json};
use similitude::Direction;

/// The accuracies of the paper's Table 2 in %, in the order of [`PAPER_INDEXES`].
const PAPER: [f64; 11] = [1.4, 10.6, 9.9, 15.1, 11.1, 45.4, 22.2, 99.3, 80.6, 99.1, 99.3];

/// With fewer networks a z-test of a jackknife's few values says nothing: its p-value is left out.
pub(in super::super) const LEAST_NETWORKS_FOR_P: usize = 5;

/// What the table says of one index.
pub(super) struct Line {
    pub index: &'static Index,
    /// In %.
    pub accuracy: f64,
    pub standard_error: Option<f64>,
    pub within_one: f64,
    pub ties: u64,
    pub undefined: u64,
    pub trials: u64,
    pub networks: u64,
    pub examples: u64,
    pub p: Option<f64>,
}

impl Line {
    pub fn paper(&self) -> f64 {
        PAPER[place(self.index.key).expect("a line is of an index of the paper")]
    }

    /// How far it is from the paper, in points.
    pub fn difference(&self) -> f64 {
        self.accuracy - self.paper()
    }
}

pub(super) fn report(report: &mut Report<'_>) -> Result<Judged> {
    let lines = match report.folder.read("pairs.csv")? {
        Some(table) => from_pairs(report, &PairTable::read(&table)?)?,
        None => from_accuracies(report)?,
    };
    write_accuracies(report, &lines)?;
    draw(report, &lines)?;
    let layers = report.setting.get("layers").and_then(Value::as_array).map_or(1, Vec::len);
    let chance = 100.0 / layers as f64;
    let (verdict, mut explanation) = judge(&lines, chance);
    if report.setting.get("data").and_then(Value::as_str) == Some("cifar-10") {
        explanation += &nearness(&lines);
        explanation += &saturation(&lines, &report.tables_of("means.csv", "index", "mean")?);
    }
    Ok(Judged { found: found(&lines, chance), verdict, explanation })
}

/// Counts the pairs, and writes the means over them.
fn from_pairs(report: &mut Report<'_>, pairs: &PairTable) -> Result<Vec<Line>> {
    let examples = |index: &Index| {
        let all = match index.family {
            Family::Kernel => report.setting.get("examples"),
            Family::Subspace => report.setting.get("subspace").and_then(|subspace| subspace.get("examples")),
        };
        all.and_then(Value::as_u64).unwrap_or(0) as usize
    };
    let score = |index: &'static Index| {
        let column = pairs.columns.iter().find(|column| column.key == index.key)?;
        let networks = 1 + column.pairs.iter().map(|pair| pair.b).max()?;
        Some(Score::new(index, Direction::Similarity, networks, examples(index), pairs.layers.len(), &column.pairs))
    };
    let scores: Vec<Score> = PAPER_INDEXES.iter().filter_map(score).collect();
    let rows = scores.iter().flat_map(|score| {
        score.means.iter().enumerate().map(|(cell, mean)| {
            let (row, column) = (cell / pairs.layers.len(), cell % pairs.layers.len());
            [score.index.key.to_owned(), pairs.layers[row].clone(), pairs.layers[column].clone(), number(*mean)]
        })
    });
    report.folder.table("means.csv", ["index", "layer_a", "layer_b", "mean"], rows)?;
    let best = scores.iter().max_by(|one, other| one.accuracy().total_cmp(&other.accuracy()));
    let line = |score: &Score| {
        let total = score.total(None);
        let p = best.filter(|best| score.networks.min(best.networks) >= LEAST_NETWORKS_FOR_P);
        Line {
            index: score.index,
            accuracy: 100.0 * score.accuracy(),
            standard_error: score.jackknife().standard_error.map(|error| 100.0 * error),
            within_one: 100.0 * total.accuracy_within_one(),
            ties: total.ties as u64,
            undefined: total.undefined as u64,
            trials: total.trials as u64,
            networks: score.networks as u64,
            examples: score.examples as u64,
            p: p.and_then(|best| two_sided_p(&score.below(best))),
        }
    };
    Ok(scores.iter().map(line).collect())
}

/// Reads what was counted before.
fn from_accuracies(report: &Report<'_>) -> Result<Vec<Line>> {
    let table = report.table("accuracies.csv")?;
    let keys = table.column("index")?;
    let number = |name: &str| table.full(name);
    let (accuracy, within_one, ties, undefined) =
        (number("percent")?, number("within_one_percent")?, number("ties")?, number("undefined")?);
    let (trials, networks, examples) = (number("trials")?, number("networks")?, number("examples")?);
    let (standard_error, p) = (table.numbers("standard_error")?, table.numbers("p_same_as_best")?);
    let line = |(row, key): (usize, &&str)| {
        let index = PAPER_INDEXES.iter().find(|index| index.key == *key)?;
        Some(Line {
            index,
            accuracy: accuracy[row],
            standard_error: standard_error[row],
            within_one: within_one[row],
            ties: ties[row] as u64,
            undefined: undefined[row] as u64,
            trials: trials[row] as u64,
            networks: networks[row] as u64,
            examples: examples[row] as u64,
            p: p[row].filter(|_| networks[row] as usize >= LEAST_NETWORKS_FOR_P),
        })
    };
    Ok(keys.iter().enumerate().filter_map(line).collect())
}

fn write_accuracies(report: &mut Report<'_>, lines: &[Line]) -> Result<()> {
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
    let rows = lines.iter().map(|line| {
        [
            line.index.key.to_owned(),
            line.paper().to_string(),
            number(Some(line.accuracy)),
            number(line.standard_error),
            number(Some(line.within_one)),
            line.ties.to_string(),
            line.undefined.to_string(),
            line.trials.to_string(),
            line.networks.to_string(),
            line.examples.to_string(),
            number(line.p),
        ]
    });
    report.folder.table("accuracies.csv", header, rows)
}

/// Figure 2: the mean value of every index for every pair of layers, over both orders of all pairs
/// of networks.
fn draw(report: &mut Report<'_>, lines: &[Line]) -> Result<()> {
    for table in report.tables_of("means.csv", "index", "mean")? {
        let Some(line) = lines.iter().find(|line| line.index.key == table.name) else { continue };
        let (index, count) = (line.index, table.rows.len());
        let fitted = index.key == "linear-regression";
        let transposed = |cell: usize| cell % count * count + cell / count;
        let picture = |values: Vec<Option<f64>>, note: &str, mark: bool| HeatPicture {
            title: index.name,
            subtitle: format!("mean over pairs of {} networks, n = {}{note}", line.networks, line.examples),
            row_axis: if note.contains("fitted") { "layers that predict, of one network" } else { "layers of one network" },
            column_axis: if note.contains("fitted") { "layers that are fitted, of another" } else { "layers of another" },
            rows: &table.rows,
            columns: &table.columns,
            values,
            range: index.range(),
            mark,
        };
        let name = format!("figure-2-{}", index.file_stem());
        if fitted {
            // The table's rows are fitted; the paper's Figure 2 fits its columns.
            let columns_fitted: Vec<Option<f64>> = (0..table.values.len()).map(|cell| table.values[transposed(cell)]).collect();
            let both = |cell: usize| table.values[cell].zip(table.values[transposed(cell)]).map(|(one, other)| f64::midpoint(one, other));
            let symmetric: Vec<Option<f64>> = (0..table.values.len()).map(both).collect();
            report.heat(&name, picture(columns_fitted, "; columns are fitted", false))?;
            report.heat(&format!("{name}-both-directions"), picture(symmetric, "; mean of both directions", true))?;
        } else {
            report.heat(&name, picture(table.values.clone(), "", true))?;
        }
    }
    Ok(())
}

pub(super) fn found(lines: &[Line], chance: f64) -> Map<String, Value> {
    let by_index = |value: &dyn Fn(&Line) -> Value| -> Value {
        lines.iter().map(|line| (line.index.key.to_owned(), value(line))).collect::<Map<_, _>>().into()
    };
    // Not rounded: the page rounds once.
    Map::from_iter([
        ("accuracy".to_owned(), by_index(&|line| json!(line.accuracy))),
        ("standard_error".to_owned(), by_index(&|line| json!(line.standard_error))),
        ("accuracy_within_one".to_owned(), by_index(&|line| json!(line.within_one))),
        ("ties".to_owned(), by_index(&|line| json!(line.ties))),
        ("undefined".to_owned(), by_index(&|line| json!(line.undefined))),
        ("trials".to_owned(), by_index(&|line| json!(line.trials))),
        ("p_same_as_best".to_owned(), by_index(&|line| json!(line.p))),
        ("networks".to_owned(), by_index(&|line| json!(line.networks))),
        ("examples".to_owned(), by_index(&|line| json!(line.examples))),
        ("chance".to_owned(), json!(chance)),
    ])
}

pub(super) fn table(row: &Row) -> String {
    let cell = |name: &str, key: &str| row.found.get(name).and_then(|values| values.get(key)).cloned().unwrap_or(Value::Null);
    let number = |name: &str, key: &str| cell(name, key).as_f64().map_or("-".to_owned(), |value| format!("{value:.1}"));
    let mut table = String::from(
        "| index | paper, % | here, % | standard error | within one layer, % | ties | networks | trials | n | p: as good as the best |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (index, paper) in PAPER_INDEXES.iter().zip(PAPER) {
        let key = index.key;
        let p = cell("p_same_as_best", key)
            .as_f64()
            .map_or("-".to_owned(), |p| if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") });
        table += &format!(
            "| {} | {paper} | {} | {} | {} | {} | {} | {} | {} | {p} |\n",
            index.name,
            number("accuracy", key),
            number("standard_error", key),
            number("accuracy_within_one", key),
            cell("ties", key),
            cell("networks", key),
            cell("trials", key),
            cell("examples", key),
        );
    }
    let chance = row.found.get("chance").and_then(Value::as_f64).unwrap_or_default();
    table
        + &format!(
            "\nChance is {chance:.1} %. A tie counts as a miss. Standard errors and p-values: jackknife over networks; no p-value with \
             fewer than \
             {LEAST_NETWORKS_FOR_P} networks, whose jackknife has too few values for a z-test.\n"
        )
}
