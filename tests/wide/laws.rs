//! What a measure claims to be invariant to, on wide data.

use similitude::laws::Matrix;
use similitude::tolerance::EPS;
use similitude::{Claim, Group, Measure, Side, registry};

use crate::common::{beside, compare, try_value};
use crate::draw::{Drawn, pairs, permuted, reflected};

/// A map of a group that a wide matrix can take.
fn mapped(group: Group, x: &Matrix, seed: u64) -> Option<Matrix> {
    let scale = x.values.iter().fold(0.0f64, |largest, value| value.abs().max(largest));
    Some(match group {
        Group::Permutation => permuted(x, seed),
        Group::Orthogonal => reflected(x, seed),
        Group::IsotropicScaling => x.scaled(3.7),
        Group::Translation => Matrix::from_fn(x.n, x.p, |i, j| x.at(i, j) + 0.25 * scale * ((j % 7) as f64 - 3.0)),
        Group::ZeroNeurons => beside(x, &Matrix::from_fn(x.n, 11, |_, _| 0.0)),
        Group::DuplicatedNeurons => beside(x, &x.columns(&[0, 0, x.p - 1])),
        // Of full rank, but its condition multiplies every bound: tried where matrices are small.
        Group::DiagonalScaling | Group::InvertibleLinear => return None,
    })
}

/// The value of the map stays within the bounds; what a map rounds moves the value by its
/// condition.
fn try_side(measure: &Measure, side: Side) -> (usize, Vec<String>) {
    let (mut tried, mut failures) = (0, Vec::new());
    for Drawn { description, x, y } in pairs() {
        // A mean of 1e8 is rounded by the map, as much as the data vary.
        if description.contains("Offset") {
            continue;
        }
        let Ok((value, bound)) = try_value(measure, &x, &y) else { continue };
        for group in Group::ALL.into_iter().filter(|group| measure.properties().claims.get(*group, side) == Claim::Holds) {
            let own = if side == Side::X { &x } else { &y };
            let Some(image) = mapped(group, own, 7) else { continue };
            let (x, y) = if side == Side::X { (&image, &y) } else { (&x, &image) };
            match try_value(measure, x, y) {
                Ok((other, other_bound)) => {
                    tried += 1;
                    let diagnostics = compare(&measure.to_string(), x, y).unwrap().diagnostics;
                    // Each entry is rounded by half an eps of itself, its neuron's mean included.
                    let rounded = EPS * image.norm() / image.centered().norm();
                    let tolerance = 2.0 * (bound + other_bound) + rounded * diagnostics.get("condition").unwrap();
                    // A step function says how far it is from a step; a map rounds by more than
                    // some.
                    let margin = diagnostics.get("margin").unwrap_or(1.0);
                    if (value - other).abs() > tolerance && margin > 1e-12 {
                        failures.push(format!(
                            "{measure}, {group:?} of {side:?}, {description}: {value:?} and {other:?}, tolerance {tolerance:e}"
                        ));
                    }
                }
                Err(error) => failures.push(format!("{measure}, {group:?} of {side:?}, {description}: {value:?} and {error}")),
            }
        }
    }
    (tried, failures)
}

#[test]
fn claims_that_hold_hold_for_wide_representations() {
    let (mut tried, mut failures) = (0, Vec::new());
    for measure in registry::conventions() {
        for side in Side::ALL {
            let (more, failed) = try_side(&measure, side);
            tried += more;
            failures.extend(failed);
        }
    }
    assert!(failures.is_empty(), "{} of {tried}:\n{}", failures.len(), failures.join("\n"));
    assert!(tried > 5000, "{tried}");
}

#[test]
fn symmetric_measures_give_the_same_bits_either_way() {
    for measure in registry::conventions().into_iter().filter(|measure| measure.properties().symmetry == Claim::Holds) {
        for Drawn { description, x, y } in pairs() {
            let (one, other) = (try_value(&measure, &x, &y), try_value(&measure, &y, &x));
            if let (Ok(one), Ok(other)) = (&one, &other) {
                assert_eq!(one, other, "{measure}: {description}");
            }
            assert_eq!(one.is_ok(), other.is_ok(), "{measure}: {description}");
        }
    }
}
