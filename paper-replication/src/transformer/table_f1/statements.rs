//! What the paper's table says in words, and whether it is seen here.

use super::indexes::INDEXES;
use super::places::PlaceResult;
use serde::Serialize;

/// One thing that the paper's table shows, asked of other numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// What is claimed.
    pub claim: &'static str,
    /// The numbers that decide, here.
    pub found: String,
    /// Whether it is seen.
    pub holds: bool,
}

/// Accuracies in percent, one array of ten indexes for each place.
type Table = [[f64; 10]; 4];

const LAYER_NORM: usize = 0;
const SCALE: usize = 1;
const RESIDUAL: usize = 3;

/// Asks the statements of results at all four places.
pub fn statements(results: &[PlaceResult; 4]) -> Vec<Statement> {
    let table: Table = std::array::from_fn(|place| std::array::from_fn(|index| 100.0 * results[place].indexes[index].found.accuracy()));
    ask(&table, 100.0 * results[0].indexes[0].found.chance())
}

fn ask(table: &Table, chance: f64) -> Vec<Statement> {
    let place = |name: &str| INDEXES.iter().position(|index| index.name == name).expect("an index of the table");
    let [rho, r2, regression, linear, kernel] =
        ["CCA mean rho", "CCA R2", "linear regression R2", "CKA, linear", "CKA, RBF 0.4 median"].map(place);
    let lowest = table.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let differences = [rho, r2].map(|index| (table[LAYER_NORM][index] - table[SCALE][index]).abs());
    let ranks = [LAYER_NORM, SCALE, RESIDUAL].map(|place| 1 + table[place].iter().filter(|&&other| other > table[place][kernel]).count());
    let others = (0..INDEXES.len()).filter(|&index| index != regression).map(|index| table[RESIDUAL][index]).fold(f64::INFINITY, f64::min);
    let linear_gain = table[SCALE][linear] - table[LAYER_NORM][linear];
    vec![
        Statement {
            claim: "every index finds the sublayer at least twice as often as a guess, at every place",
            found: format!("lowest accuracy {lowest:.1} %, a guess {chance:.1} %"),
            holds: lowest >= 2.0 * chance,
        },
        Statement {
            claim: "CCA finds as many sublayers before the gain and bias as after them (within 1 point): it does not see linear maps",
            found: format!("differences of {:.1} (mean rho) and {:.1} points (R2)", differences[0], differences[1]),
            holds: differences.iter().all(|&difference| difference <= 1.0),
        },
        Statement {
            claim: "RBF CKA with 0.4 of the median is the best index, or equal to it, after layer norm, scale and residual",
            found: format!("rank {} after layer norm, {} after scale, {} after residual", ranks[0], ranks[1], ranks[2]),
            holds: ranks == [1; 3],
        },
        Statement {
            claim: "linear regression is the worst index after the residual addition",
            found: format!("{:.1} %, the worst other {others:.1} %", table[RESIDUAL][regression]),
            holds: table[RESIDUAL][regression] < others,
        },
        Statement {
            claim: "linear CKA finds more sublayers after the gain and bias than before them",
            found: format!("{:+.1} points", linear_gain),
            holds: linear_gain > 0.0,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Table {
        std::array::from_fn(|place| std::array::from_fn(|index| INDEXES[index].paper[place]))
    }

    #[test]
    fn the_paper_agrees_with_itself() {
        for statement in ask(&paper(), 100.0 / 12.0) {
            assert!(statement.holds, "{statement:?}");
        }
    }

    /// For each statement numbers that contradict it, and no other.
    #[test]
    fn each_statement_can_fail_alone() {
        let changed = |place: usize, index: usize, value: f64| {
            let mut table = paper();
            table[place][index] = value;
            table
        };
        let tables = [
            changed(2, 3, 16.0),
            changed(LAYER_NORM, 0, 87.0),
            changed(RESIDUAL, 4, 99.0),
            changed(RESIDUAL, 0, 36.0),
            changed(LAYER_NORM, 6, 95.7),
        ];
        let expected_failures: [&[usize]; 5] = [&[0], &[1], &[2], &[3], &[2, 4]];
        for (table, expected) in tables.iter().zip(expected_failures) {
            let failing: Vec<usize> =
                ask(table, 100.0 / 12.0).iter().enumerate().filter(|(_, one)| !one.holds).map(|(index, _)| index).collect();
            assert_eq!(failing, expected);
        }
    }
}
