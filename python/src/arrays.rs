//! NumPy arrays as representations, without a copy.

use faer::MatRef;
use numpy::{PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use similitude::Representation;

use crate::{InputError, raised};

/// An array of float64 as a representation that looks at its memory, whatever its strides.
///
/// # Errors
/// `InputError` for an entry that is not finite, and for strides that are no multiple of a value.
pub fn representation<'a>(name: &'a str, array: &'a PyReadonlyArray2<'_, f64>) -> PyResult<Representation<'a>> {
    Representation::from_view(name, view(name, array)?).map_err(|error| raised(&error))
}

fn view<'a>(name: &str, array: &'a PyReadonlyArray2<'_, f64>) -> PyResult<MatRef<'a, f64>> {
    let (shape, strides) = (array.shape(), array.strides());
    let size = size_of::<f64>() as isize;
    if strides.iter().any(|stride| stride % size != 0) || !array.data().is_aligned() {
        return Err(InputError::new_err(format!(
            "{name}: its values do not stand at multiples of 8 bytes; numpy.ascontiguousarray mends that"
        )));
    }
    if shape[0] == 0 || shape[1] == 0 {
        return Err(InputError::new_err(format!("{name}: an array of {} x {} holds nothing", shape[0], shape[1])));
    }
    // SAFETY: NumPy keeps shape[0] x shape[1] values at these strides, and the borrow keeps the array
    // alive and, within this process, unchanged by other borrowers.
    Ok(unsafe { MatRef::from_raw_parts(array.data(), shape[0], shape[1], strides[0] / size, strides[1] / size) })
}
