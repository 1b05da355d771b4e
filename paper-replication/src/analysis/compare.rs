//! Every layer of one network with every layer of another, for many pairs of networks, with a memory on disk.

use super::resident::Residents;
use super::seconds::Seconds;
use super::subject::{PreparedNetwork, Subject};
use crate::error::{Result, at};
use rayon::prelude::*;
use similitude::sweep::{Cell, Header, Outcome, Partial};
use similitude::{Claim, Measure, Pair};
use std::path::PathBuf;
use std::time::Instant;

/// What is to be compared. The library's own sweep prepares both networks of each pair; here a network that stands in many pairs is
/// prepared once, because its decompositions are the larger part of the work.
pub struct Comparison<'a> {
    /// The networks.
    pub subjects: &'a [Subject],
    /// The pairs of networks, by place in `subjects`; a network may be paired with itself.
    pub pairs: &'a [(usize, usize)],
    /// The measures.
    pub measures: &'a [Measure],
    /// The folder for finished cells: an interrupted comparison goes on where it was.
    pub cells: PathBuf,
    /// Bytes that may be taken.
    pub memory: u64,
}

/// What came of a pair of networks.
#[derive(Debug, Clone)]
pub struct PairScores {
    /// The first network's place.
    pub a: usize,
    /// The second network's place.
    pub b: usize,
    /// Layers of the first.
    pub rows: usize,
    /// Layers of the second.
    pub columns: usize,
    outcomes: Vec<Outcome>,
}

impl PairScores {
    /// What a measure answers for a layer of the first network and one of the second.
    pub fn outcome(&self, measure: usize, row: usize, column: usize) -> &Outcome {
        &self.outcomes[(measure * self.rows + row) * self.columns + column]
    }

    /// The values of a measure, row-major: rows are layers of the first network.
    pub fn values(&self, measure: usize) -> Vec<Option<f64>> {
        let cells = self.rows * self.columns;
        self.outcomes[measure * cells..(measure + 1) * cells].iter().map(Outcome::value).collect()
    }
}

/// A pair of networks on its way.
struct Task {
    pair: (usize, usize),
    rows: usize,
    columns: usize,
    header: Header,
    outcomes: Vec<Option<Outcome>>,
}

impl Comparison<'_> {
    /// Runs what is left of it; gives the pairs in the order asked for, and the seconds that all of them took.
    ///
    /// # Errors
    /// When a network cannot be captured or prepared, does not fit into memory, or a file of cells cannot be read or written.
    pub fn run(&self) -> Result<(Vec<PairScores>, Seconds)> {
        std::fs::create_dir_all(&self.cells).map_err(at(&self.cells))?;
        let clock = self.cells.join("seconds.json");
        let mut seconds = Seconds::load(&clock)?;
        let mut tasks = self.pairs.iter().map(|&pair| self.task(pair)).collect::<Result<Vec<_>>>()?;
        let open: Vec<usize> = (0..tasks.len()).filter(|&task| !self.missing(&tasks[task]).is_empty()).collect();
        let pairs: Vec<(usize, usize)> = open.iter().map(|&task| tasks[task].pair).collect();
        let mut residents = Residents::new(self.subjects, self.measures, self.memory)?;
        for (place, &task) in open.iter().enumerate() {
            let (a, b) = residents.ready(&pairs[place..], &mut seconds)?;
            eprintln!(
                "pair {} of {}: {} with {}",
                place + 1,
                open.len(),
                self.subjects[pairs[place].0].name(),
                self.subjects[pairs[place].1].name()
            );
            let start = Instant::now();
            self.compare(&mut tasks[task], a, b)?;
            seconds.comparison += start.elapsed().as_secs_f64();
            seconds.save(&clock)?;
        }
        Ok((tasks.into_iter().map(Task::finish).collect(), seconds))
    }

    /// The file of a pair's cells.
    fn file(&self, (a, b): (usize, usize)) -> PathBuf {
        self.cells.join(format!("{}__{}.jsonl", self.subjects[a].name(), self.subjects[b].name()))
    }

    fn task(&self, pair: (usize, usize)) -> Result<Task> {
        let (a, b) = (self.subjects[pair.0].header()?, self.subjects[pair.1].header()?);
        let (rows, columns) = (a.layers.len(), b.layers.len());
        let header = Header {
            similitude: env!("CARGO_PKG_VERSION").to_owned(),
            a,
            b: (pair.0 != pair.1).then_some(b),
            measures: self.measures.iter().map(Measure::to_string).collect(),
        };
        let mut task = Task { pair, rows, columns, header, outcomes: vec![None; self.measures.len() * rows * columns] };
        if self.file(pair).exists() {
            let (_, cells) = Partial::open(self.file(pair), &task.header)?;
            cells.into_iter().for_each(|cell| self.put(&mut task, cell));
        }
        Ok(task)
    }

    /// Puts a cell in its place, and for a network with itself into the mirrored place too.
    fn put(&self, task: &mut Task, cell: Cell) {
        let place = |row: usize, column: usize| (cell.measure * task.rows + row) * task.columns + column;
        if task.pair.0 == task.pair.1 && self.symmetric(cell.measure) {
            task.outcomes[place(cell.column, cell.row)] = Some(cell.outcome.clone());
        }
        task.outcomes[place(cell.row, cell.column)] = Some(cell.outcome);
    }

    fn symmetric(&self, measure: usize) -> bool {
        self.measures[measure].properties().symmetry == Claim::Holds
    }

    /// The pairs of layers that are still to be compared, each with its measures; the costliest first, so that no thread is left with one.
    fn missing(&self, task: &Task) -> Vec<(usize, usize, Vec<usize>)> {
        let mirrored = |row: usize, column: usize, measure: usize| task.pair.0 == task.pair.1 && column < row && self.symmetric(measure);
        let is_missing = |row: usize, column: usize, measure: usize| {
            task.outcomes[(measure * task.rows + row) * task.columns + column].is_none() && !mirrored(row, column, measure)
        };
        let cells = (0..task.rows).flat_map(|row| (0..task.columns).map(move |column| (row, column)));
        let mut missing: Vec<_> = cells
            .map(|(row, column)| {
                let measures: Vec<usize> = (0..self.measures.len()).filter(|&measure| is_missing(row, column, measure)).collect();
                (row, column, measures)
            })
            .filter(|(_, _, measures)| !measures.is_empty())
            .collect();
        let neurons = |layers: &[(String, usize, usize)], layer: usize| layers[layer].2;
        let columns = task.header.b.as_ref().unwrap_or(&task.header.a);
        missing.sort_by_key(|&(row, column, _)| std::cmp::Reverse(neurons(&task.header.a.layers, row) * neurons(&columns.layers, column)));
        missing
    }

    fn compare(&self, task: &mut Task, a: &PreparedNetwork, b: &PreparedNetwork) -> Result<()> {
        let (partial, _) = Partial::open(self.file(task.pair), &task.header)?;
        let computed: Vec<Vec<Cell>> = self
            .missing(task)
            .into_par_iter()
            .with_max_len(1)
            .map(|(row, column, measures)| {
                let pair = Pair::new(&a.layers[row], &b.layers[column])?;
                let cell = |&measure: &usize| {
                    let outcome = without_lists(Outcome::from(self.measures[measure].compare_pair(&pair)));
                    Cell { row, column, measure, outcome }
                };
                let cells: Vec<Cell> = measures.iter().map(cell).collect();
                partial.append(&cells)?;
                Ok(cells)
            })
            .collect::<Result<_>>()?;
        computed.into_iter().flatten().for_each(|cell| self.put(task, cell));
        Ok(())
    }
}

/// The outcome without the thousands of canonical correlations that its diagnostics hold.
fn without_lists(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Value { value, mut diagnostics } => {
            diagnostics.retain(|_, fact| !fact.is_array());
            Outcome::Value { value, diagnostics }
        }
        failure => failure,
    }
}

impl Task {
    fn finish(self) -> PairScores {
        let outcomes = self.outcomes.into_iter().map(|outcome| outcome.expect("a comparison that ended has every cell")).collect();
        PairScores { a: self.pair.0, b: self.pair.1, rows: self.rows, columns: self.columns, outcomes }
    }
}
