//! Sweeps over layers that do not fit into memory: moments, or a triangular factor of the neurons,
//! are gathered over blocks of rows, a tile of layer pairs at a time.

mod blocking;
mod passes;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use faer::MatRef;
use rayon::prelude::*;

pub use blocking::Blocking;
use blocking::Need;
use passes::{Pass, passes};

use super::error::Error;
use super::layers::Layers;
use super::observer::Observer;
use super::prepare::undecided;
use crate::error::Error as InputError;
use crate::measure::Measure;
use crate::moments::factor::Factor;
use crate::moments::{self, Batch, Moments, Terms};
use crate::prepared::pair::Pair;
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

    /// Whether moments are gathered.
    fn by_moments(&self) -> bool {
        self.measures.iter().any(|measure| !moments::follows_from_factor(measure))
    }

    /// Whether a factor of the neurons is gathered, and whether features that are not centered
    /// follow from it too.
    fn factor(&self) -> Option<bool> {
        let by_factor = |measure: &&Measure| moments::follows_from_factor(measure);
        let mut measures = self.measures.iter().filter(by_factor).peekable();
        measures.peek()?;
        Some(measures.any(Measure::uncentered))
    }

    /// How the rows and the pairs are cut so that all fits into `limit` bytes.
    ///
    /// # Errors
    /// [`Error::StreamMemory`] when not even one pair of layers fits.
    fn blocking(&self, limit: u64) -> Result<Blocking, Error> {
        let widths = |layers: &[StreamedLayer<'_>]| layers.iter().map(|layer| layer.p).collect::<Vec<_>>();
        let (rows, columns) = (widths(&self.rows), self.columns.as_deref().map(widths));
        let need = Need {
            n: self.n,
            rows: &rows,
            columns: columns.as_deref().unwrap_or(&rows),
            with_row_norms: self.with_row_norms(),
            moments: self.by_moments(),
            factor: self.factor(),
        };
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
        let gathered = self.gather_decided(pass, rows, None)?;
        Ok(gathered.moments.expect("passes that are shared are of measures that follow from moments"))
    }

    /// What a pass gathers, before the rows after `start`.
    fn nothing_yet(&self, pass: &Pass, layers: &[(&str, usize)], start: u64) -> Result<Gathered, Error> {
        let streaming = &self.streaming;
        let moments = streaming.by_moments().then(|| Moments::new(layers.iter().copied(), pass.pairs.clone(), streaming.with_row_norms()));
        let moments = moments.transpose()?.map(|moments| moments.after(start));
        let factor = streaming.factor().filter(|_| !pass.cells.is_empty());
        Ok(Gathered { moments, factor: factor.map(|_| Factor::new(layers.iter().copied(), start, self.blocking.rows)) })
    }

    /// The same, where layers with an entry that is not finite are put among the `undecided` ones,
    /// and nothing follows from their moments.
    fn gather_decided(&self, pass: usize, rows: Range<usize>, undecided: Option<&Mutex<Undecided>>) -> Result<Gathered, Error> {
        let (pass, streaming) = (&self.passes[pass], &self.streaming);
        let names: Vec<String> = pass.layers.iter().map(|&place| streaming.source(place)).collect();
        let widths = pass.layers.iter().map(|&place| streaming.layer(place).p);
        let layers: Vec<(&str, usize)> = names.iter().map(String::as_str).zip(widths).collect();
        let mut gathered = self.nothing_yet(pass, &layers, rows.start as u64)?;
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
                gathered.update(&batches)?;
                drop(batches);
                // After the last block nobody reads any more.
                let _ = give_back.send(block);
            }
            Ok(gathered)
        })
    }

    /// The cells that a pass finishes, from its moments over all rows. Passes are finished in their
    /// order.
    ///
    /// # Errors
    /// [`Error::Moments`] for moments of another pass.
    pub fn finish(&mut self, pass: usize, moments: &Moments) -> Result<Vec<Cell>, Error> {
        self.finish_moments(pass, moments, &Undecided::new())
    }

    fn finish_moments(&mut self, pass: usize, moments: &Moments, none: &Undecided) -> Result<Vec<Cell>, Error> {
        let (pass, streaming) = (&self.passes[pass], &self.streaming);
        let terms = |x: usize, y: usize| {
            let (first, second, layers) = (x, y, pass.layers.len());
            moments.terms(x, y).ok_or(moments::Error::Pair { first, second, layers, problem: "is not among those gathered" })
        };
        for &(x, y) in pass.pairs.iter().filter(|(x, y)| x == y) {
            self.selves.insert(pass.layers[x], terms(x, y)?);
        }
        let mut cells = Vec::new();
        for (&cell, &(x, y)) in &pass.cells {
            let xy = terms(x, y)?;
            let (x, y) = (pass.layers[x], pass.layers[y]);
            let both = self.normalised.then(|| (&self.selves[&x], &self.selves[&y]));
            let score = |measure: &Measure| moments::score(measure, &streaming.source(x), &streaming.source(y), &xy, both);
            let measures = streaming.tasks[&cell].iter().copied();
            let measures = measures.filter(|&measure| !moments::follows_from_factor(&streaming.measures[measure]));
            cells.extend(streaming.cells(cell, (x, y), measures, none, |measure| outcome(score(measure)))?);
        }
        Ok(cells)
    }

    /// The cells that a pass finishes, from the factor of its layers.
    fn finish_factor(&self, pass: usize, factor: Factor, none: &Undecided) -> Result<Vec<Cell>, Error> {
        let (pass, streaming) = (&self.passes[pass], &self.streaming);
        let by_factor = |&measure: &usize| moments::follows_from_factor(&streaming.measures[measure]);
        let layers = factor.finish(streaming.factor().unwrap_or(false));
        layers.par_iter().for_each(|layer| {
            // A measure that is undefined on this layer says so again, in full, in each of its
            // cells.
            let all = 0..streaming.measures.len();
            all.filter(by_factor).for_each(|measure| drop(streaming.measures[measure].precompute(layer)));
        });
        let cells = pass.cells.par_iter().map(|(&cell, &(x, y))| {
            let pair = Pair::new(&layers[x], &layers[y])?;
            let measures = streaming.tasks[&cell].iter().copied().filter(by_factor);
            let places = (pass.layers[x], pass.layers[y]);
            streaming.cells(cell, places, measures, none, |measure| Ok(Outcome::from(measure.compare_pair(&pair))))
        });
        Ok(cells.collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().collect())
    }

    /// Runs all of them: the cells of a tile are finished, and shown to the observer, when its pass
    /// over the rows is. Unless it `stops`, a layer with an entry that is not finite leaves its own
    /// cells undefined.
    pub(super) fn run(mut self, stops: bool, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        observer.streams(&self.blocking, self.passes.len());
        let mut finished = Vec::new();
        let none = Mutex::new(Undecided::new());
        for pass in 0..self.passes.len() {
            let gathered = self.gather_decided(pass, 0..self.streaming.n, (!stops).then_some(&none))?;
            let found = none.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let of_moments = gathered.moments.map(|moments| self.finish_moments(pass, &moments, &found)).transpose()?;
            let of_factor = gathered.factor.map(|factor| self.finish_factor(pass, factor, &found)).transpose()?;
            let cells: Vec<Cell> = of_moments.into_iter().chain(of_factor).flatten().collect();
            observer.finished(&cells)?;
            finished.extend(cells);
        }
        Ok(finished)
    }
}

/// What a pass over the rows gathers: what its measures follow from.
struct Gathered {
    moments: Option<Moments>,
    factor: Option<Factor>,
}

impl Gathered {
    fn update(&mut self, batches: &[Batch<'_>]) -> Result<(), Error> {
        self.moments.as_mut().map_or(Ok(()), |moments| moments.update(batches))?;
        Ok(self.factor.as_mut().map_or(Ok(()), |factor| factor.update(batches))?)
    }
}

/// Layers with an entry that is not finite, and the first of these.
type Undecided = BTreeMap<Place, InputError>;

impl Streaming<'_> {
    /// The cells of a pair of layers, by these measures; those of a layer with an entry that is not
    /// finite are undefined.
    fn cells(
        &self,
        (row, column): (usize, usize),
        (x, y): (Place, Place),
        measures: impl Iterator<Item = usize>,
        none: &Undecided,
        outcome: impl Fn(&Measure) -> Result<Outcome, Error>,
    ) -> Result<Vec<Cell>, Error> {
        // The table's own numbers, of which only those with tasks are here.
        let (row, column) = (self.rows[row].layer, self.layer(self.column(column)).layer);
        if let Some(error) = none.get(&x).or_else(|| none.get(&y)) {
            return Ok(undecided(self.measures, (row, column), &measures.collect::<Vec<_>>(), error));
        }
        measures.map(|measure| Ok(Cell { row, column, measure, outcome: outcome(&self.measures[measure])? })).collect()
    }

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
