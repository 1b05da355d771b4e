//! Seconds per measure on drawn Gaussian-like matrices: `cargo run --release --example timings`.

use similitude_oracle::{Matrix, evaluate};
use std::time::Instant;

const SHAPES: [(usize, usize, usize); 5] = [(20, 3, 5), (40, 10, 8), (60, 20, 20), (20, 40, 30), (100, 30, 30)];

const SPECS: [&str; 26] = [
    "hsic",
    "cka",
    "cka:estimator=debiased",
    "cka:kernel=polynomial",
    "cka:kernel=rbf",
    "cka:kernel=rbf,estimator=debiased",
    "cka:kernel=laplace",
    "cka:kernel=cosine",
    "cca",
    "cca:summary=r2",
    "svcca",
    "svcca:threshold=0.8",
    "pwcca",
    "linear-regression:direction=sum",
    "canonical-ridge:kappa-x=0.1,kappa-y=0.2",
    "canonical-ridge:kappa-x=0.1,kappa-y=0.2,kappa=relative,bound=separable",
    "procrustes",
    "procrustes:form=angle",
    "distance-correlation",
    "distance-correlation:estimator=corrected",
    "mutual-knn",
    "rsa",
    "rsa:rdm=cosine",
    "rsa:rdm=correlation,compare=kendall-b",
    "soft-matching",
    "soft-matching:form=similarity",
];

/// A sum of twelve uniform numbers, full 53-bit significands.
fn drawn(rows: usize, columns: usize, mut state: u64) -> Matrix {
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let entries: Vec<f64> = (0..rows * columns).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect();
    Matrix::from_row_major(rows, columns, &entries).expect("drawn numbers are finite")
}

fn main() {
    let header: Vec<String> = SHAPES.iter().map(|(n, p, q)| format!("n={n} p={p},{q}")).collect();
    println!("| measure | {} |", header.join(" | "));
    println!("|---|{}", "---:|".repeat(SHAPES.len()));
    for spec in SPECS {
        let times: Vec<String> = SHAPES
            .iter()
            .map(|(n, p, q)| {
                let (x, y) = (drawn(*n, *p, 1), drawn(*n, *q, 2));
                let start = Instant::now();
                let result = evaluate(spec, &x, &y);
                let seconds = start.elapsed().as_secs_f64();
                if result.is_ok() { format!("{seconds:.3}") } else { "degenerate".to_string() }
            })
            .collect();
        println!("| `{spec}` | {} |", times.join(" | "));
    }
}
