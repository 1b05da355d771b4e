//! Arguments and input that cannot be used: exit status 2, and a message with what a person needs
//! to mend them.

use crate::support::{Workplace, entries, safetensors};

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 10, 3, 1.0);
    workplace.npy("y.npy", 12, 3, 2.0);
    workplace.network("net.safetensors", 10, &[("conv1", 3), ("conv2", 4)], 1.0);
    workplace
}

#[test]
fn usage_errors_end_with_status_two() {
    let workplace = workplace();
    workplace.run(&[]).refused(&["Usage"]);
    workplace.run(&["compare", "x.npy"]).refused(&["<Y>"]);
    workplace.run(&["compare", "x.npy", "x.npy", "--threads", "0"]).refused(&["--threads"]);
    workplace.run(&["compare", "x.npy", "x.npy", "--memory", "7 parsecs"]).refused(&["parsecs", "powers of 1024"]);
    workplace.run(&["compare", "x.npy", "x.npy", "--spatial", "average"]).refused(&["flatten", "mean", "positions"]);
    workplace.run(&["compare", "x.npy", "x.npy", "--axes", "nqd"]).refused(&["'q'", "n (examples)"]);
    workplace.run(&["methods"]).refused(&["--measure"]);
}

#[test]
fn unknown_measures_keys_and_values_are_answered_with_the_known_ones() {
    let workplace = workplace();
    let run = |measure| workplace.run(&["compare", "x.npy", "x.npy", "-m", measure]);
    let known = similitude::registry::REGISTRY.iter().map(|entry| entry.spec.id).collect::<Vec<_>>().join(", ");
    run("ckaa").refused(&["\"ckaa\"", &known]);
    run("cka:kernl=rbf").refused(&["\"kernl\"", "kernel, estimator"]);
    run("cka:kernel=gauss").refused(&["\"gauss\"", "linear | rbf | laplace | polynomial | cosine"]);
    run("cka:kernel=rbf,sigma=1").refused(&["sigma", "bandwidth=fixed,sigma=1"]);
    run("canonical-ridge").refused(&["kappa-x must be given"]);
}

#[test]
fn files_and_tensors_that_are_not_there_are_named() {
    let workplace = workplace();
    workplace.run(&["compare", "absent.npy", "x.npy"]).refused(&["absent.npy: no such file"]);
    workplace.run(&["compare", "net.safetensors:conv3", "x.npy"]).refused(&["net.safetensors", "\"conv3\"", "\"conv1\", \"conv2\""]);
    workplace.run(&["compare", "net.safetensors", "x.npy"]).refused(&["net.safetensors:NAME", "\"conv1\", \"conv2\""]);
    workplace.run(&["sweep", "x.npy"]).refused(&["x.npy", "archive"]);
    workplace.run(&["sweep", "net.safetensors", "--layers", "conv1,conv9"]).refused(&["\"conv9\"", "\"conv1\", \"conv2\""]);
}

#[test]
fn entries_that_are_not_finite_are_named_with_file_tensor_row_and_column() {
    let workplace = workplace();
    let mut values = entries(30, 1.0);
    values[3 * 4 + 2] = f64::NAN;
    similitude::io::write_npy(workplace.path("nan.npy"), 10, 3, &values).unwrap();
    workplace.run(&["compare", "x.npy", "nan.npy"]).refused(&["nan.npy", "row 4, column 2 is NaN"]);
    let good = entries(30, 2.0);
    safetensors(&workplace.path("nan.safetensors"), &[("good", vec![10, 3], &good), ("bad", vec![10, 3], &values)]);
    workplace.run(&["sweep", "nan.safetensors", "--on-error", "stop"]).refused(&["nan.safetensors:bad", "row 4, column 2 is NaN"]);
    workplace.run(&["compare", "nan.safetensors:bad", "x.npy"]).refused(&["nan.safetensors:bad", "row 4, column 2 is NaN"]);
}

#[test]
fn different_numbers_of_examples_are_an_input_error() {
    let workplace = workplace();
    let words = ["x.npy has 10 examples", "y.npy has 12"];
    workplace.run(&["compare", "x.npy", "y.npy"]).refused(&words);
    workplace.network("other.safetensors", 12, &[("conv1", 3)], 1.0);
    workplace
        .run(&["sweep", "net.safetensors", "other.safetensors"])
        .refused(&["net.safetensors:conv1 has 10", "other.safetensors:conv1 has 12"]);
}

#[test]
fn more_than_two_axes_are_never_guessed() {
    let workplace = workplace();
    let values = entries(10 * 3 * 2 * 2, 1.0);
    safetensors(&workplace.path("conv.safetensors"), &[("maps", vec![10, 3, 2, 2], &values)]);
    workplace.run(&["compare", "conv.safetensors:maps", "x.npy"]).refused(&["[10, 3, 2, 2]", "--axes", "nchw", "nhwc", "--spatial"]);
    workplace.run(&["sweep", "conv.safetensors"]).refused(&["conv.safetensors:maps", "--axes", "--spatial"]);
    // What becomes of positions does not say which axes are positions.
    workplace.run(&["compare", "conv.safetensors:maps", "x.npy", "--spatial", "mean"]).refused(&["--axes", "nhwc"]);
    workplace.run(&["compare", "conv.safetensors:maps", "x.npy", "--axes", "nchw"]).refused(&["read as nchw", "--spatial flatten"]);
    let run = |how| {
        let maps = "conv.safetensors:maps";
        let run = workplace.run(&["compare", maps, maps, "--axes", "nchw", "--spatial", how, "--format", "json"]);
        let object = &run.objects()[0];
        let said = format!("axes nchw, spatial {how}");
        assert_eq!((&object["reading"]["x"], &object["reading"]["y"]), (&said.as_str().into(), &said.as_str().into()));
        (object["n"].as_u64().unwrap(), object["p1"].as_u64().unwrap())
    };
    assert_eq!((run("flatten"), run("mean"), run("positions")), ((10, 12), (10, 3), (40, 3)));
}

#[test]
fn what_would_not_fit_says_so_with_the_numbers() {
    let workplace = workplace();
    let words = ["this needs about", "may take 1.0 KiB", "features and bases"];
    workplace.run(&["sweep", "net.safetensors", "-m", "cka:kernel=rbf", "-m", "cka:kernel=laplace", "--memory", "1K"]).refused(&words);
    workplace.run(&["compare", "x.npy", "x.npy", "--memory", "100"]).refused(&["may take 100 bytes", "--memory"]);
}

/// Fewer or more examples on one side, for reasons that people have.
#[test]
fn numbers_of_examples_that_differ_say_what_may_be_the_matter() {
    let workplace = workplace();
    workplace.npy("t.npy", 3, 10, 1.0);
    let table = entries(30, 1.0).chunks(3).map(|row| format!("{},{},{}", row[0], row[1], row[2])).collect::<Vec<_>>().join("\n");
    std::fs::write(workplace.path("named.csv"), format!("0.1,0.2,0.4\n{table}\n")).unwrap();
    workplace.npy("w.npy", 10, 4, 1.0);
    let first = workplace.run(&["compare", "t.npy", "w.npy"]);
    first.refused(&["the first has 10 columns", "--axes dn --axes-b nd"]);
    assert!(!first.stderr.contains("the second has"), "{first:?}");
    workplace.run(&["compare", "t.npy", "x.npy"]).refused(&["the first has 10 columns", "the second has 3 columns"]);
    assert_eq!(workplace.run(&["compare", "t.npy", "x.npy", "--axes", "dn", "--axes-b", "nd"]).status, 0);
    workplace.run(&["compare", "x.npy", "t.npy"]).refused(&["the second has 10 columns", "--axes-b dn"]);
    workplace.run(&["compare", "named.csv", "x.npy"]).refused(&["has 11 examples", "--header yes"]);
    workplace.run(&["compare", "x.npy", "named.csv"]).refused(&["has 11", "--header-b yes"]);
    assert_eq!(workplace.run(&["compare", "x.npy", "named.csv", "--header-b", "yes"]).status, 0);
    workplace.run(&["sweep", "net.safetensors", "-o", "x.npy"]).refused(&["x.npy", "results go into a directory"]);
}
