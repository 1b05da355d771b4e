//! The program, from outside: what it prints, what it writes, and how it ends.
#![cfg(feature = "cli")]

mod compare;
mod conformance;
mod conventions;
mod effect;
mod faults;
mod fit;
mod inference;
mod input;
mod kinds;
mod named;
mod networks;
mod pictures;
mod reading;
mod replaced;
mod report;
mod reproduce;
mod shards;
mod streaming;
mod support;
mod sweep;
mod tables;
mod texts;
