//! How much memory a sweep takes, before it starts.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Measure, Precision};

/// Bytes that a sweep takes at most, by what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    /// Centered features, and bases of their column spaces for the measures that use them. Kept for the whole sweep.
    pub features: u64,
    /// Kernel matrices, n x n for each layer and kernel. Kept for the whole sweep.
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
    /// An estimate from above: a measure without a kernel counts as one that needs bases.
    pub fn new(layers: &[(usize, usize)], measures: &[Measure], precision: Precision, threads: usize) -> Self {
        let rounded = precision == Precision::Single
            && measures.iter().any(|measure| kernel(measure).is_some_and(|kernel| kernel.starts_with("linear")));
        let bases = measures.iter().any(|measure| kernel(measure).is_none());
        let copies = if measures.iter().any(Measure::uncentered) { 2 } else { 1 };
        let widest = layers.iter().map(|layer| layer.1).max().unwrap_or(0);
        // A linear kernel is an n x n matrix only where that is cheaper than the neurons' products: for pairs wider than n.
        let kernels = |n: usize, p: usize| {
            let distinct: BTreeSet<String> = measures.iter().filter_map(kernel).collect();
            distinct.iter().filter(|kernel| !kernel.starts_with("linear") || p + widest > n).count()
        };
        let mut estimate = Self::default();
        for &(n, p) in layers {
            // U or W is n x min(n, p); V, and beside W its triangle, its correction and U's coordinates in it, are p x min(n, p) at most.
            let (n64, p64, k64) = (n as u64, p as u64, n.min(p) as u64);
            let basis = if bases { k64 * (n64 + 4 * p64) } else { 0 };
            estimate.features += F64 * copies * (n64 * p64 + basis);
            if rounded {
                estimate.features += F32 * n64 * p64;
            }
            estimate.kernel_matrices += kernels(n, p);
            estimate.kernels += F64 * n64 * n64 * kernels(n, p) as u64;
            // The layer as loaded, and its decomposition, which works on about six copies (measured at 3000 x 200); with the widest layer the two products of a
            // pair, that of the bases in the singular vectors, its decomposition, and the variates in the singular vectors; one kernel matrix.
            let loading = n64 * p64 + if bases { 6 * n64 * p64 } else { 0 };
            let comparing = 7 * p64 * widest as u64;
            let kernel = if kernels(n, p) > 0 { n64 * n64 } else { 0 };
            estimate.working = estimate.working.max(F64 * threads as u64 * loading.max(comparing).max(kernel));
        }
        estimate
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.features + self.kernels + self.working
    }
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
        assert_eq!((features("cka"), features("cka:kernel=rbf")), ((8 + 4) * 1000 * 10, 8 * 1000 * 10));
    }

    #[test]
    fn each_kernel_is_one_matrix_a_layer() {
        let texts = ["cka:kernel=rbf,fraction=0.4", "cka:kernel=rbf,fraction=0.8", "hsic:kernel=rbf,fraction=0.8"];
        let estimate = Estimate::new(&[(100, 3), (100, 3)], &measures(&texts), Precision::Double, 1);
        assert_eq!((estimate.kernels, estimate.kernel_matrices), (4 * 100 * 100 * 8, 4));
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
