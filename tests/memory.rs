//! What a sweep is said to take, beside what the program was measured to take (Linux).
#![cfg(feature = "cli")]
#![cfg(all(target_os = "linux", feature = "cli"))]

#[path = "common/high_water.rs"]
mod high_water;

use std::path::Path;
use std::process::{Command, Stdio};

use high_water::high_water;
use similitude::io::{Source, TensorValues, write_safetensors};
use similitude::sweep::{StoredLayers, Sweep};
use similitude::{Measure, Precision};

const MEASURES: [&str; 6] = ["cka", "cka:kernel=rbf", "procrustes", "cca", "svcca", "linear-regression"];

/// Independent uniform numbers.
fn write(path: &Path, n: usize, p: usize, seed: u64) {
    let hash = |index: usize| {
        let mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f32 / (1 << 24) as f32
    };
    let values: Vec<f32> = (0..n * p).map(hash).collect();
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

/// Narrow, nearly square and wide layers, of few and of many examples.
#[test]
fn estimates_are_within_half_of_what_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for (n, p) in
        [(100, 100), (100, 10_000), (100, 100_000), (1000, 100), (1000, 900), (1000, 3000), (1000, 10_000), (3000, 300), (10_000, 100)]
    {
        let paths = ["x", "y"].map(|name| folder.path().join(format!("{name}-{n}-{p}.safetensors")));
        paths.iter().zip([1, 2]).for_each(|(path, seed)| write(path, n, p, seed));
        for measure in MEASURES {
            let (estimate, peak) = (estimated(&paths[0], &paths[1], measure), measured(&paths[0], &paths[1], measure));
            let ratio = estimate as f64 / peak as f64;
            if !(1.0 / 1.5..=1.5).contains(&ratio) {
                failures.push(format!("{measure}, {n} x {p}: {estimate} estimated, {peak} measured, ratio {ratio:.2}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
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
        let squares = if ["svcca", "procrustes"].contains(&measure) { 40 } else { 8 };
        // Two buffers of 32 MiB at most are read at a time, but no more than the layer has.
        let least = 8 * squares * n * n + 2 * (4 * n * p).min(32 << 20) + 8 * n * 2048 + (12 << 20);
        let peak = measured(&paths[0], &paths[1], measure);
        assert!(peak <= 2 * least as u64, "{measure}: {peak} bytes, {least} for matrices between examples and blocks");
    }
}
