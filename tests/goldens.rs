//! Published tables with values computed at 60 digits, and the authors' demonstration: both paths
//! against them.
#![cfg(feature = "cli")]

use approx::relative_eq;
use similitude::{Measure, Representation};

/// Values of `values.json` that no measure here computes, or that are not measures.
const OTHERS: &[&str] = &["shape_n_p1_p2", "canonical_correlations", "size_and_shape_squared"];

/// A JSON object of `tests/golden`.
fn object(file: &str) -> serde_json::Map<String, serde_json::Value> {
    let path = format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn golden(file: &str) -> Representation<'static> {
    let path = format!("{}/tests/golden/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let rows: Vec<Vec<f64>> =
        reader.records().map(|record| record.unwrap().iter().map(|field| field.trim().parse().unwrap()).collect()).collect();
    let (n, p) = (rows.len(), rows[0].len());
    Representation::from_row_major(file.to_string(), n, p, rows.concat()).unwrap()
}

fn check(what: &str, got: f64, want: f64, bound: f64) {
    assert!(
        relative_eq!(got, want, epsilon = 0.0, max_relative = bound),
        "{what}: got {got:?}, want {want:?}, relative error {:e}",
        (got - want).abs() / want.abs()
    );
}

#[test]
fn published_tables() {
    let (values, measures) = (object("values.json"), object("measures.json"));
    assert_eq!(values.len(), 3);
    for (name, table) in &values {
        let (x, y) = (golden(&format!("{name}_x")), golden(&format!("{name}_y")));
        for (key, value) in table.as_object().unwrap() {
            if OTHERS.contains(&key.as_str()) {
                continue;
            }
            let text = measures.get(key).and_then(serde_json::Value::as_str).unwrap_or_else(|| panic!("{key}: no measure is named for it"));
            let measure = Measure::parse(text).unwrap();
            let want: f64 = value.as_str().unwrap().parse().unwrap();
            let score = measure.compare(&x, &y).unwrap();
            // Well conditioned tables (the life cycle savings have condition 600): relative 1e-13
            // is asked for.
            check(&format!("{name} {measure}, fast"), score.value, want, 1e-13);
            assert!((score.value - want).abs() <= score.diagnostics.get("error_bound").unwrap() + want.abs() * f64::EPSILON);
            check(&format!("{name} {measure}, reference"), measure.reference(&x, &y).unwrap(), want, 1e-13);
        }
        let correlations = &Measure::parse("cca").unwrap().compare(&x, &y).unwrap().diagnostics.0["correlations"];
        let similitude::Diagnostic::Numbers(correlations) = correlations else { panic!("correlations are numbers") };
        for (got, want) in correlations.iter().zip(table["canonical_correlations"].as_array().unwrap()) {
            check(&format!("{name} correlation"), *got, want.as_str().unwrap().parse().unwrap(), 1e-13);
        }
    }
}

/// The oracle's package must be testable alone, so it has copies.
#[test]
fn the_oracle_tests_the_same_tables() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let tables = ["jobs", "lifecycle", "linnerud"].iter().flat_map(|name| ["x", "y"].map(|side| format!("{name}_{side}.csv")));
    for file in tables.chain(["values.json".to_string()]) {
        let [here, there] = ["tests/golden", "verification/oracle/tests/golden"].map(|folder| root.join(folder).join(&file));
        assert!(std::fs::read(here).unwrap() == std::fs::read(there).unwrap(), "{file}");
    }
}

/// The sum of squared canonical correlations of the fitness club is a known rational number.
#[test]
fn linnerud_pillai_is_rational() {
    let score = Measure::parse("cca:summary=r2").unwrap().compare(&golden("linnerud_x"), &golden("linnerud_y")).unwrap();
    let want = 1106776719930659722345.0 / 1631255543130188277528.0;
    check("Pillai's trace", score.diagnostics.get("pillai").unwrap(), want, 1e-14);
}

/// Y = X cos t + Z sin t with X and Z orthogonal columns: every correlation is cos t, and 1 - cos t
/// keeps its digits however small t is.
#[test]
fn correlations_near_one_keep_their_distance_from_one() {
    // Columns of the 8 x 8 Hadamard matrix: orthogonal and centered.
    let hadamard = |row: usize, column: usize| if (row & column).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
    for t in [1e-3f64, 1e-6, 1e-9] {
        // tan t on the second part, so that both parts are exact in f64: the correlation is
        // cos(atan(t)).
        let x: Vec<f64> = (0..8).flat_map(|row| [hadamard(row, 1), hadamard(row, 2)]).collect();
        let y: Vec<f64> =
            (0..8).flat_map(|row| [hadamard(row, 1) + t * hadamard(row, 4), hadamard(row, 2) + t * hadamard(row, 5)]).collect();
        let (x, y) = (Representation::from_row_major("x", 8, 2, x).unwrap(), Representation::from_row_major("y", 8, 2, y).unwrap());
        let score = Measure::parse("cca").unwrap().compare(&x, &y).unwrap();
        let similitude::Diagnostic::Numbers(complements) = &score.diagnostics.0["one_minus_correlations"] else { panic!("numbers") };
        // 1 - 1/sqrt(1 + t^2) = t^2 / (s (1 + s)), s = sqrt(1 + t^2). 1 + t is rounded by 2^-53,
        // hence t by 2^-53 / t.
        let s = (1.0 + t * t).sqrt();
        let want = t * t / (s * (1.0 + s));
        for got in complements {
            check("1 - rho", *got, want, 4.0 * f64::EPSILON / t + 1e-13);
        }
    }
}

/// What dcor, scikit-learn, SciPy, rsatoolbox and POT compute of small whole numbers.
#[test]
fn values_of_other_packages() {
    let golden = object("packages.json");
    let matrix = |name: &serde_json::Value| {
        let name = name.as_str().unwrap();
        let matrix = &golden["matrices"][name];
        let size = |key: &str| matrix[key].as_u64().unwrap() as usize;
        let values: Vec<f64> = matrix["row_major"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
        Representation::from_row_major(name.to_string(), size("rows"), size("columns"), values).unwrap()
    };
    let values = golden["values"].as_array().unwrap();
    assert!(values.len() > 70);
    for value in values {
        let measure = Measure::parse(value["measure"].as_str().unwrap()).unwrap();
        let (x, y, want) = (matrix(&value["x"]), matrix(&value["y"]), value["value"].as_f64().unwrap());
        let source = value["source"].as_str().unwrap();
        // The packages' own rounding: dcor's three terms cancel.
        check(&format!("{measure}, fast, against {source}"), measure.compare(&x, &y).unwrap().value, want, 1e-12);
        check(&format!("{measure}, reference, against {source}"), measure.reference(&x, &y).unwrap(), want, 1e-12);
    }
}
