//! Fashion-MNIST in the IDX layout, compressed with gzip.

use super::source::read;
use super::{DataSet, Pictures};
use crate::error::{Error, Result};
use std::io::Read;
use std::path::Path;

/// Where the Debian package puts its files.
pub(super) const DEBIAN_FOLDER: &str = "/usr/share/datasets/fashion-mnist";

const REMEDY: &str = "Install it with `apt-get install dataset-fashion-mnist`, or get the four \
                      files from https://github.com/zalandoresearch/fashion-mnist and name their \
                      folder with --data-folder";
const CLASSES: usize = 10;

/// Loads `train-images-idx3-ubyte.gz`, `train-labels-idx1-ubyte.gz` and the same of `t10k`.
///
/// # Errors
/// When a file is missing or damaged.
pub fn fashion_mnist(folder: &Path) -> Result<DataSet> {
    Ok(DataSet { name: "fashion-mnist".to_owned(), train: pictures(folder, "train")?, test: pictures(folder, "t10k")? })
}

fn pictures(folder: &Path, part: &str) -> Result<Pictures> {
    let path = folder.join(format!("{part}-images-idx3-ubyte.gz"));
    let (sizes, values) = idx::<3>(&path)?;
    let [count, height, width] = sizes;
    let damaged = |path: &Path, found| Error::DamagedData { path: path.to_path_buf(), found, remedy: REMEDY };
    if height != width {
        return Err(damaged(&path, format!("pictures of {height} x {width} are not square")));
    }
    let labels_path = folder.join(format!("{part}-labels-idx1-ubyte.gz"));
    let ([label_count], labels) = idx::<1>(&labels_path)?;
    if label_count != count {
        return Err(damaged(&labels_path, format!("it has {label_count} labels for {count} pictures")));
    }
    if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= CLASSES) {
        return Err(damaged(&labels_path, format!("it has a class {label}")));
    }
    let pixels = values.iter().map(|&value| f32::from(value) / 255.0).collect();
    Pictures::new(1, height, CLASSES, pixels, labels)
}

/// Unpacks an IDX file of bytes with `D` axes: two zeros, the type (8 for bytes), the number of
/// axes, the size of each axis as a big-endian u32, then the bytes.
fn idx<const D: usize>(path: &Path) -> Result<([usize; D], Vec<u8>)> {
    let packed = read(path, REMEDY)?;
    let damaged = |found: String| Error::DamagedData { path: path.to_path_buf(), found, remedy: REMEDY };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice())
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(format!("it does not unpack ({error})")))?;
    let header = 4 + 4 * D;
    if bytes.len() < header || bytes[..4] != [0, 0, 8, D as u8] {
        return Err(damaged(format!("it starts with {:?}, not with [0, 0, 8, {D}]", &bytes[..bytes.len().min(4)])));
    }
    let mut sizes = [0; D];
    for (size, digits) in sizes.iter_mut().zip(bytes[4..header].chunks_exact(4)) {
        *size = digits.iter().fold(0, |sum, &digit| 256 * sum + usize::from(digit));
    }
    let expected = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let values = bytes.split_off(header);
    if expected != Some(values.len()) {
        return Err(damaged(format!("sizes {sizes:?} do not agree with {} bytes of content", values.len())));
    }
    Ok((sizes, values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn write(folder: &Path, name: &str, bytes: &[u8]) {
        let file = std::fs::File::create(folder.join(name)).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap();
    }

    fn images(side: u8) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, side, 0, 0, 0, side];
        bytes.extend(0..2 * side * side);
        bytes
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for part in ["train", "t10k"] {
            write(folder.path(), &format!("{part}-images-idx3-ubyte.gz"), &images(3));
            let labels = [0, 0, 8, 1, 0, 0, 0, 2, 9, 4];
            write(folder.path(), &format!("{part}-labels-idx1-ubyte.gz"), &labels);
        }
        folder
    }

    fn complaint(folder: &tempfile::TempDir) -> String {
        fashion_mnist(folder.path()).unwrap_err().to_string()
    }

    #[test]
    fn pictures_and_labels_are_read() {
        let set = fashion_mnist(folder().path()).unwrap();
        assert_eq!((set.train.count(), set.train.side()), (2, 3));
        assert_eq!(set.train.labels(), [9, 4]);
        assert_eq!(set.test.picture(1)[8], 17.0 / 255.0);
    }

    #[test]
    fn sizes_are_big_endian() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = vec![0, 0, 8, 1, 0, 1, 2, 3];
        bytes.resize(8 + 0x10203, 7);
        write(folder.path(), "file", &bytes);
        let (sizes, values) = idx::<1>(&folder.path().join("file")).unwrap();
        assert_eq!((sizes, values.len()), ([0x10203], 0x10203));
    }

    #[test]
    fn a_missing_file_says_how_to_get_it() {
        let folder = folder();
        std::fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
        let message = complaint(&folder);
        assert!(message.contains("t10k-labels") && message.contains("apt-get install"));
    }

    #[test]
    fn every_kind_of_damage_is_named() {
        let name = "train-images-idx3-ubyte.gz";
        let broken = folder();
        std::fs::write(broken.path().join(name), b"no gzip").unwrap();
        assert!(complaint(&broken).contains("does not unpack"));
        write(broken.path(), name, &images(3)[..30]);
        assert!(complaint(&broken).contains("[2, 3, 3] do not agree with 14 bytes"));
        write(broken.path(), name, &[0, 0, 9, 3]);
        assert!(complaint(&broken).contains("[0, 0, 9, 3], not with [0, 0, 8, 3]"));
        let mut oblong = images(3);
        (oblong[11], oblong[15]) = (9, 1);
        write(broken.path(), name, &oblong);
        assert!(complaint(&broken).contains("9 x 1"));
        let labels = "train-labels-idx1-ubyte.gz";
        let three = folder();
        write(three.path(), labels, &[0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]);
        assert!(complaint(&three).contains("3 labels for 2 pictures"));
        write(three.path(), labels, &[0, 0, 8, 1, 0, 0, 0, 2, 1, 10]);
        assert!(complaint(&three).contains("class 10"));
    }
}
