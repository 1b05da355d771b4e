//! The embedded networks: activations of small convolutional networks on pictures of handwritten
//! digits.

use crate::Representation;
use crate::sweep::LayersInMemory;
use half::f16;
use safetensors::{Dtype, SafeTensors};
use similitude_demo::NETWORKS;

use crate::cli::stop::Stop;

/// The first `count` embedded networks, layers from input to output.
pub fn embedded(count: usize) -> Result<Vec<LayersInMemory<'static>>, Stop> {
    NETWORKS.iter().take(count).map(|(name, bytes)| decode(name, bytes).map_err(|error| defect(name, &error))).collect()
}

fn defect(name: &str, error: &dyn std::fmt::Display) -> Stop {
    Stop::Unusable(format!("the embedded network {name} cannot be read: {error}"))
}

fn decode(name: &str, bytes: &'static [u8]) -> Result<LayersInMemory<'static>, Box<dyn std::error::Error>> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut tensors = file.tensors();
    // The layers' order is that of their bytes; the header is in no order.
    tensors.sort_by_key(|(_, tensor)| tensor.data().as_ptr());
    let mut layers = Vec::new();
    let mut names = Vec::new();
    for (layer, tensor) in tensors {
        let (&[n, p], Dtype::F16) = (tensor.shape(), tensor.dtype()) else {
            return Err(format!("{layer} is {:?} {:?}, not a matrix of f16", tensor.dtype(), tensor.shape()).into());
        };
        let (values, _) = tensor.data().as_chunks::<2>();
        let values: Vec<f64> = values.iter().map(|&bytes| f16::from_le_bytes(bytes).to_f64()).collect();
        layers.push(Representation::from_row_major(format!("{name}:{layer}"), n, p, values)?);
        names.push(layer);
    }
    Ok(LayersInMemory::new(name, layers).with_layer_names(names))
}
