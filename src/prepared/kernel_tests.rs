//! Kernel measures in tiles, kept or not, of any width: the values of the reference path, and one
//! and the same bits.

use faer::Mat;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::error::Error;
use crate::gram::kernel_matrix::KernelStorage;
use crate::measure::Measure;
use crate::prepared::layer::Prepared;
use crate::prepared::pair::Pair;
use crate::registry;
use crate::representation::Representation;
use crate::score::Score;
use crate::undefined::Undefined;

fn kernel_measures() -> Vec<Measure> {
    let has_kernel = |measure: &Measure| measure.convention().iter().any(|(key, _)| *key == "kernel");
    let more = [
        "cka:kernel=rbf,bandwidth=fixed,sigma=1e-7",
        "cka:kernel=laplace,bandwidth=fixed,sigma=1e12,estimator=debiased",
        // The diagonal, which U-centering drops, is many orders of magnitude above what is left.
        "cka:kernel=polynomial,degree=59,estimator=debiased",
        "hsic:kernel=polynomial,degree=12,offset=3,center=no,estimator=unbiased",
    ];
    let more = more.map(|text| Measure::parse(text).unwrap());
    registry::conventions().into_iter().filter(has_kernel).chain(more).collect()
}

/// Pairs of the same examples: Gaussian, with ties, with equal examples, clusters whose distances
/// cancel, few and odd numbers of examples.
fn pairs() -> Vec<(Mat<f64>, Mat<f64>)> {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let mut pairs = Vec::new();
    for (n, p, q) in [(2, 1, 2), (3, 2, 1), (4, 1, 1), (5, 3, 7), (17, 4, 2), (30, 2, 40), (41, 5, 3)] {
        let mut gaussian = |p: usize| Mat::from_fn(n, p, |_, _| generator.sample::<f64, _>(StandardNormal));
        let (x, y, shift) = (gaussian(p), gaussian(q), gaussian(1));
        let whole = |x: &Mat<f64>| Mat::from_fn(n, x.ncols(), |i, j| x[(i, j)].round());
        let doubled = |x: &Mat<f64>| Mat::from_fn(n, x.ncols(), |i, j| x[(i / 2, j)]);
        let clusters = Mat::from_fn(n, p, |i, j| [-1.0, 3.0, 8.0][i % 3] + 1e-7 * x[(i, j)] + 1e-9 * shift[(i, 0)]);
        pairs.extend([(x.clone(), y.clone()), (whole(&x), whole(&y)), (doubled(&x), y.clone()), (clusters, y)]);
    }
    pairs
}

fn compare(measure: &Measure, x: &Mat<f64>, y: &Mat<f64>, keeping: [KernelStorage; 2]) -> Result<Score, Error> {
    let prepare = |name, matrix: &Mat<f64>, keeping| {
        Ok(Prepared::new(&Representation::from_view(name, matrix.as_ref())?, false).with_kernel_storage(keeping))
    };
    let (x, y) = (prepare("x", x, keeping[0])?, prepare("y", y, keeping[1])?);
    measure.compare_pair(&Pair::new(&x, &y)?)
}

#[test]
fn tiles_of_any_width_give_the_values_of_the_reference() {
    let (mut values, mut errors) = (0, 0);
    for (x, y) in pairs() {
        for measure in kernel_measures() {
            for width in [1, 2, 7, 16, 512] {
                for kept in [true, false] {
                    let keeping = KernelStorage { kept, width };
                    let (named_x, named_y) = (Representation::from_view("x", x.as_ref()), Representation::from_view("y", y.as_ref()));
                    match compare(&measure, &x, &y, [keeping; 2]) {
                        Ok(score) => {
                            let want = measure.reference(&named_x.unwrap(), &named_y.unwrap()).unwrap();
                            let bound = score.diagnostics.get("error_bound").unwrap();
                            // The reference errs as well.
                            assert!(
                                (score.value - want).abs() <= 2.0 * bound,
                                "{measure} {keeping:?}: {} {want}, bound {bound:e}\n{x:?}\n{y:?}",
                                score.value
                            );
                            values += 1;
                        }
                        Err(error) => {
                            // Whatever the tiles, the same error.
                            let whole = compare(&measure, &x, &y, [KernelStorage::KEPT; 2]).unwrap_err();
                            assert_eq!(error.kind(), whole.kind(), "{measure} {keeping:?}");
                            errors += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(values > 3000 && errors > 300, "{values} values, {errors} errors");
}

#[test]
fn what_is_kept_and_how_many_threads_there_are_change_no_bit() {
    let (kept, recomputed) = (KernelStorage { kept: true, width: 7 }, KernelStorage { kept: false, width: 7 });
    for (x, y) in pairs().into_iter().rev().take(8) {
        for measure in kernel_measures() {
            let want = compare(&measure, &x, &y, [kept; 2]).map_err(|error| error.kind());
            for keeping in [[recomputed; 2], [kept, recomputed], [recomputed, kept]] {
                for threads in [1, 3] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    let got = pool.install(|| compare(&measure, &x, &y, keeping)).map_err(|error| error.kind());
                    assert_eq!(got, want, "{measure} {keeping:?}, {threads} threads");
                }
            }
        }
    }
}

/// More pairs of examples than are all collected, so that the median comes from a sample; and more
/// blocks than one.
#[test]
fn many_examples_have_the_median_of_all_distances() {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let n = 700;
    let ties = Mat::from_fn(n, 1, |_, _| f64::from(generator.random_range(0..4u32)));
    let smooth = Mat::from_fn(n, 3, |_, _| generator.sample::<f64, _>(StandardNormal));
    for x in [ties, smooth] {
        let mut distances: Vec<f64> = (0..n)
            .flat_map(|j| (j + 1..n).map(move |i| (i, j)))
            .map(|(i, j)| (0..x.ncols()).map(|k| (x[(i, k)] - x[(j, k)]).powi(2)).sum::<f64>().sqrt())
            .collect();
        distances.sort_by(f64::total_cmp);
        let middle = distances.len() / 2;
        let want = f64::midpoint(distances[middle - 1 + distances.len() % 2], distances[middle]);
        for keeping in [KernelStorage::KEPT, KernelStorage::RECOMPUTED, KernelStorage { kept: false, width: 100 }] {
            let score = compare(&Measure::parse("cka:kernel=rbf").unwrap(), &x, &x, [keeping; 2]).unwrap();
            let got = score.diagnostics.get("bandwidth_x").unwrap();
            assert!((got / want - 1.0).abs() < 1e-13, "{got:?}, not {want:?}");
            assert!((score.value - 1.0).abs() < 1e-15);
        }
    }
}

#[test]
fn bandwidths_by_hand() {
    // Points 0, 1, 3, 7 on a line: distances 1 3 7 2 6 4, sorted 1 2 3 4 6 7; all 16 squared: 0 x4,
    // 1 1 4 4 9 9 16 16 36 36 49 49, the middle two 4 and 9.
    let x = Mat::from_fn(4, 1, |row, _| [0.0, 1.0, 3.0, 7.0][row]);
    for (rule, want) in [("median", 3.5), ("lower-median", 3.0), ("demo", 6.5f64.sqrt())] {
        let measure = Measure::parse(&format!("cka:kernel=rbf,bandwidth={rule},fraction=2")).unwrap();
        for keeping in [KernelStorage::KEPT, KernelStorage::RECOMPUTED, KernelStorage { kept: false, width: 2 }] {
            let got = compare(&measure, &x, &x, [keeping; 2]).unwrap().diagnostics.get("bandwidth_x").unwrap();
            assert!((got / (2.0 * want) - 1.0).abs() < 1e-14, "{rule}, {keeping:?}: {got:?}");
        }
    }
}

#[test]
fn examples_are_near_zero_beside_the_largest_entry_not_beside_the_offset() {
    // About a mean of 9/16 the entries are +-9/64 and +-2 eps, all exact: 2 eps are 8 eps of the
    // 1/4 that the largest entry stands below.
    let x = |small: f64| Mat::from_fn(4, 1, |row, _| 0.5625 + [0.140_625, -0.140_625, small, -small][row]);
    let cosine = Measure::parse("cka:kernel=cosine").unwrap();
    let with = |small: f64| compare(&cosine, &x(small), &x(small), [KernelStorage::KEPT; 2]);
    assert_eq!(with(2.0 * f64::EPSILON).unwrap().value, 1.0);
    assert!(matches!(with(f64::EPSILON).unwrap_err().cause(), Error::ZeroExample { row: 2, .. }));
}

/// The bound is of each entry's own size: an example far from all others is in the diagonal alone,
/// which U-centering drops.
#[test]
fn a_diagonal_that_is_dropped_does_not_widen_the_bound() {
    let measure = Measure::parse("cka:kernel=polynomial,degree=20,offset=0,estimator=debiased").unwrap();
    let far = |by: f64| {
        Mat::from_fn(12, 3, |row, column| {
            [0.3, -1.1, 0.7, 1.9][(row + 2 * column + row * column) % 4] * if row == 0 && column == 0 { by } else { 1.0 }
        })
    };
    let other = Mat::from_fn(12, 2, |row, column| [0.4, -0.9, 1.3, 0.2, -1.7][(3 * row + 2 * column + row * row) % 5]);
    let near = compare(&measure, &far(1.0), &other, [KernelStorage::KEPT; 2]).unwrap();
    let gone = compare(&measure, &far(40.0), &other, [KernelStorage::KEPT; 2]).unwrap();
    let bound = |score: &Score| score.diagnostics.get("error_bound").unwrap();
    assert!(bound(&gone) < 100.0 * bound(&near), "{} beside {}", bound(&gone), bound(&near));
}

#[test]
fn a_bandwidth_of_which_nothing_is_left_is_refused_by_both_paths() {
    let x = Mat::from_fn(6, 2, |row, column| [0.0, 1.0, 3.0, 7.0, 12.0, 20.0][row] + 0.1 * column as f64);
    for rule in ["median,fraction=1e-8", "fixed,sigma=1e-7"] {
        for text in
            [format!("cka:kernel=rbf,bandwidth={rule},estimator=debiased"), format!("hsic:kernel=rbf,bandwidth={rule},estimator=unbiased")]
        {
            let measure = Measure::parse(&text).unwrap();
            let error = compare(&measure, &x, &x, [KernelStorage::KEPT; 2]).unwrap_err();
            assert!(matches!(error.cause(), Error::NarrowBandwidth(narrow) if narrow.logarithm > 1e12), "{error}");
            let named = Representation::from_view("x", x.as_ref()).unwrap();
            assert_eq!(measure.reference(&named, &named), Err(Undefined::NarrowBandwidth), "{text}");
        }
    }
}

/// Two examples whose centered entries are an eps apart, or the same, beside a bandwidth as small
/// as what they differ by: the slope of the kernel there says nothing of what its value may be off.
#[test]
fn examples_that_centering_moves_apart_have_a_bound_all_the_same() {
    let (sigma, step) = (2e-17, 0.1f64.next_up() - 0.1);
    let measure = Measure::parse(&format!("cka:kernel=rbf,bandwidth=fixed,sigma={sigma}")).unwrap();
    let inner = |a: &Mat<f64>, b: &Mat<f64>| (0..40).map(|j| (0..40).map(|i| a[(i, j)] * b[(i, j)]).sum::<f64>()).sum::<f64>();
    let centered = |of: &Mat<f64>| {
        let kernel = Mat::from_fn(40, 40, |i, j| (-0.5 * ((of[(i, 0)] - of[(j, 0)]) / sigma).powi(2)).exp());
        let mean = |i: usize| (0..40).map(|j| kernel[(i, j)]).sum::<f64>() / 40.0;
        let all = (0..40).map(mean).sum::<f64>() / 40.0;
        Mat::from_fn(40, 40, |i, j| kernel[(i, j)] - mean(i) - mean(j) + all)
    };
    let y = Mat::from_fn(40, 1, |row, _| row as f64);
    let mut most = 0.0f64;
    for place in 0..40 {
        // Rows that are not tried for differences that centering spoils.
        let near = |row: usize| [12, 33].iter().position(|&other| other == row).map(|which| (place + which) as f64);
        let x = Mat::from_fn(40, 1, |row, _| near(row).map_or(-2.0 - row as f64 / 64.0, |place| 0.1 + place * step));
        let score = compare(&measure, &x, &y, [KernelStorage::KEPT; 2]).unwrap();
        let (k, l) = (centered(&x), centered(&y));
        let exact = inner(&k, &l) / (inner(&k, &k) * inner(&l, &l)).sqrt();
        let off = (score.value - exact).abs();
        assert!(off <= score.diagnostics.get("error_bound").unwrap(), "{place}: {} beside {exact}: {score:?}", score.value);
        most = most.max(off);
    }
    assert!(most > 1e-3, "{most:e}: none was moved apart");
}
