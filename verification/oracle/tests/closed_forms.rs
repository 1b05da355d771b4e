//! Cases whose value is known in closed form.

mod support;

use similitude_oracle::measures::{cca, condition};
use similitude_oracle::{Enclosure, evaluate};
use support::{exact, matrix, mixed};

const FOUR: [&[f64]; 4] = [&[1.0], &[0.0, 1.0], &[0.0, 0.0, 1.0], &[0.0, 0.0, 0.0, 1.0]];

#[test]
fn some_of_the_orthonormal_columns() {
    let all = mixed(&FOUR);
    // CKA(Q, Q_k) = sqrt(k/p), R^2 = k/p, every rho 1.
    let one = mixed(&FOUR[2..3]);
    assert_eq!(exact(&evaluate("cka", &all, &one).unwrap()), "1/2");
    assert_eq!(exact(&evaluate("linear-regression", &all, &one).unwrap()), "1/4");
    assert_eq!(exact(&evaluate("linear-regression:direction=y-from-x", &all, &one).unwrap()), "1");
    let three = mixed(&FOUR[1..]);
    assert!(evaluate("cka", &all, &three).unwrap().enclosure.agrees_with_decimal("0.866025403784438646763723170752936183471402"));
    assert_eq!(exact(&evaluate("linear-regression", &all, &three).unwrap()), "3/4");
    for spec in ["cca", "cca:summary=r2", "pwcca", "svcca:threshold=1"] {
        let value = evaluate(spec, &all, &three).unwrap();
        assert!(value.enclosure.contains(1.0) && value.enclosure.relative_width() < 1e-40, "{spec}");
    }
    assert_eq!(exact(&evaluate("cca:divisor=max", &all, &three).unwrap()), "3/4");
    assert_eq!(exact(&evaluate("cca:divisor=geometric", &all, &one).unwrap()), "1/2");
    // The nuclear norm of Q'Q_k is k: s = k / sqrt(k p).
    assert!(evaluate("procrustes:form=similarity", &all, &one).unwrap().enclosure.contains(0.5));
    assert!(evaluate("procrustes:form=disparity", &all, &one).unwrap().enclosure.contains(0.75));
}

#[test]
fn every_correlation_is_the_cosine_of_the_turn() {
    // Y turns each column of X by the same 3-4-5 angle into a new direction.
    let x = mixed(&FOUR[..2]);
    let y = mixed(&[&[3.0, 0.0, 4.0], &[0.0, 3.0, 0.0, 4.0]]);
    assert_eq!(exact(&evaluate("cca:summary=r2", &x, &y).unwrap()), "9/25");
    assert!(evaluate("cca", &x, &y).unwrap().enclosure.contains(0.6) || evaluate("cca", &x, &y).unwrap().enclosure.error_in_eps(0.6) < 1.0);
    // All correlations equal: the weights do not matter.
    assert_eq!(exact(&evaluate("pwcca", &x, &y).unwrap()), "3/5");
    assert_eq!(exact(&cca::pillai_trace(&x, &y).unwrap()), "18/25");
    for rho in cca::canonical_correlations(&x, &y, true).unwrap() {
        assert!(rho.agrees_with_decimal("0.600000000000000000000000000000000000000000"));
    }
    assert!(evaluate("procrustes:form=similarity", &x, &y).unwrap().enclosure.agrees_with_decimal("0.6000000000000000000000000"));
}

#[test]
fn weights_are_l1_sums_of_the_neurons() {
    // h_1 and h_2 are the first two columns, with rho 3/5 and 5/13. Neurons of X: h_1 + h_2 and 2
    // h_2, so alpha = (1, 3) up to scale.
    let x = mixed(&[&[1.0, 1.0], &[0.0, 2.0]]);
    let y = mixed(&[&[3.0, 0.0, 4.0], &[0.0, 5.0, 0.0, 12.0]]);
    let expected = "0.4384615384615384615384615384615384615384"; // (3/5 + 3 * 5/13) / 4
    assert!(evaluate("pwcca:weights=x", &x, &y).unwrap().enclosure.agrees_with_decimal(expected));
    // Y's neurons 3 h_1 + ..., 5 h_2 + ...: its variates are its columns, of lengths 5 and 13.
    let expected = "0.4444444444444444444444444444444444444444"; // (5 * 3/5 + 13 * 5/13) / 18
    assert!(evaluate("pwcca:weights=y", &x, &y).unwrap().enclosure.agrees_with_decimal(expected));
}

#[test]
fn one_neuron_each_is_the_correlation_coefficient() {
    let x = matrix(1, &[1.0, 2.0, 3.0, 4.0, 6.0]);
    let y = matrix(1, &[1.0, 3.0, 2.0, 5.0, 4.0]);
    for spec in ["cka", "cca:summary=r2", "linear-regression", "canonical-ridge:kappa-x=0,kappa-y=0"] {
        assert_eq!(exact(&evaluate(spec, &x, &y).unwrap()), "81/148", "{spec}");
    }
    // |r| = 9 / sqrt(148)
    let r = "0.7397954428741078000134751109029541021455";
    for spec in ["cca", "pwcca", "svcca", "procrustes:form=similarity"] {
        let value = evaluate(spec, &x, &y).unwrap().enclosure;
        assert!(value.agrees_with_decimal(r), "{spec} {value}");
    }
}

#[test]
fn the_cosine_kernel_of_one_neuron_is_a_product_of_signs() {
    // Rows -2, -1, 3 of X and 1, -2, 1 of Y: K = s s' with s = (-, -, +) and (+, -, +).
    let x = matrix(1, &[-2.0, -1.0, 3.0]);
    let y = matrix(1, &[1.0, -2.0, 1.0]);
    // HSIC = (s' H t)^2 / 4: s't = 1, sums -1 and 1: 1 + 1/3 = 4/3; self-terms 3 - 1/3 = 8/3. CKA =
    // 1/4.
    assert!(evaluate("cka:kernel=cosine", &x, &y).unwrap().enclosure.contains(0.25));
    assert!(evaluate("hsic:kernel=cosine", &x, &y).unwrap().enclosure.agrees_with_decimal("0.444444444444444444444444444444444444"));
}

#[test]
fn the_limits_of_canonical_ridge() {
    // Orthogonal columns with squared lengths 8 and 32, both shared: a_i = l_i / (l_i + kappa) on
    // the same directions.
    let x = mixed(&[&[1.0], &[0.0, 2.0]]);
    let y = mixed(&[&[0.0, 1.0], &[0.0, 0.0, 1.0]]);
    // kappa-x = 8: a = (4/5, 1/2) for lengths 32 and 8. kappa-y = 24: b = 1/4 twice. The shared
    // direction has a = 4/5: numerator 1/5.
    let spec = |bound: &str| format!("canonical-ridge:kappa-x=8,kappa-y=24,bound={bound}");
    let trace = evaluate(&spec("trace"), &x, &y).unwrap().enclosure;
    assert!(trace.agrees_with_decimal("0.615384615384615384615384615384615384615384"), "{trace}"); // (1/5) / (13/40)
    let cauchy = evaluate(&spec("cauchy"), &x, &y).unwrap().enclosure;
    // (1/5) / sqrt((16/25 + 1/4)(2/16)) = 0.2 / sqrt(0.89 / 8)
    assert!(cauchy.agrees_with_decimal("0.5996253511966891556175027538206052345671"), "{cauchy}");
    // With one neuron fewer in X only the separable bound sees both of Y's.
    let narrow = mixed(&[&[0.0, 2.0]]);
    let separable = evaluate(&spec("separable"), &narrow, &y).unwrap().enclosure;
    assert!(separable.agrees_with_decimal("0.707106781186547524400844362104849039284835"), "{separable}"); // 1 / sqrt 2
    assert!(evaluate(&spec("cauchy"), &narrow, &y).unwrap().enclosure.contains(1.0));
    // Relative: 1/4 of the largest 32 is 8, and 3 times 8 is 24.
    let relative = evaluate("canonical-ridge:kappa-x=0.25,kappa-y=3,kappa=relative", &x, &y).unwrap().enclosure;
    assert!(relative.agrees_with_decimal("0.615384615384615384615384615384615384615384"), "{relative}");
}

#[test]
fn svcca_keeps_the_fewest_dimensions_that_hold_the_threshold() {
    // Squared lengths 4, 1, 1, 1, 1 (times 8): one dimension holds exactly one half, and the f64
    // above it needs two of the equal ones.
    let x = mixed(&[&[2.0], &[0.0, 1.0], &[0.0, 0.0, 1.0], &[0.0, 0.0, 0.0, 1.0], &[0.0, 0.0, 0.0, 0.0, 1.0]]);
    let y = mixed(&[&[3.0, 4.0]]);
    let value = evaluate("svcca:threshold=0.5", &x, &y).unwrap();
    assert_eq!(value.notes, ["kept 1 and 1 dimensions"]);
    assert!(value.enclosure.agrees_with_decimal("0.60000000000000000000000000000000000000000"));
    let above = evaluate(&format!("svcca:threshold={}", 0.5_f64.next_up()), &x, &y).unwrap_err();
    assert!(above.to_string().contains("singular values 2 and 3 of X differ"), "{above}");
    // All five hold everything; two of them meet Y: rho = 1.
    let all = evaluate("svcca:threshold=1", &x, &y).unwrap();
    assert_eq!(all.notes, ["kept 5 and 1 dimensions"]);
    assert!(all.enclosure.contains(1.0) || all.enclosure.error_in_eps(1.0) < 1e-20);
    let divided = evaluate("svcca:threshold=1,summary=r2,divisor=max", &x, &y).unwrap();
    assert!(divided.enclosure.agrees_with_decimal("0.20000000000000000000000000000000000000"));
}

#[test]
fn condition_numbers_skip_the_null_directions() {
    let value: Enclosure = condition::condition_number(&mixed(&[&[1.0], &[0.0, 8.0], &[2.0, 8.0]])).unwrap();
    // Singular values of [[1, 0, 2], [0, 8, 8]]: eigenvalues of [[5, 16], [16, 128]].
    let root = (123.0_f64 * 123.0 + 4.0 * 256.0).sqrt();
    let expected = ((133.0 + root) / (133.0 - root)).sqrt();
    assert!((value.midpoint_f64() / expected - 1.0).abs() < 1e-13, "{value}");
    assert!(value.relative_width() < 1e-40);
}
