//! Mutual k nearest neighbours: the share of neighbours that two representations have in common.
//!
//! # Definition
//! N_k(i) are the k examples nearest to example i, itself left out (its duplicates may be among
//! them). The value is the mean over the examples of |N_k^X(i) and N_k^Y(i)| / k. Nearest is the
//! largest cosine (`cosine`; of the examples as they are, as in the source, or with `center=yes` of
//! each less the mean example), or the smallest Euclidean distance (`euclidean`). Of examples
//! equally near, the one with the lowest index comes first. Unrelated representations share k/(n-1)
//! of their neighbours on average: `chance` in the diagnostics.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths; n >= k + 2, because with n - 1 neighbours the value is 1
//! whatever the data. In \[0, 1\], a multiple of 1/(n k).
//!
//! # Invariances
//! Orthogonal maps, isotropic scaling, appended zero neurons; `euclidean` and `center=yes`
//! translation too, the cosine of examples as they are not.
//!
//! # Numerics
//! Distances from a product of n^2 p/2 operations, again from differences where they cancel, and a
//! selection of k of n for each example. A step function: where rounding does not decide which
//! examples at the edge of a neighbourhood are nearer, exact arithmetic on the entries does
//! (expansions, Shewchuk 1997), ties included, so that the value is exact. `margin` in the
//! diagnostics is the relative change of a representation below which no neighbour changes.
//!
//! # Conventions that differ elsewhere
//! Some programs standardise neurons before, count an example among its own neighbours, or leave
//! the order of ties to a sort. Where neighbours tie for the last place the lowest number is taken:
//! the value then depends on the order of the examples, and a warning says for how many.
//!
//! # Errors
//! A constant representation; fewer than k + 2 examples; an example of norm 0 (`cosine`), or equal
//! to the mean example (with `center=yes`).
//!
//! # References
//! Huh et al. 2024, section 2 and appendix A.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 5, 1, vec![0., 1., 3., 7., 15.])?;
//! let y = Representation::from_row_major("y", 5, 1, vec![0., 1., 3., 7., 1.5])?;
//! // The last example moved: of the five nearest neighbours four stay.
//! let value = Measure::parse("mutual-knn:k=1,metric=euclidean,center=no")?.compare(&x, &y)?.value;
//! assert_eq!(value, 2.0 / 5.0);
//! # Ok::<(), similitude::Error>(())
//! ```

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::claims::{Claim, Claims, Direction, FAILS, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::gram::dissimilarities::{Dissimilarities, unit_examples};
use crate::gram::exact::{Key as ExactKey, Kind, Totals};
use crate::key::{Key, Number, Values, choice};
use crate::measure::{Definition, Outcome};
use crate::needs::{Artifact, Moments, Needs, Size, Terms};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};
use crate::tolerance::EPS;

choice! {
    /// Which examples are near.
    pub enum Metric("metric", "which examples are near") {
        /// The cosine of the examples.
        #[default]
        Cosine = "cosine" => "neighbours by the cosine of the examples",
        /// The Euclidean distance of the examples.
        Euclidean = "euclidean" => "neighbours by the Euclidean distance of the examples",
    }
}

choice! {
    /// Whether the mean example is taken off first.
    pub enum Center("center", "whether the mean example is taken off before a cosine") {
        /// As in the source.
        #[default]
        No = "no",
        /// The cosine then does not change with a translation.
        Yes = "yes",
    }
}

/// The number of neighbours.
const NEIGHBOURS: Key = Key {
    name: "k",
    values: Values::Number(Number {
        default: Some(10.0),
        whole: true,
        expected: "a whole number from 1 to 2^32",
        valid: |k| (1.0..=4_294_967_296.0).contains(&k),
        tried: &[1.0, 5.0, 10.0],
    }),
    help: "the number of neighbours of an example",
};

/// Options of `mutual-knn`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The number of neighbours, at least 1.
    pub k: usize,
    /// The metric.
    pub metric: Metric,
    /// Centering, which only the cosine sees.
    pub center: Center,
}

/// What is fixed about `mutual-knn`.
pub static SPEC: Spec = Spec {
    id: "mutual-knn",
    also: &[("knn", ""), ("mknn", ""), ("mutual-nearest-neighbours", ""), ("mutual-nearest-neighbors", "")],
    short: "Mutual k-NN",
    name: "mutual k nearest neighbours",
    formula: "mean over i of |N_k^X(i) and N_k^Y(i)| / k, N_k(i) the k examples nearest to example i, without itself",
    citations: &[Citation { key: "huh2024platonic", place: "section 2, appendix A" }],
    keys: &[NEIGHBOURS, Metric::KEY, Center::KEY],
    prepare_cost: "n^2 p",
    compare_cost: "n k",
    conventions: &[
        "mutual-knn:k=10,metric=cosine,center=no",
        "mutual-knn:k=3,metric=cosine,center=no",
        "mutual-knn:k=1,metric=euclidean,center=no",
        "mutual-knn:k=5,metric=euclidean,center=no",
        "mutual-knn:k=4,metric=cosine,center=yes",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self { k: NEIGHBOURS.read_number(keys)? as usize, metric: Metric::read(keys)?, center: Center::read(keys)? })
    }

    fn key(&self) -> String {
        // Distances do not see the mean example.
        let center = if self.metric == Metric::Cosine { self.center.as_str() } else { "" };
        format!("neighbours {} {} {center}", self.k, self.metric.as_str())
    }

    fn neighbours(&self, x: &Prepared) -> Result<Neighbours, Error> {
        match self.metric {
            Metric::Euclidean => {
                let (features, raw) = (x.centered(), x.uncentered()?.matrix());
                let exact = |i, j| ExactKey::new(Kind::Euclidean, raw, i, j);
                Ok(Neighbours::new(&Dissimilarities::new(features)?, self.k, features.squared_norm().sqrt(), exact))
            }
            Metric::Cosine => {
                let raw = x.uncentered()?;
                let (features, is_zero) = match self.center {
                    Center::No => (raw, "is zero"),
                    Center::Yes => (x.centered(), "equals the mean example"),
                };
                let zero = |row| Error::ZeroExample { name: x.name().to_string(), row, is_zero };
                let examples = unit_examples(features, false).map_err(zero)?;
                let totals = OnceLock::new();
                let exact = |i, j| match self.center {
                    Center::No => ExactKey::new(Kind::Cosine, raw.matrix(), i, j),
                    Center::Yes => ExactKey::of_centered(raw.matrix(), totals.get_or_init(|| Totals::of(raw.matrix())), i, j),
                };
                Ok(Neighbours::new(&examples.distances()?, self.k, examples.movement, exact))
            }
        }
    }
}

/// The nearest neighbours of every example.
#[derive(Debug)]
struct Neighbours {
    /// k for each example, in ascending order.
    lists: Vec<Vec<u32>>,
    /// The relative change of the representation below which none changes.
    margin: f64,
    /// Examples whose k-th neighbour is as near as the next one.
    tied: usize,
}

impl Neighbours {
    /// `movement` is how far the examples move, in the Frobenius norm, for a relative change of the
    /// representation by 1.
    fn new(distances: &Dissimilarities, k: usize, movement: f64, exact: impl Fn(usize, usize) -> ExactKey + Sync) -> Self {
        let n = distances.n();
        let of_example = |i: usize| {
            let mut others: Vec<(f64, u32)> = (0..n).filter(|&j| j != i).map(|j| (distances.get(i, j).max(0.0).sqrt(), j as u32)).collect();
            let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
            let (near, next, far) = others.select_nth_unstable_by(k, order);
            let last = near.iter().map(|neighbour| neighbour.0).fold(0.0, f64::max);
            let (inside, outside) = (last + distances.error(last), next.0 - distances.error(next.0));
            // Two examples move apart by sqrt 2 of what all of them move.
            let mut is_tied = false;
            let mut margin = ((next.0 - last) / (2.0 * std::f64::consts::SQRT_2 * movement)).max(0.0);
            let mut list: Vec<u32> = near.iter().map(|neighbour| neighbour.1).collect();
            if inside >= outside {
                // Which of those at the edge are the nearest, exactly; of equal ones the lowest
                // index.
                let leaving: Vec<u32> = near.iter().filter(|(d, _)| d + distances.error(*d) >= outside).map(|other| other.1).collect();
                let coming = far.iter().filter(|(d, _)| d - distances.error(*d) <= inside).map(|other| other.1);
                let mut edge: Vec<(ExactKey, u32)> =
                    leaving.iter().copied().chain([next.1]).chain(coming).map(|j| (exact(i, j as usize), j)).collect();
                edge.sort_by(|a, b| a.0.compare(&b.0).then(a.1.cmp(&b.1)));
                // A tie is one whatever rounding makes of it.
                if edge[leaving.len() - 1].0.compare(&edge[leaving.len()].0).is_eq() {
                    (margin, is_tied) = (0.0, true);
                }
                list.retain(|j| !leaving.contains(j));
                list.extend(edge[..leaving.len()].iter().map(|other| other.1));
            }
            list.sort_unstable();
            (list, margin, is_tied)
        };
        let examples: Vec<(Vec<u32>, f64, bool)> = (0..n).into_par_iter().map(of_example).collect();
        let margin = examples.iter().map(|example| example.1).fold(f64::INFINITY, f64::min);
        let tied = examples.iter().filter(|example| example.2).count();
        Self { lists: examples.into_iter().map(|example| example.0).collect(), margin, tied }
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![NEIGHBOURS.number(self.k as f64), self.metric.entry(), self.center.entry()]
    }

    fn properties(&self) -> Properties {
        let translation = if self.metric == Metric::Cosine && self.center == Center::No { FAILS } else { Claims::SIMILITUDE.translation };
        Properties {
            direction: Direction::Similarity,
            range: Range::new(0.0, 1.0),
            self_value: Some(1.0),
            symmetry: Claim::Holds,
            metric: false,
            minimum_examples: self.k + 2,
            minimum_neurons: if self.metric == Metric::Cosine { 2 } else { 1 },
            claims: Claims { translation, ..Claims::SIMILITUDE },
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        let lists = Artifact {
            key: self.key(),
            kept: Size { n: 4.0 * self.k as f64 + 24.0, ..Size::default() },
            preparing: Size { n_n: 4.0, n: 48.0, n_p: 16.0, ..Size::default() },
            comparing: Size::default(),
            operations: Size { n_n_p: 0.5, n_n: 2.0, ..Size::default() },
        };
        let moments = Moments::No("neighbours are found from the distances between examples");
        Needs { uncentered: true, neurons: true, artifacts: vec![lists], ..Needs::new(moments, Terms::Value) }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        x.nonconstant()?;
        // With fewer examples there is no value, and nothing to look for.
        if x.n() < self.k + 2 {
            return Ok(());
        }
        x.artifact(&self.key(), || self.neighbours(x)).map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        pair.x().nonconstant()?;
        pair.y().nonconstant()?;
        let of = |side: &Prepared| side.artifact(&self.key(), || self.neighbours(side));
        let (x, y) = (of(pair.x())?, of(pair.y())?);
        let shared: usize = x.lists.iter().zip(&y.lists).map(|(a, b)| shared(a, b)).sum();
        let all = (pair.n() * self.k) as f64;
        let value = shared as f64 / all;
        let mut diagnostics = Diagnostics::default().number("chance", self.k as f64 / (pair.n() - 1) as f64);
        for (name, warning, side) in [("tied_x", "warning_x", &x), ("tied_y", "warning_y", &y)] {
            if side.tied > 0 {
                let text = format!(
                    "neighbours at place {} and the next are equally near for {} of {} examples: the lower number is taken, and examples in \
                     another order would have another value",
                    self.k,
                    side.tied,
                    pair.n()
                );
                diagnostics = diagnostics.count(name, side.tied).text(warning, &text);
            }
        }
        Ok(Outcome {
            value,
            condition: value,
            // The quotient of two whole numbers is rounded, and nothing else is.
            error: Some(0.5 * EPS * value / pair.unit()),
            margin: Some(x.margin.min(y.margin)),
            diagnostics,
            ..Outcome::default()
        })
    }
}

/// How many numbers two ascending lists have in common.
fn shared(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|number| b.binary_search(number).is_ok()).count()
}
