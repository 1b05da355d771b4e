//! How files are read: the arguments, and what they open.

use std::fs::File;
use std::io::BufRead;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::io::{
    self, Arrangement, Axes, AxesError, Choices, Comment, Decimal, Delimiter, IndexColumn, Mask, ReadRepresentation, Reading, RowChoice,
    Source, Spatial,
};
use crate::sweep::{Layers, LayersInMemory, Preprocessed, Scores, StoredLayers, mean_over_groups};
use crate::{Measure, Preprocessing};
use clap::{Args, ValueEnum};

use crate::cli::arguments::Chosen;
use crate::cli::padding;
pub use crate::cli::same_examples::{require_same_examples, require_same_positions};
use crate::cli::stop::Stop;
use crate::cli::tell::tell_once;
use crate::cli::unsaid;

/// The names of axes for tensors of several numbers of axes.
#[derive(Debug, Clone)]
pub struct AxesList(Vec<Axes>);

/// How files are read. What is said holds for both sides, unless it is said for the second.
#[derive(Debug, Args)]
#[command(next_help_heading = "How files are read")]
pub struct ReadingOptions {
    /// What the axes of tensors count, a letter an axis: n examples, c or d channels or features, L
    /// layers of a stack, and positions t s l f p z y x h w. nchw (n x c x h x w: channels first,
    /// PyTorch), nhwc (channels last: Keras, JAX), ncl, nlc, ntd (n x t x d: tokens), nLd or Lnd (a
    /// stack of layers); several, for other numbers of axes, between commas: nchw,ntd. Never
    /// guessed; vectors and matrices need none
    #[arg(long, value_name = "AXES", value_parser = axes)]
    pub axes: Option<AxesList>,
    /// What becomes of positions: flatten (every channel at every position is a neuron), mean or
    /// max (over positions), first, last or token=K (one position; the CLS token is first),
    /// positions (every position is an example)
    #[arg(long, value_name = "HOW")]
    pub spatial: Option<Spatial>,
    /// Padded positions, left out: FILE or FILE:NAME, examples x positions, 1 where a position
    /// counts (an attention mask)
    #[arg(long, value_name = "FILE:NAME", conflicts_with = "lengths")]
    pub mask: Option<PathBuf>,
    /// Padded positions, left out: how many positions of every example count, the padding behind
    /// them (FILE:NAME, or a .txt file with a number a line)
    #[arg(long, value_name = "FILE:NAME")]
    pub lengths: Option<PathBuf>,
    /// Examples to take: ranges counted from 0 (0:5000, ::10, 0:100,200:300), or a file of row
    /// numbers or booleans (.npy, or text: numbers, or lines true and false)
    #[arg(long, value_name = "ROWS", conflicts_with = "sample", allow_hyphen_values = true)]
    pub rows: Option<String>,
    /// Take so many examples, drawn without replacement with --seed
    #[arg(long, value_name = "N")]
    pub sample: Option<NonZeroUsize>,
    /// Compare the examples of one group at a time, and average over the groups: FILE or FILE:NAME
    /// holds a label for each example (a vector of whole numbers, or a text file with a label a
    /// line)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rows", "sample"])]
    pub group: Option<String>,
    /// Whether the first row of a text table (.csv, .tsv) names the columns. Asked for where it
    /// could be either
    #[arg(long, value_enum, value_name = "yes|no")]
    pub header: Option<YesNo>,
    /// The column of a text table that names the rows: its name (unnamed, where it has none), or,
    /// where no column has such a name, its number from 1; or none. Rows of two tables are matched
    /// by it
    #[arg(long, value_name = "COLUMN")]
    pub index_column: Option<IndexColumn>,
    /// Columns of a text table that are no neurons, by name or number as above. Of two tables one
    /// may lack them
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub drop_columns: Vec<String>,
    /// What separates the fields of a text table: comma, semicolon, tab, space, or a character
    #[arg(long, value_name = "WHAT")]
    pub delimiter: Option<Delimiter>,
    /// What stands before the decimals in a text table
    #[arg(long, value_name = "point|comma")]
    pub decimal: Option<Decimal>,
    /// What starts a line of a text table that is not read, or none. # before the first row unless
    /// given
    #[arg(long, value_name = "CHARACTER")]
    pub comment: Option<Comment>,
    /// Clip entries to the quantiles 1 - Q and Q of all entries of their layer (0.5 < Q < 1),
    /// before the steps below
    #[arg(long, value_name = "Q")]
    pub clip: Option<f64>,
    /// Subtract from each neuron its mean over the examples (most measures center on their own)
    #[arg(long)]
    pub center: bool,
    /// Give each neuron mean 0 and variance 1 (with the divisor n); a constant one becomes 0
    #[arg(long)]
    pub standardize: bool,
    /// Divide each example by its Euclidean norm, after the steps above
    #[arg(long)]
    pub l2_rows: bool,
    /// Each layer is the n x n matrix of a kernel between the same examples, computed elsewhere:
    /// its cka and hsic are asked for as cka and hsic
    #[arg(long, conflicts_with_all = ["clip", "center", "standardize", "l2_rows", "group", "sample", "rows"])]
    pub gram: bool,
    /// Each layer is dissimilarities between the same examples, computed elsewhere: the n x n
    /// matrix, or the vector of those of i < j as scipy's pdist writes them. For rsa and
    /// distance-correlation, and (of Euclidean distances) cka and hsic
    #[arg(long, conflicts_with_all = ["clip", "center", "standardize", "l2_rows", "group", "sample", "rows", "gram"])]
    pub rdm: bool,
    /// The second side alone is dissimilarities that were computed elsewhere
    #[arg(long, conflicts_with_all = ["group", "sample", "rows", "gram", "rdm"])]
    pub rdm_b: bool,
    /// Axes of the second side, where they are others
    #[arg(long, value_name = "AXES", value_parser = axes)]
    pub axes_b: Option<AxesList>,
    /// What becomes of positions of the second side, where it is not the same
    #[arg(long, value_name = "HOW")]
    pub spatial_b: Option<Spatial>,
    /// Padded positions of the second side, where they are others
    #[arg(long, value_name = "FILE:NAME", conflicts_with = "lengths_b")]
    pub mask_b: Option<PathBuf>,
    /// Lengths of the second side, where they are others
    #[arg(long, value_name = "FILE:NAME")]
    pub lengths_b: Option<PathBuf>,
    /// The header of the second table, where it differs
    #[arg(long, value_enum, value_name = "yes|no")]
    pub header_b: Option<YesNo>,
    /// The column that names the rows of the second table, where it differs
    #[arg(long, value_name = "COLUMN")]
    pub index_column_b: Option<IndexColumn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum YesNo {
    Yes,
    No,
}

fn axes(text: &str) -> Result<AxesList, AxesError> {
    Axes::parse_list(text).map(AxesList)
}

impl ReadingOptions {
    /// Whether positions are examples on a side.
    pub fn has_positions(&self) -> bool {
        [self.spatial, self.spatial_b].contains(&Some(Spatial::Positions))
    }

    /// What is done to each layer of both sides after it is read.
    pub fn preprocessing(&self) -> Result<[Preprocessing; 2], Stop> {
        let (gram, rdm) = (self.gram, self.rdm);
        let steps = Preprocessing { clip: self.clip, center: self.center, standardize: self.standardize, l2_rows: self.l2_rows, gram, rdm };
        steps.check()?;
        let second = if self.rdm_b { Preprocessing { rdm: true, ..Preprocessing::default() } } else { steps };
        Ok([steps, second])
    }

    /// The measures that were chosen, each by the name that it has where dissimilarities of both
    /// sides are given.
    pub fn measures(&self, chosen: &Chosen) -> Vec<Measure> {
        if !self.rdm {
            return chosen.measures_or(if self.rdm_b { "rsa" } else { "cka" });
        }
        let mut named: Vec<Measure> = Vec::new();
        for measure in chosen.measures_or("rsa") {
            let measure = Measure::parse(&measure.of_dissimilarities()).unwrap_or(measure);
            if named.iter().all(|other| other.to_string() != measure.to_string()) {
                named.push(measure);
            }
        }
        named
    }

    /// An option that concerns the second side alone.
    pub fn for_second_side(&self) -> Option<&'static str> {
        let given = [
            ("--axes-b", self.axes_b.is_some()),
            ("--spatial-b", self.spatial_b.is_some()),
            ("--mask-b", self.mask_b.is_some()),
            ("--lengths-b", self.lengths_b.is_some()),
            ("--rdm-b", self.rdm_b),
            ("--header-b", self.header_b.is_some()),
            ("--index-column-b", self.index_column_b.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }

    /// The examples that are compared at a time: those of each group, or else those that were
    /// asked for, if any were.
    pub fn groups(&self, seed: u64) -> Result<Vec<Option<RowChoice>>, Stop> {
        Ok(match (&self.group, &self.rows, self.sample) {
            (Some(labels), ..) => io::read_groups(labels)?.into_iter().map(Some).collect(),
            (None, Some(text), _) => vec![Some(io::read_rows(text)?)],
            (None, None, sample) => vec![sample.map(|count| RowChoice::sample(count.get(), seed))],
        })
    }

    /// How both sides are read, of these examples.
    pub fn readings(&self, rows: Option<RowChoice>) -> Result<[Reading; 2], Stop> {
        let list = |axes: &Option<AxesList>| axes.clone().map_or_else(Vec::new, |axes| axes.0);
        let mask = mask(self.mask.as_deref(), self.lengths.as_deref())?;
        let tables = Choices {
            delimiter: self.delimiter,
            decimal: self.decimal,
            header: self.header.map(|answer| answer == YesNo::Yes),
            index: self.index_column.clone(),
            drop: self.drop_columns.clone(),
            comment: self.comment,
        };
        let first = Reading { tensors: Arrangement { axes: list(&self.axes), spatial: self.spatial, mask, rows }, tables };
        let mut second = first.clone();
        if self.axes_b.is_some() {
            second.tensors.axes = list(&self.axes_b);
        }
        second.tensors.spatial = self.spatial_b.or(second.tensors.spatial);
        second.tensors.mask = self::mask(self.mask_b.as_deref(), self.lengths_b.as_deref())?.or(second.tensors.mask);
        second.tables.header = self.header_b.map(|answer| answer == YesNo::Yes).or(second.tables.header);
        second.tables.index = self.index_column_b.clone().or(second.tables.index);
        Ok([first, second])
    }
}

fn mask(mask: Option<&Path>, lengths: Option<&Path>) -> Result<Option<Mask>, Stop> {
    Ok(match (mask, lengths) {
        (Some(file), _) => Some(io::read_mask(&Source::from_os(file.as_os_str()))?),
        (None, Some(file)) => Some(io::read_lengths(&Source::from_os(file.as_os_str()))?),
        (None, None) => None,
    })
}

/// The scores of one choice of examples, or the mean over groups, which says so.
pub fn means(mut groups: Vec<(String, Scores)>, labels: Option<&str>) -> Scores {
    let Some(labels) = labels else {
        let (_, scores) = groups.pop().expect("examples were chosen");
        return scores;
    };
    let mean = format!("mean over {} groups of {labels}", groups.len());
    let of_first = groups[0].0.clone();
    let scores = mean_over_groups(groups);
    let rows_of_first = format!("rows {of_first} of {}", scores.n());
    scores.decided(&mean, &rows_of_first)
}

/// Layers of files or tables, as they stand or preprocessed.
pub type AnyLayers = Box<dyn Layers>;

/// Layers after the steps that were asked for.
pub fn preprocessed(layers: impl Layers + 'static, steps: Preprocessing) -> AnyLayers {
    if steps.is_none() { Box::new(layers) } else { Box::new(Preprocessed::new(layers, steps)) }
}

/// Opens two representations. Their numbers are read when they are needed, but for those of text
/// tables, whose rows are matched.
pub fn open_pair(
    x: &Source,
    y: &Source,
    options: &ReadingOptions,
    rows: Option<RowChoice>,
    memory: Option<u64>,
) -> Result<[AnyLayers; 2], Stop> {
    let [steps_x, steps_y] = options.preprocessing()?;
    let [reading_x, reading_y] = options.readings(rows)?;
    let open = |source: &Source, reading: &Reading| match StoredLayers::of_source(source, Some(reading.clone())) {
        Ok(stored) => Ok(Some(stored)),
        Err(io::Error::NotANetwork { .. }) => Ok(None),
        Err(error) => Err(Stop::from(error)),
    };
    if let (Some(layer_x), Some(layer_y)) = (open(x, &reading_x)?, open(y, &reading_y)?) {
        if options.has_positions() {
            require_same_examples(&layer_x, &layer_y)?;
            require_same_positions(&layer_x, &layer_y)?;
        }
        padding::require_used(options, [(&reading_x, &layer_x), (&reading_y, &layer_y)])?;
        unsaid::note(&[(&layer_x, steps_x), (&layer_y, steps_y)]);
        let layers = [preprocessed(layer_x, steps_x), preprocessed(layer_y, steps_y)];
        require_same_examples(&*layers[0], &*layers[1])?;
        return Ok(layers);
    }
    for source in [x, y] {
        if matches!(open(source, &Reading::default()), Ok(None)) {
            require_room(source.path(), memory)?;
        }
    }
    let sides = io::read_pair([x, y], [Some(&reading_x), Some(&reading_y)])?;
    sides.iter().flat_map(|side| &side.notes).for_each(|note| tell_once(format!("note: {note}")));
    let [side_x, side_y] = sides;
    let layer = |source: &Source, side: ReadRepresentation, steps: Preprocessing| {
        let name = source.path().display().to_string();
        let layer = LayersInMemory::new(name, vec![side.representation]).with_layer_names(vec![String::new()]);
        preprocessed(layer.with_conventions(vec![side.convention]), steps)
    };
    let layers = [layer(x, side_x, steps_x), layer(y, side_y, steps_y)];
    padding::require_used(options, [(&reading_x, &*layers[0]), (&reading_y, &*layers[1])])?;
    unsaid::note(&[(&*layers[0], steps_x), (&*layers[1], steps_y)]);
    require_same_examples(&*layers[0], &*layers[1])?;
    Ok(layers)
}

/// Asks that a file of text, which is read as a whole, fits into the memory: its numbers twice, as
/// they are read and as they are kept.
fn require_room(file: &Path, memory: Option<u64>) -> Result<(), Stop> {
    let Some(memory) = memory else { return Ok(()) };
    let unusable = |error: std::io::Error| Stop::Unusable(format!("{}: {error}", file.display()));
    let mut reader = std::io::BufReader::with_capacity(1 << 20, File::open(file).map_err(unusable)?);
    let mut numbers: u64 = 0;
    loop {
        let part = reader.fill_buf().map_err(unusable)?;
        if part.is_empty() {
            break;
        }
        let length = part.len();
        numbers += part.iter().filter(|byte| matches!(byte, b',' | b'\n')).count() as u64;
        reader.consume(length);
    }
    let needed = numbers.saturating_mul(2 * size_of::<f64>() as u64);
    if needed <= memory {
        return Ok(());
    }
    let file = file.display();
    Err(Stop::Unusable(format!(
        "{file}: about {numbers} numbers, which take {needed} bytes of memory, and may take {memory}. Store them as .npy or .safetensors, \
         which are read a part at a time, or allow more with --memory"
    )))
}
