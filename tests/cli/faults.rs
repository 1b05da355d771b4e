//! What goes wrong around a sweep costs nothing that was computed: refusals, kills, full streams,
//! layers that are not finite, pictures that cannot be drawn.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use similitude::io::{TensorValues, write_safetensors};

use crate::support::{Run, Workplace, entries, safetensors};

/// The files of a directory, but for that which says by what command they were made.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |file: std::fs::DirEntry| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap_or_default());
    std::fs::read_dir(directory).unwrap().map(|file| read(file.unwrap())).filter(|(name, _)| name != "provenance.json").collect()
}

fn shell(workplace: &Workplace, command: &str) -> std::process::Output {
    let command = command.replace("similitude", env!("CARGO_BIN_EXE_similitude"));
    Command::new("sh").args(["-c", &command]).current_dir(workplace.path("")).output().unwrap()
}

const LAYERS: [(&str, usize); 3] = [("conv1", 4), ("conv2", 6), ("pool", 3)];

#[test]
fn a_refused_sweep_leaves_the_directory_as_it_was() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &LAYERS, 1.0);
    workplace.network("other.safetensors", 29, &LAYERS, 1.0);
    let sweep = |more: &[&str]| workplace.run(&[&["sweep", "a.safetensors", "-o", "out"], more].concat());
    assert_eq!(sweep(&[]).status, 0);
    let before = files(&workplace.path("out"));
    assert_eq!(before.len(), 5, "{:?}", before.keys());
    // Other numbers of examples; too little memory; a layer that is not finite, at the end.
    workplace.run(&["sweep", "a.safetensors", "other.safetensors", "-o", "out"]).refused(&["30 examples", "29"]);
    sweep(&["-m", "cka:kernel=rbf", "--memory", "1K"]).refused(&["may take 1.0 KiB"]);
    let (good, mut bad) = (entries(30 * 4, 1.0), entries(30 * 3, 2.0));
    bad[7] = f64::NAN;
    let broken = |bad: &[f64]| safetensors(&workplace.path("b.safetensors"), &[("one", vec![30, 4], &good), ("two", vec![30, 3], bad)]);
    broken(&bad);
    let stopping = ["sweep", "b.safetensors", "-o", "out", "--on-error", "stop", "--threads", "1"];
    workplace.run(&stopping).refused(&["b.safetensors:two: the entry in row 2, column 1 is NaN"]);
    assert_eq!(files(&workplace.path("out")), before);
    // A directory that is not there is not made for nothing.
    workplace.run(&["sweep", "a.safetensors", "other.safetensors", "-o", "none"]).refused(&["29"]);
    assert!(!workplace.path("none").exists());
    // The mended input is not in the way of what was refused.
    bad[7] = 0.5;
    broken(&bad);
    assert_eq!(workplace.run(&stopping).status, 0);
    assert_ne!(files(&workplace.path("out"))["scores.csv"], before["scores.csv"]);
}

#[test]
fn results_of_an_earlier_sweep_do_not_pass_for_those_of_one_that_was_killed() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &LAYERS, 1.0);
    let sweep = |more: &[&str]| workplace.run(&[&["sweep", "a.safetensors", "-o", "out"], more].concat());
    assert_eq!(sweep(&[]).status, 0);
    let before = files(&workplace.path("out"));
    // What a kill leaves: the earlier results aside, and files that were being written.
    std::fs::create_dir(workplace.path("out/earlier")).unwrap();
    for name in before.keys().map(String::as_str).chain(["provenance.json"]) {
        std::fs::rename(workplace.path("out").join(name), workplace.path("out/earlier").join(name)).unwrap();
    }
    for name in ["out/.scores.csv.123-4.tmp", "out/.heatmap-cka-kernel-linear-estimator-biased.png.99-0.tmp"] {
        std::fs::write(workplace.path(name), "half").unwrap();
    }
    std::fs::write(workplace.path("out/.mine.tmp"), "").unwrap();
    // Refused, it puts them back; ended, it drops them.
    std::fs::write(workplace.path("out/cells.jsonl"), "").unwrap();
    sweep(&["--memory", "1K"]).refused(&["may take 1.0 KiB"]);
    let now = files(&workplace.path("out"));
    assert!(before.iter().all(|(name, bytes)| now[name] == *bytes) && !now.contains_key("earlier"), "{:?}", now.keys());
    assert_eq!(sweep(&[]).status, 0);
    let mut now = files(&workplace.path("out"));
    assert!(now.remove(".mine.tmp").is_some());
    assert_eq!(now, before);
}

/// Five layers of which two are not finite, narrow or wide.
fn half_overflow(workplace: &Workplace, name: &str, widths: [usize; 5]) {
    let values: Vec<Vec<f32>> = (0..5)
        .map(|layer| {
            let mut values: Vec<f32> = entries(24 * widths[layer], layer as f64).into_iter().map(|value| value as f32).collect();
            match layer {
                3 => values[7 * widths[3] + 2] = f32::INFINITY,
                4 => values[0] = f32::NAN,
                _ => {}
            }
            values
        })
        .collect();
    let names: Vec<String> = (0..5).map(|layer| format!("layer.{layer}")).collect();
    let shapes: Vec<[usize; 2]> = widths.iter().map(|&p| [24, p]).collect();
    let tensors = names.iter().zip(&shapes).zip(&values);
    let tensors: Vec<_> = tensors.map(|((name, shape), values)| (name.as_str(), shape.as_slice(), TensorValues::F32(values))).collect();
    write_safetensors(workplace.path(name), &tensors).unwrap();
}

fn undefined_cells(run: &Run) -> Vec<(String, String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_string();
    let cells = run.objects().into_iter().filter(|object| object.get("value").is_none());
    cells.map(|object| (text(&object["x"]), text(&object["y"]), text(&object["error"]["message"]))).collect()
}

#[test]
fn a_layer_that_is_not_finite_costs_its_own_cells_alone() {
    let workplace = Workplace::new();
    half_overflow(&workplace, "narrow.safetensors", [6; 5]);
    // Read in blocks of neurons, and in groups of layers.
    half_overflow(&workplace, "wide.safetensors", [600, 700, 500, 400, 300]);
    for (name, more) in [
        ("narrow.safetensors", &["-m", "cka", "-m", "cca", "-m", "cka:kernel=rbf"][..]),
        ("wide.safetensors", &["-m", "cka", "-m", "procrustes", "-m", "cka:kernel=rbf"]),
    ] {
        let sweep = |more: &[&str]| workplace.run(&[&["sweep", name, "--format", "json"], more].concat());
        let run = sweep(more);
        assert_eq!(run.status, 3, "{run:?}");
        let undefined = undefined_cells(&run);
        assert_eq!(undefined.len(), 3 * (25 - 9), "{undefined:?}");
        for (x, y, message) in &undefined {
            let (inf, nan) =
                (format!("{name}:layer.3: the entry in row 7, column 2 is inf"), format!("{name}:layer.4: the entry in row 0"));
            assert!(message.contains(&inf) || message.contains(&nan), "{message}");
            assert!([x, y].iter().any(|layer| layer.ends_with("3") || layer.ends_with("4")), "{x} {y}");
        }
        // The sound ones have the values that they have among themselves.
        let sound = sweep(&[more, &["--layers", "layer.0,layer.1,layer.2"]].concat());
        assert_eq!(sound.status, 0, "{sound:?}");
        let values = |run: &Run| -> Vec<f64> { run.objects().iter().filter_map(|object| object.get("value")?.as_f64()).collect() };
        assert_eq!(values(&run), values(&sound));
        let stopped = sweep(&[more, &["--on-error", "stop"]].concat());
        stopped.refused(&["the entry in row"]);
    }
}

#[test]
fn undecided_layers_are_in_every_file_and_in_parts_too() {
    let workplace = Workplace::new();
    half_overflow(&workplace, "a.safetensors", [6; 5]);
    let whole = workplace.run(&["sweep", "a.safetensors", "-o", "whole"]);
    assert_eq!(whole.status, 3, "{whole:?}");
    assert!(whole.stdout.contains("16 of 25 cells have no value"), "{}", whole.stdout);
    let picture = workplace.read("whole/heatmap-cka-kernel-linear-estimator-biased.svg");
    assert_eq!(picture.matches(r##"class="cell""##).count(), 25);
    assert_eq!(picture.lines().filter(|line| line.contains(r#"class="cell""#) && line.contains("url(#undefined)")).count(), 16);
    assert_eq!(workplace.read("whole/scores.csv").matches("row 7, column 2 is inf").count(), 9);
    for number in 1..=3 {
        let run = workplace.run(&["sweep", "a.safetensors", "--shard", &format!("{number}/3"), "-o", "parts"]);
        assert!([0, 3].contains(&run.status), "{run:?}");
    }
    assert_eq!(workplace.run(&["merge", "parts", "-o", "merged"]).status, 3);
    assert_eq!(files(&workplace.path("merged")), files(&workplace.path("whole")));
}

#[test]
fn long_names_and_many_layers_have_their_scores_and_their_picture() {
    let workplace = Workplace::new();
    let long: Vec<String> = (0..3).map(|layer| format!("{}{layer}", "x".repeat(5000))).collect();
    let layers: Vec<(&str, usize)> = long.iter().map(|name| (name.as_str(), 2)).collect();
    workplace.network("long.safetensors", 8, &layers, 1.0);
    let run = workplace.run(&["sweep", "long.safetensors", "-o", "long"]);
    assert_eq!((run.status, run.stderr.matches("warning").count()), (0, 0), "{}", run.stderr);
    assert!(workplace.read("long/scores.csv").contains(&long[2]));
    assert!(workplace.path("long/heatmap-cka-kernel-linear-estimator-biased.png").exists());
    let many: Vec<String> = (0..210).map(|layer| format!("h.{layer}")).collect();
    let layers: Vec<(&str, usize)> = many.iter().map(|name| (name.as_str(), 1)).collect();
    workplace.network("many.safetensors", 8, &layers, 1.0);
    let run = workplace.run(&["sweep", "many.safetensors", "-o", "many"]);
    assert_eq!((run.status, run.stderr.matches("warning").count()), (0, 0), "{}", run.stderr);
    assert_eq!(workplace.read("many/scores.csv").lines().count(), 1 + 210 * 210);
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_has_to_listen() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &LAYERS, 1.0);
    let expected = workplace.run(&["sweep", "a.safetensors", "--format", "csv"]).stdout;
    for (place, command) in [
        ("full", "similitude sweep a.safetensors -o full --format csv 2>/dev/full"),
        ("closed", "similitude sweep a.safetensors -o closed --format csv 2>&-"),
    ] {
        let output = shell(&workplace, command);
        assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(0), expected.clone()), "{command}");
        assert_eq!(files(&workplace.path(place)).len(), 5);
    }
    assert_eq!(shell(&workplace, "similitude compare a.safetensors:conv1 absent.npy 2>/dev/full").status.code(), Some(2));
    assert_eq!(shell(&workplace, "similitude sweep a.safetensors --threads 0 2>/dev/full").status.code(), Some(2));
    // Nobody reads the table: the files are there all the same.
    let mut child = Command::new(env!("CARGO_BIN_EXE_similitude"))
        .args(["sweep", "a.safetensors", "-o", "unread"])
        .current_dir(workplace.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(files(&workplace.path("unread")).len(), 5);
    // Standard output is full: said, but the files are there.
    let output = shell(&workplace, "similitude sweep a.safetensors -o out >/dev/full");
    assert!(output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("standard output"), "{output:?}");
    assert_eq!(files(&workplace.path("out")).len(), 5);
}

#[cfg(target_os = "linux")]
#[test]
fn threads_have_a_limit_and_those_that_cannot_be_started_are_an_error() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &LAYERS, 1.0);
    workplace.run(&["sweep", "a.safetensors", "--threads", "20000"]).refused(&["20000", "1 to 1024"]);
    let output = shell(&workplace, "ulimit -v 300000; similitude sweep a.safetensors --threads 1000");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && message.contains("1000 threads cannot be started"), "{output:?}");
}

#[test]
fn names_do_not_act_on_a_terminal() {
    let workplace = Workplace::new();
    let names = ["a\u{1b}[31mred", "b\rc", "d\u{202e}e"];
    let layers: Vec<(&str, usize)> = names.iter().map(|name| (*name, 2)).collect();
    workplace.network("a.safetensors", 9, &layers, 1.0);
    let acts = |text: &str| text.contains(['\u{1b}', '\r', '\u{202e}', '\0']);
    let run = workplace.run(&["sweep", "a.safetensors", "-o", "out"]);
    assert!(run.status == 0 && !acts(&run.stdout) && !acts(&run.stderr), "{run:?}");
    assert!(run.stdout.contains("a\\x1b[31mred"), "{}", run.stdout);
    assert!(!acts(&workplace.read("out/heatmap-cka-kernel-linear-estimator-biased.svg")));
    let run = workplace.run(&["compare", "a.safetensors:a\u{1b}[31mred", "a.safetensors:b\rc"]);
    assert!(run.status == 0 && !acts(&run.stdout), "{run:?}");
    let refused = workplace.run(&["compare", "a.safetensors:a\u{1b}[31mred", "absent\u{202e}.npy"]);
    assert!(refused.status == 2 && !acts(&refused.stderr), "{refused:?}");
}
