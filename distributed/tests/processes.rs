//! The program under mpirun, with several processes on this machine. Where there is no mpirun,
//! these tests say so and are skipped.

#[path = "../../tests/common/convnet.rs"]
mod convnet;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use similitude::Measure;
use similitude::io::{Arrangement, Axes, Network, Reading, Spatial, TensorValues, write_safetensors};
use similitude::sweep::{Layers, StoredLayers, Sweep};

const MEASURES: [&str; 5] = ["cka", "cka:estimator=debiased", "hsic", "procrustes", "linear-regression"];

/// Whether there is an mpirun; says why a test is skipped.
fn mpirun_is_missing(test: &str) -> bool {
    let missing = Command::new("mpirun").arg("--version").output().is_err();
    if missing {
        eprintln!("{test}: skipped, there is no mpirun here");
    }
    missing
}

fn network(path: &Path, n: usize, widths: &[usize], seed: f64) {
    let values: Vec<Vec<f64>> = widths
        .iter()
        .enumerate()
        .map(|(layer, p)| {
            let entry = |index: usize| (seed + layer as f64 + 12.9898 * index as f64 + 0.37 * (index * index % 101) as f64).sin() + 50.0;
            (0..n * p).map(entry).collect()
        })
        .collect();
    let names: Vec<String> = (0..widths.len()).map(|layer| format!("layer{layer}")).collect();
    let shapes: Vec<[usize; 2]> = widths.iter().map(|p| [n, *p]).collect();
    let tensors = names.iter().zip(&shapes).zip(&values);
    let tensors: Vec<_> = tensors.map(|((name, shape), values)| (name.as_str(), &shape[..], TensorValues::F64(values))).collect();
    write_safetensors(path, &tensors).unwrap();
}

fn mpirun(directory: &Path, processes: usize, arguments: &[&str]) -> Output {
    let count = processes.to_string();
    let launch = ["-n", &count, "--oversubscribe", "--allow-run-as-root", env!("CARGO_BIN_EXE_similitude-mpi")];
    Command::new("mpirun").args(launch).args(arguments).current_dir(directory).output().unwrap()
}

/// The files of a directory, but for that which says by what command they were made.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |file: std::fs::DirEntry| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
    std::fs::read_dir(directory).unwrap().map(|file| read(file.unwrap())).filter(|(name, _)| name != "provenance.json").collect()
}

fn measures() -> Vec<&'static str> {
    MEASURES.iter().flat_map(|measure| ["-m", measure]).collect()
}

/// Asserts that a table has the scores of a sweep in one memory: to the bit where nothing streams,
/// within the bounds where it does. Gives their number.
fn compare_in_memory(table: &[u8], networks: [&Path; 2], reading: Option<&Reading>, measures: &[&str]) -> usize {
    let [a, b] = networks.map(|path| StoredLayers::new(Network::open(path, None).unwrap(), reading.cloned()));
    let parsed = measures.iter().map(|text| Measure::parse(text).unwrap()).collect();
    let scores = Sweep::new(&a, Some(&b as &dyn Layers), parsed).run().unwrap();
    let mut table = csv::Reader::from_reader(table);
    let header = table.headers().unwrap().clone();
    let mut compared = 0;
    for (line, record) in table.records().zip(scores.records()) {
        let line = line.unwrap();
        let number = |name: &str| -> f64 { line[header.iter().position(|column| column == name).unwrap()].parse().unwrap() };
        let (bound, value) = (number("error_bound"), number("value"));
        let (want, want_bound) = (record.outcome.value().unwrap(), record.outcome.diagnostic("error_bound").unwrap());
        let linear = !record.measure.contains("kernel=") || record.measure.contains("kernel=linear");
        let streams = linear && (record.measure.starts_with("cka") || record.measure.starts_with("hsic"));
        let allowed = if streams { bound + want_bound } else { 0.0 };
        assert!((value - want).abs() <= allowed, "{line:?}: {value:?}, in memory {want:?}");
        compared += 1;
    }
    compared
}

#[test]
fn any_number_of_processes_gives_the_same_files() {
    if mpirun_is_missing("any_number_of_processes_gives_the_same_files") {
        return;
    }
    let workplace = tempfile::tempdir().unwrap();
    let (a, b) = (workplace.path().join("a.safetensors"), workplace.path().join("b.safetensors"));
    network(&a, 5003, &[7, 30, 12], 1.0);
    network(&b, 5003, &[9, 20], 8.0);
    let run = |processes: usize, output: &str| {
        let result = mpirun(
            workplace.path(),
            processes,
            &[&["a.safetensors", "b.safetensors", "-o", output, "--row-shards", "8"], &measures()[..]].concat(),
        );
        assert!(result.status.success(), "{processes} processes: {result:?}");
        files(&workplace.path().join(output))
    };
    let one = run(1, "one");
    assert_eq!(one.len(), 3 + 2 * MEASURES.len(), "{:?}", one.keys());
    for processes in 2..=4 {
        assert_eq!(run(processes, &format!("of-{processes}")), one, "{processes} processes");
    }
    assert_eq!(compare_in_memory(&one["scores.csv"], [&a, &b], None, &MEASURES), 6 * MEASURES.len());
}

#[test]
fn layers_wider_than_the_examples_give_the_scores_of_one_process() {
    if mpirun_is_missing("layers_wider_than_the_examples_give_the_scores_of_one_process") {
        return;
    }
    let workplace = tempfile::tempdir().unwrap();
    let [a, b] = convnet::write_both(workplace.path());
    let chosen = ["cka", "cka:estimator=debiased", "cka:kernel=rbf", "procrustes"];
    let run = |processes: usize, output: &str| {
        let measures = chosen.iter().flat_map(|measure| ["-m", measure]);
        let arguments =
            ["a.safetensors", "b", "-o", output, "--axes", "nchw", "--spatial", "flatten", "--memory", "256", "--row-shards", "4"];
        let result = mpirun(workplace.path(), processes, &arguments.into_iter().chain(measures).collect::<Vec<_>>());
        assert!(result.status.success(), "{processes} processes: {result:?}");
        files(&workplace.path().join(output))
    };
    let one = run(1, "one");
    assert!(run(3, "three") == one);
    let cells = convnet::LAYERS.len() * convnet::LAYERS.len() * chosen.len();
    let axes = Axes::parse_list("nchw").unwrap();
    let tensors = Arrangement { axes, spatial: Some(Spatial::Flatten), ..Arrangement::default() };
    let reading = Reading { tensors, ..Reading::default() };
    assert_eq!(compare_in_memory(&one["scores.csv"], [&a, &b], Some(&reading), &chosen), cells);
}

#[test]
fn a_process_that_fails_ends_the_job_and_finished_cells_are_kept() {
    if mpirun_is_missing("a_process_that_fails_ends_the_job_and_finished_cells_are_kept") {
        return;
    }
    let workplace = tempfile::tempdir().unwrap();
    network(&workplace.path().join("a.safetensors"), 120_000, &[60, 50, 60], 1.0);
    let run = |memory: &str| {
        let arguments = ["a.safetensors", "-o", "out", "--row-shards", "1", "-m", "cka", "-m", "procrustes", "--memory", memory];
        mpirun(workplace.path(), 2, &arguments)
    };
    // Enough for moments, and not for the features of two layers that Procrustes keeps: said before
    // anything is computed.
    let refused = run("110");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{message}");
    assert!(message.contains("error: process ") && message.contains("procrustes:form=distance: this needs about"), "{message}");
    assert!(!message.contains("streaming"), "{message}");
    // The second process cannot write the file of its own cells, and finds that out when those of
    // the first are finished.
    let obstacle = workplace.path().join("out/cells-of-process-1.jsonl");
    std::fs::create_dir(&obstacle).unwrap();
    let failed = run("1000");
    let message = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(!failed.status.success() && message.contains("error: process 1 of 2: out/cells-of-process-1.jsonl: "), "{message}");
    let kept = std::fs::read_to_string(workplace.path().join("out/cells.jsonl")).unwrap();
    assert_eq!(kept.lines().count(), 1 + 6, "{kept}");
    assert!(!workplace.path().join("out/scores.csv").exists());
    std::fs::remove_dir(&obstacle).unwrap();
    let resumed = run("1000");
    let message = String::from_utf8_lossy(&resumed.stderr).into_owned();
    // Whatever the first process had finished of its own comes on top of the six.
    assert!(resumed.status.success() && message.contains(" cells were finished before and are kept"), "{message}");
    assert!(!message.contains("out: 0 cells"), "{message}");
    assert!(workplace.path().join("out/scores.csv").exists() && !workplace.path().join("out/cells.jsonl").exists());
}

#[test]
fn input_that_cannot_be_used_is_named_by_the_process_that_met_it() {
    if mpirun_is_missing("input_that_cannot_be_used_is_named_by_the_process_that_met_it") {
        return;
    }
    let workplace = tempfile::tempdir().unwrap();
    let path = workplace.path().join("a.safetensors");
    network(&path, 1000, &[5], 1.0);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() - 8;
    bytes[at..].copy_from_slice(&f64::NAN.to_le_bytes());
    std::fs::write(&path, bytes).unwrap();
    let failed = mpirun(workplace.path(), 3, &["a.safetensors", "-o", "out"]);
    let message = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(!failed.status.success(), "{message}");
    // The last shard belongs to the last process, and the row is counted over all of them.
    assert!(message.contains("error: process 2 of 3: a.safetensors:layer0: the entry in row 999, column 4 is NaN"), "{message}");
}
