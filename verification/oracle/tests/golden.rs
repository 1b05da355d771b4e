//! Published tables: the enclosures must agree with values computed elsewhere at 60 digits and
//! printed to 40.

use similitude_oracle::measures::{cca, procrustes};
use similitude_oracle::{Matrix, evaluate, read_csv};

const VALUES: &str = include_str!("golden/values.json");

/// Keys of the file and the measure each is.
const MEASURES: [(&str, &str); 22] = [
    ("cka_linear", "cka"),
    ("cka_linear_debiased", "cka:estimator=debiased"),
    ("cca_rho", "cca"),
    ("cca_r2", "cca:summary=r2"),
    ("pwcca_weights_x", "pwcca:weights=x"),
    ("pwcca_weights_y", "pwcca:weights=y"),
    ("linear_regression_y_from_x", "linear-regression:direction=y-from-x"),
    ("linear_regression_x_from_y", "linear-regression"),
    ("procrustes_similarity", "procrustes:form=similarity"),
    ("procrustes_squared_distance", "procrustes:form=squared"),
    ("procrustes_angle", "procrustes:form=angle"),
    ("procrustes_disparity", "procrustes:form=disparity"),
    ("cka_rbf_fraction_0.5", "cka:kernel=rbf,fraction=0.5"),
    ("cka_rbf_fraction_0.5_demo_bandwidth", "cka:kernel=rbf,fraction=0.5,bandwidth=demo"),
    ("cka_rbf_fraction_1", "cka:kernel=rbf"),
    ("cka_rbf_fraction_1_demo_bandwidth", "cka:kernel=rbf,bandwidth=demo"),
    ("distance_correlation", "distance-correlation"),
    ("distance_correlation_bias_corrected", "distance-correlation:estimator=corrected"),
    ("rsa_euclidean_pearson", "rsa:rdm=euclidean,compare=pearson"),
    // Everything kept: SVCCA is CCA; kappa zero: canonical ridge is R^2 of CCA.
    ("cca_rho", "svcca:threshold=1"),
    ("cca_r2", "svcca:summary=r2,threshold=1"),
    ("cca_r2", "canonical-ridge:kappa-x=0,kappa-y=0"),
];

/// The tables in hundredths. The published values belong to the decimals as printed; no f64 is
/// 29.35, but 2935 is one, and every measure here ignores the common factor (the size-and-shape
/// distance has its square).
fn tables(name: &str) -> (Matrix, Matrix) {
    let read = |side: &str| {
        let path = format!("{}/tests/golden/{name}_{side}.csv", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let hundredths: Vec<String> =
            text.lines().skip(1).map(|line| line.split(',').map(in_hundredths).collect::<Vec<_>>().join(",")).collect();
        read_csv(&hundredths.join("\n")).unwrap()
    };
    (read("x"), read("y"))
}

fn in_hundredths(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    assert!(fraction.len() <= 2, "{decimal} has more than two decimals");
    format!("{whole}{fraction:0<2}")
}

/// A decimal times 10^4, by moving its point.
fn ten_thousandfold(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap();
    let (moved, rest) = fraction.split_at(4);
    format!("{whole}{moved}.{rest}")
}

#[test]
fn every_published_value_agrees_to_its_last_digit() {
    let all: serde_json::Value = serde_json::from_str(VALUES).unwrap();
    for (name, values) in all.as_object().unwrap() {
        let (x, y) = tables(name);
        let values = values.as_object().unwrap();
        for (key, spec) in MEASURES {
            let value = evaluate(spec, &x, &y).unwrap();
            let published = values[key].as_str().unwrap();
            assert!(value.enclosure.agrees_with_decimal(published), "{name} {spec}: {} against {published}", value.enclosure);
        }
        let size_and_shape = procrustes::size_and_shape(&x, &y).unwrap().enclosure;
        let published = ten_thousandfold(values["size_and_shape_squared"].as_str().unwrap());
        assert!(size_and_shape.agrees_with_decimal(&published), "{name} size and shape {size_and_shape} against {published}");
        let correlations = cca::canonical_correlations(&x, &y, true).unwrap();
        let published = values["canonical_correlations"].as_array().unwrap();
        assert_eq!(correlations.len(), published.len());
        for (rho, published) in correlations.iter().zip(published) {
            assert!(rho.agrees_with_decimal(published.as_str().unwrap()), "{name} {rho}");
        }
        for key in values.keys() {
            let is_measure = MEASURES.iter().any(|(name, _)| name == key);
            let is_other = ["shape_n_p1_p2", "size_and_shape_squared", "canonical_correlations"].contains(&key.as_str());
            assert!(is_measure || is_other, "{key} is not tested");
        }
    }
}

#[test]
fn the_sum_of_squares_of_linnerud_is_its_published_fraction() {
    let (x, y) = tables("linnerud");
    let pillai = cca::pillai_trace(&x, &y).unwrap();
    assert!(pillai.exact);
    assert_eq!(pillai.enclosure.lo().to_string(), "1106776719930659722345/1631255543130188277528");
}
