//! Laws: every claim of a measure, tried on drawn representations and drawn maps.
//!
//! A [`Law`] is one claim about one measure: that its value does not see a group of maps, that it
//! does see it, symmetry, range, s(X, X), the axioms of a metric, and what is promised to the bit.
//! [`laws_of`] lists them from the measure's [`Properties`](crate::claims::Properties);
//! [`Law::try_on`] tries one on any [`Subject`]: the fast path, the reference path, or a foreign
//! function that claims to be the measure.
//!
//! A law that holds is tried on cases of two families, see [`Family`]: on plain ones the measure
//! must answer and the value must stay within the bound on its error before, after, and what the
//! map itself rounded; on awkward ones it may refuse, alike on both sides of the map. A law that
//! fails needs a [`Witness`]: a pair and a map for which the value moves by 1000 times that bound.
//!
//! ```
//! use similitude::laws::{Subject, laws_of};
//! let measure = similitude::Measure::parse("cka")?;
//! let subject = Subject::fast(&measure);
//! for law in laws_of(&measure) {
//!     let verdict = law.try_on(&subject, 4, 0);
//!     assert!(verdict.holds, "{law}: {}", verdict.detail);
//! }
//! # Ok::<(), similitude::Error>(())
//! ```

mod case;
mod deficient;
mod draw;
mod kept;
mod law;
mod maps;
mod matrix;
mod options;
mod precise;
mod subject;
mod trial;
mod witness;

pub use case::{Case, Drawn, Family, Kind, Relation, SCALE_LIMIT, SPARE_LIMIT, WIDTH_LIMIT};
pub use deficient::Deficient;
pub use draw::Generator;
pub use law::{Expectation, Law, Statement, Verdict, laws_of};
pub use maps::{Map, Mapped};
pub use matrix::Matrix;
pub use subject::{Answer, Refusal, Subject, plain_bound};
pub use trial::Trial;
pub use witness::{MARGIN, Witness};
