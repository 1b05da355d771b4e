//! The jackknife over networks: how much a result depends on which networks were trained.

/// A statistic, and what is left of it when each network is left out in turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Jackknife {
    /// The statistic of all networks.
    pub estimate: f64,
    /// Its standard error; `None` for fewer than three networks, where leaving one out leaves no
    /// pair.
    pub standard_error: Option<f64>,
}

/// The statistic of all `networks` networks (`None`) and of those left when one is left out
/// (`Some`).
pub fn jackknife(networks: usize, statistic: impl Fn(Option<usize>) -> f64) -> Jackknife {
    let estimate = statistic(None);
    if networks < 3 {
        return Jackknife { estimate, standard_error: None };
    }
    let left: Vec<f64> = (0..networks).map(|out| statistic(Some(out))).collect();
    let count = networks as f64;
    let mean = left.iter().sum::<f64>() / count;
    let squares: f64 = left.iter().map(|value| (value - mean).powi(2)).sum();
    Jackknife { estimate, standard_error: Some(((count - 1.0) / count * squares).sqrt()) }
}

/// The two-sided p-value of a z-test that the estimate is 0: of a difference without any spread, 1
/// where it is 0 and 0 where it is not. `None` where there is no standard error.
pub fn two_sided_p(difference: &Jackknife) -> Option<f64> {
    let standard_error = difference.standard_error?;
    if difference.estimate == 0.0 {
        return Some(1.0);
    }
    Some(libm::erfc((difference.estimate / standard_error).abs() / std::f64::consts::SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For a mean, the jackknife gives the usual standard error: the sample's standard deviation
    /// over the root of n.
    #[test]
    fn of_a_mean_it_is_the_usual_standard_error() {
        let values = [1.0, 4.0, 4.0, 7.0];
        let mean_without = |out: Option<usize>| {
            let kept: Vec<f64> = (0..4).filter(|&place| Some(place) != out).map(|place| values[place]).collect();
            kept.iter().sum::<f64>() / kept.len() as f64
        };
        let found = jackknife(4, mean_without);
        assert_eq!(found.estimate, 4.0);
        // Sample variance (9 + 0 + 0 + 9) / 3 = 6.
        assert!((found.standard_error.unwrap() - (6.0_f64 / 4.0).sqrt()).abs() < 1e-12);
        assert_eq!(jackknife(2, |_| 1.0).standard_error, None);
    }

    #[test]
    fn p_values_are_those_of_the_normal_distribution() {
        let p = |estimate, standard_error| two_sided_p(&Jackknife { estimate, standard_error }).unwrap();
        assert!((p(1.959963984540054, Some(1.0)) - 0.05).abs() < 1e-9);
        assert!((p(-2.0, Some(2.0)) - 0.31731050786291415).abs() < 1e-12);
        assert_eq!((p(0.0, Some(0.0)), p(3.0, Some(0.0))), (1.0, 0.0));
        assert_eq!(two_sided_p(&Jackknife { estimate: 1.0, standard_error: None }), None);
    }
}
