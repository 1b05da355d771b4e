//! Networks and examples as the units that are drawn again, and the kinds that networks are of.

use std::str::FromStr;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::curve::normal_upper_tail;
use super::error::Error;
use super::interval::tails;

/// The fewest networks of a kind that stand for others of it: five have 126 different resamples.
pub const FEWEST_NETWORKS: usize = 5;

/// What an interval is over, and how it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Other networks: each network left out in its turn, Student's t with one degree of freedom
    /// less than networks of the kind (the jackknife of statistics of pairs, Arvesen 1969).
    Networks,
    /// Other networks: networks drawn within their kinds, with replacement (the bootstrap, Efron
    /// 1979). Of few networks its intervals hold the mean of the population less often than those
    /// of [`Units::Networks`].
    Bootstrap,
    /// Other examples: halves of the examples, the same networks.
    Examples,
    /// Both: the variances of [`Units::Networks`] and [`Units::Examples`] together. What networks
    /// and examples do to one another is in both of them, so that it is rather too much.
    Both,
}

impl Units {
    /// All of them, with the words that programs take.
    pub const ALL: [(&str, Self); 4] =
        [("networks", Self::Networks), ("bootstrap", Self::Bootstrap), ("examples", Self::Examples), ("both", Self::Both)];

    /// Whether an interval is over other networks.
    pub fn is_over_networks(self) -> bool {
        self != Self::Examples
    }

    /// Whether the pairs of networks are compared again on resamples of the examples.
    pub fn is_over_examples(self) -> bool {
        matches!(self, Self::Examples | Self::Both)
    }

    /// What a methods section says of it.
    pub fn sentence(self, count: usize, seed: u64, level: &str) -> String {
        let left_out = "from leaving out each network in its turn, with Student's t (Arvesen 1969)";
        let halves =
            format!("{count} halves of the examples drawn without replacement (seed {seed}; Politis and Romano 1994; Shao and Wu 1989)");
        let made = match self {
            Self::Networks => left_out.to_string(),
            Self::Bootstrap => format!(
                "percentiles of {count} bootstrap samples of the networks, drawn with replacement within their kinds, pairs of a network with its own copy left \
                 out (seed {seed}; Efron 1979), and expanded for the number of networks (Hesterberg 2015)"
            ),
            Self::Examples => format!("from {halves}"),
            Self::Both => format!("{left_out}, and the variance over {halves} added"),
        };
        format!("Intervals of mean similarities at the level {level} are {made}.")
    }
}

impl FromStr for Units {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(word, _)| *word == text).map(|(_, units)| *units);
        known.ok_or_else(|| format!("{text:?} is none of networks, bootstrap, examples, both"))
    }
}

/// Which kind each network is of: an architecture, a training set, a species.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds {
    names: Vec<String>,
    members: Vec<Vec<usize>>,
    pub(super) networks: usize,
}

impl Kinds {
    /// Kinds by the label of each network, in the order in which they come first.
    pub fn of_labels<S: AsRef<str>>(labels: &[S]) -> Self {
        let (mut names, mut members): (Vec<String>, Vec<Vec<usize>>) = Default::default();
        for (network, label) in labels.iter().enumerate() {
            let place = names.iter().position(|name| name == label.as_ref()).unwrap_or_else(|| {
                names.push(label.as_ref().to_string());
                members.push(Vec::new());
                names.len() - 1
            });
            members[place].push(network);
        }
        Self { names, members, networks: labels.len() }
    }

    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The networks of each kind.
    pub fn members(&self) -> &[Vec<usize>] {
        &self.members
    }
}

/// How intervals over networks are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitDraws {
    /// What is drawn again.
    pub units: Units,
    /// How often.
    pub count: usize,
    /// The seed.
    pub seed: u64,
    /// The level of the intervals.
    pub level: f64,
}

impl UnitDraws {
    /// Whether intervals can be had of these kinds, asked before anything is computed.
    ///
    /// # Errors
    /// [`Error::TooFewNetworks`], [`Error::Level`], [`Error::TooFewDraws`].
    pub fn check(&self, kinds: &Kinds) -> Result<(), Error> {
        for (kind, members) in kinds.names.iter().zip(&kinds.members) {
            let networks = members.len();
            if self.units.is_over_networks() && networks < FEWEST_NETWORKS {
                return Err(Error::TooFewNetworks { kind: kind.clone(), networks, needed: FEWEST_NETWORKS });
            }
            match self.units {
                Units::Networks | Units::Both => {
                    // Nothing is read off the draws but their spread.
                    tails(self.level, usize::MAX)?;
                }
                Units::Bootstrap | Units::Examples => {
                    self.tails(networks)?;
                }
            }
        }
        if self.units == Units::Both && self.count < 2 {
            return Err(Error::TooFewDraws { given: self.count, needed: 2, purpose: "a spread over resamples".to_string() });
        }
        Ok(())
    }

    /// The quantile of Student's distribution that an interval of so many networks goes to.
    pub(super) fn student(&self, networks: usize) -> f64 {
        let freedom = networks as f64 - 1.0;
        StudentsT::new(0.0, 1.0, freedom).expect("at least one degree of freedom").inverse_cdf(0.5 + self.level / 2.0)
    }

    /// The shares at the ends of an interval of so many networks. Percentiles of few networks are
    /// too narrow, by sqrt(k / (k - 1)) and by the normal quantile in the place of Student's: they
    /// are expanded by both (Hesterberg 2015).
    pub(super) fn tails(&self, networks: usize) -> Result<[f64; 2], Error> {
        let plain = tails(self.level, self.count)?;
        if self.units == Units::Examples {
            return Ok(plain);
        }
        let k = networks as f64;
        let tail = normal_upper_tail((k / (k - 1.0)).sqrt() * self.student(networks));
        let needed = (1.0 / tail * (1.0 - 1e-9)).ceil() as usize;
        if self.count < needed {
            let purpose = format!("an interval at the level {} over {networks} networks", self.level);
            return Err(Error::TooFewDraws { given: self.count, needed, purpose });
        }
        Ok([tail, 1.0 - tail])
    }
}
