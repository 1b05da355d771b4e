//! Values by other formulas, computed with mpmath by `scripts/mpmath_values.py`, against the enclosures.

use similitude_oracle::{evaluate, read_csv};

const CASES: &str = include_str!("golden/mpmath.json");

#[test]
fn fifty_digits_by_other_formulas_agree() {
    let cases: serde_json::Value = serde_json::from_str(CASES).unwrap();
    let mut compared = 0;
    for case in cases.as_array().unwrap() {
        let (x, y) = (read_csv(case["x"].as_str().unwrap()).unwrap(), read_csv(case["y"].as_str().unwrap()).unwrap());
        for (spec, expected) in case["values"].as_object().unwrap() {
            let value = evaluate(spec, &x, &y).unwrap_or_else(|error| panic!("{} {spec}: {error}", case["name"]));
            let expected = expected.as_str().unwrap();
            // 43 certain digits of the enclosure against 50 of mpmath: compare at 42.
            let shortened = shorten(expected, 42);
            assert!(
                value.enclosure.agrees_with_decimal(&shortened),
                "{} {spec}: {} against {expected}",
                case["name"],
                value.enclosure
            );
            assert!(value.enclosure.relative_width() < 1e-43, "{} {spec} is wide", case["name"]);
            compared += 1;
        }
    }
    assert!(compared > 600, "only {compared} values were compared");
}

/// The first `digits` significant digits of a decimal, cut.
fn shorten(decimal: &str, digits: usize) -> String {
    let (mantissa, exponent) = decimal.split_once('e').unwrap_or((decimal, ""));
    let mut kept = String::new();
    let mut seen = 0;
    for character in mantissa.chars() {
        let counts = character.is_ascii_digit() && (seen > 0 || character != '0');
        if counts && seen == digits {
            break;
        }
        seen += usize::from(counts);
        kept.push(character);
    }
    if exponent.is_empty() { kept } else { format!("{kept}e{exponent}") }
}
