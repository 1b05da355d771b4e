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
use crate::timing::{rate, seconds_of};
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
        Ok(seconds_of(|| sweep.run())?)
    }

    /// Operations of linear CKA: of all pairs, and of each layer with itself.
    fn operations(&self) -> f64 {
        let (n, p, layers) = (self.n as f64, self.p as f64, self.layers as f64);
        (layers * layers + layers) * 2.0 * n * p * p
    }

    fn report(&self, run: &mut Run, report: &mut Report, group: &'static str, limit: (u64, &str)) -> Result<(), Failure> {
        let [x, y] = [1, 1001]
            .map(|seed| -> Mat<f64> { MatRef::from_row_major_slice(&activations(seed, self.n, self.p), self.n, self.p).to_owned() });
        let rate = || rate(x.as_ref(), y.as_ref());
        let in_memory = |_: &mut Run| self.seconds(None).map(Some);
        let medians = Medians::of(run, || self.seconds(Some(limit.0)), rate, in_memory)?;
        let shape = format!("{0} x {0} layers in files, n = {1}, p = {2}", self.layers, self.n, self.p);
        let operations = Some(self.operations());
        let words = "L^2 2np^2 + 2L np^2";
        let streamed = format!("`cka`, streamed in {}", limit.1);
        report.add(medians.other(group, "`cka`, in memory".to_string(), shape.clone(), operations, words));
        report.add(medians.line(group, streamed, shape, operations, words, "in memory"));
        Ok(())
    }
}

/// Networks of some layers.
pub fn streamed(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let files = Files::new(20_000, 512, 10)?;
    if files.operations() <= run.largest {
        files.report(run, report, "files", (1 << 30, "1 GiB"))?;
    }
    Ok(())
}

/// Networks of many layers.
pub fn large(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let files = Files::new(10_000, 512, 50)?;
    files.report(run, report, "large", (2 << 30, "2 GiB"))
}
