//! Exact optimal transport between two uniform sets, with a proof of the optimum.
//!
//! The problem: the least of `sum_ij P_ij c_ij` over the matrices `P >= 0` whose rows sum to
//! `1 / rows` and whose columns sum to `1 / columns`.
//! The solver is a network simplex method.
//! The proof does not rely on the solver: weak duality of linear programs gives a lower bound for
//! every plan, from potentials that are made feasible after the solve.

mod simplex;
mod sum;
#[cfg(test)]
mod transport_tests;

use simplex::Simplex;
use sum::{Sum, lowest_rounded_down};

/// The share of the largest cost that may lie between the value of a plan and its lower bound.
const TOLERANCE: f64 = 1.0 / (1_u64 << 40) as f64;
/// The costs whose sums neither overflow nor lose bits have a largest magnitude in this range.
const SAFE: std::ops::Range<f64> = 1e-270..1e270;
/// The power of two, 2^200, that brings costs outside the range into it.
const FACTOR: f64 = f64::from_bits((1023 + 200) << 52);

/// An optimal plan with the proof of its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Transport {
    /// The value of the plan, rounded up: the optimum is not above it.
    pub cost: f64,
    /// The value of dual feasible potentials, rounded down: the optimum is not below it.
    pub lower: f64,
    /// Row, column and units of each positive entry, by row and then by column.
    ///
    /// One unit is the inverse of the least common multiple of the two sizes.
    pub plan: Vec<(u32, u32, u64)>,
}

/// A plan that the solver could not prove optimal.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("no optimal plan after {pivots} pivots: the optimum lies between {lower:e} and {cost:e}")]
pub struct NotConverged {
    /// The number of pivots made.
    pub pivots: u64,
    /// The value of the best plan, rounded up.
    pub cost: f64,
    /// The best lower bound, rounded down.
    pub lower: f64,
}

/// The optimal transport from `rows` to `columns` points for column-major finite costs.
///
/// The optimum of the given costs lies between `lower` and `cost`, whatever was rounded on the way.
/// Both are rounded outwards from sums whose rounding error is bounded, by one or two units in the
/// last place as a rule.
/// For n points on the smaller side, the solver works in units of at most (n + 1) 2^-58 of the
/// largest cost in magnitude, so the gap is a few of these as a rule.
/// It is zero where the costs are multiples of the unit and the value is a floating-point number.
///
/// The result depends on the input alone, to the last bit.
///
/// # Errors
///
/// Fails where the gap exceeds 2^-40 of the largest cost after a thousand pivots for each point.
pub fn transport(rows: usize, columns: usize, costs: &[f64]) -> Result<Transport, NotConverged> {
    solve(rows, columns, costs, 1000 * (rows + columns) as u64)
}

/// The optimal transport that takes no more than `limit` pivots.
fn solve(rows: usize, columns: usize, costs: &[f64], limit: u64) -> Result<Transport, NotConverged> {
    assert!(rows > 0 && columns > 0 && rows + columns < u32::MAX as usize, "there are points on both sides");
    assert_eq!(costs.len(), rows * columns, "each pair has a cost");
    debug_assert!(costs.iter().all(|cost| cost.is_finite()), "the costs are finite");
    let largest = costs.iter().fold(0.0_f64, |largest, cost| largest.max(cost.abs()));
    if largest > 0.0 && largest.is_finite() && !SAFE.contains(&largest) {
        return rescaled(rows, columns, costs, limit, if largest < 1.0 { FACTOR } else { 1.0 / FACTOR });
    }
    let (supply, demand) = shares(rows, columns);
    let mut simplex = Simplex::new(rows, columns, supply, demand, costs, if largest > 0.0 { largest } else { 1.0 });
    let pivots = simplex.run(limit);
    let plan = simplex.plan();
    let cost = primal(rows, columns, costs, &plan).expect("a tree's flow meets every supply and demand");
    let lower = dual(rows, columns, costs, simplex.row_prices());
    if cost - lower <= TOLERANCE * largest { Ok(Transport { cost, lower, plan }) } else { Err(NotConverged { pivots, cost, lower }) }
}

/// The optimal transport by way of the costs times a power of two.
///
/// The products may be rounded, by less than the least positive number; the bounds allow for it.
/// No plan costs more than the largest cost, so the upper bound does not overflow.
fn rescaled(rows: usize, columns: usize, costs: &[f64], limit: u64, factor: f64) -> Result<Transport, NotConverged> {
    let scaled: Vec<f64> = costs.iter().map(|cost| cost * factor).collect();
    let exact = scaled.iter().zip(costs).all(|(scaled, cost)| scaled / factor == *cost);
    let up = |scaled: f64| {
        let scaled = if exact { scaled } else { scaled.next_up() };
        let value = scaled / factor;
        if value * factor < scaled { value.next_up() } else { value }
    };
    let largest = costs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let outwards = |cost: f64, lower: f64| (up(cost).min(largest), (-up(-lower)).max(least));
    match solve(rows, columns, &scaled, limit) {
        Ok(Transport { cost, lower, plan }) => {
            let (cost, lower) = outwards(cost, lower);
            Ok(Transport { cost, lower, plan })
        }
        Err(NotConverged { pivots, cost, lower }) => {
            let (cost, lower) = outwards(cost, lower);
            Err(NotConverged { pivots, cost, lower })
        }
    }
}

/// The units that a row sends and the units that a column receives.
fn shares(rows: usize, columns: usize) -> (u64, u64) {
    let (mut divisor, mut rest) = (rows, columns);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    ((columns / divisor) as u64, (rows / divisor) as u64)
}

/// The value of a plan, rounded up, or none where a row or a column does not get its share.
fn primal(rows: usize, columns: usize, costs: &[f64], plan: &[(u32, u32, u64)]) -> Option<f64> {
    let (supply, demand) = shares(rows, columns);
    let mut sum = Sum::default();
    let mut sent = vec![0; rows];
    let mut received = vec![0; columns];
    for &(row, column, units) in plan {
        let (row, column) = (row as usize, column as usize);
        *sent.get_mut(row)? += units;
        *received.get_mut(column)? += units;
        sum.add(costs[column * rows + row], units);
    }
    let fair = sent.iter().all(|&units| units == supply) && received.iter().all(|&units| units == demand);
    fair.then(|| sum.bounds(supply * rows as u64).1)
}

/// The value of potentials, rounded down: a lower bound of the value of every plan.
///
/// Any row potentials u will do, with the column potentials v_j = min_i (c_ij - u_i).
/// Then u_i + v_j <= c_ij for each pair, and so the mean of u plus the mean of v is at most the
/// value of every plan (weak duality; Ahuja, Magnanti and Orlin 1993, section 9.4).
fn dual(rows: usize, columns: usize, costs: &[f64], row_prices: &[f64]) -> f64 {
    let (supply, demand) = shares(rows, columns);
    let mut sum = Sum::default();
    row_prices.iter().for_each(|&price| sum.add(price, supply));
    costs.chunks_exact(rows).for_each(|costs| sum.add(lowest_rounded_down(costs, row_prices), demand));
    sum.bounds(supply * rows as u64).0
}
