//! The sanity check at one place.

use super::indexes::measures;
use crate::error::Result;
use crate::transformer::{EncoderConfig, Place};
use rayon::prelude::*;
use similitude::Direction;
use similitude::sweep::{Identification, identify};
use similitude::{Claim, Measure, Pair, Prepared};
use std::path::PathBuf;

/// What one index found at one place.
#[derive(Debug, Clone)]
pub struct Accuracy {
    /// The measure with its full convention.
    pub measure: Measure,
    /// How often the corresponding sublayer was found, over all ordered pairs of encoders.
    pub found: Identification,
    /// The mean value for each pair of sublayers over all ordered pairs of encoders, row-major;
    /// `None` where a pair has none.
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

/// Compares every sublayer of each encoder with every sublayer of each other one, at one place, by
/// the indexes of the table.
///
/// # Errors
/// When a file cannot be read or does not have the places of such an encoder.
pub fn identify_at(place: Place, encoder: &EncoderConfig, files: &[PathBuf]) -> Result<PlaceResult> {
    let names = encoder.place_names(place);
    let mut indexes = Vec::new();
    // Linear measures together, for they share their decompositions; kernels one by one, for each
    // takes n x n numbers a layer.
    let (kernels, linear): (Vec<Measure>, Vec<Measure>) =
        measures()?.into_iter().partition(|measure| measure.to_string().contains("kernel=rbf"));
    for group in std::iter::once(linear).chain(kernels.into_iter().map(|kernel| vec![kernel])) {
        // A layer is prepared once for all the encoders that it meets: preparing kernels costs more
        // than comparing them.
        let prepared = files.par_iter().map(|file| prepare(file, &names, &group)).collect::<Result<Vec<_>>>()?;
        indexes.extend(compare(&prepared, group)?);
    }
    Ok(PlaceResult { place, sublayers: names, indexes })
}

fn prepare(file: &PathBuf, names: &[String], measures: &[Measure]) -> Result<Vec<Prepared>> {
    let network = similitude::io::Network::open(file, Some(names))?;
    let layer = |layer: usize| {
        let prepared = Prepared::new(&network.read_layer(layer, None)?, false);
        for measure in measures {
            // A measure that is undefined on this layer says so again in every comparison.
            let _ = measure.precompute(&prepared);
        }
        Ok(prepared)
    };
    (0..names.len()).into_par_iter().map(layer).collect()
}

/// Adds up the ordered pairs of networks, each of which has the same layers.
fn compare(networks: &[Vec<Prepared>], measures: Vec<Measure>) -> Result<Vec<Accuracy>> {
    let layers = networks.first().map_or(0, Vec::len);
    let zero = |measure| Accuracy { measure, found: Identification::default(), means: vec![Some(0.0); layers * layers] };
    let mut accuracies: Vec<Accuracy> = measures.into_iter().map(zero).collect();
    let pairs: Vec<(usize, usize)> = (0..networks.len()).flat_map(|a| (a + 1..networks.len()).map(move |b| (a, b))).collect();
    for &(a, b) in &pairs {
        let cells: Vec<(usize, usize)> = (0..layers * layers).map(|cell| (cell / layers, cell % layers)).collect();
        // For each cell both orders of each measure.
        let values = cells
            .into_par_iter()
            .map(|(row, column)| {
                let (x, y) = (&networks[a][row], &networks[b][column]);
                let (there, back) = (Pair::new(x, y)?, Pair::new(y, x)?);
                let value = |pair: &Pair<'_>, measure: &Measure| measure.compare_pair(pair).ok().map(|score| score.value);
                let both = |Accuracy { measure, .. }: &Accuracy| {
                    let first = value(&there, measure);
                    let symmetric = measure.properties().symmetry == Claim::Holds;
                    (first, if symmetric { first } else { value(&back, measure) })
                };
                Ok(accuracies.iter().map(both).collect())
            })
            .collect::<Result<Vec<Vec<_>>>>()?;
        for (index, accuracy) in accuracies.iter_mut().enumerate() {
            let forward: Vec<Option<f64>> = values.iter().map(|cell| cell[index].0).collect();
            let backward: Vec<Option<f64>> =
                (0..layers * layers).map(|cell| values[cell % layers * layers + cell / layers][index].1).collect();
            accuracy.found += identify(&forward, &backward, layers, Direction::Similarity);
            for values in [&forward, &backward] {
                for (sum, value) in accuracy.means.iter_mut().zip(values) {
                    *sum = sum.zip(*value).map(|(sum, value)| sum + value);
                }
            }
        }
    }
    let ordered = 2.0 * pairs.len() as f64;
    for mean in accuracies.iter_mut().flat_map(|accuracy| &mut accuracy.means) {
        *mean = mean.map(|sum| sum / ordered);
    }
    Ok(accuracies)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::data::digits;
    use crate::transformer::{Encoder, capture_positions, write_places};
    use burn::tensor::Device;
    use similitude::sweep::{Layers, NoObserver, StoredLayers, ensemble};

    pub fn config() -> EncoderConfig {
        EncoderConfig { tokens: 8, token_size: 8, width: 6, heads: 2, hidden: 7, blocks: 2, classes: 10 }
    }

    /// Untrained encoders of three seeds on twenty digits.
    pub fn files(folder: &std::path::Path) -> Vec<PathBuf> {
        let digits = digits().unwrap();
        let pictures = digits.test.first(20).unwrap();
        let file = |seed| {
            let encoder = Encoder::new(&config(), seed, &Device::flex()).unwrap();
            let places = capture_positions(&encoder, &config(), &pictures, &digits.train.normalization()).unwrap();
            let path = folder.join(format!("{seed}.safetensors"));
            write_places(&path, &places, &"words").unwrap();
            path
        };
        (1..=3).map(file).collect()
    }

    /// The library's own ensemble prepares layers anew for each pair of networks, and must come to
    /// the same.
    #[test]
    fn accuracies_and_means_are_those_of_an_ensemble() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        for place in [Place::Transformation, Place::Residual] {
            let result = identify_at(place, &config(), &files).unwrap();
            let names = config().place_names(place);
            assert_eq!(result.sublayers, names);
            let open = |file| StoredLayers::new(similitude::io::Network::open(file, Some(&names)).unwrap(), None);
            let networks: Vec<StoredLayers> = files.iter().map(open).collect();
            let networks: Vec<&dyn Layers> = networks.iter().map(|network| network as &dyn Layers).collect();
            let expected = ensemble(&networks, &measures().unwrap(), None, &NoObserver).unwrap();
            assert_eq!(result.indexes.len(), expected.measures.len());
            for (index, one) in result.indexes.iter().enumerate() {
                assert_eq!(one.measure.to_string(), expected.measures[index].to_string());
                assert_eq!(one.found, expected.identification[index], "{}", one.measure);
                assert_eq!(one.found.trials, 6 * 4);
                for (mean, expected) in one.means.iter().zip(&expected.means[index]) {
                    assert!((mean.unwrap() - expected.unwrap()).abs() < 1e-12, "{}", one.measure);
                }
            }
        }
    }

    #[test]
    fn a_file_without_the_places_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let deeper = EncoderConfig { blocks: 3, ..config() };
        let failure = identify_at(Place::Scale, &deeper, &files(folder.path())).unwrap_err().to_string();
        assert!(failure.contains("block3.attention.scale"), "{failure}");
    }
}
