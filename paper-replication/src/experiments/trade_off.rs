//! What a measure costs, what it makes of few examples, and what it misses when a part of a layer
//! is taken away.

use super::context::mean;
use crate::analysis::{Deletion, Subject, prepared};
use crate::error::Result;
use crate::figures::{read_json, write_whole};
use faer::Mat;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use similitude::sweep::NetworkHeader;
use similitude::{Direction, Measure, Pair, Prepared, Representation};
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

/// With fewer examples means a block of this part of them.
pub(super) const PART: usize = 10;
/// How many such blocks are averaged over, so that an unlucky one does not decide.
const BLOCKS: usize = 3;
/// Shares of the principal components that are deleted, the weakest first.
pub(super) const TAIL: [f64; 7] = [0.25, 0.5, 0.75, 0.9, 0.95, 0.97, 0.99];
/// How many principal components are deleted, the strongest first.
pub(super) const TOP: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// The shape, examples and neurons, of the two layers that measures are timed on.
pub(super) const TIMED: (usize, usize) = (1000, 256);
/// How often each is timed, for the median.
const ROUNDS: usize = 3;

/// What a measure says of one layer of the first network. `None` where it is undefined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Answers {
    /// The same layer of the other networks, on average.
    others: Option<f64>,
    /// The same on a [`PART`]th of the examples.
    fewer: Option<f64>,
    /// The same, when the other networks see other examples than the first: nothing is related.
    unrelated: Option<f64>,
    /// The layer itself without the tail, at [`TAIL`].
    tail: Vec<Option<f64>>,
    /// The layer itself without the top, at [`TOP`] as far as there are more components.
    top: Vec<Option<f64>>,
}

/// What a table says of one measure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TradeOff {
    /// Layers on which the measure is defined with all examples, and with fewer.
    pub layers: (usize, usize),
    /// The value of the same layer of different networks: mean over layers.
    pub value: Option<f64>,
    /// How much more it is with a [`PART`]th of the examples, and what it is with as many unrelated
    /// ones: means over the layers on which it is defined with these.
    pub sample: Option<[f64; 2]>,
    /// The largest share of the components, the weakest first, that can be deleted without being
    /// noticed: median over layers. Deletion is noticed when the layer is less like itself than
    /// like the layers of other networks.
    pub tail: Option<f64>,
    /// How many components, the strongest first, must be deleted to be noticed: median over layers;
    /// infinite where none of [`TOP`] is.
    pub top: Option<f64>,
    /// Milliseconds for a layer and for a pair of layers, at [`TIMED`].
    pub milliseconds: Option<[f64; 2]>,
}

/// The file that keeps what was found of a layer.
#[derive(Serialize, Deserialize)]
struct Kept {
    networks: Vec<NetworkHeader>,
    measures: Vec<String>,
    answers: Vec<Answers>,
    /// How long it took; files of an earlier version do not say.
    #[serde(default)]
    seconds: Option<f64>,
}

/// Studies measures on all layers of these networks, the first against the others. What is finished
/// is kept in `folder`, a file for each layer. With the seconds that it took, if all are known.
pub(super) fn study(subjects: &[Subject], measures: &[Measure], folder: &Path) -> Result<(Vec<TradeOff>, Option<f64>)> {
    let names = subjects[0].layer_names()?;
    let (mut layers, mut seconds) = (Vec::new(), Some(0.0));
    for (place, name) in names.iter().enumerate() {
        eprintln!("fewer examples and components of {name}, layer {} of {}", place + 1, names.len());
        let (answers, took) = study_layer(subjects, measures, name, &folder.join(format!("{name}.json")))?;
        layers.push(answers);
        seconds = seconds.zip(took).map(|(sum, took)| sum + took);
    }
    let start = Instant::now();
    let cost = timed(measures)?;
    let seconds = seconds.map(|sum| sum + start.elapsed().as_secs_f64());
    let found = (0..measures.len())
        .map(|place| {
            let answers: Vec<&Answers> = layers.iter().map(|layer| &layer[place]).collect();
            TradeOff { milliseconds: cost[place], ..summary(&answers, measures[place].properties().direction) }
        })
        .collect();
    Ok((found, seconds))
}

fn study_layer(subjects: &[Subject], measures: &[Measure], name: &str, file: &Path) -> Result<(Vec<Answers>, Option<f64>)> {
    let networks = subjects.iter().map(Subject::header).collect::<Result<Vec<_>>>()?;
    let texts: Vec<String> = measures.iter().map(Measure::to_string).collect();
    if let Some(kept) = read_json::<Kept>(file)?
        && kept.networks == networks
        && kept.measures == texts
    {
        return Ok((kept.answers, kept.seconds));
    }
    let start = Instant::now();
    let layers = subjects.iter().map(|subject| subject.layer(name)).collect::<Result<Vec<_>>>()?;
    let answers = answers(&layers[0], &layers[1..], measures)?;
    let kept = Kept { networks, measures: texts, answers, seconds: Some(start.elapsed().as_secs_f64()) };
    // Headers and numbers always have a JSON form.
    write_whole(file, serde_json::to_string(&kept).expect("answers have a JSON form").as_bytes())?;
    Ok((kept.answers, kept.seconds))
}

/// What every measure says of a layer, against the same layer of other networks and against parts
/// of itself.
fn answers(layer: &Representation<'static>, others: &[Representation<'static>], measures: &[Measure]) -> Result<Vec<Answers>> {
    let n = layer.n();
    let whole = prepared(layer, measures);
    let with_others = side_by_side(others, |other| values(&whole, &prepared(other, measures), measures))?;
    let size = n / PART;
    let blocks: Vec<(usize, &Representation<'static>)> =
        (0..BLOCKS).flat_map(|block| others.iter().map(move |other| (block, other))).collect();
    let fewer = side_by_side(&blocks, |&(block, other)| {
        let [x, y] = [layer, other].map(|layer| examples(layer, block * size..(block + 1) * size));
        values(&prepared(&x?, measures), &prepared(&y?, measures), measures)
    })?;
    let unrelated = unrelated(layer, &blocks, size, measures)?;
    let deletion = Deletion::new(layer, &whole)?;
    let rank = deletion.rank();
    let part = |kept: &Range<usize>| values(&whole, &prepared(&deletion.keeping(kept.clone())?, measures), measures);
    let tail = side_by_side(&TAIL.map(|share| 0..kept(rank, share)), part)?;
    let top: Vec<Range<usize>> = TOP.iter().filter(|&&count| count < rank).map(|&count| count..rank).collect();
    let top = side_by_side(&top, part)?;
    let of = |place: usize| Answers {
        others: mean_of(&with_others, place),
        fewer: mean_of(&fewer, place),
        unrelated: mean_of(&unrelated, place),
        tail: tail.iter().map(|values| values[place]).collect(),
        top: top.iter().map(|values| values[place]).collect(),
    };
    Ok((0..measures.len()).map(of).collect())
}

/// A block of the layer against other examples of another network, in an order that is drawn:
/// examples that are sorted by class, or in turns, would be related.
fn unrelated(
    layer: &Representation<'static>,
    blocks: &[(usize, &Representation<'static>)],
    size: usize,
    measures: &[Measure],
) -> Result<Vec<Vec<Option<f64>>>> {
    side_by_side(blocks, |&(block, other)| {
        let mut others: Vec<usize> = ((block + 1) * size..(block + 2) * size).collect();
        others.shuffle(&mut ChaCha8Rng::seed_from_u64(block as u64));
        let (x, y) = (examples(layer, block * size..(block + 1) * size)?, examples(other, others)?);
        values(&prepared(&x, measures), &prepared(&y, measures), measures)
    })
}

/// Each on a thread of its own: most of the time goes into decompositions, which gain little from a
/// second one.
fn side_by_side<T: Sync>(of: &[T], values: impl Fn(&T) -> Result<Vec<Option<f64>>> + Sync + Send) -> Result<Vec<Vec<Option<f64>>>> {
    of.par_iter().with_max_len(1).map(values).collect()
}

/// How many components of `rank` are left when this share of them is deleted: one at least.
fn kept(rank: usize, deleted: f64) -> usize {
    ((rank as f64 * (1.0 - deleted)).round() as usize).max(1)
}

/// Some examples of a layer, in this order.
fn examples(layer: &Representation<'static>, rows: impl IntoIterator<Item = usize>) -> Result<Representation<'static>> {
    let rows: Vec<usize> = rows.into_iter().collect();
    let view = layer.view();
    Ok(Representation::from_matrix(layer.name().to_owned(), Mat::from_fn(rows.len(), layer.p(), |row, neuron| view[(rows[row], neuron)]))?)
}

fn values(x: &Prepared, y: &Prepared, measures: &[Measure]) -> Result<Vec<Option<f64>>> {
    let pair = Pair::new(x, y)?;
    Ok(measures.iter().map(|measure| measure.compare_pair(&pair).ok().map(|score| score.value)).collect())
}

/// The mean of one measure's values; `None` where one of them is undefined.
fn mean_of(values: &[Vec<Option<f64>>], place: usize) -> Option<f64> {
    let sum: f64 = values.iter().map(|values| values[place]).sum::<Option<f64>>()?;
    Some(sum / values.len() as f64)
}

fn summary(layers: &[&Answers], direction: Direction) -> TradeOff {
    let values: Vec<f64> = layers.iter().filter_map(|layer| layer.others).collect();
    let samples = layers.iter().filter_map(|layer| Some((layer.fewer? - layer.others?, layer.unrelated?)));
    let (bias, unrelated): (Vec<f64>, Vec<f64>) = samples.unzip();
    // A layer on which a value is undefined says nothing of when a deletion is noticed.
    let noticed = |layer: &Answers, values: &[Option<f64>]| -> Option<Vec<bool>> {
        let others = layer.others?;
        let less_alike = |value: f64| match direction {
            Direction::Similarity => value < others,
            Direction::Distance => value > others,
        };
        values.iter().map(|value| value.map(less_alike)).collect()
    };
    let tail = layers.iter().filter_map(|layer| {
        let unnoticed = noticed(layer, &layer.tail)?.into_iter().take_while(|noticed| !noticed).count();
        Some(if unnoticed == 0 { 0.0 } else { TAIL[unnoticed - 1] })
    });
    let top = layers.iter().filter_map(|layer| {
        let first = noticed(layer, &layer.top)?.into_iter().position(|noticed| noticed);
        Some(first.map_or(f64::INFINITY, |place| TOP[place] as f64))
    });
    TradeOff {
        layers: (values.len(), bias.len()),
        value: mean(&values),
        sample: mean(&bias).zip(mean(&unrelated)).map(|(bias, unrelated)| [bias, unrelated]),
        tail: median(tail.collect()),
        top: median(top.collect()),
        milliseconds: None,
    }
}

/// The middle value, of an even count the lower one: always a value that was seen.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// Milliseconds for a layer and for a pair of layers, by each measure alone; `None` where it is
/// undefined on them.
pub(super) fn timed(measures: &[Measure]) -> Result<Vec<Option<[f64; 2]>>> {
    let (n, p) = TIMED;
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut normal = || -> Vec<f64> { (0..n * p).map(|_| StandardNormal.sample(&mut generator)).collect() };
    // A common part, so that the two layers are related as layers are.
    let common = normal();
    let mut layer = || Representation::from_row_major("timed", n, p, common.iter().zip(normal()).map(|(a, b)| a + b).collect::<Vec<_>>());
    let (x, y) = (layer()?, layer()?);
    Ok(measures.iter().map(|measure| time(measure, &x, &y)).collect())
}

fn time(measure: &Measure, x: &Representation<'static>, y: &Representation<'static>) -> Option<[f64; 2]> {
    let (mut of_layer, mut of_pair) = (Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        let start = Instant::now();
        let (x, y) = (measure.prepare(x).ok()?, measure.prepare(y).ok()?);
        of_layer.push(start.elapsed().as_secs_f64() * 1e3 / 2.0);
        let start = Instant::now();
        measure.compare_prepared(&x, &y).ok()?;
        of_pair.push(start.elapsed().as_secs_f64() * 1e3);
    }
    // The first round fetches memory that later ones find.
    Some([median(of_layer.split_off(1))?, median(of_pair.split_off(1))?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer whose neurons are each `decay` times as strong as the one before, and one that
    /// shares the stronger ones.
    fn layers(decay: f64) -> (Representation<'static>, Representation<'static>) {
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        let mut normal = || -> f64 { StandardNormal.sample(&mut generator) };
        let (n, p) = (600, 12);
        let common: Vec<f64> = (0..n * p).map(|entry| normal() * decay.powi((entry % p) as i32)).collect();
        let mut layer =
            || Representation::from_row_major("layer", n, p, common.iter().map(|value| value + 0.05 * normal()).collect::<Vec<_>>());
        (layer().unwrap(), layer().unwrap())
    }

    fn of(texts: &[&str], decay: f64) -> Vec<TradeOff> {
        let measures: Vec<Measure> = texts.iter().map(|text| Measure::parse(text).unwrap()).collect();
        let (x, y) = layers(decay);
        let answers = answers(&x, &[y], &measures).unwrap();
        answers.iter().zip(&measures).map(|(answers, measure)| summary(&[answers], measure.properties().direction)).collect()
    }

    /// What follows from the definitions: a canonical correlation is 1 for whatever is left, and
    /// regression on a layer that is whole finds every part of it, so that neither misses anything.
    #[test]
    fn measures_that_see_subspaces_alone_notice_no_deletion() {
        for found in of(&["cca", "cca:summary=r2", "linear-regression:direction=y-from-x"], 0.5) {
            assert_eq!((found.tail, found.top), (Some(0.99), Some(f64::INFINITY)), "{found:?}");
        }
    }

    /// The divisor `max` counts what is gone, whichever it is: k of 12 components left are a value
    /// of k / 12, and the layers of the two networks share 0.44. Linear CKA and Procrustes see
    /// large components.
    #[test]
    fn others_notice() {
        let found = of(&["cca:divisor=max", "cka", "procrustes:form=squared"], 0.5);
        assert_eq!((found[0].tail, found[0].top), (Some(0.5), Some(8.0)), "{found:?}");
        for found in &found[1..] {
            assert!(found.tail >= Some(0.5) && found.top == Some(1.0), "{found:?}");
        }
    }

    /// Biased CKA of unrelated layers is above 0 with few examples, debiased CKA is not.
    #[test]
    fn bias_shows() {
        let found = of(&["cka", "cka:estimator=debiased"], 1.0);
        assert!(found.iter().all(|found| found.value > Some(0.9)), "{found:?}");
        let [biased, debiased] = [0, 1].map(|place| found[place].sample.unwrap());
        assert!(biased[1] > 0.1 && debiased[1].abs() < 0.05, "{biased:?} {debiased:?}");
        assert!(biased[0].abs() < 0.01 && debiased[0].abs() < 0.01, "{biased:?} {debiased:?}");
        assert_eq!(found[0].layers, (1, 1));
    }

    /// Examples that come in turns, one class after the other: other examples in the same order are
    /// of the same classes.
    #[test]
    fn what_is_unrelated_is_drawn() {
        let mut generator = ChaCha8Rng::seed_from_u64(6);
        let (n, p) = (600, 10);
        let values: Vec<f64> = (0..n * p)
            .map(|entry| {
                let own: f64 = StandardNormal.sample(&mut generator);
                f64::from(entry / p % 10 == entry % p) + 0.1 * own
            })
            .collect();
        let layer = Representation::from_row_major("turns", n, p, values).unwrap();
        let measure = Measure::parse("cka:estimator=debiased").unwrap();
        let found = unrelated(&layer, &[(0, &layer), (1, &layer), (2, &layer)], n / PART, std::slice::from_ref(&measure)).unwrap();
        let mean = mean_of(&found, 0).unwrap();
        assert!(mean.abs() < 0.1, "{mean}");
        let (one, next) = (examples(&layer, 0..60).unwrap(), examples(&layer, 60..120).unwrap());
        let in_turns = measure.compare(&one, &next).unwrap().value;
        assert!(in_turns > 0.5, "{in_turns}");
    }

    #[test]
    fn a_layer_that_says_nothing_is_left_out() {
        let answers = |others, fewer, tail: [f64; 7]| Answers {
            others,
            fewer,
            unrelated: Some(0.1),
            tail: tail.map(Some).to_vec(),
            top: vec![Some(0.95), Some(0.7)],
        };
        let one = answers(Some(0.8), Some(0.9), [1.0, 0.9, 0.85, 0.7, 0.9, 0.9, 0.9]);
        let two = answers(Some(0.8), None, [0.7; 7]);
        let three = answers(None, Some(0.5), [1.0; 7]);
        let found = summary(&[&one, &two, &three], Direction::Similarity);
        assert_eq!((found.layers, found.value, found.sample), ((2, 1), Some(0.8), Some([0.9 - 0.8, 0.1])));
        assert_eq!((found.tail, found.top), (Some(0.0), Some(2.0)), "the lower of 0 and 0.75");
        let found = summary(&[&one], Direction::Distance);
        assert_eq!((found.tail, found.top), (Some(0.0), Some(1.0)));
        assert_eq!(summary(&[&three], Direction::Similarity).tail, None);
    }

    #[test]
    fn components_are_counted() {
        assert_eq!((kept(200, 0.99), kept(200, 0.25), kept(32, 0.99), kept(1, 0.5)), (2, 150, 1, 1));
    }

    #[test]
    fn measures_are_timed_where_they_are_defined() {
        let measures: Vec<Measure> = ["cka", "cca"].map(|text| Measure::parse(text).unwrap()).to_vec();
        for milliseconds in timed(&measures).unwrap() {
            assert!(milliseconds.is_some_and(|[layer, pair]| layer > 0.0 && pair > 0.0));
        }
        let few = Representation::from_row_major("few", 3, 5, (0..15).map(|value| f64::from(value).sin()).collect::<Vec<_>>()).unwrap();
        assert_eq!(time(&measures[1], &few, &few), None);
    }
}
