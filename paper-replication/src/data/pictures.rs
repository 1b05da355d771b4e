//! Pictures in memory: square, `channels` planes, values in [0, 1].

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// `n` square pictures with a class each.
///
/// Pixels are stored example by example, plane by plane, row by row (n x c x h x w), in [0, 1].
#[derive(Debug, Clone, PartialEq)]
pub struct Pictures {
    channels: usize,
    side: usize,
    classes: usize,
    pixels: Vec<f32>,
    labels: Vec<u8>,
}

/// The mean and standard deviation of every colour channel, taken on the training pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Normalization {
    /// The mean of each channel.
    pub mean: Vec<f32>,
    /// The standard deviation of each channel (1 for a constant channel).
    pub deviation: Vec<f32>,
}

impl Pictures {
    /// Takes `n x channels x side x side` pixels and `n` labels below `classes`.
    ///
    /// # Errors
    /// When the counts do not agree, a label is not below `classes`, or a pixel is not in [0, 1].
    pub fn new(channels: usize, side: usize, classes: usize, pixels: Vec<f32>, labels: Vec<u8>) -> Result<Self> {
        let expected = labels.len() * channels * side * side;
        if labels.is_empty() || expected == 0 {
            return Err(Error::Pictures(format!("no pictures: {} labels, {channels} channels, side {side}", labels.len())));
        }
        if pixels.len() != expected {
            return Err(Error::Pictures(format!(
                "{} pictures of {channels} x {side} x {side} need {expected} pixels, found {}",
                labels.len(),
                pixels.len()
            )));
        }
        if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= classes) {
            return Err(Error::Pictures(format!("label {label} is not below the number of classes, {classes}")));
        }
        if let Some(pixel) = pixels.iter().find(|pixel| !(0.0..=1.0).contains(*pixel)) {
            return Err(Error::Pictures(format!("pixel {pixel} is not in [0, 1]")));
        }
        Ok(Self { channels, side, classes, pixels, labels })
    }

    /// The number of pictures.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// The number of colour channels: 1 or 3.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The side in pixels.
    pub fn side(&self) -> usize {
        self.side
    }

    /// The number of classes.
    pub fn class_count(&self) -> usize {
        self.classes
    }

    /// The class of every picture.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The `channels x side x side` pixels of one picture.
    ///
    /// # Panics
    /// When `index` is not below [`count`](Self::count).
    pub fn picture(&self, index: usize) -> &[f32] {
        let length = self.channels * self.side * self.side;
        &self.pixels[index * length..(index + 1) * length]
    }

    /// The pictures at `indices`, in that order.
    ///
    /// # Errors
    /// When an index is not below [`count`](Self::count), or there is none.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        if let Some(&index) = indices.iter().find(|&&index| index >= self.count()) {
            return Err(Error::Pictures(format!("picture {index} asked for, there are {}", self.count())));
        }
        let mut pixels = Vec::with_capacity(indices.len() * self.picture(0).len());
        for &index in indices {
            pixels.extend_from_slice(self.picture(index));
        }
        let labels = indices.iter().map(|&index| self.labels[index]).collect();
        Self::new(self.channels, self.side, self.classes, pixels, labels)
    }

    /// The first `count` pictures.
    ///
    /// # Errors
    /// When there are fewer, or `count` is zero.
    pub fn first(&self, count: usize) -> Result<Self> {
        if count > self.count() {
            return Err(Error::Pictures(format!("{count} pictures asked for, there are {}", self.count())));
        }
        self.select(&(0..count).collect::<Vec<_>>())
    }

    /// The pictures of the given classes, renumbered 0, 1, ... in the order given.
    ///
    /// # Errors
    /// When a class does not exist, is given twice, or nothing is left.
    pub fn classes(&self, kept: &[u8]) -> Result<Self> {
        let mut renumbered = vec![None; self.classes];
        for (position, &class) in kept.iter().enumerate() {
            match renumbered.get_mut(usize::from(class)) {
                None => {
                    return Err(Error::Pictures(format!("class {class} asked for, there are {}", self.classes)));
                }
                Some(Some(_)) => {
                    return Err(Error::Pictures(format!("class {class} is given twice")));
                }
                Some(slot) => *slot = Some(position as u8),
            }
        }
        let mut pixels = Vec::new();
        let mut labels = Vec::new();
        for index in 0..self.count() {
            if let Some(label) = renumbered[usize::from(self.labels[index])] {
                pixels.extend_from_slice(self.picture(index));
                labels.push(label);
            }
        }
        Self::new(self.channels, self.side, kept.len(), pixels, labels)
    }

    /// The pictures at a smaller side, every new pixel the mean of the area it covers.
    ///
    /// The new side need not divide the old one: a source pixel on a border counts in each
    /// neighbour by the share of its area.
    ///
    /// # Errors
    /// When `side` is zero or larger than the present side.
    pub fn resized(&self, side: usize) -> Result<Self> {
        if side == 0 || side > self.side {
            return Err(Error::Pictures(format!("pictures of side {} cannot be averaged down to side {side}", self.side)));
        }
        if side == self.side {
            return Ok(self.clone());
        }
        let shares = area_shares(self.side, side);
        let plane = self.side * self.side;
        let mut pixels = Vec::with_capacity(self.count() * self.channels * side * side);
        for source in self.pixels.chunks_exact(plane) {
            for rows in &shares {
                for columns in &shares {
                    let mut sum = 0.0;
                    for &(row, height) in rows {
                        for &(column, width) in columns {
                            sum += height * width * source[row * self.side + column];
                        }
                    }
                    // Shares sum to one up to rounding, so a white area can round above white.
                    pixels.push(sum.min(1.0));
                }
            }
        }
        Self::new(self.channels, side, self.classes, pixels, self.labels.clone())
    }

    /// The pictures `factor` times as large, interpolated linearly along both axes between the
    /// middles of the pixels; beyond the outermost middles a picture goes on as it is there.
    ///
    /// # Errors
    /// When `factor` is zero.
    pub fn enlarged(&self, factor: usize) -> Result<Self> {
        let side = factor * self.side;
        // Two pixels of the old side, and the share of the second.
        let between = |new: usize| {
            let place = ((new as f32 + 0.5) / factor as f32 - 0.5).clamp(0.0, (self.side - 1) as f32);
            let first = place as usize;
            (first, (first + 1).min(self.side - 1), place - first as f32)
        };
        let mix = |one: f32, other: f32, share: f32| (1.0 - share) * one + share * other;
        let places: Vec<(usize, usize, f32)> = (0..side).map(between).collect();
        let mut pixels = Vec::with_capacity(self.count() * self.channels * side * side);
        for plane in self.pixels.chunks_exact(self.side * self.side) {
            for &(above, below, down) in &places {
                for &(left, right, across) in &places {
                    let row = |row: usize| mix(plane[row * self.side + left], plane[row * self.side + right], across);
                    // Shares sum to one up to rounding.
                    pixels.push(mix(row(above), row(below), down).min(1.0));
                }
            }
        }
        Self::new(self.channels, side, self.classes, pixels, self.labels.clone())
    }

    /// The mean and standard deviation of every channel over all pictures.
    pub fn normalization(&self) -> Normalization {
        let plane = self.side * self.side;
        let mut mean = Vec::with_capacity(self.channels);
        let mut deviation = Vec::with_capacity(self.channels);
        for channel in 0..self.channels {
            let planes = || self.pixels.chunks_exact(plane).skip(channel).step_by(self.channels).flatten();
            let count = (self.count() * plane) as f64;
            let average = planes().map(|&pixel| f64::from(pixel)).sum::<f64>() / count;
            let variance = planes().map(|&pixel| (f64::from(pixel) - average).powi(2)).sum::<f64>() / count;
            mean.push(average as f32);
            deviation.push(if variance > 0.0 { variance.sqrt() as f32 } else { 1.0 });
        }
        Normalization { mean, deviation }
    }
}

/// For each of `target` cells that share `source` pixels: which pixels, and what share of the cell.
fn area_shares(source: usize, target: usize) -> Vec<Vec<(usize, f32)>> {
    // In units of 1 / target of a source pixel every border is an integer: no rounding.
    (0..target)
        .map(|cell| {
            let (from, to) = (cell * source, (cell + 1) * source);
            (from / target..to.div_ceil(target))
                .map(|pixel| {
                    let overlap = to.min((pixel + 1) * target) - from.max(pixel * target);
                    (pixel, overlap as f32 / source as f32)
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_pictures() -> Pictures {
        let pixels = (0..32).map(|value| value as f32 / 32.0).collect();
        Pictures::new(1, 4, 3, pixels, vec![2, 1]).unwrap()
    }

    #[test]
    fn halving_averages_blocks_of_four() {
        let small = two_pictures().resized(2).unwrap();
        // Mean of 0, 1, 4, 5 is 2.5; the next block is 2 further, the next row 8 further.
        let expected = [2.5, 4.5, 10.5, 12.5].map(|value| value / 32.0);
        assert_eq!(small.picture(0), &expected);
        assert_eq!(small.labels(), &[2, 1]);
    }

    #[test]
    fn a_side_that_does_not_divide_keeps_the_mean() {
        let small = two_pictures().resized(3).unwrap();
        let mean = |pixels: &[f32]| pixels.iter().sum::<f32>() / pixels.len() as f32;
        assert!((mean(small.picture(1)) - mean(two_pictures().picture(1))).abs() < 1e-6);
        // First cell: 3/4 of pixel 0 and 1/4 of pixel 1 on each axis.
        let corner = (0.5625 * 0.0 + 0.1875 * 1.0 + 0.1875 * 4.0 + 0.0625 * 5.0) / 32.0;
        assert!((small.picture(0)[0] - corner).abs() < 1e-7);
    }

    #[test]
    fn a_larger_side_is_refused() {
        let message = two_pictures().resized(5).unwrap_err().to_string();
        assert!(message.contains("side 4") && message.contains("side 5"));
    }

    #[test]
    fn enlarging_interpolates_between_the_middles_of_pixels() {
        let pictures = Pictures::new(1, 2, 1, vec![0.0, 0.5, 0.25, 1.0], vec![0]).unwrap();
        let large = pictures.enlarged(2).unwrap();
        // The middles of the new pixels stand at -1/4, 1/4, 3/4 and 5/4 of the way between the old
        // ones.
        assert_eq!(&large.picture(0)[..4], &[0.0, 0.125, 0.375, 0.5]);
        assert_eq!(&large.picture(0)[12..], &[0.25, 0.4375, 0.8125, 1.0]);
        assert_eq!(large.picture(0)[4], 0.0625);
        // A straight line stays one, at any factor.
        let line = Pictures::new(1, 4, 1, (0..16).map(|pixel| (pixel % 4) as f32 / 8.0).collect(), vec![0]).unwrap().enlarged(3).unwrap();
        let row = &line.picture(0)[..12];
        assert!(row[1..11].windows(2).all(|pair| (pair[1] - pair[0] - 1.0 / 24.0).abs() < 1e-6), "{row:?}");
        assert!(pictures.enlarged(0).is_err());
    }

    #[test]
    fn classes_are_kept_and_renumbered() {
        let kept = two_pictures().classes(&[2]).unwrap();
        assert_eq!((kept.count(), kept.class_count(), kept.labels()), (1, 1, &[0u8][..]));
        assert_eq!(kept.picture(0), two_pictures().picture(0));
        assert!(two_pictures().classes(&[3]).is_err());
        assert!(two_pictures().classes(&[1, 1]).is_err());
        assert!(two_pictures().classes(&[0]).is_err());
    }

    #[test]
    fn normalization_is_of_each_channel() {
        let pixels = vec![0.0, 1.0, 0.0, 1.0, 0.5, 0.5, 0.5, 0.5];
        let pictures = Pictures::new(2, 2, 1, pixels, vec![0]).unwrap();
        let normalization = pictures.normalization();
        assert_eq!(normalization.mean, vec![0.5, 0.5]);
        assert_eq!(normalization.deviation, vec![0.5, 1.0]);
    }

    #[test]
    fn counts_labels_and_pixels_are_checked() {
        assert!(Pictures::new(1, 2, 1, vec![0.0; 3], vec![0]).is_err());
        assert!(Pictures::new(1, 2, 1, vec![0.0; 4], vec![1]).is_err());
        assert!(Pictures::new(1, 1, 1, vec![f32::NAN], vec![0]).is_err());
        assert!(Pictures::new(1, 1, 1, vec![1.5], vec![0]).is_err());
        assert!(two_pictures().first(3).is_err());
    }
}
