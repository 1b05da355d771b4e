//! The worst pairs, kept with their entries so that they outlive the generator.

use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use similitude::Measure;
use similitude::laws::Matrix;
use similitude_oracle::Enclosure;

use super::Trial;
use super::error::{Error, read_json, write_json};
use super::inputs::Input;
use super::judge::{Answers, Exact, Verdict, answers, decimal, verdict};
use super::table::share;

/// A pair that was the worst of a measure and path.
#[derive(Serialize, Deserialize)]
struct Regression {
    /// The measure with every key.
    measure: String,
    /// The path on which it was the worst.
    path: String,
    /// How it was drawn, with its seed.
    input: String,
    /// It exceeds what is granted and still waits for its cure: said aloud, but no failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    open: bool,
    /// The exact value lies between these.
    exact: [String; 2],
    /// Examples.
    n: usize,
    /// X, row-major.
    x: Vec<f64>,
    /// Y, row-major.
    y: Vec<f64>,
}

/// Adds the worst pair of every measure and path, and every pair above what is granted. Those kept
/// before stay.
pub fn keep(file: &Path, measures: &[Measure], inputs: &[Input], trials: &[Trial]) -> Result<(), Error> {
    let mut kept: Vec<Regression> = if file.exists() { read_json(file)? } else { Vec::new() };
    for path in ["fast", "reference"] {
        let mut ids: Vec<&str> = measures.iter().map(|measure| measure.spec().id).collect();
        ids.dedup();
        for id in ids {
            let own = trials.iter().filter(|trial| measures[trial.measure].spec().id == id);
            let mut shares: Vec<(f64, &Trial)> = own.filter_map(|trial| Some((share(trial, path)?, trial))).collect();
            shares.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            let above = shares.iter().take_while(|(share, _)| *share > 1.0).count().max(1);
            for (share, trial) in shares.iter().take(above) {
                let (measure, pair) = (measures[trial.measure].to_string(), &inputs[trial.input]);
                let known = |kept: &Regression| kept.measure == measure && kept.path == path && kept.input == pair.description;
                let Exact::Value(enclosure) = &trial.exact else { continue };
                if kept.iter().any(known) {
                    continue;
                }
                kept.push(Regression {
                    measure,
                    path: path.to_string(),
                    input: pair.description.clone(),
                    open: *share > 1.0,
                    exact: [enclosure.lo_decimal(), enclosure.hi_decimal()],
                    n: pair.x.n,
                    x: pair.x.values.clone(),
                    y: pair.y.values.clone(),
                });
            }
        }
    }
    // A pair that was mended is no worst one any more, so those kept before are looked up.
    for regression in &mut kept {
        let own = |trial: &&Trial| {
            measures[trial.measure].to_string() == regression.measure && inputs[trial.input].description == regression.input
        };
        if let Some(share) = trials.iter().find(own).and_then(|trial| share(trial, &regression.path)) {
            regression.open = share > 1.0;
        }
    }
    write_json(file, &kept)
}

/// Tests both paths on every pair kept; the status is a failure when an error exceeds what is
/// granted.
pub fn check(file: &Path) -> Result<ExitCode, Error> {
    let kept: Vec<Regression> = read_json(file)?;
    let mut failures = 0;
    for regression in &kept {
        let measure = Measure::parse(&regression.measure)?;
        let matrix = |values: &[f64]| Matrix { n: regression.n, p: values.len() / regression.n, values: values.to_vec() };
        let Answers { fast, reference, plain_bound } = answers(&measure, &matrix(&regression.x), &matrix(&regression.y))?;
        let fast_bound = fast.as_ref().map_or(0.0, |answer| answer.bound);
        let paths = [
            ("fast", fast.as_ref().map(|answer| answer.value), fast_bound),
            ("reference", reference.as_ref().copied(), plain_bound.unwrap_or(0.0)),
        ];
        let [lo, hi] = &regression.exact;
        let (lo, hi) = (decimal(lo)?, decimal(hi)?);
        let exact = Exact::Value(Enclosure::exact((lo + hi) / dashu_ratio::RBig::from(2u8)));
        for (path, answer, granted) in paths {
            let verdict = verdict(&exact, answer);
            if !matches!(verdict, Verdict::Off(error) if error <= granted) {
                failures += usize::from(!(regression.open && path == regression.path));
                let open = if regression.open { "open: " } else { "" };
                println!("{open}{} ({path}) on {}: {verdict:?}, granted {granted:e}", regression.measure, regression.input);
            }
        }
    }
    println!("{} regressions, {failures} failures", kept.len());
    Ok(if failures == 0 && !kept.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
