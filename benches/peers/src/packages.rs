//! A sweep, beside packages that are asked for one pair after the other.

use similitude::Measure;

use crate::medians::Medians;
use crate::peer::Peer;
use crate::report::Report;
use crate::sweeps::{CORRELATIONS, CROSS, LINEAR, Networks, Operations, REGRESSION};
use crate::timing::rate;
use crate::{Failure, Run};

const PROCRUSTES: Operations = (|n, p, layers| layers * layers * (2.0 * n * p * p + 8.0 / 3.0 * p * p * p), "L^2 (2np^2 + 8/3 p^3)");

/// A measure, its operations, and a package's adapter and function.
const CASES: [(&str, Operations, &str, &str); 6] = [
    ("cka", LINEAR, "hyppo_independence.py", "RV"),
    ("cka:estimator=debiased", LINEAR, "pytorch_cka_package.py", "cka_from_features"),
    ("hsic", CROSS, "repsim_package.py", "hsic_linear"),
    ("cca:summary=r2", CORRELATIONS, "statsmodels_cancorr.py", "CanCorr_squared"),
    ("linear-regression", REGRESSION, "scikit_learn.py", "LinearRegression"),
    ("procrustes:form=squared", PROCRUSTES, "qc_procrustes.py", "orthogonal"),
];

/// Every measure, where there is a Python to ask.
pub fn all(run: &mut Run, report: &mut Report) -> Result<(), Failure> {
    let Some(python) = run.python.clone() else { return Ok(()) };
    let (n, p, layers) = (2000, 512, 10);
    let networks = Networks::new(n, vec![p; layers]);
    let ([x, y], files) = (networks.columns(0), networks.files()?);
    let [x_file, y_file] = ["x.npy", "y.npy"].map(|name| files.path().join(name));
    for (text, (operations, words), adapter, function) in &CASES {
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
