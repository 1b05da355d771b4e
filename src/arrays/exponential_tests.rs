//! Tests of `exponential.rs`.

use rand::{RngExt, SeedableRng};

use super::*;

/// How many numbers lie from one to the other.
fn apart(a: f64, b: f64) -> u64 {
    // Without the sign of zero.
    (a + 0.0).to_bits().abs_diff((b + 0.0).to_bits())
}

fn arguments() -> Vec<f64> {
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    // Around every multiple of ln(2)/2, where the reduction changes over.
    let edges = (-2200..=0).flat_map(|half| {
        let edge = f64::from(half) * 0.5 * std::f64::consts::LN_2;
        (-3..=3).map(move |step| edge * (1.0 + f64::from(step) * f64::EPSILON))
    });
    let dense = (0..400_000).map(|step| -750.0 * f64::from(step) / 400_000.0);
    let near = (0..400_000).map(|step| -2.0 * f64::from(step) / 400_000.0);
    let tiny: Vec<f64> = (0..400_000).map(|_| -(2f64.powf(generator.random_range(-1070.0..1.0)))).collect();
    edges.chain(dense).chain(near).chain(tiny).chain([0.0, -1e4, -1e300, f64::NEG_INFINITY]).collect()
}

#[test]
fn both_are_within_a_unit_in_the_last_place() {
    // The standard library's are within 1 themselves.
    for x in arguments() {
        assert!(apart(exp(x), x.exp()) <= 1, "exp({x:e}) = {:e}, not {:e}", exp(x), x.exp());
        assert!(apart(exp_m1(x), x.exp_m1()) <= 1, "expm1({x:e}) = {:e}, not {:e}", exp_m1(x), x.exp_m1());
    }
    for x in [1e-300, 1e-9, 0.3, 0.35, 1.0, 5.0, 100.0, 708.9] {
        assert!(apart(exp(x), x.exp()) <= 1 && apart(exp_m1(x), x.exp_m1()) <= 2, "{x}");
    }
}

#[test]
fn the_ends_are_exact() {
    assert_eq!((exp(0.0), exp_m1(0.0), exp_m1(-0.0).to_bits()), (1.0, 0.0, 0.0f64.to_bits()));
    for x in [-746.0, -1e5, f64::MIN, f64::NEG_INFINITY] {
        assert_eq!((exp(x), exp_m1(x)), (0.0, -1.0), "{x}");
    }
    assert!(exp(-745.0) > 0.0 && exp(-740.0) < f64::MIN_POSITIVE);
}

#[test]
fn neither_falls_by_more_than_rounding() {
    let mut ascending = arguments();
    ascending.sort_by(f64::total_cmp);
    for pair in ascending.windows(2) {
        assert!(exp(pair[1]) >= exp(pair[0]) * (1.0 - 2.0 * f64::EPSILON), "exp at {}", pair[0]);
        assert!(exp_m1(pair[1]) >= exp_m1(pair[0]) - 2.0 * f64::EPSILON * exp_m1(pair[0]).abs(), "expm1 at {}", pair[0]);
    }
}
