//! All layers of one network with all layers of another.

use faer::{Mat, MatRef};
use similitude::sweep::{LayersInMemory, Sweep};
use similitude::{Measure, Representation};
use similitude_benches::activations;

use crate::medians::Medians;
use crate::npy;
use crate::report::Report;
use crate::timing::{rate, seconds_of};
use crate::{Failure, Run};

/// Of n, p and the number of layers of each network (every product once), and the same in words.
pub type Operations = (fn(f64, f64, f64) -> f64, &'static str);

pub const LINEAR: Operations = (linear, "L^2 2np^2 + 2L np^2");
pub const CROSS: Operations = (|n, p, layers| layers * layers * 2.0 * n * p * p, "L^2 2np^2");
pub const CORRELATIONS: Operations = (|n, p, layers| (layers * layers + 3.0 * layers) * 2.0 * n * p * p, "L^2 2np^2 + 2L 3np^2");
pub const REGRESSION: Operations = (|n, p, layers| (layers * layers + 1.5 * layers) * 2.0 * n * p * p, "L^2 2np^2 + L 3np^2");

/// A measure, its operations, and the numpy function for one pair.
const CASES: [(&str, Operations, Option<&str>); 4] = [
    ("cka", LINEAR, Some("linear_cka")),
    ("hsic", CROSS, Some("linear_hsic")),
    ("cca:summary=r2", CORRELATIONS, Some("mean_squared_correlation")),
    ("linear-regression", REGRESSION, Some("regression")),
];

/// The paper's indexes, its three RBF bandwidths included.
const PAPER: [&str; 11] = [
    "cca:summary=rho",
    "cca:summary=r2",
    "svcca:summary=rho",
    "svcca:summary=r2",
    "pwcca",
    "linear-regression",
    "hsic",
    "cka",
    "cka:kernel=rbf,fraction=0.2",
    "cka:kernel=rbf,fraction=0.4",
    "cka:kernel=rbf,fraction=0.8",
];

/// Operations of linear CKA: of all pairs, and of each layer with itself.
pub fn linear(n: f64, p: f64, layers: f64) -> f64 {
    (layers * layers + layers) * 2.0 * n * p * p
}

/// The arithmetic of the paper's eleven indexes, each by itself.
fn eleven(n: f64, p: f64, layers: f64) -> f64 {
    let (pairs, both, decomposition) = (layers * layers, 2.0 * layers, 8.0 / 3.0 * p * p * p);
    let correlations = pairs * 2.0 * n * p * p + both * 3.0 * n * p * p;
    let with_decompositions = |count: f64| correlations + count * decomposition;
    let kernel = both * n * n * p + pairs * 2.0 * n * n;
    // CCA (rho and R2), SVCCA (rho and R2) and PWCCA: the correlations of a pair, and the singular
    // vectors of each layer for the latter three.
    [pairs, pairs + both, both, pairs + both].into_iter().map(with_decompositions).sum::<f64>() + correlations
        // Linear regression, HSIC and CKA.
        + pairs * 2.0 * n * p * p + layers * 3.0 * n * p * p + pairs * 2.0 * n * p * p + linear(n, p, layers)
        + 3.0 * kernel
}

/// Seconds of a sweep in which every cell has a value.
pub fn seconds_of_sweep(sweep: &Sweep<'_>) -> Result<f64, Failure> {
    let mut failures = 0;
    let seconds = seconds_of(|| sweep.run().map(|scores| failures = scores.failures()))?;
    if failures > 0 {
        return Err(format!("{failures} cells have no value").into());
    }
    Ok(seconds)
}

/// Two networks with layers of the same widths.
pub struct Networks {
    n: usize,
    widths: Vec<usize>,
    values: [Vec<Vec<f64>>; 2],
}

impl Networks {
    pub fn new(n: usize, widths: Vec<usize>) -> Self {
        let network = |first: u64| (first..).zip(&widths).map(|(seed, &p)| activations(seed, n, p)).collect();
        let values = [network(1), network(1001)];
        Self { n, widths, values }
    }

    fn layers(&self) -> usize {
        self.values[0].len()
    }

    fn network(&self, which: usize) -> Result<LayersInMemory<'_>, similitude::Error> {
        let name = ["A", "B"][which];
        let representations: Result<Vec<_>, _> = self.values[which]
            .iter()
            .enumerate()
            .zip(&self.widths)
            .map(|((index, values), &p)| Representation::from_row_major(format!("{name}{index}"), self.n, p, values.as_slice()))
            .collect();
        Ok(LayersInMemory::new(name, representations?))
    }

    /// Seconds of one sweep.
    pub fn seconds(&self, measures: &[Measure]) -> Result<f64, Failure> {
        let (a, b) = (self.network(0)?, self.network(1)?);
        seconds_of_sweep(&Sweep::new(&a, Some(&b), measures.to_vec()))
    }

    /// Two layers to multiply: those at this place.
    pub fn columns(&self, layer: usize) -> [Mat<f64>; 2] {
        [0, 1].map(|which| MatRef::from_row_major_slice(&self.values[which][layer], self.n, self.widths[layer]).to_owned())
    }

    pub fn shape(&self) -> String {
        let (first, last) = (self.widths[0], self.widths[self.layers() - 1]);
        let p = if first == last { first.to_string() } else { self.widths.iter().map(usize::to_string).collect::<Vec<_>>().join(", ") };
        format!("{0} x {0} layers, n = {1}, p = {p}", self.layers(), self.n)
    }

    /// The first layers as x.npy and y.npy.
    pub fn files(&self) -> Result<tempfile::TempDir, Failure> {
        let files = tempfile::tempdir()?;
        for (name, network) in ["x.npy", "y.npy"].iter().zip(&self.values) {
            npy::write(&files.path().join(name), self.n, self.widths[0], &network[0])?;
        }
        Ok(files)
    }
}

/// All sweeps.
pub fn all(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let (n, p, layers) = (10_000, 512, 10);
    if linear(n as f64, p as f64, layers as f64) <= run.largest {
        let networks = Networks::new(n, vec![p; layers]);
        let ([x, y], files) = (networks.columns(0), networks.files()?);
        for (text, (operations, words), peer) in &CASES {
            let measure = Measure::parse(text)?;
            let ours = || networks.seconds(std::slice::from_ref(&measure));
            // One pair, as many times as there are.
            let theirs = |run: &mut Run| {
                let one = run.numpy(*peer, &measure, files.path())?;
                Ok(one.map(|seconds| seconds * (layers * layers) as f64))
            };
            let medians = Medians::of(run, ours, || rate(x.as_ref(), y.as_ref()), theirs)?;
            let operations = operations(n as f64, p as f64, layers as f64);
            report.add(medians.line("sweeps", format!("`{text}`"), networks.shape(), Some(operations), words, "numpy, pair by pair"));
        }
    }
    mixed(run, report)?;
    together(run, report)
}

/// Linear CKA of narrow, wide and convolution-sized layers.
/// Each pair is compared where that is cheaper, between neurons or between examples.
fn mixed(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let (n, widths) = (4000, vec![64, 512, 2048, 16_384]);
    let between_neurons = |p: usize, q: usize| n >= p + q;
    let mut operations = 0.0;
    for &p in &widths {
        for &q in &widths {
            operations += if between_neurons(p, q) { 2.0 * (n * p * q) as f64 } else { (n * n) as f64 };
        }
        // The self-terms, each kind where a pair needs it, of both networks.
        let kinds = |between: bool| widths.iter().any(|&q| between_neurons(p, q) == between);
        operations += 2.0 * (if kinds(true) { (n * p * p) as f64 } else { 0.0 } + if kinds(false) { (n * n * p) as f64 } else { 0.0 });
    }
    if operations > run.largest {
        return Ok(());
    }
    let networks = Networks::new(n, widths);
    let [x, y] = networks.columns(2);
    let measures = [Measure::parse("cka")?];
    let medians = Medians::of(run, || networks.seconds(&measures), || rate(x.as_ref(), y.as_ref()), |_| Ok(None))?;
    let words = "2npq, or n^2 and once n^2 p where p + q > n";
    report.add(medians.line("sweeps", "`cka`".to_string(), networks.shape(), Some(operations), words, ""));
    Ok(())
}

/// Eleven indexes in one sweep, against eleven sweeps.
fn together(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let networks = Networks::new(2000, vec![512; 5]);
    let measures = PAPER.iter().map(|text| Measure::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let one_by_one = |_: &mut Run| {
        let seconds: Result<Vec<f64>, Failure> = measures.iter().map(|measure| networks.seconds(std::slice::from_ref(measure))).collect();
        Ok(Some(seconds?.iter().sum()))
    };
    let [x, y] = networks.columns(0);
    let medians = Medians::of(run, || networks.seconds(&measures), || rate(x.as_ref(), y.as_ref()), one_by_one)?;
    let what = "the paper's eleven indexes at once".to_string();
    let operations = eleven(networks.n as f64, networks.widths[0] as f64, networks.layers() as f64);
    let words = "the eleven bounds added up: products as for each alone; 8/3 p^3 for each decomposition of p x p; \
                 n^2 p for each kernel matrix, 2n^2 for each pair of them";
    report.add(medians.line("sweeps", what, networks.shape(), Some(operations), words, "one sweep for each index"));
    Ok(())
}
