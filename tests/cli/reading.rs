//! How files are read: what is asked, what is said beside the value, and what is refused.

use similitude::io::read_rows;

use crate::support::{Run, Workplace, entries, safetensors};

/// The only value of a run, and what it says of how X and Y were read.
#[track_caller]
fn value(run: &Run) -> (f64, serde_json::Value) {
    assert_eq!(run.status, 0, "{run:?}");
    let object = run.objects().remove(0);
    (object["value"].as_f64().unwrap(), object["reading"].clone())
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

/// Text of a table with a header and an id before each row.
fn table(header: &str, ids: &[usize], p: usize, values: &[f64]) -> String {
    let row = |&id: &usize| format!("{id},{}\n", values[id * p..(id + 1) * p].iter().map(f64::to_string).collect::<Vec<_>>().join(","));
    format!("{header}\n") + &ids.iter().map(row).collect::<String>()
}

#[test]
fn tables_of_data_frames_give_the_value_of_their_numbers() {
    let workplace = Workplace::new();
    let (x, y) = (entries(20 * 2, 1.0), entries(20 * 3, 2.0));
    similitude::io::write_npy(workplace.path("x.npy"), 20, 2, &x).unwrap();
    similitude::io::write_npy(workplace.path("y.npy"), 20, 3, &y).unwrap();
    let wanted = value(&workplace.run(&["compare", "x.npy", "y.npy", "--format", "json"])).0;
    let order: Vec<usize> = (0..20).collect();
    let shuffled: Vec<usize> = (0..20).map(|row| (row * 7 + 3) % 20).collect();
    let write = |name: &str, text: String| std::fs::write(workplace.path(name), text).unwrap();
    write("x.csv", table(",0,1", &order, 2, &x));
    write("y.csv", table(",a,b,c", &order, 3, &y));
    let run = workplace.run(&["compare", "x.csv", "y.csv", "--format", "json"]);
    let (found, reading) = value(&run);
    assert!(close(found, wanted), "{found} {wanted}");
    assert!(run.stderr.contains("note: x.csv: column 1 (unnamed) counts the rows"), "{}", run.stderr);
    assert!(reading["x"].as_str().unwrap().contains("column 1 (unnamed) is no neuron"), "{reading}");

    write("y.csv", table("id,a,b,c", &shuffled, 3, &y));
    let run = workplace.run(&["compare", "x.csv", "y.csv", "--format", "json"]);
    let (found, reading) = value(&run);
    assert!(close(found, wanted), "{found} {wanted}");
    assert!(reading["y"].as_str().unwrap().contains("rows in the order of x.csv by id"), "{reading}");
    let said = workplace.run(&["compare", "x.csv", "y.csv"]);
    assert!(said.stdout.lines().nth(1).unwrap().contains("by id"), "{}", said.stdout);

    write("y.csv", table("id,a,b,c", &shuffled[1..], 3, &y));
    workplace.run(&["compare", "x.csv", "y.csv"]).refused(&["x.csv: row 3", "\"3\"", "y.csv does not have"]);
    // What could be either is asked, and the answer holds for one side or both.
    write("z.csv", table("a,b,c", &order, 2, &x));
    workplace.run(&["compare", "z.csv", "y.npy"]).refused(&["z.csv: column 1 (\"a\") counts the rows", "--index-column"]);
    let run = workplace.run(&["compare", "y.npy", "z.csv", "--index-column-b", "a", "--format", "json"]);
    assert!(close(value(&run).0, wanted), "{run:?}");
    write("w.csv", table("0,1,2", &order, 2, &x));
    workplace.run(&["compare", "w.csv", "y.npy"]).refused(&["w.csv, line 1", "--header yes"]);
    let options = ["--header", "yes", "--index-column", "0", "--format", "json"];
    let run = workplace.run(&[&["compare", "w.csv", "y.npy"], &options[..]].concat());
    assert!(close(value(&run).0, wanted), "{run:?}");
}

#[test]
fn the_same_maps_in_two_layouts_are_the_same() {
    let workplace = Workplace::new();
    let (n, c, s) = (12, 3, 4);
    let first = entries(n * c * s, 1.0);
    let last: Vec<f64> = (0..n * c * s).map(|e| first[(e / (s * c) * c + e % c) * s + e / c % s]).collect();
    safetensors(&workplace.path("x.safetensors"), &[("first", vec![n, c, 2, 2], &first), ("last", vec![n, 2, 2, c], &last)]);
    let (x, y) = ("x.safetensors:first", "x.safetensors:last");
    for how in ["mean", "max", "first", "last", "token=2", "positions", "flatten"] {
        let axes = ["--axes", "nchw", "--axes-b", "nhwc", "--spatial", how];
        let run = workplace.run(&[&["compare", x, y, "--format", "json"], &axes[..]].concat());
        let (found, reading) = value(&run);
        assert!(close(found, 1.0), "{how}: {found}");
        assert_eq!(reading["y"], format!("axes nhwc, spatial {how}"));
    }
    let misread = workplace.run(&["compare", x, y, "--axes", "nchw", "--axes-b", "nchw", "--spatial", "mean", "--format", "json"]);
    assert!(!close(value(&misread).0, 1.0), "{misread:?}");
    let table = workplace.run(&["compare", x, y, "--axes", "nchw", "--axes-b", "nhwc", "--spatial", "mean"]);
    assert!(table.stdout.starts_with("X  x.safetensors:first  12 x 3  (axes nchw, spatial mean)\n"), "{}", table.stdout);
    let help = workplace.run(&["compare", "--help"]).stdout;
    for word in ["channels last", "n x t x d", "attention mask", "--rows"] {
        assert!(help.contains(word), "{word} is not in the help");
    }
}

#[test]
fn padding_and_rows_are_left_out() {
    let workplace = Workplace::new();
    let (n, t, d) = (10, 4, 2);
    let length = |i: usize| 1 + i % t;
    let (x, y) = (entries(n * t * d, 1.0), entries(n * t * d, 2.0));
    let mask: Vec<f64> = (0..n * t).map(|e| f64::from(u8::from(e % t < length(e / t)))).collect();
    let lengths: Vec<f64> = (0..n).map(|i| length(i) as f64).collect();
    let tensors = [("x", vec![n, t, d], &x[..]), ("y", vec![n, t, d], &y), ("mask", vec![n, t], &mask), ("lengths", vec![n], &lengths)];
    safetensors(&workplace.path("h.safetensors"), &tensors);
    let pooled = |values: &[f64], rows: &[usize]| -> Vec<f64> {
        let mean = |i: usize, k: usize| (0..length(i)).map(|s| values[(i * t + s) * d + k]).sum::<f64>() / length(i) as f64;
        rows.iter().flat_map(|&i| [mean(i, 0), mean(i, 1)]).collect()
    };
    let wanted = |rows: &[usize]| {
        similitude::io::write_npy(workplace.path("px.npy"), rows.len(), d, &pooled(&x, rows)).unwrap();
        similitude::io::write_npy(workplace.path("py.npy"), rows.len(), d, &pooled(&y, rows)).unwrap();
        value(&workplace.run(&["compare", "px.npy", "py.npy", "--format", "json"])).0
    };
    let run = |options: &[&str]| {
        let compare = ["compare", "h.safetensors:x", "h.safetensors:y", "--axes", "ntd", "--spatial", "mean", "--format", "json"];
        workplace.run(&[&compare[..], options].concat())
    };
    let all: Vec<usize> = (0..n).collect();
    for padding in [["--mask", "h.safetensors:mask"], ["--lengths", "h.safetensors:lengths"]] {
        let (found, reading) = value(&run(&padding));
        assert!(close(found, wanted(&all)), "{found}");
        assert!(reading["x"].as_str().unwrap().contains(padding[1]), "{reading}");
        let (found, _) = value(&run(&[&padding[..], &["--rows", "2:9"]].concat()));
        assert!(close(found, wanted(&all[2..9])), "{found}");
    }
    let whole = value(&run(&[])).0;
    assert!(!close(whole, wanted(&all)), "{whole}");
    let sampled = run(&["--sample", "6", "--seed", "5", "--mask", "h.safetensors:mask"]);
    let rows = similitude::io::RowChoice::sample(6, 5).resolve(n).unwrap();
    assert!(close(value(&sampled).0, wanted(&rows)), "{sampled:?}");
    assert!(value(&sampled).1["x"].as_str().unwrap().contains("rows 6 drawn with seed 5 of 10"), "{sampled:?}");
    // Other tokens on the two sides, as many in all.
    let backwards: Vec<f64> = lengths.iter().rev().copied().collect();
    similitude::io::write_npy(workplace.path("lengths.npy"), n, 1, &backwards).unwrap();
    let positions = ["compare", "h.safetensors:x", "h.safetensors:y", "--axes", "ntd", "--spatial", "positions"];
    let padding = ["--lengths", "h.safetensors:lengths", "--lengths-b", "lengths.npy"];
    workplace.run(&[&positions[..], &padding].concat()).refused(&["example 0 has 1 positions", "and 2 in", "--spatial mean"]);
    assert_eq!(workplace.run(&[&positions[..], &padding[..2]].concat()).status, 0);
    // A sample of other numbers of examples would not be the same examples.
    workplace.npy("ten.npy", 10, 2, 1.0);
    workplace.npy("eleven.npy", 11, 2, 1.0);
    let sampled = ["compare", "ten.npy", "eleven.npy", "--sample", "5"];
    workplace.run(&sampled).refused(&["eleven.npy", "11 examples here and 10 elsewhere"]);
    run(&["--rows", "2:11"]).refused(&["h.safetensors:x", "row 10 is not there", "10 examples"]);
    run(&["--sample", "11"]).refused(&["--sample 11", "10 examples"]);
    assert_eq!(read_rows("2:9").unwrap().resolve(n).unwrap().len(), 7);
}

#[test]
fn sweeps_take_layers_by_pattern_and_say_their_order() {
    let workplace = Workplace::new();
    let (names, values) = (["h.0", "h.1", "h.10", "h.2", "bias"], entries(10 * 2, 1.0));
    std::fs::create_dir(workplace.path("net")).unwrap();
    for name in names {
        similitude::io::write_npy(workplace.path(&format!("net/{name}.npy")), 10, 2, &values).unwrap();
    }
    let layers = |options: &[&str]| {
        let run = workplace.run(&[&["sweep", "net", "--format", "csv"], options].concat());
        assert_eq!(run.status, 0, "{run:?}");
        let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
        let mut names: Vec<String> = reader.records().map(|record| record.unwrap()[3].to_string()).collect();
        names.truncate(names.iter().skip(1).position(|name| *name == names[0]).map_or(names.len(), |end| end + 1));
        names
    };
    assert_eq!(layers(&["--layers", "h.*"]), ["h.0", "h.1", "h.2", "h.10"]);
    assert_eq!(layers(&["--exclude", "bias", "--exclude", "h.1?"]), ["h.0", "h.1", "h.2"]);
    assert_eq!(layers(&["--layers", "h.2,bias"]), ["h.2", "bias"]);
    std::fs::write(workplace.path("list"), "h.10\nh.0\n\n").unwrap();
    assert_eq!(layers(&["--layers-from", "list"]), ["h.10", "h.0"]);
    workplace.run(&["sweep", "net", "--axes-b", "dn"]).refused(&["--axes-b", "second network"]);
    workplace.run(&["sweep", "net", "--exclude", "biased"]).refused(&["--exclude \"biased\"", "nothing"]);

    // An archive of another writer, sorted by name.
    let header = names[..4].iter().enumerate().map(|(index, name)| {
        format!("\"{name}\":{{\"dtype\":\"F64\",\"shape\":[10,2],\"data_offsets\":[{},{}]}}", index * 160, index * 160 + 160)
    });
    let header = format!("{{{}}}", header.collect::<Vec<_>>().join(","));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    (0..4).for_each(|_| bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())));
    std::fs::write(workplace.path("net.safetensors"), bytes).unwrap();
    let by_name = workplace.run(&["sweep", "net.safetensors"]);
    assert!(by_name.stderr.contains("note: net.safetensors: layers in the order of their names"), "{}", by_name.stderr);
    assert_eq!(workplace.run(&["sweep", "net.safetensors", "--layer-order", "file"]).stderr, "");
}

#[test]
fn what_has_other_examples_is_named_with_what_may_be_the_matter() {
    let workplace = Workplace::new();
    workplace.npy("x.npy", 10, 3, 1.0);
    workplace.npy("y.npy", 4, 10, 2.0);
    workplace.npy("z.npy", 12, 3, 2.0);
    workplace.run(&["compare", "x.npy", "y.npy"]).refused(&["x.npy has 10", "y.npy has 4", "the second has 10 columns", "--axes-b dn"]);
    workplace.run(&["compare", "x.npy", "z.npy"]).refused(&["x.npy has 10", "z.npy has 12", "both have 3 columns"]);
    assert_eq!(workplace.run(&["compare", "x.npy", "y.npy", "--axes-b", "dn"]).status, 0);
    let (a, b) = (entries(20, 1.0), entries(21, 2.0));
    safetensors(&workplace.path("net.safetensors"), &[("l1", vec![10, 2], &a), ("short", vec![7, 3], &b)]);
    workplace.run(&["sweep", "net.safetensors"]).refused(&["net.safetensors:short has 7", "--exclude \"short\"", "--layers"]);
    workplace.run(&["compare", "net.safetensors", "x.npy"]).refused(&["net.safetensors:NAME", "similitude sweep"]);
}

#[test]
fn a_stack_of_layers_is_a_network() {
    let workplace = Workplace::new();
    let (n, l, d) = (10, 3, 2);
    let stack = entries(n * l * d, 1.0);
    safetensors(&workplace.path("h.safetensors"), &[("h", vec![n, l, d], &stack)]);
    let run = workplace.run(&["sweep", "h.safetensors", "--axes", "nLd", "--format", "json"]);
    assert_eq!((run.status, run.objects().len()), (0, 9), "{run:?}");
    let alone = workplace.run(&["compare", "h.safetensors:h/0", "h.safetensors:h/2", "--axes", "nLd", "--format", "json"]);
    assert_eq!(run.objects()[2]["value"], alone.objects()[0]["value"]);
    workplace.run(&["compare", "h.safetensors:h", "h.safetensors:h", "--axes", "nLd"]).refused(&["a stack of 3 layers", "h/0"]);
}
