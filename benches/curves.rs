//! How time grows with the number of examples and of neurons, measure by measure.
//!
//! `cargo bench -p similitude-benches --features curves [-- FILTER]`
//!
//! criterion draws the curves into `target/criterion/report/index.html`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use similitude::{Measure, Representation};
use similitude_benches::activations;

/// Measures whose times grow differently: products, decompositions, n x n kernels.
const MEASURES: [&str; 8] =
    ["cka", "cka:estimator=debiased", "procrustes", "cca:summary=r2", "cca:summary=rho", "pwcca", "linear-regression", "cka:kernel=rbf"];

fn curve(criterion: &mut Criterion, along: &str, shapes: &[(usize, usize)], parameter: impl Fn(usize, usize) -> usize) {
    for text in MEASURES {
        let measure = Measure::parse(text).expect("a measure");
        let mut group = criterion.benchmark_group(format!("{text} along {along}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
        for &(n, p) in shapes {
            let values = [1, 2].map(|seed| activations(seed, n, p));
            let [x, y] =
                [0, 1].map(|side| Representation::from_row_major(["x", "y"][side], n, p, values[side].as_slice()).expect("finite"));
            group.throughput(Throughput::Elements((2 * n * p) as u64));
            group.bench_with_input(BenchmarkId::from_parameter(parameter(n, p)), &(), |bencher, ()| {
                bencher.iter(|| black_box(measure.compare(&x, &y).expect("defined").value));
            });
        }
        group.finish();
    }
}

fn along_examples(criterion: &mut Criterion) {
    curve(criterion, "examples", &[(500, 128), (1000, 128), (2000, 128), (4000, 128)], |n, _| n);
}

fn along_neurons(criterion: &mut Criterion) {
    curve(criterion, "neurons", &[(2000, 64), (2000, 128), (2000, 256), (2000, 512)], |_, p| p);
}

criterion_group!(curves, along_examples, along_neurons);
criterion_main!(curves);
