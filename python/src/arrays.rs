//! NumPy arrays as representations, without a copy.

use faer::MatRef;
use numpy::{Element, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use similitude::io::{Arrangement, Axes, Mask, RowChoice, Rows};
use similitude::{Error, Representation};

use crate::errors::{InputError, raised, unusable};

/// A matrix that a computation looks at: it is kept alive until the computation ends.
pub struct Held {
    _array: Py<PyAny>,
    view: View,
    stands: Stands,
}

/// What the entries are.
#[derive(Clone, Copy)]
enum Stands {
    Examples,
    /// A kernel between examples.
    Kernel,
    /// Dissimilarities between examples.
    Dissimilarities,
}

/// The memory of an array, whatever its strides.
#[derive(Clone, Copy)]
pub enum View {
    F32(MatRef<'static, f32>),
    F64(MatRef<'static, f64>),
}

impl Held {
    /// The memory of an array of two axes, float32 or float64; of a copy, where its values do not
    /// stand at multiples of their size (in a structured array, or in what came over a network).
    ///
    /// A matrix between examples holds its own.
    ///
    /// # Errors
    /// `InputError` for an array without values.
    pub fn new(name: &str, array: &Bound<'_, PyAny>) -> PyResult<Self> {
        let view = match array.cast::<PyArray2<f64>>() {
            Ok(array) => view(name, array)?.map(View::F64),
            Err(_) => match array.cast::<PyArray2<f32>>() {
                Ok(array) => view(name, array)?.map(View::F32),
                Err(error) => {
                    let between = [("_kernel_matrix", Stands::Kernel), ("_dissimilarities", Stands::Dissimilarities)];
                    for (attribute, stands) in between {
                        if let Ok(entries) = array.getattr(attribute) {
                            return Ok(Self { stands, ..Self::new(name, &entries)? });
                        }
                    }
                    return Err(error.into());
                }
            },
        };
        match view {
            Some(view) => Ok(Self { _array: array.clone().unbind(), view, stands: Stands::Examples }),
            None => Self::new(name, &array.call_method0("copy")?),
        }
    }

    /// Examples and neurons.
    pub fn shape(&self) -> (usize, usize) {
        match self.view {
            View::F32(view) => view.shape(),
            View::F64(view) => view.shape(),
        }
    }

    /// Examples and neurons; none of a matrix between examples.
    pub fn examples(&self) -> Option<(usize, usize)> {
        matches!(self.stands, Stands::Examples).then(|| self.shape())
    }

    /// The representation: it looks at the memory of a float64 array, and holds the widened values
    /// of a float32 one.
    ///
    /// # Errors
    /// For an entry that is not finite, and too few examples.
    pub fn representation<'a>(&'a self, name: &'a str) -> Result<Representation<'a>, Error> {
        let representation = match self.view {
            View::F64(view) => match in_one(view) {
                Some(values) => Representation::from_row_major(name, view.nrows(), view.ncols(), values),
                None => Representation::from_view(name, view),
            },
            View::F32(view) => {
                let (n, p) = view.shape();
                let values = (0..n).flat_map(|row| (0..p).map(move |column| f64::from(view[(row, column)])));
                Representation::from_row_major(name, n, p, values.collect::<Vec<f64>>())
            }
        }?;
        match self.stands {
            Stands::Examples => Ok(representation),
            Stands::Kernel => representation.into_gram(),
            Stands::Dissimilarities => representation.into_rdm(),
        }
    }

    pub fn view(&self) -> View {
        self.view
    }
}

/// The values of a matrix whose rows follow each other without a gap, as arrays of NumPy mostly do:
/// one line is looked at sooner than many short ones.
fn in_one(view: MatRef<'_, f64>) -> Option<&[f64]> {
    let (n, p) = view.shape();
    let follow = view.col_stride() == 1 && view.row_stride() == p as isize;
    // SAFETY: n p values lie from the first one on, as long as the view does.
    follow.then(|| unsafe { std::slice::from_raw_parts(view.as_ptr(), n * p) })
}

/// The matrix at the memory of an array; none where its values do not stand at multiples of their
/// size.
fn view<T: Element>(name: &str, array: &Bound<'_, PyArray2<T>>) -> PyResult<Option<MatRef<'static, T>>> {
    let (shape, strides) = (array.shape(), array.strides());
    let size = size_of::<T>() as isize;
    if shape[0] == 0 || shape[1] == 0 {
        return Err(InputError::new_err(format!("{name}: an array of {} x {} holds nothing", shape[0], shape[1])));
    }
    if strides.iter().any(|stride| stride % size != 0) || !array.data().is_aligned() {
        return Ok(None);
    }
    // SAFETY: NumPy keeps shape[0] x shape[1] values at these strides as long as the array lives,
    // and `Held` keeps it alive.
    Ok(Some(unsafe { MatRef::from_raw_parts(array.data().cast_const(), shape[0], shape[1], strides[0] / size, strides[1] / size) }))
}

/// How arrays and tensors of files become matrices of examples x neurons.
#[pyclass(frozen, name = "Arrangement", module = "similitude._similitude")]
pub struct PyArrangement(pub Arrangement);

#[pymethods]
impl PyArrangement {
    #[new]
    #[pyo3(signature = (axes=None, spatial=None, mask=None, lengths=None, rows=None, sample=None, seed=0))]
    fn new(
        axes: Option<&str>,
        spatial: Option<&str>,
        mask: Option<PyReadonlyArrayDyn<'_, f64>>,
        lengths: Option<PyReadonlyArrayDyn<'_, f64>>,
        rows: Option<&Bound<'_, PyAny>>,
        sample: Option<usize>,
        seed: u64,
    ) -> PyResult<Self> {
        let axes = axes.map(Axes::parse_list).transpose().map_err(unusable)?.unwrap_or_default();
        let spatial = spatial.map(str::parse).transpose().map_err(unusable)?;
        let values = |array: &PyReadonlyArrayDyn<'_, f64>| -> PyResult<Vec<f64>> { Ok(array.as_slice()?.to_vec()) };
        let mask = match (mask, lengths) {
            (Some(_), Some(_)) => return Err(InputError::new_err("mask= and lengths= say the same thing: one of them can be given")),
            (Some(mask), None) => Some(Mask::from_mask("mask", mask.shape(), &values(&mask)?).map_err(unusable)?),
            (None, Some(lengths)) => Some(Mask::from_lengths("lengths", lengths.shape(), &values(&lengths)?).map_err(unusable)?),
            (None, None) => None,
        };
        let rows = match (rows, sample) {
            (Some(_), Some(_)) => return Err(InputError::new_err("rows= and sample= say the same thing: one of them can be given")),
            (Some(rows), None) => Some(choice(rows)?),
            (None, sample) => sample.map(|count| RowChoice::sample(count, seed)),
        };
        Ok(Self(Arrangement { axes, spatial, mask, rows }))
    }

    /// The matrix that an array of any number of axes becomes, what was decided, in words, and the
    /// number of its examples.
    fn arrange<'py>(
        &self,
        python: Python<'py>,
        name: &str,
        array: PyReadonlyArrayDyn<'py, f64>,
    ) -> PyResult<(Bound<'py, PyArray2<f64>>, Option<String>, usize)> {
        let (shape, values) = (array.shape().to_vec(), array.as_slice()?.to_vec());
        let arranged = python.detach(|| self.0.arrange(&shape, values)).map_err(|problem| unusable(format!("{name}: {problem}")))?;
        Ok((PyArray1::from_vec(python, arranged.values).reshape([arranged.n, arranged.p])?, arranged.words, arranged.examples))
    }
}

/// Rows as a text of ranges, numbers, or flags.
fn choice(rows: &Bound<'_, PyAny>) -> PyResult<RowChoice> {
    if let Ok(text) = rows.extract::<String>() {
        let wrong = || InputError::new_err(format!("rows={text:?}: ranges are written 0:5000, ::10 or 0:100,200:300"));
        return RowChoice::ranges(&text).ok_or_else(wrong);
    }
    let rows = if let Ok(flags) = rows.extract::<Vec<bool>>() { Rows::Flags(flags) } else { Rows::Numbers(rows.extract()?) };
    Ok(RowChoice::new("as given", rows))
}

/// The exception for a representation that cannot be used.
pub fn refused<T>(result: Result<T, Error>) -> PyResult<T> {
    result.map_err(|error| raised(&error))
}
