//! A sweep, beside packages that are asked for one pair after the other.

use similitude::Measure;

use crate::medians::Medians;
use crate::peer::Peer;
use crate::report::Report;
use crate::sweeps::{Networks, Operations, linear};
use crate::timing::rate;
use crate::{Failure, Run};

/// A measure, its operations (of n, p and the number of layers of each network), the same in words, and a package's adapter and function.
type Case = (&'static str, Operations, &'static str, &'static str, &'static str);

const CASES: [Case; 6] = [
    ("cka", linear, "L^2 2np^2 + 2L np^2", "hyppo_independence.py", "RV"),
    ("cka:estimator=debiased", linear, "L^2 2np^2 + 2L np^2", "pytorch_cka_package.py", "cka_from_features"),
    ("hsic", |n, p, layers| layers * layers * 2.0 * n * p * p, "L^2 2np^2", "repsim_package.py", "hsic_linear"),
    (
        "cca:summary=r2",
        |n, p, layers| (layers * layers + 3.0 * layers) * 2.0 * n * p * p,
        "L^2 2np^2 + 2L 3np^2",
        "statsmodels_cancorr.py",
        "CanCorr_squared",
    ),
    (
        "linear-regression",
        |n, p, layers| (layers * layers + 1.5 * layers) * 2.0 * n * p * p,
        "L^2 2np^2 + L 3np^2",
        "scikit_learn.py",
        "LinearRegression",
    ),
    (
        "procrustes:form=squared",
        |n, p, layers| layers * layers * (2.0 * n * p * p + 8.0 / 3.0 * p * p * p),
        "L^2 (2np^2 + 8/3 p^3)",
        "qc_procrustes.py",
        "orthogonal",
    ),
];

/// Every measure, where there is a Python to ask.
pub fn all(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let Some(python) = run.python.clone() else { return Ok(()) };
    let (n, p, layers) = (2000, 512, 10);
    let networks = Networks::new(n, vec![p; layers]);
    let ([x, y], files) = (networks.columns(0), networks.files()?);
    let [x_file, y_file] = ["x.npy", "y.npy"].map(|name| files.path().join(name));
    for (text, operations, words, adapter, function) in &CASES {
        let measure = Measure::parse(text)?;
        let ours = || networks.seconds(std::slice::from_ref(&measure));
        let package = std::cell::RefCell::new(Peer::start(&python, adapter, run.threads)?);
        // What it loads lazily is not counted.
        package.borrow_mut().seconds(function, &measure.to_string(), &x_file, &y_file)?;
        // One pair, as many times as there are.
        let theirs = |_: &mut Run| {
            let seconds = package.borrow_mut().seconds(function, &measure.to_string(), &x_file, &y_file)?;
            Ok(Some(seconds * (layers * layers) as f64))
        };
        let medians = Medians::of(run, ours, || rate(x.as_ref(), y.as_ref()), theirs)?;
        let operations = operations(n as f64, p as f64, layers as f64);
        let peer = format!("{} `{function}`, pair by pair", package.borrow().name());
        report.add(medians.line("packages", format!("`{text}`"), networks.shape(), Some(operations), words, &peer));
    }
    Ok(())
}
