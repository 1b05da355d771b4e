//! A sweep takes no more than twice the multiplications of the cheapest way, whatever the shapes.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Layers, LayersInMemory, Sweep};
use crate::arrays::operations::counted;
use crate::measure::Measure;
use crate::representation::Representation;

/// n examples, and the widths of the layers of both networks.
const SHAPES: [(usize, &[usize], &[usize]); 8] = [
    (600, &[40], &[50]),
    (600, &[400], &[500]),
    (600, &[40, 600], &[50]),
    (300, &[40], &[3000]),
    (300, &[290], &[300]),
    (100, &[900, 2000], &[1500]),
    (100, &[3000, 90, 20], &[60, 2500]),
    (40, &[4000, 4000, 4000], &[4000, 4000]),
];

/// Squares and products of examples or neurons decide these measures; decompositions are not
/// counted.
const MEASURES: [&str; 5] = ["cka", "cka:estimator=debiased", "hsic", "cka:kernel=rbf", "procrustes"];

fn network(n: usize, widths: &[usize], seed: u64) -> LayersInMemory<'static> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut layer = |(index, &p): (usize, &usize)| {
        let entries: Vec<f64> = StandardNormal.sample_iter(&mut generator).take(n * p).collect();
        Representation::from_row_major(format!("{index}"), n, p, entries).expect("finite entries")
    };
    LayersInMemory::new("network", widths.iter().enumerate().map(&mut layer).collect())
}

/// Multiplications of the cheapest of the ways that hold each layer once: products between neurons
/// for each pair, or matrices between examples, n^2/2 p for each layer and n^2 for each pair.
fn cheapest(n: usize, rows: &[usize], columns: &[usize], measure: &str) -> u64 {
    let examples: usize = rows.iter().chain(columns).map(|p| n * n * p / 2).sum();
    let selves: usize = rows.iter().chain(columns).map(|p| n * p * p / 2).sum();
    let products: usize = rows.iter().flat_map(|p| columns.iter().map(move |q| n * p * q)).sum();
    let neurons = match measure {
        "cka:kernel=rbf" => usize::MAX,
        // The norm of a layer is a sum of its squares.
        "procrustes" => products,
        // HSIC takes the space that CKA takes, so that a sweep with both computes one of them.
        _ => products + selves,
    };
    if measure == "procrustes" {
        // Coordinates to working precision take a second product with the neurons, n^2 p
        // (CholeskyQR2), and a pair multiplies those of both sides.
        let (layers, pairs) = (rows.len() + columns.len(), rows.len() * columns.len());
        return (3 * examples + (layers + pairs) * n.pow(3)).min(neurons) as u64;
    }
    examples.min(neurons) as u64
}

#[test]
fn a_plan_takes_at_most_twice_the_multiplications_of_the_cheapest_way() {
    for (n, rows, columns) in SHAPES {
        let (a, b) = (network(n, rows, 1), network(n, columns, 2));
        for measure in MEASURES {
            let sweep = Sweep::new(&a, Some(&b as &dyn Layers), vec![Measure::parse(measure).unwrap()]);
            let taken = counted(|| {
                sweep.run().expect("scores");
            });
            let cheapest = cheapest(n, rows, columns, measure);
            assert!(taken > 0 && taken <= 2 * cheapest, "{measure}, {n} x {rows:?} and {columns:?}: {taken} of {cheapest}");
        }
    }
}
