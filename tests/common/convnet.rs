//! Two real networks: Tiny-10 of Kornblith et al. 2019 (table E.1), trained from two seeds on
//! digits of 32 x 32 pixels, and what its layers answer to 96 digits that it was not trained on.
//!
//! `tests/fixtures/convnet` holds the weights, the digits and the answers of the program that
//! trained the networks. The layers are computed here, by plain loops: stored, they would be a
//! hundred times as large as the weights.
#![allow(dead_code)] // Each test file is a crate of its own and uses its part.

use std::path::{Path, PathBuf};

use similitude::io::{Source, Tensor, TensorValues, read_tensor, write_atomically, write_safetensors};

/// The digits, none of which the networks were trained on.
pub const EXAMPLES: usize = 96;
/// The seeds that the networks were trained from.
pub const SEEDS: [u64; 2] = [1, 2];
/// The layers in order, with their channels and the side of their maps: from 16,384 neurons to 10.
pub const LAYERS: [(&str, usize, usize); 10] = [
    ("conv1", 16, 32),
    ("conv2", 16, 32),
    ("conv3", 32, 16),
    ("conv4", 32, 16),
    ("conv5", 32, 16),
    ("conv6", 64, 8),
    ("conv7", 64, 6),
    ("conv8", 64, 6),
    ("pool", 64, 1),
    ("logits", 10, 1),
];
const CONVOLUTIONS: usize = 8;
const STRIDES: [usize; CONVOLUTIONS] = [1, 1, 2, 1, 1, 2, 1, 1];
const PADDINGS: [usize; CONVOLUTIONS] = [1, 1, 1, 1, 1, 1, 0, 0];
/// Digits of 8 x 8 pixels become pictures of 32 x 32.
const FACTOR: usize = 4;
const WHITE: f32 = 16.0;

/// The neurons of a layer.
pub fn neurons((_, channels, side): (&str, usize, usize)) -> usize {
    channels * side * side
}

/// What a layer answers to all examples, in the order of an n x c x h x w tensor.
pub struct Answers {
    /// The layer's name.
    pub name: &'static str,
    /// n, c, h and w; n and c of the pooling layer and the logits.
    pub shape: Vec<usize>,
    /// The values, after ReLU in convolutions.
    pub values: Vec<f32>,
}

/// A tensor of a file in `tests/fixtures/convnet`.
pub fn stored(file: &str, name: &str) -> Tensor {
    // Other packages of the workspace use this file too, and lie beside the tests.
    let directory = |package: &Path| package.join("tests/fixtures/convnet");
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(directory).find(|path| path.is_dir());
    read_tensor(&Source::from_parts(found.expect("the networks are there").join(file), Some(name))).unwrap()
}

/// All layers of the network of this seed.
pub fn network(seed: u64) -> Vec<Answers> {
    let network = Convnet::new(seed);
    let mut layers: Vec<Answers> = LAYERS.iter().map(|&layer| Answers::new(layer)).collect();
    for picture in pictures() {
        for (layer, values) in layers.iter_mut().zip(network.layers(picture)) {
            layer.values.extend(values);
        }
    }
    layers
}

/// Writes a network as one .safetensors file of f32, layers not flattened.
pub fn write_archive(path: &Path, layers: &[Answers]) {
    let tensors: Vec<_> = layers.iter().map(|layer| (layer.name, layer.shape.as_slice(), TensorValues::F32(&layer.values))).collect();
    write_safetensors(path, &tensors).unwrap();
}

/// Writes a network as a directory of .npy files of f32, layers not flattened.
pub fn write_directory(path: &Path, layers: &[Answers]) {
    std::fs::create_dir(path).unwrap();
    for layer in layers {
        let axes: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
        let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", axes.join(", "));
        // The numbers begin at a multiple of 64 bytes, ten of which come before the header; its
        // last byte is the end of a line.
        let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
        header += &format!("{:>1$}", "\n", padded - header.len());
        write_atomically(path.join(layer.name).with_extension("npy"), |file| {
            use std::io::Write;
            file.write_all(b"\x93NUMPY\x01\x00")?;
            file.write_all(&u16::try_from(header.len()).expect("a short header").to_le_bytes())?;
            file.write_all(header.as_bytes())?;
            layer.values.iter().try_for_each(|value| file.write_all(&value.to_le_bytes()))
        })
        .unwrap();
    }
}

/// Writes both networks into a directory: the first as an archive, the second as a directory of
/// arrays. Gives their paths.
pub fn write_both(directory: &Path) -> [PathBuf; 2] {
    let paths = [directory.join("a.safetensors"), directory.join("b")];
    write_archive(&paths[0], &network(SEEDS[0]));
    write_directory(&paths[1], &network(SEEDS[1]));
    paths
}

impl Answers {
    fn new(layer: (&'static str, usize, usize)) -> Self {
        let (name, channels, side) = layer;
        let shape = if side == 1 { vec![EXAMPLES, channels] } else { vec![EXAMPLES, channels, side, side] };
        Self { name, shape, values: Vec::with_capacity(EXAMPLES * neurons(layer)) }
    }
}

/// The digits as the networks see them: enlarged by linear interpolation between the middles of
/// pixels, and normalized.
fn pictures() -> Vec<Maps> {
    let (pixels, normalization) = (stored("pictures.safetensors", "pixels"), stored("pictures.safetensors", "normalization"));
    let (small, side) = (pixels.shape[2], pixels.shape[2] * FACTOR);
    let (mean, deviation) = (normalization.values[0] as f32, normalization.values[1] as f32);
    let place = |new: usize| ((new as f32 + 0.5) / FACTOR as f32 - 0.5).clamp(0.0, (small - 1) as f32);
    let enlarged = |digit: &[f64]| {
        let pixel = |row: usize, column: usize| digit[row.min(small - 1) * small + column.min(small - 1)] as f32 / WHITE;
        let values = (0..side * side).map(|index| {
            let (down, across) = (place(index / side), place(index % side));
            let (row, column) = (down as usize, across as usize);
            let along = |row| pixel(row, column) + across.fract() * (pixel(row, column + 1) - pixel(row, column));
            (along(row) + down.fract() * (along(row + 1) - along(row)) - mean) / deviation
        });
        Maps { channels: 1, side, values: values.collect() }
    };
    pixels.values.chunks_exact(small * small).map(enlarged).collect()
}

/// The maps of one picture, the channels of each place beside one another.
#[derive(Clone)]
struct Maps {
    channels: usize,
    side: usize,
    values: Vec<f32>,
}

impl Maps {
    /// In the order of a c x h x w tensor.
    fn channel_by_channel(&self) -> Vec<f32> {
        let places = self.side * self.side;
        (0..self.channels * places).map(|index| self.values[index % places * self.channels + index / places]).collect()
    }
}

/// Weights for all outputs, from each input of a place of the kernel.
struct Weights {
    kernel: usize,
    values: Vec<f32>,
    bias: Vec<f32>,
}

impl Weights {
    fn new(seed: u64, layer: &str) -> Self {
        let read = |what| stored(&format!("seed-{seed}.safetensors"), &format!("{layer}.{what}"));
        let (weight, bias) = (read("weight"), read("bias").values.iter().map(|&value| value as f32).collect());
        let (outputs, inputs, kernel) = (weight.shape[0], weight.shape[1], weight.shape.get(2).copied().unwrap_or(1));
        let places = kernel * kernel;
        let of = |place: usize, input: usize, output: usize| weight.values[(output * inputs + input) * places + place] as f32;
        let ordered = (0..places * inputs * outputs).map(|index| of(index / outputs / inputs, index / outputs % inputs, index % outputs));
        Self { kernel, values: ordered.collect(), bias }
    }

    /// The convolution, without ReLU.
    fn apply(&self, maps: &Maps, stride: usize, padding: usize) -> Maps {
        let (outputs, inputs, kernel) = (self.bias.len(), maps.channels, self.kernel);
        let side = (maps.side + 2 * padding - kernel) / stride + 1;
        let mut values = self.bias.repeat(side * side);
        for (place, sums) in values.chunks_exact_mut(outputs).enumerate() {
            for (of_kernel, weights) in self.values.chunks_exact(inputs * outputs).enumerate() {
                // Places outside the map are zeros; below zero they wrap around to large numbers.
                let row = (place / side * stride + of_kernel / kernel).wrapping_sub(padding);
                let column = (place % side * stride + of_kernel % kernel).wrapping_sub(padding);
                if row >= maps.side || column >= maps.side {
                    continue;
                }
                let inputs = &maps.values[(row * maps.side + column) * inputs..][..inputs];
                for (&input, weights) in inputs.iter().zip(weights.chunks_exact(outputs)) {
                    // After ReLU half of them are.
                    if input != 0.0 {
                        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += input * weight);
                    }
                }
            }
        }
        Maps { channels: outputs, side, values }
    }
}

struct Convnet {
    convolutions: Vec<Weights>,
    logits: Weights,
}

impl Convnet {
    fn new(seed: u64) -> Self {
        let convolutions = LAYERS[..CONVOLUTIONS].iter().map(|(name, ..)| Weights::new(seed, name)).collect();
        Self { convolutions, logits: Weights::new(seed, "logits") }
    }

    /// What all layers answer to one picture.
    fn layers(&self, mut maps: Maps) -> Vec<Vec<f32>> {
        let mut layers = Vec::with_capacity(LAYERS.len());
        for (convolution, (stride, padding)) in self.convolutions.iter().zip(STRIDES.into_iter().zip(PADDINGS)) {
            maps = convolution.apply(&maps, stride, padding);
            maps.values.iter_mut().for_each(|value| *value = value.max(0.0));
            layers.push(maps.channel_by_channel());
        }
        let places = (maps.side * maps.side) as f32;
        let mean = |channel: usize| maps.values.iter().skip(channel).step_by(maps.channels).sum::<f32>() / places;
        let pooled = Maps { channels: maps.channels, side: 1, values: (0..maps.channels).map(mean).collect() };
        layers.push(pooled.values.clone());
        layers.push(self.logits.apply(&pooled, 1, 0).values);
        layers
    }
}
