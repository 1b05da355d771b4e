//! NumPy's `.npz`: a zip archive of `.npy` members, compressed or not.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::error::Error;
use super::npy;
use super::place::Place;
use super::tensor::Tensor;

/// The members of an archive; it is opened anew for every read, so that reads need no lock.
#[derive(Debug)]
pub(super) struct Npz {
    file: PathBuf,
    /// The tensors' names.
    names: Vec<String>,
    /// The members' names.
    members: Vec<String>,
}

impl Npz {
    /// Lists the members; members that are not `.npy` files are none of NumPy's and are left out.
    pub(super) fn open(file: &Path) -> Result<Self, Error> {
        let directory = open(file)?.central_directory_start();
        let listed = listed_names(file, directory).map_err(|source| Error::reading(&Place::new(file, None), source))?;
        let (mut names, mut members) = (Vec::new(), Vec::new());
        for member in listed {
            // What the Finder of macOS puts beside the members when it packs them has their names.
            let is_beside = member.starts_with("__MACOSX/") || member.rsplit('/').next().is_some_and(|name| name.starts_with("._"));
            if let Some(tensor) = member.strip_suffix(".npy").filter(|_| !is_beside) {
                names.push(tensor.to_owned());
                members.push(member);
            }
        }
        Ok(Self { file: file.to_owned(), names, members })
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The shape of a tensor; inflates no more than its header.
    pub(super) fn shape(&self, index: usize) -> Result<Vec<usize>, Error> {
        self.with_member(index, |member, length, place| npy::read_shape(member, length, place))
    }

    pub(super) fn read(&self, index: usize) -> Result<Tensor, Error> {
        self.with_member(index, |member, length, place| npy::read(member, length, self.names[index].clone(), place))
    }

    fn with_member<T>(
        &self,
        index: usize,
        read: impl FnOnce(ZipFile<'_, BufReader<File>>, u64, &Place) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let place = Place::new(&self.file, Some(&self.names[index]));
        let mut archive = open(&self.file)?;
        let member = archive.by_name(&self.members[index]).map_err(|error| unreadable(&place, error))?;
        if !matches!(member.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            let method = member.compression();
            return Err(Error::damaged(
                &place,
                format_args!("compressed by {method}; numpy.savez stores members, and numpy.savez_compressed deflates them: save it again"),
            ));
        }
        let length = member.size();
        read(member, length, &place)
    }
}

pub(super) fn open(file: &Path) -> Result<ZipArchive<BufReader<File>>, Error> {
    let handle = File::open(file).map_err(|source| Error::system(file, source))?;
    let length = handle.metadata().map_err(|source| Error::system(file, source))?.len();
    ZipArchive::new(BufReader::new(handle)).map_err(|error| match unreadable(&Place::new(file, None), error) {
        Error::Damaged { place, detail } => Error::damaged(
            &place,
            format_args!("expected a zip archive, which ends in a directory of its members; found {length} bytes: {detail}"),
        ),
        other => other,
    })
}

/// The names that the central directory lists, in its order. The zip crate keeps one member a name,
/// the last: read here, a name that is listed twice is seen.
pub(super) fn listed_names(file: &Path, directory: u64) -> std::io::Result<Vec<String>> {
    const SIGNATURE: &[u8] = b"PK\x01\x02";
    const HEADER: usize = 46;
    let mut reader = BufReader::new(File::open(file)?);
    reader.seek(SeekFrom::Start(directory))?;
    let mut names = Vec::new();
    loop {
        let mut header = [0; HEADER];
        // The end record that follows the directory is shorter than a header.
        if reader.read_exact(&mut header[..4]).is_err() || &header[..4] != SIGNATURE {
            return Ok(names);
        }
        reader.read_exact(&mut header[4..])?;
        let length = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let mut name = vec![0; usize::from(length(28))];
        reader.read_exact(&mut name)?;
        names.push(String::from_utf8_lossy(&name).into_owned());
        reader.seek_relative(i64::from(length(30)) + i64::from(length(32)))?;
    }
}

pub(super) fn unreadable(place: &Place, error: ZipError) -> Error {
    match error {
        ZipError::Io(source) => Error::reading(place, source),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            Error::damaged(place, format_args!("the archive is encrypted; unpack it, and save it again with numpy.savez"))
        }
        other => Error::damaged(place, other),
    }
}
