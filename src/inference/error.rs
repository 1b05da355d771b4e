//! Why there is no answer, with the numbers that a person needs to mend it.

use crate::error::Error as MeasureError;

/// Why a null, an interval or a comparison cannot be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
pub enum Error {
    /// The measure has no value on the representations as they are.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// The measure has no value on some resample.
    #[error("{what}, number {number} (counted from 0) of {count}, seed {seed}: {cause}. {remedy}")]
    Resample {
        /// Permutation, bootstrap sample, half of the examples, ...
        what: &'static str,
        /// Which, counted from 0.
        number: usize,
        /// How many were asked for.
        count: usize,
        /// The seed that they are drawn from.
        seed: u64,
        /// Why it has none.
        cause: Box<MeasureError>,
        /// What can be done.
        remedy: &'static str,
    },
    /// Resamples that a measure which holds examples out of its fit has no honest value on.
    #[error(
        "{measure} holds examples out of its fit, and {resampling}: take halves of the examples (--interval halves), which are divided anew"
    )]
    HeldOut {
        /// The measure with its full convention.
        measure: String,
        /// What is wrong with the resamples.
        resampling: &'static str,
    },
    /// Rows that are positions, of some examples more than of others.
    #[error(
        "the {n} rows are positions, of some examples more than of others: whole examples cannot change places or be left out. Pool the positions \
         (--spatial mean, or spatial=\"mean\" in Python)"
    )]
    UnequalPositions {
        /// Rows.
        n: usize,
    },
    /// What is not known of rows that are positions of examples.
    #[error(
        "{what} would take {rows} positions of each of {examples} examples for examples of their own, and they depend on each other: draw \
         permutations (--null 1000) or halves (--interval halves), which take whole examples, or pool the positions (--spatial mean)"
    )]
    OfPositions {
        /// What.
        what: &'static str,
        /// Examples.
        examples: usize,
        /// Rows of one.
        rows: usize,
    },
    /// Not one label for each example.
    #[error("{labels} labels for {n} examples: each example needs one")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Examples.
        n: usize,
    },
    /// No permutation but the one that changes nothing.
    #[error("nothing to permute: {labels} labels on {n} examples leave each where it is ({scheme}); labels must be shared by examples")]
    NothingToPermute {
        /// The scheme in words.
        scheme: &'static str,
        /// Different labels.
        labels: usize,
        /// Examples.
        n: usize,
    },
    /// Blocks of different sizes cannot change places.
    #[error(
        "the blocks labelled {first} and {other} have {first_size} and {other_size} examples: only blocks of one size can change places. \
         Drop examples, or permute within the blocks"
    )]
    UnequalBlocks {
        /// A label.
        first: usize,
        /// Its examples.
        first_size: usize,
        /// Another.
        other: usize,
        /// Its examples.
        other_size: usize,
    },
    /// Too few draws for what is asked of them.
    #[error("{given} draws are too few for {purpose}: at least {needed} are needed (--resamples of an interval, --null of a test)")]
    TooFewDraws {
        /// Draws asked for.
        given: usize,
        /// The least number.
        needed: usize,
        /// For what.
        purpose: String,
    },
    /// A level that is no share between 0 and 1.
    #[error("the level {level} is not between 0 and 1 (0.05 of a test, 0.95 of an interval)")]
    Level {
        /// The level.
        level: f64,
    },
    /// More permutations than fit into 32-bit row numbers.
    #[error("{n} examples: permutations are kept in 32 bits, for at most {most}")]
    TooManyExamples {
        /// Examples.
        n: usize,
        /// The largest number.
        most: usize,
    },
    /// The moments over all permutations are not known.
    #[error(
        "{measure} is not one inner product of matrices between examples, so that its moments over all permutations are not known: draw \
         permutations instead (--null 1000)"
    )]
    NotAnInnerProduct {
        /// The measure with its full convention.
        measure: String,
    },
    /// A standard error is known of U-statistics alone.
    #[error(
        "{measure} is not made of unbiased statistics of examples four by four, of which the standard error is known: those are debiased CKA, \
         unbiased HSIC and corrected distance correlation, with kernels that see two examples at a time (linear, a fixed bandwidth, center=no). \
         Take --interval jackknife or halves"
    )]
    NotUnbiased {
        /// The measure with its full convention.
        measure: String,
    },
    /// The permutation distribution has one value.
    #[error("{measure}: every permutation of {n} examples gives {value} within rounding, so that nothing can be more than chance")]
    ConstantNull {
        /// The measure with its full convention.
        measure: String,
        /// Examples.
        n: usize,
        /// The value.
        value: f64,
    },
    /// A bootstrap distribution that does not surround the value.
    #[error(
        "BCa: all {count} bootstrap values are on one side of the value {value}, so that its bias correction is infinite; take the percentile \
         interval, or halves of the examples"
    )]
    OneSided {
        /// Values.
        count: usize,
        /// The value on all examples.
        value: f64,
    },
    /// A group number that does not divide the examples.
    #[error("{groups} groups of {n} examples: 2 to {n} are possible")]
    Groups {
        /// Asked for.
        groups: usize,
        /// Examples.
        n: usize,
    },
    /// No representation to choose among.
    #[error("{what}: {given} given, at least {needed} are needed")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// How many were given.
        given: usize,
        /// The least number.
        needed: usize,
    },
    /// Too few networks of a kind to stand for others of it.
    #[error(
        "kind {kind}: {networks} networks, and at least {needed} of each kind stand for other networks. Give more networks, join kinds (--kinds), or take \
         the interval over other examples (--interval examples)"
    )]
    TooFewNetworks {
        /// The kind.
        kind: String,
        /// Its networks.
        networks: usize,
        /// The least number.
        needed: usize,
    },
    /// The measure compares no dissimilarities.
    #[error(
        "{measure} compares no dissimilarities, and the noise ceiling of Nili et al. (2014) is the similarity with the mean of these: rsa has it. The mean \
         similarity of networks of one kind (networks --kinds) is a ceiling by any measure"
    )]
    NoMeanDissimilarities {
        /// The measure with its full convention.
        measure: String,
    },
    /// A p-value that is none.
    #[error("p-value {number} (counted from 0) is {p}: p-values are 0 to 1")]
    PValue {
        /// Which, counted from 0.
        number: usize,
        /// The value.
        p: f64,
    },
    /// The null of the largest value, by moments.
    #[error(
        "the moments of each pair over all permutations say nothing of the largest value of all pairs: draw permutations (--null 1000), or --adjust holm"
    )]
    MaximumOfMoments,
    /// Values of fewer examples that do not say what more examples would give.
    #[error(
        "the values of subsets of {n} examples are up to {misfit:.2e} from any curve a + b/n, so that their limit is not known to within \
         {tolerance}: more examples, or a measure without bias (estimator=debiased), say more"
    )]
    LimitUnknown {
        /// How far the best curve is from the values.
        misfit: f64,
        /// How well the limit was to be known.
        tolerance: f64,
        /// Examples.
        n: usize,
    },
    /// An end was asked for ([`Stop`](super::Stop)).
    #[error("stopped before all draws were made")]
    Stopped,
}

impl Error {
    /// Whether it concerns one measure on these data, and others may have an answer.
    pub fn is_of_measure(&self) -> bool {
        matches!(
            self,
            Self::Measure(_)
                | Self::Resample { .. }
                | Self::HeldOut { .. }
                | Self::NotAnInnerProduct { .. }
                | Self::NotUnbiased { .. }
                | Self::ConstantNull { .. }
                | Self::OneSided { .. }
        )
    }
}
