//! `similitude compare`

use std::path::Path;

use similitude::io::{Source, read_representation};
use similitude::{Measure, Score};

use crate::support::Workplace;

fn golden(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).display().to_string()
}

fn score(workplace: &Workplace, x: &str, y: &str, measure: &str) -> Score {
    let read = |name: &str| read_representation(&Source::from_parts(workplace.path(name), None), None).unwrap();
    Measure::parse(measure).unwrap().compare(&read(x), &read(y)).unwrap()
}

fn pair() -> Workplace {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 40, 5, 1.0);
    workplace.npy("y.npy", 40, 7, 2.0);
    workplace
}

#[test]
fn the_authors_demonstration_comes_out_by_default() {
    let run = Workplace::new().run(&["compare", &golden("demo_x.csv"), &golden("demo_y.csv"), "--format", "json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let objects = run.objects();
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0]["measure"], "cka:kernel=linear,estimator=biased");
    let value = objects[0]["value"].as_f64().unwrap();
    assert!((value - 0.557_613_256_611_758_9).abs() <= 2e-16, "{value}");
}

#[test]
fn an_object_has_the_fields_of_the_contract_in_order() {
    let run = pair().run(&["compare", "x.npy", "y.npy", "--format", "json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let names = ["measure", "value", "direction", "x", "y", "n", "p1", "p2", "diagnostics", "version"];
    let object = &run.objects()[0];
    assert_eq!(object.as_object().unwrap().len(), names.len());
    let places: Vec<usize> = names.iter().map(|name| run.stdout.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{}", run.stdout);
    assert_eq!(object["direction"], "similarity");
    assert_eq!((&object["x"], &object["y"]), (&"x.npy".into(), &"y.npy".into()));
    assert_eq!((&object["n"], &object["p1"], &object["p2"]), (&40.into(), &5.into(), &7.into()));
    assert!(object["diagnostics"]["error_bound"].as_f64().unwrap() > 0.0);
    assert_eq!(object["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn products_in_single_precision_are_asked_for_and_said() {
    let workplace = pair();
    let compared = |precision: &str| {
        let run = workplace.run(&["compare", "x.npy", "y.npy", "-m", "cka", "--precision", precision, "--format", "json"]);
        assert_eq!(run.status, 0, "{run:?}");
        run.objects().remove(0)
    };
    let (single, double) = (compared("f32"), compared("f64"));
    let number = |object: &serde_json::Value, name: &str| object[name].as_f64().unwrap();
    let off = (number(&single, "value") - number(&double, "value")).abs();
    assert!(off > 0.0 && off <= number(&single["diagnostics"], "error_bound"), "{single}");
    assert_eq!((&single["diagnostics"]["precision"], &double["diagnostics"]["precision"]), (&"f32".into(), &serde_json::Value::Null));
    workplace.run(&["compare", "x.npy", "y.npy", "--precision", "f16"]).refused(&["f16", "f64 or f32"]);
}

#[test]
fn values_read_back_to_the_same_bits_in_every_format() {
    let workplace = pair();
    let measures = ["cka", "hsic", "cca:summary=r2", "pwcca", "procrustes", "cka:kernel=rbf,fraction=0.4", "linear-regression"];
    let expected: Vec<u64> = measures.iter().map(|measure| score(&workplace, "x.npy", "y.npy", measure).value.to_bits()).collect();
    let arguments = |format| {
        let mut arguments = vec!["compare", "x.npy", "y.npy", "--format", format];
        measures.iter().for_each(|measure| arguments.extend(["-m", measure]));
        arguments
    };
    let json = workplace.run(&arguments("json"));
    let values: Vec<u64> = json.objects().iter().map(|object| object["value"].as_f64().unwrap().to_bits()).collect();
    assert_eq!(values, expected);

    let comma_separated = workplace.run(&arguments("csv"));
    let mut reader = csv::Reader::from_reader(comma_separated.stdout.as_bytes());
    let column = reader.headers().unwrap().iter().position(|name| name == "value").unwrap();
    let values: Vec<u64> = reader.records().map(|record| record.unwrap()[column].parse::<f64>().unwrap().to_bits()).collect();
    assert_eq!(values, expected);

    let table = workplace.run(&arguments("table"));
    let values: Vec<u64> =
        table.stdout.lines().skip(4).map(|line| line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap().to_bits()).collect();
    assert_eq!(values, expected);
}

#[test]
fn a_degenerate_measure_is_an_object_and_the_others_still_print() {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 6, 8, 1.0);
    workplace.npy("y.npy", 6, 9, 2.0);
    let run = workplace.run(&["compare", "x.npy", "y.npy", "-m", "cca", "-m", "cka", "--format", "json"]);
    assert_eq!(run.status, 3, "{run:?}");
    let objects = run.objects();
    assert_eq!(objects[0]["error"]["kind"], "degenerate");
    assert!(objects[0]["measure"].as_str().unwrap().starts_with("cca:summary=rho,"));
    assert_eq!((&objects[0]["x"], &objects[0]["y"]), (&"x.npy".into(), &"y.npy".into()));
    assert!(objects[0]["error"]["message"].as_str().unwrap().contains("n = 6"), "{}", objects[0]);
    assert!(objects[0].get("value").is_none());
    assert_eq!(objects[1]["value"].as_f64().unwrap(), score(&workplace, "x.npy", "y.npy", "cka").value);

    // The table says it too, and gives the reason.
    let table = workplace.run(&["compare", "x.npy", "y.npy", "-m", "cca", "-m", "cka"]);
    assert_eq!(table.status, 3);
    assert!(table.stdout.contains("degenerate") && table.stdout.contains("n = 6"), "{}", table.stdout);
    let allowed = workplace.run(&["compare", "x.npy", "y.npy", "-m", "cca:degenerate=allow", "--format", "json"]);
    assert_eq!(allowed.status, 0);
    let object = &allowed.objects()[0];
    let (value, bound) = (object["value"].as_f64().unwrap(), object["diagnostics"]["error_bound"].as_f64().unwrap());
    assert!((value - 1.0).abs() <= bound && bound < 1e-9, "{object}");
}

#[test]
fn undefined_values_end_with_status_three() {
    let workplace = Workplace::new();
    similitude::io::write_npy(workplace.path("constant.npy"), 8, 2, &[1.5; 16]).unwrap();
    workplace.npy("x.npy", 8, 2, 1.0);
    workplace.npy("three.npy", 3, 2, 1.0);
    let constant = workplace.run(&["compare", "x.npy", "constant.npy", "--format", "json"]);
    assert_eq!(constant.status, 3);
    let error = &constant.objects()[0]["error"];
    assert_eq!(error["kind"], "undefined");
    assert!(error["message"].as_str().unwrap().contains("constant.npy (8 x 2) is constant"), "{error}");
    // The debiased estimator needs four examples.
    let few = workplace.run(&["compare", "three.npy", "three.npy", "-m", "cka:estimator=debiased", "--format", "json"]);
    assert_eq!(few.status, 3);
    assert!(few.objects()[0]["error"]["message"].as_str().unwrap().contains("3 examples, at least 4"), "{few:?}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 300, 60, 1.0);
    workplace.npy("y.npy", 300, 80, 2.0);
    let run = |threads: &str| {
        let measures = ["-m", "cka", "-m", "pwcca", "-m", "cka:kernel=rbf", "-m", "procrustes"];
        workplace.run(&[&["compare", "x.npy", "y.npy", "--format", "json", "--threads", threads], &measures[..]].concat()).stdout
    };
    assert_eq!(run("1"), run("3"));
}

/// Runs a comparison whose standard output goes where `stdout` says; gives the exit status and
/// standard error.
fn with_output_to(format: &str, stdout: std::process::Stdio) -> (Option<i32>, String) {
    let workplace = pair();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_similitude"))
        .args(["compare", "x.npy", "y.npy", "--format", format])
        .current_dir(workplace.path(""))
        .stdout(stdout)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Where it is a pipe, its reader leaves before the first result.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_leaves_is_no_panic_and_no_error() {
    for format in ["table", "json", "csv"] {
        assert_eq!(with_output_to(format, std::process::Stdio::piped()), (Some(0), String::new()), "{format}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn results_that_could_not_be_written_are_an_error() {
    for format in ["table", "json", "csv"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (status, message) = with_output_to(format, full.into());
        assert!(status == Some(2) && message.contains("standard output") && message.contains("space"), "{format}: {status:?} {message}");
    }
}

#[test]
fn kernel_matrices_that_do_not_fit_are_computed_again_for_the_same_bits() {
    let workplace = Workplace::new();
    workplace.npy("large_x.npy", 3000, 5, 1.0);
    workplace.npy("large_y.npy", 3000, 4, 2.0);
    let run = |memory| {
        let measures = ["-m", "cka:kernel=rbf", "-m", "cka:kernel=rbf,estimator=debiased", "-m", "hsic:kernel=laplace,bandwidth=demo"];
        let memory = ["compare", "large_x.npy", "large_y.npy", "--format", "json", "--threads", "2", "--memory", memory];
        workplace.run(&[&memory[..], &measures[..]].concat())
    };
    let kept = run("1G");
    assert_eq!((kept.status, kept.stderr.as_str()), (0, ""), "{kept:?}");
    // Three matrices of 40 MiB each for a layer, and about 70 MiB on the way.
    for (memory, words) in [("100M", "those of 0 of 2 layers are kept"), ("220M", "those of 1 of 2 layers are kept")] {
        let recomputed = run(memory);
        assert_eq!((recomputed.status, &recomputed.stdout), (0, &kept.stdout), "{memory}: {}", recomputed.stderr);
        assert!(recomputed.stderr.contains(words), "{}", recomputed.stderr);
    }
}

/// A value that says nothing of the data is answered, with a word of warning.
#[test]
fn a_value_that_is_the_same_for_other_data_comes_with_a_warning() {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 30, 400, 1.0);
    workplace.npy("y.npy", 30, 300, 2.0);
    for kernel in ["rbf", "laplace"] {
        let measure = format!("cka:kernel={kernel},bandwidth=fixed,sigma=0.2");
        let run = workplace.run(&["compare", "x.npy", "y.npy", "-m", &measure, "--format", "json"]);
        assert!(run.status == 0 && run.objects()[0]["value"].as_f64().unwrap() > 0.999, "{run:?}");
        assert!(run.stderr.contains("of X, no kernel value") && run.stderr.contains("of Y, no kernel value"), "{run:?}");
    }
    // One neuron with nearly all of the variance.
    let spread = |j: usize, value: f64| if j == 2 { 1e4 * value } else { value };
    let values: Vec<f64> = crate::support::entries(30 * 5, 3.0).into_iter().enumerate().map(|(k, value)| spread(k % 5, value)).collect();
    similitude::io::write_npy(workplace.path("one.npy"), 30, 5, &values).unwrap();
    let run = workplace.run(&["compare", "one.npy", "y.npy", "--format", "json"]);
    assert!(run.stderr.contains("of X, one direction holds nearly all") && !run.stderr.contains("of Y"), "{run:?}");
    let effective = |side: &str| run.objects()[0]["diagnostics"][format!("effective_dimensions_{side}")].as_f64().unwrap();
    assert!((1.0..1.001).contains(&effective("x")) && effective("y") > 5.0, "{run:?}");
}
