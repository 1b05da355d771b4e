//! One function of an adapter.

use std::path::PathBuf;

use crate::conformance::{Identification, identify};
use crate::laws::Matrix;
use crate::{Measure, Representation};

use super::adapter::{Adapter, Timed};
use super::error::Error;
use super::inputs::Precision;
use super::protocol::{Computed, Outcome};
use super::record::Entry;
use super::{edges, laws, speed, vectors, verdict};

/// What is tried.
#[derive(Debug, Clone)]
pub struct Trials {
    /// Cases for each law and degree of difficulty.
    pub cases: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Only laws whose name contains this, and nothing else.
    pub law: Option<String>,
    /// Where golden vectors are, which are tried too.
    pub vectors: Option<PathBuf>,
}

/// A function that can be asked.
pub struct Asked<'a> {
    adapter: &'a Adapter,
    computed: &'a Computed,
}

impl<'a> Asked<'a> {
    /// A function of an adapter.
    pub fn new(adapter: &'a Adapter, computed: &'a Computed) -> Self {
        Self { adapter, computed }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.computed.name
    }

    /// What it says of two matrices.
    pub fn matrices(&self, x: &Matrix, y: &Matrix, precision: Precision) -> Timed {
        self.adapter.ask(self.computed, x, y, precision)
    }

    /// What it says of two representations.
    pub fn representations(&self, x: &Representation<'_>, y: &Representation<'_>) -> Outcome {
        let matrix = |x: &Representation<'_>| Matrix { n: x.n(), p: x.p(), values: x.to_row_major() };
        self.matrices(&matrix(x), &matrix(y), Precision::Double).outcome
    }
}

/// Judges a function by the measure it names.
///
/// # Errors
/// When the golden vectors cannot be read; what the adapter does is a verdict.
pub fn judge(adapter: &Adapter, computed: &Computed, trials: &Trials, baseline: Option<&Adapter>) -> Result<Entry, Error> {
    adapter.forgive();
    let measure = match Measure::parse(&computed.measure) {
        Ok(measure) => measure,
        Err(error) => return Ok(unjudged(computed, error.to_string())),
    };
    let asked = Asked::new(adapter, computed);
    let laws = laws::judge(&asked, &measure, trials.cases, trials.seed, trials.law.as_deref());
    let empty = Entry { measure: measure.to_string(), laws, failure: None, ..unjudged(computed, String::new()) };
    if trials.law.is_some() {
        return Ok(Entry { verdict: verdict::of_laws(&empty), ..empty });
    }
    let (found, as_named) = identified(&asked, &measure);
    let recognised = found.matches.first().filter(|_| !as_named);
    let goldens = edges::tables(&asked, &measure, recognised);
    let vectors = match &trials.vectors {
        Some(directory) => edges::values(&asked, vectors::of(directory, &measure)?, recognised),
        None => Vec::new(),
    };
    let edges = edges::judge(&asked, &measure);
    adapter.forgive();
    let descriptions = baseline.and_then(|baseline| Some((baseline, baseline.describe().ok()?)));
    let same = descriptions.as_ref().and_then(|(baseline, description)| {
        let names = |computed: &Computed| Measure::parse(&computed.measure).is_ok_and(|named| named.to_string() == measure.to_string());
        Some((*baseline, description.computes.iter().find(|computed| names(computed))?))
    });
    let speed = speed::judge(&asked, same);
    let entry = Entry { goldens, vectors, identified: found.to_string(), as_named, edges, speed, ..empty };
    Ok(Entry { verdict: verdict::of(&entry, recognised), ..entry })
}

fn unjudged(computed: &Computed, failure: String) -> Entry {
    Entry {
        computed: computed.clone(),
        measure: String::new(),
        failure: Some(failure),
        goldens: Vec::new(),
        vectors: Vec::new(),
        verdict: String::new(),
        identified: String::new(),
        as_named: false,
        laws: Vec::new(),
        edges: Vec::new(),
        speed: None,
    }
}

/// What it computes, and whether that is what it names.
fn identified(asked: &Asked<'_>, measure: &Measure) -> (Identification, bool) {
    let value = |x: &Representation<'_>, y: &Representation<'_>| {
        let outcome = asked.representations(x, y);
        outcome.value().ok_or_else(|| outcome.to_string())
    };
    let family = |family: &str| identify(family, value).expect("a measure of the registry, or all of them");
    let mut found = family(measure.spec().id);
    if found.matches.is_empty() && found.answered == found.pairs {
        let anywhere = family("all");
        if !anywhere.matches.is_empty() {
            found = anywhere;
        }
    }
    let as_named = found.matches.iter().any(|found| found.is(&measure.to_string()));
    (found, as_named)
}
