//! Sweeps over networks in files: in memory, and streamed where they may not take as much.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;

use faer::{Mat, MatRef};
use similitude::Measure;
use similitude::io::{Network, TensorValues, write_safetensors};
use similitude::sweep::{StoredLayers, Sweep};
use similitude_benches::activations;

use crate::medians::Medians;
use crate::report::Report;
use crate::sweeps::{linear, seconds_of_sweep};
use crate::timing::rate;
use crate::{Failure, Run};

/// Two networks of equal layers as `.safetensors` files in f32.
/// The system has them in its cache once they are written.
struct Files {
    folder: tempfile::TempDir,
    n: usize,
    p: usize,
    layers: usize,
}

impl Files {
    fn new(n: usize, p: usize, layers: usize) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let (shape, names): (_, Vec<String>) = ([n, p], (1..=layers).map(|layer| format!("layer{layer}")).collect());
        for (network, first) in [("a", 1), ("b", 1001)] {
            let values: Vec<Vec<f32>> =
                (first..).take(layers).map(|seed| activations(seed, n, p).into_iter().map(|value| value as f32).collect()).collect();
            let tensors: Vec<_> =
                names.iter().zip(&values).map(|(name, values)| (name.as_str(), &shape[..], TensorValues::F32(values))).collect();
            write_safetensors(Self::path(folder.path(), network), &tensors)?;
        }
        Ok(Self { folder, n, p, layers })
    }

    fn path(folder: &Path, network: &str) -> std::path::PathBuf {
        folder.join(network).with_extension("safetensors")
    }

    /// Seconds of one sweep, reading included, after a look at the sweep.
    fn seconds(&self, measure: &str, memory: Option<u64>, look: impl Fn(&Sweep<'_>) -> Result<(), Failure>) -> Result<f64, Failure> {
        let open = |network| Network::open(Self::path(self.folder.path(), network), None).map(|network| StoredLayers::new(network, None));
        let (a, b) = (open("a")?, open("b")?);
        let sweep = Sweep::new(&a, Some(&b), vec![Measure::parse(measure)?]).with_memory(memory);
        look(&sweep)?;
        seconds_of_sweep(&sweep)
    }

    /// The same by linear CKA; asks that it streams where it has a limit of memory.
    fn linear(&self, memory: Option<u64>) -> Result<f64, Failure> {
        self.seconds("cka", memory, |sweep| match memory.is_some() && sweep.check_memory(&BTreeSet::new()).is_ok() {
            true => Err("the sweep fits into the memory that it may take, and does not stream".into()),
            false => Ok(()),
        })
    }

    /// The first layer of each network.
    fn columns(&self) -> [Mat<f64>; 2] {
        [1, 1001].map(|seed| MatRef::from_row_major_slice(&activations(seed, self.n, self.p), self.n, self.p).to_owned())
    }

    /// Both ways to sweep.
    fn report(&self, run: &mut Run, report: &mut Report, group: &'static str, (limit, words): (u64, &str)) -> Result<(), Failure> {
        let [x, y] = self.columns();
        let medians = Medians::of(run, || self.linear(Some(limit)), || rate(x.as_ref(), y.as_ref()), |_| self.linear(None).map(Some))?;
        let shape = format!("{0} x {0} layers in files, n = {1}, p = {2}", self.layers, self.n, self.p);
        let (operations, arithmetic) = (Some(linear(self.n as f64, self.p as f64, self.layers as f64)), "L^2 2np^2 + 2L np^2");
        report.add(medians.other(group, "`cka`, in memory".to_string(), shape.clone(), operations, arithmetic));
        report.add(medians.line(group, format!("`cka`, streamed in {words}"), shape, operations, arithmetic, "in memory"));
        Ok(())
    }
}

/// Networks of some layers (`files`) and of many (`large`), streamed in less memory than they need.
pub fn streamed(run: &mut Run, report: &mut Report, group: &'static str) -> Result<(), Failure> {
    let (n, p, layers, limit) = match group {
        "large" => (10_000, 512, 50, (2 << 30, "2 GiB")),
        _ => (20_000, 512, 10, (1 << 30, "1 GiB")),
    };
    if linear(n as f64, p as f64, layers as f64) > run.largest {
        return Ok(());
    }
    Files::new(n, p, layers)?.report(run, report, group, limit)
}

/// Kernel matrices that memory is too short for.
pub fn kernels(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let (n, p, limit) = (50_000, 512, 4 << 30);
    let operations = 2.0 * (n * n) as f64 * p as f64;
    if operations > run.largest {
        return Ok(());
    }
    let files = Files::new(n, p, 1)?;
    let [x, y] = files.columns().map(|columns| columns.get(..10_000, ..).to_owned());
    let most = Cell::new(0);
    let ours = || {
        forget_the_most()?;
        let seconds = files.seconds("cka:kernel=rbf", Some(limit), |_| Ok(()))?;
        most.set(most.get().max(held_at_most()?));
        Ok(seconds)
    };
    let medians = Medians::of(run, ours, || rate(x.transpose(), y.transpose()), |_| Ok(None))?;
    let what = format!("`cka:kernel=rbf` under `--memory 4G`: {:.1} GB at most", most.get() as f64 / 1e9);
    let shape = format!("1 x 1 layers in files, n = {n}, p = {p}");
    report.add(medians.line("memory", what, shape, Some(operations), "n^2 (p + q), products alone", ""));
    Ok(())
}

/// Lets the system forget how much memory this process has held at most.
fn forget_the_most() -> Result<(), Failure> {
    std::fs::write("/proc/self/clear_refs", "5").map_err(|error| format!("/proc/self/clear_refs: {error}").into())
}

/// How many bytes this process has held at most since then.
fn held_at_most() -> Result<u64, Failure> {
    high_water("self").ok_or_else(|| "/proc/self/status has no VmHWM".into())
}

/// How many bytes a process, by its number, has held at most, where the system says so (Linux).
pub fn high_water(process: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.map(|kibibytes| kibibytes * 1024)
}
