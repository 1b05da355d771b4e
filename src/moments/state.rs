//! The moments of many layers over the rows seen so far.

use faer::Par;
use rayon::prelude::*;
use serde::Serialize;

use super::block::{Batch, Block};
use super::compensated::Compensated;
use super::error::Error;
use super::pair::{Move, PairMoments, RowNormBlock, shrink};
use super::value::{self, Terms};
use crate::arrays::product::{parallelism, row_squared_norms};
use crate::arrays::scale::exponent;
use crate::arrays::sums::{dot, sum, sum_of_squares};
use crate::linalg::norms::share;
use crate::measure::Measure;
use crate::score::Score;

/// Sums over the examples seen so far: for each layer its means and total variance, for each of the
/// chosen pairs the sums of products.
///
/// It takes 8 p q bytes for each pair (and 8 (p + q) more with row norms), whatever the number of
/// examples. See [`moments`](crate::moments).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moments {
    pub(super) n: u64,
    /// Rows before the first one seen.
    pub(super) start: u64,
    pub(super) with_row_norms: bool,
    pub(super) layers: Vec<LayerMoments>,
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) sums: Vec<PairMoments>,
}

/// The moments of one layer, of its values times 2^-exponent.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub(super) struct LayerMoments {
    pub(super) name: String,
    /// That of the largest magnitude seen; none while every entry was 0.
    pub(super) exponent: Option<i64>,
    pub(super) mean: Vec<Compensated>,
    /// Sum of the squared deviations.
    pub(super) trace: Compensated,
    /// The same of each neuron, for bounds on errors: not as exactly.
    pub(super) squares: Vec<f64>,
}

/// A batch of one layer, about the mean that the layer has with it.
pub(super) struct Gathered {
    pub(super) block: Block,
    /// How the deviations of the rows before move.
    shift: Vec<f64>,
    /// How far the mean of the batch is from that of the rows before.
    distance: Vec<f64>,
    row_norms: Vec<f64>,
}

impl Moments {
    /// No rows yet, of layers given by name and number of neurons, for these pairs of them (counted
    /// from 0; a layer may be paired with itself, which CKA needs). The debiased estimators need
    /// `with_row_norms`.
    ///
    /// # Errors
    /// [`Error::Pair`] for a pair of layers that there are not, or that is given twice;
    /// [`crate::Error::NoNeurons`].
    pub fn new<'a>(
        layers: impl IntoIterator<Item = (&'a str, usize)>,
        pairs: Vec<(usize, usize)>,
        with_row_norms: bool,
    ) -> Result<Self, Error> {
        let layers: Vec<LayerMoments> = layers.into_iter().map(|(name, p)| LayerMoments::new(name, p)).collect();
        if let Some(layer) = layers.iter().find(|layer| layer.mean.is_empty()) {
            return Err(crate::error::Error::NoNeurons { name: layer.name.clone() }.into());
        }
        check_pairs(&pairs, layers.len())?;
        let sums = pairs.iter().map(|&(x, y)| PairMoments::new(layers[x].p(), layers[y].p(), with_row_norms)).collect();
        Ok(Self { n: 0, start: 0, with_row_norms, layers, pairs, sums })
    }

    /// No rows yet, of two layers of p and q neurons: layer 0 and layer 1, with all that any
    /// measure needs.
    ///
    /// # Panics
    /// When p or q is 0.
    pub fn of_pair(x: &str, p: usize, y: &str, q: usize) -> Self {
        Self::new([(x, p), (y, q)], vec![(0, 0), (0, 1), (1, 1)], true).expect("two layers with neurons")
    }

    /// The same, of rows that come after others: errors count rows from there.
    pub fn after(mut self, rows: u64) -> Self {
        self.start = rows;
        self
    }

    /// Rows seen.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The pairs of layers.
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// Adds rows: a batch for each layer, of the same examples in the same order. Batches of 1000
    /// rows and more cost no speed.
    ///
    /// # Errors
    /// [`Error::BatchCount`], [`Error::BatchWidth`], [`Error::BatchRows`];
    /// [`crate::Error::NotFinite`] with the row counted over all batches. The moments are then
    /// those before.
    pub fn update(&mut self, batches: &[Batch<'_>]) -> Result<(), Error> {
        let seen = self.start + self.n;
        let rows = check_batches(&self.layers, batches, seen)?;
        if rows == 0 {
            return Ok(());
        }
        let exponents = largest_exponents(&self.layers, batches, seen)?;
        self.raise_exponents(&exponents);
        let before = self.n as f64;
        let gathered: Vec<Gathered> = batches
            .par_iter()
            .zip(&self.layers)
            .map(|(batch, layer)| layer.gather(batch, before, rows as f64, self.with_row_norms))
            .collect();
        let weighted: Vec<Vec<Vec<f64>>> =
            (0..self.layers.len()).into_par_iter().map(|layer| self.weighted_sums(layer, &gathered)).collect();
        let (layers, pairs, many) = (&self.layers, &self.pairs, self.pairs.len() >= 2 * rayon::current_num_threads());
        self.sums.par_iter_mut().zip(pairs).for_each(|(sums, &(x, y))| {
            let moved = |layer: usize| Move { shift: &gathered[layer].shift, trace: layers[layer].trace.value() };
            sums.move_means(&moved(x), &moved(y), before, x == y);
            if sums.row_norms.is_some() {
                let of = |layer: usize, other: usize| weighted[layer][place(&partners(pairs, layer), other)].as_slice();
                let norms = |layer: usize| gathered[layer].row_norms.as_slice();
                sums.add_row_norms(&RowNormBlock { x: norms(x), y: norms(y), of_y: of(y, x), of_x: of(x, y) });
            }
            let (x_block, y_block) = (&gathered[x].block, &gathered[y].block);
            let share = if many { Par::Seq } else { parallelism(x_block.mean.len() * y_block.mean.len() * rows) };
            sums.add_products(x_block, y_block, x == y, share);
        });
        let total = before + rows as f64;
        for (layer, gathered) in self.layers.iter_mut().zip(&gathered) {
            layer.advance(gathered, before == 0.0, rows as f64 / total);
        }
        self.n += rows as u64;
        Ok(())
    }

    /// Adds the rows that another set of moments of the same layers and pairs has seen.
    ///
    /// # Errors
    /// [`Error::Different`] when it is of other layers or pairs. The moments are then those before.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.check_same(other)?;
        if other.n == 0 {
            return Ok(());
        }
        if self.n == 0 {
            self.clone_from(other);
            return Ok(());
        }
        let mut other = other.clone();
        let exponents: Vec<_> = self.layers.iter().zip(&other.layers).map(|(a, b)| a.exponent.max(b.exponent)).collect();
        self.raise_exponents(&exponents);
        other.raise_exponents(&exponents);
        let (a, b) = (self.n as f64, other.n as f64);
        let total = a + b;
        let distances: Vec<Vec<f64>> = self.layers.iter().zip(&other.layers).map(|(a, b)| distance(&b.mean, &a.mean)).collect();
        let scaled = |factor: f64| -> Vec<Vec<f64>> {
            distances.iter().map(|distance| distance.iter().map(|distance| distance * factor).collect()).collect()
        };
        let (shift_a, shift_b) = (scaled(-b / total), scaled(a / total));
        let (layers_a, layers_b, pairs) = (&self.layers, &other.layers, &self.pairs);
        self.sums.par_iter_mut().zip(&mut other.sums).zip(pairs).for_each(|((sums, others), &(x, y))| {
            let itself = x == y;
            let moved = |layers: &[LayerMoments], shift: &'_ [Vec<f64>], layer: usize| (shift[layer].clone(), layers[layer].trace.value());
            for (sums, layers, shift, n) in [(&mut *sums, layers_a, &shift_a, a), (&mut *others, layers_b, &shift_b, b)] {
                let ((dx, x_trace), (dy, y_trace)) = (moved(layers, shift, x), moved(layers, shift, y));
                sums.move_means(&Move { shift: &dx, trace: x_trace }, &Move { shift: &dy, trace: y_trace }, n, itself);
            }
            sums.add(others, &distances[x], &distances[y], a * b / total, itself);
        });
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let between = a * b / total * sum_of_squares(&distances[index]);
            layer.trace = layer.trace.plus(other.layers[index].trace).add(between);
            for ((squares, more), distance) in layer.squares.iter_mut().zip(&other.layers[index].squares).zip(&distances[index]) {
                *squares += more + a * b / total * distance * distance;
            }
            layer.mean.iter_mut().zip(&distances[index]).for_each(|(mean, distance)| *mean = mean.add(distance * (b / total)));
        }
        self.n += other.n;
        Ok(())
    }

    /// What measures need of a pair, in a few numbers; none when the pair is not among those
    /// gathered.
    pub fn terms(&self, x: usize, y: usize) -> Option<Terms> {
        let place = self.pairs.iter().position(|&pair| pair == (x, y))?;
        let (sums, layer_x, layer_y) = (&self.sums[place], &self.layers[x], &self.layers[y]);
        Some(Terms {
            n: self.n,
            p: layer_x.p(),
            q: layer_y.p(),
            exponent: 2 * (layer_x.exponent.unwrap_or(0) + layer_y.exponent.unwrap_or(0)),
            squared_norm: sums.squared_norm(layer_x.p(), x == y),
            traces: (layer_x.trace.value(), layer_y.trace.value()),
            shares: (layer_x.share(), layer_y.share()),
            row_products: sums.row_norms.as_ref().map(|norms| (norms.products.value(), norms.magnitude)),
        })
    }

    /// A measure of two layers, over all rows seen.
    ///
    /// # Errors
    /// [`Error::NotFromMoments`] for all but linear CKA and HSIC, [`Error::NoRowNorms`],
    /// [`Error::Pair`] when the pair (or for CKA, one of the layers with itself) is not among those
    /// gathered; and what makes the measure undefined on these data.
    pub fn score(&self, measure: &Measure, x: usize, y: usize) -> Result<Score, Error> {
        value::check(measure)?;
        let terms = |first: usize, second: usize| {
            let problem = "is not among those gathered";
            self.terms(first, second).ok_or(Error::Pair { first, second, layers: self.layers.len(), problem })
        };
        let selves = if value::needs_self_terms(measure) { Some((terms(x, x)?, terms(y, y)?)) } else { None };
        let selves = selves.as_ref().map(|(x, y)| (x, y));
        value::score(measure, &self.layers[x].name, &self.layers[y].name, &terms(x, y)?, selves)
    }

    fn check_same(&self, other: &Self) -> Result<(), Error> {
        let shapes =
            |moments: &Self| -> Vec<(String, usize)> { moments.layers.iter().map(|layer| (layer.name.clone(), layer.p())).collect() };
        let difference = if shapes(self) != shapes(other) {
            format!("layers {:?} and {:?}", shapes(self), shapes(other))
        } else if self.pairs != other.pairs {
            format!("pairs {:?} and {:?}", self.pairs, other.pairs)
        } else if self.with_row_norms != other.with_row_norms {
            format!("row norms gathered: {} and {}", self.with_row_norms, other.with_row_norms)
        } else {
            return Ok(());
        };
        Err(Error::Different { difference })
    }

    /// Takes out larger powers of two, where larger entries have come.
    fn raise_exponents(&mut self, found: &[Option<i64>]) {
        let raised: Vec<i64> = self.layers.iter_mut().zip(found).map(|(layer, &found)| layer.raise(found)).collect();
        for (sums, &(x, y)) in self.sums.iter_mut().zip(&self.pairs) {
            if (raised[x], raised[y]) != (0, 0) {
                sums.rescale(-raised[x], -raised[y]);
            }
        }
    }

    /// For each partner of a layer, the sum of the batch's rows of the layer, weighted with the
    /// squared row norms of the partner.
    fn weighted_sums(&self, layer: usize, gathered: &[Gathered]) -> Vec<Vec<f64>> {
        if !self.with_row_norms {
            return Vec::new();
        }
        let (partners, block) = (partners(&self.pairs, layer), &gathered[layer].block);
        let mut sums = vec![Vec::with_capacity(block.mean.len()); partners.len()];
        for column in 0..block.mean.len() {
            for (sums, &partner) in sums.iter_mut().zip(&partners) {
                sums.push(dot(block.column(column), &gathered[partner].row_norms));
            }
        }
        sums
    }
}

/// Rows of a batch for each layer, of the same examples: `seen` come before.
///
/// # Errors
/// [`Error::BatchCount`], [`Error::BatchWidth`], [`Error::BatchRows`].
pub(super) fn check_batches(layers: &[LayerMoments], batches: &[Batch<'_>], seen: u64) -> Result<usize, Error> {
    if batches.len() != layers.len() {
        return Err(Error::BatchCount { batches: batches.len(), layers: layers.len() });
    }
    let expected = batches.first().map_or(0, |batch| batch.shape().0);
    for (batch, layer) in batches.iter().zip(layers) {
        let (rows, columns) = batch.shape();
        if columns != layer.p() {
            return Err(Error::BatchWidth { name: layer.name.clone(), expected: layer.p(), found: columns, row: seen });
        }
        if rows != expected {
            let (first, name) = (layers[0].name.clone(), layer.name.clone());
            return Err(Error::BatchRows { first, expected, name, found: rows, row: seen });
        }
    }
    Ok(expected)
}

/// The exponent of the largest magnitude of each batch.
///
/// # Errors
/// [`crate::Error::NotFinite`] with the row counted over all batches.
pub(super) fn largest_exponents(layers: &[LayerMoments], batches: &[Batch<'_>], seen: u64) -> Result<Vec<Option<i64>>, Error> {
    let exponents = batches.par_iter().zip(layers).map(|(batch, layer)| batch.largest_exponent(&layer.name, seen));
    Ok(exponents.collect::<Result<_, _>>()?)
}

/// The layers that a layer is paired with, each once and in order.
fn partners(pairs: &[(usize, usize)], layer: usize) -> Vec<usize> {
    let mut partners: Vec<usize> =
        pairs.iter().filter_map(|&(x, y)| if x == layer { Some(y) } else { (y == layer).then_some(x) }).collect();
    partners.sort_unstable();
    partners.dedup();
    partners
}

fn place(partners: &[usize], partner: usize) -> usize {
    partners.binary_search(&partner).expect("partners of a pair are in each other's lists")
}

/// Pairs of layers that there are, none twice.
pub(super) fn check_pairs(pairs: &[(usize, usize)], layers: usize) -> Result<(), Error> {
    let mut seen = std::collections::BTreeSet::new();
    for &(first, second) in pairs {
        let problem = match (first.max(second) < layers, seen.insert((first, second))) {
            (false, _) => "names a layer that there is not",
            (_, false) => "is given twice",
            _ => continue,
        };
        return Err(Error::Pair { first, second, layers, problem });
    }
    Ok(())
}

fn distance(from: &[Compensated], to: &[Compensated]) -> Vec<f64> {
    from.iter().zip(to).map(|(from, to)| from.minus(*to)).collect()
}

impl LayerMoments {
    pub(super) fn new(name: &str, p: usize) -> Self {
        Self {
            name: name.to_string(),
            exponent: None,
            mean: vec![Compensated::default(); p],
            trace: Compensated::default(),
            squares: vec![0.0; p],
        }
    }

    pub(super) fn p(&self) -> usize {
        self.mean.len()
    }

    /// How much of the norm the longest neuron has ([`share`]).
    fn share(&self) -> f64 {
        share(self.squares.iter().copied(), self.trace.value())
    }

    /// Takes out a larger power of two where larger entries have come, and answers by how much it
    /// grew; while everything was 0 there is nothing to scale.
    pub(super) fn raise(&mut self, found: Option<i64>) -> i64 {
        let raised = self.exponent.zip(found).map_or(0, |(exponent, found)| (found - exponent).max(0));
        self.exponent = self.exponent.max(found);
        if raised != 0 {
            self.mean.iter_mut().for_each(|mean| *mean = mean.scaled(shrink(-raised)));
            self.trace = self.trace.scaled(shrink(-2 * raised));
            let (a, b) = shrink(-2 * raised);
            self.squares.iter_mut().for_each(|squares| *squares *= a * b);
        }
        raised
    }

    /// Centers a batch about the mean that the layer will have with it.
    pub(super) fn gather(&self, batch: &Batch<'_>, before: f64, rows: f64, with_row_norms: bool) -> Gathered {
        let mut block = Block::new(batch, self.exponent.unwrap_or(0));
        let total = before + rows;
        let distance = if before == 0.0 { vec![0.0; self.p()] } else { distance(&block.mean, &self.mean) };
        let scaled = |factor: f64| -> Vec<f64> { distance.iter().map(|distance| distance * factor).collect() };
        let (shift, of_block) = (scaled(-rows / total), scaled(before / total));
        block.shift(&of_block, before.sqrt(), &shift);
        let row_norms = if with_row_norms { row_squared_norms(block.matrix()) } else { Vec::new() };
        Gathered { block, shift, distance, row_norms }
    }

    /// Takes the batch in: `share` is its part of all rows.
    pub(super) fn advance(&mut self, gathered: &Gathered, first: bool, share: f64) {
        let columns: Vec<f64> =
            (0..self.p()).map(|column| sum_of_squares(crate::arrays::product::slice(gathered.block.with_shift(), column))).collect();
        self.trace = self.trace.add(sum(&columns));
        self.squares.iter_mut().zip(&columns).for_each(|(squares, more)| *squares += more);
        if first {
            self.mean.copy_from_slice(&gathered.block.mean);
        } else {
            self.mean.iter_mut().zip(&gathered.distance).for_each(|(mean, distance)| *mean = mean.add(distance * share));
        }
        debug_assert!(self.mean.iter().all(|mean| mean.value() == 0.0 || exponent(mean.value()) <= 1));
    }
}
