//! What may be done to a representation before it is compared: named steps, each a part of the
//! convention of the score, and none of them done unless asked for.

use std::fmt;

use faer::Mat;
use rayon::prelude::*;

use crate::arrays::columns::center;
use crate::arrays::scale::{exponent, largest_magnitude};
use crate::arrays::sums::{sum_of_squares, vectorised};
use crate::error::{Error, ZeroNorm};
use crate::representation::{Representation, examples_of};

/// Steps in the order in which they are done: [`clip`](Self::clip), [`center`](Self::center),
/// [`standardize`](Self::standardize), [`l2_rows`](Self::l2_rows).
///
/// ```
/// use similitude::{Preprocessing, Representation};
/// let x = Representation::from_row_major("x", 3, 2, vec![1.0, 0.0, 2.0, 0.0, 3.0, 30.0])?;
/// let steps = Preprocessing { standardize: true, ..Preprocessing::default() };
/// let standardized = steps.apply(&x)?;
/// assert!((standardized.view()[(2, 0)] - 1.5f64.sqrt()).abs() < 1e-15);
/// assert_eq!(steps.to_string(), "neurons standardized (mean 0, variance 1 with divisor n)");
/// # Ok::<(), similitude::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Preprocessing {
    /// Entries beyond the quantiles 1 - Q and Q of all entries of the layer become those quantiles,
    /// 0.5 < Q < 1. Quantiles are interpolated linearly, as NumPy does:
    /// `numpy.clip(x, *numpy.quantile(x, [1 - Q, Q]))`.
    pub clip: Option<f64>,
    /// The mean over the examples is subtracted from each neuron.
    pub center: bool,
    /// Each neuron is centered and divided by its standard deviation, with the divisor n. A
    /// constant neuron becomes 0.
    pub standardize: bool,
    /// Each example is divided by its Euclidean norm.
    pub l2_rows: bool,
    /// Each layer is a matrix between the examples that was computed elsewhere
    /// ([`Representation::into_gram`]), to which no other step is done.
    pub gram: bool,
    /// Each layer is dissimilarities between the examples that were computed elsewhere
    /// ([`Representation::into_rdm`]), to which no other step is done.
    pub rdm: bool,
}

impl fmt::Display for Preprocessing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clipped = self.clip.map(|q| format!("entries clipped to their quantiles 1 - {q} and {q}"));
        let steps = [
            clipped.as_deref(),
            (self.center && !self.standardize).then_some("neurons centered"),
            self.standardize.then_some("neurons standardized (mean 0, variance 1 with divisor n)"),
            self.l2_rows.then_some("examples divided by their norms"),
            self.gram.then_some("given as a matrix between examples"),
            self.rdm.then_some("given as dissimilarities between examples"),
        ];
        f.write_str(&steps.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl Preprocessing {
    /// Whether nothing is done.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Asks that the steps can be done.
    ///
    /// # Errors
    /// [`Error::InvalidQuantile`].
    pub fn check(&self) -> Result<(), Error> {
        match self.clip {
            Some(quantile) if !(quantile > 0.5 && quantile < 1.0) => Err(Error::InvalidQuantile(quantile)),
            _ => Ok(()),
        }
    }

    /// The shape of what these steps leave of a representation n x p: a condensed vector of
    /// dissimilarities becomes a matrix.
    pub fn shape(&self, (n, p): (usize, usize)) -> (usize, usize) {
        match examples_of(n) {
            Ok(examples) if self.rdm && p == 1 => (examples, examples),
            _ => (n, p),
        }
    }

    /// Returns the representation after these steps. Costs n p, and n p log(n p) with a quantile.
    ///
    /// # Errors
    /// [`Error::InvalidQuantile`]; [`Error::ZeroNorm`] where an example has no direction; those
    /// of [`Representation::into_gram`] and [`Representation::into_rdm`].
    pub fn apply(&self, x: &Representation<'_>) -> Result<Representation<'static>, Error> {
        self.check()?;
        let mut matrix = x.view().to_owned();
        if self.gram {
            return Representation::from_matrix(x.name().to_string(), matrix)?.into_gram();
        }
        if self.rdm {
            return Representation::from_matrix(x.name().to_string(), matrix)?.into_rdm();
        }
        if let Some(quantile) = self.clip {
            clip(&mut matrix, quantile);
        }
        if self.center || self.standardize {
            let powers = powers(&matrix);
            matrix.par_col_iter_mut().for_each(|column| {
                let column = column.try_as_col_major_mut().expect("columns of a matrix of its own stand together").as_slice_mut();
                vectorised(|| self.scale_neuron(column, powers));
            });
        }
        if self.l2_rows {
            unit_examples(&mut matrix, x.name())?;
        }
        Ok(Representation::from_matrix(x.name().to_string(), matrix)?.with_positions(x.positions()))
    }

    #[inline(always)]
    fn scale_neuron(&self, column: &mut [f64], (down, up): (f64, f64)) {
        // Sums of the largest numbers would overflow.
        column.iter_mut().for_each(|value| *value *= down);
        let squared_norm = center(column).1;
        if !self.standardize {
            column.iter_mut().for_each(|value| *value *= up);
            return;
        }
        let largest = column.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
        if largest == 0.0 {
            return;
        }
        // Squares of a neuron far smaller than others vanish.
        let norm = if squared_norm > f64::MIN_POSITIVE / f64::EPSILON {
            squared_norm.sqrt()
        } else {
            column.iter_mut().for_each(|value| *value /= largest);
            sum_of_squares(column).sqrt()
        };
        let deviation = norm / (column.len() as f64).sqrt();
        column.iter_mut().for_each(|value| *value /= deviation);
    }
}

/// Powers of two that bring the entries to at most 2 and back, where they are so large that sums of
/// their squares may overflow.
fn powers(matrix: &Mat<f64>) -> (f64, f64) {
    let largest = largest_magnitude(matrix.as_ref());
    if largest < 2f64.powi(400) {
        return (1.0, 1.0);
    }
    let exponent = exponent(largest).min(1023) as i32;
    (2f64.powi(-exponent), 2f64.powi(exponent))
}

fn clip(matrix: &mut Mat<f64>, quantile: f64) {
    let mut entries: Vec<f64> = matrix.col_iter().flat_map(|column| column.iter().copied()).collect();
    entries.par_sort_unstable_by(f64::total_cmp);
    let (low, high) = (quantile_of(&entries, 1.0 - quantile), quantile_of(&entries, quantile));
    matrix.col_iter_mut().for_each(|column| column.iter_mut().for_each(|entry| *entry = entry.clamp(low, high)));
}

/// The quantile of sorted values, interpolated linearly between the two next to it.
fn quantile_of(sorted: &[f64], quantile: f64) -> f64 {
    let place = quantile * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    let share = place - below as f64;
    // The difference of the two may overflow.
    low * (1.0 - share) + high * share
}

fn unit_examples(matrix: &mut Mat<f64>, name: &str) -> Result<(), Error> {
    for row in 0..matrix.nrows() {
        let largest = matrix.row(row).iter().fold(0.0f64, |largest, entry| largest.max(entry.abs()));
        if largest == 0.0 {
            return Err(Error::ZeroNorm(ZeroNorm { name: name.to_string(), row }));
        }
        let norm = matrix.row(row).iter().map(|entry| (entry / largest) * (entry / largest)).sum::<f64>().sqrt();
        matrix.row_mut(row).iter_mut().for_each(|entry| *entry = *entry / largest / norm);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(steps: Preprocessing, n: usize, values: Vec<f64>) -> Result<Vec<f64>, Error> {
        let p = values.len() / n;
        steps.apply(&Representation::from_row_major("x", n, p, values).unwrap()).map(|x| x.to_row_major())
    }

    fn assert_near(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= 4.0 * f64::EPSILON * expected.abs(), "{found:?}, {expected:?}");
        }
    }

    const VALUES: [f64; 6] = [1.0, 10.0, 2.0, 30.0, 6.0, 20.0];

    #[test]
    fn each_step_is_the_formula_of_numpy() {
        let none = Preprocessing::default();
        assert_eq!(apply(none, 3, VALUES.to_vec()).unwrap(), VALUES);
        let centered = apply(Preprocessing { center: true, ..none }, 3, VALUES.to_vec()).unwrap();
        assert_near(&centered, &[-2.0, -10.0, -1.0, 10.0, 3.0, 0.0]);
        let standardized = apply(Preprocessing { standardize: true, ..none }, 3, VALUES.to_vec()).unwrap();
        // Of numpy.std: (14 / 3)^(1/2), (200 / 3)^(1/2).
        let (a, b) = ((14.0f64 / 3.0).sqrt(), (200.0f64 / 3.0).sqrt());
        assert_near(&standardized, &[-2.0 / a, -10.0 / b, -1.0 / a, 10.0 / b, 3.0 / a, 0.0]);
        let unit = apply(Preprocessing { l2_rows: true, ..none }, 3, vec![3.0, 4.0, -5.0, 12.0, 0.0, 2.0]).unwrap();
        assert_near(&unit, &[0.6, 0.8, -5.0 / 13.0, 12.0 / 13.0, 0.0, 1.0]);
        // numpy.quantile([1, 2, 6, 10, 20, 30], [0.1, 0.9]) = [1.5, 25].
        let clipped = apply(Preprocessing { clip: Some(0.9), ..none }, 3, VALUES.to_vec()).unwrap();
        assert_near(&clipped, &[1.5, 10.0, 2.0, 25.0, 6.0, 20.0]);
    }

    #[test]
    fn scales_do_not_matter_and_constant_neurons_become_zero() {
        let steps = Preprocessing { standardize: true, ..Preprocessing::default() };
        let expected = apply(steps, 3, VALUES.to_vec()).unwrap();
        for factor in [2f64.powi(-1030), 2f64.powi(-560), 2f64.powi(600), 2f64.powi(1018)] {
            let scaled = VALUES.iter().map(|value| value * factor).collect();
            assert_near(&apply(steps, 3, scaled).unwrap(), &expected);
        }
        let constant = apply(steps, 3, vec![0.1, 1.0, 0.1, 2.0, 0.1, 3.0]).unwrap();
        assert_eq!([constant[0], constant[2], constant[4]], [0.0; 3]);
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let zero = apply(Preprocessing { l2_rows: true, ..Preprocessing::default() }, 2, vec![1.0, 2.0, 0.0, 0.0]);
        assert!(matches!(zero, Err(Error::ZeroNorm(ZeroNorm { row: 1, .. }))), "{zero:?}");
        for quantile in [0.5, 1.0, f64::NAN, -1.0, 99.0] {
            let refused = apply(Preprocessing { clip: Some(quantile), ..Preprocessing::default() }, 3, VALUES.to_vec());
            assert!(matches!(refused, Err(Error::InvalidQuantile(_))), "{quantile}: {refused:?}");
        }
    }
}
