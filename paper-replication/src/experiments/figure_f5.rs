//! Figure F.5, and Figure F.4 at the paper's own size: deep networks before training.

use super::Experiment;
use super::context::{Context, Outcome, rounded};
use super::figure_f4::rows_with_largest_on_diagonal;
use super::layer_table::LayerTable;
use super::report::{Judged, Report};
use crate::analysis::{Seconds, reduced};
use crate::capture::capture;
use crate::error::{Error, Result};
use crate::figures::{read_json, write_whole};
use crate::job::Job;
use crate::networks::{Architecture, LayerShape};
use crate::preset::{Preset, Setting};
use crate::results::{Row, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use similitude::{Measure, Prepared};
use std::time::Instant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "figure-f5",
    title: "Figures F.4 and F.5 at the paper's own size: deep networks at initialisation",
    claim: "Before any training CKA shows structure in deep plain and residual networks: within a network layers are the more alike the \
     nearer \
            they stand, and a residual network has its grid already. Nothing is trained, so these networks have the paper's own pictures \
            and widths",
    rule: "In every network neighbouring layers are more alike than layers half the depth apart; between two seeds of every network so \
     are layers at \
           the same place and layers half the depth apart; in the residual network, within every stage of equal shape, layers after an \
           addition resemble each other more \
           than layers inside blocks do, and more than the two kinds resemble one another (the mean over stages alone, and without the \
           last condition, before); between two seeds of every network the most similar layer is the corresponding one for more \
           than half of the layers",
    caption: "Look at how brightness falls away from the diagonal within each network, and where a residual network has a grid. Between \
     two seeds the square of a row \
              is its largest value: on the diagonal it is the corresponding layer",
    setting,
    run,
    report,
    table,
};

fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: vec![1, 2], ..Setting::of(preset) };
    match preset {
        Preset::Quick => setting,
        // The paper's widths, 96 for plain networks and 16 for residual ones, at its own side.
        Preset::Standard => Setting { side: 32, width: 0, examples: 250, ..setting },
        Preset::Full => Setting { width: 0, examples: 3000, part: crate::preset::Part::Test, ..setting },
    }
}

fn architectures(preset: Preset) -> &'static [&'static str] {
    match preset {
        Preset::Quick => &["plain-10", "plain-18", "resnet-14"],
        _ => &["plain-18", "plain-34", "plain-66", "resnet-62"],
    }
}

/// Bytes of activations that are captured at once: a network is run as often as that takes.
const CAPTURED: usize = 4 << 30;

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let cka = Measure::parse("cka")?;
    let mut tables = Vec::new();
    let (mut shapes, mut widths) = (Map::new(), Map::new());
    for name in architectures(context.preset) {
        let architecture: Architecture = name.parse()?;
        let width = if context.setting.width == 0 { architecture.paper_width() } else { context.setting.width };
        widths.insert((*name).to_owned(), json!(width));
        let of = [1, 2].map(|place| format!("{name}{}", if place == 1 { " with itself" } else { ", two seeds" }));
        let kept = context
            .cells(context.id, &format!("{name}-w{width}-side{}", context.setting.side), context.setting.examples)
            .with_extension("json");
        let layers = context.workshop.shapes(&job(context, architecture, width, 0))?;
        let names: Vec<String> = layers.iter().map(|layer| layer.name.clone()).collect();
        shapes.insert(
            (*name).to_owned(),
            layers.iter().map(|layer| format!("{} x {}", layer.channels, layer.side)).collect::<Vec<_>>().into(),
        );
        let Kept { values, seconds } = match read_json(&kept)? {
            Some(Found::Timed(found)) => found,
            Some(Found::Untimed(values)) => Kept { values, seconds: None },
            None => {
                let mut seconds = Seconds::default();
                let first = layers_of(context, &mut seconds, architecture, width, 0, &layers, &cka)?;
                let second = layers_of(context, &mut seconds, architecture, width, 1, &layers, &cka)?;
                let start = Instant::now();
                let values = [compare(&cka, &first, &first), compare(&cka, &first, &second)];
                seconds.comparison += start.elapsed().as_secs_f64();
                let made = Kept { values, seconds: Some(seconds) };
                // Numbers always have a JSON form.
                write_whole(&kept, serde_json::to_string(&made).expect("numbers have a JSON form").as_bytes())?;
                made
            }
        };
        context.count_kept(seconds);
        for (name, values) in of.into_iter().zip(values) {
            tables.push(LayerTable { name, rows: names.clone(), columns: names.clone(), values });
        }
    }
    context.layer_tables("cka.csv", &tables)?;
    Ok(Outcome::of_tables([
        ("architecture", json!(architectures(context.preset).join(", "))),
        ("width", json!(widths)),
        ("channels_and_side_of_layers", shapes.into()),
    ]))
}

/// What is kept of an architecture: its networks with themselves, then with each other.
#[derive(Serialize, Deserialize)]
struct Kept {
    values: [Vec<Option<f64>>; 2],
    seconds: Option<Seconds>,
}

/// What is found of it; files of an earlier version have values alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Found {
    Timed(Kept),
    Untimed([Vec<Option<f64>>; 2]),
}

fn job(context: &Context, architecture: Architecture, width: usize, seed: usize) -> Job {
    Job::of(&context.setting, context.setting.seeds[seed]).with_architecture(architecture, width)
}

/// Every layer of an untrained network, in as many coordinates as there are pictures.
fn layers_of(
    context: &Context,
    seconds: &mut Seconds,
    architecture: Architecture,
    width: usize,
    seed: usize,
    layers: &[LayerShape],
    cka: &Measure,
) -> Result<Vec<Prepared>> {
    let initial = context.workshop.initial(&job(context, architecture, width, seed))?;
    let (pictures, _) = context.workshop.pictures(context.setting.part, context.setting.examples)?;
    let mut prepared = Vec::new();
    while prepared.len() < layers.len() {
        let first = prepared.len();
        let mut bytes = 0;
        let group = layers[first..].iter().take_while(|layer| {
            bytes += 4 * context.setting.examples * layer.neurons();
            bytes <= CAPTURED
        });
        let names: Vec<&str> = layers[first..first + group.count().max(1)].iter().map(|layer| layer.name.as_str()).collect();
        eprintln!(
            "{architecture} at initialisation, seed {}: layers {} to {} of {}",
            context.setting.seeds[seed],
            first + 1,
            first + names.len(),
            layers.len()
        );
        let start = Instant::now();
        let captured = capture(&initial.network, &initial.run.network, &pictures, &initial.normalization, |layer| {
            names.contains(&layer.name.as_str())
        })?;
        seconds.capture += start.elapsed().as_secs_f64();
        let start = Instant::now();
        for layer in captured.layers {
            prepared.push(crate::analysis::prepared(&reduced(&layer)?, std::slice::from_ref(cka)));
        }
        seconds.preparation += start.elapsed().as_secs_f64();
    }
    Ok(prepared)
}

fn compare(cka: &Measure, rows: &[Prepared], columns: &[Prepared]) -> Vec<Option<f64>> {
    let value = |x: &Prepared, y: &Prepared| cka.compare_prepared(x, y).ok().map(|score| score.value);
    // Six decimals: some ten thousand values, of which no rule needs more.
    let short = |value: f64| (value * 1e6).round() / 1e6;
    rows.iter().flat_map(|x| columns.iter().map(move |y| value(x, y).map(short))).collect()
}

/// The mean over neighbours (or the same place, between two seeds), and over layers half the depth
/// apart.
fn near_and_far(table: &LayerTable, near: usize) -> Result<(f64, f64)> {
    let half = table.rows.len() / 2;
    Ok((table.mean_of(|a, b| a.abs_diff(b) == near)?, table.mean_of(|a, b| a.abs_diff(b) == half)?))
}

fn report(report: &mut Report<'_>) -> Result<Judged> {
    let tables = report.layer_tables("cka.csv")?;
    let examples = report.setting.get("examples").cloned().unwrap_or_default();
    let (mut falls, mut falls_between, mut corresponds) = (Vec::new(), Vec::new(), Vec::new());
    let (mut found, mut words) = (Map::new(), Vec::new());
    for table in &tables {
        let itself = table.name.ends_with("itself");
        let axes = if itself { ("layers", "layers") } else { ("seed 1", "seed 2") };
        let mut picture = table.picture(&table.name, format!("linear CKA at initialisation, n = {examples}"), axes);
        picture.mark = !itself;
        report.heat(&format!("figure-f5-{}", table.name.replace(", ", " ").replace(' ', "-")), picture)?;
        let (near, far) = near_and_far(table, usize::from(itself))?;
        let on_diagonal = rows_with_largest_on_diagonal(table);
        if itself {
            falls.push(near > far);
        } else {
            falls_between.push(near > far);
            corresponds.push(2 * on_diagonal > table.rows.len());
            words.push(format!("{} {on_diagonal} of {}", table.name.trim_end_matches(", two seeds"), table.rows.len()));
        }
        found.insert(
            table.name.clone(),
            json!({"near": rounded(near), "far": rounded(far), "on_diagonal": on_diagonal, "layers": table.rows.len()}),
        );
    }
    let grid = grid(report, &tables)?;
    let all = |parts: &[bool]| !parts.is_empty() && parts.iter().all(|part| *part);
    let stages: Vec<String> = grid
        .iter()
        .map(|stage| format!("{:.4}, {:.4} and {:.4} at {} (channels x side)", stage.after, stage.inside, stage.mixed, stage.shape))
        .collect();
    Ok(Judged {
        verdict: Verdict::of(&[all(&falls), all(&falls_between), grid.iter().all(Stage::is_grid), all(&corresponds)]),
        explanation: format!(
            "Within the stages of the residual network the mean CKA among layers after an addition, among layers inside blocks, and \
             between the two kinds is {}: a grid in {} \
             of {} stages. Between two seeds the most similar layer is the corresponding one for so many layers: {}.",
            stages.join("; "),
            grid.iter().filter(|stage| stage.is_grid()).count(),
            grid.len(),
            words.join(", ")
        ),
        found: Map::from_iter([
            ("networks".to_owned(), found.into()),
            (
                "stages".to_owned(),
                grid.iter()
                    .map(|stage| {
                        json!({
                            "shape": stage.shape, "after": rounded(stage.after), "inside": rounded(stage.inside), "mixed": rounded(stage.mixed)
                        })
                    })
                    .collect::<Vec<_>>()
                    .into(),
            ),
        ]),
    })
}

/// The mean CKA in a stage of a residual network: of layers after an addition, of layers inside
/// blocks, and between the two kinds.
struct Stage {
    shape: String,
    after: f64,
    inside: f64,
    mixed: f64,
}

impl Stage {
    fn is_grid(&self) -> bool {
        self.after > self.inside && self.after > self.mixed
    }
}

/// The stages of the residual network with itself.
fn grid(report: &Report<'_>, tables: &[LayerTable]) -> Result<Vec<Stage>> {
    let undefined = |reason: &str| Error::Undefined { what: "the grid of a residual network".to_owned(), reason: reason.to_owned() };
    let table = tables.iter().find(|table| table.name.starts_with("resnet") && table.name.ends_with("itself"));
    let table = table.ok_or_else(|| undefined("cka.csv has none with itself"))?;
    let name = table.name.trim_end_matches(" with itself");
    let shapes = report.setting.get("channels_and_side_of_layers").and_then(|all| all.get(name)).and_then(Value::as_array);
    let shapes = shapes.filter(|shapes| shapes.len() == table.rows.len()).ok_or_else(|| undefined("the row does not hold its shapes"))?;
    stages(table, &shapes.iter().map(|shape| shape.as_str().unwrap_or_default()).collect::<Vec<_>>())
}

fn stages(table: &LayerTable, shapes: &[&str]) -> Result<Vec<Stage>> {
    // The first convolution and the pooling layer belong to no block.
    let blocks = 1..table.rows.len() - 1;
    let mut names: Vec<&str> = shapes[blocks.clone()].to_vec();
    names.dedup();
    let of = |name: &&str| {
        let mean = |kinds: &[(usize, usize)]| {
            table.mean_of(|a, b| {
                let inside = blocks.contains(&a) && blocks.contains(&b) && shapes[a] == *name && shapes[b] == *name;
                inside && a != b && kinds.contains(&(a % 2, b % 2))
            })
        };
        Ok(Stage { shape: (*name).to_owned(), after: mean(&[(0, 0)])?, inside: mean(&[(1, 1)])?, mixed: mean(&[(0, 1), (1, 0)])? })
    };
    names.iter().map(of).collect()
}

fn table(row: &Row) -> String {
    let mut table = String::from(
        "| networks | mean CKA of neighbours, or of the same place | half the depth apart | largest of its row on the diagonal \
         |\n|---|---|---|---|\n",
    );
    for (name, value) in row.found.get("networks").and_then(Value::as_object).into_iter().flatten() {
        let of = |name: &str| value.get(name).map_or("-".to_owned(), Value::to_string);
        table += &format!("| {name} | {} | {} | {} of {} |\n", of("near"), of("far"), of("on_diagonal"), of("layers"));
    }
    table
        + "\nWithin a network every layer is most like itself. Batch normalization is in evaluation mode with its starting statistics. \
         The paper shows pictures, no numbers.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two stages of four layers: a grid in the first, none in the second, and on average one.
    #[test]
    fn every_stage_has_a_grid_of_its_own() {
        let names: Vec<String> = (0..10).map(|layer| layer.to_string()).collect();
        let shapes = ["s", "s", "s", "s", "s", "t", "t", "t", "t", "pool"];
        let value = |a: usize, b: usize| match (a < 5, a % 2, b % 2) {
            (true, 0, 0) => 0.9,
            (true, 1, 1) => 0.5,
            (true, _, _) => 0.7,
            (false, 0, 0) => 0.990,
            (false, 1, 1) => 0.989,
            (false, _, _) => 0.991,
        };
        let values = (0..100).map(|cell| Some(value(cell / 10, cell % 10))).collect();
        let stages = stages(&LayerTable { name: String::new(), rows: names.clone(), columns: names, values }, &shapes).unwrap();
        let grids: Vec<(&str, bool)> = stages.iter().map(|stage| (stage.shape.as_str(), stage.is_grid())).collect();
        assert_eq!(grids, [("s", true), ("t", false)]);
        assert!((stages[1].mixed - 0.991).abs() < 1e-12);
    }
}
