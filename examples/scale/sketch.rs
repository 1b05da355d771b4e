//! What sketches lose on real activations: random projections of the neurons, and some of the rows
//! only.

use std::error::Error;
use std::fmt::Write;

use faer::Mat;
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use similitude::Measure;
use similitude::io::Network;
use similitude::moments::{Moments, Terms};

const NETWORKS: [&str; 3] =
    ["data/demo/digits-seed-1.safetensors", "data/demo/digits-seed-2.safetensors", "data/demo/digits-seed-3.safetensors"];
const DRAWS: usize = 20;

type Failure = Box<dyn Error>;

/// A layer: examples x neurons.
type Layer = Mat<f64>;

fn layers(path: &str) -> Result<Vec<Layer>, Failure> {
    let network = Network::open(path, None)?;
    let read = |layer: usize| -> Result<Layer, Failure> {
        let representation = network.read_layer(layer, None)?;
        Ok(representation.view().to_owned())
    };
    (0..network.layer_names().len()).map(read).collect()
}

/// Moments of two layers.
fn moments(x: &Layer, y: &Layer) -> Result<Moments, Failure> {
    let mut moments = Moments::of_pair("x", x.ncols(), "y", y.ncols());
    moments.update(&[x.as_ref().into(), y.as_ref().into()])?;
    Ok(moments)
}

fn cka(measure: &Measure, x: &Layer, y: &Layer) -> Result<f64, Failure> {
    Ok(moments(x, y)?.score(measure, 0, 1)?.value)
}

/// x times a Gaussian matrix with entries of variance 1/k.
fn projected(x: &Layer, k: usize, generator: &mut ChaCha8Rng) -> Layer {
    let scale = 1.0 / (k as f64).sqrt();
    let draw = Mat::from_fn(x.ncols(), k, |_, _| {
        let value: f64 = StandardNormal.sample(generator);
        scale * value
    });
    x * &draw
}

/// CKA of two layers from projections of them: as it is, and with the projection's own bias taken
/// out of the self-terms.
///
/// With R of k columns, E|X R R'X'|^2 = (1 + 1/k) |XX'|^2 + (tr XX')^2 / k and E(tr X R R'X')^2 =
/// (tr XX')^2 + 2 |XX'|^2 / k; the cross term of independent projections has no bias.
fn from_projections(x: &Layer, y: &Layer, k: usize) -> Result<(f64, f64), Failure> {
    let moments = moments(x, y)?;
    let terms = |a, b| moments.terms(a, b).ok_or("the pair was gathered");
    let (xy, xx, yy) = (terms(0, 1)?, terms(0, 0)?, terms(1, 1)?);
    let k = k as f64;
    let corrected = |terms: &Terms| (terms.squared_norm - terms.traces.0 * terms.traces.0 / k) / (1.0 + 1.0 / k - 2.0 / (k * k));
    let plain = xy.squared_norm / (xx.squared_norm * yy.squared_norm).sqrt();
    Ok((plain, xy.squared_norm / (corrected(&xx) * corrected(&yy)).sqrt()))
}

/// Differences from what is estimated: mean, root of the mean square, 95th percentile of the
/// magnitude, largest magnitude.
fn row(differences: &mut [f64]) -> String {
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let root = (differences.iter().map(|difference| difference * difference).sum::<f64>() / count).sqrt();
    differences.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let place = (0.95 * count).ceil() as usize - 1;
    format!("{mean:+.4} | {root:.4} | {:.4} | {:.4}", differences[place].abs(), differences[differences.len() - 1].abs())
}

pub fn text() -> Result<String, Failure> {
    let networks = NETWORKS.iter().map(|path| layers(path)).collect::<Result<Vec<_>, _>>()?;
    let mut pairs: Vec<(&Layer, &Layer)> = Vec::new();
    for (index, a) in networks.iter().enumerate() {
        for b in &networks[index + 1..] {
            pairs.extend(a.iter().flat_map(|x| b.iter().map(move |y| (x, y))));
        }
    }
    let (biased, debiased) = (Measure::parse("cka")?, Measure::parse("cka:estimator=debiased")?);
    let whole = |measure: &Measure| pairs.iter().map(|(x, y)| cka(measure, x, y)).collect::<Result<Vec<_>, _>>();
    let (exact, exact_debiased) = (whole(&biased)?, whole(&debiased)?);
    let (n, widest) = (networks[0][0].nrows(), networks[0].iter().map(Mat::ncols).max().unwrap_or(0));
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let mut text = format!(
        "## What sketches lose\n\n\
         Linear CKA of all {} pairs of layers of three trained networks (data/demo; n = {n}, up to {widest} neurons; values from {:.2} to {:.2}), {DRAWS} \
         draws each. An error is the sketch's value minus the value of all rows and neurons.\n\n\
         Random projections: every layer times its own Gaussian matrix of k columns. The products cost (k/p)^2 of what they did, moments and traffic too; \
         the projection itself costs n p k for each layer, once. *Corrected* takes the projection's own bias out of the self-terms.\n\n\
         | k | estimator | mean error | root mean square | 95 % below | largest |\n|---|---|---|---|---|---|\n",
        pairs.len(),
        exact.iter().copied().fold(f64::INFINITY, f64::min),
        exact.iter().copied().fold(0.0, f64::max),
    );
    for k in [16, 32, 64, 128] {
        let (mut plain, mut corrected) = (Vec::new(), Vec::new());
        for _ in 0..DRAWS {
            for ((x, y), exact) in pairs.iter().zip(&exact) {
                let (one, other) = from_projections(&projected(x, k, &mut generator), &projected(y, k, &mut generator), k)?;
                plain.push(one - exact);
                corrected.push(other - exact);
            }
        }
        writeln!(text, "| {k} | as it is | {} |", row(&mut plain))?;
        writeln!(text, "| {k} | corrected | {} |", row(&mut corrected))?;
    }
    text += "\nRows: m of the n examples, drawn without replacement, the same for both layers. The products cost m/n. *Scaled* is the root mean square times \
             sqrt(m / (1 - m/n)): where it stays the same, the error is that of a sample, and follows for any m.\n\n\
             | m | estimator | mean error | root mean square | 95 % below | largest | scaled |\n|---|---|---|---|---|---|---|\n";
    for m in [32, 64, 128, 256] {
        for (name, measure, exact) in [("biased", &biased, &exact), ("debiased", &debiased, &exact_debiased)] {
            let mut differences = Vec::new();
            for _ in 0..DRAWS {
                let rows = sample(&mut generator, n, m).into_vec();
                let some = |layer: &Layer| Mat::from_fn(m, layer.ncols(), |i, j| layer[(rows[i], j)]);
                for ((x, y), exact) in pairs.iter().zip(exact) {
                    differences.push(cka(measure, &some(x), &some(y))? - exact);
                }
            }
            let root = (differences.iter().map(|difference| difference * difference).sum::<f64>() / differences.len() as f64).sqrt();
            let scaled = root * (m as f64 / (1.0 - m as f64 / n as f64)).sqrt();
            writeln!(text, "| {m} | {name} | {} | {scaled:.2} |", row(&mut differences))?;
        }
    }
    text += "\nThe biased estimator rises when rows are left out, by a bias that no number of draws averages away: take the debiased one where rows are \
             sampled, and the one without correction never where neurons are projected.\n";
    Ok(text)
}
