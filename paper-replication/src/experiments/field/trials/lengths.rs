//! The lengths of layers, which follow from what HSIC and CKA say of pairs: HSIC over CKA is the
//! product of the lengths of both centered Gram matrices, but for a factor that all pairs share.

use super::super::grounding::{DELETED, LAYERS};
use super::super::groups::GROUPS;
use super::super::layers::{FUNCTIONS, ORDER};
use super::super::values::Place;
use super::Row;
use std::collections::BTreeMap;

/// Logarithms of lengths, by the networks that they are of and the place.
type Lengths<'a> = BTreeMap<(&'a str, Place), f64>;

/// How near the lengths of both sides are, and nothing else; `None` for rows of other tests.
pub(super) fn alone(rows: &[Row], hsic: &[Option<f64>], cka: &[Option<f64>]) -> Vec<Option<f64>> {
    let product = |row: usize| Some((hsic[row]? / cka[row]?).ln()).filter(|value| value.is_finite());
    let known = lengths(rows, product);
    let of = |row: usize| -> Option<f64> {
        let (test, one, other) = (rows[row].test.as_str(), rows[row].one, rows[row].other);
        let (one, other) = match test {
            ORDER | FUNCTIONS | LAYERS => (*known.get(&(ORDER, one))?, *known.get(&(ORDER, other))?),
            DELETED => {
                // The layer before the last one, whole: what a part is shorter by is in the
                // product.
                let last = known.keys().filter(|(test, place)| *test == ORDER && place.0 == one.0).map(|(_, place)| place.1).max()?;
                let whole = *known.get(&(ORDER, (one.0, last.checked_sub(1)?)))?;
                (whole, product(row)? - whole)
            }
            _ => (*known.get(&(test, one))?, *known.get(&(test, other))?),
        };
        Some(-(one - other).abs())
    };
    (0..rows.len()).map(of).collect()
}

/// From three products of two: the length of the first is (12) (13) / (23), the root of it.
fn lengths<'a>(rows: &'a [Row], product: impl Fn(usize) -> Option<f64>) -> Lengths<'a> {
    let products: BTreeMap<(&str, Place, Place), f64> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.test == ORDER || GROUPS.iter().any(|group| group.name == row.test))
        .filter_map(|(place, row)| Some(((row.test.as_str(), row.one, row.other), product(place)?)))
        .collect();
    // What is compared with each other: the layers of a network, the networks of a group.
    let mut together: BTreeMap<(&str, usize), Vec<Place>> = BTreeMap::new();
    for (test, one, _) in products.keys() {
        let network = if *test == ORDER { one.0 } else { 0 };
        let places = together.entry((*test, network)).or_default();
        if !places.contains(one) {
            places.push(*one);
        }
    }
    let mut found = Lengths::new();
    for ((test, _), places) in together.iter().filter(|(_, places)| places.len() > 2) {
        for (at, &one) in places.iter().enumerate() {
            let [two, three] = [1, 2].map(|step| places[(at + step) % places.len()]);
            let of = |one: Place, other: Place| products.get(&(*test, one, other)).copied();
            if let (Some(first), Some(second), Some(third)) = (of(one, two), of(one, three), of(two, three)) {
                found.insert((*test, one), (first + second - third) / 2.0);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Layers of lengths 1, 2, 4, ...: whatever CKA says, their lengths are found.
    #[test]
    fn lengths_follow_from_hsic_and_cka() {
        let row = |test: &str, one: Place, other: Place| Row { test: test.to_owned(), one, other, truths: [None; 2] };
        let length = |place: Place| 2.0_f64.powi((place.0 + place.1) as i32);
        let mut rows: Vec<Row> = Vec::new();
        for network in 0..2 {
            for (one, other) in [(0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)] {
                rows.push(row(ORDER, (network, one), (network, other)));
            }
        }
        rows.push(row(LAYERS, (0, 2), (1, 0)));
        let cka: Vec<Option<f64>> = (0..rows.len()).map(|place| Some(0.3 + 0.05 * place as f64)).collect();
        let hsic: Vec<Option<f64>> =
            rows.iter().zip(&cka).map(|(row, cka)| cka.map(|cka| 7.0 * cka * length(row.one) * length(row.other))).collect();
        // A part with a half of the length of layer 1 of network 1, which is 4.
        rows.push(row(DELETED, (1, 0), (1, 3)));
        let (mut hsic, mut cka) = (hsic, cka);
        hsic.push(Some(7.0 * 0.9 * 4.0 * 2.0));
        cka.push(Some(0.9));
        let found = alone(&rows, &hsic, &cka);
        for (place, steps) in [(0, 1.0), (1, 2.0), (12, 1.0), (13, 1.0)] {
            assert!((found[place].unwrap() + steps * 2.0_f64.ln()).abs() < 1e-12, "{place}: {found:?}");
        }
    }
}
