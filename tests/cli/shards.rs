//! `similitude sweep --shard` and `similitude merge`

use std::collections::BTreeMap;

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

fn files(workplace: &Workplace, directory: &str) -> BTreeMap<String, Vec<u8>> {
    let read = |file: std::fs::DirEntry| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
    std::fs::read_dir(workplace.path(directory)).unwrap().map(|file| read(file.unwrap())).collect()
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

#[test]
fn a_part_computed_again_is_the_same_file_and_keeps_finished_cells() {
    let workplace = networks();
    let run = || part(&workplace, &["a.safetensors"], "2/3", &MEASURES);
    assert_eq!(run().status, 0);
    let first = files(&workplace, "parts");
    assert_eq!(first.keys().collect::<Vec<_>>(), ["shard-2-of-3.json"]);
    assert_eq!(run().status, 0);
    assert_eq!(files(&workplace, "parts"), first);
    // What an interruption leaves: the part's file is absent, its finished cells are there.
    let shard: serde_json::Value = serde_json::from_slice(&first["shard-2-of-3.json"]).unwrap();
    let lines: Vec<String> =
        std::iter::once(&shard["header"]).chain(&shard["cells"].as_array().unwrap()[..4]).map(ToString::to_string).collect();
    std::fs::write(workplace.path("parts/cells-2-of-3.jsonl"), lines.join("\n") + "\n").unwrap();
    std::fs::remove_file(workplace.path("parts/shard-2-of-3.json")).unwrap();
    let resumed = run();
    assert!(resumed.status == 0 && resumed.stderr.contains("4 cells were finished before"), "{resumed:?}");
    assert_eq!(files(&workplace, "parts"), first);
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
    for (from, to, words) in [
        ("\"part\":1", "\"part\":3", "part 3 is there twice"),
        ("\"row\":0", "\"row\":7", "cells are not the"),
        ("\"row\":0", "\"row\":1", "cells are not the"),
        ("\"similitude\":\"", "\"similitude\":\"9", "version: there"),
        ("\"sources\":[[", "\"sources\":[[\"x\",", "not one source for each layer"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        std::fs::write(workplace.path("parts/shard-1-of-4.json"), changed).unwrap();
        merge(&[words]);
    }
    std::fs::write(workplace.path("parts/shard-1-of-4.json"), one).unwrap();
    assert_eq!(workplace.run(&["merge", "parts", "-o", "merged"]).status, 0);
    workplace.run(&["sweep", both[0], "--shard", "5/4", "-o", "parts"]).refused(&["K/N is the K-th of N parts"]);
    workplace.run(&["sweep", both[0], "--shard", "1/4"]).refused(&["--output"]);
}
