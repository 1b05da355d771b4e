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
    claim: "Before any training CKA shows structure in deep plain and residual networks: within a network layers are the more alike the nearer \
            they stand, and a residual network has its grid already. (Nothing is trained, so these networks have the paper's own pictures and widths)",
    rule: "In every network neighbouring layers are more alike than layers half the depth apart; between two seeds of every network so are layers at \
           the same place and layers half the depth apart; in the residual network, within stages of equal shape, layers after an addition resemble each other \
           more than layers inside blocks do; between two seeds of every network the most similar layer is the corresponding one for more \
           than half of the layers",
    caption: "Brightness falls away from the diagonal within each network. Between two seeds the squares (the largest value of each row) show how few \
              layers have the corresponding one as their most similar one: blocks of equal shape are nearly one color",
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
    Ok(Judged {
        verdict: Verdict::of(&[all(&falls), all(&falls_between), grid.0 > grid.1, all(&corresponds)]),
        explanation: format!(
            "Within the stages of the residual network the mean CKA is {:.2} among layers after an addition and {:.2} among layers inside blocks. Between two seeds the \
             most similar layer is the corresponding one for so many layers: {}.",
            grid.0,
            grid.1,
            words.join(", ")
        ),
        found: Map::from_iter([
            ("networks".to_owned(), found.into()),
            ("after_and_inside".to_owned(), json!([rounded(grid.0), rounded(grid.1)])),
        ]),
    })
}

/// The mean CKA among layers after an addition, and among layers inside blocks, of the residual
/// network with itself, within stages.
fn grid(report: &Report<'_>, tables: &[LayerTable]) -> Result<(f64, f64)> {
    let undefined = |reason: &str| Error::Undefined { what: "the grid of a residual network".to_owned(), reason: reason.to_owned() };
    let table = tables.iter().find(|table| table.name.starts_with("resnet") && table.name.ends_with("itself"));
    let table = table.ok_or_else(|| undefined("cka.csv has none with itself"))?;
    let name = table.name.trim_end_matches(" with itself");
    let shapes = report.setting.get("channels_and_side_of_layers").and_then(|all| all.get(name)).and_then(Value::as_array);
    let shapes = shapes.filter(|shapes| shapes.len() == table.rows.len()).ok_or_else(|| undefined("the row does not hold its shapes"))?;
    // The first convolution and the pooling layer belong to no block.
    let of_kind = |kind: usize| {
        table.mean_of(|a, b| {
            a != b && a.min(b) > 0 && a.max(b) + 1 < table.rows.len() && a % 2 == kind && b % 2 == kind && shapes[a] == shapes[b]
        })
    };
    Ok((of_kind(0)?, of_kind(1)?))
}

fn table(row: &Row) -> String {
    let mut table = String::from(
        "| networks | mean CKA of neighbours, or of the same place | half the depth apart | largest of its row on the diagonal |\n|---|---|---|---|\n",
    );
    for (name, value) in row.found.get("networks").and_then(Value::as_object).into_iter().flatten() {
        let of = |name: &str| value.get(name).map_or("-".to_owned(), Value::to_string);
        table += &format!("| {name} | {} | {} | {} of {} |\n", of("near"), of("far"), of("on_diagonal"), of("layers"));
    }
    table
        + "\nWithin a network every layer is most like itself. Batch normalization is in evaluation mode with its starting statistics. The paper shows pictures, no numbers.\n"
}
