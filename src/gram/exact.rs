//! The order of dissimilarities in exact arithmetic, where rounding leaves it undecided.
//!
//! Sums and products of doubles are kept as expansions, sums of doubles that do not overlap
//! (Shewchuk 1997): nothing is rounded unless a product falls below the range of f64. So that none
//! does, however far below the largest entry two examples lie, what is multiplied is brought to about
//! 1 first: the difference of two examples, or each of them where only its direction counts.

use std::cmp::Ordering;

use faer::MatRef;

use crate::arrays::scale::{exponent, factors};

/// A sum of doubles, exact, the smallest first.
#[derive(Debug, Clone, Default)]
struct Expansion(Vec<f64>);

/// a + b and its rounding error.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

impl Expansion {
    fn of(value: f64) -> Self {
        let mut expansion = Self::default();
        expansion.add(value);
        expansion
    }

    /// Adds a double (Shewchuk 1997, grow-expansion with zeros left out).
    fn add(&mut self, value: f64) {
        let mut carried = value;
        let mut kept = 0;
        for place in 0..self.0.len() {
            let (sum, error) = two_sum(carried, self.0[place]);
            if error != 0.0 {
                self.0[kept] = error;
                kept += 1;
            }
            carried = sum;
        }
        self.0.truncate(kept);
        if carried != 0.0 {
            self.0.push(carried);
        }
    }

    fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.add(a.mul_add(b, -product));
        self.add(product);
    }

    fn times(&self, other: &Self) -> Self {
        let mut product = Self::default();
        for a in &self.0 {
            for b in &other.0 {
                product.add_product(*a, *b);
            }
        }
        product
    }

    fn minus(&self, other: &Self) -> Self {
        let mut difference = self.clone();
        other.0.iter().for_each(|value| difference.add(-value));
        difference
    }

    /// This times 2^power.
    fn scaled(mut self, power: i64) -> Self {
        let (a, b) = factors(power.clamp(-2000, 2000));
        self.0.iter_mut().for_each(|part| *part = *part * a * b);
        self.0.retain(|part| *part != 0.0);
        self
    }

    /// The magnitude of the last part, which is nearly that of the sum.
    fn magnitude(&self) -> f64 {
        self.0.last().map_or(0.0, |part| part.abs())
    }

    fn sign(&self) -> Ordering {
        // The last part is larger than all others together.
        self.0.last().map_or(Ordering::Equal, |value| value.total_cmp(&0.0))
    }
}

/// Which dissimilarity of two examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The Euclidean distance.
    Euclidean,
    /// 1 - cosine.
    Cosine,
    /// 1 - Pearson's correlation over the neurons.
    Correlation,
}

/// The sums of neurons over all examples, exact.
#[derive(Debug)]
pub(crate) struct Totals(Vec<Expansion>);

impl Totals {
    pub(crate) fn of(features: MatRef<'_, f64>) -> Self {
        let total = |column: usize| {
            let mut total = Expansion::default();
            (0..features.nrows()).for_each(|row| total.add(features[(row, column)]));
            total
        };
        Self((0..features.ncols()).map(total).collect())
    }

    /// n times an entry less the mean of its neuron.
    fn centered(&self, features: MatRef<'_, f64>, row: usize, column: usize) -> Expansion {
        let mut centered = Expansion::default().minus(&self.0[column]);
        centered.add_product(features[(row, column)], features.nrows() as f64);
        centered
    }
}

/// A number that grows with the dissimilarity of two examples, as a quotient; exact.
#[derive(Debug)]
pub(crate) struct Key {
    numerator: Expansion,
    /// Positive.
    denominator: Expansion,
    /// The number is the quotient times 2^exponent.
    exponent: i64,
}

impl Key {
    /// The dissimilarity of two rows of features.
    pub(crate) fn new(kind: Kind, features: MatRef<'_, f64>, i: usize, j: usize) -> Self {
        let row = |i: usize| (0..features.ncols()).map(move |k| features[(i, k)]);
        if kind == Kind::Euclidean {
            return Self::of_differences(row(i).zip(row(j)).filter(|(a, b)| a != b).map(|(a, b)| two_sum(a, -b)).collect());
        }
        let unit = |i: usize| {
            let (a, b) = factors(-power_of(row(i)));
            row(i).map(|entry| entry * a * b).collect::<Vec<_>>()
        };
        let from_mean = kind == Kind::Correlation;
        let inner = |x: &[f64], y: &[f64]| {
            let (mut products, mut of_x, mut of_y) = (Expansion::default(), Expansion::default(), Expansion::default());
            for (x, y) in x.iter().zip(y) {
                products.add_product(*x, *y);
                of_x.add(*x);
                of_y.add(*y);
            }
            // p times the sum of products of what is centered over the neurons.
            if from_mean { products.times(&Expansion::of(x.len() as f64)).minus(&of_x.times(&of_y)) } else { products }
        };
        let (a, b) = (unit(i), unit(j));
        Self::of_cosine(&inner(&a, &b), &inner(&a, &a), &inner(&b, &b))
    }

    /// 1 - cosine of two examples, each less the mean of all examples.
    pub(crate) fn of_centered(features: MatRef<'_, f64>, totals: &Totals, i: usize, j: usize) -> Self {
        let row = |i: usize| {
            let entries: Vec<Expansion> = (0..features.ncols()).map(|k| totals.centered(features, i, k)).collect();
            let power = power_of(entries.iter().map(Expansion::magnitude));
            entries.into_iter().map(|entry| entry.scaled(-power)).collect::<Vec<_>>()
        };
        let inner = |a: &[Expansion], b: &[Expansion]| {
            let mut products = Expansion::default();
            for (a, b) in a.iter().zip(b) {
                a.times(b).0.iter().for_each(|part| products.add(*part));
            }
            products
        };
        let (a, b) = (row(i), row(j));
        Self::of_cosine(&inner(&a, &b), &inner(&a, &a), &inner(&b, &b))
    }

    /// The sum of the squares of differences, each with its rounding error.
    fn of_differences(differences: Vec<(f64, f64)>) -> Self {
        let power = power_of(differences.iter().map(|(difference, _)| *difference));
        let (a, b) = factors(-power);
        let mut squared = Expansion::default();
        for (difference, error) in differences {
            let (difference, error) = (difference * a * b, error * a * b);
            squared.add_product(difference, difference);
            squared.add_product(2.0 * difference, error);
            squared.add_product(error, error);
        }
        Self { numerator: squared, denominator: Expansion::of(1.0), exponent: 2 * power }
    }

    /// From the inner products a'b, a'a and b'b.
    fn of_cosine(product: &Expansion, of_a: &Expansion, of_b: &Expansion) -> Self {
        // The cosine and its signed square have one order, and more of it is less dissimilar.
        let square = product.times(product);
        let numerator = if product.sign().is_gt() { Expansion::default().minus(&square) } else { square };
        Self { numerator, denominator: of_a.times(of_b), exponent: 0 }
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let (own, others) = (self.numerator.times(&other.denominator), other.numerator.times(&self.denominator));
        let signs = (own.sign(), others.sign());
        if signs.0 != signs.1 {
            return signs.0.cmp(&signs.1);
        }
        // The smaller one is brought to the scale of the larger one.
        let common = self.exponent.max(other.exponent);
        own.scaled(self.exponent - common).minus(&others.scaled(other.exponent - common)).sign()
    }
}

/// The power of two above the largest magnitude.
fn power_of(values: impl Iterator<Item = f64>) -> i64 {
    exponent(values.fold(0.0f64, |largest, value| largest.max(value.abs())))
}

#[cfg(test)]
#[path = "exact_tests.rs"]
mod tests;
