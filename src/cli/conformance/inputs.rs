//! Representations as .npy files.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::laws::Matrix;
use npyz::WriterBuilder;

/// The type that a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits.
    Single,
    /// 64 bits.
    Double,
}

/// Writes a matrix, which may hold NaN, and answers its path.
///
/// # Errors
/// Those of the file system.
pub fn write(directory: &Path, name: &str, matrix: &Matrix, precision: Precision) -> io::Result<PathBuf> {
    let path = directory.join(format!("{name}.npy"));
    let shape = [matrix.n as u64, matrix.p as u64];
    let file = BufWriter::new(File::create(&path)?);
    match precision {
        Precision::Double => {
            let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(file).begin_nd()?;
            writer.extend(matrix.values.iter().copied())?;
            writer.finish()?;
        }
        Precision::Single => {
            let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(file).begin_nd()?;
            writer.extend(matrix.values.iter().map(|value| *value as f32))?;
            writer.finish()?;
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{Source, read_representation};

    #[test]
    fn what_is_written_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let matrix = Matrix::from_fn(3, 2, |i, j| 0.1 + (i * 2 + j) as f64);
        for (precision, exact) in [(Precision::Double, 0.1), (Precision::Single, f64::from(0.1f32))] {
            let path = write(directory.path(), "x", &matrix, precision).unwrap();
            let x = read_representation(&Source::from_parts(&path, None), None).unwrap();
            assert_eq!((x.n(), x.p(), x.view()[(0, 0)]), (3, 2, exact));
        }
    }
}
