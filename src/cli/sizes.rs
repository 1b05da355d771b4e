//! Sizes of memory, as they are written.

/// A number of bytes: a number with an optional unit.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (unit, expected) =
        (&text[digits.len()..], "a size is a number with B, K, M, G, T (powers of 1024) or KB, MB, GB, TB (powers of 1000)");
    let scale = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1.0,
        "K" | "KIB" => 1024.0,
        "M" | "MIB" => 1024.0 * 1024.0,
        "G" | "GIB" => 1024.0 * 1024.0 * 1024.0,
        "T" | "TIB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        _ => return Err(format!("unknown unit {unit:?}; {expected}")),
    };
    match digits.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok((number * scale) as u64),
        _ => Err(expected.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(size("500M"), Ok(500 << 20));
        assert_eq!(size("1.5GiB"), Ok(3 << 29));
        assert_eq!(size("2 gb"), Ok(2_000_000_000));
        assert_eq!(size("123456"), Ok(123_456));
        for wrong in ["", "M", "-1G", "0", "1X", "infG", "nan"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
