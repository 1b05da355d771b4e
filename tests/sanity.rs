//! The source paper's sanity check on trained networks: is the most similar layer of another
//! network the corresponding one?
//!
//! The networks in `data/demo` have one architecture and were trained from different seeds; their
//! activations are those on pictures that none was trained on. Logits are not among the layers, and
//! there are more examples than neurons in the widest one.
#![cfg(feature = "cli")]

use std::path::Path;

use similitude::Measure;
use similitude::io::Network;
use similitude::sweep::{Ensemble, Layers, NoObserver, StoredLayers, ensemble};

/// By how much CKA must beat a guess, and the best of the indexes that are (or nearly are)
/// invariant to invertible linear maps.
const MARGIN: f64 = 0.5;

const CKA: [&str; 3] = ["cka:kernel=linear", "cka:kernel=rbf,fraction=0.4", "cka:kernel=rbf,fraction=0.8"];
const CCA_TYPE: [&str; 5] =
    ["cca:summary=rho", "cca:summary=r2", "svcca:summary=rho,threshold=0.99", "svcca:summary=r2,threshold=0.99", "pwcca:degenerate=allow"];

fn networks() -> Vec<StoredLayers> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo");
    let open = |seed| Network::open(directory.join(format!("digits-seed-{seed}.safetensors")), None).unwrap();
    (1..=5).map(|seed| StoredLayers::new(open(seed), None)).collect()
}

fn run(measures: &[&str]) -> Ensemble {
    let networks = networks();
    let networks: Vec<&dyn Layers> = networks.iter().map(|network| network as &dyn Layers).collect();
    let measures: Vec<Measure> = measures.iter().map(|measure| Measure::parse(measure).unwrap()).collect();
    ensemble(&networks, &measures, None, &NoObserver).unwrap()
}

#[test]
fn the_layers_are_those_of_the_paper_and_there_are_more_examples_than_neurons() {
    for network in networks() {
        let names = network.layer_names();
        assert!(names.len() >= 6, "{names:?}");
        assert!(!names.iter().any(|name| name.contains("logit")), "{names:?}");
        for layer in 0..names.len() {
            let (n, p) = network.shape(layer).unwrap();
            assert!(n > p, "{}: {n} examples, {p} neurons", network.source(layer));
        }
    }
}

#[test]
fn cka_finds_the_layer_and_cca_does_not() {
    let result = run(&[&CKA[..], &CCA_TYPE[..]].concat());
    let layers = result.layer_names.len();
    println!("layer identification, {} ordered pairs of networks:", result.identification[0].trials / layers);
    for (measure, found) in result.measures.iter().zip(&result.identification) {
        println!(
            "{:6.1} %  (within one layer {:5.1} %, {} ties, {} undefined)  {measure}",
            100.0 * found.accuracy(),
            100.0 * found.accuracy_within_one(),
            found.ties,
            found.undefined
        );
    }
    let (cka, cca_type) = result.identification.split_at(CKA.len());
    let best = cca_type.iter().map(|found| found.accuracy()).fold(0.0, f64::max);
    println!("{:6.1} %  a guess; margin asked for {:.0} points", 100.0 * cka[0].chance(), 100.0 * MARGIN);
    for (measure, found) in CKA.iter().zip(cka) {
        assert_eq!(found.undefined, 0, "{measure}");
        assert!(found.accuracy() >= found.chance() + MARGIN, "{measure}: {}", found.accuracy());
        assert!(found.accuracy() >= best + MARGIN, "{measure}: {}, the best CCA-type index {best}", found.accuracy());
    }
}
