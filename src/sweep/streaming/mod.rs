//! Sweeps over layers that do not fit into memory: moments are gathered over blocks of rows, a tile of layer pairs at a time.

mod blocking;
mod passes;

use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;

use faer::MatRef;

pub use blocking::Blocking;
use blocking::Need;
use passes::{Pass, passes};

use super::error::Error;
use super::layers::Layers;
use super::run::Observer;
use super::scores::{Cell, Outcome};
use crate::Measure;
use crate::moments::{self, Batch, Moments, Terms};

/// A layer of the sweep, and where its rows come from.
pub(super) struct StreamedLayer<'a> {
    pub(super) network: &'a dyn Layers,
    pub(super) layer: usize,
    pub(super) p: usize,
}

/// What is to be streamed.
pub(super) struct Streaming<'a> {
    pub(super) n: usize,
    pub(super) measures: &'a [Measure],
    /// Rows of the table of scores.
    pub(super) rows: Vec<StreamedLayer<'a>>,
    /// Columns; none in a network with itself, whose columns are its rows.
    pub(super) columns: Option<Vec<StreamedLayer<'a>>>,
    /// The measures that are still to be computed, for each row and column.
    pub(super) tasks: BTreeMap<(usize, usize), Vec<usize>>,
}

/// A layer by its place: whether it is a column (of another network), and which.
pub(super) type Place = (bool, usize);

impl Streaming<'_> {
    fn layer(&self, (is_column, index): Place) -> &StreamedLayer<'_> {
        match &self.columns {
            Some(columns) if is_column => &columns[index],
            _ => &self.rows[index],
        }
    }

    fn column(&self, column: usize) -> Place {
        (self.columns.is_some(), column)
    }

    fn source(&self, place: Place) -> String {
        let StreamedLayer { network, layer, .. } = self.layer(place);
        network.source(*layer)
    }

    fn with_row_norms(&self) -> bool {
        self.measures.iter().any(moments::needs_row_norms)
    }

    /// How the rows and the pairs are cut so that all fits into `limit` bytes.
    ///
    /// # Errors
    /// [`Error::StreamMemory`] when not even one pair of layers fits.
    fn blocking(&self, limit: u64) -> Result<Blocking, Error> {
        let widths = |layers: &[StreamedLayer<'_>]| layers.iter().map(|layer| layer.p).collect::<Vec<_>>();
        let (rows, columns) = (widths(&self.rows), self.columns.as_deref().map(widths));
        let need = Need { n: self.n, rows: &rows, columns: columns.as_deref().unwrap_or(&rows), with_row_norms: self.with_row_norms() };
        need.blocking(limit).ok_or_else(|| {
            let (row, column) = need.widest();
            Error::StreamMemory {
                x: self.source((false, row)),
                y: self.source(self.column(column)),
                p: rows[row],
                q: need.columns[column],
                needed: need.least(),
                limit,
            }
        })
    }

    /// Computes the tasks within `limit` bytes: the cells of a tile are finished, and shown to the observer, when its pass over the rows is.
    ///
    /// # Errors
    /// [`Error::StreamMemory`], [`Error::Layer`] for a layer that cannot be read by rows, before anything is computed; whatever stops the reading.
    pub(super) fn run(&self, limit: u64, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        let blocking = self.blocking(limit)?;
        let mut layers = self.rows.iter().chain(self.columns.iter().flatten());
        layers.try_for_each(|StreamedLayer { network, layer, .. }| network.require_rows(*layer))?;
        let normalised = self.measures.iter().any(moments::needs_self_terms);
        let passes = passes(self, &blocking, normalised);
        observer.streams(&blocking, passes.len());
        let mut selves: BTreeMap<Place, Terms> = BTreeMap::new();
        let mut finished = Vec::new();
        for pass in passes {
            let moments = self.gather(&pass, &blocking)?;
            let terms = |x: usize, y: usize| moments.terms(x, y).expect("the pass gathers its own pairs");
            for &(x, y) in moments.pairs().iter().filter(|(x, y)| x == y) {
                selves.insert(pass.layers[x], terms(x, y));
                observer.prepared(&self.source(pass.layers[x]));
            }
            let mut cells = Vec::new();
            for (&(row, column), &(x, y)) in &pass.cells {
                let xy = terms(x, y);
                let (x, y) = (pass.layers[x], pass.layers[y]);
                let both = normalised.then(|| (selves[&x].clone(), selves[&y].clone()));
                for &measure in &self.tasks[&(row, column)] {
                    let score = moments::score(&self.measures[measure], &self.source(x), &self.source(y), &xy, both.as_ref());
                    cells.push(Cell { row, column, measure, outcome: outcome(score)? });
                }
            }
            observer.finished(&cells)?;
            finished.extend(cells);
        }
        Ok(finished)
    }

    /// One pass over the rows of the pass's layers. A thread reads the next block while this one is worked on.
    fn gather(&self, pass: &Pass, blocking: &Blocking) -> Result<Moments, Error> {
        let names: Vec<String> = pass.layers.iter().map(|&place| self.source(place)).collect();
        let widths = pass.layers.iter().map(|&place| self.layer(place).p);
        let layers = names.iter().map(String::as_str).zip(widths);
        let mut moments = Moments::new(layers, pass.pairs.clone(), self.with_row_norms())?;
        let read = |from: usize| -> Result<Vec<Vec<f64>>, Error> {
            let rows = from..(from + blocking.rows).min(self.n);
            let of_layer = |&place: &Place| {
                let StreamedLayer { network, layer, .. } = self.layer(place);
                network.read_rows(*layer, rows.clone())
            };
            pass.layers.iter().map(of_layer).collect()
        };
        std::thread::scope(|scope| {
            // No room in the channel: one block is worked on, and one waits.
            let (sender, receiver) = sync_channel(0);
            scope.spawn(move || {
                for from in (0..self.n).step_by(blocking.rows) {
                    let block = read(from);
                    let failed = block.is_err();
                    // Nobody receives after an error on the other side.
                    if sender.send(block).is_err() || failed {
                        return;
                    }
                }
            });
            for block in receiver {
                let block = block?;
                let batches: Vec<Batch<'_>> = block
                    .iter()
                    .zip(&pass.layers)
                    .map(|(values, &place)| {
                        let p = self.layer(place).p;
                        Batch::F64(MatRef::from_row_major_slice(values, values.len() / p, p))
                    })
                    .collect();
                moments.update(&batches)?;
            }
            Ok(moments)
        })
    }
}

/// A measure without a value is an outcome; anything else that went wrong is not.
fn outcome(score: Result<crate::Score, moments::Error>) -> Result<Outcome, Error> {
    match score {
        Ok(score) => Ok(Ok(score).into()),
        Err(moments::Error::Input(error)) => Ok(Err(error).into()),
        Err(other) => Err(other.into()),
    }
}
