//! Whether the most similar layers of another network come in the order of the layers.

use super::layer_table::LayerTable;

/// What the places of the most similar layers say of the order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Order {
    /// Kendall's tau-b between the place of a layer and that of its most similar layer; 0 where
    /// that is the same for all layers.
    pub tau_b: f64,
    /// How many layers of the smaller network are the most similar one of some layer of the larger;
    /// of networks of one size the smaller of both counts.
    pub matched: usize,
    /// How many there could be: the layers of the smaller network.
    pub possible: usize,
    /// The mean distance of the most similar layer from the proportional place, as a share of the
    /// depth: layer i of k belongs at (i - 1) / (k - 1).
    pub distance: f64,
    /// What that distance is on average where the most similar layer is drawn by lot.
    pub guess: f64,
}

impl Order {
    /// Reads a table: order and distance of the layers that are its rows, with their most similar
    /// columns. `None` where a pair of layers has no value.
    pub fn of(table: &LayerTable) -> Option<Self> {
        let (rows, columns) = (table.rows.len(), table.columns.len());
        let places: Vec<usize> = (0..rows).map(|row| most_similar(table, row)).collect::<Option<_>>()?;
        let of_columns: Vec<usize> = (0..columns).map(|column| most_similar_row(table, column)).collect::<Option<_>>()?;
        let share = |place: usize, count: usize| if count > 1 { place as f64 / (count - 1) as f64 } else { 0.0 };
        let off = |row: usize, place: usize| (share(place, columns) - share(row, rows)).abs();
        let everywhere = (0..rows).flat_map(|row| (0..columns).map(move |place| (row, place)));
        Some(Self {
            tau_b: tau_b(&places),
            matched: match rows.cmp(&columns) {
                std::cmp::Ordering::Less => different(&of_columns),
                std::cmp::Ordering::Equal => different(&of_columns).min(different(&places)),
                std::cmp::Ordering::Greater => different(&places),
            },
            possible: rows.min(columns),
            distance: places.iter().enumerate().map(|(row, &place)| off(row, place)).sum::<f64>() / rows as f64,
            guess: everywhere.map(|(row, place)| off(row, place)).sum::<f64>() / (rows * columns) as f64,
        })
    }
}

/// How many different places there are.
fn different(places: &[usize]) -> usize {
    places.iter().collect::<std::collections::BTreeSet<_>>().len()
}

/// The column with the largest value of a row.
pub(super) fn most_similar(table: &LayerTable, row: usize) -> Option<usize> {
    let values: Vec<f64> = (0..table.columns.len()).map(|column| table.at(row, column)).collect::<Option<_>>()?;
    (0..values.len()).max_by(|&one, &other| values[one].total_cmp(&values[other]))
}

/// The row with the largest value of a column.
fn most_similar_row(table: &LayerTable, column: usize) -> Option<usize> {
    let values: Vec<f64> = (0..table.rows.len()).map(|row| table.at(row, column)).collect::<Option<_>>()?;
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
        assert_eq!(found.tau_b, 1.0);
        assert!((found.distance - 0.25).abs() < 1e-15, "{found:?}");
        assert_eq!(Order::of(&table(&[0, 2, 4, 6, 8], 9)).unwrap().distance, 0.0);
        let found = Order::of(&table(&[0, 0, 8, 8, 8], 9)).unwrap();
        assert!(found.tau_b < 0.8 && found.distance > 0.19, "{found:?}");
        let found = Order::of(&table(&[0, 0, 0, 4, 4, 4, 4, 4, 4], 5)).unwrap();
        assert_eq!((found.matched, found.possible), (2, 5), "columns are the smaller network here");
    }

    /// Two layers of the smaller network, three of the larger: all of these are most like the first
    /// of the smaller one, which has a most similar layer for each of its own all the same.
    #[test]
    fn layers_of_the_smaller_network_are_counted() {
        let mut few = table(&[0, 2], 3);
        few.values = [0.9, 0.8, 0.85, 0.1, 0.2, 0.3].map(Some).to_vec();
        let found = Order::of(&few).unwrap();
        assert_eq!((found.matched, found.possible), (1, 2));
        // A guess is 0, 0.5, 1 away from the first, and 1, 0.5, 0 from the second.
        assert!((found.guess - 0.5).abs() < 1e-15, "{found:?}");
    }

    #[test]
    fn a_row_without_a_value_has_no_order() {
        let mut table = table(&[0, 1], 2);
        table.values[3] = None;
        assert_eq!(Order::of(&table), None);
    }
}
