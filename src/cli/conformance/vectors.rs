//! The golden vectors: pairs in files with exact values to 40 digits, the same that an
//! implementation in any language is tested against.

use std::path::Path;

use crate::Measure;
use crate::conformance::Example;
use crate::io::{Source, read_representation};
use crate::laws::Matrix;
use serde::Deserialize;

use super::error::Error;

/// One file of them.
#[derive(Debug, Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    convention: String,
    x: String,
    y: String,
    /// To 40 digits; none where the measure has no value.
    value: Option<String>,
}

/// The vectors of a measure; none when the directory has no file for it.
///
/// # Errors
/// When a file is there and cannot be read.
pub fn of(directory: &Path, measure: &Measure) -> Result<Vec<Example>, Error> {
    let path = directory.join(format!("{}.json", measure.spec().id));
    if !path.exists() {
        return Ok(Vec::new());
    }
    let unusable = |reason: String| Error::Vectors { path: path.clone(), reason };
    let text = std::fs::read_to_string(&path).map_err(|error| unusable(error.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    let named = |case: &&Case| Measure::parse(&case.convention).is_ok_and(|named| named.to_string() == measure.to_string());
    let matrix = |name: &str| -> Result<Matrix, Error> {
        let x = read_representation(&Source::from_parts(directory.join(name), None), None).map_err(|error| unusable(error.to_string()))?;
        Ok(Matrix { n: x.n(), p: x.p(), values: x.to_row_major() })
    };
    let example = |case: &Case| -> Result<Example, Error> {
        let (x, y) = (matrix(&case.x)?, matrix(&case.y)?);
        let name = case.x.trim_end_matches("_x.npy");
        Ok(Example { digits: case.value.clone(), ..Example::new(name, measure, x, y) })
    };
    file.cases.iter().filter(named).map(example).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::Expected;

    /// The value that a reply is held against is the exact one, and where there is none, there is
    /// none.
    #[test]
    fn the_vectors_agree_with_what_is_expected() {
        let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/verification/vectors"));
        let mut refused = 0;
        for text in ["cka", "cka:estimator=debiased", "cca", "pwcca", "procrustes"] {
            let vectors = of(directory, &Measure::parse(text).unwrap()).unwrap();
            assert!(vectors.len() >= 15, "{text}: {}", vectors.len());
            for vector in vectors {
                match (&vector.expected, vector.digits.as_deref().map(|digits| digits.parse::<f64>().unwrap())) {
                    (Expected::Value { value, bound }, Some(exact)) => {
                        assert!((value - exact).abs() <= *bound, "{text} on {}", vector.name)
                    }
                    (Expected::Undefined { .. }, None) => refused += 1,
                    (expected, exact) => panic!("{text} on {}: expected {expected}, exactly {exact:?}", vector.name),
                }
            }
        }
        assert!(refused >= 5);
        assert!(of(Path::new("no-such-directory"), &Measure::parse("cka").unwrap()).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_is_none_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("cka.json"), "{}").unwrap();
        let error = of(directory.path(), &Measure::parse("cka").unwrap()).unwrap_err().to_string();
        assert!(error.contains("cka.json") && error.contains("cases"), "{error}");
    }
}
