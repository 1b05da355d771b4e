//! What a sum over the leading singular directions of two matrices sees of a change of one of them.
//!
//! With X = U S V', the first k directions kept, and dX = U E V', the projector on the kept ones
//! moves by u_j u_i' e_ji and its transpose for each i kept and each j left out, with
//!
//! e_ji = (s_i E_ji + s_j E_ij) / (s_i^2 - s_j^2), |e_ji|^2 <= w_ji (E_ji^2 + E_ij^2),
//! w_ji = (s_i^2 + s_j^2) / (s_i^2 - s_j^2)^2,
//!
//! and in all directions that X has not by those with s_j = 0 (Stewart and Sun 1990, section V.2).
//! A sum that moves by <N, dC> with C = U'V of the kept directions, V those of the other side, moves
//! by sum_ji m_ji e_ji, m = C_j N, and by Cauchy and Schwarz by (sum_ji w_ji m_ji^2)^(1/2) |dX|_F.
//! Only a direction near the cut that the other side shares is dear: the gap alone takes it that all
//! of the kept ones are.

use faer::MatRef;

use crate::arrays::product::{product, slice};
use crate::arrays::sums::{sum, sum_of_squares};

/// One side: its singular values in descending order, and how many are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Directions<'a> {
    /// Those above rounding.
    pub(crate) values: &'a [f64],
    /// The first so many.
    pub(crate) kept: usize,
}

impl Directions<'_> {
    /// w_ji
    fn dear(&self, j: usize, i: usize) -> f64 {
        let (left_out, kept) = (self.values[j], self.values[i]);
        let apart = (kept - left_out) * (kept + left_out);
        (kept * kept + left_out * left_out) / (apart * apart)
    }

    /// Of |C|_F^2, by a relative change of 1 of what has this norm: C has a row for each direction
    /// of this side and a column for each kept one of the other. `unit` is what an inner product of
    /// two directions errs by.
    pub(crate) fn of_squares(&self, norm: f64, products: MatRef<'_, f64>, unit: f64) -> f64 {
        let own = products.subrows(0, self.kept);
        let seen = product(products, own.transpose());
        let of_kept: Vec<f64> = (0..self.kept)
            .map(|i| {
                let seen = slice(seen.as_ref(), i);
                let within: Vec<f64> = (self.kept..self.values.len()).map(|j| self.dear(j, i) * seen[j] * seen[j]).collect();
                // What of it is in no direction of X.
                let outside = (own.row(i).squared_norm_l2() - sum_of_squares(seen)).max(0.0) + 4.0 * unit;
                sum(&within) + outside / (self.values[i] * self.values[i])
            })
            .collect();
        2.0 * norm * sum(&of_kept).sqrt()
    }

    /// The same of the sum of the singular values of C, of which N is partially orthogonal, whatever
    /// it turns to on the way.
    pub(crate) fn of_sum(&self, norm: f64, products: MatRef<'_, f64>) -> f64 {
        let part = |j: usize| self.dear(j, self.kept - 1) * products.row(j).squared_norm_l2();
        let within: Vec<f64> = (self.kept..self.values.len()).map(part).collect();
        let outside: Vec<f64> = self.values[..self.kept].iter().map(|value| 1.0 / (value * value)).collect();
        norm * (sum(&within) + sum(&outside)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::arrays::product::squared_norm;
    use crate::linalg::decomposition::Decomposition;

    fn drawn(rows: usize, columns: usize, phase: f64) -> Mat<f64> {
        Mat::from_fn(rows, columns, |i, j| ((i * columns + j) as f64 * 1.7 + phase).sin() + 0.3 * ((i + 3 * j) as f64).cos())
    }

    fn decomposed(x: &Mat<f64>) -> Decomposition {
        Decomposition::new(x.as_ref(), (x.nrows(), x.ncols()), x.nrows()).unwrap()
    }

    /// |gradient|_F |X|_F of |U'V|_F^2, U the first two directions of X, by differences.
    #[test]
    fn the_gradient_of_squares_is_that_of_the_value() {
        for (n, p, kept) in [(7, 4, 2), (9, 5, 3), (6, 3, 1)] {
            let (x, other) = (drawn(n, p, 0.4), drawn(n, 3, 2.1));
            let others = decomposed(&other).vectors().unwrap().subcols(0, 2).to_owned();
            let products = |x: &Mat<f64>| decomposed(x).vectors().unwrap().transpose() * &others;
            let value = |x: &Mat<f64>| squared_norm(products(x).subrows(0, kept));
            let mut squares = 0.0;
            for (row, column) in (0..n).flat_map(|row| (0..p).map(move |column| (row, column))) {
                let moved = |by: f64| {
                    let mut moved = x.clone();
                    moved[(row, column)] += by;
                    value(&moved)
                };
                squares += ((moved(1e-5) - moved(-1e-5)) / 2e-5).powi(2);
            }
            let norm = squared_norm(x.as_ref()).sqrt();
            let decomposition = decomposed(&x);
            let directions = Directions { values: decomposition.values(), kept };
            let got = directions.of_squares(norm, products(&x).as_ref(), 0.0);
            let want = squares.sqrt() * norm;
            assert!((got - want).abs() < 1e-6 * want, "{got} and {want}");
        }
    }

    /// The sum of the singular values moves by no more, and by as much where one direction is kept
    /// and one other looks at it.
    #[test]
    fn the_bound_of_a_sum_is_met_by_one_direction() {
        let (x, other) = (drawn(7, 4, 0.4), drawn(7, 1, 2.1));
        let others = decomposed(&other).vectors().unwrap().to_owned();
        let decomposition = decomposed(&x);
        let products = decomposition.vectors().unwrap().transpose() * &others;
        let directions = Directions { values: decomposition.values(), kept: 1 };
        let norm = squared_norm(x.as_ref()).sqrt();
        // |c| moves by half of what c^2 moves by, over |c|, and the bound takes what is outside X
        // for whole.
        let exact = directions.of_squares(norm, products.as_ref(), 0.0) / (2.0 * products[(0, 0)].abs());
        let bound = directions.of_sum(norm, products.as_ref());
        assert!(exact <= bound && bound <= 2.0 * exact, "{exact} and {bound}");
    }
}
