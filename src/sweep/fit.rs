//! How a sweep is fitted into memory: all layers together, groups of layers one after the other, or
//! rows of all layers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rayon::prelude::*;

use super::bytes::Bytes;
use super::error::Error;
use super::memory::{self, Blocks, Cost, Estimate, Layer};
use super::observer::Observer;
use super::prepare::Ready;
use super::run::Sweep;
use super::tasks::{LayerKey, Plan, Tasks};
use crate::gram::kernel_matrix::KernelStorage;
use crate::measure::Measure;
use crate::moments;
use crate::results::Cell;

/// A layer of a sweep, and how it is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) key: LayerKey,
    pub(super) layer: Layer,
    pub(super) keeping: KernelStorage,
}

/// How a sweep is fitted into memory.
#[derive(Debug)]
pub(super) enum Fit {
    /// All layers are held together.
    Together(Vec<Held>),
    /// Some layers of one side are held while those of the other are prepared one by one.
    Groups(Groups),
    /// Blocks of rows of all layers, within this many bytes.
    Rows { limit: u64 },
}

/// How a sweep is going to be computed within the memory that it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// In words: what is held, and how often layers are read.
    pub way: String,
    /// Bytes of memory at most.
    pub memory: u64,
}

impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; about {} of memory", self.way, Bytes(self.memory))
    }
}

impl Fit {
    /// How often a layer is prepared, of so many different ones.
    pub(super) fn preparations(&self, layers: usize) -> usize {
        match self {
            Fit::Groups(groups) => groups.held.len() + groups.passes * groups.streamed.len(),
            Fit::Together(_) | Fit::Rows { .. } => layers,
        }
    }
}

/// Layers that are compared in groups: some of one side are held, while each of the other side is
/// prepared, compared with these, and dropped.
#[derive(Debug)]
pub struct Groups {
    /// Whether the columns are the side that is held.
    pub(super) holds_columns: bool,
    pub(super) held: Vec<Held>,
    pub(super) streamed: Vec<Held>,
    /// Layers of a group.
    pub(super) size: usize,
    /// How many groups there are: so often each layer of the other side is read.
    pub(super) passes: usize,
    /// Pairs that are compared at once.
    pub(super) at_once: usize,
    /// Bytes of memory at most.
    pub(super) memory: u64,
}

impl Groups {
    fn way(&self) -> String {
        let Self { held, streamed, size, passes, .. } = self;
        let (held, streamed) = (held.len(), streamed.len());
        let times = if *passes == 1 { "once".to_string() } else { format!("{passes} times") };
        format!("{held} layers in groups of up to {size}, each of the {streamed} on the other side prepared {times}")
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; at most {} of memory", self.way(), Bytes(self.memory))
    }
}

impl Sweep<'_> {
    /// How the sweep is going to be computed, before anything is loaded.
    ///
    /// # Errors
    /// As [`Sweep::resume`].
    pub fn outlook(&self) -> Result<Outlook, Error> {
        let plan = self.plan()?;
        let (tasks, _) = self.left(&plan, &BTreeSet::new());
        let cells = self.bytes_of_cells(&plan, &tasks);
        let mut outlook = match self.fit(&plan, &tasks)? {
            Fit::Together(layers) => {
                let stored = layers.iter().filter(|held| held.layer.stored.is_some()).count();
                let kept = layers.iter().filter(|held| held.keeping.kept).count();
                let mut way = format!("{} layers together", layers.len());
                if stored > 0 {
                    way += &format!(", {stored} of them as matrices between examples, read in blocks of neurons");
                }
                if kept < layers.len() {
                    way += &format!(", kernel matrices of {kept} layers kept and the others computed again for each pair");
                }
                let held: Vec<Layer> = layers.iter().map(|held| held.layer).collect();
                let estimate = Estimate::of(&held, &self.measures, self.precision, rayon::current_num_threads());
                let kernels = layers.iter().filter(|held| held.keeping.kept);
                let kernels = kernels.map(|held| held.layer.cost(&self.measures, self.precision).kernels).fold(0, u64::saturating_add);
                Outlook { way, memory: estimate.least().saturating_add(kernels) }
            }
            Fit::Groups(groups) => Outlook { way: groups.way(), memory: groups.memory },
            Fit::Rows { limit } => {
                let passes = self.streamed(&plan, tasks, limit)?;
                let memory = passes.blocking().memory;
                Outlook { way: format!("rows of all layers in {} passes", passes.count()), memory }
            }
        };
        outlook.memory = outlook.memory.saturating_add(cells);
        Ok(outlook)
    }

    /// How the tasks are fitted into the memory that may be taken; where there are none, nothing is
    /// held.
    ///
    /// # Errors
    /// [`Error::Memory`] where nothing fits; [`Error::Layer`] for a layer that cannot be looked at.
    pub(super) fn fit(&self, plan: &Plan, tasks: &Tasks) -> Result<Fit, Error> {
        let cells = self.bytes_of_cells(plan, tasks);
        self.fit_beside(plan, tasks, self.memory.map(|memory| memory.saturating_sub(cells)))
            .map_err(|error| error.beside(cells, self.memory))
    }

    /// What the finished cells take: of all parts of the whole, or of one part.
    pub(super) fn bytes_of_cells(&self, plan: &Plan, tasks: &Tasks) -> u64 {
        let cells = match self.part {
            Some(_) => tasks.values().map(Vec::len).sum(),
            None => plan.rows.len().saturating_mul(plan.columns.len()).saturating_mul(self.measures.len()),
        };
        memory::OUTCOME.saturating_mul(cells as u64)
    }

    /// The same within the memory that is left beside the finished cells.
    fn fit_beside(&self, plan: &Plan, tasks: &Tasks, memory: Option<u64>) -> Result<Fit, Error> {
        if tasks.is_empty() {
            return Ok(Fit::Together(Vec::new()));
        }
        let (by_moments, by_rows) = (moments_alone(&self.measures), self.measures.iter().all(streams));
        match self.fit_whole_layers(plan, tasks, memory) {
            // Few neurons beside the examples: rows take the least memory, and no more operations.
            Ok(Fit::Groups(groups)) => match memory.filter(|_| by_moments && is_narrow(plan)) {
                Some(limit) => Ok(Fit::Rows { limit }),
                None => Ok(Fit::Groups(groups)),
            },
            Err(Error::Memory { limit, .. }) if by_rows && is_narrow(plan) => Ok(Fit::Rows { limit }),
            // Rows of wide layers take more than their examples do, and are no way out unless they
            // fit.
            Err(Error::Memory { limit, .. }) if by_moments && self.streaming(plan, tasks.clone()).into_passes(limit).is_ok() => {
                Ok(Fit::Rows { limit })
            }
            other => other,
        }
    }

    /// The same with layers held as a whole.
    ///
    /// # Errors
    /// As [`Sweep::fit`].
    pub(super) fn fit_without_rows(&self, plan: &Plan, tasks: &Tasks) -> Result<Fit, Error> {
        let cells = self.bytes_of_cells(plan, tasks);
        self.fit_whole_layers(plan, tasks, self.memory.map(|memory| memory.saturating_sub(cells)))
            .map_err(|error| error.beside(cells, self.memory))
    }

    fn fit_whole_layers(&self, plan: &Plan, tasks: &Tasks, memory: Option<u64>) -> Result<Fit, Error> {
        let partners = plan.partners(tasks);
        let held = |key: LayerKey| -> Result<Held, Error> {
            let (n, p) = (plan.n, if key.0 { plan.columns[key.1] } else { plan.rows[key.1] });
            let mut layer = Layer { n, p, partners: partners[&key], stored: None };
            if !layer.wants_neurons(&self.measures) {
                layer.stored = self.blocks(key, &layer)?;
            }
            Ok(Held { key, layer, keeping: KernelStorage::KEPT })
        };
        let mut layers = partners.keys().map(|&key| held(key)).collect::<Result<Vec<Held>, Error>>()?;
        let Some(limit) = memory else { return Ok(Fit::Together(layers)) };
        if self.together(&mut layers, limit) {
            return Ok(Fit::Together(layers));
        }
        // What is read in blocks of neurons takes less memory, though more operations beside narrow
        // layers.
        for held in &mut layers {
            held.layer.stored = self.blocks(held.key, &held.layer)?;
        }
        if self.together(&mut layers, limit) {
            return Ok(Fit::Together(layers));
        }
        self.groups(plan, &layers, tasks, limit).map(Fit::Groups)
    }

    /// How a wide layer is read in blocks of neurons, where it can be.
    fn blocks(&self, (second, index): LayerKey, layer: &Layer) -> Result<Option<Blocks>, Error> {
        if !layer.is_wide() || layer.must_keep_neurons(&self.measures) {
            return Ok(None);
        }
        let network = if second { self.b() } else { self.a };
        Ok(network.neurons(index)?.map(|neurons| Blocks::within(neurons.value_size(), self.memory)))
    }

    /// Whether all layers fit together, and with which of their kernel matrices.
    fn together(&self, layers: &mut [Held], limit: u64) -> bool {
        let shapes: Vec<Layer> = layers.iter().map(|held| held.layer).collect();
        let estimate = Estimate::of(&shapes, &self.measures, self.precision, rayon::current_num_threads());
        if estimate.least() > limit {
            return false;
        }
        if estimate.total() > limit {
            let kept = memory::kept(&shapes, &self.measures, &estimate, limit);
            for (held, kept) in layers.iter_mut().zip(kept) {
                held.keeping = if kept { KernelStorage::KEPT } else { KernelStorage::RECOMPUTED };
            }
        }
        true
    }

    /// The largest groups that fit.
    ///
    /// # Errors
    /// [`Error::Memory`] where not even two layers do.
    fn groups(&self, plan: &Plan, layers: &[Held], tasks: &Tasks, limit: u64) -> Result<Groups, Error> {
        let by_key: BTreeMap<LayerKey, Held> = layers.iter().map(|held| (held.key, *held)).collect();
        let of = |keys: BTreeSet<LayerKey>| -> Vec<Held> { keys.iter().map(|key| by_key[key]).collect() };
        let rows = of(tasks.keys().map(|&(row, _)| (false, row)).collect());
        let columns = of(tasks.keys().map(|&(_, column)| plan.column_key(column)).collect());
        let mut least: Option<(u64, Cost)> = None;
        let mut best: Option<Groups> = None;
        for keeps in [true, false] {
            for holds_columns in [false, true] {
                let (held, streamed) = if holds_columns { (&columns, &rows) } else { (&rows, &columns) };
                let cost = |held: &Held| {
                    let mut cost = held.layer.cost(&self.measures, self.precision);
                    if keeps {
                        cost.kept = cost.kept.saturating_add(cost.kernels);
                    }
                    cost
                };
                let (own, others): (Vec<Cost>, Vec<Cost>) = (held.iter().map(cost).collect(), streamed.iter().map(cost).collect());
                let widest = |costs: &[Cost], of: fn(&Cost) -> u64| costs.iter().map(of).max().unwrap_or(0);
                let streamed_kept = widest(&others, |cost| cost.kept);
                let preparing = widest(&own, |cost| cost.preparing).max(widest(&others, |cost| cost.preparing));
                let comparing = widest(&own, |cost| cost.comparing).max(widest(&others, |cost| cost.comparing));
                // The largest group of each size.
                let memory = |size: usize, at_once: usize| {
                    let kept = |group: &[Cost]| group.iter().map(|cost| cost.kept).fold(0, u64::saturating_add);
                    let largest = own.chunks(size).map(kept).max().unwrap_or(0);
                    let working = preparing.max(comparing.saturating_mul(at_once as u64));
                    [streamed_kept, memory::PROGRAM, working].into_iter().fold(largest, u64::saturating_add)
                };
                let needed = memory(1, 1);
                if least.is_none_or(|(known, _)| needed < known) {
                    let kept = widest(&own, |cost| cost.kept).saturating_add(streamed_kept);
                    least = Some((needed, Cost { kept, preparing: needed - kept, ..Cost::default() }));
                }
                let Some(size) = (1..=held.len()).rev().find(|&size| memory(size, 1) <= limit) else { continue };
                let threads = rayon::current_num_threads().min(size);
                let at_once = (1..=threads).rev().find(|&at_once| memory(size, at_once) <= limit).unwrap_or(1);
                let keeping = if keeps { KernelStorage::KEPT } else { KernelStorage::RECOMPUTED };
                let with = |layers: &[Held]| layers.iter().map(|held| Held { keeping, ..*held }).collect();
                let groups = Groups {
                    holds_columns,
                    held: with(held),
                    streamed: with(streamed),
                    size,
                    passes: held.len().div_ceil(size),
                    at_once,
                    memory: memory(size, at_once),
                };
                let work = |groups: &Groups| groups.passes * groups.streamed.len() + groups.held.len();
                if best.as_ref().is_none_or(|best| work(&groups) < work(best)) {
                    best = Some(groups);
                }
            }
            if let Some(best) = best {
                return Ok(best);
            }
        }
        let (needed, cost) = least.unwrap_or_default();
        let measures = self.measures.iter().map(Measure::to_string).collect::<Vec<_>>().join(" and ");
        Err(Error::Memory { measures, needed, limit, features: cost.kept, working: cost.preparing, cells: 0 })
    }

    /// Computes the tasks with a group of layers in memory at a time.
    ///
    /// # Errors
    /// As [`Sweep::resume`].
    pub(super) fn in_groups(&self, plan: &Plan, groups: &Groups, tasks: Tasks, observer: &dyn Observer) -> Result<Vec<Cell>, Error> {
        observer.groups(groups);
        let key_of = |&(row, column): &(usize, usize)| {
            let (row, column) = ((false, row), plan.column_key(column));
            if groups.holds_columns { (column, row) } else { (row, column) }
        };
        let mut computed = Vec::new();
        for group in groups.held.chunks(groups.size) {
            let mut held: BTreeMap<LayerKey, Ready> = BTreeMap::new();
            for layer in group {
                held.extend(self.prepare_all(plan, std::slice::from_ref(layer), observer)?);
            }
            for other in &groups.streamed {
                let of_pair: Vec<_> = tasks
                    .iter()
                    .filter(|(cell, _)| {
                        let (own, streamed) = key_of(cell);
                        streamed == other.key && held.contains_key(&own)
                    })
                    .collect();
                if of_pair.is_empty() {
                    continue;
                }
                let own = if held.contains_key(&other.key) {
                    BTreeMap::new()
                } else {
                    self.prepare_all(plan, std::slice::from_ref(other), observer)?
                };
                let prepared = |key: &LayerKey| held.get(key).or_else(|| own.get(key)).expect("held, or prepared for these pairs");
                let compare = |&(&(row, column), measures): &(&(usize, usize), &Vec<usize>)| {
                    let (x, y) = (prepared(&(false, row)), prepared(&plan.column_key(column)));
                    self.compare(plan, (row, column), measures, [x, y], observer)
                };
                for pairs in of_pair.chunks(groups.at_once) {
                    let cells = pairs.par_iter().map(compare).collect::<Result<Vec<_>, Error>>()?;
                    computed.extend(cells.into_iter().flatten());
                }
            }
        }
        Ok(computed)
    }
}

/// Whether no two layers have more neurons together than examples.
pub(super) fn is_narrow(plan: &Plan) -> bool {
    let widest = |widths: &[usize]| widths.iter().copied().max().unwrap_or(0);
    widest(&plan.rows) + widest(&plan.columns) <= plan.n
}

/// Whether a measure of narrow layers follows from what is gathered over blocks of their rows.
fn streams(measure: &Measure) -> bool {
    moments::check(measure).is_ok() || moments::follows_from_factor(measure)
}

fn moments_alone(measures: &[Measure]) -> bool {
    measures.iter().all(|measure| moments::check(measure).is_ok())
}
