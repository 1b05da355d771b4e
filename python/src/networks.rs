//! Networks: arrays in memory, or files.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use pyo3::prelude::*;
use similitude::Representation;
use similitude::io::{self, Opening, Reading};
use similitude::sweep::{Error, Layers, StoredLayers};

use crate::arrays::{Held, PyArrangement, View};
use crate::errors::{InputError, unusable};

/// The layers of one network.
#[pyclass(frozen, name = "Network", module = "similitude._similitude")]
pub struct PyNetwork(pub Arc<dyn Layers + Send>, Vec<String>);

#[pymethods]
impl PyNetwork {
    /// Layers that are arrays of examples x neurons, float32 or float64.
    #[staticmethod]
    fn of_arrays(name: String, layers: Vec<(String, Bound<'_, PyAny>)>) -> PyResult<Self> {
        if layers.is_empty() {
            return Err(InputError::new_err(format!("{name} holds no layer")));
        }
        let held = |(layer, array): &(String, Bound<'_, PyAny>)| Held::new(&format!("{name}[{layer:?}]"), array);
        let arrays = layers.iter().map(held).collect::<PyResult<Vec<_>>>()?;
        let names: Vec<String> = layers.into_iter().map(|(layer, _)| layer).collect();
        let sources = names.iter().map(|layer| format!("{name}[{layer:?}]")).collect();
        Ok(Self(Arc::new(Arrays { name, names, sources, arrays }), Vec::new()))
    }

    /// Layers in an archive or a directory, each read when it is needed.
    #[staticmethod]
    fn of_path(
        python: Python<'_>,
        path: String,
        layers: Option<Vec<String>>,
        exclude: Vec<String>,
        layer_order: &str,
        arrangement: &PyArrangement,
    ) -> PyResult<Self> {
        let file_order = match layer_order {
            "names" => false,
            "file" => true,
            other => return Err(InputError::new_err(format!("layer_order={other:?}: names or file are possible"))),
        };
        let opening = Opening { layers, exclude, file_order, pieces: None };
        let reading = Reading { tensors: arrangement.0.clone(), ..Reading::default() };
        let network = python.detach(|| io::Network::open_with(path, &opening, Some(&reading))).map_err(unusable)?;
        let unmatched = network.unmatched_exclusions().to_vec();
        Ok(Self(Arc::new(StoredLayers::new(network, Some(reading))), unmatched))
    }

    /// The network's name.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// What was to be left out of a file and is not there.
    #[getter]
    fn unmatched(&self) -> Vec<String> {
        self.1.clone()
    }

    /// What was decided of the axes of each layer of a file, in words.
    fn readings(&self, python: Python<'_>) -> PyResult<Vec<Option<String>>> {
        python.detach(|| (0..self.0.layer_names().len()).map(|layer| self.0.convention(layer).map_err(unusable)).collect())
    }

    /// The layers: name, examples and neurons of each.
    fn layers(&self, python: Python<'_>) -> PyResult<Vec<(String, usize, usize)>> {
        let shape = |(layer, name): (usize, &String)| self.0.shape(layer).map(|(n, p)| (name.clone(), n, p)).map_err(unusable);
        python.detach(|| self.0.layer_names().iter().enumerate().map(shape).collect())
    }
}

/// Arrays of Python, looked at where they stand.
struct Arrays {
    name: String,
    names: Vec<String>,
    sources: Vec<String>,
    arrays: Vec<Held>,
}

impl Layers for Arrays {
    fn name(&self) -> &str {
        &self.name
    }

    fn layer_names(&self) -> &[String] {
        &self.names
    }

    fn shape(&self, layer: usize) -> Result<(usize, usize), Error> {
        Ok(self.arrays[layer].shape())
    }

    fn source(&self, layer: usize) -> String {
        self.sources[layer].clone()
    }

    fn load(&self, layer: usize) -> Result<Cow<'_, Representation<'_>>, Error> {
        Ok(Cow::Owned(self.arrays[layer].representation(&self.sources[layer])?))
    }

    fn require_rows(&self, _layer: usize) -> Result<(), Error> {
        Ok(())
    }

    fn read_rows(&self, layer: usize, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut values = room;
        values.clear();
        let columns = 0..self.arrays[layer].shape().1;
        match self.arrays[layer].view() {
            View::F64(view) => values.extend(rows.flat_map(|row| columns.clone().map(move |column| view[(row, column)]))),
            View::F32(view) => values.extend(rows.flat_map(|row| columns.clone().map(move |column| f64::from(view[(row, column)])))),
        }
        Ok(values)
    }

    fn identity(&self) -> Result<Vec<String>, Error> {
        Ok(vec!["arrays of Python".to_string()])
    }
}
