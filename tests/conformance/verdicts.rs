//! What is said of a function that is nearly a measure, or is one of few examples alone.

use similitude::conformance::{check, identify};
use similitude::{Measure, Representation};

use nalgebra::DMatrix;

use super::{alignment, broken, centered, constant, in_batches, linear_cka, matrix};

fn verdict(measure: &str, function: impl Fn(&Representation<'_>, &Representation<'_>) -> Option<f64> + Send + Sync) -> String {
    broken(measure, function).to_string().lines().next().unwrap().to_string()
}

/// More examples than any other rule has: parts of them are the whole where there are few.
#[test]
fn what_works_in_parts_is_wrong_of_many_examples() {
    for batch in [50, 64, 256] {
        let failure = broken("cka:estimator=debiased", |x, y| in_batches(x, y, batch));
        assert!(failure.breaks("size::600 examples"), "{batch}: {failure}");
        assert!(failure.to_string().contains("no. It computes"), "{batch}: {failure}");
    }
    let failure = broken("cka", |x, y| if x.n() > 60 { Some(0.5) } else { linear_cka(x, y) });
    assert!(failure.breaks("size::300 examples") && !failure.breaks("edge"), "{failure}");
    assert!(check("cka", linear_cka).unwrap().verdict().ends_with("of up to 600 examples and 90 neurons."));
}

/// What is a little off has one of three causes, and each is told by how it answers.
#[test]
fn what_is_nearly_a_convention_is_not_taken_for_single_precision() {
    let off = |x: &Representation<'_>, y: &Representation<'_>| linear_cka(x, y).map(|value| value * (1.0 - 1e-6));
    let said = verdict("cka", off);
    assert!(
        said.contains("not everywhere") && said.contains("which rounding does not explain") && !said.contains("single precision"),
        "{said}"
    );
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let drawn = |x: &Representation<'_>, y: &Representation<'_>| {
        let turn = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        linear_cka(x, y).map(|value| value * (1.0 + 1e-7 * (turn as f64 * 0.37).sin()))
    };
    let said = verdict("cka", drawn);
    assert!(said.contains("does not answer the same twice") && !said.contains("single precision"), "{said}");
    // The mean of two middle squares, where the rule takes the square of a mean.
    let sigma = |x: &Representation<'_>| {
        let x = matrix(x);
        let squared = |i: usize, j: usize| (x.row(i) - x.row(j)).norm_squared();
        let mut distances: Vec<f64> = (0..x.nrows()).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| squared(i, j)).collect();
        distances.sort_by(f64::total_cmp);
        f64::midpoint(distances[(distances.len() - 1) / 2], distances[distances.len() / 2]).sqrt()
    };
    let found = identify("cka", |x, y| {
        let scaled = |x: &Representation<'_>| {
            let values: Vec<f64> = x.to_row_major().iter().map(|value| value / sigma(x)).collect();
            Representation::from_row_major("z", x.n(), x.p(), values).unwrap()
        };
        Measure::parse("cka:kernel=rbf,bandwidth=fixed,sigma=1").unwrap().compare(&scaled(x), &scaled(y)).ok().map(|score| score.value)
    });
    assert_eq!(found.unwrap().to_string(), "RBF CKA (biased), sigma^2 the median of the squared distances of different examples");
}

/// A verdict that names the measure itself says where it is not that.
#[test]
fn what_is_the_measure_on_ordinary_pairs_is_not_said_to_be_another() {
    let debiased = Measure::parse("cka:estimator=debiased").unwrap();
    let said = verdict("cka:estimator=debiased", |x, y| debiased.compare(x, y).ok().map(|score| score.value.max(0.0)));
    assert!(said.starts_with("cka:kernel=linear,estimator=debiased: not everywhere. On ordinary pairs it is what it says"), "{said}");
    let raising = check("cka", |_: &Representation<'_>, _: &Representation<'_>| Err::<f64, _>("needs three arguments")).err().unwrap();
    let said = raising.to_string();
    assert!(
        said.starts_with("cka:kernel=linear,estimator=biased: no. It has no value on any of 9 pairs: no value (needs three arguments)."),
        "{said}"
    );
    // What is compared with itself is shown with itself.
    let distance = Measure::parse("procrustes").unwrap();
    let failure = broken("procrustes", |x, y| distance.compare(x, y).ok().map(|score| score.value + 1e-7 * f64::from(score.value < 1e-7)));
    let shown = failure.broken().iter().find(|broken| broken.rule.contains("self-value")).expect("it is broken");
    assert_eq!(shown.x, shown.y, "{failure}");
    assert!(failure.to_string().contains("its values agree on plain data, and it breaks laws"), "{failure}");
}

/// Mistakes that people make, each by a formula of its own.
#[test]
fn a_plausible_mistake_is_named() {
    let named = |family: &str, function: &(dyn Fn(&Representation<'_>, &Representation<'_>) -> Option<f64> + Send + Sync)| {
        identify(family, function).unwrap().to_string()
    };
    let alike = |x: &Representation<'_>, y: &Representation<'_>| x.n() == y.n() && !constant(x) && !constant(y);
    // The mean along the other axis.
    let other_axis = |x: &Representation<'_>| {
        let x = matrix(x);
        let mean = x.column_mean();
        DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] - mean[i])
    };
    let said = named("cka", &|x, y| alike(x, y).then(|| alignment(&other_axis(x), &other_axis(y))));
    assert_eq!(said, "cka:kernel=linear,estimator=biased of examples centered over their neurons, in place of neurons over the examples");
    // Neurons x examples, as MATLAB users have them: only pairs of one width can be compared.
    let turned = |x: &Representation<'_>| {
        let x = matrix(x).transpose();
        let mean = x.row_mean();
        DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] - mean[j])
    };
    let said = named("cka", &|x, y| (x.p() == y.p()).then(|| alignment(&turned(x), &turned(y))));
    assert_eq!(said, "cka:kernel=linear,estimator=biased of the transposed matrices, neurons in place of examples");
    let said = named("cka", &|x, y| {
        let (x, y) = (centered(x), centered(y));
        Some((y.transpose() * &x).norm_squared() / ((x.transpose() * &x).norm_squared() * (y.transpose() * &y).norm_squared()))
    });
    assert!(said.starts_with("|Yc' Xc|_F^2 over |Xc' Xc|_F^2"), "{said}");
    let said = named("cka", &|x, y| {
        let (x, y) = (centered(x), centered(y));
        Some((&x * x.transpose() * &y * y.transpose()).trace() / ((&x * x.transpose()).trace() * (&y * y.transpose()).trace()))
    });
    assert!(said.contains("the traces of the Gram matrices"), "{said}");
    // By whitening with the singular vectors, where the formula has triangular factors.
    let variates = |x: &DMatrix<f64>, y: &DMatrix<f64>| {
        let (of_x, of_y) = (x.clone().svd(true, true), y.clone().svd(true, true));
        let (u, v) = (of_x.u.clone().unwrap(), of_y.u.unwrap());
        let turned = (u.transpose() * v).svd(true, false);
        let scaled = of_x.v_t.unwrap().transpose() * DMatrix::from_diagonal(&of_x.singular_values.map(f64::recip));
        let directions = turned.u.unwrap();
        (turned.singular_values, u * &directions, scaled * directions)
    };
    let weighted = |rho: &[f64], weights: Vec<f64>| {
        Some(rho.iter().zip(&weights).map(|(rho, weight)| rho * weight).sum::<f64>() / weights.iter().sum::<f64>())
    };
    let said = named("pwcca", &|x, y| {
        let (x, y) = (centered(x), centered(y));
        let (rho, variates, _) = variates(&x, &y);
        weighted(rho.as_slice(), variates.column_iter().map(|h| (h.transpose() * &x).norm_squared()).collect())
    });
    assert!(said.starts_with("canonical correlations weighted by sum_j <h_i, x_j>^2"), "{said}");
    let said = named("pwcca", &|x, y| {
        let (x, y) = (centered(x), centered(y));
        let (rho, _, coefficients) = variates(&x, &y);
        weighted(rho.as_slice(), coefficients.column_iter().map(|a| a.lp_norm(1)).collect())
    });
    assert!(said.starts_with("canonical correlations weighted by sum_j |a_ji|"), "{said}");
    for share in [0.98, 0.99] {
        let kept = |x: &DMatrix<f64>| {
            let svd = x.clone().svd(true, false);
            let values = svd.singular_values;
            let kept = (1..=values.len()).find(|kept| values.rows(0, *kept).sum() >= share * values.sum()).unwrap();
            svd.u.unwrap().columns(0, kept).into_owned()
        };
        let said = named("svcca", &|x, y| {
            let (x, y) = (kept(&centered(x)), kept(&centered(y)));
            Some((x.transpose() * y).singular_values().mean())
        });
        assert!(said.contains(&format!("{share} of the sum of the singular values, not of their squares")), "{said}");
    }
    let of_each = |x: &DMatrix<f64>, y: &DMatrix<f64>| {
        let q = x.clone().qr().q();
        Some(y.column_iter().map(|y| (q.transpose() * y).norm_squared() / y.norm_squared()).sum::<f64>() / y.ncols() as f64)
    };
    let said = named("linear-regression", &|x, y| of_each(&centered(x), &centered(y)));
    assert!(said.starts_with("the mean over the neurons of Y of the R2 of each from X"), "{said}");
    let said = named("linear-regression", &|x, y| of_each(&centered(y), &centered(x)));
    assert!(said.starts_with("the mean over the neurons of X of the R2 of each from Y"), "{said}");
}
