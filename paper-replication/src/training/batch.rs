//! The pictures of one epoch, in their order, a step at a time.

use super::augment::{Placement, place};
use super::regime::Regime;
use crate::data::{Normalization, Pictures};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Batches of normalized pictures with their classes.
pub struct Batches<'a> {
    pictures: &'a Pictures,
    normalization: &'a Normalization,
    order: Vec<usize>,
    batch: usize,
    next: usize,
    augmentation: Option<Augmentation>,
    device: &'a Device,
}

struct Augmentation {
    generator: ChaCha8Rng,
    crop: i32,
    flip: bool,
}

impl<'a> Batches<'a> {
    /// All pictures in their own order, as they are: for measuring and capturing.
    pub fn in_order(pictures: &'a Pictures, normalization: &'a Normalization, batch: usize, device: &'a Device) -> Self {
        Self { pictures, normalization, order: (0..pictures.count()).collect(), batch, next: 0, augmentation: None, device }
    }

    /// All pictures once, shuffled, cropped and flipped: what is drawn depends on the seed and
    /// the epoch only, so that a resumed run sees what an uninterrupted one would have seen.
    pub fn of_epoch(
        pictures: &'a Pictures,
        normalization: &'a Normalization,
        regime: &Regime,
        seed: u64,
        epoch: usize,
        device: &'a Device,
    ) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        // Stream 0 draws the starting weights.
        generator.set_stream(epoch as u64 + 1);
        let mut batches = Self::in_order(pictures, normalization, regime.batch, device);
        batches.order.shuffle(&mut generator);
        batches.augmentation = Some(Augmentation { generator, crop: regime.crop as i32, flip: regime.flip });
        batches
    }
}

impl Augmentation {
    fn draw(&mut self) -> Placement {
        Placement {
            down: self.generator.random_range(-self.crop..=self.crop),
            right: self.generator.random_range(-self.crop..=self.crop),
            mirrored: self.flip && self.generator.random(),
        }
    }
}

impl Iterator for Batches<'_> {
    /// Pictures, n x c x h x w, and their classes.
    type Item = (Tensor<4>, Tensor<1, Int>);

    fn next(&mut self) -> Option<Self::Item> {
        let end = (self.next + self.batch).min(self.order.len());
        let indices = &self.order[self.next..end];
        if indices.is_empty() {
            return None;
        }
        self.next = end;
        let pictures = self.pictures;
        let side = pictures.side();
        let mut values = Vec::with_capacity(indices.len() * pictures.channels() * side * side);
        let mut classes = Vec::with_capacity(indices.len());
        for &index in indices {
            let placement = match &mut self.augmentation {
                Some(augmentation) => augmentation.draw(),
                None => Placement::default(),
            };
            place(pictures, index, self.normalization, placement, &mut values);
            classes.push(i64::from(pictures.labels()[index]));
        }
        let shape = [indices.len(), pictures.channels(), side, side];
        Some((
            Tensor::from_data(TensorData::new(values, shape), self.device),
            Tensor::from_data(TensorData::new(classes, [indices.len()]), self.device),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures() -> Pictures {
        let pixels = (0..10).map(|value| value as f32 / 10.0).collect();
        Pictures::new(1, 1, 10, pixels, (0..10).collect()).unwrap()
    }

    fn classes_of(batches: Batches) -> Vec<Vec<i64>> {
        batches.map(|(_, classes)| classes.try_into_vec_as().unwrap()).collect()
    }

    fn epoch(seed: u64, epoch: usize) -> Vec<i64> {
        let pictures = pictures();
        let regime = Regime { epochs: 1, batch: 4, learning_rate: 1.0, warm_up: 0.0, weight_decay: 0.0, crop: 0, flip: false };
        let device = Device::flex();
        let normalization = pictures.normalization();
        let batches = Batches::of_epoch(&pictures, &normalization, &regime, seed, epoch, &device);
        let steps = classes_of(batches);
        assert_eq!(steps.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
        steps.concat()
    }

    #[test]
    fn every_picture_comes_once_and_the_order_follows_from_seed_and_epoch() {
        let mut sorted = epoch(1, 0);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..10).collect::<Vec<_>>());
        assert_eq!(epoch(1, 0), epoch(1, 0));
        assert_ne!(epoch(1, 0), epoch(1, 1));
        assert_ne!(epoch(1, 0), epoch(2, 0));
    }

    #[test]
    fn in_order_is_in_order() {
        let pictures = pictures();
        let normalization = pictures.normalization();
        let device = Device::flex();
        let batches = Batches::in_order(&pictures, &normalization, 7, &device);
        assert_eq!(classes_of(batches).concat(), (0..10).collect::<Vec<_>>());
    }
}
