//! `similitude networks --kinds --interval`: kinds of networks, intervals and noise ceilings.

use std::collections::BTreeMap;

use serde_json::Value;
use similitude::inference::{Kinds, Resamples, noise_ceilings, resample};
use similitude::io::{Source, read_representation};
use similitude::{Measure, Representation};

use crate::support::{Workplace, entries, safetensors};

/// Twelve networks of two kinds: those of a kind share a layer but for noise of their own.
fn of_two_kinds() -> (Workplace, Vec<String>) {
    let workplace = Workplace::new();
    let mut files = Vec::new();
    for number in 0..12 {
        let name = format!("net{number:02}.safetensors");
        let (mut kind, own) = (entries(30 * 3, 5.0), entries(30 * 3, 100.0 + 7.0 * number as f64));
        if number % 2 == 1 {
            kind.reverse();
        }
        let share = 0.2 + 0.01 * number as f64;
        let layer: Vec<f64> = kind.iter().zip(&own).map(|(kind, own)| kind + share * own).collect();
        safetensors(&workplace.path(&name), &[("conv", vec![30, 3], &layer), ("head", vec![30, 3], &own)]);
        files.push(name);
    }
    (workplace, files)
}

/// A layer of a network.
fn read(workplace: &Workplace, file: &str, layer: &str) -> Representation<'static> {
    read_representation(&Source::from_parts(workplace.path(file), Some(layer)), None).unwrap()
}

/// The rows of a table by their column names.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    reader.records().map(|record| header.iter().map(String::from).zip(record.unwrap().iter().map(String::from)).collect()).collect()
}

#[test]
fn kinds_have_means_ceilings_and_intervals() {
    let (workplace, files) = of_two_kinds();
    let run = |more: &[&str]| {
        let arguments: Vec<&str> =
            std::iter::once("networks").chain(files.iter().map(String::as_str)).chain(more.iter().copied()).collect();
        workplace.run(&arguments)
    };
    // A table: with more networks than are compared, by names and by files.
    let kinds = |number: usize| if number.is_multiple_of(2) { "cnn" } else { "vit" };
    let listed: String = (0..13).map(|n| format!("{}, net{n:02}{}\n", kinds(n), if n < 3 { ".safetensors" } else { "" })).collect();
    std::fs::write(workplace.path("kinds.csv"), format!("kind,network\n{listed}")).unwrap();
    let done = run(&["--kinds", "kinds.csv", "--interval", "networks", "-o", "out", "-m", "cka", "-m", "procrustes"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(done.stdout.contains("kinds of networks") && done.stdout.contains("below the ceiling"), "{}", done.stdout);
    let table = rows(&workplace.read("out/kinds.csv"));
    let layers = rows(&workplace.read("out/layers.csv"));
    // Three layers (the mean, conv, head) of two measures, two kinds with two.
    assert_eq!(table.len(), 3 * 2 * 4);
    for of in table.chunks(12) {
        // The mean over matched layers comes first, and is that of theirs.
        let mean = |layer: &str, pair: usize| {
            let row = of.iter().filter(|row| row["layer"] == layer).nth(pair).unwrap();
            row["mean"].parse::<f64>().unwrap()
        };
        assert!((0..4).all(|pair| (mean("matched", pair) - f64::midpoint(mean("conv", pair), mean("head", pair))).abs() < 1e-12), "{of:?}");
    }
    for row in table.iter().filter(|row| row["layer"] == "conv") {
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        let kind = |network: &str| kinds(network[3..].parse::<usize>().unwrap());
        let values = |a: &str, b: &str| -> Vec<f64> {
            let of = layers.iter().filter(|line| line["layer"] == "conv" && line["measure"] == row["measure"]);
            let pairs = of.filter(|line| line["network_a"] < line["network_b"]);
            let between =
                |line: &&BTreeMap<String, String>| [[a, b], [b, a]].contains(&[kind(&line["network_a"]), kind(&line["network_b"])]);
            pairs.filter(between).map(|line| line["value"].parse().unwrap()).collect()
        };
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let (a, b) = (row["kind_a"].as_str(), row["kind_b"].as_str());
        assert_eq!(number("pairs") as usize, if a == b { 15 } else { 36 });
        assert!((number("mean") - mean(values(a, b))).abs() < 1e-12, "{row:?}");
        assert!(number("lo") < number("mean") && number("mean") < number("hi") && number("se") > 0.0, "{row:?}");
        if a == b {
            assert!(number("least_left_out") <= number("mean") && number("mean") <= number("largest_left_out"));
        } else {
            let sign = if row["measure"].starts_with("cka") { 1.0 } else { -1.0 };
            assert!((number("below_ceiling") - sign * (mean(values(a, a)) - mean(values(a, b)))).abs() < 1e-12, "{row:?}");
            assert!(number("below_lo") > 0.0, "kinds that differ are told apart: {row:?}");
        }
    }
    let seed = |directory: &str| -> Value {
        serde_json::from_str::<Value>(&workplace.read(&format!("{directory}/provenance.json"))).unwrap()["seed"].clone()
    };
    assert_eq!(seed("out"), 1, "what an interval was asked for with");
    let page = workplace.read("out/report.html");
    assert!(
        page.contains("id=\"kinds\"")
            && page.contains("Kinds by Linear CKA")
            && page.contains(">cnn with vit<")
            && page.contains("over other networks (each left out in its turn)")
    );
    assert_eq!(workplace.run(&["report", "out", "-o", "again.html"]).status, 0);
    assert_eq!(workplace.read("again.html"), page);
    let methods = || workplace.run(&["methods", "out", "--style", "latex"]).stdout;
    assert!(
        methods().contains("\\citealp{arvesen1969jackknifing}") && methods().contains("@article{arvesen1969jackknifing"),
        "{}",
        methods()
    );
    assert_eq!(run(&["--kinds", "kinds.csv", "--interval", "bootstrap", "-o", "out"]).status, 0);
    for words in ["2000 bootstrap samples of the networks", "\\citealp{hesterberg2015teachers}", "@article{efron1979bootstrap"] {
        assert!(methods().contains(words), "{words}: {}", methods());
    }
    assert!(workplace.read("out/report.html").contains("over other networks (2000 resamples, seed 1)"));
    // Results that are run again are the same.
    assert_eq!(workplace.run(&["reproduce", "out"]).status, 0);
    // Without kinds, one; what was there before is not left.
    let done = run(&["-o", "out"]);
    assert!(done.status == 0 && !workplace.path("out/kinds.csv").exists() && !workplace.read("out/report.html").contains("id=\"kinds\""));
    assert_eq!(seed("out"), Value::Null, "nothing was drawn");
}

#[test]
fn intervals_over_examples_are_those_of_the_values() {
    let (workplace, files) = of_two_kinds();
    // Two networks have one pair, whose interval is that of `compare`.
    let two = ["networks", &files[0], &files[2], "--layer", "conv", "--interval", "examples", "--resamples", "300", "-o", "two"];
    let done = workplace.run(&two);
    assert_eq!(done.status, 0, "{done:?}");
    let [x, y] = [0, 2].map(|at| read(&workplace, &files[at], "conv"));
    let resampled = resample(&Measure::parse("cka").unwrap(), &x, &y, &Resamples::new(300, 1)).unwrap();
    let interval = resampled.interval(0.95).unwrap();
    let row = &rows(&workplace.read("two/kinds.csv"))[0];
    for (name, expected) in [("lo", interval.lo), ("hi", interval.hi), ("se", resampled.standard_error())] {
        assert!((row[name].parse::<f64>().unwrap() - expected).abs() < 1e-12, "{name}: {row:?} {expected}");
    }
    // Both at once spread further than either.
    let se = |over: &str| {
        let six: Vec<&str> = files.iter().step_by(2).map(String::as_str).collect();
        let run = workplace
            .run(&[&["networks"], &six[..], &["--layer", "conv", "--interval", over, "--resamples", "1200", "-o", "six"]].concat());
        assert_eq!(run.status, 0, "{run:?}");
        rows(&workplace.read("six/kinds.csv"))[0]["se"].parse::<f64>().unwrap()
    };
    let (networks, examples, both) = (se("networks"), se("examples"), se("both"));
    assert!(both > networks && both > examples, "{networks} {examples} {both}");
    // A measure without a value on halves has no means, and the matrix is there.
    let halves = ["networks", &files[0], &files[2], "--layer", "conv", "-m", "mutual-knn:k=20", "--interval", "examples", "-o", "halves"];
    let done = workplace.run(&halves);
    assert!(done.status == 0 && done.stderr.contains("no means of kinds by mutual-knn"), "{done:?}");
    assert!(workplace.read("halves/report.html").contains("Without means") && workplace.path("halves/scores.csv").exists());
    // Four networks of a kind stand for no others, and the refusal comes before any work.
    let few: Vec<&str> = files[..4].iter().map(String::as_str).collect();
    let refused = |more: &[&str], words: &[&str]| workplace.run(&[&["networks"], &few[..], &["-o", "few"], more].concat()).refused(words);
    refused(&["--interval", "networks"], &["4 networks", "at least 5", "--interval examples"]);
    refused(&["--interval", "models"], &["networks, bootstrap, examples, both"]);
    refused(&["--interval", "examples", "--resamples", "10"], &["at least 40"]);
    // The matrix fits, and halves of all networks do not.
    refused(
        &["--interval", "examples", "--layer", "conv", "--memory", "100K"],
        &["--interval: over examples it keeps", "KiB; 100.0 KiB may be taken"],
    );
    refused(&["--kinds", "a,b"], &["2 kinds", "4 networks", ".csv"]);
    refused(&["--kinds", "a,b,,b"], &["no kind for network 3"]);
    refused(&["--kinds", "none.csv"], &["none.csv"]);
    std::fs::write(workplace.path("k.csv"), "network,kind\nnet00,a\nnet01,b\nnet02,a\n").unwrap();
    refused(&["--kinds", "k.csv"], &["no row for net03"]);
    std::fs::write(workplace.path("k.csv"), "network,kind\nnet00,a\nnet01,b\nnet02,a\nnet03,b\nnet00.safetensors,a\n").unwrap();
    refused(&["--kinds", "k.csv"], &["net00 is there twice"]);
    std::fs::write(workplace.path("k.csv"), "model,kind\n").unwrap();
    refused(&["--kinds", "k.csv"], &["no column network", "model, kind"]);
    refused(&["--resamples", "100"], &["--interval"]);
    assert!(!workplace.path("few").exists());
}

#[test]
fn noise_ceilings_are_those_of_the_library() {
    let (workplace, files) = of_two_kinds();
    let measures = ["rsa:rdm=euclidean", "rsa:rdm=euclidean,compare=kendall-a", "cka"];
    let seven: Vec<&str> = files[..7].iter().map(String::as_str).collect();
    let kinds = "cnn,vit,cnn,vit,cnn,vit,other";
    let chosen: Vec<&str> = measures.iter().flat_map(|measure| ["-m", measure]).collect();
    let run = |more: &[&str]| workplace.run(&[&["networks"], &seven[..], &chosen[..], &["--kinds", kinds], more].concat());
    let done = run(&["-o", "out"]);
    assert_eq!(done.status, 0, "{done:?}");
    let table = rows(&workplace.read("out/kinds.csv"));
    let labels = Kinds::of_labels(&kinds.split(',').collect::<Vec<_>>());
    for text in measures {
        let measure = Measure::parse(text).unwrap();
        let of_layer = |layer: &str| {
            let networks: Vec<_> = seven.iter().map(|file| read(&workplace, file, layer)).collect();
            noise_ceilings(&measure, &networks, &labels)
        };
        for row in table.iter().filter(|row| row["measure"] == measure.to_string()) {
            let ends = ["ceiling_lower", "ceiling_upper"].map(|name| row[name].parse::<f64>().ok());
            let kind = ["cnn", "vit"].iter().position(|kind| row["kind_a"] == *kind && row["kind_b"] == *kind);
            let (Some(kind), false) = (kind, text == "cka") else {
                // One of a kind, two kinds, and a measure that compares no dissimilarities.
                assert_eq!((ends, row["ceiling_rule"].as_str()), ([None; 2], ""), "{row:?}");
                continue;
            };
            let layers = if row["layer"] == "matched" { vec!["conv", "head"] } else { vec![row["layer"].as_str()] };
            let found: Vec<_> = layers.iter().map(|layer| of_layer(layer).unwrap()[kind].clone().unwrap()).collect();
            let mean = |of: &dyn Fn(usize) -> f64| (0..found.len()).map(of).sum::<f64>() / found.len() as f64;
            let expected = [mean(&|at| found[at].lower()), mean(&|at| found[at].upper())];
            assert!(ends.iter().zip(expected).all(|(got, want)| (got.unwrap() - want).abs() < 1e-14), "{row:?} {expected:?}");
            assert!(ends[0] < ends[1] && row["ceiling_rule"] == if text.contains("kendall") { "heuristic" } else { "bound" });
        }
    }
    assert_eq!(done.stdout.matches("RDM noise ceiling\n").count(), 2, "a column of both that have one: {}", done.stdout);
    assert_eq!(done.stdout.matches("a heuristic for Kendall's tau").count(), 1, "{}", done.stdout);
    let page = workplace.read("out/report.html");
    assert_eq!(page.matches("class=\"band\"").count(), 2 * 2, "a band for each kind of several networks");
    assert!(page.contains("shaded: RDM noise ceiling<"), "the subtitle is not cut");
    assert!(page.contains("Nili et al.") && page.contains("a heuristic for Kendall"), "the page says what the band is");
    let methods = workplace.run(&["methods", "out", "--style", "latex"]).stdout;
    assert!(methods.contains("\\citealp{nili2014toolbox}") && methods.matches("@article{nili2014toolbox").count() == 1, "{methods}");
    assert_eq!(workplace.run(&["reproduce", "out"]).status, 0);
    // Without room there are means, and the ceiling is missed with a word.
    let many: Vec<String> = (0..40).map(|number| format!("many{number:02}.safetensors")).collect();
    many.iter().zip(0..).for_each(|(name, seed)| workplace.network(name, 150, &[("conv", 3)], f64::from(seed)));
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let kinds = vec!["a"; 40].join(",");
    let small =
        workplace.run(&[&["networks"], &many[..], &["-m", measures[0], "--kinds", &kinds, "-o", "small", "--memory", "18M"]].concat());
    assert!(small.status == 0 && small.stderr.contains("note: no noise ceiling") && small.stderr.contains("--memory"), "{small:?}");
    assert!(rows(&workplace.read("small/kinds.csv")).iter().all(|row| row["ceiling_lower"].is_empty() && !row["mean"].is_empty()));
    assert!(!workplace.run(&["methods", "small"]).stdout.contains("The noise ceiling"));
}

#[test]
fn kinds_of_other_networks_are_not_shown() {
    let (workplace, files) = of_two_kinds();
    std::fs::create_dir(workplace.path("sub")).unwrap();
    let moved: Vec<String> = files[..4].iter().map(|file| format!("sub/{file}")).collect();
    moved.iter().zip(&files).for_each(|(to, from)| std::fs::rename(workplace.path(from), workplace.path(to)).unwrap());
    // Networks are called by their files, whatever directories these lie in.
    let listed: String = files[..4].iter().enumerate().map(|(n, file)| format!("{file},{}\n", ["a", "b"][n % 2])).collect();
    std::fs::write(workplace.path("kinds.csv"), format!("network,kind\n{listed}")).unwrap();
    let run = |networks: &[String], out: &str, more: &[&str]| {
        let networks: Vec<&str> = networks.iter().map(String::as_str).collect();
        let done = workplace.run(&[&["networks"], &networks[..], &["--layer", "conv", "-o", out], more].concat());
        assert_eq!(done.status, 0, "{done:?}");
    };
    run(&moved, "four", &["--kinds", "kinds.csv"]);
    let document: Value = serde_json::from_str(&workplace.read("four/kinds.json")).unwrap();
    assert_eq!(document["kinds"], serde_json::json!(["a", "b", "a", "b"]));
    run(&moved[..3], "three", &[]);
    std::fs::copy(workplace.path("four/kinds.json"), workplace.path("three/kinds.json")).unwrap();
    let report = workplace.run(&["report", "three"]);
    assert!(report.status == 0 && report.stderr.contains("kinds.json is not of these networks"), "{report:?}");
    assert!(!workplace.read("three/report.html").contains("id=\"kinds\""));
    // Nor of another measure of these networks.
    run(&moved, "other", &["-m", "procrustes"]);
    std::fs::copy(workplace.path("four/kinds.json"), workplace.path("other/kinds.json")).unwrap();
    assert!(workplace.run(&["report", "other"]).stderr.contains("kinds.json is not of these networks"));
    // What lay there of a sweep would read as of these networks.
    std::fs::write(workplace.path("four/sample-sizes.json"), "{}").unwrap();
    run(&moved, "four", &[]);
    assert!(!workplace.path("four/sample-sizes.json").exists() && !workplace.path("four/kinds.json").exists());
}
