//! One case: our time, the rate of a product, and somebody else's time, in turns.

use std::path::Path;

use similitude::Measure;

use crate::report::Line;
use crate::timing::{awake, median};
use crate::{Failure, Run};

/// Medians of one case.
pub struct Medians {
    /// Seconds.
    ours: f64,
    /// Operations a second of a product.
    rate: f64,
    /// Seconds of the other one, where there is one.
    theirs: Option<f64>,
}

impl Medians {
    /// Takes the times of all of them, round after round.
    /// `theirs` answers none where there is nobody to ask.
    pub fn of(
        run: &mut Run,
        ours: impl Fn() -> Result<f64, Failure>,
        rate: impl Fn() -> f64,
        theirs: impl Fn(&mut Run) -> Result<Option<f64>, Failure>,
    ) -> Result<Self, Failure> {
        let (mut our_times, mut rates, mut their_times) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..run.rounds {
            awake();
            our_times.push(ours()?);
            awake();
            rates.push(rate());
            their_times.extend(theirs(run)?);
        }
        let theirs = (!their_times.is_empty()).then(|| median(their_times));
        Ok(Self { ours: median(our_times), rate: median(rates), theirs })
    }

    /// A line of the report about the other one.
    ///
    /// # Panics
    /// When there is none.
    pub fn other(&self, group: &'static str, what: String, shape: String, operations: Option<f64>, words: &str) -> Line {
        let ours = self.theirs.expect("the other one was timed");
        Self { ours, rate: self.rate, theirs: None }.line(group, what, shape, operations, words, "")
    }

    /// A line of the report: operations and what they are, and who the other one is.
    pub fn line(&self, group: &'static str, what: String, shape: String, operations: Option<f64>, words: &str, peer: &str) -> Line {
        Line {
            group: group.to_string(),
            what,
            shape,
            seconds: self.ours,
            arithmetic: words.to_string(),
            to_bound: operations.map(|operations| self.ours / (operations / self.rate)),
            speedup: self.theirs.map(|theirs| theirs / self.ours),
            peer: self.theirs.map_or(String::new(), |_| peer.to_string()),
        }
    }
}

impl Run {
    /// Seconds of numpy's function of this name, for x.npy and y.npy in a directory.
    /// None without numpy or without a name.
    pub fn numpy(&mut self, name: Option<&str>, measure: &Measure, files: &Path) -> Result<Option<f64>, Failure> {
        let (Some(numpy), Some(name)) = (&mut self.peer, name) else { return Ok(None) };
        numpy.seconds(name, &measure.to_string(), &files.join("x.npy"), &files.join("y.npy")).map(Some)
    }
}
