//! What every layer answers to the same pictures, in memory and as `.safetensors`.

use crate::data::{Normalization, Pictures};
use crate::error::{Error, Result};
use crate::networks::{LayerShape, Network, NetworkConfig};
use crate::training::Batches;
use crate::whole::write_tensors;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use std::path::Path;

/// The pictures that go through a network at once.
const BATCH: usize = 125;

/// The post-ReLU activations of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    /// Name and shape of the layer.
    pub layer: LayerShape,
    /// The number of pictures.
    pub examples: usize,
    /// n x (c h w), row by row: one row a picture, one column a neuron, plane by plane.
    pub values: Vec<f32>,
}

/// The activations of a network, and how many pictures it classified rightly on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// The layers asked for, first to last.
    pub layers: Vec<Activations>,
    /// The share of the pictures whose class has the highest logit.
    pub accuracy: f64,
}

/// Records the layers for which `wanted` says yes, batch normalization in evaluation mode. All
/// layers at once need `4 n` bytes a neuron: a caller short of memory asks for one at a time.
///
/// # Errors
/// When the pictures do not fit the network, or the activations cannot be read back.
pub fn capture(
    network: &Network,
    config: &NetworkConfig,
    pictures: &Pictures,
    normalization: &Normalization,
    wanted: impl Fn(&LayerShape) -> bool,
) -> Result<Capture> {
    if (pictures.channels(), pictures.side()) != (config.channels, config.side) {
        return Err(Error::Pictures(format!(
            "pictures of {} x {side} x {side} for a network of {} x {expected} x {expected}",
            pictures.channels(),
            config.channels,
            side = pictures.side(),
            expected = config.side,
        )));
    }
    let device = Device::flex();
    let network = network.valid();
    let mut layers: Vec<Option<Activations>> = config
        .layers()?
        .into_iter()
        .map(|layer| {
            wanted(&layer).then(|| Activations {
                values: Vec::with_capacity(pictures.count() * layer.neurons()),
                examples: pictures.count(),
                layer,
            })
        })
        .collect();
    let mut right = 0_i64;
    for (inputs, classes) in Batches::in_order(pictures, normalization, BATCH, &device) {
        let logits = network.visit_layers(inputs, |place, maps: &Tensor<4>| {
            if let Some(activations) = &mut layers[place] {
                let values = maps.to_data();
                activations.values.extend(values.iter::<f32>());
            }
        });
        let guesses = logits.argmax(1).flatten::<1>(0, 1);
        right += guesses.equal(classes).int().sum().into_scalar::<i64>();
    }
    Ok(Capture { layers: layers.into_iter().flatten().collect(), accuracy: right as f64 / pictures.count() as f64 })
}

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Half precision: two bytes, 11 bits of mantissa.
    Half,
    /// Single precision, as it was computed.
    Single,
}

/// Which axes a stored tensor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axes {
    /// n x (c h w)
    Flat,
    /// n x c x h x w
    Maps,
}

/// Writes the layers, one tensor each, with `description` as JSON under the metadata key
/// `description`; the file is whole or absent. The same input gives the same bytes. In the file the
/// layers stand in the order of their names: who wants them first to last names them.
///
/// # Errors
/// When an activation does not fit the format, or the file cannot be written.
pub fn write(path: &Path, layers: &[Activations], description: &impl Serialize, format: Format, axes: Axes) -> Result<()> {
    let tensors_failed = |source| Error::Tensors { path: path.to_path_buf(), source };
    let stored = layers.iter().map(|activations| bytes(activations, format)).collect::<Result<Vec<_>>>()?;
    let dtype = match format {
        Format::Half => Dtype::F16,
        Format::Single => Dtype::F32,
    };
    let views = layers
        .iter()
        .zip(&stored)
        .map(|(Activations { layer, examples, .. }, bytes)| {
            let shape = match axes {
                Axes::Flat => vec![*examples, layer.neurons()],
                Axes::Maps => vec![*examples, layer.channels, layer.side, layer.side],
            };
            TensorView::new(dtype, shape, bytes).map(|view| (layer.name.as_str(), view))
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(tensors_failed)?;
    let description = serde_json::to_string(description).map_err(|error| Error::File { path: path.to_path_buf(), source: error.into() })?;
    write_tensors(path, views, ("description", description))
}

fn bytes(activations: &Activations, format: Format) -> Result<Vec<u8>> {
    let unrepresentable = |value: f32, format| Error::Unrepresentable { layer: activations.layer.name.clone(), value, format };
    let mut bytes = Vec::with_capacity(4 * activations.values.len());
    for &value in &activations.values {
        match format {
            Format::Half => {
                let half = f16::from_f32(value);
                if !half.is_finite() {
                    return Err(unrepresentable(value, "half precision"));
                }
                bytes.extend_from_slice(&half.to_le_bytes());
            }
            Format::Single => {
                if !value.is_finite() {
                    return Err(unrepresentable(value, "single precision"));
                }
                bytes.extend_from_slice(&value.to_le_bytes());
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;
    use safetensors::SafeTensors;

    fn config() -> NetworkConfig {
        NetworkConfig { architecture: "plain-18".parse().unwrap(), width: 2, batch_norm: true, channels: 1, side: 8, classes: 10 }
    }

    fn captured(examples: usize, wanted: impl Fn(&LayerShape) -> bool) -> Capture {
        let digits = digits().unwrap();
        let network = Network::new(&config(), 1, &Device::flex()).unwrap();
        let pictures = digits.test.first(examples).unwrap();
        capture(&network, &config(), &pictures, &digits.train.normalization(), wanted).unwrap()
    }

    /// A picture answers alike whatever batch it stands in: evaluation mode, and no row moved.
    #[test]
    fn rows_do_not_depend_on_their_company() {
        let (many, few) = (captured(2 * BATCH + 3, |_| true), captured(7, |_| true));
        assert_eq!(many.layers.len(), 17);
        for (many, few) in many.layers.iter().zip(&few.layers) {
            let neurons = many.layer.neurons();
            assert_eq!(many.values.len(), (2 * BATCH + 3) * neurons);
            for (one, other) in many.values.iter().zip(&few.values) {
                assert!((one - other).abs() <= 1e-5 * (1.0 + one.abs()));
            }
        }
        let last = &many.layers[0];
        let rows: Vec<&[f32]> = last.values.chunks(last.layer.neurons()).collect();
        assert_ne!(rows[0], rows[BATCH]);
    }

    #[test]
    fn the_pooling_layer_is_the_mean_of_the_last_maps() {
        let layers = captured(3, |layer| ["conv16", "pool"].contains(&&*layer.name)).layers;
        let [maps, pooled] = &layers[..] else { panic!("two layers were asked for") };
        let places = maps.layer.side * maps.layer.side;
        for (places_of_one, mean) in maps.values.chunks(places).zip(&pooled.values) {
            let expected = places_of_one.iter().sum::<f32>() / places as f32;
            assert!((expected - mean).abs() <= 1e-6 * (1.0 + expected));
            assert!(places_of_one.iter().all(|&value| value >= 0.0));
        }
    }

    #[test]
    fn files_keep_layer_order_shape_and_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let layers = captured(4, |_| true).layers;
        let path = |name| folder.path().join("new").join(name);
        for (name, format, axes) in
            [("flat", Format::Single, Axes::Flat), ("again", Format::Single, Axes::Flat), ("maps", Format::Half, Axes::Maps)]
        {
            write(&path(name), &layers, &"words", format, axes).unwrap();
        }
        let flat = std::fs::read(path("flat")).unwrap();
        assert!(flat == std::fs::read(path("again")).unwrap());
        let stored = SafeTensors::deserialize(&flat).unwrap();
        // The names as the file's header has them, which is the order of the bytes.
        let mut offset = 0;
        let (_, header) = SafeTensors::read_metadata(&flat).unwrap();
        for activations in &layers {
            let info = header.info(&activations.layer.name).unwrap();
            assert_eq!(info.data_offsets.0, offset);
            offset = info.data_offsets.1;
            assert_eq!(info.shape, [4, activations.layer.neurons()]);
            let bytes: Vec<u8> = activations.values.iter().flat_map(|v| v.to_le_bytes()).collect();
            assert_eq!(stored.tensor(&activations.layer.name).unwrap().data(), bytes);
        }
        let maps = std::fs::read(path("maps")).unwrap();
        let maps = SafeTensors::deserialize(&maps).unwrap();
        let first = maps.tensor("conv01").unwrap();
        assert_eq!((first.dtype(), first.shape()), (Dtype::F16, &[4, 2, 8, 8][..]));
        let half = f16::from_le_bytes([first.data()[0], first.data()[1]]);
        assert_eq!(half, f16::from_f32(layers[0].values[0]));
    }

    #[test]
    fn a_value_beyond_half_precision_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut layers = captured(2, |layer| layer.name == "pool").layers;
        let path = folder.path().join("file");
        let mut failure = |value, format| {
            layers[0].values[1] = value;
            write(&path, &layers, &"words", format, Axes::Flat)
        };
        let message = failure(1e5, Format::Half).unwrap_err().to_string();
        assert!(message.contains("pool") && message.contains("100000"), "{message}");
        assert!(failure(1e5, Format::Single).is_ok());
        assert!(failure(f32::NAN, Format::Single).is_err());
    }

    #[test]
    fn pictures_of_another_size_are_refused() {
        let digits = digits().unwrap();
        let network = Network::new(&config(), 1, &Device::flex()).unwrap();
        let small = digits.test.resized(4).unwrap();
        let failure = capture(&network, &config(), &small, &small.normalization(), |_| true);
        assert!(failure.unwrap_err().to_string().contains("1 x 4 x 4"));
    }
}
