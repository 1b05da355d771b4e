//! Every number of a network, under names that any program can read it by.

use super::{Layer, Network, NetworkConfig, Step, values};
use crate::error::Result;
use burn::module::{Param, RunningState};
use burn::tensor::{Tensor, TensorData};

/// Takes the name, the shape and the numbers of a tensor, and gives the numbers that are to stand
/// there.
pub type Exchange<'a> = dyn FnMut(&str, &[usize], Vec<f32>) -> Result<Vec<f32>> + 'a;

impl Network {
    /// Shows every tensor to `exchange`, in the order of the layers, and puts what comes back in
    /// its place. One walk for reading and writing, so that both have the same names:
    /// `conv1.weight` (outputs, inputs, height and width of the kernel), `conv1.bias` or, with
    /// batch normalization, `conv1.gamma`, `conv1.beta`, `conv1.mean` and `conv1.variance`, then
    /// `logits.weight` (inputs, outputs) and `logits.bias`.
    ///
    /// # Errors
    /// As `exchange`, and as [`NetworkConfig::layers`].
    pub fn exchange_numbers(&mut self, config: &NetworkConfig, exchange: &mut Exchange<'_>) -> Result<()> {
        // The last layer pools, and has no numbers.
        let names: Vec<String> = config.layers()?.into_iter().map(|layer| layer.name).collect();
        let layers = self.steps.iter_mut().flat_map(|step| match step {
            Step::Plain(layer) => vec![layer],
            Step::Residual(block) => vec![&mut block.first, &mut block.second],
        });
        for (layer, name) in layers.zip(&names) {
            layer.exchange_numbers(name, exchange)?;
        }
        param(&mut self.logits.weight, "logits.weight", exchange)?;
        self.logits.bias.as_mut().map_or(Ok(()), |bias| param(bias, "logits.bias", exchange))
    }
}

impl Layer {
    fn exchange_numbers(&mut self, name: &str, exchange: &mut Exchange<'_>) -> Result<()> {
        param(&mut self.convolution.weight, &format!("{name}.weight"), exchange)?;
        if let Some(bias) = &mut self.convolution.bias {
            param(bias, &format!("{name}.bias"), exchange)?;
        }
        if let Some(norm) = &mut self.norm {
            param(&mut norm.gamma, &format!("{name}.gamma"), exchange)?;
            param(&mut norm.beta, &format!("{name}.beta"), exchange)?;
            for (state, what) in [(&mut norm.running_mean, "mean"), (&mut norm.running_var, "variance")] {
                *state = RunningState::new(tensor(state.value(), &format!("{name}.{what}"), exchange)?);
            }
        }
        Ok(())
    }
}

fn param<const D: usize>(param: &mut Param<Tensor<D>>, name: &str, exchange: &mut Exchange<'_>) -> Result<()> {
    *param = Param::from_tensor(tensor(param.val(), name, exchange)?);
    Ok(())
}

fn tensor<const D: usize>(tensor: Tensor<D>, name: &str, exchange: &mut Exchange<'_>) -> Result<Tensor<D>> {
    let (shape, device) = (tensor.dims(), tensor.device());
    let numbers = exchange(name, &shape, values(tensor))?;
    Ok(Tensor::from_data(TensorData::new(numbers, shape), &device))
}
