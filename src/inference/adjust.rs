//! P-values adjusted for their number, whatever they are from.

use super::error::Error;

/// Holm's step-down adjustment (1979): the probability of any false rejection is controlled,
/// whatever connects the tests. In the order given.
///
/// ```
/// let adjusted = similitude::inference::holm(&[0.01, 0.04, 0.03])?;
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// # Ok::<(), similitude::inference::Error>(())
/// ```
///
/// # Errors
/// [`Error::PValue`].
pub fn holm(p: &[f64]) -> Result<Vec<f64>, Error> {
    let order = ascending(p)?;
    let (mut adjusted, mut so_far) = (vec![0.0; p.len()], 0.0f64);
    for (rank, &place) in order.iter().enumerate() {
        so_far = so_far.max((p.len() - rank) as f64 * p[place]).min(1.0);
        adjusted[place] = so_far;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg's step-up adjustment (1995): the expected share of false ones among the
/// rejections is controlled, for independent tests and for positively dependent ones. In the order
/// given.
///
/// ```
/// let adjusted = similitude::inference::benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5])?;
/// assert!((adjusted[0] - 0.04).abs() < 1e-15 && (adjusted[1] - 0.16 / 3.0).abs() < 1e-15 && adjusted[1] == adjusted[2]);
/// # Ok::<(), similitude::inference::Error>(())
/// ```
///
/// # Errors
/// [`Error::PValue`].
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>, Error> {
    let order = ascending(p)?;
    let (mut adjusted, mut so_far) = (vec![0.0; p.len()], 1.0f64);
    for (rank, &place) in order.iter().enumerate().rev() {
        so_far = so_far.min(p.len() as f64 / (rank as f64 + 1.0) * p[place]);
        adjusted[place] = so_far;
    }
    Ok(adjusted)
}

/// The places in ascending order of their p-values.
fn ascending(p: &[f64]) -> Result<Vec<usize>, Error> {
    if let Some(number) = p.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::PValue { number, p: p[number] });
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_p_values_keep_the_order_and_grow() {
        let p = [0.2, 0.0001, 0.04, 0.04, 1.0, 0.0];
        for adjust in [holm, benjamini_hochberg] {
            let adjusted = adjust(&p).unwrap();
            assert!(p.iter().zip(&adjusted).all(|(p, adjusted)| p <= adjusted && *adjusted <= 1.0), "{adjusted:?}");
            let mut order: Vec<usize> = (0..p.len()).collect();
            order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
            assert!(order.windows(2).all(|pair| adjusted[pair[0]] <= adjusted[pair[1]]), "{adjusted:?}");
        }
        assert_eq!(holm(&p).unwrap()[1], 0.0005);
        assert_eq!(holm(&[0.5, f64::NAN]).map_err(|error| error.to_string().contains("p-value 1")), Err(true));
        assert!(benjamini_hochberg(&[1.5]).is_err());
    }
}
