//! Every layer of a model with every other one.

use crate::capture::Activations;
use crate::error::Result;
use crate::figures::write_table;
use similitude::report::heatmap::{Format, HeatMap, Scale};
use similitude::sweep::{LayersInMemory, Scores, Sweep};
use similitude::{Measure, Representation};
use std::path::Path;

/// The linear CKA of all layers with all layers of a model, centered over the examples.
///
/// # Errors
/// When a layer is not finite, or linear CKA is not to be had of a layer.
pub fn layers_with_layers(model: &str, layers: &[Activations]) -> Result<Scores> {
    let representation = |layer: &Activations| {
        let values: Vec<f64> = layer.values.iter().map(|&value| f64::from(value)).collect();
        Representation::from_row_major(layer.layer.name.clone(), layer.examples, layer.layer.neurons(), values)
    };
    let layers = layers.iter().map(representation).collect::<std::result::Result<Vec<_>, _>>()?;
    let network = LayersInMemory::new(model, layers);
    Ok(Sweep::new(&network, None, vec![Measure::parse("cka:kernel=linear")?]).run()?)
}

/// Draws them. The scale starts at 0 whatever the values.
pub fn heat_map(title: &str, examples: &str, scores: &Scores) -> HeatMap {
    let names: Vec<String> = scores.a().layers.iter().map(|layer| layer.name.clone()).collect();
    HeatMap {
        title: title.to_owned(),
        subtitle: Some(format!("n = {} {examples}", scores.n())),
        row_axis: scores.a().name.clone(),
        column_axis: scores.a().name.clone(),
        rows: names.clone(),
        columns: names,
        values: scores.values(0),
        scale: Scale { minimum: 0.0, maximum: 1.0, label: "linear CKA".to_owned() },
        // A layer is always most like itself.
        mark_row_maximum: false,
        hatched: None,
        format: Format::default(),
    }
}

/// Writes them as a long table.
///
/// # Errors
/// When the file cannot be written.
pub fn write_values(path: &Path, scores: &Scores) -> Result<()> {
    let rows = scores.records().map(|record| {
        let value = record.outcome.value().map_or(String::new(), |value| format!("{value:?}"));
        [record.layer_a.name.clone(), record.layer_b.name.clone(), value, record.n.to_string(), record.layer_a.p.to_string()]
    });
    write_table(path, ["layer_a", "layer_b", "linear_cka", "n", "p"], rows)
}

/// Whether the layer that is most like each layer, itself left out, stands next to it; `values` are
/// row-major.
pub fn neighbours_are_most_alike(values: &[Option<f64>], layers: usize) -> bool {
    (0..layers).all(|layer| {
        let others = (0..layers).filter(|&other| other != layer).map(|other| (other, values[layer * layers + other]));
        let best = others.max_by(|(_, one), (_, other)| one.unwrap_or(f64::NEG_INFINITY).total_cmp(&other.unwrap_or(f64::NEG_INFINITY)));
        best.is_some_and(|(other, value)| value.is_some() && other.abs_diff(layer) == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::LayerShape;

    fn layer(name: &str, values: &[f32]) -> Activations {
        let layer = LayerShape { name: name.to_owned(), channels: 1, side: 1 };
        Activations { layer, examples: values.len(), values: values.to_vec() }
    }

    /// Of single neurons linear CKA is the square of Pearson's correlation.
    #[test]
    fn values_are_linear_cka_and_the_table_names_both_layers() {
        let layers = [layer("first", &[0.0, 1.0, 2.0]), layer("second", &[0.0, 2.0, 1.0])];
        let scores = layers_with_layers("model", &layers).unwrap();
        assert!((scores.values(0)[1].unwrap() - 0.25).abs() < 1e-12);
        let map = heat_map("title", "things", &scores);
        assert_eq!((map.rows, map.subtitle), (vec!["first".to_owned(), "second".to_owned()], Some("n = 3 things".to_owned())));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.csv");
        write_values(&path, &scores).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().find(|line| line.starts_with("first,second,")).unwrap();
        assert!(line.ends_with(&format!(",{:?},3,1", scores.values(0)[1].unwrap())), "{line}");
    }

    #[test]
    fn the_most_alike_layer_is_a_neighbour_or_not() {
        let values = |ends: f64| [1.0, 0.5, ends, 0.5, 1.0, 0.6, ends, 0.6, 1.0].map(Some);
        assert!(neighbours_are_most_alike(&values(0.4), 3));
        assert!(!neighbours_are_most_alike(&values(0.7), 3));
    }
}
