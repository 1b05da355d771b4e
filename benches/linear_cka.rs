//! Linear CKA against the three matrix products it needs (X'X, Y'Y, Y'X), as a ratio in one run.
//!
//! `cargo bench --bench linear_cka [-- N P]`

use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use similitude::{Measure, Representation};

const ROUNDS: usize = 7;

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed().as_secs_f64()
}

fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut product = Mat::zeros(a.ncols(), b.ncols());
    matmul(&mut product, Accum::Replace, a.transpose(), b, 1.0, Par::rayon(0));
    product
}

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (n, p) = if let [n, p, ..] = sizes[..] { (n, p) } else { (10_000, 512) };
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut draw = || -> Vec<f64> { (0..n * p).map(|_| StandardNormal.sample(&mut generator)).collect() };
    let (x, y) = (draw(), draw());
    let (column_x, column_y) = (MatRef::from_column_major_slice(&x, n, p), MatRef::from_column_major_slice(&y, n, p));
    println!("n = {n}, p = q = {p}, f64, {} threads, median of {ROUNDS}", rayon::current_num_threads());
    for text in ["cka", "cka:estimator=debiased", "procrustes:form=similarity", "cca:summary=r2", "cca:summary=rho", "linear-regression"] {
        let measure = Measure::parse(text).expect("a measure");
        let (mut products, mut row_major, mut column_major) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            products.push(seconds(|| (product(column_x, column_x), product(column_y, column_y), product(column_y, column_x))));
            column_major.push(seconds(|| {
                let (x, y) = (Representation::from_view("x", column_x), Representation::from_view("y", column_y));
                measure.compare(&x.expect("finite"), &y.expect("finite")).expect("defined").value
            }));
            row_major.push(seconds(|| {
                let (x, y) =
                    (Representation::from_row_major("x", n, p, x.as_slice()), Representation::from_row_major("y", n, p, y.as_slice()));
                measure.compare(&x.expect("finite"), &y.expect("finite")).expect("defined").value
            }));
        }
        let (products, row_major, column_major) = (median(products), median(row_major), median(column_major));
        println!(
            "{text:28} three products {products:.3} s, column-major {column_major:.3} s (ratio {:.2}), row-major {row_major:.3} s (ratio {:.2})",
            column_major / products,
            row_major / products
        );
    }
}
