//! All layers of one network with all layers of another.

use faer::{Mat, MatRef};
use similitude::sweep::{LayersInMemory, Sweep};
use similitude::{Measure, Representation};

use crate::Run;
use crate::data::activations;
use crate::report::{Line, Report};
use crate::timing::{median, rate, seconds};

type Failure = Box<dyn std::error::Error>;

/// A measure and its operations (of n, p, the number of layers of each network): every product once.
type Case = (&'static str, fn(f64, f64, f64) -> f64, &'static str);

const CASES: [Case; 4] = [
    ("cka", linear, "L^2 2np^2 + 2L np^2"),
    ("hsic", |n, p, layers| layers * layers * 2.0 * n * p * p, "L^2 2np^2"),
    ("cca:summary=r2", |n, p, layers| (layers * layers + 3.0 * layers) * 2.0 * n * p * p, "L^2 2np^2 + 2L 3np^2"),
    ("linear-regression", |n, p, layers| (layers * layers + 1.5 * layers) * 2.0 * n * p * p, "L^2 2np^2 + L 3np^2"),
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

fn linear(n: f64, p: f64, layers: f64) -> f64 {
    (layers * layers + layers) * 2.0 * n * p * p
}

/// Two networks of as many layers, all of one width.
struct Networks {
    n: usize,
    p: usize,
    values: [Vec<Vec<f64>>; 2],
}

impl Networks {
    fn new(n: usize, p: usize, layers: usize) -> Self {
        let network = |first: u64| (0..layers as u64).map(|layer| activations(first + layer, n, p)).collect();
        Self { n, p, values: [network(1), network(1001)] }
    }

    fn layers(&self) -> usize {
        self.values[0].len()
    }

    fn network(&self, which: usize) -> Result<LayersInMemory<'_>, similitude::Error> {
        let name = ["A", "B"][which];
        let representations: Result<Vec<_>, _> = self.values[which]
            .iter()
            .enumerate()
            .map(|(index, values)| Representation::from_row_major(format!("{name}{index}"), self.n, self.p, values.as_slice()))
            .collect();
        Ok(LayersInMemory::new(name, representations?))
    }

    /// Seconds of one sweep.
    fn seconds(&self, measures: &[Measure]) -> Result<f64, Failure> {
        let (a, b) = (self.network(0)?, self.network(1)?);
        let sweep = Sweep::new(&a, Some(&b), measures.to_vec());
        let mut failures = 0;
        let seconds = seconds(|| sweep.run().map(|scores| failures = scores.failures()));
        if failures > 0 {
            return Err(format!("{failures} cells have no value").into());
        }
        Ok(seconds)
    }

    fn columns(&self) -> [Mat<f64>; 2] {
        [0, 1].map(|which| MatRef::from_row_major_slice(&self.values[which][0], self.n, self.p).to_owned())
    }

    fn shape(&self) -> String {
        format!("{0} x {0} layers, n = {1}, p = {2}", self.layers(), self.n, self.p)
    }
}

/// All sweeps.
pub fn all(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    for (n, p, layers) in [(10_000, 512, 10), (10_000, 512, 50)] {
        if linear(n as f64, p as f64, layers as f64) > run.largest {
            continue;
        }
        let networks = Networks::new(n, p, layers);
        let columns = networks.columns();
        for (text, operations, words) in if layers > 10 { &CASES[..1] } else { &CASES[..] } {
            let measures = [Measure::parse(text)?];
            let (mut ours, mut rates) = (Vec::new(), Vec::new());
            for _ in 0..run.rounds {
                ours.push(networks.seconds(&measures)?);
                rates.push(rate(columns[0].as_ref(), columns[1].as_ref()));
            }
            let ours = median(ours);
            let bound = operations(n as f64, p as f64, layers as f64) / median(rates);
            report.add(line(format!("`{text}`"), &networks, ours, words, Some(ours / bound), None, ""));
        }
    }
    together(run, report)
}

/// Eleven indexes in one sweep, against eleven sweeps.
fn together(run: &Run, report: &mut Report) -> Result<(), Failure> {
    let networks = Networks::new(2000, 512, 5);
    let measures = PAPER.iter().map(|text| Measure::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let (mut all, mut one_by_one) = (Vec::new(), Vec::new());
    for _ in 0..run.rounds {
        all.push(networks.seconds(&measures)?);
        let mut sum = 0.0;
        for measure in &measures {
            sum += networks.seconds(std::slice::from_ref(measure))?;
        }
        one_by_one.push(sum);
    }
    let all = median(all);
    let what = "the paper's eleven indexes at once".to_string();
    report.add(line(what, &networks, all, "", None, Some(median(one_by_one) / all), "one sweep for each index"));
    Ok(())
}

fn line(what: String, networks: &Networks, seconds: f64, words: &str, to_bound: Option<f64>, speedup: Option<f64>, peer: &str) -> Line {
    Line {
        group: "sweeps",
        what,
        shape: networks.shape(),
        seconds,
        arithmetic: words.to_string(),
        to_bound,
        speedup,
        peer: peer.to_string(),
    }
}
