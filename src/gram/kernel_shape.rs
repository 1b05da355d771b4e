//! Exponential kernels in the form that keeps its digits when it is centered, and how much their
//! values move.

use crate::arrays::exponential::{exp, exp_m1};
use crate::arrays::scale::{exponent, factors};
use crate::arrays::sums::vectorised;
use crate::arrays::tiles::Tile;
use crate::error::{Error, NarrowBandwidth};
use crate::gram::entry_errors::{EntryErrors, Squares, each_column};
use crate::kernel::Centering;
use crate::linalg::features::Features;
use crate::tolerance::LARGEST_LOGARITHM;

/// The least and the greatest of the distances between two examples, squared.
///
/// Here and in [`NearPeaks`] numbers are compared by their bits, which for numbers that are not
/// negative is the same: only among whole numbers may the compiler take the least of several side
/// by side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extrema {
    least: i64,
    greatest: i64,
}

fn bits(value: f64) -> i64 {
    value.to_bits() as i64
}

fn number(bits: i64) -> f64 {
    f64::from_bits(bits as u64)
}

impl Extrema {
    pub(crate) const NONE: Self = Self { least: i64::MAX, greatest: 0 };

    /// Adds squared distances. To be called where the machine's best instructions are compiled for,
    /// as the other functions of slices here.
    #[inline(always)]
    pub(crate) fn observe(&mut self, distances: &[f64]) {
        let (mut least, mut greatest) = (self.least, self.greatest);
        for distance in distances {
            let distance = distance.to_bits() as i64;
            least = least.min(distance);
            greatest = greatest.max(distance);
        }
        *self = Self { least, greatest };
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), greatest: self.greatest.max(other.greatest) }
    }
}

/// Where t exp(-t) or t exp(-t^2/2) peak, and t^2 exp(-t^2/2).
const PEAKS: [f64; 2] = [1.0, std::f64::consts::SQRT_2];

/// The squared distances on either side of where a kernel's slopes peak: of each peak of [`PEAKS`],
/// the greatest up to it and the least beyond it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NearPeaks([Peak; PEAKS.len()]);

#[derive(Debug, Clone, Copy)]
struct Peak {
    mark: i64,
    /// Negative where there is none.
    up_to: i64,
    /// The greatest number of all where there is none.
    beyond: i64,
}

impl NearPeaks {
    pub(crate) fn none(sigma: f64) -> Self {
        Self(PEAKS.map(|peak| Peak { mark: bits((peak * sigma).powi(2)), up_to: -1, beyond: i64::MAX }))
    }

    /// Adds the squared distances of a tile.
    pub(crate) fn observe(&mut self, tile: &Tile, distances: &[f64]) {
        vectorised(
            #[inline(always)]
            || {
                for (_, _, below) in tile.below(distances) {
                    self.add(below);
                }
            },
        );
    }

    #[inline(always)]
    fn add(&mut self, distances: &[f64]) {
        for peak in &mut self.0 {
            let Peak { mark, mut up_to, mut beyond } = *peak;
            for distance in distances {
                let distance = distance.to_bits() as i64;
                up_to = up_to.max(if distance <= mark { distance } else { -1 });
                beyond = beyond.min(if distance <= mark { i64::MAX } else { distance });
            }
            *peak = Peak { mark, up_to, beyond };
        }
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        for (peak, other) in self.0.iter_mut().zip(other.0) {
            peak.up_to = peak.up_to.max(other.up_to);
            peak.beyond = peak.beyond.min(other.beyond);
        }
        self
    }

    /// The greatest value that a function of the squared distance with this peak takes where the
    /// distances may be, each off by `error` at most.
    fn greatest_of(&self, peak: usize, error: f64, function: impl Fn(f64) -> f64) -> f64 {
        let Peak { mark, up_to, beyond } = self.0[peak];
        let (mark, up_to, beyond) = (number(mark), (up_to >= 0).then(|| number(up_to)), (beyond < i64::MAX).then(|| number(beyond)));
        let moved = |squared: f64, error: f64| (squared.sqrt() + error).max(0.0).powi(2);
        let nearer = [up_to.map(|squared| moved(squared, error).min(mark)), beyond.map(|squared| moved(squared, -error).max(mark))];
        nearer.into_iter().flatten().map(function).fold(0.0, f64::max)
    }
}

/// An exponential kernel k(t) = exp(-t^2/2) (`squared`) or exp(-t), t = distance / sigma, in the
/// form that keeps its digits when it is centered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    squared: bool,
    sigma: f64,
    /// The least and the greatest squared distance.
    least: f64,
    greatest: f64,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    /// k
    Plain,
    /// k - 1: most values are near 1.
    Shifted,
    /// k - 1 to first order, -t^2/2 or -t with t times 2^power: all distances are so far below
    /// sigma that nothing else is left, or even f64 itself.
    Linear { power: i64 },
    /// k 2^power off the diagonal: U-centering drops the diagonal, and all other values are far
    /// below 1.
    Raised { power: i64 },
}

/// What `exp` and `exp_m1` err by over eps and their values.
const OF_EXPONENTIAL: f64 = 1.0;

/// Distances below these shares of sigma leave only the first order of the kernel: of -t^2/2 the
/// next one is t^2/4, of -t it is t/2.
const LINEAR_IN_SQUARES: f64 = 1e-9;
const LINEAR: f64 = 1e-17;

/// With h this share of sigma exp(-t^2/2) is at most exp(0.04) times itself h before, wherever it
/// is not 0 in f64 (t < 39).
const LARGEST_SHARE: f64 = 1e-3;

#[inline(always)]
fn each(values: &mut [f64], function: impl Fn(f64) -> f64) {
    for value in values {
        *value = function(*value);
    }
}

/// t of a squared distance; beyond 1e150 the kernel is 0 to any precision, and squares would
/// overflow.
fn over(sigma: f64, squared: f64) -> f64 {
    (squared.sqrt() / sigma).min(1e150)
}

impl Shape {
    /// # Errors
    /// [`Error::NarrowBandwidth`], where U-centered values are so small that they have hardly a
    /// digit left.
    pub(crate) fn choose(
        name: &str,
        (squared, centering): (bool, Centering),
        ends: Extrema,
        features: &Features,
        sigma: f64,
    ) -> Result<Self, Error> {
        let squares = (number(ends.least), number(ends.greatest));
        let (least, greatest) = (over(sigma, squares.0), over(sigma, squares.1));
        let power_of = |t: f64| if squared { 0.5 * t * t } else { t };
        let highest = power_of(least);
        if centering == Centering::Unbiased && highest > LARGEST_LOGARITHM {
            let narrow = NarrowBandwidth { name: name.to_string(), share: 1.0 / least, logarithm: highest };
            return Err(Error::NarrowBandwidth(narrow));
        }
        // The mean squared distance is 2 |X|_F^2 / (n - 1): with most kernel values above 1/2, the
        // kernel minus 1 is what keeps digits.
        let typical = (2.0 * features.squared_norm() / (features.n() as f64 - 1.0)).sqrt() / sigma;
        let form = if greatest < if squared { LINEAR_IN_SQUARES } else { LINEAR } {
            Form::Linear { power: -exponent(greatest) }
        } else if power_of(typical) < 0.7 {
            Form::Shifted
        } else if centering == Centering::Unbiased && highest > 1.0 {
            Form::Raised { power: (highest / std::f64::consts::LN_2) as i64 }
        } else {
            Form::Plain
        };
        Ok(Self { squared, sigma, least: squares.0, greatest: squares.1, form })
    }

    /// Turns the squared distances of a tile into values of the kernel.
    pub(crate) fn apply(self, tile: &Tile, entries: &mut [f64]) {
        tile.diagonal_mut(entries).for_each(|value| *value = self.diagonal());
        vectorised(
            #[inline(always)]
            || {
                for (_, _, below) in tile.below_mut(entries) {
                    self.values(below);
                }
            },
        );
    }

    /// The same, with what the values are off by and how large they are; not of the linear form.
    pub(super) fn apply_with_errors(self, tile: &Tile, entries: &mut [f64], errors: &EntryErrors<'_>, centering: Centering) -> Squares {
        let mut squares = Squares::default();
        let inverse = 1.0 / self.sigma;
        let slope = if self.squared { 0.5 * inverse * inverse } else { inverse };
        let shift = if matches!(self.form, Form::Shifted) { 1.0 } else { 0.0 };
        each_column(
            tile,
            entries,
            #[inline(always)]
            |column, first, below, room| {
                if self.squared {
                    errors.of_squared(column, first, below, room);
                } else {
                    errors.of_lengths(column, first, below.iter().map(|d| d.sqrt()), room);
                }
                self.values(below);
                squares.add(below, room, OF_EXPONENTIAL, |value| (value + shift) * slope);
            },
        );
        tile.diagonal_mut(entries).for_each(|value| *value = self.diagonal());
        if centering == Centering::Double {
            squares.add_exact(tile.diagonal(entries).copied());
        }
        squares
    }

    /// What a value errs by of its own distance besides, relatively and over eps: by its exponent
    /// and what is added to that, each rounding half an eps. Of d they are the two of 1 / sigma and
    /// two products; of its root, each twice of d, the root, 1 / sigma and a product; where ln 2 is
    /// added, which is rounded, a product with it and the sum, no larger than the exponent each.
    ///
    /// None where an error of a distance, `of_differences` at the most beside its own rounding, is
    /// no small share of the bandwidth: a value then moves by more than its slope says.
    pub(super) fn of_exponents(self, of_differences: f64) -> Option<f64> {
        match self.form {
            Form::Plain | Form::Shifted => Some(if self.squared { 2.0 } else { 3.0 }),
            Form::Raised { .. } => Some(if self.squared { 3.5 } else { 6.0 }),
            Form::Linear { .. } => None,
        }
        .filter(|_| of_differences <= LARGEST_SHARE * self.sigma)
    }

    /// Turns squared distances into values.
    #[inline(always)]
    fn values(self, distances: &mut [f64]) {
        // Where the form is not linear, sigma is not so large that 1/sigma loses digits.
        let inverse = 1.0 / self.sigma;
        match (self.form, self.squared) {
            (Form::Plain, true) => each(distances, |d| exp(-0.5 * ((d * inverse) * inverse))),
            (Form::Plain, false) => each(distances, |d| exp(-(d.sqrt() * inverse))),
            (Form::Shifted, true) => each(distances, |d| exp_m1(-0.5 * ((d * inverse) * inverse))),
            (Form::Shifted, false) => each(distances, |d| exp_m1(-(d.sqrt() * inverse))),
            (Form::Raised { power }, squared) => {
                let raise = power as f64 * std::f64::consts::LN_2;
                if squared {
                    each(distances, |d| exp(-0.5 * ((d * inverse) * inverse) + raise));
                } else {
                    each(distances, |d| exp(-(d.sqrt() * inverse) + raise));
                }
            }
            (Form::Linear { power }, squared) => {
                let (a, b) = factors(power);
                let scaled = |d: f64| d.sqrt() / self.sigma * a * b;
                let power_of = |t: f64| if squared { -0.5 * t * t } else { -t };
                each(distances, |d| power_of(scaled(d)));
            }
        }
    }

    fn diagonal(self) -> f64 {
        match self.form {
            Form::Plain => 1.0,
            // U-centering does not look at it.
            Form::Shifted | Form::Linear { .. } | Form::Raised { .. } => 0.0,
        }
    }

    /// Values are those of [`Shape::apply`] times 2^exponent.
    pub(crate) fn exponent(self) -> i64 {
        match self.form {
            Form::Plain | Form::Shifted => 0,
            Form::Linear { power } => -power * if self.squared { 2 } else { 1 },
            Form::Raised { power } => -power,
        }
    }

    /// max |k'(t)| and max t |k'(t)| where the distances may be, each off by `error` at most, times
    /// the power of two of the form: how much a value moves with a distance, and with the
    /// bandwidth.
    pub(crate) fn slopes(self, around: &NearPeaks, error: f64) -> (f64, f64) {
        let (raise, scale) = match self.form {
            Form::Plain | Form::Shifted => (0.0, 1.0),
            Form::Raised { power } => (power as f64 * std::f64::consts::LN_2, 1.0),
            Form::Linear { power } => {
                let (a, b) = factors(power);
                (0.0, a * b)
            }
        };
        let k = |t: f64| (raise - if self.squared { 0.5 * t * t } else { t }).exp();
        let greatest = |peak: usize, function: &dyn Fn(f64) -> f64| around.greatest_of(peak, error, |d| function(over(self.sigma, d)));
        if self.squared {
            (greatest(0, &|t| k(t) * (t * scale) * scale), greatest(1, &|t| k(t) * (t * scale) * (t * scale)))
        } else {
            (k(over(self.sigma, (self.least.sqrt() - error).max(0.0).powi(2))) * scale, greatest(0, &|t| k(t) * (t * scale)))
        }
    }

    /// Whether no value between different examples is more than rounding beside the 1 of the
    /// diagonal.
    pub(crate) fn is_identity(self) -> bool {
        let mut nearest = [self.least];
        self.values(&mut nearest);
        matches!(self.form, Form::Plain) && nearest[0] <= f64::EPSILON
    }

    /// The largest magnitude of a value.
    pub(crate) fn largest(self) -> f64 {
        let value = |squared: f64| {
            let mut value = [squared];
            self.values(&mut value);
            value[0].abs()
        };
        match self.form {
            Form::Plain => 1.0,
            Form::Shifted | Form::Linear { .. } => value(self.greatest),
            // 2^power is known to eps power.
            Form::Raised { power } => value(self.least) * (1.0 + power as f64),
        }
    }
}
