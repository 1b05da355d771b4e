//! Linear algebra: exact over the integers, approximate in fixed point, and certified in intervals.

pub(crate) mod basis;
pub(crate) mod distinct;
pub(crate) mod integer_matrix;
pub(crate) mod interval_matrix;
pub(crate) mod jacobi;
pub(crate) mod leading_subspace;
pub(crate) mod modular_solve;
pub(crate) mod nuclear_norm;
pub(crate) mod prime_field;
pub(crate) mod spectrum;
pub(crate) mod transport;
