//! Layers wider than their examples, through the program, beside numpy's Gram formulas.
//!
//! Files go in and scores come out.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use faer::Mat;
use similitude_benches::activations;

use crate::files::high_water;
use crate::medians::Medians;
use crate::npy;
use crate::report::Report;
use crate::timing::rate;
use crate::{Failure, Run};

/// One case: widths of the layers of both networks, the measure as the program and as numpy call
/// it, and the memory that the program may take.
struct Case {
    n: usize,
    a: Vec<usize>,
    b: Vec<usize>,
    measure: &'static str,
    numpy: &'static str,
    memory: Option<&'static str>,
}

/// Widths as convolutional networks have them: channels times places.
fn mixed(layers: usize) -> Vec<usize> {
    let stages = [38_400, 25_344, 16_384, 9600, 6336, 4096, 2400, 1152, 512];
    (0..layers).map(|layer| stages[layer * stages.len() / layers]).collect()
}

fn cases() -> Vec<Case> {
    let pair = |n, p, q, measure, numpy| Case { n, a: vec![p], b: vec![q], measure, numpy, memory: None };
    vec![
        pair(500, 25_344, 32_768, "cka", "cka"),
        pair(500, 16_000, 16_000, "cka:kernel=rbf", "rbf"),
        pair(500, 16_000, 16_000, "procrustes", "procrustes"),
        pair(500, 8000, 8000, "procrustes", "procrustes"),
        pair(4000, 16_384, 16_384, "cka", "cka"),
        Case { n: 500, a: mixed(37), b: mixed(28), measure: "cka", numpy: "pairs", memory: None },
        Case { memory: Some("2G"), ..pair(1000, 802_816, 802_816, "cka", "") },
    ]
}

/// All cases; numpy's where there is one.
pub fn all(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let program = std::env::current_exe()?.with_file_name("similitude");
    if !program.exists() {
        return Err(format!("{}: build the program first: cargo build --release", program.display()).into());
    }
    for case in cases() {
        case.report(run, report, &program)?;
    }
    Ok(())
}

impl Case {
    fn report(&self, run: &mut Run, report: &mut Report, program: &Path) -> Result<(), Failure> {
        let operations = (self.n * self.n) as f64 * self.a.iter().chain(&self.b).sum::<usize>() as f64;
        if operations > run.largest {
            return Ok(());
        }
        let folder = tempfile::tempdir()?;
        let (a, b) = (self.write(&folder.path().join("a"), &self.a, 1)?, self.write(&folder.path().join("b"), &self.b, 1001)?);
        let square = Mat::<f64>::from_fn(2000, 2000, |row, column| ((row * 31 + column * 17) as f64).sin());
        let most = Cell::new(0);
        let ours = || {
            let mut command = Command::new(program);
            let networks = if self.a.len() == 1 { [a[0].clone(), b[0].clone()] } else { ["a", "b"].map(|name| folder.path().join(name)) };
            command.arg(if self.a.len() == 1 { "compare" } else { "sweep" }).args(networks);
            command.args(["-m", self.measure, "--format", "csv", "--threads", &run.threads.to_string()]);
            command.args(self.memory.iter().flat_map(|memory| ["--memory", memory]));
            let (seconds, bytes) = watched(&mut command)?;
            most.set(bytes.max(most.get()));
            Ok(seconds)
        };
        let numpy = |run: &mut Run| self.numpy(run, &a, &b);
        let (threads, rounds, largest, python) = (run.threads, run.rounds, run.largest, run.python.clone());
        let mut own = Run { rounds, largest, python, threads, peer: None };
        let medians = Medians::of(&mut own, ours, || rate(square.as_ref(), square.as_ref()), numpy)?;
        let under =
            self.memory.map_or(String::new(), |memory| format!(" under `--memory {memory}`: {:.2} GB at most", most.get() as f64 / 1e9));
        let shape = match (&self.a[..], &self.b[..]) {
            ([p], [q]) if p == q => format!("n = {}, p = {p}, from .npy in f32", self.n),
            ([p], [q]) => format!("n = {}, p = {p} and {q}, from .npy in f32", self.n),
            (a, b) => format!("{} x {} layers, n = {}, p = 512 to 38400, from .npy in f32", a.len(), b.len(), self.n),
        };
        let peer = if self.numpy == "pairs" { "numpy, pair by pair" } else { "numpy" };
        report.add(medians.line("wide", format!("`{}`{under}", self.measure), shape, Some(operations), "n^2 (p + q)", peer));
        Ok(())
    }

    /// Writes layers into a directory, in f32.
    fn write(&self, directory: &Path, widths: &[usize], seed: u64) -> Result<Vec<PathBuf>, Failure> {
        std::fs::create_dir(directory)?;
        let write = |(layer, &p): (usize, &usize)| -> Result<PathBuf, Failure> {
            let path = directory.join(format!("layer{}.npy", layer + 1));
            write_npy(&path, self.n, p, seed + layer as u64)?;
            Ok(path)
        };
        widths.iter().enumerate().map(write).collect()
    }

    /// Seconds that numpy takes, without its start.
    fn numpy(&self, run: &mut Run, a: &[PathBuf], b: &[PathBuf]) -> Result<Option<f64>, Failure> {
        let Some(python) = run.python.as_ref().filter(|_| !self.numpy.is_empty()) else { return Ok(None) };
        let joined = |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(",");
        let mut command = Command::new(python);
        for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(library, run.threads.to_string());
        }
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/gram_files.py")).args([self.numpy, &joined(a), &joined(b)]);
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().map(Some).map_err(|_| format!("gram_files.py: {text}{}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// Writes a layer as NumPy does, a row at a time: the largest would not fit beside others in f64.
fn write_npy(path: &Path, n: usize, p: usize, seed: u64) -> Result<(), Failure> {
    use std::io::Write;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(&npy::header("<f4", n, p))?;
    // One part of the neurons is drawn, and repeated at other scales.
    // To draw 800 million numbers would take longer than all the rest.
    let drawn = p.min(16_384);
    let values = activations(seed, n, drawn);
    for row in 0..n {
        let values: Vec<u8> = (0..p)
            .flat_map(|column| {
                let repeat = column / drawn;
                let value = values[((row + 7 * repeat) % n) * drawn + column % drawn] * (1.0 + 0.1 * (repeat % 7) as f64);
                (value as f32).to_le_bytes()
            })
            .collect();
        file.write_all(&values)?;
    }
    file.flush()?;
    Ok(())
}

/// Seconds that a program takes, and the bytes that it holds at most (Linux; 0 elsewhere).
fn watched(command: &mut Command) -> Result<(f64, u64), Failure> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut most = 0;
    loop {
        most = high_water(&child.id().to_string()).map_or(most, |bytes| bytes.max(most));
        if let Some(status) = child.try_wait()? {
            let seconds = start.elapsed().as_secs_f64();
            return if status.success() { Ok((seconds, most)) } else { Err(format!("{command:?}: {status}").into()) };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
