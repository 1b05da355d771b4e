//! Representations wider than their examples: the values of the reference path, the laws, and the
//! same bits in memory and from blocks of neurons.
#![cfg(feature = "cli")]

#[path = "../common/mod.rs"]
mod common;

mod draw;
mod laws;
mod stored;

use rayon::prelude::*;
use similitude::laws::{Matrix, Subject};
use similitude::{Measure, registry};

use draw::{Drawn, Kind, pairs};

/// The fast path against the reference path, for every convention, on every kind of wide data: what
/// they disagree on.
fn try_all(id: &str) -> Vec<String> {
    let mut failures = Vec::new();
    let mut answered = 0;
    for measure in registry::conventions().into_iter().filter(|measure| measure.spec().id == id) {
        for Drawn { description, x, y } in pairs() {
            // The textbook transport takes a shortest path for each neuron.
            if id == "soft-matching" && x.p.max(y.p) > 100 {
                continue;
            }
            match disagreement(&measure, &x, &y) {
                Ok(has_value) => answered += usize::from(has_value),
                Err(reason) => failures.push(format!("{measure}: {description}: {reason}")),
            }
        }
    }
    assert!(answered > 20, "{id}: only {answered} pairs have values");
    failures
}

fn disagreement(measure: &Measure, x: &Matrix, y: &Matrix) -> Result<bool, String> {
    let (fast, reference) = (Subject::fast(measure), Subject::reference(measure));
    let (x, y) = (common::representation("x", x), common::representation("y", y));
    match (fast.value(&x, &y), reference.value(&x, &y)) {
        (Ok(one), Ok(other)) => {
            let (difference, tolerance) = ((one.value - other.value).abs(), one.bound + other.bound);
            if difference <= tolerance {
                Ok(true)
            } else {
                Err(format!("{:?} and {:?}, {difference:e} apart, tolerance {tolerance:e}", one.value, other.value))
            }
        }
        (Err(one), Err(other)) if one.kind == other.kind => Ok(false),
        (one, other) => Err(format!("{one:?} and {other:?}")),
    }
}

#[test]
fn every_measure_has_the_values_of_its_reference() {
    let failures: Vec<String> = registry::REGISTRY.par_iter().flat_map(|entry| try_all(entry.spec.id)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// X and X turned: a distance of about eps, not of its square root.
#[test]
fn small_distances_keep_their_digits() {
    for (n, p) in [(5, 40), (20, 300), (50, 2000)] {
        for kind in [Kind::Gaussian, Kind::Graded] {
            let x = kind.draw(n, p, None, 3);
            let turned = draw::reflected(&x, 5);
            let (distance, bound) = common::value("procrustes", &x, &turned);
            assert!(distance <= bound && bound < 1e-11, "{n} x {p}, {kind:?}: {distance:e}, bound {bound:e}");
            let moved = Matrix::from_fn(n, p, |i, j| turned.at(i, j) * if (i, j) == (1, 2) { 1.0 + 1e-9 } else { 1.0 });
            let exact = 1e-9 * turned.at(1, 2).abs() / turned.centered().norm();
            let (distance, bound) = common::value("procrustes", &x, &moved);
            // An entry that moves moves the mean as well, and the norm, and the best rotation
            // follows: the order stays.
            assert!(distance <= exact + bound && distance > 0.1 * exact, "{n} x {p}, {kind:?}: {distance:e}, {exact:e}, bound {bound:e}");
        }
    }
}
