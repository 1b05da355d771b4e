//! `verification calibration`: whether p-values are what they say, whether intervals hold what they
//! say, and what is found. Writes CALIBRATION.md.

mod draws;
mod page;

use std::path::PathBuf;
use std::process::ExitCode;

use rayon::prelude::*;
use similitude::inference::{Error, Permutations, Resamples, Resampling, analytic, exact_null, jackknife, permutation_null, resample};
use similitude::{Measure, Representation};

use draws::{Tails, dependent, independent};

/// Command line.
#[derive(clap::Args)]
pub struct Arguments {
    /// Independent pairs for each line of p-values, and pairs for each line of coverage.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pairs: usize,
    /// Permutations, and resamples, for each pair.
    #[arg(long, value_name = "N", default_value_t = 199)]
    draws: usize,
    /// Where the page is written.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/CALIBRATION.md"))]
    output: PathBuf,
}

/// Why the page cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A null or an interval has no value on what was drawn.
    #[error(transparent)]
    Inference(#[from] Error),
    /// A name that is no measure, or a matrix that is no representation.
    #[error(transparent)]
    Measure(#[from] similitude::Error),
    /// The file.
    #[error("{}: {source}", file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// P-values of independent pairs.
pub struct Uniform {
    measure: String,
    n: usize,
    p: usize,
    tails: Tails,
    /// By drawn permutations, or by the curve of the exact moments.
    way: &'static str,
    values: Vec<f64>,
}

/// Intervals for a value that is known.
pub struct Coverage {
    measure: String,
    n: usize,
    method: &'static str,
    held: usize,
    pairs: usize,
    /// Mean width of an interval.
    width: f64,
}

/// How often a dependence is found at the 5 % level.
pub struct Power {
    measure: String,
    share: f64,
    found: usize,
    pairs: usize,
}

/// The level of the intervals.
const LEVEL: f64 = 0.9;

/// Groups that the jackknife leaves out one after the other.
const GROUPS: usize = 50;

/// Runs everything and writes the page.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let uniform = uniform(arguments)?;
    let coverage = coverage(arguments)?;
    let power = power(arguments)?;
    let text = page::write(arguments.pairs, arguments.draws, &uniform, &coverage, &power);
    std::fs::write(&arguments.output, text).map_err(|source| Failure::Write { file: arguments.output.clone(), source })?;
    println!("wrote {}", arguments.output.display());
    Ok(ExitCode::SUCCESS)
}

fn uniform(arguments: &Arguments) -> Result<Vec<Uniform>, Failure> {
    let shapes = [(20, 5, Tails::Normal), (50, 10, Tails::Heavy), (20, 60, Tails::Normal), (30, 80, Tails::Heavy)];
    let mut lines = Vec::new();
    for text in [
        "cka",
        "cka:estimator=debiased",
        "cka:kernel=rbf",
        "distance-correlation:estimator=corrected",
        "rsa:rdm=euclidean,compare=spearman",
        "mutual-knn:k=5",
        "procrustes",
    ] {
        let measure = Measure::parse(text)?;
        for (n, p, tails) in shapes {
            let both = |number: usize| -> Result<(f64, Option<f64>), Failure> {
                let [x, y] = independent(n, p, tails, number as u64)?;
                let drawn = permutation_null(&measure, &x, &y, &Permutations::new(arguments.draws, number as u64))?.p();
                match exact_null(&measure, &x, &y) {
                    Ok(null) => Ok((drawn, Some(null.p()))),
                    Err(Error::NotAnInnerProduct { .. }) => Ok((drawn, None)),
                    Err(error) => Err(error.into()),
                }
            };
            let values: Vec<(f64, Option<f64>)> = (0..arguments.pairs).into_par_iter().map(both).collect::<Result<_, Failure>>()?;
            let line = |way, values: Vec<f64>| Uniform { measure: text.to_string(), n, p, tails, way, values };
            lines.push(line("drawn", values.iter().map(|(drawn, _)| *drawn).collect()));
            let curve: Vec<f64> = values.iter().filter_map(|(_, curve)| *curve).collect();
            if !curve.is_empty() {
                lines.push(line("exact", curve));
            }
            eprintln!("{text}, {n} x {p}: p-values");
        }
    }
    Ok(lines)
}

/// What an interval of each method is on one pair.
fn intervals(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    draws: usize,
    seed: u64,
) -> Result<Vec<(&'static str, [f64; 2])>, Failure> {
    let resamples = |resampling| Resamples::new(draws, seed).by(resampling);
    let halves = resample(measure, x, y, &resamples(Resampling::Halves))?.interval(LEVEL)?;
    let bootstrap = resample(measure, x, y, &resamples(Resampling::Bootstrap))?;
    let jackknifed = jackknife(measure, x, y, Some(GROUPS), seed)?;
    let mut found = vec![halves, bootstrap.interval(LEVEL)?, jackknifed.interval(LEVEL)?];
    // Where all bootstrap values are on one side of the value, there is none.
    match bootstrap.bca(LEVEL, &jackknifed) {
        Ok(interval) => found.push(interval),
        Err(Error::OneSided { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    match analytic(measure, x, y) {
        Ok(analytic) => found.push(analytic.interval(LEVEL)?),
        Err(Error::NotUnbiased { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(found.into_iter().map(|interval| (interval.method, [interval.lo, interval.hi])).collect())
}

fn coverage(arguments: &Arguments) -> Result<Vec<Coverage>, Failure> {
    let mut lines = Vec::new();
    for text in ["cka", "cka:estimator=debiased", "linear-regression", "cca:summary=r2"] {
        let measure = Measure::parse(text)?;
        for n in [100, 500, 2000] {
            let one = |number: usize| {
                let share = 0.7;
                let ([x, y], known) = dependent(n, share, number as u64)?;
                Ok((intervals(&measure, &x, &y, arguments.draws, number as u64)?, known))
            };
            let all = (0..arguments.pairs).into_par_iter().map(one).collect::<Result<Vec<_>, Failure>>()?;
            for method in ["halves", "percentile", "bca", "jackknife", "analytic"] {
                let of_method = |(found, known): &(Vec<(&'static str, [f64; 2])>, f64)| {
                    found.iter().find(|(other, _)| *other == method).map(|(_, [lo, hi])| (*lo <= *known && *known <= *hi, hi - lo))
                };
                let found: Vec<(bool, f64)> = all.iter().filter_map(of_method).collect();
                if found.is_empty() {
                    continue;
                }
                let width = found.iter().map(|(_, width)| width).sum::<f64>() / found.len() as f64;
                let held = found.iter().filter(|(held, _)| *held).count();
                lines.push(Coverage { measure: text.to_string(), n, method, held, pairs: arguments.pairs, width });
            }
            eprintln!("{text}, n = {n}: intervals");
        }
    }
    Ok(lines)
}

fn power(arguments: &Arguments) -> Result<Vec<Power>, Failure> {
    let mut lines = Vec::new();
    for text in ["cka", "cka:kernel=rbf", "distance-correlation", "cca:summary=r2"] {
        let measure = Measure::parse(text)?;
        for share in [0.0, 0.1, 0.2, 0.3, 0.5] {
            let reject = |number: usize| -> Result<bool, Failure> {
                let ([x, y], _) = dependent(100, share, number as u64)?;
                Ok(exact_null(&measure, &x, &y)?.p() <= 0.05)
            };
            let found = (0..arguments.pairs).into_par_iter().map(reject).collect::<Result<Vec<bool>, Failure>>()?;
            let found = found.into_iter().filter(|found| *found).count();
            lines.push(Power { measure: text.to_string(), share, found, pairs: arguments.pairs });
        }
    }
    Ok(lines)
}
