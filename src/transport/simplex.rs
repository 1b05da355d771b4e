//! The primal network simplex method for the dense transportation problem.
//!
//! Source: R. K. Ahuja, T. L. Magnanti and J. B. Orlin, *Network Flows*, Prentice Hall 1993,
//! chapter 11.
//! Every row supplies the same number of units and every column demands the same number of units.
//!
//! The basis is a spanning tree of the rows, the columns and a root.
//! The root acts as one more column, whose demand is zero, so no flow ever enters it.
//! Flow runs from rows to columns: a row sends to its parent and a column receives from its parent.
//!
//! The tree is kept strongly feasible: each column but the root receives a positive flow from its
//! parent.
//! With that and with the rule for the leaving arc, the method cannot cycle under ties (W. H.
//! Cunningham, "A network simplex method", *Mathematical Programming* 11, 1976).
//!
//! The potentials are integers, in units of a power of two, so they equal the sums along the tree
//! at all times, and a pivot is made only when the reduced cost in these integers is negative.
//! So rounding cannot make the method cycle either.

use crate::transport::sum::lowest;

/// A row, a column or the root, with the arc to its parent.
///
/// `next` and `previous` link all nodes in a preorder of the tree, in which a subtree is contiguous
/// (G. H. Bradley, G. G. Brown and G. W. Graves, *Management Science* 24, 1977).
#[derive(Clone, Copy, Default)]
struct Node {
    parent: u32,
    next: u32,
    previous: u32,
    depth: u32,
    flow: u64,
    potential: i64,
}

/// An arc that enters the tree, with its reduced cost in units.
struct Entering {
    row: usize,
    column: usize,
    reduced: i64,
}

/// The state of the method: the tree and the potentials.
pub(crate) struct Simplex<'a> {
    rows: usize,
    columns: usize,
    costs: &'a [f64],
    /// The number of units in a cost of one: a power of two.
    scale: f64,
    /// The rows, then the columns, then the root.
    nodes: Vec<Node>,
    /// The potentials of the rows and of the columns as numbers, for the search of an arc.
    prices: Vec<f64>,
    /// The column at which the next search starts.
    start: usize,
}

impl<'a> Simplex<'a> {
    /// The first tree, for column-major costs none of which exceeds `largest` in magnitude.
    ///
    /// Column and row minima give approximate potentials, and the columns then take their demand
    /// where the reduced cost is least.
    /// The arcs with flow form a forest, and each of its trees hangs by a row from the root.
    pub(crate) fn new(rows: usize, columns: usize, supply: u64, demand: u64, costs: &'a [f64], largest: f64) -> Self {
        let root = rows + columns;
        let mut prices = vec![f64::INFINITY; root];
        let (row_prices, column_prices) = prices.split_at_mut(rows);
        for (price, costs) in column_prices.iter_mut().zip(costs.chunks_exact(rows)) {
            *price = costs.iter().copied().fold(f64::INFINITY, f64::min);
            row_prices.iter_mut().zip(costs).for_each(|(row, cost)| *row = row.min(cost - *price));
        }
        let links = greedy(rows, columns, supply, demand, costs, row_prices, column_prices);
        let root_node = Node { parent: root as u32, next: root as u32, previous: root as u32, ..Node::default() };
        let scale = scale(rows.min(columns), largest);
        let mut simplex = Self { rows, columns, costs, scale, nodes: vec![root_node; root + 1], prices, start: 0 };
        let mut stack = Vec::new();
        for top in 0..rows {
            if simplex.nodes[top].depth > 0 {
                continue;
            }
            simplex.hang(top, root, 0, simplex.units(simplex.prices[top]));
            stack.push(top);
            while let Some(node) = stack.pop() {
                for &(other, flow) in &links[node] {
                    if other != simplex.nodes[node].parent as usize {
                        simplex.hang(other, node, flow, simplex.units(simplex.cost(node, other)));
                        stack.push(other);
                    }
                }
            }
        }
        simplex
    }

    /// The number of pivots made until no arc has a negative reduced cost, at most `limit`.
    pub(crate) fn run(&mut self, limit: u64) -> u64 {
        let mut pivots = 0;
        while pivots < limit
            && let Some(entering) = self.entering()
        {
            self.pivot(&entering);
            pivots += 1;
        }
        pivots
    }

    /// The arcs with flow as row, column and units, by row and then by column.
    pub(crate) fn plan(&self) -> Vec<(u32, u32, u64)> {
        let shipped = self.nodes.iter().enumerate().filter(|(_, node)| node.flow > 0);
        let mut plan: Vec<_> = shipped
            .map(|(index, &Node { parent, flow, .. })| {
                let (row, column) = self.arc(index, parent as usize);
                (row as u32, column as u32, flow)
            })
            .collect();
        plan.sort_unstable();
        plan
    }

    /// The potentials of the rows.
    pub(crate) fn row_prices(&self) -> &[f64] {
        &self.prices[..self.rows]
    }

    /// The row and the column of the arc between two neighbours in the tree.
    fn arc(&self, one: usize, other: usize) -> (usize, usize) {
        (one.min(other), one.max(other) - self.rows)
    }

    /// The cost of the arc between two neighbours in the tree.
    fn cost(&self, one: usize, other: usize) -> f64 {
        let (row, column) = self.arc(one, other);
        self.costs[column * self.rows + row]
    }

    /// A cost in whole units, rounded towards zero.
    fn units(&self, cost: f64) -> i64 {
        (cost * self.scale) as i64
    }

    /// Makes one node follow another in the preorder.
    fn follow(&mut self, node: usize, next: usize) {
        self.nodes[node].next = next as u32;
        self.nodes[next].previous = node as u32;
    }

    /// Hangs a node that is not in the tree from a parent that is.
    fn hang(&mut self, node: usize, parent: usize, flow: u64, cost: i64) {
        self.follow(node, self.nodes[parent].next as usize);
        self.follow(parent, node);
        let Node { depth, potential, .. } = self.nodes[parent];
        let potential = cost - potential;
        self.nodes[node] = Node { parent: parent as u32, depth: depth + 1, flow, potential, ..self.nodes[node] };
        self.prices[node] = potential as f64 / self.scale;
    }

    /// The arc of least reduced cost in a block of columns, or none where no arc in any block has a
    /// negative one.
    ///
    /// Block search: Z. Kiraly and P. Kovacs, "Efficient implementations of minimum-cost flow
    /// algorithms", *Acta Universitatis Sapientiae, Informatica* 4, 2012.
    /// A block has at least half as many arcs as the square root of their number.
    fn entering(&mut self) -> Option<Entering> {
        let (row_prices, column_prices) = self.prices.split_at(self.rows);
        let block = self.costs.len().isqrt() / 2;
        let mut least = -1.0 / self.scale;
        let mut entering = None;
        let mut seen = 0;
        for _ in 0..self.columns {
            let column = self.start;
            self.start = if column + 1 == self.columns { 0 } else { column + 1 };
            let costs = &self.costs[column * self.rows..][..self.rows];
            let low = lowest(costs, row_prices);
            if low - column_prices[column] < least {
                let found = costs.iter().zip(row_prices).position(|(cost, price)| cost - price == low);
                let row = found.expect("the least difference is one of them");
                let potentials = self.nodes[row].potential + self.nodes[self.rows + column].potential;
                let reduced = self.units(costs[row]) - potentials;
                if reduced < 0 {
                    least = low - column_prices[column];
                    entering = Some(Entering { row, column, reduced });
                }
            }
            seen += self.rows;
            if entering.is_some() && seen >= block {
                break;
            }
        }
        entering
    }

    /// Sends as much flow as possible round the cycle that an arc closes, and exchanges this arc
    /// for one that has become empty.
    ///
    /// Where several arcs become empty, the last one leaves, on a walk along the entering arc that
    /// starts at the node of the cycle nearest to the root.
    fn pivot(&mut self, &Entering { row, column, reduced }: &Entering) {
        debug_assert!(reduced < 0, "the pivot does not raise the cost");
        let column = self.rows + column;
        let (mut one, mut other) = (row, column);
        let (mut row_side, mut column_side) = ((u64::MAX, row), (u64::MAX, column));
        while one != other {
            if self.nodes[one].depth >= self.nodes[other].depth {
                let Node { parent, flow, .. } = self.nodes[one];
                if one < self.rows && flow < row_side.0 {
                    row_side = (flow, one);
                }
                one = parent as usize;
            } else {
                let Node { parent, flow, .. } = self.nodes[other];
                if cfg!(any(test, debug_assertions)) {
                    assert!(other < self.rows || flow > 0, "the tree is not strongly feasible, and pivots may go round in circles");
                }
                if other >= self.rows && flow <= column_side.0 {
                    column_side = (flow, other);
                }
                other = parent as usize;
            }
        }
        let flow = row_side.0.min(column_side.0);
        if flow > 0 {
            self.send(row, one, flow, true);
            self.send(column, one, flow, false);
        }
        if column_side.0 <= row_side.0 {
            self.exchange(column, column_side.1, row, flow, -reduced);
        } else {
            self.exchange(row, row_side.1, column, flow, reduced);
        }
    }

    /// Changes the flow on the path from a node up to an ancestor: the arcs of the rows lose it and
    /// those of the columns gain it, or the reverse.
    fn send(&mut self, mut node: usize, ancestor: usize, flow: u64, rows_lose: bool) {
        while node != ancestor {
            let loses = (node < self.rows) == rows_lose;
            let Node { parent, flow: shipped, .. } = &mut self.nodes[node];
            *shipped = if loses { *shipped - flow } else { *shipped + flow };
            node = *parent as usize;
        }
    }

    /// Cuts off the subtree at `leaving` and hangs it by its node `top` from `parent`.
    ///
    /// The potentials of its rows rise by `shift` and those of its columns fall by it.
    /// The nodes from `top` up to `leaving` reverse their order, and each takes along the rest of
    /// its own subtree, which lies in the preorder before and after the part already moved.
    fn exchange(&mut self, top: usize, leaving: usize, parent: usize, flow: u64, shift: i64) {
        let before = self.nodes[leaving].previous as usize;
        let (mut node, mut above, mut flow) = (top, parent, flow);
        let mut moved: Option<(usize, usize)> = None;
        let (last, after) = loop {
            let Node { parent: old_parent, depth, flow: old_flow, .. } = self.nodes[node];
            let rise = (self.nodes[above].depth + 1).wrapping_sub(depth);
            self.nodes[node].parent = above as u32;
            self.nodes[node].flow = flow;
            if let Some((last, _)) = moved {
                self.follow(last, node);
            }
            let mut place = node;
            let (last, after) = loop {
                self.shift(place, rise, shift);
                let last = place;
                place = self.nodes[place].next as usize;
                if let Some((_, after)) = moved
                    && place == above
                {
                    place = after;
                    self.follow(last, place);
                }
                if self.nodes[place].depth <= depth {
                    break (last, place);
                }
            };
            if node == leaving {
                break (last, after);
            }
            moved = Some((last, after));
            (node, above, flow) = (old_parent as usize, node, old_flow);
        };
        self.follow(before, after);
        self.follow(last, self.nodes[parent].next as usize);
        self.follow(parent, top);
    }

    /// Moves one node to its new depth and its new potential.
    fn shift(&mut self, node: usize, rise: u32, shift: i64) {
        let moved = &mut self.nodes[node];
        moved.depth = moved.depth.wrapping_add(rise);
        moved.potential += if node < self.rows { shift } else { -shift };
        self.prices[node] = moved.potential as f64 / self.scale;
    }
}

/// The number of units in a cost of one, such that no potential and no reduced cost overflows.
///
/// The largest cost has at least 2^58 / (side + 1) units.
/// A path from the root has at most `2 * side` arcs and the arc at the root, which counts twice.
/// So a potential is at most `2 * side + 2` times the largest cost, and a reduced cost is at most
/// `4 * side + 5` times it.
fn scale(side: usize, largest: f64) -> f64 {
    let paths = 4 * side as u64 + 5;
    let bits = 63 - i64::from(paths.next_power_of_two().ilog2());
    let exponent = (largest.to_bits() >> 52) as i64 - 1022;
    f64::from_bits(((1023 + bits - exponent) as u64) << 52)
}

/// The neighbours of each node, with the flow between them, in a plan made without going back.
fn greedy(
    rows: usize,
    columns: usize,
    supply: u64,
    demand: u64,
    costs: &[f64],
    row_prices: &[f64],
    column_prices: &[f64],
) -> Vec<Vec<(usize, u64)>> {
    let mut links = vec![Vec::new(); rows + columns];
    let mut left = vec![supply; rows];
    let mut ship = |left: &mut [u64], wanted: &mut u64, row: usize, column: usize| {
        let flow = left[row].min(*wanted);
        if flow > 0 {
            left[row] -= flow;
            *wanted -= flow;
            links[row].push((rows + column, flow));
            links[rows + column].push((row, flow));
        }
    };
    let mut wanted = vec![demand; columns];
    for (column, costs) in costs.chunks_exact(rows).enumerate() {
        for row in (0..rows).filter(|&row| costs[row] - column_prices[column] == row_prices[row]) {
            ship(&mut left, &mut wanted[column], row, column);
        }
    }
    for (column, costs) in costs.chunks_exact(rows).enumerate() {
        while wanted[column] > 0 {
            let reduced = |row: &usize| costs[*row] - row_prices[*row];
            let open = (0..rows).filter(|&row| left[row] > 0);
            let row = open.min_by(|one, other| reduced(one).total_cmp(&reduced(other)));
            ship(&mut left, &mut wanted[column], row.expect("supply equals demand"), column);
        }
    }
    links
}
