//! The constants of the machine that this runs on.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use similitude::io::{Network, TensorValues, write_safetensors};
use similitude::moments::{Batch, Moments};

/// The setting of the constants: a block of rows of layers of this width.
pub const ROWS: usize = 1024;
pub const WIDTH: usize = 512;
const LAYERS: usize = 12;
const ROUNDS: usize = 12;

/// Rates, per second.
pub struct Machine {
    pub threads: usize,
    load: String,
    /// Operations of products of blocks: the ceiling.
    pub product: f64,
    /// Operations of gathering the moments of all pairs of several layers.
    pub moments: f64,
    /// The same with the row norms of the debiased estimators.
    pub moments_debiased: f64,
    /// Bytes of moments merged.
    pub merge: f64,
    /// Bytes of single precision read by rows from a cached file.
    pub read: f64,
    /// Bytes of moments of one pair.
    pub pair_bytes: f64,
}

/// The least time that each piece of work took. They take turns, so that other work on the machine
/// is met by all of them alike.
fn least_seconds<const N: usize>(mut works: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut least = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (work, least) in works.iter_mut().zip(&mut least) {
            let start = Instant::now();
            work();
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }
    least
}

fn all_pairs(with_row_norms: bool) -> Moments {
    let pairs: Vec<(usize, usize)> = (0..LAYERS).flat_map(|x| (x..LAYERS).map(move |y| (x, y))).collect();
    let layers: Vec<String> = (0..LAYERS).map(|layer| format!("layer{layer}")).collect();
    Moments::new(layers.iter().map(|name| (name.as_str(), WIDTH)), pairs, with_row_norms).expect("layers with neurons")
}

pub fn measure() -> Result<Machine, Box<dyn std::error::Error>> {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut draw = || -> Vec<f64> { (0..ROWS * WIDTH).map(|_| StandardNormal.sample(&mut generator)).collect() };
    let blocks: Vec<Vec<f64>> = (0..LAYERS).map(|_| draw()).collect();
    let batches: Vec<Batch<'_>> = blocks.iter().map(|block| MatRef::from_row_major_slice(block, ROWS, WIDTH).into()).collect();
    let column_major = |block: usize| MatRef::from_column_major_slice(&blocks[block], ROWS, WIDTH);
    let mut products = vec![Mat::<f64>::zeros(WIDTH, WIDTH); LAYERS * LAYERS / 2];
    let (mut plain, mut debiased) = (all_pairs(false), all_pairs(true));
    let other = {
        let mut moments = all_pairs(false);
        moments.update(&batches)?;
        moments
    };
    let mut merged = other.clone();

    let directory = std::env::temp_dir().join(format!("similitude-scale-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let file = directory.join("layer.safetensors");
    let single: Vec<f32> = blocks.iter().flatten().map(|value| *value as f32).collect();
    write_safetensors(&file, &[("layer", &[LAYERS * ROWS, WIDTH], TensorValues::F32(&single))])?;
    let network = Network::open(&file, None)?;

    let [product, moments, moments_debiased, merge, read] = least_seconds([
        // As many products as the moments are: one thread for each, as there.
        &mut || {
            products.par_iter_mut().enumerate().for_each(|(index, product)| {
                let (x, y) = (column_major(index % LAYERS), column_major(index / LAYERS));
                matmul(product, Accum::Add, x.transpose(), y, 1.0, Par::Seq);
            });
        },
        &mut || plain.update(&batches).expect("finite"),
        &mut || debiased.update(&batches).expect("finite"),
        &mut || merged.merge(&other).expect("the same layers"),
        &mut || {
            for block in 0..LAYERS {
                black_box(network.read_rows(0, None, block * ROWS..(block + 1) * ROWS, Vec::new()).expect("a whole file"));
            }
        },
    ]);
    drop(network);
    std::fs::remove_dir_all(&directory)?;

    // The pairs above the diagonal are whole products, those on it half of one.
    let operations = (2 * ROWS * WIDTH * WIDTH) as f64 * (LAYERS * LAYERS) as f64 / 2.0;
    let pair_bytes = 8.0 * (WIDTH * WIDTH) as f64;
    let load = std::fs::read_to_string("/proc/loadavg").ok().and_then(|text| Some(text.split(' ').next()?.to_string()));
    Ok(Machine {
        threads: rayon::current_num_threads(),
        load: load.unwrap_or("unknown".into()),
        product: operations / product,
        moments: operations / moments,
        moments_debiased: operations / moments_debiased,
        merge: pair_bytes * other.pairs().len() as f64 / merge,
        read: 4.0 * single.len() as f64 / read,
        pair_bytes,
    })
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let giga = |rate: f64| format!("{:.1}", rate / 1e9);
        writeln!(f, "## This machine\n")?;
        writeln!(
            f,
            "{} threads, load average {} while measuring (a load above the number of threads means that other work ran too: read the rates as lower \
             bounds, and the shares as they are). Blocks of {ROWS} rows, layers of {WIDTH} neurons, the best of {ROUNDS} rounds.\n",
            self.threads, self.load
        )?;
        writeln!(f, "| constant | value | share of the products |\n|---|---|---|")?;
        let share = |rate: f64| format!("{:.0} %", 100.0 * rate / self.product);
        writeln!(f, "| products of blocks, f64 | {} GFLOP/s | |", giga(self.product))?;
        writeln!(f, "| moments, {LAYERS} layers with each other | {} GFLOP/s | {} |", giga(self.moments), share(self.moments))?;
        writeln!(f, "| the same with row norms (debiased) | {} GFLOP/s | {} |", giga(self.moments_debiased), share(self.moments_debiased))?;
        writeln!(f, "| merging moments | {} GB/s | |", giga(self.merge))?;
        writeln!(f, "| reading f32 rows from a cached file | {} GB/s | |", giga(self.read))?;
        writeln!(f, "| moments of a pair | {:.1} MB | |", self.pair_bytes / 1e6)
    }
}
