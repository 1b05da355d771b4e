//! Every layer of one network with every layer of another, for many pairs of networks, with a
//! memory on disk.

use super::resident::Residents;
use super::seconds::Seconds;
use super::subject::{PreparedNetwork, Subject};
use crate::error::{Result, at};
use rayon::prelude::*;
use similitude::sweep::{Cell, Header, Outcome, Partial};
use similitude::{Claim, Measure, Pair, Precision};
use std::path::PathBuf;
use std::time::Instant;

/// What is to be compared. The library's own sweep prepares both networks of each pair; here a
/// network that stands in many pairs is prepared once, because its decompositions are the larger
/// part of the work.
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
    /// Runs what is left of it; gives the pairs in the order asked for, and the seconds that all of
    /// them took.
    ///
    /// # Errors
    /// When a network cannot be captured or prepared, does not fit into memory, or a file of cells
    /// cannot be read or written.
    pub fn run(&self) -> Result<(Vec<PairScores>, Seconds)> {
        std::fs::create_dir_all(&self.cells).map_err(at(&self.cells))?;
        let clock = self.cells.join("seconds.json");
        let mut seconds = Seconds::load(&clock)?;
        let mut tasks = self.pairs.iter().map(|&pair| self.task(pair)).collect::<Result<Vec<_>>>()?;
        let open: Vec<usize> = (0..tasks.len()).filter(|&task| !self.missing(&tasks[task]).is_empty()).collect();
        let pairs: Vec<(usize, usize)> = open.iter().map(|&task| tasks[task].pair).collect();
        let mut residents = Residents::new(self.subjects, self.measures, self.memory)?;
        residents.check(&pairs)?;
        let begin = Instant::now();
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
            let left = begin.elapsed() / (place as u32 + 1) * (open.len() - place - 1) as u32;
            eprintln!("about {:.0} minutes left", left.as_secs_f64() / 60.0);
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
            precision: Precision::Double,
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

    /// The pairs of layers that are still to be compared, each with its measures; the costliest
    /// first, so that no thread is left with one.
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

#[cfg(test)]
mod tests {
    use super::super::subject::representation;
    use super::*;
    use crate::data::digits;
    use crate::error::Error;
    use crate::job::{Job, Sources, Workshop};
    use crate::preset::{Preset, Setting};
    use std::path::Path;
    use std::sync::Arc;

    const EXAMPLES: usize = 40;

    /// Three untrained networks on the same digits.
    fn subjects(folder: &Path) -> Vec<Subject> {
        let setting = Setting { width: 1, ..Setting::of(Preset::Quick) };
        let sources =
            Sources { data_folder: None, checkpoints: folder.to_path_buf(), networks: folder.to_path_buf(), no_train: true, jobs: 1 };
        let jobs: Vec<Job> = (1..=3).map(|seed| Job::of(&setting, seed)).collect();
        let pictures = Arc::new(digits().unwrap().test.first(EXAMPLES).unwrap());
        let subject =
            |network| Subject { network, pictures: Arc::clone(&pictures), pictures_words: "digits".to_owned(), chosen: vec![0, 3, 6] };
        Workshop::new(sources, &setting).untrained(&jobs).unwrap().into_iter().map(subject).collect()
    }

    fn measures() -> Vec<Measure> {
        ["cka", "linear-regression", "cka:kernel=rbf,fraction=0.4"].map(|text| Measure::parse(text).unwrap()).to_vec()
    }

    const PAIRS: [(usize, usize); 5] = [(0, 1), (0, 2), (1, 1), (1, 2), (2, 0)];

    fn run(subjects: &[Subject], folder: &Path, memory: u64) -> Result<Vec<PairScores>> {
        Ok(Comparison { subjects, pairs: &PAIRS, measures: &measures(), cells: folder.join("cells"), memory }.run()?.0)
    }

    fn values(scores: &[PairScores]) -> Vec<Vec<Option<f64>>> {
        scores.iter().flat_map(|pair| (0..3).map(|measure| pair.values(measure))).collect()
    }

    #[test]
    fn every_cell_is_what_the_library_says_of_the_two_layers() {
        let folder = tempfile::tempdir().unwrap();
        let subjects = subjects(folder.path());
        let scores = run(&subjects, folder.path(), u64::MAX).unwrap();
        for pair in &scores {
            let layers = |subject: &Subject| -> Vec<_> {
                let names = subject.layer_names().unwrap();
                let captured = subject.capture(|layer| names.contains(&layer.name)).unwrap();
                captured.into_iter().map(|layer| representation(layer).unwrap()).collect()
            };
            let (a, b) = (layers(&subjects[pair.a]), layers(&subjects[pair.b]));
            assert_eq!((pair.rows, pair.columns), (3, 3));
            for (measure, definition) in measures().iter().enumerate() {
                for (cell, (x, y)) in a.iter().flat_map(|x| b.iter().map(move |y| (x, y))).enumerate() {
                    let expected = definition.compare(x, y).ok().map(|score| score.value);
                    let found = pair.outcome(measure, cell / 3, cell % 3).value();
                    let close = expected.zip(found).is_some_and(|(expected, found)| (expected - found).abs() < 1e-12);
                    assert!(close || (expected, found) == (None, None), "{definition} {cell}: {expected:?} {found:?}");
                }
            }
        }
    }

    /// Stopped anywhere and run again, the comparison ends with the same bits, and computes nothing
    /// that it had.
    #[test]
    fn an_interrupted_comparison_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let subjects = subjects(folder.path());
        let whole = values(&run(&subjects, folder.path(), u64::MAX).unwrap());
        let cells = folder.path().join("cells");
        let file = std::fs::read_dir(&cells).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "jsonl");
        let file = file.unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        std::fs::write(&file, format!("{}\n", lines[..lines.len() / 2].join("\n"))).unwrap();
        assert_eq!(values(&run(&subjects, folder.path(), u64::MAX).unwrap()), whole);
        let untouched = std::fs::read_to_string(&file).unwrap();
        assert_eq!(untouched.lines().count(), lines.len());
        assert_eq!(values(&run(&subjects, folder.path(), 0).unwrap()), whole, "nothing is prepared where every cell is there");
    }

    #[test]
    fn networks_that_do_not_fit_together_are_prepared_again() {
        let folder = tempfile::tempdir().unwrap();
        let subjects = subjects(folder.path());
        let whole = values(&run(&subjects, &folder.path().join("whole"), u64::MAX).unwrap());
        let (kept, working) = subjects[0].memory(&measures(), rayon::current_num_threads()).unwrap();
        let two = 2 * kept + working;
        assert_eq!(values(&run(&subjects, &folder.path().join("two"), two).unwrap()), whole);
        let message = match run(&subjects, &folder.path().join("one"), two - 1) {
            Err(error @ Error::Setting(_)) => error.to_string(),
            other => panic!("{other:?}"),
        };
        assert!(message.contains("GB of memory") && message.contains("seed1"), "{message}");
    }

    /// Minutes of preparing are not spent before the refusal: pictures that no network takes, which
    /// preparing would trip over, are not looked at.
    #[test]
    fn too_little_memory_is_said_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut subjects = subjects(folder.path());
        for subject in &mut subjects {
            subject.pictures = Arc::new(subject.pictures.resized(4).unwrap());
        }
        assert!(matches!(run(&subjects, folder.path(), u64::MAX), Err(Error::Pictures(_))));
        let (kept, working) = subjects[0].memory(&measures(), rayon::current_num_threads()).unwrap();
        assert!(matches!(run(&subjects, folder.path(), 2 * kept + working - 1), Err(Error::Setting(_))));
    }

    #[test]
    fn cells_of_another_run_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut subjects = subjects(folder.path());
        run(&subjects, folder.path(), u64::MAX).unwrap();
        for subject in &mut subjects {
            subject.pictures_words = "other digits".to_owned();
        }
        let message = run(&subjects, folder.path(), u64::MAX).unwrap_err().to_string();
        assert!(message.contains("other digits"), "{message}");
    }
}
