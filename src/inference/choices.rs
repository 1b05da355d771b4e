//! What a person chooses of inference, as words: one declaration that a program, its help and the
//! methods text share.

use std::fmt;
use std::str::FromStr;

use crate::measure::Measure;

use super::analytic::has_analytic;
use super::beside::CALIBRATED_AT;
use super::error::Error;
use super::interval::tails;
use super::jackknife::refuse_divided_anew;
use super::null::best;
use super::permutations::Scheme;
use super::resamples::{Resamples, Resampling};

/// Which null a score is put beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullChoice {
    /// So many permutations, drawn.
    Drawn(usize),
    /// The moments over all of them.
    Exact,
}

impl FromStr for NullChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse::<usize>()) {
            ("exact", _) => Ok(Self::Exact),
            (_, Ok(count)) if count >= 1 => Ok(Self::Drawn(count)),
            _ => Err(format!("{text:?} is neither a number of permutations, 1 or more, nor `exact`")),
        }
    }
}

impl fmt::Display for NullChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawn(count) => write!(f, "{count}"),
            Self::Exact => f.write_str("exact"),
        }
    }
}

/// How p-values of many pairs are adjusted for their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// By the null of the maximum over all pairs
    /// ([`FamilyNull::adjusted`](super::FamilyNull::adjusted)).
    Max,
    /// By the null of the maximum over each row
    /// ([`FamilyNull::adjusted_in_rows`](super::FamilyNull::adjusted_in_rows)).
    RowMax,
    /// [`holm`](super::holm)
    Holm,
    /// [`benjamini_hochberg`](super::benjamini_hochberg)
    BenjaminiHochberg,
}

/// How an interval is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalChoice {
    /// From halves of the examples.
    Halves,
    /// The percentile interval of bootstrap samples.
    Bootstrap,
    /// The bias-corrected and accelerated interval of bootstrap samples.
    Bca,
    /// From leaving out each example.
    Jackknife,
    /// The normal one with the standard error of an unbiased estimator.
    Analytic,
}

impl Adjustment {
    /// All of them, with the words that programs take.
    pub const ALL: [(&str, Self); 4] =
        [("max", Self::Max), ("row-max", Self::RowMax), ("holm", Self::Holm), ("bh", Self::BenjaminiHochberg)];
}

impl FromStr for Adjustment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        known(text, &Self::ALL)
    }
}

impl IntervalChoice {
    /// All of them, with the words that programs take.
    pub const ALL: [(&str, Self); 5] = [
        ("halves", Self::Halves),
        ("bootstrap", Self::Bootstrap),
        ("bca", Self::Bca),
        ("jackknife", Self::Jackknife),
        ("analytic", Self::Analytic),
    ];
}

impl FromStr for IntervalChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        known(text, &Self::ALL)
    }
}

fn known<T: Copy>(text: &str, all: &[(&str, T)]) -> Result<T, String> {
    let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
    all.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| format!("{text:?} is none of {}", words.join(", ")))
}

impl NullChoice {
    /// What a methods section says of it.
    pub fn sentence(self, scheme: &Scheme, seed: u64) -> String {
        match self {
            Self::Drawn(count) => format!(
                "Each value was compared with those of {count} {} of the examples of the second representation ({}, seed {seed}); p is (b + 1) / \
                 ({count} + 1), b of them at least as alike (Phipson and Smyth 2010), and never below {:.2e}.",
                if count == 1 { "permutation" } else { "permutations" },
                scheme.describe(),
                1.0 / (count as f64 + 1.0)
            ),
            Self::Exact => "Each value was compared with its mean, variance and third moment over all n! permutations of the examples, computed without drawing \
                            any (Kazi-Aoual et al. 1995; Josse, Pages and Husson 2008); p is approximately that of Pearson's type III curve with these \
                            moments, and of up to 7 examples that of all orders."
                .to_string(),
        }
    }

    /// Refuses an adjustment that this null has nothing for: of moments there is no maximum.
    ///
    /// # Errors
    /// [`Error::MaximumOfMoments`].
    pub fn check_adjustment(self, adjustment: Option<Adjustment>) -> Result<(), Error> {
        match (self, adjustment) {
            (Self::Exact, Some(Adjustment::Max | Adjustment::RowMax)) => Err(Error::MaximumOfMoments),
            _ => Ok(()),
        }
    }

    /// What a methods section says of calibrated scores: nothing where none of the measures has a
    /// best value, or where so few permutations have no p = 0.05.
    pub fn calibration(self, measures: &[Measure]) -> Option<String> {
        if matches!(self, Self::Drawn(count) if 1.0 / (count as f64 + 1.0) > CALIBRATED_AT) {
            return None;
        }
        let with: Vec<&Measure> = measures.iter().filter(|measure| best(&measure.properties()).is_some()).collect();
        let of = match with.len() {
            0 => return None,
            all if all == measures.len() => String::new(),
            _ => format!(" of {}", with.iter().map(|measure| measure.spec().name).collect::<Vec<_>>().join(", of ")),
        };
        Some(format!("The calibrated score{of} is (s - c) / (best - c), c the value that p = {CALIBRATED_AT} passes."))
    }
}

impl Adjustment {
    /// What a methods section says of it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Max => {
                "P-values were adjusted for the number of layer pairs by the step-down null of the largest standardised value, the same permutations for all \
                 pairs (Westfall and Young 1993)."
            }
            Self::RowMax => {
                "For each layer of the first network p-values were adjusted for the number of layers of the second by the step-down null of the largest \
                 standardised value, the same permutations for all pairs (Westfall and Young 1993)."
            }
            Self::Holm => "P-values were adjusted for the number of layer pairs by Holm's procedure (Holm 1979).",
            Self::BenjaminiHochberg => {
                "P-values were adjusted for the number of layer pairs by the false discovery rate (Benjamini and Hochberg 1995)."
            }
        }
    }
}

impl IntervalChoice {
    /// Whether there is such an interval, whatever the examples.
    ///
    /// # Errors
    /// [`Error::Level`], [`Error::TooFewDraws`].
    pub fn check(self, resamples: usize, level: f64) -> Result<(), Error> {
        let draws = match self {
            Self::Halves | Self::Bootstrap | Self::Bca => resamples,
            Self::Jackknife | Self::Analytic => usize::MAX,
        };
        tails(level, draws).map(|_| ())
    }

    /// Whether a measure has such an interval.
    ///
    /// # Errors
    /// [`Error::HeldOut`], [`Error::NotUnbiased`].
    pub fn check_measure(self, measure: &Measure) -> Result<(), Error> {
        match self {
            Self::Halves => Ok(()),
            Self::Bootstrap => Resamples::new(1, 0).by(Resampling::Bootstrap).suit(measure),
            Self::Bca => Self::Bootstrap.check_measure(measure).and_then(|()| Self::Jackknife.check_measure(measure)),
            Self::Jackknife => refuse_divided_anew(measure),
            Self::Analytic => has_analytic(measure),
        }
    }

    /// What a methods section says of it.
    pub fn sentence(self, resamples: usize, seed: u64, level: f64) -> String {
        let level = 100.0 * level;
        match self {
            Self::Halves => format!(
                "Intervals at {level} % are from {resamples} halves of the examples drawn without replacement (seed {seed}; Politis and Romano 1994; Shao and \
                 Wu 1989)."
            ),
            Self::Bootstrap => format!(
                "Intervals at {level} % are percentiles of {resamples} bootstrap samples of the examples (seed {seed}; Efron 1979)."
            ),
            Self::Bca => format!(
                "Intervals at {level} % are bias-corrected and accelerated, from {resamples} bootstrap samples of the examples (seed {seed}; Efron 1987)."
            ),
            Self::Jackknife => format!("Intervals at {level} % are from the jackknife over examples, with Student's t (Tukey 1958)."),
            Self::Analytic => format!(
                "Intervals at {level} % are normal ones with the asymptotic standard error of the U-statistics that the score is made of (Hoeffding 1948)."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_is_a_number_or_exact() {
        let parse = |text: &str| text.parse::<NullChoice>();
        assert_eq!((parse("1000"), parse("exact")), (Ok(NullChoice::Drawn(1000)), Ok(NullChoice::Exact)));
        for text in ["0", "-1", "1e3", "all", ""] {
            assert!(parse(text).unwrap_err().contains("exact"), "{text}");
        }
        assert_eq!([NullChoice::Drawn(9), NullChoice::Exact].map(|choice| choice.to_string()), ["9", "exact"]);
    }

    #[test]
    fn words_are_read_back() {
        for (word, choice) in IntervalChoice::ALL {
            assert_eq!(word.parse(), Ok(choice));
        }
        for (word, choice) in Adjustment::ALL {
            assert_eq!(word.parse(), Ok(choice));
        }
        assert_eq!("Bca".parse::<IntervalChoice>(), Err("\"Bca\" is none of halves, bootstrap, bca, jackknife, analytic".to_string()));
    }

    #[test]
    fn sentences_hold_the_numbers() {
        let drawn = NullChoice::Drawn(999).sentence(&Scheme::Free, 7);
        assert!(["999 permutations", "seed 7", "1.00e-3", "all orders"].iter().all(|part| drawn.contains(part)), "{drawn}");
        assert!(NullChoice::Exact.sentence(&Scheme::Free, 7).contains("type III"));
        let [cka, hsic] = ["cka", "hsic"].map(|text| Measure::parse(text).unwrap());
        let of = |null: NullChoice, measures: &[&Measure]| null.calibration(&measures.iter().map(|one| (*one).clone()).collect::<Vec<_>>());
        // HSIC has no best value, and 18 permutations have no p = 0.05.
        assert_eq!((of(NullChoice::Exact, &[&hsic]), of(NullChoice::Drawn(18), &[&cka])), (None, None));
        assert!(of(NullChoice::Drawn(19), &[&cka]).unwrap().starts_with("The calibrated score is "));
        assert!(of(NullChoice::Exact, &[&cka, &hsic]).unwrap().starts_with("The calibrated score of centered kernel alignment is "));
        assert!(IntervalChoice::Halves.sentence(500, 3, 0.9).starts_with("Intervals at 90 % are from 500 halves"));
        assert!(Adjustment::Max.sentence().contains("Westfall"));
    }
}
