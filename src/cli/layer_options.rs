//! Which layers of networks are taken: the arguments, and what they open.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::padding::{entries_that_are_no_layers, require_used};
use crate::cli::reading::{AnyLayers, ReadingOptions, preprocessed, require_same_examples, require_same_positions};
use crate::cli::stop::Stop;
use crate::cli::tell::tell_once;
use crate::cli::unsaid;
use crate::io::{Network, Opening, Reading, RowChoice};
use crate::sweep::{Layers, StoredLayers};

/// Which layers of a network are taken.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which layers")]
pub struct LayerOptions {
    /// Layers to take, in this order: names or patterns (h.*.attn), several between commas or by
    /// several --layers; all of them unless given
    #[arg(long, value_name = "NAMES")]
    pub layers: Option<Vec<String>>,
    /// A file of layers to take, a name or a pattern a line
    #[arg(long, value_name = "FILE", conflicts_with = "layers")]
    pub layers_from: Option<PathBuf>,
    /// Layers to take of B, where they are called differently
    #[arg(long, value_name = "NAMES", requires = "b")]
    pub layers_b: Option<Vec<String>>,
    /// Entries that are no layers, by name or pattern
    #[arg(long, value_name = "NAMES")]
    pub exclude: Vec<String>,
    /// The order of layers that are not named: names (as the metadata of the file list them, else
    /// by their names, h.2 before h.10), or file (as they stand in the archive)
    #[arg(long, value_enum, value_name = "names|file", default_value_t = Order::Names)]
    pub layer_order: Order,
    /// How the pieces of one layer are called that are to be joined, example after example:
    /// {layer}.part{piece}
    #[arg(long, value_name = "TEMPLATE")]
    pub pieces: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    Names,
    File,
}

/// Names beyond this many are counted in messages.
const LISTED: usize = 20;

impl LayerOptions {
    /// Opens both networks; says on standard error what the order of layers is taken from, where it
    /// is not that of the file.
    pub fn open(
        &self,
        a: &Path,
        b: Option<&Path>,
        options: &ReadingOptions,
        rows: Option<RowChoice>,
    ) -> Result<(AnyLayers, Option<AnyLayers>), Stop> {
        let [steps_a, steps_b] = options.preprocessing()?;
        if let (None, Some(option)) = (b, options.for_second_side()) {
            return Err(Stop::Unusable(format!("{option} says how a second network is read, and there is none")));
        }
        let [reading_a, reading_b] = options.readings(rows)?;
        let from = self.layers_from.as_deref().map(lines).transpose()?;
        let layers = self.layers.clone().or(from);
        let layers_b = self.layers_b.clone().or_else(|| layers.clone());
        let opening = |layers, no_layers: Vec<String>| Opening {
            layers,
            exclude: self.exclude.iter().cloned().chain(no_layers).collect(),
            file_order: self.layer_order == Order::File,
            pieces: self.pieces.clone(),
        };
        let open = |path: &Path, layers, reading: Reading| -> Result<StoredLayers, Stop> {
            let no_layers = entries_that_are_no_layers(options, path);
            for entry in &no_layers {
                tell_once(format!("note: {}: the entry {entry:?} says how layers are read, and is not compared", path.display()));
            }
            let network = Network::open_with(path, &opening(layers, no_layers), Some(&reading))?;
            if network.is_reordered() {
                tell_once(format!("note: {}: layers {}", network.name(), network.order()));
            }
            Ok(StoredLayers::new(network, Some(reading)))
        };
        let a = open(a, layers, reading_a.clone())?;
        let b = b.map(|path| open(path, layers_b, reading_b.clone())).transpose()?;
        let networks = [Some(&a), b.as_ref()];
        let mut unmatched = networks.iter().flatten().map(|layers| layers.network().unmatched_exclusions());
        let first = unmatched.next().unwrap_or_default();
        // What one network does not have the other may.
        if let Some(name) = first.iter().find(|name| unmatched.clone().all(|other| other.contains(name))) {
            return Err(Stop::Unusable(format!("--exclude {name:?}: nothing has this name, or matches it")));
        }
        if let (Some(template), true) = (&self.pieces, networks.iter().flatten().all(|layers| layers.network().has_no_pieces())) {
            let names = networks.iter().flatten().map(|layers| {
                let names = layers.layer_names();
                let more = names.len().saturating_sub(LISTED);
                let listed = names.iter().take(LISTED).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("{} has {listed}{more}", layers.name())
            });
            let names = names.collect::<Vec<_>>().join("; ");
            return Err(Stop::Unusable(format!("--pieces {template:?}: no entry is called so; {names}")));
        }
        if options.has_positions() {
            require_same_examples(&a, b.as_ref().map_or(&a, |b| b))?;
            require_same_positions(&a, b.as_ref().unwrap_or(&a))?;
        }
        require_used(options, std::iter::once((&reading_a, &a)).chain(b.as_ref().map(|b| (&reading_b, b))))?;
        unsaid::note(&std::iter::once((&a, steps_a)).chain(b.as_ref().map(|b| (b, steps_b))).collect::<Vec<_>>());
        let (a, b) = (preprocessed(a, steps_a), b.map(|b| preprocessed(b, steps_b)));
        require_same_examples(&*a, b.as_deref().unwrap_or(&*a))?;
        Ok((a, b))
    }
}

fn lines(file: &Path) -> Result<Vec<String>, Stop> {
    let text = std::fs::read_to_string(file).map_err(|error| Stop::Unusable(format!("{}: {error}", file.display())))?;
    // Some programs put a mark of the encoding before a text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().map(|line| line.trim_end_matches('\r').to_owned()).filter(|line| !line.trim().is_empty()).collect())
}
