//! Tests of `ensemble.rs`.

use super::*;
use crate::representation::Representation;
use crate::sweep::{LayersInMemory, NoObserver, Record};

const N: usize = 20;

fn network(seed: usize, names: &[&str]) -> LayersInMemory<'static> {
    let layer = |(index, name): (usize, &&str)| {
        let p = 2 + index;
        let values: Vec<f64> = (0..N * p).map(|entry| ((entry * entry % 83 + 7 * seed + index) as f64 * 1.37).sin()).collect();
        Representation::from_row_major(name.to_string(), N, p, values).unwrap()
    };
    LayersInMemory::new(format!("network {seed}"), names.iter().enumerate().map(layer).collect())
}

#[test]
fn means_and_records_cover_both_orders_of_every_pair() {
    let names = ["first", "second"];
    let networks = [network(1, &names), network(2, &names), network(3, &names)];
    let all: Vec<&dyn Layers> = networks.iter().map(|network| network as &dyn Layers).collect();
    let measures = ["cka", "linear-regression"].map(|measure| Measure::parse(measure).unwrap());
    let result = ensemble(&all, &measures, None, &NoObserver).unwrap();
    let records: Vec<Record<'_>> = result.scores.iter().flat_map(Scores::records).collect();
    assert_eq!(records.len(), 6 * 4 * 2);
    for (index, measure) in measures.iter().enumerate() {
        assert_eq!(result.identification[index].trials, 6 * 2);
        let mut sums = [0.0; 4];
        for a in &networks {
            for b in networks.iter().filter(|b| b.name() != a.name()) {
                for (cell, sum) in sums.iter_mut().enumerate() {
                    let (x, y) = (a.load(cell / 2).unwrap(), b.load(cell % 2).unwrap());
                    let value = measure.compare(&x, &y).unwrap().value;
                    let is_this = |record: &&Record<'_>| {
                        let layers = (record.layer_a.name.as_str(), record.layer_b.name.as_str());
                        (record.model_a, record.model_b) == (a.name(), b.name())
                            && layers == (names[cell / 2], names[cell % 2])
                            && record.measure == measure.to_string()
                    };
                    let found: Vec<_> = records.iter().filter(is_this).collect();
                    assert_eq!(found.len(), 1);
                    assert_eq!(found[0].outcome.value(), Some(value));
                    *sum += value;
                }
            }
        }
        for (mean, sum) in result.means[index].iter().zip(sums) {
            assert!((mean.unwrap() - sum / 6.0).abs() < 1e-14);
        }
    }
}

#[test]
fn networks_with_other_layers_are_refused() {
    let (a, b) = (network(1, &["first", "second"]), network(2, &["first", "third"]));
    let cka = [Measure::parse("cka").unwrap()];
    let message = ensemble(&[&a, &b], &cka, None, &NoObserver).unwrap_err().to_string();
    assert!(message.contains("network 2") && message.contains("first, third"), "{message}");
    assert!(matches!(ensemble(&[&a], &cka, None, &NoObserver), Err(Error::Empty { .. })));
}
