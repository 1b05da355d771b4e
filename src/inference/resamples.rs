//! Resamples of the examples, the same rows of every representation.

use faer::Mat;

use crate::error::Error as MeasureError;
use crate::measure::Measure;
use crate::representation::{Entries, Representation};

use super::draw::{below, generator, subset};
use super::error::Error;
use super::examples::Examples;
use super::stop::each;

/// How examples are drawn again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resampling {
    /// Half of the examples, without replacement: the delete-half jackknife (Shao and Wu 1989), or
    /// subsampling (Politis and Romano 1994). No example stands beside its copy, so that kernels
    /// between examples, neighbours, ranks and medians see what they see of new data; and the
    /// spread of a smooth measure over halves is that of the measure on all of the examples.
    #[default]
    Halves,
    /// n examples with replacement: the bootstrap (Efron 1979). An example stands beside its copies
    /// (1.6 of n on average are different), which a kernel between examples takes for pairs of
    /// equal examples: an unbiased estimator then has the bias of a biased one, neighbours are
    /// copies, and a basis has the rank of the different examples.
    Bootstrap,
}

/// The fewest examples whose halves stand for others: those of six are triangles, and of fewer
/// points and lines, of which many measures say one thing.
const FEWEST: usize = 8;

impl Resampling {
    /// The resample in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Halves => "half of the examples",
            Self::Bootstrap => "bootstrap sample",
        }
    }
}

/// How many resamples are drawn, from which seed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resamples {
    /// How many.
    pub count: usize,
    /// The seed: number i of a seed is the same resample whatever the count.
    pub seed: u64,
    /// How.
    pub resampling: Resampling,
}

impl Resamples {
    /// Halves of the examples.
    pub fn new(count: usize, seed: u64) -> Self {
        Self { count, seed, resampling: Resampling::Halves }
    }

    /// The same number, drawn this way.
    pub fn by(self, resampling: Resampling) -> Self {
        Self { resampling, ..self }
    }

    /// Number of examples of a resample.
    pub(super) fn size(&self, n: usize) -> usize {
        match self.resampling {
            Resampling::Halves => n / 2,
            Resampling::Bootstrap => n,
        }
    }

    /// What the spread over resamples is multiplied by for that of the value on all examples:
    /// sqrt(m / (n - m)) of m examples without replacement.
    pub(super) fn scale(&self, n: usize) -> f64 {
        match self.resampling {
            Resampling::Halves => (self.size(n) as f64 / (n - self.size(n)) as f64).sqrt(),
            Resampling::Bootstrap => 1.0,
        }
    }

    fn drawn(&self, n: usize, index: usize) -> Vec<u32> {
        let mut generator = generator(self.seed, index);
        match self.resampling {
            Resampling::Halves => subset(n, n / 2, &mut generator),
            Resampling::Bootstrap => (0..n).map(|_| below(&mut generator, n as u64) as u32).collect(),
        }
    }

    /// Refuses copies of examples for a measure that holds examples out of its fit: a copy on
    /// either side of the division is predicted from itself.
    ///
    /// # Errors
    /// [`Error::HeldOut`].
    pub(super) fn suit(&self, measure: &Measure) -> Result<(), Error> {
        let copies = "a bootstrap sample has copies of an example, of which one is predicted from the other";
        if self.resampling == Resampling::Bootstrap { refuse_held_out(measure, copies) } else { Ok(()) }
    }

    /// What is computed of the rows of each resample of the examples, in the order drawn.
    pub(super) fn each<T: Send>(
        &self,
        examples: Examples,
        compute: impl Fn(&[u32]) -> Result<T, MeasureError> + Sync,
    ) -> Result<Vec<T>, Error> {
        if self.resampling == Resampling::Halves && examples.count < FEWEST {
            return Err(Error::TooFew {
                what: "examples for halves of them (--interval jackknife takes fewer)",
                given: examples.count,
                needed: FEWEST,
            });
        }
        if self.count < 2 {
            return Err(Error::TooFewDraws { given: self.count, needed: 2, purpose: "a spread over resamples".to_string() });
        }
        let remedy = match self.resampling {
            Resampling::Halves => "Of half of the examples the measure has no value: give more examples",
            Resampling::Bootstrap => "Draw halves of the examples: copies of an example may leave a measure without a value",
        };
        let one = |number: usize| {
            let failed = |cause: crate::error::Error| Error::Resample {
                what: self.resampling.describe(),
                number,
                count: self.count,
                seed: self.seed,
                cause: Box::new(cause),
                remedy,
            };
            compute(&examples.expand(&self.drawn(examples.count, number))).map_err(failed)
        };
        each(self.count, one)
    }
}

/// Refuses a measure that holds examples out of its fit.
///
/// # Errors
/// [`Error::HeldOut`].
pub(super) fn refuse_held_out(measure: &Measure, resampling: &'static str) -> Result<(), Error> {
    if measure.needs(None).held_out { Err(Error::HeldOut { measure: measure.to_string(), resampling }) } else { Ok(()) }
}

/// These rows of a representation, in this order; of a matrix between examples, these columns too.
pub(super) fn rows(of: &Representation<'_>, rows: &[u32]) -> Result<Representation<'static>, MeasureError> {
    let view = of.view();
    if of.entries() != Entries::Examples {
        let between = Mat::from_fn(rows.len(), rows.len(), |i, j| view[(rows[i] as usize, rows[j] as usize)]);
        return Ok(Representation::from_matrix(of.name().to_string(), between)?.known(of.entries()));
    }
    let taken = Representation::from_matrix(of.name().to_string(), Mat::from_fn(rows.len(), of.p(), |i, j| view[(rows[i] as usize, j)]))?;
    Ok(taken.with_positions(of.positions()))
}

/// Each row once.
pub(super) fn different(rows: &[u32]) -> Vec<u32> {
    let mut different = rows.to_vec();
    different.sort_unstable();
    different.dedup();
    different
}
