//! Comparing the layers of networks: which indexes, which pairs, how sure one can be.
//!
//! The values are the library's; what is here prepares every layer once, keeps finished cells on
//! disk, and counts.

mod compare;
mod deletion;
mod index;
mod jackknife;
mod principal;
mod reduced;
mod resident;
mod seconds;
mod subject;

pub use compare::{Comparison, PairScores};
pub use deletion::Deletion;
pub use index::{Family, Index, PAPER_INDEXES, SVCCA_THRESHOLDS, paper_index};
pub use jackknife::{Jackknife, jackknife, two_sided_p};
pub use principal::{Action, Principal};
pub use reduced::reduced;
pub use seconds::Seconds;
pub use subject::{PreparedNetwork, Subject, prepared, representation};
