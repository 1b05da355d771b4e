//! The certified R2 of the statistical reference data sets for linear regression of the US National
//! Institute of Standards and Technology.
//!
//! The data are facts published there; a digit typed wrongly would show in the last of the fifteen
//! certified ones.
#![cfg(feature = "cli")]

mod common;

use common::{assert_close, column, compare, number};
use similitude::Measure;
use similitude::laws::Matrix;

/// Certified values have fifteen digits.
const PRINTED: f64 = 5e-16;

/// R2 of y fitted from the predictors, on both paths.
fn r2_is(certified: f64, response: &Matrix, predictors: &Matrix, rank: f64, what: &str) {
    let score = compare("linear-regression", response, predictors).unwrap();
    assert_eq!(number(&score, "rank_y"), rank, "{what}");
    let bound = number(&score, "error_bound");
    assert_close(score.value, certified, bound + PRINTED, what);
    let measure = Measure::parse("linear-regression").unwrap();
    let reference = measure.reference(&common::representation("x", response), &common::representation("y", predictors)).unwrap();
    assert_close(reference, certified, 10.0 * bound + PRINTED, &format!("{what}, reference path"));
    // One response: squared CCA and the square of CKA with the fitted values are the same number.
    let cca = compare("cca:summary=r2", response, predictors).unwrap();
    assert_close(cca.value, certified, number(&cca, "error_bound") + PRINTED, &format!("{what}, as squared CCA"));
}

/// Powers 1 to `degree` of a variable.
fn powers(x: &[f64], degree: i32) -> Matrix {
    Matrix::from_fn(x.len(), degree as usize, |i, j| x[i].powi(j as i32 + 1))
}

#[test]
fn wampler() {
    let x: Vec<f64> = (0..=20).map(f64::from).collect();
    let noise = [
        759., -2048., 2048., -2048., 2523., -2048., 2048., -2048., 1838., -2048., 2048., -2048., 1838., -2048., 2048., -2048., 2523.,
        -2048., 2048., -2048., 759.,
    ];
    let response = |base: fn(f64) -> f64, size: f64| column(&x.iter().zip(noise).map(|(x, d)| base(*x) + size * d).collect::<Vec<_>>());
    let ones = |x: f64| (0..=5).map(|k| x.powi(k)).sum();
    let tenths = |x: f64| (0..=5).map(|k| (x / 10.0).powi(k)).sum();
    let predictors = powers(&x, 5);
    r2_is(1.0, &response(ones, 0.0), &predictors, 5.0, "Wampler 1");
    r2_is(1.0, &response(tenths, 0.0), &predictors, 5.0, "Wampler 2");
    r2_is(0.999995559025820, &response(ones, 1.0), &predictors, 5.0, "Wampler 3");
    r2_is(0.957478440825662, &response(ones, 100.0), &predictors, 5.0, "Wampler 4");
    r2_is(0.224668921574940e-2, &response(ones, 10000.0), &predictors, 5.0, "Wampler 5");
}

#[test]
fn longley() {
    let response =
        [60323., 61122., 60171., 61187., 63221., 63639., 64989., 63761., 66019., 67857., 68169., 66513., 68655., 69564., 69331., 70551.];
    let predictors = common::rows(&[
        [83.0, 234289., 2356., 1590., 107608., 1947.],
        [88.5, 259426., 2325., 1456., 108632., 1948.],
        [88.2, 258054., 3682., 1616., 109773., 1949.],
        [89.5, 284599., 3351., 1650., 110929., 1950.],
        [96.2, 328975., 2099., 3099., 112075., 1951.],
        [98.1, 346999., 1932., 3594., 113270., 1952.],
        [99.0, 365385., 1870., 3547., 115094., 1953.],
        [100.0, 363112., 3578., 3350., 116219., 1954.],
        [101.2, 397469., 2904., 3048., 117388., 1955.],
        [104.6, 419180., 2822., 2857., 118734., 1956.],
        [108.4, 442769., 2936., 2798., 120445., 1957.],
        [110.8, 444546., 4681., 2637., 121950., 1958.],
        [112.6, 482704., 3813., 2552., 123366., 1959.],
        [114.2, 502601., 3931., 2514., 125368., 1960.],
        [115.7, 518173., 4806., 2572., 127852., 1961.],
        [116.9, 554894., 4007., 2827., 130081., 1962.],
    ]);
    r2_is(0.995479004577296, &column(&response), &predictors, 6.0, "Longley");
}

#[test]
fn norris() {
    let pairs = [
        (0.1, 0.2),
        (338.8, 337.4),
        (118.1, 118.2),
        (888.0, 884.6),
        (9.2, 10.1),
        (228.1, 226.5),
        (668.5, 666.3),
        (998.5, 996.3),
        (449.1, 448.6),
        (778.9, 777.0),
        (559.2, 558.2),
        (0.3, 0.4),
        (0.1, 0.6),
        (778.1, 775.5),
        (668.8, 666.9),
        (339.3, 338.0),
        (448.9, 447.5),
        (10.8, 11.6),
        (557.7, 556.0),
        (228.3, 228.1),
        (998.0, 995.8),
        (888.8, 887.6),
        (119.6, 120.2),
        (0.3, 0.3),
        (0.6, 0.3),
        (557.6, 556.8),
        (339.3, 339.1),
        (888.0, 887.2),
        (998.5, 999.0),
        (778.9, 779.0),
        (10.2, 11.1),
        (117.6, 118.3),
        (228.9, 229.2),
        (668.4, 669.1),
        (449.2, 448.9),
        (0.2, 0.5),
    ];
    let (response, predictor): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    r2_is(0.999993745883712, &column(&response), &column(&predictor), 1.0, "Norris");
}

/// A polynomial of degree 10 on [-8.8, -3.1]. Its raw powers have a condition number of 1e15,
/// beyond what the relative rank tolerance lets count as ten directions; the powers of (x + 6) / 3
/// span the same space (regression does not see an invertible map of the predictors) at 1e5.
#[test]
fn filip() {
    let pairs = [
        (0.8116, -6.860120914),
        (0.9072, -4.324130045),
        (0.9052, -4.358625055),
        (0.9039, -4.358426747),
        (0.8053, -6.955852379),
        (0.8377, -6.661145254),
        (0.8667, -6.355462942),
        (0.8809, -6.118102026),
        (0.7975, -7.115148017),
        (0.8162, -6.815308569),
        (0.8515, -6.519993057),
        (0.8766, -6.204119983),
        (0.8885, -5.853871964),
        (0.8859, -6.109523091),
        (0.8959, -5.79832982),
        (0.8913, -5.482672118),
        (0.8959, -5.171791386),
        (0.8971, -4.851705903),
        (0.9021, -4.517126416),
        (0.909, -4.143573228),
        (0.9139, -3.709075441),
        (0.9199, -3.499489089),
        (0.8692, -6.300769497),
        (0.8872, -5.953504836),
        (0.89, -5.642065153),
        (0.891, -5.031376979),
        (0.8977, -4.680685696),
        (0.9035, -4.329846955),
        (0.9078, -3.928486195),
        (0.7675, -8.56735134),
        (0.7705, -8.363211311),
        (0.7713, -8.107682739),
        (0.7736, -7.823908741),
        (0.7775, -7.522878745),
        (0.7841, -7.218819279),
        (0.7971, -6.920818754),
        (0.8329, -6.628932138),
        (0.8641, -6.323946875),
        (0.8804, -5.991399828),
        (0.7668, -8.781464495),
        (0.7633, -8.663140179),
        (0.7678, -8.473531488),
        (0.7697, -8.247337057),
        (0.77, -7.971428747),
        (0.7749, -7.676129393),
        (0.7796, -7.352812702),
        (0.7897, -7.072065318),
        (0.8131, -6.774174009),
        (0.8498, -6.478861916),
        (0.8741, -6.159517513),
        (0.8061, -6.835647144),
        (0.846, -6.53165267),
        (0.8751, -6.224098421),
        (0.8856, -5.910094889),
        (0.8919, -5.598599459),
        (0.8934, -5.290645224),
        (0.894, -4.974284616),
        (0.8957, -4.64454848),
        (0.9047, -4.290560426),
        (0.9129, -3.885055584),
        (0.9209, -3.408378962),
        (0.9219, -3.13200249),
        (0.7739, -8.726767166),
        (0.7681, -8.66695597),
        (0.7665, -8.511026475),
        (0.7703, -8.165388579),
        (0.7702, -7.886056648),
        (0.7761, -7.588043762),
        (0.7809, -7.283412422),
        (0.7961, -6.995678626),
        (0.8253, -6.691862621),
        (0.8602, -6.392544977),
        (0.8809, -6.067374056),
        (0.8301, -6.684029655),
        (0.8664, -6.378719832),
        (0.8834, -6.065855188),
        (0.8898, -5.752272167),
        (0.8964, -5.132414673),
        (0.8963, -4.811352704),
        (0.9074, -4.098269308),
        (0.9119, -3.66174277),
        (0.9228, -3.2644011),
    ];
    let (response, x): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    assert_eq!(x.len(), 82);
    let turned: Vec<f64> = x.iter().map(|x| (x + 6.0) / 3.0).collect();
    r2_is(0.996727416185620, &column(&response), &powers(&turned, 10), 10.0, "Filip");
    // The raw powers say how little they can be trusted.
    let raw = compare("linear-regression", &column(&response), &powers(&x, 10)).unwrap();
    assert!((raw.value - 0.996727416185620).abs() <= number(&raw, "error_bound") || number(&raw, "rank_y") < 10.0, "{raw:?}");
}
