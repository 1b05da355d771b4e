//! `similitude sweep` and `similitude demo`

use std::collections::BTreeMap;
use std::sync::Mutex;

use similitude::Measure;
use similitude::io::{Network, Source};
use similitude::sweep::{Cell, Error, Observer, Partial, StoredLayers, Sweep};

use crate::support::Workplace;

const LAYERS: [(&str, usize); 3] = [("conv1", 4), ("conv2", 6), ("pool", 3)];

fn networks() -> Workplace {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &LAYERS, 1.0);
    workplace.network("b.safetensors", 30, &LAYERS[1..], 7.0);
    workplace
}

/// (layer of a, layer of b, measure)
type Key = (String, String, String);
/// (value, p1, p2, kind of error)
type Row = (Option<f64>, usize, usize, String);

/// The rows of a long table.
fn rows(table: &str) -> BTreeMap<Key, Row> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    let read = |record: &csv::StringRecord, name: &str| record[header.iter().position(|column| column == name).unwrap()].to_string();
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        let key = (read(&record, "layer_a"), read(&record, "layer_b"), read(&record, "measure"));
        let number = |name| read(&record, name).parse().unwrap();
        (key, (read(&record, "value").parse().ok(), number("p1"), number("p2"), read(&record, "error_kind")))
    });
    rows.collect()
}

#[test]
fn a_sweep_writes_tables_and_pictures_and_leaves_nothing_unfinished() {
    let workplace = networks();
    let run = workplace.run(&["sweep", "a.safetensors", "b.safetensors", "-m", "cka", "-m", "procrustes", "-o", "out"]);
    assert_eq!(run.status, 0, "{run:?}");
    let mut files: Vec<String> =
        std::fs::read_dir(workplace.path("out")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let pictures = ["heatmap-cka-kernel-linear-estimator-biased", "heatmap-procrustes-form-distance"];
    let mut expected: Vec<String> = pictures.iter().flat_map(|stem| [format!("{stem}.png"), format!("{stem}.svg")]).collect();
    expected.extend(["provenance.json", "scores.csv", "scores.json", "scores.npz"].map(String::from));
    assert_eq!(files, expected);
    assert!(workplace.read("out/heatmap-procrustes-form-distance.svg").starts_with("<svg"));
    assert!(std::fs::read(workplace.path("out/heatmap-procrustes-form-distance.png")).unwrap().starts_with(b"\x89PNG"));

    let rows = rows(&workplace.read("out/scores.csv"));
    assert_eq!(rows.len(), 3 * 2 * 2);
    let document: serde_json::Value = serde_json::from_str(&workplace.read("out/scores.json")).unwrap();
    for ((layer_a, layer_b, measure), (value, p1, p2, _)) in &rows {
        // Each cell is what comparing the two layers alone gives, to the bit.
        let (x, y) = (format!("a.safetensors:{layer_a}"), format!("b.safetensors:{layer_b}"));
        let alone = workplace.run(&["compare", &x, &y, "-m", measure, "--format", "json"]).objects().remove(0);
        assert_eq!(alone["value"].as_f64(), *value, "{x} {y} {measure}");
        assert_eq!((alone["p1"].as_u64().unwrap() as usize, alone["p2"].as_u64().unwrap() as usize), (*p1, *p2));
        let cells = document["scores"].as_array().unwrap().iter().flat_map(|table| table.as_array().unwrap());
        let mut cells = cells.flat_map(|row| row.as_array().unwrap());
        assert!(cells.any(|cell| *cell == alone), "{alone} is not in scores.json");
    }
}

#[test]
fn standard_output_has_every_cell_in_the_format_asked_for() {
    let workplace = networks();
    let run = |format| workplace.run(&["sweep", "a.safetensors", "b.safetensors", "--format", format]);
    assert_eq!(run("json").objects().len(), 6);
    assert_eq!(rows(&run("csv").stdout).len(), 6);
    let table = run("table").stdout;
    for word in ["conv1", "conv2", "pool", "cka:kernel=linear,estimator=biased"] {
        assert!(table.contains(word), "{word} is missing in: {table}");
    }
    // A pipe is no terminal: no progress on standard error.
    assert_eq!(run("table").stderr, "");
}

#[test]
fn a_network_with_itself_is_symmetric_where_the_measure_is() {
    let workplace = networks();
    let run = workplace.run(&["sweep", "a.safetensors", "-m", "cka", "-m", "pwcca:weights=x", "-m", "svcca", "--format", "csv"]);
    assert_eq!(run.status, 0, "{run:?}");
    let rows = rows(&run.stdout);
    assert_eq!(rows.len(), 9 * 3);
    for ((layer_a, layer_b, measure), (value, p1, p2, _)) in &rows {
        let (mirrored, other_p1, other_p2, _) = &rows[&(layer_b.clone(), layer_a.clone(), measure.clone())];
        assert_eq!((p1, p2), (other_p2, other_p1));
        let differs = measure.starts_with("pwcca") && layer_a != layer_b;
        assert_eq!(value == mirrored, !differs, "{layer_a} {layer_b} {measure}: {value:?} {mirrored:?}");
    }
    let diagonal = rows[&("pool".into(), "pool".into(), "cka:kernel=linear,estimator=biased".into())].0.unwrap();
    assert!((diagonal - 1.0).abs() < 1e-14, "{diagonal}");
    // The mirrored half names the kept dimensions of its own sides.
    let json = workplace.run(&["sweep", "a.safetensors", "-m", "svcca", "--format", "json"]).objects();
    let kept = |x: &str, y: &str, side: &str| {
        let object = json.iter().find(|object| object["x"] == format!("a.safetensors:{x}") && object["y"] == format!("a.safetensors:{y}"));
        object.unwrap()["diagnostics"][side].as_u64().unwrap()
    };
    assert_eq!(kept("conv2", "pool", "kept_x"), kept("pool", "conv2", "kept_y"));
    assert_ne!(kept("conv2", "pool", "kept_x"), kept("conv2", "pool", "kept_y"));
}

#[test]
fn a_cell_without_a_value_is_reported_and_the_others_are_there() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 8, &[("narrow", 2), ("wide", 9)], 1.0);
    let run = workplace.run(&["sweep", "a.safetensors", "-m", "cca", "-m", "cka", "-o", "out"]);
    assert_eq!(run.status, 3, "{run:?}");
    let rows = rows(&workplace.read("out/scores.csv"));
    let without: Vec<_> = rows.iter().filter(|(_, (value, ..))| value.is_none()).map(|((a, b, _), (.., kind))| (a, b, kind)).collect();
    assert_eq!(without.len(), 3, "{without:?}");
    assert!(without.iter().all(|(a, b, kind)| (*a == "wide" || *b == "wide") && *kind == "degenerate"), "{without:?}");
    assert!(run.stdout.contains("3 of 4 cells have no value"), "{}", run.stdout);
    // What is wrong with a layer is said once, and referred to.
    let document: serde_json::Value = serde_json::from_str(&workplace.read("out/scores.json")).unwrap();
    let errors = document["errors"].as_array().unwrap();
    let cells = document["scores"][0].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    let places: Vec<usize> = cells.filter_map(|cell| Some(cell.get("error")?.as_u64()? as usize)).collect();
    assert!(places.len() == 3 && places.iter().all(|&place| errors[place]["kind"] == "degenerate"), "{document}");
    let messages: Vec<&serde_json::Value> = errors.iter().map(|error| &error["message"]).collect();
    let csv = workplace.read("out/scores.csv");
    assert!(messages.iter().all(|message| csv.contains(message.as_str().unwrap())), "{messages:?}");
    assert_eq!(messages.iter().collect::<std::collections::HashSet<_>>().len(), messages.len());
}

#[test]
fn a_sweep_into_files_is_summed_up_and_its_matrices_are_read_by_numpy() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &[("=one", 4), ("two", 4), ("three", 40)], 1.0);
    workplace.network("b.safetensors", 30, &[("=one", 4), ("two", 4)], 1.0);
    let run = workplace.run(&["sweep", "a.safetensors", "b.safetensors", "-m", "cka", "-m", "cca", "-o", "out"]);
    assert_eq!(run.status, 3, "{run:?}");
    let line = |layer: &str| run.stdout.lines().find(|line| line.starts_with(layer)).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!((line("=one")[1..].to_vec(), line("two")[1..].to_vec()), (vec!["=one", "1.0000"], vec!["two", "1.0000"]), "{}", run.stdout);
    assert!(run.stdout.contains("2 of 6 cells have no value") && run.stdout.lines().count() < 20, "{}", run.stdout);
    for name in ["scores.csv", "scores.npz", "heatmap-cka-kernel-linear-estimator-biased.svg"] {
        assert!(run.stderr.contains(&format!("wrote out/{name}")), "{}", run.stderr);
    }
    // In a network with itself the best of the others.
    let itself = workplace.run(&["sweep", "b.safetensors", "-o", "itself"]);
    let two = itself.stdout.lines().find(|line| line.starts_with("two")).unwrap();
    assert!(two.contains("=one"), "{}", itself.stdout);

    let table = rows(&workplace.read("out/scores.csv"));
    let read = |name: &str| similitude::io::read_tensor(&Source::from_parts(workplace.path("out/scores.npz"), Some(name))).unwrap();
    let values = read("values");
    assert_eq!(
        (values.shape.as_slice(), read("error_bounds").shape.as_slice(), read("n").values),
        (&[2, 3, 2][..], &[2, 3, 2][..], vec![30.0])
    );
    let measures = ["cka:kernel=linear,estimator=biased", "cca:summary=rho,divisor=min-rank,center=yes,degenerate=error"];
    for (index, value) in values.values.iter().enumerate() {
        // A spreadsheet must not run the name.
        let (a, b) = (["'=one", "two", "three"][index / 2 % 3], ["'=one", "two"][index % 2]);
        let expected = table[&(a.to_string(), b.to_string(), measures[index / 6].to_string())].0;
        assert_eq!(value.is_finite().then_some(*value), expected, "{a} {b} {}", measures[index / 6]);
    }
    // Names are arrays of characters, which this library does not read.
    let bytes = std::fs::read(workplace.path("out/scores.npz")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut names = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name("layers_a.npy").unwrap(), &mut names).unwrap();
    assert!(names.starts_with(b"\x93NUMPY\x01\0") && names.len() == 128 + 3 * 4 * 5, "{}", names.len());
    assert!(names.windows(20).any(|text| text == b"t\0\0\0h\0\0\0r\0\0\0e\0\0\0e\0\0\0"));
}

#[test]
fn layers_can_be_chosen_and_a_directory_is_a_network() {
    let workplace = Workplace::new();
    std::fs::create_dir(workplace.path("net")).unwrap();
    for (name, p) in [("layer10", 3), ("layer2", 4), ("layer1", 5)] {
        workplace.npy(&format!("net/{name}.npy"), 20, p, p as f64);
    }
    let names = |run: crate::support::Run| -> Vec<String> {
        run.objects().iter().take(3).map(|object| object["y"].as_str().unwrap().to_string()).collect()
    };
    let all = names(workplace.run(&["sweep", "net", "--format", "json"]));
    assert_eq!(all, ["net/layer1.npy", "net/layer2.npy", "net/layer10.npy"]);
    let chosen = names(workplace.run(&["sweep", "net", "--layers", "layer10,layer1", "--format", "json"]));
    assert_eq!(chosen[..2], ["net/layer10.npy", "net/layer1.npy"]);
}

/// Keeps what a sweep finishes.
struct Keeper(Mutex<Vec<Cell>>);

impl Observer for Keeper {
    fn finished(&self, cells: &[Cell]) -> Result<(), Error> {
        self.0.lock().unwrap().extend_from_slice(cells);
        Ok(())
    }
}

/// Leaves the partial file of a sweep of a with b that was interrupted after `count` cells, and
/// gives the file's bytes.
fn interrupt(workplace: &Workplace, measures: &[&str], count: usize, change: impl Fn(&mut Cell)) -> Vec<u8> {
    let open = |name: &str| StoredLayers::new(Network::open(workplace.path(name), None).unwrap(), None);
    let (a, b) = (open("a.safetensors"), open("b.safetensors"));
    let measures = measures.iter().map(|measure| Measure::parse(measure).unwrap()).collect();
    let sweep = Sweep::new(&a, Some(&b), measures);
    let keeper = Keeper(Mutex::default());
    sweep.resume(Vec::new(), &keeper).unwrap();
    let mut cells = keeper.0.into_inner().unwrap();
    cells.truncate(count);
    cells.iter_mut().for_each(change);
    std::fs::create_dir_all(workplace.path("out")).unwrap();
    let path = workplace.path("out/cells.jsonl");
    let (partial, earlier) = Partial::open(&path, &sweep.header().unwrap()).unwrap();
    assert_eq!(earlier, []);
    partial.append(&cells).unwrap();
    drop(partial);
    std::fs::read(path).unwrap()
}

fn resumed(workplace: &Workplace, measure: &str) -> crate::support::Run {
    let path = |name: &str| workplace.path(name).display().to_string();
    workplace.run(&["sweep", &path("a.safetensors"), &path("b.safetensors"), "-m", measure, "-o", "out"])
}

#[test]
fn an_interrupted_sweep_goes_on_where_it_stopped() {
    let workplace = networks();
    let mut whole = resumed(&workplace, "procrustes").stdout;
    let table = workplace.read("out/scores.csv");
    interrupt(&workplace, &["procrustes"], 4, |_| ());
    // The results of the earlier sweep are still there, and must be replaced by those of the one
    // that goes on.
    let run = resumed(&workplace, "procrustes");
    assert_eq!((run.status, run.stdout), (0, std::mem::take(&mut whole)));
    assert!(run.stderr.contains("4 cells were finished before"), "{}", run.stderr);
    assert_eq!(workplace.read("out/scores.csv"), table);
    assert!(!workplace.path("out/cells.jsonl").exists());
}

#[test]
fn finished_cells_are_taken_and_not_computed_again() {
    let workplace = networks();
    interrupt(&workplace, &["cka"], 3, |cell| {
        if let similitude::sweep::Outcome::Value { value, .. } = &mut cell.outcome {
            *value = 0.125;
        }
    });
    assert_eq!(resumed(&workplace, "cka").status, 0);
    let planted = rows(&workplace.read("out/scores.csv")).values().filter(|row| row.0 == Some(0.125)).count();
    assert_eq!(planted, 3);
}

#[test]
fn a_torn_last_line_is_computed_again() {
    let workplace = networks();
    assert_eq!(resumed(&workplace, "cka").status, 0);
    let table = workplace.read("out/scores.csv");
    let bytes = interrupt(&workplace, &["cka"], 4, |_| ());
    std::fs::write(workplace.path("out/cells.jsonl"), &bytes[..bytes.len() - 9]).unwrap();
    let run = resumed(&workplace, "cka");
    assert!(run.status == 0 && run.stderr.contains("3 cells were finished before"), "{run:?}");
    assert_eq!(workplace.read("out/scores.csv"), table);
}

#[test]
fn the_cells_of_another_sweep_are_refused_and_kept() {
    let workplace = networks();
    let bytes = interrupt(&workplace, &["cka"], 4, |_| ());
    resumed(&workplace, "procrustes").refused(&["out/cells.jsonl", "another sweep", "there cka:", "here procrustes:"]);
    assert_eq!(std::fs::read(workplace.path("out/cells.jsonl")).unwrap(), bytes);
    // So are the same measures in another precision, and the same names and shapes with other
    // numbers.
    let path = |name: &str| workplace.path(name).display().to_string();
    let single = ["sweep", &path("a.safetensors"), &path("b.safetensors"), "-m", "cka", "--precision", "f32", "-o", "out"];
    workplace.run(&single).refused(&["another sweep", "precision: there f64, here f32"]);
    workplace.network("b.safetensors", 30, &LAYERS[1..], 8.0);
    resumed(&workplace, "cka").refused(&["another sweep", "files of the second network"]);
    assert_eq!(std::fs::read(workplace.path("out/cells.jsonl")).unwrap(), bytes);
}

#[test]
fn the_demo_needs_no_argument_and_says_where_it_writes() {
    let workplace = Workplace::new();
    // Two networks instead of five: the whole of it is a test of its own.
    let run = workplace.run(&["demo", "--networks", "2"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("similitude-demo"), "{}", run.stderr);
    for name in ["CCA mean rho", "SVCCA R2", "PWCCA", "linear regression R2", "HSIC, linear", "CKA, linear", "CKA, RBF 0.8 median"] {
        assert!(run.stdout.lines().any(|line| line.starts_with(name)), "{name} is missing in: {}", run.stdout);
    }
    let files: Vec<_> = std::fs::read_dir(workplace.path("similitude-demo")).unwrap().map(|file| file.unwrap().path()).collect();
    let count = |extension: &str| files.iter().filter(|file| file.extension().is_some_and(|found| found == extension)).count();
    assert_eq!((count("svg"), count("png"), count("csv")), (11, 11, 1));
    let json = workplace.run(&["demo", "--networks", "2", "--format", "json"]);
    assert_eq!(json.objects().len(), 11);
    let layers = json.objects()[0]["trials"].as_u64().unwrap() as usize / 2;
    for object in json.objects() {
        assert!((0.0..=1.0).contains(&object["accuracy"].as_f64().unwrap()), "{object}");
    }
    // Both orders of the one pair, all layers with all layers, eleven indexes.
    let table = workplace.read("similitude-demo/scores.csv");
    assert_eq!(table.lines().count(), 1 + 2 * layers * layers * 11);
}
