//! What can be wrong with a file, with the numbers that a person needs to mend it.

use std::fmt;
use std::path::{Path, PathBuf};

use super::format::KNOWN_EXTENSIONS;
use super::layers_error::LayersError;
use super::listing::{Listing, Position};
use super::place::Place;
use crate::axes;
use crate::pickle;
use crate::tables;

/// An input that cannot be used, or an output that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing has this name.
    #[error("{}: no such file or directory", file.display())]
    NotFound {
        /// The name that was asked for.
        file: PathBuf,
    },

    /// The operating system refused, or a disk failed.
    #[error("{}: {source}", file.display())]
    System {
        /// The file that was read or written.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// A directory (or a device) where one representation was asked for.
    #[error("{}: not a regular file; a representation is a file ({KNOWN_EXTENSIONS}), a directory of .npy files is a network", file.display())]
    NotAFile {
        /// What was named.
        file: PathBuf,
    },

    /// A file of another program, with what makes a file of it that is read.
    #[error("{}: {what}; {remedy}", file.display())]
    OtherFormat {
        /// The file.
        file: PathBuf,
        /// What it is.
        what: &'static str,
        /// How to store its tensors.
        remedy: &'static str,
    },

    /// A pickle that asks for more than tensors, or is damaged.
    #[error("{}: {problem}", file.display())]
    Pickle {
        /// The file.
        file: PathBuf,
        /// What was met.
        problem: pickle::problem::Problem,
    },

    /// A view that repeats what is stored.
    #[error("{place}: a tensor of shape {shape:?} is an expanded view of {held} stored elements; store it with .contiguous()")]
    Expanded {
        /// The tensor.
        place: Place,
        /// Its shape.
        shape: Vec<usize>,
        /// The elements of its storage.
        held: u64,
    },

    /// The extension says nothing about the format.
    #[error("{}: unknown extension {extension:?}; known are {KNOWN_EXTENSIONS}", file.display())]
    UnknownExtension {
        /// The file.
        file: PathBuf,
        /// Its extension, without the dot; empty when it has none.
        extension: String,
    },

    /// HDF5 is known, and not part of this build.
    #[error(
        "{}: reading HDF5 is not built in; store the tensors as .npz or .safetensors: \
         numpy.savez('x.npz', **{{name: f[name][:] for name in f}})",
        file.display()
    )]
    Hdf5NotBuiltIn {
        /// The file.
        file: PathBuf,
    },

    /// A part of HDF5 that is not read.
    #[error(
        "{place}: {reason}, which is not read; rewrite the file without it (h5repack -f NONE x.h5 y.h5), or store the tensors as .npz: \
         numpy.savez('x.npz', **{{name: f[name][:] for name in f}})"
    )]
    Hdf5NotRead {
        /// The dataset or file.
        place: Place,
        /// What was met.
        reason: String,
    },

    /// A network was asked for, and the file holds a single unnamed tensor.
    #[error("{}: a .{extension} file is one representation; a network is an archive (.npz, .safetensors, .pt, .h5) or a directory of .npy files, or a .npy file whose axes name layers (--axes nLd)", file.display())]
    NotANetwork {
        /// The file.
        file: PathBuf,
        /// Its extension, without the dot.
        extension: String,
    },

    /// The archive or directory has no tensor of this name.
    #[error("{}: no tensor named {tensor:?}; it has {}", file.display(), Listing(available))]
    MissingTensor {
        /// The archive or directory.
        file: PathBuf,
        /// The name that was asked for.
        tensor: String,
        /// The names that it has, in its order.
        available: Vec<String>,
    },

    /// The archive has several tensors, and none was named.
    #[error("{0}: holds {count} tensors, name one as {0}:NAME, or compare all of them with `similitude sweep`; it has {list}", file.display(), count = available.len(), list = Listing(available))]
    TensorNotNamed {
        /// The archive.
        file: PathBuf,
        /// The names that it has, in its order.
        available: Vec<String>,
    },

    /// A tensor was named in a file whose only tensor has no name.
    #[error("{}: holds a single unnamed tensor; drop \":{tensor}\"", file.display())]
    UnexpectedTensorName {
        /// The file.
        file: PathBuf,
        /// The name that was asked for.
        tensor: String,
    },

    /// The archive or directory holds no tensor at all.
    #[error(
        "{}: holds no tensors; a network is an archive (.npz, .safetensors, .pt, .h5), the shards of one, or a directory of .npy files (folders \
         in it included)",
        file.display()
    )]
    NoTensors {
        /// The archive or directory.
        file: PathBuf,
    },

    /// Two tensors of the archive, or two of the layers asked for, have the same name.
    #[error("{}: the name {tensor:?} stands for more than one tensor", file.display())]
    DuplicateTensor {
        /// The archive or directory.
        file: PathBuf,
        /// The name that occurs twice.
        tensor: String,
    },

    /// A layer index past the last layer.
    #[error("{}: layer {index} was asked for; it has {layers} layers, counted from 0", file.display())]
    NoSuchLayer {
        /// The network.
        file: PathBuf,
        /// The index that was asked for.
        index: usize,
        /// The number of layers.
        layers: usize,
    },

    /// The file is shorter or longer than its own header says.
    #[error(
        "{place}: {what}: expected {expected} bytes, found {found}{}",
        if found < expected { "; the file is cut short: copy or save it again" } else { "" }
    )]
    WrongLength {
        /// The tensor or archive.
        place: Place,
        /// The part that has the wrong length.
        what: &'static str,
        /// The number of bytes that there should be.
        expected: u64,
        /// The number of bytes that there are.
        found: u64,
    },

    /// The bytes do not follow the file's format.
    #[error("{place}: damaged: {detail}")]
    Damaged {
        /// The tensor or archive.
        place: Place,
        /// What was expected and what was found.
        detail: String,
    },

    /// Elements that are not real numbers of up to 64 bits.
    #[error("{place}: elements of type {element} are not supported; floats of 16, 32 and 64 bits, integers and booleans are")]
    UnsupportedElement {
        /// The tensor.
        place: Place,
        /// The element type as the file spells it, with its kind.
        element: String,
    },

    /// An integer that no f64 equals.
    #[error(
        "{place}: the integer {value} at {} cannot be held exactly by an f64 (not every integer beyond 2^53 can); \
         .astype(float) rounds it, and identifiers are no neurons",
        Position(index)
    )]
    InexactInteger {
        /// The tensor.
        place: Place,
        /// Its index along every axis, counted from 0: `[row, column]` in a matrix.
        index: Vec<usize>,
        /// The integer.
        value: i128,
    },

    /// A text table that leaves something open, or has it wrong.
    #[error("{}{problem}", file.display())]
    Table {
        /// The file.
        file: PathBuf,
        /// What is open or wrong.
        problem: tables::Problem,
    },

    /// Two tables whose rows do not have the same ids.
    #[error(
        "{}: row {row} (counted from 0, without the header) has the id {id:?}, which {} does not have; rows are matched by id: \
         compare tables of the same examples, or say --index-column none and what to leave out with --drop-columns to match them as they stand",
        file.display(), other.display()
    )]
    IdsDiffer {
        /// The table that has the id.
        file: PathBuf,
        /// The table that does not.
        other: PathBuf,
        /// The row, counted from 0.
        row: usize,
        /// The id.
        id: String,
    },

    /// Layers of a network that are not to be had as they were asked for.
    #[error("{}: {problem}", path.display())]
    Layers {
        /// The archive or directory.
        path: PathBuf,
        /// What is wrong.
        problem: LayersError,
    },

    /// A scalar.
    #[error("{place}: a tensor without axes (a scalar) is not a representation")]
    NoAxes {
        /// The tensor.
        place: Place,
    },

    /// More axes than any array has.
    #[error("{place}: a tensor of {axes} axes; at most {most} are read, as many as NumPy makes")]
    AxesCount {
        /// The tensor.
        place: Place,
        /// Its axes.
        axes: usize,
        /// The most that are read.
        most: usize,
    },

    /// A tensor without elements.
    #[error("{place}: a tensor of shape {shape:?} has no elements")]
    EmptyTensor {
        /// The tensor.
        place: Place,
        /// Its shape.
        shape: Vec<usize>,
    },

    /// Axes, a mask or rows that do not make a matrix of the tensor.
    #[error("{place}: {problem}")]
    Axes {
        /// The tensor.
        place: Place,
        /// What is open or does not fit.
        problem: axes::Problem,
    },

    /// A mask or lengths that cannot be used.
    #[error(transparent)]
    Mask(#[from] axes::MaskError),

    /// Rows that cannot be chosen.
    #[error(transparent)]
    Rows(#[from] axes::RowsError),

    /// Labels of examples that make no groups.
    #[error(transparent)]
    Groups(#[from] axes::GroupsError),

    /// The memory for the tensor cannot be had.
    #[error("{place}: a tensor of shape {shape:?} does not fit into memory as f64")]
    TooLarge {
        /// The tensor.
        place: Place,
        /// Its shape.
        shape: Vec<usize>,
    },

    /// The numbers are readable and do not make a representation: not finite, or too few examples.
    /// The message is the source's, which names the representation, and that is named by its place.
    #[error("{source}")]
    Representation {
        /// The tensor.
        place: Place,
        /// What is wrong, with the row, the column and the value.
        source: Box<crate::error::Error>,
    },

    /// The file would have to be read from its beginning to reach some of its rows.
    #[error("{place}: cannot be read by blocks of rows: {reason}; store the layers as .npy in C order or as .safetensors")]
    NotByRows {
        /// The tensor.
        place: Place,
        /// Why not.
        reason: &'static str,
    },

    /// A block of its columns cannot be read without the others.
    #[error(
        "{place}: cannot be read by blocks of columns: {reason}; \
         store it as .npy or .safetensors in C order, flattened (--spatial flatten)"
    )]
    NotByColumns {
        /// The tensor.
        place: Place,
        /// Why not.
        reason: &'static str,
    },

    /// Rows that the tensor does not have, or none.
    #[error("{place}: rows {} to {} were asked for, counted from 0, and it has {n}", rows.start, rows.end)]
    NoSuchRows {
        /// The tensor.
        place: Place,
        /// The rows asked for.
        rows: std::ops::Range<usize>,
        /// The rows there are.
        n: usize,
    },

    /// Values and shape that do not belong together were to be written.
    #[error("{place}: a tensor of shape {shape:?} needs another number of values than the {found} given")]
    ValueCount {
        /// The tensor that was to be written.
        place: Place,
        /// The shape given.
        shape: Vec<usize>,
        /// The number of values given.
        found: usize,
    },

    /// A tensor name that the format keeps for itself was to be written.
    #[error("{}: {tensor:?} is reserved by the format and cannot name a tensor", file.display())]
    ReservedName {
        /// The archive that was to be written.
        file: PathBuf,
        /// The name.
        tensor: String,
    },
}

impl Error {
    /// What the operating system said about opening or writing `file`, "not found" apart.
    pub(super) fn system(file: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound { file: file.to_owned() },
            _ => Self::System { file: file.to_owned(), source },
        }
    }

    /// A failed read: what did not come from the operating system came from a decoder that met
    /// wrong bytes.
    pub(super) fn reading(place: &Place, source: std::io::Error) -> Self {
        match source.raw_os_error() {
            Some(_) => Self::System { file: place.file.clone(), source },
            None => Self::Damaged { place: place.clone(), detail: source.to_string() },
        }
    }

    /// Bytes that do not follow the format.
    pub(super) fn damaged(place: &Place, detail: impl fmt::Display) -> Self {
        Self::Damaged { place: place.clone(), detail: detail.to_string() }
    }
}
