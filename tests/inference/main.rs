//! Nulls, their exact moments, intervals and comparisons of scores.
#![cfg(feature = "cli")]

#[path = "../common/mod.rs"]
mod common;

mod analytic;
mod calibration;
mod ceiling;
mod comparisons;
mod exact;
mod intervals;
mod null;
mod positions;
mod refusals;
