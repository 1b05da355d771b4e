//! Both paths of every measure against exact and certified values: on drawn small matrices, and on
//! pairs that are deficient up to rounding.
#![cfg(feature = "cli")]

use rand::SeedableRng;
use similitude::laws::{Answer, Case, Deficient, Family, Generator, plain_bound};
use similitude::{ErrorKind, Measure, Representation, Score, Undefined, registry};
use similitude_oracle::{Matrix, OracleError, RankRule, Value};

/// Cases of each family for each convention.
const CASES: usize = 12;

fn exact(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>) -> Result<Value, OracleError> {
    let matrix = |r: &Representation<'_>| Matrix::from_row_major(r.n(), r.p(), &r.to_row_major());
    let rule = RankRule::Numerical { epsilon: f64::EPSILON };
    measure.to_string().parse::<similitude_oracle::Measure>()?.with_rank_rule(rule).evaluate(&matrix(x)?, &matrix(y)?)
}

/// How the answers of both paths miss the exact value by more than they are granted.
fn too_far(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    value: &Value,
    fast: &Score,
    reference: Option<f64>,
) -> impl Iterator<Item = String> + use<> {
    let bound = fast.diagnostics.get("error_bound").unwrap();
    let answer = Answer {
        margin: fast.diagnostics.get("margin").unwrap_or(f64::INFINITY),
        ..Answer::new(fast.value, bound, fast.diagnostics.get("condition").unwrap())
    };
    // The last rounding of the value itself is half an eps of it.
    let ulp = fast.value.abs() * f64::EPSILON;
    let granted = [("fast", Some(fast.value), bound + ulp), ("reference", reference, plain_bound(measure, x, y, &answer))];
    // An exact 0 that no precision settles is an enclosure about it: what lies inside cannot be
    // told from the exact value.
    let off = |got: f64| if value.enclosure.contains(got) { 0.0 } else { value.enclosure.absolute_error(got) };
    let faults: Vec<String> = granted
        .into_iter()
        .filter_map(|(path, got, bound)| {
            let (got, error) = got.map(|got| (got, off(got)))?;
            (error > bound).then(|| format!("{measure}, {path}: {got:?}, off by {error:e}, bound {bound:e}"))
        })
        .collect();
    faults.into_iter()
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
            Err(OracleError::Degenerate { reason, .. }) => {
                // Ranks and ties are decided alike.
                let answered = [("fast", fast.ok().map(|fast| fast.value)), ("reference", reference.ok())];
                let answered = answered.into_iter().filter_map(|(path, value)| Some((path, value?)));
                faults.extend(answered.map(|(path, value)| format!("{measure}, {path}, on {case}: {value:?}, not degenerate: {reason}")));
                continue;
            }
            // Not to be had in exact arithmetic, or not to be certified: the paths may say what
            // they see.
            Err(_) => continue,
        };
        if reference == Err(Undefined::Degenerate) {
            faults.push(format!("{measure}, reference, on {case}: degenerate, not {}", value.enclosure));
        }
        let fast = match fast {
            Ok(fast) => fast,
            // Awkward data may be refused (a self-term that is zero within its error, say) where
            // exact arithmetic still has a value.
            Err(error) => {
                if family == Family::Plain || error.kind() == ErrorKind::Degenerate {
                    faults.push(format!("{measure}, fast, on {case}: refused: {error}"));
                }
                continue;
            }
        };
        certified += 1;
        faults.extend(too_far(measure, &x, &y, &value, &fast, reference.ok()).map(|fault| format!("{fault}, on {case}")));
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

/// Beside the registry's: every way to meet a rank, a tie or a threshold that it does not list.
const MORE: [&str; 14] = [
    "cca:center=no,divisor=geometric",
    "svcca:threshold=1.0",
    "svcca:threshold=1.0,summary=r2,divisor=max,degenerate=allow",
    "svcca:threshold=0.5,degenerate=allow",
    "pwcca:weights=x,degenerate=allow",
    "pwcca:weights=narrower,degenerate=allow",
    "linear-regression:direction=sum",
    "linear-regression:direction=y-from-x,degenerate=allow",
    "canonical-ridge:kappa-x=0,kappa-y=0,bound=trace",
    "canonical-ridge:kappa-x=0,kappa-y=0,bound=cauchy",
    "canonical-ridge:kappa-x=0,kappa-y=0,bound=separable",
    "canonical-ridge:kappa-x=0,kappa-y=0.5,bound=separable,kappa=relative",
    "canonical-ridge:kappa-x=1e-300,kappa-y=1e-12,bound=cauchy,kappa=relative",
    "canonical-ridge:kappa-x=1e300,kappa-y=0.5,bound=cauchy,kappa=relative",
];

#[test]
fn pairs_that_are_deficient_up_to_rounding_mean_the_same_to_all_paths() {
    let more = MORE.map(|text| Measure::parse(text).unwrap());
    let (mut faults, mut answered, mut refused, mut doubtful) = (Vec::new(), 0, 0, 0);
    for (kind, seed) in Deficient::ALL.iter().flat_map(|kind| (0..3).map(move |seed| (kind, seed))) {
        let (x, y) = kind.draw(seed);
        let (x, y) = (x.representation("x").unwrap(), y.representation("y").unwrap());
        for measure in registry::conventions().iter().chain(&more) {
            let (fast, reference) = (measure.compare(&x, &y), measure.reference(&x, &y));
            match (exact(measure, &x, &y), fast, reference) {
                (Err(OracleError::Doubtful { .. }), ..) => doubtful += 1,
                (Ok(value), Ok(fast), Ok(reference)) => {
                    answered += 1;
                    let fault = |fault| format!("{fault}, {kind}, seed {seed}");
                    faults.extend(too_far(measure, &x, &y, &value, &fast, Some(reference)).map(fault));
                }
                (Err(_), Err(_), Err(_)) => refused += 1,
                (exact, fast, reference) => {
                    let (exact, fast) = (exact.map(|value| value.enclosure.to_string()), fast.map(|score| score.value));
                    faults.push(format!("{measure}, {kind}, seed {seed}: exact {exact:?}, fast {fast:?}, reference {reference:?}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(answered > 10 * (refused + doubtful), "{answered} answered, {refused} refused, {doubtful} in doubt");
}
