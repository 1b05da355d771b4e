//! `results.json`: one row for each experiment and preset, and for each variant of it.

use crate::error::{Result, at};
use crate::figures::{read_json, write_whole};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Whether the paper's claim is seen here too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Yes.
    Holds,
    /// In part; the explanation says which.
    Partly,
    /// No.
    Not,
}

impl Verdict {
    /// The verdict on a claim of several parts: holds with all of them, not with none.
    pub fn of(parts: &[bool]) -> Self {
        Self::of_tested(&parts.iter().copied().map(Some).collect::<Vec<_>>())
    }

    /// The same where some parts could not be tested (`None`): these are not seen, and a claim with
    /// one does not hold as a whole.
    pub fn of_tested(parts: &[Option<bool>]) -> Self {
        match parts.iter().filter(|&&part| part == Some(true)).count() {
            seen if seen == parts.len() => Self::Holds,
            0 => Self::Not,
            _ => Self::Partly,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Partly => "holds partly",
            Self::Not => "does not hold",
        }
    }
}

/// Where the time went. Training counts this call only; the others all calls, over which an
/// interrupted analysis was spread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Training, on all threads together; 0 where all networks were there.
    pub training: f64,
    /// How many networks were trained in that time.
    pub networks_trained: usize,
    /// Recording layers.
    pub capture: f64,
    /// Everything after; none where a part of it was kept by an earlier version, which did not
    /// write down how long it took.
    pub analysis: Option<f64>,
}

/// One experiment under one preset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Data, networks, regime, examples, accuracies reached.
    pub setting: Map<String, Value>,
    /// The numbers found, by name; each experiment has its own.
    #[serde(flatten)]
    pub found: Map<String, Value>,
    /// Whether the paper's claim is seen.
    pub verdict: Verdict,
    /// Why the verdict is what it is.
    pub explanation: String,
    /// The command that makes the row.
    pub command: String,
    /// Where the time went.
    pub seconds: Seconds,
    /// The processor and the threads that took it; rows made before this was written down have
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Tables and pictures, relative to the file of results.
    pub files: Vec<String>,
}

/// All rows: experiment, then preset (with what was changed about it).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Results(pub BTreeMap<String, BTreeMap<String, Row>>);

impl Results {
    /// Reads a file of results; none where there is no file.
    ///
    /// # Errors
    /// [`DamagedResults`](crate::error::Error::DamagedResults) when it is not such a file.
    pub fn load(path: &Path) -> Result<Self> {
        Ok(read_json(path)?.unwrap_or_default())
    }

    /// Puts one row into the file, and leaves the others as they are; two commands at once wait for
    /// each other.
    ///
    /// # Errors
    /// As [`Results::load`], and when the file cannot be written.
    pub fn merge(path: &Path, experiment: &str, name: &str, row: Row) -> Result<()> {
        // The lock is beside the file, which is replaced as a whole.
        let lock_path = path.with_extension("lock");
        let lock = File::create(&lock_path).map_err(at(&lock_path))?;
        lock.lock().map_err(at(&lock_path))?;
        let mut results = Self::load(path)?;
        results.0.entry(experiment.to_owned()).or_default().insert(name.to_owned(), row);
        results.save(path)
    }

    /// Writes all rows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        // Maps with text keys, and numbers that are finite: see `Row`.
        let mut text = serde_json::to_string_pretty(self).expect("results have a JSON form");
        text.push('\n');
        write_whole(path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn row(explanation: &str) -> Row {
        Row {
            setting: Map::from_iter([("n".to_owned(), Value::from(3))]),
            found: Map::from_iter([("accuracy".to_owned(), Value::from(0.1 + 0.2))]),
            verdict: Verdict::Partly,
            explanation: explanation.to_owned(),
            command: "command".to_owned(),
            seconds: Seconds::default(),
            machine: Some("a processor, 2 threads".to_owned()),
            files: vec!["results/x.csv".to_owned()],
        }
    }

    #[test]
    fn a_row_is_merged_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.json");
        Results::merge(&path, "one", "quick", row("first")).unwrap();
        Results::merge(&path, "two", "quick", row("second")).unwrap();
        Results::merge(&path, "one", "standard", row("third")).unwrap();
        Results::merge(&path, "one", "quick", row("fourth")).unwrap();
        let results = Results::load(&path).unwrap();
        assert_eq!(results.0["one"]["quick"], row("fourth"));
        assert_eq!(results.0["one"]["standard"], row("third"));
        assert_eq!(results.0["two"]["quick"], row("second"));
    }

    #[test]
    fn a_file_of_something_else_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.json");
        std::fs::write(&path, "[1, 2]").unwrap();
        assert!(matches!(Results::merge(&path, "one", "quick", row("")), Err(Error::DamagedResults { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[1, 2]");
    }

    #[test]
    fn verdicts_count_parts() {
        assert_eq!(Verdict::of(&[true, true]), Verdict::Holds);
        assert_eq!(Verdict::of(&[true, false]), Verdict::Partly);
        assert_eq!(Verdict::of(&[false, false]), Verdict::Not);
        assert_eq!(Verdict::of_tested(&[Some(true), None]), Verdict::Partly, "not tested is not passed");
        assert_eq!(Verdict::of_tested(&[Some(false), None]), Verdict::Not);
    }
}
