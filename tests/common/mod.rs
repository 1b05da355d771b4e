//! What several test files share: drawing cases with proptest, and reading representations from arrays.
#![allow(dead_code)] // Each test file is a crate of its own and uses its part.

use std::path::Path;

use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};
use similitude::laws::{Case, Family, Kind, Matrix, Relation, SCALE_LIMIT, SPARE_LIMIT, WIDTH_LIMIT};
use similitude::{Error, Measure, Representation, Score};

/// Cases of a family, which shrink to fewer examples and neurons, plainer kinds and scale 1.
pub fn cases_of(family: Family) -> impl Strategy<Value = Case> {
    let scale = || match family {
        Family::Plain => Union::new(vec![Just(0).boxed()]),
        Family::Awkward => Union::new(vec![Just(0).boxed(), (-SCALE_LIMIT..=SCALE_LIMIT).boxed()]),
    };
    let kind = || select(Kind::of(family));
    let shape = (0..=SPARE_LIMIT, 1..=WIDTH_LIMIT, 1..=WIDTH_LIMIT);
    (shape, kind(), kind(), select(Relation::of(family)), scale(), scale(), any::<u32>()).prop_map(
        move |((spare, p1, p2), x, y, relation, scale_x, scale_y, seed)| Case {
            family,
            spare,
            p1,
            p2,
            x,
            y,
            relation,
            scale_x,
            scale_y,
            seed: seed.into(),
        },
    )
}

/// Cases of any of these families.
pub fn cases(families: &[Family]) -> impl Strategy<Value = Case> + use<> {
    Union::new(families.iter().map(|&family| cases_of(family).boxed()))
}

/// A runner whose draws are the same in every run (PROPTEST_RNG_SEED and PROPTEST_CASES change that), and which first tries again whatever
/// has failed before, kept in tests/regressions.
pub fn runner(file: &'static str, name: &str, cases: u32) -> TestRunner {
    let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).expect("a test file has a name");
    let kept: &'static str = Box::leak(format!("{}/tests/regressions/{stem}.txt", env!("CARGO_MANIFEST_DIR")).into_boxed_str());
    let mut config =
        Config { failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))), source_file: Some(file), ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        config.rng_seed = RngSeed::Fixed(seed);
    }
    TestRunner::new(config)
}

/// A measure by its text.
pub fn measure(text: &str) -> Measure {
    Measure::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A matrix from rows.
pub fn rows<const P: usize>(rows: &[[f64; P]]) -> Matrix {
    Matrix { n: rows.len(), p: P, values: rows.concat() }
}

/// A matrix of one column.
pub fn column(values: &[f64]) -> Matrix {
    Matrix { n: values.len(), p: 1, values: values.to_vec() }
}

/// Columns of two matrices side by side.
pub fn beside(left: &Matrix, right: &Matrix) -> Matrix {
    Matrix::from_fn(left.n, left.p + right.p, |i, j| if j < left.p { left.at(i, j) } else { right.at(i, j - left.p) })
}

/// The fast path.
pub fn compare(text: &str, x: &Matrix, y: &Matrix) -> Result<Score, Error> {
    measure(text).compare(&representation("x", x), &representation("y", y))
}

/// The fast path, where it must have a value: the value and the bound on its error.
pub fn value(text: &str, x: &Matrix, y: &Matrix) -> (f64, f64) {
    let score = compare(text, x, y).unwrap_or_else(|error| panic!("{text}: {error}"));
    (score.value, number(&score, "error_bound"))
}

/// A diagnostic number.
pub fn number(score: &Score, name: &str) -> f64 {
    score.diagnostics.get(name).unwrap_or_else(|| panic!("{} has no diagnostic {name}", score.measure))
}

/// A matrix as a representation.
pub fn representation<'a>(name: &'a str, matrix: &'a Matrix) -> Representation<'a> {
    matrix.representation(name).unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts that two numbers are equal within a tolerance that the caller derives.
#[track_caller]
pub fn assert_close(got: f64, want: f64, tolerance: f64, what: &str) {
    let difference = (got - want).abs();
    assert!(difference <= tolerance, "{what}: {got:?}, expected {want:?}: {difference:e} apart, tolerance {tolerance:e}");
}
