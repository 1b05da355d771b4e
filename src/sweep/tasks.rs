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
mod tests {
    use super::*;

    #[test]
    fn layers_are_compared_with_those_of_their_tasks() {
        let partners = |itself, tasks: &[(usize, usize)]| {
            let columns = if itself { vec![3, 1, 2] } else { vec![5, 7] };
            let plan = Plan { n: 9, rows: vec![3, 1, 2], columns, itself };
            plan.partners(&tasks.iter().map(|&task| (task, vec![0])).collect())
        };
        let of = |narrowest, widest, as_x, as_y| Partners { narrowest, widest, as_x, as_y };
        let two = partners(false, &[(0, 0), (0, 1), (2, 1)]);
        let expected = [
            ((false, 0), of(5, 7, true, false)),
            ((false, 2), of(7, 7, true, false)),
            ((true, 0), of(3, 3, false, true)),
            ((true, 1), of(2, 3, false, true)),
        ];
        assert_eq!(two, BTreeMap::from(expected));
        let one = partners(true, &[(0, 1), (1, 2)]);
        let expected = [((false, 0), of(1, 1, true, false)), ((false, 1), of(2, 3, true, true)), ((false, 2), of(1, 1, false, true))];
        assert_eq!(one, BTreeMap::from(expected));
    }

    #[test]
    fn parts_cover_every_cell_once_and_share_the_work() {
        let measures = ["cka", "linear-regression"].map(|text| Measure::parse(text).unwrap());
        let widths: Vec<usize> = (0..20).map(|layer| [64, 128, 512][layer % 3]).collect();
        for (columns, itself) in [(widths.clone(), true), (vec![100; 33], false)] {
            let plan = Plan { n: 1000, rows: widths.clone(), columns, itself };
            for of in [1, 2, 7, 50, 700] {
                let parts: Vec<Tasks> = (1..=of).map(|k| plan.part(plan.tasks(&measures), Part::new(k, of).unwrap())).collect();
                let together: Vec<_> = parts.iter().flatten().collect();
                let cells = plan.tasks(&measures);
                assert_eq!(together.len(), cells.len());
                assert!(together.iter().all(|(cell, measures)| cells[cell] == **measures));
                let work = |tasks: &Tasks| -> usize {
                    tasks.iter().map(|(&(row, column), measures)| plan.rows[row] * plan.columns[column] * measures.len()).sum()
                };
                let (total, largest) = (work(&cells), 2 * 512 * 512);
                assert!(parts.iter().all(|part| work(part) <= total / of + 2 * largest), "{of} parts");
                if of == 7 {
                    // A seventh of the table in one piece touches fewer layers than a band of rows
                    // would.
                    let rows: BTreeSet<_> = parts[3].keys().flat_map(|&(row, column)| [(0, row), (usize::from(!itself), column)]).collect();
                    assert!(rows.len() < 30, "{} layers", rows.len());
                }
            }
        }
    }

    #[test]
    fn parts_are_read_and_written() {
        let part: Part = "3/8".parse().unwrap();
        assert_eq!((part.number(), part.of(), part.to_string().as_str()), (3, 8, "3/8"));
        for wrong in ["0/3", "4/3", "3", "a/b", "-1/2", "/", "1/1000001", "1/1000000000000"] {
            assert!(wrong.parse::<Part>().unwrap_err().contains("K/N"), "{wrong}");
        }
    }
}
