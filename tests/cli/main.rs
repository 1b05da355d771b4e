//! The program, from outside: what it prints, what it writes, and how it ends.
#![cfg(feature = "cli")]

mod compare;
mod faults;
mod fit;
mod input;
mod replaced;
mod shards;
mod streaming;
mod support;
mod sweep;
mod texts;
