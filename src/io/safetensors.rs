//! `.safetensors`: a JSON header and the tensors' bytes.
//!
//! The bytes are read and not mapped: a map of a file that somebody shortens ends the process.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::safetensors::Dtype;
use ::safetensors::tensor::{Metadata, TensorInfo};
use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::columns::read_exact_at;
use super::element::ElementType;
use super::error::Error;
use super::place::Place;
use super::rows::StoredRows;
use super::tensor::{Order, Tensor, element_count, not_widened, reserve};

/// The file starts with the header's length in this many bytes.
const LENGTH_BYTES: usize = size_of::<u64>();
/// The format allows no longer header.
const LONGEST_HEADER: u64 = 100_000_000;
/// Bytes read at a time; a multiple of every element's size.
const CHUNK: usize = 1 << 20;
/// The key of the metadata that names the layers in their order.
pub(super) const ORDER: &str = "layers";

/// An open file and where its tensors stand. It is opened once: a file that takes its name later is
/// not read.
#[derive(Debug)]
pub(super) struct Safetensors {
    file: PathBuf,
    handle: Arc<File>,
    /// Where the tensors' bytes start: their offsets count from here.
    data_start: usize,
    /// The tensors' names, ordered by where their bytes stand.
    names: Vec<String>,
    tensors: Vec<TensorInfo>,
    /// What the file's metadata says of the order of layers.
    order: Option<String>,
}

impl Safetensors {
    /// Opens the file and reads its header; every tensor's bytes are then known to be there.
    pub(super) fn open(file: &Path) -> Result<Self, Error> {
        let place = Place::new(file, None);
        let handle = File::open(file).map_err(|source| Error::system(file, source))?;
        let found = handle.metadata().map_err(|source| Error::system(file, source))?.len();
        let wrong_length = |what, expected: u64| Err(Error::WrongLength { place: place.clone(), what, expected, found });
        let read = |bytes: &mut [u8], at| read_exact_at(&handle, bytes, at).map_err(|source| Error::reading(&place, source));
        if found < LENGTH_BYTES as u64 {
            return wrong_length("header's length", LENGTH_BYTES as u64);
        }
        let mut length = [0; LENGTH_BYTES];
        read(&mut length, 0)?;
        let header_length = u64::from_le_bytes(length);
        if header_length > LONGEST_HEADER {
            return Err(Error::damaged(
                &place,
                format_args!("a header of {header_length} bytes is declared; the format allows {LONGEST_HEADER}"),
            ));
        }
        if found - (LENGTH_BYTES as u64) < header_length {
            return wrong_length("header", LENGTH_BYTES as u64 + header_length);
        }
        let mut header = vec![0; header_length as usize];
        read(&mut header, LENGTH_BYTES as u64)?;
        let metadata: Metadata =
            serde_json::from_slice(&header).map_err(|error| Error::damaged(&place, format_args!("header: {error}")))?;
        if let Some(tensor) = doubled_key(&header) {
            return Err(Error::DuplicateTensor { file: file.to_owned(), tensor });
        }
        let data_start = LENGTH_BYTES + header.len();
        let expected = (data_start as u64).saturating_add(metadata.data_len() as u64);
        if expected != found {
            return wrong_length("header and data", expected);
        }
        let names = metadata.offset_keys();
        let tensors = names.iter().filter_map(|name| metadata.info(name).cloned()).collect();
        let order = metadata.metadata().as_ref().and_then(|metadata| metadata.get(ORDER).cloned());
        Ok(Self { file: file.to_owned(), handle: Arc::new(handle), data_start, names, tensors, order })
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The order of layers that the metadata names: a JSON array of names, or names between commas.
    pub(super) fn order(&self) -> Option<Vec<String>> {
        let text = self.order.as_deref()?;
        serde_json::from_str(text).ok().or_else(|| Some(text.split(',').map(|name| name.trim().to_owned()).collect()))
    }

    pub(super) fn shape(&self, index: usize) -> Result<Vec<usize>, Error> {
        let TensorInfo { dtype, shape, .. } = &self.tensors[index];
        let place = Place::new(&self.file, Some(&self.names[index]));
        element(&place, *dtype)?;
        element_count(&place, shape)?;
        Ok(shape.clone())
    }

    /// Where the rows of a tensor stand.
    pub(super) fn rows(&self, index: usize) -> Result<StoredRows, Error> {
        let (shape, TensorInfo { dtype, data_offsets, .. }) = (self.shape(index)?, &self.tensors[index]);
        let place = Place::new(&self.file, Some(&self.names[index]));
        let element = element(&place, *dtype)?;
        let start = (self.data_start + data_offsets.0) as u64;
        Ok(StoredRows { place, file: self.file.clone(), start, element, big_endian: false, shape, slice: None })
    }

    pub(super) fn read(&self, index: usize) -> Result<Tensor, Error> {
        let (name, TensorInfo { dtype, shape, data_offsets }) = (&self.names[index], &self.tensors[index]);
        let place = Place::new(&self.file, Some(name));
        let element = element(&place, *dtype)?;
        let start = (self.data_start + data_offsets.0) as u64;
        let values = read_values(&self.handle, &place, element, false, shape, start)?;
        Ok(Tensor { name: name.clone(), shape: shape.clone(), element, values })
    }
}

/// The first key of a JSON object that stands in it twice: a map would keep the last of them.
fn doubled_key(header: &[u8]) -> Option<String> {
    struct Keys(Option<String>);
    impl<'de> Visitor<'de> for Keys {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut seen = HashSet::new();
            while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                if self.0.is_none() && seen.contains(&key) {
                    self.0 = Some(key);
                } else {
                    seen.insert(key);
                }
            }
            Ok(self.0)
        }
    }
    serde_json::Deserializer::from_slice(header).deserialize_map(Keys(None)).ok().flatten()
}

/// The elements of a tensor that stands in its file in row-major order from a byte on.
pub(super) fn read_values(
    handle: &File,
    place: &Place,
    element: ElementType,
    big_endian: bool,
    shape: &[usize],
    start: u64,
) -> Result<Vec<f64>, Error> {
    let count = element_count(place, shape)?;
    let mut values = reserve(place, shape, count)?;
    let mut buffer = vec![0; CHUNK.min(count * element.size())];
    while values.len() < count {
        let decoded = values.len();
        let part = &mut buffer[..CHUNK.min((count - decoded) * element.size())];
        let at = start + (decoded * element.size()) as u64;
        read_exact_at(handle, part, at).map_err(|source| Error::reading(place, source))?;
        element.decode(part, big_endian, &mut values).map_err(|bad| not_widened(place, element, shape, Order::RowMajor, decoded, bad))?;
    }
    Ok(values)
}

fn element(place: &Place, dtype: Dtype) -> Result<ElementType, Error> {
    element_of(dtype).ok_or_else(|| {
        let remedy = match dtype {
            Dtype::C64 => " (complex numbers; save the real and the imaginary parts, torch.view_as_real)",
            _ if dtype.bitsize() <= 8 => " (convert them with .to(torch.float32) or .astype(numpy.float32))",
            _ => "",
        };
        Error::UnsupportedElement { place: place.clone(), element: format!("{dtype}{remedy}") }
    })
}

fn element_of(dtype: Dtype) -> Option<ElementType> {
    match dtype {
        Dtype::BOOL => Some(ElementType::Bool),
        Dtype::I8 => Some(ElementType::I8),
        Dtype::I16 => Some(ElementType::I16),
        Dtype::I32 => Some(ElementType::I32),
        Dtype::I64 => Some(ElementType::I64),
        Dtype::U8 => Some(ElementType::U8),
        Dtype::U16 => Some(ElementType::U16),
        Dtype::U32 => Some(ElementType::U32),
        Dtype::U64 => Some(ElementType::U64),
        Dtype::F16 => Some(ElementType::F16),
        Dtype::BF16 => Some(ElementType::BF16),
        Dtype::F32 => Some(ElementType::F32),
        Dtype::F64 => Some(ElementType::F64),
        // Complex numbers, and floats of 8 bits and fewer.
        _ => None,
    }
}
