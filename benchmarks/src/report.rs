//! BENCHMARKS.md and benchmarks.json.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

/// What is measured, in the order of the page.
pub const GROUPS: [&str; 6] = ["pairs", "precision", "kernels", "sweeps", "files", "large"];

/// One case.
#[derive(Debug, Serialize)]
pub struct Line {
    /// One of [`GROUPS`].
    pub group: &'static str,
    /// What is computed.
    pub what: String,
    /// On what.
    pub shape: String,
    /// Median seconds.
    pub seconds: f64,
    /// The operations counted in the bound, in words.
    pub arithmetic: String,
    /// Seconds over the bound: those operations at the rate of a product in the same rounds. None where no product is what it is made of.
    pub to_bound: Option<f64>,
    /// Median seconds of the other one, over ours: how many times faster this library is.
    pub speedup: Option<f64>,
    /// What the other one is.
    pub peer: String,
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct Report {
    similitude: &'static str,
    threads: usize,
    rounds: usize,
    processor: String,
    instructions: Vec<&'static str>,
    numpy: Option<String>,
    lines: Vec<Line>,
}

const HEAD: &str = "\
# Speed

Generated; after `verification/adapters/environment.sh`, every line comes from

```
cargo run --release -p benchmarks -- --python verification/.venv/bin/python --write .
```

and a group of lines alone from the same with `--only pairs`, `precision`, `kernels`, `sweeps`, `files` or `large`.

Every ratio is between medians of times taken in turns in one run: our time, the rate of a matrix product of the same shapes in the same precision, and the time of the
other implementation. Values are drawn, not constant: ReLU of a common and an own normal part.

- **to bound**: our time over the time that the arithmetic named beside it would take at that rate. 1 is a program that only multiplies matrices, at full speed.
- **speedup**: the other implementation's time over ours, with the same number of threads. numpy is the formulas of `verification/adapters/numpy_formulas.py` with numpy's own OpenBLAS,
  f64 throughout, data in memory.
- **files**, **large**: networks in `.safetensors` files (f32) that the system has in its cache; reading and widening are part of the time. Streamed is what `--memory` does where the
  layers do not fit: the layers are read in blocks of rows.
";

impl Report {
    pub fn new(threads: usize, rounds: usize, numpy: Option<String>) -> Self {
        Self {
            similitude: env!("CARGO_PKG_VERSION"),
            threads,
            rounds,
            processor: processor(),
            instructions: instructions(),
            numpy,
            lines: Vec::new(),
        }
    }

    /// Adds a line, and prints it.
    pub fn add(&mut self, line: Line) {
        println!(
            "{:9} {:44} {:34} {:9.4} s{}{}",
            line.group,
            line.what,
            line.shape,
            line.seconds,
            line.to_bound.map_or(String::new(), |ratio| format!(", {ratio:.2} of the bound")),
            line.speedup.map_or(String::new(), |ratio| format!(", {ratio:.1} times as fast as {}", line.peer))
        );
        self.lines.push(line);
    }

    /// Writes both files.
    pub fn write(&self, directory: &Path) -> Result<(), Box<dyn std::error::Error>> {
        std::fs::write(directory.join("benchmarks.json"), serde_json::to_string_pretty(self)? + "\n")?;
        Ok(std::fs::write(directory.join("BENCHMARKS.md"), self.page())?)
    }

    fn page(&self) -> String {
        let mut page = HEAD.to_string();
        let numpy = self.numpy.as_ref().map_or(String::new(), |numpy| format!(", {numpy}"));
        let _ = writeln!(
            page,
            "\nThis run: similitude {}{numpy}, {} threads, medians of {}, {} with {}. No flag told the compiler of these: the program finds out what it runs on.",
            self.similitude,
            self.threads,
            self.rounds,
            self.processor,
            self.instructions.join(", ")
        );
        for group in GROUPS {
            let lines: Vec<&Line> = self.lines.iter().filter(|line| line.group == group).collect();
            if lines.is_empty() {
                continue;
            }
            let _ = writeln!(
                page,
                "\n## {group}\n\n| what | shape | seconds | arithmetic of the bound | to bound | speedup | over |\n|---|---|---:|---|---:|---:|---|"
            );
            for line in lines {
                let ratio = |ratio: Option<f64>| ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
                let _ = writeln!(
                    page,
                    "| {} | {} | {:.3} | {} | {} | {} | {} |",
                    line.what,
                    line.shape,
                    line.seconds,
                    line.arithmetic,
                    ratio(line.to_bound),
                    ratio(line.speedup),
                    line.peer
                );
            }
        }
        page
    }
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = information.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_string(), |(_, name)| name.trim().to_string())
}

/// The vector instructions that this machine has, of those that products and other loops choose from.
fn instructions() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("AVX-512", is_x86_feature_detected!("avx512f")),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let found = [("the vectors of its architecture", true)];
    found.into_iter().filter_map(|(name, there)| there.then_some(name)).collect()
}
