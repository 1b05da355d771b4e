//! Formats and the extensions that tell them.

use std::path::Path;

use super::error::Error;
use super::pt;

/// The extensions as they are listed to people.
pub(super) const KNOWN_EXTENSIONS: &str = ".npy, .npz, .safetensors, .pt, .h5, .csv, .tsv";

/// A file format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Npy,
    Npz,
    Safetensors,
    Pt,
    Hdf5,
    Csv,
}

impl Format {
    /// The format of an existing regular file, by its extension.
    pub(super) fn of_file(file: &Path) -> Result<Self, Error> {
        let metadata = std::fs::metadata(file).map_err(|source| Error::system(file, source))?;
        if !metadata.is_file() {
            return Err(Error::NotAFile { file: file.to_owned() });
        }
        let extension = extension(file);
        match extension.as_str() {
            "npy" => Ok(Self::Npy),
            "npz" => Ok(Self::Npz),
            "safetensors" => Ok(Self::Safetensors),
            "csv" | "tsv" => Ok(Self::Csv),
            "pt" | "pth" => Ok(Self::Pt),
            // Names that checkpoints of PyTorch share with other files.
            "bin" | "ckpt" if pt::is_archive(file)? => Ok(Self::Pt),
            "bin" | "ckpt" => {
                Err(Error::OtherFormat { file: file.to_owned(), what: "not a file of PyTorch 1.6 or later", remedy: pt::REMEDY })
            }
            "pkl" | "pickle" => Err(Error::OtherFormat {
                file: file.to_owned(),
                what: "a pickle, which is a program and is not run",
                remedy: "store arrays with numpy.savez, or tensors with safetensors.torch.save_file(tensors, 'x.safetensors')",
            }),
            "onnx" | "tflite" | "keras" | "pb" => Err(Error::OtherFormat {
                file: file.to_owned(),
                what: "a model and not its activations",
                remedy: "run it on the examples, and store what its layers answer as .npz or .safetensors",
            }),
            "parquet" | "feather" | "arrow" | "mat" | "xlsx" => Err(Error::OtherFormat {
                file: file.to_owned(),
                what: "a format that is not read",
                remedy: "store the numbers as .npy (numpy.save) or .csv",
            }),
            "gz" | "bz2" | "xz" | "zst" | "zip" | "tar" | "tgz" => Err(Error::OtherFormat {
                file: file.to_owned(),
                what: "a compressed file or an archive of files",
                remedy: "unpack it first (gunzip, unzip, tar -x)",
            }),
            "txt" | "dat" | "data" | "asc" => Err(Error::OtherFormat {
                file: file.to_owned(),
                what: "a name that says nothing about the format",
                remedy: "call a text table .csv (--delimiter says what separates its fields), or store the numbers as .npy",
            }),
            "h5" | "hdf5" => Ok(Self::Hdf5),
            _ => Err(Error::UnknownExtension { file: file.to_owned(), extension }),
        }
    }
}

/// The extension without its dot, in lower case; empty when there is none.
pub(super) fn extension(file: &Path) -> String {
    file.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Whether the name ends like a file of tensors, read here or known not to be.
pub(super) fn has_known_extension(name: &str) -> bool {
    matches!(
        extension(Path::new(name)).as_str(),
        "npy" | "npz" | "safetensors" | "csv" | "tsv" | "h5" | "hdf5" | "pt" | "pth" | "ckpt" | "onnx" | "json"
    )
}
