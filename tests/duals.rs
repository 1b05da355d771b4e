//! The fast path against the reference path, for every convention, on drawn matrices of every kind,
//! plain and awkward, and on pairs that are deficient up to rounding.
//!
//! Each answers for itself: that one refuses where the other has a value is a failure, unless the
//! oracle says that the data stand within a factor of two of the cut that decides it.

mod common;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use proptest::test_runner::{TestCaseError, TestError};
use similitude::laws::{Deficient, Family, Matrix, Subject};
use similitude::{Measure, registry};
use similitude_oracle::{OracleError, RankRule};

const CASES: u32 = 200;

fn try_all(id: &str) {
    let conventions = registry::conventions().into_iter().filter(|measure| measure.spec().id == id);
    let failures: Vec<String> = conventions.filter_map(|measure| disagreement(&measure)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn disagreement(measure: &Measure) -> Option<String> {
    let (fast, reference) = (Subject::fast(measure), Subject::reference(measure));
    let minimum = measure.properties().minimum_examples;
    let outcome = common::runner(file!(), &measure.to_string(), CASES).run(&common::cases(&[Family::Plain, Family::Awkward]), |case| {
        let (x, y) = case.draw(minimum, &mut case.generator());
        agree(measure, &fast, &reference, &x.matrix, &y.matrix).map_err(TestCaseError::fail)
    });
    let deficient = Deficient::ALL.iter().flat_map(|kind| (0..3).map(move |seed| (kind, seed)));
    let mut deficient = deficient.filter_map(|(kind, seed)| {
        let (x, y) = kind.draw(seed);
        agree(measure, &fast, &reference, &x, &y).err().map(|message| format!("{measure}: on {kind}, seed {seed}: {message}"))
    });
    match outcome {
        Ok(()) => deficient.next(),
        Err(TestError::Fail(reason, case)) => Some(format!("{measure}: on {case}: {reason}")),
        Err(TestError::Abort(reason)) => Some(format!("{measure}: aborted: {reason}")),
    }
}

fn agree(measure: &Measure, fast: &Subject<'_>, reference: &Subject<'_>, x: &Matrix, y: &Matrix) -> Result<(), String> {
    common::agree_on(fast, reference, x, y).or_else(|message| if is_in_doubt(measure, x, y) { Ok(()) } else { Err(message) })
}

/// Whether rounding may decide a rank, a tie or a threshold of these data either way.
fn is_in_doubt(measure: &Measure, x: &Matrix, y: &Matrix) -> bool {
    let matrix = |m: &Matrix| similitude_oracle::Matrix::from_row_major(m.n, m.p, &m.values);
    let oracle = || {
        let oracle: similitude_oracle::Measure = measure.to_string().parse()?;
        oracle.with_rank_rule(RankRule::Numerical { epsilon: f64::EPSILON }).evaluate(&matrix(x)?, &matrix(y)?)
    };
    matches!(oracle(), Err(OracleError::Doubtful { .. }))
}

fn main() -> ExitCode {
    let trial = |entry: &'static registry::Entry| {
        Trial::test(entry.spec.id, || {
            try_all(entry.spec.id);
            Ok(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), registry::REGISTRY.iter().map(trial).collect()).exit_code()
}
