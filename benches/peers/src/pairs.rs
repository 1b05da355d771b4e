//! Two representations.

use faer::{Mat, MatRef};
use similitude::{Measure, Representation};
use similitude_benches::activations;

use crate::medians::Medians;
use crate::npy;
use crate::report::Report;
use crate::timing::{rate, seconds_of};
use crate::{Failure, Run};

/// Operations of n, p and q, and the same in words.
type Operations = (fn(f64, f64, f64) -> f64, &'static str);

/// A measure, the operations it cannot do without and the numpy function for it.
struct Case {
    measure: &'static str,
    operations: Option<Operations>,
    peer: Option<&'static str>,
}

/// numpy is asked where the products of linear CKA are no more than this.
/// Its decompositions of larger matrices take minutes.
const LARGEST_OF_NUMPY: f64 = 3e10;

const LINEAR: Operations = (|n, p, q| n * (2.0 * p * q + p * p + q * q), "n (2pq + p^2 + q^2)");
const CASES: [Case; 7] = [
    Case { measure: "cka", operations: Some(LINEAR), peer: Some("linear_cka") },
    Case {
        measure: "procrustes:form=squared",
        operations: Some((|n, p, q| 2.0 * n * p * q + 8.0 / 3.0 * p * q * p.min(q), "2npq + 8/3 pq min(p, q)")),
        peer: Some("procrustes"),
    },
    Case {
        measure: "cca:summary=r2",
        operations: Some((|n, p, q| n * (2.0 * p * q + 3.0 * p * p + 3.0 * q * q), "n (2pq + 3p^2 + 3q^2)")),
        peer: Some("mean_squared_correlation"),
    },
    Case {
        measure: "linear-regression",
        operations: Some((|n, p, q| n * (2.0 * p * q + 3.0 * q * q), "n (2pq + 3q^2)")),
        peer: Some("regression"),
    },
    Case { measure: "cca:summary=rho", operations: None, peer: Some("mean_correlation") },
    Case { measure: "svcca", operations: None, peer: Some("svcca") },
    Case { measure: "pwcca:weights=x", operations: None, peer: Some("pwcca") },
];

/// Two representations in memory, and as files for numpy.
pub struct Data {
    n: usize,
    p: usize,
    values: [Vec<f64>; 2],
    files: tempfile::TempDir,
}

impl Data {
    pub fn new(n: usize, p: usize, with_files: bool) -> Result<Self, Failure> {
        let values = [activations(1, n, p), activations(2, n, p)];
        let files = tempfile::tempdir()?;
        if with_files {
            for (values, name) in values.iter().zip(["x.npy", "y.npy"]) {
                npy::write(&files.path().join(name), n, p, values)?;
            }
        }
        Ok(Self { n, p, values, files })
    }

    pub fn representations(&self) -> Result<[Representation<'_>; 2], similitude::Error> {
        let side = |name: &'static str, index: usize| Representation::from_row_major(name, self.n, self.p, self.values[index].as_slice());
        Ok([side("x", 0)?, side("y", 1)?])
    }

    pub fn columns(&self) -> [Mat<f64>; 2] {
        [0, 1].map(|index| MatRef::from_row_major_slice(&self.values[index], self.n, self.p).to_owned())
    }

    /// A comparison, a product, and numpy's function if there is one.
    fn medians(&self, run: &mut Run, measure: &Measure, rate: impl Fn() -> f64, peer: Option<&str>) -> Result<Medians, Failure> {
        let [x, y] = self.representations()?;
        let ours = || Ok(seconds_of(|| measure.compare(&x, &y).map(|score| score.value))?);
        Medians::of(run, ours, rate, |run| run.numpy(peer, measure, self.files.path()))
    }

    pub fn shape(&self) -> String {
        format!("n = {}, p = q = {}", self.n, self.p)
    }
}

/// All measures of two representations, row-major as files and NumPy have them.
pub fn all(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    for (n, p) in [(2000, 512), (10_000, 512), (10_000, 2048), (50_000, 1024), (2000, 20_000)] {
        let wide = p > n;
        let with_peer = !wide && LINEAR.0(n as f64, p as f64, p as f64) <= LARGEST_OF_NUMPY;
        let data = Data::new(n, p, run.peer.is_some() && with_peer)?;
        for case in &CASES {
            let (measure, nf, pf) = (Measure::parse(case.measure)?, n as f64, p as f64);
            if (wide && case.measure != "cka") || (case.operations.is_none() && nf * pf * pf > 3e9) {
                continue;
            }
            let (operations, words) = match case.operations {
                _ if wide => (Some(2.0 * nf * nf * pf), "n^2 (p + q)"),
                Some((operations, words)) => (Some(operations(nf, pf, pf)), words),
                None => (None, ""),
            };
            if operations.is_some_and(|operations| operations > run.largest) {
                continue;
            }
            let [x, y] = data.columns();
            let product = || if wide { rate(x.transpose(), y.transpose()) } else { rate(x.as_ref(), y.as_ref()) };
            let medians = data.medians(run, &measure, product, case.peer.filter(|_| with_peer))?;
            report.add(medians.line("pairs", format!("`{}`", case.measure), data.shape(), operations, words, "numpy"));
        }
    }
    Ok(())
}

/// Linear CKA of representations whose columns are contiguous, beside the same ones row-major.
pub fn column_major(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let (n, p) = (10_000, 512);
    let (data, measure) = (Data::new(n, p, false)?, Measure::parse("cka")?);
    let [x, y] = data.columns();
    let columns = [Representation::from_view("x", x.as_ref())?, Representation::from_view("y", y.as_ref())?];
    let rows = data.representations()?;
    let time = |[x, y]: &[Representation<'_>; 2]| Ok(seconds_of(|| measure.compare(x, y).map(|score| score.value))?);
    let medians = Medians::of(run, || time(&columns), || rate(x.as_ref(), y.as_ref()), |_| time(&rows).map(Some))?;
    let operations = LINEAR.0(n as f64, p as f64, p as f64);
    report.add(medians.line("pairs", "`cka`, column-major".to_string(), data.shape(), Some(operations), LINEAR.1, "row-major"));
    Ok(())
}

/// Kernel measures.
pub fn kernels(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    for (n, p) in [(2000, 512), (5000, 512), (10_000, 512)] {
        let data = Data::new(n, p, run.peer.is_some())?;
        let measure = Measure::parse("cka:kernel=rbf")?;
        let operations = 2.0 * (n * n) as f64 * p as f64;
        if operations > run.largest {
            continue;
        }
        let [x, y] = data.columns();
        let medians = data.medians(run, &measure, || rate(x.transpose(), y.transpose()), Some("rbf_cka"))?;
        let (what, words) = ("`cka:kernel=rbf`".to_string(), "n^2 (p + q), products alone");
        report.add(medians.line("kernels", what, data.shape(), Some(operations), words, "numpy"));
    }
    Ok(())
}
