//! What is known of a column once it has been read: its largest magnitude, its squared norm and a
//! hash.

use crate::arrays::columns::center;
use crate::arrays::scale::{exponent, largest_of_slice};
use crate::arrays::sums::sum_of_squares;

/// What is known of a column once it has been read.
pub(crate) struct ColumnStats {
    pub(crate) largest: f64,
    pub(crate) squared_norm: f64,
    /// 0 where it was not asked for.
    pub(crate) hash: u64,
}

/// Centers a column, if asked to, and reads it.
#[inline(always)]
pub(crate) fn center_and_scan(column: &mut [f64], centered: bool) -> ColumnStats {
    let (squared_norm, (largest, hash)) = (center_if(column, centered), largest_and_hash(column));
    ColumnStats { largest, squared_norm, hash }
}

/// The same without the hash, of a column that will be there when somebody asks for that: it is a
/// good part of the work.
#[inline(always)]
pub(crate) fn center_and_measure(column: &mut [f64], centered: bool) -> ColumnStats {
    let (squared_norm, largest) = (center_if(column, centered), largest_of_slice(column));
    ColumnStats { largest, squared_norm, hash: 0 }
}

/// The squared norm of what is left.
#[inline(always)]
fn center_if(column: &mut [f64], centered: bool) -> f64 {
    if centered { center(column).1 } else { sum_of_squares(column) }
}

/// The exponent of what is to be taken out after centering.
pub(crate) fn left_to_scale(largest: f64) -> i64 {
    match exponent(largest) {
        // Near enough: to scale again takes a pass over the memory.
        -2..=1 => 0,
        far => far,
    }
}

pub(crate) fn largest_of(facts: &[ColumnStats]) -> f64 {
    facts.iter().fold(0.0, |largest, column| column.largest.max(largest))
}

/// One factor after the other: their product may be infinite where the scaled value is not.
#[inline(always)]
pub(crate) fn scale(column: &mut [f64], a: f64, b: f64) {
    column.iter_mut().for_each(|value| *value = *value * a * b);
}

pub(crate) fn mixed(hash: u64) -> u64 {
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// Sign and digits of a number, which scaling by a power of two does not change.
const DIGITS: u64 = !(0x7ff << 52);

/// The largest magnitude, and sixteen hashes of signs and digits side by side (fewer wait for their
/// own multiplications) that become one.
#[inline(always)]
pub(crate) fn largest_and_hash(column: &[f64]) -> (f64, u64) {
    const LANES: usize = 16;
    let (chunks, rest) = column.as_chunks::<LANES>();
    let (mut largest, mut lanes): ([f64; LANES], [u64; LANES]) = ([0.0; LANES], std::array::from_fn(|lane| lane as u64 + 1));
    for chunk in chunks {
        for lane in 0..LANES {
            largest[lane] = largest[lane].max(chunk[lane].abs());
            lanes[lane] = mixed(lanes[lane] ^ (chunk[lane].to_bits() & DIGITS));
        }
    }
    let hash = lanes.into_iter().chain(rest.iter().map(|value| value.to_bits() & DIGITS)).fold(0, |hash, word| mixed(hash ^ word));
    (largest.iter().chain(rest).fold(0.0, |largest, value| value.abs().max(largest)), hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_magnitude_and_the_hash_see_every_entry() {
        let plain: Vec<f64> = (0..35).map(f64::from).collect();
        for place in 0..plain.len() {
            let mut column = plain.clone();
            column[place] = -40.0;
            let (largest, hash) = largest_and_hash(&column);
            assert_eq!(largest, 40.0, "{place}");
            assert_ne!(hash, largest_and_hash(&plain).1, "{place}");
            column.iter_mut().for_each(|value| *value *= 0.125);
            assert_eq!(largest_and_hash(&column), (5.0, hash), "{place}");
        }
    }
}
