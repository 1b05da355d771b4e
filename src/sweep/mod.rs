//! Every layer of one network with every layer of another, by several measures.
//!
//! A layer is loaded and prepared once, whatever the number of measures and of layers that it
//! meets; a pair is compared once, and its measures share what they have in common (cross products,
//! canonical correlations). A network with itself needs half of the pairs for symmetric measures.
//! Layers wider than their examples are held as matrices between examples, and read from files in
//! blocks of neurons. Where the layers do not fit into the memory given, they are compared in
//! groups; linear CKA and HSIC of narrow layers stream: their [moments](crate::moments) are
//! gathered over blocks of rows, a tile of layer pairs at a time; the bits of a streamed value do
//! not depend on the memory. Layers come from anything that is [`Layers`]: files ([`StoredLayers`])
//! or memory ([`LayersInMemory`]).
//!
//! ```
//! use similitude::sweep::{LayersInMemory, Sweep};
//! use similitude::{Measure, Representation};
//!
//! let layer = |name: &str, values: Vec<f64>| Representation::from_row_major(name.to_string(), 4, 1, values);
//! let network = LayersInMemory::new("network", vec![layer("first", vec![1., 2., 3., 5.])?, layer("second", vec![1., 4., 9., 25.])?]);
//! let scores = Sweep::new(&network, None, vec![Measure::parse("cka")?]).run()?;
//! assert_eq!(scores.values(0)[0], Some(1.0)); // a layer with itself
//! assert_eq!(scores.values(0)[1], scores.values(0)[2]); // CKA is symmetric
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bytes;
mod ensemble;
mod error;
mod fit;
mod layers;
mod memory;
mod observer;
#[cfg(test)]
mod operations;
mod prepare;
mod preprocessed;
mod reading;
mod run;
mod shard;
mod stamp;
mod streaming;
mod tasks;

pub use crate::kept::{Error as KeptError, Header, NetworkHeader, Partial};
pub use crate::results::{
    Cell, Fact, Facts, Failure, Identification, LayerFacts, NetworkFacts, Outcome, Provenance, Record, Scores, identify, mean_over_groups,
};
#[cfg(feature = "cli")]
pub(crate) use bytes::Bytes;
pub use bytes::available_memory;
pub use ensemble::{Ensemble, ensemble};
pub use error::{Error, ShardProblem};
pub use fit::{Groups, Outlook};
pub use layers::{Layers, LayersInMemory, StoredLayers};
pub use memory::Estimate;
pub use observer::{NoObserver, Observer};
pub use preprocessed::Preprocessed;
pub use reading::Reading;
pub use run::Sweep;
pub use shard::{cells_file, merge_shards, shard_file};
pub use streaming::{Blocking, Passes};
pub use tasks::Part;
