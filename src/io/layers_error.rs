//! Layers that are not to be had as they were asked for, in words.

use std::path::PathBuf;

/// Why the layers of a network are not what was asked for. Messages follow the network's path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayersError {
    /// An entry that is no layer among those that are.
    #[error("the entry {name:?} is no layer: {reason}; leave it out with --exclude {name:?}, or name the layers with --layers")]
    NotALayer {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },

    /// A layer that was asked for twice.
    #[error("the layer {name:?} is asked for twice (--layers)")]
    AskedTwice {
        /// Its name.
        name: String,
    },

    /// Every layer was left out.
    #[error("no layer is left after --exclude")]
    NothingLeft,

    /// A pattern that is none.
    #[error("{pattern:?} is no pattern of names: {detail}")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        detail: String,
    },

    /// Archives that are not parts of one model.
    #[error("holds {} archives that are not the shards of one model: {}; name one of them", files.len(), listed(files))]
    SeveralArchives {
        /// Their names.
        files: Vec<PathBuf>,
    },

    /// Layers of two kinds.
    #[error("holds {npy} .npy files and {archives} archives; a network is one or the other: name an archive, or move the files apart")]
    Mixed {
        /// Files of one layer.
        npy: usize,
        /// Archives.
        archives: usize,
    },

    /// Text tables, which are no layers.
    #[error(
        "holds text tables ({tables} .csv or .tsv) and no layer: the layers of a network are .npy files or an archive. Store each table so \
         (numpy.save('layer.npy', pandas.read_csv('layer.csv').to_numpy())), or compare two of them with `similitude compare`"
    )]
    TablesAlone {
        /// How many there are.
        tables: usize,
    },

    /// A shard that is not there.
    #[error("the shard {} is missing", shard.display())]
    MissingShard {
        /// Its name.
        shard: PathBuf,
    },

    /// An index of shards that is none.
    #[error("damaged index of shards: {detail}")]
    Index {
        /// What was expected.
        detail: String,
    },

    /// A named order of layers that are not there.
    #[error("the metadata of the file name a layer {name:?} that it does not hold; --layer-order file takes those that it holds")]
    Order {
        /// The name.
        name: String,
    },

    /// Datasets that stand in other files.
    #[error(
        "holds links into other files, which are not followed: {}; name the layers of this file with --layers, or copy the others into it \
         (f[name] = g[name][...] in h5py)",
        files.join(", ")
    )]
    Elsewhere {
        /// The files.
        files: Vec<String>,
    },

    /// Links to what is not there.
    #[error(
        "holds links that lead nowhere: {}; mend them (del f[name] in h5py removes one), or name the layers with --layers",
        links.join(", ")
    )]
    Dangling {
        /// The links.
        links: Vec<String>,
    },

    /// A template of pieces that is none.
    #[error("{template:?} names no pieces of layers; it needs {{layer}} and {{piece}}, for example {{layer}}.part{{piece}}")]
    Template {
        /// The template.
        template: String,
    },

    /// A piece that is not there.
    #[error("layer {layer:?} has {found} pieces, and none with the number {missing}")]
    MissingPiece {
        /// The layer.
        layer: String,
        /// The number of pieces.
        found: usize,
        /// The number that is missing.
        missing: u64,
    },

    /// What does not go together with pieces.
    #[error("--pieces does not go together with {option}: its numbers would be those of a piece; join the pieces first")]
    WithPieces {
        /// The option.
        option: &'static str,
    },

    /// Pieces of different widths.
    #[error("layer {layer:?}: piece {piece:?} has {found} neurons, the first piece {expected}")]
    PieceWidth {
        /// The layer.
        layer: String,
        /// The piece.
        piece: String,
        /// Its width.
        found: usize,
        /// The first piece's.
        expected: usize,
    },

    /// A layer that a stack does not have.
    #[error("{axes} is a stack of {layers} layers, counted from 0 to {}, and there is no {index}", layers - 1)]
    NoSuchInStack {
        /// The axes.
        axes: String,
        /// The number of layers.
        layers: usize,
        /// What was asked for.
        index: usize,
    },

    /// A stack of which no layer was named.
    #[error("{axes} is a stack of {layers} layers; name one, counted from 0: {example}")]
    WholeStack {
        /// The axes.
        axes: String,
        /// The number of layers.
        layers: usize,
        /// How.
        example: String,
    },
}

fn listed(files: &[PathBuf]) -> String {
    let names = files.iter().take(10).map(|file| file.file_name().unwrap_or_default().display().to_string());
    let more = if files.len() > 10 { ", ..." } else { "" };
    names.collect::<Vec<_>>().join(", ") + more
}
