//! Representational similarity analysis: how two matrices of dissimilarities between examples
//! compare.
//!
//! # Definition
//! The dissimilarity of each pair of examples i < j (`rdm`): |x_i - x_j|^2 (`squared-euclidean`),
//! |x_i - x_j| (`euclidean`), 1 - Pearson's correlation of the two examples over the neurons
//! (`correlation`), 1 - their cosine (`cosine`). The m = n(n-1)/2 dissimilarities r of X and s of Y
//! are compared (`compare`) by Pearson's correlation, or Spearman's, of their mid-ranks. Kendall's
//! tau-a is (C - D) / m0, C concordant and D discordant of the m0 = m(m-1)/2 pairs; tau-b is (C -
//! D) / sqrt((m0 - t_r)(m0 - t_s)), t tied pairs. The cosine is r's / (|r| |s|). The whitened
//! cosine is r'V^-1 s / sqrt(r'V^-1 r s'V^-1 s), V the covariance of errors of dissimilarities. It
//! is the cosine of the doubly centered matrices: of squared Euclidean dissimilarities that is
//! linear CKA, of Euclidean ones the square of the distance correlation.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths (`correlation` p >= 2); n >= 3. In \[-1, 1\]; `cosine` and
//! `whitened-cosine` in \[0, 1\].
//!
//! # Invariances
//! All comparisons are blind to the scale of dissimilarities. Euclidean ones: orthogonal maps,
//! isotropic scaling, translation, zero neurons. `cosine`: the same but translation. `correlation`:
//! permutations of neurons and isotropic scaling only.
//!
//! # Numerics
//! Distances from a product of n^2 p/2 operations, of examples brought to unit length for
//! `correlation` and `cosine`, so that 1 - r keeps its digits; again from differences where they
//! cancel. Ranks by sorting, Kendall's tau by merging (m log m). Where rounding does not decide the
//! order of some dissimilarities, exact arithmetic on the entries does (expansions, Shewchuk 1997),
//! ties included; of more than 20,000 of them, `undecided` in the diagnostics is what the value may
//! be off, and part of the bound.
//!
//! # Conventions that differ elsewhere
//! Some programs divide squared distances by p, call tau-b Kendall's tau, or answer 0 where all
//! dissimilarities are equal. 1 - r computed by subtraction breaks exact ties, which changes rank
//! correlations.
//!
//! `rdm` says nothing of a side whose dissimilarities were given; of two of them it is `given`.
//!
//! # Errors
//! Fewer than 3 examples; an example of norm 0 (`cosine`) or the same value in all neurons
//! (`correlation`); dissimilarities that are all equal, or all 0.
//!
//! # References
//! Kriegeskorte et al. 2008; Nili et al. 2014 (tau-a); Diedrichsen et al. 2021 (whitened); Knight
//! 1966 (the merge).
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 4, 1, vec![0., 1., 3., 7.])?;
//! let y = Representation::from_row_major("y", 4, 1, vec![0., 2., 5., 11.])?;
//! assert_eq!(Measure::parse("rsa:rdm=euclidean,compare=spearman")?.compare(&x, &y)?.value, 1.0);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::arrays::gram::Gram;
use crate::arrays::sums::sum_of_squares;
use crate::claims::{Claim, Claims, Direction, FAILS, Properties, Range};
use crate::convention::{Convention, Keys, canonical};
use crate::error::{Error, GivenError};
use crate::gram::dissimilarities::{Dissimilarities, pairs, unit_examples};
use crate::gram::entry_errors::EntryErrors;
use crate::gram::exact::{Key as ExactKey, Kind};
use crate::gram::ranks::Ranks;
use crate::key::choice;
use crate::measure::{Definition, Outcome};
use crate::needs::{Artifact, Moments, Needs, Size, Terms};
use crate::prepared::between::InnerProducts;
use crate::prepared::compared::{Compared, Form, OF_TAU, doubly_centered, from_mean, mean};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::representation::{Entries, Representation};
use crate::spec::{Citation, Spec};
use crate::tolerance::{EPS, nothing as least_seen, rounding};

choice! {
    /// The dissimilarity of two examples.
    pub enum Dissimilarity("rdm", "the dissimilarity of two examples") {
        /// 1 - Pearson's correlation over the neurons
        #[default]
        Correlation = "correlation" => "dissimilarities 1 - r, r Pearson's correlation of two examples over the neurons",
        /// |x_i - x_j|^2
        SquaredEuclidean = "squared-euclidean" => "squared Euclidean distances between examples",
        /// |x_i - x_j|
        Euclidean = "euclidean" => "Euclidean distances between examples",
        /// 1 - cosine
        Cosine = "cosine" => "dissimilarities 1 - cos of two examples as they are, not centered",
        /// Computed elsewhere ([`Representation::into_rdm`](crate::Representation::into_rdm)).
        Given = "given" => "dissimilarities that were given",
    }
}

choice! {
    /// How two rows of dissimilarities are compared.
    pub enum Comparison("compare", "how the dissimilarities of X and of Y are compared") {
        /// Spearman's rank correlation, ties at their mean rank.
        #[default]
        Spearman = "spearman" => "compared by Spearman's rank correlation (ties at their mean rank)",
        /// Pearson's correlation.
        Pearson = "pearson" => "compared by Pearson's correlation",
        /// Kendall's tau-a.
        TauA = "kendall-a" => "compared by Kendall's tau-a",
        /// Kendall's tau-b.
        TauB = "kendall-b" => "compared by Kendall's tau-b",
        /// The cosine.
        Cosine = "cosine" => "compared by their cosine",
        /// The cosine whitened by the covariance of errors.
        WhitenedCosine = "whitened-cosine" => "compared by their cosine, whitened by the covariance of errors of dissimilarities",
    }
}

/// Options of `rsa`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// The dissimilarity.
    pub rdm: Dissimilarity,
    /// The comparison.
    pub comparison: Comparison,
}

/// What is fixed about `rsa`.
pub static SPEC: Spec = Spec {
    id: "rsa",
    also: &[("rdm", ""), ("representational-similarity-analysis", "")],
    short: "RSA",
    name: "representational similarity analysis",
    formula: "the correlation, rank correlation or cosine of the dissimilarities between all pairs of examples of X with those of Y",
    citations: &[
        Citation { key: "kriegeskorte2008representational", place: "the matrices and Spearman's correlation" },
        Citation { key: "nili2014toolbox", place: "tau-a" },
        Citation { key: "diedrichsen2021comparing", place: "the whitened cosine" },
    ],
    keys: &[Dissimilarity::KEY, Comparison::KEY],
    prepare_cost: "n^2 p + n^2 log n",
    compare_cost: "n^2; kendall n^2 log n",
    conventions: &[
        "rsa:rdm=correlation,compare=spearman",
        "rsa:rdm=squared-euclidean,compare=pearson",
        "rsa:rdm=euclidean,compare=spearman",
        "rsa:rdm=euclidean,compare=kendall-a",
        "rsa:rdm=squared-euclidean,compare=kendall-b",
        "rsa:rdm=squared-euclidean,compare=whitened-cosine",
        "rsa:rdm=correlation,compare=pearson",
        "rsa:rdm=correlation,compare=whitened-cosine",
        "rsa:rdm=cosine,compare=cosine",
        "rsa:rdm=cosine,compare=kendall-b",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self { rdm: Dissimilarity::read(keys)?, comparison: Comparison::read(keys)? })
    }

    /// Whether it looks at the examples as they are: for angles, and for exact ties.
    fn is_raw(self) -> bool {
        matches!(self.rdm, Dissimilarity::Correlation | Dissimilarity::Cosine) || self.is_ranked() && self.rdm != Dissimilarity::Given
    }

    /// Whether it sees a constant added to all dissimilarities.
    fn sees_mean(self) -> bool {
        matches!(self.comparison, Comparison::Cosine | Comparison::WhitenedCosine)
    }

    /// Whether it compares ranks: ties are then decided exactly, from the examples as they are.
    fn is_ranked(self) -> bool {
        matches!(self.comparison, Comparison::Spearman | Comparison::TauA | Comparison::TauB)
    }

    fn kind(self) -> Kind {
        match self.rdm {
            Dissimilarity::SquaredEuclidean | Dissimilarity::Euclidean | Dissimilarity::Given => Kind::Euclidean,
            Dissimilarity::Correlation => Kind::Correlation,
            Dissimilarity::Cosine => Kind::Cosine,
        }
    }

    fn key(self) -> String {
        if self.is_ranked() {
            // All rank comparisons share one, and ranks do not see a square.
            return format!("ranks of dissimilarities {:?}", self.kind());
        }
        format!("dissimilarities {} {}", self.rdm.as_str(), self.comparison.as_str())
    }

    fn compared(self, x: &Prepared) -> Result<Compared, Error> {
        if let Some(given) = x.centered().dissimilarities() {
            return self.of_given(x, given);
        }
        x.nonconstant()?;
        let raw = |from_mean: bool, error: &dyn Fn(usize) -> Error| {
            let features = x.uncentered()?;
            let examples = unit_examples(features, from_mean).map_err(error)?;
            Ok((examples.distances()?, examples.movement, examples.unit))
        };
        let name = || x.name().to_string();
        let (distances, movement, length) = match self.rdm {
            Dissimilarity::Cosine => raw(false, &|row| Error::ZeroExample { name: name(), row, is_zero: "is zero" })?,
            Dissimilarity::Correlation => raw(true, &|row| Error::ConstantExample { name: name(), row, p: x.p() })?,
            Dissimilarity::SquaredEuclidean | Dissimilarity::Euclidean => {
                (Dissimilarities::new(x.centered())?, x.centered().squared_norm().sqrt(), 0.0)
            }
            Dissimilarity::Given => return Err(self.not_given(x)),
        };
        let lengths: Vec<f64> = distances.pairs().map(|(_, _, squared)| squared.max(0.0).sqrt()).collect();
        // An angle below rounding is none: 1 - cos is half its square.
        let nothing = std::f64::consts::SQRT_2 * least_seen(x.n(), x.p()) * length;
        let greatest = self.greatest(x, &lengths, nothing)?;
        // |d|x_i - x_j|| is at most sqrt 2 of what all examples move, and the sum of its squares n
        // times that.
        let moved = (x.n() as f64).sqrt() * movement;
        if self.is_ranked() {
            let pairs: Vec<(usize, usize)> = distances.pairs().map(|(i, j, _)| (i, j)).collect();
            let (kind, raw) = (self.kind(), x.uncentered()?.matrix());
            let exact = |number: usize| ExactKey::new(kind, raw, pairs[number].0, pairs[number].1);
            let ranks = Ranks::new(&lengths, |distance| distances.error(distance), exact);
            return Ok(Compared::of_ranks(ranks, 2.0 * std::f64::consts::SQRT_2 * movement));
        }
        let (values, change): (Vec<f64>, f64) = match self.rdm {
            Dissimilarity::Euclidean => (lengths, moved),
            _ => (lengths.iter().map(|d| d * d).collect(), 2.0 * greatest * moved),
        };
        let of_entries = match self.rdm {
            Dissimilarity::Euclidean => Some(EntryErrors::new(x.centered(), 0.0).of_all(&distances, false)),
            Dissimilarity::SquaredEuclidean => Some(EntryErrors::new(x.centered(), 1.5).of_all(&distances, true)),
            _ => None,
        };
        let error = of_entries.map_or(change, |error| error * EPS / rounding(x.n(), x.p()));
        Ok(self.of_values(x.n(), values, change, error))
    }

    /// Dissimilarities that were given instead of examples.
    fn of_given(self, x: &Prepared, given: &Gram) -> Result<Compared, Error> {
        let values: Vec<f64> = pairs(x.n()).into_iter().map(|(i, j)| given.get(i, j)).collect();
        self.greatest(x, &values, 0.0)?;
        if self.is_ranked() {
            // Two of them change by sqrt 2 of what all do.
            let movement = std::f64::consts::SQRT_2 * sum_of_squares(&values).sqrt();
            return Ok(Compared::of_ranks(Ranks::of_exact(&values), movement));
        }
        Ok(self.of_values(x.n(), values, 0.0, 0.0))
    }

    /// The greatest of the dissimilarities.
    ///
    /// # Errors
    /// [`Error::ConstantDissimilarities`] where the comparison sees nothing of them.
    fn greatest(self, x: &Prepared, values: &[f64], nothing: f64) -> Result<f64, Error> {
        let (least, greatest) = values.iter().fold((f64::INFINITY, 0.0f64), |(least, greatest), d| (least.min(*d), greatest.max(*d)));
        let flat = !self.sees_mean() && greatest - least <= least_seen(x.n(), x.p()) * greatest;
        if flat || greatest <= nothing {
            return Err(Error::ConstantDissimilarities { name: x.name().to_string(), pairs: values.len() });
        }
        Ok(greatest)
    }

    /// Of values that move by `change`, and are off by `error` over c(n, p) eps.
    fn of_values(self, n: usize, values: Vec<f64>, change: f64, error: f64) -> Compared {
        let size = sum_of_squares(&values).sqrt();
        let vector = match self.comparison {
            Comparison::Pearson => from_mean(&values),
            Comparison::WhitenedCosine => doubly_centered(n, &values),
            _ => values,
        };
        // Centering rounds three times, and of the whole matrix each stands twice.
        Compared::of_values(vector, [2.0 * (change + size), std::f64::consts::SQRT_2 * (error + size)])
    }

    fn not_given(self, x: &Prepared) -> Error {
        let choices = Dissimilarity::KEY.tried().join("|");
        Error::Given(GivenError::NotGiven { name: x.name().to_string(), measure: canonical(SPEC.id, &self.convention()), choices })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![self.rdm.entry(), self.comparison.entry()]
    }

    fn convention_of_dissimilarities(&self) -> Convention {
        Self { rdm: Dissimilarity::Given, ..*self }.convention()
    }

    fn range_of_dissimilarities(&self) -> Range {
        Self { rdm: Dissimilarity::Given, ..*self }.properties().range
    }

    fn properties(&self) -> Properties {
        let claims = match self.rdm {
            Dissimilarity::SquaredEuclidean | Dissimilarity::Euclidean | Dissimilarity::Given => Claims::SIMILITUDE,
            Dissimilarity::Cosine => Claims { translation: FAILS, ..Claims::SIMILITUDE },
            Dissimilarity::Correlation => Claims { orthogonal: FAILS, translation: FAILS, zero_neurons: FAILS, ..Claims::SIMILITUDE },
        };
        let is_positive =
            self.comparison == Comparison::Cosine || self.comparison == Comparison::WhitenedCosine && self.rdm != Dissimilarity::Given;
        let lower = if is_positive { 0.0 } else { -1.0 };
        Properties {
            direction: Direction::Similarity,
            range: Range::new(lower, 1.0),
            // Tau-a counts tied dissimilarities as neither.
            self_value: (self.comparison != Comparison::TauA).then_some(1.0),
            symmetry: Claim::Holds,
            metric: false,
            minimum_examples: 3,
            minimum_neurons: match self.rdm {
                Dissimilarity::Correlation => 3,
                Dissimilarity::Cosine => 2,
                _ => 1,
            },
            claims,
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        let raw = self.is_raw();
        let vector = Artifact {
            key: self.key(),
            kept: Size { n_n: 4.0, n: 8.0, ..Size::default() },
            preparing: Size { n_n: 16.0, n_p: if raw { 16.0 } else { 0.0 }, ..Size::default() },
            comparing: Size { n_n: 8.0, ..Size::default() },
            operations: Size { n_n_p: 0.5, n_n: 20.0, ..Size::default() },
        };
        let moments = Moments::No("dissimilarities compare examples with each other");
        Needs { dissimilarities: true, uncentered: raw, neurons: raw, artifacts: vec![vector], ..Needs::new(moments, Terms::One) }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        if x.n() < 3 {
            return Ok(());
        }
        x.artifact(&self.key(), || self.compared(x)).map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let of = |side: &Prepared| side.artifact(&self.key(), || self.compared(side));
        let (x, y) = (of(pair.x())?, of(pair.y())?);
        if matches!(self.comparison, Comparison::TauA | Comparison::TauB) {
            let (value, undecided) = x.tau(&y, self.comparison == Comparison::TauB);
            let (condition, margin) = (value.abs(), Some(x.margin.min(y.margin)));
            return Ok(Outcome {
                value,
                condition,
                error: Some(OF_TAU * condition * EPS / pair.unit()),
                undecided,
                margin,
                ..Outcome::default()
            });
        }
        let (value, condition, error) = x.cosine(&y, pair.unit());
        let ranked = self.comparison == Comparison::Spearman;
        Ok(Outcome {
            value,
            condition,
            error: Some(error),
            undecided: x.undecided + y.undecided,
            margin: ranked.then(|| x.margin.min(y.margin)),
            ..Outcome::default()
        })
    }

    fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        if matches!(self.comparison, Comparison::TauA | Comparison::TauB) {
            return Ok(None);
        }
        let of = |side: &Prepared| side.artifact(&self.key(), || self.compared(side));
        let (x, y) = (of(pair.x())?, of(pair.y())?);
        let matrix = |side: &Prepared, compared: &Compared| {
            let key = format!("between examples {}", self.key());
            let whitened = self.comparison == Comparison::WhitenedCosine;
            side.artifact(&key, || Ok(compared.matrix(side.n(), whitened)))
        };
        // What the order of some dissimilarities leaves undecided counts as rounding here.
        let undecided = (x.undecided + y.undecided) / pair.unit();
        Ok(Some(InnerProducts::cosine(matrix(pair.x(), &x)?, matrix(pair.y(), &y)?).with_condition(undecided)))
    }

    fn mean_dissimilarities(&self, of: &[&Prepared]) -> Result<Option<Representation<'static>>, Error> {
        let name = format!("the mean dissimilarities of {} representations", of.len());
        let Some(n) = of.first().map(|side| side.n()) else { return Err(Error::TooFewExamples { subject: name, n: 0, needed: 3 }) };
        let sides = of.iter().map(|side| side.artifact(&self.key(), || self.compared(side))).collect::<Result<Vec<_>, _>>()?;
        let form = match self.comparison {
            Comparison::Pearson => Form::Centered,
            Comparison::Cosine => Form::AsTheyAre,
            Comparison::WhitenedCosine => Form::DoublyCentered,
            Comparison::Spearman | Comparison::TauA | Comparison::TauB => Form::Ranks,
        };
        Ok(Some(Representation::from_matrix(name, mean(n, &sides, form))?.known(Entries::Dissimilarities)))
    }
}
