//! Pictures: what is asked of them, what lies beside them, and what they say of names.

use crate::support::{Workplace, entries, safetensors};

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.network("v.safetensors", 20, &[("a", 3), ("b", 4)], 1.0);
    workplace
}

fn pictures(workplace: &Workplace, directory: &str) -> Vec<String> {
    let files = std::fs::read_dir(workplace.path(directory)).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter(|name| name.starts_with("heatmap-")).collect();
    names.sort();
    names
}

#[test]
fn pictures_of_an_earlier_sweep_do_not_stay_beside_newer_scores() {
    let workplace = workplace();
    let first = ["sweep", "v.safetensors", "-m", "cka", "-m", "rsa", "-o", "out", "--pdf"];
    assert_eq!(workplace.run(&first).status, 0);
    assert_eq!(pictures(&workplace, "out").len(), 6);
    // What is no picture of a measure is somebody's own.
    std::fs::write(workplace.path("out/heatmap-mine.png"), "x").unwrap();
    let second = ["sweep", "v.safetensors", "-m", "cka", "-o", "out"];
    assert_eq!(workplace.run(&second).status, 0);
    let cka = "heatmap-cka-kernel-linear-estimator-biased";
    assert_eq!(pictures(&workplace, "out"), [format!("{cka}.png"), format!("{cka}.svg"), "heatmap-mine.png".to_string()]);
    assert!(!workplace.path("out/earlier").exists());
    // The mean over groups and what is merged too.
    assert_eq!(workplace.run(&first).status, 0);
    let labels: Vec<f64> = (0..20).map(|row| (row % 2) as f64).collect();
    similitude::io::write_npy(workplace.path("g.npy"), 20, 1, &labels).unwrap();
    assert_eq!(workplace.run(&[&second[..], &["--group", "g.npy"]].concat()).status, 0);
    assert_eq!(pictures(&workplace, "out").len(), 3);
}

#[test]
fn an_unfinished_sweep_is_named_where_its_scores_are_asked_for() {
    let workplace = workplace();
    let run = ["sweep", "v.safetensors", "-m", "cka", "-m", "rsa", "-o", "out"];
    assert_eq!(workplace.run(&run).status, 0);
    // As a sweep leaves it that is killed on the way.
    let out = workplace.path("out");
    similitude::report::files::set_aside(&out, &out.join("earlier")).unwrap();
    assert!(pictures(&workplace, "out").is_empty());
    std::fs::write(out.join("cells.jsonl"), "").unwrap();
    for command in ["report", "methods"] {
        let run = workplace.run(&[command, "out"]);
        run.refused(&["has not ended", "cells.jsonl", "the same command", "out/earlier"]);
    }
    workplace.run(&["report", "nowhere"]).refused(&["nowhere", "sweep -o"]);
}

#[test]
fn picture_options_are_checked_before_anything_is_computed() {
    let workplace = workplace();
    let run = |options: &[&str]| workplace.run(&[&["sweep", "v.safetensors", "-o", "px"], options].concat());
    run(&["--width", "1cm"]).refused(&["0.3937 inches", "0.5 to 200 inches"]);
    run(&["--font-size", "900"]).refused(&["900", "1 to 144 points"]);
    run(&["--range", "0", "0"]).refused(&["--range 0 0", "below"]);
    run(&["--range", "0", "inf"]).refused(&["--range 0 inf", "finite"]);
    assert!(!workplace.path("px").exists());
    for option in [&["--pdf"][..], &["--width", "3in"], &["--title", "x"], &["--cmap", "gray"]] {
        workplace.run(&[&["sweep", "v.safetensors"], option].concat()).refused(&[option[0], "-o DIR"]);
    }
    assert_eq!(run(&["--width", "3in", "--font-size", "8pt", "--range", "0", "1", "--pdf"]).status, 0);
}

#[test]
fn characters_that_the_letters_lack_are_said() {
    let workplace = Workplace::new();
    let (x, y) = (entries(30, 1.0), entries(30, 2.0));
    safetensors(&workplace.path("cy.safetensors"), &[("слой", vec![10, 3], &x), ("вход", vec![10, 3], &y)]);
    let run = |options: &[&str]| workplace.run(&[&["sweep", "cy.safetensors", "-o", "cy"], options].concat());
    let said = run(&[]);
    assert!(said.status == 0 && said.stderr.contains("warning: the letters of PNG and PDF lack 'с'"), "{said:?}");
    assert!(said.stderr.contains("--labels index"), "{said:?}");
    let silent = run(&["--labels", "index"]);
    assert!(!silent.stderr.contains("warning"), "{silent:?}");
}
