//! Linear predictivity: the share of variance that a ridge regression predicts of examples that it
//! was not fitted to.
//!
//! # Definition
//! `y-from-x`. The n examples are divided into k folds. For each fold T, with R all examples
//! outside it, m_X and m_Y the means of X and Y over R, A and B the rows of X and Y in R less these
//! means:
//!
//! W_T = (A'A + lambda I)^-1 A'B with lambda = penalty |A|_F^2, and m_Y + (x_i - m_X) W_T is
//! predicted of an example i of T.
//!
//! The value is 1 - sum_i |y_i - prediction_i|^2 / sum_i |y_i - m_Y|^2, both sums over all
//! examples, each with the mean and the weights of the division that holds it out. `x-from-y`
//! exchanges the roles; `mean` is the mean of both.
//!
//! The penalty is a share of the predictor's variance: a principal direction that holds a share s
//! of it is shrunk by s / (s + penalty). In scikit-learn's words it is `Ridge(alpha=penalty *
//! |A|_F^2)` for each division, and `r2_score(multioutput="variance_weighted")` about the training
//! means.
//!
//! Folds are cut from an order of the examples, n / k each and the first n mod k of them with one
//! more: `contiguous` takes the order as it is, `interleaved` puts example i into fold i mod k, and
//! `shuffled` orders the examples by the first n outputs of SplitMix64 (Steele, Lea and Flood 2014)
//! seeded with `split-seed`, which a few lines give in any language.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths; n >= k, and n >= 4 where k = 2. In (-inf, 1\]: below 0 where
//! the mean of the training examples predicts better than the regression.
//!
//! # Invariances
//! Orthogonal maps, isotropic scaling and translation of both sides, because the penalty is
//! relative; no invertible linear map. Not symmetric, but for `mean`. The order of the examples
//! matters, though it is the same for both sides: it decides the folds.
//!
//! # Numerics
//! One Cholesky factorisation of A'A + lambda I for each fold, kept with the predictor; Gram
//! matrices are sums over the other folds about their own means, in which nothing cancels. Examples
//! of a wide representation stand in coordinates of their own. n l^2 + k l^3 / 3 operations to
//! prepare a predictor, l the lesser of n and p, and 3 n l m + 2 k l^2 m to compare it with m such
//! coordinates. The condition of A'A + lambda I is at most 1 + 1 / penalty. The bound on the error
//! is c(n, p) eps times what the unexplained share moves by: the held out responses by |E - u B|_F
//! |Yc|_F, the predictors by |E|_F |W|_F |Xc|_F, the weights by what the errors see of them
//! (derived in `linalg::ridge_gradient`), twice each over the total; and what products and factors
//! round.
//!
//! # Conventions that differ elsewhere
//! Brain-Score (Schrimpf et al. 2018) fits by partial least squares with 25 components and reports
//! the median over neurons of Pearson's correlation, over a noise ceiling; Yamins et al. 2014
//! alike. A correlation for each neuron depends on the axes of the fitted side and forgives a wrong
//! scale; R2 does neither. Packages differ in the unit of the penalty, and in whether the total is
//! about the training mean (here) or about that of the examples held out.
//!
//! # Errors
//! A constant representation; a predictor whose examples outside a fold are all the same. Resamples
//! with copies of examples, and the jackknife, are refused for this measure: see `inference`. It
//! needs every example by itself and does not stream.
//!
//! # References
//! Hoerl and Kennard 1970, equation 2.1; Stone 1974; Yamins et al. 2014; Schrimpf et al. 2018.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 4, 1, vec![1., 2., 3., 4.])?;
//! let y = Representation::from_row_major("y", 4, 1, vec![2., 4., 6., 8.])?;
//! let measure = Measure::parse("linear-predictivity:direction=y-from-x,folds=4,split=contiguous,penalty=1")?;
//! // One direction holds all of the variance: each fit takes half of the slope 2.
//! assert!((measure.compare(&x, &y)?.value - 0.75).abs() < 1e-14);
//! # Ok::<(), similitude::Error>(())
//! ```

use std::sync::Arc;

use crate::claims::{Claim, Claims, Direction, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::{ConstantTraining, Error};
use crate::key::{Key, Number, Values, choice};
use crate::linalg::folds::{FoldedExamples, Folds};
use crate::linalg::ridge::{Predicted, Ridge, Unfit, predict};
use crate::measure::{Definition, Outcome};
use crate::needs::{Artifact, Moments, Needs, Size, Terms};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};

choice! {
    /// Which representation is predicted from which.
    pub enum Target("direction", "which representation is predicted from which") {
        /// X is predicted from Y.
        #[default]
        XFromY = "x-from-y" => "the first representation predicted from the second",
        /// Y is predicted from X.
        YFromX = "y-from-x" => "the second representation predicted from the first",
        /// The mean of both, which is symmetric.
        Mean = "mean" => "the mean of both directions of prediction",
    }
}

choice! {
    /// How the examples are divided into folds.
    pub enum Split("split", "which examples are held out together") {
        /// By the order that SplitMix64 gives.
        #[default]
        Shuffled = "shuffled" => "folds of examples in the order of the outputs of SplitMix64",
        /// Neighbours: for examples that depend on those beside them.
        Contiguous = "contiguous" => "folds of consecutive examples",
        /// Every k-th example.
        Interleaved = "interleaved" => "every k-th example in one fold",
    }
}

const FOLDS: Key = Key {
    name: "folds",
    values: Values::Number(Number {
        default: Some(5.0),
        whole: true,
        expected: "a whole number from 2 to 1000000",
        valid: |folds| (2.0..=1e6).contains(&folds),
        tried: &[2.0, 5.0, 10.0],
    }),
    help: "how many folds are held out, one after the other",
};

const PENALTY: Key = Key {
    name: "penalty",
    values: Values::Number(Number {
        default: Some(1e-3),
        whole: false,
        expected: "a number from 1e-6 to 1e4, a share of the predictor's variance",
        valid: |penalty| (1e-6..=1e4).contains(&penalty),
        tried: &[1e-3, 1e-6, 0.1, 10.0],
    }),
    help: "lambda over the squared norm of the centered training examples of the predictor",
};

const SEED: Key = Key {
    name: "split-seed",
    values: Values::Number(Number {
        default: Some(0.0),
        whole: true,
        expected: "a whole number from 0 to 2^53",
        valid: |seed| (0.0..=9_007_199_254_740_992.0).contains(&seed),
        tried: &[0.0, 1.0],
    }),
    help: "with split=shuffled, the seed of SplitMix64",
};

/// Options of `linear-predictivity`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Which is predicted from which.
    pub direction: Target,
    /// How many folds, 2 or more.
    pub folds: usize,
    /// lambda over the squared norm of what is trained on.
    pub penalty: f64,
    /// How the examples are divided.
    pub split: Split,
    /// Of a shuffled division: its seed.
    pub seed: u64,
}

/// What is fixed about `linear-predictivity`.
pub static SPEC: Spec = Spec {
    id: "linear-predictivity",
    also: &[("predictivity", ""), ("neural-predictivity", ""), ("brain-score", ""), ("encoding-model", ""), ("ridge-regression", "")],
    short: "Linear predictivity",
    name: "cross-validated linear predictivity",
    formula: "y-from-x: 1 - sum_i |y_i - m_Y - (x_i - m_X) W|^2 / sum_i |y_i - m_Y|^2 over the k folds, W = (A'A + lambda I)^-1 A'B, lambda = penalty |A|_F^2, \
              with the means m, and A, B the centered rows, of the examples outside the fold of i; x-from-y exchanges X and Y; mean of both",
    citations: &[
        Citation { key: "hoerl1970ridge", place: "eq. 2.1 (the estimator)" },
        Citation { key: "stone1974cross", place: "section 2 (the division)" },
        Citation { key: "yamins2014performance", place: "neural predictivity" },
        Citation { key: "schrimpf2018brain", place: "neural predictivity" },
    ],
    keys: &[Target::KEY, FOLDS, PENALTY, Split::KEY, SEED],
    prepare_cost: "n l^2 + k l^3, l = min(n, p) (the predictor, k folds)",
    compare_cost: "n l m + k l^2 m, m = min(n, q)",
    conventions: &[
        "linear-predictivity:direction=x-from-y,folds=5,penalty=0.001,split=shuffled,split-seed=0",
        "linear-predictivity:direction=y-from-x,folds=2,penalty=0.1,split=interleaved",
        "linear-predictivity:direction=mean,folds=3,penalty=1e-6,split=contiguous",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        let (direction, folds) = (Target::read(keys)?, FOLDS.read_number(keys)? as usize);
        let (penalty, split) = (PENALTY.read_number(keys)?, Split::read(keys)?);
        let seed = if split == Split::Shuffled { SEED.read_number(keys)? as u64 } else { 0 };
        Ok(Self { direction, folds, penalty, split, seed })
    }

    /// The division of n examples.
    fn divided(&self, n: usize) -> Folds {
        let mut order: Vec<usize> = (0..n).collect();
        match self.split {
            Split::Contiguous => {}
            Split::Interleaved => order.sort_by_key(|example| example % self.folds),
            Split::Shuffled => {
                let mut state = self.seed;
                let outputs: Vec<u64> = (0..n).map(|_| split_mix(&mut state)).collect();
                order.sort_by_key(|example| (outputs[*example], *example));
            }
        }
        Folds::new(order, self.folds)
    }

    /// The fewest examples: one in each fold, and two outside each.
    fn least_examples(&self) -> usize {
        self.folds.max(if self.folds == 2 { 4 } else { 3 })
    }

    fn folded(&self, side: &Prepared) -> Result<Arc<FoldedExamples>, Error> {
        let key = format!("examples in {} folds, {:?}, seed {}", self.folds, self.split, self.seed);
        side.artifact(&key, || {
            let features = side.nonconstant()?;
            Ok(FoldedExamples::new(features.reduced()?, features.squared_norm().sqrt(), self.divided(side.n())))
        })
    }

    fn ridge(&self, side: &Prepared) -> Result<Arc<Ridge>, Error> {
        let key =
            format!("ridge regressions outside {} folds, {:?}, seed {}, penalty {:e}", self.folds, self.split, self.seed, self.penalty);
        side.artifact(&key, || {
            let folded = self.folded(side)?;
            Ridge::new(&folded, self.penalty).map_err(|unfit| match unfit {
                Unfit::Constant(fold) => Error::ConstantTraining(ConstantTraining {
                    name: side.name().to_string(),
                    fold: fold + 1,
                    folds: self.folds,
                    examples: folded.folds.outside(fold),
                }),
                Unfit::Indefinite(rows) => Error::NoConvergence { decomposition: "Cholesky factorisation", rows, columns: rows },
            })
        })
    }

    fn predicted(&self, predictor: &Prepared, response: &Prepared) -> Result<Predicted, Error> {
        let (predictors, responses) = (self.folded(predictor)?, self.folded(response)?);
        let ridge = self.ridge(predictor)?;
        Ok(predict(&predictors, &ridge, &responses))
    }

    /// Whether something is predicted from a representation with these partners.
    fn predicts(&self, partners: Partners) -> bool {
        match self.direction {
            Target::XFromY => partners.as_y,
            Target::YFromX => partners.as_x,
            Target::Mean => true,
        }
    }
}

/// The next output of SplitMix64 (Steele, Lea and Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        let mut convention =
            vec![self.direction.entry(), FOLDS.number(self.folds as f64), PENALTY.number(self.penalty), self.split.entry()];
        if self.split == Split::Shuffled {
            convention.push(SEED.number(self.seed as f64));
        }
        convention
    }

    fn properties(&self) -> Properties {
        Properties {
            direction: Direction::Similarity,
            range: Range::new(f64::NEG_INFINITY, 1.0),
            self_value: None,
            symmetry: if self.direction == Target::Mean { Claim::Holds } else { Claim::Fails },
            metric: false,
            minimum_examples: self.least_examples(),
            minimum_neurons: 1,
            claims: Claims::SIMILITUDE,
        }
    }

    fn needs(&self, partners: Option<Partners>) -> Needs {
        let folds = self.folds as f64;
        let examples = Artifact {
            key: format!("examples in {} folds, {:?}, seed {}", self.folds, self.split, self.seed),
            kept: Size { n_l: 8.0, ..Size::default() },
            preparing: Size::default(),
            // The products of each fold, their sum, predictions and errors.
            comparing: Size { l_m: 8.0 * (folds + 4.0), n_l: 8.0 / folds, n_p: 16.0 / folds, ..Size::default() },
            operations: Size { n_l_m: 3.0, ..Size::default() },
        };
        let fits = Artifact {
            key: format!(
                "ridge regressions outside {} folds, {:?}, seed {}, penalty {:e}",
                self.folds, self.split, self.seed, self.penalty
            ),
            kept: Size { l_l: 8.0 * folds, n_l: 16.0, ..Size::default() },
            preparing: Size { l_l: 8.0 * (folds + 1.0), ..Size::default() },
            comparing: Size::default(),
            operations: Size { n_l_l: 1.0, l_l: folds, ..Size::default() },
        };
        let mut artifacts = vec![examples];
        artifacts.extend(partners.is_none_or(|partners| self.predicts(partners)).then_some(fits));
        Needs {
            coordinates: true,
            artifacts,
            held_out: true,
            ..Needs::new(Moments::No("examples are held out of its fit and predicted one by one"), Terms::One)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        x.require_examples()?;
        if x.n() < self.least_examples() {
            return Ok(()); // The comparison says so.
        }
        self.folded(x)?;
        // Of one whose part is not known, only where it predicts.
        if x.partners().is_some_and(|partners| self.predicts(partners)) {
            self.ridge(x)?;
        }
        Ok(())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        // X before Y, so that the error names the one a person looks at first.
        for side in [pair.x(), pair.y()] {
            side.require_examples().and_then(|()| side.nonconstant())?;
        }
        let of_x = || self.predicted(pair.y(), pair.x());
        let of_y = || self.predicted(pair.x(), pair.y());
        let (predicted, diagnostics) = match self.direction {
            Target::XFromY => (of_x()?, Diagnostics::default()),
            Target::YFromX => (of_y()?, Diagnostics::default()),
            Target::Mean => {
                let (of_x, of_y) = (of_x()?, of_y()?);
                let mean = |x: f64, y: f64| 0.5 * (x + y);
                let diagnostics = Diagnostics::default().number("x_from_y", of_x.explained).number("y_from_x", of_y.explained);
                let predicted =
                    Predicted { explained: mean(of_x.explained, of_y.explained), condition: mean(of_x.condition, of_y.condition) };
                (predicted, diagnostics)
            }
        };
        Ok(Outcome { value: predicted.explained, condition: predicted.condition, diagnostics, ..Outcome::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(text: &str, n: usize) -> Vec<Vec<usize>> {
        let mut keys = Keys::parse(&format!("linear-predictivity:{text}")).unwrap().1;
        let folds = Options::parse(&mut keys).unwrap().divided(n);
        (0..folds.count()).map(|fold| folds.examples_of(fold).to_vec()).collect()
    }

    /// The first outputs for the seeds 0 and 1234567 as its authors' code prints them.
    #[test]
    fn split_mix_gives_its_published_outputs() {
        let mut state = 0;
        assert_eq!(split_mix(&mut state), 0xe220_a839_7b1d_cdaf);
        state = 1_234_567;
        assert_eq!([split_mix(&mut state), split_mix(&mut state)], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn every_division_holds_each_example_out_once() {
        assert_eq!(divided("split=contiguous,folds=3", 8), [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
        assert_eq!(divided("split=interleaved,folds=3", 8), [vec![0, 3, 6], vec![1, 4, 7], vec![2, 5]]);
        let shuffled = divided("folds=3,split-seed=7", 8);
        assert_eq!(shuffled.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2]);
        assert_ne!(shuffled, divided("folds=3,split-seed=8", 8));
        let mut all = shuffled.concat();
        all.sort_unstable();
        assert_eq!(all, (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn a_seed_belongs_to_a_shuffled_division_alone() {
        assert!(crate::Measure::parse("linear-predictivity:split=contiguous,split-seed=1").is_err());
        for refused in ["folds=1", "folds=2.5", "penalty=0", "penalty=-1", "penalty=1e5", "penalty=1e-7", "split-seed=-1", "split=random"] {
            assert!(crate::Measure::parse(&format!("linear-predictivity:{refused}")).is_err(), "{refused}");
        }
    }
}
