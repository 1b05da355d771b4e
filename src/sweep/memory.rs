//! How much memory a sweep takes, before it starts.
//!
//! Bytes follow from what measures say they need ([`Needs`](crate::Needs)) and from how a layer is
//! held: its features, n x p, or of a layer wider than its examples the n x n matrices that are
//! made of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::arrays::gram::Gram;
use crate::arrays::neurons::{READ_SIZE, pass_room};
use crate::gram::kernel_matrix::Footprint;
use crate::linalg::wide::is_wide;
use crate::measure::Measure;
use crate::needs::{Artifact, Needs, Product, Size};

use crate::precision::Precision;
use crate::prepared::Partners;

/// Bytes that a sweep takes at most, by what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    /// Centered features, and bases of their column spaces for the measures that use them; of
    /// layers wider than their examples, matrices between examples instead. Kept for the whole
    /// sweep.
    pub features: u64,
    /// Kernel matrices, n^2/2 values for each layer and kernel. Kept for the whole sweep, as many
    /// as fit; the others are computed again for each pair.
    pub kernels: u64,
    /// How many kernel matrices that is.
    pub kernel_matrices: usize,
    /// What loading and preparing layers and comparing pairs take on the way, on all threads.
    pub working: u64,
}

/// What the program itself, its threads and the packed panels of their products take.
pub(super) const PROGRAM: u64 = 10 << 20;

/// What a finished cell takes at most, with its diagnostics; measured, for symmetric measures of a
/// network with itself, whose cells are there twice.
pub(super) const OUTCOME: u64 = 512;

// Bytes are counted in floating point: integers of 64 bits wrap for shapes that a header may hold.
const F64: f64 = size_of::<f64>() as f64;
const F32: f64 = size_of::<f32>() as f64;
/// Squares of larger numbers of examples or neurons are more than any machine's memory.
const MOST: usize = 1 << 28;

/// A layer of a sweep, and how it is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub(super) n: usize,
    pub(super) p: usize,
    pub(super) partners: Partners,
    /// How it is read where only matrices between examples are kept of it.
    pub(super) stored: Option<Blocks>,
}

/// How a layer is read in blocks of neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    /// Bytes of a value.
    pub(super) value_size: usize,
    /// Bytes that are read at a time.
    pub(super) read_size: usize,
}

impl Blocks {
    /// Blocks of values of this size, read in parts that take no more than an eighth of the memory
    /// there is.
    pub(super) fn within(value_size: usize, memory: Option<u64>) -> Self {
        /// Below that, a read costs more than what it delivers.
        const LEAST: u64 = 1 << 20;
        let read_size = memory.map_or(READ_SIZE as u64, |memory| (memory / 16).clamp(LEAST, READ_SIZE as u64));
        Self { value_size, read_size: read_size as usize }
    }
}

/// Bytes of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cost {
    /// Of what is kept, without kernel matrices that may be computed again.
    pub(super) kept: u64,
    /// Of these kernel matrices.
    pub(super) kernels: u64,
    pub(super) kernel_matrices: usize,
    /// On the way to all of it, beyond what is kept in the end.
    pub(super) preparing: u64,
    /// For each thread that compares it with its widest partner.
    pub(super) comparing: u64,
}

/// The same in floating point.
#[derive(Default)]
struct Bytes {
    kept: f64,
    kernels: f64,
    kernel_matrices: usize,
    preparing: f64,
    comparing: f64,
}

impl From<Bytes> for Cost {
    /// A number of bytes beyond the integers is the largest of them.
    fn from(Bytes { kept, kernels, kernel_matrices, preparing, comparing }: Bytes) -> Self {
        let [kept, kernels, preparing, comparing] = [kept, kernels, preparing, comparing].map(|bytes| bytes as u64);
        Self { kept, kernels, kernel_matrices, preparing, comparing }
    }
}

impl Layer {
    /// A layer that is compared with any of these, in both orders.
    fn among(layers: &[(usize, usize)], (n, p): (usize, usize)) -> Self {
        let widths = || layers.iter().map(|layer| layer.1);
        let partners = Partners { narrowest: widths().min().unwrap_or(p), widest: widths().max().unwrap_or(p), as_x: true, as_y: true };
        Self { n, p, partners, stored: None }
    }

    pub(super) fn is_wide(&self) -> bool {
        is_wide((self.n, self.p))
    }

    /// Whether it is compared with a layer that is not wide.
    fn has_narrow_partner(&self) -> bool {
        !is_wide((self.n, self.partners.narrowest))
    }

    /// Whether products with all of its neurons are the cheaper way for one of the measures.
    pub(super) fn wants_neurons(&self, measures: &[Measure]) -> bool {
        self.must_keep_neurons(measures) || (self.has_narrow_partner() && self.needs(measures).iter().any(|needs| needs.features))
    }

    /// Whether one of the measures has no value without all of its neurons in memory.
    pub(super) fn must_keep_neurons(&self, measures: &[Measure]) -> bool {
        self.needs(measures).iter().any(|needs| needs.neurons)
    }

    fn needs(&self, measures: &[Measure]) -> Vec<Needs> {
        measures.iter().map(|measure| measure.needs(Some(self.partners))).collect()
    }

    /// The different kernels for which it has a matrix between its examples: a linear one only for
    /// pairs with more neurons together than examples.
    fn kernels(&self, needs: &[Needs]) -> BTreeSet<String> {
        // That of a wide layer is its Gram matrix.
        let between_examples = self.p + self.partners.widest > self.n && !self.is_wide();
        let is_linear = |kernel: &crate::kernel::Kernel| *kernel == crate::kernel::Kernel::Linear;
        let kernels = needs.iter().filter_map(|needs| needs.kernel).filter(|(kernel, _)| between_examples || !is_linear(kernel));
        kernels.map(|kernel| format!("{kernel:?}")).collect()
    }

    /// Bytes that it takes.
    pub(super) fn cost(&self, measures: &[Measure], precision: Precision) -> Cost {
        let needs = self.needs(measures);
        if self.is_wide() { self.wide(&needs) } else { self.narrow(measures, &needs, precision) }
    }

    fn narrow(&self, measures: &[Measure], needs: &[Needs], precision: Precision) -> Cost {
        let (n, p, widest) = (self.n as f64, self.p as f64, self.partners.widest as f64);
        let any = |of: fn(&Needs) -> bool| needs.iter().any(of);
        let single = precision == Precision::Single;
        let mut cost = Bytes::default();
        let copies = if any(|needs| needs.uncentered) { 2.0 } else { 1.0 };
        if !Measure::need_products_alone(measures, (self.n, self.p), precision, self.partners.widest) {
            cost.kept += F64 * copies * n * p;
        }
        if single && Measure::need_rounded_features(measures) {
            cost.kept += F32 * n * p;
        }
        if any(|needs| needs.basis) {
            // W, and beside it both triangles.
            cost.kept += F64 * copies * (n * p + 2.0 * p * p);
            if single {
                cost.kept += F32 * n * p;
            }
        }
        if any(|needs| needs.singular_vectors) {
            // V, and the coordinates of U in the basis.
            cost.kept += F64 * copies * 2.0 * p * p;
        }
        let kernels = self.kernels(needs);
        let room = Footprint::new(self.n.min(MOST), self.p.min(MOST));
        cost.kernel_matrices = kernels.len();
        cost.kernels = F64 * room.kept as f64 * kernels.len() as f64;
        // The layer as loaded, or the Gram matrices of its neurons and decompositions of these. Of
        // what is deficient, the vectors that take the place of the basis are computed beside a
        // copy of it.
        let loading = n * p;
        let decomposing = if any(|needs| needs.singular_vectors) { 6.0 * p * p } else { 3.0 * p * p };
        let decomposing = if any(|needs| needs.basis) { decomposing } else { 0.0 };
        let squares = if any(|needs| needs.kernel.is_some()) { p * p } else { 0.0 };
        cost.preparing = F64 * loading.max(decomposing).max(squares);
        cost.comparing = F64 * self.pair(needs, p.min(n), widest);
        if !kernels.is_empty() {
            cost.preparing = cost.preparing.max(F64 * room.passing as f64);
            cost.comparing += F64 * room.of_thread as f64;
        }
        self.add_artifacts(&mut cost, needs);
        cost.into()
    }

    /// Adds what measures keep of their own; two that ask for the same artifact share it.
    fn add_artifacts(&self, cost: &mut Bytes, needs: &[Needs]) {
        let distinct: BTreeMap<&str, &Artifact> =
            needs.iter().flat_map(|needs| &needs.artifacts).map(|artifact| (artifact.key.as_str(), artifact)).collect();
        let bytes = |size: &Size| size.of(self.n, self.p, self.partners.widest) as f64;
        for artifact in distinct.values() {
            cost.kept += bytes(&artifact.kept);
            cost.preparing = cost.preparing.max(bytes(&artifact.preparing));
        }
        cost.comparing += distinct.values().map(|artifact| bytes(&artifact.comparing)).fold(0.0, f64::max);
    }

    fn wide(&self, needs: &[Needs]) -> Cost {
        let (n, p) = (self.n as f64, self.p as f64);
        let square = n * n;
        let any = |of: fn(&Needs) -> bool| needs.iter().any(of);
        let mut cost = Bytes::default();
        let copies = if any(|needs| needs.uncentered) { 2.0 } else { 1.0 };
        let gram = Gram::size(self.n.min(MOST)) as f64;
        let neurons = if self.stored.is_some() { 0.0 } else { n * p };
        let in_coordinates = |needs: &Needs| needs.coordinates && (!needs.features || self.has_wide_partner() || self.stored.is_some());
        let coordinates = needs.iter().any(in_coordinates);
        // A root of the Gram matrix tells the rank.
        let root = coordinates || any(|needs| needs.basis);
        // A measure that refuses layers that fill the space of the examples computes the others.
        let bases = any(|needs| needs.basis);
        let mut kept = neurons + gram;
        if root {
            kept += square;
        }
        if coordinates {
            kept += square;
        }
        if bases {
            kept += 3.0 * square;
        }
        if any(|needs| needs.singular_vectors) {
            kept += 2.0 * square;
        }
        cost.kept = F64 * copies * kept;
        let kernels = self.kernels(needs);
        let room = Footprint::new(self.n.min(MOST), self.n.min(MOST));
        cost.kernel_matrices = kernels.len();
        cost.kernels = F64 * room.kept as f64 * kernels.len() as f64;
        let pass = |blocks: Blocks| pass_room((self.n, self.p), blocks.value_size, blocks.read_size) as f64;
        let loading = self.stored.map_or(F64 * n * p, pass);
        // Coordinates for products alone follow from the Gram matrix mostly.
        let refining = match (coordinates, any(|needs| needs.singular_vectors)) {
            (_, true) => F64 * (2.0 * square + gram),
            (true, false) => F64 * square / 2.0,
            _ => 0.0,
        };
        let decomposing = if bases { F64 * 10.0 * square } else { 0.0 };
        cost.preparing = (loading + refining).max(decomposing);
        cost.comparing = F64 * self.pair(needs, n, (self.partners.widest as f64).min(n));
        if !kernels.is_empty() {
            cost.preparing = cost.preparing.max(F64 * room.passing as f64);
            cost.comparing += F64 * 2.0 * Gram::size(self.n.min(512)) as f64;
        }
        self.add_artifacts(&mut cost, needs);
        cost.into()
    }

    fn has_wide_partner(&self) -> bool {
        is_wide((self.n, self.partners.widest))
    }

    /// Values that comparing takes: the product of a pair, and what is computed of it.
    fn pair(&self, needs: &[Needs], p: f64, q: f64) -> f64 {
        let of = |needs: &Needs| {
            let between_examples =
                needs.kernel.is_some_and(|(kernel, _)| kernel != crate::kernel::Kernel::Linear || self.p + self.partners.widest > self.n);
            if between_examples {
                return 0.0;
            }
            let turned = if needs.singular_vectors { 2.0 } else { 0.0 };
            let of_product = match needs.product {
                Product::Nothing => return 0.0,
                Product::Sums => 1.0,
                Product::SingularValues => 3.0,
                Product::SingularVectors => 8.0,
            };
            // The products of each side with itself are computed beside it.
            let selves = if needs.kernel.is_some() { p * p + q * q } else { 0.0 };
            (of_product + turned) * p * q + selves
        };
        needs.iter().map(of).fold(0.0, f64::max)
    }
}

impl Estimate {
    /// Estimates a sweep over these layers (shapes n, p; all layers of both networks) by these
    /// measures, with large products in `precision`, on `threads` threads.
    ///
    /// Representations with all of their entries in memory; layers in files that are wider than
    /// their examples take less.
    pub fn new(layers: &[(usize, usize)], measures: &[Measure], precision: Precision, threads: usize) -> Self {
        let layers: Vec<Layer> = layers.iter().map(|&layer| Layer::among(layers, layer)).collect();
        Self::of(&layers, measures, precision, threads)
    }

    /// The same of layers that are held in some way.
    pub(super) fn of(layers: &[Layer], measures: &[Measure], precision: Precision, threads: usize) -> Self {
        let mut estimate = Self::default();
        let (mut preparing, mut comparing, mut alone) = (Vec::new(), 0, 0);
        for layer in layers {
            let cost = layer.cost(measures, precision);
            estimate.features = estimate.features.saturating_add(cost.kept);
            estimate.kernels = estimate.kernels.saturating_add(cost.kernels);
            estimate.kernel_matrices += cost.kernel_matrices;
            comparing = cost.comparing.max(comparing);
            // Stored layers are read one after the other.
            if layer.stored.is_some() { alone = cost.preparing.max(alone) } else { preparing.push(cost.preparing) }
        }
        preparing.sort_unstable_by_key(|&bytes| Reverse(bytes));
        let preparing = preparing.into_iter().take(threads).fold(0, u64::saturating_add);
        let comparisons = threads.min((layers.len() / 2).max(1)) as u64;
        estimate.working = preparing.max(alone).max(comparing.saturating_mul(comparisons)).saturating_add(PROGRAM);
        estimate
    }

    /// All of it, with every kernel matrix kept.
    pub fn total(&self) -> u64 {
        self.least().saturating_add(self.kernels)
    }

    /// What it takes with no kernel matrix kept.
    pub fn least(&self) -> u64 {
        self.features.saturating_add(self.working)
    }
}

/// Of these layers, those whose kernel matrices are kept so that all together take no more than
/// `limit` bytes. The widest first: their products cost most.
pub(super) fn kept(layers: &[Layer], measures: &[Measure], estimate: &Estimate, limit: u64) -> Vec<bool> {
    let mut left = limit.saturating_sub(estimate.least());
    let mut kept = vec![false; layers.len()];
    let mut order: Vec<usize> = (0..layers.len()).collect();
    order.sort_by_key(|&layer| Reverse(layers[layer].p));
    for layer in order {
        let bytes = layers[layer].cost(measures, Precision::Double).kernels;
        if bytes <= left {
            (left, kept[layer]) = (left - bytes, true);
        }
    }
    kept
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
