//! Statistics of values that were made up.

use super::*;
use rand::RngExt;

fn row(test: &str, one: Place, other: Place, truths: [f64; 2]) -> Row {
    Row { test: test.to_owned(), one, other, truths: truths.map(Some) }
}

fn values(rows: Vec<Row>, of: &[&dyn Fn(&Row) -> f64]) -> Values {
    let columns = of.iter().map(|value| rows.iter().map(|row| Some(value(row))).collect()).collect();
    Values { indexes: (0..of.len()).map(|index| index.to_string()).collect(), rows, columns }
}

fn trial(values: &Values, name: &str) -> Trial {
    trials(values).into_iter().find(|trial| trial.name == name).unwrap()
}

fn layers(networks: usize, layers: usize) -> Vec<Row> {
    let pair = |network: usize, one: usize, other: usize| row(ORDER, (network, one), (network, other), [0.0; 2]);
    (0..networks)
        .flat_map(|network| (0..layers).flat_map(move |one| (0..layers).map(move |other| (network, one, other))))
        .filter(|(_, one, other)| one != other)
        .map(|(network, one, other)| pair(network, one, other))
        .collect()
}

/// ReSi's count: every layer against two on the same side of it, on either side, and a tie is no
/// violation. A guess is right in half of all cases.
#[test]
fn near_layers_are_more_alike_seen_from_either_side() {
    let near = |row: &Row| -(row.one.1 as f64 - row.other.1 as f64).abs();
    let even = |_: &Row| 0.5;
    let steps = |row: &Row| -(row.one.1 as f64 - row.other.1 as f64).abs().min(1.0) - f64::from(row.one.1 == 0 && row.other.1 == 1);
    let values = values(layers(3, 5), &[&near, &|row| -near(row), &even, &steps]);
    let found = found(&trial(&values, "layer order, conformity"), &values);
    let of = |index: usize| found[index].as_ref().unwrap();
    assert_eq!((of(0).value, of(1).value, of(2).value), (1.0, 0.0, 1.0));
    // More than half, as layers at equal distances on either side are tied once they are permuted.
    assert!(of(0).p() < 0.05 && (0.5..0.6).contains(&of(0).guess().0), "{:?}", of(0).guess());
    assert_eq!((of(2).p(), of(2).guess()), (1.0, (1.0, 0.0)), "what says the same of all layers is no better than its guess");
    // Of 20 threes, the first layer's next one is less alike than its other three.
    assert!((of(3).value - 17.0 / 20.0).abs() < 1e-12, "{}", of(3).value);
}

/// Twelve networks of four degrees, all ordered pairs.
fn groups(test: &str) -> Vec<Row> {
    let pairs = (0..12).flat_map(|one| (0..12).map(move |other| (one, other))).filter(|(one, other)| one != other);
    pairs.map(|(one, other)| row(test, (one, 0), (other, 0), [(one / 3) as f64, (other / 3) as f64])).collect()
}

/// ReSi's definition: every group's pairs against its own cross pairs, and the mean over groups. A
/// group that is tight and one that is loose are both told apart from others by it, where their
/// pooled pairs are not.
#[test]
fn groups_are_judged_one_by_one() {
    let same = |row: &Row| row.one.0 / 3 == row.other.0 / 3;
    // Each group has its own scale: the cross pairs of tight groups are above the pairs of loose
    // ones.
    let scaled = |row: &Row| -((row.one.0 / 3).min(row.other.0 / 3) as f64) - f64::from(!same(row)) * 0.5;
    let one = |row: &Row| f64::from(same(row) && row.one.0 < 3);
    let values = values(groups("shortcut"), &[&scaled, &one]);
    let precision = found(&trial(&values, "shortcut, AUPRC"), &values);
    let conformities = found(&trial(&values, "shortcut, conformity"), &values);
    let of = |found: &[Option<Found>], index: usize| found[index].as_ref().unwrap().value;
    // The first group is apart; in the others the cross pairs with the groups before come first.
    // Ties of three come at once: their precision is that of the last.
    let tied = |before: f64| 3.0 / (9.0 * before + 3.0);
    let all = [0.0, 1.0, 2.0, 3.0].map(tied).iter().sum::<f64>() / 4.0;
    assert!((of(&precision, 0) - all).abs() < 1e-12, "{} {all}", of(&precision, 0));
    assert!((of(&conformities, 0) - (1.0 + 18.0 / 27.0 + 9.0 / 27.0) / 4.0).abs() < 1e-12);
    // One group of four is found, and of the others all values are tied.
    assert!((of(&precision, 1) - (1.0 + 3.0 * 3.0 / 30.0) / 4.0).abs() < 1e-12, "{}", of(&precision, 1));
    assert_eq!(of(&conformities, 1), 0.25);
}

/// Networks without any effect of their group: pairs that share a network are alike all the same,
/// and a guess by permuted groups is as high as what is found in 1 of 20 cases.
#[test]
fn a_guess_keeps_what_pairs_share() {
    let mut generator = ChaCha8Rng::seed_from_u64(7);
    let mut low = 0;
    for _ in 0..60 {
        let places: Vec<[f64; 2]> = (0..12).map(|_| [0, 1].map(|_| generator.random_range(0.0..1.0))).collect();
        let near = |row: &Row| -(0..2).map(|axis| (places[row.one.0][axis] - places[row.other.0][axis]).powi(2)).sum::<f64>();
        let values = values(groups("shortcut"), &[&near]);
        let found = found(&trial(&values, "shortcut, AUPRC"), &values).remove(0).unwrap();
        low += usize::from(found.p() <= 0.1);
        assert!((0.1..0.35).contains(&found.guess().0), "{:?}", found.guess());
    }
    assert!((1..=13).contains(&low), "{low} of 60");
}

/// A network is left out with all its pairs, and twelve networks are left out one by one.
#[test]
fn networks_are_left_out() {
    let apart = |row: &Row| f64::from(row.one.0 / 3 == row.other.0 / 3) - 2.0 * f64::from(row.one.0 == 4 || row.other.0 == 4);
    let values = values(groups("augmentation"), &[&apart]);
    let found = found(&trial(&values, "augmentation, conformity"), &values).remove(0).unwrap();
    assert_eq!(found.without.len(), 12);
    assert!(found.value < 1.0 && found.without[4] == 1.0 && found.without[0] < 1.0, "{found:?}");
}

/// Networks in the order of their accuracy: a table of differences is permuted by network.
#[test]
fn differences_of_networks_are_permuted_by_network() {
    let pairs = crate::experiments::context::all_pairs(10);
    let rows = pairs.iter().map(|&(one, other)| row(FUNCTIONS, (one, 6), (other, 6), [(other - one) as f64, 1.0])).collect();
    let values = values(rows, &[&|row| -row.truths[0].unwrap()]);
    let of = |name: &str| found(&trial(&values, name), &values).remove(0).unwrap();
    let accuracy = of("accuracy, Spearman");
    assert!(accuracy.value > 0.999 && accuracy.p() < 0.01 && accuracy.guess().0.abs() < 0.05);
    let outputs = of("outputs, Spearman");
    assert_eq!((outputs.value, outputs.p()), (0.0, 1.0));
}

/// Parts of layers: what is lost grows as components go. An index that is 1 for every part has no
/// order, and does not tell.
#[test]
fn what_is_lost_with_components_is_permuted_among_parts() {
    let rows =
        (0..5).flat_map(|network| (1..7).map(move |part| row(DELETED, (network, 0), (network, part), [0.9, 0.9 - 0.1 * part as f64])));
    let values = values(rows.collect(), &[&|row| -(row.other.1 as f64), &|_| 1.0]);
    let found = found(&trial(&values, "probe: deleted, Spearman"), &values);
    let [ordered, one] = [0, 1].map(|index| found[index].as_ref().unwrap());
    assert!(ordered.value > 0.999 && ordered.p() < 0.01 && ordered.without.len() == 5);
    assert_eq!((one.value, one.p()), (0.0, 1.0));
}

/// The layer that is read best stays the reference when its network is left out.
#[test]
fn the_reference_stays() {
    let rows = (0..4).flat_map(|network| (0..3).map(move |layer| (network, layer))).filter(|place| *place != (1, 2));
    let rows = rows.map(|place| row(LAYERS, (1, 2), place, [0.95, 0.5 + 0.1 * place.1 as f64 + 0.01 * place.0 as f64])).collect();
    let values = values(rows, &[&|row| row.truths[1].unwrap()]);
    let found = found(&trial(&values, "probe: layers, Spearman"), &values).remove(0).unwrap();
    assert!(found.value > 0.999 && found.without.iter().all(|value| *value > 0.999));
    assert!(found.p() <= 0.25, "three layers have six orders: {}", found.p());
}
