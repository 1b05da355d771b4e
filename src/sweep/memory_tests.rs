//! Tests of `memory.rs`.

use super::*;

fn measures(texts: &[&str]) -> Vec<Measure> {
    texts.iter().map(|text| Measure::parse(text).unwrap()).collect()
}

#[test]
fn linear_cka_of_narrow_layers_keeps_the_features_only() {
    let estimate = Estimate::new(&[(1000, 10), (1000, 20)], &measures(&["cka"]), Precision::Double, 1);
    assert_eq!(estimate.features, 8 * 1000 * 30);
    assert_eq!((estimate.kernels, estimate.kernel_matrices), (0, 0));
}

#[test]
fn features_rounded_to_single_precision_count_where_they_are_used() {
    let features = |text: &str| Estimate::new(&[(1000, 10)], &measures(&[text]), Precision::Single, 1).features;
    assert_eq!((features("cka"), features("cka:kernel=rbf")), (4 * 1000 * 10, 8 * 1000 * 10));
    // Row norms are summed in double precision.
    assert_eq!(features("cka:estimator=debiased"), (8 + 4) * 1000 * 10);
    // Features in f64, bases in both precisions, and two triangles of 10 x 10; the response of
    // a regression in f32 too.
    assert_eq!(features("cca:summary=r2"), (2 * 8 + 4) * 1000 * 10 + 8 * 2 * 10 * 10);
    assert_eq!(features("linear-regression"), 2 * (8 + 4) * 1000 * 10 + 8 * 2 * 10 * 10);
}

#[test]
fn each_kernel_is_one_matrix_a_layer() {
    let texts = ["cka:kernel=rbf,fraction=0.4", "cka:kernel=rbf,fraction=0.8", "hsic:kernel=rbf,fraction=0.8"];
    let estimate = Estimate::new(&[(100, 3), (100, 3)], &measures(&texts), Precision::Double, 1);
    assert_eq!((estimate.kernels, estimate.kernel_matrices), (4 * 100 * 100 * 8, 4));
}

#[test]
fn the_widest_layers_keep_their_kernel_matrices() {
    let (layers, measures) = ([(100, 3), (100, 5), (100, 4)], measures(&["cka:kernel=rbf"]));
    let estimate = Estimate::new(&layers, &measures, Precision::Double, 1);
    let matrix = 8 * 100 * 100;
    assert_eq!((estimate.kernels, estimate.total() - estimate.least()), (3 * matrix, 3 * matrix));
    let layers = layers.map(|layer| Layer::among(&layers, layer));
    let kept = |room: u64| kept(&layers, &measures, &estimate, estimate.least() + room);
    assert_eq!(kept(0), [false; 3]);
    assert_eq!(kept(matrix), [false, true, false]);
    assert_eq!(kept(3 * matrix - 1), [false, true, true]);
    assert_eq!(kept(3 * matrix), [true; 3]);
}

#[test]
fn shapes_that_no_memory_holds_do_not_wrap() {
    for texts in [&["cka"][..], &["cca"], &["cka:kernel=rbf"], &["svcca", "procrustes"], &["rsa"], &["soft-matching"]] {
        for shape in [(2, 1 << 31), (1 << 31, 2), (2, 1 << 61), (1 << 61, 2), (1 << 31, 1 << 31)] {
            let estimate = Estimate::new(&[shape; 2], &measures(texts), Precision::Double, 2);
            let values = 2 * 8 * shape.0 as u128 * shape.1 as u128;
            let least = u128::from(estimate.least());
            assert!(least >= values.min(u64::MAX.into()), "{texts:?} {shape:?}: {estimate:?}");
            assert!(estimate.working > PROGRAM, "{texts:?} {shape:?}: {estimate:?}");
        }
    }
}

#[test]
fn a_pair_of_fifty_thousand_examples_fits_into_four_gigabytes() {
    let estimate = Estimate::new(&[(50_000, 512); 2], &measures(&["cka:kernel=rbf"]), Precision::Double, 2);
    assert!(estimate.least() < 2 << 30 && estimate.total() > 16 << 30, "{estimate:?}");
}

#[test]
fn bases_and_uncentered_copies_count() {
    let estimate = Estimate::new(&[(100, 3)], &measures(&["cca"]), Precision::Double, 1);
    // The features, W, and two triangles of 3 x 3.
    assert_eq!(estimate.features, 8 * (300 + 300 + 2 * 9));
    let both = Estimate::new(&[(100, 3)], &measures(&["cca", "cca:center=no"]), Precision::Double, 1);
    assert_eq!(both.features, 2 * estimate.features);
}
