//! The triangular factor of layers side by side, gathered over batches of rows.

use rayon::prelude::*;

use super::block::Batch;
use super::error::Error;
use super::pair::shrink;
use super::state::{Gathered, LayerMoments, check_batches, largest_exponents};
use crate::linalg::factored::with_row;
use crate::linalg::features::Features;
use crate::linalg::triangular_factor::TriangularFactor;
use crate::prepared::layer::Prepared;

/// R of \[X_1 X_2 ...\] = Q R, the X_k centered: what all inner products between neurons follow
/// from, with the errors of an orthogonal factorisation and not of a product.
///
/// Rows come in batches, each centered about the mean of all rows so far; what was gathered before
/// moves to that mean by one row more, sqrt(n) times the move, as in [`Moments`](super::Moments).
/// It takes 8 P (3 P + a batch) bytes for P neurons together.
pub(crate) struct Factor {
    n: u64,
    start: u64,
    layers: Vec<LayerMoments>,
    /// The first column of each layer.
    columns: Vec<usize>,
    factor: TriangularFactor,
}

/// Rows that are reduced at a time, of a matrix of so many columns and batches of `rows`.
fn capacity(columns: usize, rows: usize) -> usize {
    3 * columns + rows + 1
}

/// Bytes that gathering the factor of so many neurons takes, in batches of `rows`.
pub(crate) fn bytes(neurons: u64, rows: u64) -> u64 {
    let held = neurons.saturating_mul(3).saturating_add(rows + 1);
    // Panels of reflections beside them.
    held.saturating_add(512).saturating_mul(neurons).saturating_mul(size_of::<f64>() as u64)
}

impl Factor {
    /// No rows yet, of layers given by name and number of neurons; rows that come after `start`
    /// others, in batches of at most `rows`.
    pub(crate) fn new<'a>(layers: impl IntoIterator<Item = (&'a str, usize)>, start: u64, rows: usize) -> Self {
        let layers: Vec<LayerMoments> = layers.into_iter().map(|(name, p)| LayerMoments::new(name, p)).collect();
        let mut columns = Vec::with_capacity(layers.len());
        let neurons = layers.iter().fold(0, |from, layer| {
            columns.push(from);
            from + layer.p()
        });
        Self { n: 0, start, layers, columns, factor: TriangularFactor::new(capacity(neurons, rows), neurons) }
    }

    /// Adds rows: a batch for each layer, of the same examples in the same order.
    ///
    /// # Errors
    /// As [`Moments::update`](super::Moments::update).
    pub(crate) fn update(&mut self, batches: &[Batch<'_>]) -> Result<(), Error> {
        let seen = self.start + self.n;
        let rows = check_batches(&self.layers, batches, seen)?;
        if rows == 0 {
            return Ok(());
        }
        let exponents = largest_exponents(&self.layers, batches, seen)?;
        for ((layer, found), &from) in self.layers.iter_mut().zip(exponents).zip(&self.columns) {
            let raised = layer.raise(found);
            if raised != 0 {
                self.factor.scale_columns(from, layer.p(), shrink(-raised));
            }
        }
        let before = self.n as f64;
        let gather = |(batch, layer): (&Batch<'_>, &LayerMoments)| layer.gather(batch, before, rows as f64, false);
        let gathered: Vec<Gathered> = batches.par_iter().zip(&self.layers).map(gather).collect();
        let blocks: Vec<_> = gathered.iter().map(|gathered| gathered.block.with_shift()).collect();
        self.factor.add_beside(&blocks);
        let share = rows as f64 / (before + rows as f64);
        self.layers.par_iter_mut().zip(&gathered).for_each(|(layer, gathered)| layer.advance(gathered, before == 0.0, share));
        self.n += rows as u64;
        Ok(())
    }

    /// The layers as if their examples were there, for whatever follows from inner products between
    /// their neurons; with the features as they are too, where they are asked for.
    pub(crate) fn finish(self, with_uncentered: bool) -> Vec<Prepared> {
        let n = self.n as usize;
        let factor = self.factor.finish();
        let prepare = |(layer, &from): (&LayerMoments, &usize)| {
            let (part, exponent) = (factor.as_ref().subcols(from, layer.p()), layer.exponent.unwrap_or(0));
            let uncentered = with_uncentered.then(|| {
                let root = (n as f64).sqrt();
                let mean: Vec<f64> = layer.mean.iter().map(|mean| root * mean.value()).collect();
                Features::of_factor(with_row(part, &mean).as_ref(), exponent, n, false)
            });
            Prepared::of_factor(&layer.name, Features::of_factor(part, exponent, n, true), uncentered)
        };
        self.layers.par_iter().zip(&self.columns).map(prepare).collect()
    }
}

#[cfg(test)]
#[path = "factor_tests.rs"]
mod tests;
