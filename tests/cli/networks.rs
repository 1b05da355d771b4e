//! `similitude networks`: many networks with one another.

use std::sync::Mutex;

use serde_json::Value;
use similitude::Measure;
use similitude::io::Network;
use similitude::networks::Gathered;
use similitude::sweep::{Cell, Error, Layers, Observer, Outcome, Partial, StoredLayers, Sweep};

use crate::support::{Workplace, entries, safetensors};

const NAMES: [&str; 4] = ["one", "two", "three", "four"];
const CKA: &str = "cka:kernel=linear,estimator=biased";

fn networks() -> Workplace {
    let workplace = Workplace::new();
    for (index, name) in NAMES.iter().enumerate() {
        workplace.network(&format!("{name}.safetensors"), 24, &[("conv", 4), ("head", 3 + index)], 1.0 + 3.0 * index as f64);
    }
    workplace
}

fn files() -> Vec<String> {
    NAMES.iter().map(|name| format!("{name}.safetensors")).collect()
}

fn run(workplace: &Workplace, more: &[&str]) -> crate::support::Run {
    let files = files();
    let arguments: Vec<&str> = std::iter::once("networks").chain(files.iter().map(String::as_str)).chain(more.iter().copied()).collect();
    workplace.run(&arguments)
}

fn document(workplace: &Workplace, name: &str) -> Value {
    serde_json::from_str(&workplace.read(name)).unwrap()
}

/// The value of one layer of two networks, by `compare`.
fn alone(workplace: &Workplace, layer: &str, a: usize, b: usize, measure: &str) -> f64 {
    let [x, y] = [a, b].map(|at| format!("{}.safetensors:{layer}", NAMES[at]));
    workplace.run(&["compare", &x, &y, "-m", measure, "--format", "json"]).objects()[0]["value"].as_f64().unwrap()
}

#[test]
fn the_matrix_is_what_comparing_alone_gives() {
    let workplace = networks();
    let done = run(&workplace, &["--layer", "conv", "-o", "one"]);
    assert_eq!(done.status, 0, "{done:?}");
    let single = document(&workplace, "one/scores.json");
    assert_eq!(run(&workplace, &["-o", "all"]).status, 0);
    let matched = document(&workplace, "all/scores.json");
    for a in 0..NAMES.len() {
        assert_eq!(single["a"]["layers"][a]["name"], NAMES[a]);
        for b in 0..NAMES.len() {
            let [conv, head] = ["conv", "head"].map(|layer| alone(&workplace, layer, a, b, "cka"));
            assert_eq!(single["scores"][0][a][b]["value"].as_f64(), Some(conv), "{a} {b}");
            let mean = matched["scores"][0][a][b]["value"].as_f64().unwrap();
            let bound = matched["scores"][0][a][b]["diagnostics"]["error_bound"].as_f64().unwrap();
            assert!((mean - (conv + head) / 2.0).abs() <= 4.0 * f64::EPSILON && bound < 1e-10, "{a} {b}: {mean}");
            assert_eq!(matched["scores"][0][a][b]["diagnostics"]["layers"], 2);
        }
    }
    // Each layer of each pair stands in a table of its own.
    let lines = workplace.read("all/layers.csv");
    assert_eq!(lines.lines().count(), 1 + 2 * NAMES.len() * NAMES.len());
    assert!(std::fs::read_dir(workplace.path("all")).unwrap().all(|file| !file.unwrap().file_name().to_string_lossy().contains("cells")));
    let words = workplace.run(&["methods", "all"]).stdout;
    assert!(words.contains("4 networks with one another by the mean over their layers"), "{words}");
}

/// Average linkage from its definition: the two clusters whose networks are nearest in the mean.
fn heights(distances: &[Vec<f64>]) -> Vec<f64> {
    let mut clusters: Vec<Vec<usize>> = (0..distances.len()).map(|at| vec![at]).collect();
    let mut heights = Vec::new();
    while clusters.len() > 1 {
        let mean = |a: &[usize], b: &[usize]| {
            a.iter().flat_map(|x| b.iter().map(move |y| distances[*x][*y])).sum::<f64>() / (a.len() * b.len()) as f64
        };
        let pairs = (0..clusters.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let (a, b) = pairs.min_by(|x, y| mean(&clusters[x.0], &clusters[x.1]).total_cmp(&mean(&clusters[y.0], &clusters[y.1]))).unwrap();
        heights.push(mean(&clusters[a], &clusters[b]));
        let joined = [clusters[a].clone(), clusters[b].clone()].concat();
        clusters.remove(a);
        clusters[b] = joined;
    }
    heights
}

#[test]
fn tree_and_map_follow_from_the_distances() {
    let workplace = networks();
    let done = run(&workplace, &["-o", "out", "-m", "cka", "-m", "procrustes", "-m", "hsic", "-m", "linear-regression"]);
    assert_eq!(done.status, 0, "{done:?}");
    let found = document(&workplace, "out/networks.json");
    let scores = document(&workplace, "out/scores.json");
    let k = NAMES.len();
    for (place, entry) in found["measures"].as_array().unwrap().iter().enumerate() {
        let measure = entry["measure"].as_str().unwrap();
        if measure.starts_with("hsic") {
            assert!(entry["error"].as_str().unwrap().contains("at most 1"), "{entry}");
            assert!(done.stderr.contains("no tree and no map by hsic"), "{}", done.stderr);
            continue;
        }
        let value = |a: usize, b: usize| scores["scores"][place][a][b]["value"].as_f64().unwrap();
        let distance = |a: usize, b: usize| entry["distances"]["matrix"][a * k + b].as_f64().unwrap();
        for (a, b) in (0..k).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let mean = f64::midpoint(value(a, b), value(b, a));
            let expected = if measure.starts_with("procrustes") { mean } else { (2.0 * (1.0 - mean)).sqrt() };
            assert!((distance(a, b) - expected).abs() < 1e-14 && distance(b, a) == distance(a, b), "{measure} {a} {b}");
        }
        let matrix: Vec<Vec<f64>> = (0..k).map(|a| (0..k).map(|b| distance(a, b)).collect()).collect();
        let merges = entry["tree"]["merges"].as_array().unwrap();
        let got: Vec<f64> = merges.iter().map(|merge| merge["height"].as_f64().unwrap()).collect();
        for (got, expected) in got.iter().zip(heights(&matrix)) {
            assert!((got - expected).abs() < 1e-12, "{measure}: {got} {expected}");
        }
        assert_eq!((merges.len(), merges[k - 2]["size"].as_u64()), (k - 1, Some(k as u64)));
        let mut order: Vec<u64> = entry["tree"]["order"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap()).collect();
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3]);
        // The eigenvalues are those of the centered matrix: their sum is half the mean squared
        // distance, times k.
        let eigenvalues: f64 = entry["map"]["eigenvalues"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).sum();
        let squares: f64 = matrix.iter().flatten().map(|distance| distance * distance).sum();
        assert!((eigenvalues - squares / (2.0 * k as f64)).abs() < 1e-12, "{measure}: {eigenvalues}");
        let stem = measure.replace(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.', "-");
        for name in [format!("out/tree-{stem}.svg"), format!("out/map-{stem}.svg")] {
            let svg = workplace.read(&name);
            assert!(NAMES.iter().all(|network| svg.contains(&format!(">{network}<"))), "{name}");
        }
    }
    let page = workplace.read("out/report.html");
    assert!(page.contains("Tree by Linear CKA") && page.contains("Map by Procrustes") && page.contains("class=\"merge\""));
}

#[test]
fn distances_of_a_plane_are_drawn_as_they_are() {
    // Three networks that are rotated into one another by Procrustes' distance: any three distances
    // lie on a plane.
    let workplace = networks();
    let done = workplace.run(&[
        "networks",
        "one.safetensors",
        "two.safetensors",
        "four.safetensors",
        "-m",
        "procrustes",
        "--layer",
        "conv",
        "-o",
        "out",
    ]);
    assert_eq!(done.status, 0, "{done:?}");
    let entry = &document(&workplace, "out/networks.json")["measures"][0];
    let point = |at: usize| [0, 1].map(|axis| entry["map"]["points"][at][axis].as_f64().unwrap());
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let ([ax, ay], [bx, by]) = (point(a), point(b));
        let distance = entry["distances"]["matrix"][a * 3 + b].as_f64().unwrap();
        assert!(((ax - bx).hypot(ay - by) - distance).abs() < 1e-12, "{a} {b}");
    }
    assert!((entry["map"]["explained"].as_f64().unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn a_layer_has_a_null_and_a_network_without_values_leaves_the_others() {
    let workplace = networks();
    let done = run(&workplace, &["--layer", "head", "--null", "39", "--adjust", "bh", "-o", "out"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(document(&workplace, "out/scores.json")["scores"][0][0][1]["diagnostics"]["p"].as_f64().is_some());
    let provenance = document(&workplace, "out/provenance.json");
    assert_eq!((&provenance["networks"], &provenance["null"], &provenance["adjust"]), (&"head".into(), &"39".into(), &"bh".into()));
    assert_eq!(provenance["measures"], serde_json::json!([CKA]));
    // A layer with entries that are not finite: the pairs of its network have no value.
    let values = entries(24 * 4, 1.0);
    safetensors(&workplace.path("four.safetensors"), &[("conv", vec![24, 4], &values), ("head", vec![24, 4], &[f64::NAN; 96])]);
    let stopped = run(&workplace, &["-o", "next"]);
    assert_eq!(stopped.status, 3, "{stopped:?}");
    assert!(stopped.stdout.contains("7 of 16 cells have no value"), "{}", stopped.stdout);
    // Nor has their mean a null, and the matrix is there all the same.
    let without = run(&workplace, &["--null", "19", "-o", "mean"]);
    assert!(without.status == 3 && without.stderr.contains("no null, because a pair of networks has no value"), "{without:?}");
    assert_eq!(document(&workplace, "mean/scores.json")["scores"][0][0][1]["diagnostics"]["p"], Value::Null);
}

#[test]
fn an_interrupted_run_goes_on_where_it_stopped() {
    let workplace = networks();
    let opened = NAMES.map(|name| StoredLayers::new(Network::open(workplace.path(&format!("{name}.safetensors")), None).unwrap(), None));
    let layers: Vec<&dyn Layers> = opened.iter().map(|layers| layers as &dyn Layers).collect();
    let gathered = Gathered::new(&layers, &NAMES.map(String::from), "head").unwrap();
    let sweep = Sweep::new(&gathered, None, vec![Measure::parse("cka").unwrap()]);
    let keeper = Keeper(Mutex::default());
    sweep.resume(Vec::new(), &keeper).unwrap();
    let mut cells = keeper.0.into_inner().unwrap();
    cells.truncate(3);
    for cell in &mut cells {
        if let Outcome::Value { value, .. } = &mut cell.outcome {
            *value = 0.125;
        }
    }
    std::fs::create_dir(workplace.path("out")).unwrap();
    let (partial, _) = Partial::open(workplace.path("out/cells-layer-2.jsonl"), &sweep.header().unwrap()).unwrap();
    partial.append(&cells).unwrap();
    drop(partial);
    let done = run(&workplace, &["-o", "out"]);
    assert!(done.status == 0 && done.stderr.contains("3 cells were finished before"), "{done:?}");
    let head: Vec<String> = workplace.read("out/layers.csv").lines().filter(|line| line.starts_with("head,")).map(String::from).collect();
    let planted = head.iter().filter(|line| line.contains(",0.125,")).count();
    assert!((3..=6).contains(&planted), "the finished cells were taken, not computed again: {head:?}");
    assert!(!workplace.path("out/cells-layer-2.jsonl").exists());
}

/// Keeps what a sweep finishes.
struct Keeper(Mutex<Vec<Cell>>);

impl Observer for Keeper {
    fn finished(&self, cells: &[Cell]) -> Result<(), Error> {
        self.0.lock().unwrap().extend_from_slice(cells);
        Ok(())
    }
}

/// What the rows and columns are: networks, and not layers of a mean.
#[test]
fn tables_of_networks_name_networks() {
    let workplace = networks();
    let matched = run(&workplace, &[]).stdout;
    assert!(matched.starts_with("rows and columns: networks (mean over 2 layers), n = 24\n"), "{matched}");
    for (arguments, layer) in [(&[][..], "mean over 2 layers"), (&["--layer", "conv"], "conv")] {
        let table = run(&workplace, &[arguments, &["--format", "csv"]].concat()).stdout;
        let second = table.lines().nth(2).unwrap();
        assert!(second.starts_with(&format!("one,{layer},two,{layer},{}", &format!("\"{CKA}\""))), "{second}");
        assert_eq!(run(&workplace, &[arguments, &["-o", "out"]].concat()).status, 0);
        assert_eq!(workplace.read("out/scores.csv"), table);
        assert!(workplace.read("out/report.html").contains("Rows and columns: networks ("));
    }
}

#[test]
fn a_copy_of_a_network_is_said() {
    let workplace = networks();
    assert!(!run(&workplace, &["--layer", "conv"]).stderr.contains("copy"));
    std::fs::copy(workplace.path("two.safetensors"), workplace.path("four.safetensors")).unwrap();
    let done = run(&workplace, &["--layer", "conv"]);
    assert!(done.status == 0 && done.stderr.contains("warning: two and four have the same sizes and checksums"), "{done:?}");
}

#[test]
fn a_constant_layer_is_named_with_the_way_out() {
    let workplace = networks();
    for (name, seed) in [("one", 1.0), ("two", 4.0)] {
        let values = entries(24 * 4, seed);
        let file = workplace.path(&format!("{name}.safetensors"));
        safetensors(&file, &[("conv", vec![24, 4], &values), ("head", vec![24, 4], &[1.0; 96])]);
    }
    let both = ["networks", "one.safetensors", "two.safetensors"];
    let done = workplace.run(&both);
    assert!(done.status == 3 && done.stdout.contains("--exclude head"), "{done:?}");
    assert_eq!(workplace.run(&[&both[..], &["--exclude", "head"]].concat()).status, 0);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let workplace = networks();
    run(&workplace, &["--layer", "pool", "-o", "out"]).refused(&["one has no layer \"pool\"", "conv, head"]);
    run(&workplace, &["--null", "exact", "-o", "out"]).refused(&["--layer", "--null 1000"]);
    workplace.run(&["networks", "one.safetensors", "-o", "out"]).refused(&["networks"]);
    workplace.run(&["networks", "one.safetensors", "one.safetensors", "-o", "out"]).refused(&["twice"]);
    workplace.network("other.safetensors", 24, &[("conv", 4)], 5.0);
    workplace.run(&["networks", "one.safetensors", "other.safetensors", "-o", "out"]).refused(&["head", "other", "--layer"]);
    workplace.network("short.safetensors", 20, &[("conv", 4), ("head", 3)], 5.0);
    workplace.run(&["networks", "one.safetensors", "short.safetensors", "-o", "out"]).refused(&["24", "20"]);
    // The nulls of any layer have to fit, not those of the first alone.
    for (name, seed) in [("wide1.safetensors", 1.0), ("wide2.safetensors", 5.0)] {
        workplace.network(name, 24, &[("conv", 2), ("head", 2000)], seed);
    }
    let wide = ["networks", "wide1.safetensors", "wide2.safetensors", "--null", "9", "--memory", "1M", "-o", "out"];
    workplace.run(&wide).refused(&["--null keeps all layers", "MiB; 1.0 MiB may be taken"]);
    assert!(!workplace.path("out").exists(), "nothing was written");
}

#[test]
fn the_mean_over_matched_layers_has_a_null_of_its_own() {
    use similitude::inference::{Permutations, permutation_null};
    use similitude::io::{Source, read_representation};

    let workplace = networks();
    let done = run(&workplace, &["--null", "99", "--adjust", "row-max", "-o", "out", "--seed", "3"]);
    assert_eq!(done.status, 0, "{done:?}");
    let scores = document(&workplace, "out/scores.json");
    let read = |at: usize, layer: &str| {
        read_representation(&Source::from_parts(workplace.path(&format!("{}.safetensors", NAMES[at])), Some(layer)), None).unwrap()
    };
    let cka = Measure::parse("cka").unwrap();
    let nulls = ["conv", "head"].map(|layer| permutation_null(&cka, &read(0, layer), &read(2, layer), &Permutations::new(99, 3)).unwrap());
    let means: Vec<f64> = nulls[0].values.iter().zip(&nulls[1].values).map(|(one, two)| f64::midpoint(*one, *two)).collect();
    let score = f64::midpoint(nulls[0].score.value, nulls[1].score.value);
    let p = (means.iter().filter(|value| **value >= score).count() as f64 + 1.0) / 100.0;
    let facts = &scores["scores"][0][0][2]["diagnostics"];
    assert!(facts["p"].as_f64().unwrap() >= p, "{facts} {p}");
    let mean = means.iter().sum::<f64>() / 99.0;
    assert!((facts["null_mean"].as_f64().unwrap() - mean).abs() < 1e-12, "{facts} {mean}");
    assert_eq!(run(&workplace, &["--null", "99", "-o", "plain", "--seed", "3"]).status, 0);
    assert_eq!(document(&workplace, "plain/scores.json")["scores"][0][0][2]["diagnostics"]["p"].as_f64(), Some(p));
}
