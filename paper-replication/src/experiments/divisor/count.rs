//! How many layers are found with each divisor, from the values with the smaller rank and from the
//! ranks.

use super::super::pair_table::{PairTable, PairValues};
use super::super::score::Score;
use super::{SUMMARIES, THRESHOLDS, key, rank_column};
use crate::analysis::{Jackknife, jackknife};
use crate::error::Result;
use crate::figures::Table;
use similitude::Direction;
use std::collections::BTreeMap;

/// The divisors of the library, and the baseline that compares ranks alone.
pub(super) const DIVISORS: [&str; 4] = ["min-rank", "min-width", "geometric", "max"];

/// The smaller rank over the larger: what a divisor alone finds.
pub(super) const ALONE: &str = "ranks alone";

/// The same where layers of one rank, none of which stands out, are told apart by lot.
pub(super) const BY_LOT: &str = "ranks alone, ties by lot";

/// What a divisor is, from two ranks and two widths.
fn divisor(name: &str, ranks: (f64, f64), widths: (f64, f64)) -> f64 {
    match name {
        "min-rank" => ranks.0.min(ranks.1),
        "min-width" => widths.0.min(widths.1),
        "geometric" => (ranks.0 * ranks.1).sqrt(),
        _ => ranks.0.max(ranks.1),
    }
}

/// How many layers are found: by what, in % with a standard error.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub summary: String,
    /// A threshold, `all` for CCA.
    pub kept: String,
    /// A divisor; `ranks alone`; `equal ranks` for a control.
    pub divisor: String,
    pub percent: f64,
    pub standard_error: Option<f64>,
}

/// The dimensions and widths of the layers, by place of network and layer.
pub(super) struct Ranks {
    widths: Vec<f64>,
    kept: BTreeMap<String, Vec<f64>>,
    layers: usize,
}

impl Ranks {
    /// Reads `ranks.csv`, whose rows are those of all layers of the first network, then of the
    /// next.
    pub fn read(table: &Table, layers: usize) -> Result<Self> {
        let kept = THRESHOLDS.iter().map(|threshold| {
            let name = rank_column(*threshold);
            table.full(&name).map(|ranks| (name, ranks))
        });
        Ok(Self { widths: table.full("width")?, kept: kept.collect::<Result<_>>()?, layers })
    }

    fn rank(&self, threshold: Option<&str>, network: usize, layer: usize) -> f64 {
        self.kept[&rank_column(threshold)][network * self.layers + layer]
    }

    /// The mean over networks, layer by layer.
    pub fn means(&self, threshold: Option<&str>) -> Vec<f64> {
        let networks = self.widths.len() / self.layers;
        let mean = |layer: usize| (0..networks).map(|network| self.rank(threshold, network, layer)).sum::<f64>() / networks as f64;
        (0..self.layers).map(mean).collect()
    }

    /// `of` for each pair of layers of two networks: ranks, widths and the cell.
    fn each(&self, pair: &PairValues, threshold: Option<&str>, of: impl Fn((f64, f64), (f64, f64), usize) -> Option<f64>) -> PairValues {
        let value = |cell: usize| {
            let (i, j) = (cell / self.layers, cell % self.layers);
            let ranks = (self.rank(threshold, pair.a, i), self.rank(threshold, pair.b, j));
            let width = |network: usize, layer: usize| self.widths[network * self.layers + layer];
            of(ranks, (width(pair.a, i), width(pair.b, j)), cell)
        };
        PairValues::symmetric(pair.a, pair.b, self.layers, (0..self.layers * self.layers).map(value).collect())
    }
}

/// All lines: every divisor, the ranks alone, and the controls with equal ranks.
pub(super) fn count(pairs: &PairTable, ranks: &Ranks, controls: &[(String, Vec<String>)]) -> Vec<Line> {
    let layers = pairs.layers.len();
    let column = |key: &str| pairs.columns.iter().find(|column| column.key == key);
    let score = |values: &[PairValues]| Score::new((), Direction::Similarity, pairs.seeds.len(), 0, layers, values);
    let line = |summary: &str, kept: &str, divisor: &str, found: Jackknife| Line {
        summary: summary.to_owned(),
        kept: kept.to_owned(),
        divisor: divisor.to_owned(),
        percent: 100.0 * found.estimate,
        standard_error: found.standard_error.map(|error| 100.0 * error),
    };
    let mut lines = Vec::new();
    for threshold in THRESHOLDS {
        let kept = threshold.unwrap_or("all");
        for summary in SUMMARIES {
            let Some(column) = column(&key(summary, threshold)) else { continue };
            for name in DIVISORS {
                let with = |pair: &PairValues| {
                    ranks.each(pair, threshold, |ranks, widths, cell| {
                        Some(pair.there[cell]? * divisor("min-rank", ranks, widths) / divisor(name, ranks, widths))
                    })
                };
                lines.push(line(summary, kept, name, score(&column.pairs.iter().map(with).collect::<Vec<_>>()).jackknife()));
            }
        }
        if let Some(column) = column(&key(SUMMARIES[0], threshold)) {
            let alone = |pair: &PairValues| ranks.each(pair, threshold, |ranks, _, _| Some(ranks.0.min(ranks.1) / ranks.0.max(ranks.1)));
            let alone: Vec<PairValues> = column.pairs.iter().map(alone).collect();
            lines.push(line("none", kept, ALONE, score(&alone).jackknife()));
            lines.push(line("none", kept, BY_LOT, jackknife(pairs.seeds.len(), |without| by_lot(&alone, layers, without))));
        }
    }
    for (name, keys) in controls {
        let scores: Vec<Score<()>> = keys.iter().filter_map(|key| column(key)).map(|column| score(&column.pairs)).collect();
        if scores.is_empty() {
            continue;
        }
        let mean = |without: Option<usize>| scores.iter().map(|score| score.total(without).accuracy()).sum::<f64>() / scores.len() as f64;
        lines.push(line(name, "all", "equal ranks", jackknife(pairs.seeds.len(), mean)));
    }
    lines
}

/// The share of layers that is found on average when the largest value is drawn by lot from those
/// that are equal to it.
fn by_lot(pairs: &[PairValues], layers: usize, without: Option<usize>) -> f64 {
    let (mut found, mut trials) = (0.0, 0.0);
    let kept = pairs.iter().filter(|pair| without != Some(pair.a) && without != Some(pair.b));
    for row in kept.flat_map(|pair| [&pair.there, &pair.back]).flat_map(|values| values.chunks(layers).enumerate()) {
        let (own, values) = row;
        trials += 1.0;
        let largest = values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
        if values[own] == Some(largest) {
            found += 1.0 / values.iter().filter(|value| **value == Some(largest)).count() as f64;
        }
    }
    found / f64::max(trials, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use similitude::{Measure, Representation};

    /// The divisors that follow from the smaller rank are those of the library.
    #[test]
    fn divisors_are_the_librarys() {
        let layer = |p: usize, rank: usize, seed: usize| {
            let value = |example: usize, neuron: usize| {
                let neuron = neuron % rank;
                (((example * 31 + neuron * 17 + seed) * (example + 3 * neuron + 7) % 101) as f64 * 1.37).sin()
            };
            let values: Vec<f64> = (0..50).flat_map(|example| (0..p).map(move |neuron| value(example, neuron))).collect();
            Representation::from_row_major("layer", 50, p, values).unwrap()
        };
        // Six neurons of rank 4, and nine of rank 9: all four divisors differ.
        let (x, y) = (layer(6, 4, 1), layer(9, 9, 2));
        for base in ["cca:summary=rho", "cca:summary=r2", "svcca:summary=rho,threshold=0.9"] {
            let value = |name: &str| Measure::parse(&format!("{base},divisor={name}")).unwrap().compare(&x, &y).unwrap();
            let least = value("min-rank");
            let side = |side: &str| {
                let kind = if base.starts_with("cca") { "rank" } else { "kept" };
                least.diagnostics.get(&format!("{kind}_{side}")).unwrap()
            };
            let ranks = (side("x"), side("y"));
            assert!(ranks.0 < 6.0 && ranks.0 < ranks.1, "{ranks:?}");
            for name in DIVISORS {
                let expected = value(name).value;
                let found = least.value * divisor("min-rank", ranks, (6.0, 9.0)) / divisor(name, ranks, (6.0, 9.0));
                assert!((found - expected).abs() < 1e-12, "{base} {name}: {found} {expected}");
            }
        }
    }

    /// Two networks of a narrow and a wide layer that all contain each other: over the smaller rank
    /// everything is 1, a tie; over the larger the diagonal is found, and by the ranks alone too.
    #[test]
    fn the_divisor_finds_what_correlations_do_not() {
        let pair = PairValues::symmetric(0, 1, 2, vec![Some(1.0); 4]);
        let columns = THRESHOLDS
            .iter()
            .flat_map(|threshold| {
                SUMMARIES.map(|summary| super::super::Column { key: key(summary, *threshold), pairs: vec![pair.clone()] })
            })
            .collect();
        let pairs = PairTable { seeds: vec![1, 2], layers: vec!["narrow".to_owned(), "wide".to_owned()], columns };
        let kept = THRESHOLDS.iter().map(|threshold| (rank_column(*threshold), vec![2.0, 8.0, 2.0, 8.0])).collect();
        let ranks = Ranks { widths: vec![2.0, 8.0, 2.0, 8.0], kept, layers: 2 };
        let lines = count(&pairs, &ranks, &[]);
        let percent = |divisor: &str| lines.iter().find(|line| line.kept == "all" && line.divisor == divisor).unwrap().percent;
        assert_eq!(["min-rank", "geometric", "max", ALONE, BY_LOT].map(percent), [0.0, 100.0, 100.0, 100.0, 100.0]);
        assert_eq!(ranks.means(None), [2.0, 8.0]);
        // Of three layers of ranks 4, 4 and 2 the first two are one of a tie, by lot every second.
        let ratios = [1.0, 1.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 1.0].map(Some).to_vec();
        let pair = PairValues::symmetric(0, 1, 3, ratios);
        assert!((by_lot(&[pair], 3, None) - 2.0 / 3.0).abs() < 1e-15);
    }
}
