//! Seconds, and the rate of a matrix product in the same minutes.

use std::hint::black_box;
use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, Mat, MatRef, Par};

/// Seconds that some work takes.
pub fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64()
}

/// Seconds that some work takes which may fail.
pub fn seconds_of<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<f64, E> {
    let start = Instant::now();
    black_box(work()?);
    Ok(start.elapsed().as_secs_f64())
}

/// Multiplies matrices for a twentieth of a second, on all threads.
///
/// To wake a processor that sleeps takes milliseconds on a virtual machine. The next measurement
/// would pay for it.
pub fn awake() {
    let start = Instant::now();
    let square = Mat::<f64>::from_fn(512, 512, |row, column| (row + column) as f64);
    while start.elapsed().as_secs_f64() < 0.05 {
        black_box(rate(square.as_ref(), square.as_ref()));
    }
}

/// The one in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Operations a second (2 m k n for a product) of A'B for matrices such as these.
pub fn rate<T: ComplexField + Copy>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> f64 {
    let mut product = Mat::<T>::zeros(a.ncols(), b.ncols());
    let one = T::one_impl();
    let seconds = seconds(|| matmul(&mut product, Accum::Replace, a.transpose(), b, one, Par::rayon(0)));
    black_box(&product);
    2.0 * (a.nrows() * a.ncols() * b.ncols()) as f64 / seconds
}
