//! Claims: what a measure says of itself, as data that the law tests try in both directions.

use std::fmt;

use serde::Serialize;

use crate::error::Error;

/// Which way a value reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is more alike.
    Similarity,
    /// Less is more alike; 0 is the same.
    Distance,
}

/// Declares the groups: one row says all that is said of one, its name in tests and results, its
/// field in [`Claims`], its short name in tables and what that means.
macro_rules! groups {
    ($($(#[$meta:meta])* $variant:ident $field:ident $name:literal $short:literal $legend:literal;)+) => {
        /// A group of transformations of one representation under which a measure may be invariant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Group {
            $($(#[$meta])* $variant),+
        }

        impl Group {
            /// All of them, in the order of the tables.
            pub const ALL: [Group; Group::COUNT] = [$(Group::$variant),+];
            /// How many there are.
            pub const COUNT: usize = [$($name),+].len();

            /// The name in results and in the names of tests.
            pub fn as_str(self) -> &'static str {
                match self { $(Group::$variant => $name),+ }
            }

            /// The short name in tables.
            pub fn short(self) -> &'static str {
                match self { $(Group::$variant => $short),+ }
            }

            /// What the short name means.
            pub fn legend(self) -> &'static str {
                match self { $(Group::$variant => $legend),+ }
            }
        }

        /// A claim for each group on each side. Every field must be given: a measure that says
        /// nothing about a group does not compile.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        pub struct Claims {
            $($(#[$meta])* pub $field: [Claim; 2]),+
        }

        impl Claims {
            /// The claim for a group on a side.
            pub fn get(&self, group: Group, side: Side) -> Claim {
                let sides = match group { $(Group::$variant => self.$field),+ };
                sides[side as usize]
            }
        }
    };
}

groups! {
    /// P: the neurons in another order.
    Permutation permutation "permutation" "P" "neurons permuted";
    /// O: X -> X U, U orthogonal (reflections included).
    Orthogonal orthogonal "orthogonal" "O" "orthogonal map";
    /// S: X -> alpha X, alpha > 0.
    IsotropicScaling isotropic_scaling "isotropic-scaling" "S" "scaled as a whole";
    /// T: one vector added to every example.
    Translation translation "translation" "T" "a vector added to every example";
    /// X -> X D, D diagonal with positive entries.
    DiagonalScaling diagonal_scaling "diagonal-scaling" "D" "each neuron scaled";
    /// GL: X -> X A, A invertible.
    InvertibleLinear invertible_linear "invertible-linear" "GL" "invertible linear map";
    /// Neurons that are 0 for every example appended.
    ZeroNeurons zero_neurons "zero-neurons" "zero" "constant-zero neurons appended";
    /// Copies of neurons appended.
    DuplicatedNeurons duplicated_neurons "duplicated-neurons" "dup" "copies of neurons appended";
}

/// Which argument a map acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first argument.
    X,
    /// The second argument.
    Y,
}

impl Side {
    /// Both sides.
    pub const ALL: [Side; 2] = [Side::X, Side::Y];

    /// The name in tables and test names.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::X => "x",
            Side::Y => "y",
        }
    }
}

/// One claim about one group on one side (or about symmetry).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    /// The value does not change, for any representations and any member of the group.
    Holds,
    /// There are representations and a member of the group for which it changes by far more than
    /// rounding.
    Fails,
    /// It holds exactly for those that meet the condition; both halves are tried.
    When(Condition),
    /// It fails, but at these option values by so little that no representation is sure to show it.
    Slightly(Slight),
    /// After the map there is no value.
    Undefined,
}

/// A bound on how far a value moves under a claim that fails slightly: the lesser of both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slight {
    /// For all representations.
    pub most: f64,
    /// Times the squared condition number of the centered representation, the larger one of before
    /// and after the map.
    pub per_squared_condition: f64,
}

impl Slight {
    #[cfg(feature = "reference")]
    /// How far the value may move, for this condition number.
    pub(crate) fn allowed(self, condition: f64) -> f64 {
        self.most.min(self.per_squared_condition * condition * condition)
    }
}

/// Declares the conditions: one row says all that is said of one, its name in tests and what it is
/// in words.
macro_rules! conditions {
    ($($(#[$meta:meta])* $variant:ident $({ $(#[$about:meta])* $field:ident })? $name:literal $words:literal;)+) => {
        /// What a conditional claim depends on.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum Condition {
            $($(#[$meta])* $variant $({ $(#[$about])* $field: f64 })?),+
        }

        impl Condition {
            /// The condition in words.
            pub fn as_str(self) -> &'static str {
                match self { $(Condition::$variant { .. } => $words),+ }
            }

            /// The name in the names of tests.
            pub fn name(self) -> &'static str {
                match self { $(Condition::$variant { .. } => $name),+ }
            }
        }
    };
}

conditions! {
    /// The map leaves the kept subspace (SVCCA) where it was.
    KeptSubspaceUnchanged {
        /// The share of the variance that the kept subspace holds at least, below 1.
        share
    } "when-kept-subspace-unchanged" "the kept subspace stays";
    /// The side that is changed has at least as many neurons as the other, so that min(p1, p2)
    /// stays.
    NotTheFewerNeurons "when-not-the-fewer-neurons" "this side has at least as many neurons";
    /// The two representations have different ranks.
    RanksDiffer "when-ranks-differ" "the ranks differ";
    /// The side that is changed is not the one whose neurons give the weights (the one of larger
    /// rank).
    NotTheWeightingSide "when-not-the-weighting-side" "this side has the larger rank";
}

/// The name without its `when-`.
impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name().trim_start_matches("when-"))
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Claim::Holds => "holds",
            Claim::Fails => "fails",
            Claim::When(_) => "when",
            Claim::Slightly(_) => "slightly",
            Claim::Undefined => "undefined",
        })
    }
}

/// The claim on both sides.
pub const HOLDS: [Claim; 2] = [Claim::Holds; 2];
/// The failure on both sides.
pub const FAILS: [Claim; 2] = [Claim::Fails; 2];
/// The loss of any value on both sides.
pub const UNDEFINED: [Claim; 2] = [Claim::Undefined; 2];

impl Claims {
    /// Invariant to O, S, T and nothing more: CKA, Procrustes, ...
    pub const SIMILITUDE: Claims = Claims {
        permutation: HOLDS,
        orthogonal: HOLDS,
        isotropic_scaling: HOLDS,
        translation: HOLDS,
        diagonal_scaling: FAILS,
        invertible_linear: FAILS,
        zero_neurons: HOLDS,
        duplicated_neurons: FAILS,
    };
    /// Invariant to GL and T: functions of the two column spaces.
    pub const AFFINE: Claims =
        Claims { diagonal_scaling: HOLDS, invertible_linear: HOLDS, duplicated_neurons: HOLDS, ..Claims::SIMILITUDE };
}

/// The values a measure can take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// Least possible value (may be -inf).
    pub lower: f64,
    /// Greatest possible value (may be inf).
    pub upper: f64,
}

impl Range {
    /// From `lower` to `upper`, both possible when finite.
    pub const fn new(lower: f64, upper: f64) -> Self {
        Self { lower, upper }
    }

    /// The value, moved onto the end of the range when it is outside by rounding, and the bound on
    /// its error, which is never more than the width of the range. Anything farther out is a defect
    /// and an error.
    pub(crate) fn admit(self, measure: &str, value: f64, bound: f64) -> Result<(f64, f64), Error> {
        let outside = (self.lower - value).max(value - self.upper);
        if outside <= 0.0 || outside <= bound {
            Ok((value.clamp(self.lower, self.upper), bound.min(self.upper - self.lower)))
        } else {
            Err(Error::OutOfRange { measure: measure.to_string(), value, lower: self.lower, upper: self.upper, slack: bound })
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |value: f64| {
            let named = [
                (0.0, "0"),
                (1.0, "1"),
                (2.0, "2"),
                (-1.0, "-1"),
                (std::f64::consts::SQRT_2, "sqrt 2"),
                (std::f64::consts::FRAC_PI_2, "pi/2"),
            ];
            named.iter().find(|(number, _)| *number == value).map_or_else(|| value.to_string(), |(_, name)| (*name).to_string())
        };
        let (open, close) = (if self.lower.is_finite() { '[' } else { '(' }, if self.upper.is_finite() { ']' } else { ')' });
        write!(f, "{open}{}, {}{close}", end(self.lower), end(self.upper))
    }
}

/// What a measure claims under given options.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Properties {
    /// Which way values read.
    pub direction: Direction,
    /// The values it can take.
    pub range: Range,
    /// s(X, X), where it is the same for all X.
    pub self_value: Option<f64>,
    /// s(X, Y) = s(Y, X), to the bit when it holds.
    pub symmetry: Claim,
    /// d(X, Z) <= d(X, Y) + d(Y, Z), d >= 0, d(X, X) = 0 (with symmetry: a metric on equivalence
    /// classes).
    pub metric: bool,
    /// The fewest examples for which it is defined.
    pub minimum_examples: usize,
    /// The fewest neurons for which it is more than a matter of signs: with one neuron every cosine
    /// is 1 or -1, with two every correlation over the neurons.
    pub minimum_neurons: usize,
    /// The invariances.
    pub claims: Claims,
}
