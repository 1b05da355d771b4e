//! The soft matching of neurons.

use nalgebra::DMatrix;

use super::Undefined;
use super::scale::{centered, exponent, ldexp};
use crate::measures::soft_matching::{Form, Options};

/// Returns how well the best soft matching P fits the neurons of one side to those of the other
/// (Khosla and Williams 2024): P >= 0 with row sums 1/p1 and column sums 1/p2, x_i and y_j the
/// centered neurons.
///
/// Squared is min_P sum P_ij |x_i - y_j|^2, Distance its root, and Correlation
/// max_P sum P_ij x_i.y_j / (|x_i| |y_j|), which is 1 - 1/2 the squared form of the unit vectors.
///
/// # Errors
/// [`Undefined::ConstantNeuron`] (Correlation); [`Undefined::Unrepresentable`] (the other forms).
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    if options.form == Form::Similarity {
        return Ok(1.0 - best_matching(&costs(&unit_neurons(x)?, &unit_neurons(y)?)) / 2.0);
    }
    let (xc, yc) = (centered(x), centered(y));
    // In the common unit the larger representation has entries of about 1.
    let unit = if xc.matrix.amax() == 0.0 {
        yc.exponent
    } else if yc.matrix.amax() == 0.0 {
        xc.exponent
    } else {
        xc.exponent.max(yc.exponent)
    };
    let in_unit = |matrix: &DMatrix<f64>, exponent: i32| matrix.map(|entry| ldexp(entry, exponent - unit));
    let mantissa = best_matching(&costs(&in_unit(&xc.matrix, xc.exponent), &in_unit(&yc.matrix, yc.exponent)));
    let value = if options.form == Form::Squared { ldexp(mantissa, 2 * unit) } else { ldexp(mantissa.sqrt(), unit) };
    if mantissa == 0.0 || value.is_normal() { Ok(value) } else { Err(Undefined::Unrepresentable) }
}

/// The centered neurons, each scaled to length 1.
fn unit_neurons(x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let mut units = x.clone();
    for (j, mut unit) in units.column_iter_mut().enumerate() {
        let neuron = centered(&x.columns(j, 1).into_owned()).matrix;
        if neuron.amax() == 0.0 {
            return Err(Undefined::ConstantNeuron);
        }
        unit.copy_from(&(&neuron / neuron.norm()));
    }
    Ok(units)
}

/// |x_i - y_j|^2
fn costs(x: &DMatrix<f64>, y: &DMatrix<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(x.ncols(), y.ncols(), |i, j| (x.column(i) - y.column(j)).norm_squared())
}

/// The least sum P_ij c_ij over P.
fn best_matching(cost: &DMatrix<f64>) -> f64 {
    let (p1, p2) = cost.shape();
    if p1 == p2 && p1 <= 6 { best_permutation(cost, &mut Vec::new()) / p1 as f64 } else { least_transport(cost) }
}

/// The least sum of c_(i, j(i)) over permutations j that begin as given. They are enough where
/// p1 = p2: the extreme points of the doubly stochastic matrices are permutations (Birkhoff 1946).
fn best_permutation(cost: &DMatrix<f64>, first: &mut Vec<usize>) -> f64 {
    let i = first.len();
    if i == cost.nrows() {
        return 0.0;
    }
    let mut best = f64::INFINITY;
    for j in 0..cost.ncols() {
        if !first.contains(&j) {
            first.push(j);
            best = best.min(cost[(i, j)] + best_permutation(cost, first));
            first.pop();
        }
    }
    best
}

/// The least sum P_ij c_ij, by successive shortest augmenting paths (Ahuja, Magnanti and Orlin
/// 1993, section 9.7) in units of g / (p1 p2), g = gcd(p1, p2): a row supplies p2/g, a column takes
/// p1/g.
///
/// There are p1 p2 / g paths at most, each of p1 p2 (p1 + p2) operations at most. The lengths are
/// whole numbers, costs rounded up to multiples of about 2^-104 times the largest, so that rounding
/// makes no cycle negative.
fn least_transport(cost: &DMatrix<f64>) -> f64 {
    let (p1, p2) = cost.shape();
    if cost.amax() == 0.0 {
        return 0.0;
    }
    let unit = exponent(cost.amax()) - 104;
    let lengths = cost.map(|cost| ldexp(cost, -unit).ceil() as i128);
    let g = greatest_common_divisor(p1, p2);
    let (mut supply, mut demand) = (vec![p2 / g; p1], vec![p1 / g; p2]);
    let mut flow = DMatrix::from_element(p1, p2, 0);
    while supply.iter().any(|left| *left > 0) {
        let path = shortest_path(&lengths, &flow, &supply, &demand);
        let ((_, last), (first, _)) = (path[0], path[path.len() - 1]);
        // The flow from the row of an edge to the column of the next edge shrinks.
        let returned: Vec<_> = path.windows(2).map(|edges| (edges[0].0, edges[1].1)).collect();
        let most = returned.iter().map(|edge| flow[*edge]).min().unwrap_or(usize::MAX);
        let amount = most.min(supply[first]).min(demand[last]);
        path.iter().for_each(|edge| flow[*edge] += amount);
        returned.iter().for_each(|edge| flow[*edge] -= amount);
        supply[first] -= amount;
        demand[last] -= amount;
    }
    cost.zip_map(&flow, |cost, flow| cost * flow as f64).sum() / (p1 * p2 / g) as f64
}

/// The edges (row, column), last one first, of a shortest path from a row with supply to a column
/// with demand, by the method of Bellman (1958) and Ford (1956): edges with flow lead back, too.
fn shortest_path(lengths: &DMatrix<i128>, flow: &DMatrix<usize>, supply: &[usize], demand: &[usize]) -> Vec<(usize, usize)> {
    let (p1, p2) = lengths.shape();
    let far = i128::MAX / 2;
    let mut to_row: Vec<i128> = supply.iter().map(|left| if *left > 0 { 0 } else { far }).collect();
    let mut to_column = vec![far; p2];
    let (mut column_before, mut row_before) = (vec![None; p1], vec![0; p2]);
    let mut changed = true;
    while changed {
        changed = false;
        for (i, j) in (0..p1).flat_map(|i| (0..p2).map(move |j| (i, j))) {
            if to_row[i] < far && to_row[i] + lengths[(i, j)] < to_column[j] {
                (to_column[j], row_before[j], changed) = (to_row[i] + lengths[(i, j)], i, true);
            }
            if flow[(i, j)] > 0 && to_column[j] < far && to_column[j] - lengths[(i, j)] < to_row[i] {
                (to_row[i], column_before[i], changed) = (to_column[j] - lengths[(i, j)], Some(j), true);
            }
        }
    }
    let open = (0..p2).filter(|j| demand[*j] > 0).min_by_key(|j| to_column[*j]);
    let mut column = open.expect("supply and demand are equal in sum");
    let mut path = vec![(row_before[column], column)];
    while let Some(before) = column_before[path[path.len() - 1].0] {
        column = before;
        path.push((row_before[column], column));
    }
    path
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
