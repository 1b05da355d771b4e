//! How a network is trained, as data.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The settings of a training run. The optimizer is AdamW.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regime {
    /// How often every training picture is seen.
    pub epochs: usize,
    /// Pictures a step. The pictures left over at the end of an epoch make a smaller step.
    pub batch: usize,
    /// The learning rate at the end of the warm-up, its highest value.
    pub learning_rate: f64,
    /// The share of all steps over which the learning rate climbs from 0 in a straight line.
    pub warm_up: f64,
    /// Decoupled weight decay, per unit of learning rate.
    pub weight_decay: f32,
    /// Each picture is shifted by up to this many pixels on each axis, zeros coming in.
    pub crop: usize,
    /// Each picture is mirrored left to right half of the time.
    pub flip: bool,
}

impl Regime {
    /// What `train` does unless told otherwise, and what the experiments on colour pictures do. At
    /// a third of this learning rate the first layers of some networks stay near where they began,
    /// and look like the layer before them in other networks: README.md of this crate says how it
    /// was chosen.
    pub const PICTURES: Self = Self { epochs: 15, batch: 128, learning_rate: 1e-2, warm_up: 0.1, weight_decay: 0.05, crop: 2, flip: true };

    /// For the digits: long, and with much weight decay, because layers of different networks come
    /// to agree only when training has gone on after the classes are learned. Digits are not
    /// mirrored.
    pub const DIGITS: Self = Self { epochs: 200, batch: 64, learning_rate: 1e-2, warm_up: 0.1, weight_decay: 0.3, crop: 1, flip: false };

    /// Says what is wrong with the settings.
    ///
    /// # Errors
    /// When a count is zero or a rate is not a finite number in its range.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::Regime(what));
        if self.epochs == 0 || self.batch == 0 {
            return wrong(format!("{} epochs of steps of {} pictures: both must be at least 1", self.epochs, self.batch));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return wrong(format!("learning rate {}: must be positive", self.learning_rate));
        }
        if !(0.0..=1.0).contains(&self.warm_up) {
            return wrong(format!("warm-up {}: a share of the steps, 0 to 1", self.warm_up));
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return wrong(format!("weight decay {}: must not be negative", self.weight_decay));
        }
        Ok(())
    }

    /// The steps of the whole run over `pictures` pictures.
    pub fn steps(&self, pictures: usize) -> usize {
        self.epochs * pictures.div_ceil(self.batch)
    }

    /// The learning rate of step `step` (counted from 0) of `steps`: a straight line from 0 to
    /// the peak, then half a cosine down to 0.
    pub fn learning_rate_at(&self, step: usize, steps: usize) -> f64 {
        let warm_up = self.warm_up * steps as f64;
        let done = step as f64 + 1.0;
        if done <= warm_up {
            return self.learning_rate * done / warm_up;
        }
        let share = (done - warm_up) / (steps as f64 - warm_up + 1.0);
        self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regime() -> Regime {
        Regime { epochs: 1, batch: 1, learning_rate: 2.0, warm_up: 0.25, weight_decay: 0.0, crop: 0, flip: false }
    }

    #[test]
    fn the_rate_climbs_to_its_peak_and_falls_to_nearly_zero() {
        let rates: Vec<f64> = (0..100).map(|step| regime().learning_rate_at(step, 100)).collect();
        assert!((rates[0] - 0.08).abs() < 1e-12);
        assert!((rates[24] - 2.0).abs() < 1e-12);
        assert!(rates[..25].is_sorted_by(|one, next| one < next));
        assert!(rates[24..].is_sorted_by(|one, next| one > next));
        // The last step still moves: its rate is small and not zero.
        assert!(rates[99] > 0.0 && rates[99] < 0.002);
    }

    #[test]
    fn warm_up_may_be_nothing_or_everything() {
        let none = Regime { warm_up: 0.0, ..regime() };
        let all = Regime { warm_up: 1.0, ..regime() };
        for step in 0..10 {
            assert!(none.learning_rate_at(step, 10) > 0.0);
            assert!((all.learning_rate_at(step, 10) - 0.2 * (step + 1) as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn impossible_settings_are_refused() {
        for regime in [
            Regime { epochs: 0, ..regime() },
            Regime { batch: 0, ..regime() },
            Regime { learning_rate: f64::NAN, ..regime() },
            Regime { warm_up: 1.5, ..regime() },
            Regime { weight_decay: -1.0, ..regime() },
        ] {
            assert!(regime.check().is_err(), "{regime:?}");
        }
        assert!(regime().check().is_ok());
    }
}
