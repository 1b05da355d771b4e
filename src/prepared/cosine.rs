//! How far the cosine of two matrices, or vectors, is off.

/// |error of <K, L> / (|K| |L|)| over `unit`, which is c(n, p) eps.
///
/// Of what K and L are off by a cosine sees only what is orthogonal to them: it moves by the sine
/// of their angle times what both turn by, `turned`, and half of the square of that (`moved` is as
/// large). What the sums on the way to the value add, `arithmetic`, is added.
pub(crate) fn error_of_cosine(value: f64, [turned, moved]: [f64; 2], arithmetic: f64, unit: f64) -> f64 {
    // The value that the sine is of is off by the arithmetic.
    let sine = (((1.0 - value) * (1.0 + value)).max(0.0) + 2.0 * unit * arithmetic).sqrt().min(1.0);
    sine * turned + 0.5 * unit * moved * moved + arithmetic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_a_vector_moves_its_cosine_by_the_sine() {
        let unit = 1e-3;
        for (angle, turned) in [(0.0f64, 0.1f64), (0.02, 0.5), (0.7, 1.0), (1.5, 0.3), (3.1, 1.0)] {
            let bound = unit * error_of_cosine(angle.cos(), [turned; 2], 0.0, unit);
            let moved = [-1.0, 1.0].map(|sign| ((angle + sign * unit * turned).cos() - angle.cos()).abs());
            let most = moved.into_iter().fold(0.0, f64::max);
            assert!(most <= bound && bound <= 1.001 * most + 1e-12, "{angle}: {most:e}, {bound:e}");
        }
        // The sum is off by itself, whatever the angle is.
        assert_eq!(error_of_cosine(0.0, [0.0; 2], 2.0, unit), 2.0);
    }
}
