//! Reading representations and networks from files, and writing results whole.
//!
//! A representation is a tensor in a file: the one of a `.npy` or `.csv` file, or a named one of a
//! `.npz`, `.safetensors`, `.pt` or `.h5` archive ([`Source`]: `FILE` or `FILE:NAME`). A network is
//! an archive whose tensors are its layers, or a directory of `.npy` files ([`Network`]). Tensors
//! with more than two axes become matrices by the names of their axes and a choice of what becomes
//! of positions ([`Reading`]), both the caller's: they are never guessed.
//!
//! Every value is widened to `f64` **exactly**: halves, single precision, integers and booleans
//! keep their value, and an integer that no `f64` equals is an error instead of a neighbour. (A csv
//! field is a decimal numeral; it is read as the nearest `f64`, as every parser of decimals does.)
//!
//! ```
//! use similitude::io::{self, Source};
//!
//! let directory = std::env::temp_dir().join(format!("similitude-io-example-{}", std::process::id()));
//! std::fs::create_dir_all(&directory)?;
//! let file = directory.join("activations.npy");
//! io::write_npy(&file, 3, 2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.5])?;
//!
//! let x = io::read_representation(&Source::from_parts(&file, None), None)?;
//! assert_eq!((x.n(), x.p()), (3, 2));
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod columns;
mod csv;
mod directory;
mod disguise;
mod element;
mod error;
mod format;
mod groups;
#[cfg(feature = "h5")]
mod h5;
#[cfg(not(feature = "h5"))]
#[path = "h5_absent.rs"]
mod h5;
#[cfg(feature = "h5")]
mod h5_links;
mod layers_error;
mod listing;
mod natural;
mod network;
mod npy;
mod npz;
mod open_network;
mod opening;
mod place;
mod pt;
mod reading;
mod rows;
mod safetensors;
mod shards;
mod source;
mod tensor;
mod write;
mod write_npz;

pub use crate::axes::{
    Arranged, Arrangement, Axes, AxesError, Axis, GroupsError, Mask, MaskError, Problem as AxesProblem, RowChoice, Rows, RowsError, Spatial,
};
pub use crate::pickle::problem::Problem as PickleProblem;
pub use crate::tables::{Choices, Comment, Decimal, Delimiter, IndexColumn, Problem as TableProblem};
pub use columns::{ColumnBlock, StoredColumns};
pub use csv::{ReadRepresentation, read_pair};
pub use element::ElementType;
pub use error::Error;
pub use groups::read_groups;
pub use layers_error::LayersError;
pub use network::Network;
pub use opening::{LayerOrder, Opening};
pub use place::Place;
pub use reading::{Reading, read_lengths, read_mask, read_rows};
pub use source::Source;
pub use tensor::Tensor;
pub use write::{TensorValues, remove_unfinished, write_atomically, write_npy, write_safetensors};
pub use write_npz::{Array, write_npz};

use crate::representation::Representation;
use archive::Archive;
use format::Format;

/// Reads the tensor that `source` names, of any number of axes from one, as it stands in the file.
///
/// An archive with a single tensor needs no `:NAME`.
///
/// # Errors
///
/// [`Error`]: the file, the tensor name, the element type, the shape or the bytes are not usable;
/// the message says which. Values that are not finite are *not* an error here (see
/// [`read_representation`]).
pub fn read_tensor(source: &Source) -> Result<Tensor, Error> {
    read_tensor_as(source, None)
}

/// As [`read_tensor`], a text table as it is to be read.
fn read_tensor_as(source: &Source, reading: Option<&Reading>) -> Result<Tensor, Error> {
    let file = source.path();
    match (Format::of_file(file)?, source.tensor()) {
        (Format::Npy, None) => npy::read_file(file),
        (Format::Csv, None) => csv::read_file(file, &reading.map_or_else(Choices::default, |reading| reading.tables.clone())),
        (Format::Npy | Format::Csv, Some(tensor)) => Err(Error::UnexpectedTensorName { file: file.to_owned(), tensor: tensor.to_owned() }),
        (format @ (Format::Npz | Format::Safetensors | Format::Pt | Format::Hdf5), tensor) => {
            let archive = Archive::open(file, format)?;
            let index = archive.find(tensor)?;
            archive.read(index)
        }
    }
}

/// Reads the representation that `source` names: n examples (rows) by p neurons (columns).
///
/// Its name is the text of `source`. `reading` says what the axes of a tensor with more than two
/// count and what becomes of positions; a vector of length n is n x 1, a matrix is itself.
///
/// # Errors
///
/// As [`read_tensor`]; also [`Error::Axes`] for more than two axes without a name,
/// [`Error::Table`] for a text table that could be read in several ways, and
/// [`Error::Representation`] for values that are not finite or too few examples.
pub fn read_representation(source: &Source, reading: Option<&Reading>) -> Result<Representation<'static>, Error> {
    if source.path().is_file() && Format::of_file(source.path())? == Format::Csv {
        let tensor = read_tensor_as(source, reading)?;
        let place = Place::new(source.path(), source.tensor());
        return Ok(tensor.into_representation(source.to_string(), &place, reading)?.0);
    }
    Ok(Network::of_source(source, reading)?.read_layer(0, reading)?.renamed(source.to_string()))
}
