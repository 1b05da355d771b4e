//! What every convention says of its own values and needs, beside what it said before: bounds,
//! conditions, margins, moments of nulls, memory. A value that is right says nothing about the
//! formula of its bound, and a bound that is half or twice as wide breaks no law.
//!
//! A change must be meant: `SIMILITUDE_STATED=write cargo test --release --test stated` writes it
//! anew.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::fmt::Write;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use similitude::inference::exact_null;
use similitude::sweep::Estimate;
use similitude::{Diagnostic, Measure, Pair, Precision, Prepared, Representation, registry};

/// Shapes n, p, q whose values are well conditioned and have bounds of every kind: narrow and wide.
const PAIRS: [(usize, usize, usize); 3] = [(40, 6, 5), (30, 4, 20), (12, 30, 25)];
/// Layers of one sweep: narrow, about as wide as the examples, and wide.
const LAYERS: [(usize, usize); 3] = [(1000, 64), (1000, 900), (1000, 5000)];
/// What is stated may differ between processors where it counts rounding itself; a formula that is
/// another one differs by more.
const SAME: f64 = 2e-2;
const BYTES: &str = " bytes ";

fn side(name: &str, seed: u64, n: usize, p: usize) -> Representation<'static> {
    let mut common = ChaCha8Rng::seed_from_u64(1000 + n as u64);
    let mut own = ChaCha8Rng::seed_from_u64(seed);
    let mut row = || {
        let shared: f64 = common.sample(StandardNormal);
        (0..p).map(|_| shared + own.sample::<f64, _>(StandardNormal)).collect::<Vec<_>>()
    };
    let values: Vec<f64> = (0..n).flat_map(|_| row()).collect();
    Representation::from_row_major(name.to_string(), n, p, values).unwrap()
}

/// The numbers that a score states of itself.
fn of_score(stated: &mut BTreeMap<String, f64>, measure: &Measure, (n, p, q): (usize, usize, usize), precision: Precision) {
    let (x, y) = (side("x", 1, n, p), side("y", 2, n, q));
    let of = |side| Prepared::new(side, measure.uncentered()).with_precision(precision);
    let Ok(score) = measure.compare_prepared(&of(&x), &of(&y)) else { return };
    let in_single = matches!(score.diagnostics.0.get("precision"), Some(Diagnostic::Text(text)) if text == "f32");
    if in_single != (precision == Precision::Single) {
        return;
    }
    // What a plan's costs leave undecided hangs on their last bits, which other lanes round
    // otherwise.
    let undecided = score.diagnostics.get("undecided").unwrap_or(0.0);
    for (name, diagnostic) in &score.diagnostics.0 {
        let Diagnostic::Number(number) = diagnostic else { continue };
        let number = if *name == "error_bound" { number - undecided } else { *number };
        if ["condition", "error_bound", "standard_error"].contains(name) || name.contains("margin") {
            stated.insert(format!("{measure} {n} {p} {q} {precision:?} {name}"), number);
        }
    }
}

/// The bounds on the values of permutations, and on the moments over all of them.
fn of_permutations(stated: &mut BTreeMap<String, f64>, measure: &Measure, (n, p, q): (usize, usize, usize)) {
    let (x, y) = (side("x", 1, n, p), side("y", 2, n, q));
    let (prepared_x, prepared_y) = (Prepared::new(&x, measure.uncentered()), Prepared::new(&y, measure.uncentered()));
    if let Ok(Some(products)) = Pair::new(&prepared_x, &prepared_y).and_then(|pair| measure.inner_products(&pair)) {
        stated.insert(format!("{measure} {n} {p} {q} permuted error_bound"), products.error_bound(n, p.max(q), 0.5));
    }
    let Ok(null) = exact_null(measure, &x, &y) else { return };
    for (name, bound) in ["mean", "sd", "skewness"].into_iter().zip(null.error_bounds()) {
        // Of a moment that is 0 for all pairs the bound is rounding of rounding.
        if (1e-20..1e6).contains(&bound) {
            stated.insert(format!("{measure} {n} {p} {q} null {name}"), bound);
        }
    }
}

fn stated() -> BTreeMap<String, f64> {
    let mut stated = BTreeMap::new();
    for measure in registry::conventions() {
        for pair in PAIRS {
            of_permutations(&mut stated, &measure, pair);
            for precision in [Precision::Double, Precision::Single] {
                of_score(&mut stated, &measure, pair, precision);
            }
        }
        for layers in [&LAYERS[..1], &LAYERS[1..2], &LAYERS[2..], &LAYERS[..]] {
            let estimate = Estimate::new(layers, std::slice::from_ref(&measure), Precision::Double, 2);
            for (name, bytes) in [("least", estimate.least()), ("total", estimate.total())] {
                stated.insert(format!("{measure} {layers:?}{BYTES}{name}"), bytes as f64);
            }
        }
    }
    stated
}

#[test]
fn what_is_stated_changes_only_where_it_is_meant() {
    let file = format!("{}/tests/golden/stated.txt", env!("CARGO_MANIFEST_DIR"));
    let is = stated();
    if std::env::var("SIMILITUDE_STATED").as_deref() == Ok("write") {
        let text = is.iter().fold(String::new(), |mut text, (what, value)| {
            // Bytes are whole numbers, the same everywhere.
            let _ = if what.contains(BYTES) { writeln!(text, "{what} = {value}") } else { writeln!(text, "{what} = {value:.4e}") };
            text
        });
        std::fs::write(&file, text).unwrap();
        return;
    }
    let line = |line: &str| line.rsplit_once(" = ").map(|(what, value)| (what.to_string(), value.parse::<f64>().unwrap())).unwrap();
    let was: BTreeMap<String, f64> = std::fs::read_to_string(file).unwrap().lines().map(line).collect();
    assert!(was.len() > 1000, "{}", was.len());
    let names: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let differs = |what: &&String| match (was.get(*what), is.get(*what)) {
        (Some(was), Some(is)) => (was - is).abs() > if what.contains(BYTES) { 0.0 } else { SAME * was.abs() },
        _ => true,
    };
    let changed: Vec<String> =
        names.into_iter().filter(differs).map(|what| format!("{what}: {:?} before, {:?} now", was.get(what), is.get(what))).collect();
    assert!(
        changed.is_empty(),
        "{} are stated otherwise; where that is meant, SIMILITUDE_STATED=write cargo test --release --test stated writes it anew\n{}",
        changed.len(),
        changed.join("\n")
    );
}
