//! What is asked for takes effect, or is refused: nothing is passed over without a word.

use crate::support::{Workplace, entries, safetensors};

#[test]
fn padding_of_what_has_no_positions_is_refused() {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 30, 4, 1.0);
    workplace.npy("y.npy", 30, 3, 2.0);
    similitude::io::write_npy(workplace.path("m.npy"), 5, 2, &[1.0; 10]).unwrap();
    similitude::io::write_npy(workplace.path("l.npy"), 5, 1, &[1.0; 5]).unwrap();
    let run = |options: &[&str]| workplace.run(&[&["compare", "x.npy", "y.npy"], options].concat());
    run(&["--mask", "m.npy"]).refused(&["--mask m.npy (5 x 2", "x.npy is 30 x 4", "y.npy is 30 x 3", "has none", "--axes"]);
    run(&["--lengths", "l.npy"]).refused(&["--lengths l.npy", "5 examples", "x.npy is 30 x 4"]);
    std::fs::write(workplace.path("t.csv"), "a,b\n0.5,1\n1.5,2\n2.5,4\n").unwrap();
    workplace.run(&["compare", "t.csv", "t.csv", "--mask", "m.npy"]).refused(&["--mask m.npy", "t.csv is 3 x 2"]);
    // Of two sides one may have positions; a mask of the other alone has none to say anything of.
    let tokens = entries(30 * 2 * 3, 3.0);
    safetensors(&workplace.path("t.safetensors"), &[("t", vec![30, 2, 3], &tokens)]);
    similitude::io::write_npy(workplace.path("whole.npy"), 30, 2, &[1.0; 60]).unwrap();
    let mixed = ["compare", "t.safetensors:t", "y.npy", "--axes", "ntd", "--spatial", "mean"];
    assert_eq!(workplace.run(&[&mixed[..], &["--mask", "whole.npy"]].concat()).status, 0);
    workplace.run(&[&mixed[..], &["--mask-b", "whole.npy"]].concat()).refused(&["--mask-b whole.npy", "y.npy is 30 x 3"]);
    // A single position is one.
    let token = entries(30 * 3, 3.0);
    safetensors(&workplace.path("one.safetensors"), &[("t", vec![30, 1, 3], &token)]);
    let one = ["compare", "one.safetensors:t", "y.npy", "--axes", "ntd", "--spatial", "mean"];
    workplace.run(&[&one[..], &["--mask", "whole.npy"]].concat()).refused(&["whole.npy: (30, 2)", "(30, 1)"]);
}

#[test]
fn a_mask_among_the_layers_is_no_layer() {
    let workplace = Workplace::new();
    let (n, t, d) = (20, 4, 3);
    let mask: Vec<f64> = (0..n * t).map(|e| f64::from(u8::from(e % t <= e / t % t))).collect();
    let (x, y) = (entries(n * t * d, 1.0), entries(n * t * d, 2.0));
    safetensors(&workplace.path("h.safetensors"), &[("x", vec![n, t, d], &x), ("y", vec![n, t, d], &y), ("mask", vec![n, t], &mask)]);
    let run = workplace.run(&["sweep", "h.safetensors", "--axes", "ntd", "--spatial", "mean", "--mask", "h.safetensors:mask"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("\nx  1.0000") && !run.stdout.contains("mask"), "{}", run.stdout);
    assert!(run.stderr.contains("the entry \"mask\" says how layers are read, and is not compared"), "{}", run.stderr);
    // In a directory of files it is one of them.
    std::fs::create_dir(workplace.path("net")).unwrap();
    workplace.npy("net/a.npy", n, 3, 1.0);
    workplace.npy("net/b.npy", n, 3, 2.0);
    let labels: Vec<f64> = (0..n).map(|row| (row % 2) as f64).collect();
    similitude::io::write_npy(workplace.path("net/labels.npy"), n, 1, &labels).unwrap();
    let run = workplace.run(&["sweep", "net", "--group", "net/labels.npy"]);
    assert!(run.status == 0 && !run.stdout.contains("labels  "), "{run:?}");
    assert_eq!(run.stderr.matches("the entry \"labels\"").count(), 1, "{}", run.stderr);
}

#[test]
fn a_shard_alone_misses_the_others() {
    let workplace = Workplace::new();
    std::fs::create_dir(workplace.path("sh")).unwrap();
    workplace.network("sh/model-00001-of-00003.safetensors", 10, &[("h.0", 3)], 1.0);
    workplace.run(&["sweep", "sh"]).refused(&["sh: the shard model-00002-of-00003.safetensors is missing"]);
    // Who names the file means it, and a model of one shard is whole.
    assert_eq!(workplace.run(&["sweep", "sh/model-00001-of-00003.safetensors"]).status, 0);
    std::fs::create_dir(workplace.path("one")).unwrap();
    workplace.network("one/model-00001-of-00001.safetensors", 10, &[("h.0", 3)], 1.0);
    assert_eq!(workplace.run(&["sweep", "one"]).status, 0);
}

#[test]
fn a_template_that_no_entry_has_is_refused() {
    let workplace = Workplace::new();
    workplace.network("pc.safetensors", 10, &[("h.0.part0", 3), ("h.0.part1", 3)], 1.0);
    let run = |template| workplace.run(&["sweep", "pc.safetensors", "--pieces", template]);
    run("{layer}.piece{piece}").refused(&["--pieces \"{layer}.piece{piece}\"", "\"h.0.part0\", \"h.0.part1\""]);
    assert_eq!(run("{layer}.part{piece}").status, 0);
    // One of two networks may be whole.
    workplace.network("whole.safetensors", 20, &[("h.0", 3)], 1.0);
    let run = workplace.run(&["sweep", "pc.safetensors", "whole.safetensors", "--pieces", "{layer}.part{piece}"]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn an_example_without_a_norm_leaves_only_its_layer_without_values() {
    let workplace = Workplace::new();
    let (a, mut b, c) = (entries(30, 1.0), entries(30, 2.0), entries(30, 3.0));
    b[9..12].fill(0.0);
    safetensors(&workplace.path("z.safetensors"), &[("a", vec![10, 3], &a), ("b", vec![10, 3], &b), ("c", vec![10, 3], &c)]);
    let run = workplace.run(&["sweep", "z.safetensors", "--l2-rows", "--format", "json"]);
    assert_eq!(run.status, 3, "{run:?}");
    for object in run.objects() {
        let of_b = [&object["x"], &object["y"]].iter().any(|layer| **layer == "z.safetensors:b");
        assert_eq!(object["value"].is_null(), of_b, "{object}");
        if of_b {
            let message = object["error"]["message"].as_str().unwrap();
            assert!(message.contains("example 3 (counted from 0) of z.safetensors:b is zero") && message.contains("--rows"), "{message}");
            assert!(!message.contains("cosine"), "{message}");
        }
    }
    let stopped = workplace.run(&["sweep", "z.safetensors", "--l2-rows", "--on-error", "stop"]);
    stopped.refused(&["z.safetensors:b is zero", "--l2-rows"]);
}

/// The distances of points on a line and in a plane: a matrix, and the vector of its pairs.
fn distances(n: usize, seed: f64) -> (Vec<f64>, Vec<f64>) {
    let points = entries(2 * n, seed);
    let distance = |i: usize, j: usize| (points[2 * i] - points[2 * j]).hypot(points[2 * i + 1] - points[2 * j + 1]);
    let matrix = (0..n * n).map(|at| distance((at / n).min(at % n), (at / n).max(at % n))).collect();
    let vector = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(|(i, j)| distance(i, j)).collect();
    (matrix, vector)
}

#[test]
fn a_half_of_a_matrix_with_its_diagonal_is_refused() {
    let workplace = Workplace::new();
    let n = 8;
    let (matrix, vector) = distances(n, 1.0);
    let halves = [
        (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).map(|(i, j)| matrix[i * n + j]).collect::<Vec<f64>>(),
        (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| matrix[i * n + j]).collect(),
    ];
    for half in &halves {
        similitude::io::write_npy(workplace.path("d.npy"), half.len(), 1, half).unwrap();
        let run = workplace.run(&["compare", "d.npy", "d.npy", "--rdm"]);
        run.refused(&["d.npy: of 36 numbers", "8 x 8", "diagonal", "k=1"]);
    }
    similitude::io::write_npy(workplace.path("d.npy"), vector.len(), 1, &vector).unwrap();
    assert_eq!(workplace.run(&["compare", "d.npy", "d.npy", "--rdm"]).status, 0);
}

#[test]
fn matrices_between_examples_that_nothing_said_to_be_such_are_named() {
    let workplace = Workplace::new();
    let n = 8;
    let (matrix, vector) = distances(n, 1.0);
    similitude::io::write_npy(workplace.path("d.npy"), n, n, &matrix).unwrap();
    let kernel: Vec<f64> = matrix.iter().map(|distance| (-distance * distance).exp()).collect();
    similitude::io::write_npy(workplace.path("k.npy"), n, n, &kernel).unwrap();
    similitude::io::write_npy(workplace.path("v.npy"), vector.len(), 1, &vector).unwrap();
    workplace.npy("x.npy", n, n, 3.0);
    let said = |arguments: &[&str]| {
        let run = workplace.run(&[&["compare"], arguments].concat());
        assert_eq!(run.status, 0, "{run:?}");
        run.stderr
    };
    let stderr = said(&["d.npy", "k.npy"]);
    assert!(stderr.contains("note: d.npy: 8 x 8, symmetric with zeros on its diagonal") && stderr.contains("say --rdm"), "{stderr}");
    assert!(stderr.contains("note: k.npy: 8 x 8, symmetric, and read as 8 neurons") && stderr.contains("say --gram"), "{stderr}");
    let stderr = said(&["v.npy", "v.npy"]);
    assert!(stderr.contains("v.npy: 28 numbers") && stderr.contains("8 examples (pdist), say --rdm"), "{stderr}");
    for arguments in [&["d.npy", "d.npy", "--rdm"][..], &["k.npy", "k.npy", "--gram"], &["x.npy", "x.npy"]] {
        assert!(!said(arguments).contains("note:"), "{arguments:?}");
    }
    // In a network each layer is looked at.
    let x = entries(n * 3, 4.0);
    safetensors(&workplace.path("net.safetensors"), &[("rdm", vec![n, n], &matrix), ("x", vec![n, 3], &x)]);
    let run = workplace.run(&["sweep", "net.safetensors"]);
    assert!(run.stderr.contains("note: net.safetensors:rdm: 8 x 8") && !run.stderr.contains("net.safetensors:x:"), "{}", run.stderr);
}
