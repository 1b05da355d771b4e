//! What came of a check, for a person to read.

use std::fmt;

use super::identify::Identification;
use crate::error::Error;
use crate::laws::Matrix;

/// A rule that is broken, with the smallest input found that shows it.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The rule: `golden::TABLE`, `value::drawn`, `law::MEASURE::STATEMENT`, `size::NAME` or
    /// `edge::NAME`.
    pub rule: String,
    /// X, n x p1.
    pub x: Matrix,
    /// Y, n x p2.
    pub y: Matrix,
    /// What was done with them: the map of a law; empty where the function was only called.
    pub step: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub obtained: String,
}

/// What came of a check.
#[derive(Debug, Clone)]
pub struct Report {
    /// The measure with its full convention.
    pub measure: String,
    /// How many rules were tried.
    pub tried: usize,
    /// The most examples and the most neurons of the pairs that were tried.
    pub largest: (usize, usize),
    /// Those that are broken, in the order tried: tables, drawn pairs, laws, sizes, edges.
    pub broken: Vec<Broken>,
    /// Where values differ: what the function computes instead.
    pub computes: Option<Identification>,
}

/// Why a check failed. Its text, also by `{:?}` (so that `unwrap` shows it), is the whole report.
pub enum Failure {
    /// The text names no measure.
    Measure(Error),
    /// The function breaks rules of the measure.
    Broken(Box<Report>),
}

/// Inputs larger than this are not printed in full.
const PRINTED_ROWS: usize = 12;
/// Rules that are shown with their input; the others are named.
const SHOWN: usize = 3;

impl Failure {
    /// True when a rule whose name contains this text is broken.
    pub fn breaks(&self, rule: &str) -> bool {
        self.broken().iter().any(|broken| broken.rule.contains(rule))
    }

    /// The broken rules.
    pub fn broken(&self) -> &[Broken] {
        match self {
            Failure::Measure(_) => &[],
            Failure::Broken(report) => &report.broken,
        }
    }
}

impl std::error::Error for Failure {}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Measure(error) => error.fmt(f),
            Failure::Broken(report) => report.fmt(f),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { broken, computes, .. } = self;
        f.write_str(&self.verdict())?;
        if broken.is_empty() {
            return Ok(());
        }
        f.write_str("\n")?;
        if let Some(computes) = computes {
            writeln!(f, "it computes: {computes}")?;
        }
        // The smallest inputs are the quickest to follow.
        let mut sorted: Vec<&Broken> = broken.iter().collect();
        sorted.sort_by_key(|broken| broken.x.values.len() + broken.y.values.len());
        sorted.iter().take(SHOWN).try_for_each(|broken| write!(f, "\n{broken}"))?;
        sorted
            .iter()
            .skip(SHOWN)
            .try_for_each(|broken| write!(f, "\nalso broken: {}: expected {}, obtained {}", broken.rule, broken.expected, broken.obtained))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.rule)?;
        for (name, matrix) in [("X", &self.x), ("Y", &self.y)] {
            writeln!(f, "  {name} ({} x {}): {}", matrix.n, matrix.p, rows(matrix))?;
        }
        if !self.step.is_empty() {
            writeln!(f, "  then {}", self.step)?;
        }
        writeln!(f, "  expected {}", self.expected)?;
        writeln!(f, "  obtained {}", self.obtained)
    }
}

/// Without a row of zeros.
fn entry(value: &f64) -> String {
    let plain = *value == 0.0 || (1e-5..1e15).contains(&value.abs());
    if plain { value.to_string() } else { format!("{value:e}") }
}

fn rows(matrix: &Matrix) -> String {
    let row = |i: usize| {
        let entries: Vec<String> = matrix.row(i).iter().map(entry).collect();
        format!("[{}]", entries.join(", "))
    };
    let shown: Vec<String> = (0..matrix.n.min(PRINTED_ROWS)).map(row).collect();
    let rest = if matrix.n > PRINTED_ROWS { format!(", and {} rows more", matrix.n - PRINTED_ROWS) } else { String::new() };
    format!("[{}]{rest}", shown.join(", "))
}
