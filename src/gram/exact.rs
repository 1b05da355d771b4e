//! The order of dissimilarities in exact arithmetic, where rounding leaves it undecided.
//!
//! Sums and products of doubles are kept as expansions, sums of doubles that do not overlap
//! (Shewchuk 1997): nothing is rounded unless a product falls below the range of f64. Features are
//! scaled so that their largest entry is about 1.

use std::cmp::Ordering;

use faer::MatRef;

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
}

impl Key {
    /// The dissimilarity of two rows of features.
    pub(crate) fn new(kind: Kind, features: MatRef<'_, f64>, i: usize, j: usize) -> Self {
        let p = features.ncols();
        let (a, b) = (|k: usize| features[(i, k)], |k: usize| features[(j, k)]);
        if kind == Kind::Euclidean {
            let mut squared = Expansion::default();
            for k in 0..p {
                if a(k) == b(k) {
                    continue;
                }
                let (difference, error) = two_sum(a(k), -b(k));
                squared.add_product(difference, difference);
                squared.add_product(2.0 * difference, error);
                squared.add_product(error, error);
            }
            return Self { numerator: squared, denominator: Expansion::of(1.0) };
        }
        let from_mean = kind == Kind::Correlation;
        let inner = |x: &dyn Fn(usize) -> f64, y: &dyn Fn(usize) -> f64| {
            let (mut products, mut of_x, mut of_y) = (Expansion::default(), Expansion::default(), Expansion::default());
            for k in 0..p {
                products.add_product(x(k), y(k));
                of_x.add(x(k));
                of_y.add(y(k));
            }
            // p times the sum of products of what is centered over the neurons.
            if from_mean { products.times(&Expansion::of(p as f64)).minus(&of_x.times(&of_y)) } else { products }
        };
        Self::of_cosine(&inner(&a, &b), &inner(&a, &a), &inner(&b, &b))
    }

    /// 1 - cosine of two examples, each less the mean of all examples.
    pub(crate) fn of_centered(features: MatRef<'_, f64>, totals: &Totals, i: usize, j: usize) -> Self {
        let row = |i: usize| (0..features.ncols()).map(|k| totals.centered(features, i, k)).collect::<Vec<_>>();
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

    /// From the inner products a'b, a'a and b'b.
    fn of_cosine(product: &Expansion, of_a: &Expansion, of_b: &Expansion) -> Self {
        // The cosine and its signed square have one order, and more of it is less dissimilar.
        let square = product.times(product);
        let numerator = if product.sign().is_gt() { Expansion::default().minus(&square) } else { square };
        Self { numerator, denominator: of_a.times(of_b) }
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.numerator.times(&other.denominator).minus(&other.numerator.times(&self.denominator)).sign()
    }
}

#[cfg(test)]
#[path = "exact_tests.rs"]
mod tests;
