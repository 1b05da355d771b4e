//! BENCHMARKS.md and benchmarks.json.

use std::fmt::Write;
use std::path::Path;

use faer::Mat;
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::timing::{awake, median, rate};

/// What is measured, in the order of the page.
pub const GROUPS: [&str; 9] = ["pairs", "precision", "kernels", "sweeps", "packages", "wide", "files", "memory", "large"];

/// One case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// One of [`GROUPS`].
    pub group: String,
    /// What is computed.
    pub what: String,
    /// On what.
    pub shape: String,
    /// Median seconds.
    pub seconds: f64,
    /// The operations counted in the bound, in words.
    pub arithmetic: String,
    /// Seconds over the bound: those operations at the rate of a product in the same rounds.
    /// None where it is not made of products.
    pub to_bound: Option<f64>,
    /// Median seconds of the other one, over ours: how many times faster this library is.
    pub speedup: Option<f64>,
    /// What the other one is.
    pub peer: String,
}

/// What lines were measured with.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Facts {
    similitude: String,
    threads: usize,
    rounds: usize,
    processor: String,
    instructions: Vec<String>,
    /// Billions of operations a second of a product of two 2000 x 2000 matrices in f64, on all
    /// threads. Processors that have the same name differ in it. None where it was not measured.
    gigaflops: Option<f64>,
    numpy: Option<String>,
}

/// A group, as one run measured it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Group {
    group: String,
    run: Facts,
    lines: Vec<Line>,
}

/// What a file holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Page {
    groups: Vec<Group>,
}

/// What this run has measured.
pub struct Report {
    run: Facts,
    lines: Vec<Line>,
}

const FILE: &str = "benchmarks.json";

const HEAD: &str = "\
# Speed

Generated. After `verification/adapters/environment.sh --torch`, this command makes all of it, from the root of the repository:

```
cargo build --release && cargo run --release -p peers -- --python verification/.venv/bin/python --write benches/peers
```

With `--only pairs`, `precision`, `kernels`, `sweeps`, `packages`, `wide`, `files`, `memory` or `large` it measures one group of lines.
The other groups stay as they are, each with what it was measured on.

Every ratio is between medians of times taken in turns in one run: our time, the time of the other implementation, and the rate of a
matrix product of the same shapes in the same precision. No flag told the compiler what machine it would be: the program finds out.
Values are drawn, not constant: ReLU of a common and an own normal part.

- **to bound**: our time over the time that the arithmetic named beside it would take at that rate. 1 is a program that only multiplies
  matrices, at full speed.
- **speedup**: the other implementation's time over ours, with the same number of threads. numpy is the formulas of
  `verification/adapters/numpy_formulas.py` with numpy's own OpenBLAS, f64 throughout, data in memory.
- **pairs** are row-major, as files and NumPy have them, but for the line that says otherwise. At n = 2000, p = 512 no decomposition
  comes near the bound of Procrustes: it counts the operations at the rate of products, and no way to singular values runs at that rate.
- **precision**: products in f32, of bases that are solved for in f64; each kind of operation at its own rate. Each is timed after an
  untimed run of its own precision: matrices of the other one give their memory up for these.
- **packages**: a sweep beside packages from PyPI that compute the measure they name (`verification/CONFORMANCE.md`), in f64, for each
  measure the fastest one: one pair, times the number of pairs.
- **wide**: layers wider than their examples through the program, from its start to its end: files in (in the system's cache), scores
  out. numpy is `benches/peers/gram_files.py`, from loading the files on, its own start not counted; in f64, as the program. numpy
  computes half of X X' too.
- **memory**: kernel matrices of 50,000 examples would be 10 GB each. They are computed in tiles, again in every pass; the bound counts
  them once, at the rate of a product of 10,000 of these examples. Memory is what the process held at most, the mapped files included
  (Linux).
- **files**, **large**: networks in `.safetensors` files (f32) that the system has in its cache; reading and widening are part of the
  time. Streamed is what `--memory` does where the layers do not fit: the layers are read in blocks of rows.
";

impl Report {
    pub fn new(threads: usize, rounds: usize, numpy: Option<String>) -> Self {
        let run = Facts {
            similitude: env!("CARGO_PKG_VERSION").to_string(),
            threads,
            rounds,
            processor: processor(),
            instructions: instructions().into_iter().map(str::to_string).collect(),
            gigaflops: Some(gigaflops()),
            numpy,
        };
        Self { run, lines: Vec::new() }
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

    /// Writes both files; groups that were not measured stay as they were before.
    pub fn write(&self, directory: &Path, before: &Page) -> Result<(), Failure> {
        let page = self.merged(before);
        std::fs::write(directory.join(FILE), serde_json::to_string_pretty(&page)? + "\n")?;
        Ok(std::fs::write(directory.join("BENCHMARKS.md"), page.text())?)
    }

    fn merged(&self, before: &Page) -> Page {
        let measured = |group: &str| {
            let lines: Vec<Line> = self.lines.iter().filter(|line| line.group == group).cloned().collect();
            (!lines.is_empty()).then(|| Group { group: group.to_string(), run: self.run.clone(), lines })
        };
        let kept = |group: &str| before.groups.iter().find(|known| known.group == group).cloned();
        Page { groups: GROUPS.into_iter().filter_map(|group| measured(group).or_else(|| kept(group))).collect() }
    }
}

impl Page {
    /// What an earlier run wrote into a directory.
    ///
    /// To be read before the first measurement: a file that cannot be read would cost all of them
    /// after the last one.
    pub fn read(directory: &Path) -> Result<Self, Failure> {
        let path = directory.join(FILE);
        match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self { groups: Vec::new() }),
            text => Ok(serde_json::from_str(&text?).map_err(|error| format!("{}: {error}; move it away to begin anew", path.display()))?),
        }
    }

    fn text(&self) -> String {
        let mut page = HEAD.to_string();
        for Group { group, run, lines } in &self.groups {
            let _ = writeln!(
                page,
                "\n## {group}\n\n{run}\n\n\
                 | what | shape | seconds | arithmetic of the bound | to bound | speedup | over |\n\
                 |---|---|---:|---|---:|---:|---|"
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

impl std::fmt::Display for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { similitude, threads, rounds, processor, instructions, gigaflops, numpy } = self;
        let numpy = numpy.as_ref().map_or(String::new(), |numpy| format!(", {numpy}"));
        let speed = gigaflops.map_or(String::new(), |speed| format!(", products in f64 at {speed:.0} GFLOP/s"));
        let instructions = instructions.join(", ");
        write!(f, "similitude {similitude}{numpy}, {threads} threads, medians of {rounds}, {processor} with {instructions}{speed}.")
    }
}

fn gigaflops() -> f64 {
    let square = Mat::<f64>::from_fn(2000, 2000, |row, column| ((row * 31 + column * 17) as f64).sin());
    awake();
    median((0..5).map(|_| rate(square.as_ref(), square.as_ref()) / 1e9).collect())
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = information.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_string(), |(_, name)| name.trim().to_string())
}

/// The vector instructions of this machine, of those that products and other loops choose from.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rounds: usize, groups: &[&str]) -> Report {
        let lines = groups.iter().map(|group| Line {
            group: (*group).to_string(),
            what: format!("measured {rounds} times"),
            shape: String::new(),
            seconds: 1.0,
            arithmetic: String::new(),
            to_bound: None,
            speedup: None,
            peer: String::new(),
        });
        let run = Facts {
            similitude: "0".to_string(),
            threads: 1,
            rounds,
            processor: String::new(),
            instructions: Vec::new(),
            gigaflops: None,
            numpy: None,
        };
        Report { run, lines: lines.collect() }
    }

    #[test]
    fn groups_that_are_not_measured_stay_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        for (rounds, groups) in [(5, ["large", "pairs"]), (7, ["large", "kernels"])] {
            let before = Page::read(folder.path()).unwrap();
            report(rounds, &groups).write(folder.path(), &before).unwrap();
        }
        let page = std::fs::read_to_string(folder.path().join("BENCHMARKS.md")).unwrap();
        let groups: Vec<&str> = page.split("\n## ").skip(1).collect();
        let found: Vec<(&str, bool)> = groups.iter().map(|group| (group.lines().next().unwrap(), group.contains("medians of 7"))).collect();
        assert_eq!(found, [("pairs", false), ("kernels", true), ("large", true)]);
        assert!(groups[0].contains("medians of 5") && groups[0].contains("measured 5 times") && !groups[2].contains("measured 5 times"));
        std::fs::write(folder.path().join("benchmarks.json"), "{}").unwrap();
        let message = Page::read(folder.path()).unwrap_err().to_string();
        assert!(message.contains("benchmarks.json: missing field `groups`"), "{message}");
    }

    /// The page of this crate is made from its numbers, and by nobody's hand.
    #[test]
    fn the_page_is_generated() {
        let page = Page::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(page.text(), include_str!("../BENCHMARKS.md"));
    }
}
