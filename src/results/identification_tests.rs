//! Tests of `identification.rs`.

use super::*;

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

fn transpose(values: &[Option<f64>], layers: usize) -> Vec<Option<f64>> {
    (0..layers * layers).map(|index| values[index % layers * layers + index / layers]).collect()
}

#[test]
fn a_clear_diagonal_is_found_both_ways() {
    let forward = some(&[0.9, 0.1, 0.2, 0.3, 0.8, 0.1, 0.0, 0.2, 0.7]);
    let found = identify(&forward, &transpose(&forward, 3), 3, Direction::Similarity);
    assert_eq!((found.trials, found.correct, found.within_one, found.ties, found.undefined), (6, 6, 6, 0, 0));
    let farthest = identify(&forward, &transpose(&forward, 3), 3, Direction::Distance);
    assert_eq!(farthest.correct, 0);
}

#[test]
fn asymmetric_values_are_added_to_their_counterparts() {
    // Alone, forward finds only the first layer; s(b_j, a_i) tips the balance.
    let forward = some(&[0.5, 0.4, 0.6, 0.5]);
    let backward = some(&[0.5, 0.1, 0.2, 0.5]);
    // sums: a0: 1.0, 0.4 + 0.2 = 0.6; a1: 0.6 + 0.1 = 0.7, 1.0
    assert_eq!(identify(&forward, &backward, 2, Direction::Similarity).correct, 4);
    assert_eq!(identify(&forward, &transpose(&forward, 2), 2, Direction::Similarity).correct, 2);
}

#[test]
fn ties_and_undefined_cells_are_misses_and_are_counted() {
    let mut forward = some(&[1.0, 1.0, 0.0, 0.5, 0.9, 0.1, 0.2, 0.3, 0.7]);
    let tied = identify(&forward, &transpose(&forward, 3), 3, Direction::Similarity);
    assert_eq!((tied.correct, tied.ties), (4, 1)); // row 0 is tied; column 1 finds layer 0, one off
    assert_eq!(tied.within_one, 5);
    forward[2] = None;
    let undefined = identify(&forward, &transpose(&forward, 3), 3, Direction::Similarity);
    assert_eq!((undefined.undefined, undefined.ties), (2, 0)); // row 0 and column 2
}
