//! How much memory a sweep takes, before it starts.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use crate::linalg::Room;
use crate::{Measure, Precision};

/// Bytes that a sweep takes at most, by what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    /// Centered features, and bases of their column spaces for the measures that use them. Kept for the whole sweep.
    pub features: u64,
    /// Kernel matrices, n^2/2 values for each layer and kernel. Kept for the whole sweep, as many as fit; the others are computed again for each pair.
    pub kernels: u64,
    /// How many kernel matrices that is.
    pub kernel_matrices: usize,
    /// What loading and preparing a layer and comparing a pair take on the way, on each thread.
    pub working: u64,
}

const F64: u64 = size_of::<f64>() as u64;
const F32: u64 = size_of::<f32>() as u64;

impl Estimate {
    /// Estimates a sweep over these layers (shapes n, p; all layers of both networks) by these measures, with large products in `precision`, on `threads` threads.
    ///
    /// An estimate from above: a measure without a kernel counts as one that needs bases, in single precision in f64 and rounded.
    pub fn new(layers: &[(usize, usize)], measures: &[Measure], precision: Precision, threads: usize) -> Self {
        let single = precision == Precision::Single;
        let rounded = single && Measure::need_rounded_features(measures);
        let bases = measures.iter().any(|measure| kernel(measure).is_none());
        let copies = if measures.iter().any(Measure::uncentered) { 2 } else { 1 };
        let widest = layers.iter().map(|layer| layer.1).max().unwrap_or(0);
        let distinct = kernels(measures);
        let mut estimate = Self::default();
        for &(n, p) in layers {
            // U or W is n x min(n, p); V, and beside W its triangle, its correction and U's coordinates in it, are p x min(n, p) at most.
            let (n64, p64, k64) = (n as u64, p as u64, n.min(p) as u64);
            let basis = if bases { k64 * (n64 + 4 * p64) } else { 0 };
            if !Measure::need_products_alone(measures, (n, p), precision, widest) {
                estimate.features += F64 * copies * (n64 * p64 + basis);
            }
            if rounded {
                estimate.features += F32 * n64 * p64;
            }
            if single && bases {
                estimate.features += F32 * n64 * k64;
            }
            let matrices = matrices(&distinct, n, p + widest);
            let room = Room::new(n, p);
            estimate.kernel_matrices += matrices;
            estimate.kernels += F64 * (room.kept * matrices) as u64;
            // The layer as loaded, and its decomposition, which works on about six copies (measured at 3000 x 200); with the widest layer the two products of a
            // pair, that of the bases in the singular vectors, its decomposition, and the variates in the singular vectors; what a kernel matrix takes on the way.
            let loading = n64 * p64 + if bases { 6 * n64 * p64 } else { 0 };
            let comparing = 7 * p64 * widest as u64;
            let (passing, tiles) = if matrices > 0 { (room.passing as u64, room.of_thread as u64) } else { (0, 0) };
            estimate.working = estimate.working.max(F64 * threads as u64 * (loading.max(comparing).max(passing) + tiles));
        }
        estimate
    }

    /// All of it, with every kernel matrix kept.
    pub fn total(&self) -> u64 {
        self.least() + self.kernels
    }

    /// What it takes with no kernel matrix kept.
    pub fn least(&self) -> u64 {
        self.features + self.working
    }
}

/// Of these layers, those whose kernel matrices are kept so that all together take no more than `limit` bytes. The widest first: their products cost most.
pub(super) fn kept(layers: &[(usize, usize)], measures: &[Measure], estimate: &Estimate, limit: u64) -> Vec<bool> {
    let (distinct, widest) = (kernels(measures), layers.iter().map(|layer| layer.1).max().unwrap_or(0));
    let mut left = limit.saturating_sub(estimate.least());
    let mut kept = vec![false; layers.len()];
    let mut order: Vec<usize> = (0..layers.len()).collect();
    order.sort_by_key(|&layer| Reverse(layers[layer].1));
    for layer in order {
        let (n, p) = layers[layer];
        let bytes = F64 * (Room::new(n, p).kept * matrices(&distinct, n, p + widest)) as u64;
        if bytes <= left {
            (left, kept[layer]) = (left - bytes, true);
        }
    }
    kept
}

/// The different kernels of measures, in words.
fn kernels(measures: &[Measure]) -> BTreeSet<String> {
    measures.iter().filter_map(kernel).collect()
}

/// How many of the kernels take a matrix between n examples: a linear one only where that is cheaper than the neurons' products, for pairs wider than n.
fn matrices(distinct: &BTreeSet<String>, n: usize, widest_pair: usize) -> usize {
    distinct.iter().filter(|kernel| !kernel.starts_with("linear") || widest_pair > n).count()
}

/// The kernel that a measure compares examples with, in words; `None` for a measure without kernels.
fn kernel(measure: &Measure) -> Option<String> {
    let convention = measure.convention();
    let position = convention.iter().position(|(key, _)| *key == "kernel")?;
    // Equal kernels with different estimators are centered differently: two matrices.
    let words: Vec<String> = convention[position..].iter().map(|(_, value)| value.clone()).collect();
    Some(words.join(" "))
}

/// Bytes that a new process may take without swapping, where the system says so (Linux); `None` elsewhere.
pub fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// A number of bytes in the unit that a person reads.
pub(super) struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
        match UNITS.iter().find(|(_, size)| self.0 >= *size) {
            Some((unit, size)) => write!(f, "{:.1} {unit}", self.0 as f64 / *size as f64),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(texts: &[&str]) -> Vec<Measure> {
        texts.iter().map(|text| Measure::parse(text).unwrap()).collect()
    }

    #[test]
    fn linear_cka_of_narrow_layers_keeps_the_features_only() {
        let estimate = Estimate::new(&[(1000, 10), (1000, 20)], &measures(&["cka"]), Precision::Double, 1);
        assert_eq!(estimate.features, 8 * 1000 * 30);
        assert_eq!((estimate.kernels, estimate.kernel_matrices), (0, 0));
    }

    #[test]
    fn features_rounded_to_single_precision_count_where_they_are_used() {
        let features = |text: &str| Estimate::new(&[(1000, 10)], &measures(&[text]), Precision::Single, 1).features;
        assert_eq!((features("cka"), features("cka:kernel=rbf")), (4 * 1000 * 10, 8 * 1000 * 10));
        // Row norms are summed in double precision.
        assert_eq!(features("cka:estimator=debiased"), (8 + 4) * 1000 * 10);
        // Features in f64, bases in both precisions, and four matrices of 10 x 10; the response of a regression in f32 too.
        assert_eq!(features("cca:summary=r2"), (2 * 8 + 4) * 1000 * 10 + 8 * 4 * 10 * 10);
        assert_eq!(features("linear-regression"), 2 * (8 + 4) * 1000 * 10 + 8 * 4 * 10 * 10);
    }

    #[test]
    fn each_kernel_is_one_matrix_a_layer() {
        let texts = ["cka:kernel=rbf,fraction=0.4", "cka:kernel=rbf,fraction=0.8", "hsic:kernel=rbf,fraction=0.8"];
        let estimate = Estimate::new(&[(100, 3), (100, 3)], &measures(&texts), Precision::Double, 1);
        assert_eq!((estimate.kernels, estimate.kernel_matrices), (4 * 100 * 100 * 8, 4));
    }

    #[test]
    fn the_widest_layers_keep_their_kernel_matrices() {
        let (layers, measures) = ([(100, 3), (100, 5), (100, 4)], measures(&["cka:kernel=rbf"]));
        let estimate = Estimate::new(&layers, &measures, Precision::Double, 1);
        let matrix = 8 * 100 * 100;
        assert_eq!((estimate.kernels, estimate.total() - estimate.least()), (3 * matrix, 3 * matrix));
        let kept = |room: u64| kept(&layers, &measures, &estimate, estimate.least() + room);
        assert_eq!(kept(0), [false; 3]);
        assert_eq!(kept(matrix), [false, true, false]);
        assert_eq!(kept(3 * matrix - 1), [false, true, true]);
        assert_eq!(kept(3 * matrix), [true; 3]);
    }

    #[test]
    fn a_pair_of_fifty_thousand_examples_fits_into_four_gigabytes() {
        let estimate = Estimate::new(&[(50_000, 512); 2], &measures(&["cka:kernel=rbf"]), Precision::Double, 2);
        assert!(estimate.least() < 2 << 30 && estimate.total() > 16 << 30, "{estimate:?}");
    }

    #[test]
    fn bases_and_uncentered_copies_count() {
        let estimate = Estimate::new(&[(100, 3)], &measures(&["cca"]), Precision::Double, 1);
        // The features, W, and four matrices of 3 x 3.
        assert_eq!(estimate.features, 8 * (300 + 300 + 4 * 9));
        let both = Estimate::new(&[(100, 3)], &measures(&["cca", "cca:center=no"]), Precision::Double, 1);
        assert_eq!(both.features, 2 * estimate.features);
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(Bytes(999).to_string(), "999 bytes");
        assert_eq!(Bytes(3 << 29).to_string(), "1.5 GiB");
        assert_eq!(Bytes(80_000).to_string(), "78.1 KiB");
    }
}
