//! The sanity check at one place.

use super::indexes::measures;
use crate::error::Result;
use crate::transformer::{EncoderConfig, Place};
use similitude::Measure;
use similitude::sweep::{Identification, Layers, Silent, StoredLayers, ensemble};
use std::path::PathBuf;

/// What one index found at one place.
#[derive(Debug, Clone)]
pub struct Accuracy {
    /// The measure with its full convention.
    pub measure: Measure,
    /// How often the corresponding sublayer was found, over all ordered pairs of encoders.
    pub found: Identification,
    /// The mean value for each pair of sublayers, row-major; `None` where a pair has none.
    pub means: Vec<Option<f64>>,
}

/// What all indexes found at one place.
#[derive(Debug, Clone)]
pub struct PlaceResult {
    /// The place.
    pub place: Place,
    /// The sublayers, by the name of the place in each.
    pub sublayers: Vec<String>,
    /// The indexes, in the order of the table.
    pub indexes: Vec<Accuracy>,
}

/// Compares every sublayer of each encoder with every sublayer of each other one, at one place, by the indexes of the table.
///
/// # Errors
/// When a file cannot be read or does not have the places of such an encoder.
pub fn identify_at(place: Place, encoder: &EncoderConfig, files: &[PathBuf]) -> Result<PlaceResult> {
    let names = encoder.place_names(place);
    let open = |file: &PathBuf| similitude::io::Network::open(file, Some(&names)).map(|network| StoredLayers::new(network, None));
    let networks = files.iter().map(open).collect::<std::result::Result<Vec<_>, _>>()?;
    let networks: Vec<&dyn Layers> = networks.iter().map(|network| network as &dyn Layers).collect();
    let mut indexes = Vec::new();
    // Linear measures together, for they share their decompositions; kernels one by one, for each takes n x n numbers a layer.
    let (kernels, linear): (Vec<Measure>, Vec<Measure>) = measures()?.into_iter().partition(|measure| measure.to_string().contains("kernel=rbf"));
    for group in std::iter::once(linear).chain(kernels.into_iter().map(|kernel| vec![kernel])) {
        let result = ensemble(&networks, &group, None, &Silent)?;
        let each = result.measures.into_iter().zip(result.identification).zip(result.means);
        indexes.extend(each.map(|((measure, found), means)| Accuracy { measure, found, means }));
    }
    Ok(PlaceResult { place, sublayers: names, indexes })
}
