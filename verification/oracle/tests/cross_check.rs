//! Values by other formulas, computed with mpmath by `scripts/mpmath_values.py`, against the
//! enclosures.

use similitude_oracle::{Measure, RankRule, read_csv};

const CASES: &str = include_str!("golden/mpmath.json");

#[test]
fn fifty_digits_by_other_formulas_agree() {
    let cases: serde_json::Value = serde_json::from_str(CASES).unwrap();
    let mut compared = 0;
    for case in cases.as_array().unwrap() {
        let (x, y) = (read_csv(case["x"].as_str().unwrap()).unwrap(), read_csv(case["y"].as_str().unwrap()).unwrap());
        // The numerical rule decides as the exact numbers do of the others, except where scales
        // from 1e-6 to 1e6 stand side by side, or correlations are apart by the square of 1e-12.
        let is_low_rank = case["name"] == "low rank in doubles";
        let is_exact = ["graded and shifted", "nearly rotated"].iter().any(|name| case["name"] == *name);
        let rule = if is_exact { RankRule::Exact } else { RankRule::Numerical { epsilon: f64::EPSILON } };
        for (spec, expected) in case["values"].as_object().unwrap() {
            let measure: Measure = spec.parse().unwrap();
            let evaluated = measure.with_rank_rule(rule).evaluate(&x, &y);
            let value = evaluated.unwrap_or_else(|error| panic!("{} {spec}: {error}", case["name"]));
            let expected = expected.as_str().unwrap();
            // 43 certain digits of the enclosure against 50 of mpmath: compare at 42.
            let shortened = shorten(expected, 42);
            assert!(value.enclosure.agrees_with_decimal(&shortened), "{} {spec}: {} against {expected}", case["name"], value.enclosure);
            assert!(value.enclosure.relative_width() < 1e-43, "{} {spec} is wide", case["name"]);
            let says_so = value.notes.iter().any(|note| note == "numerical ranks 3 and 2, exact ranks 6 and 5");
            assert_eq!(says_so, is_low_rank && !spec.starts_with("svcca"), "{} {spec} {:?}", case["name"], value.notes);
            compared += 1;
        }
    }
    assert!(compared > 900, "only {compared} values were compared");
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
