use std::borrow::Cow;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::Representation;
use crate::cli::inference::beside_sweep;
use crate::cli::networks::kinds::KindOptions;
use crate::inference::NullChoice;
use crate::networks::{Gathered, mean_over_layers};
use crate::sweep::{self, LayersInMemory, Sweep};

/// Layers in memory, and how often each was loaded.
struct Counted {
    layers: LayersInMemory<'static>,
    loads: Vec<AtomicUsize>,
}

impl Counted {
    fn new(seed: usize) -> Self {
        let layer = |name: &'static str, shift: usize| {
            let entries = (0..60).map(|entry| ((1 + seed + 7 * shift + entry * (entry + seed)) as f64).sin()).collect::<Vec<f64>>();
            Representation::from_row_major(name, 20, 3, entries).unwrap()
        };
        let layers = LayersInMemory::new(format!("network {seed}"), vec![layer("conv", 0), layer("head", 1)]);
        Self { layers, loads: vec![AtomicUsize::new(0), AtomicUsize::new(0)] }
    }

    /// How often each layer was loaded since this was asked.
    fn taken(&self) -> Vec<usize> {
        self.loads.iter().map(|loads| loads.swap(0, Ordering::Relaxed)).collect()
    }
}

impl Layers for Counted {
    fn name(&self) -> &str {
        self.layers.name()
    }

    fn layer_names(&self) -> &[String] {
        self.layers.layer_names()
    }

    fn shape(&self, layer: usize) -> Result<(usize, usize), sweep::Error> {
        self.layers.shape(layer)
    }

    fn source(&self, layer: usize) -> String {
        self.layers.source(layer)
    }

    fn load(&self, layer: usize) -> Result<Cow<'_, Representation<'_>>, sweep::Error> {
        self.loads[layer].fetch_add(1, Ordering::Relaxed);
        self.layers.load(layer)
    }

    fn require_rows(&self, layer: usize) -> Result<(), sweep::Error> {
        self.layers.require_rows(layer)
    }

    fn read_rows(&self, layer: usize, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, sweep::Error> {
        self.layers.read_rows(layer, rows, room)
    }

    fn identity(&self) -> Result<Vec<String>, sweep::Error> {
        self.layers.identity()
    }
}

fn measures() -> Vec<Measure> {
    ["cka", "rsa", "procrustes", "rsa:compare=pearson"].map(|text| Measure::parse(text).unwrap()).to_vec()
}

#[test]
fn each_layer_is_read_once_for_all_measures() {
    let counted: Vec<Counted> = (0..5).map(Counted::new).collect();
    let networks: Vec<&dyn Layers> = counted.iter().map(|network| network as &dyn Layers).collect();
    let names: Vec<String> = (0..5).map(|at| format!("net{at}")).collect();
    let options = KindOptions { kinds: Some("a,a,a,b,b".to_string()), interval: Some(Units::Examples), resamples: 40, level: 0.95 };
    let plan = options.plan(&names.iter().map(PathBuf::from).collect::<Vec<_>>(), &names, 1).unwrap().unwrap();
    for (layers, choice) in [(vec!["conv", "head"], NullChoice::Drawn(19)), (vec!["head"], NullChoice::Drawn(19))] {
        let gathered: Vec<Gathered<'_>> = layers.iter().map(|layer| Gathered::new(&networks, &names, layer).unwrap()).collect();
        let stored: Vec<&dyn Layers> = gathered.iter().map(|layers| layers as &dyn Layers).collect();
        let scores = |layers: &&dyn Layers| Sweep::new(*layers, None, measures()).run().unwrap();
        let each: Vec<(String, Scores)> = layers.iter().map(ToString::to_string).zip(stored.iter().map(scores)).collect();
        let is_mean = layers.len() > 1;
        let mut whole = if is_mean { mean_over_layers(&each) } else { each[0].1.clone() };
        counted.iter().for_each(|network| drop(network.taken()));
        let null = Null { layers: [stored[0]; 2], null: Some(choice), adjust: None, seed: 1 };
        let mut of_layers = OfLayers::new(&plan, &each, true);
        read(&mut whole, &each, &stored, &null, Some(&mut of_layers), is_mean).unwrap();
        let once = if is_mean { vec![1, 1] } else { vec![0, 1] };
        assert!(counted.iter().all(|network| network.taken() == once), "{layers:?}");
        // And all of it was found.
        assert!((0..4).all(|number| whole.outcomes(number)[1].diagnostic("p").is_some()));
        assert!(of_layers.measures.iter().all(|of| of.draws.as_ref().is_ok_and(|draws| draws.len() == layers.len())));
        let ceilings: Vec<Option<usize>> = of_layers.measures.iter().map(|of| of.ceilings.as_ref().map(Vec::len)).collect();
        assert_eq!(ceilings, [None, Some(layers.len()), None, Some(layers.len())]);
        of_layers.means(&whole, &each).unwrap();
    }
}

#[test]
fn a_sweep_reads_each_layer_once_for_its_nulls() {
    let [a, b] = [Counted::new(1), Counted::new(2)];
    let nulls = |others: Option<&dyn Layers>| {
        let mut scores = Sweep::new(&a, others, measures()).run().unwrap();
        [&a, &b].iter().for_each(|network| drop(network.taken()));
        beside_sweep(&mut scores, [&a, others.unwrap_or(&a)], NullChoice::Drawn(19), None, 1).unwrap();
        assert!((0..4).all(|number| scores.outcomes(number)[1].diagnostic("p").is_some()));
        [a.taken(), b.taken()]
    };
    assert_eq!(nulls(Some(&b)), [vec![1, 1], vec![1, 1]]);
    assert_eq!(nulls(None), [vec![1, 1], vec![0, 0]]);
}
