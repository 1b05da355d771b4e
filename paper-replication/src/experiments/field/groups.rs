//! ReSi's groups: networks that were trained alike should be more alike than networks that were
//! not.

use super::layers::both_orders;
use super::networks::{Captured, record};
use super::values::{Compared, of_pairs};
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
use std::time::Instant;

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

/// Networks of each degree.
const SEEDS: usize = 3;

/// Epochs of each.
const EPOCHS: usize = 30;

/// How many networks all groups have together, and the epochs of each.
pub(super) fn networks() -> (usize, usize) {
    (GROUPS.iter().map(|group| group.degrees.len() * SEEDS).sum(), EPOCHS)
}

/// The first seed of the networks of the groups: those of the seeds have lower ones.
const FIRST_SEED: u64 = 101;

/// One network of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Member {
    degree: usize,
    /// Of the starting weights and of the order of the pictures.
    seed: u64,
}

/// The networks of the group at this place of [`GROUPS`]. No two have the same seed, in no group:
/// if networks of different degrees shared starting weights, these would make the pairs alike that
/// are to be told apart.
fn members(place: usize) -> Vec<Member> {
    let first = FIRST_SEED + GROUPS[..place].iter().map(|group| (group.degrees.len() * SEEDS) as u64).sum::<u64>();
    let degrees = (0..GROUPS[place].degrees.len()).flat_map(|degree| std::iter::repeat_n(degree, SEEDS));
    degrees.enumerate().map(|(member, degree)| Member { degree, seed: first + member as u64 }).collect()
}

/// The networks of a group, trained, or found where they were trained before: not a part of the
/// comparison, and clocked as training.
pub(super) fn trained(context: &Context, place: usize) -> Result<Vec<Trainer>> {
    let set = context.workshop.data(&[])?;
    let all = members(place).into_par_iter().with_max_len(1).map(|member| train(context, &GROUPS[place], &set, member));
    all.collect()
}

/// The last layers of the networks of a group, each with each, in both orders, with the degree of
/// either side.
pub(super) fn compared(
    group: &Group,
    networks: &[Trainer],
    place: usize,
    pictures: &Pictures,
    measures: &[Measure],
) -> Result<Vec<Compared>> {
    let test = match group.kind {
        // A mark that says nothing: what remains is how much a network looks at it.
        Kind::Shortcut => marked(pictures, 0.0, 0)?,
        _ => pictures.clone(),
    };
    let captured = networks
        .par_iter()
        .with_max_len(1)
        .map(|trainer| record(&trainer.network(), &trainer.run().network.clone(), trainer.normalization(), &test, measures, true))
        .collect::<Result<Vec<Captured>>>()?;
    let last: Vec<_> = captured.iter().map(|network| network.prepared.last().expect("a network has layers")).collect();
    let pairs = all_pairs(last.len());
    let members = members(place);
    let degree = |network: usize| Some(members[network].degree as f64);
    let values = of_pairs(measures, &last, &pairs)?;
    Ok(both_orders(group.name, &pairs, values, |network| (network, 0), |one, other| [degree(one), degree(other)]))
}

fn train(context: &Context, group: &Group, set: &DataSet, member: Member) -> Result<Trainer> {
    let amount = group.degrees[member.degree];
    let base = Job::of(&context.setting, member.seed);
    let mut regime = Regime { epochs: EPOCHS, ..base.regime };
    if group.kind == Kind::Augmentation {
        regime.crop = amount as usize;
    }
    let train = training_pictures(group, &set.train, member.degree)?;
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
    let (steps, epochs) = (run.regime.steps(train.count()), run.regime.epochs);
    let mut trainer = Trainer::resume(run, train.normalization(), &path)?;
    if trainer.epochs_done() < epochs {
        let start = Instant::now();
        trainer.finish(&train, &Progress::new(group.name, steps), Some(&path))?;
        context.workshop.count_training(start.elapsed().as_secs_f64());
    }
    Ok(trainer)
}

/// What all networks of a degree are trained on: one relabelling and one marking of the pictures
/// for a degree, so that its networks differ in their seed alone.
fn training_pictures(group: &Group, train: &Pictures, degree: usize) -> Result<Pictures> {
    let amount = group.degrees[degree];
    match group.kind {
        Kind::Labels => relabelled(train, amount, degree as u64),
        Kind::Shortcut => marked(train, amount, degree as u64 + 1),
        Kind::Augmentation => Ok(train.clone()),
    }
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
    use std::collections::BTreeSet;

    /// Were seeds shared between degrees, what is alike in starting weights would stand against
    /// what is alike in data.
    #[test]
    fn no_two_networks_have_the_same_seed() {
        let all: Vec<Member> = (0..GROUPS.len()).flat_map(members).collect();
        let seeds: BTreeSet<u64> = all.iter().map(|member| member.seed).collect();
        assert_eq!((all.len(), seeds.len()), (networks().0, networks().0));
        assert!(seeds.iter().all(|&seed| seed > 100), "the seeds of the other networks are 1 to 10");
        for (place, group) in GROUPS.iter().enumerate() {
            let of = |degree: usize| members(place).iter().filter(|member| member.degree == degree).count();
            assert!((0..group.degrees.len()).all(|degree| of(degree) == SEEDS));
        }
    }

    /// Networks of one degree learn from the same labels and marks, those of different degrees do
    /// not.
    #[test]
    fn a_degree_has_one_set_of_pictures() {
        let train = digits().unwrap().train;
        for group in &GROUPS[..2] {
            let of = |degree: usize| training_pictures(group, &train, degree).unwrap();
            let same = |one: &Pictures, other: &Pictures| {
                one.labels() == other.labels() && (0..one.count()).all(|index| one.picture(index) == other.picture(index))
            };
            assert!(same(&of(3), &of(3)) && !same(&of(2), &of(3)) && !same(&of(0), &of(1)), "{}", group.name);
        }
    }

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
