//! A tensor as read: shape, element type, and values in row-major order.

use super::element::{ElementType, Unrepresentable};
use super::error::Error;
use super::place::Place;
use super::reading::Reading;
use crate::axes::{self, Plan};
use crate::representation::Representation;

/// A tensor read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its name in the archive; the file's name without extension where the file holds one unnamed
    /// tensor.
    pub name: String,
    /// The length of every axis: at least one axis, and none of length 0.
    pub shape: Vec<usize>,
    /// The type of the elements in the file; `F64` for csv.
    pub element: ElementType,
    /// The elements, widened exactly, in row-major order: the last axis is contiguous.
    pub values: Vec<f64>,
}

impl Tensor {
    /// The tensor as a representation called `name`, and what was decided, in words; `place` is
    /// what errors say.
    pub(super) fn into_representation(
        self,
        name: String,
        place: &Place,
        reading: Option<&Reading>,
    ) -> Result<(Representation<'static>, Option<String>), Error> {
        let plan = plan(place, &self.shape, reading, None)?;
        let (n, p) = plan.shape();
        let representation = Representation::from_row_major(name, n, p, plan.arrange_whole(self.values))
            .map(|representation| representation.with_positions(plan.positions()))
            .map_err(|source| Error::Representation { place: place.clone(), source: Box::new(source) })?;
        Ok((representation, plan.words().map(str::to_owned)))
    }
}

/// One layer of a stack: an index along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) axis: usize,
    pub(super) index: usize,
}

impl Slice {
    /// The layer's values of a whole tensor's.
    pub(super) fn take(self, shape: &[usize], values: &[f64]) -> Vec<f64> {
        let (outer, inner): (usize, usize) = (shape[..self.axis].iter().product(), shape[self.axis + 1..].iter().product());
        let block = inner * shape[self.axis];
        (0..outer).flat_map(|o| &values[o * block + self.index * inner..][..inner]).copied().collect()
    }
}

/// How a tensor of this shape becomes a matrix.
pub(super) fn plan(place: &Place, shape: &[usize], reading: Option<&Reading>, slice: Option<Slice>) -> Result<Plan, Error> {
    Plan::new(shape, reading.map(|reading| &reading.tensors), slice.map(|slice| slice.axis)).map_err(|problem| match problem {
        axes::Problem::TooLarge { shape } => Error::TooLarge { place: place.clone(), shape },
        problem => Error::Axes { place: place.clone(), problem },
    })
}

/// NumPy's own limit: more axes are nobody's activations, and a file may declare thousands.
const MOST_AXES: usize = 64;

/// The number of elements of `shape`, which must have an axis, and none of length 0.
pub(super) fn element_count(place: &Place, shape: &[usize]) -> Result<usize, Error> {
    if shape.is_empty() {
        return Err(Error::NoAxes { place: place.clone() });
    }
    if shape.len() > MOST_AXES {
        return Err(Error::AxesCount { place: place.clone(), axes: shape.len(), most: MOST_AXES });
    }
    if shape.contains(&0) {
        return Err(Error::EmptyTensor { place: place.clone(), shape: shape.to_vec() });
    }
    let count = shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
    count.ok_or_else(|| Error::TooLarge { place: place.clone(), shape: shape.to_vec() })
}

/// Room for `count` values, or an error where the allocator would end the program: the count comes
/// from a file's header.
pub(super) fn reserve(place: &Place, shape: &[usize], count: usize) -> Result<Vec<f64>, Error> {
    let mut values = Vec::new();
    match values.try_reserve_exact(count) {
        Ok(()) => Ok(values),
        Err(_) => Err(Error::TooLarge { place: place.clone(), shape: shape.to_vec() }),
    }
}

/// The order in which a file stores the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The last axis is contiguous.
    RowMajor,
    /// The first axis is contiguous (Fortran order).
    ColumnMajor,
}

/// The error for the element number `stored` in the file's order.
pub(super) fn not_widened(
    place: &Place,
    element: ElementType,
    shape: &[usize],
    order: Order,
    stored: usize,
    bad: Unrepresentable,
) -> Error {
    let index = index_of(stored + bad.offset, shape, order);
    match element {
        ElementType::Bool => Error::damaged(place, format_args!("a boolean is stored as 0 or 1; found {} at index {index:?}", bad.value)),
        _ => Error::InexactInteger { place: place.clone(), index, value: bad.value },
    }
}

/// The index along every axis of the element number `stored`.
fn index_of(mut stored: usize, shape: &[usize], order: Order) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    let mut visit = |axis: usize| {
        index[axis] = stored % shape[axis];
        stored /= shape[axis];
    };
    match order {
        Order::RowMajor => (0..shape.len()).rev().for_each(&mut visit),
        Order::ColumnMajor => (0..shape.len()).for_each(&mut visit),
    }
    index
}

/// Values stored with the first axis contiguous, put into row-major order.
pub(super) fn from_column_major(place: &Place, shape: &[usize], stored: Vec<f64>) -> Result<Vec<f64>, Error> {
    // With at most one axis longer than 1 the two orders are the same.
    if shape.iter().filter(|&&length| length > 1).count() <= 1 {
        return Ok(stored);
    }
    let mut values = reserve(place, shape, stored.len())?;
    let strides: Vec<usize> = shape
        .iter()
        .scan(1, |product, &length| {
            let stride = *product;
            *product *= length;
            Some(stride)
        })
        .collect();
    let last = shape.len() - 1;
    let mut index = vec![0; shape.len()];
    let mut offset = 0;
    while values.len() < stored.len() {
        values.extend(stored[offset..].iter().step_by(strides[last]).take(shape[last]));
        for axis in (0..last).rev() {
            index[axis] += 1;
            offset += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            offset -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    Ok(values)
}
