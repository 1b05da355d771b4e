//! Every share of layers found, and its standard error, counted again from the values of all pairs
//! that stand in the repository: with nothing of the code that counted them first.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn results() -> Value {
    serde_json::from_slice(&std::fs::read(root().join("results.json")).unwrap()).unwrap()
}

/// A value of layer a of one network with layer b of another, by (network, network, layer, layer).
type Values = BTreeMap<(u64, u64, String, String), f64>;

/// The columns of a `pairs.csv`: of an index that is not symmetric both orders, of one that is the
/// second order filled in.
fn read(path: &Path) -> (Vec<String>, BTreeMap<String, Values>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut layers: Vec<String> = Vec::new();
    let mut columns: BTreeMap<String, Values> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let seed = |place: usize| record[place].parse::<u64>().unwrap();
        let (a, b, i, j) = (seed(0), seed(1), record[2].to_owned(), record[3].to_owned());
        if !layers.contains(&i) {
            layers.push(i.clone());
        }
        for (place, name) in header.iter().enumerate().skip(4) {
            let Ok(value) = record[place].parse::<f64>() else { continue };
            let key = name.trim_end_matches(" reversed");
            let values = columns.entry(key.to_owned()).or_default();
            if name.ends_with(" reversed") || !header.contains(&format!("{key} reversed")) {
                values.insert((b, a, j.clone(), i.clone()), value);
            }
            if !name.ends_with(" reversed") {
                values.insert((a, b, i.clone(), j.clone()), value);
            }
        }
    }
    (layers, columns)
}

/// The share of layers whose most similar layer, by the sum of both orders, stands at the same
/// place: over all ordered pairs of these networks. A tie, and a missing value, is a miss.
fn share(values: &Values, layers: &[String], networks: &[u64]) -> f64 {
    let (mut right, mut trials) = (0, 0);
    for &a in networks {
        for &b in networks.iter().filter(|&&b| b != a) {
            for own in layers {
                let sum = |other: &String| {
                    let there = values.get(&(a, b, own.clone(), other.clone()));
                    let back = values.get(&(b, a, other.clone(), own.clone()));
                    there.zip(back).map(|(there, back)| there + back)
                };
                trials += 1;
                let others = layers.iter().filter(|other| *other != own);
                right += usize::from(sum(own).is_some_and(|own| others.map(sum).all(|other| other.is_some_and(|other| own > other))));
            }
        }
    }
    right as f64 / trials as f64
}

/// The same where a tie is broken by lot, on average: of three equal values each counts a third.
fn by_lot(values: &Values, layers: &[String], networks: &[u64]) -> f64 {
    let (mut right, mut trials) = (0.0, 0.0);
    for &a in networks {
        for &b in networks.iter().filter(|&&b| b != a) {
            for own in layers {
                let value = |other: &String| values[&(a, b, own.clone(), other.clone())];
                let above = layers.iter().filter(|other| value(other) > value(own)).count();
                let equal = layers.iter().filter(|other| value(other) == value(own)).count();
                right += if above == 0 { 1.0 / equal as f64 } else { 0.0 };
                trials += 1.0;
            }
        }
    }
    right / trials
}

/// The share in %, and its jackknife standard error over networks.
fn counted(values: &Values, layers: &[String]) -> (f64, Option<f64>) {
    with_error(values, |networks| share(values, layers, networks))
}

/// A share of all networks in %, and its jackknife standard error over them.
fn with_error(values: &Values, share: impl Fn(&[u64]) -> f64) -> (f64, Option<f64>) {
    let networks: Vec<u64> = values.keys().map(|key| key.0).collect::<BTreeSet<_>>().into_iter().collect();
    let without = |out: u64| share(&networks.iter().copied().filter(|&seed| seed != out).collect::<Vec<_>>());
    let left: Vec<f64> = if networks.len() < 3 { Vec::new() } else { networks.iter().map(|&out| without(out)).collect() };
    let mean = left.iter().sum::<f64>() / left.len() as f64;
    let error = (left.len() as f64 - 1.0) / left.len() as f64 * left.iter().map(|share| (share - mean).powi(2)).sum::<f64>();
    (100.0 * share(&networks), (!left.is_empty()).then(|| 100.0 * error.sqrt()))
}

/// Numbers are written down as they are, so that the page rounds once.
fn is_near(found: f64, written: f64) -> bool {
    (found - written).abs() <= 1e-9
}

/// The rows of an experiment that have values of all pairs, with their folders.
fn rows(results: &Value, experiment: &str) -> Vec<(PathBuf, Value)> {
    let all = results[experiment].as_object().into_iter().flatten();
    let with_pairs = all.filter_map(|(_, row)| {
        let file = row["files"].as_array()?.iter().filter_map(Value::as_str).find(|file| file.ends_with("/pairs.csv"))?;
        Some((root().join(file), row.clone()))
    });
    with_pairs.collect()
}

#[test]
fn table_2_follows_from_the_values_of_all_pairs() {
    let rows = rows(&results(), "table-2");
    assert!(!rows.is_empty(), "the quick row has its pairs");
    for (file, row) in rows {
        let (layers, columns) = read(&file);
        let written = row["accuracy"].as_object().unwrap();
        assert_eq!(written.len(), 11);
        for (key, accuracy) in written {
            let (percent, error) = counted(&columns[key], &layers);
            assert!(is_near(percent, accuracy.as_f64().unwrap()), "{key}: {percent} counted, {accuracy} written in {}", file.display());
            match (error, row["standard_error"][key].as_f64()) {
                (Some(error), Some(written)) => {
                    assert!(is_near(error, written), "{key}: standard error {error} counted, {written} written")
                }
                (error, written) => assert_eq!(error, written, "{key}"),
            }
        }
    }
}

#[test]
fn thresholds_of_svcca_follow_from_the_values_of_all_pairs() {
    for (file, row) in rows(&results(), "figure-f3") {
        let (layers, columns) = read(&file);
        for (key, accuracy) in row["accuracy"].as_object().unwrap() {
            let (percent, _) = counted(&columns[key], &layers);
            assert!(is_near(percent, accuracy.as_f64().unwrap()), "{key}: {percent} counted, {accuracy} written");
        }
    }
}

/// Divisors other than the smaller rank follow from it and the ranks.
#[test]
fn every_divisor_follows_from_the_values_and_the_ranks() {
    let rows = rows(&results(), "divisor");
    assert!(!rows.is_empty(), "the quick row has its pairs");
    for (file, row) in rows {
        let (layers, columns) = read(&file);
        let mut reader = csv::Reader::from_path(file.with_file_name("ranks.csv")).unwrap();
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let rank = |network: u64, layer: &str, column: &str| -> f64 {
            let place = header.iter().position(|name| name == column).unwrap();
            let of = records.iter().find(|record| record[0] == network.to_string() && &record[1] == layer).unwrap();
            of[place].parse().unwrap()
        };
        let mut seen = 0;
        for line in row["lines"].as_array().unwrap() {
            let text = |name: &str| line[name].as_str().unwrap();
            let (summary, kept, divisor) = (text("summary"), text("kept"), text("divisor"));
            if divisor == "equal ranks" {
                continue;
            }
            let column = if kept == "all" { "rank".to_owned() } else { format!("kept_{kept}") };
            let summary = if summary == "none" { "rho" } else { summary };
            let key = if kept == "all" { format!("cca:summary={summary}") } else { format!("svcca:summary={summary},threshold={kept}") };
            let values: Values = columns[&key]
                .iter()
                .map(|(place, value)| {
                    let (x, y) = (rank(place.0, &place.2, &column), rank(place.1, &place.3, &column));
                    let (p, q) = (rank(place.0, &place.2, "width"), rank(place.1, &place.3, "width"));
                    let value = match divisor {
                        "ranks alone" | "ranks alone, ties by lot" => x.min(y) / x.max(y),
                        "min-rank" => *value,
                        "min-width" => value * x.min(y) / p.min(q),
                        "geometric" => value * x.min(y) / (x * y).sqrt(),
                        _ => value * x.min(y) / x.max(y),
                    };
                    (place.clone(), value)
                })
                .collect();
            let (percent, error) = if divisor.ends_with("by lot") {
                with_error(&values, |networks| by_lot(&values, &layers, networks))
            } else {
                counted(&values, &layers)
            };
            let near = |found: f64, written: &Value| is_near(found, written.as_f64().unwrap());
            assert!(near(percent, &line["percent"]), "{key} {divisor}: {percent} counted, {line} written");
            assert!(error.is_none_or(|error| near(error, &line["standard_error"])), "{key} {divisor}: {error:?} counted, {line} written");
            seen += 1;
        }
        assert_eq!(seen, 7 * (2 * 4 + 2), "seven thresholds, two summaries by four divisors, and the ranks alone with both rules for ties");
    }
}
