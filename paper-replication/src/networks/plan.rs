//! What an architecture is made of, before there are any weights.

use super::architecture::{Architecture, NetworkConfig};

/// One convolution: its channels, kernel, stride, and the maps on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Convolution {
    /// Channels in.
    pub channels_in: usize,
    /// Channels out.
    pub channels_out: usize,
    /// The side of the kernel: 3, or 1.
    pub kernel: usize,
    /// The stride: 1, or 2.
    pub stride: usize,
    /// Zeros added on every side of the map.
    pub padding: usize,
    /// The side of the map that comes in.
    pub side_in: usize,
    /// The side of the map that goes out.
    pub side_out: usize,
}

/// A step of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A convolution, batch normalization if any, ReLU.
    Plain(Convolution),
    /// Two convolutions; what came in is added before the second ReLU.
    Residual(Convolution, Convolution),
}

/// A layer as it is captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerShape {
    /// `conv1`, `conv2`, ... (with leading zeros where there are more than nine), `pool`.
    /// Names sort in layer order.
    pub name: String,
    /// Channels.
    pub channels: usize,
    /// The side of the map; 1 for the pooling layer.
    pub side: usize,
}

impl LayerShape {
    /// The number of neurons: channels x side x side.
    pub fn neurons(&self) -> usize {
        self.channels * self.side * self.side
    }
}

/// Grows a chain of convolutions, each fed by the one before.
struct Chain {
    channels: usize,
    side: usize,
}

impl Chain {
    fn convolution(&mut self, channels: usize, kernel: usize, stride: usize, pad: bool) -> Convolution {
        let padding = if pad { kernel / 2 } else { 0 };
        let side_out = (self.side + 2 * padding - kernel) / stride + 1;
        let convolution =
            Convolution { channels_in: self.channels, channels_out: channels, kernel, stride, padding, side_in: self.side, side_out };
        (self.channels, self.side) = (channels, side_out);
        convolution
    }

    /// 3 x 3, padded so that stride 1 keeps the map.
    fn padded(&mut self, channels: usize, stride: usize) -> Unit {
        Unit::Plain(self.convolution(channels, 3, stride, true))
    }

    /// 3 x 3 without padding. A map below 3 x 3, which pictures below 9 x 9 lead to, has no
    /// such convolution: it is padded instead.
    fn valid(&mut self, channels: usize) -> Unit {
        let pad = self.side < 3;
        Unit::Plain(self.convolution(channels, 3, 1, pad))
    }

    fn one_by_one(&mut self, channels: usize) -> Unit {
        Unit::Plain(self.convolution(channels, 1, 1, false))
    }

    fn residual(&mut self, channels: usize, stride: usize) -> Unit {
        let first = self.convolution(channels, 3, stride, true);
        Unit::Residual(first, self.convolution(channels, 3, 1, true))
    }
}

pub(super) fn units(config: &NetworkConfig) -> Vec<Unit> {
    let mut chain = Chain { channels: config.channels, side: config.side };
    let width = config.width;
    match config.architecture {
        Architecture::Tiny10 => tiny(&mut chain, [width, 2 * width, 4 * width]),
        Architecture::Width => tiny(&mut chain, [width; 3]),
        Architecture::Plain { repeats } => plain(&mut chain, width, repeats),
        Architecture::Residual { repeats } => residual(&mut chain, width, repeats),
        Architecture::Digits => digits(&mut chain, width),
    }
}

fn tiny(chain: &mut Chain, [narrow, middle, wide]: [usize; 3]) -> Vec<Unit> {
    vec![
        chain.padded(narrow, 1),
        chain.padded(narrow, 1),
        chain.padded(middle, 2),
        chain.padded(middle, 1),
        chain.padded(middle, 1),
        chain.padded(wide, 2),
        chain.valid(wide),
        chain.one_by_one(wide),
    ]
}

fn plain(chain: &mut Chain, width: usize, repeats: usize) -> Vec<Unit> {
    let mut units = Vec::with_capacity(8 * repeats);
    for channels in [width, 2 * width] {
        units.extend((1..3 * repeats).map(|_| chain.padded(channels, 1)));
        units.push(chain.padded(channels, 2));
    }
    units.extend((1..repeats).map(|_| chain.padded(2 * width, 1)));
    units.push(chain.valid(2 * width));
    units.extend((0..repeats).map(|_| chain.one_by_one(2 * width)));
    units
}

fn residual(chain: &mut Chain, width: usize, repeats: usize) -> Vec<Unit> {
    let mut units = vec![chain.padded(width, 1)];
    for (stage, channels) in [width, 2 * width, 4 * width].into_iter().enumerate() {
        for block in 0..repeats {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            units.push(chain.residual(channels, stride));
        }
    }
    units
}

fn digits(chain: &mut Chain, width: usize) -> Vec<Unit> {
    let mut units = vec![chain.padded(3 * width, 2), chain.padded(3 * width, 1), chain.padded(8 * width, 2)];
    units.extend((0..3).map(|_| chain.one_by_one(16 * width)));
    units
}

pub(super) fn layers(units: &[Unit]) -> Vec<LayerShape> {
    let convolutions: Vec<&Convolution> = units
        .iter()
        .flat_map(|unit| match unit {
            Unit::Plain(only) => vec![only],
            Unit::Residual(first, second) => vec![first, second],
        })
        .collect();
    let digits = convolutions.len().to_string().len();
    let mut layers: Vec<LayerShape> = convolutions
        .iter()
        .enumerate()
        .map(|(index, convolution)| LayerShape {
            name: format!("conv{:0digits$}", index + 1),
            channels: convolution.channels_out,
            side: convolution.side_out,
        })
        .collect();
    if let Some(last) = convolutions.last() {
        layers.push(LayerShape { name: "pool".to_owned(), channels: last.channels_out, side: 1 });
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(name: &str, width: usize, side: usize) -> Vec<(usize, usize)> {
        let config = NetworkConfig { architecture: name.parse().unwrap(), width, batch_norm: true, channels: 3, side, classes: 10 };
        let layers = config.layers().unwrap();
        assert!(layers.is_sorted_by(|one, next| one.name < next.name), "{layers:?}");
        layers.iter().map(|layer| (layer.channels, layer.side)).collect()
    }

    #[test]
    fn tiny_10_is_table_e_1() {
        let at_32 = [(16, 32), (16, 32), (32, 16), (32, 16), (32, 16), (64, 8), (64, 6), (64, 6), (64, 1)];
        assert_eq!(shapes("tiny-10", 16, 32), at_32);
        let at_16 = [(16, 16), (16, 16), (32, 8), (32, 8), (32, 8), (64, 4), (64, 2), (64, 2), (64, 1)];
        assert_eq!(shapes("tiny-10", 16, 16), at_16);
    }

    #[test]
    fn a_map_too_small_for_a_valid_convolution_is_padded() {
        let at_8 = [(4, 8), (4, 8), (8, 4), (8, 4), (8, 4), (16, 2), (16, 2), (16, 2), (16, 1)];
        assert_eq!(shapes("tiny-10", 4, 8), at_8);
        assert_eq!(shapes("tiny-10", 4, 1).len(), 9);
        assert_eq!(shapes("tiny-10", 4, 9)[6], (16, 1));
    }

    #[test]
    fn every_layer_of_width_has_the_same_channels() {
        assert!(shapes("width", 7, 32).iter().all(|&(channels, _)| channels == 7));
    }

    #[test]
    fn plain_networks_are_table_e_2() {
        let at_32 = [(96, 32), (96, 32), (96, 16), (192, 16), (192, 16), (192, 8), (192, 6), (192, 6), (192, 1)];
        assert_eq!(shapes("plain-10", 96, 32), at_32);
        for (depth, repeats) in [(18, 2), (34, 4), (66, 8)] {
            let layers = shapes(&format!("plain-{depth}"), 96, 32);
            assert_eq!(layers.len(), 8 * repeats + 1);
            let count = |shape| layers.iter().filter(|&&layer| layer == shape).count();
            assert_eq!(count((96, 32)), 3 * repeats - 1);
            assert_eq!(count((96, 16)), 1);
            assert_eq!(count((192, 16)), 3 * repeats - 1);
            assert_eq!(count((192, 8)), repeats);
            assert_eq!(count((192, 6)), repeats + 1);
        }
    }

    #[test]
    fn the_network_for_digits_keeps_two_by_two_places() {
        let at_8 = [(12, 4), (12, 4), (32, 2), (64, 2), (64, 2), (64, 2), (64, 1)];
        assert_eq!(shapes("digits", 4, 8), at_8);
    }

    #[test]
    fn residual_networks_have_6n_plus_2_layers() {
        for (depth, repeats) in [(14, 2), (32, 5), (62, 10)] {
            let layers = shapes(&format!("resnet-{depth}"), 16, 32);
            // The convolutions and the pooling layer; the logits are the last of the 6n + 2.
            assert_eq!(layers.len(), 6 * repeats + 2);
            assert_eq!(layers[0], (16, 32));
            assert_eq!(layers[2 * repeats], (16, 32));
            assert_eq!(layers[2 * repeats + 1], (32, 16));
            assert_eq!(layers[4 * repeats + 1], (64, 8));
            assert_eq!(layers[6 * repeats + 1], (64, 1));
        }
    }
}
