//! What several test files share: drawing cases with proptest, and reading representations from
//! arrays.
#![allow(dead_code)] // Each test file is a crate of its own and uses its part.

use std::path::Path;

use nalgebra::DMatrix;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use similitude::laws::{Answer, Case, Family, Generator, Kind, Matrix, Relation, SCALE_LIMIT, SPARE_LIMIT, Subject, WIDTH_LIMIT};
use similitude::{Error, Measure, Representation, Score, registry};

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

/// A runner whose draws are the same in every run (PROPTEST_RNG_SEED and PROPTEST_CASES change
/// that), and which first tries again whatever has failed before, kept in tests/regressions.
pub fn runner(file: &'static str, name: &str, cases: u32) -> TestRunner {
    let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).expect("a test file has a name");
    let kept: &'static str = Box::leak(format!("{}/tests/regressions/{stem}.txt", env!("CARGO_MANIFEST_DIR")).into_boxed_str());
    let persistence = FileFailurePersistence::Direct(kept);
    TestRunner::new(Config { failure_persistence: Some(Box::new(persistence)), source_file: Some(file), ..config(name, cases) })
}

/// The same, for what is expected to fail: nothing is kept.
pub fn forgetful_runner(name: &str, cases: u32) -> TestRunner {
    TestRunner::new(config(name, cases))
}

fn config(name: &str, cases: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        config.rng_seed = RngSeed::Fixed(seed);
    }
    config
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

/// The fast path, with the cause alone where there is no value.
pub fn compare(text: &str, x: &Matrix, y: &Matrix) -> Result<Score, Error> {
    measure(text).compare(&representation("x", x), &representation("y", y)).map_err(|error| error.cause().clone())
}

/// The fast path, where it must have a value: the value and the bound on its error.
pub fn value(text: &str, x: &Matrix, y: &Matrix) -> (f64, f64) {
    let score = compare(text, x, y).unwrap_or_else(|error| panic!("{text}: {error}"));
    (score.value, number(&score, "error_bound"))
}

/// Every convention, with a pair on which all of them have a value.
pub fn everywhere(test: impl Fn(&Measure, &Matrix, &Matrix)) {
    let (x, y) = pair(24, 3, 5, 11);
    registry::conventions().iter().for_each(|measure| test(measure, &x, &y));
}

/// The value of a measure and the bound on its error, or the cause alone where there is none.
pub fn try_value(measure: &Measure, x: &Matrix, y: &Matrix) -> Result<(f64, f64), Error> {
    let score = measure.compare(&representation("x", x), &representation("y", y)).map_err(|error| error.cause().clone())?;
    Ok((score.value, number(&score, "error_bound")))
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

/// Asserts of two subjects that claim to be one measure: both have a value and the values agree
/// within the sum of their bounds, or both refuse for the same kind of reason.
pub fn agree(a: &Subject<'_>, b: &Subject<'_>, minimum: usize, case: &Case) -> Result<(), String> {
    let (x, y) = case.draw(minimum, &mut case.generator());
    agree_on(a, b, &x.matrix, &y.matrix)
}

/// The same of two matrices.
pub fn agree_on(a: &Subject<'_>, b: &Subject<'_>, x: &Matrix, y: &Matrix) -> Result<(), String> {
    let (x, y) = (representation("x", x), representation("y", y));
    let beyond = |answer: &Answer| answer.value.abs() - answer.bound < f64::MIN_POSITIVE || answer.value.abs() + answer.bound > f64::MAX;
    match (a.value(&x, &y), b.value(&x, &y)) {
        (Ok(one), Ok(other)) => {
            let (difference, tolerance) = ((one.value - other.value).abs(), one.bound + other.bound);
            let message = || format!("{:?} and {:?}, {difference:e} apart, tolerance {tolerance:e}", one.value, other.value);
            if difference <= tolerance { Ok(()) } else { Err(message()) }
        }
        (Err(one), Err(other)) if one.kind == other.kind => Ok(()),
        (Err(one), Err(other)) => Err(format!("refused as {} and as {}: {}; {}", one.kind, other.kind, one.message, other.message)),
        // The exact value may be one that an f64 cannot hold.
        (Ok(answer), Err(refusal)) | (Err(refusal), Ok(answer)) if beyond(&answer) && refusal.unrepresentable => Ok(()),
        (Ok(one), Err(other)) => Err(format!("{:?}, and refused: {}", one.value, other.message)),
        (Err(one), Ok(other)) => Err(format!("refused: {}, and {:?}", one.message, other.value)),
    }
}

/// Independent standard normal entries.
pub fn gaussian(n: usize, p: usize, seed: u64) -> Matrix {
    let mut generator = Generator::seed_from_u64(seed);
    Matrix::from_fn(n, p, |_, _| StandardNormal.sample(&mut generator))
}

/// Two representations that share part of their variance, with full column rank and all canonical
/// correlations apart.
pub fn pair(n: usize, p1: usize, p2: usize, seed: u64) -> (Matrix, Matrix) {
    let (x, noise, mix) = (gaussian(n, p1, 3 * seed), gaussian(n, p2, 3 * seed + 1), gaussian(p1, p2, 3 * seed + 2));
    let mixed = x.times(&mix);
    let y = Matrix::from_fn(n, p2, |i, j| mixed.at(i, j) + noise.at(i, j));
    (x, y)
}

/// As a nalgebra matrix.
pub fn dense(matrix: &Matrix) -> DMatrix<f64> {
    DMatrix::from_row_slice(matrix.n, matrix.p, &matrix.values)
}

/// From a nalgebra matrix.
pub fn matrix(matrix: &DMatrix<f64>) -> Matrix {
    Matrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| matrix[(i, j)])
}

/// Centered columns.
pub fn centered(matrix: &Matrix) -> DMatrix<f64> {
    let mut dense = dense(matrix);
    dense.column_iter_mut().for_each(|mut column| column.add_scalar_mut(-column.mean()));
    dense
}

/// An orthonormal basis of the column space of the centered columns, which must be independent.
pub fn basis(matrix: &Matrix) -> DMatrix<f64> {
    centered(matrix).qr().q()
}

/// Entry (i, j) of the Hadamard matrix: 1 or -1. Columns 1, 2, ... of the first 2^k rows are
/// centered and orthogonal.
pub fn hadamard(i: usize, j: usize) -> f64 {
    if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 }
}
