//! Figure 1: the first two principal components in two networks.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, rounded};
use super::report::{Judged, Report};
use crate::analysis::Principal;
use crate::error::Result;
use crate::figures::{Chart, Points, Series, number};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Instant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-1",
    title: "Figure 1: the first two principal components of a layer in two networks",
    claim: "The large principal components of a layer are the same in networks that differ in their seed: pictures colored by their place in \
            one network's first two components are ordered alike in the other's",
    rule: "In both layers looked at, the planes of the first two components have a mean squared canonical correlation of at least \
           0.5",
    caption: "A point is a picture; its color is its direction from the middle in the plane of network 1. Where the colors of network 2 lie in the \
              same order around the middle, the planes are the same; a mirror image, or a turn, is only the sign or the order of two components",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: vec![1, 2], ..Setting::of(preset) };
    match preset {
        Preset::Quick => setting,
        _ => Setting { examples: 2000, ..setting },
    }
}

/// Planes whose mean squared canonical correlation is at least this are the same for the eye.
const SAME: f64 = 0.5;

/// Pictures drawn: more hide each other.
const DRAWN: usize = 600;

fn run(context: &mut Context) -> Result<Outcome> {
    let [first, second] = context.pair()?;
    let networks = [&first, &second].map(|side| Arc::clone(&side.network));
    let start = Instant::now();
    let names = first.layer_names()?;
    let chosen = [names[names.len() / 2].clone(), names[names.len() - 1].clone()];
    let (mut charts, mut rows, mut shared) = (Vec::new(), Vec::new(), Map::new());
    for layer in chosen {
        let sides = [Principal::of(&first, &layer)?, Principal::of(&second, &layer)?];
        let plane = sides[0].plane_shared_with(&sides[1])?;
        let places = sides.iter().map(places).collect::<Result<Vec<_>>>()?;
        let colors: Vec<String> = places[0].iter().take(DRAWN).map(|&(x, y)| hue(x, y)).collect();
        for (network, (side, places)) in sides.iter().zip(&places).enumerate() {
            let shares = side.shares()?;
            charts.push(Chart {
                title: format!("{layer}, network {}", network + 1),
                x: format!("first component, {:.0} % of the variance", 100.0 * shares[0]),
                y: format!("second component, {:.0} %", 100.0 * shares.get(1).copied().unwrap_or(0.0)),
                series: vec![Series::Dots(Points {
                    places: places.iter().take(DRAWN).copied().collect(),
                    colors: colors.clone(),
                    ..Points::default()
                })],
                ..Chart::default()
            });
            rows.extend(places.iter().enumerate().map(|(picture, &(x, y))| {
                [layer.clone(), (network + 1).to_string(), picture.to_string(), number(Some(x)), number(Some(y))]
            }));
        }
        shared.insert(layer, json!(rounded(plane)));
    }
    context.seconds.comparison += start.elapsed().as_secs_f64();
    let rows = rows.into_iter().filter(|row| row[2].parse::<usize>().is_ok_and(|picture| picture < DRAWN));
    context.folder.table("components.csv", ["layer", "network", "picture", "first", "second"], rows)?;
    context.charts("figure-1", &charts, 2)?;
    Ok(Outcome::of_tables([("test_accuracy", accuracies(&networks))]).keeping("planes", shared.into()))
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let planes = report.kept("planes")?.clone();
    let shared: Vec<(&String, f64)> =
        planes.as_object().into_iter().flatten().filter_map(|(layer, value)| Some((layer, value.as_f64()?))).collect();
    let words: Vec<String> = shared.iter().map(|(layer, value)| format!("{value} in {layer}")).collect();
    Ok(Judged {
        verdict: Verdict::of(&shared.iter().map(|(_, plane)| *plane >= SAME).collect::<Vec<_>>()),
        explanation: format!("The mean squared canonical correlation of the two networks' planes is {}.", words.join(", ")),
        found: Map::from_iter([("planes".to_owned(), planes.clone())]),
    })
}

/// The places of all pictures in the plane of the first two components, times the root of n so that
/// they do not shrink with n.
fn places(side: &Principal) -> Result<Vec<(f64, f64)>> {
    let components = side.components()?;
    let root = (components.nrows() as f64).sqrt();
    let second = |row: usize| if components.ncols() > 1 { components[(row, 1)] } else { 0.0 };
    Ok((0..components.nrows()).map(|row| (root * components[(row, 0)], root * second(row))).collect())
}

/// The color of a place: its direction from the middle.
fn hue(x: f64, y: f64) -> String {
    let turn = y.atan2(x) / std::f64::consts::TAU + 0.5;
    let channel = |shift: f64| {
        let wave = 0.5 + 0.5 * (std::f64::consts::TAU * (turn + shift)).cos();
        (30.0 + 200.0 * wave) as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(0.0), channel(1.0 / 3.0), channel(2.0 / 3.0))
}

fn table(row: &Row) -> String {
    let mut table = String::from("| layer | mean squared canonical correlation of the planes |\n|---|---|\n");
    for (layer, value) in row.found.get("planes").and_then(Value::as_object).into_iter().flatten() {
        table += &format!("| {layer} | {value} |\n");
    }
    table + "\nThe paper shows a picture, no numbers.\n"
}
