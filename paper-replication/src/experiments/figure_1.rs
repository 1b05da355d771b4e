//! Figure 1: the first two principal components in two networks.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, mean, rounded};
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
    claim: "The two largest principal components of a layer span much the same plane in networks that differ in their seed: pictures \
     colored by \
            their place in one network's first two components are ordered alike in the other's",
    rule: "In both layers looked at, the planes of the first two components have a mean squared canonical correlation of at least \
           0.5",
    caption: "A point is a picture; its color is its direction from the middle in the plane of network 1. Where the colors of network 2 \
     lie in the \
              same order around the middle, the planes are the same; a mirror image, or a turn, is only the sign or the order of two \
              components",
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
    let (mut shares, mut rows, mut shared) = (Vec::new(), Vec::new(), Map::new());
    for layer in chosen {
        let sides = [Principal::of(&first, &layer)?, Principal::of(&second, &layer)?];
        let plane = sides[0].plane_shared_with(&sides[1])?;
        for (network, side) in sides.iter().enumerate() {
            let network = (network + 1).to_string();
            let first_two = side.shares()?.into_iter().chain([0.0]).take(2).enumerate();
            shares.extend(
                first_two.map(|(component, share)| [layer.clone(), network.clone(), (component + 1).to_string(), number(Some(share))]),
            );
            rows.extend(
                places(side)?
                    .into_iter()
                    .enumerate()
                    .take(DRAWN)
                    .map(|(picture, (x, y))| [layer.clone(), network.clone(), picture.to_string(), number(Some(x)), number(Some(y))]),
            );
        }
        shared.insert(layer, json!(rounded(plane)));
    }
    context.seconds.comparison += start.elapsed().as_secs_f64();
    context.folder.table("components.csv", ["layer", "network", "picture", "first", "second"], rows)?;
    context.folder.table("variance.csv", ["layer", "network", "component", "share"], shares)?;
    Ok(Outcome::of_tables([("test_accuracy", accuracies(&networks))]).keeping("planes", shared.into()))
}

/// The places of pictures in one plane, from `components.csv`.
struct Plane {
    layer: String,
    network: String,
    places: Vec<(f64, f64)>,
    /// The shares of the variance of both components; none in rows that did not write them down.
    shares: Option<[f64; 2]>,
}

fn read(report: &mut Report<'_>) -> Result<Vec<Plane>> {
    let table = report.table("components.csv")?;
    let (layers, networks) = (table.column("layer")?, table.column("network")?);
    let (first, second) = (table.full("first")?, table.full("second")?);
    let mut planes: Vec<Plane> = Vec::new();
    for row in 0..table.len() {
        if planes.last().is_none_or(|last| (last.layer.as_str(), last.network.as_str()) != (layers[row], networks[row])) {
            planes.push(Plane { layer: layers[row].to_owned(), network: networks[row].to_owned(), places: Vec::new(), shares: None });
        }
        planes.last_mut().expect("one was pushed").places.push((first[row], second[row]));
    }
    if let Some(variance) = report.folder.read("variance.csv")? {
        // Written down for earlier rows from the axes of their pictures, in whole %.
        report.folder.remember("variance.csv");
        let (layers, networks) = (variance.column("layer")?, variance.column("network")?);
        let (components, shares) = (variance.full("component")?, variance.full("share")?);
        for plane in &mut planes {
            let of = |component: f64| {
                let wanted = |&row: &usize| layers[row] == plane.layer && networks[row] == plane.network && components[row] == component;
                (0..variance.len()).find(wanted).map(|row| shares[row])
            };
            plane.shares = of(1.0).zip(of(2.0)).map(|(first, second)| [first, second]);
        }
    }
    Ok(planes)
}

/// A point is a picture, colored by its direction from the middle in network 1.
fn draw(report: &mut Report<'_>, planes: &[Plane]) -> Result<()> {
    let chart = |plane: &Plane| {
        let first = planes.iter().find(|other| other.layer == plane.layer).expect("the plane itself at least");
        let [x, y] = match plane.shares {
            Some([x, y]) => {
                [format!("first component, {:.0} % of the variance", 100.0 * x), format!("second component, {:.0} %", 100.0 * y)]
            }
            None => ["first component", "second component"].map(str::to_owned),
        };
        Chart {
            title: format!("{}, network {}", plane.layer, plane.network),
            x,
            y,
            series: vec![Series::Dots(Points {
                places: plane.places.clone(),
                colors: first.places.iter().map(|&(x, y)| hue(x, y)).collect(),
                ..Points::default()
            })],
            ..Chart::default()
        }
    };
    report.charts("figure-1", &planes.iter().map(chart).collect::<Vec<_>>(), 2)
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let drawn = read(report)?;
    draw(report, &drawn)?;
    let planes = report.kept("planes")?.clone();
    let shared: Vec<(&String, f64)> =
        planes.as_object().into_iter().flatten().filter_map(|(layer, value)| Some((layer, value.as_f64()?))).collect();
    let words: Vec<String> = shared.iter().map(|(layer, value)| format!("{value} in {layer}")).collect();
    // How much of a layer the plane is: of 10 % of the variance nothing follows for the rest.
    let held = |layer: &str| {
        let of: Vec<f64> =
            drawn.iter().filter(|plane| plane.layer == *layer).filter_map(|plane| plane.shares.map(|[x, y]| x + y)).collect();
        mean(&of).map(|share| format!("{:.0} % in {layer}", 100.0 * share))
    };
    let held: Vec<String> = shared.iter().filter_map(|(layer, _)| held(layer)).collect();
    Ok(Judged {
        verdict: Verdict::of(&shared.iter().map(|(_, plane)| *plane >= SAME).collect::<Vec<_>>()),
        explanation: format!(
            "The mean squared canonical correlation of the two networks' planes is {}. The planes hold {} of the variance of their \
             layers; of the rest this says nothing.",
            words.join(", "),
            if held.is_empty() { "an unknown share".to_owned() } else { held.join(" and ") },
        ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The pictures and the words come from the tables, with no network.
    #[test]
    fn a_row_is_drawn_again_from_its_tables() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = crate::figures::Folder::new(root.path(), Path::new("results/figure-1/quick"));
        let components = "layer,network,picture,first,second\npool,1,0,1.0,0.5\npool,1,1,-1.0,0.2\npool,2,0,0.9,0.4\npool,2,1,-1.1,0.1\n";
        folder.write("components.csv", components.as_bytes()).unwrap();
        std::fs::write(
            folder.path("variance.csv"),
            "layer,network,component,share\npool,1,1,0.06\npool,1,2,0.04\npool,2,1,0.06\npool,2,2,0.04\n",
        )
        .unwrap();
        let kept = Map::from_iter([("planes".to_owned(), json!({"pool": 0.8}))]);
        let judged = report(&mut Report { setting: &Map::new(), kept: &kept, folder: &mut folder }).unwrap();
        assert!(judged.explanation.contains("hold 10 % in pool"), "{}", judged.explanation);
        let svg = std::fs::read_to_string(folder.path("figure-1.svg")).unwrap();
        assert!(svg.contains("pool, network 2") && svg.contains("first component, 6 % of the variance"));
        assert_eq!(folder.files().len(), 3);
    }
}
