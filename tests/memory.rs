//! What a sweep is said to take, beside what the program was measured to take (Linux).
#![cfg(all(target_os = "linux", feature = "cli"))]

#[path = "common/high_water.rs"]
mod high_water;

use std::path::Path;
use std::process::{Command, Stdio};

use high_water::high_water;
use similitude::io::{Source, TensorValues, write_safetensors};
use similitude::sweep::{StoredLayers, Sweep};
use similitude::{Measure, Precision};

/// Degenerate values are allowed: a refusal takes less than the value would.
const MEASURES: [&str; 7] = [
    "cka",
    "cka:kernel=rbf",
    "procrustes",
    "cca:degenerate=allow",
    "svcca",
    "pwcca:degenerate=allow",
    "linear-regression:degenerate=allow",
];

/// Returns the `index`-th of a sequence of uniform numbers.
fn uniform(index: usize, seed: u64) -> f32 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f32 / (1 << 24) as f32
}

/// Independent uniform numbers.
fn write(path: &Path, n: usize, p: usize, seed: u64) {
    let values: Vec<f32> = (0..n * p).map(|index| uniform(index, seed)).collect();
    write_safetensors(path, &[("layer", &[n, p][..], TensorValues::F32(&values))]).unwrap();
}

/// Neurons that are combinations of 60 directions, rounded to single precision.
fn write_deficient(path: &Path, n: usize, p: usize, seed: u64) {
    const RANK: usize = 60;
    let weights: Vec<f32> = (0..RANK * p).map(|index| uniform(index, seed + 100) - 0.5).collect();
    let mut values = vec![0.0; n * p];
    for (row, values) in values.chunks_mut(p).enumerate() {
        for direction in 0..RANK {
            let factor = uniform(row * RANK + direction, seed) - 0.5;
            values.iter_mut().zip(&weights[direction * p..]).for_each(|(value, weight)| *value += factor * weight);
        }
    }
    write_safetensors(path, &[("layer", &[n, p][..], TensorValues::F32(&values))]).unwrap();
}

/// The most memory that a comparison by the program held, in bytes.
fn measured(x: &Path, y: &Path, measure: &str) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_similitude"))
        .args(["compare", x.to_str().unwrap(), y.to_str().unwrap(), "-m", measure, "--threads", "2"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    loop {
        most = high_water(&child).map_or(most, |bytes| bytes.max(most));
        if let Some(status) = child.try_wait().unwrap() {
            assert!([Some(0), Some(3)].contains(&status.code()), "{measure}: {status}");
            return most;
        }
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
}

fn estimated(x: &Path, y: &Path, measure: &str) -> u64 {
    let layer = |path: &Path| StoredLayers::of_source(&Source::from_parts(path, Some("layer")), None).unwrap();
    let (x, y) = (layer(x), layer(y));
    let sweep = Sweep::new(&x, Some(&y), vec![Measure::parse(measure).unwrap()]).with_precision(Precision::Double);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| sweep.outlook()).unwrap().memory
}

/// Asserts that each estimate on these shapes is within half of the most that layers of full rank
/// and layers of few directions take: which of the two they are nobody knows before they are read.
fn check_estimates(shapes: &[(usize, usize)], measures: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for &(n, p) in shapes {
        let paths = |kind: &str| ["x", "y"].map(|name| folder.path().join(format!("{name}-{kind}-{n}-{p}.safetensors")));
        let (full, deficient) = (paths("full"), paths("deficient"));
        full.iter().zip([1, 2]).for_each(|(path, seed)| write(path, n, p, seed));
        deficient.iter().zip([1, 2]).for_each(|(path, seed)| write_deficient(path, n, p, seed));
        for measure in measures {
            let estimate = estimated(&full[0], &full[1], measure);
            let peaks = [&full, &deficient].map(|paths| measured(&paths[0], &paths[1], measure));
            let ratio = estimate as f64 / peaks[0].max(peaks[1]) as f64;
            if !(1.0 / 1.5..=1.5).contains(&ratio) {
                failures.push(format!("{measure}, {n} x {p}: {estimate} estimated, {peaks:?} measured, ratio {ratio:.2}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Narrow layers, of few and of many examples.
#[test]
fn estimates_of_narrow_layers_are_within_half_of_what_is_measured() {
    check_estimates(&[(100, 100), (1000, 100), (1000, 900), (3000, 300), (10_000, 100)], &MEASURES);
}

/// Layers about as wide as their examples are many, and much wider ones.
#[test]
fn estimates_of_wide_layers_are_within_half_of_what_is_measured() {
    check_estimates(&[(100, 10_000), (100, 100_000), (600, 20_000), (1000, 3000)], &MEASURES);
}

/// Nothing as large as neurons by neurons, nor as all neurons of a layer: at most twice what a Gram
/// matrix and a block take.
#[test]
fn wide_layers_take_what_matrices_between_examples_take() {
    let folder = tempfile::tempdir().unwrap();
    let (n, p) = (200, 60_000);
    let paths = ["x", "y"].map(|name| folder.path().join(format!("{name}.safetensors")));
    paths.iter().zip([1, 2]).for_each(|(path, seed)| write(path, n, p, seed));
    for measure in MEASURES {
        let squares = if measure.starts_with("cka") { 8 } else { 40 };
        // Two buffers of 32 MiB at most are read at a time, but no more than the layer has.
        let least = 8 * squares * n * n + 2 * (4 * n * p).min(32 << 20) + 8 * n * 2048 + (12 << 20);
        let peak = measured(&paths[0], &paths[1], measure);
        assert!(peak <= 2 * least as u64, "{measure}: {peak} bytes, {least} for matrices between examples and blocks");
    }
}
