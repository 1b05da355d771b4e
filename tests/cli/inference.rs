//! Nulls and intervals in the program.

use std::collections::BTreeMap;

use similitude::inference::{
    FamilyNull, Permutations, Resamples, exact_null, family_null, jackknife, permutation_null, resample, sample_size_curve,
};
use similitude::io::{Source, read_representation};
use similitude::{Measure, Positions, Representation};

use crate::support::{Workplace, entries, safetensors};

fn pair() -> Workplace {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 40, 3, 1.0);
    workplace.npy("y.npy", 40, 4, 2.0);
    workplace
}

fn read(workplace: &Workplace, name: &str) -> Representation<'static> {
    read_representation(&Source::from_parts(workplace.path(name), None), None).unwrap()
}

/// The rows of a table by their column names.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    reader.records().map(|record| header.iter().map(String::from).zip(record.unwrap().iter().map(String::from)).collect()).collect()
}

#[test]
fn compare_answers_what_the_library_does() {
    let workplace = pair();
    let (x, y) = (read(&workplace, "x.npy"), read(&workplace, "y.npy"));
    let arguments = ["compare", "x.npy", "y.npy", "-m", "cka", "-m", "procrustes", "--format", "json", "--seed", "5"];
    let run = workplace.run(&[&arguments[..], &["--null", "199", "--interval", "halves", "--resamples", "100", "--level", "0.9"]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    for (object, text) in run.objects().iter().zip(["cka", "procrustes"]) {
        let measure = Measure::parse(text).unwrap();
        let null = permutation_null(&measure, &x, &y, &Permutations::new(199, 5)).unwrap();
        let resampled = resample(&measure, &x, &y, &Resamples::new(100, 5)).unwrap();
        let interval = resampled.interval(0.9).unwrap();
        let expected = [
            ("p", null.p()),
            ("null_mean", null.mean()),
            ("z", null.z().unwrap()),
            ("calibrated", null.calibrated(0.05).unwrap().unwrap()),
            ("lo", interval.lo),
            ("hi", interval.hi),
            ("se", resampled.standard_error()),
            ("seed", 5.0),
        ];
        for (name, value) in expected {
            assert_eq!(object["diagnostics"][name].as_f64(), Some(value), "{text}: {name}");
        }
    }
    // The same in a table: the columns stand behind those that are always there.
    let run = workplace.run(&[&arguments[..7], &["--format", "csv", "--null", "exact", "--interval", "jackknife"]].concat());
    // Procrustes has no exact null, which costs CKA nothing.
    assert!(run.status == 3 && run.stderr.contains("warning: procrustes") && run.stderr.contains("--null 1000"), "{run:?}");
    assert_eq!(run.stderr.matches("procrustes:form").count(), 1, "named once: {run:?}");
    let both = rows(&run.stdout);
    assert!(!both[0]["p"].is_empty() && both[1]["p"].is_empty() && !both[1]["se"].is_empty() && !both[1]["value"].is_empty(), "{run:?}");
    let run = workplace.run(&["compare", "x.npy", "y.npy", "-m", "procrustes", "--null", "exact"]);
    assert!(run.status == 2 && run.stderr.contains("procrustes") && run.stderr.contains("--null 1000"), "{run:?}");
    let run = workplace.run(&["compare", "x.npy", "y.npy", "--format", "csv", "--null", "exact", "--interval", "jackknife"]);
    let (row, cka) = (&rows(&run.stdout)[0], Measure::parse("cka").unwrap());
    let (null, jackknifed) = (exact_null(&cka, &x, &y).unwrap(), jackknife(&cka, &x, &y, None, 1).unwrap());
    assert_eq!((row["p"].parse(), row["null_mean"].parse()), (Ok(null.p()), Ok(null.mean())));
    assert_eq!((row["se"].parse(), row["seed"].as_str()), (Ok(jackknifed.standard_error()), "1"));
    assert!(
        run.stdout.starts_with("model_a,")
            && run.stdout.lines().next().unwrap().ends_with("error_message,reading_a,reading_b,p,null_mean,z,calibrated,lo,hi,se,seed")
    );
    let plain = workplace.run(&["compare", "x.npy", "y.npy", "--format", "csv"]);
    assert!(plain.stdout.lines().next().unwrap().ends_with("error_message,reading_a,reading_b"), "what was not asked for has no column");
    let table = workplace.run(&["compare", "x.npy", "y.npy", "--null", "99"]);
    assert!(table.stdout.contains("null_mean") && !table.stdout.contains("seed"), "{}", table.stdout);
}

#[test]
fn a_sweep_has_a_null_for_each_pair_and_pays_for_their_number() {
    let workplace = Workplace::new();
    let layers = [("conv1", 4), ("conv2", 6), ("pool", 3)];
    workplace.network("a.safetensors", 30, &layers, 1.0);
    workplace.network("b.safetensors", 30, &layers[1..], 7.0);
    let sweep = |more: &[&str]| {
        let run = workplace.run(&[&["sweep", "a.safetensors", "b.safetensors", "-o", "out"], more].concat());
        assert_eq!(run.status, 0, "{run:?}");
        rows(&workplace.read("out/scores.csv"))
    };
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    for (null, adjustments) in [("exact", &["holm", "bh"][..]), ("299", &["holm", "bh", "max", "row-max"][..])] {
        let plain = sweep(&["--null", null]);
        assert_eq!(plain.len(), 6);
        for row in &plain {
            let (a, b) = (format!("a.safetensors:{}", row["layer_a"]), format!("b.safetensors:{}", row["layer_b"]));
            let alone = &rows(&workplace.run(&["compare", &a, &b, "--null", null, "--format", "csv"]).stdout)[0];
            for name in ["p", "null_mean", "z", "calibrated"] {
                assert_eq!(row[name], alone[name], "{null}, {a}, {b}: {name}");
            }
            assert_eq!(row["seed"], if null == "exact" { "" } else { "1" });
        }
        for adjust in adjustments {
            let adjusted = sweep(&["--null", null, "--adjust", adjust]);
            assert!(plain.iter().zip(&adjusted).all(|(plain, adjusted)| adjusted["p_unadjusted"] == plain["p"]), "{null} {adjust}");
            let grown = plain.iter().zip(&adjusted).filter(|(plain, adjusted)| number(adjusted, "p") > number(plain, "p")).count();
            assert!(plain.iter().zip(&adjusted).all(|(plain, adjusted)| number(adjusted, "p") >= number(plain, "p")), "{null} {adjust}");
            assert!(grown > 0 && plain.iter().zip(&adjusted).all(|(plain, adjusted)| plain["z"] == adjusted["z"]), "{null} {adjust}");
            let family = match *adjust {
                "max" => Some(FamilyNull::adjusted as fn(&FamilyNull) -> Vec<f64>),
                "row-max" => Some(FamilyNull::adjusted_in_rows as fn(&FamilyNull) -> Vec<f64>),
                _ => None,
            };
            if let Some(of) = family {
                let [a, b] = [("a.safetensors", &layers[..]), ("b.safetensors", &layers[1..])].map(|(file, layers)| {
                    let read = |(layer, _): &(&str, usize)| {
                        read_representation(&Source::from_parts(workplace.path(file), Some(*layer)), None).unwrap()
                    };
                    layers.iter().map(read).collect::<Vec<_>>()
                });
                let expected = of(&family_null(&Measure::parse("cka").unwrap(), &a, &b, &Permutations::new(299, 1)).unwrap());
                assert_eq!(adjusted.iter().map(|row| number(row, "p")).collect::<Vec<f64>>(), expected, "{adjust}");
            }
        }
    }
    let document: serde_json::Value = serde_json::from_str(&workplace.read("out/scores.json")).unwrap();
    assert!(document["scores"][0][0][0]["diagnostics"]["p"].as_f64().is_some());
    // Without a null, the files are as they were.
    assert!(!sweep(&[])[0].contains_key("p"));
}

#[test]
fn a_layer_without_values_has_no_null_and_the_others_have_theirs() {
    let workplace = Workplace::new();
    std::fs::create_dir(workplace.path("a")).unwrap();
    workplace.npy("a/one.npy", 20, 3, 1.0);
    workplace.npy("a/two.npy", 20, 2, 2.0);
    similitude::io::write_npy(workplace.path("a/constant.npy"), 20, 1, &[1.0; 20]).unwrap();
    // HSIC of a constant layer is 0 in every order: it has a value, and no null.
    let run = workplace.run(&["sweep", "a", "-m", "hsic", "--null", "exact", "--adjust", "holm", "--format", "csv"]);
    assert_eq!(run.status, 0, "{run:?}");
    for row in rows(&run.stdout) {
        let constant = row["layer_a"].contains("constant") || row["layer_b"].contains("constant");
        assert_eq!((row["p"].is_empty(), row["value"] == "0.0"), (constant, constant), "{row:?}");
    }
    for null in ["exact", "99"] {
        let run = workplace.run(&["sweep", "a", "--null", null, "--adjust", "holm", "--format", "csv"]);
        assert_eq!(run.status, 3, "{run:?}");
        for row in rows(&run.stdout) {
            let undefined = row["layer_a"].contains("constant") || row["layer_b"].contains("constant");
            assert_eq!((row["p"].is_empty(), row["value"].is_empty()), (undefined, undefined), "{null}: {row:?}");
        }
    }
    // One pair of different layers has a value: 49 permutations are enough for one claim, and not
    // for three.
    let run = workplace.run(&["sweep", "a", "--null", "49", "--adjust", "holm", "--format", "csv"]);
    assert!(!run.stderr.contains("no p-value adjusted by Holm"), "{run:?}");
}

/// HSIC of a constant side is 0 in every order of the examples.
#[test]
fn a_null_that_cannot_be_had_of_these_data_costs_no_value() {
    let workplace = pair();
    similitude::io::write_npy(workplace.path("constant.npy"), 40, 1, &[1.0; 40]).unwrap();
    for asked in [&["--null", "exact"][..], &["--null", "exact", "--interval", "jackknife"]] {
        let run = workplace.run(&[&["compare", "constant.npy", "y.npy", "-m", "hsic", "--format", "csv"], asked].concat());
        let row = &rows(&run.stdout)[0];
        assert!(run.status == 3 && run.stderr.contains("warning: hsic") && run.stderr.contains("every permutation"), "{run:?}");
        assert!(row["value"] == "0.0" && row.get("p").is_none_or(String::is_empty), "{run:?}");
    }
    // What no data could have is refused before anything is computed.
    for (measure, interval) in [("cka", "analytic"), ("linear-predictivity", "bootstrap")] {
        workplace.run(&["compare", "x.npy", "y.npy", "-m", measure, "--interval", interval]).refused(&["--interval"]);
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let workplace = pair();
    workplace.network("a.safetensors", 30, &[("one", 3), ("two", 2)], 1.0);
    let refused = |arguments: &[&str], words: &str| {
        let run = workplace.run(arguments);
        assert!(run.status == 2 && run.stdout.is_empty() && run.stderr.contains(words), "{arguments:?}: {run:?}");
    };
    refused(&["sweep", "a.safetensors", "--null", "exact", "--adjust", "max"], "--null 1000");
    refused(&["sweep", "a.safetensors", "--adjust", "holm"], "--null");
    refused(&["sweep", "a.safetensors", "--null", "exact", "--adjust", "row-max", "-o", "out"], "--null 1000");
    // Before a cell is computed, and anything is written.
    refused(&["sweep", "a.safetensors", "--null", "exact", "-m", "cka", "-m", "procrustes", "-o", "out"], "procrustes");
    refused(&["sweep", "a.safetensors", "--null", "exact", "-m", "rsa:compare=kendall-a", "-o", "out"], "--null 1000");
    refused(&["sweep", "a.safetensors", "--null", "exact", "--rdm", "-m", "rsa:compare=kendall-a", "-o", "out"], "--null 1000");
    std::fs::write(workplace.path("labels.txt"), "1\n2\n".repeat(15)).unwrap();
    refused(&["sweep", "a.safetensors", "--null", "99", "--group", "labels.txt", "-o", "out"], "--rows");
    refused(&["compare", "x.npy", "y.npy", "--null", "99", "--group", "labels.txt"], "--rows");
    assert!(!workplace.path("out").exists());
    refused(&["sweep", "a.safetensors", "--null", "9", "--memory", "100"], "KiB; 100 bytes may be taken");
    refused(&["compare", "x.npy", "y.npy", "--null", "0"], "exact");
    refused(&["compare", "x.npy", "y.npy", "--interval", "halves", "--resamples", "10"], "at least 40");
    refused(&["compare", "x.npy", "y.npy", "--interval", "halves", "--level", "2"], "between 0 and 1");
    refused(&["compare", "x.npy", "y.npy", "--resamples", "10"], "--interval");
}

#[test]
fn methods_say_what_was_done() {
    let run = Workplace::new().run(&["methods", "-m", "cka", "--null", "999", "--adjust", "max", "--interval", "halves", "--seed", "3"]);
    for words in ["999 permutations", "seed 3", "Westfall and Young", "1000 halves", "Phipson and Smyth"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    // Each with its entry.
    for entry in ["@article{phipson2010permutation", "@book{westfall1993resampling", "@article{politis1994large"] {
        assert!(run.stdout.contains(entry), "{entry}: {}", run.stdout);
    }
    // What row-max pays for.
    let rows = Workplace::new().run(&["methods", "-m", "cka", "--null", "999", "--adjust", "row-max"]).stdout;
    assert!(rows.contains("For each layer of the first network") && rows.contains("@book{westfall1993resampling"), "{rows}");
    let exact = Workplace::new().run(&["methods", "-m", "cka", "--null", "exact"]).stdout;
    assert!(exact.contains("type III") && !exact.contains("Intervals"));
}

/// What cannot be done is not described, and finished results say themselves what was done.
#[test]
fn methods_refuse_what_the_other_commands_do() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &[("one", 3), ("two", 2)], 1.0);
    assert_eq!(workplace.run(&["sweep", "a.safetensors", "--null", "39", "-o", "out"]).status, 0);
    let refused: [(&[&str], &str); 11] = [
        (&["-m", "rsa:rdm=given", "--interval", "analytic"], "unbiased"),
        (&["-m", "cka", "--interval", "bca", "--level", "7"], "between 0 and 1"),
        (&["-m", "cka", "--null", "exact", "--adjust", "max"], "--null 1000"),
        (&["-m", "procrustes", "--null", "exact"], "--null 1000"),
        (&["-m", "cka", "--interval", "halves", "--resamples", "3"], "at least 40 are needed (--resamples"),
        (&["-m", "linear-predictivity", "--interval", "bootstrap"], "--interval halves"),
        (&["-m", "cka", "--interval", "analytic"], "unbiased"),
        (&["out", "--null", "5000"], "--null: finished results say themselves"),
        (&["out", "--null", "exact", "--adjust", "bh"], "finished results"),
        (&["out", "--interval", "jackknife"], "--interval: finished results"),
        (&["out", "--seed", "5"], "--seed: finished results"),
    ];
    for (arguments, words) in refused {
        workplace.run(&[&["methods"], arguments].concat()).refused(&[words]);
    }
    // What does not exist is not described.
    let of = |arguments: &[&str]| workplace.run(&[&["methods"], arguments].concat()).stdout;
    assert!(of(&["-m", "cka", "--null", "99"]).contains("The calibrated score is"));
    assert!(of(&["out"]).contains("39 permutations") && of(&["out"]).contains("The calibrated score is"));
    for arguments in [&["-m", "cka", "--null", "1"][..], &["-m", "hsic", "--null", "99"], &["-m", "hsic", "--null", "exact"]] {
        assert!(!of(arguments).contains("alibrated"), "{arguments:?}: {}", of(arguments));
    }
}

#[test]
fn too_few_permutations_and_levels_of_tests_are_said() {
    let workplace = pair();
    let few = workplace.run(&["compare", "x.npy", "y.npy", "--null", "1"]);
    assert!(
        few.status == 0 && few.stderr.contains("of 1 permutation no p-value is below 0.50") && few.stderr.contains("19 or more"),
        "{few:?}"
    );
    assert_eq!(workplace.run(&["compare", "x.npy", "y.npy", "--null", "19"]).stderr, "");
    let level = workplace.run(&["compare", "x.npy", "y.npy", "--interval", "jackknife", "--level", "0.05"]);
    assert!(level.status == 0 && level.stderr.contains("--level 0.95 is the usual one"), "{level:?}");
    workplace.network("a.safetensors", 30, &[("one", 3), ("two", 2)], 1.0);
    assert!(workplace.run(&["sweep", "a.safetensors", "--null", "5"]).stderr.contains("19 or more"));
    workplace.run(&["compare", "x.npy", "y.npy", "--interval", "halves", "--level", "0.9999"]).refused(&["at least 20000", "--resamples"]);
}

#[test]
fn tables_mark_what_may_be_chance() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 30, &[("one", 3), ("two", 2)], 1.0);
    workplace.network("b.safetensors", 30, &[("one", 4), ("two", 3)], 9.0);
    let sweep = ["sweep", "a.safetensors", "b.safetensors", "--null", "39", "--adjust", "bh"];
    let whole = workplace.run(&sweep).stdout;
    let table = workplace.run(&[&sweep[..], &["--format", "csv"]].concat()).stdout;
    let faint = rows(&table).iter().filter(|row| row["p"].parse::<f64>().unwrap() > 0.05).count();
    // And once in the line that says what it means.
    assert!(faint > 0 && whole.matches('\u{b0}').count() == faint + 1, "{faint}: {whole}");
    assert!(whole.contains("\u{b0} p > 0.05 (adjusted: Benjamini-Hochberg)"), "{whole}");
    let summary = workplace.run(&[&sweep[..], &["-o", "out"]].concat()).stdout;
    let head = summary.lines().find(|line| line.starts_with("layer")).unwrap();
    assert!(head.ends_with("value       p") && summary.contains("--adjust bh"), "{summary}");
    assert!(!workplace.run(&sweep[..3]).stdout.contains('\u{b0}'));
}

#[test]
fn moments_are_known_of_inner_products_alone() {
    use similitude::inference::{Error, has_exact_null};
    for text in [
        "cka",
        "cka:kernel=rbf,estimator=debiased",
        "hsic:estimator=unbiased",
        "cca:summary=r2",
        "linear-regression",
        "distance-correlation",
        "rsa",
    ] {
        assert_eq!(has_exact_null(&Measure::parse(text).unwrap()), Ok(()), "{text}");
    }
    for text in [
        "procrustes",
        "pwcca",
        "cca:summary=rho",
        "mutual-knn:k=40",
        "soft-matching",
        "rsa:compare=kendall-b",
        "linear-regression:direction=sum",
    ] {
        let answer = has_exact_null(&Measure::parse(text).unwrap());
        assert!(matches!(answer, Err(Error::NotAnInnerProduct { .. })), "{text}: {answer:?}");
    }
}

/// Kernel matrices and dissimilarities are permuted in rows and columns, and compared as what they
/// are.
#[test]
fn a_sweep_of_given_matrices_has_the_nulls_of_their_pairs() {
    let workplace = Workplace::new();
    let n = 24;
    let sides: Vec<_> = [("a", 1.0), ("b", 5.0), ("c", 9.0)].map(|(name, seed)| (name, entries(3 * n, seed))).into();
    let write = |folder: &str, between: &dyn Fn(&[f64], &[f64]) -> f64| {
        std::fs::create_dir(workplace.path(folder)).unwrap();
        for (name, x) in &sides {
            let entry = |place: usize| between(&x[3 * (place / n)..][..3], &x[3 * (place % n)..][..3]);
            let matrix: Vec<f64> = (0..n * n).map(entry).collect();
            similitude::io::write_npy(workplace.path(&format!("{folder}/{name}.npy")), n, n, &matrix).unwrap();
        }
    };
    write("grams", &|x, y| x.iter().zip(y).map(|(a, b)| a * b).sum());
    write("rdms", &|x, y| x.iter().zip(y).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt());
    for (folder, how, measure) in [("grams", "--gram", "cka"), ("rdms", "--rdm", "rsa:compare=pearson"), ("rdms", "--rdm", "cka")] {
        for null in ["199", "exact"] {
            let given = [how, "-m", measure, "--null", null, "--format", "csv"];
            let swept = workplace.run(&[&["sweep", folder], &given[..]].concat());
            assert_eq!(swept.status, 0, "{swept:?}");
            let swept = rows(&swept.stdout);
            let row = swept.iter().find(|row| row["layer_a"] == "a" && row["layer_b"] == "c").unwrap();
            let pair = [format!("{folder}/a.npy"), format!("{folder}/c.npy")];
            let alone = &rows(&workplace.run(&[&["compare", &pair[0], &pair[1]], &given[..]].concat()).stdout)[0];
            for name in ["value", "p", "null_mean", "z"] {
                assert!(!row[name].is_empty() && row[name] == alone[name], "{folder} {null} {name}: {row:?} {alone:?}");
            }
        }
    }
    // And their curves: subsets of examples, in rows and columns.
    for (folder, how, measure) in [("grams", "--gram", "cka"), ("rdms", "--rdm", "rsa:compare=pearson")] {
        let done = workplace.run(&["sweep", folder, how, "-m", measure, "--curve", "a:c", "-o", &format!("{folder}-out")]);
        assert_eq!(done.status, 0, "{done:?}");
        let text = workplace.read(&format!("{folder}-out/sample-sizes.json"));
        let curves: serde_json::Value = serde_json::from_str(&text).unwrap();
        let read = |name: &str| {
            let x = read(&workplace, &format!("{folder}/{name}.npy"));
            if how == "--gram" { x.into_gram() } else { x.into_rdm() }.unwrap()
        };
        let measure = Measure::parse(curves["curves"][0]["measure"].as_str().unwrap()).unwrap();
        let expected = sample_size_curve(&measure, &read("a"), &read("c"), 100, 1, 0.95).unwrap();
        assert_eq!(curves["curves"][0]["limit"].as_f64(), Some(expected.limit), "{folder}");
    }
}

#[test]
fn positions_of_an_example_change_places_together() {
    let workplace = Workplace::new();
    let values = |seed: f64| -> Vec<f64> {
        (0..12 * 3 * 4)
            .map(|at| (seed * (at / 12) as f64 * 1.7 + (at / 4 % 3) as f64).sin() + 0.1 * (seed + at as f64 * 3.3).cos())
            .collect()
    };
    let (x, y) = (values(1.0), values(2.0));
    safetensors(&workplace.path("n.safetensors"), &[("x", vec![12, 3, 2, 2], &x), ("y", vec![12, 3, 2, 2], &y)]);
    let positions = ["compare", "n.safetensors:x", "n.safetensors:y", "--axes", "nchw", "--spatial", "positions", "--format", "csv", "-m"];
    let run = workplace.run(&[&positions[..], &["cka:estimator=debiased", "--null", "999", "--interval", "jackknife"]].concat());
    assert_eq!(run.status, 0, "{run:?}");
    // Position after position of an example, a channel a neuron.
    let rows_of = |values: &[f64]| {
        let at = |row: usize, channel: usize| values[row / 4 * 12 + channel * 4 + row % 4];
        let matrix: Vec<f64> =
            (0..48).flat_map(|row| (0..3).map(move |channel| (row, channel))).map(|(row, channel)| at(row, channel)).collect();
        Representation::from_row_major("x", 48, 3, matrix).unwrap().with_positions(Positions::Each(4))
    };
    let (x, y, debiased) = (rows_of(&x), rows_of(&y), Measure::parse("cka:estimator=debiased").unwrap());
    let null = permutation_null(&debiased, &x, &y, &Permutations::new(999, 1)).unwrap();
    let jackknifed = jackknife(&debiased, &x, &y, None, 1).unwrap();
    let row = &rows(&run.stdout)[0];
    assert_eq!((row["p"].parse(), row["se"].parse()), (Ok(null.p()), Ok(jackknifed.standard_error())));
    assert_eq!(jackknifed.values.len(), 12);
    let refused = workplace.run(&[&positions[..], &["cka", "--null", "exact"]].concat());
    assert!(refused.status == 2 && refused.stderr.contains("4 positions of each of 12 examples"), "{refused:?}");
    let refused = workplace.run(&[&positions[..], &["linear-predictivity"]].concat());
    assert!(refused.status == 3 && refused.stdout.contains("--spatial mean"), "{refused:?}");
}
