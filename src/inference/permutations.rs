//! Which permutations of the examples are as likely as the order given, if nothing connects X with
//! Y, and drawing them.

use std::collections::BTreeMap;

use super::draw::{below, generator, shuffle};
use super::error::Error;
use super::examples::Examples;

/// Which orders of the examples of Y stand for chance. A null is valid where these leave the
/// distribution of the examples as it is.
///
/// A label is any number that examples share: a class, a subject, a recording.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scheme {
    /// Any order: examples are exchangeable.
    #[default]
    Free,
    /// Any order within the examples of each label: classes, subjects, strata. A similarity that
    /// the labels alone explain is then no evidence.
    Within(Vec<usize>),
    /// Whole labels change places, and each keeps the order of its examples: blocks of a time
    /// series, trials. All of one size.
    Blocks(Vec<usize>),
    /// Circular shifts of all examples, for one stationary time series. Where at least n - 1 are
    /// asked for, each of them once.
    Shifts,
    /// Circular shifts within the examples of each label, each by its own number of places.
    ShiftsWithin(Vec<usize>),
}

impl Scheme {
    /// The scheme in words, as a methods section says it.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Free => "all orders of the examples",
            Self::Within(_) => "orders of the examples within their labels",
            Self::Blocks(_) => "orders of whole blocks of examples",
            Self::Shifts => "circular shifts of the examples",
            Self::ShiftsWithin(_) => "circular shifts of the examples within their labels",
        }
    }
}

/// How many permutations are drawn, from which seed, and which are possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permutations {
    /// How many.
    pub count: usize,
    /// The seed: number i of a seed is the same permutation whatever the count.
    pub seed: u64,
    /// Which are possible.
    pub scheme: Scheme,
}

impl Permutations {
    /// Any order of the examples.
    pub fn new(count: usize, seed: u64) -> Self {
        Self { count, seed, scheme: Scheme::Free }
    }

    /// The same number of permutations, of this scheme.
    pub fn with_scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// The scheme in words, of these examples.
    pub(super) fn describe(&self, examples: Examples) -> &'static str {
        if examples.rows > 1 { "all orders of the examples, each with its positions" } else { self.scheme.describe() }
    }

    /// What draws permutations of the rows of these examples.
    ///
    /// # Errors
    /// [`Error::TooFewDraws`], [`Error::TooManyExamples`], and labels that do not fit.
    pub(super) fn of(&self, examples: Examples) -> Result<Drawer, Error> {
        let n = examples.count * examples.rows;
        if self.count == 0 {
            return Err(Error::TooFewDraws { given: 0, needed: 1, purpose: "a permutation null".to_string() });
        }
        let most = u32::MAX as usize;
        if n > most {
            return Err(Error::TooManyExamples { n, most });
        }
        let nothing = |labels: usize| Error::NothingToPermute { scheme: self.scheme.describe(), labels, n };
        if self.scheme != Scheme::Free {
            examples.require_rows("permutations by labels")?;
        }
        let kind = match &self.scheme {
            Scheme::Free if examples.rows > 1 => {
                if examples.count < 2 {
                    return Err(nothing(examples.count));
                }
                Kind::Blocks((0..examples.count as u32).map(|example| examples.expand(&[example])).collect())
            }
            Scheme::Free => Kind::Within(vec![(0..n as u32).collect()]),
            Scheme::Shifts => Kind::ShiftsWithin(vec![(0..n as u32).collect()]),
            Scheme::Within(labels) => Kind::Within(groups(labels, n)?.into_values().collect()),
            Scheme::ShiftsWithin(labels) => Kind::ShiftsWithin(groups(labels, n)?.into_values().collect()),
            Scheme::Blocks(labels) => {
                let groups = groups(labels, n)?;
                let sizes: Vec<(usize, usize)> = groups.iter().map(|(label, rows)| (*label, rows.len())).collect();
                let (first, first_size) = sizes[0];
                if let Some(&(other, other_size)) = sizes.iter().find(|(_, size)| *size != first_size) {
                    return Err(Error::UnequalBlocks { first, first_size, other, other_size });
                }
                if sizes.len() < 2 {
                    return Err(nothing(sizes.len()));
                }
                Kind::Blocks(groups.into_values().collect())
            }
        };
        if let Kind::Within(groups) | Kind::ShiftsWithin(groups) = &kind
            && groups.iter().all(|rows| rows.len() < 2)
        {
            return Err(nothing(groups.len()));
        }
        let all_shifts = self.scheme == Scheme::Shifts && self.count >= n - 1;
        let count = if all_shifts { n - 1 } else { self.count };
        Ok(Drawer { n, count, seed: self.seed, kind, all_shifts })
    }
}

/// The rows of each label, in ascending order.
fn groups(labels: &[usize], n: usize) -> Result<BTreeMap<usize, Vec<u32>>, Error> {
    if labels.len() != n {
        return Err(Error::Labels { labels: labels.len(), n });
    }
    let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (row, label) in labels.iter().enumerate() {
        groups.entry(*label).or_default().push(row as u32);
    }
    Ok(groups)
}

/// Draws permutations of n examples by their number.
#[derive(Debug)]
pub(super) struct Drawer {
    n: usize,
    pub(super) count: usize,
    pub(super) seed: u64,
    kind: Kind,
    all_shifts: bool,
}

#[derive(Debug)]
enum Kind {
    Within(Vec<Vec<u32>>),
    Blocks(Vec<Vec<u32>>),
    ShiftsWithin(Vec<Vec<u32>>),
}

impl Drawer {
    /// Permutation number `index`: example i of Y becomes the one at place i.
    pub(super) fn permutation(&self, index: usize) -> Vec<u32> {
        let mut generator = generator(self.seed, index);
        let mut places = vec![0; self.n];
        let mut put =
            |rows: &[u32], from: &mut dyn Iterator<Item = u32>| rows.iter().zip(from).for_each(|(&row, from)| places[row as usize] = from);
        match &self.kind {
            Kind::Within(groups) => {
                for rows in groups {
                    let mut order = rows.clone();
                    shuffle(&mut order, &mut generator);
                    put(rows, &mut order.into_iter());
                }
            }
            Kind::Blocks(groups) => {
                let mut order: Vec<&Vec<u32>> = groups.iter().collect();
                shuffle(&mut order, &mut generator);
                for (rows, from) in groups.iter().zip(order) {
                    put(rows, &mut from.iter().copied());
                }
            }
            Kind::ShiftsWithin(groups) => {
                for rows in groups {
                    let by = if self.all_shifts { index + 1 } else { below(&mut generator, rows.len() as u64) as usize };
                    put(rows, &mut rows.iter().copied().cycle().skip(by));
                }
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(scheme: Scheme, n: usize, count: usize) -> Vec<Vec<u32>> {
        let drawer = Permutations::new(count, 5).with_scheme(scheme).of(Examples { count: n, rows: 1 }).unwrap();
        (0..drawer.count).map(|index| drawer.permutation(index)).collect()
    }

    #[test]
    fn each_scheme_keeps_what_it_must() {
        let labels = vec![0, 1, 0, 1, 2, 2, 0, 1];
        for permutation in drawn(Scheme::Within(labels.clone()), 8, 50) {
            assert!(permutation.iter().enumerate().all(|(row, from)| labels[row] == labels[*from as usize]));
        }
        let blocks = vec![4, 4, 9, 9, 1, 1];
        for permutation in drawn(Scheme::Blocks(blocks), 6, 50) {
            assert!(permutation.chunks(2).all(|pair| pair[0] % 2 == 0 && pair[1] == pair[0] + 1), "{permutation:?}");
        }
        for permutation in drawn(Scheme::ShiftsWithin(vec![0, 0, 0, 1, 1, 1]), 6, 50) {
            for part in permutation.chunks(3) {
                assert_eq!([(part[0] + 1) % 3, (part[1] + 1) % 3], [part[1] % 3, part[2] % 3], "{permutation:?}");
            }
        }
        for permutations in [drawn(Scheme::Free, 8, 50), drawn(Scheme::Within(vec![3; 8]), 8, 50)] {
            let different: std::collections::BTreeSet<_> = permutations.iter().collect();
            assert!(different.len() > 45);
            for mut permutation in permutations {
                permutation.sort_unstable();
                assert_eq!(permutation, (0..8).collect::<Vec<u32>>());
            }
        }
    }

    #[test]
    fn all_shifts_are_taken_once_where_so_many_are_asked_for() {
        let shifts = drawn(Scheme::Shifts, 5, 1000);
        let expected: Vec<Vec<u32>> = (1..5).map(|by| (0..5).map(|row| (row + by) % 5).collect()).collect();
        assert_eq!(shifts, expected);
        assert_eq!(drawn(Scheme::Shifts, 50, 7).len(), 7);
    }

    #[test]
    fn labels_that_do_not_fit_are_refused() {
        let of = |scheme, n| Permutations::new(9, 1).with_scheme(scheme).of(Examples { count: n, rows: 1 }).map(|_| ()).unwrap_err();
        assert_eq!(of(Scheme::Within(vec![1, 2]), 3), Error::Labels { labels: 2, n: 3 });
        assert!(matches!(of(Scheme::Within(vec![1, 2, 3]), 3), Error::NothingToPermute { labels: 3, n: 3, .. }));
        assert!(matches!(of(Scheme::Blocks(vec![1, 1, 1]), 3), Error::NothingToPermute { labels: 1, .. }));
        assert_eq!(of(Scheme::Blocks(vec![1, 1, 2]), 3), Error::UnequalBlocks { first: 1, first_size: 2, other: 2, other_size: 1 });
        assert!(matches!(Permutations::new(0, 1).of(Examples { count: 3, rows: 1 }).unwrap_err(), Error::TooFewDraws { given: 0, .. }));
    }
}
