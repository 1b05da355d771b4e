//! Tests of `edges.rs`.

use super::*;
use crate::conformance::Expected;

fn at(text: &str, name: &str) -> Expected {
    let edges = edges(&Measure::parse(text).unwrap());
    edges.into_iter().find(|edge| edge.name == name).unwrap_or_else(|| panic!("no edge {name:?}")).expected
}

#[test]
fn a_measure_has_no_value_on_constant_data() {
    for name in ["constant x", "constant x of 0.1", "constant y"] {
        for text in ["cka", "cca", "svcca", "pwcca", "procrustes", "linear-regression"] {
            assert!(matches!(at(text, name), Expected::Undefined { .. }), "{text} on {name}: {:?}", at(text, name));
        }
    }
}

#[test]
fn width_matters_to_subspaces_and_not_to_similarity_matrices() {
    for name in ["as wide as long", "x wider than long"] {
        assert!(matches!(at("cka", name), Expected::Value { .. }));
        assert!(matches!(at("cca", name), Expected::Undefined { .. }));
    }
}

#[test]
fn two_examples_have_a_value_and_three_no_unbiased_one() {
    assert!(matches!(at("cka", "fewest examples"), Expected::Value { value: 1.0, .. }));
    assert!(matches!(at("cka:estimator=debiased", "fewest examples"), Expected::Value { .. }));
    assert!(matches!(at("cka:estimator=debiased", "one example too few"), Expected::Undefined { .. }));
}

#[test]
fn a_mean_and_a_size_change_nothing() {
    for text in ["cka", "cca", "procrustes"] {
        let Expected::Value { value: plain, bound } = at(text, "constant neuron") else { panic!("{text} has a value") };
        for name in ["mean of 1e8", "size of 1e60", "size of 1e-60"] {
            let Expected::Value { value, bound: other } = at(text, name) else { panic!("{text} has a value on {name}") };
            assert!((value - plain).abs() <= bound + other, "{text} on {name}: {value:?}, plainly {plain:?}");
        }
    }
}
