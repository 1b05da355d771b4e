//! What was found, as data: conformance.json.

use std::path::Path;

use serde::Serialize;

use super::error::Error;
use super::markdown;
use super::protocol::{Computed, Description, Outcome};

/// Everything of one run.
#[derive(Debug, Serialize)]
pub struct Record {
    /// Version of this library.
    pub similitude: &'static str,
    /// Cases for each law and degree of difficulty.
    pub cases: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// One for each adapter.
    pub adapters: Vec<Judged>,
}

/// One adapter.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// As it was given.
    pub adapter: String,
    /// What it says of itself.
    pub description: Option<Description>,
    /// Why it does not.
    pub failure: Option<String>,
    /// Everything it computes.
    pub entries: Vec<Entry>,
}

/// One function.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// What it says it computes.
    pub computed: Computed,
    /// The measure with its full convention; empty when the registry has none such.
    pub measure: String,
    /// Why it could not be judged.
    pub failure: Option<String>,
    /// Published tables.
    pub goldens: Vec<Comparison>,
    /// The verdict in words: whether it is what it names, and what is wrong.
    pub verdict: String,
    /// Golden vectors of the measure, where it has some.
    pub vectors: Vec<Comparison>,
    /// Which convention it computes, in words.
    pub identified: String,
    /// True when that is the one it names.
    pub as_named: bool,
    /// The laws of the measure it names.
    pub laws: Vec<LawVerdict>,
    /// The edges.
    pub edges: Vec<Comparison>,
    /// Its speed.
    pub speed: Option<Speed>,
}

/// A reply beside what the measure says.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The table or the edge.
    pub name: String,
    /// The measure's value, or why there is none.
    pub expected: String,
    /// The exact value to 40 digits, where it was published with the table.
    pub digits: Option<String>,
    /// What came.
    pub outcome: Outcome,
    /// |obtained - expected| / |expected|, where both are numbers.
    pub relative_difference: Option<f64>,
    /// Equal within what rounding grants a plain implementation; where there is no value, that none
    /// was given.
    pub agrees: bool,
    /// Whether it is the value of what the function was recognised as, within what recognises it.
    pub agrees_as_recognised: bool,
}

/// One law.
#[derive(Debug, Serialize)]
pub struct LawVerdict {
    /// The law without the measure: `translation::x::holds`.
    pub law: String,
    /// `holds`, `single precision`, `broken`, `declined`, `not a number`, `crashed`, `timed out`:
    /// of ordinary data.
    pub verdict: &'static str,
    /// Whole numbers, normal and heavy-tailed entries, graded columns.
    pub ordinary: Count,
    /// Means of 1e8, condition to 1e12, deficient rank, constant and repeated neurons.
    pub hard: Count,
    /// Any shape from the fewest examples on, scales from 1e-150 to 1e150, shared neurons.
    pub awkward: Count,
}

/// How many cases of one degree of difficulty went which way.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The law held.
    pub held: usize,
    /// It held to single precision.
    pub single: usize,
    /// It was broken.
    pub broken: usize,
    /// There was no number.
    pub unanswered: usize,
    /// The first case in which it did not hold, in words and numbers (of a claim that fails: what
    /// came nearest).
    pub detail: String,
}

impl Count {
    /// All of them.
    pub fn total(&self) -> usize {
        self.held + self.single + self.broken + self.unanswered
    }

    /// Cases in which the law did not hold to double precision.
    pub fn others(&self) -> usize {
        self.total() - self.held
    }
}

/// Time of one comparison, n = 1000, p = 128, beside the baseline's in the same run.
#[derive(Debug, Serialize)]
pub struct Speed {
    /// Seconds of the fastest turn.
    pub seconds: f64,
    /// Those of the baseline.
    pub baseline_seconds: Option<f64>,
    /// The one over the other.
    pub ratio: Option<f64>,
}

impl Record {
    /// An empty one.
    pub fn new(cases: usize, seed: u64) -> Self {
        Self { similitude: env!("CARGO_PKG_VERSION"), cases, seed, adapters: Vec::new() }
    }

    /// Writes `conformance.json`, `CONFORMANCE.md` and the pages of the packages in `conformance/`.
    ///
    /// # Errors
    /// [`Error::Write`]
    pub fn write(&self, directory: &Path) -> Result<(), Error> {
        let put = |name: &str, text: String| {
            let path = directory.join(name);
            std::fs::write(&path, text).map_err(|source| Error::Write { path, source })
        };
        let pages = directory.join("conformance");
        std::fs::create_dir_all(&pages).map_err(|source| Error::Write { path: pages, source })?;
        for judged in &self.adapters {
            let (name, page) = markdown::package_page(judged);
            put(&format!("conformance/{name}"), page)?;
        }
        put("conformance.json", serde_json::to_string(self).expect("a record is plain data") + "\n")?;
        put("CONFORMANCE.md", markdown::page(self))
    }
}
