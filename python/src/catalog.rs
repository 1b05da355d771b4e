//! The list of measures, with what functions of Python are made of.

use pyo3::prelude::*;
use serde_json::{Value, json};
use similitude::registry::REGISTRY;
use similitude::report::catalog;
use similitude::{Key, Measure, Values};

/// The list of measures as JSON: that of the program, and for each key its `choices`, or its
/// `default` and whether it is `whole`; for each measure the `convention` where no key is given.
#[pyfunction]
#[pyo3(name = "catalog")]
pub fn listed() -> String {
    let mut measures = catalog::json();
    for (measure, entry) in measures.iter_mut().zip(REGISTRY) {
        let spec = entry.spec;
        measure["convention"] = Measure::parse(spec.id).map_or(Value::Null, |measure| measure.to_string().into());
        for (value, key) in measure["keys"].as_array_mut().into_iter().flatten().zip(spec.keys) {
            for (name, fact) in facts(key) {
                value[name] = fact;
            }
        }
    }
    Value::from(measures).to_string()
}

fn facts(key: &Key) -> Vec<(&'static str, Value)> {
    match key.values {
        Values::Named(values) => vec![("choices", values.iter().map(|(name, _)| *name).collect())],
        Values::Number(number) => {
            vec![("default", json!(number.default)), ("whole", number.whole.into()), ("expected", number.expected.into())]
        }
    }
}
