//! Neurons of a representation wider than its examples, centered and scaled, a block at a time.
//!
//! A representation of more neurons than examples is compared through n x n matrices, which are
//! sums over blocks of neurons. A block is centered by itself, because it holds all examples; so a
//! stored representation is read once per pass, and one block of it is in memory.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};

use faer::MatRef;
use rayon::prelude::*;

use crate::arrays::column_stats::{ColumnStats, center_and_scan, largest_and_hash, largest_of, left_to_scale, mixed, scale};
use crate::arrays::columns::{Columns, slice_mut};
use crate::arrays::scale::{exponent, factors, largest_of_slice};
use crate::arrays::sums::{sum_of_squares, vectorised};
use crate::error::Error;

/// What is done with a block of neurons, n rows, centered and scaled.
pub(crate) type Visit<'a> = dyn FnMut(MatRef<'_, f64>) -> Result<(), Error> + 'a;

/// Something that gives a representation's neurons, centered and scaled, block by block.
pub(crate) type Blocks<'a> = dyn Fn(&mut Visit<'_>) -> Result<(), Error> + 'a;

/// Neurons of a representation that stands somewhere else than in memory.
pub trait StoredNeurons: fmt::Debug + Send + Sync {
    /// Reads some of the neurons, of all examples. `room` is an earlier block whose memory may be
    /// used again.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    fn read(&self, neurons: Range<usize>, room: Option<NeuronBlock>) -> Result<NeuronBlock, Error>;

    /// Bytes of a value of a block.
    fn value_size(&self) -> usize;

    /// Bytes that are read at a time, about; blocks of neurons that are multiplied at once are read
    /// whole.
    fn read_size(&self) -> usize {
        READ_SIZE
    }
}

/// Values of some neurons in all examples, as they are stored.
#[derive(Debug)]
pub struct NeuronBlock {
    /// The values.
    pub values: NeuronValues,
    /// Whether they stand example after example; else neuron after neuron.
    pub is_row_major: bool,
}

/// Values in the precision in which they are stored, or in one that holds them exactly.
#[derive(Debug)]
pub enum NeuronValues {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
}

/// Values of a block that is multiplied at once, in all examples: 128 MiB at most, and 8 MiB where
/// there are few examples.
const VALUES: usize = 1 << 24;
/// Neurons of such a block, at most and at least.
const WIDEST: usize = 2048;
const NARROWEST: usize = 128;
/// Bytes that are read at a time where there is memory enough: runs of a row that a disk delivers
/// at its full rate.
pub(crate) const READ_SIZE: usize = 32 << 20;

/// Neurons of a block. It depends on the number of examples alone, so that sums over blocks have
/// the same bits wherever the neurons stand.
pub(crate) fn block_width(n: usize) -> usize {
    let fitting = (VALUES / n).max(1);
    (1 << fitting.ilog2()).clamp(NARROWEST, WIDEST)
}

/// The blocks of p neurons.
pub(crate) fn blocks(n: usize, p: usize) -> impl Iterator<Item = Range<usize>> {
    let width = block_width(n);
    (0..p).step_by(width).map(move |from| from..(from + width).min(p))
}

/// Neurons that are read at a time: whole blocks.
pub(crate) fn read_width(n: usize, value_size: usize, read_size: usize) -> usize {
    let width = block_width(n);
    width * (read_size / (n * width * value_size)).max(1)
}

/// Bytes that a pass over stored neurons takes, of values of at most so many bytes: what is read,
/// what is worked on, and the block that is made of it.
pub(crate) fn pass_room((n, p): (usize, usize), value_size: usize, read_size: usize) -> u64 {
    let (read, block) = (read_width(n, value_size, read_size).min(p), block_width(n).min(p));
    (n * (2 * read * value_size + block * size_of::<f64>()) + p * size_of::<f64>()) as u64
}

/// A stored representation, and how it is scaled and centered when it is read.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) source: Arc<dyn StoredNeurons>,
    pub(crate) name: String,
    pub(crate) shape: (usize, usize),
    pub(crate) is_centered: bool,
}

/// What a pass over all neurons tells of them.
pub(crate) struct Overview {
    /// Blocks were multiplied by 2^-exponent, the last ones at least.
    pub(crate) exponent: i64,
    /// The largest magnitude of an entry, for blocks of this exponent.
    pub(crate) largest: f64,
    /// The squared norm of each neuron, likewise.
    pub(crate) squared_norms: Vec<f64>,
    /// A hash of the entries, whatever the exponent.
    pub(crate) hash: u64,
}

/// Where all centered entries are as small as this beside the largest entry, their squares might
/// vanish: the pass is repeated with a scale of their own.
const VANISHING: i64 = -200;

impl Stored {
    /// Gives every block to `visit`, with the exponent by which it is scaled: it rises where a
    /// larger entry is met. [`Step::Start`] comes before the first block, and again where all of
    /// them follow once more in another scale.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotFinite`]; what `visit` answers.
    pub(crate) fn first_pass(&self, mut visit: impl FnMut(Step<'_>) -> Result<(), Error>) -> Result<Overview, Error> {
        visit(Step::Start)?;
        let overview = self.pass(Scale::Rising(None), |block, exponent| visit(Step::Block(block, exponent)))?;
        let inner = left_to_scale(overview.largest);
        if inner > VANISHING {
            return Ok(overview);
        }
        visit(Step::Start)?;
        self.pass(Scale::Known(overview.exponent + inner), |block, exponent| visit(Step::Block(block, exponent)))
    }

    /// Gives every block, times 2^-exponent and centered, to `visit`.
    ///
    /// # Errors
    /// As [`Stored::first_pass`].
    pub(crate) fn each_block(&self, exponent: i64, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.pass(Scale::Known(exponent), |block, _| visit(block)).map(|_| ())
    }

    fn pass(&self, scale: Scale, mut visit: impl FnMut(MatRef<'_, f64>, i64) -> Result<(), Error>) -> Result<Overview, Error> {
        let (n, p) = self.shape;
        let (is_centered, squared_norms) = (self.is_centered, Vec::with_capacity(p));
        let mut seen = Seen { is_centered, scale, at: scale.exponent(), largest: 0.0, squared_norms, hash: 0, not_finite: None };
        let mut room = Columns::unset(n, block_width(n).min(p));
        self.read_all(|neurons, block| {
            for part in blocks(n, neurons.len()) {
                if part.len() < block_width(n).min(p) {
                    room = Columns::unset(n, part.len());
                }
                let first = neurons.start + part.start;
                let row_major = block.is_row_major;
                let finite = match &block.values {
                    NeuronValues::F32(values) => {
                        seen.add(matrix(values, n, row_major).subcols(part.start, part.len()), f64::from, first, &mut room)
                    }
                    NeuronValues::F64(values) => {
                        seen.add(matrix(values, n, row_major).subcols(part.start, part.len()), |value| value, first, &mut room)
                    }
                };
                if finite {
                    visit(room.as_ref(), seen.scale.exponent())?;
                }
            }
            Ok(())
        })?;
        match seen.not_finite {
            Some((row, column, value)) => Err(Error::NotFinite { name: self.name.clone(), row, column, value }),
            None => {
                let Seen { at, largest, squared_norms, hash, .. } = seen;
                Ok(Overview { exponent: at, largest, squared_norms, hash })
            }
        }
    }

    /// Reads all neurons in whole blocks. A thread reads the next ones while these are worked on.
    fn read_all(&self, mut work: impl FnMut(Range<usize>, &NeuronBlock) -> Result<(), Error>) -> Result<(), Error> {
        let (n, p) = self.shape;
        let width = read_width(n, self.source.value_size(), self.source.read_size());
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(0);
            let (give_back, used) = channel::<NeuronBlock>();
            let reader = move || {
                for from in (0..p).step_by(width) {
                    let neurons = from..(from + width).min(p);
                    let block = self.source.read(neurons.clone(), used.try_recv().ok());
                    let failed = block.is_err();
                    // Nobody receives after an error on the other side.
                    if sender.send((neurons, block)).is_err() || failed {
                        return;
                    }
                }
            };
            std::thread::Builder::new().spawn_scoped(scope, reader).map_err(|error| {
                let detail = format!("a thread that reads its neurons cannot be started: {error}");
                Error::Unreadable { name: self.name.clone(), detail }
            })?;
            for (neurons, block) in receiver {
                let block = block?;
                work(neurons, &block)?;
                // After the last block nobody reads any more.
                let _ = give_back.send(block);
            }
            Ok(())
        })
    }
}

/// What a first pass meets.
pub(crate) enum Step<'a> {
    /// The first block comes next, whatever was visited before.
    Start,
    /// A block, and its exponent.
    Block(MatRef<'a, f64>, i64),
}

/// The exponent by which blocks are scaled.
#[derive(Debug, Clone, Copy)]
enum Scale {
    Known(i64),
    /// That of the largest magnitude met so far, before centering.
    Rising(Option<i64>),
}

impl Scale {
    fn exponent(self) -> i64 {
        match self {
            Scale::Known(exponent) => exponent,
            Scale::Rising(exponent) => exponent.unwrap_or(0),
        }
    }
}

fn matrix<T>(values: &[T], n: usize, is_row_major: bool) -> MatRef<'_, T> {
    let width = values.len() / n;
    if is_row_major { MatRef::from_row_major_slice(values, n, width) } else { MatRef::from_column_major_slice(values, n, width) }
}

/// What a pass has seen so far.
struct Seen {
    is_centered: bool,
    scale: Scale,
    /// The exponent for which the following holds.
    at: i64,
    largest: f64,
    squared_norms: Vec<f64>,
    hash: u64,
    /// The first entry, in row-major order, that is not finite.
    not_finite: Option<(usize, usize, f64)>,
}

impl Seen {
    /// Fills the room with a block, scaled and centered; false where an entry of it is not finite.
    fn add<T: Copy + Sync>(&mut self, raw: MatRef<'_, T>, widen: impl Fn(T) -> f64 + Sync, first: usize, room: &mut Columns<f64>) -> bool {
        let largest = room.fill(
            raw,
            (1.0, 1.0),
            widen,
            #[inline(always)]
            |column| largest_of_slice(column),
        );
        let largest = largest.into_iter().max_by(f64::total_cmp).unwrap_or(0.0);
        if !largest.is_finite() {
            self.note(room.as_ref(), first);
            return false;
        }
        let outer = exponent(largest);
        if let Scale::Rising(known) = &mut self.scale
            && largest > 0.0
        {
            *known = Some(known.map_or(outer, |known| known.max(outer)));
        }
        let to = self.scale.exponent();
        // Centered near its own scale: squares of entries neither overflow nor vanish there.
        let near = if largest == 0.0 || (to - outer).abs() <= -VANISHING { to } else { outer };
        let (before, after) = (factors(-near), factors(near - to));
        let is_centered = self.is_centered;
        let facts = room.as_mut().par_col_iter_mut().map(|column| {
            let column = slice_mut(column);
            vectorised(
                #[inline(always)]
                || {
                    scale(column, before.0, before.1);
                    let mut facts = center_and_scan(column, is_centered);
                    if near != to {
                        // Digits of what was below the normal range change.
                        scale(column, after.0, after.1);
                        (facts.largest, facts.hash) = largest_and_hash(column);
                        facts.squared_norm = sum_of_squares(column);
                    }
                    facts
                },
            )
        });
        let facts: Vec<ColumnStats> = facts.collect();
        self.move_to(to);
        self.largest = largest_of(&facts).max(self.largest);
        self.hash = facts.iter().fold(self.hash, |hash, neuron| mixed(hash ^ neuron.hash));
        self.squared_norms.extend(facts.iter().map(|neuron| neuron.squared_norm));
        true
    }

    /// Looks for the first entry that is not finite in a block of neurons from `first` on.
    fn note(&mut self, block: MatRef<'_, f64>, first: usize) {
        let of_row = |row: usize| (0..block.ncols()).find(|&column| !block[(row, column)].is_finite()).map(|column| (row, column));
        if let Some((row, column)) = (0..block.nrows()).find_map(of_row) {
            let found = (row, first + column, block[(row, column)]);
            if self.not_finite.is_none_or(|(known_row, known_column, _)| (found.0, found.1) < (known_row, known_column)) {
                self.not_finite = Some(found);
            }
        }
    }

    /// Scales what was seen for another exponent.
    fn move_to(&mut self, exponent: i64) {
        if exponent != self.at {
            let (a, b) = factors((self.at - exponent).clamp(-2000, 2000));
            self.largest = self.largest * a * b;
            // One factor after the other: a first block of zeros may be far from the scale of the
            // next.
            self.squared_norms.iter_mut().for_each(|norm| *norm = *norm * a * b * a * b);
            self.at = exponent;
        }
    }
}
