//! How a sweep is fitted into `--memory`: `--plan`, groups of layers, and what a refusal says.

use crate::support::{Run, Workplace};

const MEASURES: [&str; 8] = ["-m", "procrustes", "-m", "cca", "-m", "linear-regression", "-m", "cka:kernel=rbf"];

/// Four layers of about 2 MB in f64, and two: with bases 55 MiB together.
fn networks() -> Workplace {
    let workplace = Workplace::new();
    let layers = |count: usize| ["one", "two", "three", "four"].into_iter().zip([100, 90, 80, 70]).take(count).collect::<Vec<_>>();
    workplace.network("a.safetensors", 3000, &layers(4), 1.0);
    workplace.network("b.safetensors", 3000, &layers(2), 9.0);
    workplace
}

fn sweep(workplace: &Workplace, networks: &[&str], more: &[&str]) -> Run {
    let format = ["--format", "json", "--threads", "2"];
    workplace.run(&[&["sweep"], networks, &MEASURES, &format, more].concat())
}

/// Groups of rows, groups of columns, and a network with itself.
#[test]
fn groups_of_layers_give_the_bits_of_all_layers_together() {
    let workplace = networks();
    for networks in [&["a.safetensors", "b.safetensors"][..], &["b.safetensors", "a.safetensors"], &["a.safetensors"]] {
        let together = sweep(&workplace, networks, &[]);
        assert_eq!((together.status, together.stderr.as_str()), (0, ""), "{together:?}");
        let groups = sweep(&workplace, networks, &["--memory", "45M"]);
        assert_eq!(groups.status, 0, "{groups:?}");
        assert!(groups.stderr.contains("layers in groups of up to") && groups.stderr.contains("at most"), "{}", groups.stderr);
        assert_eq!(groups.stdout, together.stdout);
    }
}

#[test]
fn a_plan_says_what_would_be_held_and_computes_nothing() {
    let workplace = networks();
    let both = ["a.safetensors", "b.safetensors"];
    for (memory, words) in [("2G", "6 layers together; about "), ("45M", "layers in groups of up to")] {
        let plan = sweep(&workplace, &both, &["--memory", memory, "--plan", "-o", "out"]);
        assert_eq!((plan.status, plan.stderr.as_str()), (0, ""), "{plan:?}");
        assert!(plan.stdout.contains(words) && plan.stdout.trim_end().ends_with("of memory"), "{}", plan.stdout);
        assert!(!workplace.path("out").exists());
    }
    workplace.npy("wide.npy", 50, 9000, 1.0);
    let plan = workplace.run(&["compare", "wide.npy", "wide.npy", "--plan"]);
    assert!(plan.stdout.contains("2 of them as matrices between examples, read in blocks of neurons"), "{plan:?}");
}

/// The way that takes the least, not moments of 9000 x 9000 neurons.
#[test]
fn a_refusal_names_the_least_that_would_do() {
    let workplace = Workplace::new();
    workplace.npy("wide.npy", 50, 9000, 1.0);
    workplace
        .run(&["compare", "wide.npy", "wide.npy", "--memory", "8M"])
        .refused(&["this needs about", "MiB of memory, and may take 8.0 MiB"]);
}
