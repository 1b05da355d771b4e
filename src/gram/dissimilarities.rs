//! Distances between all pairs of examples, of the representation or of its examples brought to
//! unit length, and what rounding leaves undecided among them.

use faer::Mat;

use crate::arrays::scale::factors;
use crate::arrays::tiles::{Store, Tile, Tiling, width_for};
use crate::error::Error;
use crate::gram::distances;
use crate::linalg::features::Features;
use crate::tolerance::nothing;

/// Squared Euclidean distances between examples, in the order of the tiles of their matrix.
#[derive(Debug)]
pub(crate) struct Dissimilarities {
    tiling: Tiling,
    entries: Vec<f64>,
    /// The largest norm of an example, as it was when it was rounded.
    longest: f64,
    /// |error of a distance d| <= rounding (d + longest).
    rounding: f64,
}

impl Dissimilarities {
    /// The distances between the examples of some features, in n^2 p operations.
    ///
    /// # Errors
    /// As [`Features::near_distances`].
    pub(crate) fn new(features: &Features) -> Result<Self, Error> {
        Self::of(features, 0.0)
    }

    /// Of features whose examples had at least this norm when they were rounded.
    fn of(features: &Features, longest: f64) -> Result<Self, Error> {
        let n = features.n();
        if features.is_wide() {
            features.near_distances()?;
        }
        let tiling = Tiling::new(n, width_for(n));
        let mut store = tiling.store(true);
        let fill = |tile: &_, entries: &mut [f64]| distances::fill(tile, features, entries, tiling.parallelism());
        tiling.pass(&mut store, fill, |_, _| ());
        let Store::Kept { entries, .. } = store else { unreachable!("asked to be kept") };
        let longest = features.row_squared_norms().iter().copied().fold(0.0, f64::max).sqrt().max(longest);
        Ok(Self { tiling, entries, longest, rounding: nothing(n, features.p()) })
    }

    /// The number of examples.
    pub(crate) fn n(&self) -> usize {
        self.tiling.n()
    }

    /// The squared distance of two different examples.
    pub(crate) fn get(&self, i: usize, j: usize) -> f64 {
        let (tile, place) = self.tiling.place(i.max(j), i.min(j));
        self.tiling.kept(&self.entries, tile)[place]
    }

    /// The squared distances of all pairs, each with its two examples, in one order for all
    /// representations of n examples.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.tiling.tiles().into_iter().enumerate().flat_map(|(index, tile)| {
            let kept = self.tiling.kept(&self.entries, index);
            let columns: Vec<(usize, usize, &[f64])> = tile.below(kept).collect();
            columns.into_iter().flat_map(|(column, first, below)| (first..).zip(below).map(move |(row, squared)| (row, column, *squared)))
        })
    }

    /// The bound on the error of a distance.
    pub(crate) fn error(&self, distance: f64) -> f64 {
        self.rounding * (distance + self.longest)
    }
}

/// The pairs of n examples in the order of [`Dissimilarities::pairs`].
pub(crate) fn pairs(n: usize) -> Vec<(usize, usize)> {
    let tiles = Tiling::new(n, width_for(n)).tiles();
    let of_tile = |tile: &Tile| {
        let tile = tile.clone();
        tile.columns.clone().flat_map(move |column| tile.rows.clone().filter(move |row| *row > column).map(move |row| (row, column)))
    };
    tiles.iter().flat_map(of_tile).collect()
}

/// Examples of unit length, centered and scaled as features are.
pub(crate) struct UnitExamples {
    features: Features,
    /// What a length of 1 became.
    pub(crate) unit: f64,
    /// That, and more where centering has left examples little but its rounding.
    longest: f64,
    /// How far they move, in the Frobenius norm, for a relative change of the representation by 1.
    pub(crate) movement: f64,
}

impl UnitExamples {
    /// The distances between them.
    ///
    /// # Errors
    /// As [`Dissimilarities::new`].
    pub(crate) fn distances(&self) -> Result<Dissimilarities, Error> {
        Dissimilarities::of(&self.features, self.longest)
    }
}

/// The examples of features, each over its Euclidean norm; `from_mean`, each less its mean over the
/// neurons before.
///
/// Distances between them are sqrt(2 - 2 cos), or sqrt(2 - 2 r) of Pearson's correlation r over the
/// neurons.
///
/// # Errors
/// The number of the first example whose norm is 0, or of centered features within rounding of it.
pub(crate) fn unit_examples(features: &Features, from_mean: bool) -> Result<UnitExamples, usize> {
    let matrix = features.matrix();
    let (n, p) = (matrix.nrows(), matrix.ncols());
    let mut examples = Mat::zeros(p, n);
    let mut least = f64::INFINITY;
    let blur = features.centering_error();
    for i in 0..n {
        let example = examples.col_as_slice_mut(i);
        example.iter_mut().enumerate().for_each(|(j, entry)| *entry = matrix[(i, j)]);
        if from_mean {
            // From the first entry, so that equal entries leave exact zeros.
            let first = example[0];
            example.iter_mut().for_each(|entry| *entry -= first);
            let mean = example.iter().sum::<f64>() / p as f64;
            example.iter_mut().for_each(|entry| *entry -= mean);
        }
        let largest = example.iter().fold(0.0f64, |largest, entry| largest.max(entry.abs()));
        if largest == 0.0 {
            return Err(i);
        }
        example.iter_mut().for_each(|entry| *entry /= largest);
        let norm = example.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
        if largest * norm <= blur {
            return Err(i);
        }
        example.iter_mut().for_each(|entry| *entry /= norm);
        least = least.min(largest * norm);
    }
    let examples = examples.transpose().to_owned();
    let examples = Features::of(examples.as_ref(), 1.0, true);
    let (a, b) = factors(-examples.exponent());
    let longest = a * b * (1.0 + blur / least / nothing(n, p));
    Ok(UnitExamples { unit: a * b, longest, movement: features.squared_norm().sqrt() / least * a * b, features: examples })
}
