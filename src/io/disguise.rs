//! Files that are not what their names say, by their first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::Error;
use super::format::extension;

/// A beginning of a file, the extensions that it belongs to, what the file is, and what to do.
type Beginning = (&'static [u8], &'static [&'static str], &'static str, &'static str);

const BEGINNINGS: [Beginning; 12] = [
    (b"version https://git-lfs", &[], "a pointer of Git LFS that stands for the file", "fetch the file itself (git lfs pull)"),
    (b"\x93NUMPY", &["npy"], "an array of NumPy under another name", "call it .npy"),
    (b"\x89HDF", &["h5", "hdf5"], "a file of HDF5 under another name", "call it .h5"),
    (
        b"PK\x03\x04",
        &["npz", "pt", "pth", "bin", "ckpt"],
        "a zip archive",
        "call it .npz where numpy.savez wrote it, .pt where torch.save did, else unpack it",
    ),
    (b"\x80\x02", &["pt", "pth"], PICKLE, NO_PICKLE),
    (b"\x80\x03", &["pt", "pth"], PICKLE, NO_PICKLE),
    (b"\x80\x04", &["pt", "pth"], PICKLE, NO_PICKLE),
    (b"\x80\x05", &["pt", "pth"], PICKLE, NO_PICKLE),
    (b"\x1f\x8b", &[], "compressed by gzip", "unpack it first (gunzip)"),
    (b"MATLAB 5.0", &[], "a file of MATLAB", "store its arrays with numpy.savez"),
    (b"<!DOCTYPE", &["csv", "tsv"], "a page of HTML", "download the file itself"),
    (b"<html", &["csv", "tsv"], "a page of HTML", "download the file itself"),
];

const PICKLE: &str = "a pickle, which is a program and is not run";
const NO_PICKLE: &str = "store the array with numpy.save(..., allow_pickle=False)";

/// What was wrong with a file; where its beginning is that of another kind of file, that instead.
pub(super) fn explain(file: &Path, error: Error) -> Error {
    if !matches!(error, Error::Damaged { .. } | Error::WrongLength { .. } | Error::Table { .. }) {
        return error;
    }
    let mut start = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(32).read_to_end(&mut start));
    let own = extension(file);
    let found =
        BEGINNINGS.iter().find(|(beginning, ..)| start.starts_with(beginning)).filter(|(_, owners, ..)| !owners.contains(&own.as_str()));
    match (read, found) {
        (Ok(_), Some((_, _, what, remedy))) => Error::OtherFormat { file: file.to_owned(), what, remedy },
        _ => error,
    }
}
