//! Reading representations and networks from files, and writing results whole.
//!
//! A representation is a tensor in a file: the one of a `.npy` or `.csv` file, or a named one of a
//! `.npz` or `.safetensors` archive ([`Source`]: `FILE` or `FILE:NAME`). A network is an archive
//! whose tensors are its layers, or a directory of `.npy` files ([`Network`]). Tensors with more
//! than two axes become matrices by a [`Spatial`] choice that the caller makes: it is never
//! guessed.
//!
//! Every value is widened to `f64` **exactly**: halves, single precision, integers and booleans
//! keep their value, and an integer that no `f64` equals is an error instead of a neighbour. (A csv
//! field is a decimal numeral; it is read as the nearest `f64`, as every parser of decimals does.)
//!
//! ```
//! use similitude::io::{self, Source, Spatial};
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
mod element;
mod error;
mod format;
mod natural;
mod network;
mod npy;
mod npz;
mod rows;
mod safetensors;
mod source;
mod spatial;
mod tensor;
mod write;
mod write_npz;

pub use columns::{ColumnBlock, StoredColumns};
pub use element::ElementType;
pub use error::{Error, Place};
pub use network::Network;
pub use source::Source;
pub use spatial::{Spatial, representation_shape};
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
    let file = source.path();
    match (Format::of_file(file)?, source.tensor()) {
        (Format::Npy, None) => npy::read_file(file),
        (Format::Csv, None) => csv::read_file(file),
        (Format::Npy | Format::Csv, Some(tensor)) => Err(Error::UnexpectedTensorName { file: file.to_owned(), tensor: tensor.to_owned() }),
        (format @ (Format::Npz | Format::Safetensors), tensor) => {
            let archive = Archive::open(file, format)?;
            let index = archive.find(tensor)?;
            archive.read(index)
        }
    }
}

/// Reads the representation that `source` names: n examples (rows) by p neurons (columns).
///
/// Its name is the text of `source`. `spatial` says what becomes of a tensor with more than two
/// axes; a vector of length n is n x 1, a matrix is itself, whatever `spatial` says.
///
/// # Errors
///
/// As [`read_tensor`]; also [`Error::TooManyAxes`] for more than two axes without `spatial`, and
/// [`Error::Representation`] for values that are not finite or too few examples.
pub fn read_representation(source: &Source, spatial: Option<Spatial>) -> Result<Representation<'static>, Error> {
    let tensor = read_tensor(source)?;
    let place = Place::new(source.path(), source.tensor());
    tensor.into_representation(source.to_string(), &place, spatial)
}
