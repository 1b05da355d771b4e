//! Moments: any split of the rows, any order and any merge tree give what all rows in memory give,
//! within the stated bounds.
#![cfg(feature = "cli")]

mod common;

use common::{cases, measure, number, representation, runner};
use faer::MatRef;
use proptest::prelude::any;
use proptest::test_runner::TestCaseError;
use rand::{RngExt, SeedableRng};
use similitude::laws::{Case, Family, Generator, Matrix};
use similitude::moments::{Batch, Error, Moments};
use similitude::{Error as InputError, Measure};

const MEASURES: [&str; 4] = ["cka", "cka:estimator=debiased", "hsic", "hsic:estimator=unbiased"];

fn view(matrix: &Matrix) -> MatRef<'_, f64> {
    MatRef::from_row_major_slice(&matrix.values, matrix.n, matrix.p)
}

fn empty(x: &Matrix, y: &Matrix) -> Moments {
    Moments::of_pair("x", x.p, "y", y.p)
}

fn add(moments: &mut Moments, x: &Matrix, y: &Matrix, from: usize, rows: usize) {
    moments.update(&[view(x).subrows(from, rows).into(), view(y).subrows(from, rows).into()]).unwrap();
}

/// The moments of all rows, gathered in batches of random length by several gatherers and merged in
/// random order.
fn scattered(x: &Matrix, y: &Matrix, generator: &mut Generator) -> Moments {
    let mut parts: Vec<Moments> = (0..generator.random_range(1..=5)).map(|_| empty(x, y)).collect();
    let mut from = 0;
    while from < x.n {
        let rows = generator.random_range(0..=(x.n - from).min(7));
        let part = generator.random_range(0..parts.len());
        add(&mut parts[part], x, y, from, rows);
        from += rows;
    }
    while parts.len() > 1 {
        let part = parts.swap_remove(generator.random_range(0..parts.len()));
        let into = generator.random_range(0..parts.len());
        parts[into].merge(&part).unwrap();
    }
    parts.remove(0)
}

/// The value of a measure and its bound, or the kind of refusal.
type Answer = Result<(f64, f64), String>;

fn streamed(moments: &Moments, measure: &Measure) -> Answer {
    match moments.score(measure, 0, 1) {
        Ok(score) => Ok((score.value, number(&score, "error_bound"))),
        Err(Error::Input(error)) => Err(error.kind().as_str().to_string()),
        Err(other) => panic!("{other}"),
    }
}

fn in_memory(measure: &Measure, x: &Matrix, y: &Matrix) -> Answer {
    common::try_value(measure, x, y).map_err(|error| error.kind().as_str().to_string())
}

fn agree(what: &str, one: &Answer, other: &Answer) -> Result<(), String> {
    match (one, other) {
        (Ok((one, a)), Ok((other, b))) if (one - other).abs() <= a + b => Ok(()),
        (Err(one), Err(other)) if one == other => Ok(()),
        // Next to the least or largest f64, and where a self-term is about as large as its bound,
        // one way may refuse and the other not.
        (Ok((value, bound)), Err(_)) | (Err(_), Ok((value, bound)))
            if value.abs() <= 2.0 * bound || !(1e-300..1e300).contains(&value.abs()) || *bound > 1e-3 =>
        {
            Ok(())
        }
        _ => Err(format!("{what}: {one:?} and {other:?}")),
    }
}

#[test]
fn any_split_order_and_tree_is_the_whole() {
    let strategy = (cases(&[Family::Plain, Family::Awkward]), any::<u32>());
    let test = |(case, split): (Case, u32)| {
        let (x, y) = case.draw(4, &mut case.generator());
        let (x, y) = (x.matrix, y.matrix);
        let mut generator = Generator::seed_from_u64(split.into());
        let (one, other) = (scattered(&x, &y, &mut generator), scattered(&x, &y, &mut generator));
        for text in MEASURES {
            let measure = measure(text);
            let (one, other) = (streamed(&one, &measure), streamed(&other, &measure));
            agree(&format!("{text} in memory and from moments"), &in_memory(&measure, &x, &y), &one).map_err(TestCaseError::fail)?;
            agree(&format!("{text} from moments of two splits"), &one, &other).map_err(TestCaseError::fail)?;
        }
        Ok(())
    };
    runner(file!(), "moments", 600).run(&strategy, test).unwrap();
}

/// Rows whose mean jumps: the batches' means are further apart than the rows of a batch.
fn drifting(n: usize, p: usize, offset: f64, step: f64, seed: u64) -> Matrix {
    let noise = common::gaussian(n, p, seed);
    Matrix::from_fn(n, p, |i, j| offset + step * ((i / 50) as f64 * 0.7 + j as f64).sin() + noise.at(i, j))
}

#[test]
fn large_and_wandering_means_cost_no_digits() {
    // 2^27 = 1.3e8. Multiples of 2^-20 stay exact about it, so that both ways see the same numbers.
    let round = |matrix: Matrix| Matrix::from_fn(matrix.n, matrix.p, |i, j| (matrix.at(i, j) * 2f64.powi(20)).round() / 2f64.powi(20));
    for (offset, step) in [(2f64.powi(27), 0.0), (2f64.powi(27), 100.0), (0.0, 1000.0)] {
        let x = round(drifting(1000, 7, offset, step, 1));
        let y = round(drifting(1000, 5, -offset, step, 2));
        let centered = |matrix: &Matrix, offset: f64| Matrix::from_fn(matrix.n, matrix.p, |i, j| matrix.at(i, j) - offset);
        let (x_near, y_near) = (centered(&x, offset), centered(&y, -offset));
        for rows in [1, 13, 50, 300] {
            let mut moments = empty(&x, &y);
            (0..x.n).step_by(rows).for_each(|from| add(&mut moments, &x, &y, from, rows.min(x.n - from)));
            for text in MEASURES {
                let measure = measure(text);
                let want = measure.reference(&representation("x", &x_near), &representation("y", &y_near)).unwrap();
                let (got, bound) = streamed(&moments, &measure).unwrap();
                common::assert_close(got, want, 2.0 * bound, text);
                // And the bound is not much wider than the one for all rows in memory: at most by
                // what single rows make it.
                let (_, whole) = in_memory(&measure, &x, &y).unwrap();
                let factor = if rows < 13 { 4.0 } else { 2.0 };
                assert!(
                    bound <= factor * whole,
                    "{text}, offset {offset}, step {step}, batches of {rows}: bound {bound:e}, in memory {whole:e}"
                );
            }
        }
    }
}

#[test]
fn single_precision_is_widened_exactly() {
    let (x, y) = common::pair(90, 4, 3, 5);
    let narrow = |matrix: &Matrix| -> Vec<f32> { matrix.values.iter().map(|value| *value as f32).collect() };
    let (x32, y32) = (narrow(&x), narrow(&y));
    let wide = |values: &[f32], p: usize| Matrix { n: 90, p, values: values.iter().map(|value| f64::from(*value)).collect() };
    let (x64, y64) = (wide(&x32, 4), wide(&y32, 3));
    let (mut single, mut double) = (empty(&x, &y), empty(&x, &y));
    for from in [0, 45] {
        let batch = |values, p| Batch::F32(MatRef::from_row_major_slice(values, 90, p).subrows(from, 45));
        single.update(&[batch(&x32, 4), batch(&y32, 3)]).unwrap();
        add(&mut double, &x64, &y64, from, 45);
    }
    assert_eq!(single, double);
}

#[test]
fn threads_do_not_change_bits() {
    let (x, y) = common::pair(3000, 60, 70, 8);
    let gather = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut moments = empty(&x, &y);
            (0..3).for_each(|part| add(&mut moments, &x, &y, 1000 * part, 1000));
            moments
        })
    };
    assert_eq!(gather(1), gather(3));
}

#[test]
fn what_is_written_reads_back_and_damage_is_refused() {
    let (x, y) = common::pair(40, 3, 2, 3);
    let mut moments = empty(&x, &y);
    add(&mut moments, &x, &y, 0, 40);
    let text = serde_json::to_string(&moments).unwrap();
    assert_eq!(serde_json::from_str::<Moments>(&text).unwrap(), moments);
    let damaged = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        serde_json::from_str::<Moments>(&changed).unwrap_err().to_string()
    };
    assert!(damaged("\"products\":[", "\"products\":[1.0,").contains("not of 3 x 3 neurons"));
    assert!(damaged("[0,1]", "[0,2]").contains("(0, 2)"));
    assert!(damaged("[0,1]", "[0,0]").contains("twice"));
    assert!(damaged("\"row_norms\":{", "\"row_norms\":null,\"other\":{").contains("not finite, or not of"));
    assert!(damaged(",[1,1]", "").contains("3 pairs of layers, and 2 pairs"));
}

#[test]
fn unusable_batches_are_refused_and_change_nothing() {
    let (x, y) = common::pair(40, 3, 2, 3);
    let mut moments = empty(&x, &y);
    add(&mut moments, &x, &y, 0, 20);
    let before = moments.clone();
    let (rest_x, rest_y) = (view(&x).subrows(20, 20), view(&y).subrows(20, 20));
    let mut broken = y.clone();
    broken.values[27 * 2 + 1] = f64::NAN;
    let refusals = [
        (moments.update(&[rest_x.into()]), "1 batches for 2 layers"),
        (moments.update(&[rest_y.into(), rest_x.into()]), "x has 3 neurons; the batch that starts at row 20 has 2 columns"),
        (moments.update(&[rest_x.into(), view(&y).into()]), "the batch of y that starts at row 20 has 40 rows, that of x has 20"),
        (moments.update(&[rest_x.into(), view(&broken).subrows(20, 20).into()]), "y: the entry in row 27, column 1 is NaN"),
    ];
    for (result, words) in refusals {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(moments, before);
    let message = moments.merge(&Moments::of_pair("x", 3, "z", 2)).unwrap_err().to_string();
    assert!(message.contains("(\"z\", 2)"), "{message}");
    assert_eq!(moments, before);
}

#[test]
fn what_moments_cannot_give_is_refused() {
    let (x, y) = common::pair(40, 3, 2, 3);
    let mut moments = empty(&x, &y);
    for (from, needed) in [(0, 3), (3, 4)] {
        add(&mut moments, &x, &y, from, needed - from);
        let debiased = moments.score(&measure("cka:estimator=debiased"), 0, 1);
        match needed {
            3 => assert!(matches!(debiased, Err(Error::Input(InputError::TooFewExamples { n: 3, needed: 4, .. }))), "{debiased:?}"),
            _ => assert!(debiased.is_ok(), "{debiased:?}"),
        }
    }
    for measure in similitude::registry::conventions() {
        let linear = ["cka", "hsic"].contains(&measure.spec().id) && measure.to_string().contains("kernel=linear");
        assert_eq!(moments.score(&measure, 0, 1).is_ok(), linear, "{measure}");
        if !linear {
            assert!(matches!(moments.score(&measure, 0, 1), Err(Error::NotFromMoments { .. })), "{measure}");
        }
    }
    let mut plain = Moments::new([("x", 3), ("y", 2)], vec![(0, 1)], false).unwrap();
    add(&mut plain, &x, &y, 0, 40);
    assert!(plain.score(&measure("hsic"), 0, 1).is_ok());
    assert!(matches!(plain.score(&measure("hsic:estimator=unbiased"), 0, 1), Err(Error::NoRowNorms { .. })));
    assert!(matches!(plain.score(&measure("cka"), 0, 1), Err(Error::Pair { first: 0, second: 0, .. })));
    assert!(matches!(Moments::new([("x", 3)], vec![(0, 0), (0, 0)], false), Err(Error::Pair { problem: "is given twice", .. })));
    assert!(matches!(Moments::new([("x", 0)], vec![], false), Err(Error::Input(InputError::NoNeurons { .. }))));
    let constant = Matrix::from_fn(40, 2, |_, column| 0.1 + column as f64);
    let mut moments = empty(&x, &constant);
    (0..8).for_each(|part| add(&mut moments, &x, &constant, 5 * part, 5));
    assert!(
        matches!(moments.score(&measure("cka"), 0, 1), Err(Error::Input(error)) if matches!(error.cause(), InputError::Constant { name, n: 40, p: 2 } if name == "y"))
    );
}

#[test]
fn merged_moments_know_how_long_neurons_are() {
    // The first neuron is long because the halves are far apart.
    let far = |seed: u64| {
        let noise = common::gaussian(400, 8, seed);
        Matrix::from_fn(400, 8, |i, j| noise.at(i, j) + if j == 0 && i >= 200 { 1000.0 } else { 0.0 })
    };
    let (x, y) = (far(3), far(4));
    let of = |from: usize, rows: usize| {
        let mut moments = empty(&x, &y);
        add(&mut moments, &x, &y, from, rows);
        moments
    };
    let mut merged = of(0, 200);
    merged.merge(&of(200, 200)).unwrap();
    for text in MEASURES {
        let [(_, whole), (_, merged)] = [&of(0, 400), &merged].map(|moments| streamed(moments, &measure(text)).unwrap());
        assert!((0.8..1.25).contains(&(merged / whole)), "{text}: bounds {whole:e} and {merged:e}");
    }
}
