//! Numbers: dyadic floats with explicit rounding, intervals of them, and the public enclosure.

pub(crate) mod arithmetic;
pub(crate) mod dyadic;
pub(crate) mod elementary;
pub(crate) mod enclosure;
pub(crate) mod interval;
pub(crate) mod refine;
