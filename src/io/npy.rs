//! NumPy's `.npy`, alone in a file or as a member of an archive.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use npyz::{DType, Endianness, NpyHeader, TypeChar, TypeStr};

use super::disguise::explain;
use super::element::ElementType;
use super::error::Error;
use super::place::Place;
use super::rows::StoredRows;
use super::tensor::{Order, Tensor, element_count, from_column_major, not_widened, reserve};

/// Headers of plain arrays are 118 bytes long; NumPy itself refuses more than 10000.
const LONGEST_HEADER: usize = 1 << 16;
/// A plain array's header is a dictionary with a tuple in it. The parser's time doubles with every
/// level.
const DEEPEST_NESTING: usize = 8;
/// Bytes read at a time; a multiple of every element's size.
const CHUNK: usize = 1 << 20;

/// What the header says.
#[derive(Debug)]
struct Header {
    shape: Vec<usize>,
    element: ElementType,
    big_endian: bool,
    order: Order,
    /// Bytes before the data.
    length: u64,
}

/// Reads the tensor of a `.npy` file.
pub(super) fn read_file(file: &Path) -> Result<Tensor, Error> {
    let (handle, length) = open(file)?;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    read(handle, length, name, &Place::new(file, None)).map_err(|error| explain(file, error))
}

/// The shape of a `.npy` file's tensor; reads the header only.
pub(super) fn read_file_shape(file: &Path) -> Result<Vec<usize>, Error> {
    let (handle, length) = open(file)?;
    read_shape(handle, length, &Place::new(file, None)).map_err(|error| explain(file, error))
}

/// Asks that elements in this order, of this shape, can be read by rows.
pub(super) fn require_row_major(stored: StoredRows, order: Order) -> Result<StoredRows, Error> {
    if order == Order::ColumnMajor && stored.shape.iter().filter(|&&length| length > 1).count() > 1 {
        return Err(Error::NotByRows { place: stored.place, reason: "it is in Fortran order" });
    }
    Ok(stored)
}

/// Where the elements of a `.npy` file's tensor stand, and in what order; reads the header only.
pub(super) fn stored(file: &Path) -> Result<(StoredRows, Order), Error> {
    let (handle, length) = open(file)?;
    let place = Place::new(file, None);
    let header = Header::read(handle, &place).map_err(|error| explain(file, error))?;
    header.check_length(length, &place)?;
    let Header { shape, element, big_endian, length, order } = header;
    Ok((StoredRows { place, file: file.to_owned(), start: length, element, big_endian, shape, slice: None }, order))
}

fn open(file: &Path) -> Result<(File, u64), Error> {
    let handle = File::open(file).map_err(|source| Error::system(file, source))?;
    let length = handle.metadata().map_err(|source| Error::system(file, source))?.len();
    Ok((handle, length))
}

/// The shape of the tensor in a stream that should be `length` bytes long; reads the header only.
pub(super) fn read_shape(stream: impl Read, length: u64, place: &Place) -> Result<Vec<usize>, Error> {
    let header = Header::read(stream, place)?;
    header.check_length(length, place)?;
    Ok(header.shape)
}

/// Reads a whole stream, which should be `length` bytes long, as one tensor.
pub(super) fn read(mut stream: impl Read, length: u64, name: String, place: &Place) -> Result<Tensor, Error> {
    let header = Header::read(&mut stream, place)?;
    let count = header.check_length(length, place)?;
    let Header { shape, element, big_endian, order, .. } = header;

    let mut values = reserve(place, &shape, count)?;
    let mut buffer = vec![0; CHUNK.min(count * element.size())];
    while values.len() < count {
        let decoded = values.len();
        let wanted = buffer.len().min((count - decoded) * element.size());
        let found = fill(&mut stream, &mut buffer[..wanted], place)?;
        if found < wanted {
            let found = header.length + (decoded * element.size() + found) as u64;
            return Err(wrong_length(place, length, found));
        }
        element
            .decode(&buffer[..wanted], big_endian, &mut values)
            .map_err(|bad| not_widened(place, element, &shape, order, decoded, bad))?;
    }
    // An archive's member proves its checksum only when it is read to its end.
    if fill(&mut stream, &mut [0], place)? > 0 {
        return Err(wrong_length(place, length, length + 1));
    }
    if order == Order::ColumnMajor {
        values = from_column_major(place, &shape, values)?;
    }
    Ok(Tensor { name, shape, element, values })
}

impl Header {
    fn read(mut stream: impl Read, place: &Place) -> Result<Self, Error> {
        let mut prefix = [0; 8];
        let found = fill(&mut stream, &mut prefix, place)?;
        if found < prefix.len() {
            return Err(short_header(place, prefix.len(), found));
        }
        let &[ref magic @ .., major, _minor] = &prefix;
        if magic != b"\x93NUMPY" {
            return Err(Error::damaged(place, format_args!("a .npy file starts with \"\\x93NUMPY\"; found \"{}\"", magic.escape_ascii())));
        }

        // Version 1 counts the header in 2 bytes, later ones in 4. Versions that do not exist are
        // refused by the parser.
        let mut size = [0; 4];
        let size_bytes = if major == 1 { 2 } else { 4 };
        let found = fill(&mut stream, &mut size[..size_bytes], place)?;
        let start = prefix.len() + size_bytes;
        if found < size_bytes {
            return Err(short_header(place, start, prefix.len() + found));
        }
        let text_length = u32::from_le_bytes(size) as usize;
        if text_length > LONGEST_HEADER {
            return Err(Error::damaged(
                place,
                format_args!("a header of {text_length} bytes is declared; at most {LONGEST_HEADER} are read"),
            ));
        }

        let mut text = vec![0; text_length];
        let found = fill(&mut stream, &mut text, place)?;
        if found < text_length {
            return Err(short_header(place, start + text_length, start + found));
        }
        check_header_text(&mut text).map_err(|detail| Error::damaged(place, format_args!("header: {detail}")))?;

        // A type that the parser takes for a slip.
        if let Some(code) =
            ["'<f1'", "'|f1'", "'>f1'"].into_iter().find(|code| text.windows(code.len()).any(|window| window == code.as_bytes()))
        {
            let element = format!("{code} (floats of 8 bits; convert them with .astype(numpy.float32))");
            return Err(Error::UnsupportedElement { place: place.clone(), element });
        }
        let parsed = NpyHeader::from_reader(prefix.chain(&size[..size_bytes]).chain(&text[..]))
            .map_err(|error| Error::damaged(place, format_args!("header: {error}")))?;
        let (element, big_endian) = element_of(&parsed.dtype())
            .ok_or_else(|| Error::UnsupportedElement { place: place.clone(), element: describe(&parsed.dtype()) })?;
        let shape = parsed.shape().iter().map(|&length| usize::try_from(length));
        let shape = shape
            .collect::<Result<_, _>>()
            .map_err(|_| Error::damaged(place, format_args!("header: the shape {:?} is beyond this machine", parsed.shape())))?;
        let order = match parsed.order() {
            npyz::Order::C => Order::RowMajor,
            npyz::Order::Fortran => Order::ColumnMajor,
        };
        Ok(Self { shape, element, big_endian, order, length: (start + text_length) as u64 })
    }

    /// The number of elements, if a stream of `length` bytes holds exactly them.
    fn check_length(&self, length: u64, place: &Place) -> Result<usize, Error> {
        let count = element_count(place, &self.shape)?;
        let too_large = || Error::TooLarge { place: place.clone(), shape: self.shape.clone() };
        let data = count.checked_mul(self.element.size()).ok_or_else(too_large)?;
        let expected = self.length.checked_add(data as u64).ok_or_else(too_large)?;
        if expected == length { Ok(count) } else { Err(wrong_length(place, expected, length)) }
    }
}

/// Refuses header texts on which the parser would overflow or run long, and drops the `L` that
/// Python 2 appends to integers.
fn check_header_text(text: &mut [u8]) -> Result<(), String> {
    let mut position = 0;
    let mut depth = 0_usize;
    let mut product = 1_u64;
    if text.windows(3).any(|three| three == b"'''" || three == b"\"\"\"") {
        return Err("a triple quote, which no array's header has".to_owned());
    }
    while let Some(&byte) = text.get(position) {
        position += 1;
        match byte {
            b'\'' | b'"' => {
                while let Some(&inner) = text.get(position) {
                    position += if inner == b'\\' { 2 } else { 1 };
                    if inner == byte {
                        break;
                    }
                }
            }
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > DEEPEST_NESTING {
                    return Err(format!("nested deeper than {DEEPEST_NESTING} levels"));
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let start = position - 1;
                while text.get(position).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_') {
                    position += 1;
                }
                let word = String::from_utf8_lossy(&text[start..position]).into_owned();
                if matches!(word.as_str(), "True" | "False") {
                    continue;
                }
                if word.len() > 1 && word.ends_with('L') {
                    text[position - 1] = b' ';
                }
                let number = word.strip_suffix('L').unwrap_or(&word).parse::<u64>();
                let number = number.map_err(|_| format!("expected an integer of up to 64 bits, found {word:?}"))?;
                // The parser multiplies lengths unchecked. An axis of length 0 must not hide the
                // product of the others.
                product =
                    product.checked_mul(number.max(1)).ok_or_else(|| format!("the axes multiply to more than 64 bits at {number}"))?;
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0C' => {}
            other => return Err(format!("unexpected character '{}'", other.escape_ascii())),
        }
    }
    Ok(())
}

/// The element type of a plain array of real numbers, and whether its bytes are big-endian.
fn element_of(dtype: &DType) -> Option<(ElementType, bool)> {
    let DType::Plain(plain) = dtype else {
        return None;
    };
    let element = match (plain.type_char(), plain.size_field()) {
        (TypeChar::Bool, 1) => ElementType::Bool,
        (TypeChar::Int, 1) => ElementType::I8,
        (TypeChar::Int, 2) => ElementType::I16,
        (TypeChar::Int, 4) => ElementType::I32,
        (TypeChar::Int, 8) => ElementType::I64,
        (TypeChar::Uint, 1) => ElementType::U8,
        (TypeChar::Uint, 2) => ElementType::U16,
        (TypeChar::Uint, 4) => ElementType::U32,
        (TypeChar::Uint, 8) => ElementType::U64,
        // What ml_dtypes writes; NumPy's own raw bytes have no byte order.
        (TypeChar::RawData, 2) if plain.endianness() == Endianness::Little => ElementType::BF16,
        (TypeChar::Float, 2) => ElementType::F16,
        (TypeChar::Float, 4) => ElementType::F32,
        (TypeChar::Float, 8) => ElementType::F64,
        _ => return None,
    };
    Some((element, plain.endianness() == Endianness::Big))
}

/// An element type that is not supported, in words.
fn describe(dtype: &DType) -> String {
    let kind = |plain: &TypeStr| match plain.type_char() {
        TypeChar::Complex => "complex numbers; save .real and .imag side by side, or the magnitudes numpy.abs",
        TypeChar::Float if plain.size_field() == 1 => "floats of 8 bits; convert them with .astype(numpy.float32)",
        TypeChar::Float => "extended-precision floats; .astype(numpy.float64) rounds them",
        TypeChar::TimeDelta => "durations; save numbers, for example with .astype(float)",
        TypeChar::DateTime => "dates; save numbers",
        TypeChar::ByteStr => "byte strings; save numbers, for example with .astype(float)",
        TypeChar::UnicodeStr => "strings; save numbers, for example with .astype(float)",
        TypeChar::Object => {
            "Python objects, pickled, which are never executed: save an array of numbers, for example with .astype(numpy.float32)"
        }
        TypeChar::RawData if plain.size_field() == 1 => {
            "raw bytes, as ml_dtypes stores floats of 8 bits; convert them with .astype(numpy.float32)"
        }
        TypeChar::RawData => "raw bytes, as NumPy stores types it does not know; convert them with .astype(numpy.float32)",
        _ => "unknown",
    };
    match dtype {
        DType::Plain(plain) => format!("{} ({})", dtype.descr(), kind(plain)),
        _ => format!(
            "{} (structured; numpy.lib.recfunctions.structured_to_unstructured makes a matrix of the fields)",
            dtype.descr().chars().take(200).collect::<String>()
        ),
    }
}

/// Reads until `buffer` is full or the stream ends; the number of bytes read.
fn fill(stream: &mut impl Read, buffer: &mut [u8], place: &Place) -> Result<usize, Error> {
    let mut filled = 0;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::reading(place, error)),
        }
    }
    Ok(filled)
}

fn wrong_length(place: &Place, expected: u64, found: u64) -> Error {
    Error::WrongLength { place: place.clone(), what: "header and data", expected, found }
}

fn short_header(place: &Place, expected: usize, found: usize) -> Error {
    Error::WrongLength { place: place.clone(), what: "header", expected: expected as u64, found: found as u64 }
}
