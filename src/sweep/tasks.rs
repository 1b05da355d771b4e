//! Which cells a sweep has to compute, and which of them belong to a part of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::measure::Measure;
use crate::prepared::Partners;
use crate::results::symmetric;

/// The measures that are to be computed, for each pair of layers.
pub(super) type Tasks = BTreeMap<(usize, usize), Vec<usize>>;

/// A layer: whether it is of the second network, and which of its layers.
pub(super) type LayerKey = (bool, usize);

/// The shapes of a sweep, known before a layer is loaded.
pub(super) struct Plan {
    pub(super) n: usize,
    /// Neurons of each layer of the first network.
    pub(super) rows: Vec<usize>,
    /// Neurons of each layer of the second.
    pub(super) columns: Vec<usize>,
    /// Whether the second network is the first.
    pub(super) itself: bool,
}

impl Plan {
    /// A layer of the columns; in a network with itself, columns and rows are the same layers.
    pub(super) fn column_key(&self, column: usize) -> LayerKey {
        (!self.itself, column)
    }

    /// What each layer is compared with in these tasks: a part of a sweep, or what is left of one,
    /// needs less than the whole.
    pub(super) fn partners(&self, tasks: &Tasks) -> BTreeMap<LayerKey, Partners> {
        let mut partners = BTreeMap::new();
        let mut add = |key, neurons, as_x| partners.entry(key).or_insert(Partners::NONE).add(neurons, as_x);
        for &(row, column) in tasks.keys() {
            add((false, row), self.columns[column], true);
            add(self.column_key(column), self.rows[row], false);
        }
        partners
    }
}

/// One of several parts of a sweep, which are computed by themselves and merged. Written `K/N`: the
/// K-th of N, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    number: usize,
    of: usize,
}

impl Part {
    /// More parts than this are a mistake: their numbers alone would take hours to list.
    pub const MOST: usize = 1_000_000;

    /// The part `number` of `of`, counted from 1; none when there is no such part, or there are
    /// more than [`Part::MOST`].
    pub fn new(number: usize, of: usize) -> Option<Self> {
        ((1..=of).contains(&number) && of <= Self::MOST).then_some(Self { number, of })
    }

    /// Which part, counted from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// How many parts there are.
    pub fn of(&self) -> usize {
        self.of
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let part = text.split_once('/').and_then(|(part, of)| Self::new(number(part)?, number(of)?));
        part.ok_or_else(|| format!("{text:?} is not a part: K/N is the K-th of N parts, counted from 1, and N at most {}", Self::MOST))
    }
}

impl Plan {
    /// All cells; in a network with itself, of symmetric measures the half on and above the
    /// diagonal.
    pub(super) fn tasks(&self, measures: &[Measure]) -> Tasks {
        let symmetric: Vec<bool> = measures.iter().map(symmetric).collect();
        let mut tasks = Tasks::new();
        for row in 0..self.rows.len() {
            for column in 0..self.columns.len() {
                let mirrored = self.itself && column < row;
                let measures: Vec<usize> = (0..measures.len()).filter(|&measure| !(mirrored && symmetric[measure])).collect();
                if !measures.is_empty() {
                    tasks.insert((row, column), measures);
                }
            }
        }
        tasks
    }

    /// Those of a part: about as much work as any other, on few layers.
    pub(super) fn part(&self, tasks: Tasks, part: Part) -> Tasks {
        let mut cells: Vec<((usize, usize), Vec<usize>)> = tasks.into_iter().collect();
        // Along this curve neighbours share layers, so that a part needs few of them.
        cells.sort_by_key(|&((row, column), _)| interleaved(row, column));
        let work = |&((row, column), ref measures): &((usize, usize), Vec<usize>)| {
            (self.rows[row] as u128).saturating_mul(self.columns[column] as u128).saturating_mul(measures.len() as u128)
        };
        // What an integer does not hold is no layer of this world; it must not end the program.
        let total = cells.iter().map(work).fold(0, u128::saturating_add).max(1);
        let mut before: u128 = 0;
        let belongs = |cell: &((usize, usize), Vec<usize>)| {
            // A cell belongs where its middle falls.
            let twice_middle = before.saturating_mul(2).saturating_add(work(cell));
            before = before.saturating_add(work(cell));
            twice_middle.saturating_mul(part.of as u128) / total.saturating_mul(2) == part.number as u128 - 1
        };
        cells.into_iter().filter(belongs).collect()
    }
}

/// Leaves out what is finished.
pub(super) fn unfinished(tasks: Tasks, finished: &BTreeSet<(usize, usize, usize)>) -> Tasks {
    let left = tasks.into_iter().map(|((row, column), mut measures)| {
        measures.retain(|&measure| !finished.contains(&(row, column, measure)));
        ((row, column), measures)
    });
    left.filter(|(_, measures)| !measures.is_empty()).collect()
}

/// The place of a cell on a Z-shaped curve through the table: the bits of row and column in turn.
fn interleaved(row: usize, column: usize) -> u128 {
    (0..usize::BITS).fold(0, |key, bit| key | (((row >> bit) & 1) as u128) << (2 * bit + 1) | (((column >> bit) & 1) as u128) << (2 * bit))
}

#[cfg(test)]
#[path = "tasks_tests.rs"]
mod tests;
