//! The values of indexes for every pair of layers of every pair of networks, as a table: accuracies
//! and their standard errors follow from it.

use crate::analysis::{Index, PairScores};
use crate::error::Result;
use crate::figures::{Folder, Table, number};

/// What an index says of two networks, in both orders; both row-major.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairValues {
    /// The first network's place.
    pub a: usize,
    /// The second network's place.
    pub b: usize,
    /// s(a_i, b_j).
    pub there: Vec<Option<f64>>,
    /// s(b_i, a_j).
    pub back: Vec<Option<f64>>,
}

impl PairValues {
    /// Both orders of a measure that is symmetric: `values` is s(a_i, b_j) for `layers` layers.
    pub fn symmetric(a: usize, b: usize, layers: usize, values: Vec<Option<f64>>) -> Self {
        let back = (0..values.len()).map(|cell| values[cell % layers * layers + cell / layers]).collect();
        Self { a, b, there: values, back }
    }

    /// Both orders of an index of a group whose measures were compared together; `first` is the
    /// place of its first measure.
    pub fn of_index(index: &Index, compared: &[PairScores], first: usize) -> Vec<Self> {
        let of_pair = |pair: &PairScores| {
            let (there, back) = index.both_orders(pair, first);
            Self { a: pair.a, b: pair.b, there, back }
        };
        compared.iter().map(of_pair).collect()
    }
}

/// A column of the table: an index with what it says of all pairs it was computed for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// The index's key.
    pub key: String,
    /// Its values.
    pub pairs: Vec<PairValues>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairTable {
    /// The networks' seeds, by place.
    pub seeds: Vec<u64>,
    /// The layers, which all networks share.
    pub layers: Vec<String>,
    /// The indexes.
    pub columns: Vec<Column>,
}

/// What the second column of an index that is not symmetric is called.
const REVERSED: &str = " reversed";

impl PairTable {
    /// The pairs of networks, by place.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let mut pairs: Vec<(usize, usize)> =
            self.columns.iter().flat_map(|column| column.pairs.iter().map(|pair| (pair.a, pair.b))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Writes `pairs.csv`: a row for each pair of networks, named by their seeds, and each pair of
    /// layers; under the key of an index the value of layer a of network a with layer b of network
    /// b, and where its two orders differ, under `KEY reversed`, the value with both sides swapped.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &mut Folder) -> Result<()> {
        let transposed = |cell: usize| cell % self.layers.len() * self.layers.len() + cell / self.layers.len();
        let mut header: Vec<String> = ["network_a", "network_b", "layer_a", "layer_b"].map(str::to_owned).to_vec();
        let mut values: Vec<(&Column, bool)> = Vec::new();
        for column in &self.columns {
            let differs = |pair: &PairValues| (0..pair.there.len()).any(|cell| pair.there[cell] != pair.back[transposed(cell)]);
            header.push(column.key.clone());
            values.push((column, false));
            if column.pairs.iter().any(differs) {
                header.push(format!("{}{REVERSED}", column.key));
                values.push((column, true));
            }
        }
        let mut rows = Vec::new();
        for (a, b) in self.pairs() {
            for cell in 0..self.layers.len() * self.layers.len() {
                let (i, j) = (cell / self.layers.len(), cell % self.layers.len());
                let mut row = vec![self.seeds[a].to_string(), self.seeds[b].to_string(), self.layers[i].clone(), self.layers[j].clone()];
                for (column, reversed) in &values {
                    let pair = column.pairs.iter().find(|pair| (pair.a, pair.b) == (a, b));
                    row.push(number(pair.and_then(|pair| if *reversed { pair.back[transposed(cell)] } else { pair.there[cell] })));
                }
                rows.push(row);
            }
        }
        folder.rows("pairs.csv", &header, rows)
    }

    /// Reads what [`PairTable::write`] wrote. A pair of networks for which an index has no value at
    /// all was not compared by it.
    ///
    /// # Errors
    /// [`Error::DamagedResults`](crate::error::Error::DamagedResults) when it is no such table.
    pub fn read(table: &Table) -> Result<Self> {
        let (a, b) = (table.column("network_a")?, table.column("network_b")?);
        let (layers_a, layers_b) = (table.column("layer_a")?, table.column("layer_b")?);
        let seed = |text: &str| text.parse::<u64>().map_err(|_| table.damaged(format!("{text:?} is no seed")));
        let (mut seeds, mut pairs, mut layers) = (Vec::new(), Vec::new(), Vec::<String>::new());
        let place = |seeds: &mut Vec<u64>, seed: u64| {
            seeds.iter().position(|&known| known == seed).unwrap_or_else(|| {
                seeds.push(seed);
                seeds.len() - 1
            })
        };
        for row in 0..table.len() {
            let pair = (place(&mut seeds, seed(a[row])?), place(&mut seeds, seed(b[row])?));
            if pairs.last() != Some(&pair) {
                pairs.push(pair);
            }
            if !layers.iter().any(|layer| layer == layers_a[row]) {
                layers.push(layers_a[row].to_owned());
            }
        }
        let cells = layers.len() * layers.len();
        let in_order = |row: usize| {
            let cell = row % cells;
            layers_a[row] == layers[cell / layers.len()] && layers_b[row] == layers[cell % layers.len()]
        };
        if table.len() != cells * pairs.len() || !(0..table.len()).all(in_order) {
            return Err(table.damaged(format!(
                "{} rows for {} pairs of networks of {} layers, which are {} pairs of layers in their order",
                table.len(),
                pairs.len(),
                layers.len(),
                cells
            )));
        }
        let mut columns = Vec::new();
        for key in table.header().iter().skip(4).filter(|name| !name.ends_with(REVERSED)) {
            let forward = table.numbers(key)?;
            let reversed = format!("{key}{REVERSED}");
            let reversed = if table.header().contains(&reversed) { Some(table.numbers(&reversed)?) } else { None };
            let of_pair = |(place, &(a, b)): (usize, &(usize, usize))| {
                let part = place * cells..(place + 1) * cells;
                let mut pair = PairValues::symmetric(a, b, layers.len(), forward[part.clone()].to_vec());
                if let Some(reversed) = &reversed {
                    pair.back = PairValues::symmetric(b, a, layers.len(), reversed[part].to_vec()).back;
                }
                pair.there.iter().any(Option::is_some).then_some(pair)
            };
            columns.push(Column { key: key.clone(), pairs: pairs.iter().enumerate().filter_map(of_pair).collect() });
        }
        Ok(Self { seeds, layers, columns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn what_was_written_is_read_back() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::new(root.path(), Path::new("row"));
        let some = |values: [f64; 4]| values.map(Some).to_vec();
        let pair = |a, b, base: f64| PairValues { a, b, there: some([base, 0.2, 0.3, 0.4]), back: some([base, 0.25, 0.35, 0.45]) };
        let table = PairTable {
            seeds: vec![7, 1, 4],
            layers: vec!["conv1".to_owned(), "pool".to_owned()],
            columns: vec![
                Column { key: "linear-regression".to_owned(), pairs: vec![pair(0, 1, 0.1)] },
                Column {
                    key: "cca:summary=rho,divisor=max".to_owned(),
                    pairs: [(0, 1), (0, 2), (1, 2)].map(|(a, b)| PairValues::symmetric(a, b, 2, some([1.0 / 3.0, 0.6, 0.7, 0.8]))).to_vec(),
                },
            ],
        };
        table.write(&mut folder).unwrap();
        let read = folder.read("pairs.csv").unwrap().unwrap();
        assert_eq!(read.header()[4..], ["linear-regression", "linear-regression reversed", "cca:summary=rho,divisor=max"]);
        assert_eq!((read.len(), PairTable::read(&read).unwrap()), (12, table));
        let path = folder.path("pairs.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.rsplit_once("1,4,pool,pool").unwrap().0).unwrap();
        let message = PairTable::read(&folder.read("pairs.csv").unwrap().unwrap()).unwrap_err().to_string();
        assert!(message.contains("11 rows"), "{message}");
    }
}
