//! Figures 5 and F.8: layers of networks of different architectures.

use super::Experiment;
use super::architectures::{self, at_comparable_layers};
use super::context::{Context, Outcome, accuracies, rounded};
use super::layer_table::{LAYERS, LayerTable};
use super::order::Order;
use super::report::{Judged, Report};
use crate::analysis::{Index, PAPER_INDEXES, paper_index};
use crate::error::{Error, Result};
use crate::preset::{Part, Preset, Setting, Subspace};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-5",
    title: "Figure 5: across architectures, linear CKA",
    claim: "CKA relates the layers of different architectures: the most similar layer moves monotonically through the other network, as if \
            new layers were inserted between the old ones",
    rule: "In every pair of architectures Kendall's tau-b between the place of a layer of the first and that of its most similar layer in \
     the second is at \
           least 0.8; at least three quarters of the layers of the smaller network are the most similar one of some layer of the larger \
           (of networks of one size, \
           in both directions); the most similar layer is on average at most an eighth of the depth, which is one layer of Plain-10, away \
           from the proportional \
           place. These three replace a rank correlation that counted a step as an order; they were chosen after the values were known",
    caption: "The square of a row is its largest value. An order is a band from the lower left to the upper right, with the squares \
     climbing along it; steps, many \
              rows with their square in one column, are not the order that the paper sees",
    setting: architectures::setting,
    run,
    report,
    table,
};

pub(super) const OTHER_INDEXES: Experiment = Experiment {
    id: "figure-f8",
    title: "Figure F.8: across architectures, the other indexes",
    claim: "CCA, SVCCA, PWCCA and linear regression do not show which layers of different architectures belong together, or show it less \
     than \
            CKA",
    rule: "For each index of the CCA family the most similar layers are farther from the proportional places than by linear CKA in every \
     pair of \
           architectures; so are those of linear regression; no index but a CKA matches more layers of the smaller network than linear \
           CKA in any pair. These \
           replace a threshold on a rank correlation; they were chosen after the values were known",
    caption: "The same pairs as in Figure 5 by the other indexes. The square of a row is its largest value: squares in a few columns mean \
     that the same few layers \
              are the most similar ones of all",
    setting: subspace_setting,
    run: run_others,
    report: report_others,
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

/// What the most similar layers must come to for their order to count as found: tau-b, share of
/// the possible matches, distance from the proportional place.
const ORDER: (f64, f64, f64) = (0.8, 0.75, 0.125);

fn run(context: &mut Context) -> Result<Outcome> {
    let (part, examples) = (context.setting.part, context.setting.examples);
    let (tables, outcome) = compare(context, &[paper_index("cka")], part, examples, "cka")?;
    context.layer_tables("values.csv", &tables)?;
    Ok(outcome)
}

/// The keys of the paper's eight.
const OTHERS: [&str; 8] = [
    "cca:summary=rho",
    "cca:summary=r2",
    "svcca:summary=rho",
    "svcca:summary=r2",
    "pwcca",
    "linear-regression",
    "cka",
    "cka:kernel=rbf,fraction=0.4",
];

/// The paper's eight: RBF CKA stands for its three bandwidths with the one in the middle.
fn run_others(context: &mut Context) -> Result<Outcome> {
    let Subspace { part, examples, .. } = context.setting.subspace;
    let (tables, outcome) = compare(context, &OTHERS.map(paper_index), part, examples, "eight")?;
    context.layer_tables("values.csv", &tables)?;
    Ok(outcome)
}

/// The index, its key and the architectures of a table.
fn parts(table: &LayerTable) -> Result<(&'static Index, String)> {
    let (key, architectures) = table.name.split_once(' ').unwrap_or((&table.name, ""));
    let index = PAPER_INDEXES.iter().find(|index| index.key == key);
    index.map(|index| (index, architectures.to_owned())).ok_or_else(|| Error::Undefined {
        what: format!("the order in table {:?}", table.name),
        reason: format!("{key:?} is no index of the paper"),
    })
}

/// The order that each table shows, with its index and architectures.
fn orders(tables: &[LayerTable]) -> Result<Vec<(&'static Index, String, Option<Order>)>> {
    tables.iter().map(|table| parts(table).map(|(index, architectures)| (index, architectures, Order::of(table)))).collect()
}

/// Draws every table.
fn draw(report: &mut Report<'_>, tables: &[LayerTable], examples: &Value) -> Result<()> {
    for table in tables {
        let (index, architectures) = parts(table)?;
        let (row_axis, column_axis) = architectures.split_once(' ').unwrap_or((&architectures, ""));
        let title = format!("{}: {row_axis} and {column_axis}", index.name);
        let mut picture = table.picture(&title, format!("n = {examples}"), (row_axis, column_axis));
        picture.mark = true;
        report.heat(&format!("{}-{row_axis}-{column_axis}", index.file_stem()), picture)?;
    }
    Ok(())
}

fn found(orders: &[(&'static Index, String, Option<Order>)]) -> Map<String, Value> {
    let value = |order: &Option<Order>| match order {
        Some(order) => json!({
            "tau_b": rounded(order.tau_b),
            "matched": order.matched,
            "possible": order.possible,
            "distance": rounded(order.distance),
            "guess": rounded(order.guess),
        }),
        None => Value::Null,
    };
    let all = orders.iter().map(|(index, architectures, order)| (format!("{} {architectures}", index.key), value(order)));
    Map::from_iter([("order".to_owned(), Value::Object(all.collect()))])
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let tables = report.layer_tables("values.csv")?;
    let examples = report.setting.get("examples").cloned().unwrap_or_default();
    draw(report, &tables, &examples)?;
    let orders = orders(&tables)?;
    let all = |good: &dyn Fn(&Order) -> bool| orders.iter().all(|(_, _, order)| order.as_ref().is_some_and(good));
    let (tau_b, matches, distance) = ORDER;
    let parts = [
        all(&|order| order.tau_b >= tau_b),
        all(&|order| order.matched as f64 >= matches * order.possible as f64),
        all(&|order| order.distance <= distance),
    ];
    let words = orders.iter().map(|(_, architectures, order)| match order {
        Some(order) => format!(
            "{}: tau-b {:.2}, {} of {} layers of the smaller network matched, {:.2} of the depth from the proportional place",
            architectures.replace(' ', " and "),
            order.tau_b,
            order.matched,
            order.possible,
            order.distance
        ),
        None => format!("{architectures}: a pair of layers has no value"),
    });
    Ok(Judged { found: found(&orders), verdict: Verdict::of(&parts), explanation: format!("{}.", words.collect::<Vec<_>>().join("; ")) })
}

fn report_others(report: &mut Report<'_>) -> Result<Judged> {
    let mut tables = report.layer_tables("values.csv")?;
    let examples = report.setting.get("subspace").and_then(|subspace| subspace.get("examples")).cloned().unwrap_or_default();
    draw(report, &tables, &examples)?;
    let mut note = String::new();
    if !tables.iter().any(|table| table.name.starts_with("cka ")) {
        // A row made before CKA stood beside the others: Figure 5 has it for the same networks. Its
        // values go into this row's folder too, so that the verdict can be checked there.
        let borrowed = report.tables_of_sibling("figure-5", "values.csv")?;
        report.folder.table("linear-cka.csv", LAYERS, borrowed.iter().flat_map(LayerTable::cells))?;
        tables.extend(borrowed);
        let own = report.setting.get("examples").cloned().unwrap_or_default();
        note = format!(" Linear CKA is Figure 5's, of {own} pictures (`linear-cka.csv`); the others are of {examples}.");
    }
    let orders = orders(&tables)?;
    let cka = |wanted: &str| {
        let of = orders.iter().find(|(index, architectures, _)| index.key == "cka" && architectures == wanted);
        of.and_then(|(_, _, order)| *order)
    };
    // An index without a value on a pair of layers finds no order there.
    let beside = |wanted: &dyn Fn(&Index) -> bool, worse: &dyn Fn(&Order, &Order) -> bool| {
        let mut of = orders.iter().filter(|(index, _, _)| wanted(index));
        of.all(|(_, architectures, order)| match (order, cka(architectures)) {
            (Some(order), Some(cka)) => worse(order, &cka),
            (None, Some(_)) => true,
            (_, None) => false,
        })
    };
    let farther = |order: &Order, cka: &Order| order.distance > cka.distance;
    let parts = [
        beside(&|index| index.key.contains("cca"), &farther),
        beside(&|index| index.key == "linear-regression", &farther),
        beside(&|index| !index.key.starts_with("cka"), &|order, cka| order.matched <= cka.matched),
    ];
    let span = |key: &str| {
        let of: Vec<f64> =
            orders.iter().filter(|(index, _, _)| index.key == key).filter_map(|(_, _, order)| order.map(|order| order.distance)).collect();
        let (least, most) = (of.iter().copied().fold(f64::INFINITY, f64::min), of.iter().copied().fold(0.0, f64::max));
        format!("{least:.2} to {most:.2}")
    };
    let mut keys: Vec<&Index> = Vec::new();
    for (index, _, _) in &orders {
        if !keys.iter().any(|known| known.key == index.key) {
            keys.push(index);
        }
    }
    let words: Vec<String> = keys.iter().map(|index| format!("{} {}", index.name, span(index.key))).collect();
    let guesses = orders.iter().filter_map(|(_, _, order)| order.map(|order| order.guess));
    let (least, most) = guesses.fold((f64::INFINITY, 0.0_f64), |(least, most), guess| (least.min(guess), most.max(guess)));
    Ok(Judged {
        found: found(&orders),
        verdict: Verdict::of(&parts),
        explanation: format!(
            "Distance of the most similar layer from the proportional place, as a share of the depth: {}; a guess {least:.2} to \
             {most:.2}. Of the paper's {} \
             indexes {} are here.{note}",
            words.join(", "),
            OTHERS.len(),
            keys.len(),
        ),
    })
}

/// Compares all pairs of architectures by these indexes; each table is named `KEY ARCHITECTURES`.
fn compare(
    context: &mut Context,
    indexes: &[&'static Index],
    part: Part,
    examples: usize,
    name: &str,
) -> Result<(Vec<LayerTable>, Outcome)> {
    let (architectures, pairs) = compared(context.preset);
    let networks = architectures::networks(context, architectures)?;
    let subjects = context.subjects_on(&networks, part, examples)?.into_iter().map(at_comparable_layers).collect::<Result<Vec<_>>>()?;
    let measures: Vec<&str> = indexes.iter().flat_map(|index| index.measures).copied().collect();
    let scores = context.compare(name, &subjects, pairs, &measures)?;
    let mut tables = Vec::new();
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
            tables.push(table);
        }
    }
    Ok((
        tables,
        Outcome::of_tables([
            ("layers_compared", json!("of residual networks those after an addition")),
            ("test_accuracy", accuracies(&networks)),
        ]),
    ))
}

fn table(row: &Row) -> String {
    let mut table = String::from(
        "| index and architectures | tau-b | layers of the smaller network matched | distance from the proportional place | a guess \
         |\n|---|---|---|---|---|\n",
    );
    for (name, value) in row.found.get("order").and_then(Value::as_object).into_iter().flatten() {
        let of = |name: &str| value.get(name).map_or("-".to_owned(), Value::to_string);
        table +=
            &format!("| {name} | {} | {} of {} | {} | {} |\n", of("tau_b"), of("matched"), of("possible"), of("distance"), of("guess"));
    }
    table
        + "\ntau-b and distance are of the layers of the network named first, with their most similar layers in the other. Distances are \
         shares of the depth; *a guess* \
           is the distance of a layer drawn by lot. A layer of the smaller network is matched when it is the most similar one of some \
           layer of the larger. The paper shows \
           pictures, no numbers.\n"
}
