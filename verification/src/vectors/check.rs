//! Tests both paths of the library against the vectors.

use std::path::Path;
use std::process::ExitCode;

use similitude::io::{Source, read_representation};
use similitude::laws::Matrix;
use similitude::{ErrorKind, Measure, registry::REGISTRY};
use similitude_oracle::Enclosure;

use super::{Vector, Vectors};
use crate::accuracy::{Answers, Error, Exact, Verdict, answers, decimal, read_json, verdict};

/// The fewest vectors of a measure: two conventions, each on 24 pairs.
const FEWEST: usize = 48;

/// Reads every file and tests every vector on both paths; the status is a failure when one fails.
pub fn run(directory: &Path) -> Result<ExitCode, Error> {
    let mut failures = 0;
    for entry in REGISTRY {
        let vectors: Vectors = read_json(&directory.join(format!("{}.json", entry.spec.id)))?;
        let mut failed = Vec::new();
        for vector in &vectors.cases {
            failed.extend(complaints(directory, vector)?.iter().map(|complaint| describe(vector, complaint)));
        }
        if vectors.cases.len() < FEWEST {
            failed.push(format!("{}: {} vectors, at least {FEWEST} expected", vectors.measure, vectors.cases.len()));
        }
        println!("{}: {} vectors, {} complaints", vectors.measure, vectors.cases.len(), failed.len());
        failed.iter().for_each(|text| println!("  {text}"));
        failures += failed.len();
    }
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(vector: &Vector, complaint: &str) -> String {
    format!("{} on {} and {}: {complaint}", vector.convention, vector.x, vector.y)
}

fn read(directory: &Path, file: &str) -> Result<Matrix, Error> {
    let representation = read_representation(&Source::from_parts(directory.join(file), None), None)?;
    Ok(Matrix { n: representation.n(), p: representation.p(), values: representation.to_row_major() })
}

/// What is wrong with the library's answers to a vector.
fn complaints(directory: &Path, vector: &Vector) -> Result<Vec<String>, Error> {
    let measure = Measure::parse(&vector.convention)?;
    let Answers { fast, reference, plain_bound } = answers(&measure, &read(directory, &vector.x)?, &read(directory, &vector.y)?)?;
    let (expected, radius) = expected(vector)?;
    let paths = [
        ("fast", fast.as_ref().map(|answer| answer.value), fast.as_ref().map_or(0.0, |answer| answer.bound)),
        ("reference", reference.as_ref().copied(), plain_bound.unwrap_or(0.0)),
    ];
    let mut complaints = Vec::new();
    for (path, answer, granted) in paths {
        match verdict(&expected, answer) {
            Verdict::Off(error) if error <= granted + radius => {}
            Verdict::Off(error) => complaints.push(format!("{path} path: off by {error:e}, granted {granted:e}")),
            Verdict::BothRefuse => {}
            _ => complaints.push(format!("{path} path: {answer:?}, expected {:?} {:?}", vector.value, vector.error)),
        }
    }
    Ok(complaints)
}

/// The exact value and its radius.
fn expected(vector: &Vector) -> Result<(Exact, f64), Error> {
    let broken = || Error::Decimal { text: format!("{:?} +- {:?}, {:?}", vector.value, vector.radius, vector.error) };
    match (&vector.value, &vector.radius, vector.error.as_deref()) {
        (Some(value), Some(radius), None) => {
            let radius = decimal(radius)?.to_f64().value();
            Ok((Exact::Value(Enclosure::exact(decimal(value)?)), radius))
        }
        (None, None, Some("undefined")) => Ok((Exact::Refused(ErrorKind::Undefined), 0.0)),
        (None, None, Some("degenerate")) => Ok((Exact::Refused(ErrorKind::Degenerate), 0.0)),
        _ => Err(broken()),
    }
}
