//! The page of the study of the divisor, from the values of all pairs and the ranks.

use super::super::pair_table::PairTable;
use super::super::report::{Judged, Report};
use super::count::{ALONE, BY_LOT, DIVISORS, Line, Ranks, count};
use super::equal_ranks::{DRAWS, MEASURES, components, projected};
use super::{SUMMARIES, THRESHOLDS};
use crate::error::{Error, Result};
use crate::figures::{Chart, Points, Series, number};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};

/// The controls: a name, and the columns that it is the mean of.
fn controls() -> Vec<(String, Vec<String>)> {
    let random = MEASURES
        .iter()
        .map(|measure| (format!("{measure}, random projections"), (0..DRAWS).map(|draw| projected(measure, draw)).collect()));
    // Components of one length are a subspace: CKA of two is CCA by R2 there.
    let first = MEASURES.iter().take(2).map(|measure| (format!("{measure}, first principal components"), vec![components(measure)]));
    random.chain(first).collect()
}

pub(super) fn report(report: &mut Report<'_>) -> Result<Judged> {
    let pairs = PairTable::read(&report.table("pairs.csv")?)?;
    let ranks = Ranks::read(&report.table("ranks.csv")?, pairs.layers.len())?;
    let lines = count(&pairs, &ranks, &controls());
    let rows = lines.iter().map(|line| {
        [line.summary.clone(), line.kept.clone(), line.divisor.clone(), number(Some(line.percent)), number(line.standard_error)]
    });
    report.folder.table("accuracies.csv", ["summary", "kept", "divisor", "percent", "standard_error"], rows)?;
    draw(report, &lines, &ranks, &pairs.layers)?;
    judge(&lines, pairs.layers.len())
}

fn find<'a>(lines: &'a [Line], summary: &str, kept: &str, divisor: &str) -> Option<&'a Line> {
    lines.iter().find(|line| line.summary == summary && line.kept == kept && line.divisor == divisor)
}

fn draw(report: &mut Report<'_>, lines: &[Line], ranks: &Ranks, layers: &[String]) -> Result<()> {
    let kept: Vec<&str> = THRESHOLDS.iter().map(|threshold| threshold.unwrap_or("all")).collect();
    let of = |summary: &str, divisor: &str, color: usize| {
        let found: Vec<Option<&Line>> = kept.iter().map(|kept| find(lines, summary, kept, divisor)).collect();
        Series::Line(Points {
            bars: found.iter().map(|line| line.and_then(|line| line.standard_error)).collect::<Option<_>>().unwrap_or_default(),
            ..Points::by_place(divisor, found.iter().map(|line| line.map(|line| line.percent)), color)
        })
    };
    let chart = |summary: &str, title: &str| {
        let divisors = DIVISORS.iter().enumerate().map(|(color, divisor)| of(summary, divisor, color));
        Chart {
            title: title.to_owned(),
            x: "variance kept by SVCCA; all: CCA".to_owned(),
            y: "layers found, %".to_owned(),
            y_range: Some((0.0, 100.0)),
            ticks: kept.iter().map(|kept| (*kept).to_owned()).collect(),
            series: divisors.chain([of("none", ALONE, DIVISORS.len()), of("none", BY_LOT, DIVISORS.len() + 1)]).collect(),
        }
    };
    let shown = [Some("0.5"), Some("0.9"), Some("0.99"), None];
    let depth = Chart {
        title: "why: ranks along the network".to_owned(),
        x: "layer".to_owned(),
        y: "log10 of dimensions kept".to_owned(),
        ticks: layers.to_vec(),
        series: shown
            .iter()
            .enumerate()
            .map(|(color, threshold)| {
                let means = ranks.means(*threshold).into_iter().map(|rank| Some(rank.log10()));
                Series::Line(Points::by_place(threshold.unwrap_or("all"), means, color))
            })
            .collect(),
        ..Chart::default()
    };
    report.charts("divisor", &[chart("rho", "mean rho"), chart("r2", "R²"), depth], 2)
}

/// The verdict, by the rule that the experiment states.
fn judge(lines: &[Line], layers: usize) -> Result<Judged> {
    let percent = |summary: &str, kept: &str, divisor: &str| {
        find(lines, summary, kept, divisor).map(|line| line.percent).ok_or_else(|| Error::Undefined {
            what: format!("the share that {summary} finds with {kept} kept and the divisor {divisor}"),
            reason: "pairs.csv has no such column".to_owned(),
        })
    };
    let (smaller, larger) = (percent("rho", "all", "min-rank")?, percent("rho", "all", "max")?);
    let (alone, by_lot) = (percent("none", "all", ALONE)?, percent("none", "all", BY_LOT)?);
    let [equal_rho, _, equal_cka] = MEASURES.map(|measure| percent(&format!("{measure}, random projections"), "all", "equal ranks"));
    let (equal_rho, equal_cka) = (equal_rho?, equal_cka?);
    let svcca = (percent("rho", "0.99", "min-rank")?, percent("rho", "0.99", "max")?);
    let found = lines.iter().map(|line| {
        json!({
            "summary": line.summary,
            "kept": line.kept,
            "divisor": line.divisor,
            "percent": line.percent,
            "standard_error": line.standard_error,
        })
    });
    Ok(Judged {
        found: Map::from_iter([("lines".to_owned(), found.collect::<Vec<_>>().into())]),
        verdict: Verdict::of(&[larger > 0.0 && larger >= 2.0 * smaller, 2.0 * alone >= larger, equal_rho < equal_cka]),
        explanation: format!(
            "CCA (mean rho) finds {smaller:.1} % of the layers over the smaller rank and {larger:.1} % over the larger, SVCCA with 0.99 \
             of the variance {:.1} % and \
             {:.1} %; the ranks alone, which compare nothing, find {alone:.1} %, and {by_lot:.1} % where layers of one rank are told \
             apart by lot. On random projections of all layers to one width CCA finds {equal_rho:.1} %, linear \
             CKA {equal_cka:.1} %; a guess {:.1} %.",
            svcca.0,
            svcca.1,
            100.0 / layers as f64,
        ),
    })
}

pub(super) fn table(row: &Row) -> String {
    let lines: Vec<&Value> = row.found.get("lines").and_then(Value::as_array).into_iter().flatten().collect();
    let cell = |summary: &str, kept: &str, divisor: &str| {
        let is = |line: &&&Value| line["summary"] == summary && line["kept"] == kept && line["divisor"] == divisor;
        lines.iter().find(is).map_or("-".to_owned(), |line| {
            let number = |name: &str| line[name].as_f64();
            match (number("percent"), number("standard_error")) {
                (Some(percent), Some(error)) => format!("{percent:.1} ± {error:.1}"),
                (Some(percent), None) => format!("{percent:.1}"),
                _ => "-".to_owned(),
            }
        })
    };
    let mut table = String::from(
        "| variance kept | mean ρ: min-rank | min-width | geometric | max | R²: min-rank | min-width | geometric | max | ranks alone | \
         ties by lot |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for threshold in THRESHOLDS {
        let kept = threshold.unwrap_or("all");
        let cells: Vec<String> = SUMMARIES.iter().flat_map(|summary| DIVISORS.map(|divisor| cell(summary, kept, divisor))).collect();
        let name = if threshold.is_some() { format!("SVCCA {kept}") } else { "CCA, all".to_owned() };
        table += &format!("| {name} | {} | {} | {} |\n", cells.join(" | "), cell("none", kept, ALONE), cell("none", kept, BY_LOT));
    }
    table += "\nLayers found in %, with jackknife standard errors over networks. *Ranks alone* is the smaller rank over the larger: it \
     compares no representation. Layers \
              of one rank are a tie, and so a miss; *by lot*, each of these counts as often as a draw among them would be right.\n\n";
    let dimensions = row.setting.get("projected_to").map_or("-".to_owned(), Value::to_string);
    table += &format!("With equal ranks, all layers brought to {dimensions} dimensions:\n\n| index | found, % |\n|---|---|\n");
    for (name, _) in controls() {
        table += &format!("| {name} | {} |\n", cell(&name, "all", "equal ranks"));
    }
    table
        + &format!(
            "\nRandom projections: mean over {DRAWS} draws. What it means for choosing a measure: a value of CCA or SVCCA between layers \
             of different ranks says as much of \
             the ranks as of the representations. Compare layers of one rank, or report the ranks beside the value, and name the divisor.\n"
        )
}
