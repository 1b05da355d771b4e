//! The program on real networks whose layers are wider than there are examples: two convolutional
//! networks with layers of 16,384 to 10 neurons, on 96 pictures. Every value is checked against
//! plain formulas that are written down here.
#![cfg(feature = "cli")]

#[path = "common/convnet.rs"]
mod convnet;
#[path = "wide_network/formulas.rs"]
mod formulas;
#[path = "common/high_water.rs"]
mod high_water;
#[path = "cli/support.rs"]
#[allow(dead_code)] // The tests of the program use all of it.
mod support;
#[path = "wide_network/watched.rs"]
mod watched;

use approx::abs_diff_eq;
use std::collections::BTreeMap;
use std::path::Path;

use convnet::{Answers, EXAMPLES, LAYERS, SEEDS, neurons, stored};
use formulas::Features;
use serde_json::Value;
use similitude::io::{Arrangement, Axes, Network, Reading, Spatial};
use similitude::{Direction, Measure, sweep};
use support::{Run, Workplace};

const CKA: &str = "cka";
const DEBIASED: &str = "cka:estimator=debiased";
const RBF: &str = "cka:kernel=rbf";
const PROCRUSTES: &str = "procrustes";
const MEASURES: [&str; 4] = [CKA, DEBIASED, RBF, PROCRUSTES];
const NETWORKS: [&str; 2] = ["a.safetensors", "b"];
/// Memory for the program: the features of all layers of both networks take 97 MiB, those of the
/// two widest 25.
const MEMORY_MIB: u64 = 48;

/// Layer of the first network, layer of the second, measure.
type Key = (String, String, String);
/// A value, and the bound on its rounding error.
type Bounded = (f64, f64);

fn networks() -> Workplace {
    let workplace = Workplace::new();
    convnet::write_both(&workplace.path(""));
    workplace
}

/// The arguments of a command that compares both networks, or both layers, by these measures.
fn arguments<'a>(command: &'a str, compared: [&'a str; 2], measures: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    let measures = measures.iter().flat_map(|measure| ["-m", measure]);
    [command, compared[0], compared[1], "--axes", "nchw", "--spatial", "flatten"]
        .into_iter()
        .chain(measures)
        .chain(more.iter().copied())
        .collect()
}

fn run(workplace: &Workplace, arguments: &[&str]) -> Run {
    let run = workplace.run(arguments);
    assert_eq!(run.status, 0, "{run:?}");
    run
}

fn bounded(cell: &Value) -> Bounded {
    (cell["value"].as_f64().unwrap(), cell["diagnostics"]["error_bound"].as_f64().unwrap())
}

/// The cells of a sweep, from JSON lines.
fn cells(run: &Run) -> BTreeMap<Key, Bounded> {
    let key = |cell: &Value| {
        let text = |key: &str| cell[key].as_str().unwrap().to_string();
        // ARCHIVE:LAYER or DIRECTORY/LAYER.npy
        let layer = |source: String| source.trim_end_matches(".npy").rsplit([':', '/']).next().unwrap().to_string();
        (layer(text("x")), layer(text("y")), text("measure"))
    };
    run.objects().iter().map(|cell| (key(cell), bounded(cell))).collect()
}

fn key(x: &str, y: &str, measure: &str) -> Key {
    (x.to_string(), y.to_string(), Measure::parse(measure).unwrap().to_string())
}

/// The files that results are made of.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |file: std::fs::DirEntry| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
    std::fs::read_dir(directory).unwrap().map(|file| read(file.unwrap())).filter(|(name, _)| name != "provenance.json").collect()
}

#[test]
fn the_networks_are_those_that_were_trained() {
    let labels = stored("pictures.safetensors", "labels").values;
    for seed in SEEDS {
        let layers = convnet::network(seed);
        let widths: Vec<usize> = layers.iter().map(|layer| layer.shape[1..].iter().product()).collect();
        assert_eq!(widths, [16384, 16384, 8192, 8192, 8192, 4096, 2304, 2304, 64, 10]);
        // The program that trained the network had these logits, up to rounding in single
        // precision.
        let trained = stored(&format!("seed-{seed}.safetensors"), "answers");
        assert_eq!(trained.shape, [EXAMPLES, 10]);
        let logits = &layers.last().unwrap().values;
        let largest = trained.values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        for (index, (got, want)) in logits.iter().zip(&trained.values).enumerate() {
            let difference = (f64::from(*got) - want).abs();
            assert!(difference <= 1e-5 * largest, "seed {seed}, picture {}: {got}, {want} when it was trained", index / 10);
        }
        let guess = |logits: &[f32]| (0..10).max_by(|&one, &other| logits[one].total_cmp(&logits[other])).unwrap();
        let right = logits.chunks(10).zip(&labels).filter(|(logits, label)| guess(logits) as f64 == **label).count();
        assert!(right * 20 >= EXAMPLES * 19, "seed {seed}: {right} of {EXAMPLES} right");
        // Layers that say something: most neurons are not silent on every picture.
        for Answers { name, values, .. } in &layers {
            let width = values.len() / EXAMPLES;
            let alive = (0..width).filter(|neuron| values.iter().skip(*neuron).step_by(width).any(|value| *value != 0.0)).count();
            assert!(2 * alive > width, "seed {seed}, {name}: {alive} of {width} neurons answer");
        }
    }
}

#[test]
fn every_cell_of_a_sweep_is_what_the_formulas_give() {
    let workplace = networks();
    let sweep = run(&workplace, &arguments("sweep", NETWORKS, &MEASURES, &["--format", "json"]));
    let cells = cells(&sweep);
    assert_eq!(cells.len(), LAYERS.len() * LAYERS.len() * MEASURES.len());
    let features = SEEDS.map(|seed| convnet::network(seed).iter().map(Features::new).collect::<Vec<_>>());
    for (x, (x_name, ..)) in features[0].iter().zip(LAYERS) {
        for (y, (y_name, ..)) in features[1].iter().zip(LAYERS) {
            let wanted = [formulas::cka(x, y), formulas::debiased_cka(x, y), formulas::rbf_cka(x, y), formulas::procrustes(x, y)];
            for (measure, want) in MEASURES.into_iter().zip(wanted) {
                let (value, bound) = cells[&key(x_name, y_name, measure)];
                let what = format!("{x_name} {y_name} {measure}: {value:?}, by the formula {want:?}, bound {bound:e}");
                assert!(abs_diff_eq!(value, want, epsilon = 1e-12), "{what}");
                assert!((value - want).abs() <= bound + 1e-13 && bound < 1e-9, "{what}");
            }
        }
    }
    // And by the library's own second path, where a layer is narrow enough for it.
    let open = |network: &str| Network::open(workplace.path(network), None).unwrap();
    let (a, b) = (open(NETWORKS[0]), open(NETWORKS[1]));
    let layer = |network: &Network, name: &str| {
        let index = network.layer_names().iter().position(|layer| layer == name).unwrap();
        let tensors = Arrangement { axes: Axes::parse_list("nchw").unwrap(), spatial: Some(Spatial::Flatten), ..Arrangement::default() };
        network.read_layer(index, Some(&Reading { tensors, ..Reading::default() })).unwrap()
    };
    for (x, y) in [("conv8", "pool"), ("pool", "pool"), ("logits", "conv7")] {
        for measure in MEASURES {
            let want = Measure::parse(measure).unwrap().reference(&layer(&a, x), &layer(&b, y)).unwrap();
            let (value, bound) = cells[&key(x, y, measure)];
            assert!((value - want).abs() <= 2.0 * bound, "{x} {y} {measure}: {value:?}, reference {want:?}, bound {bound:e}");
        }
    }
}

#[test]
fn merged_parts_are_the_sweep_to_the_bit() {
    let workplace = networks();
    let whole = run(&workplace, &arguments("sweep", NETWORKS, &MEASURES, &["-o", "whole"]));
    for part in ["1/3", "2/3", "3/3"] {
        run(&workplace, &arguments("sweep", NETWORKS, &MEASURES, &["--shard", part, "-o", "parts"]));
    }
    let merged = run(&workplace, &["merge", "parts", "-o", "merged"]);
    assert_eq!(merged.stdout, whole.stdout);
    let (whole, merged) = (files(&workplace.path("whole")), files(&workplace.path("merged")));
    assert_eq!(whole.keys().collect::<Vec<_>>(), merged.keys().collect::<Vec<_>>());
    assert_eq!(whole.len(), 3 + 2 * MEASURES.len());
    assert!(whole == merged, "{:?}", whole.keys().filter(|&file| whole[file] != merged[file]).collect::<Vec<_>>());
    // Each part did a share of the work, and none did all of it.
    for part in files(&workplace.path("parts")).values() {
        let part: Value = serde_json::from_slice(part).unwrap();
        let cells = part["cells"].as_array().unwrap().len();
        assert!((1..LAYERS.len() * LAYERS.len() * MEASURES.len()).contains(&cells), "{cells}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let workplace = networks();
    let on = |threads: &str| run(&workplace, &arguments("sweep", NETWORKS, &MEASURES, &["--format", "csv", "--threads", threads])).stdout;
    let (one, three) = (on("1"), on("3"));
    let differing: Vec<_> = one.lines().zip(three.lines()).filter(|(one, three)| one != three).collect();
    assert!(one.lines().count() > LAYERS.len() * LAYERS.len() * MEASURES.len() && differing.is_empty(), "{differing:#?}");
}

#[test]
fn two_layers_alone_give_the_cell_of_the_sweep() {
    let workplace = networks();
    let cells = cells(&run(&workplace, &arguments("sweep", NETWORKS, &MEASURES, &["--format", "json"])));
    // Wide with wide, wide with narrow, narrow with wide, narrow with narrow.
    for (x, y) in [("conv2", "conv6"), ("conv1", "pool"), ("logits", "conv4"), ("pool", "logits")] {
        let (a, b) = (format!("a.safetensors:{x}"), format!("b/{y}.npy"));
        let alone = run(&workplace, &arguments("compare", [&a, &b], &MEASURES, &["--format", "json"])).objects();
        assert_eq!(alone.len(), MEASURES.len());
        for (cell, measure) in alone.iter().zip(MEASURES) {
            let neurons = |name: &str| neurons(*LAYERS.iter().find(|layer| layer.0 == name).unwrap()) as u64;
            assert_eq!((cell["p1"].as_u64(), cell["p2"].as_u64()), (Some(neurons(x)), Some(neurons(y))));
            assert_eq!(bounded(cell), cells[&key(x, y, measure)], "{x} {y} {measure}");
        }
    }
}

#[test]
fn a_sweep_stays_within_little_memory_and_gives_the_same_values() {
    let workplace = networks();
    let without = cells(&run(&workplace, &arguments("sweep", NETWORKS, &MEASURES, &["--format", "json"])));
    let memory = format!("{MEMORY_MIB}M");
    let more = ["--format", "json", "--memory", &memory, "--threads", "2"];
    let (run, peak) = watched::run(&workplace, &arguments("sweep", NETWORKS, &MEASURES, &more));
    assert_eq!(run.status, 0, "{run:?}");
    let within = cells(&run);
    assert_eq!(within.len(), without.len());
    for (key, (value, bound)) in &within {
        let (want, other_bound) = without[key];
        assert!((value - want).abs() <= bound + other_bound, "{key:?}: {value:?} {want:?}, bounds {bound:e} and {other_bound:e}");
    }
    if let Some(peak) = peak {
        let taken = peak - watched::PROGRAM.min(peak);
        assert!(taken <= MEMORY_MIB << 20, "{} KiB of memory, {MEMORY_MIB} MiB were to be taken", taken >> 10);
    }
}

/// Each of nine layers is looked for in the other network, both ways. A guess finds one in nine,
/// two of the eighteen; nine of eighteen or more it finds once in twenty thousand times. (Logits,
/// which have the same meaning in both networks, are none of the layers.)
#[test]
fn linear_cka_finds_corresponding_layers() {
    let workplace = networks();
    let names: Vec<&str> = LAYERS[..9].iter().map(|layer| layer.0).collect();
    let chosen = names.join(",");
    let cells = cells(&run(&workplace, &arguments("sweep", NETWORKS, &[CKA], &["--layers", &chosen, "--format", "json"])));
    let value = |x: &str, y: &str| Some(cells[&key(x, y, CKA)].0);
    let pairs = || names.iter().flat_map(|x| names.iter().map(move |y| (*x, *y)));
    let forward: Vec<Option<f64>> = pairs().map(|(x, y)| value(x, y)).collect();
    let backward: Vec<Option<f64>> = pairs().map(|(x, y)| value(y, x)).collect();
    let found = sweep::identify(&forward, &backward, names.len(), Direction::Similarity);
    assert_eq!((found.trials, found.ties, found.undefined), (18, 0, 0));
    assert!(found.correct >= 9, "{found:?}");
}

/// The axes of both kinds of file are examples, channels, rows and columns: the last convolution
/// averaged over rows and columns is the pooling layer.
#[test]
fn maps_averaged_over_their_places_are_the_pooling_layer() {
    let workplace = networks();
    for (maps, pooled) in [("a.safetensors:conv8", "a.safetensors:pool"), ("b/conv8.npy", "b/pool.npy")] {
        let run = run(&workplace, &["compare", maps, pooled, "--axes", "nchw", "--spatial", "mean", "-m", PROCRUSTES, "--format", "json"]);
        let distance = run.objects()[0]["value"].as_f64().unwrap();
        // Both are rounded to single precision; between two networks it is about 1.
        assert!(distance < 1e-6, "{maps}: {distance:e}");
    }
}
