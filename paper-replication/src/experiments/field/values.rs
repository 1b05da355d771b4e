//! What every index says of every pair that the tests look at. The tests are computed from this
//! table, so that a reader can compute them too, and a rule can change without a network.

use crate::error::Result;
use crate::figures::{Folder, number};
use rayon::prelude::*;
use similitude::{Claim, Direction, Measure, Pair, Prepared};

/// The file.
pub(super) const FILE: &str = "values.csv";

/// The columns before those of the indexes.
pub(super) const COLUMNS: [&str; 7] = ["test", "network", "item", "other_network", "other_item", "truth", "other_truth"];

/// What compares nothing of two representations but one number of each: how many principal
/// components hold 0.99 of the variance, and how long the centered Gram matrix is. The lengths
/// stand in no table, as they follow from HSIC and CKA.
pub(super) const CONTROLS: [&str; 2] = ["(the ranks alone)", "(the lengths alone)"];

/// The share of the variance that a rank is asked for, as in SVCCA.
const VARIANCE: f64 = 0.99;

/// A network, and a layer or a part of one.
pub(super) type Place = (usize, usize);

/// What all indexes say of one pair, the ranks alone last.
pub(super) struct Compared {
    /// The test it belongs to.
    pub test: String,
    /// The left side.
    pub one: Place,
    /// The right side.
    pub other: Place,
    /// What the test holds the values against; its meaning depends on the test.
    pub truths: [Option<f64>; 2],
    /// Similarities, a distance counting downwards; `None` where an index is undefined.
    pub values: Vec<Option<f64>>,
}

/// Whether a measure says the same in both orders.
pub(super) fn is_symmetric(measure: &Measure) -> bool {
    measure.properties().symmetry == Claim::Holds
}

/// Every measure's similarity of two layers, and that of their ranks alone.
pub(super) fn similarities(measures: &[Measure], x: &Prepared, y: &Prepared) -> Result<Vec<Option<f64>>> {
    compared(measures, x, y, |_| true)
}

fn compared(measures: &[Measure], x: &Prepared, y: &Prepared, wanted: impl Fn(&Measure) -> bool) -> Result<Vec<Option<f64>>> {
    let pair = Pair::new(x, y)?;
    let signed = |measure: &Measure| {
        let value = wanted(measure).then(|| measure.compare_pair(&pair).ok()).flatten()?.value;
        let value = match measure.properties().direction {
            Direction::Similarity => value,
            Direction::Distance => -value,
        };
        value.is_finite().then_some(value)
    };
    let mut values: Vec<Option<f64>> = measures.iter().map(signed).collect();
    values.push(ranks(x, y)?);
    Ok(values)
}

/// How near the ranks of both sides are, and nothing else.
fn ranks(x: &Prepared, y: &Prepared) -> Result<Option<f64>> {
    let rank = |side: &Prepared| -> Result<f64> {
        let values = side.centered().decomposition()?.values();
        let all: f64 = values.iter().map(|value| value * value).sum();
        let mut sum = 0.0;
        let needed = values.iter().take_while(|value| {
            let wanted = sum < VARIANCE * all;
            sum += *value * *value;
            wanted
        });
        Ok(needed.count() as f64)
    };
    let (x, y) = (rank(x)?, rank(y)?);
    Ok((x > 0.0 && y > 0.0).then(|| -(x / y).ln().abs()))
}

/// The same for pairs of layers, by place, in both orders: what an index says backwards stands in a
/// row of its own, which is empty for indexes that say the same.
pub(super) fn of_pairs(measures: &[Measure], layers: &[&Prepared], pairs: &[(usize, usize)]) -> Result<Vec<[Vec<Option<f64>>; 2]>> {
    let both = |&(a, b): &(usize, usize)| {
        let there = similarities(measures, layers[a], layers[b])?;
        let mut back = compared(measures, layers[b], layers[a], |measure| !is_symmetric(measure))?;
        back.iter_mut().skip(measures.len()).for_each(|control| *control = None);
        Ok([there, back])
    };
    pairs.par_iter().with_max_len(1).map(both).collect()
}

/// To eight digits: equal values that were computed in two ways are equal then, and what has no
/// order but by rounding has none.
fn rounded(value: f64) -> f64 {
    format!("{value:.7e}").parse().unwrap_or(value)
}

/// Writes the table: a column for each measure, by its full convention.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(folder: &mut Folder, measures: &[Measure], all: &[Compared]) -> Result<()> {
    let mut header: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    header.extend(measures.iter().map(Measure::to_string));
    header.push(CONTROLS[0].to_owned());
    let rows = all.iter().map(|one| {
        let (a, b) = (one.one, one.other);
        let mut row = vec![one.test.clone(), a.0.to_string(), a.1.to_string(), b.0.to_string(), b.1.to_string()];
        row.extend(one.truths.iter().chain(&one.values).map(|value| number(value.map(rounded))));
        row
    });
    let rows = rows.collect();
    folder.rows(FILE, &header, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::prepared;
    use similitude::Representation;

    #[test]
    fn what_is_equal_but_for_rounding_is_equal() {
        assert_eq!(rounded(1.0 - 3e-16), 1.0);
        assert_eq!(rounded(-123_456.789_123), -123_456.79);
        assert!(rounded(0.5 + 1e-7) > 0.5);
    }

    /// A component of 1e-8 of the variance is none; two more of the same length are.
    #[test]
    fn ranks_are_of_what_holds_the_variance() {
        let layer = |widths: &[f64]| {
            let p = widths.len();
            let values = (0..30 * p).map(|entry| ((entry / p * (entry % p + 1)) as f64 * 0.7).sin() * widths[entry % p]);
            prepared(&Representation::from_row_major("layer", 30, p, values.collect::<Vec<_>>()).unwrap(), &[])
        };
        let one = layer(&[1.0, 1.0]);
        assert_eq!(ranks(&one, &layer(&[2.0, 2.0, 1e-4])).unwrap(), Some(0.0));
        assert!((ranks(&one, &layer(&[1.0; 4])).unwrap().unwrap() + 2.0_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn backwards_is_asked_of_indexes_that_are_not_symmetric() {
        let measures: Vec<Measure> = ["cka", "linear-regression"].map(|text| Measure::parse(text).unwrap()).to_vec();
        let layer = |p: usize| {
            let values = (0..30 * p).map(|entry| ((entry * entry % 83 + p) as f64 * 1.37).sin()).collect::<Vec<_>>();
            prepared(&Representation::from_row_major("layer", 30, p, values).unwrap(), &measures)
        };
        let (x, y) = (layer(3), layer(5));
        let [there, back] = of_pairs(&measures, &[&x, &y], &[(0, 1)]).unwrap().remove(0);
        assert_eq!(back[0], None);
        assert_eq!(back[1], similarities(&measures, &y, &x).unwrap()[1]);
        assert!(there[1] != back[1] && there.len() == 3 && back[2..] == [None]);
    }
}
