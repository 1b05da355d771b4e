//! The tests as statistics of the values: of all networks, without each, and of a guess.
//!
//! A guess is the same statistic of the same values after what the test holds them against was
//! permuted: the order of the layers, the groups of the networks, whose accuracy is whose. So it
//! keeps what pairs have in common that share a network.

mod lengths;

use super::grounding::{DELETED, LAYERS};
use super::groups::GROUPS;
use super::layers::{FUNCTIONS, ORDER};
use super::statistics::{average_precision, conformity, kendall, spearman};
use super::values::{COLUMNS, CONTROLS, FILE, Place, is_symmetric};
use crate::analysis::jackknife;
use crate::error::Result;
use crate::experiments::report::Report;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use similitude::Measure;
use std::collections::BTreeMap;

/// How often what a test permutes is drawn.
pub(super) const DRAWS: usize = 999;

/// A row of `values.csv` but for its values.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    test: String,
    one: Place,
    other: Place,
    truths: [Option<f64>; 2],
}

/// `values.csv`, read.
pub(super) struct Values {
    /// Full conventions, in the order of the registry as it was; then the controls.
    pub indexes: Vec<String>,
    rows: Vec<Row>,
    /// By index, then row.
    columns: Vec<Vec<Option<f64>>>,
}

impl Values {
    /// Reads the table.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn read(report: &Report<'_>) -> Result<Self> {
        let table = report.table(FILE)?;
        let mut indexes: Vec<String> = table.header().iter().skip(COLUMNS.len()).cloned().collect();
        let tests = table.column(COLUMNS[0])?;
        let mut places = Vec::new();
        for name in &COLUMNS[1..5] {
            places.push(table.full(name)?);
        }
        let truths = [table.numbers(COLUMNS[5])?, table.numbers(COLUMNS[6])?];
        let place = |row: usize, of: usize| (places[of][row] as usize, places[of + 1][row] as usize);
        let rows: Vec<Row> = (0..table.len())
            .map(|row| Row {
                test: tests[row].to_owned(),
                one: place(row, 0),
                other: place(row, 2),
                truths: [truths[0][row], truths[1][row]],
            })
            .collect();
        let by_place: BTreeMap<(&str, Place, Place), usize> =
            rows.iter().enumerate().map(|(place, row)| ((row.test.as_str(), row.one, row.other), place)).collect();
        let mut columns = Vec::new();
        for index in &indexes {
            let mut column = table.numbers(index)?;
            // What is the same in both orders stands in the table once.
            if CONTROLS.contains(&index.as_str()) || is_symmetric(&Measure::parse(index)?) {
                for (place, row) in rows.iter().enumerate().filter(|(_, row)| row.one > row.other) {
                    let there = by_place.get(&(row.test.as_str(), row.other, row.one));
                    column[place] = column[place].or_else(|| there.and_then(|&there| column[there]));
                }
            }
            columns.push(column);
        }
        let column = |text: &str| -> Option<&Vec<Option<f64>>> {
            let full = Measure::parse(text).ok()?.to_string();
            indexes.iter().position(|index| *index == full).map(|place| &columns[place])
        };
        if let (Some(hsic), Some(cka)) = (column("hsic:kernel=linear,estimator=biased"), column("cka")) {
            let alone = lengths::alone(&rows, hsic, cka);
            columns.push(alone);
            indexes.push(CONTROLS[1].to_owned());
        }
        Ok(Self { indexes, rows, columns })
    }

    /// The rows of a test.
    fn of(&self, test: &str) -> Vec<usize> {
        (0..self.rows.len()).filter(|&row| self.rows[row].test == test).collect()
    }

    /// What an index says in the rows of a test.
    pub fn said(&self, test: &str, index: usize) -> Vec<Option<f64>> {
        self.of(test).into_iter().map(|row| self.columns[index][row]).collect()
    }

    /// The index with the convention that this text parses to.
    pub fn place(&self, spelling: &str) -> Option<usize> {
        let full = Measure::parse(spelling).ok()?.to_string();
        self.indexes.iter().position(|index| *index == full)
    }
}

/// A statistic of pairs of numbers, or of values that are of one group or not.
#[derive(Clone, Copy)]
enum Statistic {
    Correlation(fn(&[(f64, f64)]) -> f64),
    Separation(fn(&[(f64, bool)]) -> f64),
    Order,
}

/// A test: which rows, and what is said of them.
pub(super) struct Trial {
    /// Its name: question and statistic.
    pub name: String,
    rows: Vec<usize>,
    places: Vec<(Place, Place)>,
    /// What is permuted: by network and item, where both matter.
    truths: Vec<Vec<f64>>,
    statistic: Statistic,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Permutes the layers, all networks alike.
    Layers,
    /// Permutes the networks in the table of truths of pairs.
    Pairs,
    /// Permutes the networks among the groups.
    Groups,
    /// Permutes the items (layers, parts), all networks alike.
    Items,
}

/// All tests of order.
pub(super) fn trials(values: &Values) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut push = |name: String, test: &str, kind: Kind, statistic: Statistic, truths: Vec<Vec<f64>>| {
        let rows = values.of(test);
        let places = rows.iter().map(|&row| (values.rows[row].one, values.rows[row].other)).collect();
        trials.push(Trial { name, rows, places, truths, statistic, kind });
    };
    push("layer order, conformity".to_owned(), ORDER, Kind::Layers, Statistic::Order, Vec::new());
    for (which, name) in ["accuracy", "outputs"].into_iter().enumerate() {
        let truths = square(values, FUNCTIONS, which);
        push(format!("{name}, Spearman"), FUNCTIONS, Kind::Pairs, Statistic::Correlation(spearman), truths);
    }
    for group in &GROUPS {
        let truths = vec![of_networks(values, group.name)];
        push(format!("{}, AUPRC", group.name), group.name, Kind::Groups, Statistic::Separation(average_precision), truths.clone());
        push(format!("{}, conformity", group.name), group.name, Kind::Groups, Statistic::Separation(conformity), truths);
    }
    for (test, name) in [(LAYERS, "probe: layers"), (DELETED, "probe: deleted")] {
        for (statistic, correlation) in [("Spearman", Statistic::Correlation(spearman)), ("Kendall", Statistic::Correlation(kendall))] {
            push(format!("{name}, {statistic}"), test, Kind::Items, correlation, by_item(values, test));
        }
    }
    trials
}

/// A truth of pairs of networks, as a square table.
fn square(values: &Values, test: &str, which: usize) -> Vec<Vec<f64>> {
    let rows = values.of(test);
    let count = rows.iter().map(|&row| values.rows[row].other.0 + 1).max().unwrap_or(0);
    let mut table = vec![vec![0.0; count]; count];
    for row in rows {
        let row = &values.rows[row];
        let truth = row.truths[which].unwrap_or(f64::NAN);
        table[row.one.0][row.other.0] = truth;
        table[row.other.0][row.one.0] = truth;
    }
    table
}

/// A truth of networks: of the left sides.
fn of_networks(values: &Values, test: &str) -> Vec<f64> {
    let rows = values.of(test);
    let count = rows.iter().map(|&row| values.rows[row].one.0 + 1).max().unwrap_or(0);
    let mut truths = vec![f64::NAN; count];
    for row in rows {
        truths[values.rows[row].one.0] = values.rows[row].truths[0].unwrap_or(f64::NAN);
    }
    truths
}

/// A truth by network and item: of both sides.
fn by_item(values: &Values, test: &str) -> Vec<Vec<f64>> {
    let rows = values.of(test);
    let sides = || rows.iter().flat_map(|&row| [(values.rows[row].one, 0), (values.rows[row].other, 1)].map(|side| (row, side)));
    let networks = sides().map(|(_, (place, _))| place.0 + 1).max().unwrap_or(0);
    let items = sides().map(|(_, (place, _))| place.1 + 1).max().unwrap_or(0);
    let mut table = vec![vec![f64::NAN; items]; networks];
    for (row, (place, which)) in sides() {
        table[place.0][place.1] = values.rows[row].truths[which].unwrap_or(f64::NAN);
    }
    table
}

impl Trial {
    /// How many networks can be left out.
    pub fn networks(&self) -> usize {
        self.places.iter().map(|(one, other)| one.0.max(other.0) + 1).max().unwrap_or(0)
    }

    /// How many things are permuted, the first of them at this place.
    fn permuted(&self) -> (usize, usize) {
        match self.kind {
            Kind::Layers => (0, self.places.iter().map(|(one, _)| one.1 + 1).max().unwrap_or(0)),
            Kind::Pairs | Kind::Groups => (0, self.networks()),
            // The whole, part 0, is what parts are held against.
            Kind::Items => {
                let first = usize::from(self.places.iter().all(|(_, other)| other.1 > 0));
                (first, self.truths.first().map_or(0, Vec::len))
            }
        }
    }

    /// What an index says in this test; `None` where it is undefined in a pair.
    pub fn said(&self, values: &Values, index: usize) -> Option<Vec<f64>> {
        self.rows.iter().map(|&row| values.columns[index][row]).collect()
    }

    /// The statistic without a network, with what is permuted in this order.
    pub fn statistic(&self, said: &[f64], without: Option<usize>, order: &[usize]) -> f64 {
        let kept = |place: &(Place, Place)| without != Some(place.0.0) && without != Some(place.1.0);
        match (self.kind, self.statistic) {
            (Kind::Layers, _) => self.in_order(said, without, order),
            (Kind::Groups, Statistic::Separation(statistic)) => self.separated(said, without, order, statistic),
            (_, Statistic::Correlation(correlation)) => {
                let rows = self.places.iter().zip(said).filter(|(place, _)| match self.kind {
                    // The reference stays, whichever network it is of.
                    Kind::Items => without != Some(place.1.0),
                    _ => kept(place),
                });
                let points: Vec<(f64, f64)> = rows.map(|(place, value)| (-value, self.truth(place, order))).collect();
                correlation(&points)
            }
            _ => f64::NAN,
        }
    }

    fn truth(&self, (one, other): &(Place, Place), order: &[usize]) -> f64 {
        match self.kind {
            Kind::Pairs => self.truths[order[one.0]][order[other.0]],
            // What is lost.
            _ => self.truths[one.0][one.1] - self.truths[other.0][order[other.1]],
        }
    }

    /// ReSi's: of a layer and two others on the same side of it, the nearer one is at least as
    /// alike. The share over all such three, mean over networks.
    fn in_order(&self, said: &[f64], without: Option<usize>, order: &[usize]) -> f64 {
        let (networks, layers) = (self.networks(), order.len());
        let mut table = vec![0.0; networks * layers * layers];
        let at = |network: usize, one: usize, other: usize| (network * layers + one) * layers + other;
        for ((one, other), value) in self.places.iter().zip(said) {
            table[at(one.0, one.1, other.1)] = *value;
        }
        let (mut right, mut all) = (0_usize, 0_usize);
        for network in (0..networks).filter(|network| without != Some(*network)) {
            let value = |one: usize, other: usize| table[at(network, order[one], order[other])];
            for one in 0..layers {
                for near in 0..layers {
                    let further = if near > one { near + 1..layers } else { 0..near.min(one) };
                    for far in further.filter(|_| near != one) {
                        all += 1;
                        right += usize::from(value(one, near) >= value(one, far));
                    }
                }
            }
        }
        right as f64 / all as f64
    }

    /// ReSi's: the pairs inside a group against those of its networks with others, mean over
    /// groups.
    fn separated(&self, said: &[f64], without: Option<usize>, order: &[usize], statistic: fn(&[(f64, bool)]) -> f64) -> f64 {
        let group = |network: usize| self.truths[0][order[network]];
        let mut groups: Vec<f64> = self.truths[0].clone();
        groups.sort_by(f64::total_cmp);
        groups.dedup();
        let of = |degree: f64| {
            let rows = self.places.iter().zip(said).filter(|((one, other), _)| {
                let inside = group(other.0) == degree;
                group(one.0) == degree && (!inside || one.0 < other.0) && without != Some(one.0) && without != Some(other.0)
            });
            statistic(&rows.map(|((_, other), value)| (*value, group(other.0) == degree)).collect::<Vec<_>>())
        };
        groups.iter().map(|&degree| of(degree)).sum::<f64>() / groups.len() as f64
    }
}

/// What a test says of one index.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Of all networks.
    pub value: f64,
    /// Without each.
    pub without: Vec<f64>,
    /// The jackknife's standard error.
    pub error: Option<f64>,
    /// Of each drawn order.
    pub guesses: Vec<f64>,
}

impl Found {
    /// How often a guess is at least as high, the value itself counting as one.
    pub fn p(&self) -> f64 {
        share_as_high(self.value, &self.guesses)
    }

    /// The mean of the guesses, and their standard deviation.
    pub fn guess(&self) -> (f64, f64) {
        let count = self.guesses.len() as f64;
        let mean = self.guesses.iter().sum::<f64>() / count;
        (mean, (self.guesses.iter().map(|guess| (guess - mean).powi(2)).sum::<f64>() / count).sqrt())
    }

    /// How far this is below another, with the jackknife's error of the difference: both are of the
    /// same networks.
    pub fn below(&self, best: &Self) -> (f64, Option<f64>) {
        let difference = |out: Option<usize>| match out {
            None => best.value - self.value,
            Some(out) => best.without[out] - self.without[out],
        };
        let found = jackknife(self.without.len(), difference);
        (found.estimate, found.standard_error)
    }
}

/// The share of guesses that are as high as this, which counts among them: never 0.
pub(super) fn share_as_high(value: f64, guesses: &[f64]) -> f64 {
    // What is equal but for the last bit is as high.
    let high = guesses.iter().filter(|guess| **guess >= value - 1e-12).count();
    (high as f64 + 1.0) / (guesses.len() as f64 + 1.0)
}

/// What a test says of every index; `None` where it is undefined. All are held against the same
/// drawn orders.
pub(super) fn found(trial: &Trial, values: &Values) -> Vec<Option<Found>> {
    let (first, count) = trial.permuted();
    let same: Vec<usize> = (0..count).collect();
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let orders: Vec<Vec<usize>> = (0..DRAWS)
        .map(|_| {
            let mut order = same.clone();
            order[first..].shuffle(&mut generator);
            order
        })
        .collect();
    let of = |index: usize| {
        let said = trial.said(values, index)?;
        let networks = trial.networks();
        let without: Vec<f64> = (0..networks).map(|out| trial.statistic(&said, Some(out), &same)).collect();
        let value = trial.statistic(&said, None, &same);
        let error = jackknife(networks, |out| out.map_or(value, |out| without[out])).standard_error;
        let guesses = orders.iter().map(|order| trial.statistic(&said, None, order)).collect();
        Some(Found { value, without, error, guesses })
    };
    (0..values.indexes.len()).into_par_iter().map(of).collect()
}

#[cfg(test)]
mod tests;
