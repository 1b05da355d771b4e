//! What is said of a function that is nearly a measure, or is one of few examples alone.

use similitude::conformance::{check, identify};
use similitude::{Measure, Representation};

use super::{broken, in_batches, linear_cka, matrix};

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
        said.starts_with("cka:kernel=linear,estimator=biased: no. It has no value on any of 8 pairs: no value (needs three arguments)."),
        "{said}"
    );
    // What is compared with itself is shown with itself.
    let distance = Measure::parse("procrustes").unwrap();
    let failure = broken("procrustes", |x, y| distance.compare(x, y).ok().map(|score| score.value + 1e-7 * f64::from(score.value < 1e-7)));
    let shown = failure.broken().iter().find(|broken| broken.rule.contains("self-value")).expect("it is broken");
    assert_eq!(shown.x, shown.y, "{failure}");
    assert!(failure.to_string().contains("its values agree on plain data, and it breaks laws"), "{failure}");
}
