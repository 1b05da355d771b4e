//! `similitude reproduce`: a finished sweep again, number by number.

use std::collections::BTreeMap;

use crate::support::Workplace;

const LAYERS: [(&str, usize); 2] = [("conv", 4), ("pool", 3)];

fn swept(more: &[&str]) -> Workplace {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &LAYERS, 1.0);
    workplace.network("b.safetensors", 30, &LAYERS, 7.0);
    let sweep = ["sweep", "a.safetensors", "b.safetensors", "-m", "cka", "-m", "pwcca:weights=x", "-o", "out"];
    let run = workplace.run(&[&sweep[..], more].concat());
    assert_eq!(run.status, 0, "{run:?}");
    workplace
}

fn contents(workplace: &Workplace) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(workplace.path("out")).unwrap().map(|file| file.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())).collect()
}

#[test]
fn a_sweep_is_the_same_again_and_its_files_stay_as_they_are() {
    for more in [&["--null", "49", "--adjust", "holm", "--seed", "9"][..], &["--sample", "20", "--precision", "f32", "--standardize"]] {
        let workplace = swept(more);
        let before = contents(&workplace);
        let run = workplace.run(&["reproduce", "out"]);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stdout.starts_with("the same: ") && run.stdout.contains("of 8 cells"), "{}", run.stdout);
        assert!(run.stderr.contains("a.safetensors") && run.stderr.contains("checksum"), "{}", run.stderr);
        assert_eq!(contents(&workplace), before);
        let object = &workplace.run(&["reproduce", "out", "--format", "json"]).objects()[0];
        assert!(object["same"] == true && object["numbers"].as_u64().unwrap() > 16, "{object}");
    }
}

#[test]
fn a_number_that_is_not_the_same_is_named() {
    let workplace = swept(&["--null", "19"]);
    let mut document: serde_json::Value = serde_json::from_str(&workplace.read("out/scores.json")).unwrap();
    let value = document["scores"][0][0][1]["value"].as_f64().unwrap();
    document["scores"][0][0][1]["value"] = value.next_up().into();
    document["scores"][1][1][0]["diagnostics"]["p"] = 0.875.into();
    std::fs::write(workplace.path("out/scores.json"), document.to_string()).unwrap();
    let run = workplace.run(&["reproduce", "out"]);
    assert_eq!(run.status, 1, "{run:?}");
    for words in ["not the same: 2 of", "cka:kernel=linear", "conv", "pool", "0.875"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    // The value differs by less than its bound; a p-value has none, and is no value.
    assert!(run.stdout.contains("every value in scores.json differs by no more than both error bounds"), "{}", run.stdout);
    let table = workplace.run(&["reproduce", "out", "--format", "csv"]);
    assert_eq!((table.status, table.stdout.lines().count()), (1, 3), "{table:?}");
    document["scores"][0][0][1]["value"] = (value + 0.25).into();
    std::fs::write(workplace.path("out/scores.json"), document.to_string()).unwrap();
    assert!(workplace.run(&["reproduce", "out"]).stdout.contains("1 differ by more than both error bounds"));
}

#[test]
fn other_inputs_are_refused_before_anything_is_computed() {
    let workplace = swept(&[]);
    // Copies elsewhere are the same inputs.
    std::fs::create_dir(workplace.path("moved")).unwrap();
    for name in ["a.safetensors", "b.safetensors"] {
        std::fs::copy(workplace.path(name), workplace.path("moved").join(name)).unwrap();
    }
    workplace.network("b.safetensors", 30, &LAYERS, 8.0);
    workplace.run(&["reproduce", "out"]).refused(&[
        "not those that the results came from",
        "b.safetensors",
        "checksum",
        "Nothing was computed",
    ]);
    let run = workplace.run(&["reproduce", "out", "--from", "moved"]);
    assert_eq!(run.status, 0, "{run:?}");
    std::fs::remove_file(workplace.path("b.safetensors")).unwrap();
    workplace.run(&["reproduce", "out"]).refused(&["b.safetensors: no such file in", "--from"]);
    workplace.run(&["reproduce", "out", "--from", "nowhere"]).refused(&["nowhere", "--from"]);
}

#[test]
fn what_has_no_command_is_refused() {
    let workplace = swept(&[]);
    std::fs::remove_file(workplace.path("out/provenance.json")).unwrap();
    workplace.run(&["reproduce", "out"]).refused(&["provenance.json", "the file is missing"]);
}

#[test]
fn options_that_would_change_results_are_refused() {
    let workplace = swept(&[]);
    workplace.run(&["reproduce", "out", "--seed", "2"]).refused(&["--seed", "as they were made"]);
    workplace.run(&["--precision", "f32", "reproduce", "out"]).refused(&["--precision", "as they were made"]);
}

#[test]
fn every_table_and_document_is_compared() {
    let workplace = swept(&["--null", "19", "--curve", "conv:pool", "--report"]);
    let same = workplace.run(&["reproduce", "out"]);
    assert_eq!(same.status, 0, "{same:?}");
    for words in ["scores.csv", "scores.npz", "sample-sizes.csv", "sample-sizes.json", "provenance.json", "pictures", "report.html"] {
        assert!(same.stdout.contains(words), "{words}: {}", same.stdout);
    }
    let whole = contents(&workplace);
    // What is altered, and what is said of it.
    let replaced = |name: &str, from: &str, to: &str| {
        let text = String::from_utf8(whole[name].clone()).unwrap();
        assert!(text.contains(from), "{name}: {from}: {text}");
        text.replacen(from, to, 1).into_bytes()
    };
    let npz = &whole["scores.npz"];
    let text = |name: &str| String::from_utf8_lossy(&whole[name]).into_owned();
    let lines = text("scores.csv").lines().map(String::from).collect::<Vec<_>>();
    let limit = text("sample-sizes.json").split("\"limit\":").nth(1).unwrap().split(',').next().unwrap().to_string();
    let altered: Vec<(&str, Option<Vec<u8>>, &str)> = vec![
        ("scores.csv", Some(replaced("scores.csv", ",30,", ",31,")), "line 2, n"),
        ("scores.csv", Some((lines[..3].join("\n") + "\n").into_bytes()), "lines"),
        ("scores.csv", None, "missing"),
        ("scores.npz", Some(npz[..npz.len() / 2].to_vec()), "unreadable"),
        ("scores.npz", None, "missing"),
        ("sample-sizes.csv", Some(replaced("sample-sizes.csv", ",30,", ",29,")), "line"),
        ("sample-sizes.json", Some(replaced("sample-sizes.json", &limit, "0.25")), "curves[0].limit"),
        ("sample-sizes.json", None, "missing"),
        ("provenance.json", Some(replaced("provenance.json", "\"seed\": 1", "\"seed\": 2")), "seed"),
        ("provenance.json", Some(replaced("provenance.json", "\"null\": \"19\"", "\"null\": \"999\"")), "null"),
    ];
    for (name, bytes, words) in altered {
        match bytes {
            Some(bytes) => std::fs::write(workplace.path("out").join(name), bytes).unwrap(),
            None => std::fs::remove_file(workplace.path("out").join(name)).unwrap(),
        }
        let run = workplace.run(&["reproduce", "out"]);
        assert!(run.status == 1 && run.stdout.starts_with("not the same: "), "{name}, {words}: {run:?}");
        let said = run.stdout.lines().any(|line| line.contains(name) && line.contains(words));
        assert!(said, "{name}, {words}: {}", run.stdout);
        let object = &workplace.run(&["reproduce", "out", "--format", "json"]).objects()[0];
        let of = object["files"].as_array().unwrap().iter().find(|of| of["file"] == name).unwrap();
        assert!(object["same"] == false && (of["missing"] == true || of["differences"].as_u64().unwrap() > 0), "{object}");
        std::fs::write(workplace.path("out").join(name), &whole[name]).unwrap();
    }
    assert_eq!(workplace.run(&["reproduce", "out"]).status, 0);
}

/// A number of an archive is found, whose sum of bytes is right.
#[test]
fn numbers_of_archives_are_compared() {
    use similitude::io::{Array, write_npz};
    let workplace = swept(&[]);
    let shape = [2, 2, 2];
    let names = ["conv", "pool"];
    let values = [0.5; 8];
    let measures = ["cka:kernel=linear,estimator=biased", "pwcca:weights=x,degenerate=error"];
    write_npz(
        workplace.path("out/scores.npz"),
        &[
            ("values", &shape, Array::F64(&values)),
            ("error_bounds", &shape, Array::F64(&values)),
            ("measures", &shape[..1], Array::Text(&measures)),
            ("layers_a", &shape[1..2], Array::Text(&names)),
            ("layers_b", &shape[2..], Array::Text(&names)),
            ("models", &shape[..1], Array::Text(&["a.safetensors", "b.safetensors"])),
            ("n", &[1], Array::F64(&[30.0])),
        ],
    )
    .unwrap();
    let run = workplace.run(&["reproduce", "out"]);
    assert!(run.status == 1 && run.stdout.contains("values[7]") && !run.stdout.contains("layers_a"), "{run:?}");
}

#[test]
fn tables_of_many_networks_are_compared() {
    let workplace = Workplace::new();
    let files = ["a", "b", "c", "d", "e"].map(|name| format!("{name}.safetensors"));
    for (file, seed) in files.iter().zip([1.0, 7.0, 13.0, 19.0, 25.0]) {
        workplace.network(file, 30, &LAYERS, seed);
    }
    let arguments: Vec<&str> = std::iter::once("networks").chain(files.iter().map(String::as_str)).collect();
    let run = workplace.run(&[&arguments[..], &["--interval", "networks", "-o", "out"]].concat());
    assert_eq!(run.status, 0, "{run:?}");
    let same = workplace.run(&["reproduce", "out"]);
    assert_eq!(same.status, 0, "{same:?}");
    let whole = contents(&workplace);
    for name in ["kinds.csv", "kinds.json", "layers.csv", "map.csv", "networks.json", "tree.csv"] {
        assert!(same.stdout.contains(name), "{name}: {}", same.stdout);
        let text = String::from_utf8(whole[name].clone()).unwrap();
        let altered = match name.strip_suffix(".csv") {
            Some(_) => text.lines().take(text.lines().count() - 1).fold(String::new(), |text, line| text + line + "\n"),
            None => text.replacen("\"mean\":0.", "\"mean\":1.", 1).replacen("\"height\":0.", "\"height\":1.", 1),
        };
        assert_ne!(altered, text, "{name}");
        std::fs::write(workplace.path("out").join(name), altered).unwrap();
        let run = workplace.run(&["reproduce", "out"]);
        assert!(run.status == 1 && run.stdout.lines().filter(|line| line.starts_with(name)).count() >= 2, "{name}: {run:?}");
        std::fs::write(workplace.path("out").join(name), &whole[name]).unwrap();
    }
}

#[test]
fn provenance_says_what_decides_values() {
    let workplace = swept(&["--null", "19", "--seed", "4"]);
    let provenance: serde_json::Value = serde_json::from_str(&workplace.read("out/provenance.json")).unwrap();
    assert_eq!(provenance["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&provenance["seed"], &provenance["null"], &provenance["precision"]), (&4.into(), &"19".into(), &"f64".into()));
    assert_eq!(provenance["processor"]["architecture"], std::env::consts::ARCH);
    assert_eq!(provenance["measures"][1], "pwcca:weights=x,degenerate=error");
    assert_eq!(provenance["directory"], std::fs::canonicalize(workplace.path(".")).unwrap().display().to_string());
}

#[test]
fn merged_parts_are_the_same_again() {
    let workplace = swept(&[]);
    for part in ["1/2", "2/2"] {
        let sweep = [
            "sweep",
            "a.safetensors",
            "b.safetensors",
            "-m",
            "cka",
            "-m",
            "hsic",
            "--sample",
            "20",
            "--seed",
            "5",
            "--shard",
            part,
            "-o",
            "parts",
        ];
        assert_eq!(workplace.run(&sweep).status, 0);
    }
    assert_eq!(workplace.run(&["merge", "parts", "-o", "merged", "--report"]).status, 0);
    let provenance: serde_json::Value = serde_json::from_str(&workplace.read("merged/provenance.json")).unwrap();
    assert_eq!((&provenance["parts"], &provenance["command"][1]), (&2.into(), &"sweep".into()));
    assert!(workplace.read("merged/report.html").contains("merged from parts"));
    let run = workplace.run(&["reproduce", "merged"]);
    assert!(run.status == 0 && run.stdout.contains("of 8 cells, to the bit"), "{run:?}");
    assert!(!workplace.path("parts/cells-1-of-2.jsonl").exists());
    // A number that is not the same is still found.
    let mut document: serde_json::Value = serde_json::from_str(&workplace.read("merged/scores.json")).unwrap();
    document["scores"][0][0][1]["value"] = 0.5.into();
    std::fs::write(workplace.path("merged/scores.json"), document.to_string()).unwrap();
    assert_eq!(workplace.run(&["reproduce", "merged"]).status, 1);
    // Parts that do not say by which sweep they were computed.
    for part in [1, 2] {
        let file = workplace.path(&format!("parts/shard-{part}-of-2.json"));
        assert!(std::fs::read_to_string(&file).unwrap().contains("\"command\":{\"line\":["));
    }
}
