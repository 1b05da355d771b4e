//! What the program can be told.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;
use similitude::Measure;
use similitude::io::{Axes, AxesError, Spatial};

/// Compare every layer of a network with every layer of another, or of itself, on many machines:
/// mpirun -n N similitude-mpi A B -m cka -o DIR.
///
/// Exit status: 0 done; 2 unusable arguments or input, or a process failed; 3 a measure is
/// undefined or degenerate on some layers.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
pub struct Arguments {
    /// A network: an archive (.npz, .safetensors) whose tensors are its layers, or a directory of
    /// .npy files. Every process reads it
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// The other network; without it, A is compared with itself
    #[arg(value_name = "B")]
    pub b: Option<PathBuf>,
    /// Layers to take, in this order: names or patterns (h.*.attn), several between commas; all of
    /// them unless given
    #[arg(long, value_name = "NAMES")]
    pub layers: Option<Vec<String>>,
    /// Layers to take of B, where they are called differently
    #[arg(long, value_name = "NAMES", requires = "b")]
    pub layers_b: Option<Vec<String>>,
    /// Directory for the results, which every process can write. An interrupted job into it is
    /// taken up where it stopped
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// A measure, ID[:KEY=VALUE,...]; may be given many times. cka unless given
    #[arg(short, long = "measure", value_name = "MEASURE", value_parser = Measure::parse)]
    pub measures: Vec<Measure>,
    /// What the axes of tensors with more than two axes count, a letter an axis: nchw, nhwc, ntd,
    /// ... (`similitude sweep --help`); several, for other numbers of axes, between commas. Never
    /// guessed
    #[arg(long, value_name = "AXES", value_parser = axes)]
    pub axes: Option<AxesList>,
    /// What becomes of positions: flatten, mean, max, first, last, token=K or positions
    #[arg(long, value_name = "HOW")]
    pub spatial: Option<Spatial>,
    /// Memory of each process, in MiB
    #[arg(long, value_name = "MIB", default_value = "4096")]
    pub memory: NonZeroUsize,
    /// Threads of each process. Results do not depend on it
    #[arg(long, value_name = "N", default_value = "1")]
    pub threads: NonZeroUsize,
    /// Into how many shards the rows are cut. The last bits of linear CKA and HSIC depend on it,
    /// and not on the number of processes; more processes than shards find no work in them
    #[arg(long, value_name = "S", default_value = "64")]
    pub row_shards: NonZeroUsize,
}

/// The names of axes for tensors of several numbers of axes.
#[derive(Debug, Clone)]
pub struct AxesList(pub Vec<Axes>);

fn axes(text: &str) -> Result<AxesList, AxesError> {
    Axes::parse_list(text).map(AxesList)
}
