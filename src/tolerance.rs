//! Every tolerance in one table, each with its reason. Nothing here is widened to make a test pass.
//!
//! | quantity | bound | reason |
//! |---|---|---|
//! | value of a measure | c(n, p) eps condition, c = sqrt(max(n, p)) + 4 | of k products that are added up one after the other the k sums are rounded by errors of mixed sign (Higham and Mary 2019, theorem 3.1): uniform within half a unit in the last place, they have a standard deviation of 0.21 eps \|v\| where the digits of the sums v are spread over a power of two (Benford), so that four standard deviations of k of them are 0.85 sqrt(k) eps times the sum of the magnitudes at most, and a norm of many such sums comes still nearer to its expectation; 4 for what is rounded whatever k; `condition` is the measure's own bound for a relative change of the centered representations |
//! | products of neurons, or of examples, in a linear kernel | a(k) eps sqrt(m_x m_y) max \|x_i\| max \|y_j\|, a(k) = min(sqrt k, k / 2), of what another matrix of norm 1 sees of them; and 2 eps \|X\|_F \|X\|_2 of what centering leaves | sums of k products of columns that are no copies of each other err independently (m: as many as may be copies of one), and centering rounds each entry twice: `gram::product_errors` |
//! | squared distances of examples, and kernels of them | (2 a(p) + 1/2) eps (\|x_i\|^2 + \|x_j\|^2) from products, (a(p) + 1) eps of itself from differences, and what centering leaves | each sum, root, exponential and Horner step by what it rounds: `gram::entry_errors`, `gram::polynomial`, `gram::kernel_kinds` |
//! | a value of SVCCA | c(n, p) eps times twice the length of its gradient, where no kept subspace turns by more than an eighth | two factorisations, and a gap at the cut that counts by what the other side shares of the directions beside it: `linalg::kept_directions` |
//! | a value of CCA, PWCCA, linear regression | c(n, p) eps times the length of its gradient, where nothing turns by more than an eighth (of its gap, PWCCA) | a change of X turns its column space by F^+ of it, X = Q F; how much of that the value sees: `linalg::variate_weights`, `measures::cca`, `measures::linear_regression` |
//! | squared distances of neurons (soft matching) | those of examples, of n entries, and over the plan | the least cost moves by no more than that of a plan, and all plans have the same mean lengths: `measures::soft_matching` |
//! | a value of linear predictivity | c(n, p) eps times what the unexplained share moves by, and its second order | errors orthogonal to the predictor do not see the weights: `linalg::ridge_gradient` |
//! | a value of canonical ridge | c(n, p) eps times \|P_Y - v G\|_F and what P_X moves by, and so of Y, over the bound | sum and bound move together, G the gradient of the bound: `measures::canonical_ridge` |
//! | a value that is a cosine of two matrices or vectors | sin(angle) times what both turn by, and half the square of that | what does not turn a matrix does not move its cosine with another |
//! | a quotient of whole numbers (neighbours, Kendall's tau) | eps / 2, or 2 eps with roots, of the value | nothing else is rounded |
//! | what is taken for nothing, or for exact enough | 2 c(n, p) eps | twice the bound, on every path |
//! | what products in f32 add | (8 sqrt(min(n, 512)) + 32) 2^-23 times a condition of their own | each entry is rounded once to f32, products of 512 rows are summed in f32 and these sums in f64: A'B is off by that times \|A\|_F \|B\|_F |
//! | a basis taken for orthonormal as it is (products in f32) | c(n, p) eps condition^2 at most (8 sqrt(min(n, 512)) + 32) 2^-23 | Cholesky QR is off by eps condition^2: no more than the products are |
//! | condition of an orthonormal basis from products | twice the estimate of the power method | the estimate is never above 1 / s_min, and below half of it only for a starting vector with less than 2^-22 of the direction that counts |
//! | examples of a wide representation, in coordinates of their own | c(n, p) eps of each example's length | Cholesky QR with a second step up to condition 2^20 (row by row backward stable), Householder reflections beyond |
//! | the same from the Gram matrix alone (Procrustes, up to condition 1024) | c(n, p) eps \|X\|_F condition / 2 | roots of positive definite matrices: \|A - B\|_F <= \|A^2 - B^2\|_F / (s_min(A) + s_min(B)) |
//! | a representation of which a triangular factor was gathered over blocks of rows | c(n, p) eps \|X\|_F besides | R of R and the next rows: Householder reflections err by a few eps sqrt(m) in stacks of m rows, k of them add up to sqrt(k m), and stacks repeat a third of the n rows at most |
//! | rank | max(n, p) eps s_max | backward error of the singular value decomposition; relative, so that scaling changes nothing |
//! | equal canonical correlations | min(d(n, p) eps (s_max \|a\| + s_max \|b\|), 2^-30), a and b the canonical coefficients | first-order perturbation of a correlation; above 2^-30 the bound says that the data are ill conditioned, not that two correlations are equal |
//! | equal singular values (SVCCA) | d(n, p) eps s_max | Weyl; d = 8 c(n, p), so that what is equal is equal on every path |
//! | equal training examples (linear predictivity) | d(n, p) eps \|X\|_F, for their norm about their mean and for the root of lambda | each example is known to c(n, p) eps \|X\|_F; d = 8 c so that what is equal is equal on every path, and a change of the predictor is divided by more than itself |
//! | variance threshold (SVCCA) | 4 n eps of the total | so that a threshold met exactly counts as met |
//! | largest logarithm of an U-centered kernel value | 10^12 | it errs by eps times itself, here 2e-4: beyond that fewer than four digits of the value are known, whatever path computes it, and none of a sum of some hundred |
//! | self-term of the debiased estimator | 2 c(n, p) eps times the sum of the magnitudes it is made of | below that its sign is not known |

/// The rounding unit: the distance from 1 to the next f64, 2^-52.
pub const EPS: f64 = f64::EPSILON;

/// c(n, p) * eps: the error of a well-conditioned value computed from sums of n terms and
/// factorisations of n x p matrices.
pub fn rounding(n: usize, p: usize) -> f64 {
    ((n.max(p) as f64).sqrt() + 4.0) * EPS
}

/// 2 c(n, p) * eps: what is smaller than this, in units of its condition, is taken for nothing.
pub fn nothing(n: usize, p: usize) -> f64 {
    2.0 * rounding(n, p)
}

/// Rows whose products are summed in f32 before they are added in f64.
pub(crate) const BLOCK: usize = 512;

/// What products of n terms in f32 add to [`rounding`]: entries are rounded to 2^-24, and sums of
/// at most [`BLOCK`] terms are added up in f64: (8 sqrt(BLOCK) + 32) 2^-23, whatever n.
pub(crate) fn single_rounding(n: usize) -> f64 {
    (8.0 * (n.min(BLOCK) as f64).sqrt() + 32.0) * f64::from(f32::EPSILON)
}

/// d(n, p) * eps: what is nearer to each other than this, in units of its condition, is taken for
/// equal.
pub fn equality(n: usize, p: usize) -> f64 {
    8.0 * rounding(n, p)
}

/// Singular values at most this fraction of the largest are rounding: max(n, p) * eps.
pub fn rank(n: usize, p: usize) -> f64 {
    n.max(p) as f64 * EPS
}

/// Of kernel values whose logarithm is farther from 0 than this hardly a digit is known: 10^12.
pub const LARGEST_LOGARITHM: f64 = 1e12;

/// Where a change of c(n, p) eps turns something by more than this share, of itself or of its gap,
/// no gradient describes it: an eighth.
pub(crate) const LARGEST_TURN: f64 = 0.125;

/// Correlations are never taken for equal when farther apart than this: 2^-30.
pub const CORRELATION_CAP: f64 = 1.0 / (1u64 << 30) as f64;

/// The share of the total variance by which a threshold may be missed and still count as met.
pub fn variance_threshold(n: usize) -> f64 {
    4.0 * n as f64 * EPS
}
