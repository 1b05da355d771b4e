//! CIFAR-10 in its publisher's binary layout.

use super::source::read;
use super::{DataSet, Pictures};
use crate::error::{Error, Result};
use std::path::Path;

const REMEDY: &str = "Get cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html, \
                      unpack it, and name the folder cifar-10-batches-bin with --data-folder";
const SIDE: usize = 32;
const PIXELS: usize = 3 * SIDE * SIDE;
/// A label, then the red, the green and the blue plane.
const RECORD: usize = 1 + PIXELS;
const CLASSES: usize = 10;

/// Loads `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`.
///
/// # Errors
/// When a file is missing or damaged.
pub fn cifar_10(folder: &Path) -> Result<DataSet> {
    let batches: Vec<String> = (1..=5).map(|batch| format!("data_batch_{batch}.bin")).collect();
    Ok(DataSet { name: "cifar-10".to_owned(), train: pictures(folder, &batches)?, test: pictures(folder, &["test_batch.bin".to_owned()])? })
}

fn pictures(folder: &Path, files: &[String]) -> Result<Pictures> {
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    for file in files {
        let path = folder.join(file);
        let bytes = read(&path, REMEDY)?;
        let damaged = |found| Error::DamagedData { path: path.clone(), found, remedy: REMEDY };
        if bytes.is_empty() || bytes.len() % RECORD != 0 {
            return Err(damaged(format!("it has {} bytes, which is not a positive multiple of {RECORD}", bytes.len())));
        }
        for (index, record) in bytes.chunks_exact(RECORD).enumerate() {
            if usize::from(record[0]) >= CLASSES {
                return Err(damaged(format!("picture {index} has class {}", record[0])));
            }
            labels.push(record[0]);
            pixels.extend(record[1..].iter().map(|&value| f32::from(value) / 255.0));
        }
    }
    Pictures::new(3, SIDE, CLASSES, pixels, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pictures a file; picture `index` of file `file` is all `10 * file + index` in red.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let names = (1..=5).map(|batch| format!("data_batch_{batch}.bin"));
        for (file, name) in names.chain(["test_batch.bin".to_owned()]).enumerate() {
            let mut bytes = Vec::new();
            for index in 0..2 {
                let mut record = vec![0; RECORD];
                record[0] = file as u8;
                record[1..1 + SIDE * SIDE].fill((10 * file + index) as u8);
                record[RECORD - 1] = 255;
                bytes.extend(record);
            }
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn records_are_read_in_order() {
        let folder = folder();
        let set = cifar_10(folder.path()).unwrap();
        assert_eq!(set.train.labels(), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!((set.train.channels(), set.train.side()), (3, 32));
        let picture = set.train.picture(3);
        assert_eq!(picture[0], 11.0 / 255.0);
        assert_eq!(picture[SIDE * SIDE], 0.0);
        assert_eq!(picture[PIXELS - 1], 1.0);
        assert_eq!(set.test.labels(), [5, 5]);
    }

    #[test]
    fn a_missing_file_says_how_to_get_it() {
        let folder = folder();
        std::fs::remove_file(folder.path().join("data_batch_4.bin")).unwrap();
        let message = cifar_10(folder.path()).unwrap_err().to_string();
        assert!(message.contains("data_batch_4.bin") && message.contains("cs.toronto.edu"));
    }

    #[test]
    fn a_cut_file_and_an_impossible_class_are_damage() {
        let folder = folder();
        let path = folder.path().join("test_batch.bin");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.pop();
        std::fs::write(&path, &bytes).unwrap();
        let message = cifar_10(folder.path()).unwrap_err().to_string();
        assert!(message.contains("6145 bytes") && message.contains("3073"), "{message}");
        bytes.push(0);
        bytes[RECORD] = 10;
        std::fs::write(&path, &bytes).unwrap();
        let message = cifar_10(folder.path()).unwrap_err().to_string();
        assert!(message.contains("picture 1 has class 10"), "{message}");
    }
}
