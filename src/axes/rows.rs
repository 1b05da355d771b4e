//! Which examples are taken.

use std::sync::{Arc, OnceLock};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::problem::RowsError;

/// What may be the matter with zeros and ones.
const MASK: &str = "; one 0 or 1 for each example is a mask where it is of booleans: dtype bool in .npy, or lines true and false";

/// Which examples are taken, and in what order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Ranges as Python writes them: start, end (not included), step.
    Ranges(Vec<(Option<i64>, Option<i64>, usize)>),
    /// Numbers counted from 0.
    Numbers(Vec<usize>),
    /// One flag an example.
    Flags(Vec<bool>),
    /// Those of one label among the labels of all examples.
    Labelled {
        /// What a person calls the labels.
        labels: String,
        /// One flag an example.
        flags: Vec<bool>,
    },
    /// So many, drawn without replacement from a seed; in the order of the file.
    Sample {
        /// How many.
        count: usize,
        /// The seed.
        seed: u64,
    },
}

/// Rows with what a person calls them.
#[derive(Debug, Clone)]
pub struct RowChoice {
    text: String,
    rows: Rows,
    /// The first number of examples asked for, and the rows among them; copies share it.
    resolved: Arc<OnceLock<(usize, Arc<[usize]>)>>,
}

impl RowChoice {
    /// Rows that messages and results call `text`.
    pub fn new(text: impl Into<String>, rows: Rows) -> Self {
        Self { text: text.into(), rows, resolved: Arc::default() }
    }

    /// Ranges: `0:5000`, `::10`, `-1000:`, `7`, and several separated by commas. None where the
    /// text is none of that.
    pub fn ranges(text: &str) -> Option<Self> {
        let number = |part: &str| if part.is_empty() { Some(None) } else { part.parse::<i64>().ok().map(Some) };
        let range = |part: &str| {
            let parts: Vec<&str> = part.trim().split(':').collect();
            match parts[..] {
                [one] => one.parse::<i64>().ok().map(|row| (Some(row), if row == -1 { None } else { Some(row + 1) }, 1)),
                [start, end] => Some((number(start)?, number(end)?, 1)),
                [start, end, step] => Some((number(start)?, number(end)?, step.parse().ok().filter(|&step| step > 0)?)),
                _ => None,
            }
        };
        let ranges = text.split(',').map(range).collect::<Option<Vec<_>>>()?;
        Some(Self::new(text, Rows::Ranges(ranges)))
    }

    /// A sample of so many rows.
    pub fn sample(count: usize, seed: u64) -> Self {
        Self::new(format!("{count} drawn with seed {seed}"), Rows::Sample { count, seed })
    }

    /// What a person calls them.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The rows themselves, for what must be the same when work is taken up again.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The row numbers among n examples.
    ///
    /// # Errors
    ///
    /// [`RowsError`] for rows that are not there, twice there, or none; for rows that depend on the
    /// number of examples (a sample, an end counted from behind), where this choice or a copy of it
    /// was asked of another number: they would not be the same examples.
    pub fn resolve(&self, n: usize) -> Result<Arc<[usize]>, RowsError> {
        match self.resolved.get() {
            Some((known, rows)) if *known == n => return Ok(rows.clone()),
            Some((known, _)) if self.depends_on_count() => {
                return Err(RowsError::OtherExamples { text: self.text.clone(), n, known: *known });
            }
            _ => {}
        }
        let rows: Arc<[usize]> = self.find(n)?.into();
        let _ = self.resolved.set((n, rows.clone()));
        Ok(rows)
    }

    /// Whether rows are other ones among other numbers of examples.
    fn depends_on_count(&self) -> bool {
        match &self.rows {
            Rows::Sample { .. } => true,
            Rows::Ranges(ranges) => {
                ranges.iter().any(|(start, end, _)| start.is_some_and(|start| start < 0) || end.is_none_or(|end| end < 0))
            }
            Rows::Numbers(_) | Rows::Flags(_) | Rows::Labelled { .. } => false,
        }
    }

    fn find(&self, n: usize) -> Result<Vec<usize>, RowsError> {
        let text = || self.text.clone();
        let rows = match &self.rows {
            Rows::Ranges(ranges) => {
                let mut rows = Vec::new();
                for &(start, end, step) in ranges {
                    let place = |row: i64| if row < 0 { row + n as i64 } else { row };
                    let (start, end) = (place(start.unwrap_or(0)), end.map_or(n as i64, place));
                    // Python would cut what is beyond the end without a word.
                    for edge in [start, end - 1] {
                        if edge >= n as i64 || edge < -1 || start < 0 {
                            return Err(RowsError::Beyond { text: text(), row: if start < 0 { start } else { edge }, n });
                        }
                    }
                    rows.extend((start..end).step_by(step).map(|row| row as usize));
                }
                rows
            }
            Rows::Numbers(numbers) => numbers.clone(),
            Rows::Labelled { labels, flags } if flags.len() != n => {
                return Err(RowsError::OtherLabels { labels: labels.clone(), found: flags.len(), n });
            }
            Rows::Flags(flags) | Rows::Labelled { flags, .. } if flags.len() == n => (0..n).filter(|&row| flags[row]).collect(),
            Rows::Flags(flags) | Rows::Labelled { flags, .. } => {
                return Err(RowsError::OtherLength { text: text(), found: flags.len(), n });
            }
            Rows::Sample { count, .. } if *count > n => return Err(RowsError::TooFew { count: *count, n }),
            Rows::Sample { count, seed } => {
                let mut rows = rand::seq::index::sample(&mut ChaCha8Rng::seed_from_u64(*seed), n, *count).into_vec();
                rows.sort_unstable();
                rows
            }
        };
        let mut seen = vec![false; n];
        for &row in &rows {
            let Some(seen) = seen.get_mut(row) else {
                return Err(RowsError::Beyond { text: text(), row: i64::try_from(row).unwrap_or(i64::MAX), n });
            };
            if std::mem::replace(seen, true) {
                let is_mask = rows.len() == n && rows.iter().all(|&row| row < 2);
                return Err(RowsError::Twice { text: text(), row, hint: if is_mask { MASK } else { "" } });
            }
        }
        if rows.is_empty() { Err(RowsError::Nothing { text: text(), n }) } else { Ok(rows) }
    }
}
