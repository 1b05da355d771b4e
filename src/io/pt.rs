//! `.pt`, `.pth`: what `torch.save` writes of tensors, a zip archive of a pickle and of storages.
//!
//! The pickle is not run: see [`crate::pickle`]. Storages are read by ranges, as they stand in the
//! archive.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::{CompressionMethod, ZipArchive};

use super::columns::read_exact_at;
use super::element::ElementType;
use super::error::Error;
use super::npz;
use super::place::Place;
use super::rows::StoredRows;
use super::safetensors::read_values;
use super::tensor::{Order, Tensor, element_count, not_widened, reserve};
use crate::pickle::objects;
use crate::pickle::tensors::named_tensors;

/// How other files of PyTorch become files that are read.
pub(super) const REMEDY: &str = "load it with torch.load, and store the tensors with safetensors.torch.save_file(tensors, 'x.safetensors')";
/// The pickle of a hundred thousand tensors is shorter.
const LONGEST_PICKLE: u64 = 16 << 20;

/// An open file and where its tensors stand.
#[derive(Debug)]
pub(super) struct Pt {
    file: PathBuf,
    handle: Arc<File>,
    big_endian: bool,
    names: Vec<String>,
    tensors: Vec<objects::Tensor>,
    /// The first byte and the length of every storage.
    storages: HashMap<String, (u64, u64)>,
}

/// A tensor whose elements all stand in its storage.
struct View<'a> {
    tensor: &'a objects::Tensor,
    place: Place,
    element: ElementType,
    count: usize,
    /// The first byte in the file.
    start: u64,
    /// Elements from the first to the last.
    span: usize,
}

/// Whether a file starts as a zip archive does.
pub(super) fn is_archive(file: &Path) -> Result<bool, Error> {
    let mut start = Vec::new();
    let handle = File::open(file).map_err(|source| Error::system(file, source))?;
    handle.take(4).read_to_end(&mut start).map_err(|source| Error::system(file, source))?;
    Ok(start == b"PK\x03\x04")
}

impl Pt {
    /// Opens the file and reads which tensors it has; storages are found, and not read.
    pub(super) fn open(file: &Path) -> Result<Self, Error> {
        if !is_archive(file)? {
            let what = "no zip archive, as torch.save writes since PyTorch 1.6";
            return Err(Error::OtherFormat { file: file.to_owned(), what, remedy: REMEDY });
        }
        let place = Place::new(file, None);
        let mut archive = npz::open(file)?;
        let listed = npz::listed_names(file, archive.central_directory_start()).map_err(|source| Error::reading(&place, source))?;
        let pickles: Vec<&String> = listed.iter().filter(|name| name.split('/').next_back() == Some("data.pkl")).collect();
        let root = match pickles[..] {
            [name] => name.trim_end_matches("data.pkl").to_owned(),
            _ => return Err(Error::damaged(&place, format_args!("expected one data.pkl in the archive; found {}", pickles.len()))),
        };
        let pickle = text(&mut archive, &place, &format!("{root}data.pkl"), LONGEST_PICKLE)?;
        let named = named_tensors(&pickle).map_err(|problem| Error::Pickle { file: file.to_owned(), problem })?;
        let order = format!("{root}byteorder");
        let big_endian = listed.contains(&order) && text(&mut archive, &place, &order, 64)?.trim_ascii() == b"big";
        let (names, tensors): (Vec<String>, Vec<objects::Tensor>) = named.into_iter().unzip();
        let mut storages = HashMap::new();
        for objects::Tensor { storage, .. } in &tensors {
            if !storages.contains_key(&storage.key) {
                storages.insert(storage.key.clone(), find(&mut archive, &place, &format!("{root}data/{}", storage.key))?);
            }
        }
        let handle = Arc::new(File::open(file).map_err(|source| Error::system(file, source))?);
        Ok(Self { file: file.to_owned(), handle, big_endian, names, tensors, storages })
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn shape(&self, index: usize) -> Result<Vec<usize>, Error> {
        Ok(self.view(index)?.tensor.shape.clone())
    }

    /// Where the rows of a tensor stand.
    pub(super) fn rows(&self, index: usize) -> Result<StoredRows, Error> {
        let View { tensor, place, element, start, .. } = self.view(index)?;
        if !is_contiguous(tensor) {
            return Err(Error::NotByRows { place, reason: "it is a view that stands in another order (.contiguous() puts it in order)" });
        }
        let (file, shape) = (self.file.clone(), tensor.shape.clone());
        Ok(StoredRows { place, file, start, element, big_endian: self.big_endian, shape, slice: None })
    }

    pub(super) fn read(&self, index: usize) -> Result<Tensor, Error> {
        let view = self.view(index)?;
        let View { tensor, ref place, element, start, .. } = view;
        let values = if is_contiguous(tensor) {
            read_values(&self.handle, place, element, self.big_endian, &tensor.shape, start)?
        } else {
            self.gather(&view)?
        };
        Ok(Tensor { name: self.names[index].clone(), shape: tensor.shape.clone(), element, values })
    }

    /// The elements of a view in row-major order, wherever they stand.
    fn gather(&self, view: &View<'_>) -> Result<Vec<f64>, Error> {
        let View { tensor, place, element, count, start, span } = view;
        let size = element.size();
        let too_large = || Error::TooLarge { place: place.clone(), shape: tensor.shape.clone() };
        let mut bytes: Vec<u8> = Vec::new();
        bytes.try_reserve_exact(span * size).map_err(|_| too_large())?;
        bytes.resize(span * size, 0);
        read_exact_at(&self.handle, &mut bytes, *start).map_err(|source| Error::reading(place, source))?;
        let mut values = reserve(place, &tensor.shape, *count)?;
        let mut index = vec![0; tensor.shape.len()];
        let mut at = 0;
        while values.len() < *count {
            let stored = values.len();
            element
                .decode(&bytes[at * size..(at + 1) * size], self.big_endian, &mut values)
                .map_err(|bad| not_widened(place, *element, &tensor.shape, Order::RowMajor, stored, bad))?;
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                at += tensor.strides[axis];
                if index[axis] < tensor.shape[axis] {
                    break;
                }
                at -= tensor.strides[axis] * tensor.shape[axis];
                index[axis] = 0;
            }
        }
        Ok(values)
    }

    /// A tensor, if its elements are of a type that is read and all stand in its storage.
    fn view(&self, index: usize) -> Result<View<'_>, Error> {
        let tensor = &self.tensors[index];
        let place = Place::new(&self.file, Some(&self.names[index]));
        let Some(element) = element_of(tensor.element) else {
            let remedy = if tensor.element.starts_with("float") { " (convert it with .to(torch.float32))" } else { "" };
            return Err(Error::UnsupportedElement { place, element: format!("{}{remedy}", tensor.element) });
        };
        let count = element_count(&place, &tensor.shape)?;
        let (first, found) = self.storages[&tensor.storage.key];
        let expected = match tensor.storage.element {
            Some(_) => tensor.storage.length.saturating_mul(element.size() as u64),
            None => tensor.storage.length,
        };
        if expected != found {
            return Err(Error::WrongLength { place, what: "storage", expected, found });
        }
        let held = found / element.size() as u64;
        let last = tensor
            .shape
            .iter()
            .zip(&tensor.strides)
            .try_fold(0_u64, |last, (&length, &stride)| last.checked_add((length as u64 - 1).checked_mul(stride as u64)?));
        let end = last.and_then(|last| last.checked_add(tensor.offset)?.checked_add(1));
        let (Some(last), Some(_)) = (last, end.filter(|&end| end <= held)) else {
            let objects::Tensor { offset, shape, strides, .. } = tensor;
            let view = format_args!("a view of shape {shape:?}, strides {strides:?} from element {offset} on, in {held} elements");
            return Err(Error::damaged(&place, view));
        };
        if count as u64 > held {
            return Err(Error::Expanded { place, shape: tensor.shape.clone(), held });
        }
        let start = first + tensor.offset * element.size() as u64;
        Ok(View { tensor, place, element, count, start, span: last as usize + 1 })
    }
}

/// Whether the elements of a view stand one after the other, the last axis first.
fn is_contiguous(tensor: &objects::Tensor) -> bool {
    let mut expected = 1;
    for (&length, &stride) in tensor.shape.iter().zip(&tensor.strides).rev().filter(|&(&length, _)| length > 1) {
        if stride != expected {
            return false;
        }
        expected *= length;
    }
    true
}

/// A member of the archive that may not be long.
fn text(archive: &mut ZipArchive<BufReader<File>>, place: &Place, name: &str, longest: u64) -> Result<Vec<u8>, Error> {
    let member = archive.by_name(name).map_err(|error| npz::unreadable(place, error))?;
    let mut bytes = Vec::new();
    if member.size() > longest {
        return Err(Error::damaged(place, format_args!("{name} is {} bytes long; at most {longest} are read", member.size())));
    }
    member.take(longest).read_to_end(&mut bytes).map_err(|source| Error::reading(place, source))?;
    Ok(bytes)
}

/// The first byte and the length of a storage, which is neither compressed nor beyond the file.
fn find(archive: &mut ZipArchive<BufReader<File>>, place: &Place, name: &str) -> Result<(u64, u64), Error> {
    let member = archive.by_name(name).map_err(|error| npz::unreadable(place, error))?;
    match (member.compression(), member.data_start()) {
        (CompressionMethod::Stored, Some(start)) if member.compressed_size() == member.size() => Ok((start, member.size())),
        (method, _) => Err(Error::damaged(place, format_args!("{name} is compressed ({method}), which torch.save does not do"))),
    }
}

fn element_of(name: &str) -> Option<ElementType> {
    match name {
        "bool" => Some(ElementType::Bool),
        "int8" => Some(ElementType::I8),
        "int16" => Some(ElementType::I16),
        "int32" => Some(ElementType::I32),
        "int64" => Some(ElementType::I64),
        "uint8" => Some(ElementType::U8),
        "uint16" => Some(ElementType::U16),
        "uint32" => Some(ElementType::U32),
        "uint64" => Some(ElementType::U64),
        "float16" => Some(ElementType::F16),
        "bfloat16" => Some(ElementType::BF16),
        "float32" => Some(ElementType::F32),
        "float64" => Some(ElementType::F64),
        // Complex numbers, and floats of 8 bits and fewer.
        _ => None,
    }
}
