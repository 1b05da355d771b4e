//! `similitude sweep --memory`: layers larger than the memory

use std::collections::BTreeMap;

use similitude::io::{TensorValues, write_npy, write_safetensors};

use crate::support::{Run, Workplace};

const N: usize = 20_000;
const MEASURES: [&str; 8] = ["-m", "cka", "-m", "cka:estimator=debiased", "-m", "hsic", "-m", "hsic:estimator=unbiased"];

/// Entries that a mean of 100 dominates, with something in common to all layers.
fn entries(p: usize, seed: usize) -> Vec<f32> {
    let hash = |index: usize, seed: usize| {
        let mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f32 / (1 << 24) as f32
    };
    (0..N * p).map(|index| 100.0 + hash(index, seed) + hash(index / p, 7) * (index % p % 5) as f32).collect()
}

fn network(workplace: &Workplace, name: &str, layers: &[(&str, usize)], seed: usize) {
    let values: Vec<Vec<f32>> = layers.iter().enumerate().map(|(index, (_, p))| entries(*p, seed + index)).collect();
    let shapes: Vec<[usize; 2]> = layers.iter().map(|(_, p)| [N, *p]).collect();
    let tensors = layers.iter().zip(&shapes).zip(&values);
    let tensors: Vec<_> = tensors.map(|((layer, shape), values)| (layer.0, shape.as_slice(), TensorValues::F32(values))).collect();
    write_safetensors(workplace.path(name), &tensors).unwrap();
}

fn networks() -> Workplace {
    let workplace = Workplace::new();
    network(&workplace, "a.safetensors", &[("one", 150), ("two", 200), ("three", 120)], 1);
    network(&workplace, "b.safetensors", &[("one", 200), ("two", 100)], 11);
    workplace
}

/// (x, y, measure) -> (value, error bound, condition)
fn values(run: &Run) -> BTreeMap<(String, String, String), (f64, f64, f64)> {
    let text = |object: &serde_json::Value, key: &str| object[key].as_str().unwrap().to_string();
    let entry = |object: serde_json::Value| {
        let key = (text(&object, "x"), text(&object, "y"), text(&object, "measure"));
        let stated = |name: &str| object["diagnostics"][name].as_f64().unwrap();
        (key, (object["value"].as_f64().unwrap(), stated("error_bound"), stated("condition")))
    };
    run.objects().into_iter().map(entry).collect()
}

fn sweep(workplace: &Workplace, networks: &[&str], memory: &str, more: &[&str]) -> Run {
    workplace.run(&[&["sweep"], networks, &["--memory", memory, "--threads", "2"], more].concat())
}

/// The same cells within the sum of their bounds, and the bounds are at most twice as large.
fn agree(one: &Run, other: &Run, cells: usize) {
    agree_within(one, other, cells, 2.0);
}

/// The same, with bounds that are at most so many times as large. What follows from a factor has
/// twice the condition, which is itself an estimate, and a bound by that: what is known better of
/// features at hand, such as the cost of a plan, is not known of a factor.
fn agree_within(one: &Run, other: &Run, cells: usize, times: f64) {
    let (one, other) = (values(one), values(other));
    assert_eq!((one.len(), other.len()), (cells, cells));
    for (key, (value, bound, condition)) in &one {
        let (want, other_bound, other_condition) = other[key];
        assert!((value - want).abs() <= bound + other_bound, "{key:?}: {value:?} {want:?}, bounds {bound:e} and {other_bound:e}");
        let (more, what) = match key.2.starts_with("soft-matching") {
            true => (condition / other_condition, "conditions"),
            false => (bound / other_bound, "bounds"),
        };
        assert!(more <= times, "{key:?}: {what} {more} times as large");
    }
}

#[test]
fn layers_larger_than_the_memory_stream_and_give_the_same_scores() {
    let workplace = networks();
    let both = ["a.safetensors", "b.safetensors"];
    let more = [&MEASURES[..], &["--format", "json"]].concat();
    let in_memory = sweep(&workplace, &both, "1G", &more);
    assert_eq!((in_memory.status, in_memory.stderr.as_str()), (0, ""), "{in_memory:?}");
    let once = sweep(&workplace, &both, "130M", &more);
    assert_eq!(once.status, 0, "{once:?}");
    assert!(once.stderr.contains("blocks of 1024 rows, all pairs of layers at once") && once.stderr.contains("1 pass "), "{}", once.stderr);
    agree(&once, &in_memory, 6 * 4);
    let tiled = sweep(&workplace, &both, "60M", &more);
    // Six pairs, and the layers with themselves in the first of these that reads them.
    assert!(tiled.stderr.contains("tiles of up to 1 x 1 layers") && tiled.stderr.contains("6 passes"), "{}", tiled.stderr);
    let apart = sweep(&workplace, &both, "58M", &more);
    // Five layers with themselves, then six pairs.
    assert!(apart.stderr.contains("tiles of up to 1 x 1 layers") && apart.stderr.contains("11 passes"), "{}", apart.stderr);
    // The bits of a streamed value do not depend on the memory, nor on the threads.
    assert!(tiled.stdout == once.stdout && apart.stdout == once.stdout);
    let alone = workplace.run(&[&["sweep", both[0], both[1], "--memory", "60M", "--threads", "1"], &more[..]].concat());
    assert_eq!(alone.stdout, once.stdout);
}

/// What follows from a triangular factor: all of it, on its own and beside moments.
const FACTORED: [&str; 20] = [
    "-m",
    "cca",
    "-m",
    "cca:summary=r2,center=no",
    "-m",
    "svcca",
    "-m",
    "pwcca",
    "-m",
    "linear-regression",
    "-m",
    "canonical-ridge:kappa-x=0.1,kappa-y=0.01",
    "-m",
    "procrustes",
    "-m",
    "soft-matching",
    "-m",
    "cka",
    "-m",
    "cka:estimator=debiased",
];

#[test]
fn measures_of_inner_products_between_neurons_stream() {
    let workplace = networks();
    let both = ["a.safetensors", "b.safetensors"];
    let more = [&FACTORED[..], &["--format", "json"]].concat();
    let (in_memory, cells) = (sweep(&workplace, &both, "1G", &more), 6 * FACTORED.len() / 2);
    assert_eq!((in_memory.status, in_memory.stderr.as_str()), (0, ""), "{in_memory:?}");
    for (memory, passes) in [("130M", "1 pass "), ("80M", "passes")] {
        let streamed = sweep(&workplace, &both, memory, &more);
        assert!(streamed.status == 0 && streamed.stderr.contains("blocks of"), "{streamed:?}");
        assert!(streamed.stderr.contains(passes), "{memory}: {}", streamed.stderr);
        agree_within(&streamed, &in_memory, cells, 2.5);
    }
    // Without moments, and each layer of a network with itself once among those of a tile.
    let alone = |memory: &str, threads: &str| {
        let layers = ["--layers", "one,three", "--format", "json", "--threads", threads];
        workplace.run(&[&["sweep", "a.safetensors", "--memory", memory], &FACTORED[..16], &layers].concat())
    };
    let streamed = alone("80M", "2");
    assert!(streamed.stderr.contains("blocks of"), "{}", streamed.stderr);
    agree_within(&streamed, &alone("1G", "2"), 4 * 8, 2.5);
    assert_eq!(alone("80M", "1").stdout, streamed.stdout, "threads change no bit");
}

#[test]
fn a_network_with_itself_streams() {
    let workplace = networks();
    let more = [&MEASURES[..], &["--format", "json"]].concat();
    let in_memory = sweep(&workplace, &["a.safetensors"], "1G", &more);
    for memory in ["110M", "60M"] {
        let streamed = sweep(&workplace, &["a.safetensors"], memory, &more);
        assert!(streamed.stderr.starts_with("streaming: "), "{}", streamed.stderr);
        agree(&streamed, &in_memory, 9 * 4);
    }
    // HSIC alone divides by nothing: only the cells of the diagonal need a layer with itself.
    let more = ["-m", "hsic", "--format", "json"];
    agree(&sweep(&workplace, &["a.safetensors"], "60M", &more), &sweep(&workplace, &["a.safetensors"], "1G", &more), 9);
}

#[test]
fn what_cannot_stream_is_refused_by_name() {
    let workplace = networks();
    let both = ["a.safetensors", "b.safetensors"];
    let run = sweep(&workplace, &both, "100M", &["-m", "cka", "-m", "procrustes", "-m", "rsa"]);
    run.refused(&["procrustes:form=distance and rsa:", "may take 100.0 MiB", "linear cka and hsic, cca, svcca"]);
    sweep(&workplace, &both, "48M", &[]).refused(&[
        "a.safetensors:two with 200 neurons",
        "b.safetensors:one with 200",
        "may take 48.0 MiB",
    ]);
    std::fs::create_dir(workplace.path("net")).unwrap();
    let wide: Vec<f64> = entries(700, 3).into_iter().map(f64::from).collect();
    write_npy(workplace.path("net/layer.npy"), N, 700, &wide).unwrap();
    assert_eq!(sweep(&workplace, &["net"], "200M", &[]).status, 0);
    // The same numbers in Fortran order: the header's word changed.
    let mut bytes = std::fs::read(workplace.path("net/layer.npy")).unwrap();
    let at = bytes.windows(5).position(|word| word == b"False").unwrap();
    bytes[at..at + 5].copy_from_slice(b"True ");
    std::fs::write(workplace.path("net/layer.npy"), bytes).unwrap();
    sweep(&workplace, &["net"], "200M", &[]).refused(&["net/layer.npy", "blocks of rows", "Fortran order"]);
}

#[test]
fn a_streamed_sweep_resumes_and_names_a_row_that_is_not_finite() {
    let workplace = networks();
    let run = |memory: &str| sweep(&workplace, &["a.safetensors"], memory, &["-o", "out"]);
    let path = workplace.path("a.safetensors");
    let good = std::fs::read(&path).unwrap();
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    // The last layer's row 15,000 is broken: tiles without that layer are finished before it is
    // met.
    let mut broken = good.clone();
    let at = good.len() - 4 * 120 * (N - 15_000) + 4 * 7;
    broken[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let write = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    };
    write(&broken);
    let hsic = |memory: &str| sweep(&workplace, &["a.safetensors"], memory, &["-m", "hsic", "--layers", "one,two,three", "-o", "out"]);
    let stopping = |memory: &str| {
        let more = ["-m", "hsic", "--layers", "one,two,three", "-o", "out", "--on-error", "stop"];
        sweep(&workplace, &["a.safetensors"], memory, &more)
    };
    let entry = "a.safetensors:three: the entry in row 15000, column 7 is NaN";
    stopping("60M").refused(&[entry]);
    assert!(workplace.path("out/cells.jsonl").exists() && !workplace.path("out/scores.csv").exists());
    // Of the same file the finished cells are kept, and the others answered.
    let resumed = hsic("60M");
    assert!(resumed.status == 3 && resumed.stderr.contains("3 cells were finished before"), "{resumed:?}");
    let undefined = |table: &str| table.lines().filter(|line| line.contains(entry)).count();
    let table = workplace.read("out/scores.csv");
    assert_eq!((undefined(&table), table.lines().count()), (5, 10));
    // At once, and in memory.
    assert_eq!(hsic("60M").status, 3);
    assert_eq!(workplace.read("out/scores.csv"), table);
    assert_eq!(hsic("1G").status, 3);
    assert_eq!(undefined(&workplace.read("out/scores.csv")), 5);
    // The refused sweep of a file that was mended since is in nobody's way.
    stopping("60M").refused(&[entry]);
    assert!(workplace.path("out/cells.jsonl").exists() && workplace.path("out/scores.csv").exists());
    write(&good);
    let mended = hsic("60M");
    assert!(mended.status == 0 && mended.stderr.contains("3 cells of another sweep, which was refused"), "{mended:?}");
    assert_eq!(undefined(&workplace.read("out/scores.csv")), 0);
    assert_eq!(run("1G").status, 0);
}
