//! Masks and lengths: that they have an effect, and that they are no layers themselves.

use std::ffi::OsStr;
use std::path::Path;

use crate::cli::reading::ReadingOptions;
use crate::cli::stop::Stop;
use crate::io::{Reading, Source};
use crate::sweep::Layers;

/// Asks that each mask says something of a layer: one of positions that no layer has would be
/// passed over without a word.
pub fn require_used<'a, L: Layers + ?Sized + 'a>(
    options: &ReadingOptions,
    sides: impl IntoIterator<Item = (&'a Reading, &'a L)>,
) -> Result<(), Stop> {
    let given = [("--mask", options.mask.is_some()), ("--lengths", options.lengths.is_some())];
    let of_second = [("--mask-b", options.mask_b.is_some()), ("--lengths-b", options.lengths_b.is_some())];
    let named = |options: [(&'static str, bool); 2]| options.into_iter().find(|(_, given)| *given).map(|(option, _)| option);
    let sides: Vec<_> = sides.into_iter().collect();
    let mut masks = Vec::new();
    for (place, (reading, _)) in sides.iter().enumerate() {
        let option = if place == 0 { named(given) } else { named(of_second).or(named(given)) };
        if let (Some(mask), Some(option)) = (&reading.tensors.mask, option) {
            masks.push((mask, option));
        }
    }
    for (mask, option) in masks {
        let mut shapes = Vec::new();
        let mut used = false;
        for (reading, layers) in &sides {
            if reading.tensors.mask.as_ref().is_none_or(|other| other.words() != mask.words()) {
                continue;
            }
            for layer in 0..layers.layer_names().len() {
                used |= layers.convention(layer)?.is_some_and(|words| words.contains(&mask.words()));
                let (n, p) = layers.shape(layer)?;
                shapes.push(format!("{} is {n} x {p}", layers.source(layer)));
            }
        }
        if !used {
            /// Layers beyond these are counted.
            const LISTED: usize = 3;
            let more = shapes.len().saturating_sub(LISTED);
            let listed = shapes.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(" and {more} more layers") } else { String::new() };
            return Err(Stop::Unusable(format!(
                "{option} {} ({}): a mask counts positions, and what it was given for has none: {listed}{more}, examples by neurons. \
                 Leave {option} out, or give tensors with an axis of positions (--axes ntd)",
                mask.name(),
                mask.extent()
            )));
        }
    }
    Ok(())
}

/// The entries of a network that say how it is read (masks, lengths, labels of groups): no layers.
pub fn entries_that_are_no_layers(options: &ReadingOptions, network: &Path) -> Vec<String> {
    let files = [&options.mask, &options.lengths, &options.mask_b, &options.lengths_b];
    let files = files.into_iter().flatten().map(|file| file.as_os_str()).chain(options.group.as_deref().map(OsStr::new));
    let mut entries: Vec<String> = files.filter_map(|file| entry(&Source::from_os(file), network)).collect();
    entries.dedup();
    entries
}

/// What a network calls the tensor of a source that stands in it.
fn entry(source: &Source, network: &Path) -> Option<String> {
    let [file, network] = [source.path(), network].map(|path| path.canonicalize().ok());
    let (file, network) = (file?, network?);
    if file == network {
        return source.tensor().map(str::to_owned);
    }
    let inner =
        file.strip_prefix(&network).ok().filter(|inner| source.tensor().is_none() && inner.extension() == Some(OsStr::new("npy")))?;
    let parts: Vec<String> = inner.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    Some(parts.join("/"))
}
