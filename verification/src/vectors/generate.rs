//! Writes the vectors.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use rayon::prelude::*;
use similitude::io::write_npy;
use similitude::{Measure, registry};
use similitude_oracle::Enclosure;

use super::inputs::{Pair, all};
use super::{Vector, Vectors};
use crate::accuracy::{Error, Exact, exact, write_json};

/// Significant digits stated.
const DIGITS: usize = 40;

/// Writes every file.
pub fn run(directory: &Path) -> Result<ExitCode, Error> {
    std::fs::create_dir_all(directory).map_err(|source| Error::File { path: directory.to_owned(), source })?;
    let pairs = all();
    for pair in &pairs {
        for (side, matrix) in [("x", &pair.x), ("y", &pair.y)] {
            write_npy(directory.join(format!("{}_{side}.npy", pair.name)), matrix.n, matrix.p, &matrix.values)?;
        }
    }
    let conventions = registry::conventions();
    let jobs: Vec<(&Measure, &Pair)> = conventions.iter().flat_map(|measure| pairs.iter().map(move |pair| (measure, pair))).collect();
    let vectors: Vec<Option<Vector>> = jobs.par_iter().map(|(measure, pair)| vector(measure, pair)).collect::<Result<_, Error>>()?;
    let mut files: BTreeMap<&str, Vec<Vector>> = BTreeMap::new();
    for ((measure, _), vector) in jobs.iter().zip(vectors) {
        files.entry(measure.spec().id).or_default().extend(vector);
    }
    for (measure, cases) in files {
        println!("{measure}: {} vectors", cases.len());
        let vectors = Vectors {
            measure: measure.to_string(),
            generator: "similitude-oracle".to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            cases,
        };
        write_json(&directory.join(format!("{measure}.json")), &vectors)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The vector of a convention on a pair; none where the exact value cannot be stated, or no double
/// holds it.
fn vector(measure: &Measure, pair: &Pair) -> Result<Option<Vector>, Error> {
    let vector = Vector {
        convention: measure.to_string(),
        x: format!("{}_x.npy", pair.name),
        y: format!("{}_y.npy", pair.name),
        value: None,
        radius: None,
        error: None,
    };
    Ok(match exact(measure, pair.name, &pair.x, &pair.y)? {
        Exact::Undecidable => None,
        Exact::Refused(kind) => Some(Vector { error: Some(kind.as_str().to_string()), ..vector }),
        Exact::Value(enclosure) => {
            let value = enclosure.midpoint_f64();
            if value != 0.0 && !value.is_normal() {
                return Ok(None);
            }
            let (value, radius) = stated(&enclosure).ok_or_else(|| Error::NotGolden {
                measure: measure.to_string(),
                input: pair.name.to_string(),
                reason: format!("its enclosure {enclosure} is too wide"),
            })?;
            Some(Vector { value: Some(value), radius: Some(radius), ..vector })
        }
    })
}

/// The lower end cut after 40 significant digits, and two units of the last of them; none where the
/// enclosure is wider than a unit.
///
/// Cutting moves the number by less than one unit, and the upper end is less than one unit from the
/// lower.
fn stated(enclosure: &Enclosure) -> Option<(String, String)> {
    if enclosure.is_exact() && enclosure.midpoint_f64() == 0.0 {
        return Some(("0".to_string(), "0".to_string()));
    }
    if enclosure.relative_width() > 1e-41 {
        return None;
    }
    let text = enclosure.lo_decimal();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.find(|digit| digit != '0')?;
    let kept = digits.get(leading..leading + DIGITS)?;
    let magnitude = exponent + whole.len() as i32 - 1 - leading as i32;
    let value = format!("{sign}{}.{}e{magnitude}", &kept[..1], &kept[1..]);
    Some((value, format!("2e{}", magnitude - (DIGITS as i32 - 1))))
}

#[cfg(test)]
mod tests {
    use super::stated;
    use crate::accuracy::decimal;
    use similitude_oracle::Enclosure;

    #[test]
    fn forty_digits_and_their_radius_hold_the_number() {
        for text in ["2/3", "-1/7000", "123456789/7", "-22/7", "1/3000000000000"] {
            let exact: dashu_ratio::RBig = text.parse().unwrap();
            let (value, radius) = stated(&Enclosure::exact(exact.clone())).unwrap();
            let (value, radius) = (decimal(&value).unwrap(), decimal(&radius).unwrap());
            assert!(&value - &radius <= exact && exact <= &value + &radius, "{text}");
            let relative = (&radius / &exact).to_f64().value().abs();
            assert!(relative < 2.1e-39, "{text}: {relative:e}");
        }
    }
}
