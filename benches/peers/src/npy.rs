//! Files for NumPy: version 1 of its format.

use std::path::Path;

/// What stands before n x p values in C order; `element` is their type, such as `<f8`.
pub fn header(element: &str, n: usize, p: usize) -> Vec<u8> {
    let header = format!("{{'descr': '{element}', 'fortran_order': False, 'shape': ({n}, {p}), }}");
    let padded = (10 + header.len() + 1).div_ceil(64) * 64 - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((padded as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.resize(10 + padded - 1, b' ');
    bytes.push(b'\n');
    bytes
}

/// Writes n x p values as f64.
pub fn write(path: &Path, n: usize, p: usize, values: &[f64]) -> std::io::Result<()> {
    let mut bytes = header("<f8", n, p);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(path, bytes)
}
