//! Indexes with all their spellings, and what is known of each.

use super::statistics::mean_and_error;
use super::trials::{Found, Trial, Values};
use super::values::CONTROLS;
use crate::error::Result;
use crate::experiments::report::Report;
use crate::experiments::sanity_all::WITHOUT;

/// What `sanity-all` says of how many layers an index finds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Layers {
    /// In %; `None` where it is undefined in every trial, or is not in that row.
    pub percent: Option<f64>,
    /// Its standard error.
    pub error: Option<f64>,
    /// Without each network, where the row says it.
    pub without: Vec<f64>,
    /// The share of trials in which it is undefined; `None` where it is not in that row.
    pub undefined: Option<f64>,
}

/// One index.
pub(super) struct Index {
    /// Its conventions: all say the same in every test, whatever measure they are of.
    pub spellings: Vec<String>,
    /// By trial.
    pub tests: Vec<Option<Found>>,
    /// What it says of moved examples and independent data: mean and standard error.
    pub means: Vec<(Option<f64>, Option<f64>)>,
    /// How many layers it finds.
    pub layers: Layers,
    /// Milliseconds of a layer and of a pair of prepared layers.
    pub milliseconds: Option<[f64; 2]>,
}

/// The id of the measure of a convention.
pub(super) fn id(spelling: &str) -> &str {
    spelling.split(':').next().unwrap_or_default()
}

impl Index {
    /// The first of its conventions.
    pub fn name(&self) -> &str {
        &self.spellings[0]
    }

    /// The measures that it is known under.
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.spellings.iter().map(|spelling| id(spelling)).collect();
        ids.dedup();
        ids
    }

    /// Milliseconds of a pair of layers of which nothing is prepared.
    pub fn unprepared(&self) -> Option<f64> {
        self.milliseconds.map(|[layer, pair]| 2.0 * layer + pair)
    }
}

/// Whether two columns of results are one index: they say the same in every test of order that they
/// are defined in, and are defined in the same.
fn alike(one: &[Option<Found>], other: &[Option<Found>]) -> bool {
    let agree = |(one, other): (&Option<Found>, &Option<Found>)| match (one, other) {
        (Some(one), Some(other)) => (one.value - other.value).abs() <= 1e-9,
        (one, other) => one.is_none() && other.is_none(),
    };
    one.iter().any(Option::is_some) && one.iter().zip(other).all(agree)
}

/// All indexes but the controls, each once; `found` by trial, then column.
pub(super) fn collect(report: &Report<'_>, values: &Values, found: &[Vec<Option<Found>>], means: &[&str]) -> Result<Vec<Index>> {
    let layers = layers(report)?;
    let costs = costs(report)?;
    let mut indexes: Vec<Index> = Vec::new();
    for (place, spelling) in values.indexes.iter().enumerate().filter(|(_, name)| !CONTROLS.contains(&name.as_str())) {
        let tests: Vec<Option<Found>> = found.iter().map(|trial| trial[place].clone()).collect();
        if let Some(known) = indexes.iter_mut().find(|known| alike(&known.tests, &tests)) {
            known.spellings.push(spelling.clone());
            continue;
        }
        let mean = |test: &&str| mean_of(values, test, place);
        let of = |all: &[(String, Layers)]| all.iter().find(|(name, _)| name == spelling).map(|(_, found)| found.clone());
        indexes.push(Index {
            spellings: vec![spelling.clone()],
            tests,
            means: means.iter().map(mean).collect(),
            layers: of(&layers).unwrap_or_default(),
            milliseconds: costs.iter().find(|(name, _)| name == spelling).and_then(|(_, cost)| *cost),
        });
    }
    indexes.sort_by(|one, other| other.layers.percent.unwrap_or(-1.0).total_cmp(&one.layers.percent.unwrap_or(-1.0)));
    Ok(indexes)
}

/// What a test says without an order: the mean over its rows, with the standard error.
pub(super) fn mean_of(values: &Values, test: &str, place: usize) -> (Option<f64>, Option<f64>) {
    let said: Option<Vec<f64>> = values.said(test, place).into_iter().collect();
    let found = said.and_then(|said| mean_and_error(&said));
    (found.map(|found| found.0), found.and_then(|found| found.1))
}

fn layers(report: &Report<'_>) -> Result<Vec<(String, Layers)>> {
    let Some(table) = report.folder.sibling("sanity-all").read("measures.csv")? else { return Ok(Vec::new()) };
    let (names, percent, errors) = (table.column("measure")?, table.numbers("percent")?, table.numbers("standard_error")?);
    let (undefined, trials) = (table.full("undefined")?, table.full("trials")?);
    let without = match table.header().iter().any(|column| column == WITHOUT) {
        true => table.column(WITHOUT)?,
        false => vec![""; names.len()],
    };
    let of = |row: usize| {
        let share = undefined[row] / trials[row];
        let is_defined = share < 1.0;
        Layers {
            percent: percent[row].filter(|_| is_defined),
            error: errors[row].filter(|_| is_defined),
            without: without[row].split_whitespace().filter_map(|value| value.parse().ok()).collect(),
            undefined: Some(share),
        }
    };
    Ok((0..names.len()).map(|row| (names[row].to_owned(), of(row))).collect())
}

type Costs = Vec<(String, Option<[f64; 2]>)>;

fn costs(report: &Report<'_>) -> Result<Costs> {
    let table = report.table("costs.csv")?;
    let (names, layer, pair) =
        (table.column("measure")?, table.numbers("milliseconds_of_a_layer")?, table.numbers("milliseconds_of_a_pair")?);
    Ok((0..names.len()).map(|row| (names[row].to_owned(), layer[row].zip(pair[row]).map(|(layer, pair)| [layer, pair]))).collect())
}

/// Writes what every test says of every convention and control to `tests.csv`.
pub(super) fn write(
    report: &mut Report<'_>,
    values: &Values,
    trials: &[Trial],
    found: &[Vec<Option<Found>>],
    means: &[String],
) -> Result<()> {
    let text = |value: Option<f64>| crate::figures::number(value);
    let mut rows = Vec::new();
    for (trial, all) in trials.iter().zip(found) {
        for (index, found) in values.indexes.iter().zip(all) {
            let guess = found.as_ref().map(Found::guess);
            rows.push([
                index.clone(),
                trial.name.clone(),
                text(found.as_ref().map(|found| found.value)),
                text(found.as_ref().and_then(|found| found.error)),
                text(guess.map(|guess| guess.0)),
                text(guess.map(|guess| guess.1)),
                text(found.as_ref().map(Found::p)),
            ]);
        }
    }
    for test in means {
        for (place, index) in values.indexes.iter().enumerate() {
            let (value, error) = mean_of(values, test, place);
            rows.push([index.clone(), test.clone(), text(value), text(error), String::new(), String::new(), String::new()]);
        }
    }
    report.folder.table("tests.csv", ["measure", "test", "value", "standard_error", "guess", "guess_deviation", "p"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64) -> Option<Found> {
        Some(Found { value, without: Vec::new(), error: None, guesses: Vec::new() })
    }

    /// Whatever measure they are of: a distance of one can be the similarity of another.
    #[test]
    fn indexes_are_one_where_every_test_says_the_same() {
        assert!(alike(&[of(0.5), None], &[of(0.5 + 1e-12), None]));
        assert!(!alike(&[of(0.5), None], &[of(0.5), of(0.1)]));
        assert!(!alike(&[of(0.5), of(0.2)], &[of(0.5), of(0.1)]));
        assert!(!alike(&[None, None], &[None, None]), "undefined everywhere says nothing");
        let index = |spellings: &[&str]| Index {
            spellings: spellings.iter().map(|text| (*text).to_owned()).collect(),
            tests: Vec::new(),
            means: Vec::new(),
            layers: Layers::default(),
            milliseconds: Some([2.0, 0.5]),
        };
        let one = index(&["cka:kernel=linear,estimator=biased", "rsa:rdm=squared-euclidean,compare=whitened-cosine"]);
        assert_eq!((one.ids(), one.unprepared()), (vec!["cka", "rsa"], Some(4.5)));
    }
}
