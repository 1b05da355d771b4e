//! One picture, normalized, shifted and mirrored.

use crate::data::{Normalization, Pictures};

/// Where a picture is shifted, and whether it is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Placement {
    /// Rows down.
    pub down: i32,
    /// Columns to the right.
    pub right: i32,
    /// Mirrored left to right, before the shift.
    pub mirrored: bool,
}

/// Appends picture `index` to `out`. Pixels that come in from outside are black before
/// normalization, as if the picture had a black border.
pub(super) fn place(pictures: &Pictures, index: usize, normalization: &Normalization, placement: Placement, out: &mut Vec<f32>) {
    let side = pictures.side();
    let signed = side as i32;
    let planes = pictures.picture(index).chunks_exact(side * side);
    for (plane, (mean, deviation)) in planes.zip(normalization.mean.iter().zip(&normalization.deviation)) {
        for row in 0..signed {
            let source_row = row - placement.down;
            for column in 0..signed {
                let source_column = column - placement.right;
                let inside = (0..signed).contains(&source_row) && (0..signed).contains(&source_column);
                let pixel = if inside {
                    let column = if placement.mirrored { signed - 1 - source_column } else { source_column };
                    plane[(source_row * signed + column) as usize]
                } else {
                    0.0
                };
                out.push((pixel - mean) / deviation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(placement: Placement) -> Vec<f32> {
        let pixels = (1..=9).map(|value| value as f32 / 10.0).collect();
        let pictures = Pictures::new(1, 3, 1, pixels, vec![0]).unwrap();
        let normalization = Normalization { mean: vec![0.5], deviation: vec![0.1] };
        let mut out = Vec::new();
        place(&pictures, 0, &normalization, placement, &mut out);
        out.iter().map(|value| value.round()).collect()
    }

    #[test]
    fn a_picture_at_rest_is_normalized() {
        let expected = [-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0];
        assert_eq!(placed(Placement::default()), expected);
    }

    #[test]
    fn black_comes_in_from_outside() {
        let shifted = placed(Placement { down: 1, right: -1, mirrored: false });
        assert_eq!(shifted, [-5.0, -5.0, -5.0, -3.0, -2.0, -5.0, 0.0, 1.0, -5.0]);
    }

    #[test]
    fn mirroring_turns_rows_around() {
        let mirrored = placed(Placement { mirrored: true, ..Placement::default() });
        assert_eq!(mirrored, [-2.0, -3.0, -4.0, 1.0, 0.0, -1.0, 4.0, 3.0, 2.0]);
        let shifted_too = placed(Placement { right: 1, mirrored: true, ..Placement::default() });
        assert_eq!(shifted_too, [-5.0, -2.0, -3.0, -5.0, 1.0, 0.0, -5.0, 4.0, 3.0]);
    }
}
