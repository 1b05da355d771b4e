//! What options name: axes, rows, labels, lengths and layers, in arguments and files beside them.

use crate::support::{Run, Workplace, entries, safetensors};

const N: usize = 12;

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.npy("x.npy", N, 4, 1.0);
    workplace.npy("y.npy", N, 3, 2.0);
    workplace
}

fn compare(workplace: &Workplace, options: &[&str]) -> Run {
    workplace.run(&[&["compare", "x.npy", "y.npy", "--format", "json"], options].concat())
}

fn value(run: &Run) -> f64 {
    assert_eq!(run.status, 0, "{run:?}");
    run.objects()[0]["value"].as_f64().unwrap()
}

#[test]
fn axes_that_are_in_force_are_not_the_remedy() {
    let workplace = workplace();
    let x = entries(N * 4, 1.0);
    let turned: Vec<f64> = (0..4 * N).map(|at| x[at % N * 4 + at / N]).collect();
    similitude::io::write_npy(workplace.path("xt.npy"), 4, N, &turned).unwrap();
    let run = |axes: &[&str]| workplace.run(&[&["compare", "xt.npy", "y.npy"], axes].concat());
    for axes in [&["--axes", "dn"][..], &["--axes", "dn", "--axes-b", "dn"]] {
        let refused = run(axes);
        refused.refused(&["the second has 12 columns", "(--axes-b nd)"]);
        assert!(!refused.stderr.contains("--axes-b dn"), "{refused:?}");
    }
    assert_eq!(run(&["--axes", "dn", "--axes-b", "nd"]).status, 0);
    // The second alone is stored the other way.
    let run = workplace.run(&["compare", "y.npy", "xt.npy", "--axes-b", "nd"]);
    run.refused(&["the second has 12 columns", "(--axes-b dn)"]);
}

#[test]
fn files_beside_the_data_may_begin_with_a_mark_of_their_encoding() {
    let workplace = workplace();
    let write = |name: &str, text: &str| std::fs::write(workplace.path(name), format!("\u{feff}{text}")).unwrap();
    write("r.txt", "0\r\n1\r\n2\r\n5\r\n");
    assert_eq!(value(&compare(&workplace, &["--rows", "r.txt"])), value(&compare(&workplace, &["--rows", "0:3,5"])));
    write("g.txt", &"a\r\nb\r\n".repeat(N / 2));
    let run = compare(&workplace, &["--group", "g.txt"]);
    assert_eq!(run.objects()[0]["reading"]["y"], "mean over 2 groups of g.txt", "{run:?}");
    workplace.network("v.safetensors", N, &[("a", 3), ("b", 4)], 1.0);
    write("l.txt", "b\r\n");
    let run = workplace.run(&["sweep", "v.safetensors", "--layers-from", "l.txt"]);
    assert!(run.status == 0 && run.stdout.contains("\nb  1.0000"), "{run:?}");
}

#[test]
fn rows_may_be_lines_of_booleans_and_what_else_they_are_is_said() {
    let workplace = workplace();
    let write = |name: &str, text: &str| std::fs::write(workplace.path(name), text).unwrap();
    let wanted = value(&compare(&workplace, &["--rows", "::2"]));
    for lines in ["True\nFalse\n", "true\nfalse\n"] {
        write("r.txt", &lines.repeat(N / 2));
        assert_eq!(value(&compare(&workplace, &["--rows", "r.txt"])), wanted);
    }
    write("r.txt", &"true\n".repeat(N - 1));
    compare(&workplace, &["--rows", "r.txt"]).refused(&["--rows r.txt: 11 booleans for 12 examples"]);
    write("r.txt", "true\nfalse\n1\n");
    compare(&workplace, &["--rows", "r.txt"]).refused(&["--rows r.txt: \"1\" is neither true nor false"]);
    write("r.txt", &"1\n0\n".repeat(N / 2));
    compare(&workplace, &["--rows", "r.txt"]).refused(&["row 1 is asked for twice", "booleans", "lines true and false"]);
    for absent in ["absent.npy", "absent.txt", "some/rows"] {
        compare(&workplace, &["--rows", absent]).refused(&[&format!("{absent}: no such file")]);
    }
    compare(&workplace, &["--rows", "5-7"]).refused(&["\"5-7\" is neither ranges"]);
}

#[test]
fn labels_of_another_number_of_examples_are_counted() {
    let workplace = workplace();
    let labels: Vec<f64> = (0..N - 1).map(|row| (row % 2) as f64).collect();
    similitude::io::write_npy(workplace.path("g.npy"), N - 1, 1, &labels).unwrap();
    compare(&workplace, &["--group", "g.npy"]).refused(&["x.npy", "--group g.npy: 11 labels for 12 examples"]);
    std::fs::write(workplace.path("g.txt"), format!("label\n{}", "a\nb\n".repeat(N / 2))).unwrap();
    compare(&workplace, &["--group", "g.txt"]).refused(&["of 13 labels \"label\"", "the first line is a header"]);
}

#[test]
fn lengths_may_stand_in_a_text() {
    let workplace = workplace();
    let tokens = entries(N * 3 * 2, 3.0);
    safetensors(&workplace.path("t.safetensors"), &[("t", vec![N, 3, 2], &tokens)]);
    let lengths: Vec<f64> = (0..N).map(|row| (1 + row % 3) as f64).collect();
    similitude::io::write_npy(workplace.path("len.npy"), N, 1, &lengths).unwrap();
    std::fs::write(workplace.path("len.txt"), lengths.iter().map(|length| format!("{length}\n")).collect::<String>()).unwrap();
    let run = |lengths| {
        let axes = ["--axes", "ntd", "--spatial", "mean", "--lengths", lengths];
        workplace.run(&[&["compare", "t.safetensors:t", "y.npy", "--format", "json"], &axes[..]].concat())
    };
    assert_eq!(value(&run("len.txt")), value(&run("len.npy")));
    std::fs::write(workplace.path("len.txt"), "1\ntwo\n").unwrap();
    run("len.txt").refused(&["len.txt: the length of example 1 is \"two\""]);
}

#[test]
fn layers_of_a_stack_are_chosen_as_they_are_called() {
    let workplace = workplace();
    let (enc, dec) = (entries(N * 5 * 2, 3.0), entries(N * 5 * 2, 4.0));
    safetensors(&workplace.path("st.safetensors"), &[("enc", vec![N, 5, 2], &enc), ("dec", vec![N, 5, 2], &dec)]);
    let layers = |file: &str, options: &[&str]| {
        let run = workplace.run(&[&["sweep", file, "--axes", "nLd", "--format", "json"], options].concat());
        assert_eq!(run.status, 0, "{run:?}");
        let mut names: Vec<String> =
            run.objects().iter().map(|object| object["x"].as_str().unwrap().split_once(':').unwrap().1.to_string()).collect();
        names.dedup();
        names
    };
    assert_eq!(layers("st.safetensors", &["--layers", "enc/1,dec/4"]), ["enc/1", "dec/4"]);
    assert_eq!(layers("st.safetensors", &["--layers", "enc"]).len(), 5);
    assert_eq!(layers("st.safetensors", &["--exclude", "dec,enc/1,*/0"]), ["enc/2", "enc/3", "enc/4"]);
    let values = entries(N * 5 * 2, 3.0);
    similitude::io::write_npz(workplace.path("A.npz"), &[("A", &[N, 5, 2], similitude::io::Array::F64(&values))]).unwrap();
    assert_eq!(layers("A.npz", &["--layers", "A/3,A/1"]), ["A/3", "A/1"]);
    let refused = |options: &[&str], words: &[&str]| {
        workplace.run(&[&["sweep", "st.safetensors", "--axes", "nLd"], options].concat()).refused(words);
    };
    refused(&["--layers", "enc/5"], &["\"enc/5\"", "\"dec/0\""]);
    refused(&["--layers", "enc/1,enc/1"], &["the layer \"enc/1\" is asked for twice"]);
    let one = workplace.run(&["compare", "st.safetensors:enc/5", "y.npy", "--axes", "nLd"]);
    one.refused(&["nLd is a stack of 5 layers, counted from 0 to 4, and there is no 5"]);
}
