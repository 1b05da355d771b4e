//! Matrices between examples that were computed elsewhere: kernels and dissimilarities.

use faer::{Mat, MatRef, Side};

use super::Representation;
use crate::error::{Error, GivenError};
use crate::tolerance::nothing;

/// What the entries of a representation are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entries {
    /// Activations, a row an example and a column a neuron.
    Examples,
    /// Inner products of the examples.
    Kernel,
    /// Dissimilarities of the examples.
    Dissimilarities,
}

impl<'a> Representation<'a> {
    /// The same n x n matrix as what stands between examples: a kernel (Gram) matrix that was
    /// computed elsewhere, centered or not. Linear HSIC and CKA of such are those of the kernel;
    /// other measures refuse them.
    ///
    /// ```
    /// use similitude::{Measure, Representation};
    /// let x = [1.0, 2.0, 4.0, 7.0];
    /// let kernel = |name: &'static str| {
    ///     let values: Vec<f64> = x.iter().flat_map(|a| x.iter().map(move |b| (a * b + 1.0f64).powi(2))).collect();
    ///     Representation::from_row_major(name, 4, 4, values)?.into_gram()
    /// };
    /// let value = Measure::parse("cka")?.compare(&kernel("k")?, &kernel("l")?)?.value;
    /// assert!((value - 1.0).abs() < 1e-12);
    /// # Ok::<(), similitude::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NotSymmetric`]; [`GivenError::NotAKernel`] when the centered
    /// matrix is not positive semidefinite, as far as entries in single precision tell. Costs n^3 /
    /// 3.
    pub fn into_gram(self) -> Result<Self, Error> {
        let (n, p, view) = (self.n(), self.p(), self.view());
        if n != p {
            return Err(Error::NotSquare { name: self.name().to_string(), n, p });
        }
        let differs = |row: usize, column: usize| view[(row, column)] != view[(column, row)];
        if let Some((row, column)) = below(n).find(|&(row, column)| differs(row, column)) {
            let (value, mirrored) = (view[(row, column)], view[(column, row)]);
            return Err(Error::NotSymmetric { name: self.name().to_string(), row, column, value, mirrored });
        }
        if !is_positive(view, self.largest()) {
            return Err(Error::Given(GivenError::NotAKernel { name: self.name().to_string(), n }));
        }
        Ok(self.known(Entries::Kernel))
    }

    /// The same n x n matrix, or condensed vector, as dissimilarities between examples that were
    /// computed elsewhere: a representational dissimilarity matrix. RSA and distance correlation
    /// are of these, whatever they are; linear CKA and HSIC are those of the points that have them
    /// as Euclidean distances, where there are such points (classical scaling).
    ///
    /// A representation of one neuron is the condensed vector: the n(n-1)/2 dissimilarities of the
    /// examples i < j, row after row, as scipy's `pdist` and `squareform` write them.
    ///
    /// ```
    /// use similitude::{Measure, Representation};
    /// let condensed = Representation::from_row_major("judged", 6, 1, vec![1.0, 3.0, 7.0, 2.0, 6.0, 4.0])?.into_rdm()?;
    /// let x = Representation::from_row_major("x", 4, 1, vec![0.0, 1.0, 3.0, 7.0])?;
    /// let score = Measure::parse("rsa:rdm=euclidean,compare=pearson")?.compare(&condensed, &x)?;
    /// assert!(condensed.n() == 4 && (score.value - 1.0).abs() < 1e-14);
    /// # Ok::<(), similitude::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotSquare`]; [`Error::Given`] for a vector of another length, and for the first
    /// entry that is negative, not symmetric, or not 0 on the diagonal, each beyond 2 c(n, n) eps
    /// of the largest. What differs by less is averaged.
    pub fn into_rdm(self) -> Result<Self, Error> {
        let name = self.name().to_string();
        if self.p() == 1 {
            let n = examples_of(self.n())
                .map_err(|below| Error::Given(GivenError::NotCondensed { name: name.clone(), values: self.n(), below }))?;
            if let Some(examples) = with_diagonal(&self.to_row_major(), n, nothing(n, n) * self.largest()) {
                return Err(Error::Given(GivenError::WithDiagonal { name, values: self.n(), examples }));
            }
            let place = |i: usize, j: usize| i * n - i * (i + 1) / 2 + j - i - 1;
            let view = self.view();
            let entry = |i: usize, j: usize| if i == j { 0.0 } else { view[(place(i.min(j), i.max(j)), 0)] };
            return Representation::from_matrix(name, Mat::from_fn(n, n, entry))?.into_rdm();
        }
        let (n, p, view) = (self.n(), self.p(), self.view());
        if n != p {
            return Err(Error::NotSquare { name, n, p });
        }
        let slack = nothing(n, n) * self.largest();
        let all = (0..n).flat_map(|row| (0..n).map(move |column| (row, column)));
        if let Some((row, column)) = all.clone().find(|&(row, column)| view[(row, column)] < -slack) {
            return Err(Error::Given(GivenError::Negative { name, row, column, value: view[(row, column)] }));
        }
        if let Some(row) = (0..n).find(|&row| view[(row, row)] > slack) {
            return Err(Error::Given(GivenError::Diagonal { name, row, value: view[(row, row)] }));
        }
        let apart = |row: usize, column: usize| (view[(row, column)] - view[(column, row)]).abs() > slack;
        if let Some((row, column)) = below(n).find(|&(row, column)| apart(row, column)) {
            let (value, mirrored) = (view[(row, column)], view[(column, row)]);
            return Err(Error::Given(GivenError::NotSymmetric { name, row, column, value, mirrored }));
        }
        let is_exact = all.into_iter().all(|(row, column)| view[(row, column)] == if row == column { 0.0 } else { view[(column, row)] });
        if is_exact {
            return Ok(self.known(Entries::Dissimilarities));
        }
        let middle = |i: usize, j: usize| if i == j { 0.0 } else { f64::midpoint(view[(i, j)], view[(j, i)]) };
        Ok(Representation::from_matrix(name, Mat::from_fn(n, n, middle))?.known(Entries::Dissimilarities))
    }

    /// The same for a matrix that is known to be one: some rows and columns of another.
    pub(crate) fn known(mut self, entries: Entries) -> Self {
        self.entries = entries;
        self
    }

    /// What the entries are.
    pub(crate) fn entries(&self) -> Entries {
        self.entries
    }

    /// Whether the entries are a kernel between examples ([`Representation::into_gram`]).
    pub fn is_gram(&self) -> bool {
        self.entries == Entries::Kernel
    }

    /// Whether the entries are dissimilarities of examples ([`Representation::into_rdm`]).
    pub fn is_rdm(&self) -> bool {
        self.entries == Entries::Dissimilarities
    }
}

/// The number of examples that have so many pairs; else the most that have fewer.
pub(crate) fn examples_of(pairs: usize) -> Result<usize, usize> {
    let has = |n: usize| n as u128 * (n as u128).saturating_sub(1) / 2;
    let near = ((2.0 * pairs as f64).sqrt()) as usize;
    let most = (near.saturating_sub(2)..near + 3).rev().find(|&n| has(n) <= pairs as u128).unwrap_or_default();
    if has(most) == pairs as u128 { Ok(most) } else { Err(most) }
}

/// The rows of the square matrix whose half, with the diagonal, a vector of the pairs of n examples
/// is, where it is one: n(n-1)/2 numbers are such a half of n-1 rows too. It is where the places of
/// a diagonal, of the upper or the lower half, and no others are zero.
fn with_diagonal(vector: &[f64], n: usize, slack: f64) -> Option<usize> {
    let rows = n.checked_sub(1).filter(|&rows| rows >= 4)?;
    let zeros: Vec<usize> = (0..vector.len()).filter(|&place| vector[place].abs() <= slack).collect();
    let upper = (0..rows).map(|row| row * rows - row * row.saturating_sub(1) / 2);
    let lower = (0..rows).map(|row| row * (row + 1) / 2 + row);
    (zeros.iter().copied().eq(upper) || zeros.iter().copied().eq(lower)).then_some(rows)
}

/// The places below the diagonal, row by row.
fn below(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(|row| (0..row).map(move |column| (row, column)))
}

/// A symmetric matrix over `scale`, centered.
fn centered(view: MatRef<'_, f64>, scale: f64) -> Mat<f64> {
    let n = view.nrows();
    let means: Vec<f64> = view.col_iter().map(|column| column.iter().map(|value| value / scale).sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / n as f64;
    Mat::from_fn(n, n, |row, column| view[(row, column)] / scale - means[row] - means[column] + mean)
}

/// Whether a symmetric matrix, centered, is positive semidefinite but for 2^-20 of its largest
/// entries: rounding to f32 leaves eigenvalues of 2^-24 of these, times the root of their number.
pub(crate) fn is_positive(view: MatRef<'_, f64>, largest: f64) -> bool {
    let (n, scale) = (view.nrows(), if largest > 0.0 { largest } else { 1.0 });
    let slack = 2f64.powi(-20) * (n as f64).sqrt();
    let mut shifted = centered(view, scale);
    (0..n).for_each(|i| shifted[(i, i)] += slack);
    shifted.llt(Side::Lower).is_ok()
}

/// The least and the largest eigenvalue of a symmetric matrix, centered; none where they are not
/// found.
pub(crate) fn least_and_largest(view: MatRef<'_, f64>) -> Option<(f64, f64)> {
    let values = centered(view, 1.0).self_adjoint_eigenvalues(Side::Lower).ok()?;
    Some((*values.first()?, *values.last()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_pairs_are_those_of_examples() {
        let found: Vec<Result<usize, usize>> = (0..11).map(examples_of).collect();
        assert_eq!(found, [Ok(1), Ok(2), Err(2), Ok(3), Err(3), Err(3), Ok(4), Err(4), Err(4), Err(4), Ok(5)]);
        let large = 3_000_000_000usize;
        assert_eq!(examples_of(large * (large - 1) / 2), Ok(large));
        assert_eq!(examples_of(large * (large - 1) / 2 + 1), Err(large));
    }
}
