//! The digits that come with scikit-learn: 1797 grey pictures of 8 x 8, embedded.

use super::{DataSet, Pictures};
use crate::error::{Error, Result};
use std::path::PathBuf;

/// `data/digits/README.md` says where the table comes from and under which licence.
static TABLE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/digits/digits.csv.gz"));

/// The pictures at the end of the table that are kept for testing.
pub const TEST_PICTURES: usize = 600;

const SIDE: usize = 8;
const WHITE: f32 = 16.0;

/// The digits: the first 1197 pictures to train on, the last 600 to test on.
///
/// # Errors
/// When the embedded table is damaged (which a test rules out).
pub fn digits() -> Result<DataSet> {
    let (pixels, labels) = parse(flate2::read::GzDecoder::new(TABLE)).map_err(|found| Error::DamagedData {
        path: PathBuf::from("data/digits/digits.csv.gz"),
        found,
        remedy: "Check the file out again",
    })?;
    let all = Pictures::new(1, SIDE, 10, pixels, labels)?;
    let train = all.count() - TEST_PICTURES;
    Ok(DataSet { name: "digits".to_owned(), train: all.first(train)?, test: all.select(&(train..all.count()).collect::<Vec<_>>())? })
}

/// One picture a line: 64 integers from 0 to 16, then the digit.
fn parse(table: impl std::io::Read) -> std::result::Result<(Vec<f32>, Vec<u8>), String> {
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    let mut lines = csv::ReaderBuilder::new().has_headers(false).from_reader(table);
    for line in lines.deserialize::<Vec<u8>>() {
        let line = line.map_err(|error| error.to_string())?;
        let (&label, picture) = line.split_last().ok_or("an empty line")?;
        if picture.len() != SIDE * SIDE {
            return Err(format!("a line of {} values, 65 expected", line.len()));
        }
        pixels.extend(picture.iter().map(|&value| f32::from(value) / WHITE));
        labels.push(label);
    }
    Ok((pixels, labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let digits = digits().unwrap();
        assert_eq!((digits.train.count(), digits.test.count()), (1197, 600));
        // The first line is a zero whose first row is 0 0 5 13 9 1 0 0.
        assert_eq!(digits.train.labels()[0], 0);
        let row = digits.train.picture(0)[..8].iter().map(|pixel| pixel * 16.0);
        assert_eq!(row.collect::<Vec<_>>(), [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
        // Every digit is there about a tenth of the time in both parts.
        for part in [&digits.train, &digits.test] {
            for digit in 0..10 {
                let count = part.labels().iter().filter(|&&label| label == digit).count();
                assert!((part.count() / 12..part.count() / 8).contains(&count));
            }
        }
    }

    #[test]
    fn a_short_line_is_refused() {
        assert!(parse(&b"1,2,3\n"[..]).unwrap_err().contains('3'));
        assert!(parse(&b"1,x\n"[..]).is_err());
    }
}
