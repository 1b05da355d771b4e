//! Writing `.npz` archives that NumPy reads without pickles.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use npyz::WriterBuilder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::archive::require_names;
use super::error::Error;
use super::place::Place;
use super::write::{require_count, write_atomically};

/// An array of an archive, row-major.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Array<'a> {
    /// 64-bit floats.
    F64(&'a [f64]),
    /// Texts.
    Text(&'a [&'a str]),
}

impl Array<'_> {
    fn len(self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::Text(texts) => texts.len(),
        }
    }
}

/// Writes an archive of named arrays, whole or not at all.
///
/// # Errors
///
/// [`Error::ValueCount`] when the values of an array do not fit its shape,
/// [`Error::DuplicateTensor`], [`Error::NoTensors`]; what the operating system says.
pub fn write_npz(path: impl AsRef<Path>, arrays: &[(&str, &[usize], Array<'_>)]) -> Result<(), Error> {
    let path = path.as_ref();
    require_names(path, &arrays.iter().map(|&(name, ..)| name.to_owned()).collect::<Vec<_>>())?;
    for &(name, shape, array) in arrays {
        require_count(&Place::new(path, Some(name)), shape, array.len())?;
    }
    write_atomically(path, |file| {
        let mut archive = ZipWriter::new(file);
        // The same arrays are the same bytes: no time of day.
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(zip::DateTime::default());
        for &(name, shape, array) in arrays {
            archive.start_file(format!("{name}.npy"), options.large_file(array.len() > 1 << 27)).map_err(std::io::Error::other)?;
            write_array(&mut archive, shape, array)?;
        }
        archive.finish().map_err(std::io::Error::other).map(|_| ())
    })
}

fn write_array(archive: &mut ZipWriter<&mut BufWriter<File>>, shape: &[usize], array: Array<'_>) -> std::io::Result<()> {
    let shape: Vec<u64> = shape.iter().map(|&length| length as u64).collect();
    match array {
        Array::F64(values) => {
            let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(archive).begin_nd()?;
            writer.extend(values)?;
            writer.finish()
        }
        Array::Text(texts) => {
            let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
            let shape: String = shape.iter().map(|length| format!("{length}, ")).collect();
            let header = format!("{{'descr': '<U{width}', 'fortran_order': False, 'shape': ({shape}), }}");
            // Padded so that the data start at a multiple of 64 bytes.
            let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
            archive.write_all(b"\x93NUMPY\x01\0")?;
            archive.write_all(&u16::try_from(padded).map_err(std::io::Error::other)?.to_le_bytes())?;
            archive.write_all(format!("{header:<width$}\n", width = padded - 1).as_bytes())?;
            for text in texts {
                let characters = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
                archive.write_all(&characters.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())?;
            }
            Ok(())
        }
    }
}
