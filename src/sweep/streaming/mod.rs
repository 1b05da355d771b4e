//! Sweeps over layers that do not fit into memory: moments are gathered over blocks of rows, a tile
//! of layer pairs at a time.

mod blocking;
mod passes;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use faer::MatRef;

pub use blocking::Blocking;
use blocking::Need;
use passes::{Pass, passes};

use super::error::Error;
use super::layers::Layers;
use super::observer::Observer;
use super::prepare::undecided;
use crate::error::Error as InputError;
use crate::measure::Measure;
use crate::moments::{self, Batch, Moments, Terms};
use crate::results::{Cell, Outcome};

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

impl<'a> Streaming<'a> {
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

    /// The passes over the rows that the tasks take within `limit` bytes.
    ///
    /// # Errors
    /// [`Error::StreamMemory`]; [`Error::Layer`] for a layer that cannot be read by rows.
    pub(super) fn into_passes(self, limit: u64) -> Result<Passes<'a>, Error> {
        let blocking = self.blocking(limit)?;
        let mut layers = self.rows.iter().chain(self.columns.iter().flatten());
        layers.try_for_each(|StreamedLayer { network, layer, .. }| network.require_rows(*layer))?;
        let normalised = self.measures.iter().any(moments::needs_self_terms);
        let passes = if self.tasks.is_empty() { Vec::new() } else { passes(&self, &blocking, normalised) };
        Ok(Passes { streaming: self, blocking, normalised, passes, selves: BTreeMap::new() })
    }
}

/// The passes over the rows that a streamed sweep takes. In each one, moments of some pairs of
/// layers are gathered, here or by several machines that share the rows; the cells follow from the
/// moments of all rows.
pub struct Passes<'a> {
    streaming: Streaming<'a>,
    blocking: Blocking,
    normalised: bool,
    passes: Vec<Pass>,
    /// The layers with themselves, of the passes that are finished.
    selves: BTreeMap<Place, Terms>,
}

impl Passes<'_> {
    /// How many passes there are.
    pub fn count(&self) -> usize {
        self.passes.len()
    }

    /// How the sweep is cut.
    pub fn blocking(&self) -> &Blocking {
        &self.blocking
    }

    /// The moments of a pass over some of the rows. A thread reads the next block while this one is
    /// worked on.
    ///
    /// # Errors
    /// [`Error::Layer`] when a layer cannot be read, [`Error::Changed`] when its file is replaced,
    /// [`Error::Moments`] for an entry that is not finite.
    pub fn gather(&self, pass: usize, rows: Range<usize>) -> Result<Moments, Error> {
        self.gather_decided(pass, rows, None)
    }

    /// The same, where layers with an entry that is not finite are put among the `undecided` ones,
    /// and nothing follows from their moments.
    fn gather_decided(&self, pass: usize, rows: Range<usize>, undecided: Option<&Mutex<Undecided>>) -> Result<Moments, Error> {
        let (pass, streaming) = (&self.passes[pass], &self.streaming);
        let names: Vec<String> = pass.layers.iter().map(|&place| streaming.source(place)).collect();
        let widths = pass.layers.iter().map(|&place| streaming.layer(place).p);
        let layers = names.iter().map(String::as_str).zip(widths);
        let mut moments = Moments::new(layers, pass.pairs.clone(), streaming.with_row_norms())?.after(rows.start as u64);
        let read = |from: usize, rooms: Vec<Vec<f64>>| -> Result<Vec<Vec<f64>>, Error> {
            let block = from..(from + self.blocking.rows).min(rows.end);
            let of_layer = |(&place, room): (&Place, Vec<f64>)| streaming.read(place, block.clone(), room, undecided);
            pass.layers.iter().zip(rooms).map(of_layer).collect()
        };
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            // One block is worked on and one is read, in the same room all the time: what one
            // thread allocates and another frees, the allocator would keep for the thread that is
            // gone.
            let (give_back, used) = sync_channel(2);
            for _ in 0..2 {
                let rooms =
                    pass.layers.iter().map(|&place| Vec::with_capacity(self.blocking.rows.min(rows.len()) * streaming.layer(place).p));
                give_back.send(rooms.collect::<Vec<_>>()).expect("the channel has room for two");
            }
            let reader = || {
                let (sender, used) = (sender, used);
                for (from, rooms) in rows.clone().step_by(self.blocking.rows).zip(used) {
                    let block = read(from, rooms);
                    let failed = block.is_err();
                    // Nobody receives after an error on the other side.
                    if sender.send(block).is_err() || failed {
                        return;
                    }
                }
            };
            std::thread::Builder::new().spawn_scoped(scope, reader).map_err(|source| Error::Thread { source })?;
            for block in receiver {
                let block = block?;
                let batches: Vec<Batch<'_>> = block
                    .iter()
                    .zip(&pass.layers)
                    .map(|(values, &place)| {
                        let p = streaming.layer(place).p;
                        Batch::F64(MatRef::from_row_major_slice(values, values.len() / p, p))
                    })
                    .collect();
                moments.update(&batches)?;
                drop(batches);
                // After the last block nobody reads any more.
                let _ = give_back.send(block);
            }
            Ok(moments)
        })
    }

    /// The cells that a pass finishes, from its moments over all rows. Passes are finished in their
    /// order.
    ///
    /// # Errors
    /// [`Error::Moments`] for moments of another pass.
    pub fn finish(&mut self, pass: usize, moments: &Moments) -> Result<Vec<Cell>, Error> {
        self.finish_decided(pass, moments, &Undecided::new())
    }

    fn finish_decided(&mut self, pass: usize, moments: &Moments, none: &Undecided) -> Result<Vec<Cell>, Error> {
        let (pass, streaming) = (&self.passes[pass], &self.streaming);
        let terms = |x: usize, y: usize| {
            let (first, second, layers) = (x, y, pass.layers.len());
            moments.terms(x, y).ok_or(moments::Error::Pair { first, second, layers, problem: "is not among those gathered" })
        };
        for &(x, y) in pass.pairs.iter().filter(|(x, y)| x == y) {
            self.selves.insert(pass.layers[x], terms(x, y)?);
        }
        let mut cells = Vec::new();
        for (&(row, column), &(x, y)) in &pass.cells {
            let (xy, measures) = (terms(x, y)?, &streaming.tasks[&(row, column)]);
            // The table's own numbers, of which only those with tasks are here.
            let (row, column) = (streaming.rows[row].layer, streaming.layer(streaming.column(column)).layer);
            let (x, y) = (pass.layers[x], pass.layers[y]);
            if let Some(error) = none.get(&x).or_else(|| none.get(&y)) {
                cells.extend(undecided(streaming.measures, (row, column), measures, error));
                continue;
            }
            let both = self.normalised.then(|| (self.selves[&x].clone(), self.selves[&y].clone()));
            for &measure in measures {
                let score = moments::score(&streaming.measures[measure], &streaming.source(x), &streaming.source(y), &xy, both.as_ref());
                cells.push(Cell { row, column, measure, outcome: outcome(score)? });
            }
        }
        Ok(cells)
    }

    /// Runs all of them: the cells of a tile are finished, and shown to the observer, when its pass
    /// over the rows is. Unless it `stops`, a layer with an entry that is not finite leaves its own
    /// cells undefined.
    pub(super) fn run(mut self, stops: bool, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        observer.streams(&self.blocking, self.passes.len());
        let mut finished = Vec::new();
        let none = Mutex::new(Undecided::new());
        for pass in 0..self.passes.len() {
            let moments = self.gather_decided(pass, 0..self.streaming.n, (!stops).then_some(&none))?;
            let found = none.lock().unwrap_or_else(PoisonError::into_inner);
            let cells = self.finish_decided(pass, &moments, &found)?;
            drop(found);
            observer.finished(&cells)?;
            finished.extend(cells);
        }
        Ok(finished)
    }
}

/// Layers with an entry that is not finite, and the first of these.
type Undecided = BTreeMap<Place, InputError>;

impl Streaming<'_> {
    /// Reads some rows of a layer; of one that is undecided, or turns out to be, zeros.
    fn read(&self, place: Place, rows: Range<usize>, room: Vec<f64>, undecided: Option<&Mutex<Undecided>>) -> Result<Vec<f64>, Error> {
        let StreamedLayer { network, layer, p } = self.layer(place);
        let mut values = network.read_rows(*layer, rows.clone(), room)?;
        if values.len() != rows.len() * p {
            let detail = format!("{} rows of {p} neurons were asked for, and {} values came", rows.len(), values.len());
            return Err(Error::Changed { source_name: self.source(place), detail });
        }
        let Some(undecided) = undecided else { return Ok(values) };
        let mut undecided = undecided.lock().unwrap_or_else(PoisonError::into_inner);
        let known = undecided.contains_key(&place);
        // Without an early end the compiler looks at several values at a time.
        if known || values.iter().fold(false, |found, value| found | !value.is_finite()) {
            if let Some(at) = values.iter().position(|value| !value.is_finite()).filter(|_| !known) {
                let (row, column, value) = (rows.start + at / p, at % p, values[at]);
                undecided.insert(place, InputError::NotFinite { name: self.source(place), row, column, value });
            }
            values.fill(0.0);
        }
        Ok(values)
    }
}

/// A measure without a value is an outcome; anything else that went wrong is not.
fn outcome(score: Result<crate::score::Score, moments::Error>) -> Result<Outcome, Error> {
    match score {
        Ok(score) => Ok(Ok(score).into()),
        Err(moments::Error::Input(error)) => Ok(Err(error).into()),
        Err(other) => Err(other.into()),
    }
}
