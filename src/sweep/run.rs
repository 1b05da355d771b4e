//! Running a sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use super::error::Error;
use super::layers::Layers;
use super::memory::{self, Estimate};
use super::partial::{Header, NetworkHeader};
use super::scores::{Cell, LayerFacts, NetworkFacts, Outcome, Scores};
use super::shard;
use super::streaming::{Blocking, Passes, StreamedLayer, Streaming};
use super::tasks::{LayerKey, Part, Plan, Tasks, unfinished};
use crate::linalg::{Keeping, Pair, Partners, Precision, Prepared};
use crate::{Error as InputError, Measure, moments};

/// Sees a sweep go by: to keep its cells, or to show how far it is. Called from many threads.
pub trait Observer: Sync {
    /// Before anything is loaded: how many layers will be prepared, and how many cells computed.
    fn started(&self, layers: usize, cells: usize) {
        let _ = (layers, cells);
    }

    /// The layers do not fit into memory, and are passed over this many times in blocks of rows.
    fn streams(&self, blocking: &Blocking, passes: usize) {
        let _ = (blocking, passes);
    }

    /// The kernel matrices of all layers do not fit into memory: those of `kept` of the layers are kept, and the others' computed again for each pair.
    fn recomputes(&self, kept: usize, layers: usize) {
        let _ = (kept, layers);
    }

    /// A layer is prepared.
    fn prepared(&self, layer: &str) {
        let _ = layer;
    }

    /// The cells of one pair of layers are finished.
    ///
    /// # Errors
    /// An error ends the sweep.
    fn finished(&self, cells: &[Cell]) -> Result<(), Error> {
        let _ = cells;
        Ok(())
    }
}

/// An observer that looks away.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {}

/// Every layer of A with every layer of B (or of A itself), by several measures.
pub struct Sweep<'a> {
    a: &'a dyn Layers,
    b: Option<&'a dyn Layers>,
    measures: Vec<Measure>,
    memory: Option<u64>,
    part: Option<Part>,
    precision: Precision,
}

impl<'a> Sweep<'a> {
    /// A sweep over the layers of `a` and `b`; without `b`, over the layers of `a` among themselves.
    pub fn new(a: &'a dyn Layers, b: Option<&'a dyn Layers>, measures: Vec<Measure>) -> Self {
        Self { a, b, measures, memory: None, part: None, precision: Precision::Double }
    }

    /// Where the sweep would take more than this many bytes: streams, or keeps as many kernel matrices as fit and computes the others again for each pair (the
    /// same bits; two products of examples for each layer and one for each of its pairs, instead of one for each layer). Refuses to start where neither is
    /// enough.
    pub fn with_memory(mut self, bytes: Option<u64>) -> Self {
        self.memory = bytes;
        self
    }

    /// Takes one part of the cells, for [`Sweep::run_part`].
    pub fn with_part(mut self, part: Option<Part>) -> Self {
        self.part = part;
        self
    }

    /// Computes the large products in this precision ([`Precision`]), where the layers are in memory.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    fn b(&self) -> &'a dyn Layers {
        self.b.unwrap_or(self.a)
    }

    /// The measures, in the order given.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// What identifies the sweep, for [`Partial::open`](super::Partial::open).
    ///
    /// # Errors
    /// [`Error::Layer`] or [`Error::File`] when a layer's header cannot be read.
    pub fn header(&self) -> Result<Header, Error> {
        let network = |layers: &dyn Layers| -> Result<NetworkHeader, Error> {
            let shapes = shapes(layers)?;
            let layers_found = layers.layer_names().iter().zip(shapes).map(|(name, (n, p))| (name.clone(), n, p)).collect();
            Ok(NetworkHeader { name: layers.name().to_string(), layers: layers_found, identity: layers.identity()? })
        };
        Ok(Header {
            similitude: env!("CARGO_PKG_VERSION").to_string(),
            a: network(self.a)?,
            b: self.b.map(network).transpose()?,
            measures: self.measures.iter().map(Measure::to_string).collect(),
            precision: self.precision,
        })
    }

    /// The memory that the sweep takes at most.
    ///
    /// # Errors
    /// [`Error::Layer`] when a layer's header cannot be read.
    pub fn estimate(&self) -> Result<Estimate, Error> {
        let mut layers = shapes(self.a)?;
        if let Some(b) = self.b {
            layers.extend(shapes(b)?);
        }
        Ok(Estimate::new(&layers, &self.measures, self.precision, rayon::current_num_threads()))
    }

    /// Runs it.
    ///
    /// # Errors
    /// As [`Sweep::resume`].
    pub fn run(&self) -> Result<Scores, Error> {
        self.resume(Vec::new(), &Silent)
    }

    /// Runs what is left of it: `done` are cells that were finished before, and are not computed again.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Layer`] and [`Error::Input`] for networks that cannot be compared, [`Error::Memory`] for a sweep that
    /// would not fit, and what the observer answers. A measure without a value on two layers is not an error but an outcome.
    ///
    /// # Panics
    /// When a part was chosen.
    pub fn resume(&self, done: Vec<Cell>, observer: &dyn Observer) -> Result<Scores, Error> {
        assert!(self.part.is_none(), "a part has no scores of its own: run_part");
        let plan = self.plan()?;
        self.assemble(self.cells(&plan, done, observer)?)
    }

    /// Computes, in memory, the cells of its part (or of all of it) that are not finished.
    ///
    /// # Errors
    /// As [`Sweep::resume`], but never streams.
    pub fn compute(&self, finished: &BTreeSet<(usize, usize, usize)>, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        self.check_memory(finished)?;
        let plan = self.plan()?;
        let (tasks, keys) = self.left(&plan, finished);
        self.in_memory(&plan, keys, tasks, observer)
    }

    /// Asks, before anything is loaded, that [`Sweep::compute`] stays within the memory.
    ///
    /// # Errors
    /// [`Error::Memory`], and as [`Sweep::header`].
    pub fn check_memory(&self, finished: &BTreeSet<(usize, usize, usize)>) -> Result<(), Error> {
        let plan = self.plan()?;
        let (tasks, keys) = self.left(&plan, finished);
        match self.memory.filter(|_| !tasks.is_empty()) {
            Some(limit) => self.require_memory(&plan, &keys, &self.measures, limit),
            None => Ok(()),
        }
    }

    /// The passes over the rows that stream, within `limit` bytes, the cells that are not finished.
    ///
    /// # Errors
    /// [`Error::StreamMemory`]; [`Error::Layer`] for a layer that cannot be read by rows; [`Error::Moments`] for a measure that does not stream.
    pub fn passes(&self, finished: &BTreeSet<(usize, usize, usize)>, limit: u64) -> Result<Passes<'_>, Error> {
        self.measures.iter().try_for_each(moments::check)?;
        let plan = self.plan()?;
        let (tasks, _) = self.left(&plan, finished);
        self.streaming(&plan, tasks).into_passes(limit)
    }

    /// Puts all cells together.
    ///
    /// # Errors
    /// As [`Sweep::header`].
    ///
    /// # Panics
    /// When a cell is missing.
    pub fn assemble(&self, cells: Vec<Cell>) -> Result<Scores, Error> {
        let plan = self.plan()?;
        let (a, b) = (facts(self.a, &plan.rows), facts(self.b(), &plan.columns));
        Ok(Scores::assemble(a, b, plan.n, self.measures.clone(), cells, plan.itself))
    }

    /// Runs what is left of one part of it, and writes its cells into the file, whole or not at all; [`merge_shards`](super::merge_shards) makes
    /// scores of all parts. Gives the number of cells without a value.
    ///
    /// # Errors
    /// As [`Sweep::resume`]; [`Error::Layer`] when the file cannot be written.
    ///
    /// # Panics
    /// Without [`Sweep::with_part`].
    pub fn run_part(&self, done: Vec<Cell>, observer: &dyn Observer, file: &Path) -> Result<usize, Error> {
        let part = self.part.expect("a part was chosen");
        let cells = self.cells(&self.plan()?, done, observer)?;
        let sources = |layers: &dyn Layers| (0..layers.layer_names().len()).map(|layer| layers.source(layer)).collect();
        let sources = std::iter::once(self.a).chain(self.b).map(sources).collect();
        shard::write(file, part, self.header()?, sources, &cells)?;
        Ok(cells.iter().filter(|cell| cell.outcome.value().is_none()).count())
    }

    /// The cells of the sweep, or of its part: those done, and those that are left.
    fn cells(&self, plan: &Plan, done: Vec<Cell>, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        let finished: BTreeSet<_> = done.iter().map(|cell| (cell.row, cell.column, cell.measure)).collect();
        let (tasks, keys) = self.left(plan, &finished);
        let limit = self.memory.filter(|_| !tasks.is_empty());
        let streams = limit.map(|limit| self.must_stream(plan, &keys, limit)).transpose()?.unwrap_or(false);
        observer.started(keys.len(), tasks.values().map(Vec::len).sum());
        let computed = match limit.filter(|_| streams) {
            Some(limit) => self.streaming(plan, tasks).into_passes(limit)?.run(observer)?,
            None => self.in_memory(plan, keys, tasks, observer)?,
        };
        Ok(done.into_iter().chain(computed).collect())
    }

    /// What is not finished of the part, and the layers that it needs.
    fn left(&self, plan: &Plan, finished: &BTreeSet<(usize, usize, usize)>) -> (Tasks, BTreeSet<LayerKey>) {
        let mut tasks = plan.tasks(&self.measures);
        if let Some(part) = self.part {
            tasks = plan.part(tasks, part);
        }
        let tasks = unfinished(tasks, finished);
        let keys = tasks.keys().flat_map(|&(row, column)| [(false, row), plan.column_key(column)]).collect();
        (tasks, keys)
    }

    /// Computes the tasks with all of these layers in memory.
    fn in_memory(&self, plan: &Plan, keys: BTreeSet<LayerKey>, tasks: Tasks, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        let partners = plan.partners(&tasks);
        let layers: BTreeMap<LayerKey, Prepared> = self
            .keepings(plan, keys, observer)
            .into_par_iter()
            .map(|(key, keeping)| Ok((key, self.prepare(key, plan.n, (keeping, partners[&key]), observer)?)))
            .collect::<Result<_, Error>>()?;
        let computed: Vec<Vec<Cell>> = tasks
            .into_par_iter()
            .map(|((row, column), measures)| {
                let cells = self.compare(row, column, &measures, &layers[&(false, row)], &layers[&plan.column_key(column)])?;
                observer.finished(&cells)?;
                Ok(cells)
            })
            .collect::<Result<_, Error>>()?;
        Ok(computed.into_iter().flatten().collect())
    }

    /// Which layers keep their kernel matrices.
    fn keepings(&self, plan: &Plan, keys: BTreeSet<LayerKey>, observer: &dyn Observer) -> Vec<(LayerKey, Keeping)> {
        let (layers, estimate) = self.estimate_of(plan, &keys);
        let kept = match self.memory.filter(|limit| estimate.total() > *limit) {
            Some(limit) => memory::kept(&layers, &self.measures, &estimate, limit),
            None => vec![true; layers.len()],
        };
        let count = kept.iter().filter(|kept| **kept).count();
        if count < layers.len() {
            observer.recomputes(count, layers.len());
        }
        keys.into_iter().zip(kept).map(|(key, kept)| (key, if kept { Keeping::KEPT } else { Keeping::RECOMPUTED })).collect()
    }

    /// The shapes of layers, and the memory that a sweep over them takes.
    fn estimate_of(&self, plan: &Plan, keys: &BTreeSet<LayerKey>) -> (Vec<(usize, usize)>, Estimate) {
        let width = |&(second, layer): &LayerKey| if second { plan.columns[layer] } else { plan.rows[layer] };
        let layers: Vec<(usize, usize)> = keys.iter().map(|key| (plan.n, width(key))).collect();
        let estimate = Estimate::new(&layers, &self.measures, self.precision, rayon::current_num_threads());
        (layers, estimate)
    }

    fn streaming(&self, plan: &Plan, tasks: Tasks) -> Streaming<'_> {
        let side = |network: &'a dyn Layers, widths: &[usize], used: &BTreeSet<usize>| -> Vec<StreamedLayer<'a>> {
            used.iter().map(|&layer| StreamedLayer { network, layer, p: widths[layer] }).collect()
        };
        // Only the layers that are needed, renumbered.
        let mut rows: BTreeSet<usize> = tasks.keys().map(|&(row, _)| row).collect();
        let mut columns: BTreeSet<usize> = tasks.keys().map(|&(_, column)| column).collect();
        if plan.itself {
            rows.append(&mut columns);
            columns.clone_from(&rows);
        }
        let number = |used: &BTreeSet<usize>| -> BTreeMap<usize, usize> {
            used.iter().enumerate().map(|(number, &layer)| (layer, number)).collect()
        };
        let (row_numbers, column_numbers) = (number(&rows), number(&columns));
        let tasks = tasks.into_iter().map(|((row, column), measures)| ((row_numbers[&row], column_numbers[&column]), measures)).collect();
        let columns = self.b.map(|b| side(b, &plan.columns, &columns));
        Streaming { n: plan.n, measures: &self.measures, rows: side(self.a, &plan.rows, &rows), columns, tasks }
    }

    fn plan(&self) -> Result<Plan, Error> {
        let (rows, columns) = (shapes(self.a)?, shapes(self.b())?);
        let Some(&(n, _)) = rows.first().filter(|_| !columns.is_empty() && !self.measures.is_empty()) else {
            return Err(Error::Empty { rows: rows.len(), columns: columns.len(), measures: self.measures.len() });
        };
        let all = (0..rows.len()).map(|row| (self.a, row, rows[row].0));
        let others = (0..columns.len()).map(|column| (self.b(), column, columns[column].0));
        if let Some((network, layer, other)) = all.chain(others).find(|(_, _, other)| *other != n) {
            let (x, y) = (self.a.source(0), network.source(layer));
            return Err(InputError::ExamplesDiffer { x, y, n_x: n, n_y: other }.into());
        }
        let widths = |shapes: Vec<(usize, usize)>| shapes.into_iter().map(|(_, p)| p).collect();
        Ok(Plan { n, rows: widths(rows), columns: widths(columns), itself: self.b.is_none() })
    }

    /// Whether the sweep has to stream to stay within the limit.
    fn must_stream(&self, plan: &Plan, keys: &BTreeSet<LayerKey>, limit: u64) -> Result<bool, Error> {
        let others: Vec<Measure> = self.measures.iter().filter(|&measure| moments::check(measure).is_err()).cloned().collect();
        match self.require_memory(plan, keys, &others, limit) {
            Err(Error::Memory { .. }) if others.is_empty() => Ok(true),
            result => result.map(|()| false),
        }
    }

    /// Asks that these layers fit into memory; an error names the measures that need it.
    fn require_memory(&self, plan: &Plan, keys: &BTreeSet<LayerKey>, named: &[Measure], limit: u64) -> Result<(), Error> {
        let (_, estimate) = self.estimate_of(plan, keys);
        if estimate.least() <= limit {
            return Ok(());
        }
        Err(Error::Memory {
            measures: named.iter().map(Measure::to_string).collect::<Vec<_>>().join(" and "),
            needed: estimate.least(),
            limit,
            features: estimate.features,
            working: estimate.working,
        })
    }

    fn prepare(
        &self,
        (second, layer): LayerKey,
        n: usize,
        (keeping, partners): (Keeping, Partners),
        observer: &dyn Observer,
    ) -> Result<Prepared, Error> {
        let network = if second { self.b() } else { self.a };
        let representation = network.load(layer)?;
        if representation.n() != n {
            // The file changed since its header was read.
            let (x, y) = (self.a.source(0), representation.name().to_string());
            return Err(InputError::ExamplesDiffer { x, y, n_x: n, n_y: representation.n() }.into());
        }
        let prepared = Measure::prepare_for(&self.measures, &representation, self.precision, partners).with_keeping(keeping);
        drop(representation);
        for measure in &self.measures {
            // A measure that is undefined on this layer says so again, in full, in each of its cells.
            let _ = measure.warm(&prepared);
        }
        observer.prepared(prepared.name());
        Ok(prepared)
    }

    fn compare(&self, row: usize, column: usize, measures: &[usize], x: &Prepared, y: &Prepared) -> Result<Vec<Cell>, Error> {
        let pair = Pair::new(x, y)?;
        let cell = |&measure: &usize| {
            let outcome = Outcome::from(self.measures[measure].compare_pair(&pair));
            Cell { row, column, measure, outcome }
        };
        Ok(measures.iter().map(cell).collect())
    }
}

fn shapes(layers: &dyn Layers) -> Result<Vec<(usize, usize)>, Error> {
    (0..layers.layer_names().len()).map(|layer| layers.shape(layer)).collect()
}

fn facts(layers: &dyn Layers, widths: &[usize]) -> NetworkFacts {
    let fact = |(layer, name): (usize, &String)| LayerFacts { name: name.clone(), source: layers.source(layer), p: widths[layer] };
    NetworkFacts { name: layers.name().to_string(), layers: layers.layer_names().iter().enumerate().map(fact).collect() }
}
