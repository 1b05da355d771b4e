//! The Rust of the guide: a function for each block. What it prints is kept, and compared with the
//! page.

use std::cell::RefCell;
use std::error::Error;

thread_local! {
    /// What the example that runs has printed.
    pub static PRINTED: RefCell<String> = const { RefCell::new(String::new()) };
}

macro_rules! println {
    ($($part:tt)*) => {{
        let line = format!($($part)*);
        PRINTED.with_borrow_mut(|text| *text += &(line + "\n"));
    }};
}

/// An example that runs and prints.
type Example = fn() -> Result<(), Box<dyn Error>>;

/// All of them, by name.
pub const ALL: [(&str, Example); 6] = [
    ("first_comparison", first_comparison),
    ("own_measure", own_measure),
    ("labels", labels),
    ("nearer", nearer),
    ("kinds", kinds),
    ("ceiling", ceiling),
];

fn first_comparison() -> Result<(), Box<dyn Error>> {
    use similitude::{Measure, Representation};

    let x = Representation::from_row_major("layer 3, seed 1", 4, 2, vec![1., 0., 0., 1., -1., 0., 0., -1.])?;
    let y = Representation::from_row_major("layer 3, seed 2", 4, 1, vec![2., 0., -2., 0.])?;
    for text in ["cka", "cka:estimator=debiased", "procrustes:form=angle"] {
        let score = Measure::parse(text)?.compare(&x, &y)?;
        println!("{} = {:.6} ({:?})", score.measure, score.value, score.direction);
    }
    let constant = Representation::from_row_major("a dead layer", 4, 1, vec![3.; 4])?;
    println!("{}", Measure::parse("cka")?.compare(&x, &constant).unwrap_err());
    Ok(())
}

fn own_measure() -> Result<(), Box<dyn Error>> {
    use similitude::Representation;
    use similitude::conformance::{check, identify};

    // A mean that is left in, which nobody notices while it is near 0.
    let mine = |x: &Representation<'_>, y: &Representation<'_>| -> Option<f64> {
        let (x, y) = (x.view(), y.view());
        let product = |a: faer::MatRef<'_, f64>, b: faer::MatRef<'_, f64>| (a.transpose() * b).squared_norm_l2();
        let norms = (product(x, x) * product(y, y)).sqrt();
        (x.nrows() == y.nrows() && norms > 0.0).then(|| product(x, y) / norms)
    };
    let failure = check("cka", mine).unwrap_err();
    println!("{}", failure.to_string().lines().next().unwrap_or_default());
    println!(
        "translations of X: broken is {}; rotations of X: broken is {}",
        failure.breaks("translation::x"),
        failure.breaks("orthogonal::x")
    );
    println!("it computes: {}", identify("cka", mine)?);
    Ok(())
}

fn labels() -> Result<(), Box<dyn Error>> {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use similitude::inference::{Permutations, Scheme, permutation_null};
    use similitude::{Measure, Representation};

    // Twenty pictures of each of three classes. Both networks tell the classes apart, and nothing
    // else is common to them.
    let network = |seed: u64| -> Vec<f64> {
        let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut noise = || -> f64 { StandardNormal.sample(&mut generator) };
        (0..60).map(|i| 3.0 * (i / 20) as f64 + noise()).collect()
    };
    let x = Representation::from_row_major("x", 60, 1, network(1))?;
    let y = Representation::from_row_major("y", 60, 1, network(2))?;
    let classes: Vec<usize> = (0..60).map(|i| i / 20).collect();
    let cka = Measure::parse("cka")?;
    for scheme in [Scheme::Free, Scheme::Within(classes)] {
        let null = permutation_null(&cka, &x, &y, &Permutations::new(999, 1).with_scheme(scheme))?;
        println!("{}: CKA {:.3}, null mean {:.3}, p = {:.3}", null.scheme, null.score.value, null.mean(), null.p());
    }
    Ok(())
}

fn nearer() -> Result<(), Box<dyn Error>> {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use similitude::inference::{Resamples, paired};
    use similitude::{Measure, Representation};

    // Both B and C are noisy copies of A; C has twice the noise.
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut normal = || -> f64 { StandardNormal.sample(&mut generator) };
    let mut noise = |share: f64| (0..300).map(|_| share * normal()).collect::<Vec<f64>>();
    let a = noise(1.0);
    let [b, c] = [0.5, 1.0].map(|share| a.iter().zip(noise(share)).map(|(a, noise)| a + noise).collect::<Vec<f64>>());
    let a = Representation::from_row_major("a", 100, 3, a)?;
    let b = Representation::from_row_major("b", 100, 3, b)?;
    let c = Representation::from_row_major("c", 100, 3, c)?;
    let found = paired(&Measure::parse("cka:estimator=debiased")?, (&a, &b), (&a, &c), &Resamples::new(1000, 1))?;
    let interval = found.interval(0.95)?;
    println!("A with B {:.3}, A with C {:.3}", found.first.value, found.second.value);
    println!("difference {:.3}, {:.3} to {:.3}, p = {:.3}", found.difference(), interval.lo, interval.hi, found.p());
    Ok(())
}

fn kinds() -> Result<(), Box<dyn Error>> {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use similitude::inference::{Kinds, UnitDraws, Units, kind_means};
    use similitude::{Measure, Representation};

    // Six seeds of each of two architectures: both see one common signal, each architecture one of
    // its own, and each seed noise.
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut normal = |count: usize| -> Vec<f64> { (0..count).map(|_| StandardNormal.sample(&mut generator)).collect() };
    let (common, architectures) = (normal(400), [normal(400), normal(400)]);
    let mut networks = Vec::new();
    for seed in 0..12 {
        let entries = normal(400).into_iter().zip(&common).zip(&architectures[seed / 6]).map(|((noise, a), b)| a + b + 0.5 * noise);
        networks.push(Representation::from_row_major(format!("network {seed}"), 100, 4, entries.collect::<Vec<f64>>())?);
    }
    let cka = Measure::parse("cka:estimator=debiased")?;
    let mut values = Vec::new();
    for x in &networks {
        for y in &networks {
            values.push(cka.compare(x, y)?.value);
        }
    }
    let labels: Vec<&str> = (0..12).map(|seed| if seed < 6 { "cnn" } else { "vit" }).collect();
    let kinds = Kinds::of_labels(&labels);
    let draws = UnitDraws { units: Units::Networks, count: 2000, seed: 1, level: 0.95 };
    for found in kind_means(cka.properties().direction, &values, &kinds, Some((&draws, None)))? {
        let [a, b] = [found.kind, found.other].map(|kind| &kinds.names()[kind]);
        let spread = found.spread.ok_or("an interval")?;
        println!("{a} with {b}: {:.3}, {:.3} to {:.3}", found.mean, spread.lo, spread.hi);
        if let (Some(below), Some(spread)) = (found.below_ceiling, found.below_spread) {
            println!("  below the ceiling of {a} by {below:.3}, {:.3} to {:.3}", spread.lo, spread.hi);
        }
    }
    Ok(())
}

fn ceiling() -> Result<(), Box<dyn Error>> {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use similitude::inference::noise_ceiling;
    use similitude::{Measure, Representation};

    // Eight subjects see one geometry of 40 pictures, each with noise of its own.
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut normal = |share: f64| -> Vec<f64> {
        let mut one = || -> f64 { StandardNormal.sample(&mut generator) };
        (0..120).map(|_| share * one()).collect()
    };
    let geometry = normal(1.0);
    let mut seen = |share: f64| -> Vec<f64> { geometry.iter().zip(normal(share)).map(|(entry, noise)| entry + noise).collect() };
    let subjects =
        (0..8).map(|k| Representation::from_row_major(format!("subject {k}"), 40, 3, seen(0.7))).collect::<Result<Vec<_>, _>>()?;
    let rough = Representation::from_row_major("a rough model", 40, 3, seen(1.5))?;
    let right = Representation::from_row_major("the geometry", 40, 3, geometry)?;
    let rsa = Measure::parse("rsa:rdm=euclidean,compare=pearson")?;
    let ceiling = noise_ceiling(&rsa, &subjects)?;
    println!("noise ceiling: {:.3} to {:.3}", ceiling.lower(), ceiling.upper());
    for model in [right, rough] {
        let mut mean = 0.0;
        for subject in &subjects {
            mean += rsa.compare(&model, subject)?.value / 8.0;
        }
        println!("{}: {mean:.3}", model.name());
    }
    Ok(())
}
