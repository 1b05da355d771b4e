//! Networks and examples as the units that are drawn again, and the kinds that networks are of.

use std::str::FromStr;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::curve::normal_upper_tail;
use super::error::Error;
use super::interval::tails;

/// The fewest networks of a kind that stand for others of it: five have 126 different resamples.
pub const FEWEST_NETWORKS: usize = 5;

/// What is drawn again for an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Networks, within their kinds, with replacement: an interval over other networks.
    Networks,
    /// Halves of the examples, the same networks: an interval over other examples.
    Examples,
    /// Both at once (the pigeonhole bootstrap, Owen 2007).
    Both,
}

impl Units {
    /// All of them, with the words that programs take.
    pub const ALL: [(&str, Self); 3] = [("networks", Self::Networks), ("examples", Self::Examples), ("both", Self::Both)];

    /// What a methods section says of it.
    pub fn sentence(self, count: usize, seed: u64, level: &str) -> String {
        let of_networks = "networks, drawn with replacement within their kinds, pairs of a network with its own copy left out";
        let drawn = match self {
            Self::Networks => format!("{count} bootstrap samples of the {of_networks} (seed {seed}; Efron 1979)"),
            Self::Examples => {
                format!("{count} halves of the examples drawn without replacement (seed {seed}; Politis and Romano 1994; Shao and Wu 1989)")
            }
            Self::Both => format!(
                "{count} bootstrap samples of the {of_networks}, each on a half of the examples of its own (seed {seed}; Owen 2007)"
            ),
        };
        let expanded = if self == Self::Examples { "" } else { "; percentiles were expanded for the number of networks (Hesterberg 2015)" };
        format!("Intervals of mean similarities at the level {level} are from {drawn}{expanded}.")
    }
}

impl FromStr for Units {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(word, _)| *word == text).map(|(_, units)| *units);
        known.ok_or_else(|| format!("{text:?} is none of networks, examples, both"))
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
        let is_of_networks = self.units != Units::Examples;
        for (kind, members) in kinds.names.iter().zip(&kinds.members) {
            let networks = members.len();
            if is_of_networks && networks < FEWEST_NETWORKS {
                return Err(Error::TooFewNetworks { kind: kind.clone(), networks, needed: FEWEST_NETWORKS });
            }
            self.tails(networks)?;
        }
        Ok(())
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
        let t = StudentsT::new(0.0, 1.0, k - 1.0).expect("at least one degree of freedom").inverse_cdf(0.5 + self.level / 2.0);
        let tail = normal_upper_tail((k / (k - 1.0)).sqrt() * t);
        let needed = (1.0 / tail).ceil() as usize;
        if self.count < needed {
            let purpose = format!("an interval at the level {} over {networks} networks", self.level);
            return Err(Error::TooFewDraws { given: self.count, needed, purpose });
        }
        Ok([tail, 1.0 - tail])
    }
}
