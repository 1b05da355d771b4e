//! Whether the most similar layers of another network come in the order of the layers.

use super::layer_table::LayerTable;

/// What the places of the most similar layers say of the order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Order {
    /// Kendall's tau-b between the place of a layer and that of its most similar layer; 0 where
    /// that is the same for all layers.
    pub tau_b: f64,
    /// How many different layers are the most similar one of some layer.
    pub distinct: usize,
    /// How many there could be: the layers of the smaller network.
    pub possible: usize,
    /// The mean distance of the most similar layer from the proportional place, as a share of the
    /// depth: layer i of k belongs at (i - 1) / (k - 1).
    pub distance: f64,
}

impl Order {
    /// Reads the rows of a table; `None` where a row has a pair of layers without a value.
    pub fn of(table: &LayerTable) -> Option<Self> {
        let places: Vec<usize> = (0..table.rows.len()).map(|row| most_similar(table, row)).collect::<Option<_>>()?;
        let mut distinct = places.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let share = |place: usize, count: usize| if count > 1 { place as f64 / (count - 1) as f64 } else { 0.0 };
        let off = |(row, &place): (usize, &usize)| (share(place, table.columns.len()) - share(row, places.len())).abs();
        Some(Self {
            tau_b: tau_b(&places),
            distinct: distinct.len(),
            possible: table.rows.len().min(table.columns.len()),
            distance: places.iter().enumerate().map(off).sum::<f64>() / places.len() as f64,
        })
    }
}

/// The column with the largest value of a row.
pub(super) fn most_similar(table: &LayerTable, row: usize) -> Option<usize> {
    let values: Vec<f64> = (0..table.columns.len()).map(|column| table.at(row, column)).collect::<Option<_>>()?;
    (0..values.len()).max_by(|&one, &other| values[one].total_cmp(&values[other]))
}

/// Kendall's tau-b of values with their places: pairs in order less pairs out of order, over the
/// root of all pairs times those that are not tied. 0 where all are tied.
fn tau_b(values: &[usize]) -> f64 {
    let pairs = || (0..values.len()).flat_map(|one| (one + 1..values.len()).map(move |other| (values[one], values[other])));
    let (rising, falling) =
        (pairs().filter(|(one, other)| one < other).count() as f64, pairs().filter(|(one, other)| one > other).count() as f64);
    if rising + falling == 0.0 { 0.0 } else { (rising - falling) / (pairs().count() as f64 * (rising + falling)).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table whose row i is most similar to column `places[i]`.
    fn table(places: &[usize], columns: usize) -> LayerTable {
        let names = |count: usize| (0..count).map(|place| place.to_string()).collect::<Vec<_>>();
        let value = |row: usize, column: usize| Some(if places[row] == column { 0.9 } else { 0.1 });
        let cells = (0..places.len()).flat_map(|row| (0..columns).map(move |column| (row, column)));
        LayerTable {
            name: String::new(),
            rows: names(places.len()),
            columns: names(columns),
            values: cells.map(|(row, column)| value(row, column)).collect(),
        }
    }

    #[test]
    fn tau_b_is_kendalls() {
        assert_eq!(tau_b(&[0, 2, 3, 9]), 1.0);
        assert_eq!(tau_b(&[9, 3, 2, 0]), -1.0);
        assert_eq!(tau_b(&[4, 4, 4]), 0.0);
        // Five of six pairs rise, one is tied: 5 / sqrt(6 * 5).
        assert!((tau_b(&[1, 1, 5, 6]) - 5.0 / 30.0_f64.sqrt()).abs() < 1e-15);
    }

    /// Steps are in order by rank alone: ties cost tau-b, matches and distance.
    #[test]
    fn steps_are_not_an_order() {
        let found = Order::of(&table(&[0, 1, 2, 3, 4], 9)).unwrap();
        assert_eq!((found.tau_b, found.distinct, found.possible), (1.0, 5, 5));
        assert!((found.distance - 0.25).abs() < 1e-15, "{found:?}");
        let found = Order::of(&table(&[0, 2, 4, 6, 8], 9)).unwrap();
        assert_eq!((found.distinct, found.distance), (5, 0.0));
        let found = Order::of(&table(&[0, 0, 8, 8, 8], 9)).unwrap();
        assert_eq!((found.distinct, found.possible), (2, 5));
        assert!(found.tau_b < 0.8 && found.distance > 0.19, "{found:?}");
    }

    #[test]
    fn a_row_without_a_value_has_no_order() {
        let mut table = table(&[0, 1], 2);
        table.values[3] = None;
        assert_eq!(Order::of(&table), None);
    }
}
