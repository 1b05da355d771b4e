//! `similitude sweep --shard` and `similitude merge`

use std::collections::BTreeMap;

use similitude::Measure;
use similitude::io::Network;
use similitude::sweep::{Cell, Partial, StoredLayers, Sweep};

use crate::support::{Run, Workplace};

const MEASURES: [&str; 8] = ["-m", "cka", "-m", "svcca", "-m", "linear-regression", "-m", "cka:kernel=rbf,estimator=debiased"];

fn networks() -> Workplace {
    let workplace = Workplace::new();
    let layers = [("conv1", 4), ("conv2", 6), ("conv3", 3), ("pool", 2), ("fc", 9)];
    workplace.network("a.safetensors", 30, &layers, 1.0);
    workplace.network("b.safetensors", 30, &layers[1..], 7.0);
    workplace
}

fn part(workplace: &Workplace, networks: &[&str], part: &str, more: &[&str]) -> Run {
    workplace.run(&[&["sweep"], networks, &["--shard", part, "-o", "parts"], more].concat())
}

/// The files of a directory, but for that which says by what command they were made.
fn files(workplace: &Workplace, directory: &str) -> BTreeMap<String, Vec<u8>> {
    let read = |file: std::fs::DirEntry| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
    std::fs::read_dir(workplace.path(directory))
        .unwrap()
        .map(|file| read(file.unwrap()))
        .filter(|(name, _)| name != "provenance.json")
        .collect()
}

#[test]
fn merged_parts_are_the_sweep_to_the_bit() {
    for networks_given in [&["a.safetensors", "b.safetensors"][..], &["a.safetensors"]] {
        let workplace = networks();
        let whole = workplace.run(&[&["sweep"], networks_given, &["-o", "whole"], &MEASURES[..]].concat());
        assert_eq!(whole.status, 0, "{whole:?}");
        for parts in [1, 3, 40] {
            for number in 1..=parts {
                let run = part(&workplace, networks_given, &format!("{number}/{parts}"), &MEASURES);
                assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:?}");
            }
            assert_eq!(files(&workplace, "parts").len(), parts);
            let merged = workplace.run(&["merge", "parts", "-o", "merged"]);
            assert_eq!((merged.status, &merged.stdout), (0, &whole.stdout), "{merged:?}");
            assert_eq!(files(&workplace, "merged"), files(&workplace, "whole"), "{parts} parts");
            std::fs::remove_dir_all(workplace.path("parts")).unwrap();
        }
    }
}

/// Leaves what a part 2/3 does that is stopped after so many cells.
fn interrupted(workplace: &Workplace, count: usize) {
    let shard: serde_json::Value = serde_json::from_slice(&files(workplace, "parts")["shard-2-of-3.json"]).unwrap();
    let cells: Vec<Cell> = shard["cells"].as_array().unwrap()[..count]
        .iter()
        .map(|cell| {
            let number = |key: &str| cell[key].as_u64().unwrap() as usize;
            let outcome = serde_json::from_value(cell.clone()).unwrap();
            Cell { row: number("row"), column: number("column"), measure: number("measure"), outcome }
        })
        .collect();
    let network = Network::open(workplace.path("a.safetensors"), None).unwrap();
    let network = StoredLayers::new(network, None);
    let measures = MEASURES.iter().filter(|word| **word != "-m").map(|measure| Measure::parse(measure).unwrap()).collect();
    let header = Sweep::new(&network, None, measures).header().unwrap();
    Partial::open(workplace.path("parts/cells-2-of-3.jsonl"), &header).unwrap().0.append(&cells).unwrap();
}

#[test]
fn a_part_computed_again_is_the_same_file_and_keeps_finished_cells() {
    let workplace = networks();
    let a = workplace.path("a.safetensors").display().to_string();
    let run = || part(&workplace, &[&a], "2/3", &MEASURES);
    assert_eq!(run().status, 0);
    let first = files(&workplace, "parts");
    assert_eq!(first.keys().collect::<Vec<_>>(), ["shard-2-of-3.json"]);
    assert_eq!(run().status, 0);
    assert_eq!(files(&workplace, "parts"), first);
    // A part that is being computed again is not merged: its file may be of earlier input.
    for number in ["1/3", "3/3"] {
        assert_eq!(part(&workplace, &[&a], number, &MEASURES).status, 0);
    }
    interrupted(&workplace, 4);
    workplace.run(&["merge", "parts", "-o", "merged"]).refused(&["part 2 is not finished", "cells-2-of-3.jsonl"]);
    let resumed = run();
    assert!(resumed.status == 0 && resumed.stderr.contains("4 cells were finished before"), "{resumed:?}");
    assert_eq!(files(&workplace, "parts")["shard-2-of-3.json"], first["shard-2-of-3.json"]);
    assert_eq!(workplace.run(&["merge", "parts", "-o", "merged"]).status, 0);
}

#[test]
fn cells_without_a_value_are_counted_in_the_exit_status() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 8, &[("narrow", 2), ("wide", 9)], 1.0);
    let measures = ["-m", "cca"];
    let statuses: Vec<i32> = (1..=4).map(|number| part(&workplace, &["a.safetensors"], &format!("{number}/4"), &measures).status).collect();
    assert!(statuses.contains(&3) && statuses.contains(&0), "{statuses:?}");
    let merged = workplace.run(&["merge", "parts", "-o", "merged"]);
    assert!(merged.status == 3 && merged.stdout.contains("3 of 4 cells have no value"), "{merged:?}");
}

/// A part with its first such text changed, on whichever line; as somebody would who edits it, or
/// with the checksum of the line right.
fn changed(text: &str, from: &str, to: &str, with_sum: bool) -> String {
    let mut done = false;
    let line = |line: &str| {
        if done || !line.contains(from) {
            return line.to_string();
        }
        done = true;
        let (end, line) = line.strip_suffix(',').map_or(("", line), |line| (",", line));
        let changed = line.replacen(from, to, 1);
        let rest = &changed[r#"{"sum":"01234567","#.len()..];
        if with_sum { format!("{{\"sum\":\"{:08x}\",{rest}{end}", crc32fast::hash(rest.as_bytes())) } else { changed + end }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn parts_that_do_not_make_a_sweep_are_refused_by_name() {
    let workplace = networks();
    let both = ["a.safetensors", "b.safetensors"];
    let merge = |words: &[&str]| {
        workplace.run(&["merge", "parts", "-o", "merged"]).refused(words);
        assert!(!workplace.path("merged").exists());
    };
    merge(&["parts", "No such file"]);
    std::fs::create_dir(workplace.path("parts")).unwrap();
    merge(&["no part of a sweep"]);
    for number in [1, 4] {
        assert_eq!(part(&workplace, &both, &format!("{number}/4"), &MEASURES).status, 0);
    }
    merge(&["of 4 parts 2, 3 are missing"]);
    assert_eq!(part(&workplace, &both, "2/4", &MEASURES).status, 0);
    merge(&["of 4 parts 3 is missing"]);
    // A part of another cut, of other measures, of other files.
    let one = std::fs::read(workplace.path("parts/shard-1-of-4.json")).unwrap();
    assert_eq!(part(&workplace, &both, "3/5", &MEASURES).status, 0);
    merge(&["shard-3-of-5.json is a part of another sweep than", "parts: there 4, here 5"]);
    std::fs::remove_file(workplace.path("parts/shard-3-of-5.json")).unwrap();
    assert_eq!(part(&workplace, &both, "3/4", &["-m", "cka"]).status, 0);
    merge(&["shard-3-of-4.json is a part of another sweep", "measures: there cka:"]);
    assert_eq!(part(&workplace, &[both[0]], "3/4", &MEASURES).status, 0);
    merge(&["shard-3-of-4.json is a part of another sweep", "second network given: there true, here false"]);
    assert_eq!(part(&workplace, &both, "3/4", &MEASURES).status, 0);
    std::fs::write(workplace.path("parts/shard-01-of-4.json"), &one).unwrap();
    merge(&["part 1 is there twice", "shard-01-of-4.json", "shard-1-of-4.json"]);
    std::fs::remove_file(workplace.path("parts/shard-01-of-4.json")).unwrap();
    std::fs::write(workplace.path("parts/shard-1-of-4.json"), &one[..one.len() / 2]).unwrap();
    merge(&["shard-1-of-4.json: damaged"]);
    let text = String::from_utf8(one.clone()).unwrap();
    for (from, to, with_sum, words) in [
        ("\"row\":0", "\"row\":1", false, "damaged: line 2: its checksum is"),
        ("\"part\":1", "\"part\":2", false, "damaged: line 1: its checksum is"),
        ("\"part\":1", "\"part\":3", true, "part 3 is there twice"),
        ("\"of\":4", "\"of\":1000000000000", true, "damaged: line 1: part 1 of 1000000000000 parts"),
        ("\"row\":0", "\"row\":7", true, "damaged: line 2: row 7"),
        ("\"row\":0", "\"row\":1", true, "is not a cell of part 1/4, or is there twice"),
        ("\"value\":0", "\"value\":1", true, "is outside [0, 1]"),
        ("[\"conv1\",30,4]", "[\"conv1\",30,0]", true, "\"conv1\" is 30 x 0"),
        ("[\"conv1\",30,4]", "[\"conv1\",30,9223372036854775808]", true, "which no file holds"),
        ("[\"conv1\",30,4]", "[\"conv1\",31,4]", true, "is 30 x 6, and the first layer has 31"),
        ("\"measures\":[", "\"measures\":[\"cka:kernel=linear,estimator=biased\",", true, "is there twice"),
        ("\"similitude\":\"", "\"similitude\":\"9", true, "version: there"),
        ("\"sources\":[[", "\"sources\":[[{\"source\":\"x\"},", true, "not one source for each layer"),
    ] {
        let changed = changed(&text, from, to, with_sum);
        assert_ne!(changed, text);
        std::fs::write(workplace.path("parts/shard-1-of-4.json"), changed).unwrap();
        merge(&[words]);
    }
    // A line less, a line more, and no end.
    let lines: Vec<&str> = text.lines().collect();
    let without = [&lines[..1], &lines[2..]].concat();
    let twice = [&lines[..2], &lines[1..]].concat();
    for (lines, words) in [(without, "are not the"), (twice, "is there twice"), (lines[..lines.len() - 1].to_vec(), "are not the")] {
        std::fs::write(workplace.path("parts/shard-1-of-4.json"), lines.join("\n") + "\n").unwrap();
        merge(&["shard-1-of-4.json: damaged: line ", words]);
    }
    std::fs::write(workplace.path("parts/shard-1-of-4.json"), one).unwrap();
    assert_eq!(workplace.run(&["merge", "parts", "-o", "merged"]).status, 0);
    workplace.run(&["sweep", both[0], "--shard", "5/4", "-o", "parts"]).refused(&["K/N is the K-th of N parts"]);
    workplace.run(&["sweep", both[0], "--shard", "1/4"]).refused(&["--output"]);
}

/// The table of cells is made for the layers that a header names: a damaged one may name more than
/// memory has room for.
#[test]
fn a_header_of_more_layers_than_lines_is_refused() {
    let workplace = networks();
    assert_eq!(part(&workplace, &["a.safetensors"], "1/1", &["-m", "cka"]).status, 0);
    let file = workplace.path("parts/shard-1-of-1.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let source = text.split("\"sources\":[[").nth(1).and_then(|rest| rest.split_inclusive('}').next()).unwrap();
    let layers: String = (0..400).map(|number| format!("[\"more{number}\",30,4],")).collect();
    let with_layers = changed(&text, "[\"conv1\",30,4]", &format!("{layers}[\"conv1\",30,4]"), true);
    let with_sources = changed(&with_layers, "\"sources\":[[", &format!("\"sources\":[[{}", format!("{source},").repeat(400)), true);
    std::fs::write(&file, with_sources).unwrap();
    workplace
        .run(&["merge", "parts", "-o", "merged"])
        .refused(&["damaged: line 1", "lines in all parts are too few for the cells of its layers"]);
}
