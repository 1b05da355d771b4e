//! The fast path against the reference path, for every convention, on drawn matrices of every kind,
//! plain and awkward.

mod common;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use proptest::test_runner::{TestCaseError, TestError};
use similitude::laws::{Family, Subject};
use similitude::{Measure, registry};

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
        common::agree(&fast, &reference, minimum, &case).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => None,
        Err(TestError::Fail(reason, case)) => Some(format!("{measure}: on {case}: {reason}")),
        Err(TestError::Abort(reason)) => Some(format!("{measure}: aborted: {reason}")),
    }
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
