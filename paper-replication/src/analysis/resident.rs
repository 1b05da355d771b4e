//! Which prepared networks stay in memory.

use super::seconds::Seconds;
use super::subject::{PreparedNetwork, Subject};
use crate::error::{Error, Result};
use similitude::Measure;
use std::collections::BTreeMap;

const GIGABYTE: f64 = 1e9;

/// Prepared networks within a limit of memory. Where room is needed, the network whose next use is
/// farthest away goes (Belady's rule).
pub(super) struct Residents<'a> {
    subjects: &'a [Subject],
    measures: &'a [Measure],
    kept: Vec<u64>,
    working: u64,
    limit: u64,
    networks: BTreeMap<usize, PreparedNetwork>,
}

impl<'a> Residents<'a> {
    /// An empty memory of `limit` bytes.
    pub fn new(subjects: &'a [Subject], measures: &'a [Measure], limit: u64) -> Result<Self> {
        let memory = subjects.iter().map(|subject| subject.memory(measures, rayon::current_num_threads())).collect::<Result<Vec<_>>>()?;
        let working = memory.iter().map(|memory| memory.1).max().unwrap_or(0);
        Ok(Self {
            subjects,
            measures,
            kept: memory.into_iter().map(|memory| memory.0).collect(),
            working,
            limit,
            networks: BTreeMap::new(),
        })
    }

    /// Whether every pair fits into memory, asked before the first network is prepared, which takes
    /// minutes.
    ///
    /// # Errors
    /// [`Error::Setting`] for the first pair that does not.
    pub fn check(&self, pairs: &[(usize, usize)]) -> Result<()> {
        pairs.iter().try_for_each(|&(a, b)| {
            let other = if a == b { 0 } else { self.kept[b] };
            let needed = self.kept[a] + other + self.working;
            if needed <= self.limit { Ok(()) } else { Err(self.too_large((a, b), needed)) }
        })
    }

    fn too_large(&self, (a, b): (usize, usize), needed: u64) -> Error {
        Error::Setting(format!(
            "comparing {} with {} needs about {:.1} GB of memory, and may take {:.1} GB: allow more with --memory, or take fewer --examples",
            self.subjects[a].name(),
            self.subjects[b].name(),
            needed as f64 / GIGABYTE,
            self.limit as f64 / GIGABYTE
        ))
    }

    /// Prepares both networks of the first of these pairs, and makes room for them with the later
    /// pairs in mind.
    pub fn ready(&mut self, pairs: &[(usize, usize)], seconds: &mut Seconds) -> Result<(&PreparedNetwork, &PreparedNetwork)> {
        let (a, b) = pairs[0];
        for network in [a, b] {
            if self.networks.contains_key(&network) {
                continue;
            }
            self.make_room(network, pairs)?;
            eprintln!("preparing {}", self.subjects[network].name());
            let prepared = self.subjects[network].prepare(self.measures, seconds)?;
            self.networks.insert(network, prepared);
        }
        Ok((&self.networks[&a], &self.networks[&b]))
    }

    fn make_room(&mut self, network: usize, pairs: &[(usize, usize)]) -> Result<()> {
        loop {
            let needed = self.networks.keys().map(|&kept| self.kept[kept]).sum::<u64>() + self.kept[network] + self.working;
            if needed <= self.limit {
                return Ok(());
            }
            let (a, b) = pairs[0];
            let next_use = |network: usize| pairs.iter().position(|&(a, b)| a == network || b == network).unwrap_or(usize::MAX);
            let farthest = self.networks.keys().copied().filter(|&kept| kept != a && kept != b).max_by_key(|&kept| next_use(kept));
            let Some(farthest) = farthest else {
                return Err(self.too_large((a, b), needed));
            };
            self.networks.remove(&farthest);
        }
    }
}
