//! The fuzz targets on the stable toolchain: every input of the corpus, and inputs made of them by
//! a seeded mutator, for a second a target.
//!
//! `SIMILITUDE_FUZZ_SEEDS=DIR` writes the corpus of each target into a directory of its own.
//! `SIMILITUDE_FUZZ_SECONDS=1800 cargo test --release --test fuzz` runs for longer; with
//! `SIMILITUDE_FUZZ_REPORT=FILE` it writes what it did as a table, `verification/ROBUSTNESS.md`. A
//! failing input is printed, and belongs in the corpus once it is mended.
#![cfg(all(feature = "conformance", feature = "h5"))]

#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The largest input that is made.
const LONGEST: usize = 1 << 15;

/// What one target was tried on.
struct Tried {
    name: &'static str,
    corpus: usize,
    inputs: u64,
    seconds: f64,
    /// The first inputs that failed, with what was said.
    findings: Vec<String>,
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = targets::made(target);
    if let Ok(entries) = fs::read_dir(&directory) {
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        inputs.extend(files.iter().map(|file| fs::read(file).unwrap()));
    }
    inputs
}

/// Writes the inputs that each target begins with, a directory for each: where `cargo fuzz` begins.
fn write_seeds(directory: &Path) {
    for (name, _) in targets::TARGETS {
        let of_target = directory.join(name);
        fs::create_dir_all(&of_target).unwrap();
        for (number, bytes) in corpus(name).iter().enumerate() {
            fs::write(of_target.join(format!("seed-{number}")), bytes).unwrap();
        }
    }
}

/// One input made of others: bytes and bits changed, stretches removed, repeated, or taken from
/// another; numbers that lengths and counts break at.
fn mutated(corpus: &[Vec<u8>], generator: &mut ChaCha8Rng) -> Vec<u8> {
    const NUMBERS: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, u32::MAX as u64, u64::MAX];
    let mut bytes = corpus[generator.random_range(0..corpus.len())].clone();
    for _ in 0..1 << generator.random_range(0..5) {
        let at = generator.random_range(0..=bytes.len());
        let length = (1_usize << generator.random_range(0..8)).min(bytes.len() - at);
        match generator.random_range(0..7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << generator.random_range(0..8),
            1 if at < bytes.len() => bytes[at] = generator.random(),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let copy = bytes[at..at + length].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => {
                let other = &corpus[generator.random_range(0..corpus.len())];
                let from = generator.random_range(0..=other.len());
                let to = (from + length).min(other.len());
                bytes.splice(at..at + length, other[from..to].iter().copied());
            }
            5 => {
                let number = NUMBERS[generator.random_range(0..NUMBERS.len())].to_le_bytes();
                let width = (1_usize << generator.random_range(0..4)).min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            _ => {
                let digits = NUMBERS[generator.random_range(0..NUMBERS.len())].to_string();
                bytes.splice(at..at + length.min(4), digits.into_bytes());
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn run(&(name, target): &targets::Target, time: Duration, seed: u64) -> Tried {
    let corpus = corpus(name);
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let start = Instant::now();
    let mut tried = Tried { name, corpus: corpus.len(), inputs: 0, seconds: 0.0, findings: Vec::new() };
    let mut one = |bytes: &[u8]| {
        tried.inputs += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(bytes))) {
            let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
            let shown: String = bytes.escape_ascii().to_string().chars().take(2000).collect();
            tried.findings.push(format!("{}\n    on {shown}", text.unwrap_or_default()));
        }
        tried.findings.len() < 3
    };
    let whole = corpus.iter().all(|bytes| one(bytes));
    while whole && start.elapsed() < time && one(&mutated(&corpus, &mut generator)) {}
    tried.seconds = start.elapsed().as_secs_f64();
    tried
}

/// What was tried, as a page.
fn report(all: &[Tried], seed: u64) -> String {
    let mut page = String::from(
        "# What bytes were tried\n\nWritten by `SIMILITUDE_FUZZ_SECONDS=N SIMILITUDE_FUZZ_REPORT=verification/ROBUSTNESS.md cargo test --release --test fuzz`.\n\
         A finding is a panic, a value that is not finite, a tensor whose shape is not that of its values, rows that are not those of the whole,\n\
         cells that are not of the sweep, or two paths of a measure that do not agree.\n\n",
    );
    writeln!(page, "Seed {seed}.\n\n| target | corpus | inputs | seconds | findings |\n|---|---:|---:|---:|---:|").unwrap();
    for Tried { name, corpus, inputs, seconds, findings } in all {
        writeln!(page, "| {name} | {corpus} | {inputs} | {seconds:.0} | {} |", findings.len()).unwrap();
    }
    page
}

#[test]
fn no_bytes_do_harm() {
    let number = |name: &str, default: u64| std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"));
    let (seconds, seed) = (number("SIMILITUDE_FUZZ_SECONDS", 1), number("SIMILITUDE_FUZZ_SEED", 18));
    let all: Vec<Tried> = targets::TARGETS.iter().map(|target| run(target, Duration::from_secs(seconds), seed)).collect();
    if let Some(directory) = std::env::var_os("SIMILITUDE_FUZZ_SEEDS") {
        write_seeds(Path::new(&directory));
    }
    if let Some(file) = std::env::var_os("SIMILITUDE_FUZZ_REPORT") {
        // What another program wrote behind it stays.
        let older = fs::read_to_string(&file).unwrap_or_default();
        let behind = older.find("\n## With coverage").map_or("", |start| &older[start..]);
        fs::write(file, report(&all, seed) + behind).unwrap();
    }
    for Tried { name, corpus, inputs, .. } in &all {
        assert!(*corpus > 0 && *inputs > *corpus as u64 / 2, "{name}: {inputs} inputs of a corpus of {corpus}");
    }
    let findings: Vec<String> =
        all.iter().flat_map(|tried| tried.findings.iter().map(move |text| format!("{}: {text}", tried.name))).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
