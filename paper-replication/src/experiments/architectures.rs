//! The networks of Figures 3, 4, 5 and F.5: plain and residual ones of several depths.

use super::context::Context;
use crate::analysis::Subject;
use crate::error::{Error, Result};
use crate::job::{Job, Trained};
use crate::networks::Architecture;
use crate::preset::{Preset, Setting};
use std::sync::Arc;

/// The setting: one network of each architecture, narrow, because they are deep.
pub(super) fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: vec![1], ..Setting::of(preset) };
    match preset {
        Preset::Quick => Setting { width: 4, ..setting }.with_epochs(40),
        Preset::Standard => Setting { width: 8, ..setting }.with_epochs(6),
        // The paper's widths: 96 for plain networks, 16 for residual ones.
        Preset::Full => Setting { width: 0, ..setting },
    }
}

/// The networks of these architectures with the setting's first seed. A width of 0 is the paper's,
/// which differs between architectures.
///
/// # Errors
/// As [`Workshop::networks`](crate::job::Workshop::networks), and without a seed.
pub(super) fn networks(context: &Context, names: &[&str]) -> Result<Vec<Arc<Trained>>> {
    let seed = *context.setting.seeds.first().ok_or_else(|| Error::Setting("a seed is needed".to_owned()))?;
    let job = |name: &&str| -> Result<Job> {
        let architecture: Architecture = name.parse()?;
        let width = if context.setting.width == 0 { architecture.paper_width() } else { context.setting.width };
        Ok(Job::of(&context.setting, seed).with_architecture(architecture, width))
    };
    context.workshop.networks(&names.iter().map(job).collect::<Result<Vec<_>>>()?)
}

/// Whether a layer of a residual network comes after the addition: the first convolution, which
/// feeds the first block, and the second of each block; and the pooling layer. In a plain network
/// every layer counts.
pub(super) fn after_addition(architecture: Architecture, layer: usize, layers: usize) -> bool {
    !matches!(architecture, Architecture::Residual { .. }) || layer.is_multiple_of(2) || layer + 1 == layers
}

/// The layers that networks of different architectures are compared at.
///
/// # Errors
/// As [`Subject::layers`].
pub(super) fn at_comparable_layers(mut subject: Subject) -> Result<Subject> {
    let (architecture, layers) = (subject.network.run.network.architecture, subject.layers()?.len());
    subject.chosen = (0..layers).filter(|&layer| after_addition(architecture, layer, layers)).collect();
    Ok(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ResNet-14: a first convolution, six blocks of two, the pooling layer.
    #[test]
    fn of_a_block_the_second_convolution_comes_after_the_addition() {
        let after = |name: &str, layers: usize| -> Vec<usize> {
            let architecture = name.parse().unwrap();
            (0..layers).filter(|&layer| after_addition(architecture, layer, layers)).collect()
        };
        assert_eq!(after("resnet-14", 14), [0, 2, 4, 6, 8, 10, 12, 13]);
        assert_eq!(after("plain-10", 9).len(), 9);
    }
}
