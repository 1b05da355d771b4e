//! What decides a value beside the measure: preprocessing, groups of examples, and the words for
//! them in results and methods.

use similitude::io::write_npy;

use crate::support::{Run, Workplace, entries, safetensors};

const N: usize = 24;

#[track_caller]
fn value(run: &Run) -> f64 {
    assert_eq!(run.status, 0, "{run:?}");
    run.objects()[0]["value"].as_f64().unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

/// The columns of a row-major matrix, each with mean 0 and variance 1.
fn standardized(values: &[f64], p: usize) -> Vec<f64> {
    let n = values.len() / p;
    let mut out = values.to_vec();
    for column in 0..p {
        let mean = (0..n).map(|row| values[row * p + column]).sum::<f64>() / n as f64;
        let variance = (0..n).map(|row| (values[row * p + column] - mean).powi(2)).sum::<f64>() / n as f64;
        (0..n).for_each(|row| out[row * p + column] = (values[row * p + column] - mean) / variance.sqrt());
    }
    out
}

#[test]
fn preprocessing_is_what_it_says_and_stands_in_the_result() {
    let workplace = Workplace::new();
    let (mut x, y) = (entries(N * 4, 1.0), entries(N * 3, 2.0));
    // One neuron a thousand times as large as the others.
    x.iter_mut().step_by(4).for_each(|entry| *entry *= 1000.0);
    write_npy(workplace.path("x.npy"), N, 4, &x).unwrap();
    write_npy(workplace.path("y.npy"), N, 3, &y).unwrap();
    write_npy(workplace.path("sx.npy"), N, 4, &standardized(&x, 4)).unwrap();
    write_npy(workplace.path("sy.npy"), N, 3, &standardized(&y, 3)).unwrap();
    let compare = |files: [&str; 2], more: &[&str]| workplace.run(&[&["compare", files[0], files[1], "--format", "json"], more].concat());
    let wanted = value(&compare(["sx.npy", "sy.npy"], &[]));
    let raw = value(&compare(["x.npy", "y.npy"], &[]));
    let run = compare(["x.npy", "y.npy"], &["--standardize"]);
    assert!(close(value(&run), wanted) && !close(raw, wanted), "{run:?}, {wanted}, {raw}");
    let said = run.objects()[0]["reading"]["x"].as_str().unwrap().to_string();
    assert_eq!(said, "neurons standardized (mean 0, variance 1 with divisor n)");
    // Of a text table too.
    let rows = x.chunks(4).map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join(",") + "\n");
    std::fs::write(workplace.path("x.csv"), rows.collect::<String>()).unwrap();
    assert!(close(value(&compare(["x.csv", "y.npy"], &["--standardize", "--header", "no"])), wanted));
    // Whatever else is done, clipping comes first; the mean of a neuron is nothing to CKA.
    assert!(close(value(&compare(["x.npy", "y.npy"], &["--center"])), raw));
    let clipped = value(&compare(["x.npy", "y.npy"], &["--clip", "0.8"]));
    assert!(!close(clipped, raw), "{clipped}");
    let unit = value(&compare(["x.npy", "y.npy"], &["--l2-rows", "-m", "cka:kernel=polynomial,degree=2"]));
    assert!(!close(unit, value(&compare(["x.npy", "y.npy"], &["-m", "cka:kernel=polynomial,degree=2"]))), "{unit}");
    compare(["x.npy", "y.npy"], &["--clip", "1.5"]).refused(&["between 0.5 and 1", "1.5"]);
    compare(["x.npy", "y.npy"], &["--standardize", "--memory", "1K"]).refused(&["memory"]);
}

#[test]
fn a_kernel_matrix_that_was_computed_elsewhere_has_the_values_of_its_kernel() {
    let workplace = Workplace::new();
    let (x, y) = (entries(N * 4, 1.0), entries(N * 3, 2.0));
    let gram = |values: &[f64], p: usize| -> Vec<f64> {
        let row = |i: usize| &values[i * p..(i + 1) * p];
        let dot = |i: usize, j: usize| row(i.max(j)).iter().zip(row(i.min(j))).map(|(a, b)| a * b).sum::<f64>();
        (0..N * N).map(|index| (dot(index / N, index % N) + 1.0).powi(2)).collect()
    };
    for (name, p, values) in [("x.npy", 4, &x), ("y.npy", 3, &y)] {
        write_npy(workplace.path(name), N, p, values).unwrap();
        write_npy(workplace.path(&format!("k{name}")), N, N, &gram(values, p)).unwrap();
    }
    let compare = |files: [&str; 2], more: &[&str]| workplace.run(&[&["compare", files[0], files[1], "--format", "json"], more].concat());
    for estimator in ["biased", "debiased"] {
        let given = compare(["kx.npy", "ky.npy"], &["--gram", "-m", &format!("cka:estimator={estimator}")]);
        let kernel = format!("cka:kernel=polynomial,degree=2,center=no,estimator={estimator}");
        assert!(close(value(&given), value(&compare(["x.npy", "y.npy"], &["-m", &kernel]))), "{given:?}");
        assert_eq!(given.objects()[0]["reading"]["y"], "given as a matrix between examples");
    }
    // Examples in another order are both rows and columns in another order.
    let chance = compare(["kx.npy", "ky.npy"], &["--gram", "-m", "cka", "--null", "200", "--interval", "jackknife"]);
    let p = chance.objects()[0]["diagnostics"]["p"].as_f64().unwrap();
    assert!(chance.status == 0 && p > 0.0 && p <= 1.0, "{chance:?}");
    compare(["x.npy", "y.npy"], &["--gram"]).refused(&["x.npy: 24 x 4", "a row and a column for each"]);
    // The other measures still run.
    let one = compare(["kx.npy", "ky.npy"], &["--gram", "-m", "procrustes", "-m", "hsic"]);
    assert!(one.status == 3 && one.stdout.contains("from which linear cka and hsic follow and no other measure"), "{one:?}");
    assert!(one.objects()[1]["value"].is_f64(), "{one:?}");
    compare(["kx.npy", "ky.npy"], &["--gram", "--standardize"]).refused(&["--gram", "--standardize"]);
    compare(["kx.npy", "ky.npy"], &["--gram", "--oracle"]).refused(&["--oracle", "--gram"]);
}

#[test]
fn dissimilarities_that_were_computed_elsewhere_have_the_values_of_the_examples() {
    let workplace = Workplace::new();
    for (name, p, seed) in [("x", 4, 1.0), ("y", 3, 2.0)] {
        let values = entries(N * p, seed);
        let row = |i: usize| &values[i * p..(i + 1) * p];
        let distance = |i: usize, j: usize| row(i).iter().zip(row(j)).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        let condensed: Vec<f64> = (0..N).flat_map(|i| (i + 1..N).map(move |j| (i, j))).map(|(i, j)| distance(i, j)).collect();
        let whole: Vec<f64> = (0..N * N).map(|index| distance(index / N, index % N)).collect();
        write_npy(workplace.path(&format!("{name}.npy")), N, p, &values).unwrap();
        write_npy(workplace.path(&format!("d{name}.npy")), N, N, &whole).unwrap();
        write_npy(workplace.path(&format!("v{name}.npy")), condensed.len(), 1, &condensed).unwrap();
        std::fs::create_dir_all(workplace.path(&format!("net{name}"))).unwrap();
        write_npy(workplace.path(&format!("net{name}/a.npy")), N, N, &whole).unwrap();
        write_npy(workplace.path(&format!("net{name}/b.npy")), condensed.len(), 1, &condensed).unwrap();
    }
    let compare = |files: [&str; 2], more: &[&str]| workplace.run(&[&["compare", files[0], files[1], "--format", "json"], more].concat());
    for comparison in ["spearman", "whitened-cosine"] {
        let want = value(&compare(["x.npy", "y.npy"], &["-m", &format!("rsa:rdm=euclidean,compare={comparison}")]));
        for files in [["dx.npy", "dy.npy"], ["dx.npy", "vy.npy"], ["vx.npy", "vy.npy"]] {
            let given = compare(files, &["--rdm", "-m", &format!("rsa:compare={comparison}")]);
            assert!(close(value(&given), want), "{files:?}: {given:?}");
            let said = &given.objects()[0];
            assert_eq!(said["measure"], format!("rsa:rdm=given,compare={comparison}"));
            assert_eq!((&said["n"], &said["reading"]["y"]), (&N.into(), &"given as dissimilarities between examples".into()));
        }
        // Judged dissimilarities beside a model's activations.
        let one = compare(["x.npy", "vy.npy"], &["--rdm-b", "-m", &format!("rsa:rdm=euclidean,compare={comparison}")]);
        assert!(close(value(&one), want), "{one:?}");
        assert_eq!((one.objects()[0]["reading"].get("x"), &one.objects()[0]["diagnostics"]["given_y"]), (None, &"dissimilarities".into()));
    }
    let cka = value(&compare(["x.npy", "y.npy"], &["-m", "cka"]));
    assert!(close(value(&compare(["dx.npy", "vy.npy"], &["--rdm", "-m", "cka"])), cka));
    // Unless a measure is given it is rsa, which any dissimilarities have.
    assert_eq!(compare(["dx.npy", "dy.npy"], &["--rdm"]).objects()[0]["measure"], "rsa:rdm=given,compare=spearman");
    let chance = compare(["dx.npy", "vy.npy"], &["--rdm", "--null", "200", "--interval", "halves"]);
    assert!(chance.objects()[0]["diagnostics"]["p"].is_f64(), "{chance:?}");
    let sweep = workplace.run(&["sweep", "netx", "nety", "--rdm", "-m", "rsa", "-m", "distance-correlation", "-o", "out"]);
    assert_eq!(sweep.status, 0, "{sweep:?}");
    let table = std::fs::read_to_string(workplace.path("out/scores.csv")).unwrap();
    assert!(table.contains("rsa:rdm=given") && table.contains("given as dissimilarities") && !table.contains("rdm=correlation"), "{table}");
    let words = workplace.run(&["methods", "out"]);
    assert!(words.stdout.contains("dissimilarities that were given (rdm=given)"), "{words:?}");
    compare(["x.npy", "y.npy"], &["--rdm"]).refused(&["x.npy: 24 x 4", "a row and a column for each"]);
    let computed = compare(["y.npy", "dy.npy"], &["-m", "rsa:rdm=given"]);
    assert!(computed.status == 3 && computed.stdout.contains("(rdm=correlation|squared-euclidean|euclidean|cosine)"), "{computed:?}");
    compare(["dx.npy", "dy.npy"], &["--rdm", "--oracle"]).refused(&["--oracle", "--rdm"]);
    compare(["dx.npy", "dy.npy"], &["--rdm", "--gram"]).refused(&["--rdm", "--gram"]);
    workplace.run(&["sweep", "netx", "--rdm-b", "-o", "none"]).refused(&["--rdm-b", "there is none"]);
}

fn networks(workplace: &Workplace) {
    for (name, seed) in [("a.safetensors", 1.0), ("b.safetensors", 7.0)] {
        let (conv, head) = (entries(N * 2 * 3 * 3, seed), entries(N * 5, seed + 1.0));
        safetensors(&workplace.path(name), &[("conv", vec![N, 2, 3, 3], &conv), ("head", vec![N, 5], &head)]);
    }
}

#[test]
fn how_layers_were_read_stands_in_every_result_and_in_the_methods() {
    let workplace = Workplace::new();
    networks(&workplace);
    let sweep = ["sweep", "a.safetensors", "b.safetensors", "--axes", "nchw", "--spatial", "mean", "-m", "cka"];
    let run = workplace.run(&[&sweep[..], &["-o", "out"]].concat());
    assert_eq!(run.status, 0, "{run:?}");
    // A result of merged parts keeps the command of a part, which makes it again.
    let check = |directory: &str, written_to: &str| {
        let mut table = csv::Reader::from_path(workplace.path(directory).join("scores.csv")).unwrap();
        let header = table.headers().unwrap().clone();
        let place = |name: &str| header.iter().position(|column| column == name).unwrap();
        for record in table.records() {
            let record = record.unwrap();
            let conv = &record[place("layer_a")] == "conv";
            assert_eq!(&record[place("reading_a")], if conv { "axes nchw, spatial mean" } else { "" }, "{record:?}");
        }
        let document: serde_json::Value = serde_json::from_str(&workplace.read(&format!("{directory}/scores.json"))).unwrap();
        assert_eq!(document["a"]["layers"][0]["reading"], "axes nchw, spatial mean");
        let provenance: serde_json::Value = serde_json::from_str(&workplace.read(&format!("{directory}/provenance.json"))).unwrap();
        let inputs = provenance["a"].to_string();
        assert!(inputs.contains("a.safetensors") && inputs.contains("checksum"), "{inputs}");
        assert!(provenance["command"].to_string().contains(written_to), "{provenance}");
        let picture = workplace.read(&format!("{directory}/heatmap-cka-kernel-linear-estimator-biased.svg"));
        assert!(picture.contains("axes nchw, spatial mean"));
    };
    check("out", "out");
    for part in ["1/2", "2/2"] {
        let run = workplace.run(&[&sweep[..], &["--shard", part, "-o", "parts"]].concat());
        assert_eq!(run.status, 0, "{run:?}");
    }
    assert_eq!(workplace.run(&["merge", "parts", "-o", "merged"]).status, 0);
    check("merged", "parts");

    let text = workplace.run(&["methods", "out"]);
    assert_eq!(text.status, 0, "{text:?}");
    let words = [
        "2 layers of `a.safetensors` with the 2 layers of `b.safetensors` on n = 24 examples",
        "axes nchw, spatial mean",
        "centered kernel alignment",
        "@software",
    ];
    assert!(words.iter().all(|word| text.stdout.contains(word)), "{}", text.stdout);
    let latex = workplace.run(&["methods", "out/scores.json", "--style", "latex"]).stdout;
    assert!(
        latex.contains("\\citealp[eq. 4, Table 1]{kornblith2019similarity}") && latex.contains("\\texttt{cka:kernel=linear"),
        "{latex}"
    );
    let markdown = workplace.run(&["methods", "-m", "cka", "--style", "markdown"]).stdout;
    assert!(markdown.contains("[@kornblith2019similarity, eq. 4, Table 1;"), "{markdown}");
    workplace.run(&["methods", "nowhere"]).refused(&["nowhere", "sweep -o"]);
    std::fs::write(workplace.path("scores.json"), "[]").unwrap();
    workplace.run(&["methods", "scores.json"]).refused(&["scores.json", "not what a sweep writes"]);
}

#[test]
fn groups_are_compared_one_at_a_time_and_averaged() {
    let workplace = Workplace::new();
    networks(&workplace);
    let labels: String = (0..N).map(|row| ["cat\n", "dog\n", "eel\n"][row * row % 7 % 3]).collect();
    std::fs::write(workplace.path("labels.txt"), &labels).unwrap();
    let pair = ["compare", "a.safetensors:head", "b.safetensors:head", "--format", "json"];
    let of_group = |label: &str| {
        let rows: Vec<String> = labels.lines().enumerate().filter(|(_, found)| *found == label).map(|(row, _)| row.to_string()).collect();
        std::fs::write(workplace.path("rows.txt"), rows.join("\n")).unwrap();
        value(&workplace.run(&[&pair[..], &["--rows", "rows.txt"]].concat()))
    };
    let wanted = ["cat", "dog", "eel"].map(of_group).iter().sum::<f64>() / 3.0;
    let run = workplace.run(&[&pair[..], &["--group", "labels.txt"]].concat());
    let object = run.objects().remove(0);
    assert!(close(value(&run), wanted), "{run:?}, {wanted}");
    assert_eq!((&object["n"], &object["diagnostics"]["groups"]), (&N.into(), &3.into()), "{object}");
    assert_eq!(object["reading"]["x"], "mean over 3 groups of labels.txt");

    let sweep = ["sweep", "a.safetensors", "b.safetensors", "--layers", "head", "--group", "labels.txt", "-o", "out"];
    assert_eq!(workplace.run(&sweep).status, 0);
    let document: serde_json::Value = serde_json::from_str(&workplace.read("out/scores.json")).unwrap();
    assert!(close(document["scores"][0][0][0]["value"].as_f64().unwrap(), wanted), "{document}");
    workplace.run(&[&sweep[..], &["--shard", "1/2"]].concat()).refused(&["--group", "one run"]);
    workplace.run(&[&pair[..], &["--group", "labels.txt", "--oracle"]].concat()).refused(&["--group", "--oracle"]);
    // A layer that is constant in one group has no mean, and says where.
    let mut values = entries(N * 2, 3.0);
    labels.lines().enumerate().filter(|(_, label)| *label == "dog").for_each(|(row, _)| values[2 * row..2 * row + 2].fill(1.0));
    write_npy(workplace.path("constant.npy"), N, 2, &values).unwrap();
    let run = workplace.run(&["compare", "constant.npy", "b.safetensors:head", "--group", "labels.txt"]);
    assert!(run.status == 3 && run.stdout.contains("of group dog in labels.txt"), "{run:?}");
    std::fs::write(workplace.path("short.txt"), "1\n1\n2\n2\n").unwrap();
    workplace.run(&[&pair[..], &["--group", "short.txt"]].concat()).refused(&["4", "24"]);
}

#[test]
fn pictures_are_titled_named_and_colored_as_asked() {
    let workplace = Workplace::new();
    let layers = ["model.layers.0.attn", "model.layers.1.attn"].map(|name| (name, 4));
    workplace.network("a.safetensors", N, &layers, 1.0);
    workplace.network("b.safetensors", N, &layers, 7.0);
    let sweep = ["sweep", "a.safetensors", "b.safetensors", "-m", "cka:estimator=debiased", "-o", "out"];
    let picture = |more: &[&str]| {
        let run = workplace.run(&[&sweep[..], more].concat());
        assert_eq!(run.status, 0, "{run:?}");
        workplace.read("out/heatmap-cka-kernel-linear-estimator-debiased.svg")
    };
    let text = |svg: &str, words: &str| svg.contains(&format!(">{words}<"));
    let usual = picture(&[]);
    assert!(text(&usual, "Linear CKA (debiased)") && text(&usual, "a: model.layers.*.attn") && text(&usual, "1"), "{usual}");
    assert!(usual.contains("largest of its row"), "{usual}");
    let asked =
        picture(&["--title", "Figure 2", "--names", "Tiny-10", "ResNet", "--labels", "full", "--range", "-0.5", "0.25", "--no-marks"]);
    for words in ["Figure 2", "Tiny-10", "ResNet", "model.layers.1.attn"] {
        assert!(text(&asked, words), "{words}: {asked}");
    }
    assert!(!asked.contains("largest of its row") && asked.contains("-0.5") | asked.contains("\u{2212}0.5"), "{asked}");
    assert!(text(&picture(&["--labels", "index"]), "0"));
    // Letters that leave no room lose the picture and not the scores.
    let run = workplace.run(&[&sweep[..], &["--width", "0.5in", "--font-size", "144"]].concat());
    assert!(run.status == 0 && run.stderr.contains("is not drawn"), "{run:?}");
}
