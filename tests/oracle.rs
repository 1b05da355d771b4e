//! Both paths of every measure against exact and certified values, on drawn small matrices.
#![cfg(feature = "cli")]

use rand::SeedableRng;
use similitude::laws::{Case, Family, Generator};
use similitude::{Measure, Representation, registry};
use similitude_oracle::{Matrix, OracleError, RankRule};

/// Cases of each family for each convention.
const CASES: usize = 12;

fn exact(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>) -> Result<similitude_oracle::Value, OracleError> {
    let matrix = |r: &Representation<'_>| Matrix::from_row_major(r.n(), r.p(), &r.to_row_major());
    let rule = RankRule::Numerical { epsilon: f64::EPSILON };
    measure.to_string().parse::<similitude_oracle::Measure>()?.with_rank_rule(rule).evaluate(&matrix(x)?, &matrix(y)?)
}

/// Tries a convention on drawn cases; answers how many had a value, and what went wrong.
fn try_on_cases(measure: &Measure, seed: u64, faults: &mut Vec<String>) -> usize {
    let mut generator = Generator::seed_from_u64(seed);
    let mut certified = 0;
    for index in 0..2 * CASES {
        let family = if index % 2 == 0 { Family::Plain } else { Family::Awkward };
        let case = Case::random(family, &mut generator);
        let properties = measure.properties();
        let least = properties.minimum_neurons;
        let case = Case { p1: case.p1.max(least), p2: case.p2.max(least), ..case };
        let (x, y) = case.draw(properties.minimum_examples, &mut case.generator());
        let (x, y) = (x.matrix.representation("x").unwrap(), y.matrix.representation("y").unwrap());
        let (fast, reference) = (measure.compare(&x, &y), measure.reference(&x, &y));
        let value = match exact(measure, &x, &y) {
            Ok(value) => value,
            // Not to be had in exact arithmetic, or not to be certified: the paths may say what
            // they see.
            Err(_) => continue,
        };
        let fast = match fast {
            Ok(fast) => fast,
            // Awkward data may be refused (equal correlations within their error, say) where exact
            // arithmetic still tells them apart.
            Err(error) => {
                if family == Family::Plain {
                    faults.push(format!("{measure}, fast, on {case}: refused: {error}"));
                }
                continue;
            }
        };
        certified += 1;
        let bound = fast.diagnostics.get("error_bound").unwrap();
        // The last rounding of the value itself is half an eps of it.
        let ulp = fast.value.abs() * f64::EPSILON;
        // An exact 0 that no precision settles is an enclosure about it: what lies inside cannot be
        // told from the exact value.
        let off = |got: f64| if value.enclosure.contains(got) { 0.0 } else { value.enclosure.absolute_error(got) };
        let error = off(fast.value);
        if error > bound + ulp {
            faults.push(format!("{measure}, fast, on {case}: {:?}, off by {error:e}, bound {bound:e}", fast.value));
        }
        if let Ok(reference) = reference {
            let error = off(reference);
            let answer = similitude::laws::Answer {
                margin: fast.diagnostics.get("margin").unwrap_or(f64::INFINITY),
                ..similitude::laws::Answer::new(fast.value, bound, fast.diagnostics.get("condition").unwrap())
            };
            let bound = similitude::laws::plain_bound(measure, &x, &y, &answer);
            if error > bound {
                faults.push(format!("{measure}, reference, on {case}: {reference:?}, off by {error:e}, bound {bound:e}"));
            }
        }
    }
    certified
}

#[test]
fn both_paths_stay_within_their_bounds_of_the_exact_value() {
    let mut faults = Vec::new();
    for (index, measure) in registry::conventions().iter().enumerate() {
        let certified = try_on_cases(measure, index as u64, &mut faults);
        // Plain cases have a value by construction, but for examples of few whole numbers that are
        // all zero or all equal.
        let least = if measure.properties().minimum_neurons > 1 { CASES / 2 } else { CASES };
        assert!(certified >= least, "{measure}: only {certified} of {} cases were certified", 2 * CASES);
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
