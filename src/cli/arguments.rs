//! What the program can be told.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::io::Source;
use crate::report::Style;
use crate::sweep::Part;
use crate::{Measure, Precision};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::curves::CurveOptions;
use crate::cli::inference::{Adjust, IntervalOptions, NullOptions};
use crate::cli::layer_options::LayerOptions;
use crate::cli::picture_options::PictureOptions;
use crate::cli::reading::ReadingOptions;
use crate::cli::sizes::size;

/// How alike are two neural representations?
///
/// A measure is ID[:KEY=VALUE,...], for example cka or cka:kernel=rbf,fraction=0.4; `similitude
/// measures` lists them all. Results go to standard output, everything else to standard error. Exit
/// status: 0 done; 1 a law failed; 2 unusable arguments or input; 3 a measure is undefined or
/// degenerate on these data (the others are still answered).
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main experiment of Kornblith et al. (2019) on embedded networks: which index finds the
    /// same layer in another network?
    Demo(Demo),
    /// Compare two representations
    Compare(Compare),
    /// Compare every layer of a network with every layer of another, or of itself
    Sweep(Sweep),
    /// Make the results of one sweep from the parts that `sweep --shard` wrote
    Merge(Merge),
    /// Compare many networks with one another: a matrix of networks, their tree and their map
    Networks(crate::cli::networks::Networks),
    /// Write the page of a finished sweep: heat maps to point at, tables, words for a paper
    Report(crate::cli::report::Report),
    /// Run a finished sweep again, and say number by number whether it is the same
    Reproduce(crate::cli::reproduce::Reproduce),
    /// List the measures: keys, ranges, invariances, cost, sources
    Measures(Measures),
    /// Try the laws that the measures claim, now
    Verify(Verify),
    /// Print the paragraph and the BibTeX for a methods section
    Methods(Methods),
    /// Judge other implementations: what they compute, which laws they break, what they answer at
    /// the edges
    Conformance(crate::cli::conformance::Arguments),
    /// Answer comparisons on standard input by the protocol that `conformance` speaks
    Adapter,
}

impl Command {
    /// How its pictures look, and whether it draws any.
    pub fn pictures(&self) -> Option<(&PictureOptions, bool)> {
        match self {
            Command::Sweep(options) => Some((&options.pictures, options.output.is_some())),
            Command::Networks(options) => Some((&options.pictures, options.output.is_some())),
            Command::Merge(options) => Some((&options.pictures, true)),
            Command::Report(options) => Some((&options.pictures, true)),
            _ => None,
        }
    }

    /// Whether it needs the threads that compute.
    pub fn computes(&self) -> bool {
        match self {
            Command::Demo(_)
            | Command::Compare(_)
            | Command::Sweep(_)
            | Command::Networks(_)
            | Command::Reproduce(_)
            | Command::Verify(_)
            | Command::Conformance(_)
            | Command::Adapter => true,
            Command::Merge(_) | Command::Report(_) | Command::Measures(_) | Command::Methods(_) => false,
        }
    }
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// Number of threads; all processors unless given. Results do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub threads: Option<NonZeroUsize>,
    /// Memory that may be taken, for example 500M or 16G (powers of 1024; MB and GB are powers of
    /// 1000). What would not fit says so before it starts. Unless given: what is free (Linux), else
    /// no limit
    #[arg(long, global = true, value_name = "SIZE", value_parser = size)]
    pub memory: Option<u64>,
    /// Precision of the large products of linear HSIC and CKA, Procrustes, linear regression and
    /// CCA's R2: f64, or f32: products in half the time, and a larger `error_bound` (compare,
    /// sweep; methods says so)
    #[arg(long, global = true, value_name = "f64|f32", default_value_t)]
    pub precision: Precision,
    /// Seed of whatever is drawn at random (verify draws matrices, --sample draws examples, --null
    /// and --interval draw orders and resamples; no measure draws)
    #[arg(long, global = true, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Those of --precision and --seed that were given, and not left as they are unless told.
    #[arg(skip)]
    pub given: Vec<&'static str>,
}

impl Common {
    /// The memory that may be taken: as given, else what is free.
    pub fn memory(&self) -> Option<u64> {
        self.memory.or_else(crate::sweep::available_memory)
    }
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Directory for the heat maps and the table
    #[arg(short, long, value_name = "DIR", default_value = "similitude-demo")]
    pub output: PathBuf,
    /// How many of the embedded networks (each is compared with each other)
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=5))]
    pub networks: u8,
    #[command(flatten)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Compare {
    /// FILE (.npy, .csv, .tsv) or FILE:NAME (a tensor in .npz, .safetensors, .pt or .h5): examples
    /// x neurons
    #[arg(value_name = "X", value_parser = source())]
    pub x: Source,
    /// The other representation, of the same examples in the same order
    #[arg(value_name = "Y", value_parser = source())]
    pub y: Source,
    #[command(flatten)]
    pub measures: Chosen,
    #[command(flatten)]
    pub plan: Planning,
    /// Beside each value its exact or certified enclosure, and the error of both paths. Exact
    /// arithmetic: for up to a few hundred examples
    #[arg(long)]
    pub oracle: bool,
    #[command(flatten)]
    pub null: NullOptions,
    #[command(flatten)]
    pub interval: IntervalOptions,
    #[command(flatten)]
    pub reading: ReadingOptions,
    #[command(flatten)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Sweep {
    /// A network: an archive (.npz, .safetensors, .pt, .h5) whose tensors are its layers, the
    /// shards of one (a directory or an index.json), or a directory of .npy files, those in its
    /// folders included
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// The other network; without it, A is compared with itself
    #[arg(value_name = "B")]
    pub b: Option<PathBuf>,
    /// Directory for scores.csv, scores.json, scores.npz and heat maps. An interrupted sweep into
    /// it is taken up where it stopped
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Compute the K-th of N parts only (counted from 1), as shard-K-of-N.json in DIR; `similitude
    /// merge DIR` makes the results of all. Each part is a job of its own: an array job needs no
    /// more than this
    #[arg(long, value_name = "K/N", requires = "output", conflicts_with = "null")]
    pub shard: Option<Part>,
    /// What becomes of a layer with an infinite entry, one that is no number, or (--l2-rows) an
    /// example that is zero: its own cells are undefined (continue), or nothing is computed (stop)
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = OnError::Continue)]
    pub on_error: OnError,
    #[command(flatten)]
    pub null: NullOptions,
    /// Adjust the p-values of all layer pairs for their number
    #[arg(long, value_name = "HOW", value_enum, requires = "null")]
    pub adjust: Option<Adjust>,
    /// Write report.html too: one page of heat maps to point at, tables, a sample-size curve, and
    /// words for a paper
    #[arg(long, requires = "output", conflicts_with = "shard")]
    pub report: bool,
    #[command(flatten)]
    pub curves: CurveOptions,
    #[command(flatten)]
    pub plan: Planning,
    #[command(flatten)]
    pub measures: Chosen,
    #[command(flatten)]
    pub pictures: PictureOptions,
    #[command(flatten)]
    pub layers: LayerOptions,
    #[command(flatten)]
    pub reading: ReadingOptions,
    #[command(flatten)]
    pub format: Format,
}

/// What an unusable layer does to a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnError {
    Continue,
    Stop,
}

#[derive(Debug, Args)]
pub struct Planning {
    /// Print how the layers would be read and how much memory that takes, and end there
    #[arg(long)]
    pub plan: bool,
}

#[derive(Debug, Args)]
pub struct Merge {
    /// The directory that holds the parts, all of one sweep
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Directory for scores.csv, scores.json, scores.npz and heat maps
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Write report.html too: one page of heat maps to point at, tables, and words for a paper
    #[arg(long)]
    pub report: bool,
    #[command(flatten)]
    pub pictures: PictureOptions,
    #[command(flatten)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Measures {
    /// How the list is printed
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// Measures to verify; every convention of every measure unless given
    #[arg(short, long = "measure", value_name = "MEASURE", value_parser = Measure::parse)]
    pub measures: Vec<Measure>,
    /// Cases drawn for each law
    #[arg(long, value_name = "N", default_value = "32")]
    pub cases: NonZeroUsize,
    #[command(flatten)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Methods {
    /// A directory of results, as `sweep -o` writes it: its measures, examples and how its layers
    /// were read are described
    #[arg(value_name = "RESULTS", conflicts_with = "measures")]
    pub results: Option<PathBuf>,
    /// Measures to describe
    #[arg(short, long = "measure", value_name = "MEASURE", value_parser = Measure::parse, required_unless_present = "results")]
    pub measures: Vec<Measure>,
    /// Plain text; Markdown with Pandoc's citations; LaTeX with natbib's
    #[arg(long, value_enum, value_name = "text|markdown|latex", default_value_t)]
    pub style: TextStyle,
    #[command(flatten)]
    pub null: NullOptions,
    /// How p-values of a sweep were adjusted. This, --null and --interval are of -m: finished
    /// results say what was done
    #[arg(long, value_name = "HOW", value_enum, requires = "null")]
    pub adjust: Option<Adjust>,
    #[command(flatten)]
    pub interval: IntervalOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TextStyle {
    #[default]
    Text,
    Markdown,
    Latex,
}

impl From<TextStyle> for Style {
    fn from(style: TextStyle) -> Self {
        match style {
            TextStyle::Text => Self::Text,
            TextStyle::Markdown => Self::Markdown,
            TextStyle::Latex => Self::Latex,
        }
    }
}

/// Which measures.
#[derive(Debug, Args)]
pub struct Chosen {
    /// A measure, ID[:KEY=VALUE,...]; may be given many times. cka unless given (rsa with --rdm)
    #[arg(short, long = "measure", value_name = "MEASURE", value_parser = Measure::parse)]
    measures: Vec<Measure>,
}

impl Chosen {
    /// The measures, each once; this one unless any is given.
    pub fn measures_or(&self, default: &str) -> Vec<Measure> {
        let default = || vec![Measure::parse(default).expect("a default is a measure")];
        let given = if self.measures.is_empty() { default() } else { self.measures.clone() };
        let mut names = Vec::new();
        let mut is_new = |measure: &Measure| {
            let name = measure.to_string();
            let new = !names.contains(&name);
            names.push(name);
            new
        };
        given.into_iter().filter(|measure| is_new(measure)).collect()
    }
}

/// How results are printed.
#[derive(Debug, Args)]
pub struct Format {
    /// How results are printed on standard output; json is one object a line
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub format: TableFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Table,
    Json,
    Markdown,
}

/// File names need not be text.
fn source() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().map(|text| Source::from_os(&text))
}

/// More threads than this are a mistake: starting them would take longer than most sweeps.
pub const MOST_THREADS: usize = 1024;

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(threads) if threads.get() <= MOST_THREADS => Ok(threads),
        _ => Err(format!("a number of threads is 1 to {MOST_THREADS}")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn numbers_of_threads_have_an_end() {
        assert_eq!(threads("1024").map(NonZeroUsize::get), Ok(1024));
        for wrong in ["0", "1025", "20000", "-1", "99999999999999999999", "x"] {
            assert!(threads(wrong).unwrap_err().contains("1 to 1024"), "{wrong}");
        }
    }

    #[test]
    fn a_measure_given_twice_is_one_measure() {
        let arguments = Arguments::parse_from(["similitude", "compare", "x", "y", "-m", "cka", "-m", "cka:kernel=linear", "-m", "cca"]);
        let Command::Compare(options) = arguments.command else { panic!("compare was asked for") };
        let names: Vec<String> = options.measures.measures_or("cka").iter().map(|measure| measure.spec().id.to_string()).collect();
        assert_eq!(names, ["cka", "cca"]);
    }
}
