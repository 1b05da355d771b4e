//! The layer that is most like each layer.

use crate::claims::Direction;
use crate::results::Scores;

/// For each layer of the first network the layers of the second that are most like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    rows: Vec<Vec<usize>>,
}

impl Best {
    /// The best of each row of a measure: the largest similarity, or the least distance; several
    /// where they are equal, and none where no cell has a value. Where the two networks are the
    /// same one, a layer is not its own best.
    pub fn of(scores: &Scores, measure: usize) -> Self {
        let columns = scores.b().layers.len();
        let itself = scores.a() == scores.b() && columns > 1;
        let sign = match scores.measures()[measure].properties().direction {
            Direction::Similarity => 1.0,
            Direction::Distance => -1.0,
        };
        let outcomes = scores.outcomes(measure);
        let row = |row: usize| {
            let others = (0..columns).filter(|&column| !(itself && column == row));
            let values: Vec<(usize, f64)> =
                others.filter_map(|column| Some((column, sign * outcomes[row * columns + column].value()?))).collect();
            let largest = values.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
            values.into_iter().filter(|(_, value)| *value == largest).map(|(column, _)| column).collect()
        };
        Self { rows: (0..scores.a().layers.len()).map(row).collect() }
    }

    /// The layers that are most like a layer.
    pub fn of_row(&self, row: usize) -> &[usize] {
        &self.rows[row]
    }

    /// The layers that are most like each layer.
    pub fn rows(&self) -> &[Vec<usize>] {
        &self.rows
    }
}
