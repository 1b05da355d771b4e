//! The pictures.

use super::super::context::mean;
use super::super::report::Report;
use super::super::sanity_all::color_of;
use super::indexes::{Index, id};
use super::judge::QUESTIONS;
use super::optimised::{COMPONENTS, SCORES, TARGETS};
use super::statistics::mean_and_error;
use super::trials::Trial;
use crate::error::Result;
use crate::figures::{Chart, Points, Series};
use similitude::{Direction, Measure};

/// A value with its standard error, 0 where there is none.
type Bar = (f64, f64);

/// What two axes say of an index, with errors.
type Places<'a> = &'a dyn Fn(&Index) -> Option<(Bar, Bar)>;

/// Whether 1 is right for what is the same and 0 for what is independent: not of distances, of
/// HSIC, which is not normalised, nor of shared neighbours, of which independent layers have some.
pub(super) fn is_between_0_and_1(index: &Index) -> bool {
    let is_distance = |spelling: &str| Measure::parse(spelling).is_ok_and(|measure| measure.properties().direction == Direction::Distance);
    !["hsic", "mutual-knn"].contains(&id(index.name())) && !is_distance(index.name())
}

/// Draws `trade-off.svg`.
pub(super) fn trade_off(report: &mut Report<'_>, trials: &[Trial], indexes: &[Index]) -> Result<()> {
    let mut ids: Vec<&str> = Vec::new();
    for index in indexes {
        if !ids.contains(&id(index.name())) {
            ids.push(id(index.name()));
        }
    }
    let test = |index: &Index, name: &str| -> Option<Bar> {
        let found = index.tests[trials.iter().position(|trial| trial.name == name)?].as_ref()?;
        Some((found.value, found.error.unwrap_or(0.0)))
    };
    let groups = |index: &Index| -> Option<Bar> {
        let of = QUESTIONS.iter().filter(|(name, _, _)| name.ends_with("AUPRC"));
        let all: Vec<Bar> = of.map(|(name, _, _)| test(index, name)).collect::<Option<_>>()?;
        // No network is in two groups.
        let error = all.iter().map(|bar| bar.1 * bar.1).sum::<f64>().sqrt() / all.len() as f64;
        Some((mean(&all.iter().map(|bar| bar.0).collect::<Vec<_>>())?, error))
    };
    let found = |index: &Index| Some((index.layers.percent?, index.layers.error.unwrap_or(0.0)));
    let plain = |index: &Index, place: usize| {
        let (value, error) = index.means[place];
        Some((value.filter(|_| is_between_0_and_1(index))?, error.unwrap_or(0.0)))
    };
    let chart = |x: &str, y: &str, place: Places<'_>| Chart {
        title: String::new(),
        x: x.to_owned(),
        y: y.to_owned(),
        series: ids
            .iter()
            .map(|name| {
                let of: Vec<(Bar, Bar)> = indexes.iter().filter(|index| id(index.name()) == *name).filter_map(place).collect();
                Series::Dots(Points {
                    name: (*name).to_owned(),
                    places: of.iter().map(|(x, y)| (x.0, y.0)).collect(),
                    x_bars: of.iter().map(|(x, _)| x.1).collect(),
                    bars: of.iter().map(|(_, y)| y.1).collect(),
                    color: color_of(name),
                    ..Points::default()
                })
            })
            // A name in the legend without a mark would be looked for in vain.
            .filter(|series| !series.is_empty())
            .collect(),
        ..Chart::default()
    };
    let charts = [
        chart("layers found, %", "groups, mean AUPRC", &|index| Some((found(index)?, groups(index)?))),
        chart("layers found, %", "log10 of ms a pair from scratch", &|index| Some((found(index)?, (index.unprepared()?.log10(), 0.0)))),
        chart("outputs", "probe: deleted", &|index| Some((test(index, "outputs, Spearman")?, test(index, "probe: deleted, Spearman")?))),
        chart("one moved", "independent", &|index| Some((plain(index, 0)?, plain(index, 1)?))),
    ];
    report.charts("trade-off", &charts, 2)
}

/// The share of a component at a target: score, target, component, mean over starts and its error.
pub(super) type Share = (String, f64, usize, Option<f64>, Option<f64>);

/// The shares of components, over the starts.
pub(super) fn shares(report: &Report<'_>) -> Result<Vec<Share>> {
    let table = report.table("optimised.csv")?;
    let (scores, targets, components) = (table.column("score")?, table.full("target")?, table.full("component")?);
    let values = table.numbers("share")?;
    let share = |score: &str, target: f64, component: usize| {
        let rows = (0..table.len()).filter(|&row| scores[row] == score && targets[row] == target && components[row] as usize == component);
        let all: Option<Vec<f64>> = rows.map(|row| values[row]).collect();
        let found = all.and_then(|all| mean_and_error(&all));
        (score.to_owned(), target, component, found.map(|found| found.0), found.and_then(|found| found.1))
    };
    let all =
        SCORES.iter().flat_map(|score| TARGETS.iter().flat_map(move |target| COMPONENTS.map(|component| (*score, *target, component))));
    Ok(all.map(|(score, target, component)| share(score, target, component)).collect())
}

/// Draws `optimised.svg`.
pub(super) fn optimised(report: &mut Report<'_>, shares: &[Share]) -> Result<()> {
    let of = |score: &str, target: f64, component: usize| {
        let found = shares.iter().find(|share| share.0 == score && share.1 == target && share.2 == component);
        found.map_or((None, None), |share| (share.3, share.4))
    };
    let charts: Vec<Chart> = SCORES
        .iter()
        .map(|score| Chart {
            title: (*score).to_owned(),
            x: "score reached".to_owned(),
            y: "share of the component".to_owned(),
            y_range: Some((0.0, 1.0)),
            ticks: TARGETS.map(|target| target.to_string()).to_vec(),
            series: COMPONENTS
                .iter()
                .enumerate()
                .map(|(color, component)| {
                    let at = TARGETS.map(|target| of(score, target, *component));
                    let points = Points::by_place(format!("component {component}"), at.map(|share| share.0), color);
                    let bars = at.iter().filter(|share| share.0.is_some()).map(|share| share.1.unwrap_or(0.0)).collect();
                    Series::Line(Points { bars, ..points })
                })
                .collect(),
        })
        .collect();
    report.charts("optimised", &charts, 2)
}
