//! The examples of one side by folds, each fold about its own mean.

use std::ops::Range;

use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::arrays::columns::Columns;
use crate::arrays::product::{slice, squared_norm};
use crate::arrays::sums::sum;

/// A division of the examples into folds: an order in which those of a fold stand one after the
/// other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folds {
    order: Vec<usize>,
    /// Where each fold starts in the order, and the number of examples.
    starts: Vec<usize>,
}

impl Folds {
    /// The order cut into `count` folds, of n / count examples each; the first n mod count of them
    /// have one more.
    pub(crate) fn new(order: Vec<usize>, count: usize) -> Self {
        let (least, larger) = (order.len() / count, order.len() % count);
        let starts = (0..=count).map(|fold| fold * least + fold.min(larger)).collect();
        Self { order, starts }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of examples.
    pub(crate) fn examples(&self) -> usize {
        self.order.len()
    }

    /// The places of the examples of a fold in the order.
    pub(crate) fn range(&self, fold: usize) -> Range<usize> {
        self.starts[fold]..self.starts[fold + 1]
    }

    /// The examples of a fold.
    #[cfg(test)]
    pub(crate) fn examples_of(&self, fold: usize) -> &[usize] {
        &self.order[self.range(fold)]
    }

    /// The number of examples outside a fold.
    pub(crate) fn outside(&self, fold: usize) -> usize {
        self.order.len() - self.range(fold).len()
    }

    /// The other folds.
    pub(crate) fn others(&self, fold: usize) -> impl Iterator<Item = usize> {
        (0..self.count()).filter(move |other| *other != fold)
    }
}

/// The examples of one side by folds. What is trained on about its own mean follows from it by sums
/// of squares alone (Chan, Golub and LeVeque 1983): nothing is subtracted, so that an example far
/// from all others spoils no digit of the folds without it.
#[derive(Debug)]
pub(crate) struct FoldedExamples {
    /// The division.
    pub(crate) folds: Folds,
    /// Each example less the mean of its fold, in the order of the folds.
    centered: Columns<f64>,
    /// The mean of each fold.
    means: Mat<f64>,
    /// |X|_F of all examples about their common mean.
    pub(crate) norm: f64,
}

/// Where the means of the folds lie when one of them is held out.
#[derive(Debug)]
pub(crate) struct Offsets {
    /// The other folds' means less the mean of all training examples, each times the root of the
    /// number of its examples.
    pub(crate) between: Mat<f64>,
    /// The same of the fold that is held out, in each of its examples.
    pub(crate) held_out: Vec<f64>,
}

impl FoldedExamples {
    /// The examples, n x l, whose norm about their mean is `norm`.
    pub(crate) fn new(examples: MatRef<'_, f64>, norm: f64, folds: Folds) -> Self {
        let mut centered = Columns::unset(examples.nrows(), examples.ncols());
        let columns: Vec<(usize, &mut [f64])> = centered.columns_mut().enumerate().collect();
        let means: Vec<Vec<f64>> = columns
            .into_par_iter()
            .map(|(column, to)| {
                let from = slice(examples, column);
                to.iter_mut().zip(&folds.order).for_each(|(to, row)| *to = from[*row]);
                (0..folds.count()).map(|fold| center(&mut to[folds.range(fold)])).collect()
            })
            .collect();
        let means = Mat::from_fn(folds.count(), examples.ncols(), |fold, column| means[column][fold]);
        Self { folds, centered, means, norm }
    }

    /// The number of coordinates of an example.
    pub(crate) fn width(&self) -> usize {
        self.means.ncols()
    }

    /// The examples of a fold about its mean.
    pub(crate) fn about_mean(&self, fold: usize) -> MatRef<'_, f64> {
        let range = self.folds.range(fold);
        self.centered.as_ref().subrows(range.start, range.len())
    }

    /// Where the means lie about that of the examples outside a fold.
    pub(crate) fn offsets(&self, fold: usize) -> Offsets {
        let others: Vec<usize> = self.folds.others(fold).collect();
        let size = |fold: usize| self.folds.range(fold).len() as f64;
        let outside = self.folds.outside(fold) as f64;
        let mut between = Mat::zeros(others.len(), self.means.ncols());
        let held_out = (0..self.means.ncols()).map(|column| {
            let means = slice(self.means.as_ref(), column);
            // From one of them, so that equal means leave exactly nothing.
            let from = means[others[0]];
            let mean = sum(&others.iter().map(|other| size(*other) * (means[*other] - from)).collect::<Vec<_>>()) / outside;
            others.iter().enumerate().for_each(|(row, other)| between[(row, column)] = size(*other).sqrt() * (means[*other] - from - mean));
            means[fold] - from - mean
        });
        let held_out = held_out.collect();
        Offsets { between, held_out }
    }

    /// The examples of a fold about the mean of those outside it.
    pub(crate) fn held_out(&self, fold: usize, offsets: &Offsets) -> Mat<f64> {
        let about_mean = self.about_mean(fold);
        Mat::from_fn(about_mean.nrows(), about_mean.ncols(), |row, column| about_mean[(row, column)] + offsets.held_out[column])
    }

    /// |X|_F^2 of the examples outside a fold about their mean.
    pub(crate) fn outside_squared_norm(&self, fold: usize, offsets: &Offsets) -> f64 {
        let within: Vec<f64> = self.folds.others(fold).map(|other| squared_norm(self.about_mean(other))).collect();
        sum(&within) + squared_norm(offsets.between.as_ref())
    }
}

/// Takes the mean away and returns it: equal values leave exactly nothing.
fn center(values: &mut [f64]) -> f64 {
    let first = values[0];
    values.iter_mut().for_each(|value| *value -= first);
    let mean = sum(values) / values.len() as f64;
    values.iter_mut().for_each(|value| *value -= mean);
    first + mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_folds_are_the_larger_ones() {
        let folds = Folds::new((0..11).collect(), 4);
        assert_eq!((0..4).map(|fold| folds.range(fold)).collect::<Vec<_>>(), [0..3, 3..6, 6..9, 9..11]);
        assert_eq!((folds.outside(0), folds.outside(3)), (8, 9));
        assert_eq!(folds.others(2).collect::<Vec<_>>(), [0, 1, 3]);
    }

    /// By the textbook: the mean of the examples outside, taken away from each.
    #[test]
    fn offsets_are_those_from_the_mean_of_the_examples_outside() {
        let x = Mat::from_fn(7, 2, |row, column| ((row * 5 + column * 3) % 7) as f64 + 10.0 * column as f64);
        let order = vec![3, 0, 6, 1, 5, 2, 4];
        let folded = FoldedExamples::new(x.as_ref(), 1.0, Folds::new(order.clone(), 3));
        for fold in 0..3 {
            let (test, offsets) = (folded.folds.range(fold), folded.offsets(fold));
            let outside: Vec<usize> = (0..7).filter(|place| !test.contains(place)).map(|place| order[place]).collect();
            let mean = |column: usize| outside.iter().map(|row| x[(*row, column)]).sum::<f64>() / outside.len() as f64;
            let held_out = folded.held_out(fold, &offsets);
            for (row, place) in test.enumerate() {
                (0..2).for_each(|column| assert!((held_out[(row, column)] - (x[(order[place], column)] - mean(column))).abs() < 1e-14));
            }
            let squares: f64 = outside.iter().map(|row| (0..2).map(|column| (x[(*row, column)] - mean(column)).powi(2)).sum::<f64>()).sum();
            assert!((folded.outside_squared_norm(fold, &offsets) - squares).abs() < 1e-13, "{fold}");
        }
    }

    #[test]
    fn equal_training_examples_leave_exactly_nothing() {
        let x = Mat::from_fn(9, 1, |row, _| if row < 3 { row as f64 } else { 0.1 });
        let folded = FoldedExamples::new(x.as_ref(), 1.0, Folds::new((0..9).collect(), 3));
        assert_eq!(folded.outside_squared_norm(0, &folded.offsets(0)), 0.0);
        assert!(folded.outside_squared_norm(1, &folded.offsets(1)) > 1.0);
    }
}
