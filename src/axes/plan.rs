//! From a tensor to a matrix of examples by neurons.

use std::ops::Range;
use std::sync::Arc;

use super::letters::{Axes, Axis};
use super::mask::{Kept, Mask};
use super::pool;
use super::problem::{MaskError, Problem};
use super::rows::RowChoice;
use super::spatial::Spatial;
use crate::positions::Positions;

/// How tensors become matrices, as a person says it.
#[derive(Debug, Clone, Default)]
pub struct Arrangement {
    /// What axes count, for tensors of each number of axes. Vectors and matrices need no name:
    /// examples come first.
    pub axes: Vec<Axes>,
    /// What becomes of positions.
    pub spatial: Option<Spatial>,
    /// Positions that are padding.
    pub mask: Option<Mask>,
    /// The examples that are taken; all of them unless given.
    pub rows: Option<RowChoice>,
}

impl Arrangement {
    /// The name for a tensor with so many axes.
    pub fn axes_of(&self, count: usize) -> Option<&Axes> {
        self.axes.iter().find(|axes| axes.axes().len() == count)
    }

    /// The matrix, n x p and row-major, that the values of a tensor of this shape, row-major,
    /// become; and what was decided, in words.
    ///
    /// # Errors
    /// [`Problem`], and [`Problem::Empty`] for a tensor without values.
    ///
    /// # Panics
    /// When there are not as many values as the shape says.
    pub fn arrange(&self, shape: &[usize], values: Vec<f64>) -> Result<Arranged, Problem> {
        if shape.is_empty() || shape.contains(&0) {
            return Err(Problem::Empty { shape: shape.to_vec() });
        }
        assert_eq!(shape.iter().product::<usize>(), values.len(), "values of a tensor of shape {shape:?}");
        let plan = Plan::new(shape, Some(self), None)?;
        let (n, p) = plan.shape();
        let (examples, words) = (plan.examples(), plan.words().map(str::to_owned));
        Ok(Arranged { n, p, examples, values: plan.arrange_whole(values), words })
    }
}

/// A matrix of examples by neurons that a tensor became.
#[derive(Debug, Clone, PartialEq)]
pub struct Arranged {
    /// Rows.
    pub n: usize,
    /// Neurons.
    pub p: usize,
    /// Examples of the tensor that were taken: as many as rows, but where positions are examples.
    pub examples: usize,
    /// Row-major.
    pub values: Vec<f64>,
    /// What was decided: the axes, what became of positions, the padding, the rows; none where
    /// nothing was.
    pub words: Option<String>,
}

/// What becomes of the values of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// All of them, as they stand.
    Keep,
    /// One of each feature.
    Pool(Spatial),
    /// As many rows as positions that count.
    Positions,
}

/// How one tensor, without its axis of layers, becomes a matrix.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The lengths of the tensor's axes, but for that of layers.
    lengths: Vec<usize>,
    example_axis: usize,
    how: How,
    /// Where the values of an example stand among each other, for every feature and position.
    features: Vec<usize>,
    positions: Vec<usize>,
    kept: Option<Arc<Kept>>,
    rows: Option<Arc<[usize]>>,
    /// Rows of the matrix before every example, where examples have different numbers.
    row_starts: Option<Vec<usize>>,
    shape: (usize, usize),
    words: Option<String>,
}

impl Plan {
    /// The plan for a tensor of this shape, whose axes have no length 0; `sliced` where one of its
    /// axes is that of layers, of which one is taken.
    pub(crate) fn new(shape: &[usize], how: Option<&Arrangement>, sliced: Option<usize>) -> Result<Self, Problem> {
        let default = Arrangement::default();
        let arrangement = how.unwrap_or(&default);
        let named = arrangement.axes_of(shape.len());
        let roles = roles(shape, named, arrangement)?;
        if let (Some(axes), None) = (named.filter(|axes| axes.layer_axis().is_some()), sliced) {
            return Err(Problem::WholeStack { shape: shape.to_vec(), axes: axes.to_string() });
        }
        let (lengths, roles): (Vec<usize>, Vec<Axis>) =
            (0..shape.len()).filter(|axis| Some(*axis) != sliced).map(|axis| (shape[axis], roles[axis])).unzip();
        let example_axis = roles.iter().position(|role| *role == Axis::Examples).unwrap_or(0);
        let stored = lengths[example_axis];

        let rest: Vec<usize> = (0..lengths.len()).filter(|&axis| axis != example_axis).collect();
        let too_large = || Problem::TooLarge { shape: shape.to_vec() };
        let product =
            |axes: &[usize]| axes.iter().try_fold(1_usize, |product, &axis| product.checked_mul(lengths[axis])).ok_or_else(too_large);
        let mut positions: Vec<usize> = rest.iter().copied().filter(|&axis| roles[axis].rank().is_some()).collect();
        positions.sort_by_key(|&axis| roles[axis].rank());
        let features: Vec<usize> = rest.iter().copied().filter(|&axis| roles[axis].rank().is_none()).collect();
        let (count, width, example) = (product(&positions)?, product(&features)?, product(&rest)?);
        if count > 1 && arrangement.spatial.is_none() {
            let axes = named.map_or(String::new(), Axes::to_string);
            return Err(Problem::Unpooled { shape: shape.to_vec(), axes, positions: count });
        }
        let rows = arrangement.rows.as_ref().map(|rows| rows.resolve(stored)).transpose()?;
        // Padding is among positions: of a tensor that has none, a mask says nothing.
        let mask = arrangement.mask.as_ref().filter(|_| !positions.is_empty());
        if let Some(mask) = mask {
            mask.require(stored, count, rows.as_deref())?;
        }

        // Rows of positions that stand in the file as they are asked for need not be moved.
        let in_order = positions.iter().chain(&features).is_sorted();
        let how = match arrangement.spatial {
            _ if count == 1 => How::Keep,
            Some(Spatial::Flatten) | None => How::Keep,
            Some(Spatial::Positions) => How::Positions,
            Some(pooled) => How::Pool(pooled),
        };
        if let (Some(mask), Some(Spatial::Flatten), true) = (mask, arrangement.spatial, count > 1) {
            return Err(MaskError::Flattened { mask: mask.name().to_owned() }.into());
        }
        let kept = mask.map(|mask| mask.kept().clone());
        let n = rows.as_ref().map_or(stored, |rows| rows.len());
        let example_of = |row: usize| rows.as_ref().map_or(row, |rows| rows[row]);
        let count_of = |row: usize| kept.as_ref().map_or(count, |kept| kept.of(example_of(row)).len());
        if let How::Pool(Spatial::Token(token)) = how
            && let Some(row) = (0..n).find(|&row| count_of(row) <= token)
        {
            return Err(MaskError::NoSuchToken { token, example: example_of(row), positions: count_of(row) }.into());
        }
        let mut row_starts = None;
        let shape_of_matrix = match how {
            How::Keep => (n, example),
            How::Pool(_) => (n, width),
            How::Positions if kept.is_none() => (n.checked_mul(count).ok_or_else(too_large)?, width),
            How::Positions => {
                let mut starts = vec![0];
                (0..n).for_each(|row| starts.push(starts[row] + count_of(row)));
                let rows = starts[n];
                row_starts = Some(starts);
                (rows, width)
            }
        };
        let words = words(named, arrangement, mask, count, stored);
        let strides = strides(&rest.iter().map(|&axis| lengths[axis]).collect::<Vec<_>>());
        let stride = |axis: usize| strides[rest.iter().position(|&other| other == axis).unwrap_or(0)];
        let offsets = |axes: &[usize]| offsets(&axes.iter().map(|&axis| (lengths[axis], stride(axis))).collect::<Vec<_>>());
        let moves = how != How::Keep && !(how == How::Positions && in_order && kept.is_none());
        let (features, positions) = if moves { (offsets(&features), offsets(&positions)) } else { (Vec::new(), Vec::new()) };
        Ok(Self { lengths, example_axis, how, features, positions, kept, rows, row_starts, shape: shape_of_matrix, words })
    }

    /// Examples and neurons (n, p) of the matrix.
    pub(crate) fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// The rows of the matrix before each chosen example, and all rows.
    pub(crate) fn row_starts(&self) -> Vec<usize> {
        let examples = self.examples();
        let each = self.shape.0 / examples;
        self.row_starts.clone().unwrap_or_else(|| (0..=examples).map(|example| example * each).collect())
    }

    /// What was decided, in words; none where nothing was.
    pub(crate) fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }

    /// Whether an example's values stand together, after those of the example before.
    pub(crate) fn is_by_example(&self) -> bool {
        self.example_axis == 0
    }

    /// Why the neurons of the matrix are not elements of the tensor; none where they are.
    pub(crate) fn moved(&self) -> Option<&'static str> {
        match self.how {
            How::Keep => None,
            How::Pool(_) => Some("its neurons are computed over positions"),
            How::Positions => Some("its examples are positions"),
        }
    }

    /// How many rows of the matrix an example has.
    pub(crate) fn positions(&self) -> Positions {
        let n = self.shape.0;
        match (&self.row_starts, self.how) {
            (Some(starts), How::Positions) if starts.windows(2).all(|pair| pair[1] - pair[0] == starts[1] - starts[0]) => {
                Positions::Each(starts[1] - starts[0])
            }
            (Some(_), How::Positions) => Positions::Unequal,
            (None, How::Positions) if n > self.examples() => Positions::Each(n / self.examples()),
            _ => Positions::None,
        }
    }

    /// The chosen examples that hold these rows of the matrix, and the first row of the first of
    /// them.
    pub(crate) fn examples_of(&self, rows: Range<usize>) -> (Range<usize>, usize) {
        if let Some(starts) = &self.row_starts {
            let first = starts.partition_point(|&start| start <= rows.start) - 1;
            let end = starts.partition_point(|&start| start < rows.end);
            return (first..end, starts[first]);
        }
        let each = match self.how {
            How::Positions => self.shape.0 / self.rows.as_ref().map_or(self.lengths[self.example_axis], |rows| rows.len()),
            _ => 1,
        };
        let first = rows.start / each;
        (first..rows.end.div_ceil(each), first * each)
    }

    /// The numbers in the file of these chosen examples, as ranges of neighbours.
    pub(crate) fn stored(&self, examples: Range<usize>) -> Vec<Range<usize>> {
        let Some(rows) = &self.rows else { return vec![examples] };
        rows[examples].chunk_by(|a, b| *b == *a + 1).map(|run| run[0]..run[0] + run.len()).collect()
    }

    /// The number of chosen examples.
    pub(crate) fn examples(&self) -> usize {
        self.rows.as_ref().map_or(self.lengths[self.example_axis], |rows| rows.len())
    }

    /// The matrix, row-major, of a whole tensor's values, row-major.
    pub(crate) fn arrange_whole(&self, values: Vec<f64>) -> Vec<f64> {
        let values = self.examples_first(values);
        let chosen = match &self.rows {
            None => values,
            Some(rows) => {
                let example = values.len() / self.lengths[self.example_axis];
                rows.iter().flat_map(|row| &values[row * example..(row + 1) * example]).copied().collect()
            }
        };
        self.arrange(chosen, 0..self.examples())
    }

    /// The rows of the matrix that these chosen examples become; `values` are theirs, an example
    /// after the other. In place, as the tensor may be as large as the memory.
    pub(crate) fn arrange(&self, mut values: Vec<f64>, examples: Range<usize>) -> Vec<f64> {
        if self.features.is_empty() {
            return values;
        }
        let all: Vec<u32> = (0..self.positions.len() as u32).collect();
        let length = values.len() / examples.len();
        let mut example_values = vec![0.0; length];
        let mut channel = Vec::with_capacity(self.positions.len());
        let mut end = 0;
        for (place, row) in examples.enumerate() {
            // What an example becomes is no longer than the example.
            example_values.copy_from_slice(&values[place * length..(place + 1) * length]);
            let example = self.rows.as_ref().map_or(row, |rows| rows[row]);
            let kept = self.kept.as_ref().map_or(all.as_slice(), |kept| kept.of(example));
            let at = |position: u32| self.positions[position as usize];
            match self.how {
                How::Pool(pooled) => {
                    for &feature in &self.features {
                        channel.clear();
                        channel.extend(kept.iter().map(|&position| example_values[at(position) + feature]));
                        values[end] = match pooled {
                            Spatial::Max => pool::max(&channel),
                            Spatial::First => channel[0],
                            Spatial::Last => channel[channel.len() - 1],
                            Spatial::Token(token) => channel[token],
                            Spatial::Mean | Spatial::Flatten | Spatial::Positions => pool::mean(&channel),
                        };
                        end += 1;
                    }
                }
                How::Positions | How::Keep => {
                    for &position in kept {
                        for &feature in &self.features {
                            values[end] = example_values[at(position) + feature];
                            end += 1;
                        }
                    }
                }
            }
        }
        values.truncate(end);
        values
    }

    /// Values with the axis of examples moved to the front.
    fn examples_first(&self, values: Vec<f64>) -> Vec<f64> {
        let n = self.lengths[self.example_axis];
        let outer: usize = self.lengths[..self.example_axis].iter().product();
        if outer == 1 {
            return values;
        }
        let inner: usize = self.lengths[self.example_axis + 1..].iter().product();
        let mut moved = Vec::with_capacity(values.len());
        for example in 0..n {
            for block in 0..outer {
                moved.extend_from_slice(&values[(block * n + example) * inner..][..inner]);
            }
        }
        moved
    }
}

/// What every axis counts: as named, or as nobody can doubt it.
fn roles(shape: &[usize], named: Option<&Axes>, arrangement: &Arrangement) -> Result<Vec<Axis>, Problem> {
    if let Some(axes) = named {
        return Ok(axes.axes().to_vec());
    }
    // Axes of length 1 behind the first count nothing.
    if shape.iter().skip(1).filter(|&&length| length > 1).count() > 1 {
        let given = arrangement.axes.iter().map(Axes::to_string).collect();
        return Err(Problem::Unnamed { shape: shape.to_vec(), given });
    }
    Ok((0..shape.len()).map(|axis| if axis == 0 { Axis::Examples } else { Axis::Features('d') }).collect())
}

/// The elements between neighbours along every axis, of a row-major tensor.
fn strides(lengths: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; lengths.len()];
    for axis in (1..lengths.len()).rev() {
        strides[axis - 1] = strides[axis] * lengths[axis];
    }
    strides
}

/// Where the elements along axes of these lengths and strides stand, the last axis fastest.
fn offsets(axes: &[(usize, usize)]) -> Vec<usize> {
    axes.iter().fold(vec![0], |outer, &(length, stride)| {
        outer.iter().flat_map(|start| (0..length).map(move |index| start + index * stride)).collect()
    })
}

/// What was decided: the axes, what became of positions, the padding, the rows.
fn words(named: Option<&Axes>, arrangement: &Arrangement, mask: Option<&Mask>, positions: usize, n: usize) -> Option<String> {
    let mut words = Vec::new();
    words.extend(named.map(|axes| format!("axes {axes}")));
    if let (Some(spatial), true) = (arrangement.spatial, positions > 1) {
        words.push(format!("spatial {spatial}"));
    }
    words.extend(mask.map(Mask::words));
    words.extend(arrangement.rows.as_ref().map(|rows| format!("rows {} of {n}", rows.text())));
    if words.is_empty() { None } else { Some(words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_in_memory_becomes_the_matrix_that_one_in_a_file_does() {
        let arrangement = Arrangement { axes: vec!["ncl".parse().unwrap()], spatial: Some(Spatial::Mean), ..Arrangement::default() };
        let values = (0..12).map(f64::from).collect::<Vec<_>>();
        let arranged = arrangement.arrange(&[2, 2, 3], values.clone()).unwrap();
        let words = Some("axes ncl, spatial mean".to_owned());
        assert_eq!(arranged, Arranged { n: 2, p: 2, examples: 2, values: vec![1.0, 4.0, 7.0, 10.0], words });
        let positions = Arrangement { spatial: Some(Spatial::Positions), ..arrangement };
        let arranged = positions.arrange(&[2, 2, 3], values).unwrap();
        assert_eq!((arranged.n, arranged.p, arranged.examples, &arranged.values[..4]), (6, 2, 2, &[0.0, 3.0, 1.0, 4.0][..]));
        for shape in [vec![], vec![2, 0]] {
            assert_eq!(Arrangement::default().arrange(&shape, Vec::new()), Err(Problem::Empty { shape }));
        }
    }
}
