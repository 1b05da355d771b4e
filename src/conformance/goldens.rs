//! Published tables, with values computed at 60 digits where `values.json` has them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::example::Example;
use crate::laws::Matrix;
use crate::measure::Measure;

struct Table {
    name: &'static str,
    x: &'static str,
    y: &'static str,
}

macro_rules! table {
    ($name:literal) => {
        Table {
            name: $name,
            x: include_str!(concat!("../../tests/golden/", $name, "_x.csv")),
            y: include_str!(concat!("../../tests/golden/", $name, "_y.csv")),
        }
    };
}

const TABLES: [Table; 3] = [table!("linnerud"), table!("jobs"), table!("lifecycle")];

static VALUES: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../tests/golden/values.json")).expect("values.json is a JSON object"));

/// Key of `values.json` and the measure it belongs to.
static MEASURES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../tests/golden/measures.json")).expect("measures.json maps keys of values.json to measures")
});

/// The published tables with what a measure says of them: the fitness club (n = 20), job
/// satisfaction (n = 14), life cycle savings (n = 50).
///
/// The expected value is the fast path's; `digits` has the exact one to 40 digits where the tables
/// come with it.
pub fn goldens(measure: &Measure) -> Vec<Example> {
    let text = measure.to_string();
    let key =
        MEASURES.iter().find(|(_, known)| Measure::parse(known).is_ok_and(|known| known.to_string() == text)).map(|(key, _)| key.as_str());
    let example = |table: &Table| {
        let digits = key.and_then(|key| VALUES.get(table.name)?.get(key)?.as_str()).map(str::to_string);
        Example { digits, ..Example::new(table.name, measure, matrix(table.x), matrix(table.y)) }
    };
    TABLES.iter().map(example).collect()
}

/// The numbers of one of the tables above, below their header.
fn matrix(text: &str) -> Matrix {
    let rows: Vec<Vec<f64>> = text.lines().skip(1).filter(|line| !line.is_empty()).map(row).collect();
    Matrix { n: rows.len(), p: rows[0].len(), values: rows.concat() }
}

fn row(line: &str) -> Vec<f64> {
    line.split(',').map(|field| field.trim().parse().expect("the tables hold numbers")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::Expected;

    /// Where a table is published with 40 digits, the expected value is that one.
    #[test]
    fn expected_values_are_the_published_ones() {
        let mut with_digits = 0;
        for text in MEASURES.values() {
            let measure = Measure::parse(text).unwrap();
            for golden in goldens(&measure) {
                let exact: f64 = golden.digits.as_ref().expect("every key has its digits").parse().unwrap();
                let Expected::Value { value, bound } = golden.expected else { panic!("{text} has a value on {}", golden.name) };
                assert!((value - exact).abs() <= bound, "{text} on {}: {value:?}, exactly {exact:?}", golden.name);
                with_digits += 1;
            }
        }
        assert_eq!(with_digits, 57);
    }

    #[test]
    fn a_convention_without_digits_still_has_its_value() {
        let goldens = goldens(&Measure::parse("cka:kernel=laplace").unwrap());
        assert!(goldens.iter().all(|golden| golden.digits.is_none() && matches!(golden.expected, Expected::Value { .. })));
    }
}
