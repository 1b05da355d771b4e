//! Sweeps over networks in files: in memory, and streamed where they may not take as much.

use std::collections::BTreeSet;
use std::path::Path;

use faer::{Mat, MatRef};
use similitude::Measure;
use similitude::io::{Network, TensorValues, write_safetensors};
use similitude::sweep::{StoredLayers, Sweep};

use crate::data::activations;
use crate::medians::Medians;
use crate::report::Report;
use crate::sweeps::{linear, seconds_of_sweep};
use crate::timing::rate;
use crate::{Failure, Run};

/// Two networks of equal layers as `.safetensors` files in f32, which the system has in its cache once they are written.
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

    /// Seconds of one sweep by linear CKA, reading included; asks that it streams where it has a limit of memory.
    fn seconds(&self, memory: Option<u64>) -> Result<f64, Failure> {
        let open = |network| Network::open(Self::path(self.folder.path(), network), None).map(|network| StoredLayers::new(network, None));
        let (a, b) = (open("a")?, open("b")?);
        let sweep = Sweep::new(&a, Some(&b), vec![Measure::parse("cka")?]).with_memory(memory);
        if memory.is_some() && sweep.check_memory(&BTreeSet::new()).is_ok() {
            return Err("the sweep fits into the memory that it may take, and does not stream".into());
        }
        seconds_of_sweep(&sweep)
    }

    /// Both ways to sweep.
    fn report(&self, run: &mut Run, report: &mut Report, group: &'static str, (limit, words): (u64, &str)) -> Result<(), Failure> {
        let columns = |seed| -> Mat<f64> { MatRef::from_row_major_slice(&activations(seed, self.n, self.p), self.n, self.p).to_owned() };
        let (x, y) = (columns(1), columns(1001));
        let medians = Medians::of(run, || self.seconds(Some(limit)), || rate(x.as_ref(), y.as_ref()), |_| self.seconds(None).map(Some))?;
        let shape = format!("{0} x {0} layers in files, n = {1}, p = {2}", self.layers, self.n, self.p);
        let (operations, arithmetic) = (Some(linear(self.n as f64, self.p as f64, self.layers as f64)), "L^2 2np^2 + 2L np^2");
        report.add(medians.other(group, "`cka`, in memory".to_string(), shape.clone(), operations, arithmetic));
        report.add(medians.line(group, format!("`cka`, streamed in {words}"), shape, operations, arithmetic, "in memory"));
        Ok(())
    }
}

/// Networks of some layers (`files`) and of many (`large`), streamed in less memory than they need.
pub fn all(run: &mut Run, report: &mut Report, group: &'static str) -> Result<(), Failure> {
    let (n, p, layers, limit) = match group {
        "large" => (10_000, 512, 50, (2 << 30, "2 GiB")),
        _ => (20_000, 512, 10, (1 << 30, "1 GiB")),
    };
    if linear(n as f64, p as f64, layers as f64) > run.largest {
        return Ok(());
    }
    Files::new(n, p, layers)?.report(run, report, group, limit)
}
