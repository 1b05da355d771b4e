//! ReSi's groups: networks that were trained alike should be more alike than networks that were
//! not.

use super::answers::Answer;
use super::layers::last_layers;
use super::networks::{Captured, record};
use super::over;
use super::statistics::{average_precision, conformity};
use crate::data::{DataSet, Pictures};
use crate::error::Result;
use crate::experiments::context::{Context, all_pairs};
use crate::job::Job;
use crate::networks::NetworkConfig;
use crate::training::{Progress, Regime, Run, Trainer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use similitude::Measure;

/// A cause that networks differ by, in four degrees.
pub(super) struct Group {
    /// Its name.
    pub name: &'static str,
    /// The degrees: shares of labels, of shortcuts that are right, or pixels of shift.
    degrees: [f64; 4],
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// This share of the labels is drawn at random.
    Labels,
    /// A mark that names the class in this share of the pictures, and a drawn one in the others.
    Shortcut,
    /// Shifts by up to so many pixels in training.
    Augmentation,
}

pub(super) const GROUPS: [Group; 3] = [
    Group { name: "random labels", degrees: [0.0, 0.25, 0.5, 1.0], kind: Kind::Labels },
    Group { name: "shortcut", degrees: [0.0, 0.5, 0.75, 1.0], kind: Kind::Shortcut },
    Group { name: "augmentation", degrees: [0.0, 1.0, 2.0, 3.0], kind: Kind::Augmentation },
];

/// What is said of values that are of one group or not, by name.
type Statistic = (&'static str, fn(&[(f64, bool)]) -> f64);

/// Networks of each degree.
const SEEDS: usize = 3;

/// Epochs of each.
const EPOCHS: usize = 30;

/// How many networks all groups have together, and the epochs of each.
pub(super) fn networks() -> (usize, usize) {
    (GROUPS.iter().map(|group| group.degrees.len() * SEEDS).sum(), EPOCHS)
}

/// How many pairs of networks of one degree a group has, and how many pairs in all.
pub(super) fn pairs(group: &Group) -> (usize, usize) {
    let members = group.degrees.len() * SEEDS;
    (group.degrees.len() * SEEDS * (SEEDS - 1) / 2, members * (members - 1) / 2)
}

/// Networks of all degrees, each with each: average precision and conformity of the last layers'
/// similarity, pairs of one degree being the positives. Jackknife over seeds.
pub(super) fn told_apart(context: &Context, group: &Group, pictures: &Pictures, measures: &[Measure]) -> Result<Vec<Answer>> {
    let set = context.workshop.data(&[])?;
    let members: Vec<(usize, usize)> = (0..group.degrees.len()).flat_map(|degree| (0..SEEDS).map(move |seed| (degree, seed))).collect();
    let test = match group.kind {
        // A mark that says nothing: what remains is how much a network looks at it.
        Kind::Shortcut => marked(pictures, 0.0, 0)?,
        _ => pictures.clone(),
    };
    let networks = members
        .par_iter()
        .with_max_len(1)
        .map(|&(degree, seed)| trained(context, group, &set, degree, seed, &test, measures))
        .collect::<Result<Vec<Captured>>>()?;
    let pairs = all_pairs(members.len());
    let values = last_layers(networks, measures, &pairs)?;
    let mut answers = Vec::new();
    let statistics: [Statistic; 2] = [("AUPRC", average_precision), ("conformity", conformity)];
    for (name, statistic) in statistics {
        answers.extend((0..measures.len()).map(|measure| {
            let of = |without: Option<usize>| {
                let kept =
                    pairs.iter().enumerate().filter(|(_, pair)| without != Some(members[pair.0].1) && without != Some(members[pair.1].1));
                let scores: Option<Vec<(f64, bool)>> =
                    kept.map(|(row, pair)| Some((values[row][measure]?, members[pair.0].0 == members[pair.1].0))).collect();
                scores.map(|scores| statistic(&scores))
            };
            Answer::new(&format!("{}, {name}", group.name), measure, over(SEEDS, of))
        }));
    }
    Ok(answers)
}

fn trained(
    context: &Context,
    group: &Group,
    set: &DataSet,
    degree: usize,
    seed: usize,
    test: &Pictures,
    measures: &[Measure],
) -> Result<Captured> {
    let amount = group.degrees[degree];
    let base = Job::of(&context.setting, seed as u64 + 1);
    let mut regime = Regime { epochs: EPOCHS, ..base.regime };
    let train = match group.kind {
        Kind::Labels => relabelled(&set.train, amount, seed as u64)?,
        Kind::Shortcut => marked(&set.train, amount, seed as u64 + 1)?,
        Kind::Augmentation => {
            regime.crop = amount as usize;
            set.train.clone()
        }
    };
    let run = Run {
        data: format!("{}, {} {amount}", set.name, group.name),
        network: NetworkConfig {
            architecture: base.architecture,
            width: base.width,
            batch_norm: true,
            channels: train.channels(),
            side: train.side(),
            classes: train.class_count(),
        },
        regime,
        seed: base.seed,
    };
    let name = format!("{}.ckpt", crate::job::stem(&run));
    let path = context.workshop.checkpoints().join(name);
    let steps = run.regime.steps(train.count());
    let mut trainer = Trainer::resume(run, train.normalization(), &path)?;
    trainer.finish(&train, &Progress::new(group.name, steps), Some(&path))?;
    record(&trainer.network(), &trainer.run().network.clone(), trainer.normalization(), test, measures, true)
}

/// The pictures with this share of the labels drawn at random.
fn relabelled(pictures: &Pictures, share: f64, seed: u64) -> Result<Pictures> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let classes = pictures.class_count();
    let labels =
        pictures.labels().iter().map(|&label| if generator.random_bool(share) { generator.random_range(0..classes) as u8 } else { label });
    let labels = labels.collect();
    let pixels = (0..pictures.count()).flat_map(|index| pictures.picture(index).to_vec()).collect();
    Pictures::new(pictures.channels(), pictures.side(), classes, pixels, labels)
}

/// The pictures with their first row blank but for a bright pixel, which names the class in this
/// share of them and another, drawn class in the others. Classes beyond the row's length are marked
/// in the last row.
fn marked(pictures: &Pictures, share: f64, seed: u64) -> Result<Pictures> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed ^ 0x5_c0de);
    let (side, classes) = (pictures.side(), pictures.class_count());
    let mut pixels = Vec::with_capacity(pictures.count() * side * side * pictures.channels());
    for index in 0..pictures.count() {
        let named = if generator.random_bool(share) { usize::from(pictures.labels()[index]) } else { generator.random_range(0..classes) };
        let mut picture = pictures.picture(index).to_vec();
        for plane in picture.chunks_exact_mut(side * side) {
            plane[..side].fill(0.0);
            let last = side * (side - 1);
            plane[last..last + classes.saturating_sub(side).min(side)].fill(0.0);
            plane[if named < side { named } else { last + (named - side) % side }] = 1.0;
        }
        pixels.extend(picture);
    }
    Pictures::new(pictures.channels(), side, classes, pixels, pictures.labels().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;

    #[test]
    fn labels_and_marks_are_drawn_as_often_as_named() {
        let train = digits().unwrap().train;
        let none = relabelled(&train, 0.0, 1).unwrap();
        assert_eq!(none.labels(), train.labels());
        let changed = |share: f64| {
            let drawn = relabelled(&train, share, 1).unwrap();
            drawn.labels().iter().zip(train.labels()).filter(|(one, other)| one != other).count() as f64 / train.count() as f64
        };
        // A tenth of what is drawn is the old label.
        assert!((changed(1.0) - 0.9).abs() < 0.05 && (changed(0.5) - 0.45).abs() < 0.06);
        let named = |share: f64| {
            let drawn = marked(&train, share, 1).unwrap();
            let mark = |index: usize| {
                let picture = drawn.picture(index);
                let first = (0..8).find(|&column| picture[column] == 1.0);
                first.unwrap_or_else(|| 8 + (0..2).find(|&column| picture[56 + column] == 1.0).unwrap())
            };
            (0..train.count()).filter(|&index| mark(index) == usize::from(train.labels()[index])).count() as f64 / train.count() as f64
        };
        assert_eq!(named(1.0), 1.0);
        assert!((named(0.0) - 0.1).abs() < 0.05, "a mark at random");
    }
}
