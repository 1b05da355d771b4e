//! `sweep --report` and `similitude report`: the page says what the tables say, and no name acts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Workplace, entries, safetensors};

const HOSTILE: [&str; 4] =
    ["</script><script>alert(1)</script>", "quote\"'&amp;<img src=x>", "bidi\u{202e}gpj\u{1b}[31m\u{2028}", "{{ title }}{% raw %}"];

/// The rows of a table by their column names.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    reader.records().map(|record| header.iter().map(String::from).zip(record.unwrap().iter().map(String::from)).collect()).collect()
}

/// The block of numbers in a page.
fn block(page: &str) -> Value {
    let start = "<script type=\"application/json\" id=\"data\">";
    let rest = &page[page.find(start).expect("a block") + start.len()..];
    serde_json::from_str(&rest[..rest.find("</script>").expect("its end")]).unwrap()
}

fn networks() -> Workplace {
    let workplace = Workplace::new();
    let layers = [("conv1", 4), ("conv2", 6), ("pool", 3)];
    workplace.network("a.safetensors", 30, &layers, 1.0);
    workplace.network("b.safetensors", 30, &layers, 7.0);
    workplace
}

#[test]
fn the_page_says_what_the_table_says() {
    let workplace = networks();
    let sweep = ["sweep", "a.safetensors", "b.safetensors", "-m", "cka", "-m", "procrustes", "-o", "out", "--report"];
    let run = workplace.run(&[&sweep[..], &["--null", "39", "--adjust", "holm"]].concat());
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("report.html"), "{}", run.stderr);
    let page = workplace.read("out/report.html");
    let data = block(&page);
    let names =
        |side: &str| -> Vec<String> { data[side]["layers"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().into()).collect() };
    let (a, b) = (names("a"), names("b"));
    let rows = rows(&workplace.read("out/scores.csv"));
    assert_eq!(rows.len(), 2 * a.len() * b.len());
    for row in &rows {
        let measure = data["measures"].as_array().unwrap().iter().find(|measure| measure["measure"] == row["measure"].as_str()).unwrap();
        let at = |names: &[String], name: &str| names.iter().position(|known| known == name).unwrap();
        let place = at(&a, &row["layer_a"]) * b.len() + at(&b, &row["layer_b"]);
        for column in ["value", "error_bound", "p", "null_mean", "z", "calibrated"] {
            assert_eq!(measure[column][place].as_f64(), row[column].parse().ok(), "{column} of {row:?}");
        }
    }
    // Best of each row, in the table's own numbers.
    for measure in data["measures"].as_array().unwrap() {
        let sign = if measure["is_distance"] == true { -1.0 } else { 1.0 };
        let value = |place: usize| sign * measure["value"][place].as_f64().unwrap();
        for row in 0..a.len() {
            let best = (0..b.len()).max_by(|x, y| value(row * b.len() + x).total_cmp(&value(row * b.len() + y))).unwrap();
            assert_eq!(measure["best"][row], serde_json::json!([best]), "{} {row}", measure["measure"]);
        }
        assert!(measure["latex"].as_str().unwrap().contains("\\toprule"));
    }
    assert_eq!(data["not_significant"], "p > 0.05 (adjusted: Holm)");
    // What may be chance is hatched in the picture too, as many cells as the table has.
    let faint = rows.iter().filter(|row| row["measure"].starts_with("cka") && row["p"].parse::<f64>().unwrap() > 0.05).count();
    let svg = workplace.read("out/heatmap-cka-kernel-linear-estimator-biased.svg");
    let areas = svg.lines().filter(|line| line.contains("class=\"hatched\"")).flat_map(|line| line.matches('Z')).count();
    assert!(faint > 0, "an example where something may be chance");
    assert_eq!(areas, faint);
    assert!(svg.contains("p &gt; 0.05 (adjusted: Holm)"));
    // Methods, sources and provenance stand in it.
    for words in ["39 permutations", "Holm", "@software", "checksum", "centered kernel alignment"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(workplace.run(&["methods", "out"]).stdout.contains("39 permutations"));
    // The same page from the files alone.
    assert_eq!(workplace.run(&["report", "out", "-o", "again.html"]).status, 0);
    assert_eq!(workplace.read("again.html"), page);
    // It asks nothing of anybody.
    assert!(page.contains("default-src &#39;none&#39;; script-src &#39;sha256-"));
    for asks in ["<link", "<img", " src=", "@import", "url(http", "<iframe"] {
        assert!(!page.contains(asks), "{asks}");
    }
}

#[test]
fn no_name_acts_and_undefined_cells_have_their_cause() {
    let workplace = Workplace::new();
    let values: Vec<Vec<f64>> = (0..HOSTILE.len()).map(|layer| entries(60, layer as f64)).collect();
    let mut tensors: Vec<_> = HOSTILE.iter().zip(&values).map(|(name, values)| (*name, vec![20, 3], values.as_slice())).collect();
    tensors.push(("constant", vec![20, 3], &[1.0; 60]));
    safetensors(&workplace.path("a.safetensors"), &tensors);
    let run = workplace.run(&["sweep", "a.safetensors", "-o", "out", "--report", "--title", "</title><script>"]);
    assert_eq!(run.status, 3, "{run:?}");
    let page = workplace.read("out/report.html");
    assert_eq!((page.matches("<script").count(), page.matches("</script>").count()), (2, 2));
    // That of the page, and those of its pictures.
    assert_eq!(page.matches("</title>").count(), 1 + page.matches("<svg").count());
    assert!(!page.contains("<img") && !page.contains(['\u{202e}', '\u{1b}', '\u{2028}']));
    let data = block(&page);
    let shown: Vec<&str> = data["a"]["layers"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(shown.contains(&HOSTILE[0]) && shown.contains(&"bidi\\u{202e}gpj\\x1b[31m\\u{2028}"), "{shown:?}");
    let undefined = data["measures"][0]["error"].as_array().unwrap().iter().filter(|error| !error.is_null()).count();
    assert_eq!(undefined, 2 * HOSTILE.len() + 1);
    assert_eq!(data["errors"][0]["kind"], "undefined");
    assert!(page.contains("<td>9</td><td>undefined</td>") && page.contains("constant"), "the table of causes");
    let latex = data["measures"][0]["latex"].as_str().unwrap();
    assert!(latex.contains("\\{\\{ title \\}\\}\\{\\% raw \\%\\}") && latex.contains("\\textless{}/script"), "{latex}");
}

#[test]
fn many_layers_stay_small_and_too_many_are_refused() {
    let workplace = Workplace::new();
    let network = |name: &str, layers: usize, n: usize, seed: f64| {
        let names: Vec<String> = (0..layers).map(|layer| format!("model.encoder.layers.{layer}.attention.output.dense")).collect();
        workplace.network(name, n, &names.iter().map(|name| (name.as_str(), 2)).collect::<Vec<_>>(), seed);
    };
    network("a.safetensors", 37, 12, 1.0);
    network("b.safetensors", 28, 12, 2.0);
    let measures =
        ["cka", "hsic", "cka:estimator=debiased", "hsic:estimator=unbiased", "procrustes", "rsa", "svcca", "distance-correlation"];
    let chosen: Vec<&str> = measures.iter().flat_map(|measure| ["-m", measure]).collect();
    let run = workplace.run(&[&["sweep", "a.safetensors", "b.safetensors", "-o", "out"], &chosen[..]].concat());
    assert_eq!(run.status, 0, "{run:?}");
    let started = std::time::Instant::now();
    assert_eq!(workplace.run(&["report", "out"]).status, 0);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    let page = workplace.read("out/report.html");
    assert_eq!(block(&page)["measures"].as_array().unwrap().len(), 8);
    assert!(page.len() < 3 << 20, "{} bytes", page.len());
    // More than a browser shows.
    network("large.safetensors", 201, 4, 1.0);
    let run = workplace.run(&["sweep", "large.safetensors", "-o", "large", "--report"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("report.html is not written") && run.stderr.contains("201 x 201"), "{}", run.stderr);
    assert!(!workplace.path("large/report.html").exists() && workplace.path("large/scores.csv").exists());
    workplace.run(&["report", "large"]).refused(&["201 x 201", "--layers"]);
}

#[test]
fn a_document_that_is_no_result_is_refused() {
    let workplace = networks();
    assert_eq!(workplace.run(&["sweep", "a.safetensors", "b.safetensors", "-o", "out"]).status, 0);
    let whole = workplace.read("out/scores.json");
    let mut document: Value = serde_json::from_str(&whole).unwrap();
    document["scores"][0][1].as_array_mut().unwrap().pop();
    std::fs::write(workplace.path("out/scores.json"), document.to_string()).unwrap();
    workplace.run(&["report", "out"]).refused(&["scores.json", "3 x 3"]);
    std::fs::write(workplace.path("out/scores.json"), whole.replace("cka:kernel", "kca:kernel")).unwrap();
    workplace.run(&["report", "out"]).refused(&["scores.json", "kca"]);
    workplace.run(&["report", "nowhere"]).refused(&["nowhere", "sweep -o"]);
    workplace.run(&["sweep", "a.safetensors", "--report"]).refused(&["--output"]);
}

#[test]
fn pictures_have_the_width_letters_and_colors_that_were_asked_for() {
    let workplace = networks();
    let sweep = |more: &[&str]| workplace.run(&[&["sweep", "a.safetensors", "b.safetensors", "-o", "out"], more].concat());
    let picture = || workplace.read("out/heatmap-cka-kernel-linear-estimator-biased.svg");
    let number = |svg: &str, name: &str| -> f64 {
        let start = svg.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        svg[start..start + svg[start..].find('"').unwrap()].parse().unwrap()
    };
    assert_eq!(sweep(&["--width", "8cm", "--cmap", "gray", "--pdf"]).status, 0);
    let svg = picture();
    assert!((number(&svg, "width") - 8.0 / 2.54 * 96.0).abs() < 0.01, "{}", number(&svg, "width"));
    let colors = svg.lines().filter(|line| line.contains("class=\"cell\""));
    assert!(
        colors.clone().count() == 9
            && colors.clone().all(|line| {
                let fill = &line[line.find("fill=\"#").unwrap() + 7..][..6];
                fill[..2] == fill[2..4] && fill[2..4] == fill[4..]
            })
    );
    let png = std::fs::read(workplace.path("out/heatmap-cka-kernel-linear-estimator-biased.png")).unwrap();
    let chunk = png.windows(4).position(|window| window == b"pHYs").expect("pixels an inch");
    let dots = u32::from_be_bytes(png[chunk + 4..chunk + 8].try_into().unwrap());
    assert_eq!((dots, png[chunk + 12]), ((300.0_f64 / 0.0254).round() as u32, 1));
    let pixels = u32::from_be_bytes(png[16..20].try_into().unwrap());
    assert_eq!(pixels, (8.0_f64 / 2.54 * 300.0).round() as u32);
    let pdf = std::fs::read(workplace.path("out/heatmap-cka-kernel-linear-estimator-biased.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.windows(9).any(|window| window == b"FontFile2"), "letters stand in the file");
    // Letters of 12 points where 9 are usual: the names of layers have 12 units.
    assert_eq!(sweep(&["--width", "6in", "--font-size", "12"]).status, 0);
    let svg = picture();
    let view: Vec<f64> =
        svg[svg.find("viewBox=\"").unwrap() + 9..].split('"').next().unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
    let name = svg.lines().find(|line| line.contains("class=\"name\"")).unwrap();
    let points = number(name, "font-size") * number(&svg, "width") / view[2] * 0.75;
    assert!((number(&svg, "width") - 576.0).abs() < 0.01 && (points - 12.0).abs() < 0.15, "{points}");
    // A PDF of an earlier sweep would read as one of this.
    assert!(!workplace.path("out/heatmap-cka-kernel-linear-estimator-biased.pdf").exists());
    let run = sweep(&["--width", "2cm", "--font-size", "40"]);
    assert!(run.status == 0 && run.stderr.contains("no room") && run.stderr.contains("--width"), "{run:?}");
    sweep(&["--width", "8"]).refused(&["3.25in"]);
    sweep(&["--cmap", "jet"]).refused(&["viridis"]);
}

#[test]
fn a_curve_says_how_many_examples_are_needed() {
    use similitude::inference::sample_size_curve;
    use similitude::io::{Source, read_representation};

    let workplace = Workplace::new();
    let layers = [("conv1", 4), ("block:conv2", 3)];
    workplace.network("a.safetensors", 64, &layers, 1.0);
    workplace.network("b.safetensors", 64, &layers, 1.2);
    let sweep = |more: &[&str]| workplace.run(&[&["sweep", "a.safetensors", "b.safetensors", "-o", "out"], more].concat());
    let curves = || -> Value { serde_json::from_str(&workplace.read("out/sample-sizes.json")).unwrap() };
    let run = sweep(&["-m", "cka:estimator=debiased", "-m", "procrustes", "--report", "--seed", "4"]);
    assert!(run.status == 0 && run.stderr.contains("sample-sizes.csv"), "{run:?}");
    let found = curves();
    let table = rows(&workplace.read("out/scores.csv"));
    let page = workplace.read("out/report.html");
    for curve in found["curves"].as_array().unwrap() {
        // The most similar pair, with the numbers of the library.
        let of = |row: &&BTreeMap<String, String>| row["measure"] == curve["measure"].as_str().unwrap();
        let sign = if curve["measure"].as_str().unwrap().starts_with("cka") { 1.0 } else { -1.0 };
        let value = |row: &BTreeMap<String, String>| row["value"].parse::<f64>().unwrap();
        let best = table.iter().filter(of).max_by(|one, two| (sign * value(one)).total_cmp(&(sign * value(two)))).unwrap();
        assert_eq!((&curve["layer_a"], &curve["layer_b"]), (&best["layer_a"].as_str().into(), &best["layer_b"].as_str().into()));
        assert_eq!(curve["value"].as_f64(), Some(value(best)));
        let [x, y] = [("a", "layer_a"), ("b", "layer_b")].map(|(network, side)| {
            let place = Source::from_parts(workplace.path(&format!("{network}.safetensors")), Some(&best[side]));
            read_representation(&place, None).unwrap()
        });
        let measure = similitude::Measure::parse(&best["measure"]).unwrap();
        let expected = sample_size_curve(&measure, &x, &y, 100, 4, 0.95).unwrap();
        assert_eq!((curve["limit"].as_f64(), curve["slope"].as_f64()), (Some(expected.limit), Some(expected.slope)));
        assert_eq!(curve["sizes"].as_array().unwrap().len(), 4);
        for (size, expected) in curve["sizes"].as_array().unwrap().iter().zip(&expected.sizes) {
            assert_eq!((size["n"].as_u64(), size["mean"].as_f64()), (Some(expected.n as u64), Some(expected.mean)));
            assert_eq!((size["lo"].as_f64(), size["standard_error"].as_f64()), (Some(expected.interval[0]), Some(expected.standard_error)));
        }
        // 0.01 of what is at most 1, else one part in a hundred.
        let tolerance = curve["tolerance"].as_f64().unwrap();
        assert!(if sign > 0.0 { tolerance == 0.01 } else { (tolerance / expected.limit.abs() - 0.01).abs() < 6e-4 }, "{tolerance}");
        match expected.needed(tolerance) {
            Ok(needed) => {
                assert_eq!(curve["needed"].as_f64(), Some(needed));
                assert!(page.contains(&format!("You need about {needed} examples")), "{needed}");
            }
            Err(error) => assert_eq!(curve["unknown"].as_str().unwrap(), error.to_string()),
        }
    }
    assert!(page.contains("href=\"#sizes\"") && page.contains("id=\"sizes\"") && page.contains("class=\"limit\""));
    let sizes = rows(&workplace.read("out/sample-sizes.csv"));
    assert_eq!(sizes.len(), 2 * 5);
    for (row, place) in sizes.iter().zip(0..) {
        let (curve, number) = (&found["curves"][place / 5], |name: &str| row[name].parse::<f64>().unwrap());
        // The bias is what the curve a + b/n is above its limit a.
        assert_eq!(number("bias"), curve["slope"].as_f64().unwrap() / number("n"), "{row:?}");
        if let Some(size) = curve["sizes"].get(place % 5) {
            assert_eq!([number("lo"), number("hi")].map(Some), ["lo", "hi"].map(|end| size[end].as_f64()), "{row:?}");
        } else {
            assert!(row["lo"].is_empty() && number("mean") == curve["value"].as_f64().unwrap());
        }
    }
    assert_eq!(workplace.run(&["report", "out", "-o", "again.html"]).status, 0);
    assert_eq!(workplace.read("again.html"), page);
    // Curves of other scores are not shown, and say so.
    std::fs::create_dir(workplace.path("other")).unwrap();
    assert_eq!(workplace.run(&["sweep", "a.safetensors", "-m", "cka", "-o", "other"]).status, 0);
    std::fs::copy(workplace.path("out/sample-sizes.json"), workplace.path("other/sample-sizes.json")).unwrap();
    let run = workplace.run(&["report", "other"]);
    assert!(run.status == 0 && run.stderr.contains("not of these scores"), "{run:?}");
    assert!(!workplace.read("other/report.html").contains("id=\"sizes\""));
    // The pairs that are named, whatever colons their names hold.
    assert_eq!(sweep(&["--curve", "conv1:block:conv2", "--curve", "block:conv2:conv1"]).status, 0);
    let found = curves();
    let named: Vec<[&str; 2]> =
        found["curves"].as_array().unwrap().iter().map(|curve| ["layer_a", "layer_b"].map(|side| curve[side].as_str().unwrap())).collect();
    assert_eq!(named, [["conv1", "block:conv2"], ["block:conv2", "conv1"]]);
    // None of an earlier sweep is left.
    assert_eq!(sweep(&["--report", "--curve", "none"]).status, 0);
    assert!(!workplace.path("out/sample-sizes.json").exists() && !workplace.read("out/report.html").contains("id=\"sizes\""));
    let before = workplace.read("out/scores.csv");
    sweep(&["--curve", "conv1:conv3"]).refused(&["conv1:conv3", "LAYER:LAYER", "block:conv2"]);
    sweep(&["--curve", "best", "--curve", "none"]).refused(&["none"]);
    // What a sweep fits into may be too little for its curve.
    sweep(&["--curve", "best", "--memory", "150K"]).refused(&["--curve: a sample-size curve keeps", "KiB; 150.0 KiB may be taken"]);
    workplace.network("long.safetensors", 1500, &layers, 1.0);
    let noted = workplace.run(&["sweep", "long.safetensors", "-o", "small", "--report", "--memory", "60M"]);
    assert!(noted.status == 0 && noted.stderr.contains("note: no sample-size curve") && workplace.path("small/report.html").exists());
    // Of a network with itself, the most similar different layers.
    assert_eq!(workplace.run(&["sweep", "a.safetensors", "-o", "self", "--curve", "best"]).status, 0);
    let itself: Value = serde_json::from_str(&workplace.read("self/sample-sizes.json")).unwrap();
    assert_ne!(itself["curves"][0]["layer_a"], itself["curves"][0]["layer_b"]);
    assert_eq!(workplace.read("out/scores.csv"), before, "a refused sweep leaves its directory as it was");
    workplace.run(&["sweep", "a.safetensors", "--curve", "best"]).refused(&["--output"]);
}

#[test]
fn too_few_examples_for_a_curve_are_said_and_the_page_is_there() {
    let workplace = Workplace::new();
    workplace.network("a.safetensors", 9, &[("conv1", 4), ("conv2", 3)], 1.0);
    let run = workplace.run(&["sweep", "a.safetensors", "-o", "out", "--report"]);
    assert!(run.status == 0 && run.stderr.contains("no sample-size curve") && run.stderr.contains("9"), "{run:?}");
    let page = workplace.read("out/report.html");
    assert!(page.contains("Without a curve") && !page.contains("As a table"), "a table alone is not folded away");
}
