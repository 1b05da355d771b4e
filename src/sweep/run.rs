//! Running a sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use super::error::Error;
use super::fit::{self, Fit, Held};
use super::layers::Layers;
use super::memory::Estimate;
use super::observer::{NoObserver, Observer};
use super::reading::Reading;
use super::shard::{self, LayerSource};
use super::streaming::{Passes, StreamedLayer, Streaming};
use super::tasks::{LayerKey, Part, Plan, Tasks, unfinished};
use crate::error::Error as InputError;
use crate::kept::{Header, NetworkHeader};
use crate::measure::Measure;
use crate::moments;
use crate::precision::Precision;
use crate::results::{Cell, LayerFacts, NetworkFacts, Scores};

/// Every layer of A with every layer of B (or of A itself), by several measures.
pub struct Sweep<'a> {
    pub(super) a: &'a dyn Layers,
    pub(super) b: Option<&'a dyn Layers>,
    pub(super) measures: Vec<Measure>,
    pub(super) memory: Option<u64>,
    pub(super) part: Option<Part>,
    pub(super) precision: Precision,
    pub(super) stops: bool,
    pub(super) reading: Arc<Reading>,
    command: shard::Command,
}

impl<'a> Sweep<'a> {
    /// A sweep over the layers of `a` and `b`; without `b`, over the layers of `a` among
    /// themselves.
    pub fn new(a: &'a dyn Layers, b: Option<&'a dyn Layers>, measures: Vec<Measure>) -> Self {
        Self {
            a,
            b,
            measures,
            memory: None,
            part: None,
            precision: Precision::Double,
            stops: false,
            reading: Arc::default(),
            command: shard::Command::default(),
        }
    }

    /// Where the sweep would take more than this many bytes: streams, or keeps as many kernel
    /// matrices as fit and computes the others again for each pair (the same bits; two products of
    /// examples for each layer and one for each of its pairs, instead of one for each layer).
    /// Refuses to start where neither is enough.
    pub fn with_memory(mut self, bytes: Option<u64>) -> Self {
        self.memory = bytes;
        self
    }

    /// Takes one part of the cells, for [`Sweep::run_part`].
    pub fn with_part(mut self, part: Option<Part>) -> Self {
        self.part = part;
        self
    }

    /// Says by which command line, with paths from which directory, a part is computed: what its
    /// parts make up can be computed again then.
    pub fn with_command(mut self, line: Vec<String>, directory: String) -> Self {
        self.command = shard::Command { line, directory };
        self
    }

    /// Computes the large products in this precision ([`Precision`]), where the layers are in
    /// memory.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Whether a layer with an entry that is not finite, or with an example of norm 0 that is to be
    /// divided by it, ends the sweep. Else its own cells are
    /// undefined, as those of a constant layer are, and the others have their values.
    pub fn stopping_on_error(mut self, stops: bool) -> Self {
        self.stops = stops;
        self
    }

    pub(super) fn b(&self) -> &'a dyn Layers {
        self.b.unwrap_or(self.a)
    }

    /// The measures, in the order given.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// Asks, before anything is loaded or written, that the sweep can be: layers on both sides, of
    /// the same examples.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Layer`] and [`Error::Input`].
    pub fn check(&self) -> Result<(), Error> {
        self.plan().map(|_| ())
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
        self.resume(Vec::new(), &NoObserver)
    }

    /// Runs what is left of it: `done` are cells that were finished before, and are not computed
    /// again.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Layer`] and [`Error::Input`] for networks that cannot be
    /// compared, [`Error::Memory`] for a sweep that would not fit, [`Error::Changed`] for a file
    /// that is replaced on the way, and what the observer answers. A measure without a value on two
    /// layers is not an error but an outcome; so is, unless the sweep
    /// [stops](Sweep::stopping_on_error), a layer with an entry that is not finite.
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
        let plan = self.plan()?;
        let (tasks, _) = self.left(&plan, finished);
        match self.fit_without_rows(&plan, &tasks)? {
            Fit::Groups(groups) => self.in_groups(&plan, &groups, tasks, observer),
            Fit::Together(layers) => self.in_memory(&plan, &layers, tasks, observer),
            Fit::Rows { .. } => unreachable!("not offered"),
        }
    }

    /// Asks, before anything is loaded, that [`Sweep::compute`] stays within the memory.
    ///
    /// # Errors
    /// [`Error::Memory`], and as [`Sweep::header`].
    pub fn check_memory(&self, finished: &BTreeSet<(usize, usize, usize)>) -> Result<(), Error> {
        let plan = self.plan()?;
        let (tasks, _) = self.left(&plan, finished);
        self.fit_without_rows(&plan, &tasks).map(|_| ())
    }

    /// Whether no two of the layers have more neurons together than examples, so that moments of
    /// neurons ([`Sweep::passes`]) take no more operations than matrices between examples.
    ///
    /// # Errors
    /// As [`Sweep::header`].
    pub fn is_narrow(&self) -> Result<bool, Error> {
        Ok(fit::is_narrow(&self.plan()?))
    }

    /// The passes over the rows that stream, within `limit` bytes, the cells that are not finished.
    ///
    /// # Errors
    /// [`Error::StreamMemory`]; [`Error::Layer`] for a layer that cannot be read by rows;
    /// [`Error::Moments`] for a measure that does not stream.
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
        let (a, b) = (facts(self.a, &plan.rows)?, facts(self.b(), &plan.columns)?);
        Ok(Scores::assemble(a, b, plan.n, self.measures.clone(), cells, plan.itself))
    }

    /// Runs what is left of one part of it, and writes its cells into the file, whole or not at
    /// all; [`merge_shards`](super::merge_shards) makes scores of all parts. Gives the number of
    /// cells without a value.
    ///
    /// # Errors
    /// As [`Sweep::resume`]; [`Error::Layer`] when the file cannot be written.
    ///
    /// # Panics
    /// Without [`Sweep::with_part`].
    pub fn run_part(&self, done: Vec<Cell>, observer: &dyn Observer, file: &Path) -> Result<usize, Error> {
        let part = self.part.expect("a part was chosen");
        let cells = self.cells(&self.plan()?, done, observer)?;
        let of = |layers: &dyn Layers, layer| Ok(LayerSource { source: layers.source(layer), reading: layers.convention(layer)? });
        let sources = |layers: &dyn Layers| (0..layers.layer_names().len()).map(|layer| of(layers, layer)).collect();
        let sources: Result<Vec<Vec<LayerSource>>, Error> = std::iter::once(self.a).chain(self.b).map(sources).collect();
        shard::write(file, part, self.header()?, sources?, self.command.clone(), &cells)?;
        Ok(cells.iter().filter(|cell| cell.outcome.value().is_none()).count())
    }

    /// The cells of the sweep, or of its part: those done, and those that are left.
    fn cells(&self, plan: &Plan, done: Vec<Cell>, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        let finished: BTreeSet<_> = done.iter().map(|cell| (cell.row, cell.column, cell.measure)).collect();
        let (tasks, keys) = self.left(plan, &finished);
        let (start, fit) = (Instant::now(), self.fit(plan, &tasks)?);
        observer.started(fit.preparations(keys.len()), tasks.values().map(Vec::len).sum());
        let computed = match fit {
            Fit::Rows { limit } => self.streamed(plan, tasks, limit)?.run(self.stops, observer)?,
            Fit::Together(layers) => self.in_memory(plan, &layers, tasks, observer)?,
            Fit::Groups(groups) => self.in_groups(plan, &groups, tasks, observer)?,
        };
        for &(second, layer) in &keys {
            (if second { self.b() } else { self.a }).unchanged(layer)?;
        }
        if self.reading.bytes() > 0 {
            observer.read(&self.reading, start.elapsed());
        }
        Ok(done.into_iter().chain(computed).collect())
    }

    /// What is not finished of the part, and the layers that it needs.
    pub(super) fn left(&self, plan: &Plan, finished: &BTreeSet<(usize, usize, usize)>) -> (Tasks, BTreeSet<LayerKey>) {
        let mut tasks = plan.tasks(&self.measures);
        if let Some(part) = self.part {
            tasks = plan.part(tasks, part);
        }
        let tasks = unfinished(tasks, finished);
        let keys = tasks.keys().flat_map(|&(row, column)| [(false, row), plan.column_key(column)]).collect();
        (tasks, keys)
    }

    /// Computes the tasks with all of these layers in memory.
    fn in_memory(&self, plan: &Plan, layers: &[Held], tasks: Tasks, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        let count = layers.iter().filter(|layer| layer.keeping.kept).count();
        if count < layers.len() {
            observer.recomputes(count, layers.len());
        }
        let layers = self.prepare_all(plan, layers, observer)?;
        let computed: Vec<Vec<Cell>> = tasks
            .into_par_iter()
            .map(|((row, column), measures)| {
                self.compare(plan, (row, column), &measures, [&layers[&(false, row)], &layers[&plan.column_key(column)]], observer)
            })
            .collect::<Result<_, Error>>()?;
        Ok(computed.into_iter().flatten().collect())
    }

    /// The passes of a sweep that is fitted into `limit` bytes beside its finished cells.
    pub(super) fn streamed(&self, plan: &Plan, tasks: Tasks, limit: u64) -> Result<Passes<'_>, Error> {
        let cells = self.bytes_of_cells(plan, &tasks);
        self.streaming(plan, tasks).into_passes(limit).map_err(|error| error.beside(cells, self.memory))
    }

    pub(super) fn streaming(&self, plan: &Plan, tasks: Tasks) -> Streaming<'_> {
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

    pub(super) fn plan(&self) -> Result<Plan, Error> {
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
}

fn shapes(layers: &dyn Layers) -> Result<Vec<(usize, usize)>, Error> {
    (0..layers.layer_names().len()).map(|layer| layers.shape(layer)).collect()
}

fn facts(layers: &dyn Layers, widths: &[usize]) -> Result<NetworkFacts, Error> {
    let fact = |(layer, name): (usize, &String)| {
        let reading = layers.convention(layer)?;
        Ok(LayerFacts { name: name.clone(), source: layers.source(layer), p: widths[layer], reading })
    };
    let facts: Result<Vec<LayerFacts>, Error> = layers.layer_names().iter().enumerate().map(fact).collect();
    Ok(NetworkFacts { name: layers.name().to_string(), layers: facts? })
}
