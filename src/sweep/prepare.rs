//! Layers, prepared, and their pairs, compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::error::Error;
use super::fit::Held;
use super::layers::Layers;
use super::observer::Observer;
use super::reading::Timed;
use super::run::Sweep;
use super::tasks::{LayerKey, Plan};
use crate::arrays::neurons::StoredNeurons;
use crate::error::Error as InputError;
use crate::measure::Measure;
use crate::prepared::layer::Prepared;
use crate::prepared::pair::Pair;
use crate::results::{Cell, Outcome};

/// A layer that is ready to be compared; or that never will be, for an entry that is not finite, or
/// an example that its preprocessing has no answer for.
pub(super) type Ready = Result<Prepared, InputError>;

impl Sweep<'_> {
    /// Prepares layers: those in memory side by side, those that are read in blocks of neurons one
    /// after the other.
    pub(super) fn prepare_all(&self, plan: &Plan, layers: &[Held], observer: &dyn Observer) -> Result<BTreeMap<LayerKey, Ready>, Error> {
        let (stored, loaded): (Vec<&Held>, Vec<&Held>) = layers.iter().partition(|held| held.layer.stored.is_some());
        let prepare = |held: &Held| Ok((held.key, self.ready(plan.n, held, observer)?));
        // Of several layers that are refused the first one is named, whichever thread was faster.
        let loaded: Vec<Result<(LayerKey, Ready), Error>> = loaded.into_par_iter().map(prepare).collect();
        let mut prepared = loaded.into_iter().collect::<Result<BTreeMap<LayerKey, Ready>, Error>>()?;
        for held in stored {
            let (key, layer) = prepare(held)?;
            prepared.insert(key, layer);
        }
        Ok(prepared)
    }

    fn ready(&self, n: usize, held: &Held, observer: &dyn Observer) -> Result<Ready, Error> {
        let (_, index) = held.key;
        let prepared = self.prepare(n, held);
        // Whatever was read, of a file that was replaced meanwhile it may be anything.
        self.network(held.key).unchanged(index)?;
        let ready = match prepared {
            Err(Error::Input(error @ (InputError::NotFinite { .. } | InputError::ZeroNorm(_)))) if !self.stops => Err(error),
            prepared => Ok(prepared?),
        };
        observer.prepared(&self.network(held.key).source(index));
        Ok(ready)
    }

    fn prepare(&self, n: usize, held: &Held) -> Result<Prepared, Error> {
        let (network, index, layer) = (self.network(held.key), held.key.1, held.layer);
        let stored =
            layer.stored.map(|blocks| Ok::<_, Error>(network.neurons(index)?.map(|source| (source, blocks)))).transpose()?.flatten();
        let prepared = if let Some((source, blocks)) = stored {
            let source: Arc<dyn StoredNeurons> = Arc::new(Timed { source, blocks, reading: Arc::clone(&self.reading) });
            Measure::prepare_stored(&self.measures, &network.source(index), (n, layer.p), &source)?
        } else {
            let representation = network.load(index)?;
            let found = (representation.n(), representation.p());
            if found != (n, layer.p) {
                let detail = format!("it was {n} x {} and is {} x {}", layer.p, found.0, found.1);
                return Err(Error::Changed { source_name: network.source(index), detail });
            }
            Measure::prepare_for(&self.measures, &representation, self.precision, layer.partners)
        };
        let prepared = prepared.with_partners(layer.partners).with_kernel_storage(held.keeping);
        for measure in &self.measures {
            // A measure that is undefined on this layer says so again, in full, in each of its
            // cells.
            if let Err(error @ (InputError::Unreadable { .. } | InputError::NotFinite { .. })) = measure.precompute(&prepared) {
                return Err(error.into());
            }
        }
        Ok(prepared)
    }

    /// The cells of a pair, shown to the observer.
    pub(super) fn compare(
        &self,
        plan: &Plan,
        (row, column): (usize, usize),
        measures: &[usize],
        [x, y]: [&Ready; 2],
        observer: &dyn Observer,
    ) -> Result<Vec<Cell>, Error> {
        let cells = match (x, y) {
            (Ok(x), Ok(y)) => {
                let pair = Pair::new(x, y)?;
                let cell = |&measure: &usize| {
                    let score = self.measures[measure].compare_pair(&pair);
                    if let Err(error @ (InputError::Unreadable { .. } | InputError::NotFinite { .. })) = score {
                        return Err(error.into());
                    }
                    Ok(Cell { row, column, measure, outcome: Outcome::from(score) })
                };
                let cells = measures.iter().map(cell).collect::<Result<Vec<Cell>, Error>>();
                // Neurons that are not kept were read once more.
                if x.centered().kept().is_none() {
                    self.a.unchanged(row)?;
                }
                if y.centered().kept().is_none() {
                    self.network(plan.column_key(column)).unchanged(column)?;
                }
                cells?
            }
            (Err(error), _) | (_, Err(error)) => undecided(&self.measures, (row, column), measures, error),
        };
        observer.finished(&cells)?;
        Ok(cells)
    }

    fn network(&self, (second, _): LayerKey) -> &dyn Layers {
        if second { self.b() } else { self.a }
    }
}

/// The cells of a pair with a layer that has an entry that is not finite.
pub(super) fn undecided(all: &[Measure], (row, column): (usize, usize), measures: &[usize], error: &InputError) -> Vec<Cell> {
    let cell = |&measure: &usize| Cell { row, column, measure, outcome: Outcome::undefined(&all[measure], error) };
    measures.iter().map(cell).collect()
}
