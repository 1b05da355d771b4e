//! `.h5`, `.hdf5`: the datasets of an HDF5 file, called by the groups that they stand in.
//!
//! The bytes are read and not mapped: a map of a file that somebody shortens ends the process.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use hdf5_reader::group::Group;
use hdf5_reader::storage::FileStorage;
use hdf5_reader::{ByteOrder, Dataset, Datatype, ExternalLinkResolver, H5Type, Hdf5File, OpenOptions, SliceInfo, SliceInfoElem};

use super::element::ElementType;
use super::error::Error;
use super::h5_links::soft_links;
use super::place::Place;
use super::rows::StoredRows;
use super::tensor::{Order, Tensor, element_count, not_widened, reserve};

/// Groups that stand in each other deeper than this are nobody's network.
const DEEPEST: usize = 64;
/// Bytes of elements that are read at a time, where chunks are not larger.
const SLAB: usize = 1 << 20;
/// Bytes of chunks that are kept for the next slab.
const CACHE: usize = 16 << 20;
/// No larger chunk is decoded.
const LARGEST_CHUNK: usize = 1 << 30;

/// An open file and its datasets.
pub(super) struct Hdf5 {
    file: PathBuf,
    /// The datasets' names, with those of their groups, joined by `/`.
    names: Vec<String>,
    datasets: Vec<Dataset>,
    /// Files that links lead to.
    elsewhere: Arc<Elsewhere>,
    /// Links that lead nowhere.
    dangling: Vec<String>,
}

/// The names of other files that links lead to. They are not followed: what is read is what the
/// file holds, and its checksum is that of the file.
#[derive(Debug, Default)]
struct Elsewhere(Mutex<BTreeSet<String>>);

impl ExternalLinkResolver for Elsewhere {
    fn resolve_external_link(&self, filename: &str) -> Result<Option<Hdf5File>, hdf5_reader::error::Error> {
        self.0.lock().expect("no panic while locked").insert(filename.to_owned());
        Ok(None)
    }
}

impl fmt::Debug for Hdf5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hdf5").field("file", &self.file).field("names", &self.names).finish_non_exhaustive()
    }
}

impl Hdf5 {
    /// Opens the file and lists its datasets.
    pub(super) fn open(file: &Path) -> Result<Self, Error> {
        let place = Place::new(file, None);
        let handle = std::fs::File::open(file).map_err(|source| Error::system(file, source))?;
        let elsewhere = Arc::new(Elsewhere::default());
        let options = OpenOptions::default().with_chunk_cache_bytes(CACHE).with_max_chunk_bytes(LARGEST_CHUNK);
        let options = options.with_external_link_resolver(Arc::clone(&elsewhere) as Arc<dyn ExternalLinkResolver>);
        let root = FileStorage::from_file(handle)
            .and_then(|storage| Hdf5File::from_storage_with_options(Arc::new(storage), options))
            .and_then(|opened| opened.root_group())
            .map_err(|error| unread(&place, error))?;
        let mut found = Self { file: file.to_owned(), names: Vec::new(), datasets: Vec::new(), elsewhere, dangling: Vec::new() };
        found.list(&root, "", 0, &mut HashSet::new()).map_err(|error| unread(&place, error))?;
        Ok(found)
    }

    /// Lists the datasets of a group and of those in it, each group once: links may lead back.
    fn list(&mut self, group: &Group, prefix: &str, depth: usize, seen: &mut HashSet<u64>) -> Result<(), hdf5_reader::error::Error> {
        if !seen.insert(group.address()) {
            return Ok(());
        }
        if depth > DEEPEST {
            return Err(hdf5_reader::error::Error::Other(format!("groups stand in each other more than {DEEPEST} deep")));
        }
        let (groups, datasets) = group.members()?;
        let is_there = |name: &String| groups.iter().any(|group| group.name() == name) || datasets.iter().any(|set| set.name() == name);
        let missing = soft_links(group)?.into_iter().filter(|name| !is_there(name));
        self.dangling.extend(missing.map(|name| format!("{prefix}{name}")));
        for dataset in datasets {
            self.names.push(format!("{prefix}{}", dataset.name()));
            self.datasets.push(dataset);
        }
        for group in groups {
            self.list(&group, &format!("{prefix}{}/", group.name()), depth + 1, seen)?;
        }
        Ok(())
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Links that lead nowhere.
    pub(super) fn dangling(&self) -> Vec<String> {
        self.dangling.clone()
    }

    /// Other files that links lead to.
    pub(super) fn elsewhere(&self) -> Vec<String> {
        self.elsewhere.0.lock().expect("no panic while locked").iter().cloned().collect()
    }

    pub(super) fn shape(&self, index: usize) -> Result<Vec<usize>, Error> {
        let place = self.place(index);
        let dataset = &self.datasets[index];
        element(&place, dataset)?;
        let lengths = dataset.shape().iter().map(|&length| usize::try_from(length));
        let shape: Vec<usize> = lengths
            .collect::<Result<_, _>>()
            .map_err(|_| Error::damaged(&place, format_args!("the shape {:?} is beyond this machine", dataset.shape())))?;
        element_count(&place, &shape)?;
        Ok(shape)
    }

    /// Where the rows of a dataset stand is the library's secret.
    pub(super) fn rows(&self, index: usize) -> Result<StoredRows, Error> {
        Err(Error::NotByRows { place: self.place(index), reason: "it is a dataset of an HDF5 file" })
    }

    pub(super) fn read(&self, index: usize) -> Result<Tensor, Error> {
        let (place, shape, dataset) = (self.place(index), self.shape(index)?, &self.datasets[index]);
        let (element, big_endian) = element(&place, dataset)?;
        let mut values = reserve(&place, &shape, element_count(&place, &shape)?)?;
        // Whole rows of chunks, so that none is decoded twice.
        let row = shape[1..].iter().product::<usize>() * element.size();
        let chunk = dataset.chunks().and_then(|chunks| chunks.first().copied()).map_or(1, |rows| (rows as usize).max(1));
        let rows = (SLAB / row.max(1)).max(1).next_multiple_of(chunk);
        let mut bytes = Vec::new();
        for start in (0..shape[0]).step_by(rows) {
            let mut selection = SliceInfo::all(shape.len());
            let end = (start + rows).min(shape[0]);
            selection.selections[0] = SliceInfoElem::Slice { start: start as u64, end: end as u64, step: 1 };
            let stored = dataset.read_slice::<Stored>(&selection).map_err(|error| unread(&place, error))?;
            bytes.clear();
            stored.iter().for_each(|Stored(one)| bytes.extend_from_slice(&one[..element.size()]));
            let before = values.len();
            element
                .decode(&bytes, big_endian, &mut values)
                .map_err(|bad| not_widened(&place, element, &shape, Order::RowMajor, before, bad))?;
        }
        Ok(Tensor { name: self.names[index].clone(), shape, element, values })
    }

    fn place(&self, index: usize) -> Place {
        Place::new(&self.file, Some(&self.names[index]))
    }
}

/// The bytes of an element as they stand in the file, the first ones.
#[derive(Clone)]
struct Stored([u8; 8]);

impl H5Type for Stored {
    fn hdf5_type() -> Datatype {
        Datatype::FixedPoint { size: 8, signed: false, byte_order: ByteOrder::LittleEndian }
    }

    fn from_bytes(bytes: &[u8], _: &Datatype) -> Result<Self, hdf5_reader::error::Error> {
        let mut stored = [0; 8];
        let length = bytes.len().min(8);
        stored[..length].copy_from_slice(&bytes[..length]);
        Ok(Self(stored))
    }

    fn element_size(datatype: &Datatype) -> usize {
        match datatype {
            Datatype::FixedPoint { size, .. } | Datatype::FloatingPoint { size, .. } => usize::from(*size),
            Datatype::Enum { base, .. } => Self::element_size(base),
            // Nothing else is read.
            _ => 1,
        }
    }
}

/// The type of the elements, and whether their bytes are big-endian.
///
/// Floats are told from their bits as the file describes them: two formats have 16.
fn element(place: &Place, dataset: &Dataset) -> Result<(ElementType, bool), Error> {
    let refused = |what: &str| Error::UnsupportedElement { place: place.clone(), element: what.to_owned() };
    let raw = dataset.raw_datatype().map_err(|error| unread(place, error))?;
    let big_endian = raw.get(1).is_some_and(|bits| bits & 1 == 1);
    match dataset.dtype() {
        Datatype::FixedPoint { size, signed, .. } => {
            let whole = raw.get(8..12) == Some(&[0, 0, size.saturating_mul(8), 0][..]);
            let element = match (size, signed) {
                _ if !whole => None,
                (1, true) => Some(ElementType::I8),
                (2, true) => Some(ElementType::I16),
                (4, true) => Some(ElementType::I32),
                (8, true) => Some(ElementType::I64),
                (1, false) => Some(ElementType::U8),
                (2, false) => Some(ElementType::U16),
                (4, false) => Some(ElementType::U32),
                (8, false) => Some(ElementType::U64),
                _ => None,
            };
            let element =
                element.ok_or_else(|| refused("integers that do not fill their bytes (convert them with .astype(numpy.int64))"))?;
            Ok((element, big_endian))
        }
        Datatype::FloatingPoint { .. } => {
            let element = float(&raw).ok_or_else(|| refused("floats of another layout (convert them with .astype(numpy.float32))"))?;
            Ok((element, big_endian))
        }
        Datatype::Enum { base, members } => {
            let booleans = members.len() == 2 && members.iter().any(|member| member.name == "TRUE");
            match **base {
                Datatype::FixedPoint { size: 1, .. } if booleans => Ok((ElementType::Bool, false)),
                _ => Err(refused("an enumeration (convert it with .astype(numpy.int64))")),
            }
        }
        Datatype::Compound { .. } => Err(refused("compound values or complex numbers (store each part by itself)")),
        _ => Err(refused("text or other values that are no numbers (store arrays of numbers)")),
    }
}

/// The float that a datatype message describes: the places and lengths of its parts, and its bias.
fn float(raw: &[u8]) -> Option<ElementType> {
    // Class and version, three bytes of bits, the size; then offset, precision, and the parts.
    let (bits, size, parts) = (raw.get(1..4)?, raw.get(4..8)?, raw.get(8..20)?);
    let kinds = [
        (ElementType::F16, 10, 5, 15_u32),
        (ElementType::BF16, 7, 8, 127),
        (ElementType::F32, 23, 8, 127),
        (ElementType::F64, 52, 11, 1023),
    ];
    let found = kinds.into_iter().find(|&(element, mantissa, exponent, bias)| {
        let length = element.size() as u8;
        // The leading bit is implied, the sign is the highest bit, and the order is not that of a
        // VAX.
        let normal = bits[0] & 0x70 == 0x20 && bits[1] == length * 8 - 1 && size == [length, 0, 0, 0];
        normal && parts[..8] == [0, 0, length * 8, 0, mantissa, exponent, 0, mantissa] && parts[8..] == bias.to_le_bytes()
    });
    found.map(|(element, ..)| element)
}

/// What kept a file from being read: the system, a feature of the format, or damage.
fn unread(place: &Place, error: hdf5_reader::error::Error) -> Error {
    use hdf5_reader::error::Error as Cause;
    match error {
        Cause::Io(source) => Error::reading(place, source),
        // The path says which of a file's datasets it is.
        Cause::Context { path, source } => match unread(place, *source) {
            Error::Hdf5NotRead { place, reason } if place.tensor.is_none() => {
                Error::Hdf5NotRead { place, reason: format!("{path}: {reason}") }
            }
            other => other,
        },
        Cause::UnsupportedFilter(_) | Cause::UnsupportedEncoding(_) | Cause::ResourceLimit(_) => {
            Error::Hdf5NotRead { place: place.clone(), reason: error.to_string() }
        }
        Cause::UnsupportedLayoutClass(_) => {
            Error::Hdf5NotRead { place: place.clone(), reason: "a virtual dataset, whose values stand in others".to_owned() }
        }
        other if other.to_string().contains("external raw data file") => {
            Error::Hdf5NotRead { place: place.clone(), reason: format!("{other}: values that stand in another file") }
        }
        other => Error::damaged(place, other),
    }
}
