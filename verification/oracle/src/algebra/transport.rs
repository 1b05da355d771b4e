//! The transportation problem with integer costs, solved exactly and proved by its dual.

use dashu_base::Gcd;
use dashu_int::IBig;

/// An optimal plan between sources of equal weight (rows) and sinks of equal weight (columns), in
/// whole units.
pub(crate) struct Plan {
    rows: usize,
    columns: usize,
    /// Units that each source holds: columns / gcd(rows, columns).
    supply: usize,
    /// Units that each sink takes: rows / gcd(rows, columns).
    demand: usize,
    /// Units from each source to each sink, row-major.
    flows: Vec<usize>,
    /// The dual variables u_i and v_j, with u_i + v_j <= cost_ij.
    row_prices: Vec<IBig>,
    column_prices: Vec<IBig>,
}

/// The shortest paths from one source in the residual network with reduced costs, as far as they
/// were needed.
struct Paths {
    /// Of each row that was reached: its distance, and the column before it (none before the
    /// source).
    rows: Vec<Option<(IBig, Option<usize>)>>,
    /// The least known distance of each column, and the row before it.
    columns: Vec<Option<(IBig, usize)>>,
    /// The columns whose distance is final, in ascending order of distance; the last one has room
    /// left.
    settled: Vec<usize>,
}

impl Plan {
    /// A plan of the least total cost, by successive shortest paths (Ahuja, Magnanti and Orlin
    /// 1993, section 9.7).
    ///
    /// # Panics
    /// Where the plan or the prices are not feasible or their objectives differ: nothing is
    /// believed about the search.
    pub(crate) fn optimal(rows: usize, columns: usize, costs: &[IBig]) -> Plan {
        let divisor = rows.gcd(columns);
        let row_prices = costs.chunks(columns).map(|row| row.iter().min().expect("a representation has neurons").clone()).collect();
        let mut plan = Plan {
            rows,
            columns,
            supply: columns / divisor,
            demand: rows / divisor,
            flows: vec![0; rows * columns],
            row_prices,
            column_prices: vec![IBig::ZERO; columns],
        };
        for row in 0..rows {
            while plan.sent(row) < plan.supply {
                plan.augment(row, costs);
            }
        }
        assert!(plan.is_proved(costs), "an optimal plan has prices that prove it");
        plan
    }

    /// Units in all.
    pub(crate) fn total(&self) -> usize {
        self.rows * self.supply
    }

    /// Units from each source to each sink, row-major.
    pub(crate) fn flows(&self) -> &[usize] {
        &self.flows
    }

    /// The sum of flow times cost.
    pub(crate) fn total_cost(&self, costs: &[IBig]) -> IBig {
        self.flows.iter().zip(costs).fold(IBig::ZERO, |sum, (flow, cost)| sum + IBig::from(*flow) * cost)
    }

    /// u_i + v_j for the row-major index of (i, j).
    pub(crate) fn price(&self, index: usize) -> IBig {
        &self.row_prices[index / self.columns] + &self.column_prices[index % self.columns]
    }

    /// The dual objective, which no plan's cost is below: prices times supplies and demands.
    pub(crate) fn total_price(&self) -> IBig {
        let sum = |prices: &[IBig]| prices.iter().fold(IBig::ZERO, |sum, price| sum + price);
        sum(&self.row_prices) * IBig::from(self.supply) + sum(&self.column_prices) * IBig::from(self.demand)
    }

    fn sent(&self, row: usize) -> usize {
        self.flows[row * self.columns..(row + 1) * self.columns].iter().sum()
    }

    fn received(&self, column: usize) -> usize {
        (0..self.rows).map(|row| self.flows[row * self.columns + column]).sum()
    }

    /// Whether the plan is feasible, the prices are, and the two objectives agree: then both are
    /// optimal.
    fn is_proved(&self, costs: &[IBig]) -> bool {
        let is_feasible =
            (0..self.rows).all(|row| self.sent(row) == self.supply) && (0..self.columns).all(|column| self.received(column) == self.demand);
        let is_dual_feasible = costs.iter().enumerate().all(|(index, cost)| self.price(index) <= *cost);
        is_feasible && is_dual_feasible && self.total_cost(costs) == self.total_price()
    }

    /// Sends as much as fits along a shortest path from a source that holds units still.
    fn augment(&mut self, source: usize, costs: &[IBig]) {
        let paths = self.shortest_paths(source, costs);
        self.raise_prices(&paths);
        let mut column = *paths.settled.last().expect("a path ends at a column");
        let mut units = (self.supply - self.sent(source)).min(self.demand - self.received(column));
        let mut steps = Vec::new();
        loop {
            let row = paths.columns[column].as_ref().expect("a settled column was reached").1;
            steps.push((row * self.columns + column, true));
            let Some(before) = paths.rows[row].as_ref().expect("a row before a column was reached").1 else {
                break;
            };
            let back = row * self.columns + before;
            units = units.min(self.flows[back]);
            steps.push((back, false));
            column = before;
        }
        for (index, is_forward) in steps {
            if is_forward {
                self.flows[index] += units;
            } else {
                self.flows[index] -= units;
            }
        }
    }

    /// Dijkstra's algorithm from `source` to the nearest column with room. A unit that is sent can
    /// be taken back at reduced cost zero.
    fn shortest_paths(&self, source: usize, costs: &[IBig]) -> Paths {
        let mut paths = Paths { rows: vec![None; self.rows], columns: vec![None; self.columns], settled: Vec::new() };
        paths.rows[source] = Some((IBig::ZERO, None));
        let mut new_rows = vec![source];
        let mut open: Vec<usize> = (0..self.columns).collect();
        loop {
            for row in new_rows.drain(..) {
                let distance = paths.rows[row].as_ref().expect("a new row was reached").0.clone();
                for &column in &open {
                    let index = row * self.columns + column;
                    let candidate = &distance + &costs[index] - self.price(index);
                    if paths.columns[column].as_ref().is_none_or(|(known, _)| candidate < *known) {
                        paths.columns[column] = Some((candidate, row));
                    }
                }
            }
            let distance_of = |column: usize| &paths.columns[column].as_ref().expect("every row reaches every column").0;
            let nearest = (0..open.len()).min_by(|left, right| distance_of(open[*left]).cmp(distance_of(open[*right])));
            let column = open.swap_remove(nearest.expect("supply and demand are equal in all"));
            let distance = distance_of(column).clone();
            paths.settled.push(column);
            if self.received(column) < self.demand {
                return paths;
            }
            for row in 0..self.rows {
                if self.flows[row * self.columns + column] > 0 && paths.rows[row].is_none() {
                    paths.rows[row] = Some((distance.clone(), Some(column)));
                    new_rows.push(row);
                }
            }
        }
    }

    /// Makes every shortest path one of reduced cost zero, and no reduced cost negative.
    fn raise_prices(&mut self, paths: &Paths) {
        let distance_of = |column: usize| paths.columns[column].as_ref().expect("a settled column was reached").0.clone();
        let length = distance_of(*paths.settled.last().expect("a path ends at a column"));
        for (price, reached) in self.row_prices.iter_mut().zip(&paths.rows) {
            if let Some((distance, _)) = reached {
                *price += &length - distance;
            }
        }
        for column in &paths.settled {
            self.column_prices[*column] -= &length - distance_of(*column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least cost over all whole plans, row by row.
    fn least_cost(
        costs: &[IBig],
        columns: usize,
        left: &mut [usize],
        row: usize,
        column: usize,
        units: usize,
        supply: usize,
    ) -> Option<IBig> {
        if row * columns == costs.len() {
            return Some(IBig::ZERO);
        }
        if column == columns {
            return if units == 0 { least_cost(costs, columns, left, row + 1, 0, supply, supply) } else { None };
        }
        (0..=units.min(left[column]))
            .filter_map(|sent| {
                left[column] -= sent;
                let rest = least_cost(costs, columns, left, row, column + 1, units - sent, supply);
                left[column] += sent;
                Some(rest? + &costs[row * columns + column] * IBig::from(sent))
            })
            .min()
    }

    #[test]
    fn the_plan_is_the_best_of_all_plans() {
        let mut state = 1_u64;
        for (rows, columns) in [(1, 1), (1, 3), (3, 3), (4, 4), (2, 3), (4, 2), (3, 4), (4, 6)] {
            for spread in [2, 9, 1000] {
                let mut draw = || {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) % spread
                };
                let costs: Vec<IBig> = (0..rows * columns).map(|_| IBig::from(draw()) - IBig::from(spread / 2)).collect();
                let plan = Plan::optimal(rows, columns, &costs);
                let mut left = vec![plan.demand; columns];
                let least = least_cost(&costs, columns, &mut left, 0, 0, plan.supply, plan.supply);
                assert_eq!(Some(plan.total_cost(&costs)), least, "{rows} x {columns}");
            }
        }
    }

    #[test]
    fn a_plan_that_is_not_optimal_is_not_proved() {
        let costs = [0, 1, 1, 0].map(IBig::from);
        let mut plan = Plan::optimal(2, 2, &costs);
        assert!(plan.is_proved(&costs));
        plan.flows = vec![0, 1, 1, 0];
        assert!(!plan.is_proved(&costs), "feasible, but dear");
        plan.flows = vec![1, 0, 1, 0];
        assert!(!plan.is_proved(&[0, 0, 0, 0].map(IBig::from)), "cheap, but not feasible");
        plan.flows = vec![1, 0, 0, 1];
        plan.row_prices[0] += IBig::ONE;
        plan.column_prices[1] -= IBig::ONE;
        assert!(!plan.is_proved(&costs), "the objectives agree, but a price is too high");
    }
}
