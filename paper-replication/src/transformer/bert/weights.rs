//! `model.safetensors` of a BERT model.

use super::REMEDY;
use crate::error::{Error, Result};
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use std::path::{Path, PathBuf};

/// The weights of a model, by name.
pub(super) struct Weights<'a> {
    path: PathBuf,
    tensors: SafeTensors<'a>,
    /// Some files put this before every name.
    prefix: &'static str,
    device: &'a Device,
}

impl<'a> Weights<'a> {
    /// Of the bytes of the file at `path`.
    pub fn new(path: &Path, bytes: &'a [u8], device: &'a Device) -> Result<Self> {
        let damaged = |error: safetensors::SafeTensorError| Error::DamagedData {
            path: path.to_path_buf(),
            found: format!("not a .safetensors file: {error}"),
            remedy: REMEDY,
        };
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let prefix = if tensors.names().iter().any(|name| name.starts_with("bert.")) { "bert." } else { "" };
        Ok(Self { path: path.to_path_buf(), tensors, prefix, device })
    }

    /// A table, `rows` x `columns`.
    pub fn table(&self, name: &str, rows: usize, columns: usize) -> Result<Param<Tensor<2>>> {
        Ok(Param::from_tensor(self.tensor(name, [rows, columns])?))
    }

    /// `length` numbers.
    pub fn vector(&self, name: &str, length: usize) -> Result<Param<Tensor<1>>> {
        Ok(Param::from_tensor(self.tensor(name, [length])?))
    }

    /// A linear map from `NAME.weight`, stored as outputs x inputs, and `NAME.bias`.
    pub fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear> {
        let stored: Tensor<2> = self.tensor(&format!("{name}.weight"), [outputs, inputs])?;
        let bias = self.vector(&format!("{name}.bias"), outputs)?;
        Ok(Linear { weight: Param::from_tensor(stored.transpose()), bias: Some(bias) })
    }

    fn tensor<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<D>> {
        let name = format!("{}{name}", self.prefix);
        let damaged = |found: String| Error::DamagedData { path: self.path.clone(), found, remedy: REMEDY };
        let view = self.tensors.tensor(&name).map_err(|error| damaged(format!("tensor {name:?}: {error}")))?;
        if view.dtype() != Dtype::F32 || view.shape() != shape {
            return Err(damaged(format!("tensor {name:?} is {:?} {:?}, expected F32 {shape:?}", view.dtype(), view.shape())));
        }
        let values: Vec<f32> =
            view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect();
        if let Some((index, value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(damaged(format!("value {index} of tensor {name:?} is {value}")));
        }
        Ok(Tensor::from_data(TensorData::new(values, shape), self.device))
    }
}
